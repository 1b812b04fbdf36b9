//! What is kept with an issue: manuscripts, pictures, covers.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use chrono::NaiveDate;
use rusqlite::{OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::model::{Chosen, Image, IssueId, Material};

use super::super::{SqliteStore, StoreError};
use super::corrupt;

/// A text that was added to an issue by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredManuscript {
    /// The name of the file that it came in.
    pub file: String,
    /// Its title.
    pub title: String,
    /// 来源.
    pub credit: Option<String>,
    /// 作者.
    pub author: Option<String>,
    /// The day it is dated.
    pub posted: Option<NaiveDate>,
    /// Sanitised body HTML.
    pub html: String,
    /// Body text, one paragraph a line.
    pub text: String,
    /// Pictures in reading order; their bytes are kept with the issue.
    pub images: Vec<Image>,
}

impl SqliteStore {
    /// Keeps a manuscript of the issue `id` under `key`; its pictures are kept beside it.
    pub async fn keep_manuscript(
        &self,
        id: &IssueId,
        key: &str,
        manuscript: StoredManuscript,
    ) -> Result<(), StoreError> {
        let (id, key) = (id.clone(), key.to_owned());
        self.write(move |transaction| {
            transaction.execute(
                "INSERT OR REPLACE INTO manuscript VALUES (?1, ?2, ?3, ?4)",
                params![id.digest, id.total, key, serde_json::to_string(&manuscript)?],
            )?;
            Ok(())
        })
        .await
    }

    /// The manuscripts of the issue `id`, by key.
    pub async fn manuscripts(
        &self,
        id: &IssueId,
    ) -> Result<BTreeMap<String, StoredManuscript>, StoreError> {
        let id = id.clone();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT key, content FROM manuscript WHERE digest = ?1 AND total = ?2",
            )?;
            let mut rows = statement.query(params![id.digest, id.total])?;
            let mut found = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let text = row.get_ref(1)?.as_str().map_err(corrupt)?;
                found.insert(row.get(0)?, serde_json::from_str(text)?);
            }
            Ok(found)
        })
        .await
    }

    /// Keeps pictures with the issue `id` that are not held otherwise.
    pub async fn keep_issue_pictures(
        &self,
        id: &IssueId,
        pictures: Vec<(String, Bytes)>,
    ) -> Result<(), StoreError> {
        let id = id.clone();
        self.write(move |transaction| {
            for (address, bytes) in pictures {
                transaction.execute(
                    "INSERT OR REPLACE INTO issue_picture VALUES (?1, ?2, ?3, ?4)",
                    params![id.digest, id.total, address, &bytes[..]],
                )?;
            }
            Ok(())
        })
        .await
    }

    /// The picture at `address` that is kept with the issue `id`.
    pub async fn issue_picture(
        &self,
        id: &IssueId,
        address: &str,
    ) -> Result<Option<Bytes>, StoreError> {
        let (id, address) = (id.clone(), address.to_owned());
        self.read(move |connection| {
            let bytes: Option<Vec<u8>> = connection
                .prepare_cached(
                    "SELECT bytes FROM issue_picture
                     WHERE digest = ?1 AND total = ?2 AND address = ?3",
                )?
                .query_row(params![id.digest, id.total, address], |row| row.get(0))
                .optional()?;
            Ok(bytes.map(Bytes::from))
        })
        .await
    }
}

/// Erases the manuscripts of the issue that it no longer prints, with their pictures.
pub(super) fn drop_others(
    transaction: &Transaction<'_>,
    id: &IssueId,
    chosen: &[Chosen],
) -> Result<(), StoreError> {
    let mut statement = transaction
        .prepare_cached("SELECT key FROM manuscript WHERE digest = ?1 AND total = ?2")?;
    let keys: Vec<String> = statement
        .query_map(params![id.digest, id.total], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let prints = |key: &String| {
        let is_it = |chosen: &Chosen| {
            chosen.key == *key && matches!(chosen.from, Material::Manuscript { .. })
        };
        chosen.iter().any(is_it)
    };
    for key in keys.iter().filter(|key| !prints(key)) {
        transaction.execute(
            "DELETE FROM manuscript WHERE digest = ?1 AND total = ?2 AND key = ?3",
            params![id.digest, id.total, key],
        )?;
        let of_it = format!("manuscript:{key}/");
        transaction.execute(
            "DELETE FROM issue_picture
             WHERE digest = ?1 AND total = ?2 AND substr(address, 1, length(?3)) = ?3",
            params![id.digest, id.total, of_it],
        )?;
    }
    Ok(())
}

/// Takes the pictures that go by these hashes and addresses out of all issues; gives the issues.
pub(in crate::store) fn drop_pictures(
    transaction: &Transaction<'_>,
    names: &[String],
) -> Result<Vec<IssueId>, StoreError> {
    let mut issues = BTreeSet::new();
    for name in names {
        let mut statement = transaction.prepare_cached(
            "DELETE FROM issue_picture
             WHERE address = ?1 OR address IN (SELECT url FROM original WHERE hash = ?1)
             RETURNING digest, total",
        )?;
        let of = |row: &rusqlite::Row<'_>| Ok(IssueId { digest: row.get(0)?, total: row.get(1)? });
        issues.extend(statement.query_map([name], of)?.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(issues.into_iter().collect())
}
