//! A document as it is held: in every coding, with what every answer tells of it.

use std::sync::OnceLock;

use axum::http::HeaderValue;
use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::condition::http_date;
use super::delta::Lineage;
use super::encoding::Coding;
use super::front::Remembered;

/// A document ready to be served.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) etag: String,
    pub(super) modified: DateTime<Utc>,
    /// Headers that are the same for every reader.
    pub(super) told: Told,
    pub(super) identity: Bytes,
    pub(super) gzip: Option<Bytes>,
    /// Made after the document is served already; empty until then.
    pub(super) brotli: OnceLock<Bytes>,
    /// Likewise.
    pub(super) zstd: OnceLock<Bytes>,
    /// What was in it before.
    pub(super) lineage: Lineage,
    /// How long it lasts, second by second.
    pub(super) cached: Remembered,
    /// Where it and its like are, from one change of the catalogue to the next.
    pub(super) linked: Remembered,
}

impl Ready {
    /// Whether it can be given in `coding` now.
    pub(super) fn has(&self, coding: Coding) -> bool {
        match coding {
            Coding::Identity => true,
            Coding::Gzip => self.gzip.is_some(),
            Coding::Brotli => self.brotli.get().is_some(),
            Coding::Zstd => self.zstd.get().is_some(),
        }
    }

    /// The body in `coding`, as it is where that coding is not there.
    pub(super) fn body(&self, coding: Coding) -> Bytes {
        let packed = match coding {
            Coding::Identity => None,
            Coding::Gzip => self.gzip.as_ref(),
            Coding::Brotli => self.brotli.get(),
            Coding::Zstd => self.zstd.get(),
        };
        packed.unwrap_or(&self.identity).clone()
    }

    /// Whether it is a page for people.
    pub(super) fn is_page(&self) -> bool {
        self.told.media_type.as_bytes().starts_with(b"text/html")
    }
}

/// What every answer with a document tells of it, ready to be sent.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) media_type: HeaderValue,
    pub(super) modified: HeaderValue,
    /// The tag in each coding, in the order of [`Coding::ALL`].
    pub(super) tags: [HeaderValue; 4],
}

impl Told {
    /// What is told of a document with this media type, tag and date.
    pub(super) fn of(media_type: &str, etag: &str, modified: DateTime<Utc>) -> Self {
        let value = |text: &str| {
            HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
        };
        Self {
            media_type: value(media_type),
            modified: value(&http_date(modified)),
            tags: Coding::ALL.map(|coding| value(&coding.etag(etag))),
        }
    }

    /// The tag in `coding`.
    pub(super) fn tag(&self, coding: Coding) -> HeaderValue {
        let place = Coding::ALL.iter().position(|known| *known == coding).unwrap_or(0);
        self.tags[place].clone()
    }
}
