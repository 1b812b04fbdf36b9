//! Whether the store takes writes, found out by writing.

use rusqlite::TransactionBehavior;

use super::{SqliteStore, StoreError};

/// How long a trial waits for whoever writes, in milliseconds: longer than our own transactions
/// take, shorter than those who ask are patient.
pub(super) const TRIAL_BUSY_MS: u32 = 3_000;

impl SqliteStore {
    /// Writes a record and removes it again: the error is what real work would meet.
    ///
    /// The record is larger than a page, so that a database that can grow no further says so. The
    /// connection is one of its own: work that waits in the queue holds up no trial.
    pub async fn try_write(&self) -> Result<(), StoreError> {
        self.trial.run(write_and_remove).await
    }
}

fn write_and_remove(connection: &mut rusqlite::Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute("INSERT INTO mark VALUES ('trial', hex(zeroblob(8192)))", [])?;
    transaction.execute("DELETE FROM mark WHERE name = 'trial'", [])?;
    transaction.commit()?;
    Ok(())
}
