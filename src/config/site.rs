//! Sites: the operator's files on what is read.

use url::Url;

use crate::discover::ListRule;
use crate::extract::ArticleRule;
use crate::model::{Both, SiteId};
use crate::trust::Identity;

use super::column::{self, Column};
use super::custody::Terms;
use super::editing::{self, Editing, Withdraw};
use super::family::{self, Families};
use super::forms::{day, level, none_of, not_empty, region, request_header, site_id, web_address};
use super::health::Health;
use super::reader::Section;
use super::rules::{article_rule, list_rule};
use super::settings::{Fetch, Robots, Schedule};
use super::{health, timing, twins};

/// One website that is read.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// Name for people.
    pub name: String,
    /// Short name for lists, such as those of `check`.
    pub short_name: String,
    /// `national`, `province`, `city`, `county`, `chamber`.
    pub level: String,
    /// Six-digit area code (GB/T 2260), where known.
    pub region: Option<String>,
    /// Home page; only a disabled site may lack it.
    pub home: Option<Url>,
    /// The legal body that publishes the site; a credit that names it means the site itself.
    pub publisher: Option<String>,
    /// What the site calls itself in credits: 本网, 本站.
    pub self_names: Vec<String>,
    /// Credits and what they stand for.
    pub source_aliases: Vec<(String, String)>,
    /// The credit of articles that print none.
    pub default_source: Option<String>,
    /// The family, if any.
    pub family: Option<String>,
    /// Whether it is read. What a disabled site published before stays as it is.
    pub enabled: bool,
    /// Manners towards this site.
    pub fetch: Fetch,
    /// How withdrawals and corrections are noticed.
    pub withdraw: Withdraw,
    /// What proves that a page is one of it.
    pub identity: Identity,
    /// How its pictures and attachments are treated, and the line under its items.
    pub terms: Terms,
    /// How lists are read where no column says otherwise.
    pub list: ListRule,
    /// How articles are read where no column says otherwise.
    pub article: ArticleRule,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// What a site is built from, beside its own table.
pub(super) struct Ground<'a, 'b> {
    pub(super) families: &'b Families<'a>,
    pub(super) fetch: &'b Section<'a>,
    pub(super) custody: &'b Terms,
    pub(super) schedule: &'b Schedule,
    pub(super) mask: &'b Section<'a>,
    pub(super) withdraw: &'b Section<'a>,
}

/// Keys of a site that have a meaning but do not act yet.
const NOT_YET: &[&str] = &[
    "mirrors",
    "allowed_hosts",
    "retired_hosts",
    "attribution",
    "timezone",
    "charset",
    "https",
    "referer",
    "prime_url",
    "cookies",
    "concurrency",
    "no_fetch_hours",
];

/// All sites in the order of their ids.
pub(super) fn sites<'a>(roots: &[Section<'a>], ground: &Ground<'a, '_>) -> Vec<Site> {
    let tables: Vec<Section<'a>> = roots.iter().flat_map(|root| root.sections("site")).collect();
    twins::refuse(tables.iter().filter_map(|table| Some((table.text("id")?, table))));
    let mut sites: Vec<Site> = tables.iter().map(|table| site(table, ground)).collect();
    sites.sort_by(|a, b| a.id.cmp(&b.id));
    sites
}

/// Reads a `[[site]]`; where its id or name is at fault, another stands in so that all else is
/// checked.
fn site<'a>(section: &Section<'a>, ground: &Ground<'a, '_>) -> Site {
    let id =
        section.required("id", site_id).unwrap_or_else(|| "x".parse().expect("a name by the rule"));
    let name = section.required("name", not_empty).unwrap_or_default();
    let enabled = section.boolean("enabled").unwrap_or(true);
    let home = section.parsed("home", web_address);
    if enabled && !section.has("home") {
        section.fault(Both::new(
            "缺少“home”；只有 enabled = false 的站点可以不写",
            "`home` is missing; only a site with `enabled = false` may lack it",
        ));
    }
    let family = section.parsed("family", |text| family::known(text, ground.families));
    section.not_yet(NOT_YET);
    let mask = editing::mask(&section.section("mask").over(ground.mask));
    let editing = Editing::read(section, Editing { mask, ..Editing::default() });
    later(section);
    let beneath = family.as_ref().and_then(|family| ground.families.get(family));
    let beneath = beneath.map(|(_, rules)| rules);
    let list = under(section.section("list"), beneath.map(|rules| &rules.list));
    let article = under(section.section("article"), beneath.map(|rules| &rules.article));
    let column_ground = column::Ground {
        site: &id,
        home: home.as_ref(),
        list: &list,
        article: &article,
        timing: &timing::timing(section, &ground.schedule.refresh),
        editing,
        health: Health::read(section, Health::default()),
    };
    let columns = columns(section, enabled, &column_ground);
    let site = Site {
        short_name: section.parsed("short_name", not_empty).unwrap_or_else(|| name.clone()),
        level: section.parsed("level", level).unwrap_or_else(|| "city".to_owned()),
        region: section.parsed("region", region),
        publisher: section.parsed("publisher", not_empty),
        self_names: section.parsed_list("self_names", not_empty),
        source_aliases: section
            .pairs("source_aliases", |from, to| Ok((from.to_owned(), not_empty(to)?))),
        default_source: section.parsed("default_source", not_empty),
        fetch: manners(section, ground),
        withdraw: Withdraw::read(&section.section("withdraw").over(ground.withdraw)),
        identity: health::identity(section),
        terms: Terms::read(section, ground.custody),
        list: list_rule(&list),
        article: article_rule(&article),
        id,
        name,
        home,
        family,
        enabled,
        columns,
    };
    section.finish();
    site
}

fn columns<'a>(
    section: &Section<'a>,
    enabled: bool,
    ground: &column::Ground<'a, '_>,
) -> Vec<Column> {
    let tables = section.sections("column");
    if enabled && !section.has("column") {
        section.fault(Both::new(
            "启用的站点至少要有一个 [[site.column]]",
            "an enabled site needs at least one `[[site.column]]`",
        ));
    }
    twins::refuse(tables.iter().filter_map(|table| Some((table.text("id")?, table))));
    tables.iter().filter_map(|table| column::column(table, ground)).collect()
}

/// The table `post` of a site or column, whose keys do not act yet.
pub(super) fn later(section: &Section<'_>) {
    let post = section.section("post");
    post.not_yet(&["title_rewrite", "masks", "dedupe_group", "dedupe_priority", "max_age"]);
    // Read by `Editing`.
    for key in ["hold", "publish"] {
        post.has(key);
    }
    post.finish();
}

/// Politeness of a site: its own `fetch` table over the daemon's.
fn manners<'a>(section: &Section<'a>, ground: &Ground<'a, '_>) -> Fetch {
    let own = section.section("fetch");
    for key in ["contact", "resolve"] {
        if own.has(key) {
            let zh = format!("“{key}”只能写在 config.toml 的 [fetch] 中");
            let en = format!("`{key}` belongs into `[fetch]` of config.toml");
            own.fault_at(key, Both::new(zh, en));
        }
    }
    let fetch = Fetch::read(&own.over(ground.fetch));
    Fetch {
        allow_private: section.boolean("allow_private").unwrap_or(false),
        robots: robots(section),
        headers: section.pairs("headers", request_header),
        ..fetch
    }
}

/// `robots`, and who consented to more than robots.txt allows.
fn robots(section: &Section<'_>) -> Robots {
    let consents = section.parsed("robots", |text| match text {
        "obey" => Ok(false),
        "owner-consents" => Ok(true),
        _ => Err(none_of(text, &["obey", "owner-consents"])),
    });
    let given = section.has("consent");
    let table = section.section("consent");
    let consent = if given {
        let (who, when) = (table.required("by", not_empty), table.required("on", day));
        table.finish();
        who.zip(when)
    } else {
        None
    };
    match (consents, consent) {
        (Some(true), Some((who, when))) => Robots::OwnerConsents { who, when },
        (Some(true), None) if !given => {
            section.fault_at(
                "robots",
                Both::new(
                    "须写明谁在何时同意：consent = { by = \"…\", on = \"2026-11-20\" }",
                    "say who consented and when: consent = { by = \"…\", on = \"2026-11-20\" }",
                ),
            );
            Robots::Obey
        }
        (Some(false) | None, _) if given => {
            let en = "`consent` says nothing without `robots = \"owner-consents\"`";
            let zh = "“consent”须与 robots = \"owner-consents\" 同用";
            section.fault_at("consent", Both::new(zh, en));
            Robots::Obey
        }
        _ => Robots::Obey,
    }
}

fn under<'a>(section: Section<'a>, beneath: Option<&Section<'a>>) -> Section<'a> {
    match beneath {
        Some(beneath) => section.over(beneath),
        None => section,
    }
}
