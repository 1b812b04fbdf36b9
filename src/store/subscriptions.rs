//! Subscriptions of the hub: what is due to whom, and how delivering goes.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use url::Url;

use crate::model::{Course, Secret, Subscription};

use super::hub::{FREE, json};
use super::letters::bury;
use super::row::{seconds, time, unsigned};
use super::{SqliteStore, StoreError};

const SUBSCRIPTION: &str = "subscription.id, subscription.topic, subscription.path, \
     subscription.callback, subscription.secret, subscription.expires, subscription.attempts, \
     subscription.next_try, subscription.failing_since, subscription.error, subscription.worked";

impl SqliteStore {
    /// The topics that somebody is subscribed to, with their paths.
    pub async fn topics(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT DISTINCT topic, path FROM subscription")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Subscriptions that something is to be sent to now, those of `busy` hosts left out.
    pub async fn due_subscriptions(
        &self,
        now: DateTime<Utc>,
        busy: &[String],
        limit: usize,
    ) -> Result<Vec<Subscription>, StoreError> {
        let (busy, limit) = (json(busy)?, i64::try_from(limit).unwrap_or(i64::MAX));
        self.read(move |connection| {
            let sql = format!(
                "SELECT {SUBSCRIPTION} FROM subscription JOIN document USING (path)
                 WHERE delivered <> etag AND next_try <= ?1 AND expires > ?1 AND {FREE}
                 ORDER BY next_try, subscription.id LIMIT ?3"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![seconds(now), busy, limit])?;
            let mut due = Vec::new();
            while let Some(row) = rows.next()? {
                due.extend(subscription(row)?);
            }
            Ok(due)
        })
        .await
    }

    /// The version `etag` arrived; what was given up on before is settled with it.
    pub async fn delivered(
        &self,
        subscription: &Subscription,
        etag: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let Subscription { id, topic, callback, .. } = subscription.clone();
        let etag = etag.to_owned();
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE subscription SET delivered = ?2, worked = ?3, attempts = 0, next_try = 0,
                   failing_since = NULL, error = '' WHERE id = ?1",
                params![id, etag, seconds(now)],
            )?;
            transaction.execute(
                "DELETE FROM letter WHERE outlet = 'websub ' || ?1 AND subject = ?2",
                params![callback.as_str(), topic],
            )?;
            Ok(())
        })
        .await
    }

    /// The version `etag` did not arrive: it is tried again at `next_try`, or given up.
    pub async fn undelivered(
        &self,
        subscription: &Subscription,
        etag: &str,
        error: &str,
        next_try: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let Subscription { id, topic, callback, course, .. } = subscription.clone();
        let (etag, error) = (etag.to_owned(), error.to_owned());
        self.write(move |transaction| {
            transaction.execute(
                "UPDATE subscription SET attempts = attempts + 1, next_try = ?2, error = ?3,
                   failing_since = coalesce(failing_since, ?4) WHERE id = ?1",
                params![id, seconds(next_try.unwrap_or(now)), error, seconds(now)],
            )?;
            if next_try.is_none() {
                transaction.execute(
                    "UPDATE subscription SET attempts = 0, delivered = ?2 WHERE id = ?1",
                    params![id, etag],
                )?;
                let outlet = format!("websub {callback}");
                bury(transaction, &outlet, &topic, 0, course.attempts + 1, &error, now)?;
            }
            Ok(())
        })
        .await
    }

    /// Looks again at `next_try` whether something can be sent; no fault of the subscriber's.
    pub async fn postpone(&self, id: i64, next_try: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let sql = "UPDATE subscription SET next_try = ?2 WHERE id = ?1";
            transaction.execute(sql, params![id, seconds(next_try)])?;
            Ok(())
        })
        .await
    }

    /// Ends a subscription at its callback's wish.
    pub async fn end_subscription(&self, id: i64) -> Result<(), StoreError> {
        self.write(move |transaction| {
            transaction.execute("DELETE FROM subscription WHERE id = ?1", [id])?;
            Ok(())
        })
        .await
    }

    /// Forgets the subscriptions whose lease is over; how many.
    pub async fn end_leases(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let ended = "SELECT EXISTS (SELECT 1 FROM subscription WHERE expires <= ?1)";
        let any: bool = self
            .read(move |connection| {
                Ok(connection.query_row(ended, [seconds(now)], |row| row.get(0))?)
            })
            .await?;
        if !any {
            return Ok(0);
        }
        self.write(move |transaction| {
            let sql = "DELETE FROM subscription WHERE expires <= ?1";
            Ok(transaction.execute(sql, [seconds(now)])?)
        })
        .await
    }

    /// All subscriptions, by callback.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, StoreError> {
        self.read(|connection| {
            let sql = format!("SELECT {SUBSCRIPTION} FROM subscription ORDER BY callback, topic");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([])?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                all.extend(subscription(row)?);
            }
            Ok(all)
        })
        .await
    }

    /// How many subscriptions there are.
    pub async fn subscription_count(&self) -> Result<u64, StoreError> {
        self.read(|connection| {
            let count: i64 =
                connection.query_row("SELECT count(*) FROM subscription", [], |r| r.get(0))?;
            Ok(unsigned(count))
        })
        .await
    }

    /// The callback hosts where nothing worked since `since`, with the last error.
    pub async fn failing_hosts(
        &self,
        since: DateTime<Utc>,
    ) -> Result<Vec<(String, String)>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT host, max(error) FROM subscription
                 WHERE failing_since <= ?1 GROUP BY host ORDER BY host",
            )?;
            let rows = statement.query_map([seconds(since)], |r| Ok((r.get(0)?, r.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn subscription(row: &Row<'_>) -> Result<Option<Subscription>, StoreError> {
    let Ok(callback) = Url::parse(row.get_ref(3)?.as_str().unwrap_or_default()) else {
        return Ok(None);
    };
    Ok(Some(Subscription {
        id: row.get(0)?,
        topic: row.get(1)?,
        path: row.get(2)?,
        callback,
        secret: row.get::<_, Option<Vec<u8>>>(4)?.map(Secret::new),
        expires: time(row.get(5)?),
        course: course(row, 6)?,
    }))
}

/// Five columns from `at`: attempts, next try, failing since, error, worked.
pub(super) fn course(row: &Row<'_>, at: usize) -> Result<Course, StoreError> {
    Ok(Course {
        attempts: row.get(at)?,
        next_try: time(row.get(at + 1)?),
        failing_since: row.get::<_, Option<i64>>(at + 2)?.map(time),
        error: row.get(at + 3)?,
        worked: row.get::<_, Option<i64>>(at + 4)?.map(time),
    })
}
