//! `POST /hub`: wishes to subscribe and to unsubscribe (W3C WebSub §5).
//!
//! A wish is taken down and answered with 202; the callback is asked later, by the daemon. What
//! cannot be is answered at once, with the reason in plain words.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Response, StatusCode, header};
use url::{Host, Url};

use crate::model::{Intent, Secret, Wish};
use crate::render;
use crate::store::{Admitted, Caps};
use crate::text::web::is_private;

use super::Serving;
use super::answer::{private, set};

/// What the hub allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HubRules {
    /// Lease of those who ask for none, in seconds.
    pub lease_s: u32,
    /// The shortest lease, in seconds.
    pub lease_min_s: u32,
    /// The longest.
    pub lease_max_s: u32,
    /// Callbacks may lie in private networks.
    pub allow_private: bool,
    /// Subscriptions of one callback host at most.
    pub per_host: u32,
    /// Requests a minute for one callback host at most.
    pub per_minute: u32,
}

/// Counts requests by callback host, a minute at a time.
#[derive(Debug, Default)]
pub struct Turnstile(Mutex<(i64, HashMap<String, u32>)>);

/// A request is not longer (bytes).
const MOST_BYTES: usize = 16 * 1024;
/// It is complete within this time.
const PATIENCE: Duration = Duration::from_secs(10);
/// WebSub §5.1: a secret is shorter (bytes).
const SECRET_BYTES: usize = 200;
/// A callback is not longer (bytes).
const CALLBACK_BYTES: usize = 2048;
/// Subscriptions of all together.
const SUBSCRIPTIONS: u32 = 100_000;
/// Requests a minute of all together.
const PER_MINUTE: u32 = 1200;
const METHODS: &str = "POST, OPTIONS";

/// Why a wish is not taken down: the status, and the reason in Chinese and English.
struct Refusal(StatusCode, &'static str, &'static str);

impl Turnstile {
    /// Lets a request through, unless `host` or all together had enough of them in this minute.
    fn pass(&self, host: &str, minute: i64, per_host: u32) -> bool {
        let mut counts = self.0.lock().expect("no holder panics");
        if counts.0 != minute {
            *counts = (minute, HashMap::new());
        }
        if counts.1.values().sum::<u32>() >= PER_MINUTE {
            return false;
        }
        let count = counts.1.entry(host.to_owned()).or_default();
        *count += 1;
        *count <= per_host
    }
}

/// The answer to a request at the hub's address.
pub(super) async fn answer(serving: &Serving, head: &Parts, body: Body) -> Response<Body> {
    let Some(rules) = (serving.hub)() else {
        return words(&Refusal(StatusCode::NOT_FOUND, "本站没有 hub。", "There is no hub here."));
    };
    let mut response = match head.method {
        Method::POST => match wish(serving, &rules, &head.headers, body).await {
            Ok(()) => words(&Refusal(
                StatusCode::ACCEPTED,
                "已受理，将向回调地址核实。",
                "Accepted; the callback will be asked.",
            )),
            Err(refusal) => words(&refusal),
        },
        Method::OPTIONS => words(&Refusal(StatusCode::NO_CONTENT, "", "")),
        _ => words(&Refusal(
            StatusCode::METHOD_NOT_ALLOWED,
            "这里是 WebSub hub，只接受 POST。",
            "This is a WebSub hub; it takes POST only.",
        )),
    };
    match response.status() {
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::NO_CONTENT => {
            set(response.headers_mut(), header::ALLOW, METHODS);
        }
        StatusCode::TOO_MANY_REQUESTS => set(response.headers_mut(), header::RETRY_AFTER, "60"),
        _ => {}
    }
    response
}

async fn wish(
    serving: &Serving,
    rules: &HubRules,
    headers: &HeaderMap,
    body: Body,
) -> Result<(), Refusal> {
    let form = form(headers, body).await?;
    let intent = intent(serving, rules, &form)?;
    let host = intent.callback.host_str().unwrap_or_default();
    let now = (serving.clock)();
    if !serving.turnstile.pass(host, now.timestamp() / 60, rules.per_minute) {
        return Err(Refusal(
            StatusCode::TOO_MANY_REQUESTS,
            "请求过多，请稍后再试。",
            "Too many requests for this host; come back later.",
        ));
    }
    let caps = Caps { per_host: rules.per_host, all: SUBSCRIPTIONS };
    match serving.store.intend(intent, caps, now).await {
        Ok(Admitted::Yes) => {
            (serving.wake_pusher)();
            Ok(())
        }
        Ok(Admitted::HostFull) => Err(Refusal(
            StatusCode::FORBIDDEN,
            "该主机的订阅已达上限。",
            "This callback host has as many subscriptions as it may have.",
        )),
        Ok(Admitted::Full) => Err(Refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            "本 hub 的订阅已达上限。",
            "This hub has as many subscriptions as it may have.",
        )),
        Err(_) => Err(Refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            "暂时无法登记，请稍后再试。",
            "The wish cannot be stored now; come back later.",
        )),
    }
}

async fn form(headers: &HeaderMap, body: Body) -> Result<HashMap<String, String>, Refusal> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|text| text.split(';').next()).unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "应为 application/x-www-form-urlencoded。",
            "Wanted: application/x-www-form-urlencoded.",
        ));
    }
    let read = tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, MOST_BYTES)).await;
    let Ok(read) = read else {
        let (zh, en) = ("请求没有传完。", "The request did not end in time.");
        return Err(Refusal(StatusCode::REQUEST_TIMEOUT, zh, en));
    };
    let bytes = read.map_err(|_| {
        Refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            "请求过长或中断。",
            "The request is too long, or broke off.",
        )
    })?;
    let mut form = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(&bytes) {
        // Other parameters mean nothing here, whatever and however many they are.
        if name.starts_with("hub.") && form.insert(name.into_owned(), value.into_owned()).is_some()
        {
            return Err(bad("同一参数出现了两次。", "A parameter is given twice."));
        }
    }
    Ok(form)
}

fn intent(
    serving: &Serving,
    rules: &HubRules,
    form: &HashMap<String, String>,
) -> Result<Intent, Refusal> {
    let given = |name: &str| form.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let wish = match given("hub.mode") {
        Some("subscribe") => Wish::Subscribe {
            secret: secret(given("hub.secret"))?,
            lease_s: lease(given("hub.lease_seconds"), rules)?,
        },
        Some("unsubscribe") => Wish::Unsubscribe,
        Some("publish") => {
            return Err(bad(
                "本 hub 自行得知更新，无须通知。",
                "This hub knows of changes by itself and takes no `publish`.",
            ));
        }
        _ => {
            return Err(bad(
                "hub.mode 应为 subscribe 或 unsubscribe。",
                "`hub.mode` must be `subscribe` or `unsubscribe`.",
            ));
        }
    };
    let topic = given("hub.topic").ok_or(bad("缺少 hub.topic。", "`hub.topic` is missing."))?;
    let base = serving.site().base_url.clone();
    let path = topic.strip_prefix(base.as_str()).filter(|path| render::is_topic(path));
    // Who wants to leave may leave what is no longer there.
    let held = path.and_then(|path| serving.catalogue.held(path));
    let known = held.map(|ready| ready.etag.clone());
    let is_ours = known.is_some() || (path.is_some() && wish == Wish::Unsubscribe);
    let Some(path) = path.filter(|_| is_ours) else {
        return Err(Refusal(
            StatusCode::NOT_FOUND,
            "hub.topic 不是本站发布的 RSS、Atom 或 JSON 订阅的网址（rel=\"self\"）。",
            "`hub.topic` is no RSS, Atom or JSON feed of ours (its rel=\"self\" address).",
        ));
    };
    Ok(Intent {
        id: 0,
        topic: topic.to_owned(),
        path: path.to_owned(),
        callback: callback(given("hub.callback"), rules)?,
        wish,
        known: known.unwrap_or_default(),
        attempts: 0,
    })
}

fn secret(text: Option<&str>) -> Result<Option<Secret>, Refusal> {
    match text {
        Some(text) if text.len() >= SECRET_BYTES => {
            Err(bad("hub.secret 应少于 200 字节。", "`hub.secret` must be shorter than 200 bytes."))
        }
        text => Ok(text.map(Secret::new)),
    }
}

/// What is asked for, within our limits: WebSub §5.1 leaves the length to the hub.
fn lease(text: Option<&str>, rules: &HubRules) -> Result<u32, Refusal> {
    let Some(text) = text else { return Ok(rules.lease_s) };
    match text.parse::<u64>() {
        Ok(0) | Err(_) => Err(bad(
            "hub.lease_seconds 应为正整数。",
            "`hub.lease_seconds` must be a positive whole number.",
        )),
        Ok(seconds) => {
            let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
            Ok(seconds.clamp(rules.lease_min_s, rules.lease_max_s))
        }
    }
}

fn callback(text: Option<&str>, rules: &HubRules) -> Result<Url, Refusal> {
    let text = text.ok_or(bad("缺少 hub.callback。", "`hub.callback` is missing."))?;
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && text.len() <= CALLBACK_BYTES
    });
    let url = url.ok_or(bad(
        "hub.callback 应为 http 或 https 网址，不含 # 与用户名。",
        "`hub.callback` must be an http or https address without fragment and user.",
    ))?;
    let literal = match url.host() {
        Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
        _ => None,
    };
    // Where names lead is found out when the callback is asked.
    if !rules.allow_private && literal.is_some_and(is_private) {
        return Err(Refusal(
            StatusCode::FORBIDDEN,
            "hub.callback 位于内网。",
            "`hub.callback` lies in a private network.",
        ));
    }
    Ok(url)
}

fn bad(zh: &'static str, en: &'static str) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, zh, en)
}

fn words(said: &Refusal) -> Response<Body> {
    let Refusal(status, zh, en) = said;
    let text = if en.is_empty() { String::new() } else { format!("{zh} {en}\n") };
    private(*status, "text/plain; charset=utf-8", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_its_share_of_a_minute_and_all_have_theirs() {
        let turnstile = Turnstile::default();
        assert!(turnstile.pass("a", 1, 2) && turnstile.pass("a", 1, 2));
        assert!(!turnstile.pass("a", 1, 2) && turnstile.pass("b", 1, 2));
        assert!(turnstile.pass("a", 2, 2));
        for number in 0..PER_MINUTE {
            turnstile.pass(&number.to_string(), 3, 2);
        }
        assert!(!turnstile.pass("c", 3, 2) && turnstile.pass("c", 4, 2));
    }
}
