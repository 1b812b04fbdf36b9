//! The command `ledger`: every planned time, and what became of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::daemon::{Job, machine_clock};
use crate::model::{Lang, Turn, TurnEnd};
use crate::store::SqliteStore;

use super::args::LedgerArgs;
use super::operate::block_on;
use super::problems::ground;
use super::{Args, FINE, Failure, SOME_FAILED, print, say};

/// Days that are shown where nobody says since when.
const USUAL_DAYS: i64 = 7;

/// Lists turns in the order of their times, then how many there are of each kind; exit code 1 where
/// a job was asked for and has none.
pub(super) fn ledger(args: &Args, lang: Lang, asked: &LedgerArgs) -> Result<u8, Failure> {
    let ground = ground(args, lang)?;
    ground.wants_database(args, lang)?;
    let now = machine_clock()();
    let since = match asked.since {
        Some(day) => begin_of(day, ground.zone),
        None => now - TimeDelta::days(USUAL_DAYS),
    };
    block_on(async {
        let failed = |error: crate::store::StoreError| Failure::of(&error.into(), lang);
        let store = SqliteStore::open_read_only(&ground.data).map_err(failed)?;
        let turns = store.turns(asked.job.as_deref(), since).await.map_err(failed)?;
        if turns.is_empty() {
            eprintln!("{}", say::no_turns(lang, asked.job.as_deref()));
            return Ok(if asked.job.is_some() { SOME_FAILED } else { FINE });
        }
        let mut text = String::new();
        for turn in &turns {
            match asked.json {
                true => text.push_str(&json(turn)),
                false => text.push_str(&line(turn, ground.zone, lang)),
            }
            text.push('\n');
        }
        if !asked.json {
            text.push_str(&summary(&turns, lang));
        }
        print(&text)
    })
}

/// The first moment of a day.
pub(super) fn begin_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    // Where clocks leave out midnight, it is over an hour later.
    let hours = (0..3).map(|n| midnight + TimeDelta::hours(n));
    let first = hours.filter_map(|wall| zone.from_local_datetime(&wall).earliest()).next();
    first.map_or_else(|| midnight.and_utc(), |time| time.with_timezone(&Utc))
}

/// `2026-11-03 周二 09:00  09:00:41 +12s  完成  刷新 jiangsu/zt`.
fn line(turn: &Turn, zone: Tz, lang: Lang) -> String {
    let planned = turn.planned.with_timezone(&zone);
    let weekday = say::weekday(lang, chrono::Datelike::weekday(&planned));
    let started = turn.started.map_or_else(
        || "-".repeat(8),
        |time| time.with_timezone(&zone).format("%H:%M:%S").to_string(),
    );
    let took = turn.started.zip(turn.ended).map_or_else(String::new, |(started, ended)| {
        format!("{}s", (ended - started).num_seconds())
    });
    let end = say::turn_end(lang, turn.end, turn.started.is_some());
    let job = match Job::from_name(&turn.job) {
        Some(job) => format!("{} {}", say::duty(lang, job.duty), job.subject),
        None => turn.job.clone(),
    };
    let planned = format!("{} {weekday} {}", planned.format("%Y-%m-%d"), planned.format("%H:%M"));
    format!("{planned}  {started}  {took:>6}  {end}  {job}")
}

fn json(turn: &Turn) -> String {
    let time = |time: DateTime<Utc>| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    serde_json::json!({
        "job": turn.job,
        "planned": time(turn.planned),
        "started": turn.started.map(time),
        "ended": turn.ended.map(time),
        "outcome": turn.end.map(TurnEnd::as_str),
    })
    .to_string()
}

/// How many turns ended how.
fn summary(turns: &[Turn], lang: Lang) -> String {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    let place = |end| TurnEnd::ALL.iter().position(|known| *known == end);
    for turn in turns {
        *counts.entry(turn.end.and_then(place).unwrap_or(TurnEnd::ALL.len())).or_default() += 1;
    }
    let mut text = say::turns(lang, turns.len());
    for (place, count) in counts {
        let end = say::turn_end(lang, TurnEnd::ALL.get(place).copied(), true);
        let _ = write!(text, "  {end} {count}");
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn turn(end: Option<TurnEnd>, started: bool) -> Turn {
        let planned = at("2026-11-03T01:00:00Z");
        let started = started.then(|| planned + TimeDelta::seconds(41));
        let ended = started.filter(|_| end.is_some()).map(|time| time + TimeDelta::seconds(12));
        Turn { job: "refresh jiangsu/zt".to_owned(), planned, started, ended, end }
    }

    #[test]
    fn a_line_says_when_and_how() {
        let zone = chrono_tz::Asia::Shanghai;
        assert_eq!(
            line(&turn(Some(TurnEnd::Done), true), zone, Lang::Zh),
            "2026-11-03 周二 09:00  09:00:41     12s  完成  刷新 jiangsu/zt"
        );
        assert_eq!(
            line(&turn(Some(TurnEnd::SkippedQuiet), false), zone, Lang::En),
            "2026-11-03 Tue 09:00  --------          skipped (quiet hours)  refresh jiangsu/zt"
        );
        let turns = [turn(None, true), turn(Some(TurnEnd::Done), true), turn(None, false)];
        assert_eq!(summary(&turns, Lang::En), "3 planned times:  done 1  under way 2\n");
    }

    #[test]
    fn a_day_begins_at_midnight_or_right_after_the_gap() {
        let day = "2026-04-24".parse().unwrap();
        assert_eq!(begin_of(day, chrono_tz::Asia::Shanghai), at("2026-04-23T16:00:00Z"));
        assert_eq!(begin_of(day, chrono_tz::Africa::Cairo), at("2026-04-23T22:00:00Z"));
    }
}
