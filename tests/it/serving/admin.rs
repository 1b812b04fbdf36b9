//! The operator's address: what is shown, and to whom.

use base64::Engine;
use lianbo::config::Config;
use lianbo::daemon::{self, Handles};
use lianbo::model::ProblemCode;
use lianbo::serve::ListenError;
use reqwest::Method;
use tokio_util::sync::CancellationToken;

use super::{Ground, Running, read};

#[tokio::test(flavor = "multi_thread")]
async fn the_status_page_shows_columns_runs_and_problems() {
    let ground = Ground::new().await;
    let mut config = ground.config();
    // One site does not answer any more.
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    config.fetch.resolve.insert("wu.test".to_owned(), gone);
    let pipeline = ground.open(config).await;
    read(&pipeline).await;
    let running = Running::start(pipeline).await;
    let answer = running.admin("/status", &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("access-control-allow-origin"), "");
    let html = answer.text();
    for shown in ["sheng/yw", "要闻", "省工商联", "下次刷新", "建议：", "wu.test"] {
        assert!(html.contains(shown), "{shown}");
    }
    assert!(html.contains("</code><b>wu/dt</b><span>1 次</span>"));
    assert!(html.contains("<tr class=\"bad\">"));
    let root = running.admin("/", &[]).await;
    assert_eq!((root.status.as_u16(), root.header("location")), (307, "/status"));
    assert_eq!(running.admin("/feeds/sheng.rss", &[]).await.status, 404);
    let post = running.ask(Method::POST, running.bound.admin, "/status", &[]).await;
    assert_eq!(post.status, 405);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_in_the_form_they_say() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    let feed = running.get("/feeds/sheng.rss", &[]).await;
    running.get("/feeds/sheng.rss", &[("if-none-match", feed.header("etag"))]).await;
    for answer in [running.get("/metrics", &[]).await, running.admin("/metrics", &[]).await] {
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
        assert!(answer.text().contains("# TYPE lianbo_columns gauge"));
        assert!(answer.text().contains("lianbo_answers_total{status=\"304\"} 1\n"));
        assert!(answer.text().ends_with("# EOF\n"));
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_guards_all_but_health() {
    let ground = Ground::new().await;
    // As an operator writes it, since a token is made by reading.
    let text = std::fs::read_to_string(super::folder().join("config.toml")).unwrap();
    let text = text
        .replace(
            "listen = \"127.0.0.1:8701\"",
            "listen = \"0.0.0.0:0\"\ntoken = \"s3cret-s3cret-s3cret\"",
        )
        .replace("listen = \"127.0.0.1:8700\"", "listen = \"127.0.0.1:0\"")
        .replace("feeds/**", &format!("{}/feeds/**", super::folder().display()));
    let file = ground.data.path().join("config.toml");
    std::fs::write(&file, text).unwrap();
    let mut config = Config::load_with(&file, Some(ground.data.path())).unwrap();
    config.fetch.resolve = ground.config().fetch.resolve;
    let running = Running::start(ground.open(config).await).await;
    let at = std::net::SocketAddr::from(([127, 0, 0, 1], running.bound.admin.port()));
    let ask = async |path: &str, headers: &[(&str, &str)]| {
        running.ask(Method::GET, at, path, headers).await
    };

    let basic = base64::engine::general_purpose::STANDARD.encode("me:s3cret-s3cret-s3cret");
    let basic = format!("Basic {basic}");
    let bearer = ("authorization", "Bearer s3cret-s3cret-s3cret");
    let (wrong, basic) = (("authorization", "Bearer wrong"), ("authorization", basic.as_str()));
    for path in ["/status", "/metrics", "/", "/nothing"] {
        let answer = ask(path, &[]).await;
        assert_eq!(answer.status, 401, "{path}");
        assert!(answer.header("www-authenticate").starts_with("Basic realm="));
        assert!(!answer.text().contains("s3cret"));
        assert_eq!(ask(path, &[wrong]).await.status, 401);
        let open = ask(path, &[bearer]).await.status;
        assert_ne!(open, 401, "{path}");
        assert_eq!(ask(path, &[basic]).await.status, open);
    }
    assert_eq!(ask("/health/live", &[]).await.status, 200);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_foreign_names_are_refused() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    assert_eq!(running.admin("/status", &[("host", "rebind.example")]).await.status, 403);
    assert_eq!(running.admin("/status", &[("host", "localhost:8701")]).await.status, 200);
    assert_eq!(running.admin("/health/live", &[("host", "rebind.example")]).await.status, 200);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_named() {
    let ground = Ground::new().await;
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = taken.local_addr().map(|address| (taken, address)).unwrap();
    for key in ["daemon.listen", "admin.listen"] {
        let mut config = ground.config();
        match key {
            "admin.listen" => config.admin.listen = taken.1,
            _ => config.daemon.listen = taken.1,
        }
        let pipeline = ground.open(config).await;
        let ready = Box::new(|_| unreachable!("nothing is served"));
        let handles = Handles { end: CancellationToken::new(), ready };
        let error = daemon::run(pipeline, handles).await.unwrap_err();
        let error = error.downcast_ref::<ListenError>().unwrap();
        assert_eq!(error.code(), ProblemCode::PortTaken);
        assert!(error.to_string().contains(key), "{error}");
    }
}
