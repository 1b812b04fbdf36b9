//! The archives of a feed: store ─► compose ─► render ─► publish, for what left its window.

use std::collections::HashSet;

use crate::compose::compose_archive;
use crate::model::{Composition, Part, Place};
use crate::render;
use crate::store::StoreError;

use super::Pipeline;
use super::publish::{Published, blocking, render_fault};

impl Pipeline {
    /// Publishes the archives of the feed of `window` that are due, oldest first, and gives the
    /// newest that stands.
    ///
    /// An archive that still grows is published when it holds an item that neither its document nor
    /// the feed has: what is in the feed need not be written again with every arrival.
    pub(super) async fn publish_history(
        &self,
        window: &Composition,
        done: &mut Published,
    ) -> Result<Option<Part>, StoreError> {
        let feed = &window.feed;
        for (part, due) in self.store.parts_due(&feed.slug).await? {
            let due = due && (part.closed || part.written);
            if due || self.reaches_beyond(&part, window).await? {
                let faults = done.faults.len();
                self.publish_part(&part, window, done).await?;
                if done.faults.len() > faults {
                    break;
                }
            }
        }
        self.store.newest_part(&feed.slug).await
    }

    /// Whether an item of `part` stands neither in its document nor in the feed.
    async fn reaches_beyond(&self, part: &Part, window: &Composition) -> Result<bool, StoreError> {
        let shown: HashSet<_> = window.items.iter().map(|item| &item.id).collect();
        let unwritten = self.store.part_unwritten(part).await?;
        Ok(unwritten.iter().any(|id| !shown.contains(id)))
    }

    async fn publish_part(
        &self,
        part: &Part,
        window: &Composition,
        done: &mut Published,
    ) -> Result<(), StoreError> {
        let (items, withdrawn) = self.store.part_items(part, &window.feed.selection).await?;
        let previous = self.store.part_before(part).await?;
        let place = Place { archive: Some(part.clone()), previous };
        let custody = self.store.custody(&items).await?;
        let composition = compose_archive(&window.feed, items, withdrawn, place, custody);
        let site = self.public_site();
        match blocking(move || render::archive(&composition, &site)).await {
            Ok(document) => {
                let faults = done.faults.len();
                self.put_all(document.into_iter().collect(), done).await?;
                if done.faults.len() == faults {
                    self.store.part_written(part).await?;
                }
            }
            Err(detail) => done.faults.push(render_fault(detail)),
        }
        Ok(())
    }
}
