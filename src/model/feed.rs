//! Published feeds: what is selected and, once composed, what is rendered.

use chrono::{DateTime, Utc};
use url::Url;

use super::{ColumnId, Custody, Item, Place, SiteId, Tombstone};

/// A format a feed is published in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// RSS 2.0.
    Rss,
    /// Atom (RFC 4287).
    Atom,
    /// JSON Feed 1.1.
    Json,
    /// A page for people.
    Html,
}

impl Format {
    /// All formats, in the order they are offered.
    pub const ALL: [Self; 4] = [Self::Rss, Self::Atom, Self::Json, Self::Html];

    /// The ending of its address.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::Json => "json",
            Self::Html => "html",
        }
    }

    /// Its media type with the charset.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

/// Which items belong to a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Everything.
    All,
    /// Items of any of these sites or columns.
    Any {
        /// Whole sites.
        sites: Vec<SiteId>,
        /// Single columns.
        columns: Vec<ColumnId>,
    },
    /// Those items of another selection that meet a condition.
    Only {
        /// The other selection, itself without a condition.
        of: Box<Self>,
        /// What the items must have.
        condition: Condition,
    },
    /// Those items of another selection that a person released for a feed which holds.
    Released {
        /// The slug of the feed.
        feed: String,
        /// The other selection.
        of: Box<Self>,
    },
}

/// What an item must have to belong to a feed; an empty list asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// One of these words in what readers see of it: title, text, breadcrumb or source line.
    pub contains: Vec<String>,
    /// One of these names in its breadcrumb.
    pub breadcrumb: Vec<String>,
    /// All of these words in what readers see of it.
    pub wanted: Vec<String>,
    /// None of these.
    pub unwanted: Vec<String>,
}

impl Selection {
    /// Whether a change in `column` can concern the selection.
    pub fn may_hold(&self, column: &ColumnId) -> bool {
        match self {
            Self::All => true,
            Self::Any { sites, columns } => {
                sites.contains(column.site()) || columns.contains(column)
            }
            Self::Only { of, .. } | Self::Released { of, .. } => of.may_hold(column),
        }
    }

    /// Whether `item` belongs to the selection, whatever its state, and whether released for a feed
    /// that holds or not: that only the store knows.
    pub fn holds(&self, item: &Item) -> bool {
        match self {
            Self::All => true,
            Self::Any { sites, columns } => {
                sites.contains(&item.site)
                    || item.columns.iter().any(|column| columns.contains(column))
            }
            Self::Only { of, condition } => of.holds(item) && condition.is_met_by(item),
            Self::Released { of, .. } => of.holds(item),
        }
    }
}

impl Condition {
    /// True when it asks for nothing.
    pub fn is_empty(&self) -> bool {
        [&self.contains, &self.breadcrumb, &self.wanted, &self.unwanted]
            .iter()
            .all(|list| list.is_empty())
    }

    /// Whether `item` has what is asked for. Case does not count.
    pub fn is_met_by(&self, item: &Item) -> bool {
        let crumb = |name: &String| item.breadcrumb.iter().any(|crumb| crumb.trim() == name);
        (self.breadcrumb.is_empty() || self.breadcrumb.iter().any(crumb))
            && self.has_its_words(item)
    }

    fn has_its_words(&self, item: &Item) -> bool {
        if [&self.contains, &self.wanted, &self.unwanted].iter().all(|list| list.is_empty()) {
            return true;
        }
        let seen = [&item.title, &item.text, &item.attribution];
        let seen: Vec<String> =
            seen.into_iter().chain(&item.breadcrumb).map(|text| text.to_lowercase()).collect();
        let has = |word: &String| {
            let word = word.to_lowercase();
            seen.iter().any(|text| text.contains(word.as_str()))
        };
        (self.contains.is_empty() || self.contains.iter().any(has))
            && self.wanted.iter().all(has)
            && !self.unwanted.iter().any(has)
    }
}

/// The definition of a published feed, ready for composing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSpec {
    /// `all`, `jiangsu` or `jiangsu/zt`: the address is `/feeds/SLUG.FORMAT`.
    pub slug: String,
    /// Title for people.
    pub title: String,
    /// One sentence on what it holds.
    pub description: String,
    /// The page of the site or column that it mirrors; the public page of the feed otherwise.
    pub home: Option<Url>,
    /// Which items.
    pub selection: Selection,
    /// At most so many items, unless younger ones would fall out (see `compose`).
    pub limit: usize,
    /// Minutes between polls that make sense, from the schedule.
    pub ttl_minutes: u32,
    /// Formats to publish.
    pub formats: Vec<Format>,
}

/// Items chosen and ordered for one feed, ready to render.
#[derive(Clone, Debug, PartialEq)]
pub struct Composition {
    /// The feed.
    pub feed: FeedSpec,
    /// Newest first.
    pub items: Vec<Item>,
    /// What was withdrawn of the feed, the last first.
    pub withdrawn: Vec<Tombstone>,
    /// The last significant change among the items, or the last withdrawal; `None` while there are
    /// none.
    pub updated: Option<DateTime<Utc>>,
    /// Where it stands in the feed's history.
    pub place: Place,
    /// What we hold of the files that the items name.
    pub custody: Custody,
}

/// A feed as named on the index page and in OPML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedLink {
    /// The feed's definition.
    pub feed: FeedSpec,
    /// The heading it stands under: a site's name, or empty for composite feeds.
    pub group: String,
    /// How many items it holds now.
    pub count: usize,
    /// Title of its newest item, empty without one.
    pub newest: String,
    /// When its content last changed.
    pub updated: Option<DateTime<Utc>>,
}

impl FeedLink {
    /// True once it holds something: an empty feed is not published.
    pub fn is_offered(&self) -> bool {
        self.count > 0
    }
}
