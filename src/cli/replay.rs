//! The command `replay`: reads kept pages again with today's rules and shows what would change.

use std::collections::HashSet;
use std::fmt::Write as _;

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use crate::config::Config;
use crate::daemon::machine_clock;
use crate::model::{ColumnId, Lang};
use crate::pipeline::{Difference, Rejected, Replay, Replayed, Reread};
use crate::store::{SqliteStore, StoreError, StoreOptions};

use super::args::ReplayArgs;
use super::explain::{Differs, shortened};
use super::operate::{block_on, chosen};
use super::progress::Progress;
use super::{Args, CANNOT_WORK, FINE, Failure, SOME_FAILED, load, plain_path, print, say};

/// Lines of a body's difference that are shown.
const MOST_LINES: usize = 12;

/// How many items came to what.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub(super) changed: usize,
    pub(super) rejected: usize,
    pub(super) same: usize,
    pub(super) gone: usize,
}

/// One line of `--json`.
#[derive(Debug, Serialize)]
struct Line<'a> {
    item: &'a str,
    column: String,
    url: &'a str,
    title: &'a str,
    differences: Vec<Differs>,
    rejected: Option<String>,
}

/// `lianbo replay`: 1 where something would change that was not stored.
pub(super) fn replay(args: &Args, lang: Lang, asked: &ReplayArgs) -> Result<u8, Failure> {
    let config = load(args, lang)?;
    let columns = chosen(&config, &asked.targets, lang)?;
    let data = &config.daemon.data;
    if !data.join("lianbo.db").is_file() {
        let message = say::never_ran(lang, &plain_path(data));
        return Err(Failure { code: CANNOT_WORK, message });
    }
    block_on(async {
        let store = match asked.apply {
            true => SqliteStore::open(data, StoreOptions::default()),
            false => SqliteStore::open_read_only(data),
        };
        let fail = |error: StoreError| Failure::of(&error.into(), lang);
        let store = store.map_err(fail)?;
        let count = all(&config, &store, &columns, asked, lang).await;
        if asked.apply {
            store.close().await.map_err(fail)?;
        }
        let count = count?;
        eprintln!("{}", say::replayed(lang, count, asked.apply));
        Ok(if count.changed > 0 && !asked.apply { SOME_FAILED } else { FINE })
    })
}

async fn all(
    config: &Config,
    store: &SqliteStore,
    columns: &[ColumnId],
    asked: &ReplayArgs,
    lang: Lang,
) -> Result<Count, Failure> {
    let fail = |error: StoreError| Failure::of(&error.into(), lang);
    let pages = store.kept_pages().await.map_err(fail)?;
    let replay = Replay { config, store, pages: &pages };
    let mut expected = 0;
    for id in columns {
        expected += store.listed(id).await.map_err(fail)?.len();
    }
    let progress = Progress::new(expected);
    let (mut done, mut count) = (HashSet::new(), Count::default());
    for (site, column) in columns.iter().filter_map(|id| config.column(id)) {
        let replayed = replay.column(site, column, &mut done, || progress.advance(1)).await;
        let replayed = replayed.map_err(fail)?;
        count.add(&replayed);
        let told = match asked.json {
            true => json(&replayed),
            false => people(&replayed, lang),
        };
        progress.aside(|| print(&told))?;
        if asked.apply {
            replay.apply(replayed, machine_clock()()).await.map_err(fail)?;
        }
    }
    progress.finish();
    Ok(count)
}

impl Count {
    fn add(&mut self, replayed: &Replayed) {
        self.changed += replayed.changed.len();
        self.rejected += replayed.rejected.len();
        self.same += replayed.same;
        self.gone += replayed.gone;
    }
}

fn json(replayed: &Replayed) -> String {
    let column = || replayed.column.to_string();
    let changed = replayed.changed.iter().map(|Reread { item, differences, .. }| Line {
        item: item.id.as_str(),
        column: column(),
        url: item.url.as_str(),
        title: &item.title,
        differences: Differs::all(differences),
        rejected: None,
    });
    let rejected = replayed.rejected.iter().map(|Rejected { item, reason }| Line {
        item: item.id.as_str(),
        column: column(),
        url: item.url.as_str(),
        title: &item.title,
        differences: Vec::new(),
        rejected: Some(reason.to_string()),
    });
    let lines = changed.chain(rejected).filter_map(|line| serde_json::to_string(&line).ok());
    lines.map(|line| line + "\n").collect()
}

/// The items of one column that would change, and those whose page is none today.
fn people(replayed: &Replayed, lang: Lang) -> String {
    let mut text = String::new();
    if replayed.changed.is_empty() && replayed.rejected.is_empty() {
        return text;
    }
    let _ = writeln!(text, "── {}", replayed.column);
    for Reread { item, differences, .. } in &replayed.changed {
        let _ = writeln!(text, "{}\n  {}", item.title, item.url);
        for difference in differences {
            push_difference(&mut text, difference, lang);
        }
    }
    for Rejected { item, reason } in &replayed.rejected {
        let kept = say::stays_as_it_is(lang, &reason.to_string());
        let _ = writeln!(text, "{}\n  {}\n    {kept}", item.title, item.url);
    }
    text
}

fn push_difference(text: &mut String, difference: &Difference, lang: Lang) {
    let (name, colon) = (say::field(lang, difference.field), say::colon(lang));
    let Difference { field, was, now } = difference;
    match *field {
        "text" => {
            let _ = writeln!(text, "    {name}{}", colon.trim_end());
            // The last line of a text has no end, and would differ from the same one further up.
            let (was, now) = (format!("{was}\n"), format!("{now}\n"));
            let diff = TextDiff::from_lines(was.as_str(), now.as_str());
            let lines: Vec<String> = diff
                .iter_all_changes()
                .filter(|change| change.tag() != ChangeTag::Equal)
                .map(|change| format!("{} {}", change.tag(), shortened(change.value().trim_end())))
                .collect();
            for line in lines.iter().take(MOST_LINES) {
                let _ = writeln!(text, "      {line}");
            }
            if lines.len() > MOST_LINES {
                let _ = writeln!(text, "      {}", say::more_lines(lang, lines.len() - MOST_LINES));
            }
        }
        "html" | "summary" => {
            let _ = writeln!(text, "    {name}{colon}{}", say::differs(lang));
        }
        _ => {
            let told = say::was_and_is(lang, &shortened(was), &shortened(now));
            let _ = writeln!(text, "    {name}{colon}{told}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn shown(was: &str, now: &str, wanted: &[&str]) {
        let difference = Difference { field: "text", was: was.to_owned(), now: now.to_owned() };
        let mut text = String::new();
        push_difference(&mut text, &difference, Lang::En);
        let lines: Vec<&str> = text.lines().skip(1).map(str::trim).collect();
        assert_eq!(lines, wanted, "{text}");
    }

    #[test]
    fn of_a_text_only_the_lines_that_come_and_go_are_shown() {
        shown("会议召开\n代表发言\n责任编辑", "会议召开\n代表发言", &["- 责任编辑"]);
        shown("会议召开", "会议召开\n代表发言", &["+ 代表发言"]);
        shown("责任编辑\n会议召开", "会议召开", &["- 责任编辑"]);
        shown("会议召开", "会议闭幕", &["- 会议召开", "+ 会议闭幕"]);
    }
}
