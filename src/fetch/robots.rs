//! robots.txt of every origin, kept for a day (RFC 9309 §2.4).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use robotxt::Robots;
use tokio::sync::Mutex as Turn;
use url::Url;

use crate::model::ProblemCode;
use crate::net::Reply;

use super::{FetchError, host};

/// The name we answer to in robots.txt.
const PRODUCT: &str = "lianbo";
/// A rule file is believed for so long (minutes); a failure to read it is tried again soon, so that
/// a site that is back is read with the next run.
const KEPT_MINUTES: i64 = 24 * 60;
const FAILURE_KEPT_MINUTES: i64 = 5;
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
    rules: Result<Robots, FetchError>,
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
    pub(super) fn take(&mut self, reply: Result<Reply, FetchError>, url: &Url, now: DateTime<Utc>) {
        let unknown = |code, what| FetchError::RobotsUnknown { host: host(url), code, what };
        let rules = match reply {
            Ok(reply) if (200..300).contains(&reply.status) => {
                let end = reply.body.len().min(robotxt::BYTE_LIMIT);
                Ok(Robots::parse(&reply.body[..end], PRODUCT))
            }
            Ok(reply) if (400..500).contains(&reply.status) => Ok(Robots::allow_all()),
            Ok(reply) => Err(unknown(ProblemCode::HttpStatus, format!("status {}", reply.status))),
            // Nothing that robots.txt has to do with: the address itself is not to be visited.
            Err(error) if error.code() == ProblemCode::AddressRefused => Err(error),
            Err(error) => Err(unknown(error.code(), error.to_string())),
        };
        let minutes = if rules.is_ok() { KEPT_MINUTES } else { FAILURE_KEPT_MINUTES };
        self.known = Some(Known { until: now + TimeDelta::minutes(minutes), rules });
    }

    pub(super) fn judge(&self, url: &Url) -> Result<(), FetchError> {
        let Some(known) = &self.known else { return Ok(()) };
        match &known.rules {
            Ok(rules) if rules.is_url_allowed(url) => Ok(()),
            Ok(_) => Err(FetchError::Robots { host: host(url), path: url.path().to_owned() }),
            Err(error) => Err(error.clone()),
        }
    }
}
