//! A full disk: the database, and the place where documents stand.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use futures_core::stream::BoxStream;
use lianbo::daemon::fetch_settings;
use lianbo::fetch::Fetcher;
use lianbo::model::ProblemCode;
use lianbo::pipeline::{Pipeline, StoredMemory};
use lianbo::publish::Shelf;
use lianbo::store::{SqliteStore, StoreOptions};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Location;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use crate::ground::{Ground, article_html, items, once, page, problems, title, try_once};

/// A folder whose disk is full while `full` is set.
#[derive(Debug)]
struct FullDisk {
    folder: LocalFileSystem,
    full: Arc<AtomicBool>,
}

impl fmt::Display for FullDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a folder on a small disk")
    }
}

#[async_trait]
impl ObjectStore for FullDisk {
    async fn put_opts(
        &self,
        location: &Location,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        if self.full.load(Ordering::SeqCst) {
            let source = std::io::Error::from(std::io::ErrorKind::StorageFull).into();
            return Err(Error::Generic { store: "full", source });
        }
        self.folder.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Location,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.folder.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Location, options: GetOptions) -> Result<GetResult> {
        self.folder.get_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Location>>,
    ) -> BoxStream<'static, Result<Location>> {
        self.folder.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Location>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.folder.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Location>) -> Result<ListResult> {
        self.folder.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Location, to: &Location, options: CopyOptions) -> Result<()> {
        self.folder.copy_opts(from, to, options).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_cannot_be_written_stay_as_they_were_and_follow_later() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let public = ground.public();
    let recorded = pipeline.store.documents_after("", 1000).await.unwrap();
    let full = Arc::new(AtomicBool::new(true));
    let folder = LocalFileSystem::new_with_prefix(ground.data().join("public")).unwrap();
    let shelf = Shelf::on(Arc::new(FullDisk { folder, full: Arc::clone(&full) }));
    let pipeline = Pipeline { shelf, ..pipeline };

    ground.list("/yw/", &[4, 3, 2, 1]);
    let (reports, published) = once(&pipeline).await;
    assert!(reports.iter().any(|report| report.new == 1), "the item itself is stored");
    assert!(published.changed.is_empty());
    for slug in ["all", "xin", "xin/yw"] {
        assert!(published.failed.contains(slug), "{slug}: {:?}", published.failed);
    }
    assert_eq!(
        problems(&pipeline.store).await,
        [("publish".to_owned(), ProblemCode::PublishFailed)]
    );
    assert!(ground.public() == public, "published bytes changed");
    assert_eq!(pipeline.store.documents_after("", 1000).await.unwrap(), recorded);

    full.store(false, Ordering::SeqCst);
    let (_, published) = once(&pipeline).await;
    assert!(published.faults.is_empty());
    assert_eq!(problems(&pipeline.store).await, []);
    let feed = String::from_utf8(ground.public()["feeds/xin/yw.rss"].clone()).unwrap();
    assert!(feed.contains(&title(4)), "{feed}");
    let pages = ground.public().into_keys().filter(|path| path.starts_with("items/")).count();
    assert_eq!(pages, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_database_stores_nothing_of_the_run_and_keeps_all_else() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let (public, before) = (ground.public(), items(&pipeline.store).await);
    pipeline.store.close().await.unwrap();
    let Pipeline { config, store, fetcher, shelf, clock } = pipeline;
    // The fetcher counts its requests in the store.
    drop((store, fetcher));
    let pages = std::fs::metadata(ground.data().join("lianbo.db")).unwrap().len() / 4096;
    let options = StoreOptions { max_page_count: Some(u32::try_from(pages).unwrap() + 24) };
    let store = loop {
        // The lock goes with the last thread of the store that was dropped.
        match SqliteStore::open(&ground.data(), options) {
            Ok(store) => break store,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    let memory = Arc::new(StoredMemory(store.clone()));
    let fetcher = Fetcher::new(fetch_settings(&config)).remembering_in(memory);
    let small = Pipeline { config, store, fetcher, shelf, clock };
    let long = (0..20_000).map(|n| format!("<p>第{n}家会员企业报送材料。</p>")).collect::<String>();
    let html = article_html(&title(4)).replace("<p>近日", &format!("{long}<p>近日"));
    ground.site.set("/art/4.html", page(&html));
    ground.list("/yw/", &[5, 4, 3, 2, 1]);
    let error = try_once(&small).await.unwrap_err();
    assert_eq!(error.code(), ProblemCode::StoreFull, "{error}");
    assert_eq!(items(&small.store).await, before, "the small article beside it was not stored");
    assert!(ground.public() == public);
    assert_eq!(
        problems(&small.store).await,
        [("xin/yw".to_owned(), ProblemCode::StoreFull)],
        "there was room for the problem itself"
    );
    drop(small);

    let pipeline = ground.open().await;
    let (reports, _) = once(&pipeline).await;
    assert_eq!(reports.iter().map(|report| report.new).sum::<usize>(), 2);
    assert_eq!(problems(&pipeline.store).await, []);
}
