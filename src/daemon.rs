//! The daemon: opens what it works on, then refreshes, publishes and serves until told to end.
//!
//! The only module beside `cli` that reads the clock and listens to signals.

mod agenda;
mod care;
mod editor;
mod indexer;
mod job;
mod keeper;
mod mender;
mod metrics;
mod offer;
mod per_config;
mod plan;
mod publisher;
mod pusher;
mod reload;
mod scheduler;
mod serving;
mod signals;
mod teller;
mod timetable;
#[cfg(test)]
mod world;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::config::Config;
use crate::fetch::{FetchSettings, Fetcher};
use crate::model::{ColumnId, SiteId};
use crate::net::NetSettings;
use crate::pipeline::{Clock, Patience, Pipeline, RunReport, StoredMemory};
use crate::publish::Shelf;
use crate::serve::{Catalogue, Health, Listener};
use crate::store::{SqliteStore, StoreError, StoreOptions};

pub use job::{Duty, Job};
pub use mender::{NotPut, put_in_place};
pub use metrics::Metrics;
pub use plan::{Horizon, Planned, next_times, unknown_years};
pub use signals::wait_for_end;

/// The clock of the machine.
pub fn machine_clock() -> Clock {
    #[expect(clippy::disallowed_methods, reason = "the daemon is where the clock is read")]
    Arc::new(Utc::now)
}

/// Opens data folder, store, shelf and client for `config`.
///
/// Fails with the store's error when another daemon holds the folder, when the ids would change, or
/// when the database cannot be read.
pub async fn open(config: Arc<Config>, clock: Clock) -> anyhow::Result<Pipeline> {
    let data = &config.daemon.data;
    std::fs::create_dir_all(data)
        .map_err(|error| StoreError::File { path: data.clone(), error })?;
    let store = SqliteStore::open(data, StoreOptions::default())?;
    store.freeze_ids(&config.id.authority, &config.id.date).await?;
    let shelf = Shelf::open(&data.join("public"))?;
    let fetcher =
        Fetcher::new(fetch_settings(&config)).remembering_in(Arc::new(StoredMemory(store.clone())));
    let pipeline = Pipeline { config, store, fetcher, shelf, clock };
    make_good(&pipeline).await?;
    Ok(pipeline)
}

/// What a kill cut off is made good before anything else happens.
async fn make_good(pipeline: &Pipeline) -> anyhow::Result<()> {
    pipeline.recover().await?;
    pipeline.tell_absent().await?;
    pipeline.name_sites().await.map_err(Into::into)
}

/// The steps on the data folder of `config` beside the daemon that has it: for work whose every
/// result is one transaction.
pub fn open_beside(config: Arc<Config>, clock: Clock) -> anyhow::Result<Pipeline> {
    let data = &config.daemon.data;
    let store = SqliteStore::open_beside(data)?;
    let shelf = Shelf::beside(&data.join("public"))?;
    let fetcher =
        Fetcher::new(fetch_settings(&config)).remembering_in(Arc::new(StoredMemory(store.clone())));
    Ok(Pipeline { config, store, fetcher, shelf, clock })
}

/// The same pipeline under a changed configuration; the client is a new one where names lead
/// elsewhere now.
fn under(pipeline: &Pipeline, config: Arc<Config>) -> Pipeline {
    if config.fetch.resolve == pipeline.config.fetch.resolve {
        return pipeline.with_config(config);
    }
    let fetcher = pipeline.fetcher.with_settings(fetch_settings(&config));
    Pipeline { fetcher, ..pipeline.with_config(config) }
}

/// What a fetcher under this configuration needs to know.
pub fn fetch_settings(config: &Config) -> FetchSettings {
    let resolve = config.fetch.resolve.clone().into_iter().collect();
    FetchSettings { net: NetSettings { resolve } }
}

/// Refreshes `columns` once, then publishes everything.
///
/// Several sites are read at a time, the columns of a site one after the other: an article that
/// stands in two of them is read once, and then come the files of its items. `seen` hears of each
/// run as it ends.
pub async fn once(
    pipeline: &Pipeline,
    columns: &[ColumnId],
    seen: impl Fn(&RunReport),
) -> Result<(Vec<RunReport>, crate::pipeline::Published), StoreError> {
    let places = Arc::new(Semaphore::new(pipeline.config.daemon.workers));
    let (told, mut ended) = mpsc::unbounded_channel();
    let mut sites: BTreeMap<&SiteId, Vec<ColumnId>> = BTreeMap::new();
    for id in columns {
        sites.entry(id.site()).or_default().push(id.clone());
    }
    let starter = {
        let pipeline = pipeline.clone();
        let sites: Vec<Vec<ColumnId>> = sites.into_values().collect();
        tokio::spawn(async move {
            for columns in sites {
                // In the order of the sites, so that one worker gives one order of items.
                let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
                let (pipeline, told) = (pipeline.clone(), told.clone());
                tokio::spawn(async move {
                    let _place = place;
                    for id in &columns {
                        let Some((site, column)) = pipeline.config.column(id) else { continue };
                        // Nobody listens any more once a store has failed.
                        if told.send(pipeline.run(site, column, None).await).is_err() {
                            return;
                        }
                    }
                    let site = columns.first().and_then(|id| pipeline.config.site(id.site()));
                    let Some(site) = site else { return };
                    if let Err(error) = pipeline.take_in(site, &Patience::default()).await {
                        let _ = told.send(Err(error));
                    }
                });
            }
        })
    };
    let mut reports = Vec::new();
    while let Some(report) = ended.recv().await {
        let report = report?;
        seen(&report);
        reports.push(report);
    }
    starter.await.map_err(|_| StoreError::stopped())?;
    pipeline.gather_stories().await?;
    reports.sort_by(|a, b| a.column.cmp(&b.column));
    Ok((reports, publish_all(pipeline).await?))
}

/// Publishes everything there is.
pub async fn publish_all(pipeline: &Pipeline) -> Result<crate::pipeline::Published, StoreError> {
    let swept = pipeline.sweep().await?;
    let (_, out_of_turn) = pipeline.store.unpublished().await?;
    let (_, retold) = pipeline.store.retold().await?;
    let mut published = pipeline.publish(&pipeline.all_publications()).await?;
    if published.faults.is_empty() && out_of_turn > 0 {
        pipeline.store.published_out_of_turn(out_of_turn).await?;
    }
    if published.faults.is_empty() && retold > 0 {
        pipeline.store.published_retold(retold).await?;
    }
    published.faults.extend(swept.faults);
    pipeline.tell("publish", &published.faults, &[]).await?;
    Ok(published)
}

/// What the caller of [`run`] wants to know and to steer.
pub struct Handles {
    /// Cancelled when the daemon is to end.
    pub end: CancellationToken,
    /// Told the addresses once readers and operators are served.
    pub ready: Box<dyn FnOnce(Bound) + Send>,
}

/// Where the daemon listens, with the ports that the system chose where 0 was configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// For readers.
    pub public: SocketAddr,
    /// For operators.
    pub admin: SocketAddr,
}

/// Where the parts of the daemon tell how they do.
#[derive(Clone)]
struct Watched {
    metrics: Arc<Metrics>,
    health: Arc<Health>,
    /// Wakes whoever sends things out.
    push: Arc<Notify>,
}

impl Watched {
    fn store_fault(&self, subject: &str, error: &StoreError) {
        self.metrics.store_fault(error);
        self.health.failed(subject, error);
    }
}

/// Runs the daemon until `handles.end`; returns when everything came to rest, or at the deadline.
///
/// Fails with a [`crate::serve::ListenError`] when an address cannot be listened on.
pub async fn run(pipeline: Pipeline, handles: Handles) -> anyhow::Result<()> {
    let end = handles.end;
    let readers = Listener::bind("daemon.listen", pipeline.config.daemon.listen).await?;
    let operators = Listener::bind("admin.listen", pipeline.config.admin.listen).await?;
    let bound = Bound { public: readers.address(), admin: operators.address() };
    let (config_sender, config) = watch::channel(Arc::clone(&pipeline.config));
    let latest = config.clone();
    let (changed_sender, changed) = mpsc::unbounded_channel();
    let watched = Watched { metrics: Arc::default(), health: Arc::default(), push: Arc::default() };

    // What was published before is shown at once; what a kill left undone is made good.
    let catalogue = Catalogue::open(pipeline.store.clone(), pipeline.shelf.clone()).await?;
    let (fresh_sender, fresh) = watch::channel(pipeline.store.published_seq().await?);
    let (to_index, to_follow, ended) = (fresh.clone(), fresh.clone(), end.clone());
    let serving = serving::serving(&pipeline, catalogue.clone(), &config, &watched, fresh, ended);
    let servers = [
        tokio::spawn(readers.serve_readers(serving.clone(), end.clone())),
        tokio::spawn(operators.serve_operators(serving, end.clone())),
    ];
    info!(public = %bound.public, admin = %bound.admin, "serving");
    let publisher = tokio::spawn(publisher::run(
        pipeline.clone(),
        catalogue,
        config.clone(),
        changed,
        end.clone(),
        watched.clone(),
        fresh_sender,
    ));
    let pusher =
        tokio::spawn(pusher::run(pipeline.clone(), config.clone(), end.clone(), watched.clone()));
    let teller =
        tokio::spawn(teller::run(pipeline.clone(), config.clone(), end.clone(), watched.clone()));
    let editor = tokio::spawn(editor::run(
        pipeline.clone(),
        config.clone(),
        to_follow,
        end.clone(),
        watched.clone(),
    ));
    let keeper =
        tokio::spawn(keeper::run(pipeline.clone(), config.clone(), end.clone(), watched.clone()));
    let stories = tokio::spawn(indexer::find_stories(pipeline.clone(), end.clone()));
    let indexer = tokio::spawn(indexer::run(pipeline.store.clone(), to_index, end.clone()));
    let scheduler = tokio::spawn(scheduler::run(
        pipeline.clone(),
        config,
        changed_sender,
        end.clone(),
        watched,
    ));
    let hangups = signals::hangups();
    let reload = tokio::spawn(reload::run(pipeline.clone(), config_sender, hangups, end.clone()));
    signals::notify(&[sd_notify::NotifyState::Ready]);
    (handles.ready)(bound);
    end.cancelled().await;
    signals::notify(&[sd_notify::NotifyState::Stopping]);
    info!("ending");
    let deadline = latest.borrow().daemon.shutdown;
    let rest = async {
        // In this order: no new runs, then what they changed is published, then readers go.
        let _ = scheduler.await;
        let _ = publisher.await;
        let _ = reload.await;
        let _ = pusher.await;
        let _ = teller.await;
        let _ = editor.await;
        let _ = keeper.await;
        let _ = indexer.await;
        let _ = stories.await;
        for server in servers {
            let _ = server.await;
        }
    };
    if tokio::time::timeout(deadline, rest).await.is_err() {
        warn!(deadline_s = deadline.as_secs(), "not everything came to rest before the deadline");
    }
    if let Err(error) = pipeline.store.close().await {
        error!(code = error.code().as_str(), "{error}");
    }
    info!("ended");
    Ok(())
}

/// How long changes are gathered before feeds are published.
const GATHER: Duration = Duration::from_millis(300);
