//! How many requests a host gets in one day.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::{FetchError, HostMemory};

/// How many requests a host gets in one day, and where that day begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Requests a day at most, redirects and robots.txt included.
    pub most: u64,
    /// In which zone the day begins and ends.
    pub zone: Tz,
}

impl Budget {
    /// Counts a request that is about to be sent.
    pub(super) async fn spend(
        &self,
        memory: &dyn HostMemory,
        host: &str,
        now: DateTime<Utc>,
    ) -> Result<(), FetchError> {
        let day = now.with_timezone(&self.zone).date_naive();
        let host_name = || host.to_owned();
        match memory.spend(host, day, self.most).await {
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
    use crate::fetch::memory::InMemory;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn a_day_has_so_many_requests_and_the_next_as_many() {
        let memory = InMemory::default();
        let budget = Budget { most: 2, zone: Shanghai };
        let (evening, midnight) = (at("2026-11-03T15:59:59Z"), at("2026-11-03T16:00:00Z"));
        for _ in 0..2 {
            budget.spend(&memory, "a.test", evening).await.unwrap();
        }
        let error = budget.spend(&memory, "a.test", evening).await.unwrap_err();
        let used = FetchError::BudgetUsed { host: "a.test".to_owned(), most: 2, until: midnight };
        assert_eq!(error, used);
        assert_eq!(
            error.to_string(),
            "the 2 requests that `a.test` gets in one day are used up; on it goes at 2026-11-04 00:00 +08:00"
        );
        budget.spend(&memory, "b.test", evening).await.unwrap();
        budget.spend(&memory, "a.test", midnight).await.unwrap();
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
