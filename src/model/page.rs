//! One HTTP answer, unparsed.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

/// One HTTP answer as it came: bytes, address, the headers that matter, time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The address that was asked for.
    pub requested: Url,
    /// The address that answered, after redirects.
    pub url: Url,
    /// HTTP status.
    pub status: u16,
    /// The `Content-Type` header, as sent.
    pub content_type: Option<String>,
    /// The body, content encoding removed, charset untouched.
    pub body: Bytes,
    /// When it was seen.
    pub fetched: DateTime<Utc>,
    /// What to send back when asking again.
    pub validators: Validators,
}

/// HTTP validators of an answer (RFC 9110 §8.8), echoed verbatim when asking again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// The `ETag` header with its quotes.
    pub etag: Option<String>,
    /// The `Last-Modified` header as sent.
    pub last_modified: Option<String>,
}

impl Validators {
    /// True when there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}
