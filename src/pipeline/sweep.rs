//! Takes back what the configuration no longer names.

use std::collections::{BTreeSet, HashSet};

use tracing::info;

use crate::model::{Extent, Selection};
use crate::problem::Fault;
use crate::store::StoreError;

use super::Pipeline;

/// The folder of feeds.
const FEEDS: &str = "feeds/";
/// Records of documents read in one go.
const BATCH: u32 = 500;

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

    /// Where the feed is offered that was published at `path`: there, or under the slug it has now.
    pub(super) fn offered_at(&self, path: &str) -> Option<String> {
        if self.is_offered(path) {
            return Some(path.to_owned());
        }
        let (slug, ending) = path.strip_prefix("feeds/")?.rsplit_once('.')?;
        let mut feeds = self.config.feeds.iter();
        let heir = feeds.find(|feed| feed.former.iter().any(|former| former == slug))?;
        let path = format!("feeds/{}.{ending}", heir.spec.slug);
        self.is_offered(&path).then_some(path)
    }

    async fn remove_unnamed(&self) -> Result<Swept, StoreError> {
        let (named, paused) = (self.named_documents(), self.paused_slugs());
        let mut swept = Swept::default();
        let feeds = self.published_feeds().await?.into_iter().filter(|path| !named.contains(path));
        for path in feeds.chain(self.store.stray_archives().await?) {
            if slug_of(&path).is_some_and(|slug| paused.contains(slug)) {
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

    /// The paths of all published documents of feeds.
    async fn published_feeds(&self) -> Result<Vec<String>, StoreError> {
        let (mut after, mut paths) = (FEEDS.to_owned(), Vec::new());
        loop {
            let batch = self.store.documents_after(&after, BATCH).await?;
            let feeds = batch.into_iter().map(|(path, _)| path);
            paths.extend(feeds.take_while(|path| path.starts_with(FEEDS)));
            match paths.last() {
                Some(last) if *last != after => after.clone_from(last),
                _ => return Ok(paths),
            }
        }
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

/// The feed that the document at `path`, of a feed or its archive, belongs to.
fn slug_of(path: &str) -> Option<&str> {
    match path.split_once('/')? {
        ("feeds", name) => name.rsplit_once('.').map(|(slug, _)| slug),
        ("archives", name) => name.rsplit_once('/').map(|(slug, _)| slug),
        _ => None,
    }
}
