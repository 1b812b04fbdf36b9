//! Looking again at articles: for corrections soon after they came, and where one seems to be gone.
//!
//! Only what a site says in so many words counts as gone, and only while other articles of the same
//! column are still where they were: a site that is down, moved or redesigned has lost them all.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::model::{ItemId, Link, ProblemCode};
use crate::problem::Fault;
use crate::store::{Findings, Look, Patience, Seen, Sighted, StoreError};

use super::article::Reading;
use super::refresh::{Visit, concerns_the_site};
use super::report::RunReport;

/// So many articles of a column may be gone at once whatever its size; else one in [`SHARE`].
const FEW: usize = 2;
/// See [`FEW`].
const SHARE: usize = 5;
/// Beyond so many articles a column is not measured.
const MEASURED: usize = 50;

impl Visit<'_> {
    /// Asks for the articles whose time has come, and notes what became of them.
    pub(super) async fn look_again(
        &self,
        findings: &mut Findings,
        report: &mut RunReport,
    ) -> Result<(), StoreError> {
        let store = &self.pipeline.store;
        findings.patience = Some(self.patience());
        if !self.withdraw.confirm {
            findings.sighted = Sighted::Unknown;
        }
        if report.faults.iter().any(|fault| concerns_the_site(fault.code)) {
            return self.settle_doubt(None, findings, report).await;
        }
        let limit = self.withdraw.looks_per_run;
        let due = store.due_looks(&self.column.id, self.pipeline.now(), limit).await?;
        let mut gone = Vec::new();
        let mut alive: Option<DateTime<Utc>> = None;
        for look in due {
            match self.look(&look, findings, report).await? {
                Seen::There => {
                    alive = Some(alive.map_or(look.first_seen, |at| at.min(look.first_seen)));
                }
                Seen::Gone if self.withdraw.confirm => {
                    gone.push(look.id);
                    continue;
                }
                Seen::Gone | Seen::Unsure => {
                    findings.looked.push((look.id, Seen::Unsure));
                    if report.faults.last().is_some_and(|fault| concerns_the_site(fault.code)) {
                        break;
                    }
                    continue;
                }
            }
            findings.looked.push((look.id, Seen::There));
        }
        self.judge(gone, alive, findings, report).await
    }

    fn patience(&self) -> Patience {
        let seconds = |time: std::time::Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        Patience {
            polls: self.withdraw.polls,
            spread_s: seconds(self.withdraw.spread),
            looks_s: self.withdraw.looks.iter().copied().map(seconds).collect(),
        }
    }

    /// Asks for one article, on condition that it changed.
    async fn look(
        &self,
        look: &Look,
        findings: &mut Findings,
        report: &mut RunReport,
    ) -> Result<Seen, StoreError> {
        let link = Link { url: look.url.clone(), title: look.title.clone(), posted: look.posted };
        let fault = match self.article(&link, false, &[], report).await? {
            Reading::Draft(draft) => {
                findings.drafts.push(*draft);
                return Ok(Seen::There);
            }
            Reading::Gone(_) => return Ok(Seen::Gone),
            Reading::Elsewhere(_) => {
                Fault::new(ProblemCode::ArticleGone, "leads to another site".to_owned())
            }
            Reading::Unreadable(_, fault) | Reading::Failed(fault) => fault,
        };
        report.faults.push(Fault::new(fault.code, format!("{}: {}", link.url, fault.detail)));
        Ok(Seen::Unsure)
    }

    /// Believes that articles are gone where others are still there and it is not too many at once.
    async fn judge(
        &self,
        gone: Vec<ItemId>,
        mut alive: Option<DateTime<Utc>>,
        findings: &mut Findings,
        report: &mut RunReport,
    ) -> Result<(), StoreError> {
        let column = &self.column.id;
        let store = &self.pipeline.store;
        if gone.is_empty() {
            return self.settle_doubt(alive, findings, report).await;
        }
        let own: HashSet<ItemId> = gone.iter().cloned().collect();
        let suspects = gone.len() + store.suspects(column, own.clone()).await?;
        let most = FEW.max(store.listed_count(column, MEASURED).await? / SHARE);
        let lost = matches!(&findings.sighted, Sighted::These(known) if known.is_empty());
        if alive.is_none() && !lost {
            alive = self.another_stands(&own, findings, report).await?;
        }
        if alive.is_some() && suspects <= most {
            self.settle_doubt(alive, findings, report).await?;
            findings.looked.extend(gone.into_iter().map(|id| (id, Seen::Gone)));
            return Ok(());
        }
        let detail = format!(
            "{suspects} articles of `{column}` are said to be gone{}; none was withdrawn",
            if alive.is_some() { "" } else { ", and no other one could be read" }
        );
        report.faults.push(Fault::new(ProblemCode::ManyGone, detail));
        findings.doubt = Some(true);
        findings.looked.extend(gone.into_iter().map(|id| (id, Seen::Unsure)));
        Ok(())
    }

    /// When an article came that nobody misses, if one can still be read.
    async fn another_stands(
        &self,
        gone: &HashSet<ItemId>,
        findings: &mut Findings,
        report: &mut RunReport,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sighted = match &findings.sighted {
            Sighted::These(ids) => Some(ids.iter().cloned().collect::<HashSet<ItemId>>()),
            Sighted::Same | Sighted::Unknown => None,
        };
        let others = self.pipeline.store.other_looks(&self.column.id, MEASURED).await?;
        let other = others.into_iter().find(|look| {
            !gone.contains(&look.id)
                && sighted.as_ref().is_none_or(|sighted| sighted.contains(&look.id))
        });
        let Some(look) = other else { return Ok(None) };
        let seen = self.look(&look, findings, report).await?;
        Ok((seen == Seen::There).then_some(look.first_seen))
    }

    /// A doubt stays a problem until an article of before is found where it was: `alive` tells when
    /// the oldest came that was.
    async fn settle_doubt(
        &self,
        alive: Option<DateTime<Utc>>,
        findings: &mut Findings,
        report: &mut RunReport,
    ) -> Result<(), StoreError> {
        match self.pipeline.store.doubted_since(&self.column.id).await? {
            Some(since) if alive.is_some_and(|alive| alive < since) => {
                findings.doubt = Some(false);
            }
            Some(_) => report.waiting.push(ProblemCode::ManyGone),
            None => {}
        }
        Ok(())
    }
}
