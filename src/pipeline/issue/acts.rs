//! Approving, sending back, closing; and what happens when an item is overtaken.

use chrono::{DateTime, Utc};
use tracing::{info, warn};

use crate::model::{Act, Deed, IssueId, IssueState, Lang, ProblemCode, Step};
use crate::store::{Overtaken, Overtook, StoreError};

use crate::text::sentence::issue::deed;

use super::{IssueError, Pipeline, Printed};

/// Who does something with an issue, and by which way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name; the daemon has none.
    pub name: Option<String>,
    /// `cli`, `daemon`, `desk`.
    pub way: &'static str,
}

impl Person {
    /// The daemon.
    pub fn daemon() -> Self {
        Self { name: None, way: "daemon" }
    }

    pub(super) fn act(
        &self,
        what: Deed,
        at: DateTime<Utc>,
        remark: String,
        content_sha256: String,
    ) -> Act {
        let (by, way) = (self.name.clone(), self.way.to_owned());
        Act { what, at, by, remark, content_sha256, way, holds: what.is_approval() }
    }
}

impl Printed {
    /// The approvals that count for what prints now, in the order of the steps.
    pub fn approvals(&self) -> Vec<(Step, &Act)> {
        let steps = Step::wanted(self.composition.digest.approvals);
        let of = |step: &Step| {
            let counts = |act: &&Act| {
                act.holds && act.what == step.deed() && act.content_sha256 == self.content_sha256
            };
            self.record.acts.iter().rev().find(counts).map(|act| (*step, act))
        };
        // A later step without the one before it counts for nothing.
        steps.iter().map_while(of).collect()
    }

    /// How far it has come: an approval that counts no more is none.
    pub(super) fn settled(mut self) -> Self {
        if !self.record.has_left() {
            let last = self.approvals().last().map(|(step, _)| step.state());
            let state = last.unwrap_or(IssueState::Built);
            self.record.issue.state = state;
            self.composition.issue.state = state;
        }
        self
    }

    /// The next review that it needs; `None` where it has all of them.
    pub fn next_step(&self) -> Option<Step> {
        let wanted = Step::wanted(self.composition.digest.approvals);
        wanted.get(self.approvals().len()).copied()
    }
}

impl Pipeline {
    /// Notes the next review of the issue `id` by `person`; `expected` is the step that they mean to
    /// give, where they say so. Gives the step.
    pub async fn approve_issue(
        &self,
        id: &IssueId,
        person: &Person,
        expected: Option<Step>,
        remark: &str,
    ) -> Result<Step, IssueError> {
        let printed = self.print_issue(id).await?;
        self.still_open(&printed.record)?;
        let digest = self.digest_of(id)?;
        let Some(step) = printed.next_step() else {
            return Err(IssueError::refused(
                format!("{id} 所需的审核均已完成"),
                format!("{id} has all the approvals that it needs"),
            ));
        };
        if let Some(expected) = expected.filter(|&expected| expected != step) {
            return Err(IssueError::refused(
                format!("{id} 现在应做的是{}，不是{}", zh(step), zh(expected)),
                format!("what is due of {id} is the {}, not the {}", en(step), en(expected)),
            ));
        }
        let same = printed.approvals().into_iter().find(|(_, act)| act.by == person.name);
        if let Some((earlier, _)) = same.filter(|_| digest.approvers_differ) {
            let name = person.name.as_deref().unwrap_or_default();
            return Err(IssueError::refused(
                format!(
                    "{name} 已做过{}；各审应由不同的人完成（确需同一人时设 approvers_differ = false）",
                    zh(earlier)
                ),
                format!(
                    "{name} gave an earlier approval; another person is wanted, or `approvers_differ = false`"
                ),
            ));
        }
        if let Some(severe) = printed.remarks.iter().find(|remark| remark.severe) {
            let more = printed.remarks.iter().filter(|remark| remark.severe).count() - 1;
            return Err(IssueError::refused(
                format!("须先改正：{}{}", severe.zh, rest(more, "（另有 ", " 项）")),
                format!("to be put right first: {}{}", severe.en, rest(more, " (and ", " more)")),
            ));
        }
        let mut record = printed.record;
        if record.issue.state < IssueState::Pushed {
            record.issue.state = step.state();
        }
        let hash = printed.content_sha256;
        let act = person.act(step.deed(), self.now(), remark.to_owned(), hash);
        self.keep(&record, Some(act), false).await?;
        info!(issue = %id, step = zh(step), "issue approved");
        Ok(step)
    }

    /// Sends the issue `id` back: no approval of it holds any more.
    pub async fn reject_issue(
        &self,
        id: &IssueId,
        person: &Person,
        remark: &str,
    ) -> Result<(), IssueError> {
        let printed = self.print_issue(id).await?;
        self.still_open(&printed.record)?;
        let mut record = printed.record;
        if record.issue.state < IssueState::Pushed {
            record.issue.state = IssueState::Built;
        }
        let hash = printed.content_sha256;
        let act = person.act(Deed::Rejected, self.now(), remark.to_owned(), hash);
        self.keep(&record, Some(act), true).await?;
        Ok(())
    }

    /// Closes the issue `id`: it was sent, printed or given up. Closing a closed one says that what
    /// was overtaken since was put right by hand.
    pub async fn close_issue(
        &self,
        id: &IssueId,
        person: &Person,
        remark: &str,
    ) -> Result<(), IssueError> {
        let printed = self.print_issue(id).await?;
        let mut record = printed.record;
        record.issue.state = IssueState::Closed;
        let hash = printed.content_sha256;
        let act = person.act(Deed::Closed, self.now(), remark.to_owned(), hash);
        self.keep(&record, Some(act), false).await?;
        self.store.heal(&subject(id), &[], self.now()).await?;
        Ok(())
    }

    /// Brings up to date how far issues have come: where the configuration prints something else now,
    /// what was approved is built again.
    pub async fn settle_issues(&self) -> Result<(), IssueError> {
        for record in self.store.issues(None).await? {
            let state = record.issue.state;
            let is_approved = state > IssueState::Built && !record.has_left();
            if !is_approved || self.config.digest(&record.issue.id.digest).is_none() {
                continue;
            }
            let printed = self.print(record).await?;
            if printed.record.issue.state != state {
                self.keep(&printed.record, None, false).await?;
            }
        }
        Ok(())
    }

    /// Notes which items of issues were revised or withdrawn: approvals are void, and of what is in
    /// the account already, or was sent, the operator hears.
    pub async fn overtake_issues(&self) -> Result<Vec<Overtaken>, StoreError> {
        let overtaken = self.store.overtake_issues(self.now()).await?;
        for issue in &overtaken {
            let (id, detail) = (&issue.id, detail(issue));
            warn!(issue = %id, approvals_void = issue.voided, "{detail}");
            if issue.state >= IssueState::Pushed {
                let code = ProblemCode::IssueOvertaken;
                self.store.raise(code, &subject(id), &detail, self.now()).await?;
            }
        }
        Ok(overtaken)
    }
}

/// 初审, 二审, 终审.
pub(super) fn zh(step: Step) -> &'static str {
    deed(step.deed(), Lang::Zh)
}

/// The same in English.
pub(super) fn en(step: Step) -> &'static str {
    deed(step.deed(), Lang::En)
}

/// What problems of an issue are about.
pub(super) fn subject(id: &IssueId) -> String {
    format!("issue {id}")
}

fn rest(count: usize, before: &str, after: &str) -> String {
    if count == 0 { String::new() } else { format!("{before}{count}{after}") }
}

/// What happened to the items of an issue.
fn detail(overtaken: &Overtaken) -> String {
    let items = overtaken.items.iter().map(|(what, title)| match what {
        Overtook::Revised => format!("`{title}` was revised"),
        Overtook::Withdrawn => format!("`{title}` was withdrawn"),
        Overtook::Restored => format!("`{title}` is back"),
    });
    items.collect::<Vec<_>>().join("; ")
}
