//! The records: items with their revisions, pages, runs, problems, documents, the job ledger.
//!
//! Async domain operations over SQLite: one thread writes, two read. A write is one transaction
//! that is on the disk when its future resolves; a kill at any moment loses nothing that was
//! reported as stored. The order of `seq` is the order of commits.

mod alerts;
mod archives;
mod assets;
mod beginning;
mod blemishes;
mod changes;
mod clients;
mod copy;
mod documents;
mod error;
mod exports;
mod extents;
mod filter;
mod findings;
mod holds;
mod hub;
mod index;
mod issues;
mod items;
mod keeping;
mod ledger;
mod letters;
mod members;
mod mentions;
mod notices;
mod observations;
mod open;
mod originals;
mod outlets;
mod pages;
mod queue;
mod rests;
mod room;
mod row;
mod save;
mod schema;
mod search;
mod snapshots;
mod stories;
mod subscriptions;
mod takedowns;
#[cfg(test)]
mod tests;
mod trial;
mod turns;
mod versions;
mod watches;
mod withdrawals;
mod worker;

use rusqlite::Connection;

pub use archives::Tally;
pub use assets::{OriginalState, Taken};
pub use blemishes::{Arrived, Reading};
pub use changes::{Changes, Told};
pub use clients::ClientCursor;
pub use copy::{Copied, copy, inspect};
pub use documents::{DocumentRecord, Written, after_all};
pub use error::StoreError;
pub use exports::{Handful, Mark, Span};
pub use filter::{Filter, Tag};
pub use findings::{Amend, Bookmark, ELSEWHERE, Findings, Progress, Terms, Visit};
pub use holds::Held;
pub use hub::{Admitted, Caps};
pub use issues::{
    IssueMention, IssueRecord, NOTHING_NEW, NewIssue, Overtaken, Overtook, StoredManuscript,
};
pub use items::{Known, Summary};
pub use keeping::{Amount, IdleFile, OldPage, OldRevision, Sizes};
pub use ledger::RunRecord;
pub use letters::Answer;
pub use mentions::{Mention, Place};
pub use observations::Distrust;
pub use open::{DATABASE, LOCK, StoreOptions, lock};
pub use originals::{Files, Role, WantedFile};
pub use pages::BrokenOff;
pub use room::Room;
pub use schema::known as known_schema;
pub use search::{Found, Position, Search};
pub use snapshots::{KeptPages, Listed};
pub use stories::{Adoption, Teller};
pub use takedowns::{TakenDown, What};
pub use turns::{JobRecord, LedgerWrite};
pub use watches::{Look, Patience, Seen, Sighted};
pub use withdrawals::Taking;

#[cfg(test)]
pub(crate) use worker::Gate;
use worker::Worker;

/// The embedded store: SQLite in the data folder. Clones share it.
#[derive(Clone)]
pub struct SqliteStore {
    writer: Worker,
    readers: Worker,
    /// For what readers ask: a slow search holds up nobody else.
    searchers: Worker,
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
