//! The order of the steps: refreshing a column, publishing a feed.
//!
//! ```text
//! fetch ─► discover ─► fetch ─► extract ─► normalize ─► store      refresh a column
//!                       store ─► compose ─► render ─► publish      publish a feed
//! ```
//! The only module that knows the order. A run that fails stores and publishes nothing.

mod alert;
mod article;
mod aside;
mod backfill;
mod custody;
mod cut;
mod history;
mod issue;
mod keeping;
mod lists;
mod looks;
mod memory;
mod probe;
mod progress;
mod publish;
mod push;
mod putting;
mod quality;
mod refresh;
mod repair;
mod replay;
mod report;
mod run;
mod stories;
mod sweep;
mod vetting;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use url::Url;

use crate::config::{Config, Robots, Site, Terms};
use crate::fetch::{Budget, Fetcher, Manners};
use crate::model::{Page, ProblemCode, Rejection, SiteId};
use crate::normalize::Naming;
use crate::publish::Shelf;
use crate::render::{Names, PublicSite, SiteTerms};
use crate::store::SqliteStore;
use crate::text::charset;

use aside::aside;

pub use crate::compose::alert::Gathered;
pub use alert::deliver;
#[cfg(test)]
pub(crate) use aside::Here;
pub use backfill::{Walked, Watcher};
pub use custody::{Patience, TakenIn};
pub use issue::{Built, Changes, IssueError, Person, Printed, Pushed, Shown, Spot};
pub use keeping::{Pruned, Survey, Take};
pub use memory::StoredMemory;
pub use probe::{Doubt, Folder, FolderError, Passed, Probed, Prober, Source, Trial, Why};
pub use publish::Published;
pub use push::{Busy, Errand, Sent};
pub use quality::quality;
pub use repair::{
    ArticleFinding, ArticleScore, ListFinding, ListScore, Looked, MovedList, RepairProposal,
    Repaired, Repairer,
};
pub use replay::{Difference, Rejected, Replay, Replayed, Reread};
pub use report::{Outcome, RunReport};
pub use sweep::Swept;

/// Reads the clock; tests give their own.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The steps with what they work on.
#[derive(Clone)]
pub struct Pipeline {
    /// What is read and published.
    pub config: Arc<Config>,
    /// The records.
    pub store: SqliteStore,
    /// The one client.
    pub fetcher: Fetcher,
    /// The published files.
    pub shelf: Shelf,
    /// The clock.
    pub clock: Clock,
}

impl Pipeline {
    /// The same steps under another configuration.
    pub fn with_config(&self, config: Arc<Config>) -> Self {
        Self { config, ..self.clone() }
    }

    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Where our own hub is asked.
    fn own_hub(&self) -> Url {
        own_hub(&self.config)
    }

    /// What every rendered document needs to know of us.
    pub fn public_site(&self) -> PublicSite {
        public_site(&self.config)
    }
}

/// What every document rendered under `config` needs to know of us.
pub fn public_site(config: &Config) -> PublicSite {
    let daemon = &config.daemon;
    let public = config.public.clone();
    PublicSite {
        base_url: daemon.base_url.clone(),
        title: daemon.title.clone(),
        operator: daemon.operator.clone(),
        contact: config.fetch.contact.clone(),
        corrections: public.corrections,
        icp: public.icp,
        police: public.police,
        site_id_code: public.site_id_code,
        hubs: hubs(config),
        lang: daemon.lang,
        terms: Arc::new(site_terms(config)),
        notes: Arc::clone(&config.notes),
    }
}

/// The hubs that send changes of our feeds, our own first.
fn hubs(config: &Config) -> Vec<Url> {
    let own = config.websub.own.then(|| own_hub(config));
    own.into_iter().chain(config.websub.hubs.iter().cloned()).collect()
}

/// Where our own hub is asked.
fn own_hub(config: &Config) -> Url {
    let base = &config.daemon.base_url;
    base.join("hub").unwrap_or_else(|_| base.clone())
}

/// What holds for the items of each site.
fn site_terms(config: &Config) -> BTreeMap<SiteId, SiteTerms> {
    let terms = config.sites.iter().map(|site| {
        let Terms { licence, pictures, attachments } = site.terms.clone();
        let name = site.name.clone();
        (site.id.clone(), SiteTerms { name, licence, pictures, attachments })
    });
    terms.collect()
}

/// What readers are told that sites and columns are called.
pub fn names(config: &Config) -> Names {
    let columns = config.sites.iter().flat_map(|site| &site.columns);
    let columns = columns.map(|column| (column.id.clone(), column.name.clone()));
    let sites = config.sites.iter().map(|site| (site.id.clone(), site.name.clone()));
    Names { sites: sites.collect(), columns: columns.collect() }
}

/// How a site's items are named and attributed.
fn naming(config: &Config, site: &Site) -> Naming {
    Naming {
        authority: config.id.authority.clone(),
        date: config.id.date.clone(),
        site: site.id.clone(),
        site_name: site.name.clone(),
        self_names: site.self_names.iter().chain(&site.publisher).cloned().collect(),
        source_aliases: site.source_aliases.clone(),
        default_source: site.default_source.clone(),
        hosts: site.home.iter().map(crate::text::web::bare_host).collect(),
    }
}

/// How a site is visited.
fn manners(config: &Config, site: &Site) -> Manners {
    guest_manners(config, Some(site))
}

/// How an address is visited for an operator: as its site is; where that is unknown, as any.
pub fn guest_manners(config: &Config, site: Option<&Site>) -> Manners {
    let fetch = site.map_or(&config.fetch, |site| &site.fetch);
    Manners {
        agent: crate::fetch::agent(config.fetch.contact.as_deref()),
        gap: fetch.gap,
        timeout: fetch.timeout,
        max_bytes: fetch.max_bytes,
        retries: fetch.retries,
        allow_private: fetch.allow_private,
        obey_robots: fetch.robots == Robots::Obey,
        headers: fetch.headers.clone(),
        budget: fetch.budget_per_day.map(|most| Budget { most, zone: config.schedule.zone }),
    }
}

/// Decodes and reads a page on a thread of its own: trees are not `Send`, and reading takes time.
async fn parse<T: Send + 'static>(
    page: Page,
    read: impl FnOnce(&str, &Page) -> Result<T, Rejection> + Send + 'static,
) -> (Page, Result<T, Rejection>) {
    let kept = page.clone();
    let task = aside(move || {
        let text = charset::text(&page.body, page.content_type.as_deref())?;
        read(&text, &page)
    });
    match task.await {
        Ok(result) => (kept, result),
        Err(_) => (
            kept,
            Err(Rejection::new(ProblemCode::RunPanicked, "reading the page ended in a panic")),
        ),
    }
}
