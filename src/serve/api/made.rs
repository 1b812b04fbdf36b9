//! Answers made on the spot that readers may keep: each with its validator, packed where wanted.

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode, header};
use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::super::answer::{fresh, set};
use super::super::condition::{Has, has};
use super::super::encoding::{Accepted, Coding, gzip};

/// What was made, and how long it may be kept.
pub(super) struct Made<'a> {
    pub(super) media_type: &'a str,
    pub(super) bytes: Vec<u8>,
    /// The value of `Cache-Control`.
    pub(super) cache: &'a str,
    /// The value of `Vary`.
    pub(super) vary: &'a str,
}

/// The answer: 200, or 304 to a reader that has the same.
pub(super) async fn made(request: &HeaderMap, made: Made<'_>) -> Response<Body> {
    let bytes = Bytes::from(made.bytes);
    let etag = crate::publish::etag(&bytes);
    let wanted = Accepted::of(request).choose(|coding| coding == Coding::Gzip);
    let packed = match wanted {
        Coding::Gzip => {
            let body = bytes.clone();
            tokio::task::spawn_blocking(move || gzip(&body)).await.ok().flatten()
        }
        _ => None,
    };
    let coding = if packed.is_some() { Coding::Gzip } else { Coding::Identity };
    // A withdrawal changes the bytes and no date: only the tag tells.
    let known = has(request, &etag, DateTime::<Utc>::MAX_UTC);
    let tagged = if let Has::Coded(stored) = known { stored } else { coding };
    let mut response = fresh(StatusCode::OK, made.media_type, packed.unwrap_or(bytes));
    let headers = response.headers_mut();
    set(headers, header::ETAG, &tagged.etag(&etag));
    set(headers, header::CACHE_CONTROL, made.cache);
    set(headers, header::VARY, made.vary);
    if known != Has::No {
        headers.remove(header::CONTENT_TYPE);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        return response;
    }
    if let Some(name) = coding.name() {
        set(headers, header::CONTENT_ENCODING, name);
    }
    response
}
