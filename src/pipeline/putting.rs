//! Puts rendered documents in place: compared with what stands there, announced, noted, written,
//! recorded.

use std::collections::{BTreeSet, HashMap};

use tokio::task::JoinSet;

use crate::model::Document;
use crate::problem::Fault;
use crate::publish::{Shelf, etag};
use crate::store::{DocumentRecord, StoreError, Written};

use super::publish::Published;
use super::{Pipeline, progress};

/// Documents on their way to the disk at once.
const WRITES_AT_ONCE: usize = 16;

/// What stands at the places of documents that are about to be rendered.
pub(super) struct Standing {
    recorded: HashMap<String, DocumentRecord>,
    /// Where a kill may have left other bytes than are recorded.
    unsure: BTreeSet<String>,
    shelf: Shelf,
}

/// A rendered document beside what stands at its place.
pub(super) struct Compared {
    document: Document,
    etag: String,
    /// Its bytes are those that are recorded.
    same: bool,
}

impl Standing {
    /// Compares `documents` with what stands at their places. Those that differ are announced, so that
    /// they are packed while others are still rendered.
    pub(super) fn compare(&self, documents: Vec<Document>) -> Vec<Compared> {
        let compare = |document: Document| {
            let etag = etag(&document.bytes);
            let recorded = self.recorded.get(&document.path);
            let same = recorded.is_some_and(|record| record.etag == etag)
                && !self.unsure.contains(&document.path);
            if !same {
                self.shelf.announce(&document, &etag);
            }
            Compared { document, etag, same }
        };
        documents.into_iter().map(compare).collect()
    }
}

impl Pipeline {
    /// What stands at `paths`.
    pub(super) async fn standing(&self, paths: Vec<String>) -> Result<Standing, StoreError> {
        let unsure = self.store.unsure_documents().await?.into_iter().map(|(path, _)| path);
        let unsure = unsure.collect();
        let recorded = self.store.documents(paths).await?;
        Ok(Standing { recorded, unsure, shelf: self.shelf.clone() })
    }

    /// Compares `documents` with what stands at their places, and writes what differs, as
    /// [`Pipeline::put`] does.
    pub(super) async fn put_all(
        &self,
        documents: Vec<Document>,
        done: &mut Published,
    ) -> Result<BTreeSet<String>, StoreError> {
        let paths = documents.iter().map(|document| document.path.clone()).collect();
        let standing = self.standing(paths).await?;
        self.put_changed(standing.compare(documents), done).await
    }

    /// Writes what differs or is not there. What is about to be written is noted first, then come the
    /// bytes, then their record: whatever a kill cuts off in between, [`Pipeline::recover`] makes
    /// good. Gives the paths that could not be written.
    pub(super) async fn put_changed(
        &self,
        documents: Vec<Compared>,
        done: &mut Published,
    ) -> Result<BTreeSet<String>, StoreError> {
        done.rendered += documents.len();
        let mut changed = Vec::new();
        for Compared { document, etag, same } in documents {
            if !(same && self.shelf.has(&document.path).await) {
                changed.push((document, etag));
            }
        }
        if changed.is_empty() {
            return Ok(BTreeSet::new());
        }
        let coming = changed
            .iter()
            .map(|(document, _)| (document.path.clone(), document.media_type.to_owned()))
            .collect();
        self.store.expect_documents(coming).await?;
        let mut unwritten: BTreeSet<String> =
            changed.iter().map(|(document, _)| document.path.clone()).collect();
        let (written, faults) = self.write(changed).await;
        done.faults.extend(faults);
        unwritten.retain(|path| written.iter().all(|document| document.path != *path));
        done.changed.extend(written.iter().map(|document| document.path.clone()));
        let count = written.len();
        self.store.record_documents(written, self.now()).await?;
        progress::documents_recorded(count);
        Ok(unwritten)
    }

    /// Writes documents, several at a time: each waits for the disk to have it.
    async fn write(&self, changed: Vec<(Document, String)>) -> (Vec<Written>, Vec<Fault>) {
        let mut ended = Vec::with_capacity(changed.len());
        let mut tasks = JoinSet::new();
        for (number, (document, etag)) in changed.into_iter().enumerate() {
            if tasks.len() >= WRITES_AT_ONCE {
                ended.extend(tasks.join_next().await);
            }
            let shelf = self.shelf.clone();
            tasks.spawn(async move {
                let result = shelf.put(&document).await;
                if result.is_ok() {
                    progress::document_written(&document.path);
                }
                (number, document, etag, result)
            });
        }
        while let Some(end) = tasks.join_next().await {
            ended.push(end);
        }
        let mut ended: Vec<_> = ended.into_iter().flatten().collect();
        ended.sort_by_key(|(number, ..)| *number);
        let (mut written, mut faults) = (Vec::new(), Vec::new());
        for (_, document, etag, result) in ended {
            match result {
                Ok(()) => {
                    let media_type = document.media_type.to_owned();
                    written.push(Written { path: document.path, etag, media_type });
                }
                Err(error) => faults.push(Fault::from(&error)),
            }
        }
        (written, faults)
    }
}
