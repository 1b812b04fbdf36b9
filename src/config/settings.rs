//! The daemon's own settings: `[daemon]`, `[id]`, `[fetch]`, `[schedule]`, `[feed]`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono_tz::Tz;
use url::Url;

use crate::model::{Format, Lang};
use crate::schedule::Cron;

use super::reader::Section;
use super::site::{bytes, web_address};

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
    /// Fixed addresses of names.
    pub resolve: BTreeMap<String, SocketAddr>,
    /// The site lives in a private network (site only).
    pub allow_private: bool,
    /// robots.txt (site only).
    pub robots: Robots,
    /// Who consented (site only).
    pub consent: Option<String>,
    /// Further request headers (site only).
    pub headers: Vec<(String, String)>,
}

/// `[schedule]`.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Zone of all cron expressions.
    pub zone: Tz,
    /// When columns are refreshed.
    pub refresh: Cron,
    /// Spread after the planned time.
    pub jitter: Duration,
    /// When feeds are published; `None` means on change.
    pub publish: Option<Cron>,
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
        let daemon = Self {
            data: folder.join(section.text("data").unwrap_or_else(|| "data".to_owned())),
            listen: section.parsed("listen", socket)?,
            base_url: section.parsed("base_url", base_url)?,
            title: section.text("title").unwrap_or_default(),
            operator: section.text("operator").unwrap_or_default(),
            lang: section.parsed("lang", lang).unwrap_or_default(),
            shutdown: section.duration("shutdown").unwrap_or(Duration::from_secs(10)),
            workers: section
                .number("workers", 1..257)
                .and_then(|workers| usize::try_from(workers).ok())
                .unwrap_or(8),
        };
        section.texts("include");
        section.finish();
        Some(daemon)
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
        section.not_yet(&["budget_per_day", "quiet_hours", "extra_ca", "proxy"]);
        let whole = |key, range, otherwise| section.number(key, range).unwrap_or(otherwise);
        let resolve = section.pairs("resolve");
        let fetch = Self {
            contact: section.text("contact").filter(|contact| !contact.trim().is_empty()),
            gap: section.duration("gap").unwrap_or(Duration::from_secs(2)),
            timeout: section.duration("timeout").unwrap_or(Duration::from_secs(30)),
            max_bytes: bytes(section, "max_bytes").unwrap_or(8 << 20),
            retries: u32::try_from(whole("retries", 0..11, 2)).unwrap_or(2),
            articles_per_run: usize::try_from(whole("articles_per_run", 1..10_001, 40))
                .unwrap_or(40),
            resolve: BTreeMap::new(),
            allow_private: false,
            robots: Robots::Obey,
            consent: None,
            headers: Vec::new(),
        };
        let mut addresses = BTreeMap::new();
        for (host, address) in resolve {
            match socket(&address) {
                Ok(address) => {
                    addresses.insert(host.to_ascii_lowercase(), address);
                }
                Err(what) => section.fault(format!("resolve.{host}: {what}")),
            }
        }
        section.finish();
        Self { resolve: addresses, ..fetch }
    }
}

impl Schedule {
    pub(super) fn read(section: &Section<'_>) -> Option<Self> {
        section.not_yet(&["workdays", "catch_up", "quiet_hours", "adaptive"]);
        let zone = section.parsed("zone", zone);
        let parse = zone.unwrap_or(chrono_tz::Asia::Shanghai);
        let refresh = section.parsed("refresh", |text| Cron::parse(text, parse));
        let publish = section.parsed("publish", |text| match text {
            "on-change" => Ok(None),
            cron => Cron::parse(cron, parse).map(Some),
        });
        let jitter = section.duration("jitter").unwrap_or_default();
        section.finish();
        Some(Self { zone: zone?, refresh: refresh?, jitter, publish: publish? })
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

/// A format by its extension.
pub(super) fn format(text: &str) -> Result<Format, String> {
    Format::ALL
        .into_iter()
        .find(|format| format.extension() == text)
        .ok_or_else(|| format!("`{text}` is none of `rss`, `atom`, `json`, `html`"))
}

/// A language by its code.
pub fn lang(text: &str) -> Result<Lang, String> {
    match text {
        "zh" => Ok(Lang::Zh),
        "en" => Ok(Lang::En),
        _ => Err(format!("`{text}` is none of `zh`, `en`")),
    }
}

pub(super) fn socket(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("`{text}` is no address with port, such as 127.0.0.1:8080"))
}

fn base_url(text: &str) -> Result<Url, String> {
    let mut url = web_address(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("`{text}` must have no query and no fragment"));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| format!("`{text}` is no IANA time zone, such as Asia/Shanghai"))
}

/// RFC 4151 §2.1: a domain name or an e-mail address; empty means not yet set.
fn authority(text: &str) -> Result<String, String> {
    let domain = text.rsplit('@').next().unwrap_or(text);
    let well_formed = domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty()
                && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        });
    if text.is_empty() || well_formed {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is no domain name or e-mail address in lower case (RFC 4151)"))
    }
}

/// RFC 4151 §2.1: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
fn tag_date(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split('-').collect();
    let well_formed = parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()))
        && matches!(
            parts.iter().map(|part| part.len()).collect::<Vec<_>>().as_slice(),
            [4] | [4, 2] | [4, 2, 2]
        );
    if well_formed {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is no date of a tag URI; wanted YYYY, YYYY-MM or YYYY-MM-DD"))
    }
}
