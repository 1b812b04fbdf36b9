//! Answers: published documents, things made on the spot, and what every answer carries.

use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use bytes::Bytes;

use super::condition::{Has, has};
use super::delta;
use super::encoding::{Accepted, Coding};
use super::ready::Ready;

/// Headers of an answer at most, with those that the connection adds.
const HEADERS: usize = 12;
/// Methods that are served.
const METHODS: &str = "GET, HEAD, OPTIONS";
/// Pages run nothing and take only pictures and recordings of articles from elsewhere.
pub(super) const PAGE_POLICY: &str = "default-src 'none'; img-src http: https: data:; \
     media-src http: https:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Answers a published document: 200, or 304 where the reader has it already.
pub(super) fn document(
    ready: &Ready,
    request: &HeaderMap,
    cached: Option<HeaderValue>,
    link: impl FnOnce() -> Option<HeaderValue>,
) -> Response<Body> {
    let known = has(request, &ready.etag, ready.modified);
    let coding = match known {
        // A cache updates what it stored under the tag it is told (RFC 9111 §4.3.4): name that one.
        Has::Coded(stored) => stored,
        Has::Any | Has::No => Accepted::of(request).choose(|coding| ready.has(coding)),
    };
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.reserve(HEADERS);
    headers.insert(header::ETAG, ready.told.tag(coding));
    headers.insert(header::LAST_MODIFIED, ready.told.modified.clone());
    if let Some(cached) = cached {
        headers.insert(header::CACHE_CONTROL, cached);
    }
    headers.insert(header::VARY, const { HeaderValue::from_static("Accept-Encoding") });
    open(headers);
    if known != Has::No {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    headers.insert(header::CONTENT_TYPE, ready.told.media_type.clone());
    if let Some(link) = link() {
        headers.insert(header::LINK, link);
    }
    if let Some(news) = news(ready, request) {
        *response.status_mut() = StatusCode::IM_USED;
        let headers = response.headers_mut();
        // RFC 3229 §10.5.2: no cache that does not know of it may keep it.
        headers.insert(header::CACHE_CONTROL, const { HeaderValue::from_static("no-store, im") });
        headers.insert(
            header::VARY,
            const { HeaderValue::from_static("Accept-Encoding, A-IM, If-None-Match") },
        );
        headers.insert(HeaderName::from_static("im"), const { HeaderValue::from_static("feed") });
        headers.insert(header::ETAG, ready.told.tag(Coding::Identity));
        *response.body_mut() = Body::from(news);
        return response;
    }
    if let Some(name) = coding.name() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    if ready.is_page() {
        page_policy(headers);
    }
    *response.body_mut() = Body::from(ready.body(coding));
    response
}

/// The items that the reader does not have, where it wants no others (RFC 3229).
fn news(ready: &Ready, request: &HeaderMap) -> Option<Bytes> {
    delta::is_wanted(request).then(|| ready.lineage.since(request, &ready.identity)).flatten()
}

/// The answer to a reader that downloads a feed too often: cheap, since few heed it.
pub(super) fn too_often(seconds: u64) -> Response<Body> {
    let mut response = words(
        StatusCode::TOO_MANY_REQUESTS,
        "下载过于频繁；请带上 If-None-Match 询问是否有变化，或按 Retry-After 所示的秒数稍后再来。\n\
         Downloaded too often; ask with If-None-Match whether it changed, or come back after Retry-After.\n",
    );
    let headers = response.headers_mut();
    set(headers, header::RETRY_AFTER, &seconds.to_string());
    open(headers);
    response
}

/// An answer made on the spot for anyone, which nobody should keep.
pub(super) fn fresh(
    status: StatusCode,
    media_type: &str,
    body: impl Into<Bytes>,
) -> Response<Body> {
    let mut response = private(status, media_type, body);
    set(response.headers_mut(), header::CACHE_CONTROL, "no-cache");
    open(response.headers_mut());
    response
}

/// An answer made on the spot for whoever asked, which nobody may store.
pub(super) fn private(
    status: StatusCode,
    media_type: &str,
    body: impl Into<Bytes>,
) -> Response<Body> {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    set(headers, header::CONTENT_TYPE, media_type);
    set(headers, header::CACHE_CONTROL, "no-store");
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if media_type.starts_with("text/html") {
        page_policy(headers);
    }
    response
}

/// Plain words.
pub(super) fn words(status: StatusCode, text: &'static str) -> Response<Body> {
    private(status, "text/plain; charset=utf-8", text)
}

/// What is answered to a method other than `GET` and `HEAD`; `None` for these.
pub(super) fn other_method(method: &Method) -> Option<Response<Body>> {
    let mut response = match *method {
        Method::GET | Method::HEAD => return None,
        Method::OPTIONS => {
            let mut response = words(StatusCode::NO_CONTENT, "");
            response.headers_mut().remove(header::CONTENT_TYPE);
            response
        }
        _ => words(
            StatusCode::METHOD_NOT_ALLOWED,
            "只接受 GET 与 HEAD。Only GET and HEAD are served.\n",
        ),
    };
    set(response.headers_mut(), header::ALLOW, METHODS);
    Some(response)
}

/// Lets pages of other sites read public answers from a browser.
pub(super) fn preflight(response: &mut Response<Body>) {
    let headers = response.headers_mut();
    open(headers);
    set(headers, header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    set(
        headers,
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "Authorization, A-IM, If-None-Match, If-Modified-Since",
    );
    set(headers, header::ACCESS_CONTROL_MAX_AGE, "86400");
}

/// The answer to `HEAD`: all of the answer to `GET` but its body.
pub(super) fn without_body(mut response: Response<Body>) -> Response<Body> {
    let length = response.body().size_hint().exact();
    *response.body_mut() = Body::empty();
    if let Some(length) = length.filter(|_| response.status() != StatusCode::NOT_MODIFIED) {
        set(response.headers_mut(), header::CONTENT_LENGTH, &length.to_string());
    }
    response
}

pub(super) fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn page_policy(headers: &mut HeaderMap) {
    headers
        .insert(header::CONTENT_SECURITY_POLICY, const { HeaderValue::from_static(PAGE_POLICY) });
    // Sites that guard their pictures against foreign pages let a request without it pass.
    headers.insert(header::REFERRER_POLICY, const { HeaderValue::from_static("no-referrer") });
}

pub(super) fn open(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, const { HeaderValue::from_static("*") });
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        const { HeaderValue::from_static("ETag, Link") },
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, const { HeaderValue::from_static("nosniff") });
}

/// How long a document is kept that lasts `max_age` seconds.
pub(super) fn cache_control(max_age: u32) -> Option<HeaderValue> {
    let text = format!("max-age={max_age}, stale-while-revalidate=600, stale-if-error=86400");
    HeaderValue::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use super::super::front::Remembered;
    use super::super::ready::Told;
    use super::*;

    fn ready() -> Ready {
        let modified = "2026-11-03T01:05:00Z".parse().unwrap();
        let ready = Ready {
            told: Told::of("application/rss+xml; charset=utf-8", "\"abc\"", modified),
            etag: "\"abc\"".to_owned(),
            modified,
            identity: Bytes::from_static(b"<rss/>"),
            gzip: Some(Bytes::from_static(b"zipped")),
            brotli: std::sync::OnceLock::new(),
            zstd: std::sync::OnceLock::new(),
            lineage: delta::Lineage::default(),
            cached: Remembered::default(),
            linked: Remembered::default(),
        };
        ready.brotli.set(Bytes::from_static(b"br")).unwrap();
        ready
    }

    fn ask(headers: &[(&'static str, &str)]) -> Response<Body> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let link = HeaderValue::from_static("<http://x.test/a>; rel=\"self\"");
        document(&ready(), &map, cache_control(300), || Some(link))
    }

    #[test]
    fn each_coding_has_its_own_tag_and_every_answer_varies() {
        for (accept, coding, tag) in [
            ("identity", None, "\"abc\""),
            ("gzip", Some("gzip"), "\"abc-gzip\""),
            ("gzip, br", Some("br"), "\"abc-br\""),
        ] {
            let response = ask(&[("accept-encoding", accept)]);
            assert_eq!(response.status(), 200);
            assert_eq!(response.headers()["etag"], tag);
            assert_eq!(response.headers()["vary"], "Accept-Encoding");
            let given = response.headers().get("content-encoding");
            assert_eq!(given.map(|value| value.to_str().unwrap()), coding);
        }
    }

    #[test]
    fn a_reader_who_has_it_gets_304_with_what_a_cache_needs() {
        let response = ask(&[("if-none-match", "W/\"abc-gzip\""), ("accept-encoding", "br")]);
        assert_eq!(response.status(), 304);
        // The tag of what the reader stored, not of what it would get now.
        assert_eq!(response.headers()["etag"], "\"abc-gzip\"");
        for name in ["cache-control", "vary", "last-modified"] {
            assert!(response.headers().contains_key(name), "{name}");
        }
        for name in ["content-type", "content-encoding", "content-length"] {
            assert!(!response.headers().contains_key(name), "{name}");
        }
        assert_eq!(response.body().size_hint().exact(), Some(0));
    }

    #[test]
    fn head_keeps_the_length_of_get() {
        let response = without_body(ask(&[("accept-encoding", "gzip")]));
        assert_eq!(response.headers()["content-length"], "6");
        assert_eq!(response.body().size_hint().exact(), Some(0));
        let unchanged = without_body(ask(&[("if-none-match", "*")]));
        assert!(!unchanged.headers().contains_key("content-length"));
    }

    #[test]
    fn other_methods_are_told_what_is_served() {
        assert!(other_method(&Method::HEAD).is_none());
        assert_eq!(other_method(&Method::OPTIONS).unwrap().status(), 204);
        for method in [Method::POST, Method::DELETE, Method::TRACE, Method::CONNECT] {
            let response = other_method(&method).unwrap();
            assert_eq!(response.status(), 405, "{method}");
            assert_eq!(response.headers()["allow"], METHODS);
        }
    }
}
