//! Turns compositions into documents: RSS 2.0, Atom, JSON Feed 1.1, OPML 2.0 and HTML pages.
//!
//! In: what was composed and who we are; out: bytes. No clock: the same input gives the same bytes.
//! The words of the wire formats (channel, entry, source) live here and nowhere else.

mod atom;
mod escape;
mod held;
mod html;
mod json;
mod opml;
mod parts;
mod rss;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use url::Url;

use crate::model::{Composition, Document, Format, Lang, SiteId};

pub use html::{StatusPage, StatusRow, index, item_page, not_found, not_yet, status};
pub use opml::opml;
pub use parts::feed_path;

/// Who publishes, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicSite {
    /// The address readers use, ending in `/`.
    pub base_url: Url,
    /// Title of the public page.
    pub title: String,
    /// Who operates it; may be empty.
    pub operator: String,
    /// E-mail or page of the operator.
    pub contact: Option<String>,
    /// Whom readers tell of mistakes, where that is not `contact`.
    pub corrections: Option<String>,
    /// ICP 备案 number.
    pub icp: Option<String>,
    /// 公安备案 number.
    pub police: Option<String>,
    /// 网站标识码, for the meta tag `SiteIDCode`.
    pub site_id_code: Option<String>,
    /// Language of labels.
    pub lang: Lang,
    /// What holds for the items of each site that is read.
    pub terms: Arc<BTreeMap<SiteId, SiteTerms>>,
}

/// What holds for the items of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteTerms {
    /// The line under them on how they may be used.
    pub licence: Option<String>,
    /// Pictures that we hold are shown at our address.
    pub pictures: bool,
    /// Attachments that we hold are offered at our address.
    pub attachments: bool,
}

/// Why a document could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The writer of a format refused.
    #[error("`{path}` cannot be rendered: {what}")]
    Format {
        /// Which document.
        path: String,
        /// What the writer said.
        what: String,
    },
}

/// Every document of a feed, in the formats it asks for.
pub fn feed(composition: &Composition, site: &PublicSite) -> Result<Vec<Document>, RenderError> {
    composition
        .feed
        .formats
        .iter()
        .map(|&format| {
            let path = feed_path(&composition.feed.slug, format);
            let fault = |what: String| RenderError::Format { path: path.clone(), what };
            let bytes = match format {
                Format::Rss => rss::document(composition, site).map_err(fault)?,
                Format::Atom => atom::document(composition, site).map_err(fault)?,
                Format::Json => json::document(composition, site).map_err(fault)?,
                Format::Html => html::feed(composition, site),
            };
            Ok(Document { path, media_type: format.media_type(), bytes: Bytes::from(bytes) })
        })
        .collect()
}

/// Changes whenever item pages would look different for another reason than their items.
pub fn fingerprint(site: &PublicSite) -> String {
    let mut hash = blake3::Hasher::new();
    hash.update(format!("{site:?}").as_bytes());
    hash.update(html::sources().as_bytes());
    hash.finalize().to_hex()[..16].to_owned()
}

#[cfg(test)]
mod tests;
