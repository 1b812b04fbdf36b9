//! Feeds that moved or ended, readers that want only what is new, and readers that never ask.

use std::time::Duration;

use lianbo::model::{Cause, Selection};
use lianbo::store::{SqliteStore, Taking};
use reqwest::Method;

use super::{Answer, Ground, Running};

const FEED: &str = "/feeds/sheng/yw.atom";

/// The first answer that is not 304 to a reader that has `etag` and sends `more`.
async fn changed(running: &Running, etag: &str, more: &[(&str, &str)]) -> Answer {
    let headers = [&[("if-none-match", etag)], more].concat();
    let wait = async {
        loop {
            let answer = running.get(FEED, &headers).await;
            if answer.status != 304 {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.unwrap()
}

fn ids(answer: &Answer) -> Vec<String> {
    let feed = feed_rs::parser::parse(answer.body.as_slice()).unwrap();
    feed.entries.into_iter().map(|entry| entry.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_asks_for_it_gets_only_what_is_new() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    let first = running.get(FEED, &[]).await;
    let all = ids(&first);
    assert!(all.len() > 3);
    let store = SqliteStore::open_beside(ground.data.path()).unwrap();
    let items = store.newest(&Selection::All, 1000, None).await.unwrap();
    let item = items.into_iter().find(|item| item.id.as_str() == all[1]).unwrap();
    let taking = Taking { why: Cause::ByHand, by: None, reason: None };
    store.withdraw(vec![item.id.clone()], taking, item.first_seen).await.unwrap();

    let delta = [("a-im", "feed")];
    let fewer = changed(&running, first.header("etag"), &delta).await;
    assert_eq!((fewer.status.as_u16(), fewer.header("im")), (226, "feed"));
    assert_eq!(fewer.header("cache-control"), "no-store, im");
    assert_eq!(fewer.header("vary"), "Accept-Encoding, A-IM, If-None-Match");
    assert_eq!(fewer.header("content-type"), "application/atom+xml; charset=utf-8");
    assert!(ids(&fewer).is_empty() && fewer.text().contains("at:deleted-entry"));

    store.restore(vec![item.id.clone()]).await.unwrap();
    let zipped = [("a-im", "feed"), ("accept-encoding", "gzip")];
    let more = changed(&running, fewer.header("etag"), &zipped).await;
    assert_eq!((more.status.as_u16(), ids(&more)), (226, vec![all[1].clone()]));
    let head_of = [("if-none-match", fewer.header("etag")), ("a-im", "feed")];
    let head = running.ask(Method::HEAD, running.bound.public, FEED, &head_of).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (226, 0));

    // What it has now is what the whole would have given.
    let whole = running.get(FEED, &[]).await;
    assert_eq!((whole.status.as_u16(), ids(&whole)), (200, all.clone()));
    assert_eq!(whole.header("etag"), more.header("etag"));
    // Whoever does not ask for it, or has a version that is not known, gets the whole.
    let stale = [("if-none-match", fewer.header("etag"))];
    assert_eq!(running.get(FEED, &stale).await.status, 200);
    let unknown = [("if-none-match", "\"x\""), ("a-im", "feed")];
    let unknown = running.get(FEED, &unknown).await;
    assert_eq!((unknown.status.as_u16(), ids(&unknown)), (200, all));
    let json = running.get("/feeds/sheng/yw.json", &[("if-none-match", "\"x\""), delta[0]]).await;
    assert_eq!(json.status, 200);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_downloads_again_and_again_waits_and_who_asks_never_does() {
    let ground = Ground::new().await;
    ground.published().await.stop().await;
    let mut config = ground.config();
    config.serve.downloads = 3;
    let running = Running::start(ground.open(config).await).await;
    let by = |address: &'static str| ("x-forwarded-for", address);
    let (one, other) = (by("198.51.100.1"), by("198.51.100.2"));
    let first = running.get(FEED, &[one]).await;
    for _ in 0..2 {
        assert_eq!(running.get(FEED, &[one]).await.status, 200);
    }
    let refused = running.get(FEED, &[one]).await;
    assert_eq!(refused.status, 429);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=600).contains(&wait) && refused.body.len() < 500);
    assert_eq!(refused.header("cache-control"), "no-store");
    for (headers, status) in [
        (vec![one, ("if-none-match", first.header("etag"))], 304),
        (vec![one, ("if-none-match", "\"old\"")], 200),
        (vec![one, ("if-modified-since", "Sun, 01 Nov 2026 00:00:00 GMT")], 200),
        (vec![other], 200),
        // A proxy that does not say whom it asks for stands for everybody.
        (vec![], 200),
        (vec![], 200),
        (vec![], 200),
        (vec![], 200),
        // What stands before the address that our proxy saw, anybody can write.
        (vec![by("203.0.113.9, 198.51.100.1")], 429),
    ] {
        assert_eq!(running.get(FEED, &headers).await.status, status, "{headers:?}");
    }
    assert_eq!(running.get("/feeds/sheng/yw.rss", &[one]).await.status, 200);
    for _ in 0..5 {
        assert_eq!(running.get("/feeds/sheng/yw.html", &[one]).await.status, 200);
        let head = running.ask(Method::HEAD, running.bound.public, FEED, &[one]).await;
        assert_eq!(head.status, 200);
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_feed_leads_on_and_an_ended_one_says_so() {
    let ground = Ground::new().await;
    ground.published().await.stop().await;
    let mut config = ground.config();
    let now = config.feeds[0].spec.slug.clone();
    config.feeds[0].former = vec!["old".to_owned()];
    config.serve.retired = vec!["sheng/past".to_owned()];
    let running = Running::start(ground.open(config).await).await;
    for (path, leads) in [
        ("/feeds/old.rss".to_owned(), format!("feeds/{now}.rss")),
        ("/feeds/old.json?q=%E5%95%86".to_owned(), format!("feeds/{now}.json?q=%E5%95%86")),
        ("/archives/old/2026-10.atom".to_owned(), format!("archives/{now}/2026-10.atom")),
        ("/embed/old".to_owned(), format!("embed/{now}")),
    ] {
        let answer = running.get(&path, &[]).await;
        assert_eq!(answer.status, 301, "{path}");
        assert_eq!(answer.header("location"), format!("http://127.0.0.1:8700/{leads}"));
        let there = running.get(&format!("/{leads}"), &[]).await;
        assert!(there.status == 200 || path.contains("archives"), "{leads}");
    }
    for path in ["/feeds/sheng/past.atom", "/archives/sheng/past/2026-10.atom"] {
        let answer = running.get(path, &[("if-none-match", "*")]).await;
        assert_eq!(answer.status, 410, "{path}");
        assert!(answer.text().contains("此订阅已停办"));
    }
    assert_eq!(running.get("/feeds/sheng/never.atom", &[]).await.status, 404);
    running.stop().await;
}
