//! Publishing: store ─► compose ─► render ─► publish.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Duration};
use tokio::task::JoinHandle;

use crate::compose::compose;
use crate::config::Publication;
use crate::model::{AssetHash, Composition, FeedLink, FeedSpec, Item, Selection};
use crate::problem::Fault;
use crate::publish::etag;
use crate::render;
use crate::store::{StoreError, Tally, Written, after_all};

use super::aside::aside;
use super::{Pipeline, progress};

/// What one publication did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Paths whose bytes changed.
    pub changed: BTreeSet<String>,
    /// Documents that were rendered.
    pub rendered: usize,
    /// What could not be written; its last good bytes stay.
    pub faults: Vec<Fault>,
    /// Slugs of the feeds that have to be published again because of it.
    pub failed: BTreeSet<String>,
}

impl Published {
    /// Adds what came after.
    pub fn add(&mut self, after: Self) {
        self.changed.extend(after.changed);
        self.rendered += after.rendered;
        self.faults.extend(after.faults);
        self.failed.extend(after.failed);
    }
}

/// Items newest on the public page.
const NEWEST_ON_INDEX: usize = 12;
/// Feeds whose documents are written together.
const FEEDS_AT_ONCE: usize = 8;
/// Item pages rendered in one batch.
const PAGES_AT_ONCE: u32 = 200;
/// The folder of the pages of items.
const PAGES: &str = "items/";
/// Records of documents read in one go.
const LOOKED_AT_ONCE: u32 = 500;
/// No item leaves a feed before it was in it for so long (hours).
const LEAST_STAY: i64 = 24;

impl Pipeline {
    /// Publishes `feeds` with all they lead to, and then what leads to them.
    pub async fn publish(&self, feeds: &[&Publication]) -> Result<Published, StoreError> {
        let mut done = self.publish_feeds(feeds).await?;
        done.add(self.publish_front().await?);
        Ok(done)
    }

    /// Publishes the pages of items changed since the last time, and `feeds`: in this order, so that
    /// whatever a document leads to is there before it. [`Pipeline::publish_front`] is to follow.
    pub async fn publish_feeds(&self, feeds: &[&Publication]) -> Result<Published, StoreError> {
        progress::publication_began();
        let mut done = Published::default();
        self.publish_items(&mut done).await?;
        self.file(feeds).await?;
        for some in feeds.chunks(FEEDS_AT_ONCE) {
            self.publish_some(some, &mut done).await?;
        }
        Ok(done)
    }

    /// Publishes the index of what is there. Files that only withdrawn items name go last.
    pub async fn publish_front(&self) -> Result<Published, StoreError> {
        let mut done = Published::default();
        self.publish_index(&mut done).await?;
        done.faults.extend(self.gather_files().await?);
        progress::publication_ended();
        Ok(done)
    }

    /// Files what came to `feeds` in their archives.
    async fn file(&self, feeds: &[&Publication]) -> Result<(), StoreError> {
        let mut filed = Vec::with_capacity(feeds.len());
        for publication in feeds {
            let spec = &publication.spec;
            self.store.gather(&spec.selection).await?;
            filed.push((spec.slug.clone(), spec.selection.clone()));
        }
        self.store.file(filed, self.now()).await
    }

    /// Publishes some feeds: the archives of each, then the documents of all together.
    async fn publish_some(
        &self,
        feeds: &[&Publication],
        done: &mut Published,
    ) -> Result<(), StoreError> {
        // All are asked for at once, and while one is rendered the next is composed.
        let windows: Vec<_> = feeds
            .iter()
            .map(|publication| {
                let (pipeline, spec) = (self.clone(), publication.spec.clone());
                tokio::spawn(async move { pipeline.window(&spec).await })
            })
            .collect();
        let places = feeds.iter().flat_map(|publication| paths(&publication.spec)).collect();
        let standing = Arc::new(self.standing(places).await?);
        let mut rendering = Vec::new();
        for (publication, window) in feeds.iter().zip(windows) {
            let spec = &publication.spec;
            let faults = done.faults.len();
            let window = window.await.map_err(|_| StoreError::stopped())??;
            if let Some(composition) = self.with_history(window, done).await? {
                let (site, standing) = (self.public_site(), Arc::clone(&standing));
                let render = aside(move || {
                    render::feed(&composition, &site).map(|documents| standing.compare(documents))
                });
                rendering.push((spec, render));
            }
            if done.faults.len() > faults {
                done.failed.insert(spec.slug.clone());
            }
        }
        let mut documents = Vec::new();
        for (spec, render) in rendering {
            match rendered(render).await {
                Ok(of_feed) => documents.extend(of_feed),
                Err(detail) => {
                    done.faults.push(render_fault(detail));
                    done.failed.insert(spec.slug.clone());
                }
            }
        }
        let unwritten = self.put_changed(documents, done).await?;
        for spec in feeds.iter().map(|publication| &publication.spec) {
            if paths(spec).any(|path| unwritten.contains(&path)) {
                done.failed.insert(spec.slug.clone());
            }
        }
        Ok(())
    }

    /// What a feed holds now; `None` where it is not to be published.
    async fn window(&self, spec: &FeedSpec) -> Result<Option<Composition>, StoreError> {
        let items = self.items_of(spec).await?;
        // Never an empty feed before its first item; one that lost its last item is true.
        if items.is_empty() && !self.is_published(spec).await? {
            return Ok(None);
        }
        let withdrawn = self.store.withdrawn(&spec.selection, DateTime::UNIX_EPOCH).await?;
        let mut composition = compose(spec, items, withdrawn);
        composition.custody = self.store.custody(&composition.items).await?;
        Ok(Some(composition))
    }

    /// The window of a feed at its place in the history, whose archives are published on the way.
    async fn with_history(
        &self,
        window: Option<Composition>,
        done: &mut Published,
    ) -> Result<Option<Composition>, StoreError> {
        let Some(mut window) = window else { return Ok(None) };
        window.place.previous = self.publish_history(&window, done).await?;
        Ok(Some(window))
    }

    /// Publishes what commands took back or let out: every feed that may hold it.
    pub async fn publish_out_of_turn(&self) -> Result<Published, StoreError> {
        let (columns, number) = self.store.unpublished().await?;
        if number == 0 {
            return Ok(Published::default());
        }
        let feeds: Vec<&Publication> = self
            .config
            .feeds
            .iter()
            .filter(|feed| columns.iter().any(|column| feed.spec.selection.may_hold(column)))
            .collect();
        let published = self.publish(&feeds).await?;
        if published.faults.is_empty() {
            self.store.published_out_of_turn(number).await?;
        }
        Ok(published)
    }

    /// All publications of the configuration.
    pub fn all_publications(&self) -> Vec<&Publication> {
        self.config.feeds.iter().collect()
    }

    async fn is_published(&self, feed: &FeedSpec) -> Result<bool, StoreError> {
        Ok(!self.store.documents(paths(feed).collect()).await?.is_empty())
    }

    /// The window of a feed: the newest, and whatever arrived within a day of the newest arrival.
    async fn items_of(&self, spec: &FeedSpec) -> Result<Vec<Item>, StoreError> {
        let newest = self.store.latest_arrival(&spec.selection).await?;
        let since = newest.map(|newest| newest - Duration::hours(LEAST_STAY));
        self.store.newest(&spec.selection, spec.limit, since).await
    }

    /// Pages of the items that changed since they were last rendered by this version.
    async fn publish_items(&self, done: &mut Published) -> Result<(), StoreError> {
        let site = self.public_site();
        let look = render::fingerprint(&site);
        let mut after = self.store.pages_rendered(&look).await?;
        loop {
            let items = self.store.changes_after(after, PAGES_AT_ONCE).await?;
            let Some(last) = items.last().map(|item| item.seq) else { break };
            let public = site.clone();
            let custody = self.store.custody(&items).await?;
            let pages = blocking(move || {
                let page = |item: &Item| render::item_page(item, &custody, &public);
                Ok::<_, String>(items.iter().map(page).collect::<Vec<_>>())
            })
            .await;
            match pages {
                Ok(pages) => {
                    let faults = done.faults.len();
                    self.put_all(pages, done).await?;
                    if done.faults.len() > faults {
                        break;
                    }
                }
                Err(detail) => {
                    done.faults.push(render_fault(detail));
                    break;
                }
            }
            after = last;
            self.store.set_pages_rendered(&look, after).await?;
        }
        Ok(())
    }

    async fn publish_index(&self, done: &mut Published) -> Result<(), StoreError> {
        let asked =
            self.config.feeds.iter().map(|publication| {
                (publication.spec.slug.clone(), publication.spec.selection.clone())
            });
        let tallies = self.store.tallies(asked.collect()).await?;
        let feeds: Vec<FeedLink> = self
            .config
            .feeds
            .iter()
            .zip(tallies)
            .map(|(publication, Tally { count, updated, newest })| FeedLink {
                feed: publication.spec.clone(),
                group: publication.group.clone(),
                count,
                newest,
                updated,
            })
            .collect();
        let newest = self.store.newest(&Selection::All, NEWEST_ON_INDEX, None).await?;
        let site = self.public_site();
        let created = self.store.beginning().await?;
        let documents = blocking(move || {
            Ok::<_, String>(vec![
                render::index(&feeds, &newest, &site),
                render::opml(&feeds, created, &site),
            ])
        })
        .await;
        match documents {
            Ok(documents) => self.put_all(documents, done).await.map(drop),
            Err(detail) => {
                done.faults.push(render_fault(detail));
                Ok(())
            }
        }
    }

    /// Makes good what a kill left between the bytes of a document and its record, and what was
    /// taken away from the published folder. To be called before anything is served or published.
    pub async fn recover(&self) -> anyhow::Result<()> {
        let mut found = Vec::new();
        let mut lost = Vec::new();
        for (path, media_type) in self.store.unsure_documents().await? {
            let hash = AssetHash::in_path(&path);
            if let Some(hash) = hash
                && self.store.is_gone(&hash).await?
            {
                self.shelf.remove(&path).await?;
            }
            match self.shelf.get(&path).await? {
                Some(bytes) => found.push(Written { etag: etag(&bytes), path, media_type }),
                None => lost.push(path),
            }
        }
        self.store.record_documents(found, self.now()).await?;
        lost.extend(self.missing().await?);
        self.store.lose_assets(lost.clone()).await?;
        self.store.forget_documents(lost).await?;
        for asset in self.store.gone_assets().await? {
            if self.shelf.has(&asset.path()).await {
                self.shelf.remove(&asset.path()).await?;
            }
        }
        Ok(())
    }

    /// The recorded documents that do not stand at their place. The pages of items are many: they are
    /// looked at one by one only where there are not as many of them as there should be.
    async fn missing(&self) -> anyhow::Result<Vec<String>> {
        let pages = self.store.document_count(PAGES).await?;
        let whole = pages == self.shelf.count(PAGES).await?;
        let (mut after, mut missing) = (String::new(), Vec::new());
        loop {
            let batch = self.store.documents_after(&after, LOOKED_AT_ONCE).await?;
            let Some((last, _)) = batch.last() else { return Ok(missing) };
            after.clone_from(last);
            for (path, _) in batch {
                if whole && path.starts_with(PAGES) {
                    after = after_all(PAGES);
                    break;
                }
                if !self.shelf.has(&path).await {
                    missing.push(path);
                }
            }
        }
    }
}

/// Where the documents of a feed stand.
fn paths(feed: &FeedSpec) -> impl Iterator<Item = String> {
    feed.formats.iter().map(|&format| render::feed_path(&feed.slug, format))
}

pub(super) fn render_fault(detail: String) -> Fault {
    Fault::new(crate::model::ProblemCode::PublishFailed, detail)
}

/// Runs rendering on a thread of its own; a panic becomes a fault.
pub(super) async fn blocking<T: Send + 'static, E: std::fmt::Display + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, String> {
    rendered(aside(work)).await
}

/// The end of a rendering.
async fn rendered<T, E: std::fmt::Display>(
    rendering: JoinHandle<Result<T, E>>,
) -> Result<T, String> {
    match rendering.await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("rendering ended in a panic".to_owned()),
    }
}
