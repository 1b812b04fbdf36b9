//! The nouns of the program as plain data: no I/O, no clock, no parsing of pages.
//!
//! Every step takes and returns these types; what a word means is fixed in ARCHITECTURE.md.
//! Nothing here may import another module of the crate.

mod alert;
mod article;
mod asset;
mod both;
mod digest;
mod document;
mod feed;
mod history;
mod id;
mod issue;
mod item;
mod layout;
mod listing;
mod notes;
mod observation;
mod page;
mod piece;
mod posted;
mod problem;
mod push;
mod quality;
mod rest;
mod story;
mod turn;
mod usage;
mod withdrawal;

pub use alert::{
    AlertMessage, Doorbell, Encryption, Hindrance, Mail, Mailing, Manner, Notice, Outpost, Robot,
    alert_subject,
};
pub use article::{Article, Attachment, Body, Found, Image, Rejection};
pub use asset::{Asset, AssetHash, AssetKind, Custody, Holding};
pub use both::Both;
pub use digest::{CoverSpec, DigestKind, DigestSpec, Rgb, SectionSpec};
pub use document::Document;
pub use feed::{Composition, Condition, FeedLink, FeedSpec, Format, Selection};
pub use history::{Part, Place};
pub use id::{ColumnId, IdError, ItemId, Seq, SiteId};
pub use issue::{Act, Chosen, Deed, Issue, IssueId, IssueState, Material, PushedDraft, Step};
pub use item::{Change, Draft, Extent, Item, ItemState};
pub use layout::{DraftArticle, Laid, Layout, Remark};
pub use listing::{Call, Link, Listing};
pub use notes::{ColumnNote, Emblems, Notes, Rhythm};
pub use observation::{Observation, Registration};
pub use page::{Page, Validators};
pub use piece::{IssueComposition, IssuePicture, Piece, Since};
pub use posted::{BEIJING, Posted, Precision};
pub use problem::{Lang, Problem, ProblemCode};
pub use push::{
    Course, Event, Intent, Letter, Outlet, Secret, SecretPlace, Subscription, Webhook, Wish,
};
pub use quality::{Blemish, ColumnQuality, Defect, Finding, SiteQuality, silent_days};
pub use rest::Rest;
pub use story::AlsoAt;
pub use turn::{Turn, TurnEnd};
pub use usage::{Usage, UsageKind, UsagePart};
pub use withdrawal::{Cause, Tombstone, Withdrawal};
