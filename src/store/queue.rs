//! Columns whose feeds are to be published for another reason than a run that found something new.
//!
//! A queue is a table of numbered columns: whoever publishes takes all that stand in it, and then
//! strikes them out up to the number that was the last, so that what came in between stays.

use std::collections::BTreeSet;

use rusqlite::{Connection, Transaction};

use crate::model::{ColumnId, ItemId};

use super::StoreError;

/// Which queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Queue {
    /// What was taken back or let out: at once, whatever the feeds' own times are.
    OutOfTurn,
    /// What is shown otherwise since others tell the same story, or since the run of another column
    /// changed it: in its turn.
    Retold,
}

impl Queue {
    fn table(self) -> &'static str {
        match self {
            Self::OutOfTurn => "unpublished",
            Self::Retold => "retold",
        }
    }

    /// Appends the columns that list the item `ordinal`.
    pub(super) fn append(
        self,
        transaction: &Transaction<'_>,
        ordinal: i64,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO {} (column_id) SELECT column_id FROM listed WHERE ordinal = ?1",
            self.table()
        );
        transaction.prepare_cached(&sql)?.execute([ordinal])?;
        Ok(())
    }

    /// Appends the columns that list the item `id`, except `column`, whose run tells of it itself.
    pub(super) fn append_others(
        self,
        transaction: &Transaction<'_>,
        id: &ItemId,
        column: &ColumnId,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO {} (column_id)
             SELECT column_id FROM listed JOIN item USING (ordinal) WHERE id = ?1 AND column_id <> ?2",
            self.table()
        );
        transaction.prepare_cached(&sql)?.execute([id.as_str(), &column.to_string()])?;
        Ok(())
    }

    /// The columns that stand in it, and the number under which [`Queue::strike_out`] takes that in.
    pub(super) fn waiting(
        self,
        connection: &Connection,
    ) -> Result<(BTreeSet<ColumnId>, i64), StoreError> {
        let sql = format!("SELECT number, column_id FROM {}", self.table());
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let (mut columns, mut last) = (BTreeSet::new(), 0);
        while let Some(row) = rows.next()? {
            last = last.max(row.get(0)?);
            columns.extend(row.get::<_, String>(1)?.parse::<ColumnId>().ok());
        }
        Ok((columns, last))
    }

    /// Strikes out what stood in it up to `number`.
    pub(super) fn strike_out(
        self,
        transaction: &Transaction<'_>,
        number: i64,
    ) -> Result<(), StoreError> {
        let sql = format!("DELETE FROM {} WHERE number <= ?1", self.table());
        transaction.execute(&sql, [number])?;
        Ok(())
    }
}
