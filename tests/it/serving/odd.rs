//! Requests as no browser sends them.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Ground;

/// Sends `bytes` and reads until the server closes.
async fn raw(at: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(at).await.unwrap();
    // The server may close before it has read all; what it said counts.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_requests_are_answered_and_nothing_falls_over() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    let long = "a".repeat(100_000);
    let cases: Vec<(String, &str)> = vec![
        ("GET / HTTP/1.0\r\n\r\n".into(), "200"),
        (
            "GET http://other.example/opml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(),
            "200",
        ),
        ("GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(), "404"),
        (
            "GET /items/..%2f..%2flianbo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(),
            "404",
        ),
        ("GET /items/sheng/%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(), "404"),
        ("GET /%ff%fe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(), "404"),
        ("GET /lianbo.db HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(), "404"),
        ("GET //feeds/all.rss HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(), "404"),
        ("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(), "204"),
        ("CONNECT x:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(), "405"),
        ("BREW / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".into(), "405"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\nx".into(), "405"),
        (
            "GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: \u{fc}\u{0}\r\nConnection: close\r\n\r\n"
                .into(),
            "400",
        ),
        (
            "GET /opml HTTP/1.1\r\nHost: \u{fc}\u{fc}\r\nAccept-Encoding: \u{fc};q=\u{fc}\r\n\
             If-None-Match: \u{fc}\r\nConnection: close\r\n\r\n"
                .into(),
            "200",
        ),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}".into(), "400"),
        (format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"), "431"),
        (format!("GET / HTTP/1.1\r\nHost: x\r\nX: {long}\r\n\r\n"), "431"),
    ];
    for at in [running.bound.public, running.bound.admin] {
        for (request, status) in &cases {
            let answer = raw(at, request.as_bytes()).await;
            let found = answer.split(' ').nth(1).unwrap_or("").to_owned();
            let head = request.lines().next().unwrap_or("").chars().take(60).collect::<String>();
            if at == running.bound.public {
                assert_eq!(found, *status, "{head}");
            }
            assert!(!found.starts_with('5'), "{head}: {answer}");
        }
    }
    assert_eq!(running.get("/health/live", &[]).await.status, 200);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_keeps_its_connection_does_not_hold_up_the_end() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    let mut idle = TcpStream::connect(running.bound.public).await.unwrap();
    let silent = TcpStream::connect(running.bound.public).await.unwrap();
    idle.write_all(b"GET /opml HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    // Within the deadline of an orderly end, else this waits for the head timeout.
    let end = tokio::time::timeout(std::time::Duration::from_secs(9), running.stop());
    end.await.unwrap();
    drop((idle, silent));
}
