//! Takes over a changed configuration while running; a faulty one leaves the running one in place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::signal::unix::Signal;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::config::{Config, Faults, Site, Token, Written};
use crate::model::{Lang, ProblemCode};
use crate::pipeline::Pipeline;
use crate::problem::Fault;
use crate::store::StoreError;

use super::signals;

/// Editors write a file in several strokes; wait until they are done.
const SETTLE: Duration = Duration::from_millis(300);

/// Watches the configuration's files, and SIGHUP, until `end`.
pub(super) async fn run(
    pipeline: Pipeline,
    sender: watch::Sender<Arc<Config>>,
    hangups: Option<Signal>,
    end: CancellationToken,
) {
    let (touched, mut events) = mpsc::unbounded_channel();
    let file = pipeline.config.file.clone();
    let mut watched = Folders::new(&pipeline.config, touched.clone());
    watched.follow(&file);
    // What an earlier process had to complain about was mended before this one started.
    tell(&pipeline, &[]).await;
    let hangups = tokio::spawn(signals::forward_hangups(hangups, touched, end.clone()));
    loop {
        tokio::select! {
            () = end.cancelled() => break,
            event = events.recv() => if event.is_none() { break },
        }
        tokio::time::sleep(SETTLE).await;
        while events.try_recv().is_ok() {}
        signals::notify_reloading();
        // First the watch, then the reading: what changes meanwhile is noticed.
        watched.follow(&file);
        reload(&pipeline, &sender).await;
        signals::notify(&[sd_notify::NotifyState::Ready]);
    }
    let _ = hangups.await;
}

/// The folders that are watched.
struct Folders {
    watcher: Option<RecommendedWatcher>,
    folders: BTreeMap<PathBuf, bool>,
}

impl Folders {
    fn new(config: &Config, touched: mpsc::UnboundedSender<()>) -> Self {
        let data = config.daemon.data.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            let concerns = |path: &PathBuf| !path.starts_with(&data) && may_be_config(path);
            if !event.kind.is_access() && event.paths.iter().any(concerns) {
                // Nobody listens any more when the daemon ends.
                let _ = touched.send(());
            }
        });
        let watcher = watcher
            .map_err(|error| warn!("files are not watched ({error}); send SIGHUP after a change"))
            .ok();
        Self { watcher, folders: BTreeMap::new() }
    }

    /// Watches the folders rather than the files, since editors replace files; those that are named
    /// now and were not before, even where the configuration as a whole has faults.
    fn follow(&mut self, file: &Path) {
        let mut wanted = Config::folders(file);
        loop {
            self.watch(wanted);
            // A folder may have come before the one above it was watched.
            wanted = Config::folders(file);
            if wanted == self.folders {
                break;
            }
        }
    }

    fn watch(&mut self, wanted: BTreeMap<PathBuf, bool>) {
        let earlier = std::mem::replace(&mut self.folders, wanted);
        let Some(watcher) = &mut self.watcher else { return };
        for folder in earlier.keys().filter(|folder| !self.folders.contains_key(*folder)) {
            // A folder that is gone is no longer watched anyway.
            let _ = watcher.unwatch(folder);
        }
        // Watching again does no harm, and finds a folder that was replaced.
        for (folder, deep) in &self.folders {
            let mode = if *deep { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
            if let Err(error) = watcher.watch(folder, mode) {
                warn!(folder = %folder.display(), "not watched: {error}");
            }
        }
    }
}

/// A TOML file, or a folder that may bring or take some with it; never a file without an ending,
/// such as a log that the daemon itself writes there.
fn may_be_config(path: &Path) -> bool {
    match path.extension() {
        Some(end) => end == "toml",
        None => !path.is_file(),
    }
}

async fn reload(pipeline: &Pipeline, sender: &watch::Sender<Arc<Config>>) {
    let running = Arc::clone(&sender.borrow());
    let (file, overrides) = (running.file.clone(), running.overrides.clone());
    let load = move || Config::load_under(&file, overrides);
    let faults = match tokio::task::spawn_blocking(load).await {
        Ok(Ok(fresh)) => {
            let refused = refused_ids(pipeline, &running, &fresh).await;
            take_over(&running, fresh, refused.as_ref(), sender);
            Vec::new()
        }
        Ok(Err(faults)) => {
            error!("the configuration has faults and the running one stays:\n{faults}");
            vec![Fault::new(ProblemCode::ConfigFault, one_line(&faults))]
        }
        Err(_) => vec![Fault::new(ProblemCode::ConfigFault, "reading it ended in a panic")],
    };
    let current = pipeline.with_config(Arc::clone(&sender.borrow()));
    tell(&current, &faults).await;
    if let Err(error) = current.tell_absent().await {
        error!(code = error.code().as_str(), "{error}");
    }
}

fn one_line(faults: &Faults) -> String {
    faults.0.iter().map(|fault| fault.text(Lang::En)).collect::<Vec<_>>().join("; ")
}

async fn tell(pipeline: &Pipeline, faults: &[Fault]) {
    if let Err(error) = pipeline.tell("config", faults, &[]).await {
        error!(code = error.code().as_str(), "{error}");
    }
}

/// Why no daemon would start on the same data with the ids of `fresh`.
async fn refused_ids(pipeline: &Pipeline, running: &Config, fresh: &Config) -> Option<StoreError> {
    if fresh.id == running.id || fresh.daemon.data != running.daemon.data {
        return None;
    }
    let checked = pipeline.store.check_ids(&fresh.id.authority, &fresh.id.date).await;
    checked.err().filter(|error| matches!(error, StoreError::IdFrozen { .. }))
}

fn take_over(
    running: &Config,
    fresh: Config,
    refused: Option<&StoreError>,
    sender: &watch::Sender<Arc<Config>>,
) {
    let fresh = keep_fixed(running, fresh, refused);
    let lines = differences(running, &fresh);
    if lines.is_empty() {
        info!("configuration read again, nothing changed");
        return;
    }
    for line in lines {
        info!("configuration: {line}");
    }
    sender.send_replace(Arc::new(fresh));
}

/// What was fixed when the daemon started stays as it is; `refused` says why a restart with the fresh
/// ids will be.
fn keep_fixed(running: &Config, mut fresh: Config, refused: Option<&StoreError>) -> Config {
    let needs_restart = |key: &str| warn!("`{key}` changed; it takes effect only with a restart");
    if fresh.id != running.id {
        match refused {
            Some(error) => {
                warn!("`id` changed; set it back, or a restart will be refused: {error}")
            }
            None => needs_restart("id"),
        }
        fresh.id.clone_from(&running.id);
    }
    if fresh.daemon.data != running.daemon.data {
        needs_restart("daemon.data");
        fresh.daemon.data.clone_from(&running.daemon.data);
    }
    if fresh.daemon.listen != running.daemon.listen {
        needs_restart("daemon.listen");
        fresh.daemon.listen = running.daemon.listen;
    }
    if fresh.admin.listen != running.admin.listen {
        needs_restart("admin.listen");
        fresh.admin.listen = running.admin.listen;
    }
    fresh
}

/// Things that are named as changed by others, at most.
const NAMED: usize = 5;

/// What changed, a line each: what came, what went, which keys read differently now, and what
/// became another by that.
fn differences(old: &Config, new: &Config) -> Vec<String> {
    let (before, now) = (described(old), described(new));
    let named = before.keys().chain(now.keys());
    let named = named.chain(old.written.things()).chain(new.written.things());
    let names: BTreeSet<&String> = named.collect();
    let (mut lines, mut following) = (Vec::new(), Vec::new());
    for name in names {
        let is_known = |described: &BTreeMap<String, String>, written: &Written| {
            described.contains_key(name) || written.things().any(|thing| thing == name)
        };
        let keys = old.written.changes(&new.written, name);
        match (is_known(&before, &old.written), is_known(&now, &new.written)) {
            (false, _) => lines.push(format!("added {name}")),
            (_, false) => lines.push(format!("removed {name}")),
            _ if !keys.is_empty() => lines.push(format!("changed {name}: {}", keys.join("; "))),
            _ if before.get(name) != now.get(name) => following.push(name.as_str()),
            _ => {}
        }
    }
    if !following.is_empty() {
        let more = following.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        following.truncate(NAMED);
        lines.push(format!("changed by what stands elsewhere: {}{more}", following.join(", ")));
    }
    lines
}

fn described(config: &Config) -> BTreeMap<String, String> {
    let columns = config.columns().map(|(site, column)| {
        // The other columns of the site do not concern this one.
        let site = Site { columns: Vec::new(), ..site.clone() };
        (format!("column {}", column.id), format!("{site:?}{column:?}"))
    });
    let paused = config.sites.iter().filter(|site| !site.enabled);
    let paused = paused.map(|site| (format!("disabled site {}", site.id), format!("{site:?}")));
    let feeds = config
        .feeds
        .iter()
        .map(|publication| (format!("feed {}", publication.spec.slug), format!("{publication:?}")));
    let hooks = config.webhooks.iter().map(|hook| {
        // A changed secret is a change, and must not be printed.
        let secret = blake3::hash(hook.secret.reveal());
        (format!("webhook {}", hook.id), format!("{hook:?} {secret}"))
    });
    let Config { daemon, admin, public, websub, fetch, schedule, .. } = config;
    let settings = [
        ("[daemon]", format!("{daemon:?}")),
        ("[admin]", format!("{admin:?} {:?}", admin.token.as_ref().map(Token::reveal))),
        ("[public]", format!("{public:?}")),
        ("[websub]", format!("{websub:?}")),
        ("[fetch]", format!("{fetch:?}")),
        ("[schedule]", format!("{schedule:?}")),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value));
    columns.chain(paused).chain(feeds).chain(hooks).chain(settings).collect()
}
