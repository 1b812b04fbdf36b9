//! Items taken back: confirmed gone at their origin, or by an editor's hand.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ItemId, Seq};

/// Why an item was withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Its origin said so, several times. It comes back when its article does.
    Gone,
    /// A person said so. Only a person brings it back.
    ByHand,
}

impl Cause {
    /// As it is stored and told.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::ByHand => "by-hand",
        }
    }
}

/// What is known of a withdrawal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// When it was withdrawn.
    pub when: DateTime<Utc>,
    /// Why.
    pub why: Cause,
    /// Who did it, where a person did.
    pub by: Option<String>,
    /// What was said about it; for operators, never published.
    pub reason: Option<String>,
    /// True once the text was erased: nothing is left to restore.
    pub purged: bool,
}

/// What is left in public of a withdrawn item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tombstone {
    /// The item's permanent id.
    pub id: ItemId,
    /// When it was withdrawn.
    pub when: DateTime<Utc>,
    /// Why.
    pub why: Cause,
    /// The number of the withdrawal among all changes.
    pub seq: Seq,
    /// When the item became public: which archive it stood in.
    pub first_seen: DateTime<Utc>,
}
