//! The daemon in worlds that are not real: sites that print, change and take back articles and break
//! in every way, a clock that is turned, kills at any point. All of it follows from a seed.
//!
//! Scheduler, publisher and pipeline are the real ones; the network, the clock and the disk are ours,
//! and database and runtime work on one thread, so that a seed is nearly always the same. After every step
//! [`promises`] looks at what is stored and published, and in the end all that is known must be as if no
//! process had ever been killed.
//!
//! `LIANBO_WORLD_SEED` repeats a world and `LIANBO_WORLD_TRACE` shows it pass by; `LIANBO_WORLDS` and
//! `LIANBO_WORLD_STEPS` try more of them, for longer.

mod client;
mod dice;
mod fate;
mod faults;
mod life;
mod network;
mod pages;
mod promises;
mod records;
mod shelf;
mod sites;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use object_store::ObjectStore as _;
use object_store::ObjectStoreExt as _;
use object_store::memory::InMemory;
use regex::Regex;

use crate::config::Config;
use crate::store::SqliteStore;

use client::Client;
use dice::Dice;
use fate::Deadly;
use life::{End, Ground, Life};
use promises::Promises;
use sites::Sites;

/// Steps in which things happen, where the variable does not say, and steps of peace after them.
const STEPS: usize = 14;
const PEACE: usize = 6;
/// Worlds of one run of the tests.
const WORLDS: u64 = 2;
/// Of those in which sites are read at once: each is lived through twice.
const AT_ONCE: u64 = 1;

/// One course of a world.
#[derive(Clone, Copy, Debug)]
struct Course {
    seed: u64,
    /// Whether processes are killed.
    kills: bool,
    /// Columns read at once.
    workers: usize,
}

/// How a world ended.
#[derive(Debug, Default)]
struct Outcome {
    documents: BTreeMap<String, Bytes>,
    items: BTreeMap<String, records::Stored>,
    hash: u64,
    tally: Tally,
}

/// What happened in worlds.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    kills: u64,
    not_modified: u64,
    items: usize,
    withdrawn: usize,
    documents: usize,
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Steps in which things happen.
fn steps() -> usize {
    number("LIANBO_WORLD_STEPS").and_then(|steps| steps.try_into().ok()).unwrap_or(STEPS)
}

/// When every world begins: near the end of a month, so that archives are closed.
fn begin() -> DateTime<Utc> {
    "2026-10-20T01:00:00Z".parse().unwrap()
}

fn config(workers: usize) -> Arc<Config> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let text = include_str!("world/config.toml").replace("WORKERS", &workers.to_string());
    #[expect(clippy::disallowed_methods, reason = "a test makes its configuration")]
    std::fs::write(&file, text).unwrap();
    Arc::new(Config::load(&file).unwrap())
}

fn ground(course: Course) -> Ground {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let name = format!("world{}", NUMBER.fetch_add(1, Ordering::SeqCst));
    Ground {
        config: config(course.workers),
        records: Arc::new(Mutex::new(SqliteStore::memory(&name).unwrap())),
        name,
        folder: Arc::new(InMemory::new()),
        sites: Arc::new(Mutex::new(Sites::new(course.seed, begin()))),
        behaviour: Arc::default(),
        diary: Arc::default(),
        seconds: Arc::new(AtomicI64::new(begin().timestamp())),
    }
}

/// Everything that is published, by path.
fn published(folder: &InMemory) -> BTreeMap<String, Bytes> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut listed = folder.list(None);
        let mut found = BTreeMap::new();
        while let Some(next) = std::future::poll_fn(|cx| listed.as_mut().poll_next(cx)).await {
            let path = next.unwrap().location;
            let bytes = folder.get(&path).await.unwrap().bytes().await.unwrap();
            found.insert(path.to_string(), bytes);
        }
        found
    })
}

/// A world on its course.
struct World {
    course: Course,
    ground: Ground,
    dice: Dice,
    promises: Promises,
    client: Client,
    life: Option<Life>,
    lives: u64,
    kills: u64,
}

impl World {
    fn new(course: Course) -> Self {
        Self {
            course,
            ground: ground(course),
            dice: Dice::of(course.seed, "fate"),
            promises: Promises::default(),
            client: Client::new(course.seed),
            life: None,
            lives: 0,
            kills: 0,
        }
    }

    fn go(&mut self) -> Result<Outcome, String> {
        let mut clock = Dice::of(self.course.seed, "clock");
        let eventful = steps();
        for step in 0..eventful + PEACE {
            let peace = step >= eventful;
            let minutes = match peace {
                true => 12 * 60,
                false => clock.pick(&[20, 30, 40, 60, 60, 90, 180, 180, 540, 900, 1440]),
            };
            let time = TimeDelta::minutes(if clock.one_in(30) { 9 * 1440 } else { minutes });
            self.pass(step, time, peace);
            self.work(peace)?;
            self.client.ask(&self.ground.name, step + 1 == eventful + PEACE)?;
        }
        let sites = self.ground.sites.lock().unwrap().clone();
        self.promises.in_the_end(&sites)?;
        self.client.check(self.promises.items())?;
        Ok(self.outcome())
    }

    fn pass(&self, step: usize, time: TimeDelta, peace: bool) {
        let mut sites = self.ground.sites.lock().unwrap();
        sites.pass(time, peace);
        self.ground.seconds.store(sites.now.timestamp(), Ordering::SeqCst);
        let faults: Vec<_> = sites
            .sites
            .iter()
            .filter_map(|site| site.fault.map(|(fault, _)| format!("{} {fault:?}", site.id)))
            .collect();
        let told = format!("--- step {step}: {} {}", sites.now, faults.join(", "));
        self.ground.diary.begin(told);
    }

    /// Lets the daemon work until it is at rest, through as many lives as that takes.
    fn work(&mut self, peace: bool) -> Result<(), String> {
        loop {
            let mut life = match self.life.take() {
                Some(life) => life,
                None => self.birth(peace),
            };
            let end = life.step()?;
            if end == End::Killed {
                self.kills += 1;
                drop(life);
                self.promises.always(&self.ground, &published(&self.ground.folder))?;
                continue;
            }
            let documents = published(&self.ground.folder);
            self.promises.always(&self.ground, &documents)?;
            self.promises.at_rest(&self.ground, &documents)?;
            if self.course.kills && self.dice.one_in(6) {
                self.ground.diary.note("ENDS in peace".to_owned());
                if life.end()? == End::Killed {
                    self.kills += 1;
                }
            } else {
                self.life = Some(life);
            }
            return Ok(());
        }
    }

    fn birth(&mut self, peace: bool) -> Life {
        self.lives += 1;
        let deadly = (self.course.kills && !peace).then(|| match self.dice.one_in(2) {
            true => Deadly::Transaction(1 + self.dice.below(200) as u64),
            false => Deadly::Point(1 + self.dice.below(1_500) as u64),
        });
        self.ground.diary.note(format!("START of life {}", self.lives));
        Life::new(&self.ground, self.lives, deadly)
    }

    fn outcome(&self) -> Outcome {
        // What an archive shows of an item is what it was when the archive was written, and a process
        // that begins anew may write one earlier: their contents are checked by walking them.
        let mut documents = published(&self.ground.folder);
        documents.retain(|path, _| !path.starts_with("archives/"));
        let leads_there = Regex::new("<(atom:)?link [^>]*rel=\"prev-archive\"[^>]*>").unwrap();
        for bytes in documents.values_mut() {
            if let Ok(text) = std::str::from_utf8(bytes) {
                *bytes = leads_there.replace_all(text, "").into_owned().into();
            }
        }
        let behaviour = self.ground.behaviour.lock().unwrap();
        let tally = Tally {
            kills: self.kills,
            not_modified: behaviour.not_modified,
            items: self.promises.items().len(),
            withdrawn: self.promises.withdrawn.len(),
            documents: self.promises.checked,
        };
        let hash = self.ground.diary.hash();
        Outcome { documents, items: self.promises.items().clone(), hash, tally }
    }
}

/// Lives through a world; where a promise is broken, tells its seed and its last events.
fn simulate(course: Course) -> Result<Outcome, String> {
    let mut world = World::new(course);
    world.go().map_err(|why| {
        let (step, lately) = world.ground.diary.lately();
        format!("{why}\n\n{course:?}; what happened last:\n{step}\n{}", lately.join("\n"))
    })
}

/// The seeds that are tried: the one of the variable, or else the first so many, `usually` that many.
fn seeds(usually: u64) -> Vec<u64> {
    if let Some(seed) = number("LIANBO_WORLD_SEED") {
        return vec![seed];
    }
    (1..=number("LIANBO_WORLDS").unwrap_or(usually)).collect()
}

/// Tries all seeds; panics with what went wrong, and how to see it again.
fn try_all(seeds: &[u64], trial: impl Fn(u64) -> Result<Tally, String>) -> Tally {
    let mut all = Tally::default();
    let mut broken = Vec::new();
    for &seed in seeds {
        match trial(seed) {
            Ok(tally) => all.add(tally),
            Err(why) => broken.push((seed, why)),
        }
    }
    if let Some((seed, why)) = broken.first() {
        let others: Vec<String> = broken[1..]
            .iter()
            .map(|(seed, why)| format!("{seed}: {}", why.lines().next().unwrap_or_default()))
            .collect();
        panic!(
            "{why}\n\nto see it again:\n\
             LIANBO_WORLD_SEED={seed} LIANBO_WORLD_STEPS={} LIANBO_WORLD_TRACE=1 cargo test --lib daemon::world\n\
             others of {} worlds:\n{}\n",
            steps(),
            seeds.len(),
            others.join("\n")
        );
    }
    all
}

/// What tells two folders apart, if anything does.
fn difference(one: &BTreeMap<String, Bytes>, other: &BTreeMap<String, Bytes>) -> Option<String> {
    let paths = one.keys().chain(other.keys());
    let path = paths.into_iter().find(|path| one.get(*path) != other.get(*path))?;
    let (Some(a), Some(b)) = (one.get(path), other.get(path)) else {
        return Some(format!("`{path}` stands in one folder alone"));
    };
    let at = a.iter().zip(b).take_while(|(a, b)| a == b).count().saturating_sub(120);
    let shown =
        |bytes: &Bytes| String::from_utf8_lossy(&bytes[at..bytes.len().min(at + 300)]).into_owned();
    Some(format!("`{path}` differs:\n{}\n--- without kills:\n{}", shown(b), shown(a)))
}

impl Tally {
    /// A simulation in which nothing happens proves nothing.
    fn check(self) {
        let fine = self.kills > 0 && self.not_modified > 0 && self.documents > 100;
        assert!(fine && self.items > 20, "too little happened: {self:?}");
        if self.items > 500 {
            assert!(self.withdrawn > 0, "nothing was withdrawn: {self:?}");
        }
    }

    fn add(&mut self, other: Self) {
        self.kills += other.kills;
        self.not_modified += other.not_modified;
        self.items += other.items;
        self.withdrawn += other.withdrawn;
        self.documents += other.documents;
    }
}

/// The same world without and with kills.
fn twice(seed: u64) -> Result<(Outcome, Outcome), String> {
    let course = Course { seed, kills: false, workers: 1 };
    Ok((simulate(course)?, simulate(Course { kills: true, ..course })?))
}

#[test]
fn no_kill_changes_what_is_known_in_the_end() {
    let tally = try_all(&seeds(WORLDS), |seed| {
        let (calm, killed) = twice(seed)?;
        let known = |outcome: &Outcome| -> BTreeMap<_, _> {
            let items = outcome.items.values();
            items.map(|item| (item.id.clone(), (item.hash.clone(), item.state.clone()))).collect()
        };
        let (one, other) = (known(&calm), known(&killed));
        if let Some(id) = one.iter().find(|(id, item)| other.get(*id) != Some(item)) {
            return Err(format!("{id:?} ended as {:?}\nseed {seed}", other.get(id.0)));
        }
        let paths = |outcome: &Outcome| -> Vec<_> { outcome.documents.keys().cloned().collect() };
        match one.len() == other.len() && paths(&calm) == paths(&killed) {
            true => Ok(killed.tally),
            false => {
                Err(format!("there are more items or documents than without kills; seed {seed}"))
            }
        }
    });
    tally.check();
}

#[test]
fn sites_read_at_once_keep_every_promise_and_a_seed_is_the_same_world_each_time() {
    let tally = try_all(&seeds(AT_ONCE), |seed| {
        let course = Course { seed, kills: true, workers: 8 };
        let (once, again) = (simulate(course)?, simulate(course)?);
        if let Some(difference) = difference(&once.documents, &again.documents) {
            return Err(format!("the same world ends otherwise: {difference}\n{course:?}"));
        }
        match once.hash == again.hash {
            true => Ok(once.tally),
            false => Err(format!("the same world takes another way to its end: {course:?}")),
        }
    });
    tally.check();
}
