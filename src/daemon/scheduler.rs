//! Starts the runs of columns when they are due, one run a site at a time: a host gets one
//! connection anyway, and an article that stands in two columns is read once.
//!
//! What is due is decided by the [`Timetable`].

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::config::Config;
use crate::model::{ColumnId, ProblemCode};
use crate::pipeline::{Outcome, Pipeline, RunReport};
use crate::problem::Fault;
use crate::schedule::Timing;
use crate::store::StoreError;

use super::Watched;
use super::care::{Care, Ended};
use super::job::{Duty, Job, Task};
use super::mender::Mender;
use super::plan;
use super::timetable::{Started, Timetable};

/// The longest sleep between two looks at the clock, so that a jump of it is noticed.
const LOOK: Duration = Duration::from_secs(20);
/// The rhythm of a column is learned from what came in so many days.
const RHYTHM_DAYS: i64 = 28;
/// The subject of problems with calendars.
const CALENDAR: &str = "calendar";

/// The jobs of the running configuration.
struct Scheduler {
    pipeline: Pipeline,
    timetable: Timetable,
    tasks: JoinSet<(ColumnId, Result<RunReport, StoreError>)>,
    care: Care,
    mender: Mender,
    changed: mpsc::UnboundedSender<ColumnId>,
    watched: Watched,
    /// On which day the calendars were last looked at.
    looked: Option<NaiveDate>,
}

/// Runs until `end`; runs that are under way then are waited for.
pub(super) async fn run(
    pipeline: Pipeline,
    mut config: watch::Receiver<Arc<Config>>,
    changed: mpsc::UnboundedSender<ColumnId>,
    end: CancellationToken,
    watched: Watched,
) {
    let mut scheduler = Scheduler {
        timetable: Timetable::new(Duty::Refresh, pipeline.config.daemon.workers),
        pipeline,
        tasks: JoinSet::new(),
        care: Care::new(end.clone()),
        mender: Mender::default(),
        changed,
        watched,
        looked: None,
    };
    scheduler.replan().await;
    loop {
        scheduler.start_due().await;
        let wait = scheduler.timetable.wait(scheduler.now(), LOOK);
        tokio::select! {
            // In this order, so that the same events have the same end; whatever may come at once and
            // again comes last.
            biased;
            () = end.cancelled() => break,
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
            () = tokio::time::sleep(wait) => {}
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
        self.pipeline = super::under(&self.pipeline, config);
        self.replan().await;
    }

    /// Plans every column anew.
    async fn replan(&mut self) {
        let mut tasks = plan::refreshes(&self.pipeline.config);
        for task in &mut tasks {
            self.learn(task).await;
        }
        let workers = self.pipeline.config.daemon.workers;
        self.timetable.adopt(&self.pipeline, workers, tasks).await;
        self.watched.metrics.columns(self.timetable.len());
        self.looked = None;
    }

    /// Looks as often as the rhythm of the column suggests, where that is wanted.
    async fn learn(&self, task: &mut Task) {
        let column = task.job.subject.parse::<ColumnId>();
        if let Ok(column) = column
            && let Some(timing) = self.learned(&column, &task.timing).await
        {
            task.timing = timing;
        }
    }

    async fn learned(&self, column: &ColumnId, timing: &Timing) -> Option<Timing> {
        let adaptive = timing.adaptive()?;
        let now = self.now();
        let since = now - TimeDelta::days(RHYTHM_DAYS);
        match self.pipeline.store.arrivals(column, since).await {
            Ok(arrivals) => Some(timing.paced(adaptive.learned(&arrivals, now))),
            Err(error) => {
                error!(code = error.code().as_str(), "{error}");
                None
            }
        }
    }

    async fn start_due(&mut self) {
        self.look_at_calendars().await;
        for Started { job, planned } in self.timetable.due(&self.pipeline).await {
            let id = job.subject.parse::<ColumnId>().ok();
            match id.filter(|id| self.pipeline.config.column(id).is_some()) {
                Some(id) => self.start(id, planned),
                // A column that is gone has no job; that of a name that is none was never planned.
                None => self.timetable.ended(&self.pipeline, &job, false).await,
            }
        }
    }

    fn start(&mut self, id: ColumnId, planned: DateTime<Utc>) {
        let Some((site, column)) = self.pipeline.config.column(&id) else { return };
        let (site, column) = (site.clone(), column.clone());
        let pipeline = self.pipeline.clone();
        self.care.pause(id.site());
        let mender = self.mender.clone();
        self.tasks.spawn(async move {
            let report = pipeline.run(&site, &column, Some(planned)).await;
            let report = match report {
                Ok(report) => {
                    mender.after(&pipeline, &site, &column, &report).await.map(|()| report)
                }
                failed => failed,
            };
            (id, report)
        });
    }

    async fn ended(&mut self, id: ColumnId, report: Result<RunReport, StoreError>) {
        let job = Job::new(Duty::Refresh, &id);
        let good = report.as_ref().is_ok_and(|report| report.outcome != Outcome::Failed);
        self.timetable.ended(&self.pipeline, &job, good).await;
        match report {
            Ok(report) => {
                self.watched.health.worked(&id.to_string());
                self.watched.metrics.run(&report, self.now());
                if !report.changed.is_empty() {
                    // The publisher ends after us, so somebody always listens.
                    let _ = self.changed.send(id.clone());
                }
                self.care.begin(&self.pipeline, id.site());
                if let Some(until) = report.rest_until {
                    self.timetable.hold(&self.pipeline, &job, until).await;
                }
            }
            Err(error) => self.watched.store_fault(&id.to_string(), &error),
        }
        let timing = self.pipeline.config.column(&id).map(|(_, column)| column.timing.clone());
        if let Some(timing) = timing
            && let Some(adaptive) = self.learned(&id, &timing).await.and_then(|t| t.adaptive())
        {
            self.timetable.pace(&job, adaptive);
        }
    }

    /// Once a day, and under each configuration, tells of holidays that nobody told us.
    async fn look_at_calendars(&mut self) {
        let now = self.now();
        if self.looked.replace(now.date_naive()) == Some(now.date_naive()) {
            return;
        }
        let years = plan::unknown_years(&self.pipeline.config, now);
        let years: Vec<String> = years.iter().map(i32::to_string).collect();
        let detail = format!("no `[[calendar]]` for {}", years.join(", "));
        let fault = (!years.is_empty()).then(|| Fault::new(ProblemCode::CalendarMissing, detail));
        let faults: Vec<Fault> = fault.into_iter().collect();
        if let Err(error) = self.pipeline.tell(CALENDAR, &faults, &[]).await {
            error!(code = error.code().as_str(), "{error}");
        }
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
        if ended.again && !self.timetable.is_busy(ended.site.as_str()) {
            self.care.begin(&self.pipeline, &ended.site);
        }
    }
}
