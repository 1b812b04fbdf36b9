//! One gate a host: one request at a time, a pause after each, closed while the site wants rest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};
use tokio::time::Instant;

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
        Arc::clone(gates.entry(host.to_owned()).or_default())
    }
}

/// The gate of one host.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// When the next request may begin.
    turn: Arc<Turn<Option<Instant>>>,
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
pub(super) struct Closed {
    until: DateTime<Utc>,
    /// Whose challenge page came, and with what status; none means that the site asked us to wait.
    challenge: Option<(Product, u16)>,
}

/// A host that challenged us is left alone for so long (hours); twice as long each time after that.
const FIRST_REST: i64 = 6;
/// The longest that it is left alone (hours): the operator should see within a day that the address
/// was let through.
const LONGEST_REST: i64 = 24;

impl Closed {
    /// The error that requests to `host` meet till then.
    pub(super) fn error(self, host: String) -> FetchError {
        let until = self.until;
        match self.challenge {
            Some((product, status)) => FetchError::Challenge { host, product, status, until },
            None => FetchError::RateLimited { host, until },
        }
    }
}

/// The right to send one request.
pub(super) struct Pass {
    next: OwnedMutexGuard<Option<Instant>>,
}

impl Gate {
    /// Waits for the turn and for the pause after the last request.
    pub(super) async fn enter(&self) -> Pass {
        let next = Arc::clone(&self.turn).lock_owned().await;
        if let Some(at) = *next {
            tokio::time::sleep_until(at).await;
        }
        Pass { next }
    }

    /// Why the host is left alone at `now`, if it is.
    pub(super) fn closed(&self, now: DateTime<Utc>) -> Option<Closed> {
        self.state().closed.filter(|closed| closed.until > now)
    }

    /// Closes until the site wants to be asked again.
    pub(super) fn wait(&self, until: DateTime<Utc>) -> Closed {
        *self.state().closed.insert(Closed { until, challenge: None })
    }

    /// Closes for hours, since whoever challenges does not want us and asking again changes nothing.
    pub(super) fn challenged(&self, product: Product, status: u16, now: DateTime<Utc>) -> Closed {
        let mut state = self.state();
        let hours = FIRST_REST << state.challenges.min(8);
        state.challenges = state.challenges.saturating_add(1);
        let until = now + TimeDelta::hours(hours.min(LONGEST_REST));
        *state.closed.insert(Closed { until, challenge: Some((product, status)) })
    }

    /// A page came.
    pub(super) fn let_through(&self) {
        self.state().challenges = 0;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder panics")
    }

    fn is_at_rest(&self) -> bool {
        let state = self.state();
        let open = state.closed.is_none() && state.challenges == 0;
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
