//! Which items tell the same story, and who of them stands for it.
//!
//! An item that is new or changed is compared with those of other sites that an index names: by the
//! words of the title, and by five marks of the text. `text::story` decides; here it is only kept.
//! A story has one item of each site: what a site says twice, it means to say twice, and notices of
//! one site are the ones most alike.

mod adoptions;
mod claims;
mod gather;
mod names;
mod nearest;
mod tellers;
#[cfg(test)]
mod tests;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::model::{Item, ItemState, Withdrawal};
use crate::text::story::Sketch;

use super::StoreError;
use super::items::Scope;
use super::queue::Queue;
use super::row::{COLUMNS, item, seconds, signed};
use super::save::touch;
use super::withdrawals::announce;

pub use adoptions::Adoption;
pub use tellers::Teller;
pub(super) use tellers::told_by;

use claims::{claims, public, rank};
use nearest::{WINDOW_DAYS, nearest, note, stays};

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
    Queue::Retold.append(transaction, ordinal)
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

/// Since when items are told again for what is found out about them late.
fn recent(now: chrono::DateTime<chrono::Utc>) -> i64 {
    seconds(now - chrono::TimeDelta::days(WINDOW_DAYS))
}
