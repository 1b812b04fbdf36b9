//! What is known of the items of a column, as it is looked for on its pages.

use std::collections::HashMap;

use url::Url;

use crate::config::{Column, Config, Site};
use crate::model::Item;
use crate::normalize::Naming;
use crate::pipeline::naming;
use crate::repair::KnownRow;
use crate::store::{SqliteStore, StoreError};
use crate::text::web;

/// The newest items that a column lists.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) rows: Vec<KnownRow>,
    pub(super) items: Vec<Item>,
    /// The title of each as it was listed.
    pub(super) listed: Vec<String>,
    addresses: HashMap<String, usize>,
    keys: HashMap<String, usize>,
    naming: Naming,
}

impl Known {
    /// The newest `most` of `column`.
    pub(super) async fn of(
        store: &SqliteStore,
        config: &Config,
        site: &Site,
        column: &Column,
        most: usize,
    ) -> Result<Self, StoreError> {
        let mut known = Self {
            rows: Vec::new(),
            items: Vec::new(),
            listed: Vec::new(),
            addresses: HashMap::new(),
            keys: HashMap::new(),
            naming: naming(config, site),
        };
        for listed in store.listed(&column.id).await?.into_iter().take(most) {
            let Some(item) = store.item(&listed.id).await? else { continue };
            let at = known.items.len();
            for address in listed.addresses.into_iter().chain([web::normalised(&item.url)]) {
                known.addresses.entry(address).or_insert(at);
            }
            known.keys.entry(item.key.clone()).or_insert(at);
            let titles = vec![listed.title.clone(), item.title.clone()];
            known.rows.push(KnownRow { titles, day: item.posted.map(|posted| posted.date()) });
            known.listed.push(listed.title);
            known.items.push(item);
        }
        Ok(known)
    }

    /// The item to which `url` leads.
    pub(super) fn leads(&self, url: &Url) -> Option<usize> {
        let at = self.addresses.get(&web::normalised(url));
        at.or_else(|| self.keys.get(&self.naming.key(url))).copied()
    }
}
