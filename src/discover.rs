//! Finds the rows of a list page.
//!
//! In: a page and a [`ListRule`]; out: a [`Listing`], or the reason why there is none. No I/O, and
//! nothing is fetched: what a row leads to is judged by its address.

mod anchor;
mod group;
mod jcms;
mod next;
mod row;
mod title;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use dom_query::Document;
use regex::Regex;
use url::Url;

use crate::model::{Link, Listing, ProblemCode, Rejection};
use crate::text::alternative::{Alternative, Selector};
use crate::text::{dom, web};
use anchor::Context;
use row::Row;

/// How the rows of a column are found, compiled and checked.
#[derive(Clone, Debug, Default)]
pub struct ListRule {
    /// What kind of list it is.
    pub kind: ListKind,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListKind {
    /// Rows in HTML.
    #[default]
    Html,
    /// Rows in CDATA sections of an inline `<datastore>` (大汉 jcms).
    HanwebJcms,
}

/// What becomes of rows that lead to another host, to WeChat or to a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum External {
    /// An item from the row alone: title, date, link.
    #[default]
    LinkOnly,
    /// The row is left out.
    Skip,
}

/// Addresses of the next list pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Relative address with `{n}`: `index_{n}.html`, `list.asp?page={n}`.
    pub template: String,
    /// The number of the second page (`1` for TRS, `2` elsewhere).
    pub second: u32,
    /// At most so many pages are named.
    pub max_pages: u32,
}

/// Reads the list page `html` from `url`, seen at `seen`.
///
/// Rows are what `rule` declares; a declared row that matches nothing is a [`Rejection`], since a
/// guess would hide a redesign. Without a declaration the best group of alike links is taken.
pub fn read(
    html: &str,
    url: &Url,
    seen: Option<DateTime<Utc>>,
    rule: &ListRule,
) -> Result<Listing, Rejection> {
    let document = dom::parse(html)?;
    let context = Context::new(&document, url, seen, &rule.exclude);
    let rows = match records(html, rule) {
        Some(records) => from_records(&records, rule, &context)?,
        None if rule.kind == ListKind::HanwebJcms => {
            return Err(empty(html, "no `<datastore>`"));
        }
        None if rule.item.is_empty() => group::rows(&body(&document), rule, &context)
            .map_err(|seen| empty(html, &nothing_alike(&seen)))?,
        None => declared_rows(&document, html, rule, &context)?,
    };
    let next = next::pages(html, &document, url, rule.paging.as_ref());
    Ok(Listing { links: wanted(rows, rule, url), next })
}

/// True when `link` leads from the list page `page` to another host, to WeChat or to a file: to
/// nothing that is read as an article of this site.
pub fn is_external(link: &Link, page: &Url) -> bool {
    !web::same_site(&link.url, page) || web::is_wechat(&link.url) || web::is_file(&link.url)
}

/// The records of an inline datastore, where the rule says so or says nothing.
fn records(html: &str, rule: &ListRule) -> Option<Vec<String>> {
    let undeclared = rule.kind == ListKind::Html && rule.item.is_empty();
    let records = jcms::records(html)?;
    let wanted = rule.kind == ListKind::HanwebJcms || (undeclared && !records.is_empty());
    wanted.then_some(records)
}

fn from_records(
    records: &[String],
    rule: &ListRule,
    context: &Context<'_>,
) -> Result<Vec<Link>, Rejection> {
    let mut links = Vec::new();
    for record in records {
        let record = dom::parse(record)?;
        links.extend(Row::with_following(body(&record)).link(rule, context));
    }
    if links.is_empty() {
        let detail = format!("no link in {} records of the `<datastore>`", records.len());
        return Err(Rejection::new(ProblemCode::ListEmpty, detail));
    }
    Ok(links)
}

fn declared_rows(
    document: &Document,
    html: &str,
    rule: &ListRule,
    context: &Context<'_>,
) -> Result<Vec<Link>, Rejection> {
    let mut found = Vec::new();
    for selector in &rule.item {
        let nodes = selector.all(&document.root());
        let rows = nodes.iter().map(|&node| Row::with_following(node));
        let links: Vec<Link> = rows.filter_map(|row| row.link(rule, context)).collect();
        if !links.is_empty() {
            return Ok(links);
        }
        found.push(format!("`{}` matched {} elements", selector.as_str(), nodes.len()));
    }
    Err(empty(html, &format!("no row with a link: {}", found.join(", "))))
}

fn nothing_alike(seen: &group::Seen) -> String {
    format!(
        "no rows that stand alike and lead to articles: {} links in {} groups, \
         the best with {} rows, {} of them dated",
        seen.links, seen.groups, seen.best, seen.dated
    )
}

fn empty(html: &str, found: &str) -> Rejection {
    Rejection::new(ProblemCode::ListEmpty, format!("{found} ({} bytes)", html.len()))
}

fn body(document: &Document) -> dom_query::NodeRef<'_> {
    document.body().unwrap_or_else(|| document.root())
}

/// The rows that the rule lets pass, one per address.
fn wanted(rows: Vec<Link>, rule: &ListRule, page: &Url) -> Vec<Link> {
    let any =
        |patterns: &[Regex], text: &str| patterns.iter().any(|pattern| pattern.is_match(text));
    let mut known = HashSet::new();
    rows.into_iter()
        .filter(|link| rule.external == External::LinkOnly || !is_external(link, page))
        .filter(|link| !any(&rule.exclude_url, link.url.as_str()))
        .filter(|link| !any(&rule.title_exclude, &link.title))
        .filter(|link| rule.title_include.is_empty() || any(&rule.title_include, &link.title))
        .filter(|link| known.insert(web::normalised(&link.url)))
        .collect()
}

#[cfg(test)]
mod tests;
