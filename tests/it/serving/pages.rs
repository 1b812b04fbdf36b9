//! Pages for people, and the addresses they stand at.

use reqwest::Method;

use super::{Ground, Running, marks, read};

#[tokio::test(flavor = "multi_thread")]
async fn every_link_of_every_page_leads_somewhere() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    let mut waiting = vec!["/".to_owned()];
    let mut seen = Vec::new();
    let links = regex::Regex::new("(?:href|src)=\"([^\"]+)\"").unwrap();
    while let Some(path) = waiting.pop() {
        if seen.contains(&path) {
            continue;
        }
        let answer = running.get(&path, &[]).await;
        assert_eq!(answer.status, 200, "{path}");
        seen.push(path.clone());
        if !answer.header("content-type").starts_with("text/html") {
            continue;
        }
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{path}");
        for found in links.captures_iter(answer.text()) {
            let link = found[1].replace("&amp;", "&");
            let own = link.strip_prefix("http://127.0.0.1:8700").unwrap_or(&link);
            if own.starts_with('/') {
                waiting.push(own.split('#').next().unwrap().to_owned());
            }
        }
    }
    // Feeds in four formats, items, the list of all feeds, and no state of the daemon.
    assert!(seen.iter().filter(|path| path.ends_with(".atom")).count() >= 15, "{seen:?}");
    assert!(seen.iter().filter(|path| path.starts_with("/items/")).count() >= 30, "{seen:?}");
    assert!(seen.contains(&"/opml".to_owned()));
    assert!(!seen.iter().any(|path| path.contains("status") || path.contains("metrics")));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_page_can_be_taken_over_by_a_government_site() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    let answer = running.get("/items/sheng/trs-700100", &[("accept-encoding", "gzip")]).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-encoding")), (200, "gzip"));
    let answer = running.get("/items/sheng/trs-700100", &[]).await;
    let html = answer.text();
    let marks = marks(html);
    for (name, content) in [
        ("SiteName", "苏商联播(示例)"),
        ("SiteDomain", "127.0.0.1:8700"),
        ("ColumnName", "工商联举措"),
        ("ArticleTitle", "市总商会党委推行“三联三促”工作法"),
        ("PubDate", "2026-11-12 00:00"),
        ("ContentSource", "省工商联"),
        ("Url", "http://127.0.0.1:8700/items/sheng/trs-700100"),
        ("canonical", "http://sheng.test/zt/SSJL/GSLJC/202611/t20261112_700100.html"),
        ("alternate", "http://127.0.0.1:8700/feeds/sheng/zt.rss"),
    ] {
        assert_eq!(marks.get(name).map(String::as_str), Some(content), "{name}");
    }
    // The line that people see: whose it is, of when, and where it stands.
    assert!(html.contains("<span>来源：省工商联</span>"));
    assert!(html.contains("<time>2026-11-12</time>"));
    let original = "<a href=\"http://sheng.test/zt";
    assert!(html.contains(original));
    let known = [("if-none-match", answer.header("etag"))];
    assert_eq!(running.get("/items/sheng/trs-700100", &known).await.status, 304);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said_kindly() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    for path in ["/nothing", "/feeds/none.rss", "/items/sheng/none", "/healthz", "/status", "/api"]
    {
        let answer = running.get(path, &[]).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert!(answer.text().contains("没有这个页面") && answer.text().contains("href=\"/\""));
        let head = running.ask(Method::HEAD, running.bound.public, path, &[]).await;
        assert_eq!(head.status, 404);
        assert_eq!(head.header("content-length"), answer.body.len().to_string());
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_has_one_address() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    for (path, place) in [
        ("/index.html", "http://127.0.0.1:8700/"),
        ("/items/sheng/trs-700100.html", "http://127.0.0.1:8700/items/sheng/trs-700100"),
    ] {
        let answer = running.get(path, &[("host", "elsewhere.example")]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (308, place));
    }
    // Parameters that readers add against caches change nothing.
    assert_eq!(running.get("/feeds/sheng.rss?_=1", &[]).await.status, 200);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn below_a_path_a_proxy_may_strip_it_or_not() {
    let ground = Ground::new().await;
    let mut config = ground.config();
    config.daemon.base_url = "https://www.lianbo.example/lianbo/".parse().unwrap();
    let pipeline = ground.open(config).await;
    read(&pipeline).await;
    let running = Running::start(pipeline).await;
    for path in ["/lianbo/feeds/sheng.rss", "/feeds/sheng.rss", "/lianbo/", "/", "/lianbo/opml"] {
        assert_eq!(running.get(path, &[]).await.status, 200, "{path}");
    }
    let answer = running.get("/feeds/sheng.rss", &[]).await;
    assert!(
        answer.header("link").starts_with("<https://www.lianbo.example/lianbo/feeds/sheng.rss>")
    );
    running.stop().await;
}
