//! Serves the demo sites on one loopback socket, told apart by the Host header.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request as HttpRequest, State};
use axum::http::{HeaderMap, Method, Response as HttpResponse, StatusCode, header};
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;

use super::DemoError;
use super::delivery::Delivery;
use super::mutation::Mutation;
use super::scene::{Answer, Course, Moment, Scene};
use super::table::{Asked, Table};
use super::variation::Variation;

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
    switches: Mutex<Switches>,
}

/// What can be changed while the sites run.
#[derive(Default)]
struct Switches {
    redesigns: HashMap<String, Mutation>,
    variation: Option<Variation>,
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
        let (seen, switches) = (Mutex::default(), Mutex::default());
        let shared = Arc::new(Shared { tables, every, started: now, began, seen, switches });
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

    /// Redesigns the site `host` from now on, or gives it back its own design. An error says that
    /// there is no such site, or that its table names no columns.
    pub fn redesign(&self, host: &str, mutation: Option<Mutation>) -> Result<(), DemoError> {
        if self.shared.tables.get(host).is_none_or(|table| table.columns.is_empty()) {
            return Err(DemoError::NoColumns { host: host.to_owned() });
        }
        let redesigns = &mut self.shared.switches().redesigns;
        match mutation {
            Some(mutation) => redesigns.insert(host.to_owned(), mutation),
            None => redesigns.remove(host),
        };
        Ok(())
    }

    /// Lets all sites change as ordinary sites do, to where `variation` has them; without one they
    /// are as they were.
    pub fn vary(&self, variation: Option<Variation>) {
        self.shared.switches().variation = variation;
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
    fn moment(&self) -> Moment {
        let course = match (self.switches().variation, self.every) {
            (Some(variation), _) => Course::Varied(variation),
            (None, Some(every)) => {
                let step = self.began.elapsed().as_millis() / every.as_millis().max(1);
                Course::Even { every, step: u64::try_from(step).unwrap_or(0) }
            }
            (None, None) => Course::Frozen,
        };
        Moment { started: self.started, course }
    }

    fn switches(&self) -> MutexGuard<'_, Switches> {
        self.switches.lock().expect("no holder panics")
    }

    fn respond(&self, table: &Table, asked: Asked<'_>, request: &HeaderMap) -> HttpResponse<Body> {
        let scene = Scene { table, moment: self.moment() };
        let redesign = self.switches().redesigns.get(&table.host).copied();
        let Some(answer) = scene.answer(asked) else {
            return plain(StatusCode::NOT_FOUND, "404 Not Found");
        };
        if !has_needed(&answer, request) {
            return plain(StatusCode::FORBIDDEN, "403 Forbidden");
        }
        let answer = match redesign {
            Some(mutation) => mutation.answer(scene, asked, answer),
            None => answer,
        };
        send(table, &answer, request)
    }
}

/// True where the request has every header that the answer wants.
fn has_needed(answer: &Answer, request: &HeaderMap) -> bool {
    answer.needs.iter().all(|(name, wanted)| {
        let found = request.get(name.as_str()).and_then(|value| value.to_str().ok());
        found.is_some_and(|value| value.contains(wanted.as_str()))
    })
}

fn send(table: &Table, answer: &Answer, request: &HeaderMap) -> HttpResponse<Body> {
    let bytes = answer.bytes();
    let hash = blake3::hash(&bytes).to_hex();
    let etag = match answer.tag {
        0 => format!("\"{}\"", &hash[..16]),
        tag => format!("W/\"{}-{tag:x}\"", &hash[..16]),
    };
    let known = request.get(header::IF_NONE_MATCH).is_some_and(|tag| {
        answer.delivery == Delivery::Stubborn || tag.as_bytes() == etag.as_bytes()
    });
    let unchanged = table.validators && known;
    let mut builder = HttpResponse::builder()
        .status(if unchanged { 304 } else { answer.status })
        .header(header::CONTENT_TYPE, &answer.content_type);
    if table.validators {
        builder = builder.header(header::ETAG, &etag);
    }
    if let Some(location) = &answer.location {
        builder = builder.header(header::LOCATION, location);
    }
    if let Some(cookie) = &answer.set_cookie {
        builder = builder.header(header::SET_COOKIE, cookie);
    }
    let (body, encoding) =
        if unchanged { (Body::empty(), None) } else { answer.delivery.body(bytes) };
    if let Some(encoding) = encoding {
        builder = builder.header(header::CONTENT_ENCODING, encoding);
    }
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
