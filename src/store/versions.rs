//! The revisions of an item, past and present.

use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Item, ItemId};

use super::row::{COLUMNS, item, public_item, signed, time};
use super::{SqliteStore, StoreError};

impl SqliteStore {
    /// Every revision of the item `id` whole, oldest first, `revised` being when each began; for
    /// operators. Those whose text was pruned are left out.
    pub async fn versions(&self, id: &ItemId) -> Result<Vec<Item>, StoreError> {
        let id = id.clone();
        self.read(move |connection| {
            let sql = format!("SELECT {COLUMNS} FROM item WHERE id = ?1");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([id.as_str()])?;
            let Some(current) = rows.next()?.map(item).transpose()? else { return Ok(Vec::new()) };
            let mut versions = Vec::new();
            for number in 1..current.revision {
                versions.extend(read(connection, &current, number, item)?);
            }
            versions.push(current);
            Ok(versions)
        })
        .await
    }
}

/// Revision `number` of `current` as readers may see it; `None` where it is not kept.
pub(super) fn version(
    connection: &Connection,
    current: &Item,
    number: u32,
) -> Result<Option<Item>, StoreError> {
    read(connection, current, number, public_item)
}

fn read(
    connection: &Connection,
    current: &Item,
    number: u32,
    as_item: impl Fn(&rusqlite::Row<'_>) -> Result<Item, StoreError>,
) -> Result<Option<Item>, StoreError> {
    let columns = COLUMNS.replace("item.title", "old.title").replace("item.content", "old.content");
    let sql = format!(
        "SELECT {columns} FROM revision AS old JOIN item USING (ordinal)
         WHERE old.ordinal = ?1 AND old.revision = ?2 AND old.content <> ''"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![signed(current.ordinal), number])?;
    let Some(found) = rows.next()?.map(as_item).transpose()? else { return Ok(None) };
    let began: Option<i64> = connection
        .prepare_cached("SELECT until FROM revision WHERE ordinal = ?1 AND revision = ?2 - 1")?
        .query_row(params![signed(current.ordinal), number], |row| row.get(0))
        .optional()?;
    let revised = began.map_or(current.first_seen, time);
    Ok(Some(Item { revision: number, revised, ..found }))
}
