//! What is done with articles before they are public, and after: hold, extent, masks, withdrawal.

use std::time::Duration;

use crate::model::{Both, Extent};
use crate::normalize::Mask;

use super::forms::none_of;
use super::reader::{Section, parse_duration};

/// What is done with the articles of a column before they are public.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Editing {
    /// New items and revisions wait until a person releases them.
    pub hold: bool,
    /// How much of them readers get.
    pub publish: Extent,
    /// Which numbers are masked.
    pub mask: Mask,
}

/// How withdrawals and corrections at a site are noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdraw {
    /// Articles that are gone at their origin are withdrawn.
    pub confirm: bool,
    /// How often an article must be missed, and then be said to be gone.
    pub polls: u32,
    /// The least time from the first such answer to the last.
    pub spread: Duration,
    /// How long after its arrival an article is looked at again, soonest first.
    pub looks: Vec<Duration>,
    /// Articles looked at again in one run at most.
    pub looks_per_run: usize,
}

impl Editing {
    /// Reads `hold` and `publish` of a site or column; what it lacks is as in `beneath`.
    pub(super) fn read(section: &Section<'_>, beneath: Self) -> Self {
        let post = section.section("post");
        let hold = section.boolean("hold").or(post.boolean("hold"));
        let publish = section.parsed("publish", extent).or(post.parsed("publish", extent));
        Self {
            hold: hold.unwrap_or(beneath.hold),
            publish: publish.unwrap_or(beneath.publish),
            mask: beneath.mask,
        }
    }
}

/// Reads `[mask]`, or a site's own laid over it.
pub(super) fn mask(section: &Section<'_>) -> Mask {
    let mask = Mask {
        id_cards: section.boolean("id_cards").unwrap_or(true),
        bank_cards: section.boolean("bank_cards").unwrap_or(true),
        mobiles: section.boolean("mobiles").unwrap_or(false),
    };
    section.finish();
    mask
}

impl Withdraw {
    /// Reads `[withdraw]`, or a site's own laid over it.
    pub(super) fn read(section: &Section<'_>) -> Self {
        let number = |key, range, usual| section.number(key, range).unwrap_or(usual);
        let mut looks = section.parsed_list("looks", parse_duration);
        looks.sort_unstable();
        let withdraw = Self {
            confirm: section.boolean("confirm").unwrap_or(true),
            polls: u32::try_from(number("polls", 1..31, 3)).unwrap_or(3),
            spread: Duration::from_secs(3600 * number("hours", 0..721, 24)),
            looks,
            looks_per_run: usize::try_from(number("looks_per_run", 1..101, 10)).unwrap_or(10),
        };
        section.finish();
        withdraw
    }
}

fn extent(text: &str) -> Result<Extent, Both> {
    match text {
        "full" => Ok(Extent::Full),
        "summary" => Ok(Extent::Summary),
        _ => Err(none_of(text, &["full", "summary"])),
    }
}
