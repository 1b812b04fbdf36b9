//! One piece: what is known of it, rather than how it is written.

use std::sync::LazyLock;

use regex::Regex;

use super::Notes;
use super::flaw::Flaw;
use crate::model::{DigestKind, IssueComposition, Piece, Since};

/// Whether a piece prints in full, and not as title and summary alone.
fn is_full(piece: &Piece, issue: &IssueComposition) -> bool {
    issue.digest.kind != DigestKind::Overview && !piece.summary_only
}

/// The texts of a piece that a reader of the issue can see.
pub(super) fn printed_texts<'p>(
    piece: &'p Piece,
    issue: &IssueComposition,
) -> impl Iterator<Item = &'p str> {
    let body = is_full(piece, issue).then_some(piece.text.as_str());
    [piece.title.as_str(), piece.summary.as_str()].into_iter().chain(body)
}

/// Notes what is wrong with what is known of a piece.
pub(super) fn check(piece: &Piece, issue: &IssueComposition, notes: &mut Notes) {
    if piece.since == Since::Withdrawn {
        notes.add(Flaw::Withdrawn, &piece.title, "");
        return;
    }
    if piece.since == Since::Revised {
        notes.add(Flaw::Revised, &piece.title, "");
    }
    if piece.title.trim().is_empty() {
        notes.add(Flaw::TitleMissing, "", "");
    }
    let is_same = |other: &&Piece| other.key != piece.key && same(&other.title, &piece.title);
    let before = issue.printed().take_while(|other| other.key != piece.key);
    if before.filter(is_same).count() > 0 {
        notes.add(Flaw::TitleDouble, &piece.title, "");
    }
    if piece.posted.is_none() {
        notes.add(Flaw::DateMissing, &piece.title, "");
    }
    if piece.source.trim().is_empty() && piece.attribution.trim().is_empty() {
        notes.add(Flaw::SourceMissing, &piece.title, "");
    }
    if piece.url.is_none() && piece.item.is_some() {
        notes.add(Flaw::AddressMissing, &piece.title, "");
    }
    if piece.third_party {
        notes.add(Flaw::ThirdParty, &piece.title, &piece.source);
    }
    check_summary(piece, notes);
    check_pictures(piece, issue, notes);
    if is_full(piece, issue) && DEAD_LINK.is_match(&piece.html) {
        notes.add(Flaw::LinkDead, &piece.title, "");
    }
}

/// Titles that are the same but for spaces and marks.
fn same(one: &str, other: &str) -> bool {
    let letters = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    let one = letters(one);
    !one.is_empty() && one == letters(other)
}

fn check_summary(piece: &Piece, notes: &mut Notes) {
    let summary = piece.summary.trim_end();
    if summary.is_empty() {
        notes.add(Flaw::SummaryMissing, &piece.title, "");
        return;
    }
    // Marks that close may stand behind the end of the sentence.
    let end = summary.trim_end_matches(['”', '’', '）', ')', '》', '」', '』', '"']);
    let is_whole = end.ends_with(['。', '！', '？', '…', '!', '?', '；']) || end.ends_with(". ");
    let is_latin = end.ends_with('.') && end.chars().rev().nth(1).is_some_and(|c| c.is_ascii());
    if !is_whole && !is_latin {
        notes.add(Flaw::SummaryCut, super::tail(summary, 20), "");
    }
}

fn check_pictures(piece: &Piece, issue: &IssueComposition, notes: &mut Notes) {
    let shown = match (is_full(piece, issue), piece.picture) {
        (true, _) => piece.images.len(),
        (false, true) => 1,
        (false, false) => 0,
    };
    for image in piece.images.iter().take(shown) {
        if let Some(why) = issue.missing.get(image.url.as_str()) {
            notes.add_both(Flaw::PictureMissing, image.url.as_str(), why);
        }
    }
}

/// A link without an address, or with one that is a script or a place on the page.
static DEAD_LINK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("(?i)<a(?: rel=\"[^\"]*\")?>|<a [^>]*href=\"(?:javascript:|#|about:)?[^\"a-z]?\"|<a [^>]*href=\"\\s*javascript:")
        .expect("the pattern is valid")
});
