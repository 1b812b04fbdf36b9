//! The full-text index over items, which follows behind them.
//!
//! It is kept by batches in the order of changes, each with the mark of how far it came in the same
//! transaction: a kill costs nothing, and an index that is missing or of another make is built anew
//! while everything else goes on.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::model::{ItemState, Seq};
use crate::text::query::segmented;

use super::filter::fields;
use super::row::{COLUMNS, public_item, signed, unsigned};
use super::{SqliteStore, StoreError};

/// Items of one batch: about a tenth of a second of the writer's time.
const BATCH: u32 = 50;
/// Another number has the index built anew: to be raised when texts are segmented otherwise.
const MAKE: u32 = 1;
/// Bits of a row number that hold the item's ordinal; those above hold when it was published, so
/// that the newest stand last whatever order they were read in.
pub(super) const ORDINAL_BITS: u32 = 28;

/// An item as the index takes it.
struct Entry {
    row: i64,
    /// Title, text and what is said about it, segmented; `None` for one that is to be left out.
    fields: Option<[String; 3]>,
}

impl SqliteStore {
    /// Takes the next changes up to `up_to` into the index; true while there are more.
    pub async fn index_more(&self, up_to: Seq) -> Result<bool, StoreError> {
        let (entries, last) = self.read(move |connection| next(connection, up_to)).await?;
        let Some(last) = last else { return Ok(false) };
        self.write(move |transaction| take(transaction, &entries, last)).await?;
        Ok(true)
    }

    /// Throws the index away; it is built anew by [`SqliteStore::index_more`].
    pub async fn reset_index(&self) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.execute_batch("DROP TABLE IF EXISTS item_words")?;
            make(transaction)
        })
        .await
    }

    /// Up to which change the index holds everything.
    pub async fn indexed_seq(&self) -> Result<Seq, StoreError> {
        self.read(|connection| Ok(unsigned(mark(connection)?))).await
    }
}

/// Makes sure that there is an index of our make, be it an empty one.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    let there: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'item_words')",
        [],
        |row| row.get(0),
    )?;
    let known: Option<String> = connection
        .query_row("SELECT value FROM mark WHERE name = 'indexed'", [], |row| row.get(0))
        .optional()?;
    let ours = known.is_some_and(|known| known.starts_with(&format!("{MAKE} ")));
    if there && ours {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    transaction.execute_batch("DROP TABLE IF EXISTS item_words")?;
    make(&transaction)?;
    transaction.commit()?;
    Ok(())
}

fn make(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(
        "CREATE VIRTUAL TABLE item_words USING fts5(
           title, text, about, content = '', contentless_delete = 1,
           tokenize = \"unicode61 remove_diacritics 0 categories 'L* N* Co'\")",
    )?;
    set_mark(connection, 0)
}

fn mark(connection: &Connection) -> Result<i64, StoreError> {
    let sql = "SELECT CAST(substr(value, instr(value, ' ') + 1) AS INTEGER)
               FROM mark WHERE name = 'indexed'";
    let found = connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or(0))
}

fn set_mark(connection: &Connection, seq: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO mark VALUES ('indexed', ?1)")?
        .execute([format!("{MAKE} {seq}")])?;
    Ok(())
}

/// The next batch, segmented, and the last change in it.
fn next(connection: &Connection, up_to: Seq) -> Result<(Vec<Entry>, Option<Seq>), StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM item WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![mark(connection)?, signed(up_to), BATCH])?;
    let (mut entries, mut last) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        let item = public_item(row)?;
        last = Some(item.seq);
        entries.push(Entry {
            row: row_number(item.published.timestamp(), signed(item.ordinal)),
            fields: (item.state == ItemState::Live)
                .then(|| fields(&item).map(|field| segmented(&field))),
        });
    }
    Ok((entries, last))
}

fn take(transaction: &Transaction<'_>, entries: &[Entry], last: Seq) -> Result<(), StoreError> {
    let mut remove = transaction.prepare_cached("DELETE FROM item_words WHERE rowid = ?1")?;
    let mut add = transaction.prepare_cached(
        "INSERT INTO item_words (rowid, title, text, about) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for Entry { row, fields } in entries {
        remove.execute([row])?;
        if let Some([title, text, about]) = fields {
            add.execute(params![row, title, text, about])?;
        }
    }
    set_mark(transaction, signed(last))
}

/// Where an item stands in the index: neither part of it ever changes.
pub(super) fn row_number(published: i64, ordinal: i64) -> i64 {
    (published << ORDINAL_BITS) | (ordinal & ((1 << ORDINAL_BITS) - 1))
}
