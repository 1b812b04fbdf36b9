//! Sites behind a network that fails in every way: each fault is told under its code, nothing of it
//! is stored or published, nobody is left hanging, and afterwards all is as if nothing had happened.
//!
//! Faults of single pages are in `faults`; here is what a whole network does.
//! `LIANBO_CHAOS_SEED` repeats a storm.

mod broken;
mod locked;
mod proxy;
mod secure;

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lianbo::config::{Config, Overrides};
use lianbo::demo::{Network, Variation};
use lianbo::model::{ProblemCode, Selection};
use lianbo::pipeline::{Clock, Outcome, Pipeline};

use crate::ground::{folder, items, once, problems};
use crate::kills::Dice;
use proxy::{Fault, Plan, Proxy};

/// The sites that are read: TRS, PHPCMS and a site in GBK. Their lists are pages of their own.
const SITES: &[&str] = &["sheng", "ding", "wu"];

/// The demo sites behind the proxy, and a daemon's data beside them.
struct Weather {
    network: Network,
    proxy: Proxy,
    folder: tempfile::TempDir,
    hours: Arc<AtomicI64>,
}

fn began() -> DateTime<Utc> {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

impl Weather {
    /// `read` are the sites that are read.
    async fn over(read: &[&str]) -> Self {
        let demo = crate::demo::folder();
        let network = Network::start(&demo, None, began()).await.unwrap();
        let proxy = Proxy::start(network.addresses()[0].1);
        let folder = tempfile::tempdir().unwrap();
        let sites = folder.path().join("sites");
        fs::create_dir(&sites).unwrap();
        for site in read {
            let file = format!("{site}.toml");
            fs::copy(demo.join("feeds/sites").join(&file), sites.join(&file)).unwrap();
        }
        let config = r#"
[daemon]
data = "data"
base_url = "http://feeds.test/"
include = ["sites/*.toml"]
[id]
authority = "feeds.test"
date = "2026"
[fetch]
contact = "test@feeds.test"
gap = "0s"
timeout = "2s"
retries = 0
max_bytes = "2MB"
[schedule]
jitter = "0s"
[withdraw]
looks = []
[custody]
pictures = "original"
[[feed]]
id = "all"
title = "全部"
sites = ["*"]
"#;
        fs::write(folder.path().join("config.toml"), config).unwrap();
        Self { network, proxy, folder, hours: Arc::default() }
    }

    async fn open(&self) -> Pipeline {
        let config = Config::load(&self.folder.path().join("config.toml")).unwrap();
        let address = self.proxy.address;
        let resolve = SITES.iter().map(|site| (format!("{site}.test"), address)).collect();
        let data = Some(self.folder.path().join("data"));
        let config = config.under(Overrides { data, resolve, platform: None });
        let hours = Arc::clone(&self.hours);
        let clock: Clock =
            Arc::new(move || began() + TimeDelta::hours(hours.load(Ordering::SeqCst)));
        lianbo::daemon::open(Arc::new(config), clock).await.unwrap()
    }

    fn later(&self, hours: i64) {
        self.hours.fetch_add(hours, Ordering::SeqCst);
    }

    fn public(&self) -> BTreeMap<String, Vec<u8>> {
        folder(&self.folder.path().join("data/public"))
    }
}

/// What each fault is told under.
fn code(fault: Fault) -> ProblemCode {
    match fault {
        Fault::Silence | Fault::Stall | Fault::Drip => ProblemCode::Timeout,
        Fault::Cut | Fault::LongLength | Fault::BadChunk | Fault::Garbage => ProblemCode::Truncated,
        Fault::Endless | Fault::Bomb => ProblemCode::TooLarge,
        Fault::Reset => ProblemCode::Truncated,
        Fault::Status(_) => ProblemCode::HttpStatus,
        Fault::Busy(_) => ProblemCode::RateLimited,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_fails_changes_nothing_and_heals() {
    let weather = Weather::over(&["ding"]).await;
    let pipeline = weather.open().await;
    let (reports, _) = once(&pipeline).await;
    assert!(reports.iter().all(|report| report.outcome == Outcome::Fine), "{reports:?}");
    let (public, before) = (weather.public(), items(&pipeline.store).await);
    assert!(public.len() > 20 && before.len() > 5, "{} {}", public.len(), before.len());
    for fault in Fault::ALL {
        weather.proxy.plan(Plan::Always(fault));
        weather.later(1);
        let (reports, published) = once(&pipeline).await;
        assert!(weather.proxy.spoiled() > 0, "{fault:?} hit nothing");
        for report in &reports {
            let codes: Vec<_> = report.faults.iter().map(|fault| fault.code).collect();
            let wanted = (Outcome::Failed, vec![code(fault)]);
            assert_eq!((report.outcome, codes), wanted, "{fault:?}: {report:?}");
        }
        assert!(published.changed.is_empty(), "{fault:?}: {:?}", published.changed);
        assert!(weather.public() == public, "{fault:?} changed what is published");
        assert_eq!(items(&pipeline.store).await, before, "{fault:?}");
        weather.proxy.is_left().await;

        weather.proxy.plan(Plan::Through);
        weather.later(1);
        once(&pipeline).await;
        assert_eq!(problems(&pipeline.store).await, [], "{fault:?} did not heal");
        assert!(weather.public() == public, "{fault:?}: coming back changed what is published");
        assert_eq!(items(&pipeline.store).await, before, "{fault:?}");
    }
}

/// What readers would call the articles: id → title, text, and whether all of it is there. Site by
/// site, since a story that several sites tell stands once where they stand together.
async fn told(pipeline: &Pipeline) -> BTreeMap<String, (String, String, bool)> {
    let mut all = BTreeMap::new();
    for site in &pipeline.config.sites {
        let selection = Selection::Any { sites: vec![site.id.clone()], columns: Vec::new() };
        for item in pipeline.store.newest(&selection, 1000, None).await.unwrap() {
            // Some titles are edited after a while, and who comes late reads the later one.
            let title = item.title.replace("（图文）", "");
            all.insert(item.id.to_string(), (title, item.text, item.partial));
        }
    }
    all
}

/// Other dice for each poll.
fn dice(seed: u64, poll: u64) -> Dice {
    Dice((seed + poll).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
}

/// Whose course has news on each list, and never so many that one leaves a list unseen.
const NEWS: u64 = 20;
/// Polls of a storm, and of calm before and after it.
const POLLS: u64 = 24;

#[tokio::test(flavor = "multi_thread")]
async fn after_a_storm_all_is_as_if_it_had_been_calm() {
    let fresh = u64::from(std::process::id()) | 1 << 40;
    let seed = std::env::var("LIANBO_CHAOS_SEED").ok().and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or(fresh);
    announce(seed);
    // The same days, in calm and in a storm, with the same news.
    let (calm, stormy) = (Weather::over(SITES).await, Weather::over(SITES).await);
    let (in_calm, in_storm) = (calm.open().await, stormy.open().await);
    let every = Duration::from_secs(3600);
    for poll in 0..POLLS {
        let is_over = poll >= POLLS - 8;
        for weather in [&calm, &stormy] {
            // News end with the storm, so that there is time to make up for it.
            let poll = poll.min(POLLS - 9);
            weather.network.vary(Some(Variation { seed: NEWS, poll, every }));
            // An article that failed often is left alone for long.
            weather.later(if is_over { 6 } else { 1 });
        }
        // Rows that leave a list before it was ever read are nobody's loss: the storm comes second.
        let calm_now = is_over || poll == 0;
        let plan = if calm_now { Plan::Through } else { Plan::Storm(dice(seed, poll), 3) };
        stormy.proxy.plan(plan);
        once(&in_calm).await;
        once(&in_storm).await;
        stormy.proxy.is_left().await;
        assert!(is_over || stormy.proxy.spoiled() < 1000, "it ends");
        // Whatever is there was read whole: nothing of a fault is ever shown.
        let (right, found) = (told(&in_calm).await, told(&in_storm).await);
        for (id, item) in found.iter().filter(|(_, item)| !item.2) {
            assert_eq!(Some(item), right.get(id), "poll {poll}: `{id}`");
        }
    }
    let (right, found) = (told(&in_calm).await, told(&in_storm).await);
    assert!(right.len() > 20, "{} items", right.len());
    assert_eq!(found.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>());
    for (id, item) in &right {
        assert_eq!(&found[id], item, "`{id}`");
    }
    assert_eq!(problems(&in_storm.store).await, problems(&in_calm.store).await);
}

#[expect(clippy::print_stdout, reason = "the seed repeats a storm")]
fn announce(seed: u64) {
    println!("LIANBO_CHAOS_SEED={seed}");
}
