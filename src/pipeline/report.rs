//! What a run of a column did.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::model::{Change, ColumnId, ItemId, ProblemCode};
use crate::problem::Fault;

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
    /// New items and revisions that wait for release.
    pub held: usize,
    /// Items withdrawn because they are gone at their origin.
    pub withdrawn: usize,
    /// Items that were withdrawn so, and are back.
    pub restored: usize,
    /// Rows left for the next run.
    pub left: usize,
    /// Until when the site is to be left alone, since the budget of the day is used up.
    #[serde(skip)]
    pub rest_until: Option<DateTime<Utc>>,
    /// Items that changed.
    #[serde(skip)]
    pub changed: Vec<ItemId>,
    /// What went wrong.
    #[serde(skip)]
    pub faults: Vec<Fault>,
    /// What the operator should know although nothing of the run failed.
    #[serde(skip)]
    pub remarks: Vec<Fault>,
    /// Codes of earlier failures whose articles are still waited for.
    #[serde(skip)]
    pub waiting: Vec<ProblemCode>,
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
            held: 0,
            withdrawn: 0,
            restored: 0,
            left: 0,
            rest_until: None,
            changed: Vec::new(),
            faults: Vec::new(),
            remarks: Vec::new(),
            waiting: Vec::new(),
        }
    }

    pub(super) fn count(&mut self, changes: Vec<Change>) {
        for change in changes {
            match &change {
                Change::New(_) => self.new += 1,
                Change::Revised(_) => self.revised += 1,
                Change::Held(_) => self.held += 1,
                Change::Withdrawn(_) => self.withdrawn += 1,
                Change::Restored(_) => self.restored += 1,
                Change::Amended(_) | Change::Listed(_) | Change::Unchanged(_) => {}
            }
            if change.is_change() {
                self.changed.push(change.id().clone());
            }
        }
    }
}
