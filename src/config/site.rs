//! Families and sites: the operator's files on what is read.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use regex::Regex;
use url::Url;

use crate::discover::ListRule;
use crate::extract::ArticleRule;
use crate::model::{ColumnId, SiteId};
use crate::schedule::Cron;

use super::reader::{Section, parse_bytes};
use super::rules::{article_rule, list_rule, regex};
use super::settings::{Fetch, Robots, Schedule};

/// Rules shared by all sites on one CMS.
#[derive(Clone, Debug)]
pub struct Family {
    /// Its id: `trs`.
    pub id: String,
    /// The product's name.
    pub name: String,
    /// Addresses of pages of this family.
    pub url_marks: Vec<Regex>,
    /// Texts in pages of this family.
    pub html_marks: Vec<String>,
    /// How lists are read.
    pub list: ListRule,
    /// How articles are read.
    pub article: ArticleRule,
}

/// One website that is read.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// Name for people.
    pub name: String,
    /// Short name for lists.
    pub short_name: String,
    /// `national`, `province`, `city`, `county`, `chamber`.
    pub level: String,
    /// Six-digit area code (GB/T 2260), where known.
    pub region: Option<String>,
    /// Home page; only a disabled site may lack it.
    pub home: Option<Url>,
    /// The legal body that publishes the site.
    pub publisher: Option<String>,
    /// What the site calls itself in credits: 本网, 本站.
    pub self_names: Vec<String>,
    /// Credits and what they stand for.
    pub source_aliases: Vec<(String, String)>,
    /// The credit of articles that print none.
    pub default_source: Option<String>,
    /// The family, if any.
    pub family: Option<String>,
    /// Whether it is read.
    pub enabled: bool,
    /// Manners towards this site.
    pub fetch: Fetch,
    /// How lists are read where no column says otherwise.
    pub list: ListRule,
    /// How articles are read where no column says otherwise.
    pub article: ArticleRule,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// One list page of a site.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its id.
    pub id: ColumnId,
    /// Name for people.
    pub name: String,
    /// The list page.
    pub url: Url,
    /// Tags for selection.
    pub tags: Vec<String>,
    /// How its rows are found.
    pub list: ListRule,
    /// How its articles are read.
    pub article: ArticleRule,
    /// When it is refreshed.
    pub cron: Cron,
    /// Spread after the planned time.
    pub jitter: Duration,
}

/// The tables of a family that sites build upon.
pub(super) struct FamilyRules<'a> {
    list: Section<'a>,
    article: Section<'a>,
}

/// Reads a `[[family]]`; the tables are kept so that sites can be laid over them.
pub(super) fn family<'a>(section: &Section<'a>) -> Option<(Family, FamilyRules<'a>)> {
    let id = section.required("id", |text| text.parse::<SiteId>().map(|id| id.to_string()));
    let name = section.text("name");
    let marks = section.section("recognise");
    let url_marks = marks.parsed_list("url", regex);
    let html_marks = marks.texts("html");
    marks.finish();
    let tables = FamilyRules { list: section.section("list"), article: section.section("article") };
    let list = list_rule(&tables.list);
    let article = article_rule(&tables.article);
    section.finish();
    let id = id?;
    let name = name.unwrap_or_else(|| id.clone());
    Some((Family { id, name, url_marks, html_marks, list, article }, tables))
}

/// What a site is built from, beside its own table.
pub(super) struct Ground<'a, 'b> {
    pub(super) families: &'b BTreeMap<String, FamilyRules<'a>>,
    pub(super) fetch: &'b Section<'a>,
    pub(super) schedule: &'b Schedule,
}

const NOT_YET: &[&str] = &[
    "mirrors",
    "allowed_hosts",
    "retired_hosts",
    "timezone",
    "charset",
    "https",
    "referer",
    "prime_url",
    "cookies",
    "concurrency",
    "no_fetch_hours",
    "licence",
    "post",
    "health",
    "hold",
    "publish",
];

/// Reads a `[[site]]`.
pub(super) fn site<'a>(section: &Section<'a>, ground: &Ground<'a, '_>) -> Option<Site> {
    let id = section.required("id", str::parse::<SiteId>);
    let name = section.required("name", not_empty);
    let enabled = section.boolean("enabled").unwrap_or(true);
    let home = section.parsed("home", web_address);
    if enabled && !section.has("home") {
        section.fault("`home` is missing; only a site with `enabled = false` may lack it");
    }
    let family = section.parsed("family", |text| known_family(text, ground.families));
    section.not_yet(NOT_YET);
    identity(section);
    let beneath = family.as_ref().and_then(|family| ground.families.get(family));
    let list = under(section.section("list"), beneath.map(|rules| &rules.list));
    let article = under(section.section("article"), beneath.map(|rules| &rules.article));
    let columns = section.sections("column");
    if enabled && columns.is_empty() {
        section.fault("an enabled site needs at least one `[[site.column]]`");
    }
    let columns = columns
        .iter()
        .filter_map(|table| {
            let own =
                Own { site: id.as_ref(), home: home.as_ref(), list: &list, article: &article };
            column(table, &own, ground)
        })
        .collect();
    let short_name = section.text("short_name");
    let site = Site {
        level: section.parsed("level", level).unwrap_or_else(|| "city".to_owned()),
        region: section.parsed("region", region),
        publisher: section.text("publisher"),
        self_names: section.texts("self_names"),
        source_aliases: section.pairs("source_aliases"),
        default_source: section.text("default_source"),
        fetch: manners(section, ground),
        list: list_rule(&list),
        article: article_rule(&article),
        id: id?,
        short_name: short_name.or_else(|| name.clone()).unwrap_or_default(),
        name: name?,
        home,
        family,
        enabled,
        columns,
    };
    section.finish();
    Some(site)
}

/// Politeness of a site: its own `fetch` table over the daemon's.
fn manners<'a>(section: &Section<'a>, ground: &Ground<'a, '_>) -> Fetch {
    let own = section.section("fetch");
    for key in ["contact", "resolve"] {
        if own.has(key) {
            own.fault(format!("`{key}` belongs into `[fetch]` of config.toml"));
        }
    }
    let fetch = Fetch::read(&own.over(ground.fetch));
    Fetch {
        allow_private: section.boolean("allow_private").unwrap_or(false),
        robots: section.parsed("robots", robots).unwrap_or_default(),
        consent: section.text("consent"),
        headers: section.pairs("headers"),
        ..fetch
    }
}

fn robots(text: &str) -> Result<Robots, String> {
    match text {
        "obey" => Ok(Robots::Obey),
        "owner-consents" => Err("`owner-consents` is not supported yet".to_owned()),
        _ => Err(format!("`{text}` is none of `obey`, `owner-consents`")),
    }
}

/// Identity marks are checked for form; they begin to act with the identity check.
fn identity(section: &Section<'_>) {
    let table = section.section("identity");
    for key in ["must_contain", "forbid"] {
        table.texts(key);
    }
    for key in ["icp", "site_id_code"] {
        table.text(key);
    }
    table.finish();
}

/// What a column takes from its site.
struct Own<'a, 'b> {
    site: Option<&'b SiteId>,
    home: Option<&'b Url>,
    list: &'b Section<'a>,
    article: &'b Section<'a>,
}

fn column<'a>(section: &Section<'a>, own: &Own<'a, '_>, ground: &Ground<'a, '_>) -> Option<Column> {
    let id = section.required("id", |text| match own.site {
        Some(site) => ColumnId::new(site.clone(), text),
        None => ColumnId::new("x".parse()?, text),
    });
    let name = section.required("name", not_empty);
    let url = section.required("url", |text| list_address(text, own.home));
    let cron = section.parsed("cron", |text| Cron::parse(text, ground.schedule.zone));
    section.not_yet(&[
        "urls",
        "breadcrumb",
        "hold",
        "expect_items_min",
        "max_silence_days",
        "max_age",
    ]);
    let column = Column {
        tags: section.texts("tags"),
        list: list_rule(&section.section("list").over(own.list)),
        article: article_rule(&section.section("article").over(own.article)),
        jitter: section.duration("jitter").unwrap_or(ground.schedule.jitter),
        cron: cron.unwrap_or_else(|| ground.schedule.refresh.clone()),
        id: id?,
        name: name?,
        url: url?,
    };
    section.finish();
    Some(column)
}

fn under<'a>(section: Section<'a>, beneath: Option<&Section<'a>>) -> Section<'a> {
    match beneath {
        Some(beneath) => section.over(beneath),
        None => section,
    }
}

fn known_family(
    text: &str,
    families: &BTreeMap<String, FamilyRules<'_>>,
) -> Result<String, String> {
    if families.contains_key(text) {
        return Ok(text.to_owned());
    }
    let known = families.keys().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    Err(format!("no family `{text}`; known: {known}"))
}

fn not_empty(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() { Err("must not be empty") } else { Ok(text.to_owned()) }
}

/// An absolute http(s) address with a host.
pub(super) fn web_address(text: &str) -> Result<Url, String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        Ok(url) => Err(format!("wanted http:// or https://, found `{}:`", url.scheme())),
        Err(error) => Err(format!("`{text}` is no address: {error}")),
    }
}

fn list_address(text: &str, home: Option<&Url>) -> Result<Url, String> {
    match home {
        Some(home) => {
            let url =
                home.join(text).map_err(|error| format!("`{text}` is no address: {error}"))?;
            web_address(url.as_str())
        }
        None => web_address(text),
    }
}

fn level(text: &str) -> Result<String, String> {
    match text {
        "national" | "province" | "city" | "county" | "chamber" => Ok(text.to_owned()),
        _ => {
            Err(format!("`{text}` is none of `national`, `province`, `city`, `county`, `chamber`"))
        }
    }
}

fn region(text: &str) -> Result<String, String> {
    if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is no area code; wanted six digits (GB/T 2260)"))
    }
}

/// Names every id that is used twice, with both places.
pub(super) fn refuse_twins<'a>(ids: impl Iterator<Item = (String, &'a Section<'a>)>) {
    let mut places: HashMap<String, String> = HashMap::new();
    for (id, section) in ids {
        if let Some(first) = places.get(&id) {
            section.fault(format!("id `{id}` is used twice; first at {first}"));
        } else {
            places.insert(id, section.place());
        }
    }
}

/// `max_bytes` and the like.
pub(super) fn bytes(section: &Section<'_>, key: &'static str) -> Option<u64> {
    section.parsed(key, parse_bytes)
}
