//! 校对: what an editor should look at before an issue goes out.
//!
//! In: an issue with all that it prints, its layout, and the operator's own tables of persons,
//! phrases and words; out: remarks in print order, each with what to do. Nothing is changed, and
//! nothing is judged that a reader could not see. What colours become in the dark is a matter of
//! `text::dark`, and is added beside these remarks by whoever calls. No I/O and no clock.

mod flaw;
mod issue;
mod person;
mod piece;
mod tables;
mod word;
mod writing;

pub use tables::Tables;

use std::collections::HashSet;

use crate::model::{Both, IssueComposition, Lang, Layout, Remark};
use flaw::Flaw;

/// More remarks than this help nobody.
const MOST_REMARKS: usize = 600;
/// Of one kind in one piece there are so many at most.
const MOST_OF_A_KIND: usize = 12;
/// So much of a text is read: twice what the platform takes of an article, markup included
/// (characters).
const MOST_CHARACTERS: usize = 40_000;
/// Words in a remark are cut after so many characters.
const MOST_WORDS: usize = 60;

/// What should be looked at in an issue: of the issue as a whole first, then piece by piece as they
/// print. `tables` are the operator's; persons are looked up as of the issue's date.
pub fn remarks(issue: &IssueComposition, layout: &Layout, tables: &Tables) -> Vec<Remark> {
    let mut notes = Notes::default();
    issue::check(issue, layout, &mut notes);
    for piece in &issue.pieces {
        notes.begin(Some(&piece.key));
        piece::check(piece, issue, &mut notes);
    }
    notes.begin(None);
    let own = [issue.title(), issue.issue.note.clone()];
    let head = [&issue.digest.header, &issue.digest.footer];
    for text in own.iter().chain(head) {
        check_text(text, issue, tables, &mut notes);
    }
    for piece in issue.printed() {
        notes.begin(Some(&piece.key));
        for text in piece::printed_texts(piece, issue) {
            check_text(text, issue, tables, &mut notes);
        }
    }
    notes.in_print_order(issue)
}

/// Whether an issue with this remark cannot become a draft of an account: it must not go out so, or the
/// platform does not take it so.
pub fn stops_a_push(remark: &Remark) -> bool {
    remark.severe || remark.code == Flaw::CoverMissing.code()
}

/// What is wrong with a text wherever it stands.
fn check_text(text: &str, issue: &IssueComposition, tables: &Tables, notes: &mut Notes) {
    let text = head(text, MOST_CHARACTERS);
    writing::check(text, notes);
    word::check(text, tables, notes);
    person::check(text, issue.issue.date, tables, notes);
}

/// Remarks as they are gathered.
#[derive(Default)]
struct Notes {
    remarks: Vec<Remark>,
    piece: Option<String>,
    known: HashSet<(&'static str, Option<String>, String)>,
}

impl Notes {
    /// What follows is about this piece, or about the issue as a whole.
    fn begin(&mut self, piece: Option<&str>) {
        self.piece = piece.map(str::to_owned);
    }

    /// Notes a flaw in `words`, once; `detail` fills what its sentence leaves open.
    fn add(&mut self, flaw: Flaw, words: &str, detail: &str) {
        self.put(flaw, words, [detail; 2], flaw.is_severe());
    }

    /// The same with a detail in both languages.
    fn add_both(&mut self, flaw: Flaw, words: &str, detail: &Both) {
        self.put(flaw, words, [Lang::Zh, Lang::En].map(|lang| detail.text(lang)), flaw.is_severe());
    }

    /// The same, where the operator's table says how grave it is.
    fn add_as(&mut self, flaw: Flaw, words: &str, detail: &str, severe: bool) {
        self.put(flaw, words, [detail; 2], severe);
    }

    /// `detail` is Chinese, then English.
    fn put(&mut self, flaw: Flaw, words: &str, detail: [&str; 2], severe: bool) {
        let words = shortened(words);
        let of_a_kind = |known: &&Remark| known.code == flaw.code() && known.piece == self.piece;
        let is_full = self.remarks.len() >= MOST_REMARKS
            || self.remarks.iter().filter(of_a_kind).count() >= MOST_OF_A_KIND;
        let key = (flaw.code(), self.piece.clone(), format!("{words}\n{}", detail[0]));
        if is_full || !self.known.insert(key) {
            return;
        }
        let (zh, en) = flaw.sentences(detail);
        let piece = self.piece.clone();
        self.remarks.push(Remark { code: flaw.code(), piece, severe, zh, en, words });
    }

    fn in_print_order(self, issue: &IssueComposition) -> Vec<Remark> {
        let mut remarks = self.remarks;
        let place = |key: &String| issue.pieces.iter().position(|piece| piece.key == *key);
        remarks.sort_by_cached_key(|remark| remark.piece.as_ref().map(place));
        remarks
    }
}

/// Words in one line, cut where they are long.
fn shortened(words: &str) -> String {
    let line = crate::text::plain::one_line(words);
    let mut cut: String = line.chars().take(MOST_WORDS).collect();
    if cut.len() < line.len() {
        cut.push('…');
    }
    cut
}

/// The first `count` characters.
fn head(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}

/// The last `count` characters.
fn tail(text: &str, count: usize) -> &str {
    match count.checked_sub(1).and_then(|count| text.char_indices().rev().nth(count)) {
        Some((start, _)) => &text[start..],
        None if count == 0 => "",
        None => text,
    }
}

/// `range` of `text` with some characters of its line on both sides.
fn around(text: &str, range: std::ops::Range<usize>) -> String {
    const SIDE: usize = 8;
    let before = tail(&text[..range.start], SIDE).rsplit('\n').next().unwrap_or_default();
    let behind = head(&text[range.end..], SIDE).split('\n').next().unwrap_or_default();
    format!("{before}{}{behind}", &text[range])
}

/// True for Chinese characters.
fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '〇' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests;
