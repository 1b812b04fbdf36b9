//! Pages as they were seen.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, Transaction, params};
use url::Url;

use crate::model::{Page, Validators};

use super::row::{seconds, time};
use super::{SqliteStore, StoreError};

/// Compression level of kept pages: a good deal smaller at little cost.
const LEVEL: i32 = 6;
/// A page that ends in the middle is believed once it ended so for so long (minutes): whatever cut
/// it off has passed by then.
const BROKEN_OFF_MINUTES: i64 = 30;
/// For so long (days) it is remembered that a page ended in the middle.
const BROKEN_OFF_DAYS: i64 = 90;

/// How a page ended that ended in the middle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenOff {
    /// How much came.
    pub size_bytes: usize,
    /// What came last, as a hash.
    pub ending: String,
}

/// A page ready to be kept.
pub(super) struct Packed {
    url: String,
    kind: &'static str,
    page: Page,
    body: Vec<u8>,
}

impl Packed {
    /// Compresses the page seen at `url`; `kind` is `list` or `article`.
    pub(super) fn new(url: &Url, kind: &'static str, page: &Page) -> Result<Self, StoreError> {
        let body = zstd::encode_all(page.body.as_ref(), LEVEL)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(Self { url: url.to_string(), kind, page: page.clone(), body })
    }

    pub(super) fn keep(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO page VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                self.url,
                self.kind,
                self.page.url.as_str(),
                self.page.status,
                self.page.content_type,
                self.page.validators.etag,
                self.page.validators.last_modified,
                seconds(self.page.fetched),
                self.body
            ])?;
        Ok(())
    }
}

impl SqliteStore {
    /// Keeps the article page seen at `url`, in place of an earlier one.
    pub async fn keep_article(&self, url: &Url, page: &Page) -> Result<(), StoreError> {
        let packed = Packed::new(url, "article", page)?;
        self.write(move |transaction| {
            transaction
                .prepare_cached("DELETE FROM broken_off WHERE url = ?1")?
                .execute([&packed.url])?;
            packed.keep(transaction)
        })
        .await
    }

    /// Notes that the article page at `url` ended in the middle at `now`; true where it ended so
    /// some time ago, too: a cut falls anywhere, and a template that closes nothing ends alike.
    pub async fn broke_off_before(
        &self,
        url: &Url,
        end: BrokenOff,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let url = url.to_string();
        let size_bytes = i64::try_from(end.size_bytes).unwrap_or(i64::MAX);
        self.write(move |transaction| {
            let since: Option<i64> = transaction
                .prepare_cached(
                    "SELECT since FROM broken_off
                     WHERE url = ?1 AND (ending = ?2 OR size_bytes = ?3) AND since <= ?4",
                )?
                .query_row(params![url, end.ending, size_bytes, seconds(now)], |row| row.get(0))
                .optional()?;
            transaction
                .prepare_cached("DELETE FROM broken_off WHERE since < ?1")?
                .execute([seconds(now - TimeDelta::days(BROKEN_OFF_DAYS))])?;
            let since = since.unwrap_or(seconds(now));
            transaction
                .prepare_cached("INSERT OR REPLACE INTO broken_off VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![url, since, size_bytes, end.ending])?;
            Ok(now - time(since) >= TimeDelta::minutes(BROKEN_OFF_MINUTES))
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreOptions;

    #[tokio::test]
    async fn a_page_that_ends_alike_some_time_later_did_so_before() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
        let url = Url::parse("http://a.test/1.html").unwrap();
        let begin: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
        let came = async |minutes, size_bytes, ending: &str| {
            let end = BrokenOff { size_bytes, ending: ending.to_owned() };
            let now = begin + TimeDelta::minutes(minutes);
            store.broke_off_before(&url, end, now).await.unwrap()
        };
        assert!(!came(0, 100, "a").await);
        assert!(!came(29, 100, "a").await, "whatever cut it off may still do so");
        assert!(!came(60, 120, "b").await, "it ends elsewhere");
        assert!(!came(61, 130, "b").await);
        assert!(came(90, 140, "b").await, "it ends alike");
        assert!(came(91, 140, "c").await, "it is as long");
        assert!(!came(-60, 140, "c").await, "the clock was wrong");
        assert!(came(0, 140, "c").await);
        let page = Page {
            requested: url.clone(),
            url: url.clone(),
            status: 200,
            content_type: None,
            body: Vec::new().into(),
            fetched: begin,
            validators: Validators::default(),
        };
        store.keep_article(&url, &page).await.unwrap();
        assert!(!came(200, 140, "c").await, "it came whole in between");
    }
}
