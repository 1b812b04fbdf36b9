//! Whether a run is to be believed, before anything of it is stored: fetch ─► discover ─► **trust**.

use std::collections::HashSet;

use url::Url;

use crate::config::Contract;
use crate::extract;
use crate::fetch::{Answer, Request};
use crate::model::{BEIJING, Draft, Item, Link, Observation, ProblemCode, Selection};
use crate::problem::Fault;
use crate::store::{Distrust, Findings, StoreError};
use crate::text::web;
use crate::trust::{self, Breach, Look, Norms, Row, Stored};

use super::lists::{self, Lists};
use super::parse;
use super::refresh::Visit;
use super::report::{Outcome, RunReport};

/// Articles from which it is learned what is normal of a column.
const GROUND: usize = 40;
/// Stored articles that are read once more where something is odd: what one has lost may have been
/// taken out of it, what two have lost the site has lost.
const WITNESSES: usize = 2;
/// Pages that are asked for at most until so many are found.
const ASKED: usize = 4;
/// Articles from which the rhythm of a column is learned.
const RHYTHM: usize = 120;

/// What a list was held to be.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// What it showed; `None` where the site said that it is unchanged.
    pub(super) observation: Option<Observation>,
    /// What speaks against all of it.
    pub(super) certain: Vec<Breach>,
    /// What is to be held against articles.
    doubtful: Vec<Breach>,
    /// Breaches that the column is to be read in spite of.
    told: Vec<Breach>,
}

impl Judged {
    /// True where nothing of the list is to be believed.
    pub(super) fn is_over(&self) -> bool {
        !self.certain.is_empty()
    }
}

impl Visit<'_> {
    /// True where nothing is taken in of the site until a person says so; the run is over.
    pub(super) async fn is_held(&self, report: &mut RunReport) -> Result<bool, StoreError> {
        let Some(held) = self.distrusted().await? else { return Ok(false) };
        let since = held.since.with_timezone(&BEIJING).format("%Y-%m-%d %H:%M");
        let (detail, site) = (held.detail, held.site);
        let detail = format!("{detail}; held since {since} until `lianbo trust {site}`");
        report.faults.push(Fault::new(ProblemCode::IdentityFailed, detail));
        self.fail(report).await?;
        Ok(true)
    }

    /// True where a page of this run was not the site's own: nothing of the run is stored.
    pub(super) async fn is_hijacked(&self, report: &mut RunReport) -> Result<bool, StoreError> {
        let hijacked = self.distrusted().await?.is_some();
        if hijacked {
            self.fail(report).await?;
        }
        Ok(hijacked)
    }

    async fn distrusted(&self) -> Result<Option<Distrust>, StoreError> {
        let site = self.column.id.site().as_str();
        let all = self.pipeline.store.distrusted().await?;
        Ok(all.into_iter().find(|held| held.site == site))
    }

    /// A run that came to nothing leaves open what it did not look at.
    async fn fail(&self, report: &mut RunReport) -> Result<(), StoreError> {
        report.outcome = Outcome::Failed;
        report.waiting = self.still_waiting().await?;
        Ok(())
    }

    /// Takes nothing more in of the site, of which the page at `page` is not; what to tell of it.
    pub(super) async fn distrust(&self, page: &Url, detail: &str) -> Result<Fault, StoreError> {
        let fault = Fault::new(ProblemCode::IdentityFailed, format!("`{page}`: {detail}"));
        let (store, site) = (&self.pipeline.store, self.column.id.site());
        store.distrust(site, &fault.detail, self.pipeline.now()).await?;
        Ok(fault)
    }

    /// Holds the first list page against what the column showed before.
    pub(super) async fn judged(&self, lists: &Lists) -> Result<Judged, StoreError> {
        if lists.first.is_none() && lists.on_first == 0 {
            return Ok(Judged::default());
        }
        let rows: Vec<Row> =
            lists.rows[..lists.on_first].iter().map(|link| self.row_of(lists, link)).collect();
        let observation = trust::observe(&rows, lists.look.as_ref());
        let before = self.pipeline.store.observations(&self.column.id).await?;
        let printed = self.pipeline.store.printed_before(&self.column.id).await?;
        let health = &self.column.health;
        let (look, expected) = (lists.look.as_ref(), health.expected);
        let breaches = match health.contract {
            Contract::Off => Vec::new(),
            Contract::Hold | Contract::Tell => {
                trust::judge(&observation, look, &before, printed, expected)
            }
        };
        let mut judged = Judged { observation: Some(observation), ..Judged::default() };
        for breach in breaches {
            match breach.certain {
                _ if health.contract == Contract::Tell => judged.told.push(breach),
                true => judged.certain.push(breach),
                false => judged.doubtful.push(breach),
            }
        }
        Ok(judged)
    }

    fn row_of(&self, lists: &Lists, link: &Link) -> Row {
        let item = lists.known.get(&link.url).map(|known| Stored {
            title: known.listed_title.clone().unwrap_or_else(|| known.title.clone()),
            day: known.posted.map(|posted| posted.date()),
            listed_here: known.listed_title.is_some(),
        });
        Row {
            key: self.naming.key(&link.url),
            url: link.url.clone(),
            title: link.title.clone(),
            day: link.posted.map(|posted| posted.date()),
            item,
        }
    }

    /// True where rows wait whose articles were not believed by an earlier run.
    async fn is_doubted(&self) -> Result<bool, StoreError> {
        let store = &self.pipeline.store;
        let urls = store.pending(&self.column.id).await?.into_iter().map(|link| link.url).collect();
        let visits = store.visits(urls, self.pipeline.now()).await?;
        let codes = visits.values().filter_map(|visit| ProblemCode::from_code(&visit.code));
        Ok(codes.into_iter().any(|code| trust::CODES.contains(&code)))
    }

    /// What speaks for it that articles which were not believed are still not to be.
    pub(super) async fn breaches_that_stand(
        &self,
        judged: &Judged,
        report: &mut RunReport,
    ) -> Result<Vec<Breach>, StoreError> {
        if !self.is_doubted().await? {
            return Ok(Vec::new());
        }
        self.breaches_of_articles(&Findings::default(), judged, report).await
    }

    /// What speaks against the articles that were read: where one is odd, or the list is another
    /// one than before, stored articles of the column are read once more.
    pub(super) async fn breaches_of_articles(
        &self,
        findings: &Findings,
        judged: &Judged,
        report: &mut RunReport,
    ) -> Result<Vec<Breach>, StoreError> {
        let contract = self.column.health.contract;
        let own = |draft: &&Draft| web::same_site(&draft.url, &self.column.url);
        let drafts: Vec<&Draft> = findings.drafts.iter().filter(own).collect();
        let doubted = !judged.doubtful.is_empty() || self.is_doubted().await?;
        if contract == Contract::Off || (drafts.is_empty() && !doubted) {
            return Ok(Vec::new());
        }
        let items = self.ground().await?;
        let norms = Norms::of(&items);
        let odd = drafts.iter().any(|draft| {
            let stored = items.iter().find(|item| item.id == draft.id);
            norms.is_some_and(|norms| trust::is_odd(draft, &norms))
                || stored.is_some_and(|item| trust::has_shrunk(draft, item))
        });
        if !odd && !doubted {
            return Ok(Vec::new());
        }
        let read: HashSet<_> = drafts.iter().map(|draft| &draft.id).collect();
        let unread = items.iter().filter(|item| !read.contains(&item.id));
        let mut lost: Option<Vec<Breach>> = None;
        let mut witnesses = 0;
        for item in unread.take(ASKED) {
            let Some(changes) = self.read_again(item, report).await? else { continue };
            let codes: Vec<ProblemCode> = changes.iter().map(|breach| breach.code).collect();
            match &mut lost {
                Some(lost) => lost.retain(|breach| codes.contains(&breach.code)),
                None => lost = Some(changes),
            }
            witnesses += 1;
            if witnesses == WITNESSES || lost.as_ref().is_some_and(Vec::is_empty) {
                break;
            }
        }
        let breaches = lost.unwrap_or_default();
        if contract == Contract::Tell {
            report.remarks.extend(breaches.iter().map(fault));
            return Ok(Vec::new());
        }
        Ok(breaches)
    }

    /// Whole articles of the column's own site, newest first, from since it is normal as it is.
    async fn ground(&self) -> Result<Vec<Item>, StoreError> {
        let store = &self.pipeline.store;
        let since = store.trusted_since(&self.column.id).await?.map(|(at, _)| at);
        let mut items = store.newest(&self.own(), GROUND, None).await?;
        items.retain(|item| {
            !item.partial
                && since.is_none_or(|since| item.first_seen >= since)
                && web::same_site(&item.url, &self.column.url)
        });
        Ok(items)
    }

    fn own(&self) -> Selection {
        Selection::Any { sites: Vec::new(), columns: vec![self.column.id.clone()] }
    }

    /// What a stored article has lost; `None` where its page cannot be had, or says that there is
    /// no such article any more: what is gone speaks for no other. The page that was kept of it
    /// stays: it is what the article was read from.
    async fn read_again(
        &self,
        item: &Item,
        report: &mut RunReport,
    ) -> Result<Option<Vec<Breach>>, StoreError> {
        let request = Request { referer: Some(&self.column.url), ..Request::to(&item.url) };
        report.fetched += 1;
        let now = self.pipeline.now();
        let Ok(Answer::Page(page)) = self.pipeline.fetcher.get(&request, &self.manners, now).await
        else {
            return Ok(None);
        };
        if self.id_of(&page.url) != item.id && self.id_of(&page.url) != self.id_of(&item.url) {
            return Ok(None);
        }
        let rule = self.column.article.clone();
        let (_, read) = parse(*page, move |text, page| {
            let look = Look::of(&page.body, page.content_type.as_deref());
            let instead = look.and_then(|look| look.instead).map(|(code, _)| code);
            Ok((instead, extract::read(text, &page.url, Some(page.fetched), &rule)))
        })
        .await;
        let (instead, article) = read.unwrap_or_else(|rejection| (None, Err(rejection)));
        Ok(match (article, instead) {
            (Err(_), Some(ProblemCode::ErrorPage)) => None,
            (Err(gone), _) if gone.code == ProblemCode::ArticleGone.as_str() => None,
            (article, _) => Some(trust::changes(item, article.ok().as_ref())),
        })
    }

    /// What speaks against a column that was read before, lists nothing that is known, and leads to
    /// no article: a redesign, or a site in other hands.
    pub(super) async fn breaches_of_nothing_known(
        &self,
        findings: &Findings,
        report: &RunReport,
    ) -> Result<Vec<Breach>, StoreError> {
        let failed = findings.failed.iter().filter_map(|(_, code)| ProblemCode::from_code(code));
        let unreadable = failed.chain(report.waiting.iter().copied()).filter(is_no_article).count();
        if unreadable < lists::STRANGE_ROWS || findings.drafts.iter().any(|draft| !draft.partial) {
            return Ok(Vec::new());
        }
        if self.pipeline.store.newest(&self.own(), 1, None).await?.is_empty() {
            return Ok(Vec::new());
        }
        let detail = format!(
            "none of the {} rows of `{}` is known, and none leads to an article that can be read; \
             nothing was taken in",
            report.listed, self.column.url
        );
        Ok(vec![Breach { code: ProblemCode::ListStrange, detail, certain: true }])
    }

    /// Ends a run that is not to be believed: nothing of it is taken in, and its articles are left
    /// alone for a while.
    pub(super) async fn hold(
        &self,
        findings: Findings,
        breaches: Vec<Breach>,
        report: &mut RunReport,
    ) -> Result<(), StoreError> {
        self.fail(report).await?;
        // What proves that all is well at one point says nothing of the others.
        report.waiting.retain(|code| !trust::CODES.contains(code));
        let code = breaches.first().map_or(ProblemCode::ListStrange, |breach| breach.code);
        report.faults.splice(0..0, breaches.iter().map(fault));
        if let Some(breach) = breaches.iter().find(|b| b.code == ProblemCode::IdentityFailed) {
            self.distrust(&self.column.url, &breach.detail).await?;
        }
        let Findings { drafts, failed, left, .. } = findings;
        let read = drafts.into_iter().filter(|draft| !draft.partial);
        let doubted = read.map(|draft| (row(draft), code.as_str())).collect();
        let cut_short = self.pipeline.store.is_cut_short(&self.column.id).await?;
        let held = Findings { failed, left, doubted, cut_short, ..Findings::default() };
        self.pipeline.store.save(&self.column.id, held, self.pipeline.now()).await?;
        Ok(())
    }

    /// Tells what is no breach and yet worth knowing: another template that is read as before, and
    /// a column that is silent.
    pub(super) async fn remark(
        &self,
        judged: Judged,
        report: &mut RunReport,
    ) -> Result<(), StoreError> {
        report.remarks.extend(judged.doubtful.iter().chain(&judged.told).map(fault));
        if self.column.health.contract == Contract::Off {
            return Ok(());
        }
        let items = self.pipeline.store.newest(&self.own(), RHYTHM, None).await?;
        let days = items.iter().map(|item| item.published.date_naive()).collect();
        let today = self.pipeline.now().with_timezone(&BEIJING).date_naive();
        let calendar = &self.column.timing.calendar;
        let told = self.column.health.max_silence_days;
        let silence = trust::silence(days, today, told, |day| calendar.is_workday(day));
        report.remarks.extend(silence.and_then(|silence| silence.breach()).as_ref().map(fault));
        Ok(())
    }
}

/// The row that led to what was read.
fn row(draft: Draft) -> Link {
    let url = draft.aliases.first().cloned().unwrap_or(draft.url);
    Link { url, title: draft.listed_title, posted: draft.posted }
}

fn fault(breach: &Breach) -> Fault {
    Fault::new(breach.code, breach.detail.clone())
}

/// Codes of pages that came and are no article.
fn is_no_article(code: &ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::BodyMissing
            | ProblemCode::TitleMissing
            | ProblemCode::PageEmpty
            | ProblemCode::NotHtml
            | ProblemCode::ArticleGone
    )
}
