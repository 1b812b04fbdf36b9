//! Builds issues of digests at their time, and has those that are there follow what becomes of their
//! items. Everything after that is a person's: reviews, pushing, sending.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::config::Config;
use crate::model::{ProblemCode, Seq};
use crate::pipeline::{Built, IssueError, Person, Pipeline};
use crate::store::{NOTHING_NEW, StoreError};

use super::Watched;
use super::job::Duty;
use super::plan;
use super::timetable::{Started, Timetable};

/// The longest sleep between two looks at the clock, which may jump.
const LOOK: Duration = Duration::from_secs(30);

struct Editor {
    pipeline: Pipeline,
    watched: Watched,
    timetable: Timetable,
}

/// Issues are built one at a time.
const ONE: usize = 1;

/// Runs until `end`; `fresh` moves when something was published.
pub(super) async fn run(
    pipeline: Pipeline,
    mut config: watch::Receiver<Arc<Config>>,
    mut fresh: watch::Receiver<Seq>,
    end: CancellationToken,
    watched: Watched,
) {
    let timetable = Timetable::new(Duty::Issue, ONE);
    let mut editor = Editor { pipeline, watched, timetable };
    editor.adopt().await;
    editor.follow().await;
    loop {
        editor.build_due(&end).await;
        let wait = editor.timetable.wait((editor.pipeline.clock)(), LOOK);
        tokio::select! {
            () = end.cancelled() => break,
            () = tokio::time::sleep(wait) => {}
            Ok(()) = fresh.changed() => editor.follow().await,
            Ok(()) = config.changed() => {
                let config = Arc::clone(&config.borrow_and_update());
                editor.pipeline = editor.pipeline.with_config(config);
                editor.settle().await;
                editor.adopt().await;
            }
        }
    }
}

impl Editor {
    /// Follows what the configuration says of digests.
    async fn adopt(&mut self) {
        let tasks = plan::issues(&self.pipeline.config);
        self.timetable.adopt(&self.pipeline, ONE, tasks).await;
    }

    /// Builds what is due, one after the other.
    async fn build_due(&mut self, end: &CancellationToken) {
        while !end.is_cancelled() {
            let due = self.timetable.due(&self.pipeline).await;
            if due.is_empty() {
                return;
            }
            for Started { job, .. } in due {
                let good = self.build(&job.subject).await;
                self.timetable.ended(&self.pipeline, &job, good).await;
            }
        }
    }

    /// Builds the next issue of a digest; false where that failed.
    async fn build(&self, slug: &str) -> bool {
        let pipeline = &self.pipeline;
        let built = pipeline.build_issue(slug, None, &Person::daemon()).await;
        // One that is there may have been cut off before its bundle was.
        let lacking = built.as_ref().ok().and_then(Built::record).map(|record| &record.issue);
        let lacking = lacking.filter(|issue| !pipeline.bundle_folder(issue).exists());
        let written = match lacking {
            Some(issue) => pipeline.write_bundle(&issue.id, None).await.map(drop),
            None => Ok(()),
        };
        let (outcome, failed) = match (&built, &written) {
            (Err(error), _) | (_, Err(error)) => (String::new(), Some(error.to_string())),
            (Ok(Built::New(record) | Built::There(record)), _) => {
                (record.issue.id.to_string(), None)
            }
            (Ok(Built::Nothing), _) => (NOTHING_NEW.to_owned(), None),
        };
        info!(digest = slug, outcome, "digest due");
        let now = (pipeline.clock)();
        let good = failed.is_none();
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
        good
    }

    /// What the new configuration prints otherwise is to be approved again.
    async fn settle(&self) {
        match self.pipeline.settle_issues().await {
            Ok(()) => {}
            Err(IssueError::Store(error)) => self.failed("issues", &error),
            Err(error) => error!(code = ProblemCode::IssueFailed.as_str(), "{error}"),
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

    fn failed(&self, subject: &str, error: &StoreError) {
        self.watched.store_fault(subject, error);
        error!(code = error.code().as_str(), "{error}");
    }
}
