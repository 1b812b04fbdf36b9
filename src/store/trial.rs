//! Whether the store takes writes, found out by writing.

use std::time::Duration;

use rusqlite::TransactionBehavior;

use super::open::BUSY_MS;
use super::{SqliteStore, StoreError};

/// A trial does not wait for another program that writes, as real work does.
const TRIAL_BUSY: Duration = Duration::from_millis(500);

impl SqliteStore {
    /// Writes a record and removes it again: the error is what real work would meet.
    ///
    /// The record is larger than a page, so that a database that can grow no further says so.
    pub async fn try_write(&self) -> Result<(), StoreError> {
        self.writer
            .run(|connection| {
                connection.busy_timeout(TRIAL_BUSY)?;
                let tried = write_and_remove(connection);
                connection.busy_timeout(Duration::from_millis(BUSY_MS.into()))?;
                tried
            })
            .await
    }
}

fn write_and_remove(connection: &mut rusqlite::Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute("INSERT INTO mark VALUES ('trial', hex(zeroblob(8192)))", [])?;
    transaction.execute("DELETE FROM mark WHERE name = 'trial'", [])?;
    transaction.commit()?;
    Ok(())
}
