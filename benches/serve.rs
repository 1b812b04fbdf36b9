//! Requests a second beside nginx, which serves the same bytes from its files: one processor serves,
//! the other asks (`wrk`). Needs nginx with `gzip_static`, wrk and taskset.
//!
//! ```text
//! cargo bench --bench serve                three rounds of four seconds
//! cargo bench --bench serve -- 5 10        five rounds of ten seconds
//! ```
#![expect(clippy::print_stdout, reason = "a benchmark tells its figures")]
#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "a benchmark lays out the files that it needs")]

#[path = "ground/network.rs"]
mod network;

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lianbo::daemon;

/// Items stored; a feed shows the newest of them.
const ITEMS: usize = 2000;
const FEED: &str = "feeds/all.rss";
/// Connections that ask at once.
const CONNECTIONS: &str = "64";

fn main() {
    let arguments: Vec<u64> =
        std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let rounds = arguments.first().copied().unwrap_or(3);
    let seconds = arguments.get(1).copied().unwrap_or(4);
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (ours, theirs) = (free(), free());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let etag = runtime.block_on(publish(place.path(), ours));
    let servers = [lianbo(place.path()), nginx(place.path(), theirs)];
    for address in [ours, theirs] {
        wait(address);
    }
    for server in &servers {
        rest(server.id());
    }
    let size = std::fs::metadata(place.path().join("data/public").join(FEED)).unwrap().len();
    println!("{FEED}: {size} bytes; {CONNECTIONS} connections, {rounds} rounds of {seconds} s");
    println!("{:>10} | {:>10} {:>10} | ratio", "", "lianbo/s", "nginx/s");
    for (name, header) in [
        ("identity", "Accept-Encoding: identity".to_owned()),
        ("gzip", "Accept-Encoding: gzip".to_owned()),
        ("304", String::new()),
    ] {
        let mut rates = Vec::new();
        for _ in 0..rounds {
            let ask = |address: SocketAddr, tag: &str| {
                let header = if header.is_empty() {
                    format!("If-None-Match: {tag}")
                } else {
                    header.clone()
                };
                load(address, &header, seconds)
            };
            rates.push((ask(ours, &etag), ask(theirs, &tag_of(theirs))));
        }
        rates.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
        let (ours, theirs) = rates[rates.len() / 2];
        println!("{name:>10} | {ours:>10.0} {theirs:>10.0} | {:.2}", ours / theirs);
    }
    for mut server in servers {
        let resident = memory(server.id());
        println!("{:>10.1} MB resident in {}", resident, server.id());
        let _ = server.kill();
        let _ = server.wait();
    }
}

/// A port that nobody has.
fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Publishes the network, packs the feed for nginx, and gives the feed's tag.
async fn publish(folder: &Path, address: SocketAddr) -> String {
    let config = network::config(folder, "");
    let clock = Arc::new(|| "2026-11-20T10:00:00Z".parse().unwrap());
    let pipeline = daemon::open(config, clock).await.unwrap();
    network::store(&pipeline, 0..ITEMS, (pipeline.clock)()).await;
    pipeline.publish(&pipeline.all_publications()).await.unwrap();
    let bytes = pipeline.shelf.get(FEED).await.unwrap().unwrap();
    pipeline.store.close().await.unwrap();
    // The configuration that is served with: as it was, at this address.
    let file = folder.join("config.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(
        &file,
        text.replace("127.0.0.1:0\"", &format!("{address}\"\n[admin]\nlisten = \"127.0.0.1:0\"")),
    )
    .unwrap();
    let zipped =
        std::fs::File::create(folder.join("data/public").join(format!("{FEED}.gz"))).unwrap();
    let mut encoder = flate2::write::GzEncoder::new(zipped, flate2::Compression::new(6));
    encoder.write_all(&bytes).unwrap();
    encoder.finish().unwrap();
    lianbo::publish::etag(&bytes)
}

fn lianbo(folder: &Path) -> Child {
    on_first(env!("CARGO_BIN_EXE_lianbo"))
        .args(["run", "--config"])
        .arg(folder.join("config.toml"))
        .env("LIANBO_LOG", "error")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn nginx(folder: &Path, address: SocketAddr) -> Child {
    let file = folder.join("nginx.conf");
    let root = folder.join("data/public");
    let text = format!(
        "worker_processes 1;\npid {0}/nginx.pid;\nerror_log stderr error;\ndaemon off;\n\
         master_process off;\nevents {{ worker_connections 1024; }}\n\
         http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;\n\
         open_file_cache max=1000 inactive=600s; open_file_cache_valid 600s;\n\
         types {{ application/rss+xml rss; }}\n\
         server {{ listen {address}; root {1}; gzip_static on; }} }}\n",
        folder.display(),
        root.display(),
    );
    std::fs::write(&file, text).unwrap();
    on_first("nginx").arg("-c").arg(file).arg("-p").arg(folder).spawn().unwrap()
}

/// The command on the first processor.
fn on_first(command: &str) -> Command {
    let mut on = Command::new("taskset");
    on.args(["-c", "0", command]);
    on
}

fn wait(address: SocketAddr) {
    let began = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing at {address}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until the process has nothing to do any more: documents are packed, items are indexed.
fn rest(process: u32) {
    let ticks = || {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    };
    let mut before = u64::MAX;
    while ticks() != before {
        before = ticks();
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// The tag that the server at `address` gives the feed.
fn tag_of(address: SocketAddr) -> String {
    let output = Command::new("curl").args(["-sI", &format!("http://{address}/{FEED}")]).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    let line = text.lines().find(|line| line.to_lowercase().starts_with("etag:")).unwrap();
    line[5..].trim().to_owned()
}

/// Requests a second, all of them answered as wanted.
fn load(address: SocketAddr, header: &str, seconds: u64) -> f64 {
    let output = Command::new("taskset")
        .args(["-c", "1", "wrk", "-t", "1", "-c", CONNECTIONS, "-d", &format!("{seconds}s")])
        .args(["-H", header, &format!("http://{address}/{FEED}")])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("Non-2xx"), "{text}");
    let line = text.lines().find(|line| line.starts_with("Requests/sec:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// What the process holds in memory, in MB.
fn memory(process: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}
