//! Sending out: store ─► publish's courier ─► the subscribers of the hub, further hubs, webhooks.
//!
//! Nothing is queued: what is due follows from what was published and how far each receiver came,
//! so a kill loses nothing and only the newest version of a topic goes out. One errand a lane at a
//! time keeps the order; who fails waits for its own next try and nobody else's.

mod errand;
mod post;
mod problems;

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use crate::model::{Intent, Outlet, Seq, Subscription, Webhook, Wish};
use crate::publish::{Courier, Delivery, NotSent, retry};
use crate::render;
use crate::store::StoreError;

use super::Pipeline;

pub use errand::{Busy, Errand, Sent};

/// Asking a callback is tried so often.
const ASKED_AT_MOST: u32 = 3;
/// When a topic that cannot be read from our own folder is looked for again.
const AGAIN: TimeDelta = TimeDelta::seconds(60);
/// When a topic whose bytes are just being replaced is looked for again.
const AT_ONCE: TimeDelta = TimeDelta::seconds(1);

const RETIRED: &str = "本订阅已停止发布。This feed is no longer published.";
const MOVED: &str =
    "本订阅的网址已改变，请重新发现。The feed's address changed; discover it again.";
const CLOSED: &str = "本站的 hub 已关闭，请改用轮询。This hub is closed; poll the feed instead.";

impl Pipeline {
    /// A courier under the running configuration.
    pub fn courier(&self) -> Courier {
        let resolve = self.config.fetch.resolve.clone().into_iter().collect();
        let agent = crate::fetch::agent(self.config.fetch.contact.as_deref());
        Courier::new(resolve, agent)
    }

    /// To be called when the configuration is new: makes outlets known, ends the subscriptions of
    /// topics that are no longer offered, heals what is not sent to any more.
    pub async fn begin_push(&self) -> Result<(), StoreError> {
        for hook in &self.config.webhooks {
            self.store.open_outlet(&hook_outlet(hook)).await?;
        }
        for hub in &self.config.websub.hubs {
            self.store.open_outlet(&hub_outlet(hub)).await?;
        }
        for (topic, path) in self.store.topics().await? {
            if let Some(reason) = self.refusal(&topic, &path) {
                self.store.retire_topic(&topic, &reason, self.now()).await?;
            }
        }
        self.heal_push().await
    }

    /// What can be sent now, `limit` errands to strangers at most; nothing for lanes and hosts that
    /// are `busy`.
    pub async fn due_errands(&self, busy: &Busy, limit: usize) -> Result<Vec<Errand>, StoreError> {
        let now = self.now();
        if self.store.end_leases(now).await? > 0 {
            self.heal_push().await?;
        }
        let mut taken = busy.clone();
        let mut due = self.due_posts(now).await?;
        due.extend(self.due_pings(now).await?);
        due.retain(|errand| taken.take(errand));
        if limit > 0 {
            let mut strangers = self.due_strangers(busy, limit, now).await?;
            strangers.retain(|errand| taken.take(errand));
            strangers.truncate(limit);
            due.extend(strangers);
        }
        Ok(due)
    }

    async fn due_strangers(
        &self,
        busy: &Busy,
        limit: usize,
        now: DateTime<Utc>,
    ) -> Result<Vec<Errand>, StoreError> {
        // Errands under way are still due in the books.
        let (hosts, limit) = (busy.full_hosts(), limit + busy.strangers());
        let intents = self.store.due_intents(now, &hosts, limit).await?;
        let mut due: Vec<Errand> = intents.into_iter().map(Errand::Verify).collect();
        if self.config.websub.own {
            let subscriptions = self.store.due_subscriptions(now, &hosts, limit).await?;
            due.extend(subscriptions.into_iter().map(Errand::Deliver));
        }
        Ok(due)
    }

    async fn due_posts(&self, now: DateTime<Utc>) -> Result<Vec<Errand>, StoreError> {
        let mut due = Vec::new();
        let until = self.published_seq().await?;
        for hook in &self.config.webhooks {
            let name = hook_outlet(hook);
            let Some(outlet) = self.store.outlet(&name).await? else { continue };
            let wanted = self.store.wanted_letter(&name).await?;
            let behind = outlet.cursor < until && outlet.course.next_try <= now;
            if wanted.is_some() || behind {
                due.push(Errand::Post { hook: Box::new(hook.clone()), outlet, until, wanted });
            }
        }
        Ok(due)
    }

    async fn due_pings(&self, now: DateTime<Utc>) -> Result<Vec<Errand>, StoreError> {
        let mut due = Vec::new();
        for hub in &self.config.websub.hubs {
            let name = hub_outlet(hub);
            let Some(outlet) = self.store.outlet(&name).await? else { continue };
            if outlet.course.next_try > now {
                continue;
            }
            if let Some((path, etag)) = self.store.due_notice(&name).await? {
                due.push(Errand::Ping { hub: hub.clone(), outlet, path, etag });
            }
        }
        Ok(due)
    }

    /// The last change whose item page is published: nobody is told of an item before it is there.
    async fn published_seq(&self) -> Result<Seq, StoreError> {
        self.store.pages_rendered(&render::fingerprint(&self.public_site())).await
    }

    /// Runs one errand and keeps what came of it.
    pub async fn run_errand(&self, courier: &Courier, errand: Errand) -> Result<Sent, StoreError> {
        match errand {
            Errand::Verify(intent) => self.verify(courier, intent).await,
            Errand::Deliver(subscription) => self.deliver(courier, subscription).await,
            Errand::Ping { hub, outlet, path, etag } => {
                self.ping(courier, &hub, &outlet, &path, &etag).await
            }
            Errand::Post { hook, outlet, until, wanted: None } => {
                self.post_next(courier, &hook, outlet, until).await
            }
            Errand::Post { hook, outlet, wanted: Some(letter), .. } => {
                self.post_again(courier, &hook, &outlet, &letter.subject, letter.id).await
            }
        }
    }

    /// Sends everything that is due now, one errand after the other, until nothing is.
    pub async fn push_due(&self, courier: &Courier) -> Result<Vec<(Errand, Sent)>, StoreError> {
        let mut done = Vec::new();
        loop {
            let due = self.due_errands(&Busy::default(), 64).await?;
            if due.is_empty() {
                return Ok(done);
            }
            for errand in due {
                let sent = self.run_errand(courier, errand.clone()).await?;
                done.push((errand, sent));
            }
        }
    }

    /// Why subscriptions of `topic` cannot be; `None` where they can.
    fn refusal(&self, topic: &str, path: &str) -> Option<String> {
        if !self.config.websub.own {
            return Some(CLOSED.to_owned());
        }
        let base = &self.config.daemon.base_url;
        match self.offered_at(path).and_then(|path| base.join(&path).ok()) {
            Some(address) if address.as_str() == topic => None,
            Some(address) => Some(format!("{MOVED} {address}")),
            None => Some(RETIRED.to_owned()),
        }
    }

    async fn verify(&self, courier: &Courier, intent: Intent) -> Result<Sent, StoreError> {
        if !matches!(intent.wish, Wish::Deny { .. })
            && let Some(reason) = self.refusal(&intent.topic, &intent.path)
        {
            self.store.refuse(intent, &reason, self.now()).await?;
            return Ok(Sent::Refused);
        }
        let asked = courier.verify(&intent, self.config.websub.allow_private).await;
        let now = self.now();
        let Err(error) = asked else {
            self.store.confirmed(intent, now).await?;
            return Ok(Sent::Fine);
        };
        let attempts = intent.attempts + 1;
        let again = (error.may_pass() && attempts < ASKED_AT_MOST)
            .then(|| self.next_try(attempts, &Errand::Verify(intent.clone()).lane(), &error))
            .flatten();
        self.store.unconfirmed(intent.id, again).await?;
        tracing::info!(host = intent.callback.host_str(), "a callback did not confirm: {error}");
        Ok(if again.is_some() { Sent::Failed } else { Sent::GivenUp })
    }

    async fn deliver(
        &self,
        courier: &Courier,
        subscription: Subscription,
    ) -> Result<Sent, StoreError> {
        let path = &subscription.path;
        let (Ok(Some(bytes)), Some(record)) =
            (self.shelf.get(path).await, self.store.document(path).await?)
        else {
            self.store.postpone(subscription.id, self.now() + AGAIN).await?;
            return Ok(Sent::Nothing);
        };
        let etag = crate::publish::etag(&bytes);
        if etag != record.etag {
            self.store.postpone(subscription.id, self.now() + AT_ONCE).await?;
            return Ok(Sent::Nothing);
        }
        let hub = self.own_hub();
        let delivery = Delivery { bytes, media_type: &record.media_type, hub: &hub };
        let private = self.config.websub.allow_private;
        let sent = courier.deliver(&subscription, delivery, private).await;
        let (now, course) = (self.now(), &subscription.course);
        let subject = host_subject(&subscription.callback);
        match sent {
            Ok(()) => {
                self.store.delivered(&subscription, &etag, now).await?;
                if course.failing_since.is_some() {
                    self.heal_push().await?;
                }
                Ok(Sent::Fine)
            }
            Err(error) if error.is_gone() => {
                self.store.end_subscription(subscription.id).await?;
                self.heal_push().await?;
                Ok(Sent::Gone)
            }
            Err(error) => {
                let lane = Errand::Deliver(subscription.clone()).lane();
                let again = self.next_try(course.attempts + 1, &lane, &error);
                let what = error.to_string();
                self.store.undelivered(&subscription, &etag, &what, again, now).await?;
                self.complain(&subject, course, &what).await?;
                Ok(if again.is_some() { Sent::Failed } else { Sent::GivenUp })
            }
        }
    }

    async fn ping(
        &self,
        courier: &Courier,
        hub: &Url,
        outlet: &Outlet,
        path: &str,
        etag: &str,
    ) -> Result<Sent, StoreError> {
        let base = &self.config.daemon.base_url;
        let topic = base.join(path).unwrap_or_else(|_| base.clone());
        let sent = courier.ping(hub, topic.as_str()).await;
        let now = self.now();
        let Err(error) = sent else {
            self.store.noticed(&outlet.name, path, etag, now).await?;
            return self.outlet_works(outlet).await;
        };
        let what = error.to_string();
        let again = self.next_try(outlet.course.attempts + 1, &outlet.name, &error);
        match again {
            Some(next) => self.store.outlet_failed(&outlet.name, &what, next, now).await?,
            None => self.store.unnoticed(outlet, path, etag, &what, now).await?,
        }
        self.complain(&outlet.name, &outlet.course, &what).await?;
        Ok(if again.is_some() { Sent::Failed } else { Sent::GivenUp })
    }

    async fn outlet_works(&self, outlet: &Outlet) -> Result<Sent, StoreError> {
        if outlet.course.failing_since.is_some() {
            self.tell(&outlet.name, &[], &[]).await?;
        }
        Ok(Sent::Fine)
    }

    /// When an attempt is made again; `None`: never.
    fn next_try(&self, attempts: u32, name: &str, error: &NotSent) -> Option<DateTime<Utc>> {
        let wait = retry::at_least(retry::wait(attempts, name)?, error.retry_after());
        // Stored times are whole seconds.
        let seconds = wait.as_millis().div_ceil(1000);
        Some(self.now() + TimeDelta::seconds(i64::try_from(seconds).unwrap_or(i64::MAX)))
    }
}

/// The name of a webhook's outlet.
pub(super) fn hook_outlet(hook: &Webhook) -> String {
    format!("webhook {}", hook.id)
}

/// The name of a further hub's outlet.
pub(super) fn hub_outlet(hub: &Url) -> String {
    format!("hub {hub}")
}

/// What problems with a callback's host are told under.
fn host_subject(callback: &Url) -> String {
    format!("websub {}", callback.host_str().unwrap_or_default())
}
