//! Rows in HTML: declared ones, else the group of links that looks most like a list.

use dom_query::{Document, NodeRef};

use super::anchor::Context;
use super::row::Row;
use super::{ListRule, empty, group};
use crate::model::{Link, ProblemCode, Rejection};
use crate::text::dom;

/// The rows of `document` and which rule found them.
///
/// A declared row that matches nothing is a [`Rejection`], since a guess would hide a redesign.
pub(super) fn rows(
    document: &Document,
    html: &str,
    rule: &ListRule,
    context: &Context<'_>,
) -> Result<(Vec<Link>, String), Rejection> {
    if rule.item.is_empty() {
        let links = group::rows(&body(document), rule, context)
            .map_err(|seen| empty(html, &nothing_alike(&seen)))?;
        return Ok((links, "heuristic rows".to_owned()));
    }
    let mut found = Vec::new();
    for selector in &rule.item {
        let nodes = selector.all(&document.root());
        let rows = nodes.iter().map(|&node| Row::with_following(node));
        let links: Vec<Link> = rows.filter_map(|row| row.link(rule, context)).collect();
        if !links.is_empty() {
            return Ok((links, format!("css {}", selector.as_str())));
        }
        found.push(format!("`{}` matched {} elements", selector.as_str(), nodes.len()));
    }
    Err(empty(html, &format!("no row with a link: {}", found.join(", "))))
}

/// The rows of the records of a datastore.
pub(super) fn of_records(
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

fn nothing_alike(seen: &group::Seen) -> String {
    format!(
        "no rows that stand alike and lead to articles: {} links in {} groups, \
         the best with {} rows, {} of them dated",
        seen.links, seen.groups, seen.best, seen.dated
    )
}

fn body(document: &Document) -> NodeRef<'_> {
    document.body().unwrap_or_else(|| document.root())
}
