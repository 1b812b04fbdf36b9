//! What is remembered of hosts, kept in the store.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use crate::fetch::{self, HostMemory, Remembered};
use crate::model::{ColumnId, Rest};
use crate::store::{SqliteStore, StoreError};

use super::Pipeline;

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

impl Pipeline {
    /// A person says that the hosts of `columns` let us in again: they are asked by whoever reads them
    /// next, a daemon that is running too.
    pub async fn may_be_asked(&self, columns: &[ColumnId]) -> Result<(), StoreError> {
        let read = columns.iter().filter_map(|id| self.config.column(id));
        let hosts: BTreeSet<String> = read
            .flat_map(|(site, column)| site.home.iter().chain([&column.url]))
            .map(fetch::host)
            .collect();
        self.store.end_rests(hosts.into_iter().collect()).await
    }
}
