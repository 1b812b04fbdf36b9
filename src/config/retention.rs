//! `[retention]`: how long what is not an item is kept, and how much room all of it may take.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::Both;
use crate::schedule::{Cron, Timing};

use super::forms::cron;
use super::reader::{Section, parse_bytes};
use super::settings::Schedule;
use super::timing;

/// `[retention]`.
#[derive(Clone, Debug)]
pub struct Retention {
    /// When the daemon prunes.
    pub at: Timing,
    /// How long article pages are kept as they were fetched.
    pub pages: Age,
    /// How long the texts of earlier revisions are kept; the first and the current one always are.
    pub revisions: Age,
    /// How long files are kept that no item names any more.
    pub pictures: Age,
    /// How long traces of what is over are kept: healed problems, failures, runs.
    pub records: Age,
    /// The bytes that the data folder may take up; `None` sets no limit.
    pub disk_budget: Option<u64>,
    /// Below so many free bytes of the file system the operator is told; 0 never.
    pub disk_free: u64,
}

/// How long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// So long.
    Of(Duration),
    /// For ever.
    Unlimited,
}

/// Longer than any machine is off.
const NEVER_LATE: Duration = Duration::from_secs(OLDEST_DAYS * 86_400);
/// What is younger may still be needed by a run: looks follow an article for days.
const YOUNGEST_DAYS: u64 = 7;
/// A century.
const OLDEST_DAYS: u64 = 36_525;
/// Less would be a slip of the pen: an empty database has as much.
const LEAST_BUDGET: u64 = 1 << 20;

impl Age {
    /// What is older than this was before the time it gives; `None` where all is kept.
    pub fn before(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let Self::Of(age) = self else { return None };
        now.checked_sub_signed(TimeDelta::from_std(age).ok()?)
    }
}

impl Retention {
    /// Reads `[retention]`; what is at fault is replaced so that everything else can be checked.
    pub(super) fn read(section: &Section<'_>, schedule: &Schedule) -> Self {
        let zone = schedule.zone;
        let daily = || Cron::parse("@daily", zone).expect("a macro of ours");
        let at = section.parsed("at", |text| cron(text, zone)).unwrap_or_else(daily);
        let aged = |key| section.parsed(key, age).unwrap_or(Age::Unlimited);
        let retention = Self {
            // Nobody waits for it: a machine that was off at night prunes when it is on again.
            at: Timing { late_after: NEVER_LATE, ..timing::with_cron(&schedule.own, at) },
            pages: aged("pages"),
            revisions: aged("revisions"),
            pictures: aged("pictures"),
            records: aged("records"),
            disk_budget: section.parsed("disk_budget", budget).flatten(),
            disk_free: section.parsed("disk_free", parse_bytes).unwrap_or(1 << 30),
        };
        section.finish();
        retention
    }
}

/// `400d`, `3y` or `unlimited`.
fn age(text: &str) -> Result<Age, Both> {
    if text == "unlimited" {
        return Ok(Age::Unlimited);
    }
    let number = |unit: char| text.strip_suffix(unit).and_then(|n| n.parse::<u64>().ok());
    let days = number('d').or_else(|| number('y').and_then(|years| years.checked_mul(365)));
    match days {
        Some(days) if (YOUNGEST_DAYS..=OLDEST_DAYS).contains(&days) => {
            Ok(Age::Of(Duration::from_secs(days * 86_400)))
        }
        _ => Err(Both::new(
            format!(
                "“{text}”不是保留期限；应如 400d（天）、3y（年）或 unlimited，至少 {YOUNGEST_DAYS}d"
            ),
            format!(
                "`{text}` is no age; wanted such as 400d, 3y or unlimited, {YOUNGEST_DAYS}d at least"
            ),
        )),
    }
}

/// A size, or 0 for none.
fn budget(text: &str) -> Result<Option<u64>, Both> {
    match parse_bytes(text)? {
        0 => Ok(None),
        bytes if bytes < LEAST_BUDGET => Err(Both::new(
            format!("“{text}”太小，容不下数据库；至少 1MB，0 为不限"),
            format!("`{text}` has no room for the database; 1MB at least, or 0 for no limit"),
        )),
        bytes => Ok(Some(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_days_or_years_and_never_too_young() {
        let days = |days: u64| Ok(Age::Of(Duration::from_secs(days * 86_400)));
        assert_eq!(age("400d"), days(400));
        assert_eq!(age("3y"), days(1095));
        assert_eq!(age("7d"), days(7));
        assert_eq!(age("unlimited"), Ok(Age::Unlimited));
        for wrong in ["", "6d", "0y", "400", "d", "-9d", "1.5y", "三年", "99999999999999999999y"]
        {
            assert!(age(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_budget_is_none_or_has_room_for_something() {
        assert_eq!(budget("0"), Ok(None));
        assert_eq!(budget("20GB"), Ok(Some(20 << 30)));
        for wrong in ["1KB", "20G", "much"] {
            assert!(budget(wrong).is_err(), "{wrong}");
        }
    }
}
