//! Stories of items that were stored before stories were looked for, and what is to be published
//! because of stories.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::model::{ColumnId, Item, Seq};

use super::super::queue::Queue;
use super::super::row::signed;
use super::super::{SqliteStore, StoreError};
use super::{place, recent, retell};

/// Items looked at in one transaction: others write in between.
const BATCH: u32 = 50;
/// The mark up to which item that was done; it is there only until all were.
const MARK: &str = "stories";

impl SqliteStore {
    /// Looks at the next of the items that were there before stories were looked for; true while
    /// there are more.
    ///
    /// Those of the last weeks are told to clients again where their story is told by others, too;
    /// older ones are not: that a year-old article was reprinted is no reason to fetch it anew.
    pub async fn gather_stories(&self, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let begun: bool = self
            .read(|connection| {
                let sql = "SELECT EXISTS (SELECT 1 FROM mark WHERE name = ?1)";
                Ok(connection.prepare_cached(sql)?.query_row([MARK], |row| row.get(0))?)
            })
            .await?;
        if !begun {
            return Ok(false);
        }
        self.write(move |transaction| gather(transaction, recent(now))).await
    }

    /// Whether nothing happened to `item` after the change `after` but that its story is told by
    /// others, too, or no longer: no news to those who wait for news.
    pub async fn is_only_retold(&self, item: &Item, after: Seq) -> Result<bool, StoreError> {
        let asked = [signed(item.ordinal), signed(item.seq), signed(after)];
        self.read(move |connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM telling
                         WHERE ordinal = ?1 AND quiet = ?2 AND loud <= ?3)";
            Ok(connection.prepare_cached(sql)?.query_row(asked, |row| row.get(0))?)
        })
        .await
    }

    /// The columns whose feeds show items otherwise because of their stories, or because the run of
    /// another column changed them, and the number under
    /// which [`SqliteStore::published_retold`] takes that in.
    pub async fn retold(&self) -> Result<(BTreeSet<ColumnId>, i64), StoreError> {
        self.read(|connection| Queue::Retold.waiting(connection)).await
    }

    /// Notes that what stood up to `number` in [`SqliteStore::retold`] is published.
    pub async fn published_retold(&self, number: i64) -> Result<(), StoreError> {
        self.write(move |transaction| Queue::Retold.strike_out(transaction, number)).await
    }
}

fn gather(transaction: &Transaction<'_>, since: i64) -> Result<bool, StoreError> {
    let after: Option<i64> = transaction
        .prepare_cached("SELECT CAST(value AS INTEGER) FROM mark WHERE name = ?1")?
        .query_row([MARK], |row| row.get(0))
        .optional()?;
    let Some(after) = after else { return Ok(false) };
    let items: Vec<(i64, bool)> = transaction
        .prepare_cached(
            "SELECT ordinal, EXISTS (SELECT 1 FROM telling WHERE telling.ordinal = item.ordinal)
             FROM item WHERE ordinal > ?1 ORDER BY ordinal LIMIT ?2",
        )?
        .query_map(params![after, BATCH], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let Some(&(last, _)) = items.last() else {
        transaction.execute("DELETE FROM mark WHERE name = ?1", [MARK])?;
        return Ok(false);
    };
    for ordinal in items.into_iter().filter(|(_, known)| !known).map(|(ordinal, _)| ordinal) {
        let others = place(transaction, ordinal)?;
        let own = if others.is_empty() { None } else { Some(ordinal) };
        for shown in others.into_iter().chain(own) {
            let is_recent: bool = transaction
                .prepare_cached("SELECT first_seen >= ?2 FROM item WHERE ordinal = ?1")?
                .query_row([shown, since], |row| row.get(0))?;
            if is_recent {
                retell(transaction, shown)?;
            }
        }
    }
    transaction
        .prepare_cached("UPDATE mark SET value = ?2 WHERE name = ?1")?
        .execute(params![MARK, last.to_string()])?;
    Ok(true)
}
