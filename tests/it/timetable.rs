//! A feed with a cron of its own waits for its time.

use std::fs;
use std::path::Path;
use std::time::Duration;

use lianbo::demo::{Demo, Network};

use crate::running::{Running, configure, get};

fn count(body: &str) -> usize {
    let feed: serde_json::Value = serde_json::from_str(body).unwrap();
    feed["items"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_with_its_own_cron_does_not_follow_every_change() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    let every = Duration::from_millis(300);
    let network = Network::start(&demo, Some(every), Demo::frozen_clock()()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), &network);
    let yearly =
        "[[feed]]\nid = \"yearly\"\ntitle = \"一年一次\"\nsites = [\"*\"]\ncron = \"@yearly\"\n";
    fs::write(folder.path().join("feeds/yearly.toml"), yearly).unwrap();

    let mut daemon = Running::start(&folder.path().join("config.toml"));
    let address = daemon.address();
    daemon.answered(&address, "/feeds/yearly.json", 200);
    // It is there from the first items on, and then stands still while the others grow.
    let mut first = get(&address, "/feeds/yearly.json").1;
    while count(&first) == 0 {
        daemon.wait_for(&["published", "rendered="]);
        first = get(&address, "/feeds/yearly.json").1;
    }
    let all = get(&address, "/feeds/all.json").1;
    while count(&get(&address, "/feeds/all.json").1) <= count(&all) {
        daemon.wait_for(&["published", "rendered="]);
    }
    assert_eq!(get(&address, "/feeds/yearly.json").1, first);
    assert!(daemon.end().success());

    // A restart is no time of its cron either.
    let mut daemon = Running::start(&folder.path().join("config.toml"));
    let address = daemon.address();
    daemon.wait_for(&["published", "rendered="]);
    assert_eq!(get(&address, "/feeds/yearly.json").1, first);
    assert!(daemon.end().success());
}
