//! Webhooks and further hubs: how far each was told, and how sending goes.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use crate::model::{Outlet, Seq};

use super::letters::bury;
use super::row::{seconds, signed, unsigned};
use super::subscriptions::course;
use super::{SqliteStore, StoreError};

const COLUMNS: &str = "name, cursor, attempts, next_try, failing_since, error, worked";
/// Documents that hubs hear of.
const TOPICS: &str = "document WHERE path >= 'feeds/' AND path < 'feeds0' AND
     (path LIKE '%.rss' OR path LIKE '%.atom' OR path LIKE '%.json')";

impl SqliteStore {
    /// Makes `name` known. A webhook hears of what changes from now on, a hub of what is published
    /// from now on; one that was known goes on where it was.
    pub async fn open_outlet(&self, name: &str) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.write(move |transaction| {
            let new = transaction.execute(
                "INSERT OR IGNORE INTO outlet (name, cursor)
                 VALUES (?1, coalesce((SELECT max(seq) FROM item), 0))",
                [&name],
            )?;
            if new == 1 {
                let sql = format!("INSERT INTO noticed SELECT ?1, path, etag FROM {TOPICS}");
                transaction.execute(&sql, [&name])?;
            }
            Ok(())
        })
        .await
    }

    /// The outlet `name`.
    pub async fn outlet(&self, name: &str) -> Result<Option<Outlet>, StoreError> {
        let name = name.to_owned();
        self.read(move |connection| {
            let sql = format!("SELECT {COLUMNS} FROM outlet WHERE name = ?1");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([name])?;
            rows.next()?
                .map(|row| {
                    let cursor = unsigned(row.get(1)?);
                    Ok(Outlet { name: row.get(0)?, cursor, course: course(row, 2)? })
                })
                .transpose()
        })
        .await
    }

    /// The first document whose latest version the hub `outlet` was not told of: path and tag.
    pub async fn due_notice(&self, outlet: &str) -> Result<Option<(String, String)>, StoreError> {
        let outlet = outlet.to_owned();
        self.read(move |connection| {
            let sql = format!(
                "SELECT path, etag FROM {TOPICS} AND etag IS NOT
                   (SELECT noticed.etag FROM noticed
                    WHERE outlet = ?1 AND noticed.path = document.path)
                 ORDER BY path LIMIT 1"
            );
            let found = connection
                .prepare_cached(&sql)?
                .query_row([outlet], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            Ok(found)
        })
        .await
    }

    /// The hub `outlet` was told of the version `etag` at `path`.
    pub async fn noticed(
        &self,
        outlet: &str,
        path: &str,
        etag: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (outlet, path, etag) = (outlet.to_owned(), path.to_owned(), etag.to_owned());
        self.write(move |transaction| {
            transaction.execute(
                "INSERT OR REPLACE INTO noticed VALUES (?1, ?2, ?3)",
                [&outlet, &path, &etag],
            )?;
            let sql = "DELETE FROM letter WHERE outlet = ?1 AND subject = ?2";
            transaction.execute(sql, [&outlet, &path])?;
            worked(transaction, &outlet, now)
        })
        .await
    }

    /// Telling the hub `outlet` of the version `etag` at `path` is given up.
    pub async fn unnoticed(
        &self,
        outlet: &Outlet,
        path: &str,
        etag: &str,
        error: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (outlet, path) = (outlet.clone(), path.to_owned());
        let (etag, error) = (etag.to_owned(), error.to_owned());
        self.write(move |transaction| {
            let name = &outlet.name;
            transaction.execute(
                "INSERT OR REPLACE INTO noticed VALUES (?1, ?2, ?3)",
                [name, &path, &etag],
            )?;
            bury(transaction, name, &path, 0, outlet.course.attempts + 1, &error, now)?;
            over(transaction, name, &error, now)
        })
        .await
    }

    /// The webhook `outlet` has the changes up to `seq`, or none of those between concern it.
    pub async fn outlet_passed(&self, outlet: &str, seq: Seq) -> Result<(), StoreError> {
        let outlet = outlet.to_owned();
        self.write(move |transaction| {
            let sql = "UPDATE outlet SET cursor = max(cursor, ?2) WHERE name = ?1";
            transaction.execute(sql, params![outlet, signed(seq)])?;
            Ok(())
        })
        .await
    }

    /// The webhook `outlet` took the change `seq` of the item `subject`, and with it what was given
    /// up on before of the same item.
    pub async fn outlet_took(
        &self,
        outlet: &str,
        subject: &str,
        seq: Seq,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (outlet, subject) = (outlet.to_owned(), subject.to_owned());
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE outlet SET cursor = max(cursor, ?2) WHERE name = ?1",
                params![outlet, signed(seq)],
            )?;
            let sql = "DELETE FROM letter WHERE outlet = ?1 AND subject = ?2";
            transaction.execute(sql, [&outlet, &subject])?;
            worked(transaction, &outlet, now)
        })
        .await
    }

    /// Sending to `outlet` failed and is tried again at `next_try`.
    pub async fn outlet_failed(
        &self,
        outlet: &str,
        error: &str,
        next_try: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (outlet, error) = (outlet.to_owned(), error.to_owned());
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE outlet SET attempts = attempts + 1, next_try = ?2, error = ?3,
                   failing_since = coalesce(failing_since, ?4) WHERE name = ?1",
                params![outlet, seconds(next_try), error, seconds(now)],
            )?;
            Ok(())
        })
        .await
    }

    /// The change `seq` of the item `subject` is given up; the next one's turn comes.
    pub async fn outlet_gave_up(
        &self,
        outlet: &Outlet,
        subject: &str,
        seq: Seq,
        error: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let outlet = outlet.clone();
        let (subject, error) = (subject.to_owned(), error.to_owned());
        self.write(move |transaction| {
            let name = &outlet.name;
            transaction.execute(
                "UPDATE outlet SET cursor = max(cursor, ?2) WHERE name = ?1",
                params![name, signed(seq)],
            )?;
            bury(transaction, name, &subject, seq, outlet.course.attempts + 1, &error, now)?;
            over(transaction, name, &error, now)
        })
        .await
    }

    /// All outlets, by name.
    pub async fn outlets(&self) -> Result<Vec<Outlet>, StoreError> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM outlet ORDER BY name");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([])?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                let cursor = unsigned(row.get(1)?);
                all.push(Outlet { name: row.get(0)?, cursor, course: course(row, 2)? });
            }
            Ok(all)
        })
        .await
    }
}

fn worked(
    transaction: &rusqlite::Transaction<'_>,
    outlet: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    transaction.execute(
        "UPDATE outlet SET attempts = 0, next_try = 0, failing_since = NULL, error = '',
           worked = ?2 WHERE name = ?1",
        params![outlet, seconds(now)],
    )?;
    Ok(())
}

/// One thing was given up; the attempts of the next begin, while the outlet fails still.
fn over(
    transaction: &rusqlite::Transaction<'_>,
    outlet: &str,
    error: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    transaction.execute(
        "UPDATE outlet SET attempts = 0, next_try = 0, error = ?2,
           failing_since = coalesce(failing_since, ?3) WHERE name = ?1",
        params![outlet, error, seconds(now)],
    )?;
    Ok(())
}
