//! The ledger of planned times: what was planned for each job, and what became of it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use crate::model::{ColumnId, Turn, TurnEnd};

use super::row::{seconds, time};
use super::{SqliteStore, StoreError};

/// One change of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerWrite {
    /// This is the turn of its job at its time.
    Note(Turn),
    /// The times of a job follow from these words, and count from `since`.
    Adopt {
        /// The job by its name.
        job: String,
        /// What its times follow from.
        words: String,
        /// From when on they count.
        since: DateTime<Utc>,
    },
    /// The job is no more; its turns stay until they are old.
    Drop(String),
    /// Turns after that time were noted by a clock that was wrong.
    Forget {
        /// The job by its name.
        job: String,
        /// The right time.
        after: DateTime<Utc>,
    },
}

/// What the ledger remembers of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRecord {
    /// From which words its times follow, where that is known.
    pub words: Option<String>,
    /// From when on they count.
    pub since: DateTime<Utc>,
    /// The last of its turns.
    pub last: Option<DateTime<Utc>>,
    /// Turns of which it is not known what became, in order.
    pub open: Vec<DateTime<Utc>>,
}

const TURN: &str = "job, planned, started, ended, outcome";

impl SqliteStore {
    /// Makes `changes` in order, all or none of them.
    pub async fn keep_ledger(&self, changes: Vec<LedgerWrite>) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.write(move |transaction| {
            changes.iter().try_for_each(|change| change.make(transaction))
        })
        .await
    }

    /// What is remembered of the jobs whose names begin with `prefix`.
    pub async fn jobs(&self, prefix: &str) -> Result<BTreeMap<String, JobRecord>, StoreError> {
        let prefix = prefix.to_owned();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT name, words, since, (SELECT max(planned) FROM turn WHERE job = name)
                 FROM job WHERE substr(name, 1, length(?1)) = ?1",
            )?;
            let rows = statement.query_map([&prefix], |row| {
                let record = JobRecord {
                    words: row.get(1)?,
                    since: time(row.get(2)?),
                    last: row.get::<_, Option<i64>>(3)?.map(time),
                    open: Vec::new(),
                };
                Ok((row.get(0)?, record))
            })?;
            let mut jobs: BTreeMap<String, JobRecord> = rows.collect::<Result<_, _>>()?;
            for (job, planned) in open(connection)? {
                if let Some(record) = jobs.get_mut(&job) {
                    record.open.push(planned);
                }
            }
            Ok(jobs)
        })
        .await
    }

    /// The turns planned from `since` on, in the order of their times; of all jobs, or of those
    /// whose name or subject is `job`, or whose subject begins with `job/`.
    pub async fn turns(
        &self,
        job: Option<&str>,
        since: DateTime<Utc>,
    ) -> Result<Vec<Turn>, StoreError> {
        let job = job.map(str::to_owned);
        self.read(move |connection| {
            let sql = format!(
                "SELECT {TURN} FROM turn WHERE planned >= ?1 AND (?2 IS NULL OR job = ?2
                   OR substr(job, instr(job, ' ') + 1) = ?2
                   OR substr(job, instr(job, ' ') + 1, length(?2) + 1) = ?2 || '/')
                 ORDER BY planned, job"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let turns = statement.query_map(params![seconds(since), job], turn)?;
            Ok(turns.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Forgets turns planned before then, except the last of each job; gives how many.
    pub async fn forget_turns(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        self.write(move |transaction| {
            Ok(transaction
                .prepare_cached(
                    "DELETE FROM turn WHERE planned < ?1 AND
                       (job NOT IN (SELECT name FROM job) OR planned <
                        (SELECT max(planned) FROM turn AS newer WHERE newer.job = turn.job))",
                )?
                .execute([seconds(before)])?)
        })
        .await
    }

    /// When items came into a column from `since` on, in order.
    pub async fn arrivals(
        &self,
        column: &ColumnId,
        since: DateTime<Utc>,
    ) -> Result<Vec<DateTime<Utc>>, StoreError> {
        let column = column.to_string();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT DISTINCT first_seen FROM listed WHERE column_id = ?1 AND first_seen >= ?2
                 ORDER BY first_seen",
            )?;
            let times = statement.query_map(params![column, seconds(since)], |row| row.get(0))?;
            Ok(times.collect::<Result<Vec<i64>, _>>()?.into_iter().map(time).collect())
        })
        .await
    }

    /// Counts one more request to `host` on `day`; false, and nothing is counted, where `most` were
    /// made.
    pub async fn spend(&self, host: &str, day: NaiveDate, most: u64) -> Result<bool, StoreError> {
        let (host, day) = (host.to_owned(), day.to_string());
        self.write(move |transaction| {
            let spent: Option<i64> = transaction
                .prepare_cached("SELECT requests FROM spent WHERE host = ?1 AND day = ?2")?
                .query_row(params![host, day], |row| row.get(0))
                .optional()?;
            let spent = spent.unwrap_or(0);
            if u64::try_from(spent).is_ok_and(|spent| spent >= most) {
                return Ok(false);
            }
            transaction
                .prepare_cached("INSERT OR REPLACE INTO spent VALUES (?1, ?2, ?3)")?
                .execute(params![host, day, spent + 1])?;
            Ok(true)
        })
        .await
    }
}

impl LedgerWrite {
    fn make(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        match self {
            Self::Note(turn) => transaction
                .prepare_cached(
                    "INSERT INTO turn VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (job, planned) DO
                     UPDATE SET started = coalesce(excluded.started, started),
                       ended = excluded.ended, outcome = excluded.outcome",
                )?
                .execute(params![
                    turn.job,
                    seconds(turn.planned),
                    turn.started.map(seconds),
                    turn.ended.map(seconds),
                    turn.end.map(TurnEnd::as_str)
                ])?,
            Self::Adopt { job, words, since } => transaction
                .prepare_cached("INSERT OR REPLACE INTO job VALUES (?1, ?2, ?3)")?
                .execute(params![job, words, seconds(*since)])?,
            // What waited for it waits no more.
            Self::Drop(job) => {
                transaction
                    .prepare_cached(
                        "UPDATE turn SET outcome = 'missed' WHERE job = ?1 AND outcome IS NULL
                           AND started IS NULL",
                    )?
                    .execute([job])?;
                transaction.prepare_cached("DELETE FROM job WHERE name = ?1")?.execute([job])?
            }
            Self::Forget { job, after } => {
                transaction
                    .prepare_cached("UPDATE job SET since = min(since, ?2) WHERE name = ?1")?
                    .execute(params![job, seconds(*after)])?;
                transaction
                    .prepare_cached("DELETE FROM turn WHERE job = ?1 AND planned > ?2")?
                    .execute(params![job, seconds(*after)])?
            }
        };
        Ok(())
    }
}

fn open(connection: &Connection) -> Result<Vec<(String, DateTime<Utc>)>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT job, planned FROM turn WHERE outcome IS NULL ORDER BY planned")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, time(row.get(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn turn(row: &Row<'_>) -> rusqlite::Result<Turn> {
    Ok(Turn {
        job: row.get(0)?,
        planned: time(row.get(1)?),
        started: row.get::<_, Option<i64>>(2)?.map(time),
        ended: row.get::<_, Option<i64>>(3)?.map(time),
        end: row.get::<_, Option<String>>(4)?.and_then(|text| TurnEnd::from_text(&text)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreOptions;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-11-{text}:00Z").parse().unwrap()
    }

    fn turn(job: &str, planned: &str, end: Option<TurnEnd>) -> Turn {
        let (job, planned) = (job.to_owned(), at(planned));
        Turn { job, planned, started: Some(planned), ended: end.map(|_| planned), end }
    }

    fn adopt(job: &str, since: &str) -> LedgerWrite {
        LedgerWrite::Adopt { job: job.to_owned(), words: "@daily".to_owned(), since: at(since) }
    }

    #[tokio::test]
    async fn turns_are_noted_remembered_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
        let note = |job: &str, planned: &str, end| LedgerWrite::Note(turn(job, planned, end));
        let changes = vec![
            adopt("refresh a/b", "01T00:00"),
            adopt("publish weekly", "01T00:00"),
            note("refresh a/b", "03T01:00", Some(TurnEnd::Done)),
            note("refresh a/b", "03T02:00", None),
            note("refresh a/bb", "03T02:00", Some(TurnEnd::Failed)),
            note("publish weekly", "02T01:00", Some(TurnEnd::CaughtUp)),
        ];
        store.keep_ledger(changes).await.unwrap();
        let jobs = store.jobs("refresh ").await.unwrap();
        let record = JobRecord {
            words: Some("@daily".to_owned()),
            since: at("01T00:00"),
            last: Some(at("03T02:00")),
            open: vec![at("03T02:00")],
        };
        assert_eq!(jobs, BTreeMap::from([("refresh a/b".to_owned(), record)]));

        // The end of a turn keeps when it was started.
        let mut ended = turn("refresh a/b", "03T02:00", Some(TurnEnd::Done));
        ended.started = None;
        store.keep_ledger(vec![LedgerWrite::Note(ended)]).await.unwrap();
        let names = |turns: Vec<Turn>| -> Vec<String> {
            turns.iter().map(|turn| format!("{} {}", turn.job, turn.planned.format("%H"))).collect()
        };
        let all = store.turns(Some("a"), at("03T01:30")).await.unwrap();
        assert_eq!(all[0].started, Some(at("03T02:00")));
        assert_eq!(names(all), ["refresh a/b 02", "refresh a/bb 02"]);
        for one in ["a/b", "refresh a/b"] {
            let turns = store.turns(Some(one), at("01T00:00")).await.unwrap();
            assert_eq!(names(turns), ["refresh a/b 01", "refresh a/b 02"]);
        }
        assert_eq!(store.turns(None, at("01T00:00")).await.unwrap().len(), 4);

        let wrong = LedgerWrite::Forget { job: "refresh a/b".to_owned(), after: at("03T01:30") };
        store.keep_ledger(vec![wrong]).await.unwrap();
        assert_eq!(store.jobs("refresh ").await.unwrap()["refresh a/b"].last, Some(at("03T01:00")));
        // The last turn of a job that there is stays, however old.
        assert_eq!(store.forget_turns(at("20T00:00")).await.unwrap(), 1);
        let left = store.turns(None, at("01T00:00")).await.unwrap();
        assert_eq!(names(left), ["publish weekly 01", "refresh a/b 01"]);
        store.keep_ledger(vec![LedgerWrite::Drop("publish weekly".to_owned())]).await.unwrap();
        assert_eq!(store.jobs("publish ").await.unwrap(), BTreeMap::new());
        assert_eq!(store.forget_turns(at("20T00:00")).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn requests_of_a_day_are_counted_over_restarts() {
        let folder = tempfile::tempdir().unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for wanted in [[true, true], [true, false]] {
            let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
            for wanted in wanted {
                let spent = store.spend("a.test", day("2026-11-03"), 3).await.unwrap();
                assert_eq!(spent, wanted);
            }
            store.close().await.unwrap();
        }
        let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
        assert!(store.spend("b.test", day("2026-11-03"), 3).await.unwrap());
        assert!(store.spend("a.test", day("2026-11-03"), 4).await.unwrap(), "a larger budget");
        assert!(store.spend("a.test", day("2026-11-04"), 1).await.unwrap(), "another day");
        assert!(!store.spend("a.test", day("2026-11-04"), 1).await.unwrap());
    }
}
