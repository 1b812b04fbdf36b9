//! Subscription documents: validators, codings, freshness, methods (facts of RFC 9110 and 9111).

use std::collections::BTreeSet;
use std::io::Read;

use lianbo::demo::Demo;
use lianbo::model::{Body, Draft, ItemId};
use lianbo::store::Findings;
use reqwest::Method;

use super::{Answer, Ground, Running, read};

const FEED: &str = "/feeds/sheng/yw.rss";

/// The answers to `GET` and `HEAD`, which must say the same.
async fn both(running: &Running, headers: &[(&str, &str)]) -> Answer {
    let get = running.get(FEED, headers).await;
    let head = running.ask(Method::HEAD, running.bound.public, FEED, headers).await;
    assert_eq!(head.status, get.status, "{headers:?}");
    assert!(head.body.is_empty());
    let without_date = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("date");
        headers
    };
    assert_eq!(without_date(&head), without_date(&get), "{headers:?}");
    get
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_has_a_feed_is_told_so() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    let first = both(&running, &[]).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.header("content-type"), "application/rss+xml; charset=utf-8");
    let (etag, modified) = (first.header("etag"), first.header("last-modified"));
    assert_eq!(modified, "Fri, 20 Nov 2026 10:00:00 GMT");
    let bare = etag.trim_matches('"');
    let (weak, list) = (format!("W/{etag}"), format!("\"x\", {etag}"));
    let (zipped, proxied) = (format!("\"{bare}-gzip\""), format!("\"{bare};gzip\""));
    let later = "Sat, 21 Nov 2026 00:00:00 GMT";
    let earlier = "Fri, 20 Nov 2026 09:59:59 GMT";
    let (none_match, since) = ("if-none-match", "if-modified-since");
    let cases: &[(&[(&str, &str)], u16)] = &[
        (&[(none_match, etag)], 304),
        (&[(none_match, &weak)], 304),
        (&[(none_match, &list)], 304),
        (&[(none_match, &zipped)], 304),
        (&[(none_match, &proxied)], 304),
        (&[(none_match, "*")], 304),
        (&[(none_match, "\"stale\"")], 200),
        (&[(none_match, "")], 200),
        (&[(since, modified)], 304),
        (&[(since, later)], 304),
        (&[(since, earlier)], 200),
        (&[(since, "yesterday")], 200),
        // The tag decides where both are given.
        (&[(none_match, "\"stale\""), (since, later)], 200),
        (&[(none_match, etag), (since, earlier)], 304),
        (&[(none_match, etag), ("accept-encoding", "gzip, br")], 304),
    ];
    for (headers, status) in cases {
        let answer = both(&running, headers).await;
        assert_eq!(answer.status, *status, "{headers:?}");
        assert_eq!(answer.header("vary"), "Accept-Encoding");
        assert!(!answer.header("cache-control").is_empty() && !answer.header("date").is_empty());
        if *status == 304 {
            assert!(answer.body.is_empty());
            assert!(answer.header("etag").starts_with(etag.trim_end_matches('"')));
            assert_eq!(answer.header("content-type"), "");
        }
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_coding_unpacks_to_the_same_feed() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    let plain = running.get(FEED, &[("accept-encoding", "identity")]).await;
    assert_eq!(plain.header("content-encoding"), "");
    assert_eq!(plain.header("content-length"), plain.body.len().to_string());

    let zipped = both(&running, &[("accept-encoding", "gzip")]).await;
    assert_eq!(zipped.header("content-encoding"), "gzip");
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(zipped.body.as_slice()).read_to_end(&mut unpacked).unwrap();
    assert!(unpacked == plain.body && zipped.body.len() < plain.body.len());

    let packed = when_ready(&running, "br").await;
    let mut unpacked = Vec::new();
    brotli::BrotliDecompress(&mut packed.body.as_slice(), &mut unpacked).unwrap();
    assert!(unpacked == plain.body && packed.body.len() < plain.body.len());

    let dense = when_ready(&running, "zstd").await;
    assert_eq!(zstd::decode_all(dense.body.as_slice()).unwrap(), plain.body);

    let answers = [&plain, &zipped, &packed, &dense];
    let tags: BTreeSet<&str> = answers.iter().map(|answer| answer.header("etag")).collect();
    assert_eq!(tags.len(), answers.len(), "{tags:?}");
    for (accept, coding) in [
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("*", "br"),
        ("gzip;q=0, br;q=0", ""),
        ("gzip, zstd", "zstd"),
        ("*;q=0", ""),
        ("identity;q=1, gzip;q=0.5", ""),
        ("zstd, deflate", "zstd"),
        ("deflate", ""),
    ] {
        let answer = running.get(FEED, &[("accept-encoding", accept)]).await;
        assert_eq!(answer.header("content-encoding"), coding, "{accept}");
        assert_eq!(answer.status, 200);
    }
    running.stop().await;
}

/// What is packed slowly follows the feed; until then the reader gets it as it is.
async fn when_ready(running: &Running, coding: &str) -> Answer {
    let wait = async {
        loop {
            let answer = running.get(FEED, &[("accept-encoding", coding)]).await;
            assert_eq!(answer.status, 200);
            if answer.header("content-encoding") == coding {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), wait).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn validators_survive_a_restart_and_change_with_the_feed() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    let first = running.get(FEED, &[]).await;
    let other = running.get("/feeds/jia.json", &[]).await;
    running.stop().await;

    // Read again without a change.
    let running = ground.published().await;
    let again = running.get(FEED, &[("if-none-match", first.header("etag"))]).await;
    assert_eq!(again.status, 304);
    assert_eq!(again.header("last-modified"), first.header("last-modified"));
    running.stop().await;

    let pipeline = ground.open(ground.config()).await;
    let findings = Findings { drafts: vec![draft()], ..Findings::default() };
    let column = "sheng/yw".parse().unwrap();
    pipeline.store.save(&column, findings, Demo::frozen_clock()()).await.unwrap();
    let running = Running::start(pipeline).await;
    // The daemon makes good what was stored but not published; the answer is never torn.
    let wait = async {
        loop {
            let answer = running.get(FEED, &[("if-none-match", first.header("etag"))]).await;
            if answer.status == 200 {
                return answer;
            }
            assert_eq!(answer.status, 304);
            tokio::task::yield_now().await;
        }
    };
    let changed = tokio::time::timeout(std::time::Duration::from_secs(60), wait).await.unwrap();
    assert!(changed.text().contains("新到的文章"));
    assert_ne!(changed.header("etag"), first.header("etag"));
    // The clock stands still, yet who goes by the date alone hears of the change.
    let since = [("if-modified-since", first.header("last-modified"))];
    assert_eq!(running.get(FEED, &since).await.status, 200);
    // What the change does not concern stays as it was.
    let other_tag = [("if-none-match", other.header("etag"))];
    assert_eq!(running.get("/feeds/jia.json", &other_tag).await.status, 304);
    running.stop().await;
}

/// A new item of the column `sheng/yw`.
fn draft() -> Draft {
    let url: url::Url = "http://sheng.test/yw/202611/t20261120_799999.html".parse().unwrap();
    Draft {
        id: ItemId::from_tag_uri("tag:lianbo.example,2026:sheng/trs-799999".to_owned()),
        key: "trs-799999".to_owned(),
        site: "sheng".parse().unwrap(),
        column: "sheng/yw".parse().unwrap(),
        aliases: vec![url.clone()],
        url,
        title: "新到的文章".to_owned(),
        credit: None,
        author: None,
        editor: None,
        photographer: None,
        attribution: "来源：省工商联".to_owned(),
        posted: None,
        published: "2026-11-20T17:00:00+08:00".parse().unwrap(),
        breadcrumb: Vec::new(),
        body: Body::default(),
        summary: String::new(),
        hash: "799999".to_owned(),
        partial: false,
        listed_title: "新到的文章".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn freshness_follows_the_schedule_and_pages_stay_short() {
    let ground = Ground::new().await;
    let mut config = ground.config();
    let shanghai = chrono_tz::Asia::Shanghai;
    // The frozen clock says 18:00 in Shanghai.
    for site in &mut config.sites {
        for column in &mut site.columns {
            let cron = if site.id.as_str() == "sheng" { "20 * * * *" } else { "0 9 * * *" };
            column.timing = lianbo::schedule::Cron::parse(cron, shanghai).unwrap().into();
        }
    }
    let pipeline = ground.open(config).await;
    read(&pipeline).await;
    let running = Running::start(pipeline).await;
    for (path, seconds) in [
        (FEED, 1200),
        ("/feeds/all.atom", 1200),
        ("/opml", 1200),
        // Tomorrow at nine, of which an hour is enough.
        ("/feeds/jia.json", 3600),
        ("/", 60),
        ("/feeds/sheng/yw.html", 60),
    ] {
        let answer = running.get(path, &[]).await;
        let wanted = format!("max-age={seconds},");
        assert!(answer.header("cache-control").starts_with(&wanted), "{path} {wanted}");
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_names_itself_and_its_other_formats_under_the_base_address() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    for host in ["feeds.example", "127.0.0.1:1", "x\"><script>"] {
        let answer = running.get(FEED, &[("host", host)]).await;
        let link = answer.header("link");
        for part in [
            "<http://127.0.0.1:8700/feeds/sheng/yw.rss>; rel=\"self\"",
            "<http://127.0.0.1:8700/feeds/sheng/yw.html>; rel=\"alternate\"; type=\"text/html\"",
            "<http://127.0.0.1:8700/feeds/sheng/yw.json>; rel=\"alternate\"; type=\"application/feed+json\"",
        ] {
            assert!(link.contains(part), "{part} not in {link}");
        }
        let everything = format!("{:?}{}", answer.headers, answer.text());
        assert!(!everything.contains(host), "{host}");
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_and_pages_of_other_sites() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    let public = running.bound.public;
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE] {
        let answer = running.ask(method.clone(), public, FEED, &[]).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
    }
    let preflight = [("origin", "https://city.example"), ("access-control-request-method", "GET")];
    let answer = running.ask(Method::OPTIONS, public, FEED, &preflight).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(answer.header("access-control-allow-headers").contains("If-None-Match"));
    let answer = running.get(FEED, &[("origin", "https://city.example")]).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-expose-headers"), "ETag, Link");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("set-cookie"), "");
    running.stop().await;
}
