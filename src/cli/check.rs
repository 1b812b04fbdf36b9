//! `check` and `next`: what the configuration means.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use crate::config::Config;
use crate::daemon::{Horizon, Planned, machine_clock, next_times, unknown_years};
use crate::model::Lang;
use crate::store::{self, SqliteStore, StoreError};

use super::ledger::begin_of;
use super::operate::block_on;
use super::{Args, Failure, USAGE, load, print, say};

/// Names all faults, or says what is scheduled.
pub(super) fn check(args: &Args, lang: Lang) -> Result<u8, Failure> {
    let config = load(args, lang)?;
    refuse_other_ids(&config, lang)?;
    let (now, zone) = (machine_clock()(), config.schedule.zone);
    let planned = next_times(&config, now, Horizon { count: 5, until: None });
    warn(&config, lang);
    for year in unknown_years(&config, now) {
        eprintln!("{}", say::unknown_year(lang, year));
    }
    for job in planned.iter().filter(|job| job.times.is_empty()) {
        eprintln!("{}", say::never_again(lang, &name(job, lang)));
    }
    let sites = config.sites.iter().filter(|site| site.enabled).count();
    let mut text = say::check_fine(lang, sites, config.columns().count(), config.feeds.len());
    let offset = now.with_timezone(&zone).format("%:z").to_string();
    let jitter = config.columns().map(|(_, column)| column.timing.jitter).max().unwrap_or_default();
    let _ = writeln!(text, "\n\n{}", say::next_times(lang, zone.name(), &offset, jitter));
    text.push_str(&table(&planned, None, zone, lang));
    let on_change = config.feeds.iter().filter(|feed| feed.timing.is_none()).count();
    if on_change > 0 {
        let _ = writeln!(text, "{}", say::on_change(lang, on_change));
    }
    print(&text)
}

/// Fails where the items in the data folder have other ids: no daemon starts there.
fn refuse_other_ids(config: &Config, lang: Lang) -> Result<(), Failure> {
    let data = &config.daemon.data;
    if !data.join(store::DATABASE).is_file() {
        return Ok(());
    }
    block_on(async {
        let Ok(store) = SqliteStore::open_read_only(data) else { return Ok(()) };
        match store.check_ids(&config.id.authority, &config.id.date).await {
            Err(error @ StoreError::IdFrozen { .. }) => {
                let message = say::problem(lang, error.code(), &error.to_string());
                Err(Failure { code: USAGE, message })
            }
            // What else may be wrong there is no fault of the configuration.
            _ => Ok(()),
        }
    })
}

/// Tells on stderr what the operator should still set.
pub(super) fn warn(config: &Config, lang: Lang) {
    let file = config.file.display().to_string();
    for (key, what) in config.warnings() {
        eprintln!("{}", say::warning(lang, &file, key, what.text(lang)));
    }
}

/// The next `count` times of each job, up to the end of the day `until`.
pub(super) fn next(
    args: &Args,
    count: Option<u16>,
    until: Option<NaiveDate>,
) -> Result<u8, Failure> {
    let lang = args.lang();
    let config = load(args, lang)?;
    let (now, zone) = (machine_clock()(), config.schedule.zone);
    if let Some(day) = until.filter(|day| *day < now.with_timezone(&zone).date_naive()) {
        return Err(Failure { code: USAGE, message: say::until_in_past(lang, day) });
    }
    let usual = if until.is_some() { MOST } else { 5 };
    let horizon = Horizon {
        count: usize::from(count.unwrap_or(usual)),
        until: until.map(|day| begin_of(day + TimeDelta::days(1), zone) - TimeDelta::seconds(1)),
    };
    let planned = next_times(&config, now, horizon);
    print(&table(&planned, until, zone, lang))
}

/// Times of one job that are listed up to a day, at most.
const MOST: u16 = 1000;

/// A line a job: its id, its times in `zone` up to the end of `until`, its name.
fn table(planned: &[Planned], until: Option<NaiveDate>, zone: Tz, lang: Lang) -> String {
    let width = planned.iter().map(|job| job.subject.len()).max().unwrap_or(0);
    let mut text = String::new();
    for job in planned {
        let times = match (job.times.as_slice(), until.zip(job.beyond)) {
            ([], None) => say::never(lang).to_owned(),
            ([], Some((until, next))) => say::none_until(lang, until, &row(&[next], zone, lang)),
            (times, _) => row(times, zone, lang),
        };
        let (duty, subject, title) = (say::duty(lang, job.duty), &job.subject, &job.title);
        let _ = writeln!(text, "{duty} {subject:width$}  {times}   {title}");
    }
    text
}

/// Times in a row; the day is named where it is another than before, seconds where they matter.
fn row(times: &[DateTime<Utc>], zone: Tz, lang: Lang) -> String {
    let local: Vec<DateTime<Tz>> = times.iter().map(|time| time.with_timezone(&zone)).collect();
    let clock = if local.iter().any(|time| time.second() > 0) { "%H:%M:%S" } else { "%H:%M" };
    let mut text = String::new();
    for (index, time) in local.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| local.get(index));
        let day = if before.is_none_or(|before| before.year() != time.year()) {
            time.format("%Y-%m-%d ").to_string()
        } else {
            time.format("%m-%d ").to_string()
        };
        let new_day = before.is_none_or(|before| before.date_naive() != time.date_naive());
        let weekday = if new_day { say::weekday(lang, time.weekday()) } else { "" };
        let (gap, day) = match (index, new_day) {
            (0, _) => ("", format!("{day}{weekday} ")),
            (_, true) => ("   ", format!("{day}{weekday} ")),
            (_, false) => ("  ", String::new()),
        };
        let _ = write!(text, "{gap}{day}{}", time.format(clock));
    }
    text
}

fn name(job: &Planned, lang: Lang) -> String {
    format!("{} {}", say::duty(lang, job.duty), job.subject)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::Duty;

    fn times(texts: &[&str]) -> Vec<DateTime<Utc>> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn days_are_named_where_they_change() {
        let zone = chrono_tz::Asia::Shanghai;
        let five = times(&[
            "2026-12-30T13:00:00Z",
            "2026-12-30T14:00:00Z",
            "2026-12-30T23:00:00Z",
            "2026-12-31T00:00:00Z",
            "2026-12-31T23:00:00Z",
        ]);
        assert_eq!(
            row(&five, zone, Lang::Zh),
            "2026-12-30 周三 21:00  22:00   12-31 周四 07:00  08:00   2027-01-01 周五 07:00"
        );
        let seconds = times(&["2026-11-25T13:00:05Z", "2026-11-25T13:00:10Z"]);
        assert_eq!(row(&seconds, zone, Lang::En), "2026-11-25 Wed 21:00:05  21:00:10");
    }

    #[test]
    fn thirty_jobs_stand_in_one_table() {
        let zone = chrono_tz::Asia::Shanghai;
        let job = |n: usize| Planned {
            duty: Duty::Refresh,
            subject: format!("site-{}/{}", "x".repeat(n % 7), n),
            title: "某市·要闻".to_owned(),
            times: times(&["2026-11-25T13:00:00Z", "2026-11-25T14:00:00Z"]),
            beyond: None,
        };
        let text = table(&(0..30).map(job).collect::<Vec<_>>(), None, zone, Lang::Zh);
        assert_eq!(text.lines().count(), 30);
        let places: std::collections::BTreeSet<_> =
            text.lines().map(|line| line.find("2026-").unwrap()).collect();
        assert_eq!(places.len(), 1, "{text}");
    }
}
