//! Periodicals: a digest defines one, an issue is one dated, numbered, frozen instance of it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{AssetHash, Image, ItemId, Selection};

/// The definition of a periodical selection, ready for composing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestSpec {
    /// `weekly`: part of the name of its issues and of the path of their bundles.
    pub slug: String,
    /// Its title for people: 苏商一周.
    pub title: String,
    /// What becomes of an issue.
    pub kind: DigestKind,
    /// How issues are counted: `第{n}期（总第{total}期）`, where `{n}` counts within the year.
    pub numbering: String,
    /// The sections, in print order; an item goes to the first that holds it.
    pub sections: Vec<SectionSpec>,
    /// Printed above everything, a paragraph a line; empty for nothing.
    pub header: String,
    /// Printed below everything, a paragraph a line; empty for nothing.
    pub footer: String,
    /// Who signs the articles; at most 16 characters.
    pub author: String,
    /// The cover.
    pub cover: CoverSpec,
    /// How many approvals an issue needs before it may be pushed: 0, 1 or 3.
    pub approvals: u8,
    /// Length that summaries aim at, in characters.
    pub summary_chars: usize,
    /// At most so many items.
    pub limit: usize,
    /// The colour of banners and rules.
    pub brand: Rgb,
}

/// A section of a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionSpec {
    /// Its heading: 要闻.
    pub title: String,
    /// Which items stand in it: any of these; none means whatever is left.
    pub selections: Vec<Selection>,
}

/// What becomes of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DigestKind {
    /// 单图文速览: one article with a few lines of each item.
    Overview,
    /// 多图文: each item an article of its own, at most eight.
    Articles,
    /// The overview first, then at most seven items in full.
    Both,
    /// A bulletin printed on A4.
    Bulletin,
}

impl DigestKind {
    /// Whether issues become drafts of an Official Account.
    pub fn is_for_wechat(self) -> bool {
        self != Self::Bulletin
    }
}

/// A colour without transparency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl fmt::Display for Rgb {
    /// `#b01318`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl FromStr for Rgb {
    type Err = ();

    /// Reads `#b01318`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6).ok_or(())?;
        if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(());
        }
        let part = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).map_err(|_| ());
        Ok(Self(part(0)?, part(2)?, part(4)?))
    }
}

/// Where the cover of an issue comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CoverSpec {
    /// Drawn: title and number on the brand colour.
    Drawn,
    /// A picture of the operator's, by its path.
    File(std::path::PathBuf),
}

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
    pub missing: BTreeMap<String, String>,
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

/// One article of a draft, as `draft/add` takes it. Pictures and covers that are not uploaded yet
/// stand in it as `{{asset:SHA256}}` and `{{cover}}`, `{{cover:SHA256}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftArticle {
    /// Always `news`.
    pub article_type: String,
    /// At most 64 characters; 32 are shown everywhere.
    pub title: String,
    /// At most 16 characters.
    pub author: String,
    /// 摘要, at most 120 characters; empty in a draft of several articles.
    pub digest: String,
    /// HTML on one line, below 20,000 characters.
    pub content: String,
    /// 阅读原文: absolute, at most 1 KB, or empty.
    pub content_source_url: String,
    /// The permanent material that is its cover.
    pub thumb_media_id: String,
    /// 1 where readers may comment.
    pub need_open_comment: u8,
    /// 1 where only followers may.
    pub only_fans_can_comment: u8,
    /// The crop of the cover at the head of a conversation, `X1_Y1_X2_Y2` in parts of one.
    pub pic_crop_235_1: String,
    /// The square crop.
    pub pic_crop_1_1: String,
}

/// An issue laid out for the platform.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Its articles, in the order of the draft.
    pub articles: Vec<Laid>,
    /// What was left out or shortened to keep the limits, for the editor.
    pub remarks: Vec<Remark>,
}

/// One article of an issue, laid out.
#[derive(Clone, Debug, PartialEq)]
pub struct Laid {
    /// As it is pushed; pictures and cover are placeholders.
    pub draft: DraftArticle,
    /// The same to be pasted into the platform's editor: pictures stand at their original
    /// addresses, and what the editor would not inherit is repeated on every paragraph.
    pub paste: String,
    /// The keys of the pieces that it prints, in order.
    pub pieces: Vec<String>,
    /// Hex SHA-256 of the pictures in it, in reading order.
    pub pictures: Vec<String>,
}

/// A remark for the editor of an issue: something that should be looked at before it goes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// What kind it is, stable: `title-long`, `third-party`, `phone-number`, `roster-outdated`.
    pub code: &'static str,
    /// The piece it is about; `None` for the issue as a whole.
    pub piece: Option<String>,
    /// True where the issue must not go out so.
    pub severe: bool,
    /// What was found and what to do, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// The words that it is about, as they stand in the text; empty where there are none.
    pub words: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issues_and_colours_are_read_as_they_are_written() {
        let id: IssueId = "weekly/12".parse().unwrap();
        assert_eq!(
            (id.digest.as_str(), id.total, id.to_string().as_str()),
            ("weekly", 12, "weekly/12")
        );
        for wrong in ["weekly", "weekly/0", "/3", "weekly/x", "weekly/-1"] {
            assert!(wrong.parse::<IssueId>().is_err(), "{wrong}");
        }
        assert_eq!("#B01318".parse::<Rgb>().unwrap().to_string(), "#b01318");
        for wrong in ["b01318", "#b0131", "#b0131g", "#中文", ""] {
            assert!(wrong.parse::<Rgb>().is_err(), "{wrong}");
        }
    }
}
