//! What the ledger keeps of each planned time of each job.

use chrono::{DateTime, Utc};

/// One planned time of a job, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The job by its name: `refresh jiangsu/zt`.
    pub job: String,
    /// When the schedule wanted it.
    pub planned: DateTime<Utc>,
    /// When it was started; `None` where it was not.
    pub started: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended: Option<DateTime<Utc>>,
    /// What became of it; `None` while it is under way, or where a kill cut it off.
    pub end: Option<TurnEnd>,
}

/// What became of a planned time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TurnEnd {
    /// It was done.
    Done,
    /// It was tried and failed.
    Failed,
    /// It passed while nobody was there, and was made good.
    CaughtUp,
    /// It passed while nobody was there or an earlier one was still under way; a later one stands
    /// for it.
    Coalesced,
    /// It passed, and nothing was done for it.
    Missed,
    /// It falls into quiet hours.
    SkippedQuiet,
    /// The host's budget of the day was used up.
    SkippedBudget,
}

impl TurnEnd {
    /// All of them, as they are reported.
    pub const ALL: [Self; 7] = [
        Self::Done,
        Self::CaughtUp,
        Self::Failed,
        Self::Coalesced,
        Self::Missed,
        Self::SkippedQuiet,
        Self::SkippedBudget,
    ];

    /// As the store keeps it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::CaughtUp => "caught-up",
            Self::Coalesced => "coalesced",
            Self::Missed => "missed",
            Self::SkippedQuiet => "skipped-quiet",
            Self::SkippedBudget => "skipped-budget",
        }
    }

    /// The one with this text.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.as_str() == text)
    }

    /// Whether something was run for it.
    pub fn was_run(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::CaughtUp)
    }
}
