//! Counters in the `OpenMetrics` text form, for `/metrics`.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use chrono::{DateTime, Utc};

use crate::fetch::FetchStats;
use crate::model::{Problem, Usage};
use crate::pipeline::{Outcome, RunReport};
use crate::store::StoreError;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RunLabels {
    column: String,
    outcome: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CodeLabels {
    code: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ColumnLabels {
    column: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct AnswerLabels {
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct KindLabels {
    kind: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct PushLabels {
    kind: &'static str,
    outcome: &'static str,
}

/// Statuses of nearly all answers, which are counted without a look into the family.
const COMMON: [u16; 2] = [304, 200];

/// The daemon's counters.
pub struct Metrics {
    registry: Registry,
    runs: Family<RunLabels, Counter>,
    items: Counter,
    documents: Counter,
    store_faults: Family<CodeLabels, Counter>,
    problems: Family<CodeLabels, Gauge>,
    last_good: Family<ColumnLabels, Gauge>,
    columns: Gauge,
    answers: Family<AnswerLabels, Counter>,
    /// Of the family those of [`COMMON`], once there was such an answer.
    common: [OnceLock<Counter>; COMMON.len()],
    requests: Counter<u64, AtomicU64>,
    bytes: Counter<u64, AtomicU64>,
    not_modified: Counter<u64, AtomicU64>,
    fetch_errors: Counter<u64, AtomicU64>,
    pushes: Family<PushLabels, Counter>,
    subscriptions: Gauge,
    letters: Gauge,
    disk_bytes: Family<KindLabels, Gauge>,
    disk_free: Gauge,
    disk_budget: Gauge,
}

impl Metrics {
    /// All counters at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("lianbo");
        let metrics = Self {
            runs: Family::default(),
            items: Counter::default(),
            documents: Counter::default(),
            store_faults: Family::default(),
            problems: Family::default(),
            last_good: Family::default(),
            columns: Gauge::default(),
            answers: Family::default(),
            common: Default::default(),
            requests: Counter::default(),
            bytes: Counter::default(),
            not_modified: Counter::default(),
            fetch_errors: Counter::default(),
            pushes: Family::default(),
            subscriptions: Gauge::default(),
            letters: Gauge::default(),
            disk_bytes: Family::default(),
            disk_free: Gauge::default(),
            disk_budget: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register("runs", "Runs of columns by outcome", metrics.runs.clone());
        registry.register("items_changed", "Items new or revised", metrics.items.clone());
        registry.register("documents_changed", "Documents written", metrics.documents.clone());
        registry.register("store_faults", "Store faults by code", metrics.store_faults.clone());
        registry.register("problems", "Open problems by code", metrics.problems.clone());
        let help = "When a column was last read well, in Unix time";
        registry.register("last_good_run_seconds", help, metrics.last_good.clone());
        registry.register("columns", "Columns under schedule", metrics.columns.clone());
        registry.register("answers", "Answers to readers by status", metrics.answers.clone());
        registry.register("fetch_requests", "Requests sent", metrics.requests.clone());
        registry.register("fetch_bytes", "Decoded bytes received", metrics.bytes.clone());
        registry.register("fetch_not_modified", "Answers 304", metrics.not_modified.clone());
        registry.register("fetch_errors", "Failed requests", metrics.fetch_errors.clone());
        let help = "Things sent to subscribers, hubs and webhooks by outcome";
        registry.register("pushes", help, metrics.pushes.clone());
        let help = "Subscriptions at the hub";
        registry.register("subscriptions", help, metrics.subscriptions.clone());
        registry.register("dead_letters", "What was given up on", metrics.letters.clone());
        let help = "What the data folder takes up by what it is for, as last added up";
        registry.register("disk_bytes", help, metrics.disk_bytes.clone());
        let help = "Bytes that the file system of the data folder has left";
        registry.register("disk_free_bytes", help, metrics.disk_free.clone());
        let help = "Bytes that the data folder may take up, 0 without a limit";
        registry.register("disk_budget_bytes", help, metrics.disk_budget.clone());
        Self { registry, ..metrics }
    }

    pub(super) fn run(&self, report: &RunReport, now: DateTime<Utc>) {
        let labels = RunLabels {
            column: report.column.to_string(),
            outcome: report.outcome.as_str().to_owned(),
        };
        self.runs.get_or_create(&labels).inc();
        if matches!(report.outcome, Outcome::Fine | Outcome::Unchanged) {
            let labels = ColumnLabels { column: report.column.to_string() };
            self.last_good.get_or_create(&labels).set(now.timestamp());
        }
        self.items.inc_by(u64::try_from(report.changed.len()).unwrap_or(0));
    }

    pub(super) fn published(&self, documents: usize) {
        self.documents.inc_by(u64::try_from(documents).unwrap_or(0));
    }

    pub(super) fn answered(&self, status: u16) {
        let counter = || self.answers.get_or_create(&AnswerLabels { status }).clone();
        match COMMON.iter().zip(&self.common).find(|(common, _)| **common == status) {
            Some((_, known)) => known.get_or_init(counter).inc(),
            None => counter().inc(),
        };
    }

    pub(super) fn pushed(&self, kind: &'static str, outcome: &'static str) {
        self.pushes.get_or_create(&PushLabels { kind, outcome }).inc();
    }

    pub(super) fn receivers(&self, subscriptions: u64, letters: u64) {
        self.subscriptions.set(i64::try_from(subscriptions).unwrap_or(i64::MAX));
        self.letters.set(i64::try_from(letters).unwrap_or(i64::MAX));
    }

    pub(super) fn used(&self, usage: &Usage) {
        let gauge = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        for part in &usage.parts {
            let labels = KindLabels { kind: part.kind.as_str() };
            self.disk_bytes.get_or_create(&labels).set(gauge(part.bytes));
        }
        self.disk_free.set(gauge(usage.disk_free));
        self.disk_budget.set(gauge(usage.budget.unwrap_or(0)));
    }

    pub(super) fn columns(&self, count: usize) {
        self.columns.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    pub(super) fn store_fault(&self, error: &StoreError) {
        let labels = CodeLabels { code: error.code().as_str().to_owned() };
        self.store_faults.get_or_create(&labels).inc();
    }

    /// The text form; open problems stay as they were where they cannot be read.
    pub fn text(&self, fetch: &FetchStats, problems: Option<&[Problem]>) -> String {
        if let Some(problems) = problems {
            self.problems.clear();
            for problem in problems {
                let labels = CodeLabels { code: problem.code.as_str().to_owned() };
                self.problems.get_or_create(&labels).inc();
            }
        }
        for (counter, value) in [
            (&self.requests, fetch.requests),
            (&self.bytes, fetch.bytes),
            (&self.not_modified, fetch.not_modified),
            (&self.fetch_errors, fetch.errors),
        ] {
            counter.inner().store(value, Ordering::Relaxed);
        }
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_counted_once_it_was_answered() {
        let metrics = Metrics::new();
        let count = |status: u16| {
            let text = metrics.text(&FetchStats::default(), None);
            let name = format!("lianbo_answers_total{{status=\"{status}\"}} ");
            text.lines().find_map(|line| line.strip_prefix(&name)?.parse::<u64>().ok())
        };
        assert_eq!([200, 304, 404].map(count), [None; 3]);
        for status in [304, 200, 304, 404, 304, 404] {
            metrics.answered(status);
        }
        assert_eq!([200, 304, 404].map(count), [Some(1), Some(3), Some(2)]);
    }
}
