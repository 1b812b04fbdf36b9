//! Storing drafts: new items, revisions, aliases, columns.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Transaction, params};
use url::Url;

use crate::model::{Change, ColumnId, Draft, ItemId};
use crate::text::web;

use super::StoreError;
use super::row::{Content, seconds};

/// What the store knows of the item a draft belongs to.
struct Stored {
    ordinal: i64,
    id: String,
    revision: u32,
    hash: String,
    partial: bool,
    live: bool,
}

/// Stores one draft: as a new item, as a revision, or as a further column of a known item.
///
/// Id, key, published date and first sight of a known item never change. With `amend` whatever
/// differs is stored, be it no revision.
pub(super) fn save(
    transaction: &Transaction<'_>,
    draft: &Draft,
    amend: bool,
    now: DateTime<Utc>,
) -> Result<Change, StoreError> {
    let Some(stored) = find(transaction, draft)? else {
        let ordinal = insert(transaction, draft, now)?;
        list(transaction, ordinal, &draft.column, &draft.listed_title)?;
        alias(transaction, ordinal, draft)?;
        return Ok(Change::New(draft.id.clone()));
    };
    let id = ItemId::from_tag_uri(stored.id.clone());
    alias(transaction, stored.ordinal, draft)?;
    let listing = list(transaction, stored.ordinal, &draft.column, &draft.listed_title)?;
    if stored.live && is_revision(&stored, draft, listing) {
        revise(transaction, &stored, draft, now)?;
        return Ok(Change::Revised(id));
    }
    if amend && stored.live && !draft.partial && amended(transaction, &stored, draft)? {
        return Ok(Change::Amended(id));
    }
    if listing == Listing::New {
        touch(transaction, stored.ordinal)?;
        return Ok(Change::Listed(id));
    }
    Ok(Change::Unchanged(id))
}

/// A half-read draft never replaces a full item; and since columns may list one article under
/// different titles, it replaces a half-read one only where its own column changed the title.
fn is_revision(stored: &Stored, draft: &Draft, listing: Listing) -> bool {
    let differs = stored.hash != draft.hash || stored.partial != draft.partial;
    differs && (!draft.partial || (stored.partial && listing == Listing::Retitled))
}

/// Notes that the item `id` is listed in `column` under `title`.
pub(super) fn note_listed(
    transaction: &Transaction<'_>,
    id: &ItemId,
    column: &ColumnId,
    title: &str,
) -> Result<Change, StoreError> {
    let ordinal: i64 = transaction
        .prepare_cached("SELECT ordinal FROM item WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get(0))?;
    if list(transaction, ordinal, column, title)? == Listing::New {
        touch(transaction, ordinal)?;
        return Ok(Change::Listed(id.clone()));
    }
    Ok(Change::Unchanged(id.clone()))
}

/// By the address that the list names, then by id, then by any other address: an address that
/// only a redirect led to is the least sure sign.
fn find(transaction: &Transaction<'_>, draft: &Draft) -> Result<Option<Stored>, StoreError> {
    const FIELDS: &str = "ordinal, id, revision, hash, partial, state = 'live'";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Stored {
            ordinal: row.get(0)?,
            id: row.get(1)?,
            revision: row.get(2)?,
            hash: row.get(3)?,
            partial: row.get(4)?,
            live: row.get(5)?,
        })
    };
    let mut by_address = transaction.prepare_cached(&format!(
        "SELECT {FIELDS} FROM item WHERE ordinal =
           (SELECT ordinal FROM alias WHERE site = ?1 AND address = ?2)"
    ))?;
    let mut at = |url: &Url| {
        let address = web::normalised(url);
        by_address.query_row(params![draft.site.as_str(), address], read).optional()
    };
    let listed = draft.aliases.first().unwrap_or(&draft.url);
    if let Some(found) = at(listed)? {
        return Ok(Some(found));
    }
    let by_id = transaction
        .prepare_cached(&format!("SELECT {FIELDS} FROM item WHERE id = ?1"))?
        .query_row([draft.id.as_str()], read)
        .optional()?;
    if by_id.is_some() {
        return Ok(by_id);
    }
    for url in std::iter::once(&draft.url).chain(&draft.aliases) {
        if let Some(found) = at(url)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn addresses(draft: &Draft) -> Vec<String> {
    let mut all: Vec<String> =
        std::iter::once(&draft.url).chain(&draft.aliases).map(web::normalised).collect();
    all.sort();
    all.dedup();
    all
}

fn insert(
    transaction: &Transaction<'_>,
    draft: &Draft,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let content = serde_json::to_string(&Content::from(draft))?;
    let seq = next_seq(transaction)?;
    transaction
        .prepare_cached(
            "INSERT INTO item (id, seq, revision, site, key, published, first_seen, revised,
                               hash, partial, state, title, content)
             VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?6, ?7, ?8, 'live', ?9, ?10)",
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
            content
        ])?;
    Ok(transaction.last_insert_rowid())
}

fn revise(
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
fn amended(
    transaction: &Transaction<'_>,
    stored: &Stored,
    draft: &Draft,
) -> Result<bool, StoreError> {
    let content = serde_json::to_string(&Content::from(draft))?;
    let changed = transaction
        .prepare_cached("UPDATE item SET content = ?2 WHERE ordinal = ?1 AND content <> ?2")?
        .execute(params![stored.ordinal, content])?;
    if changed > 0 {
        touch(transaction, stored.ordinal)?;
    }
    Ok(changed > 0)
}

/// A change that is not a revision: the item is told to clients again, its dates stay.
pub(super) fn touch(transaction: &Transaction<'_>, ordinal: i64) -> Result<(), StoreError> {
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

/// What listing an item did.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listing {
    /// It was not listed there before.
    New,
    /// It was listed there under another title.
    Retitled,
    /// It was listed there just so.
    Same,
}

/// Notes the column and the title listed there.
fn list(
    transaction: &Transaction<'_>,
    ordinal: i64,
    column: &ColumnId,
    title: &str,
) -> Result<Listing, StoreError> {
    let added = transaction
        .prepare_cached(
            "INSERT INTO listed
             SELECT ?1, ordinal, published, first_seen, ?3,
                    (SELECT count(*) FROM listed WHERE ordinal = ?2)
             FROM item WHERE ordinal = ?2
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![column.to_string(), ordinal, title])?;
    if added > 0 {
        return Ok(Listing::New);
    }
    let changed = transaction
        .prepare_cached(
            "UPDATE listed SET title = ?3
             WHERE column_id = ?1 AND ordinal = ?2 AND title <> ?3",
        )?
        .execute(params![column.to_string(), ordinal, title])?;
    Ok(if changed > 0 { Listing::Retitled } else { Listing::Same })
}

fn alias(transaction: &Transaction<'_>, ordinal: i64, draft: &Draft) -> Result<(), StoreError> {
    let mut insert = transaction
        .prepare_cached("INSERT INTO alias VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
    for address in addresses(draft) {
        insert.execute(params![draft.site.as_str(), address, ordinal])?;
    }
    Ok(())
}
