//! Whom operators are told at: how telling goes, and of which problems each place was told.

use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::model::{AlertMessage, Course, Notice, ProblemCode};

use super::row::{seconds, time};
use super::subscriptions::course;
use super::{SqliteStore, StoreError};

impl SqliteStore {
    /// Makes the alerts `ids` known and forgets all others. One that is new was told of nothing.
    pub async fn keep_alerts(&self, ids: &[String]) -> Result<(), StoreError> {
        let ids = ids.to_vec();
        self.write(move |transaction| {
            let mut known = transaction.prepare("SELECT id FROM alert")?;
            let known: Vec<String> =
                known.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            for gone in known.iter().filter(|id| !ids.contains(id)) {
                transaction.execute("DELETE FROM alert WHERE id = ?1", [gone])?;
                transaction.execute("DELETE FROM heard WHERE alert = ?1", [gone])?;
            }
            for id in &ids {
                transaction.execute("INSERT OR IGNORE INTO alert (id) VALUES (?1)", [id])?;
            }
            Ok(())
        })
        .await
    }

    /// How telling the alert `id` goes; nothing happened yet where it is not known.
    pub async fn alert_course(&self, id: &str) -> Result<Course, StoreError> {
        let id = id.to_owned();
        self.read(move |connection| {
            let sql = "SELECT attempts, next_try, failing_since, error, worked
                       FROM alert WHERE id = ?1";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([id])?;
            rows.next()?.map_or_else(|| Ok(Course::default()), |row| course(row, 0))
        })
        .await
    }

    /// Of which problems the alert `id` was told, without having been told that they healed; when
    /// they did, as far as that is known.
    pub async fn heard(&self, id: &str) -> Result<Vec<Notice>, StoreError> {
        let id = id.to_owned();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT code, subject, detail, since,
                   (SELECT max(notice.healed) FROM notice
                    WHERE notice.subject = heard.subject AND notice.code = heard.code
                      AND notice.healed >= heard.since)
                 FROM heard WHERE alert = ?1 ORDER BY since, subject, code",
            )?;
            let mut rows = statement.query([id])?;
            let mut heard = Vec::new();
            while let Some(row) = rows.next()? {
                let code: String = row.get(0)?;
                // A code of another version of the program has no sentence here.
                let Some(code) = ProblemCode::from_code(&code) else { continue };
                heard.push(Notice {
                    code,
                    subject: row.get(1)?,
                    detail: row.get(2)?,
                    since: time(row.get(3)?),
                    healed: row.get::<_, Option<i64>>(4)?.map(time),
                });
            }
            Ok(heard)
        })
        .await
    }

    /// The alert that `message` is for took it: what it holds is told to it no more.
    pub async fn alert_took(
        &self,
        message: &AlertMessage,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let message = message.clone();
        self.write(move |transaction| {
            let id = &message.alert;
            for notice in &message.opened {
                transaction.execute(
                    "INSERT OR REPLACE INTO heard (alert, code, subject, detail, since)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![
                        id,
                        notice.code.as_str(),
                        notice.subject,
                        notice.detail,
                        seconds(notice.since)
                    ],
                )?;
            }
            for notice in &message.healed {
                transaction.execute(
                    "DELETE FROM heard WHERE alert = ?1 AND subject = ?2 AND code = ?3",
                    params![id, notice.subject, notice.code.as_str()],
                )?;
            }
            transaction.execute(
                "UPDATE alert SET attempts = 0, next_try = 0, failing_since = NULL, error = '',
                   worked = ?2 WHERE id = ?1",
                params![id, seconds(now)],
            )?;
            Ok(())
        })
        .await
    }

    /// A test of the alert `id` arrived: what waits for another try goes out at once. When it was
    /// last told something stays as it is.
    pub async fn alert_works(&self, id: &str) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE alert SET attempts = 0, next_try = 0, failing_since = NULL, error = ''
                 WHERE id = ?1",
                [id],
            )?;
            Ok(())
        })
        .await
    }

    /// Telling the alert `id` failed and is tried again at `next_try`.
    pub async fn alert_failed(
        &self,
        id: &str,
        error: &str,
        next_try: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (id, error) = (id.to_owned(), error.to_owned());
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE alert SET attempts = attempts + 1, next_try = ?2, error = ?3,
                   failing_since = coalesce(failing_since, ?4) WHERE id = ?1",
                params![id, seconds(next_try), error, seconds(now)],
            )?;
            Ok(())
        })
        .await
    }
}
