//! Rendered bytes, ready to be published.

use bytes::Bytes;

/// Rendered bytes with the path they are published under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Path below the public root without a leading slash: `feeds/jiangsu/zt.rss`.
    pub path: String,
    /// Media type with charset.
    pub media_type: &'static str,
    /// The bytes.
    pub bytes: Bytes,
}
