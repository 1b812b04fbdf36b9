//! Builds issues of digests at their time, and has those that are there follow what becomes of their
//! items. Everything after that is a person's: reviews, pushing, sending.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::config::{Config, Digest};
use crate::model::{ProblemCode, Seq};
use crate::pipeline::{Built, IssueError, Person, Pipeline};
use crate::store::StoreError;

use super::Watched;

/// The longest sleep between two looks at the clock, which may jump.
const LOOK: Duration = Duration::from_secs(30);

struct Editor {
    pipeline: Pipeline,
    watched: Watched,
    /// When each digest's last time was, by slug: those before it are done with.
    last: BTreeMap<String, DateTime<Utc>>,
}

/// Runs until `end`; `fresh` moves when something was published.
pub(super) async fn run(
    pipeline: Pipeline,
    mut config: watch::Receiver<Arc<Config>>,
    mut fresh: watch::Receiver<Seq>,
    end: CancellationToken,
    watched: Watched,
) {
    let mut editor = Editor { pipeline, watched, last: BTreeMap::new() };
    editor.read_ledger().await;
    editor.follow().await;
    loop {
        editor.build_due(&end).await;
        tokio::select! {
            () = end.cancelled() => break,
            () = tokio::time::sleep(editor.wait()) => {}
            Ok(()) = fresh.changed() => editor.follow().await,
            Ok(()) = config.changed() => {
                let config = Arc::clone(&config.borrow_and_update());
                editor.pipeline = editor.pipeline.with_config(config);
                editor.read_ledger().await;
            }
        }
    }
}

impl Editor {
    /// When each digest was last due. One that is new waits for its first time.
    async fn read_ledger(&mut self) {
        let now = (self.pipeline.clock)();
        for digest in self.pipeline.config.digests.iter().filter(|digest| digest.cron.is_some()) {
            let slug = &digest.spec.slug;
            match self.pipeline.store.last_fired(&job(slug)).await {
                Ok(fired) => {
                    let last = fired.or_else(|| self.last.get(slug).copied()).unwrap_or(now);
                    self.last.insert(slug.clone(), last);
                }
                Err(error) => self.failed(slug, &error),
            }
        }
    }

    /// Builds what is due. What was missed while the daemon was down is made good once.
    async fn build_due(&mut self, end: &CancellationToken) {
        let config = Arc::clone(&self.pipeline.config);
        for digest in &config.digests {
            let now = (self.pipeline.clock)();
            if end.is_cancelled() || self.next(digest).is_none_or(|next| next > now) {
                continue;
            }
            let slug = &digest.spec.slug;
            let noted = self.pipeline.store.fired(&job(slug), now, now).await;
            self.last.insert(slug.clone(), now);
            if let Err(error) = noted {
                self.failed(slug, &error);
                continue;
            }
            self.build(slug).await;
        }
    }

    async fn build(&self, slug: &str) {
        let pipeline = &self.pipeline;
        let built = pipeline.build_issue(slug, None, &Person::daemon()).await;
        let written = match &built {
            Ok(Built::New(record)) => pipeline.write_bundle(&record.issue.id, None).await.map(drop),
            Ok(_) => Ok(()),
            Err(_) => Ok(()),
        };
        let (outcome, failed) = match (&built, written) {
            (Ok(Built::New(record)), Ok(())) => (record.issue.id.to_string(), None),
            (Ok(Built::There(record)), _) => (record.issue.id.to_string(), None),
            (Ok(Built::Nothing), _) => (NOTHING.to_owned(), None),
            (Err(error), _) => (String::new(), Some(error.to_string())),
            (_, Err(error)) => (String::new(), Some(error.to_string())),
        };
        info!(digest = slug, outcome, "digest due");
        let now = (pipeline.clock)();
        let told = match failed {
            Some(detail) => {
                error!(digest = slug, code = ProblemCode::IssueFailed.as_str(), "{detail}");
                let raised = pipeline.store.raise(ProblemCode::IssueFailed, slug, &detail, now);
                raised.await.map(drop)
            }
            None => pipeline.store.heal(slug, &[], now).await.map(drop),
        };
        let noted = pipeline.store.note_digest(slug, &outcome, now).await;
        for error in [told.err(), noted.err()].into_iter().flatten() {
            self.failed(slug, &error);
        }
    }

    /// Approvals of what was revised or withdrawn are void, and bundles say so.
    async fn follow(&self) {
        match self.pipeline.follow_issues().await {
            Ok(()) => {}
            Err(IssueError::Store(error)) => self.failed("issues", &error),
            Err(error) => error!(code = ProblemCode::IssueFailed.as_str(), "{error}"),
        }
    }

    fn next(&self, digest: &Digest) -> Option<DateTime<Utc>> {
        digest.cron.as_ref()?.next_after(*self.last.get(&digest.spec.slug)?)
    }

    /// How long until the next digest is due.
    fn wait(&self) -> Duration {
        let now = (self.pipeline.clock)();
        let times = self.pipeline.config.digests.iter().filter_map(|digest| self.next(digest));
        let waits = times.map(|time| (time - now).to_std().unwrap_or_default());
        waits.min().unwrap_or(LOOK).min(LOOK)
    }

    fn failed(&self, subject: &str, error: &StoreError) {
        self.watched.store_fault(subject, error);
        error!(code = error.code().as_str(), "{error}");
    }
}

/// The outcome of a digest that had nothing new.
pub(super) const NOTHING: &str = "nothing";

fn job(slug: &str) -> String {
    format!("issue {slug}")
}
