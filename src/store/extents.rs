//! How much of an item readers get: as much as all columns that list it permit.

use std::collections::BTreeSet;

use rusqlite::OptionalExtension;

use crate::model::ColumnId;

use super::save::touch;
use super::withdrawals::announce;
use super::{SqliteStore, StoreError};

/// The mark that says which columns permit the summary only.
const MARK: &str = "summary columns";

impl SqliteStore {
    /// Gives of what `columns` list the summary only, and of all else everything; does nothing where
    /// that was so before.
    pub async fn limit_columns(&self, columns: BTreeSet<ColumnId>) -> Result<(), StoreError> {
        let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
        let wanted = serde_json::to_string(&columns)?;
        let asked = wanted.clone();
        let known: bool = self
            .read(move |connection| {
                let found: Option<String> = connection
                    .prepare_cached("SELECT value FROM mark WHERE name = ?1")?
                    .query_row([MARK], |row| row.get(0))
                    .optional()?;
                Ok(found.unwrap_or_else(|| "[]".to_owned()) == asked)
            })
            .await?;
        if known {
            return Ok(());
        }
        self.write(move |transaction| {
            let listed = "EXISTS (SELECT 1 FROM listed WHERE listed.ordinal = item.ordinal
                          AND column_id IN (SELECT value FROM json_each(?1)))";
            let sql = format!(
                "UPDATE item SET extent = iif({listed}, 'summary', 'full')
                 WHERE extent <> iif({listed}, 'summary', 'full') RETURNING ordinal"
            );
            let mut statement = transaction.prepare(&sql)?;
            let changed = statement.query_map([&wanted], |row| row.get(0))?;
            let changed: Vec<i64> = changed.collect::<Result<_, _>>()?;
            for ordinal in changed {
                touch(transaction, ordinal)?;
                announce(transaction, ordinal)?;
            }
            transaction
                .execute("INSERT OR REPLACE INTO mark VALUES (?1, ?2)", [MARK, wanted.as_str()])?;
            Ok(())
        })
        .await
    }
}
