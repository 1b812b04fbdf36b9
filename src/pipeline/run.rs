//! One run of one column with everything around it: ledger, problems, log line.

use chrono::{DateTime, Utc};
use tracing::{Instrument, error, info, info_span, warn};

use crate::config::{Column, Site};
use crate::model::ProblemCode;
use crate::problem::Fault;
use crate::store::StoreError;

use super::Pipeline;
use super::refresh::{Outcome, RunReport};

impl Pipeline {
    /// Refreshes a column and records how it went; a panic becomes the run's failure.
    ///
    /// `planned` is the time the schedule had in mind, `None` when a person asked for the run.
    pub async fn run(
        &self,
        site: &Site,
        column: &Column,
        planned: Option<DateTime<Utc>>,
    ) -> Result<RunReport, StoreError> {
        let started = self.now();
        let run = self.store.begin_run(&column.id, planned, started).await?;
        let span = info_span!("run", column = %column.id, run);
        let report = self.guarded(site, column).instrument(span.clone()).await;
        let report = match report {
            Ok(report) => report,
            Err(error) => {
                span.in_scope(|| error!(code = error.code().as_str(), "{error}"));
                return Err(error);
            }
        };
        self.tell(&column.id.to_string(), &report.faults).await?;
        let counts = serde_json::to_string(&report).unwrap_or_default();
        let ended = self.now();
        self.store.end_run(run, report.outcome.as_str(), &counts, ended).await?;
        span.in_scope(|| log(&report, (ended - started).num_milliseconds()));
        Ok(report)
    }

    async fn guarded(&self, site: &Site, column: &Column) -> Result<RunReport, StoreError> {
        let (pipeline, site, column) = (self.clone(), site.clone(), column.clone());
        let id = column.id.clone();
        let work = async move { pipeline.refresh(&site, &column).await };
        match tokio::spawn(work.in_current_span()).await {
            Ok(result) => result,
            Err(_) => {
                let mut report = RunReport::new(id);
                report.outcome = Outcome::Failed;
                let detail = "the run ended in a panic; nothing of it was stored";
                report.faults.push(Fault::new(ProblemCode::RunPanicked, detail));
                Ok(report)
            }
        }
    }

    /// Opens the problems of `subject` that `faults` name and heals its others.
    pub async fn tell(&self, subject: &str, faults: &[Fault]) -> Result<(), StoreError> {
        let now = self.now();
        let mut open: Vec<ProblemCode> = Vec::new();
        for fault in faults {
            if open.contains(&fault.code) {
                continue;
            }
            open.push(fault.code);
            if self.store.raise(fault.code, subject, &fault.detail, now).await? {
                warn!(subject, code = fault.code.as_str(), "problem opened: {}", fault.detail);
            }
        }
        for healed in self.store.heal(subject, &open, now).await? {
            info!(subject, code = healed.code.as_str(), "problem healed");
        }
        Ok(())
    }
}

fn log(report: &RunReport, duration_ms: i64) {
    info!(
        outcome = report.outcome.as_str(),
        listed = report.listed,
        fetched = report.fetched,
        new = report.new,
        revised = report.revised,
        left = report.left,
        duration_ms,
        "column refreshed"
    );
}
