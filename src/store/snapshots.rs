//! Which kept pages belong to which items.

use std::collections::HashMap;

use url::Url;

use crate::model::{ColumnId, ItemId};
use crate::text::web;

use super::{SqliteStore, StoreError};

/// The addresses of the kept article pages, by what they have in common with every other way to
/// write them.
#[derive(Clone, Debug, Default)]
pub struct KeptPages(HashMap<String, Url>);

impl KeptPages {
    /// The address under which the page of `listed` is kept.
    pub fn of(&self, listed: &Listed) -> Option<&Url> {
        listed.addresses.iter().find_map(|address| self.0.get(address))
    }

    /// The address under which the page at `url` is kept.
    pub fn at(&self, url: &Url) -> Option<&Url> {
        self.0.get(&web::normalised(url))
    }
}

/// A live item as a column lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The item.
    pub id: ItemId,
    /// Its title in the list.
    pub title: String,
    /// Its addresses, each in the form of [`web::normalised`].
    pub addresses: Vec<String>,
}

impl SqliteStore {
    /// The addresses of all kept article pages; of two of one article the later one.
    pub async fn kept_pages(&self) -> Result<KeptPages, StoreError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT url FROM page WHERE kind = 'article' ORDER BY fetched")?;
            let mut rows = statement.query([])?;
            let mut pages = HashMap::new();
            while let Some(row) = rows.next()? {
                let url =
                    row.get_ref(0)?.as_str().map_err(|e| StoreError::Corrupt(e.to_string()))?;
                let url = Url::parse(url).map_err(|e| StoreError::Corrupt(e.to_string()))?;
                pages.insert(web::normalised(&url), url);
            }
            Ok(KeptPages(pages))
        })
        .await
    }

    /// The live items that `column` lists, newest first.
    pub async fn listed(&self, column: &ColumnId) -> Result<Vec<Listed>, StoreError> {
        let column = column.to_string();
        self.read(move |connection| {
            let site = column.split('/').next().unwrap_or_default();
            let mut addresses: HashMap<i64, Vec<String>> = HashMap::new();
            let mut statement =
                connection.prepare_cached("SELECT ordinal, address FROM alias WHERE site = ?1")?;
            let mut rows = statement.query([site])?;
            while let Some(row) = rows.next()? {
                addresses.entry(row.get(0)?).or_default().push(row.get(1)?);
            }
            let mut statement = connection.prepare_cached(
                "SELECT item.id, listed.title, item.ordinal
                 FROM listed JOIN item USING (ordinal)
                 WHERE state = 'live' AND column_id = ?1
                 ORDER BY listed.published DESC, listed.ordinal DESC",
            )?;
            let mut rows = statement.query([&column])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(Listed {
                    id: ItemId::from_tag_uri(row.get(0)?),
                    title: row.get(1)?,
                    addresses: addresses.remove(&row.get(2)?).unwrap_or_default(),
                });
            }
            Ok(found)
        })
        .await
    }

    /// The item to which `url` leads, whatever site has it.
    pub async fn item_at(&self, url: &Url) -> Result<Option<ItemId>, StoreError> {
        let address = web::normalised(url);
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT item.id FROM alias JOIN item USING (ordinal) WHERE alias.address = ?1
                 ORDER BY item.ordinal LIMIT 1",
            )?;
            let mut rows = statement.query([address])?;
            Ok(rows.next()?.map(|row| row.get(0)).transpose()?.map(ItemId::from_tag_uri))
        })
        .await
    }

    /// The item of `site` with `key`, the last two parts of its public address.
    pub async fn item_named(&self, site: &str, key: &str) -> Result<Option<ItemId>, StoreError> {
        let (site, key) = (site.to_owned(), key.to_owned());
        self.read(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT id FROM item WHERE site = ?1 AND key = ?2")?;
            let mut rows = statement.query([site, key])?;
            Ok(rows.next()?.map(|row| row.get(0)).transpose()?.map(ItemId::from_tag_uri))
        })
        .await
    }
}
