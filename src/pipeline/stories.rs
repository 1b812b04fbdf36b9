//! Stories that several sites tell: by which names they credit one another.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Config, Site};
use crate::model::SiteId;
use crate::store::StoreError;

use super::Pipeline;

/// Shorter names, such as 本网, are any site's.
const SAYING: usize = 4;

impl Pipeline {
    /// Makes the names of the sites known to the store.
    pub async fn name_sites(&self) -> Result<(), StoreError> {
        self.store.name_sites(names(&self.config)).await
    }

    /// Finds the stories of all items that were stored before stories were looked for.
    pub async fn gather_stories(&self) -> Result<(), StoreError> {
        while self.store.gather_stories(self.now()).await? {}
        Ok(())
    }
}

/// The names that mean one site, whoever prints them.
fn names(config: &Config) -> BTreeMap<String, SiteId> {
    let mut known: BTreeMap<String, BTreeSet<&SiteId>> = BTreeMap::new();
    for site in &config.sites {
        for name in of_site(site).filter(|name| name.chars().count() >= SAYING) {
            known.entry(name.to_owned()).or_default().insert(&site.id);
        }
    }
    let single = known.into_iter().filter(|(_, sites)| sites.len() == 1);
    single
        .filter_map(|(name, sites)| Some((name, sites.first().map(|id| (*id).clone())?)))
        .collect()
}

/// Its names, what it calls itself, and the marks that it says stand for itself.
fn of_site(site: &Site) -> impl Iterator<Item = &str> {
    let own = [&site.name, &site.short_name].into_iter().chain(&site.publisher);
    let own = own.chain(&site.self_names).map(String::as_str);
    let stands_for = |shown: &String| *shown == site.name || site.self_names.contains(shown);
    let marks = site.source_aliases.iter().filter(move |(_, shown)| stands_for(shown));
    own.chain(marks.map(|(printed, _)| printed.as_str()))
}
