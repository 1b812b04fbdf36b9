//! Whether articles are as those of their column are: which ones are odd, and what a stored one has
//! lost when it is read again.

use crate::model::{Article, Draft, Item, ProblemCode};
use crate::text::plain::alike;
use crate::text::story::{Telling, likeness};

use super::Breach;

/// Nothing is normal of a column with fewer articles.
const FEW: usize = 5;
/// What so many of the articles have (in hundred), the next is expected to have.
const USUAL: usize = 90;
/// A text so many times shorter than half of the others is odd.
const SHORTER: usize = 2;
/// An article that has kept less than this of its text has lost it.
const KEPT: f64 = 0.5;
/// Texts below this (characters) are not compared.
const SHORT: usize = 40;

/// What is normal of the articles of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Norms {
    /// They print a date.
    pub dated: bool,
    /// They print their source.
    pub credited: bool,
    /// Half of them have so many characters of text, or more.
    pub characters: usize,
}

impl Norms {
    /// What is normal by these `items`; `None` where they are too few.
    pub fn of(items: &[Item]) -> Option<Self> {
        if items.len() < FEW {
            return None;
        }
        let usual = |has: fn(&Item) -> bool| {
            items.iter().filter(|item| has(item)).count() * 100 >= items.len() * USUAL
        };
        let mut lengths: Vec<usize> = items.iter().map(|item| characters(&item.text)).collect();
        lengths.sort_unstable();
        Some(Self {
            dated: usual(|item| item.posted.is_some()),
            credited: usual(|item| item.credit.is_some()),
            characters: lengths[lengths.len() / 2],
        })
    }
}

/// Whether a draft that was just read is unlike the articles of its column: a reason to look at one
/// of these again, no more.
pub fn is_odd(draft: &Draft, norms: &Norms) -> bool {
    draft.partial
        || (norms.dated && draft.posted.is_none())
        || (norms.credited && draft.credit.is_none())
        || characters(&draft.body.text) * SHORTER < norms.characters
        || draft.body.text.contains(char::REPLACEMENT_CHARACTER)
}

/// Whether an article has lost half of its text since it was stored.
pub fn has_shrunk(draft: &Draft, item: &Item) -> bool {
    characters(&draft.body.text) * 2 < characters(&item.text)
}

/// What the stored `item` says otherwise, or no more, when its page is read `again`; `None` stands
/// for a page on which no article was found.
pub fn changes(item: &Item, again: Option<&Article>) -> Vec<Breach> {
    let Some(again) = again else {
        let detail = format!("no article is found on `{}` any more", item.url);
        return vec![Breach::certain(ProblemCode::BodiesCollapsed, detail)];
    };
    let mut breaches = Vec::new();
    let mut tell = |code, detail| breaches.push(Breach::certain(code, detail));
    let (before, now) = (characters(&item.text), characters(&again.body.value.text));
    let kept = kept(item, &again.body.value.text);
    if before >= SHORT && kept < KEPT {
        let detail = format!(
            "`{}` had {before} characters of text; now {now} are found, with {:.0} % of the text in them",
            item.url,
            kept * 100.0
        );
        tell(ProblemCode::BodiesCollapsed, detail);
    }
    if !alike(&item.title, &again.title.value) {
        let detail =
            format!("`{}` had the title `{}`, now `{}`", item.url, item.title, again.title.value);
        tell(ProblemCode::TitlesChanged, detail);
    }
    match (item.posted.map(|posted| posted.date()), again.posted.as_ref()) {
        (Some(day), None) => {
            tell(
                ProblemCode::DatesMissing,
                format!("`{}` was of {day}; now no date is found", item.url),
            );
        }
        (Some(day), Some(found)) if found.value.date() != day => {
            let detail = format!("`{}` was of {day}, now of {}", item.url, found.value.date());
            tell(ProblemCode::DatesChanged, detail);
        }
        _ => {}
    }
    if let (Some(credit), None) = (&item.credit, &again.credit) {
        let detail = format!("`{}` had the source `{credit}`; now none is found", item.url);
        tell(ProblemCode::CreditsMissing, detail);
    }
    breaches
}

/// How much of the text of `item` stands in `text`, from 0 to 1.
fn kept(item: &Item, text: &str) -> f64 {
    let telling = |text| Telling { title: &item.title, text };
    let likeness = likeness(&telling(&item.text), &telling(text));
    let longer = characters(&item.text) >= characters(text);
    if longer { likeness.of_longer } else { likeness.of_shorter }
}

fn characters(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}
