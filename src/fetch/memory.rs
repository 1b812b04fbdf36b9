//! What is remembered of hosts: for as long as the process lives, or longer.
//!
//! What another process has forgotten at a person's word is forgotten here too.

use std::collections::HashMap;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, NaiveDate, Utc};
use tracing::error;

use crate::model::Rest;

/// What came of remembering; an error says why it could not be done.
pub type Remembered<'a, T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send + 'a>>;

/// Remembers how often hosts were asked today, and which of them want to be left alone.
pub trait HostMemory: Send + Sync {
    /// Counts one more request to `host` on `day`; false, and nothing is counted, where `most` were
    /// made.
    fn spend<'a>(&'a self, host: &'a str, day: NaiveDate, most: u64) -> Remembered<'a, bool>;

    /// Until when `host` is left alone; of one that challenged us, also when that is over at `now`.
    fn rest<'a>(&'a self, host: &'a str, now: DateTime<Utc>) -> Remembered<'a, Option<Rest>>;

    /// Notes that `host` is left alone.
    fn keep_rest<'a>(&'a self, host: &'a str, rest: Rest) -> Remembered<'a, ()>;

    /// Forgets that `host` was left alone, where that is over at `now`.
    fn forget_rest<'a>(&'a self, host: &'a str, now: DateTime<Utc>) -> Remembered<'a, ()>;
}

/// Remembers for as long as the process lives.
#[derive(Debug, Default)]
pub(super) struct InMemory {
    spent: Mutex<HashMap<String, (NaiveDate, u64)>>,
    rests: Mutex<HashMap<String, Rest>>,
}

impl InMemory {
    fn rests(&self) -> MutexGuard<'_, HashMap<String, Rest>> {
        self.rests.lock().expect("no holder panics")
    }
}

impl HostMemory for InMemory {
    fn spend<'a>(&'a self, host: &'a str, day: NaiveDate, most: u64) -> Remembered<'a, bool> {
        let mut all = self.spent.lock().expect("no holder panics");
        let spent = all.entry(host.to_owned()).or_insert((day, 0));
        if spent.0 != day {
            *spent = (day, 0);
        }
        let allowed = spent.1 < most;
        spent.1 += u64::from(allowed);
        Box::pin(ready(Ok(allowed)))
    }

    fn rest<'a>(&'a self, host: &'a str, now: DateTime<Utc>) -> Remembered<'a, Option<Rest>> {
        let rest = self.rests().get(host).copied();
        Box::pin(ready(Ok(rest.filter(|rest| rest.until > now || rest.challenges > 0))))
    }

    fn keep_rest<'a>(&'a self, host: &'a str, rest: Rest) -> Remembered<'a, ()> {
        self.rests().insert(host.to_owned(), rest);
        Box::pin(ready(Ok(())))
    }

    fn forget_rest<'a>(&'a self, host: &'a str, now: DateTime<Utc>) -> Remembered<'a, ()> {
        let mut rests = self.rests();
        if rests.get(host).is_some_and(|rest| rest.until <= now) {
            rests.remove(host);
        }
        Box::pin(ready(Ok(())))
    }
}

/// The rests in a memory. Where it fails, hosts are read all the same: their gates remember for as
/// long as the process lives.
#[derive(Clone)]
pub(super) struct Rests {
    memory: Arc<dyn HostMemory>,
    failed: Arc<AtomicBool>,
}

impl Rests {
    pub(super) fn of(memory: Arc<dyn HostMemory>) -> Self {
        Self { memory, failed: Arc::default() }
    }

    /// What is remembered of `host`; an error where that could not be found out.
    pub(super) async fn recall(&self, host: &str, now: DateTime<Utc>) -> Result<Option<Rest>, ()> {
        self.heard(self.memory.rest(host, now).await)
    }

    /// Notes `rest`; an error where that could not be done.
    pub(super) async fn keep(&self, host: &str, rest: Rest) -> Result<(), ()> {
        self.heard(self.memory.keep_rest(host, rest).await)
    }

    pub(super) async fn forget(&self, host: &str, now: DateTime<Utc>) {
        let _ = self.heard(self.memory.forget_rest(host, now).await);
    }

    /// Tells of a failure once, until it is over.
    fn heard<T>(&self, result: Result<T, String>) -> Result<T, ()> {
        let failed = self.failed.swap(result.is_err(), Ordering::Relaxed);
        result.map_err(|what| {
            if !failed {
                error!(
                    "which hosts want to be left alone is not remembered over a restart: {what}"
                );
            }
        })
    }
}
