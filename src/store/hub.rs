//! What is asked of the hub, and what the callbacks have still to confirm, or to be told.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use url::Url;

use crate::model::{Intent, Secret, Wish};

use super::row::seconds;
use super::{SqliteStore, StoreError};

/// How many subscriptions and open wishes there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Of one callback host.
    pub per_host: u32,
    /// Of all.
    pub all: u32,
}

/// Whether a wish was taken down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// It was.
    Yes,
    /// The callback's host has as many as it may have.
    HostFull,
    /// There are as many as there may be.
    Full,
}

const INTENT: &str = "id, topic, path, callback, mode, secret, lease, reason, known, attempts";
/// The hosts in `?2`, a JSON list, are busy.
pub(super) const FREE: &str = "host NOT IN (SELECT value FROM json_each(?2))";

impl SqliteStore {
    /// Takes down a wish in place of any other of the same topic and callback.
    pub async fn intend(
        &self,
        intent: Intent,
        caps: Caps,
        now: DateTime<Utc>,
    ) -> Result<Admitted, StoreError> {
        self.write(move |transaction| {
            if matches!(intent.wish, Wish::Subscribe { .. }) {
                let (of_host, all) = count(transaction, &intent)?;
                if of_host >= caps.per_host {
                    return Ok(Admitted::HostFull);
                }
                if all >= caps.all {
                    return Ok(Admitted::Full);
                }
            }
            insert(transaction, &intent, now)?;
            Ok(Admitted::Yes)
        })
        .await
    }

    /// Wishes whose time has come, those of `busy` hosts left out.
    pub async fn due_intents(
        &self,
        now: DateTime<Utc>,
        busy: &[String],
        limit: usize,
    ) -> Result<Vec<Intent>, StoreError> {
        let (busy, limit) = (json(busy)?, i64::try_from(limit).unwrap_or(i64::MAX));
        self.read(move |connection| {
            let sql = format!(
                "SELECT {INTENT} FROM intent WHERE next_try <= ?1 AND {FREE}
                 ORDER BY next_try, id LIMIT ?3"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![seconds(now), busy, limit])?;
            let mut due = Vec::new();
            while let Some(row) = rows.next()? {
                due.extend(intent(row)?);
            }
            Ok(due)
        })
        .await
    }

    /// What the callback confirmed becomes true, and the wish is fulfilled.
    pub async fn confirmed(&self, intent: Intent, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let key = params![intent.topic, intent.callback.as_str()];
            match &intent.wish {
                Wish::Subscribe { secret, lease_s } => {
                    let expires = now + TimeDelta::seconds(i64::from(*lease_s));
                    transaction.execute(
                        "INSERT INTO subscription
                           (topic, path, callback, host, secret, expires, delivered)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                         ON CONFLICT (topic, callback) DO UPDATE SET
                           secret = excluded.secret, expires = excluded.expires,
                           attempts = 0, next_try = 0, failing_since = NULL, error = ''",
                        params![
                            intent.topic,
                            intent.path,
                            intent.callback.as_str(),
                            host(&intent.callback),
                            secret.as_ref().map(Secret::reveal),
                            seconds(expires),
                            intent.known,
                        ],
                    )?;
                }
                Wish::Unsubscribe | Wish::Deny { .. } => {
                    transaction.execute(
                        "DELETE FROM subscription WHERE topic = ?1 AND callback = ?2",
                        key,
                    )?;
                }
            }
            transaction.execute("DELETE FROM intent WHERE id = ?1", [intent.id])?;
            Ok(())
        })
        .await
    }

    /// The callback was asked in vain; it is asked again at `next_try`, or never.
    pub async fn unconfirmed(
        &self,
        intent: i64,
        next_try: Option<DateTime<Utc>>,
    ) -> Result<(), StoreError> {
        self.write(move |transaction| {
            match next_try {
                Some(next) => transaction.execute(
                    "UPDATE intent SET attempts = attempts + 1, next_try = ?2 WHERE id = ?1",
                    params![intent, seconds(next)],
                )?,
                None => transaction.execute("DELETE FROM intent WHERE id = ?1", [intent])?,
            };
            Ok(())
        })
        .await
    }

    /// Turns an open wish into word that it is refused.
    pub async fn refuse(
        &self,
        intent: Intent,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let wish = Wish::Deny { reason: reason.to_owned() };
        self.write(move |transaction| insert(transaction, &Intent { wish, ..intent }, now)).await
    }

    /// Ends every subscription of `topic`; the subscribers are told why.
    pub async fn retire_topic(
        &self,
        topic: &str,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let (topic, reason) = (topic.to_owned(), reason.to_owned());
        self.write(move |transaction| {
            let told = transaction.execute(
                "INSERT OR REPLACE INTO intent
                   (topic, path, callback, host, mode, lease, reason, known, attempts, next_try)
                 SELECT topic, path, callback, host, 'denied', 0, ?2, '', 0, ?3
                 FROM subscription WHERE topic = ?1",
                params![topic, reason, seconds(now)],
            )?;
            transaction.execute("DELETE FROM subscription WHERE topic = ?1", [&topic])?;
            Ok(told)
        })
        .await
    }
}

/// Subscriptions and wishes of the callback's host and of all, others than this one's.
fn count(transaction: &Transaction<'_>, intent: &Intent) -> Result<(u32, u32), StoreError> {
    Ok(transaction
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE host = ?3), count(*) FROM
               (SELECT host, topic, callback FROM subscription
                UNION SELECT host, topic, callback FROM intent WHERE mode = 'subscribe')
             WHERE topic <> ?1 OR callback <> ?2",
        )?
        .query_row(params![intent.topic, intent.callback.as_str(), host(&intent.callback)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?
        .unwrap_or_default())
}

fn insert(
    transaction: &Transaction<'_>,
    intent: &Intent,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (secret, lease, reason) = match &intent.wish {
        Wish::Subscribe { secret, lease_s } => (secret.as_ref(), *lease_s, ""),
        Wish::Unsubscribe => (None, 0, ""),
        Wish::Deny { reason } => (None, 0, reason.as_str()),
    };
    transaction.execute(
        "INSERT OR REPLACE INTO intent (topic, path, callback, host, mode, secret, lease, reason,
           known, attempts, next_try) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10)",
        params![
            intent.topic,
            intent.path,
            intent.callback.as_str(),
            host(&intent.callback),
            intent.wish.mode(),
            secret.map(Secret::reveal),
            lease,
            reason,
            intent.known,
            seconds(now),
        ],
    )?;
    Ok(())
}

/// `None` where a row was written by hand and cannot be read.
fn intent(row: &Row<'_>) -> Result<Option<Intent>, StoreError> {
    let Ok(callback) = Url::parse(row.get_ref(3)?.as_str().unwrap_or_default()) else {
        return Ok(None);
    };
    let mode: String = row.get(4)?;
    let wish = match mode.as_str() {
        "subscribe" => {
            let secret = row.get::<_, Option<Vec<u8>>>(5)?.map(Secret::new);
            Wish::Subscribe { secret, lease_s: row.get(6)? }
        }
        "unsubscribe" => Wish::Unsubscribe,
        _ => Wish::Deny { reason: row.get(7)? },
    };
    Ok(Some(Intent {
        id: row.get(0)?,
        topic: row.get(1)?,
        path: row.get(2)?,
        callback,
        wish,
        known: row.get(8)?,
        attempts: row.get(9)?,
    }))
}

/// The host of a callback, as caps and turns count it.
fn host(callback: &Url) -> &str {
    callback.host_str().unwrap_or_default()
}

pub(super) fn json(hosts: &[String]) -> Result<String, StoreError> {
    Ok(serde_json::to_string(hosts)?)
}
