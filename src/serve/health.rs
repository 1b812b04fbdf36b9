//! Whether the daemon lives and can do its work, as load balancers and monitors ask.
//!
//! Live: the process answers. Ready: the configuration was loaded (else nobody listens), the store
//! takes writes, and something is published, or there was nothing to publish: every column was tried
//! and at least one of them could be read.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde::Serialize;
use tokio::time::Instant;

use crate::model::{Lang, ProblemCode, Usage};
use crate::problem::Fault;
use crate::store::{RunRecord, StoreError};
use crate::text::sentence;

use super::answer::private;
use super::{Plan, Serving};

/// What hinders the daemon, told by those who noticed.
#[derive(Debug, Default)]
pub struct Health {
    /// Store faults by who met them: a column's id, or `publish`.
    faults: Mutex<BTreeMap<String, Fault>>,
    /// When the store was last tried, and what came of it.
    tried: tokio::sync::Mutex<Option<(Instant, Option<Fault>)>>,
    /// What the data folder takes up, as last added up.
    usage: Mutex<Option<Usage>>,
}

/// The subject of faults met while publishing.
const PUBLISH: &str = "publish";
/// The store is tried so often at most, however many ask.
const TRY_EVERY: Duration = Duration::from_secs(10);
/// A store that takes longer than this does not take writes.
const TRY_LIMIT: Duration = Duration::from_secs(5);

#[derive(Serialize)]
struct Report {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    problems: Option<Vec<Hindrance>>,
}

#[derive(Serialize)]
struct Hindrance {
    code: &'static str,
    what: &'static str,
    hint: &'static str,
}

impl Health {
    /// `subject` met a fault of the store.
    pub fn failed(&self, subject: &str, error: &StoreError) {
        let mut faults = self.faults.lock().expect("no holder panics");
        faults.insert(subject.to_owned(), Fault::from(error));
    }

    /// `subject` worked again.
    pub fn worked(&self, subject: &str) {
        self.faults.lock().expect("no holder panics").remove(subject);
    }

    /// The data folder takes up so much.
    pub fn used(&self, usage: Usage) {
        *self.usage.lock().expect("no holder panics") = Some(usage);
    }

    /// What the data folder takes up, where that was added up.
    pub(super) fn usage(&self) -> Option<Usage> {
        self.usage.lock().expect("no holder panics").clone()
    }

    /// The codes told by the publisher and by columns that are still read.
    fn told(&self, plan: &Plan) -> Vec<ProblemCode> {
        let faults = self.faults.lock().expect("no holder panics");
        let counts = |subject: &String| {
            subject == PUBLISH || plan.columns.iter().any(|planned| planned.column == *subject)
        };
        faults.iter().filter(|(subject, _)| counts(subject)).map(|(_, fault)| fault.code).collect()
    }

    async fn store(&self, serving: &Serving) -> Option<Fault> {
        let mut tried = self.tried.lock().await;
        if let Some((at, fault)) = &*tried
            && at.elapsed() < TRY_EVERY
        {
            return fault.clone();
        }
        let fault = match tokio::time::timeout(TRY_LIMIT, serving.store.try_write()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(Fault::from(&error)),
            Err(_) => Some(Fault::new(ProblemCode::StoreFailed, "no answer within 5 s")),
        };
        *tried = Some((Instant::now(), fault.clone()));
        fault
    }
}

/// `/health/live`.
pub(super) fn live() -> Response<Body> {
    answer(StatusCode::OK, &Report { status: "live", problems: None })
}

/// `/health/ready`: 200, or 503 with the codes of what hinders.
pub(super) async fn ready(serving: &Serving) -> Response<Body> {
    let lang = serving.site().lang;
    let problems: Vec<Hindrance> =
        hindrances(serving).await.into_iter().map(|code| hindrance(code, lang)).collect();
    let (status, word) = match problems.is_empty() {
        true => (StatusCode::OK, "ready"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not-ready"),
    };
    answer(status, &Report { status: word, problems: Some(problems) })
}

async fn hindrances(serving: &Serving) -> Vec<ProblemCode> {
    let mut codes = serving.health.told(&(serving.plan)());
    codes.extend(serving.health.store(serving).await.map(|fault| fault.code));
    if !serving.catalogue.has_feeds() && !all_tried(serving).await {
        codes.push(ProblemCode::NotPublished);
    }
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Whether every column was tried, and at least one of them was read. Where all failed, readers
/// find nothing, and nothing can be said of what the sites hold.
async fn all_tried(serving: &Serving) -> bool {
    let Ok(runs) = serving.store.last_runs().await else { return false };
    let plan = (serving.plan)();
    let tried: Option<Vec<&RunRecord>> = plan
        .columns
        .iter()
        .map(|planned| runs.iter().find(|run| run.column == planned.column))
        .collect();
    tried.is_some_and(|runs| runs.iter().any(|run| run.outcome.as_deref() != Some("failed")))
}

fn hindrance(code: ProblemCode, lang: Lang) -> Hindrance {
    let sentence = sentence::problem(code, lang);
    Hindrance { code: code.as_str(), what: sentence.what, hint: sentence.hint }
}

fn answer(status: StatusCode, report: &Report) -> Response<Body> {
    let json = serde_json::to_vec(report).unwrap_or_default();
    private(status, "application/json", json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::Planned;

    #[test]
    fn a_fault_counts_until_it_is_gone_or_its_column_is() {
        let column = |id: &str| Planned {
            site: String::new(),
            column: id.to_owned(),
            name: String::new(),
            next: None,
        };
        let plan = Plan { columns: vec![column("a/b")], disabled: Vec::new(), digests: Vec::new() };
        let health = Health::default();
        assert_eq!(health.told(&plan), []);
        health.failed("a/b", &StoreError::Full);
        health.failed("a/gone", &StoreError::Full);
        assert_eq!(health.told(&plan), [ProblemCode::StoreFull]);
        health.worked("a/b");
        assert_eq!(health.told(&plan), []);
        health.failed("publish", &StoreError::Busy);
        assert_eq!(health.told(&plan), [ProblemCode::DataLocked]);
    }
}
