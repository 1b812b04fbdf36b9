//! Which articles are looked at again, and what became of it.
//!
//! A new article is looked at a few times; one that its list lacks between others that it still has
//! is looked at once that was so several times. What its site says to be gone, several times and
//! over some time, is withdrawn; when it is back, it comes back.

mod settle;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};
use url::Url;

use crate::model::{ColumnId, ItemId, Posted};

use super::row::{COLUMNS, item, seconds, time};
use super::{SqliteStore, StoreError};

pub(super) use settle::{begin, settle};

/// An article to be looked at.
#[derive(Clone, Debug)]
pub struct Look {
    /// Its item.
    pub id: ItemId,
    /// Its address as the list had it.
    pub url: Url,
    /// Its title as the list has it.
    pub title: String,
    /// The date of the item.
    pub posted: Option<Posted>,
    /// When the item came.
    pub first_seen: DateTime<Utc>,
}

/// What a look gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The article.
    There,
    /// The site says that there is none.
    Gone,
    /// Nothing that says either.
    Unsure,
}

/// Which items a reading of a list found there.
#[derive(Clone, Debug, Default)]
pub enum Sighted {
    /// No list was read, or it does not matter.
    #[default]
    Unknown,
    /// The list is the one of last time.
    Same,
    /// These, on the pages that were read.
    These(Vec<ItemId>),
}

/// How patiently an article is looked for.
#[derive(Clone, Debug, Default)]
pub struct Patience {
    /// Missed in so many lists before it is asked for; then so many answers.
    pub polls: u32,
    /// Seconds from the first answer to the last, at least.
    pub spread_s: i64,
    /// Seconds from an article's arrival to each look, soonest first.
    pub looks_s: Vec<i64>,
}

impl SqliteStore {
    /// Articles of `column` that are to be looked at now, the longest due first.
    pub async fn due_looks(
        &self,
        column: &ColumnId,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Look>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, watch.url AS look_url,
               (SELECT title FROM listed
                WHERE listed.ordinal = item.ordinal AND column_id = ?1) AS look_title
             FROM watch JOIN item USING (ordinal)
             WHERE watch.column_id = ?1 AND due <= {} ORDER BY due, watch.ordinal LIMIT ?2",
            seconds(now)
        );
        self.looks(sql, column, limit).await
    }

    /// Live articles of `column` that nobody misses, newest first.
    pub async fn other_looks(
        &self,
        column: &ColumnId,
        limit: usize,
    ) -> Result<Vec<Look>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, watch.url AS look_url, listed.title AS look_title
             FROM listed JOIN item USING (ordinal) LEFT JOIN watch USING (ordinal)
             WHERE listed.column_id = ?1 AND state = 'live' AND partial = 0
               AND coalesce(watch.signs, 0) = 0
             ORDER BY listed.published DESC, listed.ordinal DESC LIMIT ?2"
        );
        self.looks(sql, column, limit).await
    }

    async fn looks(
        &self,
        sql: String,
        column: &ColumnId,
        limit: usize,
    ) -> Result<Vec<Look>, StoreError> {
        let column = column.to_string();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![column, limit])?;
            let mut looks = Vec::new();
            while let Some(row) = rows.next()? {
                let item = item(row)?;
                let url: Option<String> = row.get("look_url")?;
                let url = url.and_then(|url| Url::parse(&url).ok()).unwrap_or(item.url);
                let title: Option<String> = row.get("look_title")?;
                looks.push(Look {
                    id: item.id,
                    url,
                    title: title.unwrap_or(item.title),
                    posted: item.posted,
                    first_seen: item.first_seen,
                });
            }
            Ok(looks)
        })
        .await
    }

    /// How many live articles of `column`, `except` these, were said to be gone already.
    pub async fn suspects(
        &self,
        column: &ColumnId,
        except: HashSet<ItemId>,
    ) -> Result<usize, StoreError> {
        let column = column.to_string();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id FROM watch JOIN item USING (ordinal)
                 WHERE watch.column_id = ?1 AND signs > 0 AND state = 'live'",
            )?;
            let ids = statement.query_map([column], |row| row.get(0))?;
            let ids: Vec<String> = ids.collect::<Result<_, _>>()?;
            Ok(ids
                .into_iter()
                .filter(|id| !except.contains(&ItemId::from_tag_uri(id.clone())))
                .count())
        })
        .await
    }

    /// How many live items `column` has, `most` at most.
    pub async fn listed_count(&self, column: &ColumnId, most: usize) -> Result<usize, StoreError> {
        let column = column.to_string();
        self.read(move |connection| {
            let sql = "SELECT count(*) FROM (SELECT 1 FROM listed JOIN item USING (ordinal)
                       WHERE column_id = ?1 AND state = 'live' LIMIT ?2)";
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let count: i64 = connection
                .prepare_cached(sql)?
                .query_row(params![column, most], |row| row.get(0))?;
            Ok(usize::try_from(count).unwrap_or(0))
        })
        .await
    }

    /// Since when so many articles of `column` are gone that none was believed to be.
    pub async fn doubted_since(
        &self,
        column: &ColumnId,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let name = doubt_mark(column);
        self.read(move |connection| {
            let sql = "SELECT CAST(value AS INTEGER) FROM mark WHERE name = ?1";
            let since = connection.prepare_cached(sql)?.query_row([name], |row| row.get(0));
            Ok(since.optional()?.map(time))
        })
        .await
    }
}

fn doubt_mark(column: &ColumnId) -> String {
    format!("many gone {column}")
}
