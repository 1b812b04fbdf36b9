//! Who asks, how often, and how many at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{HeaderMap, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::Offer;
use super::refusal::Refusal;

/// Requests that wait for news at once, over all clients; of these only half without a token.
const WAITING: usize = 256;
/// Searches at once, those that wait for their turn aside.
const SEARCHES: usize = 8;
/// How long a search waits for its turn.
const PATIENCE: Duration = Duration::from_secs(3);
/// The time in which a client's requests are counted.
const MINUTE: Duration = Duration::from_secs(60);

/// A client with a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Hash of what it shows: hashes compare in constant time and hide the length.
    pub token: blake3::Hash,
    /// Slugs of the feeds it may see; empty means all.
    pub feeds: Vec<String>,
    /// Items of an answer at most.
    pub limit: u64,
    /// Requests a minute at most.
    pub per_minute: u64,
    /// Requests that wait at the same time at most.
    pub waiting: usize,
}

/// Counts and limits, for as long as the daemon runs.
#[derive(Debug)]
pub struct Desk {
    waiting: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
    searches: Semaphore,
    visits: Mutex<HashMap<String, Visits>>,
}

#[derive(Debug)]
struct Visits {
    since: Instant,
    count: u64,
    /// How many may wait, and the places for them.
    places: (usize, Arc<Semaphore>),
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            waiting: Arc::new(Semaphore::new(WAITING)),
            strangers: Arc::new(Semaphore::new(WAITING / 2)),
            searches: Semaphore::new(SEARCHES),
            visits: Mutex::default(),
        }
    }
}

impl Desk {
    /// The client that asks, `None` for anybody; counts its visit.
    pub(super) fn admit<'o>(
        &self,
        offer: &'o Offer,
        headers: &HeaderMap,
    ) -> Result<Option<&'o Client>, Refusal> {
        let Some(shown) = bearer(headers) else {
            return if offer.public { Ok(None) } else { Err(Refusal::no_token()) };
        };
        let shown = blake3::hash(shown.as_bytes());
        // All of them are compared, so that the time tells nothing of which one it was.
        let known = offer
            .clients
            .iter()
            .fold(None, |known, client| if client.token == shown { Some(client) } else { known });
        let client = known.ok_or_else(Refusal::wrong_token)?;
        self.count(client)?;
        Ok(Some(client))
    }

    fn count(&self, client: &Client) -> Result<(), Refusal> {
        let mut visits = self.visits.lock().expect("no holder panics");
        let visits = visits.entry(client.id.clone()).or_insert_with(|| Visits::new(client));
        if visits.since.elapsed() >= MINUTE {
            visits.since = Instant::now();
            visits.count = 0;
        }
        visits.count += 1;
        if visits.count > client.per_minute {
            let left = MINUTE.saturating_sub(visits.since.elapsed());
            return Err(Refusal::too_often(left.as_secs() + 1));
        }
        Ok(())
    }

    /// A place to wait for news; given back when dropped.
    pub(super) fn wait(
        &self,
        client: Option<&Client>,
    ) -> Result<[OwnedSemaphorePermit; 2], Refusal> {
        let own = match client {
            Some(client) => {
                let mut visits = self.visits.lock().expect("no holder panics");
                let visits = visits.entry(client.id.clone()).or_insert_with(|| Visits::new(client));
                if visits.places.0 != client.waiting {
                    visits.places = Visits::places(client);
                }
                Arc::clone(&visits.places.1)
            }
            None => Arc::clone(&self.strangers),
        };
        let own = own.try_acquire_owned().map_err(|_| Refusal::busy())?;
        let all = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| Refusal::busy())?;
        Ok([own, all])
    }

    /// A turn to search; given back when dropped.
    pub(super) async fn search(&self) -> Result<tokio::sync::SemaphorePermit<'_>, Refusal> {
        match tokio::time::timeout(PATIENCE, self.searches.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Refusal::busy()),
        }
    }
}

impl Visits {
    fn new(client: &Client) -> Self {
        Self { since: Instant::now(), count: 0, places: Self::places(client) }
    }

    fn places(client: &Client) -> (usize, Arc<Semaphore>) {
        (client.waiting, Arc::new(Semaphore::new(client.waiting)))
    }
}

/// The token of `Authorization: Bearer`; other schemes may be meant for a proxy before us.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(id: &str, token: &str) -> Client {
        Client {
            id: id.to_owned(),
            token: blake3::hash(token.as_bytes()),
            feeds: Vec::new(),
            limit: 500,
            per_minute: 2,
            waiting: 1,
        }
    }

    fn headers(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        headers
    }

    fn offer(public: bool) -> Offer {
        let clients = vec![client("a", "token-of-a"), client("b", "token-of-b")];
        Offer { public, clients, ..Offer::default() }
    }

    #[test]
    fn a_token_tells_who_asks() {
        let offer = offer(true);
        for (value, id) in [
            ("Bearer token-of-b", Some("b")),
            ("bearer   token-of-a ", Some("a")),
            ("Basic dG9rZW4=", None),
        ] {
            let desk = Desk::default();
            let found = desk.admit(&offer, &headers(value)).unwrap();
            assert_eq!(found.map(|client| client.id.as_str()), id, "{value}");
        }
        for value in ["Bearer", "Bearer ", "Bearer token-of-", "Bearer token-of-ab"] {
            let refusal = Desk::default().admit(&offer, &headers(value)).unwrap_err();
            assert_eq!(refusal.status(), 401, "{value}");
        }
        assert!(Desk::default().admit(&offer, &HeaderMap::new()).unwrap().is_none());
    }

    #[test]
    fn without_the_public_only_clients_are_let_in() {
        let (offer, desk) = (offer(false), Desk::default());
        assert_eq!(desk.admit(&offer, &HeaderMap::new()).unwrap_err().status(), 401);
        assert!(desk.admit(&offer, &headers("Bearer token-of-a")).unwrap().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_asks_too_often_is_told_when_to_come_back() {
        let (offer, desk) = (offer(true), Desk::default());
        let ask = || desk.admit(&offer, &headers("Bearer token-of-a")).map(|_| ());
        assert!(ask().is_ok() && ask().is_ok());
        tokio::time::advance(Duration::from_secs(20)).await;
        let response = ask().unwrap_err().response();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["retry-after"]),
            (429, &"41".parse().unwrap())
        );
        assert!(desk.admit(&offer, &headers("Bearer token-of-b")).is_ok());
        tokio::time::advance(Duration::from_secs(40)).await;
        assert!(ask().is_ok());
    }

    #[test]
    fn places_to_wait_are_bounded_and_given_back() {
        let desk = Desk::default();
        let a = client("a", "token-of-a");
        let place = desk.wait(Some(&a)).unwrap();
        assert_eq!(desk.wait(Some(&a)).unwrap_err().status(), 503);
        assert!(desk.wait(Some(&client("b", "token-of-b"))).is_ok());
        drop(place);
        assert!(desk.wait(Some(&a)).is_ok());
        let strangers: Vec<_> = std::iter::from_fn(|| desk.wait(None).ok()).collect();
        assert_eq!(strangers.len(), WAITING / 2);
        assert!(desk.wait(Some(&a)).is_ok());
    }
}
