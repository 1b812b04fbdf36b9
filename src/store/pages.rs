//! Pages as they were seen.

use rusqlite::{OptionalExtension, Transaction, params};
use url::Url;

use crate::model::{Page, Validators};

use super::row::{seconds, time};
use super::{SqliteStore, StoreError};

/// Compression level of kept pages: a good deal smaller at little cost.
const LEVEL: i32 = 6;
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
        self.write(move |transaction| packed.keep(transaction)).await
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
