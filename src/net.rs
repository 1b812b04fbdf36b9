//! The one guarded HTTP client.
//!
//! In: an address; out: an answer's head, and its body under a limit that counts decoded bytes. No
//! redirect is followed and no proxy used. Private, loopback and link-local addresses are refused
//! for names and literals alike, unless the caller says that the site lives there.

mod cookies;
mod resolver;
#[cfg(test)]
mod stand_in;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use url::{Host, Url};

use crate::model::{Both, ProblemCode};
use crate::text::web::is_private;

#[cfg(test)]
pub(crate) use stand_in::{Answering, Network};

use cookies::Cookies;
use resolver::{Guarded, Refused};
#[cfg(test)]
use stand_in::StandIn;

/// What the client needs to know once.
#[derive(Clone, Debug, Default)]
pub struct NetSettings {
    /// Fixed addresses of names, trusted for that name only; a port is used where the URL has none.
    pub resolve: HashMap<String, SocketAddr>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// The address leads into a private network.
    #[error("`{0}` leads to a private address")]
    Private(String),
    /// Only http and https are spoken.
    #[error("`{0}` is neither http nor https")]
    Scheme(String),
    /// No connection.
    #[error("no connection to `{host}`: {what}")]
    Connect {
        /// Which host.
        host: String,
        /// The innermost cause.
        what: String,
    },
    /// The encrypted connection failed.
    #[error("no encrypted connection to `{host}`: {what}")]
    Tls {
        /// Which host.
        host: String,
        /// The innermost cause.
        what: String,
    },
    /// No answer in time.
    #[error("no complete answer from `{host}` within {limit_ms} ms")]
    Timeout {
        /// Which host.
        host: String,
        /// The limit, in milliseconds.
        limit_ms: u128,
    },
    /// The body broke off or cannot be decoded.
    #[error("the answer of `{host}` broke off after {bytes} bytes: {what}")]
    Truncated {
        /// Which host.
        host: String,
        /// Decoded bytes until then.
        bytes: usize,
        /// The innermost cause.
        what: String,
    },
    /// The body is larger than allowed.
    #[error("the answer of `{host}` is larger than {limit} bytes, decoded")]
    TooLarge {
        /// Which host.
        host: String,
        /// The limit in bytes.
        limit: u64,
    },
}

impl NetError {
    /// What happened, for people.
    pub fn told(&self) -> Both {
        let zh = match self {
            Self::Private(url) => format!("“{url}”指向内网地址"),
            Self::Scheme(url) => format!("“{url}”既不是 http 也不是 https"),
            Self::Connect { host, what } => format!("连接不上“{host}”：{what}"),
            Self::Tls { host, what } => format!("与“{host}”的加密连接没有建成：{what}"),
            Self::Timeout { host, limit_ms } => {
                format!("“{host}”在 {limit_ms} 毫秒内没有答完")
            }
            Self::Truncated { host, bytes, what } => {
                format!("“{host}”的回答在 {bytes} 字节后中断：{what}")
            }
            Self::TooLarge { host, limit } => format!("“{host}”的回答解码后超过 {limit} 字节"),
        };
        Both::new(zh, self.to_string())
    }

    /// The code it is told under.
    pub fn code(&self) -> ProblemCode {
        match self {
            Self::Private(_) | Self::Scheme(_) => ProblemCode::AddressRefused,
            Self::Connect { .. } => ProblemCode::Unreachable,
            Self::Tls { .. } => ProblemCode::TlsFailed,
            Self::Timeout { .. } => ProblemCode::Timeout,
            Self::Truncated { .. } => ProblemCode::Truncated,
            Self::TooLarge { .. } => ProblemCode::TooLarge,
        }
    }
}

/// One request.
#[derive(Clone, Debug)]
pub struct Exchange<'a> {
    /// Where to.
    pub url: &'a Url,
    /// Fields of a form, sent by POST; none means GET.
    pub form: &'a [(String, String)],
    /// A body of any kind, sent by POST; its type is among the headers.
    pub body: Option<Bytes>,
    /// Headers to send.
    pub headers: HeaderMap,
    /// Limit of the whole exchange.
    pub timeout: Duration,
    /// Limit of the body in bytes, decoded.
    pub max_bytes: u64,
    /// Private addresses may be visited.
    pub allow_private: bool,
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, decoded.
    pub body: Bytes,
}

/// The client; clones share connections.
#[derive(Clone, Debug)]
pub struct Client {
    guarded: reqwest::Client,
    open: reqwest::Client,
    fixed: Arc<HashMap<String, SocketAddr>>,
    #[cfg(test)]
    stand_in: StandIn,
}

/// Time to make a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// Chooses ring for TLS in this process; to be called once, early. Further calls do nothing.
pub fn install_crypto() {
    // An error only says that a provider is chosen already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

impl Client {
    /// A client with its own connections.
    pub fn new(settings: NetSettings) -> Self {
        install_crypto();
        let fixed = Arc::new(settings.resolve);
        let cookies = Arc::new(Cookies::default());
        Self {
            guarded: build(Guarded::new(Arc::clone(&fixed), true), &cookies),
            open: build(Guarded::new(Arc::clone(&fixed), false), &cookies),
            fixed,
            #[cfg(test)]
            stand_in: StandIn::default(),
        }
    }

    /// Sends one request and reads the answer whole, or not at all.
    pub async fn exchange(&self, asked: &Exchange<'_>) -> Result<Reply, NetError> {
        within(asked, async {
            #[cfg(test)]
            if let Some(network) = &self.stand_in.0 {
                self.check(asked.url, asked.allow_private)?;
                return network.exchange(asked).await;
            }
            let response = self.answer(asked).await?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = read(response, &host_of(asked.url), asked).await?;
            Ok(Reply { status, headers, body })
        })
        .await
    }

    /// Sends one request and hears status and headers of the answer; whatever else comes is left
    /// unread.
    pub async fn send(&self, asked: &Exchange<'_>) -> Result<Reply, NetError> {
        within(asked, async {
            let response = self.answer(asked).await?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Ok(Reply { status, headers, body: Bytes::new() })
        })
        .await
    }

    async fn answer(&self, asked: &Exchange<'_>) -> Result<reqwest::Response, NetError> {
        self.check(asked.url, asked.allow_private)?;
        let client = if asked.allow_private { &self.open } else { &self.guarded };
        let request = match (asked.form, &asked.body) {
            (_, Some(body)) => client.post(asked.url.clone()).body(body.clone()),
            ([], None) => client.get(asked.url.clone()),
            (form, None) => client
                .post(asked.url.clone())
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8")
                .body(encoded(form)),
        };
        let response = request.headers(asked.headers.clone()).send().await;
        response.map_err(|error| fault(&error, &host_of(asked.url), asked))
    }

    /// An address of `host`, for those who speak another protocol: by the same rules as for HTTP.
    pub async fn locate(
        &self,
        host: &str,
        port: u16,
        allow_private: bool,
    ) -> Result<SocketAddr, NetError> {
        let name = host.to_ascii_lowercase();
        if let Some(fixed) = self.fixed.get(&name) {
            return Ok(*fixed);
        }
        let unknown = |what: String| NetError::Connect { host: host.to_owned(), what };
        let found = tokio::net::lookup_host((name.as_str(), port)).await;
        let found: Vec<SocketAddr> = found.map_err(|error| unknown(error.to_string()))?.collect();
        let allowed = found.iter().find(|at| allow_private || !is_private(at.ip())).copied();
        allowed.ok_or_else(|| match found.is_empty() {
            true => unknown("it has no address".to_owned()),
            false => NetError::Private(host.to_owned()),
        })
    }

    /// Schemes and literal addresses never reach the resolver, so they are checked here.
    fn check(&self, url: &Url, allow_private: bool) -> Result<(), NetError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(NetError::Scheme(url.to_string()));
        }
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            Some(Host::Domain(name)) => {
                // A name in the table is reached at its fixed port only: another port of that
                // machine is nobody's business.
                if self.fixed.contains_key(name) && url.port().is_some() && !allow_private {
                    return Err(NetError::Private(host_of(url)));
                }
                None
            }
            None => return Err(NetError::Scheme(url.to_string())),
        };
        match literal {
            Some(ip) if !allow_private && is_private(ip) => Err(NetError::Private(host_of(url))),
            _ => Ok(()),
        }
    }
}

/// Ends what takes longer than the request may.
async fn within(
    asked: &Exchange<'_>,
    exchange: impl Future<Output = Result<Reply, NetError>>,
) -> Result<Reply, NetError> {
    match tokio::time::timeout(asked.timeout, exchange).await {
        Ok(result) => result,
        Err(_) => {
            let limit_ms = asked.timeout.as_millis();
            Err(NetError::Timeout { host: host_of(asked.url), limit_ms })
        }
    }
}

fn build(resolver: Guarded, cookies: &Arc<Cookies>) -> reqwest::Client {
    let builder = || {
        reqwest::Client::builder()
            .dns_resolver(resolver.clone())
            .redirect(reqwest::redirect::Policy::none())
            .cookie_provider(Arc::clone(cookies))
            .referer(false)
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_max_idle_per_host(1)
            .http1_ignore_invalid_headers_in_responses(true)
    };
    // A machine without certificates can still speak plain http.
    builder()
        .build()
        .or_else(|_| builder().tls_certs_only([]).build())
        .expect("a client without certificates needs nothing of the machine")
}

async fn read(
    mut response: reqwest::Response,
    host: &str,
    asked: &Exchange<'_>,
) -> Result<Bytes, NetError> {
    let too_large = || NetError::TooLarge { host: host.to_owned(), limit: asked.max_bytes };
    // Known only where the body is not encoded; what it says wrongly is found out below.
    if response.content_length().is_some_and(|length| length > asked.max_bytes) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                if (body.len() + chunk.len()) as u64 > asked.max_bytes {
                    return Err(too_large());
                }
                body.extend_from_slice(&chunk);
            }
            Ok(None) => return Ok(body.freeze()),
            Err(error) => {
                let (host, bytes) = (host.to_owned(), body.len());
                return Err(NetError::Truncated { host, bytes, what: innermost(&error) });
            }
        }
    }
}

fn encoded(form: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

fn fault(error: &reqwest::Error, host: &str, asked: &Exchange<'_>) -> NetError {
    let host = host.to_owned();
    let what = innermost(error);
    if chain(error).any(|cause| cause.is::<Refused>()) {
        return NetError::Private(host);
    }
    if error.is_timeout() {
        return NetError::Timeout { host, limit_ms: asked.timeout.as_millis() };
    }
    let broke_off_in_handshake =
        error.is_connect() && asked.url.scheme() == "https" && chain(error).any(is_broken_off);
    if chain(error).any(|cause| cause.is::<rustls::Error>())
        || what.contains("certificate")
        || broke_off_in_handshake
    {
        return NetError::Tls { host, what };
    }
    if error.is_connect() {
        return NetError::Connect { host, what };
    }
    NetError::Truncated { host, bytes: 0, what }
}

/// A connection that was there and ended; one that was never made is refused or timed out.
fn is_broken_off(cause: &(dyn std::error::Error + 'static)) -> bool {
    use std::io::ErrorKind;
    cause.downcast_ref::<std::io::Error>().is_some_and(|error| {
        matches!(
            error.kind(),
            ErrorKind::UnexpectedEof
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
        )
    })
}

/// The causes of an error, outermost first; those inside `std::io::Error` too.
fn chain<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            && let Some(inner) = io.get_ref()
        {
            return Some(inner as &(dyn std::error::Error + 'static));
        }
        error.source()
    })
}

/// What lies at the bottom; the upper causes only repeat the address.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    chain(error).last().map_or_else(String::new, ToString::to_string)
}

/// The host with its port, for messages; never a path or a query.
fn host_of(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => url.scheme().to_owned(),
    }
}
