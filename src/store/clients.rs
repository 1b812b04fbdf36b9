//! How far each client of the cursor API has come.

use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::model::Seq;

use super::row::{seconds, signed, time, unsigned};
use super::{SqliteStore, StoreError};

/// A client's cursors at most: one for each filter it asks with, those last used are kept.
const MOST_CURSORS: u32 = 16;
/// How long the time of a last visit may lag behind (seconds): a visit is no reason to write.
const COARSE: i64 = 60;

/// One cursor of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCursor {
    /// The client's id.
    pub client: String,
    /// What it asks for: its query without cursor and limit; empty for everything it may see.
    pub filter: String,
    /// It has everything up to this change.
    pub seq: Seq,
    /// When it last asked.
    pub seen: DateTime<Utc>,
    /// Items that changed since.
    pub behind: u64,
}

impl SqliteStore {
    /// Notes that `client` asked with `filter` for what is after `seq`: it has what is before.
    pub async fn note_client(
        &self,
        client: &str,
        filter: &str,
        seq: Seq,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (client, filter) = (client.to_owned(), filter.to_owned());
        let (seq, now) = (signed(seq), seconds(now));
        let known = {
            let (client, filter) = (client.clone(), filter.clone());
            self.read(move |connection| {
                let sql = "SELECT EXISTS (SELECT 1 FROM client WHERE id = ?1 AND filter = ?2
                             AND seq = ?3 AND seen > ?4)";
                let mut statement = connection.prepare_cached(sql)?;
                let values = params![client, filter, seq, now - COARSE];
                Ok(statement.query_row(values, |row| row.get::<_, bool>(0))?)
            })
            .await?
        };
        if known {
            return Ok(());
        }
        self.write(move |transaction| {
            transaction
                .prepare_cached("INSERT OR REPLACE INTO client VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![client, filter, seq, now])?;
            transaction
                .prepare_cached(
                    "DELETE FROM client WHERE id = ?1 AND filter NOT IN
                       (SELECT filter FROM client WHERE id = ?1
                        ORDER BY seen DESC, filter LIMIT ?2)",
                )?
                .execute(params![client, MOST_CURSORS])?;
            Ok(())
        })
        .await
    }

    /// Every cursor of every client that ever asked, by client and filter.
    pub async fn client_cursors(&self) -> Result<Vec<ClientCursor>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, filter, seq, seen,
                        (SELECT count(*) FROM item WHERE item.seq > client.seq)
                 FROM client ORDER BY id, filter",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(ClientCursor {
                    client: row.get(0)?,
                    filter: row.get(1)?,
                    seq: unsigned(row.get(2)?),
                    seen: time(row.get(3)?),
                    behind: unsigned(row.get(4)?),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}
