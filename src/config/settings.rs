//! The daemon's own settings: `[daemon]`, `[id]`, `[fetch]`, `[schedule]`, `[feed]`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use url::Url;

use crate::model::{Format, Lang};
use crate::schedule::{Calendar, Cron, Timing};

use super::forms::{
    authority, base_url, contact, cron, fixed_address, format, lang, socket, tag_date, zone,
};
use super::reader::{Section, parse_bytes};
use super::timing;

/// `[daemon]`.
#[derive(Clone, Debug)]
pub struct Daemon {
    /// Data folder.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address readers use, ending in `/`.
    pub base_url: Url,
    /// Title of the public page.
    pub title: String,
    /// Who operates it; may be empty.
    pub operator: String,
    /// Language of pages and messages.
    pub lang: Lang,
    /// Deadline of an orderly shutdown.
    pub shutdown: Duration,
    /// Columns refreshed at once.
    pub workers: usize,
}

/// `[id]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id {
    /// Authority of the tag URIs; a placeholder until the operator sets it.
    pub authority: String,
    /// Date of the tag URIs.
    pub date: String,
}

/// The authority used until the operator sets one (RFC 2606 reserves the name).
pub const AUTHORITY_UNSET: &str = "lianbo.invalid";

/// How robots.txt is regarded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Robots {
    /// It rules.
    #[default]
    Obey,
    /// The site's owner lets us read it all the same.
    OwnerConsents {
        /// Who consented.
        who: String,
        /// On which day.
        when: chrono::NaiveDate,
    },
}

/// `[fetch]`, and a site's own manners.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// Contact in the User-Agent, where set.
    pub contact: Option<String>,
    /// Least time between two requests to a host.
    pub gap: Duration,
    /// Limit of one request.
    pub timeout: Duration,
    /// Limit of an answer in bytes, decoded.
    pub max_bytes: u64,
    /// Retries after passing faults.
    pub retries: u32,
    /// New articles read in one run at most.
    pub articles_per_run: usize,
    /// Requests to one host in one day at most, by the zone of the schedule.
    pub budget_per_day: Option<u64>,
    /// Fixed addresses of names.
    pub resolve: BTreeMap<String, SocketAddr>,
    /// The site lives in a private network (site only).
    pub allow_private: bool,
    /// robots.txt (site only).
    pub robots: Robots,
    /// Further request headers (site only).
    pub headers: Vec<(String, String)>,
}

/// `[schedule]`.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Zone of all cron expressions.
    pub zone: Tz,
    /// When columns are refreshed.
    pub refresh: Timing,
    /// When feeds are published; `None` means on change.
    pub publish: Option<Timing>,
    /// What a feed or a digest with a time of its own takes from here: zone, days, what is made
    /// good. Quiet hours and jitter concern visits to sites alone.
    pub own: Timing,
    /// How long the ledger keeps what became of planned times.
    pub ledger: Duration,
}

/// `[feed]`: defaults of published feeds.
#[derive(Clone, Debug)]
pub(super) struct FeedDefaults {
    /// Items at most.
    pub limit: usize,
    /// Formats.
    pub formats: Vec<Format>,
}

impl Daemon {
    /// Reads `[daemon]`; paths are relative to `folder`.
    pub(super) fn read(section: &Section<'_>, folder: &Path) -> Option<Self> {
        let data = section.text("data").unwrap_or_else(|| "data".to_owned());
        let listen = section.parsed("listen", socket);
        let base_url = section.parsed("base_url", base_url);
        let title = section.text("title").unwrap_or_default();
        let operator = section.text("operator").unwrap_or_default();
        let lang = section.parsed("lang", lang).unwrap_or_default();
        let shutdown = section.duration("shutdown").unwrap_or(Duration::from_secs(10));
        let workers = section.number("workers", 1..257);
        section.texts("include");
        section.finish();
        Some(Self {
            data: folder.join(data),
            listen: listen?,
            base_url: base_url?,
            title,
            operator,
            lang,
            shutdown,
            workers: usize::try_from(workers?).ok()?,
        })
    }
}

impl Id {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let authority = section.parsed("authority", authority).unwrap_or_default();
        let date = section.parsed("date", tag_date).unwrap_or_else(|| "2026".to_owned());
        section.finish();
        let authority = if authority.is_empty() { AUTHORITY_UNSET.to_owned() } else { authority };
        Self { authority, date }
    }
}

impl Fetch {
    /// Reads `[fetch]` or a site's `fetch` table laid over it.
    pub(super) fn read(section: &Section<'_>) -> Self {
        section.not_yet(&["extra_ca", "proxy"]);
        let whole = |key, range, otherwise| section.number(key, range).unwrap_or(otherwise);
        let fetch = Self {
            contact: section.parsed("contact", contact).flatten(),
            gap: section.duration("gap").unwrap_or(Duration::from_secs(2)),
            timeout: section.duration("timeout").unwrap_or(Duration::from_secs(30)),
            max_bytes: section.parsed("max_bytes", parse_bytes).unwrap_or(8 << 20),
            retries: u32::try_from(whole("retries", 0..11, 2)).unwrap_or(2),
            articles_per_run: usize::try_from(whole("articles_per_run", 1..10_001, 40))
                .unwrap_or(40),
            resolve: section.pairs("resolve", fixed_address).into_iter().collect(),
            budget_per_day: section
                .number("budget_per_day", 0..10_000_001)
                .filter(|most| *most > 0),
            allow_private: false,
            robots: Robots::Obey,
            headers: Vec::new(),
        };
        section.finish();
        fetch
    }
}

impl Schedule {
    /// Reads `[schedule]`; what is at fault is replaced so that everything else can be checked.
    pub(super) fn read(section: &Section<'_>, calendar: &Arc<Calendar>) -> Self {
        let zone = section.parsed("zone", zone).unwrap_or(chrono_tz::Asia::Shanghai);
        let hourly = || Cron::parse("@hourly", zone).expect("a macro of ours");
        let refresh = section.parsed("refresh", |text| cron(text, zone));
        let publish = section.parsed("publish", |text| match text {
            "on-change" => Ok(None),
            text => cron(text, zone).map(Some),
        });
        let days = section.number("ledger_days", 7..3661).unwrap_or(92);
        let plain =
            Timing { calendar: Arc::clone(calendar), ..refresh.unwrap_or_else(hourly).into() };
        let refresh = timing::of_schedule(section, plain);
        section.finish();
        let own = Timing { quiet: Default::default(), jitter: Duration::ZERO, ..refresh.clone() };
        let publish = publish.flatten().map(|cron| timing::with_cron(&own, cron));
        Self { zone, refresh, publish, own, ledger: Duration::from_secs(86_400 * days) }
    }
}

impl FeedDefaults {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let limit = section.number("limit", 1..1001).unwrap_or(50);
        let formats = section.parsed_list("formats", format);
        section.finish();
        Self { limit: usize::try_from(limit).unwrap_or(50), formats }
    }
}
