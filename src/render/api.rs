//! The JSON that programs read: changes of items, and what a search found. docs/openapi.json says
//! what each field means; a test holds the two together.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, SecondsFormat};
use serde::Serialize;

use crate::model::{BEIJING, ColumnId, Custody, Extent, Item, Seq, SiteId};
use crate::text::plain;
use crate::text::query::Query;

use super::held::Files;
use super::json::{Also, also_at, media_type};
use super::{PublicSite, marked, parts};

/// What sites and columns are called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Of sites.
    pub sites: BTreeMap<SiteId, String>,
    /// Of columns.
    pub columns: BTreeMap<ColumnId, String>,
}

/// What became of an item, as a client is to take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Became {
    /// New, or changed.
    Live,
    /// Withdrawn: the client withdraws it, too.
    Withdrawn,
    /// Changed so that the client's filter no longer holds it.
    Outside,
}

#[derive(Serialize)]
struct Changes<'a> {
    items: Vec<Change<'a>>,
    next: Seq,
    more: bool,
}

/// A change as programs read it.
#[derive(Serialize)]
pub(super) struct Change<'a> {
    id: &'a str,
    seq: Seq,
    revision: u32,
    state: Became,
    site: &'a str,
    site_name: Option<&'a str>,
    columns: Vec<Column<'a>>,
    url: String,
    page: String,
    published: String,
    first_seen: String,
    revised: String,
    #[serde(flatten)]
    article: Option<Article<'a>>,
}

#[derive(Serialize)]
struct Column<'a> {
    id: String,
    name: Option<&'a str>,
}

/// What is told of live items only.
#[derive(Serialize)]
struct Article<'a> {
    title: String,
    posted: Option<String>,
    credit: Option<String>,
    author: Option<String>,
    editor: Option<String>,
    photographer: Option<String>,
    attribution: String,
    breadcrumb: Vec<String>,
    summary: String,
    html: String,
    text: String,
    images: Vec<Picture<'a>>,
    attachments: Vec<File<'a>>,
    partial: bool,
    extent: Extent,
    also_at: Vec<Also>,
}

#[derive(Serialize)]
struct Picture<'a> {
    url: String,
    alt: &'a str,
    caption: &'a str,
}

#[derive(Serialize)]
struct File<'a> {
    url: String,
    name: &'a str,
    media_type: &'static str,
}

#[derive(Serialize)]
struct Hits<'a> {
    items: Vec<Hit<'a>>,
    next: Option<String>,
    complete: bool,
}

#[derive(Serialize)]
struct Hit<'a> {
    id: &'a str,
    seq: Seq,
    site: &'a str,
    site_name: Option<&'a str>,
    title: String,
    title_html: String,
    excerpt_html: String,
    in_title: bool,
    attribution: String,
    posted: Option<String>,
    published: String,
    url: String,
    page: String,
    also_at: Vec<Also>,
}

/// What a search found, as pages and programs show it.
#[derive(Clone, Copy, Debug)]
pub struct Hitlist<'a> {
    /// What was searched for.
    pub query: &'a Query,
    /// Newest first.
    pub items: &'a [Item],
    /// Where to go on, where there may be more.
    pub next: Option<&'a str>,
    /// False when the search was ended before its time.
    pub complete: bool,
}

/// The answer of the cursor API.
pub fn changes<'a>(
    told: impl Iterator<Item = (&'a Item, Became)>,
    next: Seq,
    more: bool,
    names: &'a Names,
    custody: &'a Custody,
    site: &'a PublicSite,
) -> Vec<u8> {
    let files = |item| Files::of(item, custody, site);
    let items = told.map(|(item, became)| change(item, became, names, files(item), site)).collect();
    line(&Changes { items, next, more })
}

/// The answer of the search API.
pub fn hits(list: &Hitlist<'_>, names: &Names, site: &PublicSite) -> Vec<u8> {
    let hit = |item| hit(item, list.query, names, site);
    let items = list.items.iter().map(hit).collect();
    line(&Hits { items, next: list.next.map(str::to_owned), complete: list.complete })
}

/// A live item as the cursor API tells it, on a line of its own.
pub(super) fn live(item: &Item, names: &Names, files: Files<'_>, site: &PublicSite) -> Vec<u8> {
    line(&change(item, Became::Live, names, files, site))
}

fn line(answer: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(answer).expect("texts and numbers can be written");
    bytes.push(b'\n');
    bytes
}

/// The last change of `item`, which `became` what it says.
pub(super) fn change<'a>(
    item: &'a Item,
    became: Became,
    names: &'a Names,
    files: Files<'a>,
    site: &PublicSite,
) -> Change<'a> {
    let column = |id: &ColumnId| Column {
        id: id.to_string(),
        name: names.columns.get(id).map(String::as_str),
    };
    Change {
        id: item.id.as_str(),
        seq: item.seq,
        revision: item.revision,
        state: became,
        site: item.site.as_str(),
        site_name: names.sites.get(&item.site).map(String::as_str),
        columns: item.columns.iter().map(column).collect(),
        url: parts::address(&item.url),
        page: parts::item_url(site, item),
        published: time(item.published),
        first_seen: time(item.first_seen.with_timezone(&BEIJING)),
        revised: time(item.revised.with_timezone(&BEIJING)),
        article: (became == Became::Live).then(|| article(item, files, site)),
    }
}

fn article<'a>(item: &'a Item, files: Files<'a>, site: &PublicSite) -> Article<'a> {
    let line = |text: &Option<String>| text.as_deref().map(plain::one_line);
    Article {
        title: plain::one_line(&item.title),
        posted: item.posted.map(|posted| posted.to_string()),
        credit: line(&item.credit),
        author: line(&item.author),
        editor: line(&item.editor),
        photographer: line(&item.photographer),
        attribution: plain::one_line(&item.attribution),
        breadcrumb: item.breadcrumb.iter().map(|name| plain::one_line(name)).collect(),
        summary: plain::one_line(&item.summary),
        html: plain::clean(&files.body()),
        text: plain::clean(&item.text),
        images: files
            .pictures()
            .map(|shown| Picture {
                url: shown.url,
                alt: &shown.named.alt,
                caption: &shown.named.caption,
            })
            .collect(),
        attachments: files
            .attachments()
            .map(|shown| File {
                url: shown.url,
                name: &shown.named.name,
                media_type: media_type(shown.named.url.path()),
            })
            .collect(),
        partial: item.partial,
        extent: item.extent,
        also_at: also_at(item, site),
    }
}

fn hit<'a>(item: &'a Item, query: &Query, names: &'a Names, site: &PublicSite) -> Hit<'a> {
    let title = plain::one_line(&item.title);
    let title_html = marked::line(&title, query);
    Hit {
        id: item.id.as_str(),
        seq: item.seq,
        site: item.site.as_str(),
        site_name: names.sites.get(&item.site).map(String::as_str),
        in_title: !query.places(&title).is_empty(),
        title_html,
        excerpt_html: marked::excerpt(item, query),
        title,
        attribution: plain::one_line(&item.attribution),
        posted: item.posted.map(|posted| posted.to_string()),
        published: time(item.published),
        url: parts::address(&item.url),
        page: parts::item_url(site, item),
        also_at: also_at(item, site),
    }
}

/// RFC 3339 to the second, with the offset of Beijing.
fn time(time: DateTime<FixedOffset>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, false)
}
