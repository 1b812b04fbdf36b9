//! The published folder of a world: in memory, and out of reach of the dead.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_trait::async_trait;
use futures_core::Stream;
use futures_core::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use super::fate::{Diary, Fate};

/// The folder as one life of the daemon meets it.
pub(super) struct Board {
    pub(super) folder: Arc<InMemory>,
    pub(super) fate: Arc<Fate>,
    pub(super) diary: Arc<Diary>,
}

impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Board")
    }
}

impl fmt::Display for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Board")
    }
}

#[async_trait]
impl ObjectStore for Board {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.fate.pass(&format!("before writing {location}")).await;
        let result = self.folder.put_opts(location, payload, options).await;
        self.diary.note(format!("PUT {location}"));
        self.fate.pass(&format!("after writing {location}")).await;
        result
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.folder.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.folder.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let fate = Arc::clone(&self.fate);
        let waits = Box::pin(async move { fate.pass("before removing").await });
        self.diary.note("REMOVE".to_owned());
        Box::pin(Behind { waits: Some(waits), stream: self.folder.delete_stream(locations) })
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.folder.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.folder.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.folder.copy_opts(from, to, options).await
    }
}

/// A stream that begins once something was waited for.
struct Behind {
    waits: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    stream: BoxStream<'static, Result<Path>>,
}

impl Stream for Behind {
    type Item = Result<Path>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(waits) = &mut self.waits {
            if waits.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.waits = None;
        }
        self.stream.as_mut().poll_next(context)
    }
}
