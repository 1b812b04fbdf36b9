//! Whether the daemon lives and can work, as a load balancer asks.

use std::sync::Arc;

use lianbo::demo::Demo;
use lianbo::fetch::{FetchSettings, Fetcher};
use lianbo::pipeline::Pipeline;
use lianbo::publish::Shelf;
use lianbo::schedule::Cron;
use lianbo::store::{SqliteStore, StoreOptions};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Ground, Running};

/// The status of `/health/ready` and the codes it names, alike on both addresses.
async fn ready(running: &Running) -> (u16, Vec<String>) {
    let answer = running.get("/health/ready", &[]).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-type"), "application/json");
    let json: Value = serde_json::from_slice(&answer.body).unwrap();
    let operator = running.admin("/health/ready", &[]).await;
    assert_eq!(serde_json::from_slice::<Value>(&operator.body).unwrap(), json);
    let word = if answer.status == 200 { "ready" } else { "not-ready" };
    assert_eq!(json["status"], word);
    let problems = json["problems"].as_array().unwrap();
    let codes = problems.iter().map(|problem| {
        assert!(!problem["what"].as_str().unwrap().is_empty());
        assert!(!problem["hint"].as_str().unwrap().is_empty());
        problem["code"].as_str().unwrap().to_owned()
    });
    (answer.status.as_u16(), codes.collect())
}

async fn assert_live(running: &Running) {
    let answer = running.get("/health/live", &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(serde_json::from_slice::<Value>(&answer.body).unwrap(), json!({"status": "live"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_with_something_published_is_ready() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    assert_eq!(ready(&running).await, (200, vec![]));
    assert_live(&running).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_item_nothing_empty_is_served() {
    let ground = Ground::new().await;
    // Sites that take the connection and say nothing: the first refresh does not end.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = ground.config();
    for address in config.fetch.resolve.values_mut() {
        *address = silent.local_addr().unwrap();
    }
    config.daemon.shutdown = std::time::Duration::ZERO;
    let running = Running::start(ground.open(config).await).await;
    assert_eq!(ready(&running).await, (503, vec!["not-published".to_owned()]));
    assert_live(&running).await;
    for path in ["/feeds/sheng.rss", "/feeds/all.json", "/feeds/sheng/yw.html"] {
        let answer = running.get(path, &[]).await;
        assert_eq!(answer.status, 503, "{path}");
        assert_eq!(answer.header("retry-after"), "60");
        assert!(answer.text().contains("尚未发布"));
    }
    assert_eq!(running.get("/feeds/none.rss", &[]).await.status, 404);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_where_every_run_failed_is_not_ready() {
    let ground = Ground::new().await;
    let mut config = ground.config();
    // Nobody listens there any more.
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for address in config.fetch.resolve.values_mut() {
        *address = gone;
    }
    let pipeline = ground.open(config).await;
    let columns: Vec<_> = pipeline.config.columns().map(|(_, column)| column.id.clone()).collect();
    let (reports, published) = lianbo::daemon::once(&pipeline, &columns, |_| {}).await.unwrap();
    assert_eq!(reports.len(), columns.len());
    assert!(published.changed.iter().all(|path| !path.starts_with("feeds/")));
    let running = Running::start(pipeline).await;
    assert_eq!(ready(&running).await, (503, vec!["not-published".to_owned()]));
    assert_live(&running).await;
    assert_eq!(running.get("/feeds/sheng.rss", &[]).await.status, 503);
    assert_eq!(running.get("/", &[]).await.status, 200);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_anything_to_publish_counts_as_read() {
    let ground = Ground::new().await;
    let mut config = ground.config();
    // What the daemon reads by itself does not end, and its own times are years away.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for address in config.fetch.resolve.values_mut() {
        *address = silent.local_addr().unwrap();
    }
    config.daemon.shutdown = std::time::Duration::ZERO;
    let never = Cron::parse("0 0 0 1 1 * 2090", config.schedule.zone).unwrap();
    for column in config.sites.iter_mut().flat_map(|site| &mut site.columns) {
        column.timing = never.clone().into();
    }
    let pipeline = ground.open(config).await;
    let now = (pipeline.clock)();
    let columns: Vec<_> = pipeline.config.columns().map(|(_, column)| column.id.clone()).collect();
    assert!(columns.len() > 1);
    for (number, id) in columns.iter().enumerate() {
        let run = pipeline.store.begin_run(id, None, now).await.unwrap();
        let outcome = if number == 0 { "fine" } else { "failed" };
        pipeline.store.end_run(run, outcome, "{}", false, now).await.unwrap();
    }
    let running = Running::start(pipeline).await;
    assert_eq!(ready(&running).await, (200, vec![]));
    running.stop().await;
}

/// The ground's daemon on a database of at most `pages` pages.
async fn limited(ground: &Ground, pages: u32) -> Pipeline {
    let config = ground.config();
    let store = SqliteStore::open(ground.data.path(), StoreOptions { max_page_count: Some(pages) });
    Pipeline {
        store: store.unwrap(),
        fetcher: Fetcher::new(FetchSettings::default()),
        shelf: Shelf::open(&ground.data.path().join("public")).unwrap(),
        clock: Demo::frozen_clock(),
        config: Arc::new(config),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_database_is_named_and_readers_keep_what_was_published() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    let before = running.get("/feeds/sheng.rss", &[]).await;
    running.stop().await;
    // Pages that were freed would take what is written; there is to be no room at all.
    let database = rusqlite::Connection::open(ground.data.path().join("lianbo.db")).unwrap();
    database.execute_batch("VACUUM").unwrap();
    drop(database);
    // SQLite takes a limit below the present size as the present size.
    let running = Running::start(limited(&ground, 1).await).await;
    assert_eq!(ready(&running).await, (503, vec!["store-full".to_owned()]));
    assert_live(&running).await;
    let after = running.get("/feeds/sheng.rss", &[]).await;
    assert!(after.status == 200 && after.body == before.body);
    assert_eq!(after.header("etag"), before.header("etag"));
    assert_eq!(running.admin("/status", &[]).await.status, 200);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_another_program_holds_is_named() {
    let ground = Ground::new().await;
    let running = ground.published().await;
    let mut other = rusqlite::Connection::open(ground.data.path().join("lianbo.db")).unwrap();
    let held = other.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    assert_eq!(ready(&running).await, (503, vec!["data-locked".to_owned()]));
    assert_eq!(running.get("/feeds/sheng.rss", &[]).await.status, 200);
    drop(held);
    running.stop().await;
}
