//! Fetches pages like a good guest.
//!
//! In: an address and the manners towards its site; out: a [`Page`], "not modified", or why not.
//! One connection a host and a pause after each request, robots.txt (RFC 9309), conditional
//! requests, Retry-After, bounded retries, every redirect checked anew. Pages are not looked into,
//! except to tell a challenge page from a page.

mod budget;
mod challenge;
mod error;
mod gate;
mod memory;
mod robots;
mod wait;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::model::{Call, Page, Validators};
use crate::net::{Client, Exchange, NetSettings, Reply};
use crate::text::web;

pub use budget::Budget;
pub use challenge::Product;
pub use error::FetchError;
pub use gate::host;
pub use memory::{HostMemory, Remembered};

use gate::{Gate, Gates};
use memory::{InMemory, Rests};
use robots::RobotsCache;
use wait::retry_after;

/// What the fetcher needs to know once.
#[derive(Clone, Debug, Default)]
pub struct FetchSettings {
    /// For the client.
    pub net: NetSettings,
}

/// How one site is visited.
#[derive(Clone, Debug)]
pub struct Manners {
    /// The `User-Agent` header.
    pub agent: String,
    /// Pause between the end of a request and the begin of the next to the same host.
    pub gap: Duration,
    /// Limit of one request.
    pub timeout: Duration,
    /// Limit of a body in bytes, decoded.
    pub max_bytes: u64,
    /// Further tries after passing faults.
    pub retries: u32,
    /// The site lives in a private network.
    pub allow_private: bool,
    /// Whether robots.txt rules.
    pub obey_robots: bool,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// How many requests a day one host gets at most.
    pub budget: Option<Budget>,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            agent: agent(None),
            gap: Duration::from_secs(2),
            timeout: Duration::from_secs(30),
            max_bytes: 8 << 20,
            retries: 2,
            allow_private: false,
            obey_robots: true,
            headers: Vec::new(),
            budget: None,
        }
    }
}

/// The honest name we go by: `lianbo/0.1.0 (+CONTACT)`.
pub fn agent(contact: Option<&str>) -> String {
    let name = concat!("lianbo/", env!("CARGO_PKG_VERSION"));
    match contact {
        Some(contact) => format!("{name} (+{contact})"),
        None => name.to_owned(),
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Where.
    pub url: &'a Url,
    /// What we know of the page, to hear "not modified" (RFC 9110 §13).
    pub validators: Option<&'a Validators>,
    /// The page that led there.
    pub referer: Option<&'a Url>,
    /// Fields of a form, sent by POST; none means GET.
    pub form: &'a [(String, String)],
    /// Made by a script of the page that led there, which some servers want to be told.
    pub by_script: bool,
    /// For a picture or a file rather than a page.
    pub is_file: bool,
}

impl<'a> Request<'a> {
    /// A request for the page at `url`, as somebody makes it who knows nothing but the address.
    pub fn to(url: &'a Url) -> Self {
        Self { url, validators: None, referer: None, form: &[], by_script: false, is_file: false }
    }

    /// The request for a picture or a file that the page at `referer` names.
    pub fn file(url: &'a Url, referer: &'a Url) -> Self {
        Self { referer: Some(referer), is_file: true, ..Self::to(url) }
    }

    /// The request for a list page that `referer` led to.
    pub fn call(call: &'a Call, referer: &'a Url) -> Self {
        let (form, by_script) = (call.form.as_slice(), call.by_script);
        Self { form, by_script, referer: Some(referer), ..Self::to(&call.url) }
    }
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A page.
    Page(Box<Page>),
    /// The page we know is still the page.
    NotModified,
}

/// Counts since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FetchStats {
    /// Requests sent, redirects and robots.txt included.
    pub requests: u64,
    /// Decoded bytes received.
    pub bytes: u64,
    /// Answers 304.
    pub not_modified: u64,
    /// Requests without a usable answer.
    pub errors: u64,
}

#[derive(Debug, Default)]
struct Counters {
    requests: AtomicU64,
    bytes: AtomicU64,
    not_modified: AtomicU64,
    errors: AtomicU64,
}

/// Fetches pages; clones share gates, robots.txt and connections.
#[derive(Clone)]
pub struct Fetcher {
    client: Client,
    gates: Arc<Gates>,
    robots: Arc<RobotsCache>,
    counters: Arc<Counters>,
    memory: Arc<dyn HostMemory>,
    rests: Rests,
}

/// Redirects followed at most.
const MAX_HOPS: usize = 10;
/// The pause before the first retry; doubled each time, and jittered.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

impl Fetcher {
    /// A fetcher with gates and connections of its own.
    pub fn new(settings: FetchSettings) -> Self {
        Self::through(Client::new(settings.net))
    }

    /// A fetcher with gates of its own and the connections of `client`.
    pub(crate) fn through(client: Client) -> Self {
        let memory: Arc<dyn HostMemory> = Arc::new(InMemory::default());
        Self {
            client,
            gates: Arc::default(),
            robots: Arc::default(),
            counters: Arc::default(),
            rests: Rests::of(Arc::clone(&memory)),
            memory,
        }
    }

    /// The same guest, who keeps in `memory` what outlives the process: the requests of the day, and
    /// which hosts want to be left alone.
    #[must_use]
    pub fn remembering_in(self, memory: Arc<dyn HostMemory>) -> Self {
        Self { rests: Rests::of(Arc::clone(&memory)), memory, ..self }
    }

    /// The same guest through another client: gates and counts are shared, what was known of
    /// robots.txt is asked anew, since names may lead elsewhere now.
    pub fn with_settings(&self, settings: FetchSettings) -> Self {
        Self { client: Client::new(settings.net), robots: Arc::default(), ..self.clone() }
    }

    /// Counts since the start.
    pub fn stats(&self) -> FetchStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        FetchStats {
            requests: read(&self.counters.requests),
            bytes: read(&self.counters.bytes),
            not_modified: read(&self.counters.not_modified),
            errors: read(&self.counters.errors),
        }
    }

    /// Fetches one page, following redirects; `now` dates the page and the waits.
    pub async fn get(
        &self,
        request: &Request<'_>,
        manners: &Manners,
        now: DateTime<Utc>,
    ) -> Result<Answer, FetchError> {
        let mut tries = 0;
        let mut pause = FIRST_PAUSE;
        loop {
            match self.follow(request, manners, now).await {
                Err(error) if tries < manners.retries && error.may_pass() => {
                    tries += 1;
                    tokio::time::sleep(jittered(pause, request.url, tries)).await;
                    pause *= 2;
                }
                Err(error) => {
                    self.counters.errors.fetch_add(1, Ordering::Relaxed);
                    return Err(error);
                }
                Ok(answer) => return Ok(answer),
            }
        }
    }

    async fn follow(
        &self,
        request: &Request<'_>,
        manners: &Manners,
        now: DateTime<Utc>,
    ) -> Result<Answer, FetchError> {
        let mut url = request.url.clone();
        let mut seen = vec![url.clone()];
        let mut form = request.form;
        loop {
            let manners = &at(&url, request, manners);
            self.ask_robots(&url, manners, now).await?;
            let headers = headers(request, manners, &url);
            let reply = self.exchange(&url, form, headers, manners, now).await?;
            if let Some(target) = redirected(&reply, &url) {
                // Many servers set a cookie and send us to the same address once more.
                let sets_cookie = reply.headers.contains_key(header::SET_COOKIE);
                let allowed = usize::from(sets_cookie);
                let looped = seen.iter().filter(|url| **url == target).count() > allowed;
                if looped || seen.len() > MAX_HOPS {
                    return Err(FetchError::Redirects {
                        host: host(request.url),
                        hops: seen.len(),
                        last: host(&target),
                    });
                }
                seen.push(target.clone());
                url = target;
                // Only 307 and 308 keep the method (RFC 9110 §15.4).
                if !matches!(reply.status, 307 | 308) {
                    form = &[];
                }
                continue;
            }
            let gate = self.gate(&url);
            let answer = self.judge(request, url, reply, now)?;
            gate.let_through(&self.rests, now).await;
            return Ok(answer);
        }
    }

    /// Tells a page from everything else that an answer may be.
    fn judge(
        &self,
        request: &Request<'_>,
        url: Url,
        reply: Reply,
        now: DateTime<Utc>,
    ) -> Result<Answer, FetchError> {
        if reply.status == 304 && request.validators.is_some() && url == *request.url {
            self.counters.not_modified.fetch_add(1, Ordering::Relaxed);
            return Ok(Answer::NotModified);
        }
        if !(200..300).contains(&reply.status) {
            let (host, path) = (host(&url), url.path().to_owned());
            return Err(FetchError::Status { status: reply.status, host, path });
        }
        let text = |name: HeaderName| {
            reply.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        Ok(Answer::Page(Box::new(Page {
            requested: request.url.clone(),
            url,
            status: reply.status,
            content_type: text(header::CONTENT_TYPE),
            fetched: now,
            validators: Validators {
                etag: text(header::ETAG),
                last_modified: text(header::LAST_MODIFIED),
            },
            body: reply.body,
        })))
    }

    /// One request through the host's gate.
    async fn exchange(
        &self,
        url: &Url,
        form: &[(String, String)],
        headers: HeaderMap,
        manners: &Manners,
        now: DateTime<Utc>,
    ) -> Result<Reply, FetchError> {
        let gate = self.gate(url);
        let gap = manners.gap.max(self.robots.delay(url));
        let pass = gate.enter().await;
        // Whoever went before may have been told to come back later.
        gate.ask(&self.rests, now).await?;
        if let Some(budget) = &manners.budget {
            budget.spend(&*self.memory, &host(url), now).await?;
        }
        self.counters.requests.fetch_add(1, Ordering::Relaxed);
        let exchange = Exchange {
            url,
            form,
            body: None,
            headers,
            timeout: manners.timeout,
            max_bytes: manners.max_bytes,
            allow_private: manners.allow_private,
        };
        let result = match self.client.exchange(&exchange).await {
            Ok(reply) => self.hear(&gate, url, reply, now).await,
            Err(error) => Err(error.into()),
        };
        pass.leave(gap);
        result
    }

    /// Closes the gate where the reply asks for that.
    async fn hear(
        &self,
        gate: &Gate,
        url: &Url,
        reply: Reply,
        now: DateTime<Utc>,
    ) -> Result<Reply, FetchError> {
        self.counters.bytes.fetch_add(reply.body.len() as u64, Ordering::Relaxed);
        if let Some(until) = retry_after(&reply, now) {
            return Err(gate.wait(until, &self.rests).await);
        }
        let product = challenge::product(&reply).filter(|_| redirected(&reply, url).is_none());
        match product {
            Some(product) => Err(gate.challenged((product, reply.status), now, &self.rests).await),
            None => Ok(reply),
        }
    }

    fn gate(&self, url: &Url) -> Arc<Gate> {
        self.gates.of(&host(url))
    }

    /// Asks the site's robots.txt, fetched at most once a day.
    async fn ask_robots(
        &self,
        url: &Url,
        manners: &Manners,
        now: DateTime<Utc>,
    ) -> Result<(), FetchError> {
        if !manners.obey_robots || url.path() == "/robots.txt" {
            return Ok(());
        }
        let lock = self.robots.origin(url);
        let mut origin = lock.lock().await;
        if origin.is_stale(now) {
            let address = robots::address(url);
            let reply = self.robots_reply(address, manners, now).await;
            // Nothing was asked, so nothing is known.
            if let Err(error @ FetchError::BudgetUsed { .. }) = reply {
                return Err(error);
            }
            // Nor where the host wants to be left alone altogether.
            self.gate(url).ask(&self.rests, now).await?;
            origin.take(reply, url, now);
        }
        origin.judge(url)
    }

    /// robots.txt with up to five redirects (RFC 9309 §2.3.1.2).
    async fn robots_reply(
        &self,
        mut url: Url,
        manners: &Manners,
        now: DateTime<Utc>,
    ) -> Result<Reply, FetchError> {
        let first = url.clone();
        let request = Request::to(&first);
        for _ in 0..5 {
            let manners = &at(&url, &request, manners);
            let headers = headers(&request, manners, &url);
            let reply = self.exchange(&url, &[], headers, manners, now).await?;
            match redirected(&reply, &url) {
                Some(target) => url = target,
                None => return Ok(reply),
            }
        }
        Err(FetchError::Redirects { host: host(&url), hops: 5, last: host(&url) })
    }
}

/// The manners at `url`, which a redirect may have led to: consent to a private network and further
/// headers are meant for the site that was asked for.
fn at(url: &Url, request: &Request<'_>, manners: &Manners) -> Manners {
    if url.origin() == request.url.origin() || web::same_site(url, request.url) {
        return manners.clone();
    }
    Manners { allow_private: false, headers: Vec::new(), ..manners.clone() }
}

fn headers(request: &Request<'_>, manners: &Manners, url: &Url) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    if request.by_script {
        set(header::ACCEPT, "application/json, text/javascript, */*; q=0.01");
        set(HeaderName::from_static("x-requested-with"), "XMLHttpRequest");
    } else if request.is_file {
        // Only what we can hold: servers that negotiate send AVIF to whoever takes it.
        set(header::ACCEPT, "image/jpeg,image/png,image/gif,image/webp,*/*;q=0.5");
    } else {
        set(header::ACCEPT, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    }
    set(header::ACCEPT_LANGUAGE, "zh-CN,zh;q=0.9,en;q=0.5");
    for (name, value) in &manners.headers {
        if let Ok(name) = HeaderName::try_from(name.as_str()) {
            set(name, value);
        }
    }
    set(header::USER_AGENT, &manners.agent);
    if let Some(referer) = request.referer {
        set(header::REFERER, referer.as_str());
    }
    if let Some(validators) = request.validators.filter(|_| url == request.url) {
        if let Some(etag) = &validators.etag {
            set(header::IF_NONE_MATCH, etag);
        }
        if let Some(modified) = &validators.last_modified {
            set(header::IF_MODIFIED_SINCE, modified);
        }
    }
    headers
}

fn redirected(reply: &Reply, from: &Url) -> Option<Url> {
    if !matches!(reply.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    // Some servers send Chinese addresses as they are.
    let target = String::from_utf8_lossy(reply.headers.get(header::LOCATION)?.as_bytes());
    let mut url = from.join(target.trim()).ok()?;
    url.set_fragment(None);
    Some(url)
}

/// Between half the pause and all of it, differing with address and try.
fn jittered(pause: Duration, url: &Url, tries: u32) -> Duration {
    let hash = blake3::hash(format!("{url} {tries}").as_bytes());
    pause / 2 + pause.mul_f64(f64::from(hash.as_bytes()[0]) / 512.0)
}

#[cfg(test)]
mod tests;
