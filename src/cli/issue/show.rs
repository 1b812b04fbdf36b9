//! What `issue list` and `issue show` print.

use std::fmt::Write as _;
use std::path::Path;

use crate::cli::desk::Desk;
use crate::cli::{FINE, Failure, print, say};
use crate::model::{Act, BEIJING, IssueId, Lang, Since};
use crate::pipeline::Printed;
use crate::text::sentence::issue as sentence;

pub(super) async fn list(desk: &Desk, digest: Option<&str>) -> Result<u8, Failure> {
    desk.fine(desk.pipeline.overtake_issues().await)?;
    desk.done(desk.pipeline.settle_issues().await)?;
    let records = desk.fine(desk.store().issues(digest).await)?;
    for record in &records {
        let issue = &record.issue;
        let state = sentence::state(issue.state, desk.lang);
        let count = issue.chosen.len();
        print(&format!(
            "{}\t{}\t{state}\t{}\n",
            issue.id,
            issue.date,
            say::pieces(desk.lang, count)
        ))?;
    }
    if records.is_empty() {
        print(&say::no_issues(desk.lang))?;
    }
    Ok(FINE)
}

pub(super) async fn show(desk: &Desk, id: &IssueId) -> Result<u8, Failure> {
    let printed = desk.done(desk.pipeline.print_issue(id).await)?;
    let lang = desk.lang;
    let mut text = head(&printed, lang);
    let mut section = "";
    for piece in &printed.composition.pieces {
        if piece.section != section {
            section = &piece.section;
            let _ = writeln!(text, "【{section}】");
        }
        let flag = match (piece.since, piece.third_party) {
            (Since::Withdrawn, _) => say::piece_withdrawn(lang),
            (Since::Revised, _) => say::piece_revised(lang),
            (Since::Same, true) => say::piece_third_party(lang),
            (Since::Same, false) => "",
        };
        let date = piece.posted.map(|day| day.to_string()).unwrap_or_default();
        let _ = writeln!(text, "  {}\t{}{flag}\t{}\t{date}", piece.key, piece.title, piece.source);
    }
    remarks(&mut text, &printed, lang);
    if !printed.record.acts.is_empty() {
        let _ = writeln!(text, "\n{}", say::acts(lang));
        for act in &printed.record.acts {
            let _ = writeln!(text, "  {}", act_line(act, lang));
        }
    }
    if let Some(draft) = &printed.record.pushed {
        let _ = writeln!(text, "\n{}", say::draft(lang, &draft.account, &draft.media_id));
    }
    // Also of what was pasted by hand, or printed.
    let by_hand = by_hand(&printed, lang);
    if printed.record.has_left() && !by_hand.is_empty() {
        let _ = writeln!(text, "\n{}", by_hand.join("\n"));
    }
    print(&text)?;
    Ok(FINE)
}

/// What `issue build` says.
pub(super) fn built(printed: &Printed, folder: &Path, lang: Lang) -> String {
    let mut text = head(printed, lang);
    remarks(&mut text, printed, lang);
    let _ = writeln!(text, "\n{}", say::bundle_at(lang, &folder.display().to_string()));
    let _ =
        writeln!(text, "{}", say::look_at(lang, &folder.join("review.html").display().to_string()));
    text
}

fn head(printed: &Printed, lang: Lang) -> String {
    let issue = &printed.composition.issue;
    let title = printed.composition.title();
    let state = sentence::state(issue.state, lang);
    let next = printed
        .next_step()
        .map(|step| say::next_step(lang, sentence::deed(step.deed(), lang)))
        .unwrap_or_default();
    let count = say::pieces(lang, issue.chosen.len());
    format!("{}\t{title}\n{}\t{state}{next}\t{count}\n\n", issue.id, issue.date)
}

fn remarks(text: &mut String, printed: &Printed, lang: Lang) {
    if printed.remarks.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", say::remarks(lang, printed.remarks.len()));
    for remark in &printed.remarks {
        let mark = if remark.severe { "✗" } else { "·" };
        let piece = remark.piece.as_deref().unwrap_or("-");
        let said = match lang {
            Lang::Zh => &remark.zh,
            Lang::En => &remark.en,
        };
        let _ = writeln!(text, "  {mark} {piece}\t{}\t{said}", remark.code);
    }
}

fn act_line(act: &Act, lang: Lang) -> String {
    let at = act.at.with_timezone(&BEIJING).format("%Y-%m-%d %H:%M");
    let by = act.by.as_deref().unwrap_or("lianbo");
    let what = sentence::deed(act.what, lang);
    let void = match act.what.is_approval() && !act.holds {
        true => say::void(lang),
        false => "",
    };
    let hash = act.content_sha256.get(..12).unwrap_or_default();
    format!("{at}\t{what}{void}\t{by}\t{}\t{hash}", act.remark).trim_end().to_owned()
}

/// What is to be put right on the platform, of an issue that is there.
fn by_hand(printed: &Printed, lang: Lang) -> Vec<String> {
    let moved = printed.composition.pieces.iter().filter(|piece| piece.since != Since::Same);
    moved.map(|piece| say::by_hand(lang, piece.since, &piece.title)).collect()
}
