//! The fetcher against servers on loopback that behave badly in every way we know.

mod rests;
mod scripts;

use std::collections::HashMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::model::ProblemCode;

/// What a server answers to a path: bytes as they go over the wire.
type Answers = Arc<dyn Fn(&str, &str) -> Vec<u8> + Send + Sync>;

/// A server for the name `site.test`, and the requests it saw.
struct Site {
    fetcher: Fetcher,
    seen: Arc<Mutex<Vec<String>>>,
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Site {
    async fn start(answer: impl Fn(&str, &str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(serve(listener, Arc::new(answer), Arc::clone(&seen)));
        let resolve = HashMap::from([("site.test".to_owned(), address)]);
        let net = NetSettings { resolve };
        Self { fetcher: Fetcher::new(FetchSettings { net }), seen, address, task }
    }

    async fn get(&self, path: &str) -> Result<Answer, FetchError> {
        self.get_with(path, &manners(), None).await
    }

    async fn get_with(
        &self,
        path: &str,
        manners: &Manners,
        validators: Option<&Validators>,
    ) -> Result<Answer, FetchError> {
        let url = Url::parse(&format!("http://site.test{path}")).unwrap();
        let request = Request { validators, ..Request::to(&url) };
        self.fetcher.get(&request, manners, now()).await
    }

    fn paths(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(listener: TcpListener, answer: Answers, seen: Arc<Mutex<Vec<String>>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
        tokio::spawn(async move {
            let mut head = Vec::new();
            let mut buffer = [0; 1024];
            while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut buffer).await {
                    Ok(count) if count > 0 => head.extend_from_slice(&buffer[..count]),
                    _ => return,
                }
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            let path = head.split(' ').nth(1).unwrap_or("").to_owned();
            let bytes = answer(&path, &head);
            seen.lock().unwrap().push(path);
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        });
    }
}

fn manners() -> Manners {
    Manners { gap: Duration::ZERO, retries: 0, obey_robots: false, ..Manners::default() }
}

fn now() -> DateTime<Utc> {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n"
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn ok(body: &str) -> Vec<u8> {
    answer("200 OK", "Content-Type: text/html\r\n", body.as_bytes())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn code(result: Result<Answer, FetchError>) -> ProblemCode {
    result.unwrap_err().code()
}

#[tokio::test]
async fn a_page_comes_as_it_is_with_its_validators() {
    let site = Site::start(|_, head| {
        assert!(head.to_ascii_lowercase().contains("user-agent: lianbo/"));
        answer("200 OK", "Content-Type: text/html\r\nETag: \"a\"\r\n", "正文".as_bytes())
    })
    .await;
    let Answer::Page(page) = site.get("/a").await.unwrap() else { panic!("no page") };
    assert_eq!(page.body, "正文".as_bytes());
    assert_eq!(page.content_type.as_deref(), Some("text/html"));
    assert_eq!(page.validators.etag.as_deref(), Some("\"a\""));
    assert_eq!((page.status, page.fetched), (200, now()));
    assert_eq!(site.fetcher.stats().requests, 1);
}

#[tokio::test]
async fn validators_are_echoed_and_304_is_heard() {
    let site = Site::start(|_, head| {
        let known = head.to_ascii_lowercase().contains("if-none-match: \"a\"");
        if known { answer("304 Not Modified", "", b"") } else { ok("x") }
    })
    .await;
    let validators = Validators { etag: Some("\"a\"".to_owned()), last_modified: None };
    let again = site.get_with("/a", &manners(), Some(&validators)).await.unwrap();
    assert_eq!(again, Answer::NotModified);
    assert_eq!(site.fetcher.stats().not_modified, 1);
}

#[tokio::test]
async fn bodies_that_break_off_are_no_pages() {
    let site = Site::start(|path, _| match path {
        "/cut" => b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".to_vec(),
        "/chunk" => {
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnonsense\r\n".to_vec()
        }
        "/gzip" => answer("200 OK", "Content-Encoding: gzip\r\n", b"no gzip at all"),
        _ => Vec::new(),
    })
    .await;
    for path in ["/cut", "/chunk", "/gzip", "/nothing"] {
        let found = code(site.get(path).await);
        assert_eq!(found, ProblemCode::Truncated, "{path}");
    }
}

#[tokio::test]
async fn the_limit_counts_decoded_bytes() {
    let bomb = gzip(&vec![b' '; 30 << 20]);
    assert!(bomb.len() < 64 << 10);
    let site = Site::start(move |path, _| match path {
        "/bomb" => answer("200 OK", "Content-Encoding: gzip\r\n", &bomb),
        _ => answer("200 OK", "", &vec![b' '; 30 << 20]),
    })
    .await;
    assert_eq!(code(site.get("/bomb").await), ProblemCode::TooLarge);
    assert_eq!(code(site.get("/large").await), ProblemCode::TooLarge);
}

#[tokio::test]
async fn redirects_are_followed_and_loops_end() {
    let site = Site::start(|path, _| match path {
        "/old" => answer("301 Moved", "Location: /new\r\n", b""),
        "/new" => ok("new"),
        "/a" => answer("302 Found", "Location: /b\r\n", b""),
        "/b" => answer("302 Found", "Location: /a\r\n", b""),
        path => {
            let next = path.trim_start_matches("/n").parse::<u32>().unwrap() + 1;
            answer("302 Found", &format!("Location: /n{next}\r\n"), b"")
        }
    })
    .await;
    let Answer::Page(page) = site.get("/old").await.unwrap() else { panic!("no page") };
    assert_eq!((page.requested.path(), page.url.path()), ("/old", "/new"));
    assert_eq!(code(site.get("/a").await), ProblemCode::RedirectLoop);
    assert_eq!(code(site.get("/n1").await), ProblemCode::RedirectLoop);
    assert_eq!(site.paths().len(), 2 + 2 + 11);
}

#[tokio::test]
async fn private_addresses_are_refused_in_every_guise() {
    let site = Site::start(|path, _| {
        let target = path.trim_start_matches('/');
        answer("302 Found", &format!("Location: http://{target}\r\n"), b"")
    })
    .await;
    let port = site.address.port();
    let guises = [
        "127.0.0.1",
        "0x7f.1",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "10.0.0.1",
        "169.254.169.254",
        "localhost",
    ];
    for guise in guises {
        let url = Url::parse(&format!("http://{guise}:{port}/")).unwrap();
        let request = Request::to(&url);
        let direct = site.fetcher.get(&request, &manners(), now()).await;
        assert_eq!(code(direct), ProblemCode::AddressRefused, "{guise}");
        let redirected = site.get(&format!("/{guise}:{port}/")).await;
        assert_eq!(code(redirected), ProblemCode::AddressRefused, "redirect to {guise}");
    }
    assert_eq!(site.paths().len(), guises.len(), "a private address was visited");
}

#[tokio::test]
async fn a_site_in_a_private_network_may_allow_it() {
    let site = Site::start(|_, _| ok("x")).await;
    let url = Url::parse(&format!("http://{}/", site.address)).unwrap();
    let request = Request::to(&url);
    let open = Manners { allow_private: true, ..manners() };
    assert!(site.fetcher.get(&request, &open, now()).await.is_ok());
}

#[tokio::test]
async fn robots_txt_rules() {
    let site = Site::start(|path, _| match path {
        "/robots.txt" => {
            ok("User-agent: *\nDisallow: /\n\nUser-agent: lianbo\nDisallow: /no\nAllow: /no/but\n")
        }
        _ => ok("x"),
    })
    .await;
    let polite = Manners { obey_robots: true, ..manners() };
    assert!(site.get_with("/yes", &polite, None).await.is_ok());
    assert!(site.get_with("/no/but", &polite, None).await.is_ok());
    assert_eq!(code(site.get_with("/no/x", &polite, None).await), ProblemCode::RobotsDisallow);
    assert_eq!(site.paths(), ["/robots.txt", "/yes", "/no/but"]);
}

#[tokio::test]
async fn without_a_robots_txt_all_is_allowed_but_a_broken_one_forbids() {
    for (status, allowed) in [("404 Not Found", true), ("403 Forbidden", true), ("500 Oops", false)]
    {
        let site = Site::start(move |path, _| match path {
            "/robots.txt" => answer(status, "", b""),
            _ => ok("x"),
        })
        .await;
        let polite = Manners { obey_robots: true, ..manners() };
        assert_eq!(site.get_with("/a", &polite, None).await.is_ok(), allowed, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn passing_faults_are_tried_again_a_few_times() {
    let site = Site::start(|_, _| answer("500 Oops", "", b"")).await;
    let stubborn = Manners { retries: 2, ..manners() };
    assert_eq!(code(site.get_with("/a", &stubborn, None).await), ProblemCode::HttpStatus);
    assert_eq!(site.paths().len(), 3);
    let gone = Site::start(|_, _| answer("404 Not Found", "", b"")).await;
    assert_eq!(code(gone.get_with("/a", &stubborn, None).await), ProblemCode::HttpStatus);
    assert_eq!(gone.paths().len(), 1);
}

#[tokio::test]
async fn a_broken_robots_txt_is_told_as_what_it_is_and_asked_again_soon() {
    let broken = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let (asked, polite) = (Arc::clone(&broken), Manners { obey_robots: true, ..manners() });
    let site = Site::start(move |path, _| match path {
        "/robots.txt" if asked.load(Ordering::Relaxed) => answer("500 Oops", "", b""),
        "/robots.txt" => answer("404 Not Found", "", b""),
        _ => ok("x"),
    })
    .await;
    for path in ["/a", "/b"] {
        let error = site.get_with(path, &polite, None).await.unwrap_err();
        assert_eq!(error.code(), ProblemCode::HttpStatus);
        assert!(error.to_string().contains("robots.txt"), "{error}");
    }
    broken.store(false, Ordering::Relaxed);
    let url = Url::parse("http://site.test/a").unwrap();
    let request = Request::to(&url);
    let later = now() + TimeDelta::minutes(6);
    assert!(site.fetcher.get(&request, &polite, later).await.is_ok());
    assert_eq!(site.paths(), ["/robots.txt", "/robots.txt", "/a"]);
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_told_as_such() {
    let site = Site::start(|path, _| match path {
        "/robots.txt" => answer("404 Not Found", "", b""),
        _ => answer("302 Found", "Location: http://127.0.0.1/\r\n", b""),
    })
    .await;
    let polite = Manners { obey_robots: true, ..manners() };
    assert_eq!(code(site.get_with("/a", &polite, None).await), ProblemCode::AddressRefused);
}

#[tokio::test]
async fn consent_and_headers_are_not_taken_to_another_host() {
    let inner = Site::start(|_, _| ok("secret")).await;
    let target = format!("http://{}/", inner.address);
    let site = Site::start(move |path, head| {
        let told = head.to_ascii_lowercase().contains("x-pass: a");
        match path {
            "/in" => answer("302 Found", &format!("Location: {target}\r\n"), b""),
            "/here" => answer("302 Found", "Location: /end\r\n", b""),
            "/away" => answer("302 Found", "Location: http://other.test/end\r\n", b""),
            _ => ok(if told { "told" } else { "not told" }),
        }
    })
    .await;
    let resolve = HashMap::from([
        ("site.test".to_owned(), site.address),
        ("other.test".to_owned(), site.address),
    ]);
    let fetcher = Fetcher::new(FetchSettings { net: NetSettings { resolve } });
    let headers = vec![("X-Pass".to_owned(), "a".to_owned())];
    let open = Manners { allow_private: true, headers, ..manners() };
    let get = |path: &str| {
        let url = Url::parse(&format!("http://site.test{path}")).unwrap();
        let (fetcher, open) = (fetcher.clone(), open.clone());
        async move {
            let request = Request::to(&url);
            fetcher.get(&request, &open, now()).await
        }
    };
    assert_eq!(code(get("/in").await), ProblemCode::AddressRefused);
    assert_eq!(inner.paths(), [""; 0], "the private address was visited");
    for (path, wanted) in [("/here", "told"), ("/away", "not told")] {
        let Answer::Page(page) = get(path).await.unwrap() else { panic!("no page") };
        assert_eq!(page.body, wanted.as_bytes(), "{path}");
    }
}

#[tokio::test]
async fn a_redirect_may_be_written_in_chinese() {
    let site = Site::start(|path, _| match path {
        "/a" => {
            let mut reply = b"HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: /".to_vec();
            reply.extend("要闻\r\nContent-Length: 0\r\n\r\n".as_bytes());
            reply
        }
        _ => ok("x"),
    })
    .await;
    let Answer::Page(page) = site.get("/a").await.unwrap() else { panic!("no page") };
    assert_eq!(page.url.path(), "/%E8%A6%81%E9%97%BB");
}

#[tokio::test]
async fn a_304_that_nobody_asked_for_is_no_answer() {
    let site = Site::start(|path, _| match path {
        "/a" => answer("302 Found", "Location: /b\r\n", b""),
        _ => answer("304 Not Modified", "", b""),
    })
    .await;
    let validators = Validators { etag: Some("\"a\"".to_owned()), last_modified: None };
    let moved = site.get_with("/a", &manners(), Some(&validators)).await;
    assert_eq!(code(moved), ProblemCode::HttpStatus);
}

#[tokio::test]
async fn the_mark_cookie_of_a_guard_is_no_challenge() {
    let page = "<p>一</p><p>二</p><p>三</p><p>四</p>".as_bytes();
    let site =
        Site::start(move |_, _| answer("200 OK", "Set-Cookie: __jsluid_h=a\r\n", page)).await;
    assert!(site.get("/a").await.is_ok());
}

#[tokio::test]
async fn challenge_pages_are_named() {
    let script = |text: &str| format!("<html><script>{text}</script></html>").into_bytes();
    for (status, headers, body, wanted) in [
        ("412 Precondition", "Set-Cookie: a=b\r\n", script("$_ts={}"), ProblemCode::BlockedRuishu),
        ("521 Down", "Set-Cookie: __jsluid_h=a\r\n", script("x"), ProblemCode::BlockedJiasule),
        ("200 OK", "", script("acw_sc__v2"), ProblemCode::BlockedAliyun),
        ("202 Accepted", "", script("HOY_TR"), ProblemCode::BlockedWangsu),
        ("200 OK", "", script("__tst_status"), ProblemCode::BlockedTst),
        ("468 x", "", script("safeline_bot_challenge"), ProblemCode::BlockedSafeline),
        ("403 Forbidden", "cf-mitigated: challenge\r\n", vec![], ProblemCode::BlockedChallenge),
    ] {
        let site = Site::start(move |_, _| answer(status, headers, &body)).await;
        let error = site.get("/a").await.unwrap_err();
        let FetchError::Challenge { product, .. } = &error else { panic!("{wanted:?}: {error:?}") };
        assert_eq!(error.code(), wanted);
        assert!(error.to_string().contains(product.name()), "{error}");
    }
    let site = Site::start(|_, _| {
        ok("<p>一</p><p>二</p><p>三</p><p>四</p>谈谈 acw_sc__v2<script></script>")
    })
    .await;
    assert!(site.get("/a").await.is_ok());
}

#[tokio::test]
async fn nobody_at_home() {
    let resolve = HashMap::from([("site.test".to_owned(), "127.0.0.1:1".parse().unwrap())]);
    let fetcher = Fetcher::new(FetchSettings { net: NetSettings { resolve } });
    let url = Url::parse("http://site.test/").unwrap();
    let request = Request::to(&url);
    assert_eq!(code(fetcher.get(&request, &manners(), now()).await), ProblemCode::Unreachable);
}

#[tokio::test(start_paused = true)]
async fn a_silent_site_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let resolve = HashMap::from([("site.test".to_owned(), listener.local_addr().unwrap())]);
    let fetcher = Fetcher::new(FetchSettings { net: NetSettings { resolve } });
    let url = Url::parse("http://site.test/").unwrap();
    let request = Request::to(&url);
    assert_eq!(code(fetcher.get(&request, &manners(), now()).await), ProblemCode::Timeout);
}

#[tokio::test(start_paused = true)]
async fn one_request_at_a_time_and_a_pause_after_each() {
    let gates = Gates::default();
    let begin = tokio::time::Instant::now();
    let turns = (0..3).map(|_| {
        let gate = gates.of("a.test");
        tokio::spawn(async move {
            let pass = gate.enter().await;
            let entered = tokio::time::Instant::now();
            tokio::time::sleep(Duration::from_secs(1)).await;
            pass.leave(Duration::from_secs(2));
            entered
        })
    });
    let mut entered = Vec::new();
    for turn in turns.collect::<Vec<_>>() {
        entered.push((turn.await.unwrap() - begin).as_secs());
    }
    entered.sort_unstable();
    assert_eq!(entered, [0, 3, 6]);
    let other = gates.of("b.test");
    drop(other.enter().await);
    assert_eq!((tokio::time::Instant::now() - begin).as_secs(), 7);
}
