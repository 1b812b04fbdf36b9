//! Sends out what was published, to those who asked for it: many at a time, a few a host.
//!
//! Beside everything else: publishing never waits for it. What is under way when the daemon ends
//! is cut off and sent again by the next.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::{debug, error};

use crate::config::Config;
use crate::pipeline::{Busy, Errand, Pipeline, Sent};
use crate::publish::Courier;
use crate::store::StoreError;

use super::Watched;

/// The longest sleep between two looks at what is due.
const LOOK: Duration = Duration::from_secs(5);
/// Errands of strangers at once; the operator's own receivers never wait for them.
const AT_ONCE: usize = 32;

/// An errand that ended: its lane, host and kind, and what came of it.
struct Ended {
    lane: String,
    host: String,
    kind: &'static str,
    /// `None` after a panic.
    result: Option<Result<Sent, StoreError>>,
}

struct Pusher {
    pipeline: Pipeline,
    courier: Courier,
    watched: Watched,
    busy: Busy,
    tasks: JoinSet<Ended>,
}

/// Runs until `end`.
pub(super) async fn run(
    pipeline: Pipeline,
    mut config: watch::Receiver<Arc<Config>>,
    end: CancellationToken,
    watched: Watched,
) {
    let courier = pipeline.courier();
    let (busy, tasks) = (Busy::default(), JoinSet::new());
    let woken = Arc::clone(&watched.push);
    let mut pusher = Pusher { pipeline, courier, watched, busy, tasks };
    pusher.begin().await;
    loop {
        pusher.start_due().await;
        tokio::select! {
            () = end.cancelled() => break,
            () = woken.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
            Some(ended) = pusher.tasks.join_next() => pusher.ended(ended.ok()),
            Ok(()) = config.changed() => {
                let config = Arc::clone(&config.borrow_and_update());
                pusher.pipeline = pusher.pipeline.with_config(config);
                pusher.courier = pusher.pipeline.courier();
                pusher.begin().await;
            }
        }
    }
}

impl Pusher {
    async fn begin(&self) {
        if let Err(error) = self.pipeline.begin_push().await {
            self.failed(&error);
        }
    }

    async fn start_due(&mut self) {
        let room = AT_ONCE.saturating_sub(self.busy.strangers());
        match self.pipeline.due_errands(&self.busy, room).await {
            Ok(due) => due.into_iter().for_each(|errand| self.start(errand)),
            Err(error) => self.failed(&error),
        }
        if self.tasks.is_empty() {
            self.measure().await;
        }
    }

    fn start(&mut self, errand: Errand) {
        if !self.busy.take(&errand) {
            return;
        }
        let (lane, host, kind) = (errand.lane(), errand.host().to_owned(), errand.kind());
        let (pipeline, courier) = (self.pipeline.clone(), self.courier.clone());
        self.tasks.spawn(async move {
            // A panic is this errand's failure.
            let work = async move { pipeline.run_errand(&courier, errand).await };
            let result = AbortOnDropHandle::new(tokio::spawn(work)).await.ok();
            Ended { lane, host, kind, result }
        });
    }

    fn ended(&mut self, ended: Option<Ended>) {
        let Some(Ended { lane, host, kind, result }) = ended else { return };
        self.busy.release(&lane, &host);
        match result {
            Some(Ok(sent)) => {
                debug!(kind, host, outcome = sent.as_str(), "sent");
                self.watched.metrics.pushed(kind, sent.as_str());
            }
            Some(Err(error)) => self.failed(&error),
            None => error!(kind, host, "sending ended in a panic"),
        }
    }

    async fn measure(&self) {
        let store = &self.pipeline.store;
        let counts = (store.subscription_count().await, store.letter_count().await);
        if let (Ok(subscriptions), Ok(letters)) = counts {
            self.watched.metrics.receivers(subscriptions, letters);
        }
    }

    fn failed(&self, error: &StoreError) {
        self.watched.metrics.store_fault(error);
        error!(code = error.code().as_str(), "{error}");
    }
}
