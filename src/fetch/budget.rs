//! How many requests a host gets in one day.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::FetchError;

/// How many requests a host gets in one day, and where that day begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Requests a day at most, redirects and robots.txt included.
    pub most: u64,
    /// In which zone the day begins and ends.
    pub zone: Tz,
}

/// Whether a request may be sent; an error says why it could not be counted.
pub type Counted<'a> = Pin<Box<dyn Future<Output = Result<bool, String>> + Send + 'a>>;

/// Counts the requests of a day: in memory, or where it outlives the process.
pub trait Tally: Send + Sync {
    /// Counts one more request to `host` on `day`; false, and nothing is counted, where `most` were
    /// made.
    fn spend<'a>(&'a self, host: &'a str, day: NaiveDate, most: u64) -> Counted<'a>;
}

/// Counts for as long as the process lives.
#[derive(Debug, Default)]
pub(super) struct InMemory {
    spent: Mutex<HashMap<String, (NaiveDate, u64)>>,
}

impl Tally for InMemory {
    fn spend<'a>(&'a self, host: &'a str, day: NaiveDate, most: u64) -> Counted<'a> {
        let mut all = self.spent.lock().expect("no holder panics");
        let spent = all.entry(host.to_owned()).or_insert((day, 0));
        if spent.0 != day {
            *spent = (day, 0);
        }
        let allowed = spent.1 < most;
        spent.1 += u64::from(allowed);
        Box::pin(std::future::ready(Ok(allowed)))
    }
}

impl Budget {
    /// Counts a request that is about to be sent.
    pub(super) async fn spend(
        &self,
        tally: &dyn Tally,
        host: &str,
        now: DateTime<Utc>,
    ) -> Result<(), FetchError> {
        let day = now.with_timezone(&self.zone).date_naive();
        let host_name = || host.to_owned();
        match tally.spend(host, day, self.most).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(FetchError::BudgetUsed {
                host: host_name(),
                most: self.most,
                until: self.next_day(day),
            }),
            Err(what) => Err(FetchError::NotCounted { host: host_name(), what }),
        }
    }

    /// When the day after `day` begins. Where clocks leave out its midnight, right after the gap.
    fn next_day(&self, day: NaiveDate) -> DateTime<Utc> {
        let midnight = (day + TimeDelta::days(1)).and_time(NaiveTime::MIN);
        let quarters = (0..8).map(|n| midnight + TimeDelta::minutes(15 * n));
        let first =
            quarters.filter_map(|wall| self.zone.from_local_datetime(&wall).earliest()).next();
        first.map_or_else(|| midnight.and_utc(), |time| time.with_timezone(&Utc))
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Africa::Cairo;
    use chrono_tz::Asia::Shanghai;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn a_day_has_so_many_requests_and_the_next_as_many() {
        let tally = InMemory::default();
        let budget = Budget { most: 2, zone: Shanghai };
        let (evening, midnight) = (at("2026-11-03T15:59:59Z"), at("2026-11-03T16:00:00Z"));
        for _ in 0..2 {
            budget.spend(&tally, "a.test", evening).await.unwrap();
        }
        let error = budget.spend(&tally, "a.test", evening).await.unwrap_err();
        let used = FetchError::BudgetUsed { host: "a.test".to_owned(), most: 2, until: midnight };
        assert_eq!(error, used);
        assert_eq!(
            error.to_string(),
            "the 2 requests that `a.test` gets in one day are used up; on it goes at 2026-11-04 00:00 +08:00"
        );
        budget.spend(&tally, "b.test", evening).await.unwrap();
        budget.spend(&tally, "a.test", midnight).await.unwrap();
    }

    #[test]
    fn a_day_may_begin_after_a_gap() {
        // In 2026 the clocks of Cairo leave out the first hour of 24 April.
        let budget = Budget { most: 1, zone: Cairo };
        let next = budget.next_day("2026-04-23".parse().unwrap());
        assert_eq!(next, at("2026-04-23T22:00:00Z"));
        assert_eq!(budget.next_day("2026-06-01".parse().unwrap()), at("2026-06-01T21:00:00Z"));
    }
}
