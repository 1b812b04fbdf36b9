//! Sockets and connections: limits on both, and an orderly end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::catch_panic::CatchPanicLayer;

use crate::model::ProblemCode;

use super::{Serving, admin, public};

/// A client that sends no complete request head in this time is dropped; so is an idle one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// A connection is ended after the answer it is at when it has lasted so long.
const LIFE: Duration = Duration::from_secs(600);
/// A client that does not take its last answer in this time is dropped.
const LAST_ANSWER: Duration = Duration::from_secs(30);
/// Connections at once; more wait in the listener's queue.
const CONNECTIONS: usize = 1024;
/// A request head beyond this many bytes is refused.
const HEAD_BYTES: usize = 32 * 1024;

/// An address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address} (`{key}`): {error}")]
pub struct ListenError {
    key: &'static str,
    address: SocketAddr,
    error: std::io::Error,
}

impl ListenError {
    /// The code it is told under.
    pub fn code(&self) -> ProblemCode {
        match self.error.kind() {
            std::io::ErrorKind::AddrInUse => ProblemCode::PortTaken,
            _ => ProblemCode::ListenFailed,
        }
    }
}

/// A bound address, not yet served.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Binds `address`, which the configuration has under `key`.
    pub async fn bind(key: &'static str, address: SocketAddr) -> Result<Self, ListenError> {
        let fault = |error| ListenError { key, address, error };
        let socket = TcpListener::bind(address).await.map_err(fault)?;
        let address = socket.local_addr().map_err(fault)?;
        Ok(Self { socket, address })
    }

    /// The bound address, with the port the system chose where 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves readers until `end`, then the answers under way.
    pub async fn serve_readers(self, serving: Serving, end: CancellationToken) {
        self.serve(public::router(serving), end).await;
    }

    /// Serves operators until `end`, then the answers under way.
    pub async fn serve_operators(self, serving: Serving, end: CancellationToken) {
        self.serve(admin::router(serving), end).await;
    }

    async fn serve(self, router: Router, end: CancellationToken) {
        let router = router.layer(CatchPanicLayer::new());
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let connections = TaskTracker::new();
        loop {
            let place = tokio::select! {
                place = Arc::clone(&places).acquire_owned() => place,
                () = end.cancelled() => break,
            };
            let stream = tokio::select! {
                accepted = self.socket.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    // Out of file handles and the like: give the system a moment.
                    Err(_) => {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
                () = end.cancelled() => break,
            };
            let (router, end) = (router.clone(), end.clone());
            connections.spawn(async move {
                let _place = place;
                converse(stream, router, end).await;
            });
        }
        drop(self.socket);
        connections.close();
        connections.wait().await;
    }
}

/// Answers the requests of one connection.
async fn converse(stream: TcpStream, router: Router, end: CancellationToken) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(connection);
    // A reader that breaks off is no fault of ours, here and below.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = end.cancelled() => {}
        () = tokio::time::sleep(LIFE) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(LAST_ANSWER, connection).await;
}
