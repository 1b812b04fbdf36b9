//! The network of a world: asks the sites, has the line break, and watches how the guest behaves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::header;
use url::Url;

use crate::net::{Answering, Exchange, NetError, Network, Reply};

use super::fate::{Diary, Fate};
use super::faults::Fault;
use super::pages::{Answer, answer, strange};
use super::sites::{Sites, Style};

/// What the servers remember of the guest, over all its lives.
#[derive(Debug, Default)]
pub(super) struct Behaviour {
    /// Answers 304.
    pub(super) not_modified: u64,
    /// Bodies of articles that were given, and to which life.
    given: BTreeMap<String, (String, u64)>,
    /// Requests that are being answered, by host.
    inside: BTreeMap<String, usize>,
    /// What a good guest does not do.
    pub(super) complaints: Vec<String>,
}

/// The network as one life of the daemon meets it.
pub(super) struct Wire {
    pub(super) sites: Arc<Mutex<Sites>>,
    pub(super) behaviour: Arc<Mutex<Behaviour>>,
    pub(super) fate: Arc<Fate>,
    pub(super) diary: Arc<Diary>,
    pub(super) life: u64,
    /// What was asked for in this life and step, where first answers fail.
    pub(super) tried: Mutex<BTreeSet<String>>,
}

/// A request on its way; leaves also when nobody waits for it any more.
struct Inside<'w> {
    wire: &'w Wire,
    host: String,
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let mut behaviour = self.wire.behaviour.lock().unwrap();
        *behaviour.inside.entry(self.host.clone()).or_default() -= 1;
    }
}

impl Network for Wire {
    fn exchange<'a>(&'a self, asked: &'a Exchange<'a>) -> Answering<'a> {
        Box::pin(self.asked(asked))
    }
}

impl Wire {
    async fn asked(&self, asked: &Exchange<'_>) -> Result<Reply, NetError> {
        let (url, host) = (asked.url, asked.url.host_str().unwrap().to_owned());
        self.fate.pass(&format!("before asking {url}")).await;
        let inside = self.enter(&host);
        tokio::time::sleep(latency(url)).await;
        let result = self.answered(asked, &host);
        if result.is_none() {
            self.diary.note(format!("GET {url}: silence"));
            // The caller loses patience before that.
            tokio::time::sleep(Duration::from_hours(1)).await;
        }
        drop(inside);
        let told = match &result {
            Some(Ok(reply)) => reply.status.to_string(),
            Some(Err(error)) => error.to_string(),
            None => "silence".to_owned(),
        };
        self.diary.note(format!("GET {url}: {told}"));
        self.fate.pass(&format!("after asking {url}")).await;
        result.unwrap_or_else(|| Err(NetError::Timeout { host, limit_ms: 0 }))
    }

    fn enter(&self, host: &str) -> Inside<'_> {
        let mut behaviour = self.behaviour.lock().unwrap();
        let inside = behaviour.inside.entry(host.to_owned()).or_default();
        *inside += 1;
        if *inside > 1 {
            behaviour.complaints.push(format!("two requests at once to `{host}`"));
        }
        Inside { wire: self, host: host.to_owned() }
    }

    /// `None` where no answer comes.
    fn answered(&self, asked: &Exchange<'_>, host: &str) -> Option<Result<Reply, NetError>> {
        let path = asked.url[url::Position::BeforePath..].to_owned();
        let name = host.strip_prefix("www.").unwrap_or(host);
        let sites = self.sites.lock().unwrap();
        let Some(site) = sites.sites.iter().find(|site| site.host == name) else {
            return Some(Ok(strange(&path).reply));
        };
        let cut =
            |bytes| NetError::Truncated { host: host.to_owned(), bytes, what: "eof".to_owned() };
        let fault = site.fault.map(|(fault, _)| fault);
        match fault {
            Some(Fault::Silent) => return None,
            Some(Fault::Unreachable) => {
                let (host, what) = (host.to_owned(), "refused".to_owned());
                return Some(Err(NetError::Connect { host, what }));
            }
            Some(Fault::Truncated) => return Some(Err(cut(100))),
            Some(Fault::Flaky)
                if path != "/robots.txt"
                    && self.tried.lock().unwrap().insert(asked.url.to_string()) =>
            {
                return Some(Ok(Reply {
                    status: 502,
                    headers: http::HeaderMap::new(),
                    body: Bytes::new(),
                }));
            }
            _ => {}
        }
        let Answer { reply, tag } = answer(site, &path);
        // One that was gone and is back is asked for anew.
        let is_old = site.article(&path).is_some_and(|article| !article.was_gone);
        let named = [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE]
            .iter()
            .find_map(|name| asked.headers.get(name).and_then(|value| value.to_str().ok()));
        let known = named.is_some() && (named == tag.as_deref() || fault == Some(Fault::Asleep));
        let mut behaviour = self.behaviour.lock().unwrap();
        if known && reply.status == 200 {
            behaviour.not_modified += 1;
            return Some(Ok(Reply {
                status: 304,
                headers: http::HeaderMap::new(),
                body: Bytes::new(),
            }));
        }
        if reply.status != 200 || tag.is_none() {
            // What the guest knew of the article has given way to something else.
            behaviour.given.remove(&format!("{name}{path}"));
        }
        if let Some(tag) = tag.filter(|_| is_old && site.style != Style::Plain) {
            // Whoever was killed with the page in his hands asks once more.
            let key = format!("{name}{path}");
            let before = behaviour.given.insert(key, (tag.clone(), self.life));
            if before == Some((tag, self.life)) {
                behaviour.complaints.push(format!("`{name}{path}` was fetched twice, unchanged"));
            }
        }
        Some(Ok(reply))
    }
}

/// So long a request takes.
fn latency(url: &Url) -> Duration {
    let hash = blake3::hash(url.as_str().as_bytes());
    Duration::from_millis(1 + u64::from(hash.as_bytes()[0] % 16))
}
