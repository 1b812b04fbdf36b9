//! Publishes feeds when their columns changed, or on their own cron.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::config::{Config, Publication};
use crate::model::ColumnId;
use crate::pipeline::Pipeline;
use crate::serve::Catalogue;

use super::{GATHER, Watched};

/// The longest sleep between two looks at the clock.
const LOOK: Duration = Duration::from_secs(20);

/// Runs until `end`, then publishes what is still waiting.
pub(super) async fn run(
    mut pipeline: Pipeline,
    catalogue: Catalogue,
    mut config: watch::Receiver<Arc<Config>>,
    mut changed: mpsc::UnboundedReceiver<ColumnId>,
    end: CancellationToken,
    watched: Watched,
) {
    sweep(&pipeline, &catalogue, &watched).await;
    // What a kill left undone is made good first.
    let mut again = publish(&pipeline, &catalogue, &watched, |_| true).await;
    let mut looked = (pipeline.clock)();
    loop {
        let wait = until_cron(&pipeline, looked);
        let mut columns = HashSet::new();
        tokio::select! {
            column = changed.recv() => match column {
                Some(column) => { columns.insert(column); }
                // The scheduler is gone, and with it the last change.
                None => break,
            },
            () = tokio::time::sleep(wait) => {}
            Ok(()) = config.changed() => {
                pipeline = pipeline.with_config(Arc::clone(&config.borrow_and_update()));
                sweep(&pipeline, &catalogue, &watched).await;
                again = publish(&pipeline, &catalogue, &watched, |_| true).await;
                continue;
            }
        }
        if !columns.is_empty() && !end.is_cancelled() {
            gather(&mut changed, &mut columns, &end).await;
        }
        while let Ok(column) = changed.try_recv() {
            columns.insert(column);
        }
        let now = (pipeline.clock)();
        let since = std::mem::replace(&mut looked, now);
        let wanted = |publication: &Publication| {
            again.as_ref().is_some_and(|slugs| slugs.contains(&publication.spec.slug))
                || match &publication.cron {
                    None => {
                        columns.iter().any(|column| publication.spec.selection.may_hold(column))
                    }
                    Some(cron) => cron.next_after(since).is_some_and(|time| time <= now),
                }
        };
        if again.is_some() || pipeline.config.feeds.iter().any(wanted) {
            again = publish(&pipeline, &catalogue, &watched, wanted).await;
        }
    }
}

/// Waits a moment so that a burst of changes is published together.
async fn gather(
    changed: &mut mpsc::UnboundedReceiver<ColumnId>,
    columns: &mut HashSet<ColumnId>,
    end: &CancellationToken,
) {
    let pause = tokio::time::sleep(GATHER);
    tokio::pin!(pause);
    loop {
        tokio::select! {
            () = &mut pause => return,
            () = end.cancelled() => return,
            column = changed.recv() => match column {
                Some(column) => { columns.insert(column); }
                None => return,
            },
        }
    }
}

fn until_cron(pipeline: &Pipeline, looked: DateTime<Utc>) -> Duration {
    let now = (pipeline.clock)();
    pipeline
        .config
        .feeds
        .iter()
        .filter_map(|publication| publication.cron.as_ref()?.next_after(looked))
        .map(|time| (time - now).to_std().unwrap_or_default())
        .min()
        .unwrap_or(LOOK)
        .min(LOOK)
}

/// Takes back what the configuration no longer names.
async fn sweep(pipeline: &Pipeline, catalogue: &Catalogue, watched: &Watched) {
    match pipeline.sweep().await {
        Ok(swept) => {
            catalogue.forget(swept.gone.iter());
            for fault in &swept.faults {
                error!(code = fault.code.as_str(), "{}", fault.detail);
            }
        }
        Err(error) => {
            watched.store_fault("publish", &error);
            error!(code = error.code().as_str(), "{error}");
        }
    }
}

/// Publishes the wanted feeds. Where something could not be written, gives the slugs of the feeds
/// that have to be published again; item pages and the index are looked through every time.
async fn publish(
    pipeline: &Pipeline,
    catalogue: &Catalogue,
    watched: &Watched,
    wanted: impl Fn(&Publication) -> bool,
) -> Option<BTreeSet<String>> {
    let feeds: Vec<&Publication> =
        pipeline.config.feeds.iter().filter(|publication| wanted(publication)).collect();
    let published = match pipeline.publish(&feeds).await {
        Ok(published) => published,
        Err(error) => {
            watched.store_fault("publish", &error);
            error!(code = error.code().as_str(), "{error}");
            return Some(feeds.iter().map(|publication| publication.spec.slug.clone()).collect());
        }
    };
    catalogue.refresh(published.changed.iter()).await;
    watched.health.worked("publish");
    watched.metrics.published(published.changed.len());
    if !published.changed.is_empty() {
        info!(rendered = published.rendered, changed = published.changed.len(), "published");
    }
    if let Err(error) = pipeline.tell("publish", &published.faults, &[]).await {
        error!(code = error.code().as_str(), "{error}");
    }
    (!published.faults.is_empty()).then_some(published.failed)
}
