//! Chooses and orders the items of a feed.
//!
//! In: a feed's definition and its stored items, newest first; out: a [`Composition`]. No clock: the
//! same items always give the same composition.

pub mod alert;
pub mod issue;

use std::collections::HashSet;

use chrono::{DateTime, Duration, Utc};

use crate::model::{Composition, Custody, FeedSpec, Item, ItemState, Place, Tombstone};

/// An item stays in a feed for as long as the slowest poller may take, whatever the limit says.
const LEAST_STAY_HOURS: i64 = 24;
/// Bodies of a feed beyond this many bytes together push the oldest items out.
const MOST_BYTES: usize = 1_000_000;
/// So many items stay however long they are.
const FEWEST: usize = 5;
/// Bodies beyond this many bytes, as XML has them, push even those out, but never the newest item:
/// readers and validators give up at five million.
const MOST_BYTES_EVER: usize = 4_000_000;

/// Withdrawals told by a feed, the last ones: those that any subscriber may still have to hear of.
const MOST_WITHDRAWN: usize = 100;

/// The window of `feed` over `items`, which come newest first, with what was withdrawn of it, the
/// last first.
///
/// Its `place` is that of the document readers subscribe to, without archives; what we hold of the
/// items' files is for the caller to add.
pub fn compose(feed: &FeedSpec, items: Vec<Item>, mut withdrawn: Vec<Tombstone>) -> Composition {
    let mut seen = HashSet::new();
    let live: Vec<Item> = items
        .into_iter()
        .filter(|item| item.state == ItemState::Live && seen.insert(item.id.clone()))
        .collect();
    let young = live
        .iter()
        .map(|item| item.first_seen)
        .max()
        .map(|latest| latest - Duration::hours(LEAST_STAY_HOURS));
    let (mut bytes, mut written) = (0, 0);
    let mut kept: Vec<Item> = Vec::new();
    for (place, item) in live.into_iter().enumerate() {
        bytes += item.html.len();
        let fits = place < feed.limit && (bytes <= MOST_BYTES || kept.len() < FEWEST);
        let is_young = young.is_some_and(|since| item.first_seen >= since);
        if !(fits || is_young) {
            continue;
        }
        written += escaped_len(&item.html);
        if written > MOST_BYTES_EVER && !kept.is_empty() {
            break;
        }
        kept.push(item);
    }
    withdrawn.truncate(MOST_WITHDRAWN);
    let updated = last_change(&kept, &withdrawn);
    Composition {
        feed: feed.clone(),
        items: kept,
        withdrawn,
        updated,
        place: Place::default(),
        custody: Custody::default(),
    }
}

/// Bytes of HTML within XML, where each `<`, `>`, `&` and `"` is a reference.
fn escaped_len(html: &str) -> usize {
    const MORE: usize = 5;
    html.len() + MORE * html.bytes().filter(|byte| b"<>&\"".contains(byte)).count()
}

/// An archive of `feed`: all of its items, newest first, and what is left of withdrawn ones.
///
/// Where else their stories stand is left out: it changes with every reprint, and an archive stays.
pub fn compose_archive(
    feed: &FeedSpec,
    mut items: Vec<Item>,
    withdrawn: Vec<Tombstone>,
    place: Place,
    custody: Custody,
) -> Composition {
    items.iter_mut().for_each(|item| item.also_at.clear());
    let updated = last_change(&items, &withdrawn);
    Composition { feed: feed.clone(), items, withdrawn, updated, place, custody }
}

fn last_change(items: &[Item], withdrawn: &[Tombstone]) -> Option<DateTime<Utc>> {
    let changes = items.iter().map(|item| item.revised);
    changes.chain(withdrawn.iter().map(|tombstone| tombstone.when)).max()
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::model::{BEIJING, Format, ItemId, Selection};

    pub(super) fn item(number: u64, first_seen: &str, size: usize) -> Item {
        let seen: DateTime<Utc> = first_seen.parse().unwrap();
        Item {
            id: ItemId::from_tag_uri(format!("tag:x.test,2026:a/{number}")),
            seq: number,
            ordinal: number,
            revision: 1,
            key: number.to_string(),
            site: "a".parse().unwrap(),
            columns: Vec::new(),
            url: Url::parse("http://a.test/").unwrap(),
            title: number.to_string(),
            credit: None,
            author: None,
            editor: None,
            photographer: None,
            attribution: String::new(),
            posted: None,
            published: seen.with_timezone(&BEIJING),
            first_seen: seen,
            revised: seen,
            breadcrumb: Vec::new(),
            html: "x".repeat(size),
            text: String::new(),
            summary: String::new(),
            images: Vec::new(),
            attachments: Vec::new(),
            hash: String::new(),
            partial: false,
            state: ItemState::Live,
            withdrawn: None,
            extent: crate::model::Extent::Full,
            also_at: Vec::new(),
        }
    }

    fn feed(limit: usize) -> FeedSpec {
        FeedSpec {
            slug: "a".to_owned(),
            title: "a".to_owned(),
            description: "a".to_owned(),
            home: None,
            selection: Selection::All,
            limit,
            ttl_minutes: 60,
            formats: vec![Format::Rss],
        }
    }

    fn numbers(composition: &Composition) -> Vec<u64> {
        composition.items.iter().map(|item| item.seq).collect()
    }

    #[test]
    fn nothing_younger_than_a_day_falls_out() {
        let items = vec![
            item(5, "2026-11-20T10:00:00Z", 1),
            item(4, "2026-11-20T09:00:00Z", 1),
            item(3, "2026-11-19T11:00:00Z", 1),
            item(2, "2026-11-19T09:00:00Z", 1),
        ];
        assert_eq!(numbers(&compose(&feed(1), items.clone(), vec![])), [5, 4, 3]);
        assert_eq!(numbers(&compose(&feed(10), items, vec![])), [5, 4, 3, 2]);
    }

    #[test]
    fn long_bodies_push_the_oldest_out_but_five_stay() {
        let old = "2026-01-01T00:00:00Z";
        let mut items = vec![item(9, "2026-11-20T10:00:00Z", 1)];
        items.extend((1..=8).rev().map(|n| item(n, old, 400_000)));
        assert_eq!(numbers(&compose(&feed(50), items, vec![])), [9, 8, 7, 6, 5]);
    }

    #[test]
    fn a_young_item_stays_whatever_its_length_and_no_feed_is_too_long_to_be_read() {
        let now = "2026-11-20T10:00:00Z";
        let young: Vec<Item> = (1..=9).rev().map(|n| item(n, now, 300_000)).collect();
        assert_eq!(numbers(&compose(&feed(50), young, vec![])).len(), 9);
        let long: Vec<Item> = (1..=9).rev().map(|n| item(n, now, 1_500_000)).collect();
        assert_eq!(numbers(&compose(&feed(50), long, vec![])), [9, 8]);
        let longest = vec![item(2, now, 7_000_000), item(1, now, 1)];
        assert_eq!(numbers(&compose(&feed(50), longest, vec![])), [2]);
    }

    #[test]
    fn withdrawn_and_repeated_items_are_left_out() {
        let seen = "2026-11-20T10:00:00Z";
        let withdrawn = Item { state: ItemState::Withdrawn, ..item(2, seen, 1) };
        let composed =
            compose(&feed(9), vec![item(3, seen, 1), withdrawn, item(3, seen, 1)], vec![]);
        assert_eq!(numbers(&composed), [3]);
        assert_eq!(composed.updated, Some(seen.parse().unwrap()));
        assert_eq!(compose(&feed(9), Vec::new(), vec![]).updated, None);
    }
}
