//! Serves the demo sites on one loopback socket, told apart by the Host header.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request as HttpRequest, State};
use axum::http::{HeaderMap, Method, Response as HttpResponse, StatusCode, header};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::net::TcpListener;

use crate::model::BEIJING;

use super::DemoError;
use super::table::{Asked, Lively, Response, Table};

/// The cities that lively articles come from.
const CITIES: [&str; 13] = [
    "南京市",
    "无锡市",
    "徐州市",
    "常州市",
    "苏州市",
    "南通市",
    "连云港市",
    "淮安市",
    "盐城市",
    "扬州市",
    "镇江市",
    "泰州市",
    "宿迁市",
];
/// Rows a lively list shows beside the fixed ones.
const LIVELY_ROWS: u64 = 15;

/// A request that a site has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The Host header without the port.
    pub host: String,
    /// Path and query.
    pub path: String,
    /// The form of a POST.
    pub form: Option<String>,
    /// Status of the answer.
    pub status: u16,
}

/// The running sites.
pub struct Network {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: tokio::task::JoinHandle<()>,
}

struct Shared {
    tables: HashMap<String, Table>,
    every: Option<Duration>,
    started: DateTime<Utc>,
    began: tokio::time::Instant,
    seen: Mutex<Vec<Request>>,
}

impl Network {
    /// Starts every site below `folder/network`; with `every`, an article appears that often.
    pub async fn start(
        folder: &Path,
        every: Option<Duration>,
        now: DateTime<Utc>,
    ) -> Result<Self, DemoError> {
        let network = folder.join("network");
        let mut tables = HashMap::new();
        for entry in std::fs::read_dir(&network)? {
            let path = entry?.path();
            if path.is_dir() {
                let table = Table::read(&path)?;
                tables.insert(table.host.clone(), table);
            }
        }
        let began = tokio::time::Instant::now();
        let shared = Shared { tables, every, started: now, began, seen: Mutex::default() };
        let shared = Arc::new(shared);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            // Ends with the network.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, shared, server })
    }

    /// Where each host is to be found.
    pub fn addresses(&self) -> Vec<(String, SocketAddr)> {
        self.shared.tables.keys().map(|host| (host.clone(), self.address)).collect()
    }

    /// Every request seen so far, in order.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.seen.lock().expect("no holder panics").clone()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The largest form that is read, in bytes.
const MAX_FORM: usize = 64 << 10;

async fn answer(State(shared): State<Arc<Shared>>, request: HttpRequest) -> HttpResponse<Body> {
    let (head, body) = request.into_parts();
    let host = host_of(&head.headers);
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let form = if head.method == Method::POST {
        let bytes = axum::body::to_bytes(body, MAX_FORM).await.unwrap_or_default();
        Some(String::from_utf8_lossy(&bytes).into_owned())
    } else {
        None
    };
    let response = match shared.tables.get(&host) {
        Some(table) => {
            let asked = Asked { path: &path, form: form.as_deref() };
            shared.respond(table, asked, &head.headers)
        }
        None => plain(StatusCode::NOT_FOUND, "no such host"),
    };
    let status = response.status().as_u16();
    shared.seen.lock().expect("no holder panics").push(Request { host, path, form, status });
    response
}

impl Shared {
    fn step(&self) -> u64 {
        let Some(every) = self.every else { return 0 };
        u64::try_from(self.began.elapsed().as_millis() / every.as_millis().max(1)).unwrap_or(0)
    }

    fn respond(&self, table: &Table, asked: Asked<'_>, request: &HeaderMap) -> HttpResponse<Body> {
        let (step, path) = (self.step(), asked.path);
        let found = table.response(asked).filter(|r| self.every.is_none() || r.from <= step);
        if let Some(response) = found {
            if !has_needed(response, request) {
                return plain(StatusCode::FORBIDDEN, "403 Forbidden");
            }
            if let Some(bytes) = &response.bytes {
                return send(table, response, bytes.clone(), request);
            }
            let mut text = response.text.clone();
            if let Some(lively) = table.lively.iter().find(|lively| lively.list == path) {
                let rows =
                    if self.every.is_some() { self.rows(lively, step) } else { String::new() };
                text = text.replace("<!--lively-->", &rows);
            }
            return send(table, response, table.encode(&text), request);
        }
        let article = table.lively.iter().find_map(|lively| {
            let n = number_in(&lively.path, path)?;
            (self.every.is_some() && n <= step).then(|| self.page(lively, n))
        });
        match article {
            Some(text) => {
                let response = Response::page(&table.content_type);
                send(table, &response, table.encode(&text), request)
            }
            None => plain(StatusCode::NOT_FOUND, "404 Not Found"),
        }
    }

    /// The newest lively rows, newest first.
    fn rows(&self, lively: &Lively, step: u64) -> String {
        let first = step.saturating_sub(LIVELY_ROWS) + 1;
        (first..=step).rev().map(|n| self.fill(&lively.row, lively, n)).collect()
    }

    fn page(&self, lively: &Lively, n: u64) -> String {
        let body = pick(&lively.bodies, n + shift(lively));
        self.fill(&lively.page.replace("{body}", body), lively, n)
    }

    fn fill(&self, template: &str, lively: &Lively, n: u64) -> String {
        let every = self.every.unwrap_or_default();
        let offset = every.saturating_mul(u32::try_from(n).unwrap_or(u32::MAX));
        let time = self.started + TimeDelta::from_std(offset).unwrap_or_default();
        let time = time.with_timezone(&BEIJING);
        let number = format!("{n:05}");
        let story = n + shift(lively);
        template
            .replace("{title}", pick(&lively.titles, story))
            .replace("{url}", &lively.path)
            .replace("{city}", CITIES[usize::try_from(story * 5 % 13).unwrap_or(0)])
            .replace("{n}", &number)
            .replace("{count}", &n.to_string())
            .replace("{date}", &time.format("%Y-%m-%d").to_string())
            .replace("{mmdd}", &time.format("%m-%d").to_string())
            .replace("{time}", &time.format("%H:%M").to_string())
    }
}

/// How far the stories of a list are ahead of the others', so that sites do not all tell the same.
fn shift(lively: &Lively) -> u64 {
    u64::from(blake3::hash(lively.list.as_bytes()).as_bytes()[0])
}

fn pick(texts: &[String], n: u64) -> &str {
    let index = usize::try_from(n).unwrap_or(0) % texts.len();
    &texts[index]
}

/// The number in `path` where `pattern` has `{n}`.
fn number_in(pattern: &str, path: &str) -> Option<u64> {
    let (before, after) = pattern.split_once("{n}")?;
    let digits = path.strip_prefix(before)?.strip_suffix(after)?;
    (digits.len() == 5).then(|| digits.parse().ok()).flatten().filter(|n| *n > 0)
}

/// True where the request has every header that the response wants.
fn has_needed(response: &Response, request: &HeaderMap) -> bool {
    response.needs.iter().all(|(name, wanted)| {
        let found = request.get(name.as_str()).and_then(|value| value.to_str().ok());
        found.is_some_and(|value| value.contains(wanted.as_str()))
    })
}

fn send(
    table: &Table,
    response: &Response,
    bytes: Bytes,
    request: &HeaderMap,
) -> HttpResponse<Body> {
    let etag = format!("\"{}\"", &blake3::hash(&bytes).to_hex()[..16]);
    let known =
        request.get(header::IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == etag.as_bytes());
    let unchanged = table.validators && known;
    let mut builder = HttpResponse::builder()
        .status(if unchanged { 304 } else { response.status })
        .header(header::CONTENT_TYPE, &response.content_type);
    if table.validators {
        builder = builder.header(header::ETAG, &etag);
    }
    if let Some(location) = &response.location {
        builder = builder.header(header::LOCATION, location);
    }
    if let Some(cookie) = &response.set_cookie {
        builder = builder.header(header::SET_COOKIE, cookie);
    }
    let body = if unchanged { Body::empty() } else { Body::from(bytes) };
    builder.body(body).unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "bad table"))
}

fn plain(status: StatusCode, text: &'static str) -> HttpResponse<Body> {
    let mut response = HttpResponse::new(Body::from(text));
    *response.status_mut() = status;
    response
}

fn host_of(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    host.split(':').next().unwrap_or("").to_ascii_lowercase()
}
