//! A year of the agenda on a clock that is not real: restarts, downtime, clocks that jump, runs that
//! take too long. Everything that happens follows from a seed.

mod world;

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use chrono_tz::America::New_York;
use chrono_tz::Asia::{Kathmandu, Shanghai};
use chrono_tz::Australia::Lord_Howe;
use chrono_tz::Europe::London;
use chrono_tz::Tz;

use super::super::job::{Duty, Job, Task};
use crate::schedule::{Adaptive, CatchUp, Cron, Days, Pattern, QuietHours, Timing};

pub(in crate::daemon) use world::{Span, simulate};

/// The seeds that are tried: the one of the variable `LIANBO_YEAR_SEED`, or else one that stays
/// the same and a fresh one. A failure names its seed.
pub(in crate::daemon) fn seeds() -> Vec<u64> {
    let given = std::env::var("LIANBO_YEAR_SEED").ok().and_then(|text| text.parse().ok());
    let fresh = || RandomState::new().hash_one("year") >> 32;
    given.map_or_else(|| vec![2026, fresh()], |seed| vec![seed])
}

fn timing(expression: &str, zone: Tz) -> Timing {
    let jitter = Duration::from_secs(120);
    Timing { jitter, ..Cron::parse(expression, zone).unwrap().into() }
}

/// One job of every kind.
fn tasks() -> Vec<Task> {
    let task = |duty, subject: &str, timing| {
        let lane = subject.split('/').next().unwrap_or_default().to_owned();
        Task { job: Job::new(duty, subject), lane, timing }
    };
    let quiet = QuietHours::parse(["23:30-06:00"]).unwrap();
    let minutes = |n: u64| Duration::from_secs(60 * n);
    let adaptive = Pattern::Adaptive(Adaptive::new(minutes(20), minutes(300)));
    let all = |timing| Timing { catch_up: CatchUp::All, ..timing };
    let skip = |timing| Timing { catch_up: CatchUp::Skip, ..timing };
    vec![
        task(Duty::Refresh, "york/half", timing("30 * * * *", New_York)),
        task(Duty::Refresh, "york/night", all(timing("30 1,2 * * *", New_York))),
        task(Duty::Refresh, "london/night", skip(timing("0,30 1 * * *", London))),
        task(Duty::Refresh, "howe/quarters", timing("*/15 1-2 * * *", Lord_Howe)),
        task(Duty::Refresh, "kathmandu/day", all(timing("45 5 * * *", Kathmandu))),
        task(Duty::Refresh, "quiet/all", Timing { quiet, ..timing("*/40 * * * *", Shanghai) }),
        task(Duty::Refresh, "quick/a", timing("*/15 8-18 * * *", Shanghai)),
        task(Duty::Refresh, "quick/b", skip(timing("*/15 8-18 * * *", Shanghai))),
        task(
            Duty::Refresh,
            "learned/a",
            Timing { pattern: adaptive, ..timing("@daily", Shanghai) },
        ),
        task(
            Duty::Issue,
            "weekly",
            all(Timing { days: Days::NextWorkday, ..timing("0 16 * * 5", Shanghai) }),
        ),
        task(
            Duty::Issue,
            "daily",
            Timing { days: Days::Workdays, ..timing("0 8 * * *", Shanghai) },
        ),
    ]
}

#[test]
fn a_year_of_every_kind_of_job_loses_and_doubles_nothing() {
    for seed in seeds() {
        simulate(&tasks(), seed, Span::year_2026());
    }
}
