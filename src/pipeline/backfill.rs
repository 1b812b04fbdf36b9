//! Walking a column's history, list page by list page.
//!
//! Each list page with its articles is one transaction, which also notes the page that is next: a
//! walk that was cut off goes on there. It visits a site as any run does, one request at a time.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::config::{Column, Site};
use crate::model::{Call, ColumnId, Link, ProblemCode};
use crate::store::{Amend, Bookmark, Findings, Progress, StoreError, Terms};

use super::lists::{ListPage, Lists, Way};
use super::refresh::{Visit, Wanted, is_stale};
use super::report::{Outcome, RunReport};
use super::vetting::Judged;
use super::{Pipeline, progress};

/// More list pages than any column has.
const MOST_PAGES: usize = 20_000;

/// How far a walk has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walked {
    /// The column.
    pub column: ColumnId,
    /// List pages read, those of an earlier walk that was cut off included.
    pub pages: usize,
    /// List pages that are known to lie ahead; more may turn up.
    pub ahead: usize,
    /// Items stored in this walk.
    pub new: usize,
    /// The oldest date on the page.
    pub oldest: Option<NaiveDate>,
}

/// Is told of every list page that was taken in.
pub type Watcher = Arc<dyn Fn(&Walked) + Send + Sync>;

/// Whether a walk goes on.
enum Step {
    Further,
    End,
    /// The site wants to be left alone; the walk can be resumed.
    Break,
}

/// One walk.
struct Walk<'a> {
    visit: Visit<'a>,
    until: NaiveDate,
    way: Way,
    seen: HashSet<String>,
    pages: usize,
    bookmark: Option<Bookmark>,
}

impl Pipeline {
    /// Reads the list pages of a column and all articles on them that were printed on `until` or
    /// later and are not known yet, newest first.
    ///
    /// A walk that was cut off goes on where it stopped when it is asked for with the same date.
    pub async fn backfill(
        &self,
        site: &Site,
        column: &Column,
        until: NaiveDate,
        watcher: Watcher,
    ) -> Result<RunReport, StoreError> {
        let (pipeline, site, own) = (self.clone(), site.clone(), column.clone());
        let work = async move { pipeline.walk(&site, &own, until, &watcher).await };
        self.recorded(column, None, work).await
    }

    async fn walk(
        &self,
        site: &Site,
        column: &Column,
        until: NaiveDate,
        watcher: &Watcher,
    ) -> Result<RunReport, StoreError> {
        let visit = Visit { limit: usize::MAX, ..Visit::new(self, site, column) };
        let mut report = RunReport::new(column.id.clone());
        if visit.is_held(&mut report).await? {
            return Ok(report);
        }
        let bookmark = self.store.bookmark(&column.id).await?;
        let mut walk = Walk {
            visit,
            until,
            way: Way::new(&column.url),
            seen: HashSet::new(),
            pages: 0,
            bookmark: bookmark.filter(|bookmark| bookmark.until == until),
        };
        while let Step::Further = walk.step(&mut report, watcher).await? {}
        report.outcome = match (report.outcome, walk.pages, report.faults.is_empty()) {
            (Outcome::Failed, ..) | (_, 0, false) => Outcome::Failed,
            (_, _, true) => Outcome::Fine,
            _ => Outcome::Partly,
        };
        Ok(report)
    }
}

impl Walk<'_> {
    async fn step(
        &mut self,
        report: &mut RunReport,
        watcher: &Watcher,
    ) -> Result<Step, StoreError> {
        let Some(call) = self.way.next().filter(|_| self.pages < MOST_PAGES) else {
            return self.end(report).await;
        };
        let listing = match self.visit.list(&call, true, &self.way, report).await? {
            ListPage::Read(_, listing, _) => listing,
            ListPage::Unchanged => return Ok(Step::End),
            ListPage::Failed(passing) if passing || self.pages == 0 => return Ok(Step::Break),
            ListPage::Failed(_) => return self.end(report).await,
        };
        if self.way.on(&listing) {
            return Ok(Step::Further);
        }
        let mut lists = Lists::default();
        self.visit.take(&listing, &mut self.seen, &mut lists).await?;
        // A server that knows no further page shows the first one again, for ever.
        if lists.rows.is_empty() {
            return self.end(report).await;
        }
        self.pages += 1;
        let days = |link: &Link| link.posted.map(|posted| posted.date());
        let oldest = lists.rows.iter().filter_map(days).min();
        let in_range = |link: &Link| days(link).is_none_or(|day| day >= self.until);
        let reached = !lists.rows.iter().any(in_range);
        if let Some(bookmark) = self.bookmark.take() {
            self.pages = self.pages.max(bookmark.pages);
            self.way.skip_to(bookmark.next);
        }
        let broken = self.take_in(lists, &call, reached, report).await?;
        watcher(&Walked {
            column: self.visit.column.id.clone(),
            pages: self.pages,
            ahead: self.way.len(),
            new: report.new,
            oldest,
        });
        Ok(match (broken, reached || self.way.ahead().is_none()) {
            (true, _) => Step::Break,
            (false, true) => Step::End,
            (false, false) => Step::Further,
        })
    }

    /// Reads and stores what the rows of one list page lead to; true where the site wants to be
    /// left alone before all of it was read.
    async fn take_in(
        &self,
        lists: Lists,
        call: &Call,
        reached: bool,
        report: &mut RunReport,
    ) -> Result<bool, StoreError> {
        let (visit, store) = (&self.visit, &self.visit.pipeline.store);
        let column = &visit.column.id;
        let cut_short = store.is_cut_short(column).await?;
        // What is history is not looked at again.
        let terms = Terms { first_look: None, amend: Amend::Never, ..visit.terms() };
        let mut findings = Findings { cut_short, terms, ..Findings::default() };
        // Further pages are of the past: all of theirs is unknown, and some of it is gone.
        let strange = self.pages == 1 && lists.is_strange();
        let wanted = self.wanted(lists, &mut findings, report).await?;
        visit.read(wanted, &mut findings, report).await?;
        if visit.is_hijacked(report).await? {
            return Ok(true);
        }
        let judged = Judged::default();
        let mut breaches = visit.breaches_of_articles(&findings, &judged, report).await?;
        if strange {
            breaches.extend(visit.breaches_of_nothing_known(&findings, report).await?);
        }
        if !breaches.is_empty() {
            visit.hold(findings, breaches, report).await?;
            return Ok(true);
        }
        let until = self.until;
        findings.drafts.retain(|draft| draft.posted.is_none_or(|posted| posted.date() >= until));
        let broken = !findings.left.is_empty();
        let next = if broken { Some(call) } else { self.way.ahead().filter(|_| !reached) };
        findings.progress = match next {
            Some(next) => {
                let (next, pages) = (next.clone(), self.pages - usize::from(broken));
                Progress::At(Bookmark { until: self.until, next, pages })
            }
            None => Progress::Done,
        };
        let changes = store.save(column, findings, visit.pipeline.now()).await?;
        report.count(changes);
        progress::items_stored(column, report.changed.len());
        Ok(broken)
    }

    /// The rows in the range whose articles are not known yet.
    async fn wanted(
        &self,
        mut lists: Lists,
        findings: &mut Findings,
        report: &mut RunReport,
    ) -> Result<Vec<Wanted>, StoreError> {
        let store = &self.visit.pipeline.store;
        let urls = lists.rows.iter().map(|link| link.url.clone()).collect();
        let mut failures = store.visits(urls, self.visit.pipeline.now()).await?;
        let mut wanted = Vec::new();
        for link in lists.rows {
            let known = lists.known.remove(&link.url);
            let failure = failures.remove(&link.url);
            let stale = known.as_ref().is_none_or(|known| is_stale(known, &link));
            let in_range = link.posted.is_none_or(|posted| posted.date() >= self.until);
            if let Some(known) = known.as_ref().filter(|known| known.listed_title.is_none()) {
                findings.listed.push((known.id.clone(), link.clone()));
            }
            match failure {
                Some(failure) if failure.waits => {
                    report.waiting.extend(ProblemCode::from_code(&failure.code));
                }
                failure if stale && in_range => wanted.push(Wanted { link, known, failure }),
                _ => {}
            }
        }
        Ok(wanted)
    }

    /// Notes that there is no further page.
    async fn end(&self, report: &RunReport) -> Result<Step, StoreError> {
        let visit = &self.visit;
        let cut_short = visit.pipeline.store.is_cut_short(&report.column).await?;
        let findings = Findings { cut_short, progress: Progress::Done, ..Findings::default() };
        visit.pipeline.store.save(&report.column, findings, visit.pipeline.now()).await?;
        Ok(Step::End)
    }
}
