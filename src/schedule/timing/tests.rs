//! Rules of timing, one by one, and against a plain reading of them.

use std::collections::BTreeSet;

use chrono::TimeZone;
use chrono_tz::America::New_York;
use chrono_tz::Asia::{Kathmandu, Shanghai};
use chrono_tz::Australia::Lord_Howe;
use chrono_tz::Europe::London;
use proptest::prelude::*;

use super::*;
use crate::schedule::{CalendarYear, calendar_days};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// 2026 as the State Council has it, from spring to autumn.
fn calendar() -> Arc<Calendar> {
    let days = |texts: &[&str]| texts.iter().flat_map(|t| calendar_days(t).unwrap()).collect();
    let off = days(&["2026-02-15..2026-02-23", "2026-05-01..2026-05-05", "2026-10-01..2026-10-07"]);
    let working = days(&["2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]);
    Arc::new(Calendar::new([CalendarYear::new(2026, off, working).unwrap()]))
}

fn timing(expression: &str, zone: Tz, days: Days) -> Timing {
    let cron = Cron::parse(expression, zone).unwrap();
    Timing { days, calendar: calendar(), ..cron.into() }
}

fn local(timing: &Timing, from: &str, count: usize) -> Vec<String> {
    let shown = |time: &DateTime<Utc>| time.with_timezone(&timing.zone).format("%m-%d %H:%M %z");
    timing.upcoming(at(from), count).iter().map(|time| shown(time).to_string()).collect()
}

/// Like [`local`], without offsets.
fn days(timing: &Timing, from: &str, count: usize) -> Vec<String> {
    local(timing, from, count).iter().map(|text| text[..11].to_owned()).collect()
}

#[test]
fn days_off_are_skipped_and_weekends_in_return_are_not() {
    let daily = timing("0 9 * * *", Shanghai, Days::Workdays);
    assert_eq!(
        days(&daily, "2026-02-13T00:00:00Z", 4),
        ["02-13 09:00", "02-14 09:00", "02-24 09:00", "02-25 09:00"]
    );
    assert_eq!(days(&daily, "2026-02-26T12:00:00Z", 2), ["02-27 09:00", "02-28 09:00"]);
    // Saturdays alone: only those that are worked on.
    let saturdays = timing("0 9 * * 6", Shanghai, Days::Workdays);
    assert_eq!(days(&saturdays, "2026-01-01T00:00:00Z", 2), ["02-14 09:00", "02-28 09:00"]);
    // After the last known year there is none; the search ends.
    assert_eq!(saturdays.next_after(at("2027-01-01T00:00:00Z")), None);
}

#[test]
fn a_time_on_a_day_off_moves_to_the_next_working_day() {
    // Thursdays at four: the first of October is one, and off until the eighth.
    let weekly = timing("0 16 * * 4", Shanghai, Days::NextWorkday);
    assert_eq!(
        days(&weekly, "2026-09-23T16:00:00Z", 4),
        ["09-24 16:00", "10-08 16:00", "10-15 16:00", "10-22 16:00"],
        "moved onto the next Thursday, the first of October fires with it, once"
    );
    let fridays = timing("0 16 * * 5", Shanghai, Days::NextWorkday);
    assert_eq!(
        days(&fridays, "2026-09-24T16:00:00Z", 4),
        ["09-25 16:00", "10-08 16:00", "10-09 16:00", "10-16 16:00"]
    );
    // Times of several days off meet on one day, in order and once each.
    let twice = timing("30 8,17 * * 6,7", Shanghai, Days::NextWorkday);
    assert_eq!(
        days(&twice, "2026-05-05T16:00:00Z", 4),
        ["05-06 08:30", "05-06 17:30", "05-09 08:30", "05-09 17:30"]
    );
    // From the middle of the day that times were moved to.
    assert_eq!(days(&twice, "2026-05-06T01:00:00Z", 1), ["05-06 17:30"]);
}

#[test]
fn quiet_hours_leave_times_out_and_say_so() {
    let quiet = QuietHours::parse(["23:00-06:30", "12:00-13:00"]).unwrap();
    let every = Timing { quiet, ..timing("0 * * * *", Shanghai, Days::All) };
    let hours: Vec<String> =
        days(&every, "2026-11-02T16:00:00Z", 16).iter().map(|t| t[6..8].to_owned()).collect();
    assert_eq!(
        hours,
        [
            "07", "08", "09", "10", "11", "13", "14", "15", "16", "17", "18", "19", "20", "21",
            "22", "07"
        ]
    );
    let slot = every.next_slot(at("2026-11-02T16:00:00Z")).unwrap();
    assert_eq!(slot, Slot { at: at("2026-11-02T17:00:00Z"), quiet: true });
    let nothing = Timing { pattern: timing("*/5 0-5 * * *", Shanghai, Days::All).pattern, ..every };
    assert_eq!(nothing.next_after(at("2026-11-02T16:00:00Z")), None, "quiet whenever it fires");
}

#[test]
fn jitter_delays_by_less_than_a_period_and_not_into_quiet_hours() {
    let most = Duration::from_secs(120);
    let hourly = Timing { jitter: most, ..timing("0 * * * *", Shanghai, Days::All) };
    let slot = hourly.next_slot(at("2026-11-03T01:30:00Z")).unwrap();
    let following = hourly.next_slot(slot.at);
    let starts = hourly.start(slot, following, "jiangsu/zt");
    assert!(starts >= slot.at && starts < slot.at + most);
    assert_eq!(starts, hourly.start(slot, following, "jiangsu/zt"));
    assert_ne!(starts, hourly.start(slot, following, "wuxi/zt"));

    let soon = Some(Slot { at: slot.at + TimeDelta::seconds(5), quiet: false });
    for n in 0..50 {
        let starts = hourly.start(slot, soon, &format!("site/{n}"));
        assert!(starts >= slot.at && starts < slot.at + TimeDelta::seconds(5));
    }
    let quiet = QuietHours::parse(["10:01-11:00"]).unwrap();
    let before = Timing { quiet, ..hourly.clone() };
    for n in 0..50 {
        let starts = before.start(slot, following, &format!("site/{n}"));
        assert!(starts < at("2026-11-03T02:01:00Z"), "{starts}");
    }
    let none = Timing { jitter: Duration::ZERO, ..hourly };
    assert_eq!(none.start(slot, following, "a"), slot.at);
}

#[test]
fn days_on_which_clocks_are_changed() {
    // New York, 1 November 2026: 01:00 to 02:00 comes twice, and counts the first time.
    let half = timing("30 1 * * *", New_York, Days::All);
    assert_eq!(local(&half, "2026-10-31T12:00:00Z", 2), ["11-01 01:30 -0400", "11-02 01:30 -0500"]);
    // In its second coming nothing is left of the hour.
    assert_eq!(local(&half, "2026-11-01T06:10:00Z", 1), ["11-02 01:30 -0500"]);
    // 8 March 2026: 02:30 is left out by the clocks and comes right after the gap.
    let gap = timing("15,30 2 * * *", New_York, Days::All);
    assert_eq!(
        local(&gap, "2026-03-07T12:00:00Z", 2),
        ["03-08 03:00 -0400", "03-09 02:15 -0400"],
        "two times in the gap are one"
    );
    let london = timing("30 1 * * *", London, Days::All);
    assert_eq!(local(&london, "2026-03-28T12:00:00Z", 1), ["03-29 02:00 +0100"]);
    assert_eq!(
        local(&london, "2026-10-24T12:00:00Z", 2),
        ["10-25 01:30 +0100", "10-26 01:30 +0000"]
    );
    // Half an hour at Lord Howe: 02:00 to 02:30 is left out, 01:30 to 02:00 comes twice.
    let howe = timing("*/15 1-2 * * *", Lord_Howe, Days::All);
    assert_eq!(
        local(&howe, "2026-10-03T14:30:00Z", 5),
        [
            "10-04 01:15 +1030",
            "10-04 01:30 +1030",
            "10-04 01:45 +1030",
            "10-04 02:30 +1100",
            "10-04 02:45 +1100"
        ]
    );
    assert_eq!(
        local(&howe, "2026-04-04T14:20:00Z", 4),
        ["04-05 01:30 +1100", "04-05 01:45 +1100", "04-05 02:00 +1030", "04-05 02:15 +1030"]
    );
    // Five and three quarter hours, and never another time.
    let kathmandu = timing("0 6 * * 1", Kathmandu, Days::All);
    assert_eq!(kathmandu.next_after(at("2026-11-01T18:00:00Z")), Some(at("2026-11-02T00:15:00Z")));
}

#[test]
fn quiet_hours_and_moved_days_on_days_on_which_clocks_are_changed() {
    // Sunday, 1 November, is off in the calendar of weekdays: its times move to Monday.
    let moved = timing("30 1 * * *", New_York, Days::NextWorkday);
    assert_eq!(local(&moved, "2026-10-30T12:00:00Z", 1), ["11-02 01:30 -0500"]);
    let quiet = QuietHours::parse(["00:30-02:30"]).unwrap();
    let every = Timing { quiet, ..timing("*/30 * * * *", New_York, Days::All) };
    assert_eq!(
        local(&every, "2026-03-08T04:50:00Z", 2),
        ["03-08 00:00 -0500", "03-08 03:00 -0400"]
    );
    assert_eq!(
        every.quiet_until(at("2026-11-01T06:10:00Z")),
        at("2026-11-01T07:30:00Z"),
        "the hour that comes twice is quiet twice"
    );
}

#[test]
fn looks_follow_their_pace_out_of_quiet_hours_and_days_off() {
    let minutes = |n: u64| Duration::from_secs(60 * n);
    let bounds = Adaptive { every: minutes(50), ..Adaptive::new(minutes(5), minutes(360)) };
    let quiet = QuietHours::parse(["22:00-07:00"]).unwrap();
    let pattern = Pattern::Adaptive(bounds);
    let looks = Timing { pattern, quiet, ..timing("@daily", Shanghai, Days::Workdays) };
    assert_eq!(
        days(&looks, "2026-09-30T12:20:30Z", 3),
        ["09-30 21:10", "10-08 07:00", "10-08 07:50"]
    );
    let faster = looks.paced(Adaptive { every: minutes(5), ..bounds });
    assert_eq!(days(&faster, "2026-09-30T12:20:00Z", 1), ["09-30 20:25"]);
}

#[test]
fn the_usual_distance_between_times() {
    let minutes = |text| timing(text, Shanghai, Days::All).period_minutes();
    assert_eq!(minutes("*/30 7-22 * * *"), 30);
    assert_eq!(minutes("@daily"), 1440);
    assert_eq!(minutes("*/5 * * * * *"), 0);
}

/// An expression of the kinds that operators write.
fn expression() -> impl Strategy<Value = String> {
    let minute = prop_oneof![
        Just("0".to_owned()),
        Just("*/20".to_owned()),
        (0..60u32).prop_map(|m| m.to_string())
    ];
    let hour = prop_oneof![
        Just("*".to_owned()),
        (0..24u32).prop_map(|h| h.to_string()),
        Just("1-3".to_owned())
    ];
    let weekday = prop_oneof![
        Just("*".to_owned()),
        (1..8u32).prop_map(|d| d.to_string()),
        Just("6,7".to_owned())
    ];
    (minute, hour, weekday)
        .prop_map(|(minute, hour, weekday)| format!("{minute} {hour} * * {weekday}"))
}

fn zone() -> impl Strategy<Value = Tz> {
    prop_oneof![Just(Shanghai), Just(New_York), Just(London), Just(Lord_Howe), Just(Kathmandu),]
}

/// What the wall clock of `zone` shows when, found by looking at every minute of time.
fn by_looking(
    theirs: &croner::Cron,
    zone: Tz,
    from: DateTime<Utc>,
    minutes: i64,
) -> BTreeSet<NaiveDateTime> {
    let walls =
        (1..=minutes).map(|n| (from + TimeDelta::minutes(n)).with_timezone(&zone).naive_local());
    walls.filter(|wall| theirs.is_time_matching(&Utc.from_utc_datetime(wall)).unwrap()).collect()
}

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 48, failure_persistence: None, ..Default::default() })]

    /// Every minute of four days is looked at with another reader of expressions: what it says the
    /// wall clock shows is fired once, except that times in a gap come when the gap ends.
    #[test]
    fn the_wall_clock_is_obeyed_in_any_zone(
        expression in expression(),
        zone in zone(),
        day in prop_oneof![0..365i64, Just(66), Just(87), Just(93), Just(275), Just(296), Just(303)],
    ) {
        let from = at("2026-01-01T00:00:00Z") + TimeDelta::days(day) - TimeDelta::minutes(1);
        let to = from + TimeDelta::days(4);
        let ours = timing(&expression, zone, Days::All);
        let theirs: croner::Cron = expression.parse().unwrap();
        let wanted = by_looking(&theirs, zone, from, 4 * 24 * 60);
        let times: Vec<DateTime<Utc>> = ours.between(from, to).collect();
        prop_assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
        let walls: BTreeSet<_> =
            times.iter().map(|time| time.with_timezone(&zone).naive_local()).collect();
        prop_assert_eq!(walls.len(), times.len(), "a wall-clock time fired twice");
        // The first hour may be the second coming of one that began before.
        let early = (from + TimeDelta::minutes(61)).with_timezone(&zone).naive_local();
        for wall in wanted.iter().filter(|wall| **wall > early) {
            prop_assert!(walls.contains(wall), "{} in {} left out {}", expression, zone, wall);
        }
        for wall in walls.difference(&wanted) {
            let end_of_gap = zone.from_local_datetime(&(*wall - TimeDelta::minutes(1))).single().is_none();
            prop_assert!(end_of_gap, "{} in {} fired at {}", expression, zone, wall);
        }
    }

    /// Moved and skipped times, against the sentence that says what they are.
    #[test]
    fn days_off_are_read_as_they_are_written_down(
        expression in expression(),
        first in 0..330i64,
    ) {
        let from = at("2026-01-01T16:00:00Z") + TimeDelta::days(first);
        let to = from + TimeDelta::days(30);
        let plain = timing(&expression, Shanghai, Days::All);
        let skipping = timing(&expression, Shanghai, Days::Workdays);
        let moving = timing(&expression, Shanghai, Days::NextWorkday);
        let calendar = calendar();
        let day = |time: &DateTime<Utc>| time.with_timezone(&Shanghai).date_naive();
        // From so far back that every holiday in question began after it.
        let all: Vec<DateTime<Utc>> = plain.between(from - TimeDelta::days(20), to).collect();
        let kept: Vec<_> =
            all.iter().copied().filter(|t| *t > from && calendar.is_workday(day(t))).collect();
        prop_assert_eq!(skipping.between(from, to).collect::<Vec<_>>(), kept);
        let moved: BTreeSet<_> = all
            .iter()
            .map(|time| *time + (calendar.workday_from(day(time)) - day(time)))
            .filter(|time| *time > from && *time <= to)
            .collect();
        prop_assert_eq!(moving.between(from, to).collect::<BTreeSet<_>>(), moved);
    }

    #[test]
    fn looks_are_apart_by_their_pace_at_least_and_never_quiet(
        every in 60..20_000u64,
        start in 1_767_000_000..1_798_000_000i64,
        zone in zone(),
    ) {
        let every = Duration::from_secs(every);
        let quiet = QuietHours::parse(["22:00-07:00", "12:00-12:30"]).unwrap();
        let pattern = Pattern::Adaptive(Adaptive { min: every, max: every, every });
        let looks = Timing { pattern, quiet, ..timing("@daily", zone, Days::Workdays) };
        let mut before = DateTime::from_timestamp(start, 0).unwrap();
        for time in looks.upcoming(before, 20) {
            prop_assert!(time - before >= TimeDelta::from_std(every).unwrap() || zone == New_York || zone == London || zone == Lord_Howe);
            prop_assert!(time > before && !looks.is_quiet(time));
            prop_assert!(looks.calendar.is_workday(time.with_timezone(&zone).date_naive()));
            before = time;
        }
    }
}
