//! Conditional requests and content negotiation for a published document.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::catalogue::Ready;

/// Answers `GET` or `HEAD` for a document: 200, or 304 where the reader has it already.
pub(super) fn document(ready: &Ready, request: &HeaderMap, max_age: u32) -> Response<Body> {
    let zipped = ready.gzip.as_ref().filter(|_| accepts_gzip(request));
    let etag = match zipped {
        Some(_) => suffixed(&ready.etag),
        None => ready.etag.clone(),
    };
    let unchanged = is_unchanged(request, &ready.etag, ready.modified);
    let mut response = Response::new(if unchanged {
        Body::empty()
    } else {
        Body::from(zipped.cloned().unwrap_or_else(|| ready.identity.clone()))
    });
    *response.status_mut() = if unchanged { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let headers = response.headers_mut();
    set(headers, header::ETAG, &etag);
    set(headers, header::LAST_MODIFIED, &http_date(ready.modified));
    set(headers, header::CACHE_CONTROL, &cache_control(max_age));
    set(headers, header::VARY, "Accept-Encoding");
    if !unchanged {
        set(headers, header::CONTENT_TYPE, &ready.media_type);
        if zipped.is_some() {
            set(headers, header::CONTENT_ENCODING, "gzip");
        }
    }
    open(headers);
    response
}

/// An answer made on the spot, which nobody should keep.
pub(super) fn fresh(
    status: StatusCode,
    media_type: &str,
    body: impl Into<Bytes>,
) -> Response<Body> {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    set(headers, header::CONTENT_TYPE, media_type);
    set(headers, header::CACHE_CONTROL, "no-cache");
    open(headers);
    response
}

fn open(headers: &mut HeaderMap) {
    set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, "ETag, Link");
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
}

fn cache_control(max_age: u32) -> String {
    format!("public, max-age={max_age}, stale-while-revalidate=600, stale-if-error=86400")
}

pub(super) fn set(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// The `ETag` of the gzip form: a strong validator differs with the encoding (RFC 9110 §8.8.3.3).
fn suffixed(etag: &str) -> String {
    format!("{}-gzip\"", etag.trim_end_matches('"'))
}

fn http_date(time: DateTime<Utc>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// `If-None-Match` decides where it is given (weak comparison, any encoding); otherwise
/// `If-Modified-Since`, of which a later date than ours counts as "has it" too.
fn is_unchanged(request: &HeaderMap, etag: &str, modified: DateTime<Utc>) -> bool {
    let tags: Vec<&str> =
        request.get_all(header::IF_NONE_MATCH).iter().filter_map(|v| v.to_str().ok()).collect();
    if !tags.is_empty() {
        return tags.iter().any(|list| names(list, etag));
    }
    request
        .get(header::IF_MODIFIED_SINCE)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| DateTime::parse_from_rfc2822(text).ok())
        .is_some_and(|since| since.timestamp() >= modified.timestamp())
}

fn names(list: &str, etag: &str) -> bool {
    let bare = opaque(etag);
    list.split(',').map(str::trim).any(|tag| tag == "*" || opaque(tag) == bare)
}

/// What stands between the quotes, without the mark of an encoding (ours, or a proxy's).
fn opaque(tag: &str) -> &str {
    let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    ["-gzip", "-br", "-zstd", ";gzip"].iter().find_map(|end| tag.strip_suffix(end)).unwrap_or(tag)
}

/// RFC 9110 §12.5.3, for the one encoding we hold beside identity.
fn accepts_gzip(request: &HeaderMap) -> bool {
    let mut wildcard = false;
    for value in request.get_all(header::ACCEPT_ENCODING) {
        for part in value.to_str().unwrap_or("").split(',') {
            let mut pieces = part.split(';').map(str::trim);
            let coding = pieces.next().unwrap_or("").to_ascii_lowercase();
            let weight = pieces
                .find_map(|piece| piece.strip_prefix("q="))
                .map_or(1.0, |weight| weight.parse::<f32>().unwrap_or(0.0));
            match coding.as_str() {
                "gzip" | "x-gzip" => return weight > 0.0,
                "*" => wildcard = weight > 0.0,
                _ => {}
            }
        }
    }
    wildcard
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready() -> Ready {
        Ready {
            media_type: "application/rss+xml; charset=utf-8".to_owned(),
            etag: "\"abc\"".to_owned(),
            modified: "2026-11-03T01:05:00Z".parse().unwrap(),
            identity: Bytes::from_static(b"<rss/>"),
            gzip: Some(Bytes::from_static(b"zipped")),
        }
    }

    fn ask(headers: &[(&'static str, &str)]) -> Response<Body> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        document(&ready(), &map, 300)
    }

    #[test]
    fn a_reader_who_has_it_gets_304() {
        for tag in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*", "\"abc-gzip\"", "\"abc;gzip\""] {
            assert_eq!(ask(&[("if-none-match", tag)]).status(), 304, "{tag}");
        }
        assert_eq!(ask(&[("if-none-match", "\"other\"")]).status(), 200);
        for since in ["Tue, 03 Nov 2026 01:05:00 GMT", "Wed, 04 Nov 2026 00:00:00 GMT"] {
            assert_eq!(ask(&[("if-modified-since", since)]).status(), 304, "{since}");
        }
        for since in ["Tue, 03 Nov 2026 01:04:59 GMT", "not a date"] {
            assert_eq!(ask(&[("if-modified-since", since)]).status(), 200, "{since}");
        }
    }

    #[test]
    fn the_tag_beats_the_date() {
        let later = ("if-modified-since", "Wed, 04 Nov 2026 00:00:00 GMT");
        assert_eq!(ask(&[("if-none-match", "\"other\""), later]).status(), 200);
    }

    #[test]
    fn gzip_is_given_only_where_it_is_wanted() {
        for (accept, wanted) in [
            ("gzip", true),
            ("br, gzip;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("gzip;q=0, *", false),
            ("identity", false),
            ("br", false),
        ] {
            let response = ask(&[("accept-encoding", accept)]);
            assert_eq!(response.headers().contains_key("content-encoding"), wanted, "{accept}");
            assert_eq!(response.headers()["vary"], "Accept-Encoding");
            let tag = if wanted { "\"abc-gzip\"" } else { "\"abc\"" };
            assert_eq!(response.headers()["etag"], tag);
        }
    }
}
