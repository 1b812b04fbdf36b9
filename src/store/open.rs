//! Opening the database of a data folder.

#[cfg(test)]
mod memory;

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::schema::{current, migrate};
use super::trial::TRIAL_BUSY_MS;
use super::worker::Worker;
use super::{SqliteStore, StoreError, index};

/// How a store is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreOptions {
    /// SQLite's `max_page_count`: pages of 4,096 bytes at most; `None` leaves it to the disk.
    pub max_page_count: Option<u32>,
}

/// The database within the data folder.
pub const DATABASE: &str = "lianbo.db";
/// The lock within the data folder.
pub const LOCK: &str = "lianbo.lock";
/// Reading threads.
const READERS: usize = 2;
/// How long a reader waits for a lock, in milliseconds.
const BUSY_MS: u32 = 10_000;

impl SqliteStore {
    /// Opens (and if need be makes) `lianbo.db` in `folder`, and takes the folder's lock.
    pub fn open(folder: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        let lock = lock(folder)?;
        let path = folder.join(DATABASE);
        let writer = writer(Connection::open(&path)?)?;
        let trial = Connection::open(&path)?;
        prepare(&trial)?;
        trial.pragma_update(None, "busy_timeout", TRIAL_BUSY_MS)?;
        if let Some(pages) = options.max_page_count {
            for connection in [&writer, &trial] {
                connection.pragma_update(None, "max_page_count", pages)?;
            }
        }
        Ok(Self {
            trial: Worker::start("store-trial", vec![trial])?,
            writer: Worker::start("store-writer", vec![writer])?,
            readers: Worker::start("store-reader", readers(&path)?)?,
            searchers: Worker::start("store-search", readers(&path)?)?,
            _lock: Arc::new(Some(lock)),
        })
    }

    /// Opens the database for single changes, beside the daemon where one runs, which has the folder's
    /// lock; a database of another version is refused, since only the daemon may change that.
    pub fn open_beside(folder: &Path) -> Result<Self, StoreError> {
        match Self::open(folder, StoreOptions::default()) {
            Err(StoreError::Locked(_)) => {}
            opened => return opened,
        }
        let path = folder.join(DATABASE);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let writer = Connection::open_with_flags(&path, flags)?;
        prepare(&writer)?;
        writer.pragma_update(None, "synchronous", "FULL")?;
        writer.pragma_update(None, "secure_delete", true)?;
        current(&writer)?;
        Ok(Self {
            trial: Worker::start("store-trial", readers(&path)?)?,
            writer: Worker::start("store-writer", vec![writer])?,
            readers: Worker::start("store-reader", readers(&path)?)?,
            searchers: Worker::start("store-search", readers(&path)?)?,
            _lock: Arc::new(None),
        })
    }

    /// Opens the database for reading beside a running daemon; writes fail.
    pub fn open_read_only(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(DATABASE);
        Ok(Self {
            trial: Worker::start("store-trial", readers(&path)?)?,
            writer: Worker::start("store-writer", readers(&path)?)?,
            readers: Worker::start("store-reader", readers(&path)?)?,
            searchers: Worker::start("store-search", readers(&path)?)?,
            _lock: Arc::new(None),
        })
    }
}

/// The connection that writes, on a database that is as this version wants it.
fn writer(mut writer: Connection) -> Result<Connection, StoreError> {
    prepare(&writer)?;
    // Of a new database, what is pruned can be given back piece by piece; an older one is left as it
    // is until it is rewritten.
    writer.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    writer.pragma_update(None, "journal_mode", "WAL")?;
    writer.pragma_update(None, "synchronous", "FULL")?;
    // What is erased is written over, also where an earlier revision of it stood.
    writer.pragma_update(None, "secure_delete", true)?;
    migrate(&mut writer)?;
    index::prepare(&mut writer)?;
    Ok(writer)
}

/// Takes the lock of a data folder: while what it gives lives, no daemon begins there.
pub fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join(LOCK);
    let open = File::options().create(true).truncate(false).write(true).open(&path);
    let file = open.map_err(|error| StoreError::File { path: path.clone(), error })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(StoreError::File { path, error }),
    }
}

fn readers(path: &Path) -> Result<Vec<Connection>, StoreError> {
    (0..READERS)
        .map(|_| {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            reader(Connection::open_with_flags(path, flags)?)
        })
        .collect()
}

fn reader(reader: Connection) -> Result<Connection, StoreError> {
    prepare(&reader)?;
    reader.pragma_update(None, "query_only", true)?;
    Ok(reader)
}

pub(super) fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "busy_timeout", BUSY_MS)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A statement is planned once, whatever is bound to it: otherwise another value of a LIMIT has it
    // planned anew, which takes as long as running it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}
