//! Publishing: store ─► compose ─► render ─► publish.

use std::collections::BTreeSet;

use chrono::Duration;

use crate::compose::compose;
use crate::config::Publication;
use crate::model::{Document, FeedLink, FeedSpec, Item, Selection};
use crate::problem::Fault;
use crate::publish::etag;
use crate::render;
use crate::store::StoreError;

use super::Pipeline;

/// What one publication did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Paths whose bytes changed.
    pub changed: BTreeSet<String>,
    /// Documents that were rendered.
    pub rendered: usize,
    /// What could not be written; its last good bytes stay.
    pub faults: Vec<Fault>,
}

/// Items newest on the public page.
const NEWEST_ON_INDEX: usize = 12;
/// Item pages rendered in one batch.
const PAGES_AT_ONCE: u32 = 200;
/// No item leaves a feed before it was in it for so long (hours).
const LEAST_STAY: i64 = 24;

impl Pipeline {
    /// Publishes `feeds`, the pages of items changed since the last time, and the index.
    pub async fn publish(&self, feeds: &[&Publication]) -> Result<Published, StoreError> {
        let mut done = Published::default();
        for publication in feeds {
            let items = self.items_of(publication).await?;
            // Never an empty feed before its first item; one that lost its last item is true.
            if items.is_empty() && !self.is_published(&publication.spec).await? {
                continue;
            }
            let composition = compose(&publication.spec, items);
            let site = self.public_site();
            let rendered = blocking(move || render::feed(&composition, &site)).await;
            match rendered {
                Ok(documents) => self.put_all(documents, &mut done).await?,
                Err(detail) => done.faults.push(render_fault(detail)),
            }
        }
        self.publish_items(&mut done).await?;
        self.publish_index(&mut done).await?;
        Ok(done)
    }

    /// All publications of the configuration.
    pub fn all_publications(&self) -> Vec<&Publication> {
        self.config.feeds.iter().collect()
    }

    async fn is_published(&self, feed: &FeedSpec) -> Result<bool, StoreError> {
        for &format in &feed.formats {
            if self.store.document(&render::feed_path(&feed.slug, format)).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The window of a feed: the newest, and whatever arrived within a day of the newest arrival.
    async fn items_of(&self, publication: &Publication) -> Result<Vec<Item>, StoreError> {
        let spec = &publication.spec;
        self.store.gather(&spec.selection).await?;
        let newest = self.store.latest_arrival(&spec.selection).await?;
        let since = newest.map(|newest| newest - Duration::hours(LEAST_STAY));
        self.store.newest(&spec.selection, spec.limit, since).await
    }

    /// Pages of the items that changed since they were last rendered by this version.
    async fn publish_items(&self, done: &mut Published) -> Result<(), StoreError> {
        let site = self.public_site();
        let mark = format!("pages {}", render::fingerprint(&site));
        let mut after = self.store.mark(&mark).await?.unwrap_or(0);
        loop {
            let items = self.store.changes_after(after, PAGES_AT_ONCE).await?;
            let Some(last) = items.last().map(|item| item.seq) else { break };
            let public = site.clone();
            let pages = blocking(move || {
                Ok::<_, String>(
                    items.iter().map(|item| render::item_page(item, &public)).collect::<Vec<_>>(),
                )
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
            self.store.set_mark(&mark, after).await?;
        }
        Ok(())
    }

    async fn publish_index(&self, done: &mut Published) -> Result<(), StoreError> {
        let mut feeds = Vec::new();
        for publication in self.all_publications() {
            let summary = self.store.summary(&publication.spec.selection).await?;
            feeds.push(FeedLink {
                feed: publication.spec.clone(),
                group: publication.group.clone(),
                count: summary.count,
                newest: summary.newest_title,
                updated: summary.updated,
            });
        }
        let newest = self.store.newest(&Selection::All, NEWEST_ON_INDEX, None).await?;
        let site = self.public_site();
        let documents = blocking(move || {
            Ok::<_, String>(vec![
                render::index(&feeds, &newest, &site),
                render::opml(&feeds, &site),
            ])
        })
        .await;
        match documents {
            Ok(documents) => self.put_all(documents, done).await,
            Err(detail) => {
                done.faults.push(render_fault(detail));
                Ok(())
            }
        }
    }

    /// Writes what changed. Bytes first, record second: a kill between the two only means that the
    /// same bytes are written once more.
    async fn put_all(
        &self,
        documents: Vec<Document>,
        done: &mut Published,
    ) -> Result<(), StoreError> {
        for document in documents {
            done.rendered += 1;
            let tag = etag(&document.bytes);
            let recorded = self.store.document(&document.path).await?;
            let same = recorded.is_some_and(|record| record.etag == tag);
            if same && self.shelf.has(&document.path).await {
                continue;
            }
            match self.shelf.put(&document).await {
                Ok(_) => {
                    let (path, media_type) = (&document.path, document.media_type);
                    self.store.record_document(path, &tag, media_type, self.now()).await?;
                    done.changed.insert(document.path);
                }
                Err(error) => done.faults.push(Fault::from(&error)),
            }
        }
        Ok(())
    }
}

fn render_fault(detail: String) -> Fault {
    Fault::new(crate::model::ProblemCode::PublishFailed, detail)
}

/// Runs rendering on a thread of its own; a panic becomes a fault.
async fn blocking<T: Send + 'static, E: std::fmt::Display + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("rendering ended in a panic".to_owned()),
    }
}
