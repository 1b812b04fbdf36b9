//! A page that may be a column.

use url::Url;

/// Where a link to a possible column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Anywhere on the page.
    Page,
    /// The 更多 of a block, or its heading.
    Block,
    /// The navigation.
    Menu,
}

/// A page that may be a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its address.
    pub url: Url,
    /// Its name as linked; empty where only 更多 stands there.
    pub name: String,
    /// The entry of the menu that it stands under.
    pub parent: Option<String>,
    /// Where the link stands.
    pub place: Place,
    /// How much it is wanted; more is sooner.
    pub weight: u32,
}
