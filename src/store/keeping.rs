//! What the records take up, and what of them may go: kept pages, earlier revisions, files that no
//! item names, and traces of what is long over. Never an item.
//!
//! Each drop is a transaction of its own and repeats its condition: whatever changed since somebody
//! looked, nothing goes that is in use.

mod files;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use url::Url;

use crate::text::web;

use super::row::{seconds, time, unsigned};
use super::{SqliteStore, StoreError};
pub use files::IdleFile;

/// So many of its newest articles keep their page, of every column and however old: `replay`,
/// `explain` and whoever mends a rule want to see some.
const SAMPLES: u32 = 30;
/// What a row takes up beside its content, about.
const ROW_BYTES: u64 = 200;
/// What is dropped in one transaction: others write in between.
const BATCH: usize = 200;
/// Pages of the database given back in one transaction.
const GIVEN_BACK: u32 = 2_000;

/// How many there are, and how much they take up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// How many.
    pub count: u64,
    /// Their size.
    pub bytes: u64,
}

/// What the records take up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Items with their texts.
    pub items: Amount,
    /// Earlier revisions.
    pub revisions: Amount,
    /// Kept pages.
    pub pages: Amount,
    /// Pictures and manuscripts of issues.
    pub issues: Amount,
    /// Held files, which stand in the published folder.
    pub assets: Amount,
    /// The database as a file.
    pub database_bytes: u64,
    /// What of it is free to be used again.
    pub free_bytes: u64,
}

/// A kept page that may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OldPage {
    /// Its number; another page at the same address has another one.
    pub row: i64,
    /// When it was fetched.
    pub fetched: DateTime<Utc>,
    /// What it takes up.
    pub bytes: u64,
}

/// An earlier revision whose text may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OldRevision {
    /// Its item.
    pub ordinal: i64,
    /// Which.
    pub revision: u32,
    /// When the next one took its place.
    pub until: DateTime<Utc>,
    /// What it takes up.
    pub bytes: u64,
}

impl SqliteStore {
    /// What the records take up.
    pub async fn sizes(&self) -> Result<Sizes, StoreError> {
        self.read(|connection| {
            let amount = |sql: &str| -> Result<Amount, StoreError> {
                let (count, bytes): (i64, i64) = connection
                    .prepare_cached(sql)?
                    .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                let count = unsigned(count);
                Ok(Amount { count, bytes: unsigned(bytes) + count * ROW_BYTES })
            };
            let number = |name: &str| -> Result<u64, StoreError> {
                Ok(unsigned(connection.pragma_query_value(None, name, |row| row.get(0))?))
            };
            let page_bytes = number("page_size")?;
            let sum = |table: &str, what: &str| {
                format!("SELECT count(*), coalesce(sum(octet_length({what})), 0) FROM {table}")
            };
            let pictures = amount(&sum("issue_picture", "bytes"))?;
            let manuscripts = amount(&sum("manuscript", "content"))?;
            Ok(Sizes {
                items: amount(&sum("item", "content"))?,
                revisions: amount(&sum("revision WHERE content <> ''", "content"))?,
                pages: amount(&sum("page", "body"))?,
                issues: Amount {
                    count: pictures.count + manuscripts.count,
                    bytes: pictures.bytes + manuscripts.bytes,
                },
                assets: files::held(connection)?,
                database_bytes: number("page_count")? * page_bytes,
                free_bytes: number("freelist_count")? * page_bytes,
            })
        })
        .await
    }

    /// The kept article pages that may go, the oldest first: all but those of the newest articles of
    /// every column, of articles that are looked at again, and of rows that are still to be read.
    pub async fn old_pages(&self) -> Result<Vec<OldPage>, StoreError> {
        self.read(|connection| {
            let samples = samples(connection)?;
            let mut statement = connection.prepare_cached(
                "SELECT rowid, url, fetched, octet_length(body) FROM page
                 WHERE kind = 'article' ORDER BY fetched, rowid",
            )?;
            let mut rows = statement.query([])?;
            let mut pages = Vec::new();
            while let Some(row) = rows.next()? {
                let url: String = row.get(1)?;
                let is_sample = Url::parse(&url)
                    .is_ok_and(|url| samples.contains(web::normalised(&url).as_str()));
                if !is_sample {
                    pages.push(OldPage {
                        row: row.get(0)?,
                        fetched: time(row.get(2)?),
                        bytes: unsigned(row.get(3)?) + ROW_BYTES,
                    });
                }
            }
            Ok(pages)
        })
        .await
    }

    /// Drops `pages`, unless another page was kept at their address meanwhile; gives how many went.
    /// `seen` hears of each transaction.
    pub async fn drop_pages(
        &self,
        pages: &[OldPage],
        seen: impl Fn(usize),
    ) -> Result<usize, StoreError> {
        let mut dropped = 0;
        for some in pages.chunks(BATCH) {
            let some = some.to_vec();
            let count = self
                .write(move |transaction| {
                    let mut statement = transaction.prepare_cached(
                        "DELETE FROM page WHERE rowid = ?1 AND fetched = ?2 AND kind = 'article'",
                    )?;
                    let mut count = 0;
                    for page in some {
                        count += statement.execute(params![page.row, seconds(page.fetched)])?;
                    }
                    Ok(count)
                })
                .await?;
            dropped += count;
            seen(count);
        }
        Ok(dropped)
    }

    /// The earlier revisions whose text may go, the oldest first: neither the first one of an item,
    /// nor any of an item that an issue prints or that was released to a feed as it was then.
    pub async fn old_revisions(&self) -> Result<Vec<OldRevision>, StoreError> {
        self.read(|connection| {
            let sql = format!(
                "SELECT ordinal, revision, until, octet_length(content) FROM revision
                 WHERE {MAY_GO} ORDER BY until, ordinal, revision"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([], |row| {
                Ok(OldRevision {
                    ordinal: row.get(0)?,
                    revision: row.get(1)?,
                    until: time(row.get(2)?),
                    bytes: unsigned(row.get(3)?) + ROW_BYTES,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Drops the texts of `revisions`; that they were, and until when, stays known.
    pub async fn drop_revisions(
        &self,
        revisions: &[OldRevision],
        seen: impl Fn(usize),
    ) -> Result<usize, StoreError> {
        let mut dropped = 0;
        for some in revisions.chunks(BATCH) {
            let some = some.to_vec();
            let count = self
                .write(move |transaction| {
                    let mut statement = transaction.prepare_cached(&format!(
                        "UPDATE revision SET title = '', content = ''
                         WHERE ordinal = ?1 AND revision = ?2 AND {MAY_GO}"
                    ))?;
                    let mut count = 0;
                    for old in some {
                        count += statement.execute(params![old.ordinal, old.revision])?;
                    }
                    Ok(count)
                })
                .await?;
            dropped += count;
            seen(count);
        }
        Ok(dropped)
    }

    /// How many traces are over since before that time: problems that healed, failures of articles
    /// that nobody lists any more, runs of columns but their last ones.
    pub async fn old_records(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        self.read(move |connection| {
            let mut count = 0;
            for (table, condition) in RECORDS {
                let sql = format!("SELECT count(*) FROM {table} WHERE {condition}");
                let found: i64 = connection
                    .prepare_cached(&sql)?
                    .query_row([seconds(before)], |row| row.get(0))?;
                count += unsigned(found);
            }
            Ok(count)
        })
        .await
    }

    /// Drops what [`SqliteStore::old_records`] counts.
    pub async fn drop_records(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        self.write(move |transaction| {
            let mut count = 0;
            for (table, condition) in RECORDS {
                let sql = format!("DELETE FROM {table} WHERE {condition}");
                count += transaction.prepare_cached(&sql)?.execute([seconds(before)])?;
            }
            Ok(count)
        })
        .await
    }

    /// Gives free pages of the database back to the file system, a piece at a time; gives how many
    /// bytes went. A database that was made without that keeps them, and uses them again.
    pub async fn give_back(&self) -> Result<u64, StoreError> {
        let before = self.sizes_of_file().await?;
        loop {
            let (left, went) = self
                .writer
                .run(|connection| {
                    let free = |connection: &Connection| {
                        connection
                            .pragma_query_value(None, "freelist_count", |row| row.get::<_, i64>(0))
                    };
                    let had = free(connection)?;
                    connection
                        .execute_batch(&format!("PRAGMA incremental_vacuum({GIVEN_BACK})"))?;
                    let left = free(connection)?;
                    Ok((left, had - left))
                })
                .await?;
            if left == 0 || went <= 0 {
                break;
            }
        }
        self.close().await?;
        Ok(before.saturating_sub(self.sizes_of_file().await?))
    }

    /// Rewrites the database without its free pages. Nobody writes meanwhile, and the disk needs as
    /// much room again as the database takes up.
    pub async fn compact(&self) -> Result<(), StoreError> {
        self.writer
            .run(|connection| {
                connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
                connection.execute_batch("VACUUM")?;
                Ok(())
            })
            .await?;
        self.close().await
    }

    async fn sizes_of_file(&self) -> Result<u64, StoreError> {
        self.read(|connection| {
            let number = |name: &str| {
                connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map(unsigned)
            };
            Ok(number("page_count")? * number("page_size")?)
        })
        .await
    }
}

/// An earlier revision that nobody may ask for. What a feed or an issue froze names its revision
/// elsewhere, so that all of such an item stay.
const MAY_GO: &str = "revision > 1 AND content <> ''
    AND ordinal NOT IN (SELECT ordinal FROM member WHERE revision IS NOT NULL)
    AND ordinal NOT IN (SELECT item.ordinal FROM issue_item JOIN item ON item.id = issue_item.item)";

/// Tables of traces, and which of them are over.
const RECORDS: [(&str, &str); 5] = [
    ("problem", "healed < ?1"),
    ("visit", "next_try < ?1"),
    ("blemish", "last < ?1"),
    ("run_day", "day < date(?1, 'unixepoch')"),
    ("run", "started < ?1 AND id NOT IN (SELECT max(id) FROM run GROUP BY column_id)"),
];

/// The addresses whose pages stay, as [`web::normalised`] has them.
fn samples(connection: &Connection) -> Result<HashSet<String>, StoreError> {
    let mut columns = connection.prepare_cached("SELECT DISTINCT column_id FROM listed")?;
    let columns: Vec<String> =
        columns.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut newest = connection.prepare_cached(
        "SELECT ordinal FROM listed JOIN item USING (ordinal)
         WHERE column_id = ?1 AND state = 'live'
         ORDER BY listed.published DESC, listed.ordinal DESC LIMIT ?2",
    )?;
    let mut items: HashSet<i64> = HashSet::new();
    for column in columns {
        let ordinals = newest.query_map(params![column, SAMPLES], |row| row.get(0))?;
        for ordinal in ordinals {
            items.insert(ordinal?);
        }
    }
    let mut addresses = HashSet::new();
    let mut aliases = connection.prepare_cached("SELECT ordinal, address FROM alias")?;
    let mut rows = aliases.query([])?;
    while let Some(row) = rows.next()? {
        if items.contains(&row.get(0)?) {
            addresses.insert(row.get(1)?);
        }
    }
    let waiting = "SELECT url FROM watch WHERE due IS NOT NULL UNION SELECT url FROM pending";
    let mut waiting = connection.prepare_cached(waiting)?;
    let urls = waiting.query_map([], |row| row.get::<_, String>(0))?;
    for url in urls {
        addresses.extend(Url::parse(&url?).ok().map(|url| web::normalised(&url)));
    }
    Ok(addresses)
}
