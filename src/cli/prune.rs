//! The command `prune`: what the data folder takes up, and what goes of it.

use crate::model::{Lang, Usage};
use crate::pipeline::Survey;
use crate::text::{sentence, size};

use super::args::PruneArgs;
use super::desk::Desk;
use super::evaluate::width;
use super::operate::block_on;
use super::{Args, FINE, Failure, SOME_FAILED, print, say};

/// `lianbo prune`.
pub(super) fn prune(args: &Args, lang: Lang, asked: &PruneArgs) -> Result<u8, Failure> {
    block_on(async {
        let desk = Desk::open(args, lang).await?;
        if asked.dry_run {
            let survey = desk.fine(desk.pipeline.survey().await)?;
            print(&usage_table(&survey.usage, lang))?;
            print(&say::would_go(lang, &goes(&survey), survey.over))?;
            desk.close().await?;
            return Ok(FINE);
        }
        let pruned = desk.fine(desk.pipeline.prune().await)?;
        let mut usage = pruned.usage;
        if asked.compact {
            desk.fine(desk.store().compact().await)?;
            usage = desk.fine(desk.pipeline.usage().await)?;
        }
        print(&usage_table(&usage, lang))?;
        print(&say::went(lang, &goes(&pruned.before), pruned.given_back))?;
        for fault in &pruned.faults {
            eprintln!("{}", say::problem(lang, fault.code, &fault.detail));
        }
        desk.close().await?;
        let over = usage.budget.is_some_and(|budget| usage.live() > budget);
        if over {
            eprintln!("{}", say::still_over(lang));
        }
        Ok(if pruned.faults.is_empty() && !over { FINE } else { SOME_FAILED })
    })
}

fn goes(survey: &Survey) -> say::Goes {
    say::Goes {
        files: (survey.files.count, survey.files.bytes),
        pages: (survey.pages.count, survey.pages.bytes),
        revisions: (survey.revisions.count, survey.revisions.bytes),
        records: survey.records,
    }
}

/// What uses how much, then all of it.
fn usage_table(usage: &Usage, lang: Lang) -> String {
    let mut lines: Vec<[String; 3]> = vec![say::usage_heads(lang).map(str::to_owned)];
    for part in &usage.parts {
        let count = part.count.map(|count| count.to_string()).unwrap_or_default();
        let kind = sentence::usage::kind(part.kind, lang).to_owned();
        lines.push([kind, count, size::shown(part.bytes)]);
    }
    let widest = |at: usize| lines.iter().map(|line| width(&line[at])).max().unwrap_or(0);
    let widths = [widest(0), widest(1), widest(2)];
    let mut text = String::new();
    for [kind, count, bytes] in &lines {
        let gap = |cell: &str, at: usize| " ".repeat(widths[at] - width(cell));
        let (after, before) = (gap(kind, 0), gap(count, 1));
        text.push_str(&format_line([kind, &after, &before, count, &gap(bytes, 2), bytes]));
    }
    text.push_str(&say::usage_in_all(lang, usage));
    text
}

fn format_line([kind, after, before, count, gap, bytes]: [&str; 6]) -> String {
    format!("{kind}{after}  {before}{count}  {gap}{bytes}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{UsageKind, UsagePart};

    #[test]
    fn the_table_lines_up_and_adds_up() {
        let part = |kind, count, bytes| UsagePart { kind, count, bytes };
        let parts = vec![
            part(UsageKind::Items, Some(12), 2048),
            part(UsageKind::Pages, Some(3), 1 << 20),
            part(UsageKind::Index, None, 10),
        ];
        let usage = Usage { parts, budget: Some(2 << 20), disk_free: 5 << 30 };
        let text = usage_table(&usage, Lang::Zh);
        let lines: Vec<&str> = text.lines().collect();
        let ends: Vec<usize> = lines[..4].iter().map(|line| width(line)).collect();
        assert!(ends.iter().all(|end| *end == ends[0]), "{text}");
        assert!(lines[1].starts_with("文章") && lines[1].ends_with("2.0 KB"), "{text}");
        let all = lines[4];
        assert!(
            all.contains("1.0 MB") && all.contains("2.0 MB") && all.contains("5.0 GB"),
            "{all}"
        );
    }
}
