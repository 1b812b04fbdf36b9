//! The newest items that a reader's filter holds.
//!
//! With words the full-text index is walked, newest first; without, the items themselves. A search
//! ends after a second and a half, whatever is asked: what was found by then is told.

use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, params_from_iter};

use crate::model::{Item, Seq};

use super::filter::Filter;
use super::index::{ORDINAL_BITS, row_number};
use super::row::{COLUMNS, public_item, signed};
use super::{SqliteStore, StoreError, stories};

/// A search takes no longer.
const LONGEST: Duration = Duration::from_millis(1_500);
/// Steps of SQLite's machine between two looks at the clock. The full-text index reads its pages
/// by a few steps each: over an index of 130 MB, 5,000 steps ended no search at all.
const STEPS: i32 = 900;

/// What is searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// What items must have.
    pub filter: Filter,
    /// Only items behind this place.
    pub before: Option<Position>,
    /// Items at most.
    pub limit: usize,
    /// Items that arrived by this change: those that are published.
    pub up_to: Seq,
}

/// A place in the order of items, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position(i64);

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Newest first.
    pub items: Vec<Item>,
    /// Where to go on, if there may be more.
    pub next: Option<Position>,
    /// The search was ended before its time.
    pub cut: bool,
}

impl Position {
    /// The place of `item`.
    pub fn of(item: &Item) -> Self {
        Self(row_number(item.published.timestamp(), signed(item.ordinal)))
    }

    /// Reads what `Display` wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (published, ordinal) = text.rsplit_once('-')?;
        let published: i64 = published.parse().ok()?;
        let ordinal: i64 = ordinal.parse().ok()?;
        let in_range = published.abs() < 1 << 34 && (0..1 << ORDINAL_BITS).contains(&ordinal);
        in_range.then(|| Self(row_number(published, ordinal)))
    }

    fn published(self) -> i64 {
        self.0 >> ORDINAL_BITS
    }

    fn ordinal(self) -> i64 {
        self.0 & ((1 << ORDINAL_BITS) - 1)
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.published(), self.ordinal())
    }
}

impl SqliteStore {
    /// The newest live items that meet `search`.
    pub async fn search(&self, search: Search) -> Result<Found, StoreError> {
        self.search_within(search, LONGEST).await
    }

    async fn search_within(&self, search: Search, longest: Duration) -> Result<Found, StoreError> {
        self.searchers
            .run(move |connection| {
                let until = Instant::now() + longest;
                connection.progress_handler(STEPS, Some(move || Instant::now() > until))?;
                let found = find(connection, &search);
                connection.progress_handler(STEPS, None::<fn() -> bool>)?;
                found
            })
            .await
    }
}

fn find(connection: &Connection, search: &Search) -> Result<Found, StoreError> {
    let (sql, values) = statement(search);
    let mut found = Found::default();
    let outcome = collect(connection, search, &sql, values, &mut found.items);
    match outcome {
        Ok(()) => {}
        Err(StoreError::Database(error)) if is_interrupt(&error) => found.cut = true,
        Err(error) => return Err(error),
    }
    let more = found.items.len() > search.limit;
    found.items.truncate(search.limit);
    if more || found.cut {
        found.next = found.items.last().map(Position::of);
    }
    Ok(found)
}

fn is_interrupt(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

/// Gathers the items; one more than wanted tells whether there are more.
fn collect(
    connection: &Connection,
    search: &Search,
    sql: &str,
    values: Vec<Value>,
    items: &mut Vec<Item>,
) -> Result<(), StoreError> {
    let scopes = search.filter.scopes();
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    while items.len() <= search.limit
        && let Some(row) = rows.next()?
    {
        // The first column is the ordinal.
        if !search.filter.once || stories::leads(connection, &scopes, row.get(0)?)? {
            items.push(public_item(row)?);
        }
    }
    Ok(())
}

/// The statement with its parameters.
fn statement(search: &Search) -> (String, Vec<Value>) {
    let (mut conditions, filtered) = search.filter.sql();
    conditions.push_str(" AND item.born <= ?");
    let mut values = Vec::new();
    let words = !search.filter.query.is_empty();
    let (from, order) = if words {
        values.push(Value::Text(search.filter.query.fts()));
        (
            format!(
                "item_words CROSS JOIN item ON item.ordinal = (item_words.rowid & {})
                 WHERE item_words MATCH ?",
                (1_i64 << ORDINAL_BITS) - 1
            ),
            "item_words.rowid DESC",
        )
    } else {
        ("item WHERE 1".to_owned(), "item.published DESC, item.ordinal DESC")
    };
    values.extend(filtered);
    values.push(Value::Integer(signed(search.up_to)));
    if let Some(place) = search.before {
        if words {
            conditions.push_str(" AND item_words.rowid < ?");
            values.push(Value::Integer(place.0));
        } else {
            conditions.push_str(" AND (item.published, item.ordinal) < (?, ?)");
            values.extend([Value::Integer(place.published()), Value::Integer(place.ordinal())]);
        }
    }
    // How many are left out since their story stands before them is not known beforehand.
    let limit = i64::try_from(search.limit).ok().filter(|_| !search.filter.once);
    values.push(Value::Integer(limit.map_or(-1, |limit| limit.saturating_add(1))));
    (format!("SELECT {COLUMNS} FROM {from} AND {conditions} ORDER BY {order} LIMIT ?"), values)
}

#[cfg(test)]
mod tests;
