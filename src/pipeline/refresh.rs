//! Refreshing a column: fetch ─► discover ─► fetch ─► extract ─► normalize ─► store.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;

use crate::config::{Column, Site};
use crate::discover;
use crate::extract::{self, ArticleRule};
use crate::fetch::{Answer, FetchError, Manners, Request};
use crate::model::{
    Article, Change, ColumnId, Draft, ItemId, Link, Listing, Page, ProblemCode, Rejection,
};
use crate::normalize::{self, Naming};
use crate::problem::Fault;
use crate::store::{Known, StoreError};
use crate::text::{charset, web};

use super::{Pipeline, manners, naming};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The list was read; everything new was stored.
    Fine,
    /// The site said that nothing changed.
    Unchanged,
    /// Some articles could not be read; the rest was stored.
    Partly,
    /// Nothing could be stored.
    Failed,
}

impl Outcome {
    /// As the store keeps it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Unchanged => "unchanged",
            Self::Partly => "partly",
            Self::Failed => "failed",
        }
    }
}

/// What one run did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunReport {
    /// The column.
    #[serde(skip)]
    pub column: ColumnId,
    /// How it ended.
    pub outcome: Outcome,
    /// Rows on the pages that were read.
    pub listed: usize,
    /// Article pages that were fetched.
    pub fetched: usize,
    /// New items.
    pub new: usize,
    /// Further revisions of items.
    pub revised: usize,
    /// Rows left for the next run.
    pub left: usize,
    /// Items that changed.
    #[serde(skip)]
    pub changed: Vec<ItemId>,
    /// What went wrong.
    #[serde(skip)]
    pub faults: Vec<Fault>,
}

impl RunReport {
    /// A run of `column` that has done nothing yet.
    pub fn new(column: ColumnId) -> Self {
        Self {
            column,
            outcome: Outcome::Fine,
            listed: 0,
            fetched: 0,
            new: 0,
            revised: 0,
            left: 0,
            changed: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn count(&mut self, changes: Vec<Change>) {
        for change in changes {
            match &change {
                Change::New(_) => self.new += 1,
                Change::Revised(_) => self.revised += 1,
                Change::Listed(_) | Change::Unchanged(_) => {}
            }
            if change.is_change() {
                self.changed.push(change.id().clone());
            }
        }
    }
}

/// List pages of one run at most, read on only while every row of the page before was unknown.
const PAGES_PER_RUN: usize = 5;

/// What one run of a column needs at every step.
struct Visit<'a> {
    pipeline: &'a Pipeline,
    column: &'a Column,
    manners: Manners,
    naming: Naming,
    limit: usize,
}

/// What became of one row.
enum Reading {
    Draft(Box<Draft>),
    /// The page was read but is no article; the row stands in.
    Rejected(Box<Draft>, Rejection),
    Failed(FetchError),
}

impl Pipeline {
    /// Reads the column's list and every new article on it, and stores them in one go.
    ///
    /// Faults of the outside world end in the report; an error means that the store failed.
    pub async fn refresh(&self, site: &Site, column: &Column) -> Result<RunReport, StoreError> {
        let visit = Visit {
            pipeline: self,
            column,
            manners: manners(&self.config, site),
            naming: naming(&self.config, site),
            limit: site.fetch.articles_per_run,
        };
        let mut report = RunReport::new(column.id.clone());
        let Some(first) = visit.list(&column.url, true, &mut report).await? else {
            return Ok(report);
        };
        let (page, listing) = first;
        let mut seen: HashSet<Url> = HashSet::new();
        let mut complete = visit.take_in(&listing, &mut seen, &mut report).await?;
        let mut next = listing.next.into_iter();
        let mut read = 1;
        while complete == Taken::AllNew && read < PAGES_PER_RUN {
            let Some(url) = next.next() else { break };
            let Some((_, older)) = visit.list(&url, false, &mut report).await? else { break };
            read += 1;
            complete = visit.take_in(&older, &mut seen, &mut report).await?;
        }
        if report.left == 0 && report.faults.is_empty() {
            self.store.keep_page(&column.url, "list", &page).await?;
        }
        if report.outcome == Outcome::Fine && !report.faults.is_empty() {
            report.outcome = Outcome::Partly;
        }
        Ok(report)
    }
}

/// How much of a list page was new.
#[derive(PartialEq, Eq)]
enum Taken {
    /// Every row: older pages may hold more.
    AllNew,
    /// Known rows were met, or nothing was left to do.
    Enough,
}

impl Visit<'_> {
    /// Fetches and reads one list page; `None` when there is nothing more to do.
    async fn list(
        &self,
        url: &Url,
        first: bool,
        report: &mut RunReport,
    ) -> Result<Option<(Page, Listing)>, StoreError> {
        let store = &self.pipeline.store;
        let validators = if first { store.validators(url).await? } else { None };
        let now = self.pipeline.now();
        let request = Request { url, validators: validators.as_ref(), referer: None };
        let page = match self.pipeline.fetcher.get(&request, &self.manners, now).await {
            Ok(Answer::Page(page)) => *page,
            Ok(Answer::NotModified) => {
                report.outcome = Outcome::Unchanged;
                return Ok(None);
            }
            Err(error) => {
                report.faults.push(Fault::from(&error));
                if first {
                    report.outcome = Outcome::Failed;
                }
                return Ok(None);
            }
        };
        let rule = self.column.list.clone();
        let (page, listing) = parse(page, move |text, page| {
            discover::read(text, &page.url, Some(page.fetched), &rule)
        })
        .await;
        match listing {
            Ok(listing) => {
                report.listed += listing.links.len();
                Ok(Some((page, listing)))
            }
            Err(rejection) => {
                report.faults.push(Fault::from(&rejection));
                if first {
                    report.outcome = Outcome::Failed;
                }
                Ok(None)
            }
        }
    }

    /// Reads what is new on one list page and stores it.
    async fn take_in(
        &self,
        listing: &Listing,
        seen: &mut HashSet<Url>,
        report: &mut RunReport,
    ) -> Result<Taken, StoreError> {
        let rows: Vec<&Link> =
            listing.links.iter().filter(|link| seen.insert(link.url.clone())).collect();
        let urls: Vec<Url> = rows.iter().map(|link| link.url.clone()).collect();
        let store = &self.pipeline.store;
        let known = store.known(&self.column.id, urls.clone()).await?;
        let waiting = store.waiting(urls, self.pipeline.now()).await?;
        let wanted: Vec<&Link> = rows
            .iter()
            .copied()
            .filter(|link| known.get(&link.url).is_none_or(|known| is_stale(known, link)))
            .collect();
        let all_new = !rows.is_empty() && rows.iter().all(|link| !known.contains_key(&link.url));
        let mut drafts: Vec<Draft> = Vec::new();
        for link in wanted {
            if waiting.contains(&link.url) {
                report.left += 1;
                continue;
            }
            if report.fetched >= self.limit {
                report.left += 1;
                continue;
            }
            match self.article(link, report).await? {
                Reading::Draft(draft) => drafts.push(*draft),
                Reading::Rejected(draft, rejection) => {
                    self.set_aside(link, rejection.code).await?;
                    report.faults.push(on_page(&link.url, &Fault::from(&rejection)));
                    drafts.push(*draft);
                }
                Reading::Failed(error) => {
                    let fault = Fault::from(&error);
                    let ends_run = concerns_the_site(fault.code);
                    self.set_aside(link, fault.code.as_str()).await?;
                    report.faults.push(on_page(&link.url, &fault));
                    if ends_run {
                        report.left += 1;
                        break;
                    }
                }
            }
        }
        let now = self.pipeline.now();
        let met_elsewhere = rows.iter().filter_map(|link| {
            let known = known.get(&link.url).filter(|known| known.listed_title.is_none())?;
            Some((known.id.clone(), (*link).clone()))
        });
        report.count(store.listed(&self.column.id, met_elsewhere.collect()).await?);
        report.count(store.save(drafts, now).await?);
        Ok(if all_new && report.left == 0 { Taken::AllNew } else { Taken::Enough })
    }

    /// Leaves an article alone for a while, longer with every failure.
    async fn set_aside(&self, link: &Link, code: &str) -> Result<(), StoreError> {
        self.pipeline.store.visit(&link.url, code, self.pipeline.now()).await
    }

    /// Fetches and reads one article.
    async fn article(&self, link: &Link, report: &mut RunReport) -> Result<Reading, StoreError> {
        let now = self.pipeline.now();
        if discover::is_external(link, &self.column.url) || web::is_file(&link.url) {
            return Ok(Reading::Draft(Box::new(self.row(link, now))));
        }
        let request = Request { url: &link.url, validators: None, referer: Some(&self.column.url) };
        report.fetched += 1;
        let page = match self.pipeline.fetcher.get(&request, &self.manners, now).await {
            Ok(Answer::Page(page)) => *page,
            Ok(Answer::NotModified) => return Ok(Reading::Draft(Box::new(self.row(link, now)))),
            Err(error) => return Ok(Reading::Failed(error)),
        };
        if !web::same_site(&page.url, &self.column.url) {
            return Ok(Reading::Draft(Box::new(self.row(link, now))));
        }
        let rule: ArticleRule = self.column.article.clone();
        let (page, article) = parse(page, move |text, page| {
            extract::read(text, &page.url, Some(page.fetched), &rule)
        })
        .await;
        self.pipeline.store.keep_page(&link.url, "article", &page).await?;
        Ok(match article {
            Ok(article) => Reading::Draft(Box::new(self.draft(&article, link, &page, now))),
            Err(rejection) => Reading::Rejected(Box::new(self.row(link, now)), rejection),
        })
    }

    fn row(&self, link: &Link, now: DateTime<Utc>) -> Draft {
        self.placed(normalize::draft_from_row(link, &self.column.id, &self.naming, now))
    }

    fn draft(&self, article: &Article, link: &Link, page: &Page, now: DateTime<Utc>) -> Draft {
        let aliases = [link.url.clone(), page.requested.clone(), page.url.clone()];
        let (column, naming) = (&self.column.id, &self.naming);
        self.placed(normalize::draft(article, Some(link), column, naming, &aliases, now))
    }

    /// An article that prints no way from the home page stands where its column does.
    fn placed(&self, mut draft: Draft) -> Draft {
        if draft.breadcrumb.is_empty() {
            draft.breadcrumb.clone_from(&self.column.breadcrumb);
        }
        draft
    }
}

/// A known row is read again when it was only half read, or when the list shows another title.
fn is_stale(known: &Known, link: &Link) -> bool {
    known.partial || known.listed_title.as_ref().is_some_and(|title| *title != link.title)
}

/// Faults that every further page of the site would meet too: the run ends, the site is spared.
fn concerns_the_site(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::Unreachable
            | ProblemCode::TlsFailed
            | ProblemCode::RateLimited
            | ProblemCode::BlockedChallenge
            | ProblemCode::Timeout
    )
}

fn on_page(url: &Url, fault: &Fault) -> Fault {
    Fault::new(fault.code, format!("{url}: {}", fault.detail))
}

/// Decodes and reads a page on a thread of its own: trees are not `Send`, and reading takes time.
async fn parse<T: Send + 'static>(
    page: Page,
    read: impl FnOnce(&str, &Page) -> Result<T, Rejection> + Send + 'static,
) -> (Page, Result<T, Rejection>) {
    let kept = page.clone();
    let task = tokio::task::spawn_blocking(move || {
        let decoded = charset::decode(&page.body, page.content_type.as_deref());
        read(&decoded.text, &page)
    });
    match task.await {
        Ok(result) => (kept, result),
        Err(_) => (
            kept,
            Err(Rejection::new(ProblemCode::RunPanicked, "reading the page ended in a panic")),
        ),
    }
}
