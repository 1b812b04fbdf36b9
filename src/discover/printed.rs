//! The date of a row as it is printed: alone in a text, as a box, or in the address.

use chrono::{DateTime, Utc};
use dom_query::NodeRef;
use url::Url;

use super::anchor::{Anchor, text_of, texts};
use super::row::Row;
use super::title;
use crate::model::Posted;
use crate::text::date;

impl Row<'_> {
    /// The date that the row prints outside its title, at the end of it, or in its address.
    pub(super) fn posted(
        &self,
        url: &Url,
        same: &[&Anchor<'_>],
        seen: Option<DateTime<Utc>>,
    ) -> Option<Posted> {
        let outside = self.texts_outside(same);
        let in_address = date::from_url(url);
        let printed = among(&outside, seen).or_else(|| {
            let inside: Vec<String> = same.iter().flat_map(|anchor| texts(&anchor.node)).collect();
            let alone = inside.iter().find(|text| title::is_date(text, seen));
            alone.and_then(|text| date::find(text, seen)).or_else(|| in_title(same, seen))
        });
        match (printed, in_address) {
            // `[04-10]` was read with an inferred year; the address knows it.
            (Some(printed), Some(address)) if same_day_of_year(printed, address) => {
                if printed.date() == address.date() { Some(printed) } else { Some(address) }
            }
            (printed, address) => printed.or(address),
        }
    }

    /// Texts of the row and beside it that are not within the links to the row's address.
    fn texts_outside(&self, same: &[&Anchor<'_>]) -> Vec<String> {
        let within = |node: &NodeRef<'_>| {
            same.iter().any(|anchor| {
                anchor.node.id == node.id
                    || node.ancestors_it(None).any(|above| above.id == anchor.node.id)
            })
        };
        std::iter::once(&self.node)
            .chain(&self.beside)
            .flat_map(|node| std::iter::once(*node).chain(node.descendants_it()))
            .filter(|node| node.is_text() && !within(node))
            .flat_map(|node| texts(&node))
            .collect()
    }
}

/// The date that stands alone in one text, or in two as a box, else anywhere.
pub(super) fn among(texts: &[String], seen: Option<DateTime<Utc>>) -> Option<Posted> {
    let boxed = texts.windows(2).find_map(|pair| {
        if pair.iter().any(|part| date::find(part, None).is_some() || !is_small(part)) {
            return None;
        }
        date::split_box(&pair[0], &pair[1]).or_else(|| date::split_box(&pair[1], &pair[0]))
    });
    let alone = || {
        let text = texts.iter().find(|text| title::is_date(text, seen))?;
        date::find(text, seen)
    };
    let anywhere = date::find(&texts.join(" "), seen);
    let best = boxed.or_else(alone);
    match (best, anywhere) {
        // The time of day may stand in the next text.
        (Some(best), Some(anywhere)) if best.date() == anywhere.date() => Some(anywhere),
        (best, anywhere) => best.or(anywhere),
    }
}

/// Short enough for a part of a box.
fn is_small(text: &str) -> bool {
    text.chars().count() <= 10 && text.contains(|c: char| c.is_ascii_digit())
}

/// A date in figures at the end or the beginning of a link's own text.
fn in_title(same: &[&Anchor<'_>], seen: Option<DateTime<Utc>>) -> Option<Posted> {
    same.iter().find_map(|anchor| {
        let text = text_of(&anchor.node);
        let bare = title::clean(&text);
        let rest = text.replacen(&bare, " ", 1);
        if rest == text { None } else { date::find(&rest, seen) }
    })
}

fn same_day_of_year(a: Posted, b: Posted) -> bool {
    a.date().format("%m%d").to_string() == b.date().format("%m%d").to_string()
}
