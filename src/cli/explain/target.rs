//! What `explain` is asked about: an address, an item, a column or a file.

use std::path::{Path, PathBuf};

use url::Url;

use crate::cli::args::ExplainArgs;
use crate::cli::sight::{Ground, address};
use crate::cli::{Failure, USAGE, say};
use crate::config::Column;
use crate::model::ItemId;
use crate::text::web;

/// What is asked about.
pub(super) enum Target<'g> {
    Article(Url),
    Item(ItemId),
    List(Url, Option<&'g Column>),
    File(PathBuf),
}

pub(super) async fn target<'g>(
    ground: &'g Ground,
    asked: &ExplainArgs,
) -> Result<Target<'g>, Failure> {
    let text = asked.target.as_str();
    let unknown = || Failure { code: USAGE, message: say::nothing_known(ground.lang, text) };
    if text.starts_with("tag:") {
        return Ok(Target::Item(ItemId::from_tag_uri(text.to_owned())));
    }
    if let Some(url) = address(text) {
        return of_address(ground, asked, url).await;
    }
    let column = text.parse().ok().and_then(|id| ground.config.column(&id));
    if let Some((_, column)) = column {
        return Ok(Target::List(column.url.clone(), Some(column)));
    }
    let file = Path::new(text);
    if file.exists() {
        return Ok(Target::File(file.to_owned()));
    }
    match text.split_once('/') {
        Some((site, key)) => named(ground, site, key).await?.map(Target::Item).ok_or_else(unknown),
        None => Err(unknown()),
    }
}

/// An address may be that of a column, that of an item on our own pages, or that of an article.
async fn of_address<'g>(
    ground: &'g Ground,
    asked: &ExplainArgs,
    url: Url,
) -> Result<Target<'g>, Failure> {
    let same = |other: &Url| web::normalised(other) == web::normalised(&url);
    let columns = ground.config.sites.iter().flat_map(|site| &site.columns);
    if let Some(column) = columns.into_iter().find(|column| same(&column.url)) {
        return Ok(Target::List(url, Some(column)));
    }
    if asked.list {
        return Ok(Target::List(url, None));
    }
    let own = ground.config.daemon.base_url.as_str();
    let item = url.as_str().strip_prefix(own).and_then(|path| path.strip_prefix("items/"));
    if let Some((site, key)) = item.and_then(|path| path.split_once('/')) {
        let key = percent_encoding::percent_decode_str(key).decode_utf8_lossy();
        if let Some(id) = named(ground, site, key.trim_end_matches(".html")).await? {
            return Ok(Target::Item(id));
        }
    }
    Ok(Target::Article(url))
}

async fn named(ground: &Ground, site: &str, key: &str) -> Result<Option<ItemId>, Failure> {
    match &ground.store {
        Some(store) => ground.fine(store.item_named(site, key).await),
        None => Ok(None),
    }
}
