//! Stories that several sites tell.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{ItemId, SiteId};

/// A further place where the story of an item stands: another site's own item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlsoAt {
    /// Its permanent id.
    pub id: ItemId,
    /// The site that tells it.
    pub site: SiteId,
    /// The last part of its id.
    pub key: String,
    /// Its article's address.
    pub url: Url,
}
