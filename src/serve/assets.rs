//! Pictures and files that we hold, read from the folder as they are asked for.
//!
//! Their bytes never change, so whoever has one never asks again; one that was taken down or went
//! with its items is answered with 410 at once.

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode, header};

use crate::model::AssetHash;
use crate::text::sentence::Label;

use super::Serving;
use super::answer::{fresh, open, set};
use super::condition::{Has, has, http_date};

/// A year, as long as anything is kept.
const CACHE: &str = "max-age=31536000, immutable";
/// A file runs nothing, wherever it is opened.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// The answer for the asset `hash` at `path`; `None` where there never was one.
pub(super) async fn answer(
    serving: &Serving,
    hash: &AssetHash,
    path: &str,
    request: &HeaderMap,
) -> Option<Response<Body>> {
    if serving.store.is_gone(hash).await.ok()? {
        let words = format!("{}\n", Label::Gone.text(serving.site().lang));
        return Some(fresh(StatusCode::GONE, "text/plain; charset=utf-8", words));
    }
    let record = serving.store.document(path).await.ok()??;
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    set(headers, header::ETAG, &record.etag);
    set(headers, header::LAST_MODIFIED, &http_date(record.modified));
    set(headers, header::CACHE_CONTROL, CACHE);
    open(headers);
    if has(request, &record.etag, record.modified) != Has::No {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Some(response);
    }
    set(headers, header::CONTENT_TYPE, &record.media_type);
    set(headers, header::CONTENT_SECURITY_POLICY, POLICY);
    if !record.media_type.starts_with("image/") {
        set(headers, header::CONTENT_DISPOSITION, "attachment");
    }
    let (size_bytes, bytes) = serving.catalogue.stream(path).await?;
    set(headers, header::CONTENT_LENGTH, &size_bytes.to_string());
    *response.body_mut() = Body::from_stream(bytes);
    Some(response)
}
