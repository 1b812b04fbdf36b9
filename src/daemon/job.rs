//! The duties of the daemon that have a time.

use std::fmt;

use crate::schedule::Timing;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// Reads a column.
    Refresh,
    /// Publishes a feed on its own cron.
    Publish,
    /// Builds the next issue of a digest.
    Issue,
    /// Prunes the data folder.
    Prune,
}

/// When a job of which the ledger knows nothing begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beginning {
    /// At once, and then at its times.
    AtOnce,
    /// When somebody says so ([`super::agenda::Agenda::begin`]), and then at its times.
    WhenTold,
    /// At its first time.
    AtItsTime,
}

impl Duty {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Refresh, Self::Publish, Self::Issue, Self::Prune];

    /// What the names of its jobs begin with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refresh => "refresh",
            Self::Publish => "publish",
            Self::Issue => "issue",
            Self::Prune => "prune",
        }
    }

    /// A new column is read at once. A new feed is published with every change until something
    /// stands in it. A new digest waits for its day, and so does pruning.
    pub(super) fn beginning(self) -> Beginning {
        match self {
            Self::Refresh => Beginning::AtOnce,
            Self::Publish => Beginning::WhenTold,
            Self::Issue | Self::Prune => Beginning::AtItsTime,
        }
    }
}

/// A duty and what it is done to; written `refresh jiangsu/zt`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Job {
    /// What is done.
    pub duty: Duty,
    /// To which column, feed or digest, or to the data folder.
    pub subject: String,
}

impl Job {
    /// The job of doing `duty` to `subject`.
    pub fn new(duty: Duty, subject: impl ToString) -> Self {
        Self { duty, subject: subject.to_string() }
    }

    /// The job of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let (duty, subject) = name.split_once(' ')?;
        let duty = Duty::ALL.into_iter().find(|known| known.as_str() == duty)?;
        Some(Self::new(duty, subject))
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.duty.as_str(), self.subject)
    }
}

/// A job as the configuration wants it.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) job: Job,
    /// Jobs of one lane are done one after the other: the columns of a site.
    pub(super) lane: String,
    pub(super) timing: Timing,
}
