//! What the servers ask of the daemon: who we are, what is read and when, how long documents last.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, Publication};
use crate::model::{BEIJING, Format, Selection, Seq};
use crate::pipeline::{Pipeline, names, public_site};
use crate::serve::{Catalogue, Desk, Front, HubRules, Operators, Places, Plan, Planned, Serving};

use super::Watched;
use super::offer::offer;
use super::per_config::PerConfig;

/// Everything the servers need; each answer follows the configuration of its moment.
pub(super) fn serving(
    pipeline: &Pipeline,
    catalogue: Catalogue,
    config: &watch::Receiver<Arc<Config>>,
    watched: &Watched,
    fresh: watch::Receiver<Seq>,
    end: CancellationToken,
) -> Serving {
    let clock = Arc::clone(&pipeline.clock);
    let (for_plan, for_token) = (config.clone(), config.clone());
    let (front, for_front) = (PerConfig::new(front), config.clone());
    let (for_hub, push) = (config.clone(), Arc::clone(&watched.push));
    let (operators, for_operators) = (PerConfig::new(|config| operators(config)), config.clone());
    let (metrics, counted) = (Arc::clone(&watched.metrics), Arc::clone(&watched.metrics));
    let (plan_clock, fetcher) = (Arc::clone(&clock), pipeline.fetcher.clone());
    let (offers, for_offer) = (PerConfig::new(|config| offer(config)), config.clone());
    Serving {
        catalogue,
        store: pipeline.store.clone(),
        health: Arc::clone(&watched.health),
        started: clock(),
        clock,
        front: Arc::new(move || front.of(&for_front.borrow())),
        throttle: Arc::default(),
        plan: Arc::new(move || plan(&for_plan.borrow(), plan_clock())),
        metrics: Arc::new(move |problems| metrics.text(&fetcher.stats(), problems)),
        answered: Arc::new(move |status| counted.answered(status)),
        hub: Arc::new(move || hub_rules(&for_hub.borrow())),
        turnstile: Arc::default(),
        wake_pusher: Arc::new(move || push.notify_one()),
        offer: Arc::new(move || offers.of(&for_offer.borrow())),
        desk: Arc::new(Desk::default()),
        fresh,
        end,
        operators: Arc::new(move || operators.of(&for_operators.borrow())),
        token: Arc::new(move || {
            for_token.borrow().admin.token.as_ref().map(|token| token.reveal().to_owned())
        }),
    }
}

fn front(config: &Arc<Config>) -> Front {
    let expiry = Expiry::new(Arc::clone(config));
    Front {
        site: Arc::new(public_site(config)),
        places: places(config),
        lasts: Box::new(move |path, now| expiry.seconds(path, now)),
    }
}

fn places(config: &Config) -> Places {
    let moved = config
        .feeds
        .iter()
        .flat_map(|feed| feed.former.iter().map(|former| (former.clone(), feed.spec.slug.clone())));
    Places {
        moved: moved.collect(),
        retired: config.serve.retired.iter().cloned().collect(),
        trusted_proxies: config.serve.trusted_proxies.clone(),
        downloads: config.serve.downloads,
    }
}

fn operators(config: &Config) -> Operators {
    let at = |path| {
        let base = config.admin.address();
        base.join(path).unwrap_or(base)
    };
    Operators { names: names(config), status: at("status"), feed: at("problems.atom") }
}

fn hub_rules(config: &Config) -> Option<HubRules> {
    let websub = &config.websub;
    websub.own.then_some(HubRules {
        lease_s: websub.lease_s,
        lease_min_s: websub.lease_min_s,
        lease_max_s: websub.lease_max_s,
        allow_private: websub.allow_private,
        per_host: websub.per_host,
        per_minute: websub.per_minute,
    })
}

fn plan(config: &Config, now: DateTime<Utc>) -> Plan {
    let columns = config.columns().map(|(site, column)| Planned {
        site: site.name.clone(),
        column: column.id.to_string(),
        name: column.name.clone(),
        next: column.timing.next_after(now),
    });
    let off = config.sites.iter().filter(|site| !site.enabled);
    let digests = config.digests.iter().map(|digest| {
        let next = digest.timing.as_ref().and_then(|timing| timing.next_after(now));
        (digest.spec.slug.clone(), digest.spec.title.clone(), next)
    });
    Plan {
        columns: columns.collect(),
        disabled: off.map(|site| site.name.clone()).collect(),
        digests: digests.collect(),
    }
}

/// When published documents are likely to change, worked out from the schedule and remembered: a
/// request must not cost a walk through the calendar.
#[derive(Debug)]
struct Expiry {
    config: Arc<Config>,
    known: Mutex<HashMap<String, DateTime<Utc>>>,
}

impl Expiry {
    /// That of the documents which `config` publishes.
    fn new(config: Arc<Config>) -> Self {
        Self { config, known: Mutex::default() }
    }

    /// Seconds from `now` until the document at `path` is likely to change; `None` where the
    /// configuration publishes none there.
    fn seconds(&self, path: &str, now: DateTime<Utc>) -> Option<u32> {
        if let Some(archive) = path.strip_prefix("archives/") {
            return Some(archive_lasts(archive, now));
        }
        let mut known = self.known.lock().expect("no holder panics");
        let mut until = known.get(path).copied().filter(|until| *until > now);
        if until.is_none() {
            // Only addresses of documents are remembered, and of these there are so many.
            until = changes_at(&self.config, slug(&self.config, path)?, now);
            known.extend(until.map(|until| (path.to_owned(), until)));
        }
        let seconds = until.map_or(0, |until| (until - now).num_seconds());
        Some(u32::try_from(seconds).unwrap_or(0))
    }
}

/// An archive of a month that is over changes only where something was withdrawn (seconds).
const ARCHIVE_LASTS: u32 = 24 * 3600;

fn archive_lasts(archive: &str, now: DateTime<Utc>) -> u32 {
    let name = archive.rsplit('/').next().unwrap_or_default();
    let running = now.with_timezone(&BEIJING).format("%Y-%m").to_string();
    if name.starts_with(&running) { 0 } else { ARCHIVE_LASTS }
}

/// The slug of the feed that is published at `path`; empty for the pages on all of them.
fn slug<'p>(config: &Config, path: &'p str) -> Option<&'p str> {
    if matches!(path, "index.html" | "opml") {
        return Some("");
    }
    let (slug, ending) = path.strip_prefix("feeds/")?.rsplit_once('.')?;
    let publication = publication(config, slug)?;
    let format = Format::ALL.into_iter().find(|format| format.extension() == ending)?;
    publication.spec.formats.contains(&format).then_some(slug)
}

fn publication<'c>(config: &'c Config, slug: &str) -> Option<&'c Publication> {
    config.feeds.iter().find(|publication| publication.spec.slug == slug)
}

/// The next publication by cron, or the end of the wait of the next refresh.
fn changes_at(config: &Config, slug: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let publication = publication(config, slug);
    if let Some(timing) = publication.and_then(|publication| publication.timing.as_ref()) {
        return timing.next_after(now);
    }
    let all = Selection::All;
    let selection = publication.map_or(&all, |publication| &publication.spec.selection);
    config
        .columns()
        .filter(|(_, column)| selection.may_hold(&column.id))
        .filter_map(|(_, column)| {
            let jitter = TimeDelta::from_std(column.timing.jitter).unwrap_or_default();
            Some(column.timing.next_after(now)? + jitter)
        })
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// A configuration with one column that is read at every full hour, plus two minutes at most.
    fn hourly() -> Arc<Config> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        let text = "[schedule]\nrefresh = \"0 * * * *\"\njitter = \"2m\"\n\
            [[site]]\nid = \"a\"\nname = \"A\"\nhome = \"http://a.test/\"\n\
            [[site.column]]\nid = \"b\"\nname = \"B\"\nurl = \"/b/\"\n\
            [[feed]]\nid = \"daily\"\ntitle = \"D\"\nsites = [\"*\"]\ncron = \"0 8 * * *\"\n\
            formats = [\"rss\"]\n";
        std::io::Write::write_all(&mut std::fs::File::create(&file).unwrap(), text.as_bytes())
            .unwrap();
        Arc::new(Config::load(&file).unwrap())
    }

    #[test]
    fn a_document_lasts_until_the_next_refresh() {
        let expiry = Expiry::new(hourly());
        let seconds = |path, now| expiry.seconds(path, at(now));
        assert_eq!(seconds("feeds/a/b.rss", "2026-11-03T01:30:00Z"), Some(32 * 60));
        assert_eq!(seconds("feeds/a.json", "2026-11-03T01:59:00Z"), Some(3 * 60));
        assert_eq!(seconds("opml", "2026-11-03T01:30:00Z"), Some(32 * 60));
        // Remembered, and worked out anew when that moment has come.
        assert_eq!(seconds("feeds/a/b.rss", "2026-11-03T02:01:00Z"), Some(60));
        assert_eq!(seconds("feeds/a/b.rss", "2026-11-03T02:02:00Z"), Some(60 * 60));
        // 08:00 in Shanghai is midnight UTC.
        assert_eq!(seconds("feeds/daily.rss", "2026-11-03T23:00:00Z"), Some(60 * 60));
    }

    #[test]
    fn an_archive_lasts_a_day_once_its_month_is_over() {
        let expiry = Expiry::new(hourly());
        // 00:30 on 1 November in Beijing.
        let now = at("2026-10-31T16:30:00Z");
        let seconds = |path| expiry.seconds(path, now);
        assert_eq!(seconds("archives/a/b/2026-10.atom"), Some(24 * 3600));
        assert_eq!(seconds("archives/a/b/2026-10-2.atom"), Some(24 * 3600));
        assert_eq!(seconds("archives/a/b/2026-11.atom"), Some(0));
    }

    #[test]
    fn only_what_is_configured_is_expected() {
        let expiry = Expiry::new(hourly());
        let now = at("2026-11-03T01:30:00Z");
        for path in ["feeds/c.rss", "feeds/daily.atom", "feeds/a.xml", "feeds/a", "items/a/1.html"]
        {
            assert_eq!(expiry.seconds(path, now), None, "{path}");
        }
    }
}
