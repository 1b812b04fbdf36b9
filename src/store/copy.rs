//! A copy of the database that is consistent, made beside whoever works on it.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::model::{Asset, AssetHash, AssetKind};

use super::open::{DATABASE, prepare};
use super::row::unsigned;
use super::{StoreError, schema};

/// What a copy holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its schema.
    pub schema: u32,
    /// Items, withdrawn ones too.
    pub items: u64,
    /// Issues of digests.
    pub issues: u64,
    /// Kept pages.
    pub pages: u64,
    /// The files that it says are held, by their hashes.
    pub assets: Vec<Asset>,
}

/// Copies the database of the data folder `folder` to the file `to`, which is not there yet; article
/// pages are left out where they are not wanted.
///
/// By `VACUUM INTO` and not by SQLite's backup interface: it is one reading transaction, so that all
/// of the copy is from one moment, and in WAL mode it holds up no writer. The backup interface begins
/// anew with every commit, or copies all in one step behind the same kind of lock; and it would take
/// along the free pages, which a copy made by `VACUUM` does not have. The write-ahead log grows
/// meanwhile by what is written, and shrinks at the next checkpoint.
pub fn copy(folder: &Path, to: &Path, with_pages: bool) -> Result<Copied, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(folder.join(DATABASE), flags)?;
    prepare(&source)?;
    // What is restored can be pruned piece by piece, also where the original was made without that.
    source.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    let target = to.to_str().ok_or_else(|| {
        let error = std::io::Error::other("its name is no UTF-8");
        StoreError::File { path: to.to_owned(), error }
    })?;
    source.execute("VACUUM INTO ?1", [target])?;
    let copy = Connection::open(to)?;
    if !with_pages {
        // Lists stay: with them the first visit after a restore is a conditional one.
        copy.execute("DELETE FROM page WHERE kind = 'article'", [])?;
        copy.execute_batch("VACUUM")?;
    }
    copied(&copy)
}

/// Looks into a copy: whole, and of a schema that this program knows.
pub fn inspect(path: &Path) -> Result<Copied, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let copy = Connection::open_with_flags(path, flags)?;
    let (known, found) = (schema::known(), schema::found(&copy)?);
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    let sound: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if sound != "ok" {
        return Err(StoreError::Corrupt(sound));
    }
    copied(&copy)
}

fn copied(copy: &Connection) -> Result<Copied, StoreError> {
    let count = |table: &str| -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM {table}");
        Ok(unsigned(copy.query_row(&sql, [], |row| row.get(0))?))
    };
    let mut assets = Vec::new();
    let sql = "SELECT hash, kind, size_bytes FROM asset WHERE NOT gone ORDER BY hash";
    let mut statement = copy.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (hash, kind): (String, String) = (row.get(0)?, row.get(1)?);
        let hash = hash.parse::<AssetHash>().ok();
        let Some((hash, kind)) = hash.zip(AssetKind::from_extension(&kind)) else { continue };
        assets.push(Asset { hash, kind, size_bytes: unsigned(row.get(2)?), size_px: None });
    }
    let schema = schema::found(copy)?;
    Ok(Copied {
        schema,
        items: count("item")?,
        // Older schemas have none.
        issues: count("issue").unwrap_or(0),
        pages: count("page")?,
        assets,
    })
}
