//! Taking items back, and bringing them back.
//!
//! A withdrawn item keeps its id, its addresses and its place in columns and selections, and its
//! text for as long as it may be restored; no query for readers gives more than the fact. A purged
//! one keeps nothing but id, addresses and the fact.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Transaction, params};
use url::Url;

use crate::model::{Cause, ColumnId, ItemId, Selection, Tombstone};
use crate::text::web;

use super::items::scopes;
use super::queue::Queue;
use super::row::{cause, seconds, time, unsigned};
use super::save::touch;
use super::{SqliteStore, StoreError, issues, stories};

/// A withdrawal to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taking {
    /// Why.
    pub why: Cause,
    /// Who wants it, where a person does.
    pub by: Option<String>,
    /// What is said about it, for operators.
    pub reason: Option<String>,
}

impl Taking {
    /// A withdrawal because the origin has the article no more.
    pub fn gone() -> Self {
        Self { why: Cause::Gone, by: None, reason: None }
    }
}

impl SqliteStore {
    /// Withdraws `ids` together; gives those of which anything changed. What was withdrawn as gone
    /// can be withdrawn by hand on top of it, not the other way round.
    pub async fn withdraw(
        &self,
        ids: Vec<ItemId>,
        taking: Taking,
        now: DateTime<Utc>,
    ) -> Result<Vec<ItemId>, StoreError> {
        self.write(move |transaction| {
            let mut taken = Vec::new();
            for id in ids {
                if take(transaction, &id, &taking, now)? {
                    taken.push(id);
                }
            }
            Ok(taken)
        })
        .await
    }

    /// Brings withdrawn items back; gives those that were, which leaves out purged ones.
    pub async fn restore(&self, ids: Vec<ItemId>) -> Result<Vec<ItemId>, StoreError> {
        self.write(move |transaction| {
            let mut restored = Vec::new();
            for id in ids {
                let Some((ordinal, _)) = place(transaction, &id)? else { continue };
                if bring_back(transaction, ordinal)? {
                    leave_alone(transaction, ordinal)?;
                    restored.push(id);
                }
            }
            Ok(restored)
        })
        .await
    }

    /// Erases title, text, revisions and kept pages of `ids`, which are withdrawn by that if they
    /// were not; gives those that had anything to erase. It cannot be undone.
    pub async fn purge(
        &self,
        ids: Vec<ItemId>,
        taking: Taking,
        now: DateTime<Utc>,
    ) -> Result<Vec<ItemId>, StoreError> {
        let purged = self
            .write(move |transaction| {
                let mut purged = Vec::new();
                for id in ids {
                    take(transaction, &id, &taking, now)?;
                    let Some((ordinal, _)) = place(transaction, &id)? else { continue };
                    if erase(transaction, ordinal)? {
                        purged.push(id);
                    }
                }
                Ok(purged)
            })
            .await?;
        // The log still has what was written over.
        self.close().await?;
        Ok(purged)
    }

    /// What was withdrawn of `selection` at or after `since`, the last first. Items that were never
    /// public leave nothing.
    pub async fn withdrawn(
        &self,
        selection: &Selection,
        since: DateTime<Utc>,
    ) -> Result<Vec<Tombstone>, StoreError> {
        let scopes = scopes(selection);
        self.read(move |connection| {
            let mut found = BTreeMap::new();
            for scope in &scopes {
                let sql = format!(
                    "SELECT id, taken, cause, seq, item.first_seen FROM {}",
                    scope.withdrawn()
                );
                let mut statement = connection.prepare_cached(&sql)?;
                let mut rows = statement.query(params![scope.name(), seconds(since)])?;
                while let Some(row) = rows.next()? {
                    let tombstone = Tombstone {
                        id: ItemId::from_tag_uri(row.get(0)?),
                        when: time(row.get(1)?),
                        why: cause(&row.get::<_, String>(2)?),
                        seq: unsigned(row.get(3)?),
                        first_seen: time(row.get(4)?),
                    };
                    found.insert((tombstone.when, tombstone.seq), tombstone);
                }
            }
            Ok(found.into_values().rev().collect())
        })
        .await
    }

    /// Whether the item `key` of `site` is withdrawn; `None` where readers never heard of it.
    pub async fn is_withdrawn(&self, site: &str, key: &str) -> Result<Option<bool>, StoreError> {
        let (site, key) = (site.to_owned(), key.to_owned());
        self.read(move |connection| {
            let state: Option<String> = connection
                .prepare_cached("SELECT state FROM item WHERE site = ?1 AND key = ?2")?
                .query_row([site, key], |row| row.get(0))
                .optional()?;
            Ok(match state.as_deref() {
                Some("live") => Some(false),
                Some("withdrawn") => Some(true),
                _ => None,
            })
        })
        .await
    }

    /// The columns of which something is to be published out of turn, and the number under which
    /// [`SqliteStore::published_out_of_turn`] takes that in.
    pub async fn unpublished(&self) -> Result<(BTreeSet<ColumnId>, i64), StoreError> {
        self.read(|connection| Queue::OutOfTurn.waiting(connection)).await
    }

    /// Notes that what stood up to `number` in [`SqliteStore::unpublished`] is published.
    pub async fn published_out_of_turn(&self, number: i64) -> Result<(), StoreError> {
        self.write(move |transaction| Queue::OutOfTurn.strike_out(transaction, number)).await
    }
}

/// Ordinal and state of the item `id`.
fn place(transaction: &Transaction<'_>, id: &ItemId) -> Result<Option<(i64, String)>, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT ordinal, state FROM item WHERE id = ?1")?
        .query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

pub(super) fn take(
    transaction: &Transaction<'_>,
    id: &ItemId,
    taking: &Taking,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let Some((ordinal, state)) = place(transaction, id)? else { return Ok(false) };
    let state = match state.as_str() {
        "live" | "withdrawn" => "withdrawn",
        _ => "dropped",
    };
    let taken = transaction
        .prepare_cached(
            "INSERT INTO withdrawal VALUES (?1, ?2, ?3, ?4, ?5, 0)
             ON CONFLICT (ordinal) DO UPDATE SET cause = excluded.cause,
               person = excluded.person, reason = excluded.reason
             WHERE withdrawal.cause = 'gone' AND excluded.cause <> 'gone'",
        )?
        .execute(params![ordinal, seconds(now), taking.why.as_str(), taking.by, taking.reason])?;
    if taken == 0 {
        return Ok(false);
    }
    transaction
        .prepare_cached("UPDATE item SET state = ?2 WHERE ordinal = ?1")?
        .execute(params![ordinal, state])?;
    if taking.why == Cause::ByHand {
        leave_alone(transaction, ordinal)?;
    }
    touch(transaction, ordinal)?;
    announce(transaction, ordinal)?;
    stories::tell_others(transaction, ordinal)?;
    Ok(true)
}

/// Where a person decided, nobody asks the origin any more.
fn leave_alone(transaction: &Transaction<'_>, ordinal: i64) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "UPDATE watch SET due = NULL, missed = 0, signs = 0, first_sign = NULL, calm = ?2
             WHERE ordinal = ?1",
        )?
        .execute([ordinal, i64::MAX])?;
    Ok(())
}

/// Makes a withdrawn item what it was; false where it is none, or nothing is left of it.
pub(super) fn bring_back(transaction: &Transaction<'_>, ordinal: i64) -> Result<bool, StoreError> {
    let gone = transaction
        .prepare_cached("DELETE FROM withdrawal WHERE ordinal = ?1 AND purged = 0")?
        .execute([ordinal])?;
    if gone == 0 {
        return Ok(false);
    }
    transaction
        .prepare_cached(
            "UPDATE item SET state = CASE state WHEN 'dropped' THEN 'held' ELSE 'live' END
             WHERE ordinal = ?1",
        )?
        .execute([ordinal])?;
    touch(transaction, ordinal)?;
    announce(transaction, ordinal)?;
    stories::tell_others(transaction, ordinal)?;
    Ok(true)
}

/// Asks for the feeds that hold the item to be published out of turn.
pub(super) fn announce(transaction: &Transaction<'_>, ordinal: i64) -> Result<(), StoreError> {
    Queue::OutOfTurn.append(transaction, ordinal)
}

/// Erases all that says what the item was; its addresses stay, so that it is not taken in anew.
fn erase(transaction: &Transaction<'_>, ordinal: i64) -> Result<bool, StoreError> {
    let erased = transaction
        .execute("UPDATE withdrawal SET purged = 1 WHERE ordinal = ?1 AND purged = 0", [ordinal])?;
    if erased == 0 {
        return Ok(false);
    }
    erase_pages(transaction, ordinal)?;
    stories::forget(transaction, ordinal)?;
    issues::forget(transaction, ordinal)?;
    transaction.execute(
        "UPDATE item SET title = '', hash = '', content = json_object(
           'url', json_extract(content, '$.url'), 'attribution', '', 'breadcrumb', json_array(),
           'html', '', 'text', '', 'summary', '', 'images', json_array(),
           'attachments', json_array())
         WHERE ordinal = ?1",
        [ordinal],
    )?;
    transaction.execute("UPDATE listed SET title = '' WHERE ordinal = ?1", [ordinal])?;
    for table in ["revision", "held_revision", "watch"] {
        transaction.execute(&format!("DELETE FROM {table} WHERE ordinal = ?1"), [ordinal])?;
    }
    touch(transaction, ordinal)?;
    announce(transaction, ordinal)?;
    Ok(true)
}

/// Erases the pages the item was read from, the lists of its site, which name it, and the row of
/// the list that may still wait to be read.
fn erase_pages(transaction: &Transaction<'_>, ordinal: i64) -> Result<(), StoreError> {
    let mut statement = transaction.prepare("SELECT address FROM alias WHERE ordinal = ?1")?;
    let own: BTreeSet<String> =
        statement.query_map([ordinal], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let hosts: BTreeSet<&str> =
        own.iter().filter_map(|address| address.split(['/', ':']).next()).collect();
    let mut statement = transaction.prepare("SELECT url, final_url, kind FROM page")?;
    let mut rows = statement.query([])?;
    let mut doomed: Vec<String> = Vec::new();
    while let Some(row) = rows.next()? {
        let (url, found): (String, String) = (row.get(0)?, row.get(1)?);
        let is_list = row.get::<_, String>(2)? == "list";
        let is_own = [&url, &found].into_iter().filter_map(|url| Url::parse(url).ok()).any(|url| {
            match is_list {
                true => hosts.contains(web::bare_host(&url).as_str()),
                false => own.contains(&web::normalised(&url)),
            }
        });
        if is_own {
            doomed.push(url);
        }
    }
    for url in doomed {
        transaction.execute("DELETE FROM page WHERE url = ?1", [url])?;
    }
    let mut statement = transaction.prepare("SELECT column_id, url FROM pending")?;
    let waiting: Vec<(String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (column, url) in waiting {
        if Url::parse(&url).is_ok_and(|url| own.contains(&web::normalised(&url))) {
            transaction
                .execute("DELETE FROM pending WHERE column_id = ?1 AND url = ?2", [column, url])?;
        }
    }
    Ok(())
}
