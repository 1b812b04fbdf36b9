//! What an account of the platform has of ours already: nothing is uploaded twice.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::super::row::seconds;
use super::super::{SqliteStore, StoreError};

impl SqliteStore {
    /// Where the account `app` has the bytes with this hash for `place` (`body` or `cover`): an
    /// address or a name of the platform's.
    pub async fn upload(
        &self,
        app: &str,
        sha256: &str,
        place: &'static str,
    ) -> Result<Option<String>, StoreError> {
        let (app, sha256) = (app.to_owned(), sha256.to_owned());
        self.read(move |connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT address FROM upload WHERE app = ?1 AND sha256 = ?2 AND place = ?3",
                )?
                .query_row(params![app, sha256, place], |row| row.get(0))
                .optional()?)
        })
        .await
    }

    /// Notes where the account has them; `None` forgets it.
    pub async fn note_upload(
        &self,
        app: &str,
        sha256: &str,
        place: &'static str,
        address: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (app, sha256) = (app.to_owned(), sha256.to_owned());
        self.write(move |transaction| {
            match address {
                Some(address) => transaction.execute(
                    "INSERT OR REPLACE INTO upload VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![app, sha256, place, address, seconds(now)],
                )?,
                None => transaction.execute(
                    "DELETE FROM upload WHERE app = ?1 AND sha256 = ?2 AND place = ?3",
                    params![app, sha256, place],
                )?,
            };
            Ok(())
        })
        .await
    }
}
