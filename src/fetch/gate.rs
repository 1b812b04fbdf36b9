//! One gate a host: one request at a time, a pause after each, closed while the site wants rest.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};
use tokio::time::Instant;

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
    closed: Mutex<Option<DateTime<Utc>>>,
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

    /// Until when the site wants to be left alone.
    pub(super) fn closed_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.closed.lock().expect("no holder panics").filter(|until| *until > now)
    }

    pub(super) fn close(&self, until: DateTime<Utc>) {
        *self.closed.lock().expect("no holder panics") = Some(until);
    }

    fn is_at_rest(&self) -> bool {
        let open = self.closed.lock().expect("no holder panics").is_none();
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
