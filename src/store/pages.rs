//! Pages as they were seen, and article pages that are left alone for a while.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, params};
use url::Url;

use crate::model::{Page, Validators};

use super::row::{seconds, time};
use super::{SqliteStore, StoreError};

/// Compression level of kept pages: a good deal smaller at little cost.
const LEVEL: i32 = 6;
/// After the first failure an article is left alone for an hour, then twice as long each time.
const FIRST_WAIT_HOURS: i64 = 1;
/// At most a week.
const LONGEST_WAIT_HOURS: i64 = 7 * 24;

impl SqliteStore {
    /// Keeps the page seen at `url`, in place of an earlier one; `kind` is `list` or `article`.
    pub async fn keep_page(&self, url: &Url, kind: &str, page: &Page) -> Result<(), StoreError> {
        let (url, kind, page) = (url.to_string(), kind.to_owned(), page.clone());
        let body = zstd::encode_all(page.body.as_ref(), LEVEL)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        self.write(move |transaction| {
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO page VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                )?
                .execute(params![
                    url,
                    kind,
                    page.url.as_str(),
                    page.status,
                    page.content_type,
                    page.validators.etag,
                    page.validators.last_modified,
                    seconds(page.fetched),
                    body
                ])?;
            Ok(())
        })
        .await
    }

    /// The page last seen at `url`.
    pub async fn page(&self, url: &Url) -> Result<Option<Page>, StoreError> {
        let requested = url.clone();
        self.read(move |connection| {
            let found = connection
                .prepare_cached(
                    "SELECT final_url, status, content_type, etag, modified, fetched, body
                     FROM page WHERE url = ?1",
                )?
                .query_row([requested.as_str()], |row| {
                    Ok((
                        row.get::<_, String>(0)?,
                        row.get(1)?,
                        row.get(2)?,
                        Validators { etag: row.get(3)?, last_modified: row.get(4)? },
                        row.get(5)?,
                        row.get::<_, Vec<u8>>(6)?,
                    ))
                })
                .optional()?;
            let Some((url, status, content_type, validators, fetched, body)) = found else {
                return Ok(None);
            };
            let corrupt = |error: &dyn std::fmt::Display| StoreError::Corrupt(error.to_string());
            Ok(Some(Page {
                requested,
                url: Url::parse(&url).map_err(|error| corrupt(&error))?,
                status,
                content_type,
                body: zstd::decode_all(body.as_slice()).map_err(|error| corrupt(&error))?.into(),
                fetched: time(fetched),
                validators,
            }))
        })
        .await
    }

    /// What to send along when asking for `url` again; `None` without a kept page.
    pub async fn validators(&self, url: &Url) -> Result<Option<Validators>, StoreError> {
        let url = url.to_string();
        self.read(move |connection| {
            let found = connection
                .prepare_cached("SELECT etag, modified FROM page WHERE url = ?1")?
                .query_row([url], |row| {
                    Ok(Validators { etag: row.get(0)?, last_modified: row.get(1)? })
                })
                .optional()?;
            Ok(found.filter(|validators| !validators.is_empty()))
        })
        .await
    }

    /// Notes that the article at `url` could not be read, for the reason `code`.
    pub async fn visit(&self, url: &Url, code: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let (url, code) = (url.to_string(), code.to_owned());
        self.write(move |transaction| {
            let attempts: Option<u32> = transaction
                .prepare_cached("SELECT attempts FROM visit WHERE url = ?1")?
                .query_row([&url], |row| row.get(0))
                .optional()?;
            let attempts = attempts.unwrap_or(0).saturating_add(1);
            let hours = FIRST_WAIT_HOURS << (attempts - 1).min(10);
            let next_try = now + TimeDelta::hours(hours.min(LONGEST_WAIT_HOURS));
            transaction
                .prepare_cached("INSERT OR REPLACE INTO visit VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![url, code, attempts, seconds(next_try)])?;
            Ok(())
        })
        .await
    }

    /// Which of `urls` are still to be left alone.
    pub async fn waiting(
        &self,
        urls: Vec<Url>,
        now: DateTime<Utc>,
    ) -> Result<HashSet<Url>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM visit WHERE url = ?1 AND next_try > ?2)",
            )?;
            let mut waiting = HashSet::new();
            for url in urls {
                if statement.query_row(params![url.as_str(), seconds(now)], |row| row.get(0))? {
                    waiting.insert(url);
                }
            }
            Ok(waiting)
        })
        .await
    }
}
