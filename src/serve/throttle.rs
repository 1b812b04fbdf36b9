//! Readers that download the same feed again and again without asking whether it changed.
//!
//! Only such requests count: whoever shows a validator, old or new, is never turned away. Offices
//! share an address, so the limit is for the operator to set, and generous.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Mutex;
use std::time::Duration;

use axum::http::{HeaderMap, header};
use ipnet::IpNet;
use tokio::time::Instant;

/// The time in which downloads are counted, from the first of them.
const PERIOD: Duration = Duration::from_secs(600);
/// Pairs of address and document that are remembered at once.
const MOST: usize = 50_000;

/// Counts downloads, for as long as the daemon runs.
#[derive(Debug, Default)]
pub struct Throttle {
    hasher: RandomState,
    counts: Mutex<HashMap<u64, (Instant, u32)>>,
}

impl Throttle {
    /// Counts a download of `path` by `from`; gives the seconds until the next one, where there were
    /// more than `most` (0: any number).
    pub(super) fn count(&self, from: IpAddr, path: &str, most: u32) -> Option<u64> {
        if most == 0 {
            return None;
        }
        let key = self.hasher.hash_one((household(from), path));
        let mut counts = self.counts.lock().expect("no holder panics");
        if counts.len() >= MOST && !counts.contains_key(&key) {
            counts.retain(|_, (since, _)| since.elapsed() < PERIOD);
            // More than can be told apart: all begin anew.
            if counts.len() >= MOST {
                counts.clear();
            }
        }
        let (since, count) = counts.entry(key).or_insert_with(|| (Instant::now(), 0));
        if since.elapsed() >= PERIOD {
            (*since, *count) = (Instant::now(), 0);
        }
        *count = count.saturating_add(1);
        (*count > most).then(|| PERIOD.saturating_sub(since.elapsed()).as_secs() + 1)
    }
}

/// Whom an address belongs to: of IPv6 a network of 64 bits is one household.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

/// Who asks: `peer`, or whom the proxies among `proxies` say they ask for. Of `X-Forwarded-For` the
/// last address that is no such proxy counts; what stands before it anybody can write. `None` where
/// a proxy does not say: all readers must not share what one of them did.
pub(super) fn asker(peer: IpAddr, request: &HeaderMap, proxies: &[IpNet]) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    let is_trusted = |address: &IpAddr| proxies.iter().any(|network| network.contains(address));
    if !is_trusted(&peer) {
        return Some(peer);
    }
    let lists: Vec<&str> = request
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
        .collect();
    let mut asker = None;
    for text in lists.into_iter().rev() {
        asker = Some(address(text.trim())?);
        if asker.is_some_and(|address| !is_trusted(&address)) {
            break;
        }
    }
    asker
}

/// An address, with or without brackets and port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(ip, _)| ip);
    let parsed = bare.unwrap_or(text).parse::<IpAddr>().ok();
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip());
    parsed.or_else(with_port).map(|address| address.to_canonical())
}

/// Whether a request asks for a document whatever its state.
pub(super) fn is_unconditional(request: &HeaderMap) -> bool {
    !request.contains_key(header::IF_NONE_MATCH) && !request.contains_key(header::IF_MODIFIED_SINCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_too_often_waits_and_others_do_not() {
        let throttle = Throttle::default();
        let (one, other) = (ip("192.0.2.1"), ip("192.0.2.2"));
        for _ in 0..3 {
            assert_eq!(throttle.count(one, "feeds/all.rss", 3), None);
        }
        tokio::time::advance(Duration::from_secs(100)).await;
        assert_eq!(throttle.count(one, "feeds/all.rss", 3), Some(501));
        assert_eq!(throttle.count(one, "feeds/all.atom", 3), None);
        assert_eq!(throttle.count(other, "feeds/all.rss", 3), None);
        assert_eq!(throttle.count(one, "feeds/all.rss", 0), None);
        tokio::time::advance(Duration::from_secs(501)).await;
        assert_eq!(throttle.count(one, "feeds/all.rss", 3), None);
    }

    #[tokio::test(start_paused = true)]
    async fn one_household_has_many_ipv6_addresses() {
        let throttle = Throttle::default();
        assert_eq!(throttle.count(ip("2001:db8::1"), "a", 1), None);
        assert!(throttle.count(ip("2001:db8::2:3"), "a", 1).is_some());
        assert_eq!(throttle.count(ip("2001:db8:0:1::1"), "a", 1), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_remembered_is_bounded() {
        let throttle = Throttle::default();
        for number in 0..2 * u32::try_from(MOST).unwrap() {
            let from = std::net::Ipv4Addr::from_bits(number).into();
            assert_eq!(throttle.count(from, "a", 1), None);
        }
        assert!(throttle.counts.lock().unwrap().len() <= MOST);
    }

    #[test]
    fn only_a_trusted_proxy_says_who_asks() {
        let proxies = ["127.0.0.0/8".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        for (peer, forwarded, wanted) in [
            ("192.0.2.9", "198.51.100.1", "192.0.2.9"),
            ("127.0.0.1", "", ""),
            ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("127.0.0.1", "203.0.113.7, 198.51.100.1", "198.51.100.1"),
            ("127.0.0.1", "198.51.100.1, 10.1.1.1", "198.51.100.1"),
            ("127.0.0.1", "10.2.2.2, 10.1.1.1", "10.2.2.2"),
            ("127.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
            ("127.0.0.1", "198.51.100.1:443", "198.51.100.1"),
            ("127.0.0.1", "198.51.100.1, unknown", ""),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            let wanted = (!wanted.is_empty()).then(|| ip(wanted));
            assert_eq!(asker(ip(peer), &headers, &proxies), wanted, "{peer} {forwarded}");
        }
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "203.0.113.7".parse().unwrap());
        headers.append("x-forwarded-for", "198.51.100.1".parse().unwrap());
        assert_eq!(asker(ip("10.0.0.1"), &headers, &proxies), Some(ip("198.51.100.1")));
        assert_eq!(asker(ip("10.0.0.1"), &headers, &[]), Some(ip("10.0.0.1")));
        assert_eq!(asker(ip("10.0.0.1"), &HeaderMap::new(), &proxies), None);
    }
}
