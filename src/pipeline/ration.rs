//! Requests of the day, counted in the store.

use chrono::NaiveDate;

use crate::fetch::{Counted, Tally};
use crate::store::SqliteStore;

/// Counts in the store, so that a restart gives no host more than its budget.
pub struct Ration(pub SqliteStore);

impl Tally for Ration {
    fn spend<'a>(&'a self, host: &'a str, day: NaiveDate, most: u64) -> Counted<'a> {
        Box::pin(
            async move { self.0.spend(host, day, most).await.map_err(|error| error.to_string()) },
        )
    }
}
