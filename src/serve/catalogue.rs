//! Published documents held ready for answering: identity and gzip, each with its own `ETag`.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, RwLock};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::publish::Shelf;
use crate::store::{DocumentRecord, SqliteStore, StoreError};

/// A document ready to be served.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) media_type: String,
    pub(super) etag: String,
    pub(super) modified: DateTime<Utc>,
    pub(super) identity: Bytes,
    pub(super) gzip: Option<Bytes>,
}

/// What is published, by path. Subscription documents are held in memory, item pages are read from
/// the folder when asked for.
#[derive(Clone)]
pub struct Catalogue {
    held: Arc<RwLock<HashMap<String, Arc<Ready>>>>,
    store: SqliteStore,
    shelf: Shelf,
}

/// Below this many bytes compression gains nothing.
const WORTH_COMPRESSING: usize = 512;

impl Catalogue {
    /// A catalogue of all that was published before.
    pub async fn open(store: SqliteStore, shelf: Shelf) -> Result<Self, StoreError> {
        let catalogue = Self { held: Arc::default(), store, shelf };
        for (path, record) in catalogue.store.documents().await? {
            if is_held(&path) {
                catalogue.take(&path, record).await;
            }
        }
        Ok(catalogue)
    }

    /// Takes in the documents at `paths`, which were just published.
    pub async fn refresh<'p>(&self, paths: impl Iterator<Item = &'p String>) {
        for path in paths.filter(|path| is_held(path)) {
            if let Ok(Some(record)) = self.store.document(path).await {
                self.take(path, record).await;
            }
        }
    }

    /// The document published at `path`, if any.
    pub(super) async fn find(&self, path: &str) -> Option<Arc<Ready>> {
        if is_held(path) {
            return self.held.read().expect("no holder panics").get(path).cloned();
        }
        let record = self.store.document(path).await.ok()??;
        self.load(path, record).await
    }

    /// True once anything can be served.
    pub(super) fn is_empty(&self) -> bool {
        self.held.read().expect("no holder panics").is_empty()
    }

    async fn take(&self, path: &str, record: DocumentRecord) {
        if let Some(ready) = self.load(path, record).await {
            self.held.write().expect("no holder panics").insert(path.to_owned(), ready);
        }
    }

    async fn load(&self, path: &str, record: DocumentRecord) -> Option<Arc<Ready>> {
        let identity = self.shelf.get(path).await.ok()??;
        let body = identity.clone();
        let gzip = tokio::task::spawn_blocking(move || gzip(&body)).await.ok().flatten();
        Some(Arc::new(Ready {
            media_type: record.media_type,
            // The bytes decide: after a kill between writing and recording they are newer.
            etag: crate::publish::etag(&identity),
            modified: record.modified,
            identity,
            gzip,
        }))
    }
}

fn is_held(path: &str) -> bool {
    !path.starts_with("items/")
}

fn gzip(bytes: &[u8]) -> Option<Bytes> {
    if bytes.len() < WORTH_COMPRESSING {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).ok()?;
    let packed = encoder.finish().ok()?;
    (packed.len() < bytes.len()).then(|| Bytes::from(packed))
}
