//! Whether two articles tell the same story: one was taken over from the other, or both from a third.
//!
//! In: titles and texts; out: how much they share, and whether that is one story. What is shared is
//! counted clause by clause, so that a cut lead, a line more or pictures in between cost little. What
//! makes templated notices different — another year, another number, another name in the same
//! sentence — forbids it however much the rest is alike: a story shown twice is a nuisance, a notice
//! that is not shown is a loss.

mod number;
mod rank;
mod share;
mod sketch;
#[cfg(test)]
mod tests;
mod title;

pub use rank::{Claim, order, original};
pub use sketch::Sketch;

use share::{Share, clauses};
pub use title::counts_differently;
use title::{Titles, titles};

/// An article as it is compared.
#[derive(Clone, Copy, Debug)]
pub struct Telling<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its text, one paragraph a line.
    pub text: &'a str,
}

/// How two articles stand to one another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// How the titles do.
    pub titles: Titles,
    /// How much of the shorter text stands in the longer one, from 0 to 1.
    pub of_shorter: f64,
    /// How much of the longer text stands in the shorter one, from 0 to 1.
    pub of_longer: f64,
    /// Signs of the shorter text, without punctuation and white space.
    pub shorter: usize,
    /// What makes them two stories whatever they share.
    pub veto: Option<Veto>,
}

/// What makes two articles different stories, however much of them is alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Veto {
    /// The titles count differently: another year, another issue.
    NumbersInTitles,
    /// The titles name different things, each of which its own text alone speaks of.
    NamesInTitles,
    /// The same sentence has another date, number or telephone.
    NumbersInTexts,
    /// The same sentence has another name.
    NamesInTexts,
}

/// Texts that are shorter say too little by themselves: they have to be alike to the letter.
const SHORT: usize = 60;
/// Below this nothing can be said.
const TOO_SHORT: usize = 20;
/// Texts under other titles have to be longer.
const LONG: usize = 120;

/// Compares two articles.
pub fn likeness(a: &Telling<'_>, b: &Telling<'_>) -> Likeness {
    let titles = titles(a.title, b.title);
    let (ours, theirs) = (clauses(a.text), clauses(b.text));
    let mut veto = counts_differently(a.title, b.title).then_some(Veto::NumbersInTitles);
    let share = match veto {
        Some(_) => Share::none(&ours, &theirs),
        None => Share::of(&ours, &theirs),
    };
    if veto.is_none() && title::names_differ(a.title, b.title, &ours, &theirs) {
        veto = Some(Veto::NamesInTitles);
    }
    let (of_shorter, of_longer) = share.parts();
    Likeness { titles, of_shorter, of_longer, shorter: share.shorter(), veto: veto.or(share.veto) }
}

impl Likeness {
    /// Whether it is one story; `credited` where the credit of one names the site of the other.
    ///
    /// Measured on the pairs in `tests`: unrelated news share less than a fifth, reprints with a cut
    /// lead or edited sentences from three quarters on.
    pub fn is_same_story(&self, credited: bool) -> bool {
        if self.veto.is_some() || self.shorter < TOO_SHORT {
            return false;
        }
        let at_least =
            |shorter: f64, longer: f64| self.of_shorter >= shorter && self.of_longer >= longer;
        match (self.titles, credited) {
            (Titles::Same, _) if self.shorter < SHORT => at_least(0.97, 0.97),
            (Titles::Same, true) => at_least(0.6, 0.0),
            (Titles::Same, false) => at_least(0.75, 0.0),
            (Titles::Within, _) if self.shorter < SHORT => false,
            (Titles::Within, true) => at_least(0.75, 0.3),
            (Titles::Within, false) => at_least(0.85, 0.5),
            (Titles::Akin | Titles::Other, _) if self.shorter < LONG => false,
            (Titles::Akin, true) => at_least(0.85, 0.2),
            (Titles::Akin, false) => at_least(0.9, 0.2),
            (Titles::Other, true) => at_least(0.85, 0.5),
            (Titles::Other, false) => at_least(0.9, 0.7),
        }
    }
}

/// How the titles of two articles stand to one another.
pub use title::Titles as TitleLikeness;
