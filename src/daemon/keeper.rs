//! Keeps the data folder within its bounds, once a day, and tells the operator how the disk stands.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use crate::config::Config;
use crate::model::Usage;
use crate::pipeline::Pipeline;
use crate::store::{Room, StoreError};

use super::Watched;
use super::job::Duty;
use super::plan;
use super::timetable::{Started, Timetable};

/// The longest sleep between two looks at the clock, which may jump.
const LOOK: Duration = Duration::from_secs(30);
/// How often the free space of the disk is looked at (minutes).
const GLANCE: i64 = 15;
/// There is one job.
const ONE: usize = 1;

struct Keeper {
    pipeline: Pipeline,
    watched: Watched,
    timetable: Timetable,
    /// As it was last added up.
    usage: Option<Usage>,
    glanced: DateTime<Utc>,
}

/// Runs until `end`.
pub(super) async fn run(
    pipeline: Pipeline,
    mut config: watch::Receiver<Arc<Config>>,
    end: CancellationToken,
    watched: Watched,
) {
    let (timetable, glanced) = (Timetable::new(Duty::Prune, ONE), (pipeline.clock)());
    let mut keeper = Keeper { pipeline, watched, timetable, usage: None, glanced };
    keeper.adopt().await;
    keeper.survey().await;
    loop {
        tokio::select! {
            // Whatever it is at: what is half done is done the next time.
            () = end.cancelled() => break,
            () = keeper.work() => {}
        }
        let wait = keeper.timetable.wait((keeper.pipeline.clock)(), LOOK);
        tokio::select! {
            () = end.cancelled() => break,
            () = tokio::time::sleep(wait) => {}
            Ok(()) = config.changed() => {
                let config = Arc::clone(&config.borrow_and_update());
                keeper.pipeline = keeper.pipeline.with_config(config);
                keeper.adopt().await;
                keeper.survey().await;
            }
        }
    }
}

impl Keeper {
    async fn adopt(&mut self) {
        let tasks = plan::prunings(&self.pipeline.config);
        self.timetable.adopt(&self.pipeline, ONE, tasks).await;
    }

    /// What is due, and a glance at the disk.
    async fn work(&mut self) {
        for Started { job, .. } in self.timetable.due(&self.pipeline).await {
            let good = self.prune().await;
            self.timetable.ended(&self.pipeline, &job, good).await;
        }
        let now = (self.pipeline.clock)();
        // Also where the clock was set back.
        if (now - self.glanced).abs() >= TimeDelta::minutes(GLANCE) {
            self.glanced = now;
            self.glance().await;
        }
    }

    async fn prune(&mut self) -> bool {
        match self.pipeline.prune().await {
            Ok(pruned) => {
                for fault in &pruned.faults {
                    warn!(code = fault.code.as_str(), "{}", fault.detail);
                }
                self.show(pruned.usage);
                pruned.faults.is_empty()
            }
            Err(error) => {
                self.failed(&error);
                false
            }
        }
    }

    /// Adds up what the folder takes up.
    async fn survey(&mut self) {
        match self.pipeline.usage().await {
            Ok(usage) => {
                self.show(usage);
                self.tell().await;
            }
            Err(error) => self.failed(&error),
        }
    }

    /// How much the disk has left: that changes by what others do, too.
    async fn glance(&mut self) {
        let left = Room::left(&self.pipeline.config.daemon.data);
        let (Some(usage), Ok(disk_free)) = (&self.usage, left) else { return };
        self.show(Usage { disk_free, ..usage.clone() });
        self.tell().await;
    }

    fn show(&mut self, usage: Usage) {
        self.watched.metrics.used(&usage);
        self.watched.health.used(usage.clone());
        self.usage = Some(usage);
    }

    async fn tell(&self) {
        let Some(usage) = &self.usage else { return };
        if let Err(error) = self.pipeline.tell_disk(usage).await {
            self.failed(&error);
        }
    }

    fn failed(&self, error: &StoreError) {
        self.watched.metrics.store_fault(error);
        error!(code = error.code().as_str(), "{error}");
    }
}
