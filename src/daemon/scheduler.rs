//! Starts the runs of columns when they are due, one run a site at a time: a host gets one
//! connection anyway, and an article that stands in two columns is read once.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::config::Config;
use crate::model::{ColumnId, SiteId};
use crate::pipeline::{Pipeline, RunReport};
use crate::store::StoreError;

use super::Watched;
use super::care::{Care, Ended};
use super::plan::{Due, due};

/// The longest sleep between two looks at the clock, so that a jump of it is noticed.
const LOOK: Duration = Duration::from_secs(20);

/// What the name of a column's job begins with, in the ledger.
pub(super) const JOB: &str = "refresh ";

/// The jobs of the running configuration.
struct Scheduler {
    pipeline: Pipeline,
    plan: BTreeMap<ColumnId, Due>,
    running: HashSet<SiteId>,
    places: Arc<Semaphore>,
    tasks: JoinSet<(ColumnId, Result<RunReport, StoreError>)>,
    care: Care,
    changed: mpsc::UnboundedSender<ColumnId>,
    watched: Watched,
}

/// Runs until `end`; runs that are under way then are waited for.
pub(super) async fn run(
    pipeline: Pipeline,
    mut config: watch::Receiver<Arc<Config>>,
    changed: mpsc::UnboundedSender<ColumnId>,
    end: CancellationToken,
    watched: Watched,
) {
    let places = Arc::new(Semaphore::new(pipeline.config.daemon.workers));
    let mut scheduler = Scheduler {
        pipeline,
        plan: BTreeMap::new(),
        running: HashSet::new(),
        places,
        tasks: JoinSet::new(),
        care: Care::new(end.clone()),
        changed,
        watched,
    };
    scheduler.replan().await;
    loop {
        scheduler.start_due().await;
        let wait = scheduler.until_next();
        tokio::select! {
            () = end.cancelled() => break,
            () = tokio::time::sleep(wait) => {}
            Some(done) = scheduler.tasks.join_next() => {
                if let Ok((column, report)) = done {
                    scheduler.ended(column, report).await;
                }
            }
            Some(ended) = scheduler.care.ended() => scheduler.cared(ended),
            Ok(()) = config.changed() => {
                let config = Arc::clone(&config.borrow_and_update());
                scheduler.take_over(config).await;
            }
        }
    }
    while let Some(done) = scheduler.tasks.join_next().await {
        if let Ok((column, report)) = done {
            scheduler.ended(column, report).await;
        }
    }
    while let Some(ended) = scheduler.care.ended().await {
        scheduler.cared(Ended { again: false, ..ended });
    }
}

impl Scheduler {
    fn now(&self) -> DateTime<Utc> {
        (self.pipeline.clock)()
    }

    /// Goes on under a changed configuration; runs under way end under the one they began with.
    async fn take_over(&mut self, config: Arc<Config>) {
        if config.daemon.workers != self.pipeline.config.daemon.workers {
            self.places = Arc::new(Semaphore::new(config.daemon.workers));
        }
        self.pipeline = super::under(&self.pipeline, config);
        self.replan().await;
    }

    /// Plans every column anew from what the ledger says of its last planned time.
    async fn replan(&mut self) {
        let config = Arc::clone(&self.pipeline.config);
        self.plan.clear();
        for (_, column) in config.columns() {
            self.plan_column(&column.id).await;
        }
        self.watched.metrics.columns(self.plan.len());
    }

    async fn plan_column(&mut self, id: &ColumnId) {
        let now = self.now();
        let last = match self.pipeline.store.last_fired(&job(id)).await {
            Ok(last) => last,
            Err(error) => {
                error!(code = error.code().as_str(), "{error}");
                Some(now)
            }
        };
        let Some((site, column)) = self.pipeline.config.column(id) else { return };
        if !site.enabled {
            return;
        }
        if let Some(due) = due(id, &column.cron, column.jitter, last, now) {
            self.plan.insert(id.clone(), due);
        }
    }

    fn until_next(&self) -> Duration {
        let now = self.now();
        self.plan
            .iter()
            .filter(|(id, _)| !self.running.contains(id.site()))
            .map(|(_, due)| (due.starts - now).to_std().unwrap_or_default())
            .min()
            .unwrap_or(LOOK)
            .min(LOOK)
    }

    /// Starts what is due. While a column of a site is being read, its others wait.
    async fn start_due(&mut self) {
        let now = self.now();
        let ready: Vec<(ColumnId, Due)> = self
            .plan
            .iter()
            .filter(|(_, due)| due.starts <= now)
            .map(|(id, due)| (id.clone(), due.clone()))
            .collect();
        for (id, due) in ready {
            if self.running.contains(id.site()) {
                continue;
            }
            self.plan.remove(&id);
            if let Err(error) = self.pipeline.store.fired(&job(&id), due.planned, now).await {
                error!(code = error.code().as_str(), "{error}");
            }
            self.start(id, due.planned);
        }
    }

    fn start(&mut self, id: ColumnId, planned: DateTime<Utc>) {
        let Some((site, column)) = self.pipeline.config.column(&id) else { return };
        let (site, column) = (site.clone(), column.clone());
        let (pipeline, places) = (self.pipeline.clone(), Arc::clone(&self.places));
        self.running.insert(id.site().clone());
        self.care.pause(id.site());
        self.tasks.spawn(async move {
            let _place = places.acquire_owned().await;
            let report = pipeline.run(&site, &column, Some(planned)).await;
            (id, report)
        });
    }

    async fn ended(&mut self, id: ColumnId, report: Result<RunReport, StoreError>) {
        self.running.remove(id.site());
        match report {
            Ok(report) => {
                self.watched.health.worked(&id.to_string());
                self.watched.metrics.run(&report, self.now());
                if !report.changed.is_empty() {
                    // The publisher ends after us, so somebody always listens.
                    let _ = self.changed.send(id.clone());
                }
                self.care.begin(&self.pipeline, id.site());
            }
            Err(error) => self.watched.store_fault(&id.to_string(), &error),
        }
        self.plan_column(&id).await;
    }
}

impl Scheduler {
    /// Has the columns published whose pictures are ours now.
    fn cared(&mut self, ended: Ended) {
        match ended.columns {
            Ok(columns) => {
                for column in columns {
                    let _ = self.changed.send(column);
                }
            }
            Err(error) => self.watched.store_fault(ended.site.as_str(), &error),
        }
        if ended.again && !self.running.contains(&ended.site) {
            self.care.begin(&self.pipeline, &ended.site);
        }
    }
}

fn job(id: &ColumnId) -> String {
    format!("{JOB}{id}")
}
