//! Runs and problems.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::model::{ColumnId, Notice, Problem, ProblemCode};

use super::notices::note;
use super::row::{seconds, time};
use super::{SqliteStore, StoreError, blemishes};

/// The last run of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// The column's id.
    pub column: String,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended; `None` while it is under way, or after a kill.
    pub ended: Option<DateTime<Utc>>,
    /// How it ended.
    pub outcome: Option<String>,
    /// Counts by name, as JSON.
    pub counts: Option<String>,
}

impl RunRecord {
    /// The count called `name`, 0 where there is none.
    pub fn count(&self, name: &str) -> u64 {
        let parsed = self.counts.as_deref().and_then(|text| {
            serde_json::from_str::<BTreeMap<String, serde_json::Value>>(text).ok()
        });
        parsed.and_then(|counts| counts.get(name)?.as_u64()).unwrap_or(0)
    }
}

/// Runs of a column that are remembered.
const RUNS_KEPT: i64 = 100;

impl SqliteStore {
    /// Notes the begin of a run and gives its number.
    pub async fn begin_run(
        &self,
        column: &ColumnId,
        planned: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<i64, StoreError> {
        let column = column.to_string();
        self.write(move |transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO run (column_id, planned, started) VALUES (?1, ?2, ?3)",
                )?
                .execute(params![column, planned.map(seconds), seconds(now)])?;
            let run = transaction.last_insert_rowid();
            transaction
                .prepare_cached(
                    "DELETE FROM run WHERE column_id = ?1 AND id <=
                       (SELECT id FROM run WHERE column_id = ?1
                        ORDER BY id DESC LIMIT 1 OFFSET ?2)",
                )?
                .execute(params![column, RUNS_KEPT])?;
            Ok(run)
        })
        .await
    }

    /// Notes the end of a run; `down` where the site could not be read, through its own fault.
    pub async fn end_run(
        &self,
        run: i64,
        outcome: &str,
        counts: &str,
        down: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (outcome, counts) = (outcome.to_owned(), counts.to_owned());
        self.write(move |transaction| {
            transaction
                .prepare_cached(
                    "UPDATE run SET ended = ?2, outcome = ?3, counts = ?4 WHERE id = ?1",
                )?
                .execute(params![run, seconds(now), outcome, counts])?;
            blemishes::count_run(transaction, run, outcome != "failed", down, now)
        })
        .await
    }

    /// The last finished run of every column.
    pub async fn last_runs(&self) -> Result<Vec<RunRecord>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT column_id, started, ended, outcome, counts FROM run WHERE id IN
                   (SELECT max(id) FROM run WHERE ended IS NOT NULL GROUP BY column_id)
                 ORDER BY column_id",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(RunRecord {
                    column: row.get(0)?,
                    started: time(row.get(1)?),
                    ended: row.get::<_, Option<i64>>(2)?.map(time),
                    outcome: row.get(3)?,
                    counts: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Opens the problem, or counts it once more; true when it was not open.
    pub async fn raise(
        &self,
        code: ProblemCode,
        subject: &str,
        detail: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (subject, detail) = (subject.to_owned(), detail.to_owned());
        self.write(move |transaction| {
            let known = transaction
                .prepare_cached(
                    "UPDATE problem SET count = count + 1, detail = ?3, last_seen = ?4
                     WHERE subject = ?1 AND code = ?2 AND healed IS NULL",
                )?
                .execute(params![subject, code.as_str(), detail, seconds(now)])?;
            if known == 0 {
                transaction
                    .prepare_cached(
                        "INSERT INTO problem (code, subject, detail, count, first_seen, last_seen)
                         VALUES (?2, ?1, ?3, 1, ?4, ?4)",
                    )?
                    .execute(params![subject, code.as_str(), detail, seconds(now)])?;
                note(
                    transaction,
                    &Notice { code, subject, detail, since: now, healed: None },
                    now,
                )?;
            }
            Ok(known == 0)
        })
        .await
    }

    /// Heals the problems of `subject` except those of the codes in `still`; gives the healed ones.
    pub async fn heal(
        &self,
        subject: &str,
        still: &[ProblemCode],
        now: DateTime<Utc>,
    ) -> Result<Vec<Problem>, StoreError> {
        let (subject, still) = (subject.to_owned(), still.to_vec());
        let open = self.problems().await?;
        let healed: Vec<Problem> = open
            .into_iter()
            .filter(|problem| problem.subject == subject && !still.contains(&problem.code))
            .collect();
        if healed.is_empty() {
            return Ok(healed);
        }
        self.write(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "UPDATE problem SET healed = ?3
                 WHERE subject = ?1 AND code = ?2 AND healed IS NULL",
            )?;
            for Problem { code, detail, first_seen, .. } in &healed {
                // Somebody else may have healed it since it was looked for.
                if statement.execute(params![subject, code.as_str(), seconds(now)])? > 0 {
                    let (subject, detail) = (subject.clone(), detail.clone());
                    let (code, since, healed) = (*code, *first_seen, Some(now));
                    note(transaction, &Notice { code, subject, detail, since, healed }, now)?;
                }
            }
            Ok(healed)
        })
        .await
    }

    /// All open problems, the oldest first.
    pub async fn problems(&self) -> Result<Vec<Problem>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT code, subject, detail, count, first_seen, last_seen
                 FROM problem WHERE healed IS NULL ORDER BY first_seen, id",
            )?;
            let mut rows = statement.query([])?;
            let mut problems = Vec::new();
            while let Some(row) = rows.next()? {
                let code: String = row.get(0)?;
                // A code of another version of the program has no sentence here.
                let Some(code) = ProblemCode::from_code(&code) else { continue };
                problems.push(Problem {
                    code,
                    subject: row.get(1)?,
                    detail: row.get(2)?,
                    count: row.get(3)?,
                    first_seen: time(row.get(4)?),
                    last_seen: time(row.get(5)?),
                });
            }
            Ok(problems)
        })
        .await
    }
}
