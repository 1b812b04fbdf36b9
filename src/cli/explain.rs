//! The command `explain`: what is read on a page, by which rule, and what else would have been.

mod people;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;

use crate::config::Column;
use crate::discover::{self, ListRule};
use crate::extract::{self, ArticleRule, Explanation};
use crate::model::{Attachment, Call, Found, Image, Item, ItemId, Link, Listing, Page, Rejection};
use crate::normalize;
use crate::pipeline::{Difference, Replay};
use crate::text::{charset, web};

use super::args::ExplainArgs;
use super::operate::block_on;
use super::sight::{Ground, Origin, Sight, address};
use super::{Args, FINE, Failure, Lang, SOME_FAILED, USAGE, print, say};

/// What is asked about.
enum Target<'g> {
    Article(Url),
    Item(ItemId),
    List(Url, Option<&'g Column>),
    File(PathBuf),
}

/// One line, cut where it is long.
pub(super) fn shortened(text: &str) -> String {
    people::shortened(text)
}

/// Everything about an article page.
#[derive(Debug, Serialize)]
struct ArticleTold {
    url: Url,
    from: Origin,
    fetched: DateTime<Utc>,
    site: Option<String>,
    column: Option<String>,
    fields: Vec<Field>,
    images: Vec<Image>,
    attachments: Vec<File>,
    confidence: Option<f32>,
    rejected: Option<String>,
    stored: Option<Stored>,
}

#[derive(Debug, Serialize)]
struct Field {
    field: &'static str,
    value: Option<String>,
    rule: Option<String>,
    /// What would have been taken without it, in order.
    others: Vec<Found<String>>,
}

#[derive(Debug, Serialize)]
struct File {
    #[serde(flatten)]
    file: Attachment,
    rule: String,
}

/// The item as it is stored, and in what it would differ if it were read today.
#[derive(Debug, Serialize)]
struct Stored {
    id: ItemId,
    revision: u32,
    differences: Vec<Differs>,
}

#[derive(Debug, Serialize)]
pub(super) struct Differs {
    pub(super) field: &'static str,
    pub(super) was: String,
    pub(super) now: String,
}

impl Differs {
    pub(super) fn all(differences: &[Difference]) -> Vec<Self> {
        let each = |one: &Difference| Self {
            field: one.field,
            was: one.was.clone(),
            now: one.now.clone(),
        };
        differences.iter().map(each).collect()
    }
}

/// Everything about a list page.
#[derive(Debug, Serialize)]
struct ListTold {
    url: Url,
    from: Origin,
    fetched: DateTime<Utc>,
    column: Option<String>,
    rule: Option<String>,
    links: Vec<Link>,
    next: Vec<Url>,
    rejected: Option<String>,
}

/// `lianbo explain`.
pub(super) fn explain(args: &Args, lang: Lang, asked: &ExplainArgs) -> Result<u8, Failure> {
    block_on(async {
        let ground = Ground::open(args, lang).await?;
        match target(&ground, asked).await? {
            Target::List(url, column) => list(&ground, asked, &url, column).await,
            Target::Item(id) => {
                let sight = stored_item(&ground, asked, &id).await?;
                article(&ground, asked, sight)
            }
            Target::Article(url) => {
                let sight = article_at(&ground, asked, &url).await?;
                article(&ground, asked, sight)
            }
            Target::File(file) => saved(&ground, asked, &file).await,
        }
    })
}

async fn target<'g>(ground: &'g Ground, asked: &ExplainArgs) -> Result<Target<'g>, Failure> {
    let text = asked.target.as_str();
    let unknown = || Failure { code: USAGE, message: say::nothing_known(ground.lang, text) };
    if text.starts_with("tag:") {
        return Ok(Target::Item(ItemId::from_tag_uri(text.to_owned())));
    }
    if let Some(url) = address(text) {
        return Ok(of_address(ground, asked, url).await?);
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

/// The item `id` with the page that is kept of it.
async fn stored_item<'g>(
    ground: &'g Ground,
    asked: &ExplainArgs,
    id: &ItemId,
) -> Result<Sight<'g>, Failure> {
    let item = match &ground.store {
        Some(store) => ground.fine(store.item(id).await)?,
        None => None,
    };
    let Some(item) = item else {
        let message = say::nothing_known(ground.lang, id.as_str());
        return Err(Failure { code: USAGE, message });
    };
    let url = item.url.clone();
    sight(ground, asked, &url, Some(item)).await
}

async fn article_at<'g>(
    ground: &'g Ground,
    asked: &ExplainArgs,
    url: &Url,
) -> Result<Sight<'g>, Failure> {
    let item = match &ground.store {
        Some(store) => match ground.fine(store.item_at(url).await)? {
            Some(id) => ground.fine(store.item(&id).await)?,
            None => None,
        },
        None => None,
    };
    sight(ground, asked, url, item).await
}

async fn sight<'g>(
    ground: &'g Ground,
    asked: &ExplainArgs,
    url: &Url,
    item: Option<Item>,
) -> Result<Sight<'g>, Failure> {
    let listing = match &item {
        Some(item) => ground.listing_of(item).await?,
        None => None,
    };
    let kept = listing.as_ref().and_then(|(_, _, listed)| ground.pages.of(listed));
    let named = ground.site(asked.site.as_deref(), url)?;
    let site = match (&listing, &asked.site) {
        (Some((site, ..)), None) => Some(*site),
        _ => named,
    };
    let (page, from) = ground.kept_or_visit(kept.unwrap_or(url), site, asked.offline).await?;
    let column = listing.as_ref().map(|(_, column, _)| *column).filter(|_| asked.site.is_none());
    let title = listing.map_or_else(String::new, |(_, _, listed)| listed.title);
    Ok(Sight { page, from, site, column, item: item.map(|item| (item, title)) })
}

/// A page in a file; a list where `--list` says so.
async fn saved(ground: &Ground, asked: &ExplainArgs, file: &Path) -> Result<u8, Failure> {
    let url = asked.url.as_deref().unwrap_or("http://page.invalid/");
    let Some(url) = address(url) else {
        return Err(Failure { code: USAGE, message: say::no_address(ground.lang, url) });
    };
    let fetched = match asked.fetched {
        Some(fetched) => fetched,
        None => written(file),
    };
    let page = ground.file(file, &url, fetched)?;
    let site = match (&asked.site, &asked.url) {
        (None, None) => None,
        (named, _) => ground.site(named.as_deref(), &url)?,
    };
    let same = |column: &&Column| web::normalised(&column.url) == web::normalised(&url);
    let column = site.and_then(|site| site.columns.iter().find(same));
    if asked.list || column.is_some() {
        let rule = column.map(|column| &column.list).or(site.map(|site| &site.list));
        let call = Call::get(page.url.clone());
        return told_list(ground, asked, (page, Origin::File, call), column, rule);
    }
    article(ground, asked, Sight { page, from: Origin::File, site, column: None, item: None })
}

/// When the file was last written: about when the page was seen.
fn written(file: &Path) -> DateTime<Utc> {
    let time = std::fs::metadata(file).and_then(|file| file.modified());
    time.map_or_else(|_| crate::daemon::machine_clock()(), DateTime::from)
}

fn article(ground: &Ground, asked: &ExplainArgs, sight: Sight<'_>) -> Result<u8, Failure> {
    let Sight { page, from, site, column, item } = sight;
    let rule = column.map(|column| &column.article).or(site.map(|site| &site.article));
    let told = explanation(&page, rule).unwrap_or_else(|rejection| Explanation {
        article: Err(rejection),
        fields: Vec::new(),
        files: Vec::new(),
    });
    let stored = item.map(|(item, listed_title)| {
        let differences = match (&ground.store, site, column, &told.article) {
            (Some(store), Some(site), Some(column), Ok(article)) => {
                let replay = Replay { config: &ground.config, store, pages: &ground.pages };
                let draft = replay.draft(site, column, &item, &listed_title, article, &page);
                Differs::all(&Difference::all(&item, &draft))
            }
            _ => Vec::new(),
        };
        Stored { id: item.id, revision: item.revision, differences }
    });
    let fields = told.fields.into_iter().map(|candidates| {
        let mut found = candidates.found.into_iter();
        let (value, rule) = found.next().map(|first| (first.value, first.rule)).unzip();
        Field { field: candidates.field, value, rule, others: found.collect() }
    });
    let mut fields: Vec<Field> = fields.collect();
    let body = told.article.as_ref().ok().map(|article| normalize::sanitised(&article.body.value));
    if let (Some(body), Some(field)) = (&body, fields.iter_mut().find(|f| f.field == "body")) {
        field.value = Some(body.text.clone());
    }
    let (images, files) = body.map(|body| (body.images, body.attachments)).unwrap_or_default();
    let rule_of = |file: &Attachment| {
        let found = told.files.iter().find(|found| found.value.url == file.url);
        found.map_or_else(String::new, |found| found.rule.clone())
    };
    let told = ArticleTold {
        url: page.url.clone(),
        from,
        fetched: page.fetched,
        site: site.map(|site| site.id.to_string()),
        column: column.map(|column| column.id.to_string()),
        fields,
        images,
        attachments: files.into_iter().map(|file| File { rule: rule_of(&file), file }).collect(),
        confidence: told.article.as_ref().ok().map(|article| article.confidence),
        rejected: told.article.as_ref().err().map(Rejection::to_string),
        stored,
    };
    let code = if told.rejected.is_some() { SOME_FAILED } else { FINE };
    answer(asked, &told, || people::article(&told, ground.lang)).map(|_| code)
}

fn explanation(page: &Page, rule: Option<&ArticleRule>) -> Result<Explanation, Rejection> {
    let text = charset::text(&page.body, page.content_type.as_deref())?;
    let rule = rule.cloned().unwrap_or_default();
    extract::explain(&text, &page.url, Some(page.fetched), &rule)
}

async fn list(
    ground: &Ground,
    asked: &ExplainArgs,
    url: &Url,
    column: Option<&Column>,
) -> Result<u8, Failure> {
    let site = match column {
        Some(column) => ground.config.column(&column.id).map(|(site, _)| site),
        None => ground.site(asked.site.as_deref(), url)?,
    };
    let (page, from) = ground.kept_or_visit(url, site, asked.offline).await?;
    let rule = column.map(|column| &column.list).or(site.map(|site| &site.list));
    let mut sight = (page, from, Call::get(url.clone()));
    // A page that only frames its rows says where they are; sitemaps have an index above them.
    for _ in 0..3 {
        let framed =
            read_list(&sight.0, &sight.2, rule).ok().filter(|found| found.links.is_empty());
        let Some(call) = framed.and_then(|found| found.next.into_iter().next()) else { break };
        if asked.offline {
            break;
        }
        sight = (ground.call(&call, url, site).await?, Origin::Web, call);
    }
    told_list(ground, asked, sight, column, rule)
}

fn read_list(page: &Page, call: &Call, rule: Option<&ListRule>) -> Result<Listing, Rejection> {
    let text = charset::text(&page.body, page.content_type.as_deref())?;
    let call = Call { url: page.url.clone(), ..call.clone() };
    discover::read(&text, &call, Some(page.fetched), &rule.cloned().unwrap_or_default())
}

fn told_list(
    ground: &Ground,
    asked: &ExplainArgs,
    (page, from, call): (Page, Origin, Call),
    column: Option<&Column>,
    rule: Option<&ListRule>,
) -> Result<u8, Failure> {
    let listing = read_list(&page, &call, rule);
    let rejected = listing.as_ref().err().map(Rejection::to_string);
    let listing = listing.unwrap_or_default();
    let told = ListTold {
        url: page.url.clone(),
        from,
        fetched: page.fetched,
        column: column.map(|column| column.id.to_string()),
        rule: rejected.is_none().then_some(listing.rule),
        links: listing.links,
        next: listing.next.into_iter().map(|call| call.url).collect(),
        rejected,
    };
    let code = if told.rejected.is_some() { SOME_FAILED } else { FINE };
    answer(asked, &told, || people::list(&told, ground.lang)).map(|_| code)
}

fn answer(
    asked: &ExplainArgs,
    told: &impl Serialize,
    people: impl Fn() -> String,
) -> Result<u8, Failure> {
    if !asked.json {
        return print(&people());
    }
    let json = serde_json::to_string(told)
        .map_err(|error| Failure { code: super::CANNOT_WORK, message: error.to_string() })?;
    print(&format!("{json}\n"))
}
