//! What publishing one item costs beside as many stored ones, and what starting does. Linux only:
//! memory is what the kernel counts.
//!
//! ```text
//! cargo bench --bench scale                        beside 1,000, 100,000 and 1,000,000 items
//! cargo bench --bench scale -- 1000 100000         beside as many as are named
//! cargo bench --bench scale -- --in DIR 1000000    on a disk with room (30 GB a million)
//! ```
//! Time runs from the moment an item is stored until its page, and identity and gzip of every feed that
//! holds it, can be served (`served`), and until the front page is up to date too (`all`); the wait in
//! which changes are gathered comes before that. What storing it costs,
//! with the search for others that tell the same story, stands beside it.
#![expect(clippy::print_stdout, reason = "a benchmark tells its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "a benchmark lays out the files that it needs")]

#[path = "ground/network.rs"]
mod network;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use lianbo::config::Publication;
use lianbo::daemon;
use lianbo::model::Selection;
use lianbo::pipeline::{Clock, Pipeline};
use lianbo::publish::Shelf;
use lianbo::serve::Catalogue;
use object_store::local::LocalFileSystem;

/// Items that come in one after the other while time is taken, one an hour as those before.
const NEWS: usize = 21;

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let (folder, counts) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--lay", folder, count] => return run(lay(Path::new(folder), count.parse().unwrap())),
        ["--take", folder, count] => return run(take(Path::new(folder), count.parse().unwrap())),
        ["--in", folder, ref counts @ ..] => (Some(PathBuf::from(folder)), counts.to_vec()),
        [] => (None, vec!["1000", "100000", "1000000"]),
        ref counts => (None, counts.to_vec()),
    };
    println!(
        "{:>9} | {:>8} {:>8} | {:>8} {:>8} {:>8} {:>8} {:>10} | {:>8} {:>8}",
        "items",
        "start",
        "sweep",
        "stored",
        "served",
        "worst",
        "all",
        "written",
        "resident",
        "peak"
    );
    let folder = folder.unwrap_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")));
    for count in counts {
        let place = tempfile::Builder::new().prefix("scale").tempdir_in(&folder).unwrap();
        for step in ["--lay", "--take"] {
            // A process of its own each, so that memory is that of this step alone.
            let this = std::env::current_exe().unwrap();
            let status = Command::new(this).arg(step).arg(place.path()).arg(count).status();
            assert!(status.unwrap().success());
        }
    }
}

fn run(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(work);
}

fn now() -> DateTime<Utc> {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

fn clock_at(time: DateTime<Utc>) -> Clock {
    Arc::new(move || time)
}

/// Stores `count` items and publishes all there is to publish.
async fn lay(folder: &Path, count: usize) {
    let mut pipeline = daemon::open(network::config(folder, ""), clock_at(now())).await.unwrap();
    let public = folder.join("data/public");
    // Millions of files need not each be on the disk before the next is written.
    let files = LocalFileSystem::new_with_prefix(public).unwrap();
    pipeline.shelf = Shelf::on(Arc::new(files));
    // Laying can be gone on with: what is stored already is not stored again.
    if pipeline.store.last_seq().await.unwrap() == 0 {
        network::store(&pipeline, 0..count, now()).await;
    }
    let published = pipeline.publish(&pipeline.all_publications()).await.unwrap();
    assert!(published.faults.is_empty(), "{:?}", published.faults);
    pipeline.store.close().await.unwrap();
}

/// Starts beside what [`lay`] left, and publishes items as they come.
async fn take(folder: &Path, count: usize) {
    let config = network::config(folder, "");
    let began = Instant::now();
    let mut pipeline = daemon::open(config, clock_at(now())).await.unwrap();
    let catalogue = Catalogue::open(pipeline.store.clone(), pipeline.shelf.clone()).await.unwrap();
    let start = began.elapsed();
    let began = Instant::now();
    pipeline.sweep().await.unwrap();
    let sweep = began.elapsed();
    let (mut times, mut whole, mut stored) = (Vec::new(), Vec::new(), Vec::new());
    let mut bytes = 0;
    let mut came = pipeline.store.latest_arrival(&Selection::All).await.unwrap().unwrap();
    rest();
    for number in count..count + NEWS {
        came += TimeDelta::hours(1);
        pipeline.clock = clock_at(came);
        let began = Instant::now();
        network::store(&pipeline, number..number + 1, came).await;
        stored.push(began.elapsed().as_secs_f64() * 1e3);
        let (served, all, written) = news(&pipeline, &catalogue, number).await;
        times.push(served);
        whole.push(all);
        bytes = written;
        rest();
    }
    // The first one meets cold caches.
    let first = times.remove(0);
    times.sort_by(f64::total_cmp);
    stored.sort_by(f64::total_cmp);
    whole.sort_by(f64::total_cmp);
    println!(
        "{count:>9} | {:>6.0} ms {:>5.0} ms | {:>5.1} ms {:>5.1} ms {:>5.1} ms {:>5.1} ms {:>7.0} KB | {:>5.0} MB {:>5.0} MB  (first {first:.1} ms)",
        start.as_secs_f64() * 1e3,
        sweep.as_secs_f64() * 1e3,
        stored[stored.len() / 2],
        times[times.len() / 2],
        times[times.len() - 1],
        whole[whole.len() / 2],
        bytes as f64 / 1e3,
        memory("VmRSS:"),
        memory("VmHWM:"),
    );
    pipeline.store.close().await.unwrap();
}

/// Publishes as the daemon does; gives how long it took until the feeds were served, until all was,
/// and the bytes that were written.
async fn news(pipeline: &Pipeline, catalogue: &Catalogue, number: usize) -> (f64, f64, u64) {
    let column = network::column(number);
    let feeds: Vec<&Publication> =
        pipeline.config.feeds.iter().filter(|feed| feed.spec.selection.may_hold(&column)).collect();
    let began = Instant::now();
    let ms = || began.elapsed().as_secs_f64() * 1e3;
    let mut published = pipeline.publish_feeds(&feeds).await.unwrap();
    let written = ms();
    let taken_in = async {
        catalogue.refresh(published.changed.iter()).await;
        ms()
    };
    let (front, served) = tokio::join!(pipeline.publish_front(), taken_in);
    let front = front.unwrap();
    catalogue.refresh(front.changed.iter()).await;
    let all = ms();
    if std::env::var_os("SCALE_STEPS").is_some() {
        println!(
            "{written:.1} ms to write feeds, {served:.1} ms to serve them, {all:.1} ms for all"
        );
    }
    published.add(front);
    assert!(published.faults.is_empty() && published.changed.len() >= 13, "{published:?}");
    let public = pipeline.config.daemon.data.join("public");
    let size = |path: &String| std::fs::metadata(public.join(path)).unwrap().len();
    (served, all, published.changed.iter().map(size).sum())
}

/// Waits until the slow packing of documents, which nobody waits for, is over.
fn rest() {
    let ticks = || {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    };
    let mut before = u64::MAX;
    while ticks() != before {
        before = ticks();
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
}

/// What the kernel says of this process, in MB.
fn memory(key: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with(key)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}
