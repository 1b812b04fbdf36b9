//! Sockets and connections: limits on both, and an orderly end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::model::ProblemCode;

use super::answer::words;
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
        let serving = Arc::new(serving);
        let answer = move |request: Request<Incoming>, peer: IpAddr| {
            if let Some(response) = public::at_once(&serving, &request, peer) {
                return Answer::Now(response);
            }
            let (head, body) = request.into_parts();
            let serving = Arc::clone(&serving);
            Answer::later(
                async move { public::answer(&serving, head, || Body::new(body), peer).await },
            )
        };
        self.serve(answer, end).await;
    }

    /// Serves operators until `end`, then the answers under way.
    pub async fn serve_operators(self, serving: Serving, end: CancellationToken) {
        let answer = move |request: Request<Incoming>, _| {
            Answer::later(admin::answer(serving.clone(), request.into_parts().0))
        };
        self.serve(answer, end).await;
    }

    async fn serve<A>(self, answer: A, end: CancellationToken)
    where
        A: Fn(Request<Incoming>, IpAddr) -> Answer + Clone + Send + Sync + 'static,
    {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let connections = TaskTracker::new();
        loop {
            let place = tokio::select! {
                place = Arc::clone(&places).acquire_owned() => place,
                () = end.cancelled() => break,
            };
            let (stream, peer) = tokio::select! {
                accepted = self.socket.accept() => match accepted {
                    Ok((stream, peer)) => (stream, peer.ip()),
                    // Out of file handles and the like: give the system a moment.
                    Err(_) => {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
                () = end.cancelled() => break,
            };
            let (answer, end) = (answer.clone(), end.clone());
            connections.spawn(async move {
                let _place = place;
                converse(stream, peer, answer, end).await;
            });
        }
        drop(self.socket);
        connections.close();
        connections.wait().await;
    }
}

/// An answer: one that is there, or one that is waited for.
enum Answer {
    Now(Response<Body>),
    Later(Pin<Box<dyn Future<Output = Response<Body>> + Send>>),
}

impl Answer {
    fn later(answer: impl Future<Output = Response<Body>> + Send + 'static) -> Self {
        Self::Later(Box::pin(answer))
    }

    /// The answer, once it is there. A panic on the way is an answer too.
    async fn wait(self) -> Response<Body> {
        match self {
            Self::Now(response) => response,
            Self::Later(mut answer) => {
                let poll = |context: &mut Context<'_>| {
                    let polled = catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context)));
                    polled.unwrap_or_else(|_| Poll::Ready(panicked()))
                };
                poll_fn(poll).await
            }
        }
    }
}

/// What the reader hears of a panic; the operator finds it in the log.
fn panicked() -> Response<Body> {
    words(
        StatusCode::INTERNAL_SERVER_ERROR,
        "程序出错，已记入日志。Something went wrong here; it is in the log.\n",
    )
}

/// Answers the requests of one connection.
async fn converse<A>(stream: TcpStream, peer: IpAddr, answer: A, end: CancellationToken)
where
    A: Fn(Request<Incoming>, IpAddr) -> Answer + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let begun = catch_unwind(AssertUnwindSafe(|| answer(request, peer)));
        let answer = begun.unwrap_or_else(|_| Answer::Now(panicked()));
        async { Ok::<_, Infallible>(answer.wait().await) }
    });
    // Answers are written whole; there is nothing to wait for.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// What a client that sends `bytes` and then nothing hears until it is dropped.
    async fn hears(bytes: &[u8]) -> String {
        let listener = Listener::bind("x", "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.address();
        let end = CancellationToken::new();
        let hello = |_, _| Answer::Now(Response::new(Body::from("hello")));
        let server = tokio::spawn(listener.serve(hello, end.clone()));
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(bytes).await.unwrap();
        let mut heard = String::new();
        // The clock of the test runs on while everybody waits.
        client.read_to_string(&mut heard).await.unwrap();
        end.cancel();
        server.await.unwrap();
        heard
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_sends_no_whole_head_is_dropped() {
        for bytes in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\n"] {
            let heard = hears(bytes.as_bytes()).await;
            assert!(!heard.contains("hello"), "{heard}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_asks_no_more_is_dropped_after_its_answer() {
        let heard = hears(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(heard.starts_with("HTTP/1.1 200 OK") && heard.ends_with("hello"), "{heard}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_is_an_answer_and_the_server_goes_on() {
        let listener = Listener::bind("x", "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let (address, end) = (listener.address(), CancellationToken::new());
        let falls = |request: Request<Incoming>, _| {
            assert!(request.uri().path() != "/fall-at-once", "as asked");
            Answer::later(async move {
                assert!(request.uri().path() != "/fall", "as asked");
                Response::new(Body::from("hello"))
            })
        };
        let server = tokio::spawn(listener.serve(falls, end.clone()));
        for (path, status) in [("/fall", "500"), ("/fall-at-once", "500"), ("/", "200")] {
            let mut client = TcpStream::connect(address).await.unwrap();
            let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
            client.write_all(request.as_bytes()).await.unwrap();
            let mut heard = String::new();
            client.read_to_string(&mut heard).await.unwrap();
            assert!(heard.starts_with(&format!("HTTP/1.1 {status}")), "{heard}");
        }
        end.cancel();
        server.await.unwrap();
    }

    #[tokio::test]
    async fn a_taken_port_has_its_code() {
        let first = Listener::bind("x", "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let error = Listener::bind("daemon.listen", first.address()).await.unwrap_err();
        assert_eq!(error.code(), ProblemCode::PortTaken);
        let error = Listener::bind("x", "192.0.2.1:1".parse().unwrap()).await.unwrap_err();
        assert_eq!(error.code(), ProblemCode::ListenFailed);
    }
}
