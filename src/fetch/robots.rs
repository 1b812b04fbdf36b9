//! robots.txt of every origin, kept for a day (RFC 9309 §2.4).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use robotxt::Robots;
use tokio::sync::Mutex as Turn;
use url::Url;

use crate::net::Reply;

use super::{FetchError, host};

/// The name we answer to in robots.txt.
const PRODUCT: &str = "lianbo";
/// A rule file is believed for so long (hours); a failure to read it is tried again sooner.
const KEPT_HOURS: i64 = 24;
const FAILURE_KEPT_HOURS: i64 = 1;
/// The longest pause that a `Crawl-delay` may ask for.
const LONGEST_DELAY: Duration = Duration::from_secs(60);

/// What is known of one origin.
#[derive(Debug, Default)]
pub(super) struct Origin {
    known: Option<Known>,
}

#[derive(Debug)]
struct Known {
    until: DateTime<Utc>,
    rules: Result<Robots, String>,
}

/// All origins.
#[derive(Debug, Default)]
pub(super) struct RobotsCache {
    origins: Mutex<HashMap<String, Arc<Turn<Origin>>>>,
    delays: Mutex<HashMap<String, Duration>>,
}

impl RobotsCache {
    /// The origin of `url`; locked while its file is fetched, so that it is fetched once.
    pub(super) fn origin(&self, url: &Url) -> Arc<Turn<Origin>> {
        let key = url.origin().ascii_serialization();
        Arc::clone(self.origins.lock().expect("no holder panics").entry(key).or_default())
    }

    /// The `Crawl-delay` of the origin of `url`, as far as it is known.
    pub(super) fn delay(&self, url: &Url) -> Duration {
        let lock = self.origin(url);
        let mut delays = self.delays.lock().expect("no holder panics");
        let key = host(url);
        if let Ok(origin) = lock.try_lock()
            && let Some(Known { rules: Ok(rules), .. }) = &origin.known
        {
            let delay = rules.crawl_delay().unwrap_or_default().min(LONGEST_DELAY);
            delays.insert(key, delay);
            return delay;
        }
        delays.get(&key).copied().unwrap_or_default()
    }
}

/// Where the file of the origin of `url` stands.
pub(super) fn address(url: &Url) -> Url {
    let mut address = url.clone();
    address.set_path("/robots.txt");
    address.set_query(None);
    address.set_fragment(None);
    address
}

impl Origin {
    pub(super) fn is_stale(&self, now: DateTime<Utc>) -> bool {
        self.known.as_ref().is_none_or(|known| known.until <= now)
    }

    /// 2xx is read, 4xx allows everything, anything else forbids everything (RFC 9309 §2.3.1).
    pub(super) fn take(&mut self, reply: Result<Reply, FetchError>, now: DateTime<Utc>) {
        let rules = match reply {
            Ok(reply) if (200..300).contains(&reply.status) => {
                let end = reply.body.len().min(robotxt::BYTE_LIMIT);
                Ok(Robots::parse(&reply.body[..end], PRODUCT))
            }
            Ok(reply) if (400..500).contains(&reply.status) => Ok(Robots::allow_all()),
            Ok(reply) => Err(format!("status {}", reply.status)),
            Err(error) => Err(error.to_string()),
        };
        let hours = if rules.is_ok() { KEPT_HOURS } else { FAILURE_KEPT_HOURS };
        self.known = Some(Known { until: now + TimeDelta::hours(hours), rules });
    }

    pub(super) fn judge(&self, url: &Url) -> Result<(), FetchError> {
        let Some(known) = &self.known else { return Ok(()) };
        let host = host(url);
        match &known.rules {
            Ok(rules) if rules.is_url_allowed(url) => Ok(()),
            Ok(_) => Err(FetchError::Robots { host, path: url.path().to_owned() }),
            Err(what) => Err(FetchError::RobotsUnknown { host, what: what.clone() }),
        }
    }
}
