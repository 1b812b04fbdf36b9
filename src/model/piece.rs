//! What an issue prints.

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::NaiveDate;
use serde::Serialize;
use url::Url;

use super::{Act, Both, DigestSpec, Image, Issue, ItemId};

/// Something in an issue as it prints, with all that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Its name within the issue.
    pub key: String,
    /// The item, or `None` for a manuscript.
    pub item: Option<ItemId>,
    /// The heading it stands under.
    pub section: String,
    /// The title that prints.
    pub title: String,
    /// The title as its origin has it.
    pub original_title: String,
    /// The summary that prints; plain, no line breaks.
    pub summary: String,
    /// True where an editor wrote the summary: it is never shortened.
    pub summary_edited: bool,
    /// Sanitised body HTML; pictures stand at their original addresses.
    pub html: String,
    /// Body text, one paragraph a line.
    pub text: String,
    /// Pictures in reading order.
    pub images: Vec<Image>,
    /// False where it goes without a picture in the overview.
    pub picture: bool,
    /// Whose text it is: 江苏省工商联.
    pub source: String,
    /// The sentence that prints under it: 来源：…
    pub attribution: String,
    /// 作者, 编辑 and 摄影 in words, as they print; empty where none is known.
    pub byline: String,
    /// The address of the article.
    pub url: Option<Url>,
    /// What the site it was read from is called, with its column; empty for a manuscript.
    pub site: String,
    /// The day it was posted.
    pub posted: Option<NaiveDate>,
    /// True where its text is by others than party, government or a member site: it may need their
    /// permission.
    pub third_party: bool,
    /// True where its site permits no more than the summary.
    pub summary_only: bool,
    /// What became of its item since it was chosen.
    pub since: Since,
    /// Other sites that tell the same story, by name.
    pub also_at: Vec<String>,
}

/// What became of an item since it was chosen for an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Since {
    /// Nothing.
    Same,
    /// Its origin has a newer version.
    Revised,
    /// It was withdrawn: it does not print.
    Withdrawn,
}

/// A picture ready for an issue: JPEG or PNG within the limits of the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuePicture {
    /// Hex SHA-256 of its bytes.
    pub sha256: String,
    /// Its name in the bundle's `images/`: `3fa8….jpg`.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// An issue with all that it prints, ready to render.
#[derive(Clone, Debug, PartialEq)]
pub struct IssueComposition {
    /// Its digest.
    pub digest: DigestSpec,
    /// The issue.
    pub issue: Issue,
    /// What prints, in print order; what was withdrawn is there too, marked so.
    pub pieces: Vec<Piece>,
    /// Pictures at hand, by the address that stands in the bodies. One that is missing could not be
    /// had: there is its reason in `missing`.
    pub pictures: BTreeMap<String, IssuePicture>,
    /// Why pictures could not be had, by address.
    pub missing: BTreeMap<String, Both>,
    /// The cover for the head of the conversation, 900 × 383.
    pub cover: Option<IssuePicture>,
    /// The square cover.
    pub cover_square: Option<IssuePicture>,
    /// What was done with it, oldest first.
    pub acts: Vec<Act>,
}

impl IssueComposition {
    /// `第3期（总第12期）`.
    pub fn number(&self) -> String {
        let issue = &self.issue;
        let number = self.digest.numbering.replace("{n}", &issue.number.to_string());
        number.replace("{total}", &issue.id.total.to_string())
    }

    /// Its own title, or the digest's with the number.
    pub fn title(&self) -> String {
        if self.issue.title.is_empty() {
            format!("{}{}", self.digest.title, self.number())
        } else {
            self.issue.title.clone()
        }
    }

    /// What prints: all pieces but withdrawn ones.
    pub fn printed(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter(|piece| piece.since != Since::Withdrawn)
    }
}
