//! Twelve redesigns of three sites, each told at the first poll while no published byte moves; and a
//! thousand polls of sites that change as sites do, of which none is told.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lianbo::daemon;
use lianbo::demo::{Demo, Mutation, Pace, Variation};
use lianbo::model::{ColumnId, ProblemCode};
use lianbo::pipeline::{Clock, Pipeline};
use lianbo::trust;

use crate::demo::folder;
use crate::ground::folder as files;

const SITES: [&str; 3] = ["sheng", "ding", "wu"];
const EVERY: Duration = Duration::from_secs(3 * 3600);

/// The demo sites on a clock of their own, poll after poll.
struct World {
    demo: Demo,
    pipeline: Pipeline,
    columns: Vec<ColumnId>,
    variation: Variation,
    seconds: Arc<AtomicU64>,
    _data: tempfile::TempDir,
    public: std::path::PathBuf,
}

impl World {
    async fn new(seed: u64, sites: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let begin: DateTime<Utc> = Demo::frozen_clock()();
        let seconds = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&seconds);
        let clock: Clock = Arc::new(move || {
            begin + TimeDelta::seconds(i64::try_from(counted.load(Ordering::SeqCst)).unwrap())
        });
        let demo = Demo::start(&folder(), Some(data.path()), Pace::Frozen, begin).await.unwrap();
        let mut config = demo.config().clone();
        for site in &mut config.sites {
            site.fetch.gap = Duration::ZERO;
        }
        let columns = config.columns().map(|(_, column)| column.id.clone());
        let columns = columns.filter(|column| sites.contains(&column.site().as_str())).collect();
        let pipeline = daemon::open(Arc::new(config), clock).await.unwrap();
        let variation = Variation { seed, poll: 0, every: EVERY };
        let public = data.path().join("public");
        Self { demo, pipeline, columns, variation, seconds, _data: data, public }
    }

    /// Lets time pass until the next poll.
    fn later(&mut self) {
        self.variation = self.variation.later(1);
        self.demo.network().vary(Some(self.variation));
        self.seconds.fetch_add(EVERY.as_secs(), Ordering::SeqCst);
    }

    /// Reads every column; the codes of what is open of them by then, and whether an article was
    /// asked for.
    async fn poll(&self) -> (BTreeSet<(String, ProblemCode)>, bool) {
        let mut news = false;
        for (site, column) in self.pipeline.config.columns() {
            if self.columns.contains(&column.id) {
                let report = self.pipeline.run(site, column, None).await.unwrap();
                news |= report.fetched > 0;
            }
        }
        let problems = self.pipeline.store.problems().await.unwrap();
        (problems.into_iter().map(|problem| (problem.subject, problem.code)).collect(), news)
    }

    async fn publish(&self) {
        self.pipeline.publish(&self.pipeline.all_publications()).await.unwrap();
    }

    /// What is open beyond `before`, with details.
    async fn details(&self) -> Vec<String> {
        let problems = self.pipeline.store.problems().await.unwrap();
        let line =
            |p: lianbo::model::Problem| format!("{} {} {}", p.subject, p.code.as_str(), p.detail);
        problems.into_iter().map(line).collect()
    }
}

/// Lives through all redesigns of `site`, one after the other, with ordinary days between.
async fn every_redesign_of(site: &str) {
    let mut world = World::new(7, &[site]).await;
    for _ in 0..12 {
        world.later();
        world.poll().await;
    }
    world.publish().await;
    for mutation in Mutation::ALL {
        let (before, _) = world.poll().await;
        assert!(
            before.iter().all(|(_, code)| !trust::CODES.contains(code)),
            "{:?}",
            world.details().await
        );
        world.publish().await;
        let public = files(&world.public);
        world.demo.network().redesign(&format!("{site}.test"), Some(mutation)).unwrap();
        let (mut polls, mut harmless) = (0, false);
        while polls < 3 {
            world.later();
            let (now, news) = world.poll().await;
            let told: Vec<_> = now.difference(&before).cloned().collect();
            // Articles that end early are seen when there are any; a list at once.
            let shows = mutation != Mutation::TruncatedBody || news;
            if !shows && polls == 0 {
                continue;
            }
            polls += 1;
            let (name, details) = (mutation.as_str(), world.details().await);
            assert!(!told.is_empty(), "{site}: {name} is not told at poll {polls}: {details:?}");
            // What is read as before in a new template is news, as on any day.
            harmless = told.iter().all(|(_, code)| {
                matches!(code, ProblemCode::TemplateChanged | ProblemCode::CharsetChanged)
            });
            if harmless {
                break;
            }
        }
        world.publish().await;
        let same = harmless || files(&world.public) == public;
        assert!(same, "{site}: {} moved published bytes", mutation.as_str());
        world.demo.network().redesign(&format!("{site}.test"), None).unwrap();
        for _ in 0..2 {
            world.later();
            world.poll().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_redesign_of_a_portal_is_told() {
    every_redesign_of("sheng").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_redesign_of_a_city_site_is_told() {
    every_redesign_of("ding").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_redesign_of_an_old_county_site_is_told() {
    every_redesign_of("wu").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_ordinary_polls_give_no_alarm() {
    let mut world = World::new(2026, &SITES).await;
    let mut polls = 0;
    while polls < 1000 {
        world.later();
        let (open, _) = world.poll().await;
        polls += world.columns.len();
        let alarms: Vec<_> = open.iter().filter(|(_, code)| trust::CODES.contains(code)).collect();
        assert!(alarms.is_empty(), "after {polls} polls: {:?}", world.details().await);
    }
    let items =
        world.pipeline.store.newest(&lianbo::model::Selection::All, 1000, None).await.unwrap();
    assert!(items.len() > 100, "the sites had news: {}", items.len());
}
