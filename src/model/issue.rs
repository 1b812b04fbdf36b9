//! Issues: the dated, numbered, frozen instances of a digest, and what was done with them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{AssetHash, ItemId, SiteId};

/// The name of an issue: `weekly/12`, where 12 counts the issues of the digest since it began.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssueId {
    /// The slug of its digest.
    pub digest: String,
    /// Its place among all issues of the digest, from 1.
    pub total: u32,
}

impl fmt::Display for IssueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.digest, self.total)
    }
}

impl FromStr for IssueId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (digest, total) = text.rsplit_once('/').ok_or(())?;
        let total = total.parse().ok().filter(|&total| total > 0).ok_or(())?;
        if digest.is_empty() {
            return Err(());
        }
        Ok(Self { digest: digest.to_owned(), total })
    }
}

/// An issue as it is frozen: what was chosen, in which order, and what editors changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// Its name.
    pub id: IssueId,
    /// Its place within the year, from 1.
    pub number: u32,
    /// The day it is dated.
    pub date: NaiveDate,
    /// The first and the last day whose items it is made of.
    pub period: (NaiveDate, NaiveDate),
    /// Its own title; the digest's title and its number where it is empty.
    pub title: String,
    /// 编者按, a paragraph a line; empty for none.
    pub note: String,
    /// What it is made of, in print order.
    pub chosen: Vec<Chosen>,
    /// The pictures that it prints, frozen with it: the held file for each address that stands in a
    /// body. Those of manuscripts are kept with the issue.
    pub pictures: BTreeMap<String, AssetHash>,
    /// How far it has come.
    pub state: IssueState,
    /// When it was first built.
    pub built: DateTime<Utc>,
    /// Grows with every change of what it prints.
    pub version: u32,
}

impl Issue {
    /// What it prints is changed: a further version, which nobody has approved. What has left stays
    /// what it is.
    pub fn edited(&mut self) {
        self.version += 1;
        if self.state < IssueState::Pushed {
            self.state = IssueState::Built;
        }
    }
}

/// One thing chosen for an issue, with what editors changed of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Its name within the issue, for as long as it stands there: `a7`.
    pub key: String,
    /// Where its text is.
    pub from: Material,
    /// The heading it stands under.
    pub section: String,
    /// Its title, where an editor gave it another.
    pub title: Option<String>,
    /// Its summary, where an editor wrote one.
    pub summary: Option<String>,
    /// False where an editor wants it without a picture in the overview.
    pub picture: bool,
    /// Other sites that told the same story when it was chosen: one that comes later changes nothing
    /// of what prints.
    #[serde(default)]
    pub also_at: Vec<SiteId>,
}

/// Where the text of something chosen is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Material {
    /// A stored item, as of one of its versions.
    Item {
        /// Its permanent id.
        id: ItemId,
        /// Which version.
        revision: u32,
    },
    /// A manuscript that was added by hand, kept with the issue.
    Manuscript {
        /// The name of its file.
        file: String,
    },
}

/// How far an issue has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssueState {
    /// Built or edited; nobody has approved it as it is.
    Built,
    /// 初审 is done.
    First,
    /// 二审 is done.
    Second,
    /// 终审 is done: it may be pushed, or printed.
    Final,
    /// It is a draft in the account.
    Pushed,
    /// It was sent, printed or given up; nothing changes any more.
    Closed,
}

/// What was done with an issue, by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// What.
    pub what: Deed,
    /// When.
    pub at: DateTime<Utc>,
    /// The name of who did it; the daemon's own acts name nobody.
    pub by: Option<String>,
    /// What was said about it.
    pub remark: String,
    /// The hash of what the issue printed then, hex SHA-256.
    pub content_sha256: String,
    /// By which way: `cli`, `daemon`, `desk`.
    pub way: String,
    /// False where a later change voided it (approvals only).
    pub holds: bool,
}

/// What can be done with an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// It was built.
    Built,
    /// Its content was changed: approvals are void.
    Edited,
    /// An item of it was revised or withdrawn: approvals are void.
    Overtaken,
    /// 初审.
    FirstApproval,
    /// 二审.
    SecondApproval,
    /// 终审.
    FinalApproval,
    /// It was sent back.
    Rejected,
    /// It became a draft, or the draft was brought up to date.
    Pushed,
    /// It was shown to a reviewer's phone.
    Previewed,
    /// It was published or sent from here.
    Sent,
    /// It was closed.
    Closed,
}

impl Deed {
    /// Whether it is one of the three approvals.
    pub fn is_approval(self) -> bool {
        matches!(self, Self::FirstApproval | Self::SecondApproval | Self::FinalApproval)
    }
}

/// One of the reviews of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// 初审.
    First,
    /// 二审.
    Second,
    /// 终审.
    Final,
}

impl Step {
    /// The steps that a digest with so many approvals wants, in their order.
    pub fn wanted(approvals: u8) -> &'static [Self] {
        match approvals {
            0 => &[],
            1 => &[Self::Final],
            _ => &[Self::First, Self::Second, Self::Final],
        }
    }

    /// The act that gives it.
    pub fn deed(self) -> Deed {
        match self {
            Self::First => Deed::FirstApproval,
            Self::Second => Deed::SecondApproval,
            Self::Final => Deed::FinalApproval,
        }
    }

    /// How far it brings an issue.
    pub fn state(self) -> IssueState {
        match self {
            Self::First => IssueState::First,
            Self::Second => IssueState::Second,
            Self::Final => IssueState::Final,
        }
    }
}

/// The draft that an issue became.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushedDraft {
    /// The key of the account.
    pub account: String,
    /// The platform's name for the draft.
    pub media_id: String,
    /// When the platform says that the draft was last changed, in Unix seconds; later than what we
    /// noted means that an editor did.
    pub update_time: i64,
    /// The hash of what was pushed, hex SHA-256.
    pub content_sha256: String,
    /// The titles of its articles.
    pub titles: Vec<String>,
    /// When it was pushed.
    pub at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issues_are_named_as_they_are_written() {
        let id: IssueId = "weekly/12".parse().unwrap();
        let IssueId { digest, total } = &id;
        assert_eq!((digest.as_str(), *total, id.to_string().as_str()), ("weekly", 12, "weekly/12"));
        for wrong in ["weekly", "weekly/0", "/3", "weekly/x", "weekly/-1"] {
            assert!(wrong.parse::<IssueId>().is_err(), "{wrong}");
        }
    }
}
