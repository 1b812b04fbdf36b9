//! Cookies, kept for each host by itself and for as long as the process runs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderValue;
use reqwest::cookie::{CookieStore, Jar};
use url::Url;

/// Cookies of one host; a host that sets more begins anew.
const MAX_COOKIES: usize = 64;
/// Longer ones are not kept (bytes).
const MAX_LENGTH: usize = 4096;
/// Hosts with cookies.
const MAX_HOSTS: usize = 4096;

/// The cookies of all hosts; what a host sets is shown to that host only.
#[derive(Debug, Default)]
pub(super) struct Cookies(Mutex<HashMap<String, Host>>);

#[derive(Debug, Default)]
struct Host {
    jar: Arc<Jar>,
    set: usize,
}

impl CookieStore for Cookies {
    fn set_cookies(&self, headers: &mut dyn Iterator<Item = &HeaderValue>, url: &Url) {
        let kept: Vec<&HeaderValue> = headers.filter(|value| value.len() <= MAX_LENGTH).collect();
        let Some(name) = url.host_str().filter(|_| !kept.is_empty()) else { return };
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= MAX_HOSTS && !hosts.contains_key(name) {
            hosts.clear();
        }
        let host = hosts.entry(name.to_owned()).or_default();
        if host.set + kept.len() > MAX_COOKIES {
            *host = Host::default();
        }
        let kept = &kept[..kept.len().min(MAX_COOKIES)];
        host.set += kept.len();
        host.jar.set_cookies(&mut kept.iter().copied(), url);
    }

    fn cookies(&self, url: &Url) -> Option<HeaderValue> {
        let hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let jar = hosts.get(url.host_str()?).map(|host| Arc::clone(&host.jar))?;
        jar.cookies(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(cookies: &Cookies, url: &str, values: &[String]) {
        let values: Vec<HeaderValue> =
            values.iter().map(|value| HeaderValue::from_str(value).unwrap()).collect();
        cookies.set_cookies(&mut values.iter(), &url.parse().unwrap());
    }

    fn shown(cookies: &Cookies, url: &str) -> String {
        let value = cookies.cookies(&url.parse().unwrap());
        value.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    #[test]
    fn a_host_sees_its_own() {
        let cookies = Cookies::default();
        set(
            &cookies,
            "http://a.test/x/",
            &["s=2; Path=/; Domain=test".into(), "k=1; Path=/x".into()],
        );
        assert_eq!(shown(&cookies, "http://a.test/y"), "s=2");
        assert_eq!(shown(&cookies, "http://b.test/"), "");
        set(&cookies, "http://a.test/", &["s=3; Path=/; Domain=test".into()]);
        assert_eq!(shown(&cookies, "http://a.test/y"), "s=3");
    }

    #[test]
    fn nobody_fills_our_memory() {
        let cookies = Cookies::default();
        set(&cookies, "http://a.test/", &[format!("long={}", "x".repeat(5000))]);
        assert_eq!(shown(&cookies, "http://a.test/"), "");
        for n in 0..200 {
            set(&cookies, "http://a.test/", &[format!("c{n}=1; Path=/")]);
        }
        assert!(shown(&cookies, "http://a.test/").split("; ").count() <= MAX_COOKIES);
        for n in 0..=MAX_HOSTS {
            set(&cookies, &format!("http://h{n}.test/"), &["c=1".into()]);
        }
        assert!(cookies.0.lock().unwrap().len() <= MAX_HOSTS);
    }
}
