//! Reading the list pages of a column: fetch ─► discover, page by page.

use std::collections::{HashMap, HashSet, VecDeque};

use url::Url;

use crate::config::Column;
use crate::discover;
use crate::fetch::{Answer, FetchError, Request};
use crate::model::{Call, Link, Listing, Page, ProblemCode, Rejection};
use crate::problem::Fault;
use crate::store::{Known, Sighted, StoreError};
use crate::text::web;
use crate::trust::Look;

use super::refresh::Visit;
use super::report::{Outcome, RunReport};
use super::{parse, progress};

/// List pages of one run at most, read on only while every row of the page before was unknown.
const PAGES_PER_RUN: usize = 5;
/// A page that frames its rows may lead to another that does (an index of sitemaps), not for ever.
const MAX_FRAMES: usize = 3;

/// So many unknown rows in a column that was read before are worth a second thought.
pub(super) const STRANGE_ROWS: usize = 3;

/// What the list pages gave.
#[derive(Default)]
pub(super) struct Lists {
    /// One row an article, first on the first page first.
    pub(super) rows: Vec<Link>,
    /// The first page, unless the site said that it is unchanged.
    pub(super) first: Option<Page>,
    /// An older page could not be had this time.
    pub(super) cut_short: bool,
    /// The items that rows lead to.
    pub(super) known: HashMap<Url, Known>,
    /// Rows of the first page that had any; they come first.
    pub(super) on_first: usize,
    /// What the first page that is HTML looks like.
    pub(super) look: Option<Look>,
}

impl Lists {
    /// Which items the list shows.
    pub(super) fn sighted(&self) -> Sighted {
        match &self.first {
            Some(_) => Sighted::These(self.known.values().map(|known| known.id.clone()).collect()),
            None => Sighted::Same,
        }
    }

    /// True where several rows lead to nothing that is known.
    pub(super) fn is_strange(&self) -> bool {
        self.known.is_empty() && self.rows.len() >= STRANGE_ROWS
    }
}

/// What came of asking for one list page.
pub(super) enum ListPage {
    /// Its rows, and what it looks like where it is HTML.
    Read(Box<Page>, Listing, Option<Box<Look>>),
    /// The site says that it is the page we know.
    Unchanged,
    /// It cannot be had; with true, this time.
    Failed(bool),
}

/// The way through the list pages of a column: what was asked for and what is still to be asked.
pub(super) struct Way {
    column: Url,
    asked: HashSet<(String, Vec<(String, String)>)>,
    ahead: VecDeque<Call>,
    frames: usize,
}

impl Way {
    /// Begins before the first list page.
    pub(super) fn new(column: &Url) -> Self {
        let first = Call::get(column.clone());
        let asked = HashSet::from([place(&first)]);
        Self { column: column.clone(), asked, ahead: VecDeque::from([first]), frames: 0 }
    }

    /// The next request, if any is left.
    pub(super) fn next(&mut self) -> Option<Call> {
        self.ahead.pop_front()
    }

    /// True while nothing was asked for.
    pub(super) fn is_first(&self, call: &Call) -> bool {
        call.form.is_empty() && call.url == self.column
    }

    /// Takes in where `listing` leads; true where it only frames its rows, which come next.
    pub(super) fn on(&mut self, listing: &Listing) -> bool {
        let frames = listing.links.is_empty() && !listing.next.is_empty();
        if frames {
            self.frames += 1;
            if self.frames > MAX_FRAMES {
                self.ahead.clear();
                return true;
            }
        }
        let fresh: Vec<Call> =
            listing.next.iter().filter(|call| self.asked.insert(place(call))).cloned().collect();
        if frames {
            for call in fresh.into_iter().rev() {
                self.ahead.push_front(call);
            }
        } else if self.ahead.is_empty() {
            self.ahead.extend(fresh);
        }
        frames
    }

    /// Pages known to lie ahead.
    pub(super) fn len(&self) -> usize {
        self.ahead.len()
    }

    /// What comes next, if anything.
    pub(super) fn ahead(&self) -> Option<&Call> {
        self.ahead.front()
    }

    /// Leaves out what comes before `call`, where it lies ahead; else goes on from it.
    pub(super) fn skip_to(&mut self, call: Call) {
        match self.ahead.iter().position(|ahead| *ahead == call) {
            Some(at) => drop(self.ahead.drain(..at)),
            None => {
                self.asked.insert(place(&call));
                self.ahead = VecDeque::from([call]);
            }
        }
    }
}

fn place(call: &Call) -> (String, Vec<(String, String)>) {
    (web::normalised(&call.url), call.form.clone())
}

impl Visit<'_> {
    /// Reads the first list page, and older ones while all is new; `None` where the first one
    /// could not be read.
    pub(super) async fn lists(&self, report: &mut RunReport) -> Result<Option<Lists>, StoreError> {
        let resumes = self.pipeline.store.is_cut_short(&self.column.id).await?;
        let mut lists = Lists::default();
        let mut way = Way::new(&self.column.url);
        let mut seen = HashSet::new();
        let mut pages = 0;
        while let Some(call) = way.next() {
            let (page, listing, look) = match self.list(&call, resumes, &way, report).await? {
                ListPage::Read(page, listing, look) => (page, listing, look),
                ListPage::Unchanged => return Ok(Some(lists)),
                ListPage::Failed(_) if pages == 0 => {
                    report.outcome = Outcome::Failed;
                    return Ok(None);
                }
                ListPage::Failed(passing) => {
                    lists.cut_short = passing;
                    break;
                }
            };
            lists.look = lists.look.or(look.map(|look| *look));
            if way.on(&listing) {
                continue;
            }
            let all_new = self.take(&listing, &mut seen, &mut lists).await?;
            if pages == 0 {
                lists.on_first = lists.rows.len();
            }
            pages += 1;
            if way.is_first(&call) {
                lists.first = Some(*page);
            }
            if pages == PAGES_PER_RUN || !(all_new || resumes) {
                break;
            }
        }
        if pages == 0 {
            let detail = format!("`{}` leads from page to page, none with rows", self.column.url);
            report.faults.push(Fault::new(ProblemCode::ListEmpty, detail));
            report.outcome = Outcome::Failed;
            return Ok(None);
        }
        Ok(Some(lists))
    }

    /// Fetches and reads one list page. The first one is asked for on condition that it changed,
    /// unless the run `resumes` another or the rules are others by now.
    pub(super) async fn list(
        &self,
        call: &Call,
        resumes: bool,
        way: &Way,
        report: &mut RunReport,
    ) -> Result<ListPage, StoreError> {
        let is_first = way.is_first(call);
        let store = &self.pipeline.store;
        let validators = if is_first
            && !resumes
            && store.is_read_with(&self.column.id, &fingerprint(self.column)).await?
        {
            store.validators(&call.url).await?
        } else {
            None
        };
        let request = match is_first {
            true => Request { validators: validators.as_ref(), ..Request::to(&call.url) },
            false => Request::call(call, &self.column.url),
        };
        let now = self.pipeline.now();
        let page = match self.pipeline.fetcher.get(&request, &self.manners, now).await {
            Ok(Answer::Page(page)) => *page,
            Ok(Answer::NotModified) => {
                report.outcome = Outcome::Unchanged;
                return Ok(ListPage::Unchanged);
            }
            // Templates and scripts count on beyond the last page.
            Err(FetchError::Status { status: 404 | 410, .. }) if !is_first && report.listed > 0 => {
                return Ok(ListPage::Failed(false));
            }
            Err(error) => {
                if let FetchError::BudgetUsed { until, .. } = &error {
                    report.rest_until = Some(*until);
                }
                report.faults.push(Fault::from(&error));
                return Ok(ListPage::Failed(!is_final(&error)));
            }
        };
        progress::page_fetched(&call.url);
        if !web::same_site(&page.url, &call.url) {
            let detail =
                format!("the list of `{}` leads to another site, `{}`", call.url, page.url);
            report.faults.push(Fault::new(ProblemCode::IdentityFailed, detail));
            return Ok(ListPage::Failed(false));
        }
        if is_first && self.is_sent_home(&page.url) {
            let detail = format!("`{}` leads to the front page, `{}`", call.url, page.url);
            report.faults.push(Fault::new(ProblemCode::RedirectedHome, detail));
            return Ok(ListPage::Failed(false));
        }
        let rule = self.column.list.clone();
        let call = Call { url: page.url.clone(), ..call.clone() };
        let (page, read) = parse(page, move |text, page| {
            let listing = discover::read(text, &call, Some(page.fetched), &rule);
            let rows = listing.as_ref().map_or(&[][..], |listing| listing.links.as_slice());
            Ok((Look::of_list(page, rows), listing))
        })
        .await;
        let (look, listing) = read.unwrap_or_else(|rejection| (None, Err(rejection)));
        if let Some(breach) = look.as_ref().and_then(|look| self.identity.of_list(look)) {
            report.faults.push(self.distrust(&page.url, &breach.detail).await?);
            return Ok(ListPage::Failed(false));
        }
        match listing {
            Ok(listing) => {
                report.listed += listing.links.len();
                Ok(ListPage::Read(Box::new(page), listing, look.map(Box::new)))
            }
            Err(rejection) => {
                report.faults.push(named(&rejection, look, &page.url));
                Ok(ListPage::Failed(false))
            }
        }
    }

    /// True where the column's own address leads to the front page, and was none itself.
    fn is_sent_home(&self, found: &Url) -> bool {
        let is_front = |url: &Url| {
            let home = self.home.is_some_and(|home| web::normalised(home) == web::normalised(url));
            home || (matches!(url.path(), "/" | "/index.html" | "/index.htm")
                && url.query().is_none())
        };
        is_front(found) && !is_front(&self.column.url)
    }

    /// Takes in the rows of a list page, one an article; true when there are any and none leads to
    /// a known item.
    pub(super) async fn take(
        &self,
        listing: &Listing,
        seen: &mut HashSet<String>,
        lists: &mut Lists,
    ) -> Result<bool, StoreError> {
        let fresh: Vec<&Link> =
            listing.links.iter().filter(|link| seen.insert(self.naming.key(&link.url))).collect();
        let known = self.known(fresh.iter().map(|link| &link.url)).await?;
        let all_new = !fresh.is_empty() && known.is_empty();
        lists.known.extend(known);
        lists.rows.extend(fresh.into_iter().cloned());
        Ok(all_new)
    }

    pub(super) async fn known<'u>(
        &self,
        urls: impl Iterator<Item = &'u Url>,
    ) -> Result<HashMap<Url, Known>, StoreError> {
        let rows = urls.map(|url| (url.clone(), self.id_of(url))).collect();
        self.pipeline.store.known(&self.column.id, rows).await
    }
}

/// What tells one rule and address of a list, of one version of the program, from another: an
/// unchanged page may have other rows under it, or be another column's by what is known of it.
pub(super) fn fingerprint(column: &Column) -> String {
    let Column { url, list, .. } = column;
    let text = format!("{} {url} {list:?}", env!("CARGO_PKG_VERSION"));
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

/// Why a list page has no rows: what it is instead says more than that there are none.
fn named(rejection: &Rejection, look: Option<Look>, page: &Url) -> Fault {
    let fault = Fault::from(rejection);
    match look.and_then(|look| look.instead) {
        Some((code, found)) if fault.code == ProblemCode::ListEmpty => {
            Fault::new(code, format!("`{page}` is {found}; {}", fault.detail))
        }
        _ => fault,
    }
}

/// Failures that the next run would meet again.
fn is_final(error: &FetchError) -> bool {
    match error {
        FetchError::Status { status, .. } => *status < 500,
        FetchError::Robots { .. } | FetchError::Redirects { .. } => true,
        error => matches!(error.code(), ProblemCode::AddressRefused | ProblemCode::TooLarge),
    }
}
