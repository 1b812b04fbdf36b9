//! Which items tell the same story, and who of them stands for it.
//!
//! An item that is new or changed is compared with those of other sites that an index names: by the
//! words of the title, and by four marks of the text. `text::story` decides; here it is only kept.
//! A story has one item of each site: what a site says twice, it means to say twice, and notices of
//! one site are the ones most alike.

mod adoptions;
mod gather;
mod names;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::model::{BEIJING, Item, ItemId, ItemState, SiteId, Withdrawal};
use crate::text::story::{self, Claim, Likeness, Sketch, Telling, likeness};

use super::items::Scope;
use super::row::{COLUMNS, item, seconds, signed, time, unsigned};
use super::save::touch;
use super::withdrawals::announce;
use super::{SqliteStore, StoreError};

pub use adoptions::Adoption;

/// A reprint follows within days, at times within two weeks; what comes once a month is never
/// compared with last month's.
const WINDOW_DAYS: i64 = 21;
/// Items that one title or one mark may name: a title such as 一周要闻 stands on every site.
const NAMED: u32 = 24;
/// Items that are compared at most.
const COMPARED: usize = 40;
/// So alike under the same title, nothing closer is looked for.
const NEAR: f64 = 0.95;

/// Looks whose story the item tells now, and has it told by all that are shown otherwise for it.
/// To be called where its title, text or credit may have changed.
pub(super) fn look(transaction: &Transaction<'_>, ordinal: i64) -> Result<(), StoreError> {
    for other in place(transaction, ordinal)? {
        retell(transaction, other)?;
    }
    Ok(())
}

/// Gives the item its story; the ordinals of the public items that are shown otherwise for it.
fn place(transaction: &Transaction<'_>, ordinal: i64) -> Result<Vec<i64>, StoreError> {
    let Some(item) = whole(transaction, ordinal)? else { return Ok(Vec::new()) };
    if matches!(item.withdrawn, Some(Withdrawal { purged: true, .. })) {
        return Ok(Vec::new());
    }
    let sketch = Sketch::of(&item.title, &item.text);
    let credits = names::credited(transaction, &item)?;
    note(transaction, &item, &sketch, credits.as_ref())?;
    let mut others = Vec::new();
    if let Some(story) = story_of(transaction, ordinal)? {
        if stays(transaction, &item, story)? {
            let reordered = rank(transaction, story)?;
            let shown = if reordered { public(transaction, story, ordinal)? } else { Vec::new() };
            return Ok(shown);
        }
        others = public(transaction, story, ordinal)?;
        leave(transaction, ordinal, story)?;
    }
    if let Some(with) = nearest(transaction, &item, &sketch)? {
        let story = join(transaction, ordinal, with)?;
        others.extend(public(transaction, story, ordinal)?);
    }
    // What is not public itself changes nothing for others.
    Ok(if item.state == ItemState::Live { others } else { Vec::new() })
}

/// The item is shown otherwise: it is told to clients again, and its feeds are published in their
/// turn. No date of it moves.
fn retell(transaction: &Transaction<'_>, ordinal: i64) -> Result<(), StoreError> {
    touch_quietly(transaction, ordinal)?;
    transaction
        .prepare_cached(
            "INSERT INTO retold (column_id) SELECT column_id FROM listed WHERE ordinal = ?1",
        )?
        .execute([ordinal])?;
    Ok(())
}

/// Has the others of the item's story follow at once, since it was taken back, or is back.
pub(super) fn tell_others(transaction: &Transaction<'_>, ordinal: i64) -> Result<(), StoreError> {
    let Some(story) = story_of(transaction, ordinal)? else { return Ok(()) };
    rank(transaction, story)?;
    for other in public(transaction, story, ordinal)? {
        touch_quietly(transaction, other)?;
        announce(transaction, other)?;
    }
    Ok(())
}

/// A change that archives, which do not tell where else a story stands, have no part in.
fn touch_quietly(transaction: &Transaction<'_>, ordinal: i64) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "UPDATE telling SET loud = item.seq FROM item
             WHERE telling.ordinal = ?1 AND item.ordinal = ?1 AND item.seq <> telling.quiet",
        )?
        .execute([ordinal])?;
    touch(transaction, ordinal)?;
    transaction
        .prepare_cached(
            "UPDATE telling SET quiet = item.seq FROM item
             WHERE telling.ordinal = ?1 AND item.ordinal = ?1",
        )?
        .execute([ordinal])?;
    Ok(())
}

/// Forgets all that could tell what the item said.
pub(super) fn forget(transaction: &Transaction<'_>, ordinal: i64) -> Result<(), StoreError> {
    if let Some(story) = story_of(transaction, ordinal)? {
        leave(transaction, ordinal, story)?;
    }
    for table in ["telling_mark", "telling"] {
        transaction.execute(&format!("DELETE FROM {table} WHERE ordinal = ?1"), [ordinal])?;
    }
    Ok(())
}

/// Whether the item stands for its story in the selection of `scopes`: nobody who is placed before it
/// is public there. Most items are alone with theirs.
pub(super) fn leads(
    connection: &Connection,
    scopes: &[Scope],
    ordinal: i64,
) -> Result<bool, StoreError> {
    let before: Vec<i64> = connection
        .prepare_cached(
            "SELECT other.ordinal FROM telling AS own
             JOIN telling AS other ON other.story = own.story AND other.place < own.place
             JOIN item ON item.ordinal = other.ordinal
             WHERE own.ordinal = ?1 AND item.state = 'live'",
        )?
        .query_map([ordinal], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for other in before {
        for scope in scopes {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM {})", scope.one());
            let stands: bool = connection
                .prepare_cached(&sql)?
                .query_row(params![scope.name(), other], |row| row.get(0))?;
            if stands {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Those that tell the same story as something that changed after `after`, up to `upto`.
pub(super) fn of_changed(
    connection: &Connection,
    after: i64,
    upto: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT other.ordinal FROM item
         CROSS JOIN telling AS own ON own.ordinal = item.ordinal
         CROSS JOIN telling AS other ON other.story = own.story AND other.ordinal <> own.ordinal
         WHERE item.seq > ?1 AND item.seq <= ?2 ORDER BY 1",
    )?;
    let rows = statement.query_map([after, upto], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The other items of the item's story, whole, whatever their state, in their order.
pub(super) fn told_by(connection: &Connection, ordinal: i64) -> Result<Vec<Item>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM telling AS first
         JOIN telling AS second ON second.story = first.story AND second.ordinal <> first.ordinal
         JOIN item ON item.ordinal = second.ordinal
         WHERE first.ordinal = ?1 ORDER BY second.place"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([ordinal])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(item(row)?);
    }
    Ok(found)
}

/// One of those that tell a story, for operators.
#[derive(Clone, Debug, PartialEq)]
pub struct Teller {
    /// The item, whole.
    pub item: Item,
    /// The site that its credit names, where that is a known one.
    pub credits: Option<SiteId>,
    /// True for the one whose story it is.
    pub is_original: bool,
    /// How it compares with the nearest of the others.
    pub likeness: Option<Likeness>,
}

impl SqliteStore {
    /// All that tell the story of the item `id`, who stands for it first; none where it is alone.
    pub async fn story(&self, id: &ItemId) -> Result<Vec<Teller>, StoreError> {
        let id = id.clone();
        self.read(move |connection| {
            let sql = "SELECT ordinal FROM item WHERE id = ?1";
            let ordinal: Option<i64> = connection
                .prepare_cached(sql)?
                .query_row([id.as_str()], |row| row.get(0))
                .optional()?;
            let story = match ordinal {
                Some(ordinal) => story_of(connection, ordinal)?,
                None => None,
            };
            let Some(story) = story else { return Ok(Vec::new()) };
            let claims = claims(connection, story)?;
            let original = story::original(&claims).map(|at| claims[at].ordinal);
            let mut tellers: Vec<Teller> = Vec::new();
            for claim in &claims {
                let Some(item) = whole(connection, signed(claim.ordinal))? else { continue };
                let is_original = original == Some(claim.ordinal);
                let credits = claim.credits.clone();
                tellers.push(Teller { item, credits, is_original, likeness: None });
            }
            for at in 0..tellers.len() {
                let own = &tellers[at].item;
                let others = tellers.iter().filter(|other| other.item.ordinal != own.ordinal);
                let near = others.map(|other| compared(own, &other.item));
                tellers[at].likeness = near.max_by(|a, b| closeness(a).total_cmp(&closeness(b)));
            }
            Ok(tellers)
        })
        .await
    }
}

fn compared(one: &Item, other: &Item) -> Likeness {
    let telling = |item: &Item| (item.title.clone(), item.text.clone());
    let (one, other) = (telling(one), telling(other));
    likeness(&Telling { title: &one.0, text: &one.1 }, &Telling { title: &other.0, text: &other.1 })
}

fn closeness(likeness: &Likeness) -> f64 {
    let vetoed = likeness.veto.is_some();
    likeness.of_shorter + likeness.of_longer - if vetoed { 2.0 } else { 0.0 }
}

fn whole(connection: &Connection, ordinal: i64) -> Result<Option<Item>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM item WHERE item.ordinal = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([ordinal])?;
    rows.next()?.map(item).transpose()
}

fn story_of(connection: &Connection, ordinal: i64) -> Result<Option<i64>, StoreError> {
    let found: Option<Option<i64>> = connection
        .prepare_cached("SELECT story FROM telling WHERE ordinal = ?1")?
        .query_row([ordinal], |row| row.get(0))
        .optional()?;
    Ok(found.flatten())
}

/// Keeps what finds the item.
fn note(
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
fn stays(transaction: &Transaction<'_>, item: &Item, story: i64) -> Result<bool, StoreError> {
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
fn nearest(
    transaction: &Transaction<'_>,
    item: &Item,
    sketch: &Sketch,
) -> Result<Option<i64>, StoreError> {
    let mut best: Option<(f64, i64)> = None;
    for ordinal in candidates(transaction, item, sketch)? {
        let Some(claim) = claim(transaction, ordinal)? else { continue };
        if is_told_by_site(transaction, ordinal, item)? {
            continue;
        }
        let Some(likeness) = is_same(transaction, item, &claim)? else { continue };
        let near = closeness(&likeness);
        if best.is_none_or(|(known, _)| near > known) {
            best = Some((near, ordinal));
        }
        if likeness.titles == story::TitleLikeness::Same && likeness.of_longer >= NEAR {
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
    Ok(found.into_iter().take(COMPARED).map(|(_, ordinal)| ordinal).collect())
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

/// Puts the item into the story of `with`, which may be a new one.
fn join(transaction: &Transaction<'_>, ordinal: i64, with: i64) -> Result<i64, StoreError> {
    let story = match story_of(transaction, with)? {
        Some(story) => story,
        None => transaction
            .prepare_cached(
                "SELECT coalesce(max(story), 0) + 1 FROM telling WHERE story IS NOT NULL",
            )?
            .query_row([], |row| row.get(0))?,
    };
    transaction
        .prepare_cached("UPDATE telling SET story = ?1 WHERE ordinal IN (?2, ?3)")?
        .execute([story, ordinal, with])?;
    rank(transaction, story)?;
    Ok(story)
}

/// Takes the item out of its story, which ends where one alone is left.
fn leave(transaction: &Transaction<'_>, ordinal: i64, story: i64) -> Result<(), StoreError> {
    let leave = "UPDATE telling SET story = NULL, place = 0 WHERE ordinal = ?1";
    transaction.prepare_cached(leave)?.execute([ordinal])?;
    if let [alone] = claims(transaction, story)?.as_slice() {
        transaction.prepare_cached(leave)?.execute([signed(alone.ordinal)])?;
    }
    rank(transaction, story)?;
    Ok(())
}

/// Gives everyone of the story a place; true where that changed.
fn rank(transaction: &Transaction<'_>, story: i64) -> Result<bool, StoreError> {
    let claims = claims(transaction, story)?;
    let mut update = transaction
        .prepare_cached("UPDATE telling SET place = ?2 WHERE ordinal = ?1 AND place <> ?2")?;
    let mut changed = 0;
    for (place, at) in (0_i64..).zip(story::order(&claims)) {
        changed += update.execute(params![signed(claims[at].ordinal), place])?;
    }
    Ok(changed > 0)
}

/// What is known of everyone of the story, in their places.
fn claims(connection: &Connection, story: i64) -> Result<Vec<Claim>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT telling.ordinal, telling.site, credits, told, first_seen
         FROM telling JOIN item USING (ordinal) WHERE story = ?1 ORDER BY place",
    )?;
    let rows = statement.query_map([story], read_claim)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn claim(connection: &Connection, ordinal: i64) -> Result<Option<Claim>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT telling.ordinal, telling.site, credits, told, first_seen
         FROM telling JOIN item USING (ordinal) WHERE telling.ordinal = ?1",
    )?;
    Ok(statement.query_row([ordinal], read_claim).optional()?)
}

fn read_claim(row: &rusqlite::Row<'_>) -> rusqlite::Result<Claim> {
    let site = |text: String| {
        text.parse::<SiteId>().map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, error.into())
        })
    };
    Ok(Claim {
        ordinal: unsigned(row.get(0)?),
        site: site(row.get(1)?)?,
        credits: row.get::<_, Option<String>>(2)?.map(site).transpose()?,
        posted: time(row.get(3)?).with_timezone(&BEIJING).date_naive(),
        first_seen: time(row.get(4)?),
    })
}

/// Those of the story that are public, `but` aside.
fn public(transaction: &Transaction<'_>, story: i64, but: i64) -> Result<Vec<i64>, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT ordinal FROM telling JOIN item USING (ordinal)
         WHERE story = ?1 AND ordinal <> ?2 AND state = 'live' ORDER BY place",
    )?;
    let rows = statement.query_map([story, but], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Since when items are told again for what is found out about them late.
fn recent(now: chrono::DateTime<chrono::Utc>) -> i64 {
    seconds(now - chrono::TimeDelta::days(WINDOW_DAYS))
}
