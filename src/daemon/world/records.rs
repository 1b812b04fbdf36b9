//! What the records say, read beside the daemon.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Row};

/// An item as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) id: String,
    pub(super) ordinal: i64,
    pub(super) seq: i64,
    pub(super) revision: i64,
    pub(super) site: String,
    pub(super) key: String,
    pub(super) hash: String,
    pub(super) partial: bool,
    pub(super) state: String,
    pub(super) title: String,
    pub(super) url: String,
    pub(super) text: String,
    pub(super) credit: Option<String>,
    pub(super) attribution: String,
    pub(super) posted: Option<String>,
    /// First seen first.
    pub(super) columns: Vec<String>,
}

impl Stored {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let columns: Option<String> = row.get(15)?;
        Ok(Self {
            id: row.get(0)?,
            ordinal: row.get(1)?,
            seq: row.get(2)?,
            revision: row.get(3)?,
            site: row.get(4)?,
            key: row.get(5)?,
            hash: row.get(6)?,
            partial: row.get(7)?,
            state: row.get(8)?,
            title: row.get(9)?,
            url: row.get(10)?,
            text: row.get(11)?,
            credit: row.get(12)?,
            attribution: row.get(13)?,
            posted: row.get(14)?,
            columns: columns.unwrap_or_default().split(' ').map(str::to_owned).collect(),
        })
    }

    pub(super) fn is_live(&self) -> bool {
        self.state == "live"
    }
}

/// Whether there are any yet: a process may be killed before that.
pub(super) fn are_there(records: &Connection) -> bool {
    records
        .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'turn'", [], |row| row.get(0))
        .is_ok_and(|tables: i64| tables == 1)
}

/// All items, by id.
pub(super) fn items(records: &Connection) -> BTreeMap<String, Stored> {
    let sql = "SELECT id, ordinal, seq, revision, site, key, hash, partial, state, title,
                 json_extract(content, '$.url'), json_extract(content, '$.text'),
                 json_extract(content, '$.credit'), json_extract(content, '$.attribution'),
                 json_extract(content, '$.posted'),
                 (SELECT group_concat(column_id, ' ' ORDER BY place) FROM listed
                  WHERE listed.ordinal = item.ordinal)
               FROM item";
    let mut statement = records.prepare_cached(sql).unwrap();
    let rows = statement.query_map([], Stored::of).unwrap();
    rows.map(Result::unwrap).map(|item| (item.id.clone(), item)).collect()
}

/// The tags of the recorded documents, by path.
pub(super) fn documents(records: &Connection) -> BTreeMap<String, String> {
    let mut statement = records.prepare_cached("SELECT path, etag FROM document").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Some words of each row.
pub(super) fn column<T: rusqlite::types::FromSql>(records: &Connection, sql: &str) -> Vec<T> {
    let mut statement = records.prepare_cached(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// The planned times of a job that are in the ledger, in seconds.
pub(super) fn turns(records: &Connection, job: &str) -> BTreeSet<i64> {
    let mut statement = records.prepare_cached("SELECT planned FROM turn WHERE job = ?1").unwrap();
    statement.query_map([job], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}
