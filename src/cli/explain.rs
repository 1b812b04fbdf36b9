//! The command `explain`: what is read on a page, by which rule, and what else would have been.

mod list;
mod people;
mod revisions;
mod story;
mod target;

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;

use crate::config::Column;
use crate::extract::{self, ArticleRule, Explanation};
use crate::model::{Attachment, Call, Found, Image, Item, ItemId, Page, Rejection, Withdrawal};
use crate::normalize;
use crate::pipeline::{Difference, Replay};
use crate::store::Teller;
use crate::text::{charset, web};

use super::args::ExplainArgs;
use super::operate::block_on;
use super::sight::{Ground, Origin, Sight, address};
use super::{Args, FINE, Failure, Lang, SOME_FAILED, USAGE, print, say};
use list::{list, rows, told_list};
use revisions::Revision;
use target::{Target, target};

/// One line, cut where it is long.
pub(super) fn shortened(text: &str) -> String {
    people::shortened(text)
}

/// Everything about an article page; where it cannot be had, what is stored of its item.
#[derive(Debug, Serialize)]
struct ArticleTold {
    url: Url,
    from: Option<Origin>,
    fetched: Option<DateTime<Utc>>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn: Option<Withdrawal>,
    differences: Vec<Differs>,
    revisions: Vec<Revision>,
    /// All that tell the same story; empty where it is alone.
    story: Vec<story::Told>,
}

impl ArticleTold {
    /// What is known of `item`, whose page cannot be had.
    fn unseen(item: &Item, stored: Stored) -> Self {
        Self {
            url: item.url.clone(),
            from: None,
            fetched: None,
            site: Some(item.site.to_string()),
            column: item.columns.first().map(ToString::to_string),
            fields: Vec::new(),
            images: Vec::new(),
            attachments: Vec::new(),
            confidence: None,
            rejected: None,
            stored: Some(stored),
        }
    }
}

impl Stored {
    fn of(
        ground: &Ground,
        item: Item,
        differences: Vec<Differs>,
        versions: &[Item],
        tellers: Vec<Teller>,
    ) -> Self {
        let revisions = revisions::revisions(versions);
        let story = story::told(tellers, &ground.config, ground.lang);
        let Item { id, revision, withdrawn, .. } = item;
        Self { id, revision, withdrawn, differences, revisions, story }
    }
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

/// `lianbo explain`.
pub(super) fn explain(args: &Args, lang: Lang, asked: &ExplainArgs) -> Result<u8, Failure> {
    block_on(async {
        let ground = Ground::open(args, lang).await?;
        match target(&ground, asked).await? {
            Target::List(url, column) => list(&ground, asked, &url, column).await,
            Target::Item(id) => {
                let item = stored_item(&ground, &id).await?;
                told(&ground, asked, &item.url, Some(&item)).await
            }
            Target::Article(url) => {
                let item = item_at(&ground, &url).await?;
                told(&ground, asked, &url, item.as_ref()).await
            }
            Target::File(file) => saved(&ground, asked, &file).await,
        }
    })
}

/// The item `id`.
async fn stored_item(ground: &Ground, id: &ItemId) -> Result<Item, Failure> {
    let item = match &ground.store {
        Some(store) => ground.fine(store.item(id).await)?,
        None => None,
    };
    item.ok_or_else(|| Failure {
        code: USAGE,
        message: say::nothing_known(ground.lang, id.as_str()),
    })
}

/// The item whose article stands at `url`.
async fn item_at(ground: &Ground, url: &Url) -> Result<Option<Item>, Failure> {
    let Some(store) = &ground.store else { return Ok(None) };
    match ground.fine(store.item_at(url).await)? {
        Some(id) => ground.fine(store.item(&id).await),
        None => Ok(None),
    }
}

/// The page of `item`, or at `url`.
async fn sight<'g>(
    ground: &'g Ground,
    asked: &ExplainArgs,
    url: &Url,
    item: Option<&Item>,
) -> Result<Sight<'g>, Failure> {
    let listing = match item {
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
    Ok(Sight { page, from, site, column, item: item.map(|item| (item.clone(), title)) })
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
        let listing = rows(&page, &Call::get(url.clone()), &rule.cloned().unwrap_or_default());
        return told_list(ground, asked, &page, Origin::File, column, listing, Vec::new());
    }
    let sight = Sight { page, from: Origin::File, site, column: None, item: None };
    article(ground, asked, sight, Vec::new(), Vec::new())
}

/// When the file was last written: about when the page was seen.
fn written(file: &Path) -> DateTime<Utc> {
    let time = std::fs::metadata(file).and_then(|file| file.modified());
    time.map_or_else(|_| crate::daemon::machine_clock()(), DateTime::from)
}

/// Tells of an article, and of the revisions of its item.
async fn told(
    ground: &Ground,
    asked: &ExplainArgs,
    url: &Url,
    item: Option<&Item>,
) -> Result<u8, Failure> {
    let (versions, story) = match (&ground.store, item) {
        (Some(store), Some(item)) => {
            let versions = ground.fine(store.versions(&item.id).await)?;
            (versions, ground.fine(store.story(&item.id).await)?)
        }
        _ => (Vec::new(), Vec::new()),
    };
    let failure = match sight(ground, asked, url, item).await {
        Ok(sight) => return article(ground, asked, sight, versions, story),
        Err(failure) => failure,
    };
    // The page cannot be had; the item is known all the same.
    if let (Some(item), SOME_FAILED) = (item, failure.code) {
        let stored = Stored::of(ground, item.clone(), Vec::new(), &versions, story);
        let told = ArticleTold::unseen(item, stored);
        answer(asked, &told, || people::article(&told, ground.lang))?;
    }
    Err(failure)
}

fn article(
    ground: &Ground,
    asked: &ExplainArgs,
    sight: Sight<'_>,
    versions: Vec<Item>,
    tellers: Vec<Teller>,
) -> Result<u8, Failure> {
    let Sight { page, from, site, column, item } = sight;
    let rule = match (column, site) {
        (Some(column), _) => Replay::rule(column, &page.requested),
        (None, site) => site.map(|site| site.article.clone()).unwrap_or_default(),
    };
    let told = explanation(&page, &rule).unwrap_or_else(|rejection| Explanation {
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
        Stored::of(ground, item, differences, &versions, tellers)
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
        from: Some(from),
        fetched: Some(page.fetched),
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

fn explanation(page: &Page, rule: &ArticleRule) -> Result<Explanation, Rejection> {
    let text = charset::text(&page.body, page.content_type.as_deref())?;
    extract::explain(&text, &page.url, Some(page.fetched), rule)
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
