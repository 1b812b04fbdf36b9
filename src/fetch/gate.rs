//! One gate a host: one request at a time, a pause after each, closed while the site wants rest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Mutex as Turn, OnceCell, OwnedMutexGuard};
use tokio::time::Instant;
use url::Url;

use crate::model::Rest;

use super::memory::Rests;
use super::wait::LONGEST_RETRY_AFTER;
use super::{FetchError, Product};

/// All gates. Those of hosts that nobody asks for any more are taken away.
#[derive(Debug, Default)]
pub(super) struct Gates {
    by_host: Mutex<HashMap<String, Arc<Gate>>>,
}

/// Above so many gates, unused ones are looked for.
const MANY: usize = 256;

impl Gates {
    pub(super) fn of(&self, host: &str) -> Arc<Gate> {
        let mut gates = self.by_host.lock().expect("no holder panics");
        if gates.len() > MANY {
            gates.retain(|_, gate| Arc::strong_count(gate) > 1 || !gate.is_at_rest());
        }
        Arc::clone(gates.entry(host.to_owned()).or_insert_with(|| Arc::new(Gate::of(host))))
    }
}

/// The name of the gate on the way to `url`: its host, with the port where that is an unusual one.
pub fn host(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    }
}

/// The gate of one host.
#[derive(Debug)]
pub(super) struct Gate {
    host: String,
    /// When the next request may begin.
    turn: Arc<Turn<Option<Instant>>>,
    /// Set once it is known what an earlier process was told.
    recalled: OnceCell<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    closed: Option<Closed>,
    /// Challenges since the last page that was let through.
    challenges: u32,
}

/// Why a host is left alone, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Closed {
    until: DateTime<Utc>,
    /// Whose challenge page came, and with what status; none means that the site asked us to wait.
    challenge: Option<(Product, u16)>,
    /// It is remembered outside, so that it is over once it is forgotten there.
    noted: bool,
}

/// A host that challenged us is left alone for so long (hours); twice as long each time after that.
const FIRST_REST: i64 = 6;
/// The longest that it is left alone (hours): the operator should see within a day that the address
/// was let through.
const LONGEST_REST: i64 = 24;

/// The right to send one request.
pub(super) struct Pass {
    next: OwnedMutexGuard<Option<Instant>>,
}

impl Gate {
    fn of(host: &str) -> Self {
        let (turn, recalled, state) = Default::default();
        Self { host: host.to_owned(), turn, recalled, state }
    }

    /// Waits for the turn and for the pause after the last request.
    pub(super) async fn enter(&self) -> Pass {
        let next = Arc::clone(&self.turn).lock_owned().await;
        if let Some(at) = *next {
            tokio::time::sleep_until(at).await;
        }
        Pass { next }
    }

    /// An error that says why the host is left alone at `now`, if it is. What is remembered of it is
    /// looked up the first time, and while the host is left alone: a person may have ended that.
    pub(super) async fn ask(&self, rests: &Rests, now: DateTime<Utc>) -> Result<(), FetchError> {
        // What could not be looked up is looked up the next time.
        let _ = self
            .recalled
            .get_or_try_init(async || {
                rests.recall(&self.host, now).await.map(|rest| self.recall(rest, now))
            })
            .await;
        let closed = self.state().closed.filter(|closed| closed.until > now);
        let Some(closed) = closed else { return Ok(()) };
        if closed.noted && rests.recall(&self.host, now).await == Ok(None) && self.reopen(closed) {
            return Ok(());
        }
        Err(self.error(closed))
    }

    /// Lets requests through again that `closed` kept out; false where another reason came since.
    fn reopen(&self, closed: Closed) -> bool {
        let mut state = self.state();
        let is_same = state.closed.is_none_or(|now| now == closed);
        if is_same {
            *state = State::default();
        }
        is_same
    }

    /// Goes on from `rest`, unless the host was heard of since.
    fn recall(&self, rest: Option<Rest>, now: DateTime<Utc>) {
        // One that no site may ask for was noted by a clock that was wrong.
        let longest = TimeDelta::seconds(LONGEST_RETRY_AFTER);
        let Some(rest) = rest.filter(|rest| rest.until - now <= longest) else { return };
        let mut state = self.state();
        if state.closed.is_none() {
            let challenge = rest.challenge.map(|(code, status)| (Product::told_as(code), status));
            state.closed = Some(Closed { until: rest.until, challenge, noted: true });
            state.challenges = rest.challenges;
        }
    }

    /// Closes until the site wants to be asked again.
    pub(super) async fn wait(&self, until: DateTime<Utc>, rests: &Rests) -> FetchError {
        self.close(rests, |_| Closed { until, challenge: None, noted: false }).await
    }

    /// Closes for hours, since whoever challenges does not want us and asking again changes nothing.
    pub(super) async fn challenged(
        &self,
        by: (Product, u16),
        now: DateTime<Utc>,
        rests: &Rests,
    ) -> FetchError {
        self.close(rests, |challenges| {
            let hours = FIRST_REST << (*challenges).min(8);
            *challenges = challenges.saturating_add(1);
            let until = now + TimeDelta::hours(hours.min(LONGEST_REST));
            Closed { until, challenge: Some(by), noted: false }
        })
        .await
    }

    /// Closes as `how` says of the challenges so far, and gives the error that requests meet till
    /// then.
    async fn close(&self, rests: &Rests, how: impl FnOnce(&mut u32) -> Closed) -> FetchError {
        let (closed, rest) = {
            let mut state = self.state();
            let closed = how(&mut state.challenges);
            state.closed = Some(closed);
            let Closed { until, challenge, .. } = closed;
            let challenge = challenge.map(|(product, status)| (product.code(), status));
            (closed, Rest { until, challenge, challenges: state.challenges })
        };
        if rests.keep(&self.host, rest).await.is_ok() {
            let mut state = self.state();
            if let Some(now) = state.closed.as_mut().filter(|now| **now == closed) {
                now.noted = true;
            }
        }
        self.error(closed)
    }

    /// A page came that was asked for at `now`.
    pub(super) async fn let_through(&self, rests: &Rests, now: DateTime<Utc>) {
        let was_closed = {
            let mut state = self.state();
            // Whoever came after may have closed it.
            let is_over = state.closed.is_some_and(|closed| closed.until <= now);
            if is_over {
                *state = State::default();
            }
            is_over
        };
        if was_closed {
            rests.forget(&self.host, now).await;
        }
    }

    /// The error that requests meet while the host is left alone.
    fn error(&self, closed: Closed) -> FetchError {
        let (host, until) = (self.host.clone(), closed.until);
        match closed.challenge {
            Some((product, status)) => FetchError::Challenge { host, product, status, until },
            None => FetchError::RateLimited { host, until },
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder panics")
    }

    fn is_at_rest(&self) -> bool {
        let state = self.state();
        let open = state.closed.is_none();
        drop(state);
        let free = self.turn.try_lock().is_ok_and(|next| next.is_none_or(|at| at < Instant::now()));
        open && free
    }
}

impl Pass {
    /// Ends the turn; the next one begins after `gap`.
    pub(super) fn leave(mut self, gap: Duration) {
        *self.next = Some(Instant::now() + gap);
    }
}
