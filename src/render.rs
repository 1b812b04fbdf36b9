//! Turns compositions into documents: RSS 2.0, Atom, JSON Feed 1.1, OPML 2.0 and HTML pages.
//!
//! In: what was composed and who we are; out: bytes. No clock: the same input gives the same bytes.
//! The words of the wire formats (channel, entry, source) live here and nowhere else.

pub mod alert;
mod api;
mod atom;
mod change;
mod entries;
mod escape;
mod export;
mod held;
mod html;
pub mod issue;
mod json;
mod marked;
mod opml;
mod parts;
mod quality;
mod rss;
mod sheet;
pub mod wechat;
mod word;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use url::Url;

use crate::model::{Composition, Document, Format, Lang, Notes, SiteId};

pub use api::{Became, Hitlist, Names, changes, hits};
pub use change::notice;
pub use entries::entries;
pub use export::{Beside, Parcel, file_name, is_beside};
pub use html::{
    EmbedLook, SearchForm, StatusDigest, StatusPage, StatusRow, embed_page, export_foot,
    export_head, index, item_page, not_found, not_yet, retired, search_page, status, withdrawn,
};
pub use opml::opml;
pub use parts::{archive_path, feed_path, is_topic};
pub use quality::{quality_page, quality_table};
pub use sheet::heads;

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
    /// WebSub hubs that send changes of feeds, our own first.
    pub hubs: Vec<Url>,
    /// Language of labels.
    pub lang: Lang,
    /// What holds for the items of each site that is read.
    pub terms: Arc<BTreeMap<SiteId, SiteTerms>>,
    /// What feeds say of themselves.
    pub notes: Arc<Notes>,
}

/// What holds for the items of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteTerms {
    /// What readers are told that it is called.
    pub name: String,
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

/// The document of an archive (RFC 5005 §4), as Atom; `None` where `composition` is none.
pub fn archive(
    composition: &Composition,
    site: &PublicSite,
) -> Result<Option<Document>, RenderError> {
    let Some(part) = &composition.place.archive else { return Ok(None) };
    let path = archive_path(part);
    let bytes = atom::document(composition, site)
        .map_err(|what| RenderError::Format { path: path.clone(), what })?;
    let media_type = Format::Atom.media_type();
    Ok(Some(Document { path, media_type, bytes: Bytes::from(bytes) }))
}

/// The JSON Feed of what a reader's filter leaves of a feed: `path` is its address with the filter,
/// `page` where people see the same.
pub fn filtered(
    composition: &Composition,
    path: &str,
    page: &str,
    site: &PublicSite,
) -> Result<Document, RenderError> {
    let fault = |what: String| RenderError::Format { path: path.to_owned(), what };
    let own = parts::absolute(site, path);
    let page = parts::absolute(site, page);
    let bytes = json::document_at(composition, own, page, site).map_err(fault)?;
    let media_type = Format::Json.media_type();
    Ok(Document { path: path.to_owned(), media_type, bytes: Bytes::from(bytes) })
}

/// Changes whenever item pages would look different for another reason than their items.
pub fn fingerprint(site: &PublicSite) -> String {
    let mut hash = blake3::Hasher::new();
    // Pages of items name no hub, and say nothing of feeds.
    let site = PublicSite { hubs: Vec::new(), notes: Arc::default(), ..site.clone() };
    hash.update(format!("{site:?}").as_bytes());
    hash.update(html::sources().as_bytes());
    hash.finalize().to_hex()[..16].to_owned()
}

#[cfg(test)]
mod tests;
