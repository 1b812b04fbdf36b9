//! The records: items with their revisions, pages, runs, problems, documents, the job ledger.
//!
//! Async domain operations over SQLite: one thread writes, two read. A write is one transaction
//! that is on the disk when its future resolves; a kill at any moment loses nothing that was
//! reported as stored. The order of `seq` is the order of commits.

mod assets;
mod documents;
mod error;
mod findings;
mod items;
mod ledger;
mod members;
mod open;
mod originals;
mod pages;
mod row;
mod save;
mod schema;
mod snapshots;
mod takedowns;
#[cfg(test)]
mod tests;
mod trial;
mod worker;

use rusqlite::Connection;

pub use assets::{OriginalState, Taken};
pub use documents::{DocumentRecord, Written};
pub use error::StoreError;
pub use findings::{Bookmark, ELSEWHERE, Findings, Progress, Visit};
pub use items::{Known, Summary};
pub use ledger::RunRecord;
pub use open::StoreOptions;
pub use originals::{Files, Role, WantedFile};
pub use snapshots::{KeptPages, Listed};
pub use takedowns::{TakenDown, What};

use worker::Worker;

/// The embedded store: SQLite in the data folder. Clones share it.
#[derive(Clone)]
pub struct SqliteStore {
    writer: Worker,
    readers: Worker,
    trial: Worker,
    /// Held as long as any clone lives: one daemon a data folder.
    _lock: std::sync::Arc<Option<std::fs::File>>,
}

impl SqliteStore {
    /// Runs `work` in a transaction on the writing thread.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer
            .run(move |connection| {
                let transaction = connection
                    .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
                let value = work(&transaction)?;
                transaction.commit()?;
                Ok(value)
            })
            .await
    }

    /// Runs `work` on a reading thread.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.run(work).await
    }

    /// Moves the write-ahead log into the database, for an orderly end.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.writer
            .run(|connection| {
                connection.pragma_update(None, "wal_checkpoint", "TRUNCATE")?;
                Ok(())
            })
            .await
    }
}
