//! When operators hear of receivers that fail.

use chrono::{TimeDelta, Utc};

use crate::model::{Course, ProblemCode};
use crate::pipeline::Pipeline;
use crate::problem::Fault;
use crate::store::StoreError;

use super::{hook_outlet, hub_outlet};

/// Who fails for so long is a problem; until then it is the way of networks.
const LONG: TimeDelta = TimeDelta::hours(1);
const CODES: [ProblemCode; 3] =
    [ProblemCode::WebhookFailing, ProblemCode::HubFailing, ProblemCode::SubscriberFailing];

impl Pipeline {
    /// Another attempt to reach `subject` failed.
    pub(super) async fn complain(
        &self,
        subject: &str,
        before: &Course,
        what: &str,
    ) -> Result<(), StoreError> {
        let now = self.now();
        if now - before.failing_since.unwrap_or(now) < LONG {
            return Ok(());
        }
        let code = match subject.split(' ').next() {
            Some("webhook") => ProblemCode::WebhookFailing,
            Some("hub") => ProblemCode::HubFailing,
            _ => ProblemCode::SubscriberFailing,
        };
        self.tell(subject, &[Fault::new(code, what)], &[]).await
    }

    /// Heals the problems with receivers that work again, or are sent to no more.
    pub(super) async fn heal_push(&self) -> Result<(), StoreError> {
        let problems = self.store.problems().await?;
        if !problems.iter().any(|problem| CODES.contains(&problem.code)) {
            return Ok(());
        }
        let since: chrono::DateTime<Utc> = self.now() - LONG;
        let mut failing = Vec::new();
        for (host, _) in self.store.failing_hosts(since).await? {
            failing.push(format!("websub {host}"));
        }
        let hooks = self.config.webhooks.iter().map(hook_outlet);
        let names: Vec<String> =
            hooks.chain(self.config.websub.hubs.iter().map(hub_outlet)).collect();
        for outlet in self.store.outlets().await? {
            if names.contains(&outlet.name) && outlet.course.failing_since.is_some() {
                failing.push(outlet.name);
            }
        }
        for problem in problems {
            if CODES.contains(&problem.code) && !failing.contains(&problem.subject) {
                self.tell(&problem.subject, &[], &[]).await?;
            }
        }
        Ok(())
    }
}
