//! Takes over a changed configuration while running; a faulty one leaves the running one in place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use notify::{RecursiveMode, Watcher};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::config::Config;
use crate::model::ProblemCode;
use crate::pipeline::Pipeline;
use crate::problem::Fault;

use super::{folder_of, signals};

/// Editors write a file in several strokes; wait until they are done.
const SETTLE: Duration = Duration::from_millis(300);

/// Watches the configuration's files, and SIGHUP, until `end`.
pub(super) async fn run(
    pipeline: Pipeline,
    sender: watch::Sender<Arc<Config>>,
    end: CancellationToken,
) {
    let (touched, mut events) = mpsc::unbounded_channel();
    let mut watched = watcher(&pipeline.config, touched.clone());
    let hangups = tokio::spawn(signals::forward_hangups(touched, end.clone()));
    loop {
        tokio::select! {
            () = end.cancelled() => break,
            event = events.recv() => if event.is_none() { break },
        }
        tokio::time::sleep(SETTLE).await;
        while events.try_recv().is_ok() {}
        signals::notify(&[sd_notify::NotifyState::Reloading]);
        reload(&pipeline, &sender).await;
        if let Some(watched) = &mut watched {
            watch_folders(watched, &sender.borrow());
        }
        signals::notify(&[sd_notify::NotifyState::Ready]);
    }
    let _ = hangups.await;
}

/// Watches the folders rather than the files: editors replace files.
fn watcher(
    config: &Config,
    touched: mpsc::UnboundedSender<()>,
) -> Option<notify::RecommendedWatcher> {
    let data = config.daemon.data.clone();
    let result = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        let is_config = |path: &std::path::PathBuf| {
            path.extension().is_some_and(|end| end == "toml") && !path.starts_with(&data)
        };
        if !event.kind.is_access() && event.paths.iter().any(is_config) {
            let _ = touched.send(());
        }
    });
    match result {
        Ok(mut watcher) => {
            watch_folders(&mut watcher, config);
            Some(watcher)
        }
        Err(error) => {
            warn!("files are not watched ({error}); send SIGHUP after a change");
            None
        }
    }
}

/// Watches the folders of all files that were read; those watched already stay so.
fn watch_folders(watcher: &mut notify::RecommendedWatcher, config: &Config) {
    let folders: BTreeSet<_> = config.files.iter().map(|file| folder_of(file)).collect();
    for folder in folders {
        if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive) {
            warn!(folder = %folder.display(), "folder is not watched: {error}");
        }
    }
}

async fn reload(pipeline: &Pipeline, sender: &watch::Sender<Arc<Config>>) {
    let running = Arc::clone(&sender.borrow());
    let file = running.file.clone();
    let data = running.daemon.data.clone();
    let loaded = tokio::task::spawn_blocking(move || Config::load_with(&file, Some(&data))).await;
    let faults = match loaded {
        Ok(Ok(fresh)) => {
            take_over(&running, fresh, sender);
            Vec::new()
        }
        Ok(Err(faults)) => {
            error!("the configuration has faults and the running one stays:\n{faults}");
            vec![Fault::new(ProblemCode::ConfigFault, faults.to_string())]
        }
        Err(_) => vec![Fault::new(ProblemCode::ConfigFault, "reading it ended in a panic")],
    };
    let current = pipeline.with_config(Arc::clone(&sender.borrow()));
    let told = async {
        current.tell("config", &faults, &[]).await?;
        current.tell_absent().await
    };
    if let Err(error) = told.await {
        error!(code = error.code().as_str(), "{error}");
    }
}

fn take_over(running: &Config, mut fresh: Config, sender: &watch::Sender<Arc<Config>>) {
    if fresh.id != running.id {
        warn!("`[id]` changed; it takes effect only with a restart");
        fresh.id = running.id.clone();
    }
    if fresh.daemon.listen != running.daemon.listen {
        warn!("`daemon.listen` changed; it takes effect only with a restart");
    }
    if fresh.admin.listen != running.admin.listen {
        warn!("`admin.listen` changed; it takes effect only with a restart");
    }
    let mut lines = differences(running, &fresh);
    if fresh.admin.token != running.admin.token {
        lines.push("changed admin.token".to_owned());
    }
    if lines.is_empty() {
        info!("configuration read again");
    }
    for line in lines {
        info!("configuration: {line}");
    }
    sender.send_replace(Arc::new(fresh));
}

/// What changed, a line each: columns and feeds that came, went, or read differently now.
fn differences(old: &Config, new: &Config) -> Vec<String> {
    let describe = |config: &Config| -> BTreeMap<String, String> {
        let columns = config
            .columns()
            .map(|(site, column)| (format!("column {}", column.id), format!("{site:?}{column:?}")));
        let feeds = config.feeds.iter().map(|publication| {
            (format!("feed {}", publication.spec.slug), format!("{publication:?}"))
        });
        let daemon = ("daemon".to_owned(), format!("{:?}{:?}", config.daemon, config.fetch));
        let public = ("public".to_owned(), format!("{:?}", config.public));
        columns.chain(feeds).chain([daemon, public]).collect()
    };
    let (old, new) = (describe(old), describe(new));
    let mut lines = Vec::new();
    for (name, value) in &new {
        match old.get(name) {
            None => lines.push(format!("added {name}")),
            Some(before) if before != value => lines.push(format!("changed {name}")),
            Some(_) => {}
        }
    }
    lines
        .extend(old.keys().filter(|name| !new.contains_key(*name)).map(|n| format!("removed {n}")));
    lines
}
