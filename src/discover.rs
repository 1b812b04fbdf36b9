//! Finds the rows of a list page, whatever kind of list it is.
//!
//! In: the text of a page, the request it answers and a [`ListRule`]; out: a [`Listing`], or the
//! reason why there is none. No I/O, and nothing is fetched: what a row leads to is judged by its
//! address, and where more rows are is only named.

mod alone;
mod anchor;
mod button;
mod count;
mod embedded;
mod feed;
mod group;
mod jcms;
mod jpaas;
mod json;
mod next;
mod page;
mod pager;
mod printed;
mod request;
mod row;
mod script;
mod sitemap;
mod surroundings;
mod title;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use regex::Regex;
use url::Url;

use crate::model::{Call, Link, Listing, ProblemCode, Rejection};
use crate::text::alternative::{Alternative, Selector};
use crate::text::{dom, web};
use anchor::Context;

pub use json::Pointers;
pub use next::Paging;
pub use request::Ask;

/// Next pages named at most by one page.
const MAX_CALLS: usize = 1_000;

/// How the rows of a column are found, compiled and checked.
#[derive(Clone, Debug, Default)]
pub struct ListRule {
    /// What kind of list it is; none means what the page looks like.
    pub kind: Option<ListKind>,
    /// How the rows are asked for, where the list page only frames them.
    pub request: Option<Ask>,
    /// Where the rows of a JSON answer are.
    pub json: Pointers,
    /// One row; several are tried in order, none means the heuristic.
    pub item: Vec<Selector>,
    /// The row's address, looked for inside the row; none means its first real link.
    pub link: Vec<Alternative>,
    /// The row's title, looked for inside the row; none means `title` attribute, then link text.
    pub title: Vec<Alternative>,
    /// The row's date, looked for inside the row; none means any date in its text, then its address.
    pub date: Vec<Alternative>,
    /// Parts of the page that hold no rows (pinned blocks, side bars).
    pub exclude: Vec<Selector>,
    /// When not empty, only rows whose address matches one are kept.
    pub include_url: Vec<Regex>,
    /// Rows whose address matches are left out.
    pub exclude_url: Vec<Regex>,
    /// When not empty, only rows whose title matches one are kept.
    pub title_include: Vec<Regex>,
    /// Rows whose title matches are left out.
    pub title_exclude: Vec<Regex>,
    /// Where the next pages are; none means what the page itself shows.
    pub paging: Option<Paging>,
    /// What becomes of rows that lead to another host.
    pub external: External,
}

/// The kinds of list pages that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// Rows in HTML.
    Html,
    /// Rows in CDATA sections of a `<datastore>`, inline or from its proxy (大汉 jcms).
    HanwebJcms,
    /// Rows in the HTML of a JSON build unit (大汉 jpaas).
    HanwebJpaas,
    /// Rows in JSON.
    Json,
    /// RSS, Atom or JSON Feed.
    Feed,
    /// A sitemap.
    Sitemap,
}

impl ListKind {
    /// All of them with their names in the configuration.
    pub const ALL: [(&'static str, Self); 6] = [
        ("html", Self::Html),
        ("hanweb-jcms", Self::HanwebJcms),
        ("hanweb-jpaas", Self::HanwebJpaas),
        ("json", Self::Json),
        ("feed", Self::Feed),
        ("sitemap", Self::Sitemap),
    ];

    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        let own = Self::ALL.iter().find(|(_, kind)| *kind == self);
        own.expect("the table above names every kind").0
    }
}

/// What becomes of rows that lead to another host, to WeChat or to a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum External {
    /// An item from the row alone: title, date, link.
    #[default]
    LinkOnly,
    /// The article is read where it is; rows that lead to WeChat or to a file stay links.
    Follow,
    /// The row is left out.
    Skip,
}

/// What a text turned out to be.
enum Shape {
    Json(serde_json::Value),
    Feed,
    Sitemap,
    Page,
}

/// Reads `text`, the answer to `call`, seen at `seen`.
///
/// Rows are what `rule` declares; a declared row that matches nothing is a [`Rejection`]. Without
/// a declaration the kind of list is told by its look, and on a page the best group of alike links
/// is taken. A page that only frames its rows gives none and names in `next` where they are; so
/// does an empty page behind the last one, with nothing in `next`.
pub fn read(
    text: &str,
    call: &Call,
    seen: Option<DateTime<Utc>>,
    rule: &ListRule,
) -> Result<Listing, Rejection> {
    let shape = shape(text);
    if let Some(kind) = rule.kind
        && !shape.may_be(kind)
    {
        let (wanted, found) = (kind.name(), shape.name());
        return Err(empty(text, &format!("wanted a list of kind `{wanted}`, found {found}")));
    }
    let mut listing = match shape {
        Shape::Json(value) if is_json_feed(&value) => feed::read(text, &call.url)?,
        Shape::Json(value) => json::read(&value, text, call, rule, seen)?,
        Shape::Feed => feed::read(text, &call.url)?,
        Shape::Sitemap => sitemap::read(text, &call.url, rule)?,
        Shape::Page => of_page(text, call, seen, rule)?,
    };
    listing.links = wanted(listing.links, rule, &call.url);
    // Only a rule may send us elsewhere.
    let allowed = |next: &Call| rule.request.is_some() || web::same_site(&next.url, &call.url);
    listing.next.retain(|next| next != call && allowed(next));
    Ok(listing)
}

fn shape(text: &str) -> Shape {
    if let Some(value) = embedded::value(text) {
        return Shape::Json(value);
    }
    if feed::is_feed(text) {
        Shape::Feed
    } else if sitemap::is_sitemap(text) {
        Shape::Sitemap
    } else {
        Shape::Page
    }
}

fn is_json_feed(value: &serde_json::Value) -> bool {
    let version = value.get("version").and_then(serde_json::Value::as_str);
    version.is_some_and(|version| version.contains("jsonfeed.org"))
}

impl Shape {
    /// True where a list of `kind` may answer so. A JSON list may be framed by a page.
    fn may_be(&self, kind: ListKind) -> bool {
        match kind {
            ListKind::Html | ListKind::HanwebJcms => matches!(self, Self::Page),
            ListKind::HanwebJpaas | ListKind::Json => matches!(self, Self::Json(_) | Self::Page),
            ListKind::Feed => {
                matches!(self, Self::Feed)
                    || matches!(self, Self::Json(value) if is_json_feed(value))
            }
            ListKind::Sitemap => matches!(self, Self::Sitemap),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Json(_) => "JSON",
            Self::Feed => "a feed",
            Self::Sitemap => "a sitemap",
            Self::Page => "a page",
        }
    }
}

/// A page: of a CMS that has a way of its own to list, or with rows in its HTML.
fn of_page(
    html: &str,
    call: &Call,
    seen: Option<DateTime<Utc>>,
    rule: &ListRule,
) -> Result<Listing, Rejection> {
    let document = dom::parse(html)?;
    let context = Context::new(&document, &call.url, seen, &rule.exclude);
    if let Some(request) = &rule.request {
        let next = request.calls(html, &context.base).map_err(|what| empty(html, &what))?;
        return Ok(Listing { next, rule: "request".to_owned(), ..Listing::default() });
    }
    let may_be = |kind| rule.kind == Some(kind) || (rule.kind.is_none() && rule.item.is_empty());
    if may_be(ListKind::HanwebJcms)
        && let Some(store) = jcms::store(html)
        && (rule.kind.is_some() || !store.records.is_empty())
    {
        let next = jcms::next(html, &store, call, &context.base);
        if store.records.is_empty() && !call.form.is_empty() {
            return Ok(Listing::default());
        }
        let links = page::of_records(&store.records, rule, &context)?;
        return Ok(Listing { links, next, rule: "hanweb-jcms datastore".to_owned() });
    }
    if rule.kind == Some(ListKind::HanwebJcms) {
        return Err(empty(html, "no `<datastore>`"));
    }
    if may_be(ListKind::HanwebJpaas)
        && let Some(unit) = jpaas::shell(&document, html, &context.base)
    {
        let rule = "hanweb-jpaas unit".to_owned();
        return Ok(Listing { next: vec![unit], rule, ..Listing::default() });
    }
    if rule.kind == Some(ListKind::Json) {
        return Err(empty(
            html,
            "wanted JSON, found a page, and no `request` says where the rows are",
        ));
    }
    let rows = page::rows(&document, html, rule, &context);
    if rows.is_err()
        && rule.kind.is_none()
        && rule.item.is_empty()
        && let Some(listing) = embedded::rows(&document, call, rule, seen)
    {
        let next = next::pages(html, &document, call, rule.paging.as_ref());
        return Ok(Listing { next, ..listing });
    }
    let (links, how) = rows?;
    let next = next::pages(html, &document, call, rule.paging.as_ref());
    Ok(Listing { links, next, rule: how })
}

/// True when `link` leads from the list page `page` to another host, to WeChat or to a file: to
/// nothing that is read as an article of this site.
pub fn is_external(link: &Link, page: &Url) -> bool {
    !web::same_site(&link.url, page) || web::is_wechat(&link.url) || web::is_file(&link.url)
}

fn empty(text: &str, found: &str) -> Rejection {
    Rejection::new(ProblemCode::ListEmpty, format!("{found} ({} bytes)", text.len()))
}

/// The rows that the rule lets pass, one per address.
fn wanted(rows: Vec<Link>, rule: &ListRule, page: &Url) -> Vec<Link> {
    let any =
        |patterns: &[Regex], text: &str| patterns.iter().any(|pattern| pattern.is_match(text));
    let mut known = HashSet::new();
    rows.into_iter()
        .filter(|link| rule.external != External::Skip || !is_external(link, page))
        .filter(|link| rule.include_url.is_empty() || any(&rule.include_url, link.url.as_str()))
        .filter(|link| !any(&rule.exclude_url, link.url.as_str()))
        .filter(|link| !any(&rule.title_exclude, &link.title))
        .filter(|link| rule.title_include.is_empty() || any(&rule.title_include, &link.title))
        .filter(|link| known.insert(web::normalised(&link.url)))
        .collect()
}

#[cfg(test)]
mod tests;
