//! How good a reading is, field by field, against what a careful person read on the page.
//!
//! Text: F1 over shingles of four characters after NFKC and removal of white space. Title: equal
//! after the same, with quotes and case folded. Date: the same day. Source and author: equal after
//! NFKC and removal of white space. A field that nothing is wanted of is not judged.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

/// Characters of a shingle.
const SHINGLE: usize = 4;
/// A text that scores less is as good as lost.
pub(super) const HALF: f64 = 0.5;

/// A judged field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Field {
    Text,
    Title,
    Posted,
    Credit,
    Author,
}

impl Field {
    pub(super) const ALL: [Self; 5] =
        [Self::Text, Self::Title, Self::Posted, Self::Credit, Self::Author];

    /// As in the JSON of `extract` and in the files of floors.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Title => "title",
            Self::Posted => "posted",
            Self::Credit => "credit",
            Self::Author => "author",
        }
    }

    /// From 0 to 1; `None` where nothing is wanted.
    pub(super) fn score(self, wanted: &str, found: &str) -> Option<f64> {
        if wanted.is_empty() {
            return None;
        }
        let equal = |same: bool| if same { 1.0 } else { 0.0 };
        Some(match self {
            Self::Text => f1(found, wanted),
            Self::Title => equal(squeezed(found).to_lowercase() == squeezed(wanted).to_lowercase()),
            Self::Posted => equal(day(found).is_some() && day(found) == day(wanted)),
            Self::Credit | Self::Author => equal(squeezed(found) == squeezed(wanted)),
        })
    }
}

/// NFKC with one kind of quotes and without white space.
fn squeezed(text: &str) -> String {
    text.nfkc()
        .map(|c| match c {
            '“' | '”' => '"',
            '‘' | '’' => '\'',
            c => c,
        })
        .filter(|c| !is_space(*c))
        .collect()
}

fn is_space(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{1C}'..='\u{1F}' | '\u{200B}'..='\u{200D}' | '\u{FEFF}' | '\u{AD}')
}

fn shingles(text: &str) -> HashMap<String, usize> {
    let chars: Vec<char> = squeezed(text).chars().collect();
    let mut counts = HashMap::new();
    if chars.is_empty() {
        return counts;
    }
    for at in 0..chars.len().saturating_sub(SHINGLE - 1).max(1) {
        let end = (at + SHINGLE).min(chars.len());
        *counts.entry(chars[at..end].iter().collect()).or_insert(0) += 1;
    }
    counts
}

fn f1(found: &str, wanted: &str) -> f64 {
    let (found, wanted) = (shingles(found), shingles(wanted));
    if found.is_empty() || wanted.is_empty() {
        return if found.is_empty() && wanted.is_empty() { 1.0 } else { 0.0 };
    }
    let both: usize =
        found.iter().map(|(key, count)| wanted.get(key).map_or(0, |other| *count.min(other))).sum();
    2.0 * float(both) / float(found.values().sum::<usize>() + wanted.values().sum::<usize>())
}

/// A count as a number to calculate with.
pub(super) fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The day in a printed or ISO date; a year alone is none.
fn day(text: &str) -> Option<(u32, u32, u32)> {
    let parts = DAY.captures(text)?;
    let part = |i: usize| parts[i].parse().ok();
    Some((part(1)?, part(2)?, part(3)?))
}

static DAY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"((?:19|20)\d\d)\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})").expect("the pattern is valid")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn scores(field: Field, wanted: &str, found: &str, score: f64) {
        let got = field.score(wanted, found).unwrap();
        assert!((got - score).abs() < 1e-9, "{field:?} of `{found}` for `{wanted}`: {got}");
    }

    #[test]
    fn texts_are_compared_by_shingles() {
        scores(Field::Text, "市工商联召开会议。", "市工商联 召开\n会议。", 1.0);
        scores(Field::Text, "市工商联召开会议", "", 0.0);
        // Five shingles wanted, two found, both right.
        scores(Field::Text, "市工商联召开会议", "市工商联召", 4.0 / 7.0);
        scores(Field::Text, "好", "好", 1.0);
        scores(Field::Text, "ＡＢ“好”", "AB\"好\"", 1.0);
        // What stands there twice counts once where it is wanted once.
        scores(Field::Text, "一二三四", "一二三四一二三四", 2.0 / 6.0);
    }

    #[test]
    fn the_other_fields_are_right_or_wrong() {
        scores(Field::Title, "“两节” 慰问 A", "\"两节\"慰问a", 1.0);
        scores(Field::Title, "两节慰问", "两节", 0.0);
        scores(Field::Posted, "2026-01-02", "2026-01-02T10:00:00+08:00", 1.0);
        scores(Field::Posted, "2026-01-02", "2026-01-03", 0.0);
        scores(Field::Posted, "2026-01-02", "2026", 0.0);
        scores(Field::Credit, "人民网－人民日报", "人民网-人民日报", 1.0);
        scores(Field::Author, "张三 李四", "张三\u{3000}李四", 1.0);
        scores(Field::Author, "Zhang", "zhang", 0.0);
        assert_eq!(Field::Author.score("", "张三"), None);
    }
}
