//! Phrases that must be whole, words that are mistaken for others, words that are not wanted.

use super::flaw::Flaw;
use super::tables::{Pair, Phrase, Sign};
use super::{Notes, Tables, around, head, tail};

/// What stands around a word, so many characters on each side.
const NEAR: usize = 12;

/// Notes what the operator's tables say of the words of `text`.
pub(super) fn check(text: &str, tables: &Tables, notes: &mut Notes) {
    for hit in tables.hits(text) {
        let words = || around(text, hit.start..hit.end);
        match hit.sign {
            Sign::Phrase(place) => {
                let phrase = &tables.phrases[place];
                if !is_whole(text, hit.start..hit.end, phrase) {
                    notes.add_as(Flaw::PhraseBroken, &words(), &phrase.whole, phrase.severe);
                }
            }
            Sign::Pair(place) => {
                let pair = &tables.pairs[place];
                if is_slip(text, hit.start..hit.end, pair) {
                    notes.add_as(Flaw::WordPair, &words(), &pair.right, pair.severe);
                }
            }
            Sign::Word(place) => {
                let word = &tables.words[place];
                notes.add_as(Flaw::WordUnwanted, &words(), &word.why, word.severe);
            }
            Sign::Name | Sign::Post => {}
        }
    }
}

/// Whether the sign at `range` stands in the whole phrase or in another right form of it.
fn is_whole(text: &str, range: std::ops::Range<usize>, phrase: &Phrase) -> bool {
    let sign = &text[range.clone()];
    std::iter::once(&phrase.whole).chain(&phrase.also).any(|form| {
        form.match_indices(sign).any(|(within, _)| {
            let start = range.start.checked_sub(within);
            start.and_then(|start| text.get(start..)).is_some_and(|rest| rest.starts_with(form))
        })
    })
}

fn is_slip(text: &str, range: std::ops::Range<usize>, pair: &Pair) -> bool {
    // What is written right may hold what is wrong: 账号 in 对账号码.
    let (before, behind) = (tail(&text[..range.start], NEAR), head(&text[range.end..], NEAR));
    let context = format!("{before}{}{behind}", &text[range]);
    pair.near.as_ref().is_none_or(|near| near.is_match(&context))
        && !pair.unless.as_ref().is_some_and(|unless| unless.is_match(&context))
}
