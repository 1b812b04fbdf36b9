//! Hosts that are left alone.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, Row, params};

use crate::model::{ProblemCode, Rest};

use super::row::{seconds, time};
use super::{SqliteStore, StoreError};

impl SqliteStore {
    /// Until when `host` is left alone; of one that challenged us, also when that is over at `now`.
    pub async fn rest(&self, host: &str, now: DateTime<Utc>) -> Result<Option<Rest>, StoreError> {
        let asked = host.to_owned();
        let found = self
            .read(move |connection| {
                Ok(connection
                    .prepare_cached(
                        "SELECT until, challenge, status, challenges FROM rest WHERE host = ?1",
                    )?
                    .query_row([asked], rest)
                    .optional()?)
            })
            .await?;
        match found {
            Some(rest) if rest.until <= now && rest.challenges == 0 => {
                self.forget_rest(host, now).await?;
                Ok(None)
            }
            found => Ok(found),
        }
    }

    /// Notes that `host` is left alone.
    pub async fn keep_rest(&self, host: &str, rest: Rest) -> Result<(), StoreError> {
        let host = host.to_owned();
        // Times are whole seconds, and none is to be too short.
        let until = seconds(rest.until + TimeDelta::nanoseconds(999_999_999));
        let challenge = rest.challenge.map(|(code, _)| code.as_str());
        let status = rest.challenge.map(|(_, status)| status);
        self.write(move |transaction| {
            transaction
                .prepare_cached("INSERT OR REPLACE INTO rest VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![host, until, challenge, status, rest.challenges])?;
            Ok(())
        })
        .await
    }

    /// Forgets that `host` was left alone, and how often it challenged us, where that is over at
    /// `now`.
    pub async fn forget_rest(&self, host: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let host = host.to_owned();
        self.write(move |transaction| {
            transaction
                .prepare_cached("DELETE FROM rest WHERE host = ?1 AND until <= ?2")?
                .execute(params![host, seconds(now)])?;
            Ok(())
        })
        .await
    }

    /// Forgets that `hosts` are left alone, whether that is over or not.
    pub async fn end_rests(&self, hosts: Vec<String>) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let mut delete = transaction.prepare_cached("DELETE FROM rest WHERE host = ?1")?;
            for host in hosts {
                delete.execute([host])?;
            }
            Ok(())
        })
        .await
    }
}

fn rest(row: &Row<'_>) -> rusqlite::Result<Rest> {
    let code: Option<String> = row.get(1)?;
    // A code of another version of the program has no product here.
    let code = code.map(|code| {
        let known = ProblemCode::from_code(&code).filter(|code| code.is_challenge());
        known.unwrap_or(ProblemCode::BlockedChallenge)
    });
    Ok(Rest { until: time(row.get(0)?), challenge: code.zip(row.get(2)?), challenges: row.get(3)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreOptions;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-11-20T{text}Z").parse().unwrap()
    }

    #[tokio::test]
    async fn a_rest_is_kept_until_it_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let challenge = Some((ProblemCode::BlockedRuishu, 412));
        let challenged = Rest { until: at("16:00:00"), challenge, challenges: 2 };
        let asked = Rest { until: at("10:00:00.2"), challenge: None, challenges: 0 };
        let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
        store.keep_rest("a.test", challenged).await.unwrap();
        store.keep_rest("b.test:8080", asked).await.unwrap();
        store.forget_rest("a.test", at("15:59:59")).await.unwrap();
        store.close().await.unwrap();
        drop(store);

        let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
        let kept = async |host, now| store.rest(host, at(now)).await.unwrap();
        assert_eq!(kept("a.test", "10:00:00").await, Some(challenged));
        // Never for a part of a second less than the host was promised.
        let whole = Rest { until: at("10:00:01"), ..asked };
        assert_eq!(kept("b.test:8080", "10:00:00").await, Some(whole));
        assert_eq!(kept("b.test", "10:00:00").await, None);

        assert_eq!(kept("b.test:8080", "10:00:01").await, None);
        assert_eq!(kept("b.test:8080", "10:00:00").await, None, "it was deleted");
        assert_eq!(kept("a.test", "23:00:00").await, Some(challenged), "its challenges count on");
        store.forget_rest("a.test", at("16:00:00")).await.unwrap();
        assert_eq!(kept("a.test", "10:00:00").await, None);
    }
}
