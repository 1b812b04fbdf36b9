//! Since when there is anything.

use chrono::{DateTime, Utc};
use rusqlite::OptionalExtension;

use super::row::time;
use super::{SqliteStore, StoreError};

impl SqliteStore {
    /// When the first item of all was stored; `None` before it. It never moves.
    pub async fn beginning(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.read(|connection| {
            let sql = "SELECT first_seen FROM item ORDER BY ordinal LIMIT 1";
            let mut statement = connection.prepare_cached(sql)?;
            Ok(statement.query_row([], |row| row.get(0)).optional()?.map(time))
        })
        .await
    }
}
