//! Held files that no item names any more.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use crate::model::Asset;

use super::super::assets::{asset_of, items_of, touch_all};
use super::super::row::{seconds, time, unsigned};
use super::super::{SqliteStore, StoreError};
use super::Amount;

/// A held file that no item names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdleFile {
    /// Which.
    pub asset: Asset,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// A file that some item shows now, or showed when it was released to a feed that keeps it so.
const IN_USE: &str = "EXISTS (SELECT 1 FROM original JOIN named ON named.url = original.url
      WHERE original.hash = asset.hash AND (named.current
        OR named.ordinal IN (SELECT ordinal FROM member WHERE revision IS NOT NULL)))";

/// The held files.
pub(super) fn held(connection: &Connection) -> Result<Amount, StoreError> {
    let sql = "SELECT count(*), coalesce(sum(size_bytes), 0) FROM asset WHERE NOT gone";
    let (count, bytes): (i64, i64) =
        connection.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Amount { count: unsigned(count), bytes: unsigned(bytes) })
}

impl SqliteStore {
    /// Notes which held files no item names, from `now` on where that is new.
    pub async fn note_idle_files(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |transaction| {
            transaction.execute(
                &format!(
                    "DELETE FROM idle WHERE hash NOT IN
                       (SELECT hash FROM asset WHERE NOT gone AND NOT {IN_USE})"
                ),
                [],
            )?;
            transaction.execute(
                &format!(
                    "INSERT INTO idle SELECT hash, ?1 FROM asset WHERE NOT gone AND NOT {IN_USE}
                     ON CONFLICT DO NOTHING"
                ),
                [seconds(now)],
            )?;
            Ok(())
        })
        .await
    }

    /// The held files that no item has named since before that time, the longest idle first.
    pub async fn idle_files(&self, before: DateTime<Utc>) -> Result<Vec<IdleFile>, StoreError> {
        self.read(move |connection| {
            let sql = "SELECT hash, since FROM idle WHERE since < ?1 ORDER BY since, hash";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([seconds(before)])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let (hash, since): (String, i64) = (row.get(0)?, row.get(1)?);
                let asset = asset_of(connection, &hash)?;
                found.extend(asset.map(|asset| IdleFile { asset, since: time(since) }));
            }
            Ok(found)
        })
        .await
    }

    /// Forgets a file whose bytes were removed. An item that names it by now has it fetched again.
    pub async fn forget_file(&self, asset: &Asset) -> Result<(), StoreError> {
        let (hash, path) = (asset.hash.to_string(), asset.path());
        self.write(move |transaction| {
            let items = items_of(transaction, &hash)?;
            transaction.execute(
                "UPDATE original SET hash = NULL, waiting = 1, attempts = 0, next_try = 0
                 WHERE hash = ?1",
                [&hash],
            )?;
            for (table, key) in [("asset", "hash"), ("idle", "hash")] {
                transaction.execute(&format!("DELETE FROM {table} WHERE {key} = ?1"), [&hash])?;
            }
            transaction.execute("DELETE FROM document WHERE path = ?1", params![path])?;
            touch_all(transaction, &items).map(drop)
        })
        .await
    }
}
