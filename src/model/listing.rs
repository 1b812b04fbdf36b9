//! What one reading of a list page gave.

use serde::{Deserialize, Serialize};
use url::Url;

use super::Posted;

/// The rows of one list page, in page order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The rows, first on the page first; one per address.
    pub links: Vec<Link>,
    /// Addresses of the next list pages, nearest first; empty when there are none.
    pub next: Vec<Url>,
}

/// One row of a list page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Where the row leads, absolute.
    pub url: Url,
    /// The full title (not the one cut with "…").
    pub title: String,
    /// The date as listed.
    pub posted: Option<Posted>,
}
