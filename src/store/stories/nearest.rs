//! Finding the items that may tell the same story, and the nearest of them.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, params};

use crate::model::{Item, SiteId};
use crate::text::story::{
    Claim, Likeness, Sketch, Telling, TitleLikeness, counts_differently, likeness,
};

use super::super::StoreError;
use super::super::row::signed;
use super::claims::{claim, claims};
use super::{names, whole};

/// A reprint follows within days, at times within two weeks; what comes once a month is never
/// compared with last month's.
pub(super) const WINDOW_DAYS: i64 = 21;
/// Items that one title or one mark may name: a title such as 一周要闻 stands on every site.
const NAMED: u32 = 24;
/// Items whose texts are compared at most: one of those that tell a story is enough.
const COMPARED: usize = 16;
/// So alike under the same title, nothing closer is looked for.
const NEAR: f64 = 0.95;

pub(super) fn compared(one: &Item, other: &Item) -> Likeness {
    let telling = |item: &Item| (item.title.clone(), item.text.clone());
    let (one, other) = (telling(one), telling(other));
    likeness(&Telling { title: &one.0, text: &one.1 }, &Telling { title: &other.0, text: &other.1 })
}

pub(super) fn closeness(likeness: &Likeness) -> f64 {
    let vetoed = likeness.veto.is_some();
    likeness.of_shorter + likeness.of_longer - if vetoed { 2.0 } else { 0.0 }
}

/// Keeps what finds the item.
pub(super) fn note(
    transaction: &Transaction<'_>,
    item: &Item,
    sketch: &Sketch,
    credits: Option<&SiteId>,
) -> Result<(), StoreError> {
    let (ordinal, told) = (signed(item.ordinal), item.published.timestamp());
    transaction
        .prepare_cached(
            "INSERT INTO telling (ordinal, site, told, title, credits) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (ordinal) DO UPDATE SET title = excluded.title, credits = excluded.credits",
        )?
        .execute(params![ordinal, item.site.as_str(), told, sketch.title, credits.map(SiteId::as_str)])?;
    transaction
        .prepare_cached("DELETE FROM telling_mark WHERE ordinal = ?1")?
        .execute([ordinal])?;
    let mut insert = transaction
        .prepare_cached("INSERT INTO telling_mark VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
    for mark in &sketch.marks {
        insert.execute(params![mark, told, ordinal])?;
    }
    Ok(())
}

/// Whether the item still tells the story as any of the others does.
pub(super) fn stays(
    transaction: &Transaction<'_>,
    item: &Item,
    story: i64,
) -> Result<bool, StoreError> {
    for claim in claims(transaction, story)? {
        if claim.ordinal != item.ordinal && is_same(transaction, item, &claim)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How alike the item is to the one of `claim`, if that is the same story.
fn is_same(
    connection: &Connection,
    item: &Item,
    claim: &Claim,
) -> Result<Option<Likeness>, StoreError> {
    let Some(other) = whole(connection, signed(claim.ordinal))? else { return Ok(None) };
    let ours = names::credited(connection, item)?;
    let credited = ours.as_ref() == Some(&other.site) || claim.credits.as_ref() == Some(&item.site);
    let likeness = compared(item, &other);
    Ok(likeness.is_same_story(credited).then_some(likeness))
}

/// The item of another site that tells the same story and is nearest to it.
pub(super) fn nearest(
    transaction: &Transaction<'_>,
    item: &Item,
    sketch: &Sketch,
) -> Result<Option<i64>, StoreError> {
    let mut best: Option<(f64, i64)> = None;
    let mut compared = 0;
    for ordinal in candidates(transaction, item, sketch)? {
        // Most of what is made alike is told apart by the title, which costs little.
        let title: String = transaction
            .prepare_cached("SELECT title FROM item WHERE ordinal = ?1")?
            .query_row([ordinal], |row| row.get(0))?;
        if counts_differently(&item.title, &title) {
            continue;
        }
        compared += 1;
        if compared > COMPARED {
            break;
        }
        let Some(claim) = claim(transaction, ordinal)? else { continue };
        if is_told_by_site(transaction, ordinal, item)? {
            continue;
        }
        let Some(likeness) = is_same(transaction, item, &claim)? else { continue };
        let near = closeness(&likeness);
        if best.is_none_or(|(known, _)| near > known) {
            best = Some((near, ordinal));
        }
        if likeness.titles == TitleLikeness::Same && likeness.of_longer >= NEAR {
            break;
        }
    }
    Ok(best.map(|(_, ordinal)| ordinal))
}

/// Items that may tell the same story, those that more signs speak for first.
fn candidates(
    transaction: &Transaction<'_>,
    item: &Item,
    sketch: &Sketch,
) -> Result<Vec<i64>, StoreError> {
    let told = item.published.timestamp();
    let window = WINDOW_DAYS * 24 * 3600;
    let mut signs: BTreeMap<i64, usize> = BTreeMap::new();
    let mut take = |sql: &str, sign: i64| -> Result<(), StoreError> {
        let (from, to) = (told - window, told + window);
        let asked = params![sign, from, to, item.site.as_str(), NAMED];
        let mut statement = transaction.prepare_cached(sql)?;
        let mut rows = statement.query(asked)?;
        while let Some(row) = rows.next()? {
            *signs.entry(row.get(0)?).or_default() += 1;
        }
        Ok(())
    };
    take(
        "SELECT ordinal FROM telling
         WHERE title = ?1 AND told BETWEEN ?2 AND ?3 AND site <> ?4
         ORDER BY told DESC LIMIT ?5",
        sketch.title,
    )?;
    for &mark in &sketch.marks {
        take(
            "SELECT telling_mark.ordinal FROM telling_mark
             CROSS JOIN telling ON telling.ordinal = telling_mark.ordinal
             WHERE mark = ?1 AND telling_mark.told BETWEEN ?2 AND ?3 AND site <> ?4
             ORDER BY telling_mark.told DESC LIMIT ?5",
            mark,
        )?;
    }
    let mut found: Vec<(usize, i64)> = signs.into_iter().map(|(at, signs)| (signs, at)).collect();
    found.sort_by_key(|&(signs, ordinal)| (std::cmp::Reverse(signs), ordinal));
    Ok(found.into_iter().map(|(_, ordinal)| ordinal).collect())
}

/// Whether the story of `ordinal` has an item of that site already.
fn is_told_by_site(
    transaction: &Transaction<'_>,
    ordinal: i64,
    item: &Item,
) -> Result<bool, StoreError> {
    Ok(transaction
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM telling AS own
               JOIN telling AS other ON other.story = own.story
               WHERE own.ordinal = ?1 AND other.site = ?2 AND other.ordinal <> ?3)",
        )?
        .query_row(params![ordinal, item.site.as_str(), signed(item.ordinal)], |row| row.get(0))?)
}
