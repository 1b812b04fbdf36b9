//! Ground for tests of faults: a website on loopback that answers what it is told to, and a
//! configuration that reads it as `xin.test`.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lianbo::config::Config;
use lianbo::model::{Item, ProblemCode, Selection};
use lianbo::pipeline::{Clock, Pipeline, Published, RunReport};
use lianbo::store::{SqliteStore, StoreError};

use super::loopback::Loopback;

/// What the site answers to a path.
#[derive(Clone)]
pub(crate) enum Reply {
    /// These bytes as they go over the wire.
    Bytes(Arc<Vec<u8>>),
    /// Nothing, for as long as the caller waits.
    Silence,
}

/// A request as the site saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
    /// The head in lower case.
    pub(crate) head: String,
}

#[derive(Default)]
struct Shared {
    replies: Mutex<HashMap<String, Reply>>,
    seen: Mutex<Vec<Seen>>,
    inside: AtomicUsize,
    most: AtomicUsize,
}

/// The website.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    _loopback: Loopback,
}

/// An answer with status, further header lines and body.
pub(crate) fn reply(status: &str, headers: &str, body: &[u8]) -> Reply {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n"
    );
    wire([head.as_bytes(), body].concat())
}

/// Bytes as they are.
pub(crate) fn wire(bytes: impl Into<Vec<u8>>) -> Reply {
    Reply::Bytes(Arc::new(bytes.into()))
}

/// A page in UTF-8.
pub(crate) fn page(html: &str) -> Reply {
    reply("200 OK", "Content-Type: text/html; charset=utf-8\r\n", html.as_bytes())
}

/// A redirect.
pub(crate) fn redirect(target: &str) -> Reply {
    reply("302 Found", &format!("Location: {target}\r\n"), b"")
}

/// A list with these rows (address, title), newest first; `next` is the address of older ones.
pub(crate) fn list_html(rows: &[(&str, &str)], next: Option<&str>) -> String {
    let rows: String = rows
        .iter()
        .map(|(url, title)| {
            format!("<li><a href=\"{url}\">{title}</a><span>2026-11-01</span></li>")
        })
        .collect();
    let next = next.map_or_else(String::new, |url| format!("<a href=\"{url}\">下一页</a>"));
    format!(
        "<html><head><title>要闻</title></head><body><div class=\"nav\"><a href=\"/\">首页</a></div>\
         <ul class=\"list\">{rows}</ul><div class=\"pages\">{next}</div></body></html>"
    )
}

/// An article of three paragraphs.
pub(crate) fn article_html(title: &str) -> String {
    format!(
        "<html><head><title>{title}</title></head><body><h1>{title}</h1>\
         <div class=\"info\">发布时间:2026-11-01 来源:新新商会</div><div class=\"content\">\
         <p>近日，市工商联就“{title}”组织座谈，三十余家民营企业负责人参加，现场气氛热烈。</p>\
         <p>与会人员围绕政策落实、融资服务、人才引进等话题深入交流，提出意见建议十余条。</p>\
         <p>市工商联有关负责人表示，将及时梳理企业诉求，会同有关部门逐项研究解决，切实办实事。</p>\
         </div></body></html>"
    )
}

impl Site {
    /// An empty site: 404 everywhere.
    pub(crate) fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let serving = Arc::clone(&shared);
        let loopback = Loopback::start(move |stream| answer(stream, &serving));
        Self { address: loopback.address, shared, _loopback: loopback }
    }

    pub(crate) fn set(&self, path: &str, reply: Reply) {
        self.shared.replies.lock().unwrap().insert(path.to_owned(), reply);
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.shared.replies.lock().unwrap()[path].clone()
    }

    /// The paths asked for since the last call, robots.txt aside.
    pub(crate) fn asked(&self) -> Vec<String> {
        let seen = std::mem::take(&mut *self.shared.seen.lock().unwrap());
        seen.into_iter().map(|seen| seen.path).filter(|path| path != "/robots.txt").collect()
    }

    /// Whether `path` was asked for since the last call of [`Site::asked`].
    pub(crate) fn has_been_asked(&self, path: &str) -> bool {
        self.shared.seen.lock().unwrap().iter().any(|seen| seen.path == path)
    }

    /// All requests since the last call.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.shared.seen.lock().unwrap())
    }

    /// How many requests were inside at the same time, at most.
    pub(crate) fn most_at_once(&self) -> usize {
        self.shared.most.load(Ordering::SeqCst)
    }
}

fn answer(mut stream: TcpStream, shared: &Shared) {
    let mut head = Vec::new();
    let mut buffer = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => head.extend_from_slice(&buffer[..count]),
            _ => return,
        }
    }
    let inside = shared.inside.fetch_add(1, Ordering::SeqCst) + 1;
    shared.most.fetch_max(inside, Ordering::SeqCst);
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or("").to_owned();
    let known = shared.replies.lock().unwrap().get(&path).cloned();
    let conditional = known.is_some() && head.to_ascii_lowercase().contains("if-none-match");
    shared.seen.lock().unwrap().push(Seen { path, head: head.to_ascii_lowercase() });
    match known.unwrap_or_else(|| reply("404 Not Found", "", b"")) {
        Reply::Bytes(bytes) => {
            let bytes = if conditional { unchanged(&bytes, &head) } else { None }
                .unwrap_or_else(|| bytes.to_vec());
            // The one inside leaves before the other side can know that it has its answer.
            shared.inside.fetch_sub(1, Ordering::SeqCst);
            let _ = stream.write_all(&bytes);
        }
        Reply::Silence => {
            // Until the other side hangs up.
            while matches!(stream.read(&mut buffer), Ok(count) if count > 0) {}
            shared.inside.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// 304 where the answer's tag is the one that was named.
fn unchanged(bytes: &[u8], head: &str) -> Option<Vec<u8>> {
    let answer = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]);
    let tag = answer.split("ETag: ").nth(1)?.split("\r\n").next()?;
    head.contains(tag).then(|| b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_vec())
}

/// The site, a configuration that reads it, and a clock that moves when it is told to.
pub(crate) struct Ground {
    pub(crate) site: Site,
    pub(crate) folder: tempfile::TempDir,
    seconds: Arc<AtomicI64>,
}

/// When everything begins.
fn begin() -> DateTime<Utc> {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

impl Ground {
    /// A site with two columns, `yw` with articles 3, 2, 1 and `zt` with article 1.
    pub(crate) fn new() -> Self {
        let site = Site::start();
        let folder = tempfile::tempdir().unwrap();
        let ground = Self { site, folder, seconds: Arc::default() };
        ground.configure("");
        for n in 1..=9 {
            let path = format!("/art/{n}.html");
            ground.site.set(&path, page(&article_html(&title(n))));
        }
        ground.list("/yw/", &[3, 2, 1]);
        ground.list("/zt/", &[1]);
        ground
    }

    /// Writes the configuration, with `more` at its end.
    pub(crate) fn configure(&self, more: &str) {
        let address = self.site.address;
        let text = format!(
            r#"
[daemon]
data = "data"
listen = "127.0.0.1:0"
base_url = "http://feeds.test/"
[admin]
listen = "127.0.0.1:0"
[id]
authority = "feeds.test"
date = "2026"
[schedule]
jitter = "0s"
[fetch]
contact = "test@feeds.test"
gap = "0s"
timeout = "5s"
retries = 0
articles_per_run = 40
resolve = {{ "xin.test" = "{address}", "alt.test" = "{address}" }}
[withdraw]
looks = []
[[site]]
id = "xin"
name = "新新商会"
home = "http://xin.test/"
family = "generic"
[[site.column]]
id = "yw"
name = "要闻"
url = "/yw/"
[[site.column]]
id = "zt"
name = "专题"
url = "/zt/"
{more}
[[feed]]
id = "all"
title = "全部"
sites = ["*"]
"#
        );
        std::fs::write(self.config_file(), text).unwrap();
    }

    /// Replaces `from` in the configuration.
    pub(crate) fn reconfigure(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.config_file()).unwrap();
        assert!(text.contains(from), "`{from}` is not in the configuration");
        let text = text.replace(from, to);
        std::fs::write(self.config_file(), text).unwrap();
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The list at `path` shows the articles `numbers`, newest first.
    pub(crate) fn list(&self, path: &str, numbers: &[u32]) {
        let rows: Vec<(String, String)> =
            numbers.iter().map(|&n| (format!("/art/{n}.html"), title(n))).collect();
        let rows: Vec<(&str, &str)> =
            rows.iter().map(|(url, title)| (url.as_str(), title.as_str())).collect();
        self.site.set(path, page(&list_html(&rows, None)));
    }

    pub(crate) fn later(&self, time: TimeDelta) {
        self.seconds.fetch_add(time.num_seconds(), Ordering::SeqCst);
    }

    pub(crate) fn clock(&self) -> Clock {
        let seconds = Arc::clone(&self.seconds);
        Arc::new(move || begin() + TimeDelta::seconds(seconds.load(Ordering::SeqCst)))
    }

    /// What `lianbo` works with here.
    pub(crate) async fn open(&self) -> Pipeline {
        let config = Arc::new(Config::load(&self.config_file()).unwrap());
        for _ in 0..200_000 {
            match lianbo::daemon::open(Arc::clone(&config), self.clock()).await {
                Ok(pipeline) => return pipeline,
                // The lock goes with the last thread of a store that was dropped just now.
                Err(error) => match error.downcast_ref::<StoreError>() {
                    Some(StoreError::Locked(_)) => tokio::task::yield_now().await,
                    _ => panic!("{error:#}"),
                },
            }
        }
        panic!("the lock was never given back");
    }

    /// The published folder, every byte.
    pub(crate) fn public(&self) -> BTreeMap<String, Vec<u8>> {
        folder(&self.data().join("public"))
    }

    /// The program itself with `arguments`.
    pub(crate) fn lianbo(&self, arguments: &[&str]) -> Told {
        let mut command = assert_cmd::Command::cargo_bin("lianbo").unwrap();
        command.env_remove("LIANBO_LOG").env("NO_COLOR", "1").timeout(Duration::from_secs(120));
        command.arg("--config").arg(self.config_file()).args(["--lang", "en"]).args(arguments);
        let output = command.output().unwrap();
        Told {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// What the program said.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The title of article `n`.
pub(crate) fn title(n: u32) -> String {
    let words = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    format!("市商会召开第{}次会员企业服务工作会议", words[n as usize % 10])
}

/// All columns, once.
pub(crate) async fn once(pipeline: &Pipeline) -> (Vec<RunReport>, Published) {
    try_once(pipeline).await.unwrap()
}

pub(crate) async fn try_once(
    pipeline: &Pipeline,
) -> Result<(Vec<RunReport>, Published), StoreError> {
    let columns: Vec<_> = pipeline.config.columns().map(|(_, column)| column.id.clone()).collect();
    lianbo::daemon::once(pipeline, &columns, |_| {}).await
}

/// All live items, newest first.
pub(crate) async fn items(store: &SqliteStore) -> Vec<Item> {
    store.newest(&Selection::All, 1000, None).await.unwrap()
}

/// The titles of all live items, newest first.
pub(crate) async fn titles(store: &SqliteStore) -> Vec<String> {
    items(store).await.into_iter().map(|item| item.title).collect()
}

/// Subject and code of every open problem.
pub(crate) async fn problems(store: &SqliteStore) -> Vec<(String, ProblemCode)> {
    let problems = store.problems().await.unwrap();
    problems.into_iter().map(|problem| (problem.subject, problem.code)).collect()
}

/// Every file below `root` with its bytes.
pub(crate) fn folder(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&next) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    files
}
