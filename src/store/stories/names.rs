//! The names under which sites are credited.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};

use crate::model::{Item, SiteId};

use super::super::{SqliteStore, StoreError};

impl SqliteStore {
    /// Makes known under which names sites are credited. It acts on what is stored from then on.
    pub async fn name_sites(&self, names: BTreeMap<String, SiteId>) -> Result<(), StoreError> {
        let known: BTreeMap<String, String> = self
            .read(|connection| {
                let mut statement =
                    connection.prepare_cached("SELECT name, site FROM site_name")?;
                let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await?;
        let names: BTreeMap<String, String> =
            names.into_iter().map(|(name, site)| (name, site.to_string())).collect();
        if names == known {
            return Ok(());
        }
        self.write(move |transaction| {
            transaction.execute("DELETE FROM site_name", [])?;
            let mut insert = transaction.prepare_cached("INSERT INTO site_name VALUES (?1, ?2)")?;
            for (name, site) in names {
                insert.execute([name, site])?;
            }
            Ok(())
        })
        .await
    }
}

/// The site that the printed credit of `item` names, where that is a known one.
pub(super) fn credited(connection: &Connection, item: &Item) -> Result<Option<SiteId>, StoreError> {
    if item.credit.is_none() {
        return Ok(None);
    }
    let site: Option<String> = connection
        .prepare_cached("SELECT site FROM site_name WHERE name = ?1")?
        .query_row([item.source()], |row| row.get(0))
        .optional()?;
    Ok(site.and_then(|site| site.parse().ok()))
}
