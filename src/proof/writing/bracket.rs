//! Brackets and quotation marks that have no counterpart.

use super::super::flaw::Flaw;
use super::super::{Notes, around};

/// Marks that open, with those that close them. Half-width and full-width brackets may be mixed.
const PAIRS: [(&str, &str); 9] = [
    ("《", "》"),
    ("〈", "〉"),
    ("（(", "）)"),
    ("【", "】"),
    ("「", "」"),
    ("『", "』"),
    ("〔", "〕"),
    ("“", "”"),
    ("‘", "’"),
];
/// Marks that are open at a time at most.
const MOST_OPEN: usize = 50;
/// The pair of round brackets among them.
const ROUND: usize = 2;
/// The pair of single quotation marks, which close with an apostrophe.
const SINGLE_QUOTES: usize = 8;

/// Notes marks without a counterpart, paragraph by paragraph.
pub(super) fn check(text: &str, notes: &mut Notes) {
    let mut offset = 0;
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        // A quotation of several paragraphs opens in each and closes in the last (GB/T 15834-2011,
        // 4.8.3).
        let goes_on = lines.peek().is_some_and(|next| next.trim_start().starts_with('“'));
        for (at, mark) in unpaired(line) {
            if !(goes_on && mark == '“') {
                let range = offset + at..offset + at + mark.len_utf8();
                notes.add(Flaw::BracketOpen, &around(text, range), &mark.to_string());
            }
        }
        offset += line.len() + 1;
    }
}

/// The marks of a line that have no counterpart.
fn unpaired(line: &str) -> Vec<(usize, char)> {
    let mut open: Vec<(usize, usize, char)> = Vec::new();
    let mut wrong = Vec::new();
    for (at, c) in line.char_indices() {
        if let Some(pair) = PAIRS.iter().position(|(begin, _)| begin.contains(c)) {
            if open.len() < MOST_OPEN {
                open.push((pair, at, c));
            } else {
                wrong.push((at, c));
            }
        } else if let Some(pair) = PAIRS.iter().position(|(_, end)| end.contains(c)) {
            match open.iter().rposition(|(opened, _, _)| *opened == pair) {
                // What was opened within and is still open has no counterpart.
                Some(place) => wrong.extend(open.drain(place..).skip(1).map(|(_, at, c)| (at, c))),
                None if is_other(pair, line, at) => {}
                None => wrong.push((at, c)),
            }
        }
    }
    wrong.extend(open.into_iter().map(|(_, at, c)| (at, c)));
    wrong.sort_unstable();
    wrong
}

/// Whether a mark that closes nothing is no mark of this kind: an apostrophe, or what stands behind
/// the number of an item, `1）`.
fn is_other(pair: usize, line: &str, at: usize) -> bool {
    let before = &line[..at];
    match pair {
        SINGLE_QUOTES => before.ends_with(|c: char| c.is_ascii_alphabetic()),
        ROUND => {
            let number = before.trim_end_matches(|c: char| {
                c.is_ascii_alphanumeric() || "一二三四五六七八九十".contains(c)
            });
            let is_start =
                number.is_empty() || number.ends_with([' ', '；', '。', '：', '，', '\u{3000}']);
            number.len() < before.len() && is_start && before.len() - number.len() <= 6
        }
        _ => false,
    }
}
