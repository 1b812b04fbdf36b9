//! Sends what others asked for: verifications and deliveries of the hub (W3C WebSub §5, §7), pings
//! to further hubs, and webhooks (Standard Webhooks).
//!
//! No redirect is followed, no retry is made, nothing is remembered.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, LINK, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use url::Url;

use crate::model::{Both, Intent, Secret, Subscription, Webhook, Wish};
use crate::net::{Client, Exchange, NetError, NetSettings, Reply};

/// Limit of one request.
pub(super) const TIMEOUT: Duration = Duration::from_secs(15);
/// An answer to a challenge is not longer (bytes).
const CHALLENGE_ANSWER: u64 = 4096;

/// Who sends.
#[derive(Clone, Debug)]
pub struct Courier {
    /// Asks addresses that strangers named: no name has a fixed address for them.
    strangers: Client,
    /// Asks addresses that the operator configured.
    pub(super) friends: Client,
    agent: String,
}

/// Why something did not arrive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// No answer.
    #[error("{0}")]
    Net(#[from] NetError),
    /// An answer that is no success.
    #[error("answered with status {status}")]
    Status {
        /// Which.
        status: u16,
        /// After what time to come back.
        retry_after: Option<Duration>,
    },
    /// The callback does not want what was asked in its name.
    #[error("the callback does not confirm: {0}")]
    Unconfirmed(String),
}

impl NotSent {
    /// The receiver is gone for good (410).
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Status { status: 410, .. })
    }

    /// Another attempt may bring another answer: not where the callback said no, nor where its
    /// address is none of ours to visit.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Net(error) => !matches!(error, NetError::Private(_) | NetError::Scheme(_)),
            Self::Status { status, .. } => *status >= 500 || *status == 429,
            Self::Unconfirmed(_) => false,
        }
    }

    /// What happened, for people.
    pub fn told(&self) -> Both {
        match self {
            Self::Net(error) => error.told(),
            Self::Status { status, .. } => {
                Both::new(format!("对方返回状态 {status}"), self.to_string())
            }
            Self::Unconfirmed(what) => {
                Both::new(format!("回调地址没有确认：{what}"), self.to_string())
            }
        }
    }

    /// What the receiver asked for by `Retry-After`.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            Self::Net(_) | Self::Unconfirmed(_) => None,
        }
    }
}

/// The document that a subscription is sent.
#[derive(Clone, Debug)]
pub struct Delivery<'a> {
    /// Its bytes.
    pub bytes: Bytes,
    /// Its media type.
    pub media_type: &'a str,
    /// The hub that sends it.
    pub hub: &'a Url,
}

impl Courier {
    /// A courier that goes by the name `agent`; `resolve` has fixed addresses of names, for what the
    /// operator named.
    pub fn new(resolve: HashMap<String, SocketAddr>, agent: String) -> Self {
        let strangers = Client::new(NetSettings::default());
        Self { strangers, friends: Client::new(NetSettings { resolve }), agent }
    }

    /// Asks the callback whether it wants what was asked in its name (WebSub §5.3), or tells it that
    /// the hub does not (§5.2).
    pub async fn verify(&self, intent: &Intent, allow_private: bool) -> Result<(), NotSent> {
        let challenge = challenge()?;
        let url = with_query(&intent.callback, &question(intent, &challenge));
        let asked = Exchange {
            url: &url,
            form: &[],
            body: None,
            headers: self.headers([]),
            timeout: TIMEOUT,
            max_bytes: CHALLENGE_ANSWER,
            allow_private,
        };
        if matches!(intent.wish, Wish::Deny { .. }) {
            return success(&self.strangers.send(&asked).await?);
        }
        let reply = match self.strangers.exchange(&asked).await {
            Err(NetError::TooLarge { .. }) => {
                return Err(NotSent::Unconfirmed("its answer is long".to_owned()));
            }
            reply => reply?,
        };
        success(&reply)?;
        match reply.body == challenge.as_bytes() {
            true => Ok(()),
            false => Err(NotSent::Unconfirmed("its answer is not the challenge".to_owned())),
        }
    }

    /// Sends a subscription its topic (WebSub §7).
    pub async fn deliver(
        &self,
        subscription: &Subscription,
        delivery: Delivery<'_>,
        allow_private: bool,
    ) -> Result<(), NotSent> {
        let Delivery { bytes, media_type, hub } = delivery;
        let link = format!("<{hub}>; rel=\"hub\", <{}>; rel=\"self\"", subscription.topic);
        let mut headers = self.headers([(CONTENT_TYPE, media_type.to_owned()), (LINK, link)]);
        if let Some(secret) = &subscription.secret {
            let name = HeaderName::from_static("x-hub-signature");
            headers.extend(header(name, &format!("sha256={}", hex(&mac(secret, &[&bytes])))));
        }
        let asked = Exchange {
            url: &subscription.callback,
            form: &[],
            body: Some(bytes),
            headers,
            timeout: TIMEOUT,
            max_bytes: 0,
            allow_private,
        };
        success(&self.strangers.send(&asked).await?)
    }

    /// Tells the hub at `hub` that `topic` changed.
    pub async fn ping(&self, hub: &Url, topic: &str) -> Result<(), NotSent> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let form = [pair("hub.mode", "publish"), pair("hub.url", topic)];
        let asked = Exchange {
            url: hub,
            form: &form,
            body: None,
            headers: self.headers([]),
            timeout: TIMEOUT,
            max_bytes: 0,
            // The operator named it; what lives inside belongs into `fetch.resolve`.
            allow_private: false,
        };
        success(&self.friends.send(&asked).await?)
    }

    /// Posts `body` under the name `id`, signed at `now` (seconds since 1970).
    pub async fn post(
        &self,
        hook: &Webhook,
        id: &str,
        now: i64,
        body: Vec<u8>,
    ) -> Result<(), NotSent> {
        let headers = self.headers(stamped(Some(&hook.secret), id, now, &body));
        let asked = Exchange {
            url: &hook.url,
            form: &[],
            body: Some(Bytes::from(body)),
            headers,
            timeout: TIMEOUT,
            max_bytes: 0,
            allow_private: hook.allow_private,
        };
        success(&self.friends.send(&asked).await?)
    }

    /// Our name, and `more`.
    pub(super) fn headers(
        &self,
        more: impl IntoIterator<Item = (HeaderName, String)>,
    ) -> HeaderMap {
        let agent = header(USER_AGENT, &self.agent);
        agent.into_iter().chain(more.into_iter().filter_map(|(n, v)| header(n, &v))).collect()
    }
}

/// What goes before a JSON body named `id` at `now`; signed where there is a key (Standard Webhooks).
pub(super) fn stamped(
    secret: Option<&Secret>,
    id: &str,
    now: i64,
    body: &[u8],
) -> Vec<(HeaderName, String)> {
    let (name, now) = (HeaderName::from_static, now.to_string());
    let signature = secret.map(|secret| {
        let signed = mac(secret, &[id.as_bytes(), b".", now.as_bytes(), b".", body]);
        (name("webhook-signature"), format!("v1,{}", STANDARD.encode(signed)))
    });
    let mut headers = vec![
        (CONTENT_TYPE, "application/json".to_owned()),
        (name("webhook-id"), id.to_owned()),
        (name("webhook-timestamp"), now.clone()),
    ];
    headers.extend(signature);
    headers
}

fn header(name: HeaderName, value: &str) -> Option<(HeaderName, HeaderValue)> {
    HeaderValue::from_str(value).ok().map(|value| (name, value))
}

/// What the callback is asked, each pair as it stands in a query.
fn question(intent: &Intent, challenge: &str) -> Vec<(&'static str, String)> {
    let mut pairs =
        vec![("hub.mode", intent.wish.mode().to_owned()), ("hub.topic", intent.topic.clone())];
    match &intent.wish {
        Wish::Subscribe { lease_s, .. } => {
            pairs.push(("hub.challenge", challenge.to_owned()));
            pairs.push(("hub.lease_seconds", lease_s.to_string()));
        }
        Wish::Unsubscribe => pairs.push(("hub.challenge", challenge.to_owned())),
        Wish::Deny { reason } => pairs.push(("hub.reason", reason.clone())),
    }
    pairs
}

/// `url` with `pairs` behind the query that it has, which stays as it is.
fn with_query(url: &Url, pairs: &[(&str, String)]) -> Url {
    let mut url = url.clone();
    // A serializer over a text puts an `&` behind it.
    let before = url.query().unwrap_or_default().to_owned();
    let query = url::form_urlencoded::Serializer::new(before).extend_pairs(pairs).finish();
    url.set_query(Some(&query));
    url
}

/// A text that nobody guesses.
fn challenge() -> Result<String, NotSent> {
    let mut bytes = [0; 24];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| NotSent::Unconfirmed("the system has no random numbers".to_owned()))?;
    Ok(hex(&bytes))
}

pub(super) fn success(reply: &Reply) -> Result<(), NotSent> {
    if (200..300).contains(&reply.status) {
        return Ok(());
    }
    let seconds =
        reply.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Err(NotSent::Status { status: reply.status, retry_after: seconds.map(Duration::from_secs) })
}

/// HMAC-SHA256 over `parts`, one after the other.
pub(super) fn mac(secret: &Secret, parts: &[&[u8]]) -> Vec<u8> {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret.reveal()));
    for part in parts {
        context.update(part);
    }
    context.sign().as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_a_callback_stays_as_it_is() {
        let pairs = [
            ("hub.mode", "subscribe".to_owned()),
            ("hub.topic", "http://a.test/?b=1&c".to_owned()),
        ];
        let ours = "hub.mode=subscribe&hub.topic=http%3A%2F%2Fa.test%2F%3Fb%3D1%26c";
        for (callback, query) in [
            ("http://s.test/cb", ours.to_owned()),
            ("http://s.test/cb?", ours.to_owned()),
            ("http://s.test/cb?id=%E4%B8%80&x", format!("id=%E4%B8%80&x&{ours}")),
        ] {
            let url = with_query(&Url::parse(callback).unwrap(), &pairs);
            assert_eq!(url.query(), Some(query.as_str()), "{callback}");
        }
    }

    /// RFC 4231, test case 2.
    #[test]
    fn signatures_are_hmac_sha256() {
        let secret = Secret::new(*b"Jefe");
        let found = mac(&secret, &[b"what do ya want ", b"for nothing?"]);
        let wanted = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(&found), wanted);
    }

    #[test]
    fn challenges_differ() {
        let (one, other) = (challenge().unwrap(), challenge().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), 48);
    }
}
