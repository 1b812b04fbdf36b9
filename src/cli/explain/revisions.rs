//! How an item came to be what it is: its revisions, and what each changed.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use crate::cli::say::{self, pick};
use crate::model::{BEIJING, Item, Lang};

use super::shortened;

/// Changed sentences that are shown of one revision.
const MOST: usize = 40;

/// One revision.
#[derive(Debug, Serialize)]
pub(super) struct Revision {
    number: u32,
    since: DateTime<Utc>,
    /// What differs from the one before; nothing of the first.
    changes: Vec<Changed>,
}

/// A field that a revision changed.
#[derive(Debug, Serialize)]
struct Changed {
    field: &'static str,
    /// What went and what came; of a text only the sentences that did.
    gone: Vec<String>,
    come: Vec<String>,
}

/// All revisions of `versions`, oldest first.
pub(super) fn revisions(versions: &[Item]) -> Vec<Revision> {
    let before = std::iter::once(None).chain(versions.iter().map(Some));
    let pairs = versions.iter().zip(before);
    pairs
        .map(|(item, before)| Revision {
            number: item.revision,
            since: item.revised,
            changes: before.map(|before| changes(before, item)).unwrap_or_default(),
        })
        .collect()
}

fn changes(was: &Item, now: &Item) -> Vec<Changed> {
    let line = |text: &Option<String>| text.clone().unwrap_or_default();
    let posted = |item: &Item| item.posted.map(|posted| posted.to_string()).unwrap_or_default();
    let images = |item: &Item| {
        let each = item.images.iter().map(|image| format!("{} {}", image.url, image.caption));
        each.collect::<Vec<_>>().join("\n")
    };
    let files = |item: &Item| {
        let each = item.attachments.iter().map(|file| format!("{} {}", file.url, file.name));
        each.collect::<Vec<_>>().join("\n")
    };
    let fields = [
        ("title", was.title.clone(), now.title.clone()),
        ("posted", posted(was), posted(now)),
        ("credit", line(&was.credit), line(&now.credit)),
        ("author", line(&was.author), line(&now.author)),
        ("editor", line(&was.editor), line(&now.editor)),
        ("photographer", line(&was.photographer), line(&now.photographer)),
        ("text", was.text.clone(), now.text.clone()),
        ("images", images(was), images(now)),
        ("attachments", files(was), files(now)),
    ];
    let differ = fields.into_iter().filter(|(_, was, now)| was != now);
    differ.map(|(field, was, now)| changed(field, &was, &now)).collect()
}

fn changed(field: &'static str, was: &str, now: &str) -> Changed {
    let (was, now) = (sentences(was), sentences(now));
    let diff = TextDiff::from_slices(&was, &now);
    let of = |tag: ChangeTag| {
        let changes = diff.iter_all_changes().filter(|change| change.tag() == tag);
        changes.map(|change| change.value().trim().to_owned()).collect()
    };
    Changed { field, gone: of(ChangeTag::Delete), come: of(ChangeTag::Insert) }
}

/// Sentences with their ends and closing quotation marks; a new line ends one too.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    for line in text.lines() {
        let mut start = 0;
        let mut signs = line.char_indices().peekable();
        while let Some((at, sign)) = signs.next() {
            let ends = matches!(sign, '。' | '！' | '？' | '；');
            let goes_on = signs.peek().is_some_and(|(_, next)| "。！？；”’）」』".contains(*next));
            let closes = start < at && "”’）」』".contains(sign) && {
                let before = line[start..at].chars().next_back();
                before.is_some_and(|before| "。！？；”’）」』".contains(before))
            };
            if (ends || closes) && !goes_on {
                let end = at + sign.len_utf8();
                sentences.push(&line[start..end]);
                start = end;
            }
        }
        if start < line.len() {
            sentences.push(&line[start..]);
        }
    }
    sentences
}

/// The revisions for a person at a terminal; nothing where there is but one.
pub(super) fn people(revisions: &[Revision], lang: Lang) -> String {
    let mut text = String::new();
    if revisions.len() < 2 {
        return text;
    }
    let _ = writeln!(text, "{}", pick(lang, "修订：", "revisions:"));
    for revision in revisions {
        let since = revision.since.with_timezone(&BEIJING).format("%Y-%m-%d %H:%M");
        let number = revision.number;
        let head = pick(lang, format!("第 {number} 版"), format!("revision {number}"));
        let _ = writeln!(text, "  {head}  {since}");
        for change in &revision.changes {
            let _ = writeln!(text, "    {}", say::field(lang, change.field));
            let gone = change.gone.iter().map(|sentence| ('-', sentence));
            let come = change.come.iter().map(|sentence| ('+', sentence));
            for (sign, sentence) in gone.chain(come).take(MOST) {
                let _ = writeln!(text, "      {sign} {}", shortened(sentence));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_keep_their_closing_marks() {
        assert_eq!(
            sentences("会议召开。会长说：“要实干！”散会\n完"),
            ["会议召开。", "会长说：“要实干！”", "散会", "完"]
        );
    }

    #[test]
    fn of_a_text_only_changed_sentences_are_told() {
        let told = changed("text", "会议召开。三十家参加。散会。", "会议召开。四十家参加。散会。");
        assert_eq!(
            (told.gone, told.come),
            (vec!["三十家参加。".into()], vec!["四十家参加。".into()])
        );
    }
}
