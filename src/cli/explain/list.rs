//! A list page explained: its rows, the rule that found them, and where more are.

use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;

use crate::cli::args::ExplainArgs;
use crate::cli::sight::{Ground, Origin};
use crate::cli::{FINE, Failure, SOME_FAILED};
use crate::config::Column;
use crate::discover::{self, ListRule};
use crate::fetch::Request;
use crate::model::{Call, Link, Listing, Page, Rejection};
use crate::text::charset;

use super::{answer, people};

/// A page that frames its rows may lead to another that does, not for ever.
const MAX_FRAMES: usize = 3;

/// Everything about a list page.
#[derive(Debug, Serialize)]
pub(super) struct ListTold {
    pub(super) url: Url,
    pub(super) from: Origin,
    pub(super) fetched: DateTime<Utc>,
    pub(super) column: Option<String>,
    /// Pages that only frame the rows and led to this one.
    pub(super) frames: Vec<Url>,
    pub(super) rule: Option<String>,
    pub(super) links: Vec<Link>,
    pub(super) next: Vec<Call>,
    pub(super) rejected: Option<String>,
}

pub(super) async fn list(
    ground: &Ground,
    asked: &ExplainArgs,
    url: &Url,
    column: Option<&Column>,
) -> Result<u8, Failure> {
    let site = match column {
        Some(column) => ground.config.column(&column.id).map(|(site, _)| site),
        None => ground.site(asked.site.as_deref(), url)?,
    };
    let (mut page, mut from) = ground.kept_or_visit(url, site, asked.offline).await?;
    let rule = column.map(|column| &column.list).or(site.map(|site| &site.list));
    let rule = rule.cloned().unwrap_or_default();
    let mut call = Call::get(page.url.clone());
    let mut frames = Vec::new();
    let mut listing = rows(&page, &call, &rule);
    // A page that only frames its rows names where they are.
    while let Some(next) = listing.as_ref().ok().and_then(framed).cloned() {
        if asked.offline || frames.len() == MAX_FRAMES {
            break;
        }
        frames.push(page.url.clone());
        page = ground.ask(&Request::call(&next, url), site).await?;
        call = Call { url: page.url.clone(), ..next };
        from = Origin::Web;
        listing = rows(&page, &call, &rule);
    }
    told_list(ground, asked, &page, from, column, listing, frames)
}

/// Where the rows are that `listing` only frames.
fn framed(listing: &Listing) -> Option<&Call> {
    listing.next.first().filter(|_| listing.links.is_empty())
}

pub(super) fn rows(page: &Page, call: &Call, rule: &ListRule) -> Result<Listing, Rejection> {
    let text = charset::text(&page.body, page.content_type.as_deref())?;
    discover::read(&text, call, Some(page.fetched), rule)
}

pub(super) fn told_list(
    ground: &Ground,
    asked: &ExplainArgs,
    page: &Page,
    from: Origin,
    column: Option<&Column>,
    listing: Result<Listing, Rejection>,
    frames: Vec<Url>,
) -> Result<u8, Failure> {
    let rejected = listing.as_ref().err().map(Rejection::to_string);
    let Listing { links, next, rule } = listing.unwrap_or_default();
    let told = ListTold {
        url: page.url.clone(),
        from,
        fetched: page.fetched,
        column: column.map(|column| column.id.to_string()),
        frames,
        rule: rejected.is_none().then_some(rule),
        links,
        next,
        rejected,
    };
    let code = if told.rejected.is_some() { SOME_FAILED } else { FINE };
    answer(asked, &told, || people::list(&told, ground.lang)).map(|_| code)
}
