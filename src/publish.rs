//! Writes documents where readers find them: an object store, by default the folder `public`.
//!
//! In: documents; out: bytes in place, each path whole or untouched. Nothing is rendered here.
//! [`Courier`] sends them and word of changes to those who asked.

mod alert;
mod courier;
pub mod folder;
pub mod fonts;
pub mod retry;
mod secret;
pub mod wechat;

use std::fmt;
use std::future::poll_fn;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures_core::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Location;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

use crate::model::{Document, ProblemCode};

pub use alert::NotTold;
pub use courier::{Courier, Delivery, NotSent};

/// Why a document was not written or read; what stood at its path before still stands there.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The folder cannot be made or read.
    #[error("public folder `{folder}`: {what}")]
    Folder {
        /// Which.
        folder: String,
        /// What the system says.
        what: String,
    },
    /// One document.
    #[error("document `{path}` was not written: {what}; the earlier one still stands")]
    Put {
        /// Which.
        path: String,
        /// What the store says.
        what: String,
    },
    /// A document that is no longer offered.
    #[error("document `{path}` was not removed: {what}")]
    Remove {
        /// Which.
        path: String,
        /// What the store says.
        what: String,
    },
    /// A document that cannot be read back.
    #[error("document `{path}` cannot be read: {what}")]
    Get {
        /// Which.
        path: String,
        /// What the store says.
        what: String,
    },
}

impl PublishError {
    /// The code it is told under.
    pub fn code(&self) -> ProblemCode {
        ProblemCode::PublishFailed
    }
}

/// Is told of a document that is about to be put in place.
type Expecting = Box<dyn Fn(&Document, &str) + Send + Sync>;

/// Where published documents stand. Clones share it.
#[derive(Clone)]
pub struct Shelf {
    store: Arc<dyn ObjectStore>,
    expecting: Arc<OnceLock<Expecting>>,
}

/// Strong validator of `bytes` (RFC 9110 §8.8.3): the first 128 bits of their blake3 hash.
pub fn etag(bytes: &[u8]) -> String {
    format!("\"{}\"", &blake3::hash(bytes).to_hex()[..32])
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shelf").field(&self.store).finish()
    }
}

impl Shelf {
    /// The folder `folder`, made if need be. What a killed writer left half written is swept away.
    pub fn open(folder: &Path) -> Result<Self, PublishError> {
        let fault =
            |what: String| PublishError::Folder { folder: folder.display().to_string(), what };
        std::fs::create_dir_all(folder).map_err(|error| fault(error.to_string()))?;
        sweep(folder).map_err(|error| fault(error.to_string()))?;
        // A document is written beside its place, synced, and renamed into it.
        let store = LocalFileSystem::new_with_prefix(folder)
            .map_err(|error| fault(error.to_string()))?
            .with_fsync(true);
        Ok(Self::on(Arc::new(store)))
    }

    /// The folder `folder` beside a daemon that works on it: nothing is swept away.
    pub fn beside(folder: &Path) -> Result<Self, PublishError> {
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| {
            PublishError::Folder { folder: folder.display().to_string(), what: error.to_string() }
        })?;
        Ok(Self::on(Arc::new(store)))
    }

    /// Any other object store.
    pub fn on(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, expecting: Arc::default() }
    }

    /// Has `told` hear of every document, and its tag, before it is written, so that whoever serves it can get
    /// ready while the disk works. It may still not be written. The first who asks is told.
    pub fn expect(&self, told: impl Fn(&Document, &str) + Send + Sync + 'static) {
        let _ = self.expecting.set(Box::new(told));
    }

    /// Says that `document`, whose [`etag`] is `tag`, is about to be put in place.
    pub fn announce(&self, document: &Document, tag: &str) {
        if let Some(told) = self.expecting.get() {
            told(document, tag);
        }
    }

    /// Puts a document in place, whole or not at all.
    pub async fn put(&self, document: &Document) -> Result<(), PublishError> {
        let payload = PutPayload::from(document.bytes.clone());
        self.store.put(&Location::from(document.path.as_str()), payload).await.map(|_| ()).map_err(
            |error| PublishError::Put { path: document.path.clone(), what: error.to_string() },
        )
    }

    /// The bytes at `path`; `None` where nothing stands.
    pub async fn get(&self, path: &str) -> Result<Option<Bytes>, PublishError> {
        let fault = |what: String| PublishError::Get { path: path.to_owned(), what };
        match self.store.get(&Location::from(path)).await {
            Ok(found) => found.bytes().await.map(Some).map_err(|error| fault(error.to_string())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(fault(error.to_string())),
        }
    }

    /// The size of what stands at `path`, and its bytes as they are read; `None` where nothing stands.
    pub async fn stream(
        &self,
        path: &str,
    ) -> Result<Option<(u64, BoxStream<'static, object_store::Result<Bytes>>)>, PublishError> {
        match self.store.get(&Location::from(path)).await {
            Ok(found) => Ok(Some((found.meta.size, found.into_stream()))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(PublishError::Get { path: path.to_owned(), what: error.to_string() }),
        }
    }

    /// How much stands below `folder`.
    pub async fn count(&self, folder: &str) -> Result<u64, PublishError> {
        let mut listed = self.store.list(Some(&Location::from(folder)));
        let mut count = 0;
        while let Some(found) = poll_fn(|context| listed.as_mut().poll_next(context)).await {
            found.map_err(|error| PublishError::Folder {
                folder: folder.to_owned(),
                what: error.to_string(),
            })?;
            count += 1;
        }
        Ok(count)
    }

    /// Takes away what stands at `path`; nothing there is fine.
    pub async fn remove(&self, path: &str) -> Result<(), PublishError> {
        match self.store.delete(&Location::from(path)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => {
                Err(PublishError::Remove { path: path.to_owned(), what: error.to_string() })
            }
        }
    }

    /// Whether anything stands at `path`.
    pub async fn has(&self, path: &str) -> bool {
        self.store.head(&Location::from(path)).await.is_ok()
    }
}

/// Removes the staging files of `LocalFileSystem` (`NAME#N`) that a kill left behind.
fn sweep(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name();
        let staged = name.to_string_lossy().rsplit_once('#').is_some_and(|(_, number)| {
            !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
        });
        if entry.file_type()?.is_dir() {
            sweep(&path)?;
        } else if staged {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(bytes: &'static [u8]) -> Document {
        Document {
            path: "feeds/a/b.rss".to_owned(),
            media_type: "application/rss+xml; charset=utf-8",
            bytes: Bytes::from_static(bytes),
        }
    }

    #[tokio::test]
    async fn a_document_stands_at_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(folder.path()).unwrap();
        assert!(!shelf.has("feeds/a/b.rss").await);
        shelf.put(&document(b"one")).await.unwrap();
        shelf.put(&document(b"two")).await.unwrap();
        assert_eq!(std::fs::read(folder.path().join("feeds/a/b.rss")).unwrap(), b"two");
        assert_eq!(shelf.get("feeds/a/b.rss").await.unwrap().as_deref(), Some(b"two".as_slice()));
        assert_eq!(shelf.get("feeds/none").await.unwrap(), None);
        for (folder, count) in [("feeds", 1), ("feeds/a", 1), ("feeds/b", 0), ("items", 0)] {
            assert_eq!(shelf.count(folder).await.unwrap(), count, "{folder}");
        }
        shelf.remove("feeds/a/b.rss").await.unwrap();
        shelf.remove("feeds/none").await.unwrap();
        assert!(!shelf.has("feeds/a/b.rss").await);
    }

    #[tokio::test]
    async fn what_a_kill_left_half_written_is_swept_away() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(folder.path()).unwrap();
        shelf.put(&document(b"one")).await.unwrap();
        let torn = folder.path().join("feeds/a/b.rss#3");
        std::fs::File::create(&torn).unwrap();
        Shelf::open(folder.path()).unwrap();
        assert!(!torn.exists());
        assert!(folder.path().join("feeds/a/b.rss").exists());
    }

    #[tokio::test]
    async fn a_store_that_fails_leaves_the_earlier_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(folder.path()).unwrap();
        shelf.put(&document(b"one")).await.unwrap();
        // A folder where the document should be renamed to makes the write fail.
        let blocked = Document { path: "feeds".to_owned(), ..document(b"two") };
        let error = shelf.put(&blocked).await.unwrap_err();
        assert_eq!(error.code(), ProblemCode::PublishFailed);
        assert_eq!(std::fs::read(folder.path().join("feeds/a/b.rss")).unwrap(), b"one");
    }
}
