//! Telling operators: store ─► compose ─► render ─► publish's courier ─► robots, mailboxes, programs.
//!
//! What is due follows from what is open and what each alert was told, so a kill loses nothing; and
//! what a place took is noted at once, so that it is told nothing twice.

use chrono::{DateTime, TimeDelta, Utc};

use crate::compose::alert::{Affairs, Gathered, gather};
use crate::config::{Alert, Config};
use crate::model::{AlertMessage, Course, Outpost, ProblemCode, alert_subject};
use crate::problem::Fault;
use crate::publish::{Courier, NotTold, retry};
use crate::render::alert::{self, Voice};
use crate::store::StoreError;

use super::push::Sent;
use super::{Pipeline, names};

/// An alert is tried again no later than after this: what it has to say grows stale.
const AGAIN: TimeDelta = TimeDelta::hours(1);
/// Attempts in vain that are a problem; one is enough where somebody has to change something.
const MANY: u32 = 3;

impl Pipeline {
    /// To be called when the configuration is new: makes alerts known, forgets those that are gone.
    pub async fn begin_alerts(&self) -> Result<(), StoreError> {
        let ids: Vec<String> = self.config.alerts.iter().map(|alert| alert.id.clone()).collect();
        self.store.keep_alerts(&ids).await?;
        let subjects: Vec<String> = ids.iter().map(|id| alert_subject(id)).collect();
        for problem in self.store.problems().await? {
            let failing = problem.code == ProblemCode::AlertFailing;
            if failing && !subjects.contains(&problem.subject) {
                self.tell(&problem.subject, &[], &[]).await?;
            }
        }
        Ok(())
    }

    /// What `alert` is to be told.
    pub async fn due_alert(&self, alert: &Alert) -> Result<Gathered, StoreError> {
        let now = self.now();
        let course = self.store.alert_course(&alert.id).await?;
        if course.next_try > now {
            // A clock that was set back must not hold it up.
            return Ok(Gathered::Later(course.next_try.min(now + AGAIN)));
        }
        let (open, heard) = (self.store.problems().await?, self.store.heard(&alert.id).await?);
        let quiet_until = alert.quiet_until(now);
        let affairs = Affairs { open: &open, heard: &heard, last: course.worked, quiet_until, now };
        Ok(gather(&alert.id, &alert.manner, &affairs))
    }

    /// Tells `alert` the message, and keeps what came of it.
    pub async fn tell_alert(
        &self,
        courier: &Courier,
        alert: &Alert,
        message: &AlertMessage,
    ) -> Result<Sent, StoreError> {
        let course = self.store.alert_course(&alert.id).await?;
        let told = self.send_alert(courier, alert, message).await;
        let now = self.now();
        let Err(error) = told else {
            self.store.alert_took(message, now).await?;
            if course.failing_since.is_some() {
                self.tell(&alert_subject(&alert.id), &[], &[]).await?;
            }
            return Ok(Sent::Fine);
        };
        let next = now + next_wait(&course, &alert.id, &error);
        self.store.alert_failed(&alert.id, &error.to_string(), next, now).await?;
        if course.attempts + 1 >= MANY || !error.may_pass() {
            let fault = Fault::new(ProblemCode::AlertFailing, error.to_string());
            self.tell(&alert_subject(&alert.id), &[fault], &[]).await?;
        }
        Ok(Sent::Failed)
    }

    /// Sends `alert` the message; nothing is kept.
    pub async fn send_alert(
        &self,
        courier: &Courier,
        alert: &Alert,
        message: &AlertMessage,
    ) -> Result<(), NotTold> {
        deliver(courier, &self.config, alert, message, self.now()).await
    }

    /// A test of the alert `id` arrived: what waited for it goes out, and it fails no more.
    pub async fn alert_works(&self, id: &str) -> Result<(), StoreError> {
        self.store.alert_works(id).await?;
        self.tell(&alert_subject(id), &[], &[]).await
    }

    /// Tells every alert what is due now, once; what came of it by their ids.
    pub async fn alert_due(&self, courier: &Courier) -> Result<Vec<(String, Sent)>, StoreError> {
        let mut done = Vec::new();
        for alert in &self.config.alerts {
            if let Gathered::Now(message) = self.due_alert(alert).await? {
                let sent = self.tell_alert(courier, alert, &message).await?;
                done.push((alert.id.clone(), sent));
            }
        }
        Ok(done)
    }
}

/// Sends `alert` the message as the place wants it.
pub async fn deliver(
    courier: &Courier,
    config: &Config,
    alert: &Alert,
    message: &AlertMessage,
    now: DateTime<Utc>,
) -> Result<(), NotTold> {
    let names = names(config);
    let status = status_page(config);
    let voice =
        Voice { title: &config.daemon.title, names: &names, status: &status, lang: alert.lang };
    match &alert.outpost {
        Outpost::Webhook(bell) => {
            let body = alert::json(message, &voice);
            courier.ring(bell, &message.id, now.timestamp(), body).await
        }
        Outpost::Robot(kind, bell) => {
            let body = alert::robot(*kind, message, &voice);
            courier.tell_robot(*kind, bell, now.timestamp_millis(), body).await
        }
        Outpost::Mail(mailing) => {
            let mail = alert::mail(message, &voice);
            courier.mail(&alert.id, mailing, &mail, now.into()).await
        }
    }
}

/// Where operators see what is wrong.
fn status_page(config: &Config) -> url::Url {
    let base = config.admin.address();
    base.join("status").unwrap_or(base)
}

/// How long until the next attempt after one more in vain.
fn next_wait(course: &Course, id: &str, error: &NotTold) -> TimeDelta {
    let wait = retry::wait(course.attempts + 1, id).and_then(|wait| TimeDelta::from_std(wait).ok());
    let asked = error.retry_after().and_then(|wait| TimeDelta::from_std(wait).ok());
    let wait = wait.unwrap_or(AGAIN).max(asked.unwrap_or_default()).min(AGAIN);
    // Stored times are whole seconds.
    TimeDelta::seconds(wait.num_seconds() + 1)
}
