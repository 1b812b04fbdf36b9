//! The writing of single items: anew, as a revision, in place, or to wait.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use regex::{Captures, Regex};
use rusqlite::{Transaction, params};
use url::Url;

use crate::model::{Draft, Extent};
use crate::text::web;

use super::super::StoreError;
use super::super::findings::{Amend, Terms};
use super::super::row::{Content, seconds};
use super::Stored;

/// Puts a draft in place of what is held.
pub(super) fn overwrite(
    transaction: &Transaction<'_>,
    ordinal: i64,
    draft: &Draft,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "UPDATE item SET hash = ?2, partial = ?3, title = ?4, content = ?5 WHERE ordinal = ?1",
        )?
        .execute(params![
            ordinal,
            draft.hash,
            draft.partial,
            draft.title,
            serde_json::to_string(&Content::from(draft))?
        ])?;
    Ok(())
}

/// Keeps a revision until it is released; the last one read is the one that waits, since when the
/// first did.
pub(super) fn wait(
    transaction: &Transaction<'_>,
    ordinal: i64,
    draft: &Draft,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO held_revision VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (ordinal) DO UPDATE SET hash = excluded.hash,
               partial = excluded.partial, title = excluded.title, content = excluded.content",
        )?
        .execute(params![
            ordinal,
            seconds(now),
            draft.hash,
            draft.partial,
            draft.title,
            serde_json::to_string(&Content::from(draft))?
        ])?;
    Ok(())
}

/// Of an item that stands in a column which permits the summary only, no more is given; true where
/// that is news.
pub(super) fn limit(
    transaction: &Transaction<'_>,
    ordinal: i64,
    extent: Extent,
) -> Result<bool, StoreError> {
    if extent == Extent::Full {
        return Ok(false);
    }
    let changed = transaction
        .prepare_cached(
            "UPDATE item SET extent = 'summary' WHERE ordinal = ?1 AND extent <> 'summary'",
        )?
        .execute([ordinal])?;
    Ok(changed > 0)
}

pub(super) fn insert(
    transaction: &Transaction<'_>,
    draft: &Draft,
    terms: &Terms,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let content = serde_json::to_string(&Content::from(draft))?;
    let seq = next_seq(transaction)?;
    transaction
        .prepare_cached(
            "INSERT INTO item (id, seq, revision, site, key, published, first_seen, revised,
                               hash, partial, state, title, content, extent, born)
             VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?11, ?9, ?10, ?12, ?2)",
        )?
        .execute(params![
            draft.id.as_str(),
            seq,
            draft.site.as_str(),
            draft.key,
            draft.published.timestamp(),
            seconds(now),
            draft.hash,
            draft.partial,
            draft.title,
            content,
            if terms.hold { "held" } else { "live" },
            if terms.extent == Extent::Summary { "summary" } else { "full" }
        ])?;
    Ok(transaction.last_insert_rowid())
}

pub(super) fn revise(
    transaction: &Transaction<'_>,
    stored: &Stored,
    draft: &Draft,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO revision SELECT ordinal, revision, ?2, title, content
             FROM item WHERE ordinal = ?1",
        )?
        .execute(params![stored.ordinal, seconds(now)])?;
    let content = serde_json::to_string(&Content::from(draft))?;
    let seq = next_seq(transaction)?;
    transaction
        .prepare_cached(
            "UPDATE item SET seq = ?2, revision = ?3, revised = ?4, hash = ?5, partial = ?6,
                             title = ?7, content = ?8 WHERE ordinal = ?1",
        )?
        .execute(params![
            stored.ordinal,
            seq,
            stored.revision + 1,
            seconds(now),
            draft.hash,
            draft.partial,
            draft.title,
            content
        ])?;
    Ok(())
}

/// Stores what differs and is no revision (an editor, markup, the way from the home page) under the
/// same revision and dates; false where nothing differs.
pub(super) fn amended(
    transaction: &Transaction<'_>,
    stored: &Stored,
    draft: &Draft,
    amend: Amend,
) -> Result<bool, StoreError> {
    if amend == Amend::Never {
        return Ok(false);
    }
    let content = serde_json::to_string(&Content::from(draft))?;
    let known: String = transaction
        .prepare_cached("SELECT content FROM item WHERE ordinal = ?1")?
        .query_row([stored.ordinal], |row| row.get(0))?;
    let same = match amend {
        Amend::Always => known == content,
        Amend::Seen | Amend::Never => {
            known == content || without_tokens(&known) == without_tokens(&content)
        }
    };
    if same {
        return Ok(false);
    }
    transaction
        .prepare_cached("UPDATE item SET content = ?2 WHERE ordinal = ?1")?
        .execute(params![stored.ordinal, content])?;
    touch(transaction, stored.ordinal)?;
    Ok(true)
}

/// The addresses in it by what they have in common with every other way to write them.
fn without_tokens(content: &str) -> String {
    let plain = |found: &Captures<'_>| {
        let written = found[0].replace("&amp;", "&");
        Url::parse(&written).map_or(written, |url| web::normalised(&url))
    };
    ADDRESS.replace_all(content, plain).into_owned()
}

static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"https?://[^\"'<>\s\\]+"#).expect("the pattern is valid"));

/// A change that is not a revision: the item is told to clients again, its dates stay.
pub(in crate::store) fn touch(
    transaction: &Transaction<'_>,
    ordinal: i64,
) -> Result<(), StoreError> {
    let seq = next_seq(transaction)?;
    transaction
        .prepare_cached("UPDATE item SET seq = ?2 WHERE ordinal = ?1")?
        .execute([ordinal, seq])?;
    Ok(())
}

/// The next number, kept apart from the items so that no number is ever used twice.
fn next_seq(transaction: &Transaction<'_>) -> Result<i64, StoreError> {
    let next: i64 = transaction
        .prepare_cached(
            "INSERT INTO mark VALUES ('seq', '1')
             ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1
             RETURNING CAST(value AS INTEGER)",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(next)
}
