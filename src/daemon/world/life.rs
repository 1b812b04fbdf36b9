//! One life of the daemon in a world: from its start to its end or its death.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use chrono::DateTime;
use object_store::memory::InMemory;
use rusqlite::Connection;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::fetch::Fetcher;
use crate::net::{Client, NetSettings};
use crate::pipeline::{Clock, Here, Pipeline, StoredMemory};
use crate::publish::Shelf;
use crate::serve::Catalogue;
use crate::store::SqliteStore;

use super::super::{Watched, indexer, make_good, publisher, scheduler};
use super::fate::{Deadly, Diary, Fate, gate};
use super::network::{Behaviour, Wire};
use super::shelf::Board;
use super::sites::Sites;

/// Nothing happens for so long: nothing will, before the clock moves. Longer than any pause between
/// two looks, two tries or two requests.
const REST: Duration = Duration::from_secs(45);
/// A daemon that is not at rest after so many of them never will be.
const RESTLESS: usize = 200;

/// The real client, for what it does besides connecting.
static CLIENT: LazyLock<Client> = LazyLock::new(|| Client::new(NetSettings::default()));

/// What outlives the process.
#[derive(Clone)]
pub(super) struct Ground {
    pub(super) config: Arc<Config>,
    /// The name of the database.
    pub(super) name: String,
    /// Keeps the database, and looks into it.
    pub(super) records: Arc<Mutex<Connection>>,
    pub(super) folder: Arc<InMemory>,
    pub(super) sites: Arc<Mutex<Sites>>,
    pub(super) behaviour: Arc<Mutex<Behaviour>>,
    pub(super) diary: Arc<Diary>,
    /// What the machine's clock shows, in seconds.
    pub(super) seconds: Arc<AtomicI64>,
}

/// How a step ended for the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It waits for the clock.
    Rest,
    /// It is dead.
    Killed,
}

/// A daemon at work.
pub(super) struct Life {
    runtime: Runtime,
    fate: Arc<Fate>,
    wire: Arc<Wire>,
    ground: Ground,
    working: Option<Working>,
}

/// Its parts, once it has begun.
struct Working {
    end: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Life {
    /// A process that has not begun yet; it dies at the point that is `deadly`.
    pub(super) fn new(ground: &Ground, number: u64, deadly: Option<Deadly>) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .max_blocking_threads(1)
            .build()
            .unwrap();
        let fate = Fate::new(deadly, &ground.diary);
        let wire = Arc::new(Wire {
            sites: Arc::clone(&ground.sites),
            behaviour: Arc::clone(&ground.behaviour),
            fate: Arc::clone(&fate),
            diary: Arc::clone(&ground.diary),
            life: number,
            tried: Mutex::new(BTreeSet::new()),
        });
        Self { runtime, fate, wire, ground: ground.clone(), working: None }
    }

    /// Works until nothing is left to do at this time of the clock, or to its death.
    pub(super) fn step(&mut self) -> Result<End, String> {
        let _here = Here::begin();
        self.wire.tried.lock().unwrap().clear();
        let begins = self.working.is_none();
        let (fate, wire, ground) =
            (Arc::clone(&self.fate), Arc::clone(&self.wire), self.ground.clone());
        let (working, end) = self.runtime.block_on(async {
            let work = async {
                let working = match begins {
                    true => Some(
                        begin(&ground, &fate, wire).await.map_err(|error| format!("{error:#}"))?,
                    ),
                    false => None,
                };
                rest(&ground, &fate).await?;
                Ok::<_, String>(working)
            };
            tokio::select! {
                biased;
                () = fate.died() => Ok((None, End::Killed)),
                working = work => working.map(|working| (working, End::Rest)),
            }
        })?;
        if working.is_some() {
            self.working = working;
        }
        let ended = |working: &Working| working.tasks.iter().any(JoinHandle::is_finished);
        if end == End::Rest && self.working.as_ref().is_some_and(ended) {
            return Err("a part of the daemon ended by itself".to_owned());
        }
        Ok(end)
    }

    /// Ends in peace.
    pub(super) fn end(self) -> Result<End, String> {
        let _here = Here::begin();
        let Some(working) = self.working else { return Ok(End::Rest) };
        working.end.cancel();
        let fate = self.fate;
        self.runtime.block_on(async {
            let all = async {
                for task in working.tasks {
                    task.await
                        .map_err(|error| format!("a part of the daemon panicked: {error}"))?;
                }
                Ok(End::Rest)
            };
            tokio::select! {
                biased;
                () = fate.died() => Ok(End::Killed),
                ended = all => ended,
            }
        })
    }
}

/// Starts as `daemon::open` and `daemon::run` do, without listening.
async fn begin(ground: &Ground, fate: &Arc<Fate>, wire: Arc<Wire>) -> anyhow::Result<Working> {
    let seconds = Arc::clone(&ground.seconds);
    let clock: Clock = Arc::new(move || {
        DateTime::from_timestamp(seconds.load(Ordering::SeqCst), 0).unwrap_or_default()
    });
    let store = SqliteStore::in_memory(&ground.name, &gate(fate))?;
    let config = Arc::clone(&ground.config);
    store.freeze_ids(&config.id.authority, &config.id.date).await?;
    let board = Board {
        folder: Arc::clone(&ground.folder),
        fate: Arc::clone(fate),
        diary: Arc::clone(&ground.diary),
    };
    let fetcher = Fetcher::through(CLIENT.clone().answered_by(wire));
    let fetcher = fetcher.remembering_in(Arc::new(StoredMemory(store.clone())));
    let shelf = Shelf::on(Arc::new(board));
    let pipeline = Pipeline { config: Arc::clone(&config), store, fetcher, shelf, clock };
    make_good(&pipeline).await?;
    let catalogue = Catalogue::idle(pipeline.store.clone(), pipeline.shelf.clone());
    let end = CancellationToken::new();
    // Nobody changes the configuration.
    let (_, config) = watch::channel(config);
    let (changed_sender, changed) = mpsc::unbounded_channel();
    let watched = Watched { metrics: Arc::default(), health: Arc::default(), push: Arc::default() };
    let (fresh, _) = watch::channel(0);
    let tasks = vec![
        tokio::spawn(publisher::run(
            pipeline.clone(),
            catalogue,
            config.clone(),
            changed,
            end.clone(),
            watched.clone(),
            fresh,
        )),
        tokio::spawn(scheduler::run(
            pipeline.clone(),
            config,
            changed_sender,
            end.clone(),
            watched,
        )),
    ];
    tokio::spawn(indexer::find_stories(pipeline, end.clone()));
    Ok(Working { end, tasks })
}

/// Waits until nothing reaches the world any more.
async fn rest(ground: &Ground, fate: &Fate) -> Result<(), String> {
    let version = || -> i64 {
        let records = ground.records.lock().unwrap();
        records.query_row("PRAGMA data_version", [], |row| row.get(0)).unwrap()
    };
    let mut before = None;
    for _ in 0..RESTLESS {
        let now = (fate.points(), version());
        if before == Some(now) {
            return Ok(());
        }
        before = Some(now);
        tokio::time::sleep(REST).await;
    }
    Err("the daemon never comes to rest".to_owned())
}
