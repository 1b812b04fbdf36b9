//! What can go wrong with the records.

use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::model::ProblemCode;

/// A fault of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk, or the limit on the database, is full; nothing of the operation was stored.
    #[error("the database can grow no further; nothing of this operation was stored")]
    Full,
    /// Another daemon has the folder.
    #[error("data folder `{0}` is in use by another daemon")]
    Locked(PathBuf),
    /// Another program holds the database.
    #[error("another program holds the database; nothing of this operation was stored")]
    Busy,
    /// The ids in use differ from the configured ones.
    #[error("items are published as `tag:{found},…`, the configuration says `tag:{wanted},…`")]
    IdFrozen {
        /// What the configuration says.
        wanted: String,
        /// What the items in the store are called.
        found: String,
    },
    /// A database of a later version of the program.
    #[error("the database has schema {found}, this program knows {known}")]
    Newer {
        /// Its version.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// The thread that works on the database is gone.
    #[error("the store was stopped")]
    Stopped,
    /// A record that cannot be read back.
    #[error("a stored record cannot be read: {0}")]
    Corrupt(String),
    /// A file of the data folder.
    #[error("`{path}`: {error}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// Any other fault of the database.
    #[error("database: {0}")]
    Database(rusqlite::Error),
}

impl StoreError {
    /// The code it is told under.
    pub fn code(&self) -> ProblemCode {
        match self {
            Self::Full => ProblemCode::StoreFull,
            Self::Locked(_) | Self::Busy => ProblemCode::DataLocked,
            Self::IdFrozen { .. } => ProblemCode::IdFrozen,
            Self::Newer { .. } => ProblemCode::StoreNewer,
            Self::Stopped | Self::Corrupt(_) | Self::File { .. } | Self::Database(_) => {
                ProblemCode::StoreFailed
            }
        }
    }

    /// The task that would have told us ended without a word.
    pub fn stopped() -> Self {
        Self::Stopped
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Database(error),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}
