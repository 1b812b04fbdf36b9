//! Refreshing a column: fetch ─► discover ─► fetch ─► extract ─► normalize ─► store.

use std::collections::HashSet;

use chrono::TimeDelta;
use url::Url;

use crate::config::{Column, Editing, Site, Withdraw};
use crate::fetch::Manners;
use crate::model::{Cause, ItemId, Link, ProblemCode};
use crate::normalize::{self, Naming};
use crate::problem::Fault;
use crate::store::{Amend, ELSEWHERE, Findings, Known, StoreError, Terms, Visit as Failure};
use crate::trust::{self, Identity};

use super::article::Reading;
use super::lists::{self, Lists};
use super::report::{Outcome, RunReport};
use super::{Pipeline, manners, naming, progress, quality};

/// What one run of a column needs at every step.
pub(super) struct Visit<'a> {
    pub(super) pipeline: &'a Pipeline,
    pub(super) home: Option<&'a Url>,
    pub(super) column: &'a Column,
    pub(super) manners: Manners,
    pub(super) naming: Naming,
    pub(super) limit: usize,
    pub(super) withdraw: &'a Withdraw,
    pub(super) identity: &'a Identity,
}

/// A row whose article is to be read.
pub(super) struct Wanted {
    pub(super) link: Link,
    pub(super) known: Option<Known>,
    pub(super) failure: Option<Failure>,
}

impl Pipeline {
    /// Reads the column's list and every new article on it, and stores them in one go.
    ///
    /// Faults of the outside world end in the report; an error means that the store failed.
    pub async fn refresh(&self, site: &Site, column: &Column) -> Result<RunReport, StoreError> {
        let visit = Visit::new(self, site, column);
        let mut report = RunReport::new(column.id.clone());
        if visit.is_held(&mut report).await? {
            return Ok(report);
        }
        let Some(mut lists) = visit.lists(&mut report).await? else {
            report.waiting = visit.still_waiting().await?;
            return Ok(report);
        };
        let mut judged = visit.judged(&lists).await?;
        if judged.is_over() {
            visit.hold(Findings::default(), judged.certain, &mut report).await?;
            return Ok(report);
        }
        let standing = visit.breaches_that_stand(&judged, &mut report).await?;
        if !standing.is_empty() {
            visit.hold(Findings::default(), standing, &mut report).await?;
            return Ok(report);
        }
        let strange = lists.is_strange();
        let mut findings = Findings {
            cut_short: lists.cut_short,
            terms: visit.terms(),
            sighted: lists.sighted(),
            observation: judged.observation.take(),
            ..Findings::default()
        };
        if let Some(page) = lists.first.take().filter(|_| !lists.cut_short) {
            findings.list = Some((column.url.clone(), page));
            findings.rule = lists::fingerprint(column);
        }
        let wanted = visit.wanted(lists, &mut findings, &mut report).await?;
        visit.read(wanted, &mut findings, &mut report).await?;
        visit.look_again(&mut findings, &mut report).await?;
        if visit.is_hijacked(&mut report).await? {
            return Ok(report);
        }
        let mut breaches = visit.breaches_of_articles(&findings, &judged, &mut report).await?;
        if strange {
            breaches.extend(visit.breaches_of_nothing_known(&findings, &report).await?);
        }
        if !breaches.is_empty() {
            visit.hold(findings, breaches, &mut report).await?;
            return Ok(report);
        }
        report.left = findings.left.len();
        report.count(self.store.save(&column.id, findings, self.now()).await?);
        progress::items_stored(&column.id, report.changed.len());
        visit.remark(judged, &mut report).await?;
        report.outcome = match report.outcome {
            Outcome::Unchanged if report.changed.is_empty() && report.faults.is_empty() => {
                Outcome::Unchanged
            }
            _ if report.faults.is_empty() => Outcome::Fine,
            _ => Outcome::Partly,
        };
        Ok(report)
    }
}

impl<'a> Visit<'a> {
    pub(super) fn new(pipeline: &'a Pipeline, site: &'a Site, column: &'a Column) -> Self {
        Self {
            pipeline,
            home: site.home.as_ref(),
            column,
            manners: manners(&pipeline.config, site),
            naming: naming(&pipeline.config, site),
            limit: site.fetch.articles_per_run,
            withdraw: &site.withdraw,
            identity: &site.identity,
        }
    }

    /// On which terms this column's drafts are taken in.
    pub(super) fn terms(&self) -> Terms {
        let Editing { hold, publish, .. } = self.column.editing;
        let first_look = self.withdraw.looks.first();
        let first_look = first_look.and_then(|&time| TimeDelta::from_std(time).ok());
        Terms { amend: Amend::Seen, hold, extent: publish, first_look }
    }
}

impl Visit<'_> {
    /// What articles of earlier runs still wait for, while the list cannot be read: their problems
    /// stay.
    pub(super) async fn still_waiting(&self) -> Result<Vec<ProblemCode>, StoreError> {
        let store = &self.pipeline.store;
        let pending = store.pending(&self.column.id).await?;
        let urls = pending.into_iter().map(|link| link.url).collect();
        let failures = store.visits(urls, self.pipeline.now()).await?;
        let waits = failures.into_values().filter(|failure| !failure.given_up);
        let doubted = store.doubted_since(&self.column.id).await?.is_some();
        Ok(waits
            .filter_map(|failure| ProblemCode::from_code(&failure.code))
            .chain(doubted.then_some(ProblemCode::ManyGone))
            // What was not seen again is not mended.
            .chain(trust::CODES.iter().copied())
            .collect())
    }

    /// The id that the article listed at `url` would get.
    pub(super) fn id_of(&self, url: &Url) -> ItemId {
        normalize::item_id(&self.naming, &self.naming.key(url))
    }

    /// Sorts out which articles are to be read: those of new and changed rows, and of earlier rows
    /// whose time has come.
    async fn wanted(
        &self,
        mut lists: Lists,
        findings: &mut Findings,
        report: &mut RunReport,
    ) -> Result<Vec<Wanted>, StoreError> {
        let store = &self.pipeline.store;
        let keys: HashSet<String> =
            lists.rows.iter().map(|link| self.naming.key(&link.url)).collect();
        let listed: HashSet<Url> = lists.rows.iter().map(|link| link.url.clone()).collect();
        let pending = store.pending(&self.column.id).await?;
        let (shadowed, pending): (Vec<Link>, Vec<Link>) =
            pending.into_iter().partition(|link| keys.contains(&self.naming.key(&link.url)));
        findings.superseded =
            shadowed.into_iter().map(|link| link.url).filter(|url| !listed.contains(url)).collect();
        lists.known.extend(self.known(pending.iter().map(|link| &link.url)).await?);
        lists.rows.extend(pending.iter().cloned());
        let urls = lists.rows.iter().map(|link| link.url.clone()).collect();
        let mut failures = store.visits(urls, self.pipeline.now()).await?;
        let pending: HashSet<Url> = pending.into_iter().map(|link| link.url).collect();
        let mut wanted = Vec::new();
        for link in lists.rows {
            let known = lists.known.remove(&link.url);
            let failure = failures.remove(&link.url);
            let stale = known.as_ref().is_none_or(|known| is_stale(known, &link));
            if let Some(known) = &known
                && (known.listed_title.is_none()
                    || (!stale && (pending.contains(&link.url) || is_retitled(known, &link))))
            {
                findings.listed.push((known.id.clone(), link.clone()));
            }
            match failure {
                _ if !stale => {}
                Some(failure) if failure.waits => self.wait(link, &failure, findings, report),
                failure => wanted.push(Wanted { link, known, failure }),
            }
        }
        Ok(wanted)
    }

    /// Leaves a row alone whose article failed before.
    fn wait(&self, link: Link, failure: &Failure, findings: &mut Findings, report: &mut RunReport) {
        if failure.code == ELSEWHERE || failure.given_up {
            return;
        }
        report.waiting.extend(ProblemCode::from_code(&failure.code));
        findings.left.push(link);
    }

    /// Reads the articles, newest first, up to the limit of one run.
    pub(super) async fn read(
        &self,
        wanted: Vec<Wanted>,
        findings: &mut Findings,
        report: &mut RunReport,
    ) -> Result<(), StoreError> {
        let mut spared = false;
        for Wanted { link, known, failure } in wanted {
            if spared || report.fetched >= self.limit {
                findings.left.push(link);
                continue;
            }
            let full = known.as_ref().is_some_and(|known| !known.partial);
            let first_sight = known.is_none() && failure.is_none();
            match self.article(&link, first_sight, &findings.drafts, report).await? {
                Reading::Draft(draft) => {
                    findings.blemishes.extend(quality::of_dates(&link, &draft));
                    findings.drafts.push(*draft);
                }
                Reading::Elsewhere(row) => {
                    findings.drafts.extend((!full).then_some(*row));
                    findings.elsewhere.push(link);
                }
                Reading::Unreadable(row, fault) => {
                    // The row stands in, but never for a full item.
                    findings.drafts.extend((!full).then_some(*row));
                    findings.blemishes.extend(quality::of_failure(&link, &fault, false));
                    self.failed(link, fault, findings, report);
                }
                Reading::Gone(fault) => {
                    spared = concerns_the_site(fault.code);
                    findings.blemishes.extend(quality::of_failure(&link, &fault, true));
                    self.failed(link, fault, findings, report);
                }
                Reading::Failed(fault) => {
                    spared = concerns_the_site(fault.code);
                    findings.blemishes.extend(quality::of_failure(&link, &fault, false));
                    self.failed(link, fault, findings, report);
                }
            }
        }
        Ok(())
    }

    fn failed(&self, link: Link, fault: Fault, findings: &mut Findings, report: &mut RunReport) {
        report.faults.push(Fault::new(fault.code, format!("{}: {}", link.url, fault.detail)));
        let is_turned_away = fault.code.is_challenge()
            || matches!(fault.code, ProblemCode::RateLimited | ProblemCode::BudgetUsed);
        if is_turned_away {
            // Not the article's fault: its turn comes as soon as the site receives again.
            findings.left.push(link);
        } else {
            findings.failed.push((link, fault.code.as_str()));
        }
    }
}

/// A known row is read again when it was only half read, or when the list shows another title that
/// is not the article's: whoever read it for another column may have seen the change.
///
/// One that was withdrawn as gone stands on the list, so it may be back; one that was withdrawn by
/// hand is left alone.
pub(super) fn is_stale(known: &Known, link: &Link) -> bool {
    match known.withdrawn {
        Some(Cause::Gone) => return true,
        Some(Cause::ByHand) => return false,
        None => {}
    }
    known.partial || (is_retitled(known, link) && known.title != link.title)
}

/// The column lists it under another title than before.
fn is_retitled(known: &Known, link: &Link) -> bool {
    known.listed_title.as_ref().is_some_and(|title| *title != link.title)
}

/// Faults that every further page of the site would meet too: the run ends, the site is spared.
pub(super) fn concerns_the_site(code: ProblemCode) -> bool {
    code.is_challenge()
        || matches!(
            code,
            ProblemCode::Unreachable
                | ProblemCode::TlsFailed
                | ProblemCode::RateLimited
                | ProblemCode::BudgetUsed
                | ProblemCode::Timeout
                | ProblemCode::IdentityFailed
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_another_column_told_of_already_asks_for_no_further_look() {
        let known = |title: &str| Known {
            id: ItemId::from_tag_uri("tag:a.test,2026:a/1".to_owned()),
            partial: false,
            title: title.to_owned(),
            listed_title: Some("旧标题".to_owned()),
            posted: None,
            withdrawn: None,
        };
        let url = "https://a.test/1.html".parse().unwrap();
        let link = Link { url, title: "新标题".to_owned(), posted: None };
        assert!(is_stale(&known("旧标题"), &link), "the article may have changed");
        assert!(!is_stale(&known("新标题"), &link), "it was read since");
        assert!(is_retitled(&known("新标题"), &link), "and the column's title is noted");
    }
}
