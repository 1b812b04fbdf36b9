//! Whether a page is an article rather than a list.

use url::Url;

use crate::extract::{self, ArticleRule};
use crate::model::{Article, Listing, Page};
use crate::pipeline::parse;
use crate::probe;

/// So many rows are a list, unless the address is an article's.
const LIST: usize = 3;
/// Running text has so many sentences.
const SENTENCES: usize = 2;

/// True where `page`, which was read as `listing`, is an article; the few rows are links beside it.
pub(super) async fn is_article(page: &Page, listing: Option<&Listing>) -> bool {
    let read = |text: &str, page: &Page| {
        extract::read(text, &page.url, Some(page.fetched), &ArticleRule::default())
    };
    let Ok(article) = parse(page.clone(), read).await.1 else { return false };
    judged(&page.url, &article, listing)
}

fn judged(url: &Url, article: &Article, listing: Option<&Listing>) -> bool {
    let links = listing.map_or(&[][..], |listing| &listing.links);
    let text = &article.body.value.text;
    let inside = links.iter().filter(|link| text.contains(&link.title)).count();
    let dated = links.iter().filter(|link| link.posted.is_some()).count();
    let shows = !article.body.value.images.is_empty() || !article.body.value.attachments.is_empty();
    let reads = text.matches('。').count() >= SENTENCES || (shows && inside == 0);
    if !reads || inside >= LIST {
        return false;
    }
    match probe::article_address(url) {
        Some(true) => true,
        Some(false) => dated < LIST,
        None => links.len() < LIST && article.posted.is_some() && !is_folder(url),
    }
}

/// True where the address names a folder, or its index: the front page of a site may be one.
fn is_folder(url: &Url) -> bool {
    let file = url.path().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let stem = file.split('.').next().unwrap_or_default();
    url.query().is_none() && ["", "index", "default", "main", "home"].contains(&stem)
}
