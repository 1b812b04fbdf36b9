//! Storing drafts: new items, revisions, aliases, columns.

mod write;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Transaction, params};
use url::Url;

use crate::model::{Change, ColumnId, Draft, Extent, ItemId};
use crate::text::web;

use super::findings::{Amend, Terms};
use super::withdrawals::bring_back;
use super::{StoreError, stories, watches};

pub(super) use write::touch;
use write::{amended, insert, limit, overwrite, revise, wait};

/// What the store knows of the item a draft belongs to.
struct Stored {
    ordinal: i64,
    id: String,
    revision: u32,
    hash: String,
    partial: bool,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Live,
    /// Never public so far.
    Held,
    /// Withdrawn because it was gone.
    Gone,
    /// Withdrawn by hand: nothing its site does brings it back.
    Taken,
}

/// Stores one draft: as a new item, as a revision, or as a further column of a known item.
///
/// Id, key, published date and first sight of a known item never change. With `terms.amend` whatever
/// differs is stored, be it no revision. Where `terms.hold` says so, what is new waits for release.
pub(super) fn save(
    transaction: &Transaction<'_>,
    draft: &Draft,
    terms: &Terms,
    now: DateTime<Utc>,
) -> Result<Change, StoreError> {
    let (ordinal, change) = put(transaction, draft, terms, now)?;
    if !matches!(change, Change::Unchanged(_) | Change::Listed(_)) {
        stories::look(transaction, ordinal)?;
    }
    Ok(change)
}

fn put(
    transaction: &Transaction<'_>,
    draft: &Draft,
    terms: &Terms,
    now: DateTime<Utc>,
) -> Result<(i64, Change), StoreError> {
    let Some(stored) = find(transaction, draft)? else {
        let ordinal = insert(transaction, draft, terms, now)?;
        list(transaction, ordinal, &draft.column, &draft.listed_title)?;
        alias(transaction, ordinal, draft)?;
        watches::begin(transaction, ordinal, draft, terms, now)?;
        let id = draft.id.clone();
        return Ok((ordinal, if terms.hold { Change::Held(id) } else { Change::New(id) }));
    };
    let id = ItemId::from_tag_uri(stored.id.clone());
    alias(transaction, stored.ordinal, draft)?;
    let listing = list(transaction, stored.ordinal, &draft.column, &draft.listed_title)?;
    let limited = limit(transaction, stored.ordinal, terms.extent)?;
    let change = match stored.state {
        State::Taken => Change::Unchanged(id),
        State::Gone if draft.partial => Change::Unchanged(id),
        State::Gone => {
            bring_back(transaction, stored.ordinal)?;
            update(transaction, &stored, draft, listing, terms, now)?;
            Change::Restored(id)
        }
        State::Live | State::Held => {
            match update(transaction, &stored, draft, listing, terms, now)? {
                Some(Updated::Revised) => Change::Revised(id),
                Some(Updated::Amended) => Change::Amended(id),
                Some(Updated::Waits) => Change::Held(id),
                None if stored.state == State::Live && (listing == Listing::New || limited) => {
                    touch(transaction, stored.ordinal)?;
                    Change::Listed(id)
                }
                None => Change::Unchanged(id),
            }
        }
    };
    Ok((stored.ordinal, change))
}

/// What a draft did to the item it belongs to.
enum Updated {
    Revised,
    Amended,
    Waits,
}

fn update(
    transaction: &Transaction<'_>,
    stored: &Stored,
    draft: &Draft,
    listing: Listing,
    terms: &Terms,
    now: DateTime<Utc>,
) -> Result<Option<Updated>, StoreError> {
    let revises = is_revision(stored, draft, listing);
    if stored.state == State::Held {
        // Nobody has seen it: the last reading stands.
        if revises || terms.amend != Amend::Never {
            overwrite(transaction, stored.ordinal, draft)?;
        }
        return Ok(revises.then_some(Updated::Waits));
    }
    if revises && terms.hold {
        wait(transaction, stored.ordinal, draft, now)?;
        return Ok(Some(Updated::Waits));
    }
    if revises {
        revise(transaction, stored, draft, now)?;
        return Ok(Some(Updated::Revised));
    }
    if !draft.partial {
        // Its origin reads again as what is public.
        transaction
            .prepare_cached("DELETE FROM held_revision WHERE ordinal = ?1")?
            .execute([stored.ordinal])?;
    }
    let amends = !draft.partial && amended(transaction, stored, draft, terms.amend)?;
    Ok(amends.then_some(Updated::Amended))
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
    extent: Extent,
) -> Result<Change, StoreError> {
    let (ordinal, is_live, is_purged): (i64, bool, bool) = transaction
        .prepare_cached("SELECT ordinal, state = 'live', title = '' FROM item WHERE id = ?1")?
        .query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    // Of a purged item not even the title is kept.
    let title = if is_purged && !is_live { "" } else { title };
    let is_new = list(transaction, ordinal, column, title)? == Listing::New;
    let limited = limit(transaction, ordinal, extent)?;
    if is_live && (is_new || limited) {
        touch(transaction, ordinal)?;
        return Ok(Change::Listed(id.clone()));
    }
    Ok(Change::Unchanged(id.clone()))
}

/// By the address that the list names, then by id, then by any other address: an address that
/// only a redirect led to is the least sure sign.
fn find(transaction: &Transaction<'_>, draft: &Draft) -> Result<Option<Stored>, StoreError> {
    const FIELDS: &str = "ordinal, id, revision, hash, partial, CASE state
           WHEN 'live' THEN 0 WHEN 'held' THEN 1
           ELSE (SELECT 2 + (cause <> 'gone') FROM withdrawal WHERE ordinal = item.ordinal)
         END";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Stored {
            ordinal: row.get(0)?,
            id: row.get(1)?,
            revision: row.get(2)?,
            hash: row.get(3)?,
            partial: row.get(4)?,
            state: match row.get(5)? {
                0 => State::Live,
                1 => State::Held,
                2 => State::Gone,
                _ => State::Taken,
            },
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
