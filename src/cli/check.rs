//! `check` and `next`: what the configuration means.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::config::Config;
use crate::daemon::{machine_clock, next_times};
use crate::model::Lang;

use super::{Args, Failure, load, print, say};

/// Names all faults, or says what is scheduled.
pub(super) fn check(args: &Args, lang: Lang) -> Result<u8, Failure> {
    let config = load(args, lang)?;
    let sites = config.sites.iter().filter(|site| site.enabled).count();
    let mut text = say::check_fine(lang, sites, config.columns().count(), config.feeds.len());
    text.push('\n');
    for (key, zh, en) in config.warnings() {
        eprintln!("{}", say::warning(lang, key, zh, en));
    }
    let _ = writeln!(text, "{}", say::next_times(lang));
    text.push_str(&times(&config, machine_clock()(), 5));
    print(&text)
}

/// The next `count` times of each job.
pub(super) fn next(args: &Args, count: u16) -> Result<u8, Failure> {
    let config = load(args, args.lang())?;
    print(&times(&config, machine_clock()(), usize::from(count)))
}

/// A line a job: its name, then its times in the schedule's zone.
fn times(config: &Config, now: DateTime<Utc>, count: usize) -> String {
    let zone: Tz = config.schedule.zone;
    let mut text = String::new();
    for planned in next_times(config, now, count) {
        let times: Vec<String> = planned
            .times
            .iter()
            .map(|time| time.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S %Z").to_string())
            .collect();
        let _ = writeln!(text, "  {}\t{}", planned.job, times.join("\t"));
    }
    text
}
