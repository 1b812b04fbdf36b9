//! A database in memory, for tests that live through many lives of the daemon.

use std::sync::Arc;

use rusqlite::{Connection, OpenFlags};

use super::super::worker::{Gate, Worker};
use super::{SqliteStore, StoreError, prepare, reader, writer};

impl SqliteStore {
    /// A further connection to the database `name`, which lives as long as it has one.
    pub(crate) fn memory(name: &str) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Ok(Connection::open_with_flags(format!("file:/{name}?vfs=memdb"), flags)?)
    }

    /// Opens the database `name`, worked on where it is called from. Whoever writes passes `gate`
    /// before and after.
    pub(crate) fn in_memory(name: &str, gate: &Gate) -> Result<Self, StoreError> {
        let writing = Worker::here(writer(Self::memory(name)?)?, Some(Arc::clone(gate)));
        let trial = Self::memory(name)?;
        prepare(&trial)?;
        Ok(Self {
            writer: writing,
            readers: Worker::here(reader(Self::memory(name)?)?, None),
            searchers: Worker::here(reader(Self::memory(name)?)?, None),
            trial: Worker::here(trial, Some(Arc::clone(gate))),
            _lock: Arc::new(None),
        })
    }
}
