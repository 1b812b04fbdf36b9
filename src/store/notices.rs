//! What opened and healed, in order, for a while.

use chrono::{DateTime, Utc};
use rusqlite::{Transaction, params};

use crate::model::{Notice, ProblemCode};

use super::row::{seconds, signed, time, unsigned};
use super::{SqliteStore, StoreError};

/// Notices are kept for so many seconds, 90 days,
const KEPT_S: i64 = 90 * 86_400;
/// and so many of them at most.
const KEPT: i64 = 5000;

/// Notes what happened, in the transaction in which it does, and forgets what is old.
pub(super) fn note(
    transaction: &Transaction<'_>,
    notice: &Notice,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let healed = notice.healed.map(seconds);
    transaction
        .prepare_cached(
            "INSERT INTO notice (code, subject, detail, since, healed, noted)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            notice.code.as_str(),
            notice.subject,
            notice.detail,
            seconds(notice.since),
            healed,
            seconds(now)
        ])?;
    transaction
        .prepare_cached("DELETE FROM notice WHERE number <= ?1 OR noted < ?2")?
        .execute(params![transaction.last_insert_rowid() - KEPT, seconds(now) - KEPT_S])?;
    Ok(())
}

impl SqliteStore {
    /// The latest `limit` notices with their numbers, the newest first.
    pub async fn notices(&self, limit: u32) -> Result<Vec<(u64, Notice)>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT number, code, subject, detail, since, healed FROM notice
                 ORDER BY number DESC LIMIT ?1",
            )?;
            let mut rows = statement.query([signed(u64::from(limit))])?;
            let mut notices = Vec::new();
            while let Some(row) = rows.next()? {
                let code: String = row.get(1)?;
                // A code of another version of the program has no sentence here.
                let Some(code) = ProblemCode::from_code(&code) else { continue };
                let notice = Notice {
                    code,
                    subject: row.get(2)?,
                    detail: row.get(3)?,
                    since: time(row.get(4)?),
                    healed: row.get::<_, Option<i64>>(5)?.map(time),
                };
                notices.push((unsigned(row.get(0)?), notice));
            }
            Ok(notices)
        })
        .await
    }
}
