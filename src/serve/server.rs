//! The HTTP server: routes, limits, and an orderly end.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Response, StatusCode, header};
use axum::routing::any;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

use crate::render::{self, PublicSite};
use crate::store::SqliteStore;

use super::answer::{document, fresh, set};
use super::catalogue::Catalogue;

/// What the server shows.
#[derive(Clone)]
pub struct Serving {
    /// The published documents.
    pub catalogue: Catalogue,
    /// For the status page.
    pub store: SqliteStore,
    /// For pages made on the spot.
    pub site: Arc<dyn Fn() -> PublicSite + Send + Sync>,
    /// Names of columns for the status page, by id.
    pub columns: Arc<dyn Fn() -> Vec<(String, String)> + Send + Sync>,
    /// The metrics in text form.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

/// A client that sends no complete request head in this time is dropped.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// Connections at once; more wait in the listener's queue.
const CONNECTIONS: usize = 1024;
/// How long readers may keep a document before asking again, in seconds.
const MAX_AGE: u32 = 300;

/// Listens on `address` and serves until `end`; returns the bound address and the running task.
pub async fn start(
    address: SocketAddr,
    serving: Serving,
    end: CancellationToken,
) -> std::io::Result<(SocketAddr, tokio::task::JoinHandle<()>)> {
    let listener = TcpListener::bind(address).await?;
    let bound = listener.local_addr()?;
    let router =
        Router::new().fallback(any(answer)).layer(CatchPanicLayer::new()).with_state(serving);
    Ok((bound, tokio::spawn(accept(listener, router, end))))
}

async fn accept(listener: TcpListener, router: Router, end: CancellationToken) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(tokio::sync::Semaphore::new(CONNECTIONS));
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = end.cancelled() => break,
        };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Out of file handles and the like: give the system a moment.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = end.cancelled() => break,
        };
        let service = TowerToHyperService::new(router.clone());
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            let _place = place;
            // A reader that breaks off is no fault of ours.
            let _ = watched.await;
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

async fn answer(State(serving): State<Serving>, request: Request) -> Response<Body> {
    let method = request.method().clone();
    let head = method == Method::HEAD;
    let mut response = match method {
        Method::GET | Method::HEAD => {
            let (head, _) = request.into_parts();
            route(&serving, head.uri.path(), &head.headers).await
        }
        Method::OPTIONS => options(),
        _ => not_allowed(),
    };
    if head {
        // Lengths and validators stay as for GET.
        let length = axum::body::HttpBody::size_hint(response.body()).exact();
        *response.body_mut() = Body::empty();
        if let Some(length) = length.filter(|_| response.status() != StatusCode::NOT_MODIFIED) {
            set(response.headers_mut(), header::CONTENT_LENGTH, &length.to_string());
        }
    }
    response
}

async fn route(serving: &Serving, path: &str, headers: &HeaderMap) -> Response<Body> {
    match path {
        "/healthz" => return health(serving).await,
        "/metrics" => {
            let text = (serving.metrics)();
            return fresh(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", text);
        }
        "/status" => return status(serving).await,
        "/robots.txt" => {
            let text = "User-agent: *\nDisallow: /status\nDisallow: /metrics\n";
            return fresh(StatusCode::OK, "text/plain; charset=utf-8", text);
        }
        _ => {}
    }
    let Some(published) = published_path(path) else { return missing(serving) };
    match serving.catalogue.find(&published).await {
        Some(ready) => document(&ready, headers, MAX_AGE),
        None if serving.catalogue.is_empty() => not_yet(),
        None => missing(serving),
    }
}

/// The published path behind a request path, or `None` where there can be none.
fn published_path(path: &str) -> Option<String> {
    let path = path.strip_prefix('/')?;
    let safe = path.split('/').all(|part| !part.starts_with('.'));
    match path {
        "" => Some("index.html".to_owned()),
        _ if !safe => None,
        _ if path.starts_with("items/") && !path.ends_with(".html") => Some(format!("{path}.html")),
        _ => Some(path.to_owned()),
    }
}

async fn health(serving: &Serving) -> Response<Body> {
    match serving.store.problems().await {
        Ok(problems) => {
            let mut text = String::from("ok\n");
            for problem in problems {
                let _ = writeln!(text, "{} {}", problem.code.as_str(), problem.subject);
            }
            fresh(StatusCode::OK, "text/plain; charset=utf-8", text)
        }
        Err(error) => {
            let text = format!("{}\n", error.code().as_str());
            fresh(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", text)
        }
    }
}

async fn status(serving: &Serving) -> Response<Body> {
    let (runs, problems) = match (serving.store.last_runs().await, serving.store.problems().await) {
        (Ok(runs), Ok(problems)) => (runs, problems),
        (Err(error), _) | (_, Err(error)) => {
            let text = format!("{}\n", error.code().as_str());
            return fresh(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", text);
        }
    };
    let rows: Vec<render::StatusRow> = (serving.columns)()
        .into_iter()
        .map(|(id, name)| {
            let run = runs.iter().find(|run| run.column == id);
            status_row(id, name, run)
        })
        .collect();
    let page = render::status(&rows, &problems, &(serving.site)());
    fresh(StatusCode::OK, page.media_type, page.bytes)
}

fn status_row(
    id: String,
    name: String,
    run: Option<&crate::store::RunRecord>,
) -> render::StatusRow {
    render::StatusRow {
        column: id,
        name,
        last_run: run.and_then(|run| run.ended),
        outcome: run.and_then(|run| run.outcome.clone()).unwrap_or_default(),
        listed: run.map_or(0, |run| run.count("listed")),
        new: run.map_or(0, |run| run.count("new")),
    }
}

fn missing(serving: &Serving) -> Response<Body> {
    let page = render::not_found(&(serving.site)());
    fresh(StatusCode::NOT_FOUND, page.media_type, page.bytes)
}

/// Before the first publication: never an empty feed.
fn not_yet() -> Response<Body> {
    let text = "尚未发布，请稍后再试。Nothing is published yet.\n";
    let mut response = fresh(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", text);
    set(response.headers_mut(), header::RETRY_AFTER, "60");
    response
}

fn options() -> Response<Body> {
    let mut response = fresh(StatusCode::NO_CONTENT, "text/plain; charset=utf-8", "");
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    set(headers, header::ALLOW, "GET, HEAD, OPTIONS");
    set(headers, header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS");
    set(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, "If-None-Match, If-Modified-Since");
    response
}

fn not_allowed() -> Response<Body> {
    let text = "只接受 GET 与 HEAD。Only GET and HEAD are served.\n";
    let mut response = fresh(StatusCode::METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", text);
    set(response.headers_mut(), header::ALLOW, "GET, HEAD, OPTIONS");
    response
}
