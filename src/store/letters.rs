//! Dead letters: what was given up on, and what operators decide about it.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::model::{Letter, Seq};

use super::row::{seconds, signed, time, unsigned};
use super::{SqliteStore, StoreError};

/// What became of an operator's wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done, or will be at once.
    Done,
    /// There is no such letter.
    Unknown,
    /// Whom it was for is not there any more.
    Nobody,
}

const COLUMNS: &str = "id, outlet, subject, seq, attempts, error, died, wanted";

impl SqliteStore {
    /// All dead letters, the oldest first.
    pub async fn letters(&self) -> Result<Vec<Letter>, StoreError> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM letter ORDER BY id");
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([], letter)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// How many dead letters there are.
    pub async fn letter_count(&self) -> Result<u64, StoreError> {
        self.read(|connection| {
            let count: i64 =
                connection.query_row("SELECT count(*) FROM letter", [], |row| row.get(0))?;
            Ok(unsigned(count))
        })
        .await
    }

    /// The first letter of `outlet` that an operator wants sent again.
    pub async fn wanted_letter(&self, outlet: &str) -> Result<Option<Letter>, StoreError> {
        let outlet = outlet.to_owned();
        self.read(move |connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM letter WHERE outlet = ?1 AND wanted ORDER BY id LIMIT 1"
            );
            Ok(connection.prepare_cached(&sql)?.query_row([outlet], letter).optional()?)
        })
        .await
    }

    /// A letter sent again failed again: it stays.
    pub async fn letter_failed(
        &self,
        id: i64,
        error: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let error = error.to_owned();
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE letter SET wanted = 0, attempts = attempts + 1, error = ?2, died = ?3
                 WHERE id = ?1",
                params![id, error, seconds(now)],
            )?;
            Ok(())
        })
        .await
    }

    /// Throws a letter away.
    pub async fn drop_letter(&self, id: i64) -> Result<Answer, StoreError> {
        self.write(move |transaction| {
            let gone = transaction.execute("DELETE FROM letter WHERE id = ?1", [id])?;
            Ok(if gone == 0 { Answer::Unknown } else { Answer::Done })
        })
        .await
    }

    /// Has a letter sent again: a webhook gets what the item says then, a hub or a subscriber the
    /// topic as it is then.
    pub async fn retry_letter(&self, id: i64) -> Result<Answer, StoreError> {
        self.write(move |transaction| {
            let sql = format!("SELECT {COLUMNS} FROM letter WHERE id = ?1");
            let found = transaction.query_row(&sql, [id], letter).optional()?;
            let Some(Letter { outlet, subject, .. }) = found else { return Ok(Answer::Unknown) };
            if outlet.starts_with("webhook ") {
                transaction.execute("UPDATE letter SET wanted = 1 WHERE id = ?1", [id])?;
                return Ok(Answer::Done);
            }
            let there = match outlet.strip_prefix("websub ") {
                Some(callback) => transaction.execute(
                    "UPDATE subscription SET delivered = '', attempts = 0, next_try = 0
                     WHERE topic = ?1 AND callback = ?2",
                    [subject.as_str(), callback],
                )?,
                None => {
                    let sql = "DELETE FROM noticed WHERE outlet = ?1 AND path = ?2";
                    transaction.execute(sql, [&outlet, &subject])?;
                    let sql = "UPDATE outlet SET attempts = 0, next_try = 0 WHERE name = ?1";
                    transaction.execute(sql, [&outlet])?
                }
            };
            if there == 0 {
                return Ok(Answer::Nobody);
            }
            transaction.execute("DELETE FROM letter WHERE id = ?1", [id])?;
            Ok(Answer::Done)
        })
        .await
    }
}

/// Puts something on the list, in place of what stood there of the same.
pub(super) fn bury(
    transaction: &Transaction<'_>,
    outlet: &str,
    subject: &str,
    seq: Seq,
    attempts: u32,
    error: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    transaction.execute(
        "INSERT OR REPLACE INTO letter (outlet, subject, seq, attempts, error, died)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![outlet, subject, signed(seq), attempts, error, seconds(now)],
    )?;
    Ok(())
}

fn letter(row: &Row<'_>) -> rusqlite::Result<Letter> {
    Ok(Letter {
        id: row.get(0)?,
        outlet: row.get(1)?,
        subject: row.get(2)?,
        seq: unsigned(row.get(3)?),
        attempts: row.get(4)?,
        error: row.get(5)?,
        died: time(row.get(6)?),
        wanted: row.get(7)?,
    })
}
