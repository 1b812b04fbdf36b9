//! What is published: a record a document, and up to where item pages were rendered.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use crate::model::Seq;

use super::row::{seconds, time, unsigned};
use super::{SqliteStore, StoreError, archives};

/// What is published at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRecord {
    /// Strong validator of the bytes.
    pub etag: String,
    /// Media type.
    pub media_type: String,
    /// When the bytes last changed.
    pub modified: DateTime<Utc>,
}

/// A document that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its path.
    pub path: String,
    /// Validator of its bytes.
    pub etag: String,
    /// Its media type.
    pub media_type: String,
}

/// What stands after all paths below `folder`.
pub fn after_all(folder: &str) -> String {
    format!("{folder}\u{10ffff}")
}

impl SqliteStore {
    /// Notes that documents, paths with media types, are about to be written: until
    /// [`SqliteStore::record_documents`] nobody knows which bytes stand there.
    pub async fn expect_documents(&self, coming: Vec<(String, String)>) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let mut insert =
                transaction.prepare_cached("INSERT OR REPLACE INTO unsure VALUES (?1, ?2)")?;
            for (path, media_type) in coming {
                insert.execute([path, media_type])?;
            }
            Ok(())
        })
        .await
    }

    /// The documents that a kill left between writing and recording, with their media types.
    pub async fn unsure_documents(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT path, media_type FROM unsure ORDER BY path")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Notes what stands at its path from now on.
    ///
    /// The same bytes written again are no change that readers should hear of. Two changes never
    /// share a second, and a clock set back takes no date back: some readers go by Last-Modified
    /// alone.
    pub async fn record_documents(
        &self,
        written: Vec<Written>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let mut record = transaction.prepare_cached(
                "INSERT INTO document VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (path) DO UPDATE SET etag = excluded.etag,
                   media_type = excluded.media_type,
                   modified = max(excluded.modified, document.modified + 1)
                 WHERE document.etag <> excluded.etag
                    OR document.media_type <> excluded.media_type",
            )?;
            let mut sure = transaction.prepare_cached("DELETE FROM unsure WHERE path = ?1")?;
            for Written { path, etag, media_type } in written {
                record.execute(params![path, etag, media_type, seconds(now)])?;
                sure.execute([path])?;
            }
            Ok(())
        })
        .await
    }

    /// What is published at `path`.
    pub async fn document(&self, path: &str) -> Result<Option<DocumentRecord>, StoreError> {
        Ok(self.documents(vec![path.to_owned()]).await?.remove(path))
    }

    /// What is published at `paths`, by path; nothing for those at which nothing is.
    pub async fn documents(
        &self,
        paths: Vec<String>,
    ) -> Result<HashMap<String, DocumentRecord>, StoreError> {
        self.read(move |connection| {
            let sql = "SELECT etag, media_type, modified FROM document WHERE path = ?1";
            let mut statement = connection.prepare_cached(sql)?;
            let mut found = HashMap::with_capacity(paths.len());
            for path in paths {
                let record = statement.query_row([&path], |row| {
                    Ok(DocumentRecord {
                        etag: row.get(0)?,
                        media_type: row.get(1)?,
                        modified: time(row.get(2)?),
                    })
                });
                found.extend(record.optional()?.map(|record| (path, record)));
            }
            Ok(found)
        })
        .await
    }

    /// What is published after `path`, at most `limit` documents in the order of their paths.
    pub async fn documents_after(
        &self,
        path: &str,
        limit: u32,
    ) -> Result<Vec<(String, DocumentRecord)>, StoreError> {
        let path = path.to_owned();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT etag, media_type, modified, path FROM document WHERE path > ?1
                 ORDER BY path LIMIT ?2",
            )?;
            let rows = statement.query_map(params![path, limit], |row| {
                let record = DocumentRecord {
                    etag: row.get(0)?,
                    media_type: row.get(1)?,
                    modified: time(row.get(2)?),
                };
                Ok((row.get(3)?, record))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// How many documents are published below `folder`, which ends in `/` or is empty.
    pub async fn document_count(&self, folder: &str) -> Result<u64, StoreError> {
        let (first, last) = (folder.to_owned(), after_all(folder));
        self.read(move |connection| {
            let mut statement = connection
                .prepare_cached("SELECT count(*) FROM document WHERE path > ?1 AND path < ?2")?;
            Ok(statement.query_row([first, last], |row| Ok(unsigned(row.get(0)?)))?)
        })
        .await
    }

    /// Forgets documents that stand nowhere any more; pages of items and those archives are rendered
    /// anew then.
    pub async fn forget_documents(&self, paths: Vec<String>) -> Result<(), StoreError> {
        if paths.is_empty() {
            return Ok(());
        }
        self.write(move |transaction| {
            for path in paths {
                transaction.execute("DELETE FROM document WHERE path = ?1", [&path])?;
                transaction.execute("DELETE FROM unsure WHERE path = ?1", [&path])?;
                archives::unwrite(transaction, &path)?;
            }
            transaction.execute("DELETE FROM mark WHERE name = 'pages'", [])?;
            Ok(())
        })
        .await
    }

    /// The last change whose item page was rendered in the look `look`; 0 in any other look.
    pub async fn pages_rendered(&self, look: &str) -> Result<Seq, StoreError> {
        let look = look.to_owned();
        self.read(move |connection| {
            let value: Option<String> = connection
                .prepare_cached("SELECT value FROM mark WHERE name = 'pages'")?
                .query_row([], |row| row.get(0))
                .optional()?;
            let rendered = value.as_deref().and_then(|value| value.split_once(' '));
            Ok(rendered
                .filter(|(known, _)| *known == look)
                .and_then(|(_, seq)| seq.parse().ok())
                .unwrap_or(0))
        })
        .await
    }

    /// Notes that item pages were rendered in the look `look` up to the change `seq`.
    pub async fn set_pages_rendered(&self, look: &str, seq: Seq) -> Result<(), StoreError> {
        let value = format!("{look} {seq}");
        self.write(move |transaction| {
            transaction
                .prepare_cached("INSERT OR REPLACE INTO mark VALUES ('pages', ?1)")?
                .execute([value])?;
            Ok(())
        })
        .await
    }
}
