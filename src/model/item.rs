//! The stored record that everything published is made of.

use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{AlsoAt, Attachment, Body, ColumnId, Image, ItemId, Posted, Seq, SiteId, Withdrawal};

/// An item as `normalize` makes it, before the store gives it its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Permanent id.
    pub id: ItemId,
    /// The last part of the id: unique within the site, safe in a path.
    pub key: String,
    /// The site it was read from.
    pub site: SiteId,
    /// The column it was read from.
    pub column: ColumnId,
    /// The address to show.
    pub url: Url,
    /// Further addresses that lead to the same article (as listed, as requested, before redirects).
    pub aliases: Vec<Url>,
    /// Plain, one line.
    pub title: String,
    /// 来源 as printed.
    pub credit: Option<String>,
    /// 作者 as printed.
    pub author: Option<String>,
    /// 编辑 as printed.
    pub editor: Option<String>,
    /// 摄影 as printed.
    pub photographer: Option<String>,
    /// Who stands by the text, resolved for readers elsewhere (never 本网).
    pub attribution: String,
    /// The printed date, where there was one.
    pub posted: Option<Posted>,
    /// The date to publish under if the item is new (fixed from then on).
    pub published: DateTime<FixedOffset>,
    /// The way from the home page, outermost first.
    pub breadcrumb: Vec<String>,
    /// The sanitised body.
    pub body: Body,
    /// The first sentences, plain.
    pub summary: String,
    /// Hash over what readers would call the article; a change of it is a revision.
    pub hash: String,
    /// True when only the list row could be read.
    pub partial: bool,
    /// The title as the column lists it; a change of it asks for another look at the article.
    pub listed_title: String,
}

/// Whether an item is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemState {
    /// Offered.
    Live,
    /// Confirmed gone at its origin, or taken back by an editor.
    Withdrawn,
    /// Not public before a person releases it.
    Held,
}

/// How much of an item readers get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Extent {
    /// All of it.
    #[default]
    Full,
    /// Title, summary and link: more is not permitted.
    Summary,
}

/// A stored item.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Permanent id.
    pub id: ItemId,
    /// The number of its last change.
    pub seq: Seq,
    /// Its place in the order of first arrival, over all items.
    pub ordinal: u64,
    /// 1 for the first version.
    pub revision: u32,
    /// The last part of the id.
    pub key: String,
    /// The site it was read from.
    pub site: SiteId,
    /// All columns it was listed in, first seen first.
    pub columns: Vec<ColumnId>,
    /// The article's address.
    pub url: Url,
    /// Plain, one line.
    pub title: String,
    /// 来源 as printed.
    pub credit: Option<String>,
    /// 作者 as printed.
    pub author: Option<String>,
    /// 编辑 as printed.
    pub editor: Option<String>,
    /// 摄影 as printed.
    pub photographer: Option<String>,
    /// The sentence printed under the item.
    pub attribution: String,
    /// The printed date.
    pub posted: Option<Posted>,
    /// The date it is published under; never moves, never later than `first_seen`.
    pub published: DateTime<FixedOffset>,
    /// When the first version was stored.
    pub first_seen: DateTime<Utc>,
    /// When the last significant change was stored; equals `first_seen` at first.
    pub revised: DateTime<Utc>,
    /// The way from the home page, outermost first.
    pub breadcrumb: Vec<String>,
    /// Sanitised body HTML.
    pub html: String,
    /// Body text, one paragraph a line.
    pub text: String,
    /// The first sentences.
    pub summary: String,
    /// Pictures in reading order.
    pub images: Vec<Image>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Hash of the version.
    pub hash: String,
    /// True when only the list row could be read.
    pub partial: bool,
    /// Offered, withdrawn or held.
    pub state: ItemState,
    /// When and why it was withdrawn; `None` unless it is.
    pub withdrawn: Option<Withdrawal>,
    /// How much of it readers get.
    pub extent: Extent,
    /// Where else its story stands and is public, whoever stands for it first.
    pub also_at: Vec<AlsoAt>,
}

impl Item {
    /// Whose text it is: the attribution without its label and without where it was taken from.
    pub fn source(&self) -> &str {
        let line = self.attribution.as_str();
        let named =
            line.strip_prefix("来源").map_or(line, |rest| rest.trim_start_matches(['：', ':']));
        named.split_once("（转自").map_or(named, |(source, _)| source)
    }

    /// The other sites that tell its story.
    pub fn told_at(&self) -> Vec<SiteId> {
        self.also_at.iter().map(|other| other.site.clone()).collect()
    }
}

/// What storing a draft did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new item.
    New(ItemId),
    /// A further revision of a known item.
    Revised(ItemId),
    /// What is no revision of a known item changed: an editor, markup, the way from the home page.
    Amended(ItemId),
    /// A known item was seen in a further column.
    Listed(ItemId),
    /// A new item, or a revision of a known one, that waits for release: nothing public changed.
    Held(ItemId),
    /// An item that was withdrawn because it was gone is back.
    Restored(ItemId),
    /// An item was withdrawn: its article is confirmed to be gone.
    Withdrawn(ItemId),
    /// Nothing changed.
    Unchanged(ItemId),
}

impl Change {
    /// The item concerned.
    pub fn id(&self) -> &ItemId {
        match self {
            Self::New(id)
            | Self::Revised(id)
            | Self::Amended(id)
            | Self::Listed(id)
            | Self::Held(id)
            | Self::Restored(id)
            | Self::Withdrawn(id)
            | Self::Unchanged(id) => id,
        }
    }

    /// True unless nothing changed that is public.
    pub fn is_change(&self) -> bool {
        !matches!(self, Self::Unchanged(_) | Self::Held(_))
    }
}
