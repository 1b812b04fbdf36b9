//! Whose items others took over, by month.

use chrono::{NaiveDate, Utc};
use rusqlite::params;

use crate::model::{BEIJING, Item, ItemState};
use crate::text::story::original;

use super::super::row::signed;
use super::super::{SqliteStore, StoreError};
use super::claims::claims;
use super::whole;

/// An item that another site took over.
#[derive(Clone, Debug, PartialEq)]
pub struct Adoption {
    /// The item whose story it is.
    pub original: Item,
    /// The item that tells it after that.
    pub reprint: Item,
}

impl SqliteStore {
    /// The reprints that are dated from `from` on and before `until`, oldest first, each with its
    /// original, which may be older. What is withdrawn or not yet public does not count.
    ///
    /// Whose story it is follows from the credits of all that tell it, then from their dates.
    pub async fn adoptions(
        &self,
        from: NaiveDate,
        until: NaiveDate,
    ) -> Result<Vec<Adoption>, StoreError> {
        let (from, until) = (midnight(from), midnight(until));
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT telling.ordinal, story FROM telling JOIN item USING (ordinal)
                 WHERE story IS NOT NULL AND told >= ?1 AND told < ?2 AND state = 'live'
                 ORDER BY told, telling.ordinal",
            )?;
            let told: Vec<(i64, i64)> = statement
                .query_map(params![from, until], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            let mut adoptions = Vec::new();
            for (ordinal, story) in told {
                let claims = claims(connection, story)?;
                let Some(first) = original(&claims).map(|at| signed(claims[at].ordinal)) else {
                    continue;
                };
                if first == ordinal {
                    continue;
                }
                let (first, own) = (whole(connection, first)?, whole(connection, ordinal)?);
                if let (Some(original), Some(reprint)) = (first, own)
                    && original.state == ItemState::Live
                {
                    adoptions.push(Adoption { original, reprint });
                }
            }
            Ok(adoptions)
        })
        .await
    }
}

/// When a day begins in Beijing, in seconds since 1970.
fn midnight(day: NaiveDate) -> i64 {
    let start = day.and_time(chrono::NaiveTime::MIN).and_local_timezone(BEIJING).single();
    start.map_or(0, |start| start.with_timezone(&Utc).timestamp())
}
