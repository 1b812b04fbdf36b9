//! What is remembered of hosts, kept in the store.

use chrono::{DateTime, NaiveDate, Utc};

use crate::fetch::{HostMemory, Remembered};
use crate::model::Rest;
use crate::store::SqliteStore;

/// Remembers in the store, so that a restart gives no host more than its budget, and none less than
/// the rest it asked for.
pub struct StoredMemory(pub SqliteStore);

impl HostMemory for StoredMemory {
    fn spend<'a>(&'a self, host: &'a str, day: NaiveDate, most: u64) -> Remembered<'a, bool> {
        Box::pin(
            async move { self.0.spend(host, day, most).await.map_err(|error| error.to_string()) },
        )
    }

    fn rest<'a>(&'a self, host: &'a str, now: DateTime<Utc>) -> Remembered<'a, Option<Rest>> {
        Box::pin(async move { self.0.rest(host, now).await.map_err(|error| error.to_string()) })
    }

    fn keep_rest<'a>(&'a self, host: &'a str, rest: Rest) -> Remembered<'a, ()> {
        Box::pin(
            async move { self.0.keep_rest(host, rest).await.map_err(|error| error.to_string()) },
        )
    }

    fn forget_rest<'a>(&'a self, host: &'a str, now: DateTime<Utc>) -> Remembered<'a, ()> {
        Box::pin(
            async move { self.0.forget_rest(host, now).await.map_err(|error| error.to_string()) },
        )
    }
}
