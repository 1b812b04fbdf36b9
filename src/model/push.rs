//! What is sent out by itself: subscriptions of the hub, webhooks, and what could not be delivered.

use std::path::PathBuf;

use std::fmt;

use chrono::{DateTime, Utc};
use url::Url;

use super::{Item, ItemState, Selection, Seq};

/// A key that signs what is sent; shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The key `bytes`.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The key itself.
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretPlace {
    /// In a variable of the environment.
    Variable(String),
    /// In a file that nobody else may read.
    File(PathBuf),
    /// With the program: that of the demo's stand-in for the platform.
    Known(Secret),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What happened to an item, as those are told who wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// It is there for the first time.
    New,
    /// A further revision of it.
    Revised,
    /// It is no longer offered.
    Withdrawn,
}

impl Event {
    /// All events.
    pub const ALL: [Self; 3] = [Self::New, Self::Revised, Self::Withdrawn];

    /// Its name on the wire and in configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Revised => "revised",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// What the last change of `item` was; `None` where nobody is to hear of it. One that left the
    /// revision as it is (a further column, an editor's name) repeats the event of that revision.
    pub fn of(item: &Item) -> Option<Self> {
        match (item.state, item.revision) {
            (ItemState::Withdrawn, _) => Some(Self::Withdrawn),
            (ItemState::Held, _) => None,
            (ItemState::Live, 1) => Some(Self::New),
            (ItemState::Live, _) => Some(Self::Revised),
        }
    }
}

/// An address that is told of changes, as the operator configured it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its name.
    pub id: String,
    /// Where changes are posted.
    pub url: Url,
    /// Signs them.
    pub secret: Secret,
    /// Items of any of these count; none means all.
    pub selections: Vec<Selection>,
    /// The events that are told.
    pub events: Vec<Event>,
    /// It may live in a private network.
    pub allow_private: bool,
}

impl Webhook {
    /// Whether it is to hear of the last change of `item`.
    ///
    /// What is withdrawn may have lost the words by which it was selected, so they do not count.
    pub fn wants(&self, item: &Item) -> bool {
        let Some(event) = Event::of(item).filter(|event| self.events.contains(event)) else {
            return false;
        };
        let holds = |selection: &Selection| match selection {
            Selection::Only { of, .. } if event == Event::Withdrawn => of.holds(item),
            selection => selection.holds(item),
        };
        self.selections.is_empty() || self.selections.iter().any(holds)
    }
}

/// What somebody asked of the hub, or what the hub has to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Send me the topic.
    Subscribe {
        /// Signs what is sent.
        secret: Option<Secret>,
        /// For how long, in seconds.
        lease_s: u32,
    },
    /// Send it no longer.
    Unsubscribe,
    /// The hub refuses, or ends what it had granted.
    Deny {
        /// Why, in plain words.
        reason: String,
    },
}

impl Wish {
    /// `hub.mode`.
    pub fn mode(&self) -> &'static str {
        match self {
            Self::Subscribe { .. } => "subscribe",
            Self::Unsubscribe => "unsubscribe",
            Self::Deny { .. } => "denied",
        }
    }
}

/// A wish that the callback has still to confirm, or to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Number in the store; 0 before it is stored.
    pub id: i64,
    /// The topic as the subscriber wrote it.
    pub topic: String,
    /// Where the topic is published.
    pub path: String,
    /// Whom to ask.
    pub callback: Url,
    /// What is wished.
    pub wish: Wish,
    /// Validator of the topic when it was asked for: what comes later is news.
    pub known: String,
    /// How often the callback was asked in vain.
    pub attempts: u32,
}

/// A confirmed subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Number in the store.
    pub id: i64,
    /// The topic as the subscriber wrote it.
    pub topic: String,
    /// Where the topic is published.
    pub path: String,
    /// Where it is sent.
    pub callback: Url,
    /// Signs what is sent.
    pub secret: Option<Secret>,
    /// When the lease ends.
    pub expires: DateTime<Utc>,
    /// How deliveries went.
    pub course: Course,
}

/// How sending to one place goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// Attempts in vain since the last that worked.
    pub attempts: u32,
    /// Not before.
    pub next_try: DateTime<Utc>,
    /// Since when nothing worked.
    pub failing_since: Option<DateTime<Utc>>,
    /// Why the last attempt failed; empty otherwise.
    pub error: String,
    /// When it last worked.
    pub worked: Option<DateTime<Utc>>,
}

/// A place of the operator's choice that things are sent to, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlet {
    /// `webhook ID` or `hub URL`.
    pub name: String,
    /// A webhook's last change that was sent or passed over.
    pub cursor: Seq,
    /// How sending goes.
    pub course: Course,
}

/// Something that was given up on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Number by which operators name it.
    pub id: i64,
    /// `webhook ID`, `hub URL` or `websub CALLBACK`.
    pub outlet: String,
    /// The item's id, or the topic.
    pub subject: String,
    /// The item's change; 0 where there is none.
    pub seq: Seq,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub error: String,
    /// When it was given up.
    pub died: DateTime<Utc>,
    /// An operator wants it sent again.
    pub wanted: bool,
}
