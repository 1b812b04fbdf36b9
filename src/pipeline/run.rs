//! One run of one column with everything around it: ledger, problems, log line.

use std::future::Future;

use chrono::{DateTime, Utc};
use tracing::{Instrument, error, info, info_span, warn};

use crate::config::{Column, Site};
use crate::model::{ColumnId, ProblemCode};
use crate::problem::Fault;
use crate::store::StoreError;

use super::report::{Outcome, RunReport};
use super::{Pipeline, progress, quality};

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
        let (pipeline, site, own) = (self.clone(), site.clone(), column.clone());
        let work = async move { pipeline.refresh(&site, &own).await };
        self.recorded(column, planned, work).await
    }

    /// Does `work` on a column and records how it went.
    pub(super) async fn recorded(
        &self,
        column: &Column,
        planned: Option<DateTime<Utc>>,
        work: impl Future<Output = Result<RunReport, StoreError>> + Send + 'static,
    ) -> Result<RunReport, StoreError> {
        let started = self.now();
        let run = self.store.begin_run(&column.id, planned, started).await?;
        progress::run_began(&column.id);
        let span = info_span!("run", column = %column.id, run);
        let report = match guarded(work, column).instrument(span.clone()).await {
            Ok(report) => report,
            Err(error) => {
                span.in_scope(|| error!(code = error.code().as_str(), "{error}"));
                self.store_failed(run, column, &error).await;
                return Err(error);
            }
        };
        let told = [report.faults.as_slice(), &report.remarks].concat();
        let still = [report.waiting.as_slice(), of_repairs(report.outcome)].concat();
        self.tell(&column.id.to_string(), &told, &still).await?;
        let counts = serde_json::to_string(&report).unwrap_or_default();
        let ended = self.now();
        let (outcome, down) = (report.outcome.as_str(), quality::is_down(&report));
        self.store.end_run(run, outcome, &counts, down, ended).await?;
        progress::run_ended(&column.id);
        span.in_scope(|| log(&report, (ended - started).num_milliseconds()));
        Ok(report)
    }

    /// Leaves a trace of a run that could not be stored. A small record may still find room where
    /// a run did not; where it finds none either, the log has told.
    async fn store_failed(&self, run: i64, column: &Column, error: &StoreError) {
        let (subject, fault) = (column.id.to_string(), Fault::from(error));
        let now = self.now();
        let _ = self.store.raise(fault.code, &subject, &fault.detail, now).await;
        let _ = self.store.end_run(run, Outcome::Failed.as_str(), "{}", false, now).await;
    }

    /// Opens the problems of `subject` that `faults` name and heals its others, except those of
    /// the codes in `still`.
    pub async fn tell(
        &self,
        subject: &str,
        faults: &[Fault],
        still: &[ProblemCode],
    ) -> Result<(), StoreError> {
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
        open.extend(still);
        for healed in self.store.heal(subject, &open, now).await? {
            info!(subject, code = healed.code.as_str(), "problem healed");
        }
        Ok(())
    }

    /// Heals the problems of columns, and of files of sites, that are not read any more. Rules that
    /// were changed of a site that is switched off are still a person's to look at.
    pub async fn tell_absent(&self) -> Result<(), StoreError> {
        let off = self.config.sites.iter().filter(|site| !site.enabled);
        let off: Vec<&ColumnId> =
            off.flat_map(|site| &site.columns).map(|column| &column.id).collect();
        let columns = self.config.columns().map(|(_, column)| column.id.to_string());
        let sites = self.config.columns().map(|(site, _)| site.id.to_string());
        let read: Vec<String> = columns.chain(sites).collect();
        for problem in self.store.problems().await? {
            let column = problem.subject.parse::<ColumnId>().ok();
            let is_column = column.is_some();
            let still = match column {
                Some(column) if off.contains(&&column) => of_repairs(Outcome::Failed),
                _ => &[],
            };
            let of_files =
                matches!(problem.code, ProblemCode::CustodyFailed | ProblemCode::CustodyRefused);
            if (is_column || of_files) && !read.contains(&problem.subject) {
                self.tell(&problem.subject, &[], still).await?;
            }
        }
        Ok(())
    }
}

/// What a run says nothing of: rules that were changed are a person's to look at; those that could
/// not be written are still wanted while the column is not read.
fn of_repairs(outcome: Outcome) -> &'static [ProblemCode] {
    match outcome {
        Outcome::Failed => &[ProblemCode::RepairApplied, ProblemCode::RepairUnwritten],
        _ => &[ProblemCode::RepairApplied],
    }
}

/// A panic is the run's failure, not the process's.
async fn guarded(
    work: impl Future<Output = Result<RunReport, StoreError>> + Send + 'static,
    column: &Column,
) -> Result<RunReport, StoreError> {
    match tokio::spawn(work.in_current_span()).await {
        Ok(result) => result,
        Err(_) => {
            let mut report = RunReport::new(column.id.clone());
            report.outcome = Outcome::Failed;
            let detail = "the run ended in a panic; nothing of it was stored";
            report.faults.push(Fault::new(ProblemCode::RunPanicked, detail));
            Ok(report)
        }
    }
}

fn log(report: &RunReport, duration_ms: i64) {
    info!(
        outcome = report.outcome.as_str(),
        listed = report.listed,
        fetched = report.fetched,
        new = report.new,
        revised = report.revised,
        held = report.held,
        withdrawn = report.withdrawn,
        restored = report.restored,
        left = report.left,
        duration_ms,
        "column refreshed"
    );
}
