//! Serves what was published, and the state of the daemon. Never crawls, never renders feeds.
//!
//! In: requests of readers and operators; out: published bytes with their validators (RFC 9110
//! §8.8, §13), and pages and JSON on how the daemon does. Addresses in answers come from the
//! configured base address, never from the request.

mod admin;
mod answer;
mod api;
mod assets;
mod catalogue;
mod condition;
mod converse;
mod delta;
mod encoding;
mod front;
mod health;
mod hub;
mod listen;
mod places;
mod public;
mod ready;
mod throttle;
mod watchman;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::model::{Problem, Seq};
use crate::render::{Names, PublicSite};
use crate::store::SqliteStore;

pub use api::{Client, Desk, Offer};
pub use catalogue::Catalogue;
pub use front::{Front, Lasts};
pub use health::Health;
pub use hub::{HubRules, Turnstile};
pub use listen::{ListenError, Listener};
pub use places::Places;
pub use throttle::Throttle;

/// Answers a question of the servers, as the configuration of that moment has it.
pub type Ask<T> = Arc<dyn Fn() -> T + Send + Sync>;
/// The metrics in text form, given the open problems where they can be read.
pub type MetricsText = Arc<dyn Fn(Option<&[Problem]>) -> String + Send + Sync>;

/// What is served, and what is asked of the daemon for it.
#[derive(Clone)]
pub struct Serving {
    /// The published documents.
    pub catalogue: Catalogue,
    /// For the status page.
    pub store: SqliteStore,
    /// What the daemon told of itself.
    pub health: Arc<Health>,
    /// When the daemon started.
    pub started: DateTime<Utc>,
    /// The clock.
    pub clock: Ask<DateTime<Utc>>,
    /// What the configuration says to readers.
    pub front: Ask<Arc<Front>>,
    /// What is read, for the status page.
    pub plan: Ask<Plan>,
    /// Counts downloads.
    pub throttle: Arc<Throttle>,
    /// For `/metrics`.
    pub metrics: MetricsText,
    /// Told the status of every answer to a reader.
    pub answered: Arc<dyn Fn(u16) + Send + Sync>,
    /// What our hub allows, where there is one.
    pub hub: Ask<Option<HubRules>>,
    /// Counts the requests to the hub.
    pub turnstile: Arc<Turnstile>,
    /// Tells whoever sends things out that there is something to do.
    pub wake_pusher: Arc<dyn Fn() + Send + Sync>,
    /// What is offered to programs.
    pub offer: Ask<Arc<Offer>>,
    /// Counts and limits of those who ask by program.
    pub desk: Arc<Desk>,
    /// Up to which change everything is published.
    pub fresh: watch::Receiver<Seq>,
    /// Cancelled when answers that wait are to be given.
    pub end: CancellationToken,
    /// What the feed of problems needs to know.
    pub operators: Ask<Arc<Operators>>,
    /// What an operator must show, where something is set.
    pub token: Ask<Option<String>>,
}

impl Serving {
    /// What pages made on the spot say of us.
    fn site(&self) -> Arc<PublicSite> {
        Arc::clone(&(self.front)().site)
    }
}

/// Where operators look, and what things are called there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operators {
    /// What sites and columns are called.
    pub names: Names,
    /// The status page.
    pub status: Url,
    /// The feed of problems.
    pub feed: Url,
}

/// What is read, and when next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Every column that is read, those of one site together.
    pub columns: Vec<Planned>,
    /// Names of the sites that are not enabled.
    pub disabled: Vec<String>,
    /// Every digest: slug, title, and when its next issue is built.
    pub digests: Vec<(String, String, Option<DateTime<Utc>>)>,
}

/// A column under schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Name of its site.
    pub site: String,
    /// Its id.
    pub column: String,
    /// Its name.
    pub name: String,
    /// When the schedule wants it next.
    pub next: Option<DateTime<Utc>>,
}
