//! Tells operators what opened and healed: each alert for itself, one message at a time.
//!
//! It looks every few seconds, since commands beside the daemon open problems too. Who is being told
//! when the daemon ends is told to the end: cut off, it would hear the same twice.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::config::{Alert, Config};
use crate::model::AlertMessage;
use crate::pipeline::{Gathered, Pipeline, Sent};
use crate::publish::Courier;
use crate::store::StoreError;

use super::Watched;

/// The longest sleep between two looks at what is due.
const LOOK: Duration = Duration::from_secs(5);

/// Which alert was told, and what came of it; `None` after a panic.
type Ended = (String, Option<Result<Sent, StoreError>>);

struct Teller {
    pipeline: Pipeline,
    courier: Courier,
    watched: Watched,
    busy: BTreeSet<String>,
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
    let (busy, tasks) = (BTreeSet::new(), JoinSet::new());
    let mut teller = Teller { pipeline, courier, watched, busy, tasks };
    teller.begin().await;
    while !end.is_cancelled() {
        let wait = teller.start_due().await;
        tokio::select! {
            () = end.cancelled() => break,
            () = tokio::time::sleep(wait) => {}
            Some(ended) = teller.tasks.join_next() => teller.ended(ended.ok()),
            Ok(()) = config.changed() => {
                let config = Arc::clone(&config.borrow_and_update());
                teller.pipeline = teller.pipeline.with_config(config);
                teller.courier = teller.pipeline.courier();
                teller.begin().await;
            }
        }
    }
    while let Some(ended) = teller.tasks.join_next().await {
        teller.ended(ended.ok());
    }
}

impl Teller {
    async fn begin(&self) {
        if let Err(error) = self.pipeline.begin_alerts().await {
            self.failed(&error);
        }
    }

    /// Begins with what is due; how long to sleep before the next look.
    async fn start_due(&mut self) -> Duration {
        let mut wait = LOOK;
        let now = (self.pipeline.clock)();
        for alert in self.pipeline.config.alerts.clone() {
            if self.busy.contains(&alert.id) {
                continue;
            }
            match self.pipeline.due_alert(&alert).await {
                Ok(Gathered::Now(message)) => self.start(alert, message),
                Ok(Gathered::Later(at)) => {
                    wait = wait.min((at - now).to_std().unwrap_or(Duration::ZERO));
                }
                Ok(Gathered::Nothing) => {}
                Err(error) => self.failed(&error),
            }
        }
        // Stored times are whole seconds, and clocks are not that exact.
        wait.max(Duration::from_millis(50))
    }

    fn start(&mut self, alert: Alert, message: AlertMessage) {
        let id = alert.id.clone();
        self.busy.insert(id.clone());
        let (pipeline, courier) = (self.pipeline.clone(), self.courier.clone());
        let (opened, healed) = (message.opened.len(), message.healed.len());
        self.tasks.spawn(async move {
            // A panic is this message's failure.
            let work =
                tokio::spawn(async move { pipeline.tell_alert(&courier, &alert, &message).await });
            let result = work.await.ok();
            if let Some(Ok(sent)) = &result {
                info!(alert = id, opened, healed, outcome = sent.as_str(), "operators told");
            }
            (id, result)
        });
    }

    fn ended(&mut self, ended: Option<Ended>) {
        let Some((id, result)) = ended else { return };
        self.busy.remove(&id);
        match result {
            Some(Ok(sent)) => self.watched.metrics.pushed("alert", sent.as_str()),
            Some(Err(error)) => self.failed(&error),
            None => error!(alert = id, "telling operators ended in a panic"),
        }
    }

    fn failed(&self, error: &StoreError) {
        self.watched.store_fault("alerts", error);
        error!(code = error.code().as_str(), "{error}");
    }
}
