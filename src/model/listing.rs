//! What one reading of a list page gave.

use serde::{Deserialize, Serialize};
use url::Url;

use super::Posted;

/// The rows of one list page, in page order.
///
/// A list page that only frames its rows has none, and names in `next` where they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The rows, first on the page first; one per address.
    pub links: Vec<Link>,
    /// How the next list pages are had, nearest first; empty when there are none.
    pub next: Vec<Call>,
    /// Which rule found the rows: `css .list li`, `heuristic rows`, `hanweb-jcms datastore`.
    pub rule: String,
}

/// One row of a list page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Where the row leads, absolute.
    pub url: Url,
    /// The full title (not the one cut with "…"); empty where the list names none (sitemaps).
    pub title: String,
    /// The date as listed.
    pub posted: Option<Posted>,
}

/// One request for a list page.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Call {
    /// Where to.
    pub url: Url,
    /// Fields of a form (`application/x-www-form-urlencoded`), sent by POST; none means GET.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<(String, String)>,
    /// Made by a script of the page before, which the server expects to be told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_script: bool,
}

impl Call {
    /// What a reader does who follows a link.
    pub fn get(url: Url) -> Self {
        Self { url, form: Vec::new(), by_script: false }
    }

    /// What a page's script does to fetch `url`.
    pub fn script(url: Url, form: Vec<(String, String)>) -> Self {
        Self { url, form, by_script: true }
    }
}
