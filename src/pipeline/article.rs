//! Reading one article of a run: fetch ─► extract ─► normalize.

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use crate::config::Column;
use crate::discover::{self, External};
use crate::extract::{self, ArticleRule};
use crate::fetch::{Answer, FetchError, Manners, Request};
use crate::model::{Article, Draft, Link, Page, ProblemCode, Rejection};
use crate::normalize;
use crate::problem::Fault;
use crate::store::StoreError;
use crate::text::plain::alike;
use crate::text::web;
use crate::trust::{Identity, Look};

use super::refresh::Visit;
use super::report::RunReport;
use super::{parse, progress};

/// A page kept by a run that came to nothing is used by the next one for so long (hours).
const KEPT_HOURS: i64 = 24;

/// What became of one row.
pub(super) enum Reading {
    /// An article, or a row that leads to none of this site's pages.
    Draft(Box<Draft>),
    /// The address leads to another site; the row is all there is.
    Elsewhere(Box<Draft>),
    /// The page was read but is no article; the row stands in.
    Unreadable(Box<Draft>, Fault),
    /// The site says in so many words that the article is gone.
    Gone(Fault),
    /// No page came, or half of one; nothing stands in, since the failure may be the site's.
    Failed(Fault),
}

impl Visit<'_> {
    /// Fetches and reads the article of `link`. At `first_sight` a page that a killed run kept is
    /// used; `read` are the drafts of this run so far.
    pub(super) async fn article(
        &self,
        link: &Link,
        first_sight: bool,
        read: &[Draft],
        report: &mut RunReport,
    ) -> Result<Reading, StoreError> {
        let now = self.pipeline.now();
        let follows = self.follows(link);
        if discover::is_external(link, &self.column.url) && !follows && !link.title.is_empty() {
            return Ok(Reading::Draft(Box::new(self.row(link, now))));
        }
        let kept = self.pipeline.store.page(&link.url).await?;
        let page = match kept {
            Some(page) if first_sight && is_recent(&page, now) => page,
            kept => match self.fetch(link, kept, read, report).await? {
                Ok(page) => page,
                Err(reading) => return Ok(reading),
            },
        };
        let site = if follows { &link.url } else { &self.column.url };
        if !web::same_site(&page.url, site) {
            return Ok(Reading::Elsewhere(Box::new(self.row(link, now))));
        }
        if let Some(detail) = self.astray(link, &page.url, read).await? {
            return Ok(Reading::Failed(Fault::new(ProblemCode::ArticleGone, detail)));
        }
        // The column's rules say nothing of another site's pages.
        let rule = if follows { ArticleRule::default() } else { self.column.article.clone() };
        let identity = if follows { Identity::default() } else { self.identity.clone() };
        let (page, article) = parse(page, move |text, page| {
            let look = Look::of(&page.body, page.content_type.as_deref());
            let article = extract::read(text, &page.url, Some(page.fetched), &rule);
            let said = article.as_ref().map_or("", |article| article.body.value.text.as_str());
            let breach = look.and_then(|look| identity.of_article(&look, said));
            breach.map_or(article, |breach| Err(Rejection::new(breach.code, breach.detail)))
        })
        .await;
        Ok(match article {
            Ok(article) => Reading::Draft(Box::new(self.draft(&article, link, &page, now))),
            Err(rejection) if rejection.code == ProblemCode::IdentityFailed.as_str() => {
                Reading::Failed(self.distrust(&page.url, &rejection.detail).await?)
            }
            Err(rejection) => self.stand_in(link, Fault::from(&rejection)),
        })
    }

    /// The row in place of its article, unless the page says that there is none; a row without a
    /// title says nothing.
    fn stand_in(&self, link: &Link, fault: Fault) -> Reading {
        if fault.code == ProblemCode::ArticleGone {
            return Reading::Gone(fault);
        }
        if link.title.is_empty() {
            return Reading::Failed(fault);
        }
        Reading::Unreadable(Box::new(self.row(link, self.pipeline.now())), fault)
    }

    /// True where the row leads to a page of another site that the column wants to be read. WeChat's
    /// robots.txt forbids reading its articles, and a file is no page.
    fn follows(&self, link: &Link) -> bool {
        self.column.list.external == External::Follow
            && !web::same_site(&link.url, &self.column.url)
            && !web::is_wechat(&link.url)
            && !web::is_file(&link.url)
    }

    /// Fetches the page, on condition that it is not the kept one, and keeps it; or tells what the
    /// row is without it.
    async fn fetch(
        &self,
        link: &Link,
        kept: Option<Page>,
        read: &[Draft],
        report: &mut RunReport,
    ) -> Result<Result<Page, Reading>, StoreError> {
        let validators = kept.as_ref().map(|page| &page.validators).filter(|v| !v.is_empty());
        let request =
            Request { validators, referer: Some(&self.column.url), ..Request::to(&link.url) };
        report.fetched += 1;
        let (manners, now) = (self.manners_for(link), self.pipeline.now());
        let page = match self.pipeline.fetcher.get(&request, &manners, now).await {
            Ok(Answer::Page(page)) => *page,
            // Only heard where a kept page was named.
            Ok(Answer::NotModified) => {
                return Ok(kept.ok_or_else(|| self.without_page(link, &unasked(&link.url))));
            }
            Err(error) => return Ok(Err(self.without_page(link, &error))),
        };
        progress::page_fetched(&link.url);
        // Kept, it would be used again, and a 304 would confirm it.
        if let Some(fault) = self.cut_off(link, &page, kept.as_ref(), read).await? {
            return Ok(Err(Reading::Failed(fault)));
        }
        self.pipeline.store.keep_article(&link.url, &page).await?;
        progress::page_kept(&link.url);
        Ok(Ok(page))
    }

    /// What a row is whose page did not come.
    fn without_page(&self, link: &Link, error: &FetchError) -> Reading {
        let fault = Fault::from(error);
        match error {
            // The list may be read and names the article; its page is not ours to read.
            FetchError::Robots { .. } => self.stand_in(link, fault),
            FetchError::Status { status: 404 | 410, .. } => Reading::Gone(fault),
            _ => Reading::Failed(fault),
        }
    }

    /// Headers, consent to a private network and to more than robots.txt allows were given for the
    /// column's own site.
    fn manners_for(&self, link: &Link) -> Manners {
        if !self.follows(link) {
            return self.manners.clone();
        }
        let headers = Vec::new();
        Manners { headers, allow_private: false, obey_robots: true, ..self.manners.clone() }
    }

    /// Where a redirect led that is no article, or another one: sites send readers of withdrawn
    /// articles to their front page or to one page for all.
    async fn astray(
        &self,
        link: &Link,
        found: &Url,
        read: &[Draft],
    ) -> Result<Option<String>, StoreError> {
        let address = web::normalised(found);
        if address == web::normalised(&link.url) {
            return Ok(None);
        }
        let is = |other: &Url| web::normalised(other) == address;
        if found.path() == "/" || is(&self.column.url) || self.home.is_some_and(is) {
            return Ok(Some(format!("leads to `{found}`, which is no article")));
        }
        let id = self.id_of(found);
        if id == self.id_of(&link.url) {
            return Ok(None);
        }
        let rows = vec![(found.clone(), id.clone()), (link.url.clone(), self.id_of(&link.url))];
        let known = self.pipeline.store.known(&self.column.id, rows).await?;
        let own = known.get(&link.url).map(|known| &known.id);
        let stored = known.get(found).filter(|known| Some(&known.id) != own);
        let stored = stored.map(|known| known.title.as_str());
        let just_read = read.iter().find(|draft| draft.id == id || is(&draft.url));
        let other = stored.or(just_read.map(|draft| draft.title.as_str()));
        Ok(other
            .filter(|title| !alike(title, &link.title))
            .map(|title| format!("leads to `{found}`, which is the article `{title}`")))
    }

    fn row(&self, link: &Link, now: DateTime<Utc>) -> Draft {
        placed(normalize::draft_from_row(link, &self.column.id, &self.naming, now), self.column)
    }

    fn draft(&self, article: &Article, link: &Link, page: &Page, now: DateTime<Utc>) -> Draft {
        let aliases = [link.url.clone(), page.requested.clone(), page.url.clone()];
        let (column, naming) = (&self.column.id, &self.naming);
        placed(normalize::draft(article, Some(link), column, naming, &aliases, now), self.column)
    }
}

/// An article that prints no way from the home page stands where its column does; numbers of
/// persons are masked as the column wants it.
pub(super) fn placed(mut draft: Draft, column: &Column) -> Draft {
    if draft.breadcrumb.is_empty() {
        draft.breadcrumb.clone_from(&column.breadcrumb);
    }
    normalize::masked(draft, column.editing.mask)
}

fn unasked(url: &Url) -> FetchError {
    let (host, path) = (web::bare_host(url), url.path().to_owned());
    FetchError::Status { status: 304, host, path }
}

fn is_recent(page: &Page, now: DateTime<Utc>) -> bool {
    let age = now - page.fetched;
    age >= TimeDelta::zero() && age < TimeDelta::hours(KEPT_HOURS)
}
