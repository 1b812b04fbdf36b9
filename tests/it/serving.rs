//! What readers and operators see over HTTP, asked of a daemon in this process.

mod admin;
mod api;
mod documents;
mod health;
mod manners;
mod odd;
mod openapi;
mod pages;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lianbo::config::Config;
use lianbo::daemon::{self, Bound, Handles};
use lianbo::demo::{Demo, Pace};
use lianbo::pipeline::Pipeline;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

/// An answer as it came: nothing unpacked, no redirect followed.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The header `name`, empty where there is none.
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A daemon that serves.
struct Running {
    bound: Bound,
    end: CancellationToken,
    task: tokio::task::JoinHandle<anyhow::Result<()>>,
    client: reqwest::Client,
}

impl Running {
    /// Starts the daemon and waits until it serves.
    async fn start(pipeline: Pipeline) -> Self {
        let end = CancellationToken::new();
        let (told, bound) = tokio::sync::oneshot::channel();
        let ready = Box::new(move |bound| told.send(bound).unwrap());
        let task = tokio::spawn(daemon::run(pipeline, Handles { end: end.clone(), ready }));
        let bound = bound.await.unwrap();
        Self { bound, end, task, client: client() }
    }

    async fn ask(
        &self,
        method: Method,
        at: SocketAddr,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.client.request(method, format!("http://{at}{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    /// `GET` of a reader.
    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, self.bound.public, path, headers).await
    }

    /// `GET` of an operator.
    async fn admin(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, self.bound.admin, path, headers).await
    }

    /// Ends the daemon in good order.
    async fn stop(self) {
        self.end.cancel();
        self.task.await.unwrap().unwrap();
    }
}

fn client() -> reqwest::Client {
    lianbo::net::install_crypto();
    reqwest::Client::builder()
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo")
}

/// The demo network with a data folder of its own.
struct Ground {
    demo: Demo,
    data: TempDir,
}

impl Ground {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let clock = Demo::frozen_clock();
        let demo = Demo::start(&folder(), Some(data.path()), Pace::Frozen, clock()).await.unwrap();
        Self { demo, data }
    }

    /// The demo's configuration on ports that the system chooses.
    fn config(&self) -> Config {
        let mut config = self.demo.config().clone();
        config.daemon.listen = "127.0.0.1:0".parse().unwrap();
        config.admin.listen = "127.0.0.1:0".parse().unwrap();
        // Tests ask until something is there.
        config.serve.downloads = 0;
        config
    }

    async fn open(&self, config: Config) -> Pipeline {
        daemon::open(Arc::new(config), Demo::frozen_clock()).await.unwrap()
    }

    /// A daemon on a network that was read and published.
    async fn published(&self) -> Running {
        if !self.data.path().join("lianbo.db").exists() {
            copy(READ.get_or_init(read_once).await, self.data.path());
        }
        Running::start(self.open(self.config()).await).await
    }
}

/// A data folder after everything was read and published once; the tests work on copies.
static READ: OnceCell<PathBuf> = OnceCell::const_new();

async fn read_once() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("serving");
    let _ = std::fs::remove_dir_all(&folder);
    let ground = Ground::new().await;
    let pipeline = ground.open(ground.config()).await;
    read(&pipeline).await;
    pipeline.store.close().await.unwrap();
    copy(ground.data.path(), &folder);
    folder
}

/// Reads every column once and publishes.
async fn read(pipeline: &Pipeline) {
    let columns: Vec<_> = pipeline.config.columns().map(|(_, column)| column.id.clone()).collect();
    daemon::once(pipeline, &columns, |_| {}).await.unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Names and values of the `meta` tags of a page, and its links by `rel`.
fn marks(html: &str) -> BTreeMap<String, String> {
    let pattern = regex::Regex::new(
        "<(?:meta name=\"([^\"]+)\" content|link rel=\"([a-z]+)\"(?: type=\"[^\"]*\")?\
         (?: title=\"[^\"]*\")? href)=\"([^\"]*)\"",
    );
    let plain = |text: &str| text.replace("&amp;", "&");
    pattern
        .unwrap()
        .captures_iter(html)
        .map(|found| {
            let name = found.get(1).or(found.get(2)).unwrap().as_str().to_owned();
            (name, plain(&found[3]))
        })
        .collect()
}
