//! What time it is, and how to wait; tests bring their own.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_core::future::BoxFuture;

/// Reads the clock.
type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;
/// Waits.
type Wait = Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>;

/// A clock and a way to wait.
#[derive(Clone)]
pub struct Time {
    now: Now,
    wait: Wait,
}

impl Time {
    /// The clock `now`; waiting takes as long as it says.
    pub fn new(now: Now) -> Self {
        Self { now, wait: Arc::new(|time| Box::pin(tokio::time::sleep(time))) }
    }

    /// The same with another way to wait.
    #[must_use]
    pub fn waiting(mut self, wait: Wait) -> Self {
        self.wait = wait;
        self
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    pub(super) async fn wait(&self, time: Duration) {
        (self.wait)(time).await;
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Time(…)")
    }
}
