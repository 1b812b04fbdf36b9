//! Published documents held ready for answering, each in every coding with its own `ETag`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, RwLock, Weak};

use axum::http::HeaderValue;
use bytes::Bytes;
use futures_core::stream::BoxStream;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tracing::error;

use crate::publish::Shelf;
use crate::render;
use crate::store::{DocumentRecord, SqliteStore, StoreError, after_all};

use super::delta::Lineage;
use super::encoding::{brotli, gzip, zstd};
use super::front::Remembered;
use super::ready::{Ready, Told};

/// Folders of documents that are not held.
const FOLDERS: [&str; 3] = ["archives/", "assets/", "items/"];
/// Records of documents read in one go.
const BATCH: u32 = 200;
/// Documents taken in at the same time.
const AT_ONCE: usize = 4;

/// A document that is about to be published: its tag, and the packing under way.
type Coming = (String, JoinHandle<Packed>);

/// A document as readers wait for it.
struct Packed {
    etag: String,
    identity: Bytes,
    gzip: Option<Bytes>,
    lineage: Lineage,
}

/// What is published, by path. Subscription documents are held in memory, item pages and files
/// are read from the folder when asked for.
#[derive(Clone)]
pub struct Catalogue {
    held: Arc<RwLock<HashMap<String, Arc<Ready>>>>,
    /// How often what is held has changed.
    changes: Arc<AtomicU64>,
    /// What is about to be published, packed while the disk takes it.
    coming: Arc<Mutex<HashMap<String, Coming>>>,
    /// One document at a time is packed slowly, so that readers keep the processors.
    slow: Arc<Semaphore>,
    store: SqliteStore,
    shelf: Shelf,
}

impl Catalogue {
    /// A catalogue of all that was published before.
    pub async fn open(store: SqliteStore, shelf: Shelf) -> Result<Self, StoreError> {
        let slow = Arc::new(Semaphore::new(1));
        let catalogue = Self::holding_nothing(slow, store, shelf);
        catalogue.expect();
        let mut after = String::new();
        loop {
            let batch = catalogue.store.documents_after(&after, BATCH).await?;
            let Some((last, _)) = batch.last() else { return Ok(catalogue) };
            after.clone_from(last);
            let mut taken = Vec::with_capacity(batch.len());
            for (path, record) in batch {
                if let Some(folder) = FOLDERS.into_iter().find(|folder| path.starts_with(folder)) {
                    after = after_all(folder);
                    break;
                }
                taken.push((path, record));
            }
            catalogue.take_all(taken).await;
        }
    }

    /// A catalogue that takes nothing in, for tests that publish a great deal and read it elsewhere.
    #[cfg(test)]
    pub(crate) fn idle(store: SqliteStore, shelf: Shelf) -> Self {
        let slow = Arc::new(Semaphore::new(1));
        slow.close();
        Self::holding_nothing(slow, store, shelf)
    }

    fn holding_nothing(slow: Arc<Semaphore>, store: SqliteStore, shelf: Shelf) -> Self {
        let (held, changes, coming) = (Arc::default(), Arc::default(), Arc::default());
        Self { held, changes, coming, slow, store, shelf }
    }

    /// Takes in the documents at `paths`, which were just published.
    pub async fn refresh<'p>(&self, paths: impl Iterator<Item = &'p String>) {
        let paths = paths.filter(|path| is_held(path)).cloned().collect();
        match self.store.documents(paths).await {
            Ok(found) => self.take_all(found.into_iter().collect()).await,
            // Readers get what they got, of all alike, until the documents change again.
            Err(error) => {
                error!(code = error.code().as_str(), "published, and served as before: {error}");
            }
        }
    }

    /// Drops the documents at `paths`, which are no longer published.
    pub fn forget<'p>(&self, paths: impl Iterator<Item = &'p String>) {
        let mut held = self.held.write().expect("no holder panics");
        for path in paths {
            held.remove(path);
        }
        self.changes.fetch_add(1, Ordering::Release);
    }

    /// The document published at `path`, if any; one that is not held is zipped for `zipped` only.
    pub(super) async fn find(&self, path: &str, zipped: bool) -> Option<Arc<Ready>> {
        if is_held(path) {
            return self.held(path);
        }
        let record = self.store.document(path).await.ok()??;
        self.load(path, record, zipped, None).await
    }

    /// Size and bytes of the file published at `path`, read as they are sent.
    pub(super) async fn stream(
        &self,
        path: &str,
    ) -> Option<(u64, BoxStream<'static, object_store::Result<Bytes>>)> {
        self.shelf.stream(path).await.ok().flatten()
    }

    /// The media type of the document held in memory for `path`.
    pub(super) fn media_type(&self, path: &str) -> Option<HeaderValue> {
        let held = self.held.read().expect("no holder panics");
        held.get(path).map(|ready| ready.told.media_type.clone())
    }

    /// The document held in memory for `path`.
    pub(super) fn held(&self, path: &str) -> Option<Arc<Ready>> {
        self.held.read().expect("no holder panics").get(path).cloned()
    }

    /// How often what is held has changed.
    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// True once a feed can be served.
    pub(super) fn has_feeds(&self) -> bool {
        let held = self.held.read().expect("no holder panics");
        held.keys().any(|path| path.starts_with("feeds/"))
    }

    /// Takes in some documents, several at a time: zipping is what takes long.
    async fn take_all(&self, documents: Vec<(String, DocumentRecord)>) {
        #[cfg(test)]
        if self.slow.is_closed() {
            return;
        }
        let mut tasks = JoinSet::new();
        for (path, record) in documents {
            if tasks.len() >= AT_ONCE {
                tasks.join_next().await;
            }
            let catalogue = self.clone();
            tasks.spawn(async move { catalogue.take(&path, record).await });
        }
        while tasks.join_next().await.is_some() {}
    }

    /// Packs what is about to be published while it is written.
    fn expect(&self) {
        let (held, coming) = (Arc::clone(&self.held), Arc::clone(&self.coming));
        self.shelf.expect(move |document, tag| {
            if !is_held(&document.path) {
                return;
            }
            let before = held.read().expect("no holder panics").get(&document.path).cloned();
            let (path, identity, etag) =
                (document.path.clone(), document.bytes.clone(), tag.to_owned());
            let packing = pack(path.clone(), identity, Some(etag.clone()), true, before);
            coming.lock().expect("no holder panics").insert(path, (etag, packing));
        });
    }

    async fn take(&self, path: &str, record: DocumentRecord) {
        let coming = self.coming.lock().expect("no holder panics").remove(path);
        let packed = match coming {
            Some((etag, packing)) if etag == record.etag => packing.await.ok(),
            _ => None,
        };
        let ready = match packed {
            Some(packed) => Some(ready(packed, &record)),
            None => self.load(path, record, true, self.held(path)).await,
        };
        if let Some(ready) = ready {
            self.pack_later(Arc::downgrade(&ready));
            self.held.write().expect("no holder panics").insert(path.to_owned(), ready);
            self.changes.fetch_add(1, Ordering::Release);
        }
    }

    /// The document at `path`, which is to be zipped where readers can wait for it and follows on
    /// `before`.
    async fn load(
        &self,
        path: &str,
        record: DocumentRecord,
        zipped: bool,
        before: Option<Arc<Ready>>,
    ) -> Option<Arc<Ready>> {
        let identity = self.shelf.get(path).await.ok()??;
        let packed = pack(path.to_owned(), identity, None, zipped, before).await.ok()?;
        Some(ready(packed, &record))
    }

    /// These take their time; a document that was replaced meanwhile is not packed at all.
    fn pack_later(&self, document: Weak<Ready>) {
        let slow = Arc::clone(&self.slow);
        tokio::spawn(async move {
            let Ok(_turn) = slow.acquire().await else { return };
            let Some(ready) = document.upgrade() else { return };
            // A failure leaves the document without this coding.
            let _ = tokio::task::spawn_blocking(move || {
                let _ = brotli(&ready.identity).map(|packed| ready.brotli.set(packed));
                zstd(&ready.identity).map(|packed| ready.zstd.set(packed))
            })
            .await;
        });
    }
}

/// Packs the bytes of the document at `path`, which follows on `before`; their tag is made where it
/// is not given.
fn pack(
    path: String,
    identity: Bytes,
    etag: Option<String>,
    zipped: bool,
    before: Option<Arc<Ready>>,
) -> JoinHandle<Packed> {
    let has_items = zipped && is_held(&path) && render::is_topic(&path);
    tokio::task::spawn_blocking(move || {
        // The bytes decide: after a kill between writing and recording they are newer.
        let etag = etag.unwrap_or_else(|| crate::publish::etag(&identity));
        let before = before.as_deref().map(|old| (old.etag.as_str(), &old.lineage));
        let lineage = match has_items {
            true => Lineage::of(&identity, before),
            false => Lineage::default(),
        };
        Packed { gzip: zipped.then(|| gzip(&identity)).flatten(), lineage, identity, etag }
    })
}

fn ready(packed: Packed, record: &DocumentRecord) -> Arc<Ready> {
    let Packed { etag, identity, gzip, lineage } = packed;
    Arc::new(Ready {
        told: Told::of(&record.media_type, &etag, record.modified),
        modified: record.modified,
        gzip,
        brotli: OnceLock::new(),
        zstd: OnceLock::new(),
        lineage,
        cached: Remembered::default(),
        linked: Remembered::default(),
        identity,
        etag,
    })
}

fn is_held(path: &str) -> bool {
    !FOLDERS.iter().any(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use crate::model::Document;
    use crate::store::StoreOptions;

    use super::*;

    #[tokio::test]
    async fn whatever_comes_or_goes_is_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
        let shelf = Shelf::open(&folder.path().join("public")).unwrap();
        let catalogue = Catalogue::open(store, shelf.clone()).await.unwrap();
        let media_type = "application/atom+xml";
        let (path, bytes) = ("feeds/a.atom".to_owned(), Bytes::from_static(b"<feed/>"));
        let record = DocumentRecord {
            etag: crate::publish::etag(&bytes),
            media_type: media_type.to_owned(),
            modified: DateTime::UNIX_EPOCH,
        };
        shelf.put(&Document { path: path.clone(), media_type, bytes }).await.unwrap();
        let before = catalogue.changes();
        catalogue.take(&path, record).await;
        let there = catalogue.changes();
        assert!(catalogue.media_type(&path).is_some() && there != before);
        catalogue.forget(std::iter::once(&path));
        assert!(catalogue.media_type(&path).is_none() && catalogue.changes() != there);
    }
}
