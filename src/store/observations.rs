//! What columns showed in their last readings, and what a person said is to be believed.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::model::{ColumnId, Observation, Registration, SiteId};

use super::row::{seconds, time};
use super::{SqliteStore, StoreError};

/// Readings of one column that are kept.
const KEPT: u32 = 40;

/// A site of which nothing is taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distrust {
    /// The site.
    pub site: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// What was wanted and what was found.
    pub detail: String,
}

impl SqliteStore {
    /// What the last readings of `column` showed, the latest first.
    pub async fn observations(&self, column: &ColumnId) -> Result<Vec<Observation>, StoreError> {
        let column = column.to_string();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT seen FROM observation WHERE column_id = ?1 ORDER BY at DESC",
            )?;
            let mut rows = statement.query([column])?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                let text: String = row.get(0)?;
                all.push(serde_json::from_str(&text)?);
            }
            Ok(all)
        })
        .await
    }

    /// Takes nothing in of `site` any more until a person says so; true where that is new.
    pub async fn distrust(
        &self,
        site: &SiteId,
        detail: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (site, detail) = (site.to_string(), detail.to_owned());
        self.write(move |transaction| {
            let new = transaction.execute(
                "INSERT OR IGNORE INTO distrust (site, since, detail) VALUES (?1, ?2, ?3)",
                params![site, seconds(now), detail],
            )?;
            Ok(new == 1)
        })
        .await
    }

    /// The sites of which nothing is taken in.
    pub async fn distrusted(&self) -> Result<Vec<Distrust>, StoreError> {
        self.read(|connection| {
            let sql = "SELECT site, since, detail FROM distrust ORDER BY site";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| {
                Ok(Distrust { site: row.get(0)?, since: time(row.get(1)?), detail: row.get(2)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// A person says that a site (`jiangsu`) or column (`jiangsu/zt`) is to be believed as it is:
    /// what was learned of it is forgotten, and it is let in again. A word about a column is none about
    /// its site: what its pages always printed of the site's registration is kept.
    pub async fn trust(
        &self,
        subject: &str,
        person: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (subject, person) = (subject.to_owned(), person.to_owned());
        self.write(move |transaction| {
            let printed = match subject.contains('/') {
                true => always_printed(transaction, &subject)?,
                false => None,
            };
            transaction.execute("DELETE FROM distrust WHERE site = ?1", [&subject])?;
            transaction.execute(
                "DELETE FROM observation WHERE column_id = ?1
                   OR substr(column_id, 1, length(?2)) = ?2",
                [&subject, &format!("{subject}/")],
            )?;
            transaction.execute(
                "INSERT OR REPLACE INTO trusted (subject, at, person, printed)
                 VALUES (?1, ?2, ?3, ?4)",
                params![subject, seconds(now), person, printed],
            )?;
            // A word about the site counts for its columns too.
            transaction.execute(
                "UPDATE trusted SET printed = NULL WHERE substr(subject, 1, length(?1)) = ?1",
                [format!("{subject}/")],
            )?;
            Ok(())
        })
        .await
    }

    /// What the pages of `column` always printed of their site's registration before a person said
    /// that the column, and not the whole site, is normal as it is.
    pub async fn printed_before(
        &self,
        column: &ColumnId,
    ) -> Result<Option<Registration>, StoreError> {
        let column = column.to_string();
        let text: Option<String> = self
            .read(move |connection| {
                let sql = "SELECT printed FROM trusted WHERE subject = ?1";
                let found = connection.prepare_cached(sql)?.query_row([column], |row| row.get(0));
                Ok(found.optional()?.flatten())
            })
            .await?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    /// From when on `column` is normal as it is, and who said so, where somebody did.
    pub async fn trusted_since(
        &self,
        column: &ColumnId,
    ) -> Result<Option<(DateTime<Utc>, String)>, StoreError> {
        let (site, column) = (column.site().to_string(), column.to_string());
        self.read(move |connection| {
            let sql = "SELECT at, person FROM trusted WHERE subject IN (?1, ?2)
                       ORDER BY at DESC LIMIT 1";
            let found = connection
                .prepare_cached(sql)?
                .query_row([site, column], |row| Ok((time(row.get(0)?), row.get(1)?)))
                .optional()?;
            Ok(found)
        })
        .await
    }
}

/// What the pages of a column always printed of their site's registration, as JSON; as it was noted
/// before where nothing was read since.
fn always_printed(
    transaction: &Transaction<'_>,
    column: &str,
) -> Result<Option<String>, StoreError> {
    let mut statement = transaction.prepare("SELECT seen FROM observation WHERE column_id = ?1")?;
    let mut rows = statement.query([column])?;
    let mut pages = Vec::new();
    while let Some(row) = rows.next()? {
        let seen: Observation = serde_json::from_str(&row.get::<_, String>(0)?)?;
        pages.push(seen.registration);
    }
    if let Some(usual) = Registration::always(pages.into_iter()) {
        return Ok(Some(serde_json::to_string(&usual)?));
    }
    let noted =
        transaction.query_row("SELECT printed FROM trusted WHERE subject = ?1", [column], |row| {
            row.get(0)
        });
    Ok(noted.optional()?.flatten())
}

/// Keeps what a reading showed, and no more than the last of them.
pub(super) fn keep(
    transaction: &Transaction<'_>,
    column: &ColumnId,
    seen: &Observation,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let column = column.to_string();
    transaction
        .prepare_cached("INSERT OR REPLACE INTO observation VALUES (?1, ?2, ?3)")?
        .execute(params![column, seconds(now), serde_json::to_string(seen)?])?;
    transaction
        .prepare_cached(
            "DELETE FROM observation WHERE column_id = ?1 AND at <
               (SELECT min(at) FROM (SELECT at FROM observation WHERE column_id = ?1
                                     ORDER BY at DESC LIMIT ?2))",
        )?
        .execute(params![column, KEPT])?;
    Ok(())
}
