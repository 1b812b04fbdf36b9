//! Takes back what the configuration no longer names.

use std::collections::{BTreeSet, HashSet};

use tracing::info;

use crate::model::{Extent, Selection};
use crate::problem::Fault;
use crate::store::StoreError;

use super::Pipeline;

/// What a sweep took back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Paths at which nothing is published any more.
    pub gone: BTreeSet<String>,
    /// What could not be removed.
    pub faults: Vec<Fault>,
}

impl Pipeline {
    /// Removes the documents of feeds that are no longer configured, and forgets the members of
    /// selections that no feed has.
    ///
    /// Items stay, and so does what a site published before it was disabled: its subscribers keep
    /// what they have.
    pub async fn sweep(&self) -> Result<Swept, StoreError> {
        let selections: Vec<&Selection> =
            self.config.feeds.iter().map(|publication| &publication.spec.selection).collect();
        self.store.keep_selections(&selections).await?;
        // Those of disabled sites too: what they published stays under the same terms.
        let columns = self.config.sites.iter().flat_map(|site| &site.columns);
        let limited = columns.filter(|column| column.editing.publish == Extent::Summary);
        let limited = limited.map(|column| column.id.clone());
        self.store.limit_columns(limited.collect()).await?;
        let slugs = self.config.feeds.iter().map(|feed| feed.spec.slug.clone());
        self.store.keep_archives(slugs.chain(self.paused_slugs()).collect()).await?;
        self.remove_unnamed().await
    }

    /// Whether the configuration has a feed published at `path`, or has it rest there.
    pub(super) fn is_offered(&self, path: &str) -> bool {
        let Some((slug, ending)) = path.strip_prefix("feeds/").and_then(|n| n.rsplit_once('.'))
        else {
            return false;
        };
        let named = self.config.feeds.iter().any(|feed| {
            feed.spec.slug == slug && feed.spec.formats.iter().any(|f| f.extension() == ending)
        });
        named || self.paused_slugs().contains(slug)
    }

    async fn remove_unnamed(&self) -> Result<Swept, StoreError> {
        let named = self.named_documents();
        let paused = self.paused_slugs();
        let archives = self.store.part_names().await?;
        let mut swept = Swept::default();
        for path in self.store.documents().await?.into_keys() {
            let wanted = if let Some(name) = path.strip_prefix("feeds/") {
                let slug = name.rsplit_once('.').map_or(name, |(slug, _)| slug);
                named.contains(&path) || paused.contains(slug)
            } else if let Some(name) = path.strip_prefix("archives/") {
                let (slug, part) = name.rsplit_once('/').unwrap_or((name, ""));
                let part = part.strip_suffix(".atom").unwrap_or(part);
                archives.contains(&format!("{slug}/{part}")) || paused.contains(slug)
            } else {
                true
            };
            if wanted {
                continue;
            }
            // Bytes first: a kill between the two leaves a record that the next sweep finds.
            match self.shelf.remove(&path).await {
                Ok(()) => {
                    self.store.forget_documents(vec![path.clone()]).await?;
                    info!(path, "no longer published");
                    swept.gone.insert(path);
                }
                Err(error) => swept.faults.push(Fault::from(&error)),
            }
        }
        Ok(swept)
    }

    /// The paths of all documents of configured feeds.
    fn named_documents(&self) -> HashSet<String> {
        let paths = self.config.feeds.iter().flat_map(|publication| {
            let spec = &publication.spec;
            spec.formats.iter().map(|format| format!("feeds/{}.{}", spec.slug, format.extension()))
        });
        paths.collect()
    }

    /// The feeds of disabled sites, which stay as they are.
    fn paused_slugs(&self) -> HashSet<String> {
        let disabled = self.config.sites.iter().filter(|site| !site.enabled);
        disabled
            .flat_map(|site| {
                let columns = site.columns.iter().map(|column| column.id.to_string());
                columns.chain([site.id.to_string()])
            })
            .collect()
    }
}
