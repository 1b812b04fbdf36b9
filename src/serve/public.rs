//! What readers ask for: published documents, and a few answers made on the spot.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::model::AssetHash;
use crate::render::{self, PublicSite};

use super::Serving;
use super::answer::{
    cache_control, document, fresh, other_method, preflight, set, too_often, without_body,
};
use super::encoding::{Accepted, Coding};
use super::front::Front;
use super::places::Became;
use super::ready::Ready;
use super::throttle::{asker, is_unconditional};
use super::{admin, api, assets, health, hub};

/// Pages are asked for again sooner than feeds: people reload them, and a withdrawal must show.
const PAGE_LASTS: u32 = 60;
/// A document lasts between these, whatever the schedule says (seconds).
const LASTS: std::ops::RangeInclusive<u32> = 300..=3600;
/// When to come back before the first publication, in seconds.
const COME_BACK: &str = "60";
/// What an address has percent-encoded in a path.
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The answer to what is asked most, a feed as it is held: there is nothing to wait for.
pub(super) fn at_once<B>(
    serving: &Serving,
    request: &Request<B>,
    peer: IpAddr,
) -> Option<Response<Body>> {
    let (uri, headers) = (request.uri(), request.headers());
    if request.method() != Method::GET || uri.query().is_some() {
        return None;
    }
    let front = (serving.front)();
    let path = below(front.site.base_url.path(), uri.path());
    if !path.starts_with("feeds/") || front.places.became(path).is_some() {
        return None;
    }
    let ready = serving.catalogue.held(path)?;
    let from = asker(peer, headers, &front.places.trusted_proxies);
    let response = give(serving, &front, (request.method(), headers), (path, &ready), from);
    (serving.answered)(response.status().as_u16());
    Some(response)
}

/// The answer to a request of which `head` is the head.
///
/// `peer` is whoever holds the other end of the connection.
pub(super) async fn answer(
    serving: &Serving,
    head: Parts,
    body: impl FnOnce() -> Body,
    peer: IpAddr,
) -> Response<Body> {
    let front = (serving.front)();
    if below(front.site.base_url.path(), head.uri.path()) == "hub" {
        let response = hub::answer(serving, &head, body()).await;
        (serving.answered)(response.status().as_u16());
        return response;
    }
    let response = match other_method(&head.method) {
        Some(mut response) => {
            preflight(&mut response);
            response
        }
        None => {
            let response = route(serving, &front, &head, peer).await;
            if head.method == Method::HEAD { without_body(response) } else { response }
        }
    };
    (serving.answered)(response.status().as_u16());
    response
}

async fn route(
    serving: &Serving,
    front: &Arc<Front>,
    head: &Parts,
    peer: IpAddr,
) -> Response<Body> {
    let (path, headers, site) = (head.uri.path(), &head.headers, &*front.site);
    let root = site.base_url.path();
    let path = below(root, path);
    match path {
        "health/live" => return health::live(),
        "health/ready" => return health::ready(serving).await,
        "metrics" => return admin::metrics(serving).await,
        "robots.txt" => {
            let disallowed = ["metrics", "health/", "api/", "search"];
            let lines = disallowed.map(|path| format!("Disallow: {root}{path}\n"));
            let text = format!("User-agent: *\n{}", lines.concat());
            return fresh(StatusCode::OK, "text/plain; charset=utf-8", text);
        }
        _ => {}
    }
    match front.places.became(path) {
        Some(Became::Moved(now)) => return moved_for_good(site, &now, head.uri.query()),
        Some(Became::Gone) => {
            let page = render::retired(site);
            return fresh(StatusCode::GONE, page.media_type, page.bytes);
        }
        None => {}
    }
    let from = asker(peer, headers, &front.places.trusted_proxies);
    if let Some(response) = api::answer(serving, path, head).await {
        return response;
    }
    let Some(wanted) = wanted(path) else { return missing(site) };
    let published = match wanted {
        Wanted::Document(published) => published,
        Wanted::Elsewhere(place) => return moved(&format!("{}{place}", site.base_url)),
    };
    if is_withdrawn(serving, &published).await {
        // Whatever still stands in the folder: the withdrawal counts from when it was made.
        let page = render::withdrawn(&published, site);
        return fresh(StatusCode::GONE, page.media_type, page.bytes);
    }
    if let Some(hash) = AssetHash::in_path(&published) {
        let found = assets::answer(serving, &hash, &published, headers).await;
        return found.unwrap_or_else(|| missing(site));
    }
    let zipped = Accepted::of(headers).choose(|coding| coding == Coding::Gzip) == Coding::Gzip;
    if let Some(ready) = serving.catalogue.find(&published, zipped).await {
        return give(serving, front, (&head.method, headers), (&published, &ready), from);
    }
    let lasts = (front.lasts)(&published, (serving.clock)());
    let is_expected = lasts.is_some() && !is_archive(&published);
    if is_expected { not_yet(site) } else { missing(site) }
}

/// A published document, for a reader who may have it.
fn give(
    serving: &Serving,
    front: &Arc<Front>,
    (method, headers): (&Method, &HeaderMap),
    (published, ready): (&str, &Ready),
    from: Option<IpAddr>,
) -> Response<Body> {
    if !ready.is_page() && method == Method::GET && is_unconditional(headers) {
        let count = |from| serving.throttle.count(from, published, front.places.downloads);
        if let Some(wait) = from.and_then(count) {
            return too_often(wait);
        }
    }
    let now = (serving.clock)();
    let lasts = || (front.lasts)(published, now).unwrap_or(0).max(*LASTS.start());
    let max_age = || match ready.is_page() {
        true => PAGE_LASTS,
        false if is_archive(published) => lasts(),
        false => lasts().min(*LASTS.end()),
    };
    let second = now.timestamp().cast_unsigned();
    let cached = ready.cached.at(second, front, || cache_control(max_age()));
    let changes = serving.catalogue.changes();
    let link = || HeaderValue::try_from(links(serving, &front.site, published)).ok();
    document(ready, headers, cached, || ready.linked.at(changes, front, link))
}

fn is_archive(published: &str) -> bool {
    published.starts_with("archives/")
}

/// Whether the document is the page of an item that was withdrawn.
async fn is_withdrawn(serving: &Serving, published: &str) -> bool {
    let page = published.strip_prefix("items/").and_then(|path| path.strip_suffix(".html"));
    let Some((site, key)) = page.and_then(|page| page.split_once('/')) else { return false };
    // Where the store cannot be read, no page of an item is found either.
    matches!(serving.store.is_withdrawn(site, key).await, Ok(Some(true)))
}

/// `path` below `root`: behind a proxy the base path may still be there, or not.
fn below<'p>(root: &str, path: &'p str) -> &'p str {
    path.strip_prefix(root).or_else(|| path.strip_prefix('/')).unwrap_or(path)
}

/// Where a request path leads.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    /// To the document published at this path.
    Document(String),
    /// To this path: every document has one address.
    Elsewhere(String),
}

/// `None` where there can be nothing.
fn wanted(path: &str) -> Option<Wanted> {
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let well_formed = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && !part.contains(|c: char| c.is_control())
    };
    if path.is_empty() {
        return Some(Wanted::Document("index.html".to_owned()));
    }
    if !path.split('/').all(well_formed) || path.contains('\\') {
        return None;
    }
    let page = path.strip_suffix(".html");
    Some(match page {
        Some("index") => Wanted::Elsewhere(String::new()),
        Some(page) if page.starts_with("items/") => Wanted::Elsewhere(encoded(page)),
        None if path.starts_with("items/") => Wanted::Document(format!("{path}.html")),
        _ => Wanted::Document(path.into_owned()),
    })
}

/// A decoded path as it may stand in an address.
fn encoded(path: &str) -> String {
    utf8_percent_encode(path, ESCAPED).to_string()
}

/// The `Link` header: itself, the other formats of a feed, and its hubs (WebSub §4).
fn links(serving: &Serving, site: &PublicSite, published: &str) -> String {
    let base = &site.base_url;
    let own = published.strip_suffix(".html").filter(|path| path.starts_with("items/"));
    let own = if published == "index.html" { "" } else { own.unwrap_or(published) };
    let mut links = format!("<{base}{}>; rel=\"self\"", encoded(own));
    let Some((stem, _)) = published.rsplit_once('.').filter(|_| published.starts_with("feeds/"))
    else {
        return links;
    };
    for ending in ["html", "rss", "atom", "json"] {
        let path = format!("{stem}.{ending}");
        if path == published {
            continue;
        }
        if let Some(kind) = serving.catalogue.media_type(&path) {
            let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
            let _ = write!(links, ", <{base}{path}>; rel=\"alternate\"; type=\"{kind}\"");
        }
    }
    if render::is_topic(published) {
        for hub in &site.hubs {
            let _ = write!(links, ", <{hub}>; rel=\"hub\"");
        }
    }
    links
}

fn moved(place: &str) -> Response<Body> {
    let mut response = fresh(StatusCode::PERMANENT_REDIRECT, "text/plain; charset=utf-8", "");
    set(response.headers_mut(), header::LOCATION, place);
    response
}

/// Where a feed that was renamed is now; caches and readers may keep that.
fn moved_for_good(site: &PublicSite, path: &str, query: Option<&str>) -> Response<Body> {
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    let mut response = fresh(StatusCode::MOVED_PERMANENTLY, "text/plain; charset=utf-8", "");
    let headers = response.headers_mut();
    set(headers, header::LOCATION, &format!("{}{path}{query}", site.base_url));
    set(headers, header::CACHE_CONTROL, "max-age=86400");
    response
}

fn missing(site: &PublicSite) -> Response<Body> {
    let page = render::not_found(site);
    fresh(StatusCode::NOT_FOUND, page.media_type, page.bytes)
}

/// Before the first publication: never an empty feed.
fn not_yet(site: &PublicSite) -> Response<Body> {
    let page = render::not_yet(site);
    let mut response = fresh(StatusCode::SERVICE_UNAVAILABLE, page.media_type, page.bytes);
    set(response.headers_mut(), header::RETRY_AFTER, COME_BACK);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(path: &str) -> Option<Wanted> {
        Some(Wanted::Document(path.to_owned()))
    }

    fn elsewhere(path: &str) -> Option<Wanted> {
        Some(Wanted::Elsewhere(path.to_owned()))
    }

    #[test]
    fn every_document_has_one_address() {
        assert_eq!(wanted(""), document("index.html"));
        assert_eq!(wanted("index.html"), elsewhere(""));
        assert_eq!(wanted("opml"), document("opml"));
        assert_eq!(wanted("feeds/a/b.html"), document("feeds/a/b.html"));
        assert_eq!(wanted("items/a/1-x"), document("items/a/1-x.html"));
        assert_eq!(wanted("items/a/1%2Dx"), document("items/a/1-x.html"));
        assert_eq!(wanted("items/a/1.html"), elsewhere("items/a/1"));
        assert_eq!(wanted("items/a/%E8%A6%81.html"), elsewhere("items/a/%E8%A6%81"));
    }

    #[test]
    fn paths_out_of_the_folder_lead_nowhere() {
        for path in [
            "../lianbo.db",
            "items/../../lianbo.db",
            "items/%2e%2e/%2e%2e/lianbo.db",
            "items/..%2f..%2flianbo.db",
            "items/..\\x",
            "feeds//a.rss",
            "/feeds/a.rss",
            "feeds/",
            ".hidden",
            "items/a/.x",
            "items/%00",
            "items/%0d%0aX: y.html",
            "items/%ff",
        ] {
            assert_eq!(wanted(path), None, "{path}");
        }
    }
}
