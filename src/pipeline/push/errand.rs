//! One thing to send, and who is being sent to at the moment.

use std::collections::HashMap;

use url::Url;

use crate::model::{Intent, Letter, Outlet, Seq, Subscription, Webhook};

/// Errands of strangers to one host at once: a slow host holds up its own only.
const PER_HOST: usize = 4;

/// One thing to send.
#[derive(Clone, Debug)]
pub enum Errand {
    /// Ask a callback, or tell it.
    Verify(Intent),
    /// Send a subscription its topic.
    Deliver(Subscription),
    /// Tell a further hub of a topic.
    Ping {
        /// Which hub.
        hub: Url,
        /// How far it came.
        outlet: Outlet,
        /// Path of the topic.
        path: String,
        /// Its version.
        etag: String,
    },
    /// Post the next change to a webhook.
    Post {
        /// Which.
        hook: Box<Webhook>,
        /// How far it came.
        outlet: Outlet,
        /// The last change that is published.
        until: Seq,
        /// What an operator wants sent again, instead.
        wanted: Option<Letter>,
    },
}

/// What came of an errand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It arrived.
    Fine,
    /// It did not, and is tried again.
    Failed,
    /// It did not, and is given up.
    GivenUp,
    /// The receiver is gone for good.
    Gone,
    /// We refuse what was asked.
    Refused,
    /// There was nothing to send after all.
    Nothing,
}

impl Sent {
    /// Its name in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Failed => "failed",
            Self::GivenUp => "given-up",
            Self::Gone => "gone",
            Self::Refused => "refused",
            Self::Nothing => "nothing",
        }
    }
}

impl Errand {
    /// One errand of a lane at a time: they share an order.
    pub fn lane(&self) -> String {
        match self {
            Self::Verify(Intent { topic, callback, .. })
            | Self::Deliver(Subscription { topic, callback, .. }) => format!("{topic} {callback}"),
            Self::Ping { outlet, .. } | Self::Post { outlet, .. } => outlet.name.clone(),
        }
    }

    /// The host it leads to.
    pub fn host(&self) -> &str {
        let url = match self {
            Self::Verify(intent) => &intent.callback,
            Self::Deliver(subscription) => &subscription.callback,
            Self::Ping { hub, .. } => hub,
            Self::Post { hook, .. } => &hook.url,
        };
        url.host_str().unwrap_or_default()
    }

    /// Whether it leads to an address that a stranger named.
    pub fn is_strangers(&self) -> bool {
        matches!(self, Self::Verify(_) | Self::Deliver(_))
    }

    /// Its kind in metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Verify(_) => "verification",
            Self::Deliver(_) => "websub",
            Self::Ping { .. } => "hub",
            Self::Post { .. } => "webhook",
        }
    }
}

/// Who is being sent to.
#[derive(Clone, Debug, Default)]
pub struct Busy {
    /// True for lanes that strangers asked for.
    lanes: HashMap<String, bool>,
    hosts: HashMap<String, usize>,
}

impl Busy {
    /// Notes the errand as begun; false where its lane is taken or its host has enough.
    pub fn take(&mut self, errand: &Errand) -> bool {
        let lane = errand.lane();
        let running = self.hosts.get(errand.host()).copied().unwrap_or(0);
        if (errand.is_strangers() && running >= PER_HOST) || self.lanes.contains_key(&lane) {
            return false;
        }
        self.lanes.insert(lane, errand.is_strangers());
        *self.hosts.entry(errand.host().to_owned()).or_default() += 1;
        true
    }

    /// The errand of `lane` to `host` is over.
    pub fn release(&mut self, lane: &str, host: &str) {
        self.lanes.remove(lane);
        if let Some(running) = self.hosts.get_mut(host) {
            *running -= 1;
            if *running == 0 {
                self.hosts.remove(host);
            }
        }
    }

    /// Errands under way that strangers asked for.
    pub fn strangers(&self) -> usize {
        self.lanes.values().filter(|strangers| **strangers).count()
    }

    /// Hosts that have enough.
    pub fn full_hosts(&self) -> Vec<String> {
        let full = self.hosts.iter().filter(|(_, running)| **running >= PER_HOST);
        full.map(|(host, _)| host.clone()).collect()
    }
}
