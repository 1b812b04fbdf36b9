//! What operators ask for: the status page, metrics, health. Guarded by a token, or by loopback.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Response, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{Problem, Selection};
use crate::publish::etag;
use crate::render::alert::{Voice, problems_feed};
use crate::render::{self, StatusDigest, StatusPage, StatusRow};
use crate::store::{NOTHING_NEW, RunRecord, StoreError};
use crate::text::sentence;

use super::answer::{other_method, private, set, without_body, words};
use super::{Planned, Serving, condition, health};

/// As `prometheus-client` writes it.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The answer to a request of which `head` is the head.
pub(super) async fn answer(serving: Serving, head: Parts) -> Response<Body> {
    if let Some(response) = other_method(&head.method) {
        return response;
    }
    let response = match head.uri.path() {
        "/health/live" => health::live(),
        "/health/ready" => health::ready(&serving).await,
        path => match refusal((serving.token)().as_deref(), &head.headers) {
            Some(refusal) => refusal,
            None => route(&serving, path, &head.headers).await,
        },
    };
    if head.method == Method::HEAD { without_body(response) } else { response }
}

async fn route(serving: &Serving, path: &str, headers: &HeaderMap) -> Response<Body> {
    match path {
        "/" => {
            let mut response = words(StatusCode::TEMPORARY_REDIRECT, "/status\n");
            set(response.headers_mut(), header::LOCATION, "/status");
            response
        }
        "/status" => match status(serving).await {
            Ok(response) => response,
            Err(error) => broken(serving, &error),
        },
        "/problems.atom" => match feed(serving, headers).await {
            Ok(response) => response,
            Err(error) => broken(serving, &error),
        },
        "/metrics" => metrics(serving).await,
        _ => {
            let page = render::not_found(&serving.site());
            private(StatusCode::NOT_FOUND, page.media_type, page.bytes)
        }
    }
}

/// What a request without the right to look is told; `None` lets it pass.
fn refusal(token: Option<&str>, headers: &HeaderMap) -> Option<Response<Body>> {
    let Some(token) = token else {
        // A page elsewhere may have its name resolve to loopback (DNS rebinding); a proxy would
        // let in the whole world.
        return (!asks_loopback(headers)).then(|| {
            words(
                StatusCode::FORBIDDEN,
                "未设置 admin.token，只能从本机以 127.0.0.1 或 localhost 访问。\n\
                 Without `admin.token` this is served under 127.0.0.1 and localhost only.\n",
            )
        });
    };
    let shown = shown(headers);
    // Hashes compare in constant time and hide the length.
    let right = shown.is_some_and(|shown| blake3::hash(&shown) == blake3::hash(token.as_bytes()));
    (!right).then(|| {
        let text = "请出示口令（admin.token）。The token is wanted: `admin.token`.\n";
        let mut response = words(StatusCode::UNAUTHORIZED, text);
        let challenge = "Basic realm=\"lianbo\", charset=\"UTF-8\", Bearer realm=\"lianbo\"";
        set(response.headers_mut(), header::WWW_AUTHENTICATE, challenge);
        response
    })
}

/// The token of `Authorization: Bearer`, or the password of `Authorization: Basic`.
fn shown(headers: &HeaderMap) -> Option<Vec<u8>> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(credentials.as_bytes().to_vec());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(credentials).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    Some(decoded[colon + 1..].to_vec())
}

fn asks_loopback(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else { return true };
    let Ok(host) = host.to_str() else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// `/metrics`.
pub(super) async fn metrics(serving: &Serving) -> Response<Body> {
    let problems = serving.store.problems().await.ok();
    private(StatusCode::OK, OPEN_METRICS, (serving.metrics)(problems.as_deref()))
}

async fn status(serving: &Serving) -> Result<Response<Body>, StoreError> {
    let runs = serving.store.last_runs().await?;
    let problems: Vec<Problem> = serving.store.problems().await?;
    let plan = (serving.plan)();
    let rows = plan
        .columns
        .into_iter()
        .map(|planned| {
            let run = runs.iter().find(|run| run.column == planned.column);
            row(planned, run)
        })
        .collect();
    let mut digests = Vec::new();
    for (slug, title, next) in plan.digests {
        let last = serving.store.issues(Some(&slug)).await?.into_iter().next();
        let due = serving.store.digest_outcome(&slug).await?;
        digests.push(StatusDigest {
            title,
            last: last.map(|last| (last.issue.id, last.issue.date, last.issue.state)),
            due: due.map(|(at, outcome)| (at, outcome != NOTHING_NEW)),
            next,
        });
    }
    let page = StatusPage {
        usage: serving.health.usage(),
        version: env!("CARGO_PKG_VERSION"),
        started: serving.started,
        at: (serving.clock)(),
        items: serving.store.summary(&Selection::All).await?.count,
        documents: serving.store.document_count("").await?,
        held: serving.store.held_count().await?,
        problems,
        rows,
        disabled: plan.disabled,
        digests,
    };
    let page = render::status(&page, &serving.site());
    Ok(private(StatusCode::OK, page.media_type, page.bytes))
}

/// Notices in the feed at most: a reader that looks once a week misses none.
const ENTRIES: u32 = 200;

/// What opened and healed, for a feed reader.
async fn feed(serving: &Serving, headers: &HeaderMap) -> Result<Response<Body>, StoreError> {
    let notices = serving.store.notices(ENTRIES).await?;
    let (site, operators) = (serving.site(), (serving.operators)());
    let voice = Voice {
        title: &site.title,
        names: &operators.names,
        status: &operators.status,
        lang: site.lang,
    };
    let Ok(document) = problems_feed(&notices, &operators.feed, &voice) else {
        let text = "the feed could not be written\n";
        return Ok(words(StatusCode::INTERNAL_SERVER_ERROR, text));
    };
    let etag = etag(&document.bytes);
    // Two notices of one second would be one `Last-Modified`: the tag alone tells them apart.
    let known = condition::named(headers, &etag) != condition::Has::No;
    let mut response = match known {
        true => private(StatusCode::NOT_MODIFIED, document.media_type, ""),
        false => private(StatusCode::OK, document.media_type, document.bytes),
    };
    let headers = response.headers_mut();
    set(headers, header::CACHE_CONTROL, "private, no-cache");
    set(headers, header::ETAG, &etag);
    Ok(response)
}

fn row(planned: Planned, run: Option<&RunRecord>) -> StatusRow {
    let count = |name| run.map_or(0, |run| run.count(name));
    StatusRow {
        site: planned.site,
        column: planned.column,
        name: planned.name,
        next_run: planned.next,
        last_run: run.and_then(|run| run.ended),
        outcome: run.and_then(|run| run.outcome.clone()).unwrap_or_default(),
        listed: count("listed"),
        new: count("new"),
        revised: count("revised"),
        left: count("left"),
    }
}

/// The store cannot be read: the code, what it means, and what to do.
fn broken(serving: &Serving, error: &StoreError) -> Response<Body> {
    let sentence = sentence::problem(error.code(), serving.site().lang);
    let text = format!("{}: {}\n{}\n", error.code().as_str(), sentence.what, sentence.hint);
    private(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(token: Option<&str>, headers: &[(&'static str, &str)]) -> Option<StatusCode> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        refusal(token, &map).map(|response| response.status())
    }

    #[test]
    fn the_token_opens_as_bearer_and_as_password() {
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
        for (credentials, opens) in [
            ("Bearer s3cret".to_owned(), true),
            ("bearer  s3cret ".to_owned(), true),
            (basic("anyone:s3cret"), true),
            (basic(":s3cret"), true),
            ("Bearer s3cre".to_owned(), false),
            ("Bearer s3crets".to_owned(), false),
            ("Bearer ".to_owned(), false),
            ("Bearer".to_owned(), false),
            ("s3cret".to_owned(), false),
            (basic("s3cret"), false),
            (basic("s3cret:"), false),
            ("Basic %%%".to_owned(), false),
            ("Digest s3cret".to_owned(), false),
        ] {
            let refused = (!opens).then_some(StatusCode::UNAUTHORIZED);
            let headers = [("authorization", credentials.as_str()), ("host", "127.0.0.1")];
            assert_eq!(told(Some("s3cret"), &headers), refused, "{credentials}");
        }
        assert_eq!(told(Some("s3cret"), &[]), Some(StatusCode::UNAUTHORIZED));
    }

    #[test]
    fn without_a_token_only_loopback_names_are_served() {
        for host in ["127.0.0.1:8081", "localhost", "LOCALHOST:8081", "[::1]:8081", "127.0.0.9"] {
            assert_eq!(told(None, &[("host", host)]), None, "{host}");
        }
        for host in ["rebind.example:8081", "10.0.0.1", "127.0.0.1.example", "", "[", "[::2]"] {
            assert_eq!(told(None, &[("host", host)]), Some(StatusCode::FORBIDDEN), "{host}");
        }
    }
}
