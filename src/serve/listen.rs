//! Sockets and connections: limits on both, and an orderly end. Who is slow, idle or old the
//! watchman sees (`watchman.rs`).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::model::ProblemCode;

use super::converse::{Answer, converse};
use super::watchman::{LOOK, Watch};
use super::{Serving, admin, public};

/// Connections at once; more wait in the listener's queue.
const CONNECTIONS: usize = 1024;
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
        let mut watch = Watch::default();
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                (place, stream, peer) = self.accept(&places) => {
                    // Answers are written whole; there is nothing to wait for.
                    let _ = stream.set_nodelay(true);
                    let line = watch.open(Instant::now());
                    let conversation = converse(stream, peer, answer.clone(), line);
                    connections.spawn(async move {
                        let _place = place;
                        conversation.await;
                    });
                }
                _ = looks.tick(), if !watch.is_idle() => watch.look(Instant::now()),
                () = end.cancelled() => break,
            }
        }
        drop(self.socket);
        watch.finish(Instant::now());
        connections.close();
        loop {
            tokio::select! {
                () = connections.wait() => return,
                _ = looks.tick() => watch.look(Instant::now()),
            }
        }
    }

    /// The next connection, once there is a place for it.
    async fn accept(&self, places: &Arc<Semaphore>) -> (OwnedSemaphorePermit, TcpStream, IpAddr) {
        loop {
            let place = Arc::clone(places).acquire_owned().await.expect("it is never closed");
            match self.socket.accept().await {
                Ok((stream, peer)) => return (place, stream, peer.ip()),
                // Out of file handles and the like: give the system a moment.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Response;
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

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    #[tokio::test]
    async fn the_answer_under_way_is_given_at_the_end() {
        let listener = Listener::bind("x", "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let (address, end) = (listener.address(), CancellationToken::new());
        let (asked, ended) = (Arc::new(Semaphore::new(0)), end.clone());
        let begun = Arc::clone(&asked);
        let slow = move |_, _| {
            begun.add_permits(1);
            let ended = ended.clone();
            Answer::later(async move {
                ended.cancelled().await;
                tokio::task::yield_now().await;
                Response::new(Body::from("hello"))
            })
        };
        let server = tokio::spawn(listener.serve(slow, end.clone()));
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(REQUEST).await.unwrap();
        let _ = asked.acquire().await.unwrap();
        end.cancel();
        let mut heard = String::new();
        client.read_to_string(&mut heard).await.unwrap();
        assert!(heard.contains("connection: close") && heard.ends_with("hello"), "{heard}");
        server.await.unwrap();
    }

    #[tokio::test]
    async fn an_idle_connection_does_not_hold_up_the_end() {
        let listener = Listener::bind("x", "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let (address, end) = (listener.address(), CancellationToken::new());
        let hello = |_, _| Answer::Now(Response::new(Body::from("hello")));
        let server = tokio::spawn(listener.serve(hello, end.clone()));
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(REQUEST).await.unwrap();
        let mut heard = [0; 1024];
        let length = client.read(&mut heard).await.unwrap();
        assert!(heard[..length].ends_with(b"hello"));
        end.cancel();
        server.await.unwrap();
        assert_eq!(client.read(&mut heard).await.unwrap(), 0);
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
