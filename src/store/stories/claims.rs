//! What is known of those that tell a story, and their places in it.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::model::{BEIJING, SiteId};
use crate::text::story::{Claim, order};

use super::super::StoreError;
use super::super::row::{signed, time, unsigned};

/// Gives everyone of the story a place; true where that changed.
pub(super) fn rank(transaction: &Transaction<'_>, story: i64) -> Result<bool, StoreError> {
    let claims = claims(transaction, story)?;
    let mut update = transaction
        .prepare_cached("UPDATE telling SET place = ?2 WHERE ordinal = ?1 AND place <> ?2")?;
    let mut changed = 0;
    for (place, at) in (0_i64..).zip(order(&claims)) {
        changed += update.execute(params![signed(claims[at].ordinal), place])?;
    }
    Ok(changed > 0)
}

/// What is known of everyone of the story, in their places.
pub(super) fn claims(connection: &Connection, story: i64) -> Result<Vec<Claim>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT telling.ordinal, telling.site, credits, told, first_seen
         FROM telling JOIN item USING (ordinal) WHERE story = ?1 ORDER BY place",
    )?;
    let rows = statement.query_map([story], read_claim)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn claim(connection: &Connection, ordinal: i64) -> Result<Option<Claim>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT telling.ordinal, telling.site, credits, told, first_seen
         FROM telling JOIN item USING (ordinal) WHERE telling.ordinal = ?1",
    )?;
    Ok(statement.query_row([ordinal], read_claim).optional()?)
}

fn read_claim(row: &rusqlite::Row<'_>) -> rusqlite::Result<Claim> {
    let site = |text: String| {
        text.parse::<SiteId>().map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, error.into())
        })
    };
    Ok(Claim {
        ordinal: unsigned(row.get(0)?),
        site: site(row.get(1)?)?,
        credits: row.get::<_, Option<String>>(2)?.map(site).transpose()?,
        posted: time(row.get(3)?).with_timezone(&BEIJING).date_naive(),
        first_seen: time(row.get(4)?),
    })
}

/// Those of the story that are public, `but` aside.
pub(super) fn public(
    transaction: &Transaction<'_>,
    story: i64,
    but: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT ordinal FROM telling JOIN item USING (ordinal)
         WHERE story = ?1 AND ordinal <> ?2 AND state = 'live' ORDER BY place",
    )?;
    let rows = statement.query_map([story, but], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
