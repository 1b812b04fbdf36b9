//! A cron expression, read as crontab(5) has it.
//!
//! The `cron` crate does the calendar; this module makes its dialect the familiar one: 5, 6 or 7
//! fields and macros, weekdays with 1 = Monday and 0 or 7 = Sunday, day of month *or* weekday where
//! both are restricted, once in a DST overlap, and right after a DST gap.

use std::str::FromStr;

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::error::{FIELDS, ScheduleError};
use super::weekday;

/// A cron expression in a zone.
#[derive(Clone, Debug)]
pub struct Cron {
    expression: String,
    /// Any of these fires; two where day of month and weekday are both restricted.
    parts: Vec<cron::Schedule>,
    zone: Tz,
}

impl Cron {
    /// Reads `expression`, whose times are meant in `zone`.
    pub fn parse(expression: &str, zone: Tz) -> Result<Self, ScheduleError> {
        let text = expanded(expression.trim())?;
        let given: Vec<&str> = text.split_whitespace().collect();
        let fields: Vec<&str> = match given.len() {
            5 => ["0"].iter().copied().chain(given).chain(["*"]).collect(),
            6 => given.into_iter().chain(["*"]).collect(),
            7 => given,
            other => return Err(ScheduleError::Fields(expression.to_owned(), other)),
        };
        let weekdays = weekday::names(fields[5]).ok_or_else(|| fault(5, fields[5]))?;
        // As crontab(5) has it: a field that begins with `*` does not restrict, whatever its step.
        let either = [3, 5].iter().all(|&index| !fields[index].starts_with(['*', '?']));
        let mut fields: Vec<String> = fields.into_iter().map(str::to_owned).collect();
        fields[5] = weekdays;
        for (index, field) in fields.iter().enumerate() {
            check(index, field)?;
        }
        let cron = Self {
            expression: expression.trim().to_owned(),
            parts: alternatives(&fields, either)
                .iter()
                .map(|text| {
                    cron::Schedule::from_str(text)
                        .map_err(|_| ScheduleError::Never(expression.to_owned()))
                })
                .collect::<Result<_, _>>()?,
            zone,
        };
        // Expressions such as 30 February are well formed and yet name no day.
        let start = DateTime::from_timestamp(946_684_800, 0).unwrap_or_default();
        match cron.next_after(start) {
            Some(_) => Ok(cron),
            None => Err(ScheduleError::Never(expression.to_owned())),
        }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.expression
    }

    /// The first time strictly after `after`.
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // The calendar works on wall-clock times, taken as if they were UTC; only then is each
        // turned into the instant that the zone gives it.
        let mut wall = after.with_timezone(&self.zone).naive_local();
        loop {
            wall = self.next_wall(wall)?;
            let time = instant(self.zone, wall);
            if time > after {
                return Some(time);
            }
        }
    }

    /// The first wall-clock time strictly after `after`.
    pub(super) fn next_wall(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        let next = |part: &cron::Schedule| part.after(&after.and_utc()).next();
        self.parts.iter().filter_map(next).min().map(|time| time.naive_utc())
    }

    /// The same expression, whose times are meant in `zone`.
    #[must_use]
    pub fn in_zone(self, zone: Tz) -> Self {
        Self { zone, ..self }
    }

    /// The zone that its times are meant in.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The next `count` times after `from`.
    pub fn upcoming(&self, from: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
        let next = |time: &DateTime<Utc>| self.next_after(*time);
        std::iter::successors(self.next_after(from), next).take(count).collect()
    }
}

/// The instant of a wall-clock time: the earlier one in an overlap, the end of the gap in a gap.
pub(super) fn instant(zone: Tz, wall: NaiveDateTime) -> DateTime<Utc> {
    let mut wall = wall;
    loop {
        match zone.from_local_datetime(&wall) {
            LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => {
                return time.with_timezone(&Utc);
            }
            LocalResult::None => {
                // Gaps begin and end on whole minutes in every zone still in use.
                let second = i64::from(chrono::Timelike::second(&wall));
                wall += TimeDelta::seconds(60 - second);
            }
        }
    }
}

pub(super) fn expanded(text: &str) -> Result<String, ScheduleError> {
    let Some(name) = text.strip_prefix('@') else { return Ok(text.to_owned()) };
    let fields = match name.to_ascii_lowercase().as_str() {
        "yearly" | "annually" => "0 0 1 1 *",
        "monthly" => "0 0 1 * *",
        "weekly" => "0 0 * * 0",
        "daily" | "midnight" => "0 0 * * *",
        "hourly" => "0 * * * *",
        _ => return Err(ScheduleError::Macro(text.to_owned())),
    };
    Ok(fields.to_owned())
}

/// One expression, or two where `either` day of month or weekday is enough.
fn alternatives(fields: &[String], either: bool) -> Vec<String> {
    if !either {
        return vec![fields.join(" ")];
    }
    [3, 5]
        .into_iter()
        .map(|open| {
            let mut fields = fields.to_vec();
            "*".clone_into(&mut fields[open]);
            fields.join(" ")
        })
        .collect()
}

/// Tries one field alone, so that the message can name it.
fn check(index: usize, field: &str) -> Result<(), ScheduleError> {
    let mut fields = ["0", "0", "0", "*", "*", "*", "*"];
    fields[index] = field;
    match cron::Schedule::from_str(&fields.join(" ")) {
        Ok(_) => Ok(()),
        Err(_) => Err(fault(index, field)),
    }
}

fn fault(index: usize, field: &str) -> ScheduleError {
    let [name, wanted, zh_name, zh_wanted] = FIELDS[index];
    ScheduleError::Field { name, field: field.to_owned(), wanted, zh: (zh_name, zh_wanted) }
}

#[cfg(test)]
mod tests {
    use chrono_tz::America::New_York;
    use chrono_tz::Asia::Shanghai;
    use chrono_tz::Europe::Berlin;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn next(expression: &str, zone: Tz, from: &str) -> String {
        let cron = Cron::parse(expression, zone).unwrap();
        cron.next_after(at(from)).unwrap().with_timezone(&zone).to_rfc3339()
    }

    #[test]
    fn fields_and_macros() {
        let from = "2026-11-03T00:00:00Z";
        assert_eq!(next("30 9 * * *", Shanghai, from), "2026-11-03T09:30:00+08:00");
        assert_eq!(next("15 30 9 * * *", Shanghai, from), "2026-11-03T09:30:15+08:00");
        assert_eq!(next("0 0 9 1 1 * 2030", Shanghai, from), "2030-01-01T09:00:00+08:00");
        assert_eq!(next("@daily", Shanghai, from), "2026-11-04T00:00:00+08:00");
        assert_eq!(next("@weekly", Shanghai, from), "2026-11-08T00:00:00+08:00");
    }

    #[test]
    fn weekdays_are_those_of_people() {
        // 2 November 2026 is a Monday.
        let from = "2026-11-01T16:00:00Z";
        for (weekday, day) in
            [("1", 2), ("0", 8), ("7", 8), ("sun", 8), ("6-7", 7), ("5-7", 6), ("Tue", 3)]
        {
            let wanted = format!("2026-11-{day:02}T09:00:00+08:00");
            assert_eq!(next(&format!("0 9 * * {weekday}"), Shanghai, from), wanted, "{weekday}");
        }
    }

    #[test]
    fn day_of_month_or_weekday() {
        let cron = Cron::parse("0 9 15 * 1", Shanghai).unwrap();
        let days: Vec<String> = cron
            .upcoming(at("2026-11-01T16:00:00Z"), 4)
            .iter()
            .map(|time| time.with_timezone(&Shanghai).format("%m-%d").to_string())
            .collect();
        assert_eq!(days, ["11-02", "11-09", "11-15", "11-16"]);
    }

    #[test]
    fn an_overlap_fires_once_and_a_gap_right_after_it() {
        let cron = Cron::parse("30 1 * * *", New_York).unwrap();
        let times = cron.upcoming(at("2026-11-01T00:00:00Z"), 2);
        assert_eq!(times, [at("2026-11-01T05:30:00Z"), at("2026-11-02T06:30:00Z")]);
        let cron = Cron::parse("30 2 * * *", Berlin).unwrap();
        let times = cron.upcoming(at("2026-03-28T12:00:00Z"), 2);
        assert_eq!(times, [at("2026-03-29T01:00:00Z"), at("2026-03-30T00:30:00Z")]);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        let refused = |text: &str| Cron::parse(text, Shanghai).unwrap_err().to_string();
        assert_eq!(refused("0 0 30 2 *"), "`0 0 30 2 *` never fires");
        assert!(refused("0 25 * * *").starts_with("hour `25` cannot be read"));
        assert!(refused("0 9 * * 8").starts_with("weekday `8` cannot be read"));
        assert!(refused("0 9 * *").contains("has 4 fields"));
        assert!(refused("@dayly").contains("is no macro"));
    }

    #[test]
    fn an_independent_reader_finds_the_same_times() {
        let expressions = [
            "*/30 7-22 * * *",
            "0 9 * * 1-5",
            "15 3 1 * *",
            "0 0 29 2 *",
            "*/7 * * * 0",
            "5,35 8-18/2 * 1,6 3",
            "0 12 13 * 5",
            "59 23 31 12 *",
            "0 9 * * 6,7",
        ];
        let starts = ["2026-01-01T00:00:00Z", "2026-02-27T23:59:59Z", "2027-12-31T15:59:30Z"];
        for expression in expressions {
            let ours = Cron::parse(expression, Shanghai).unwrap();
            let theirs: croner::Cron = expression.parse().unwrap();
            for start in starts {
                let mut from = at(start).with_timezone(&Shanghai);
                for ours in ours.upcoming(at(start), 20) {
                    let wanted = theirs.find_next_occurrence(&from, false).unwrap();
                    assert_eq!(ours, wanted, "{expression} after {from}");
                    from = wanted;
                }
            }
        }
    }

    #[test]
    fn a_field_that_begins_with_a_star_does_not_restrict() {
        // Every other weekday, and the 15th alone.
        let cron = Cron::parse("0 9 15 * */2", Shanghai).unwrap();
        for time in cron.upcoming(at("2026-11-01T16:00:00Z"), 5) {
            let local = time.with_timezone(&Shanghai);
            assert_eq!(local.format("%d").to_string(), "15");
            assert!(["0", "2", "4", "6"].contains(&local.format("%w").to_string().as_str()));
        }
    }

    /// One field: a star, a number, a range or a list; `stepped` allows `*/n` too.
    fn field(
        least: u32,
        most: u32,
        stepped: bool,
    ) -> impl proptest::strategy::Strategy<Value = String> {
        use proptest::prelude::*;
        let single = (least..=most).prop_map(|n| n.to_string()).boxed();
        let range = (least..=most, least..=most, 1..9_u32).prop_map(|(a, b, step)| {
            let (first, last) = (a.min(b), a.max(b));
            if step > 4 { format!("{first}-{last}") } else { format!("{first}-{last}/{step}") }
        });
        let one = prop_oneof![single, range.boxed()];
        let list = proptest::collection::vec(one, 1..4).prop_map(|parts| parts.join(","));
        let step = (1..9_u32).prop_map(move |step| match stepped {
            true => format!("*/{step}"),
            false => "*".to_owned(),
        });
        prop_oneof![3 => Just("*".to_owned()), 1 => step, 3 => list]
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

        #[test]
        fn any_expression_means_the_same_to_an_independent_reader(
            minute in field(0, 59, true),
            hour in field(0, 23, true),
            // The other reader takes `*/n` for a restriction here, where crontab(5) does not.
            day in field(1, 28, false),
            month in field(1, 12, true),
            weekday in field(0, 7, false),
            start in 1_700_000_000..1_900_000_000_i64,
        ) {
            let expression = format!("{minute} {hour} {day} {month} {weekday}");
            let ours = Cron::parse(&expression, Shanghai).unwrap();
            let theirs: croner::Cron = expression.parse().unwrap();
            let start = DateTime::from_timestamp(start, 0).unwrap();
            let mut from = start.with_timezone(&Shanghai);
            for ours in ours.upcoming(start, 5) {
                let wanted = theirs.find_next_occurrence(&from, false).unwrap();
                proptest::prop_assert_eq!(ours, wanted, "{} after {}", expression, from);
                from = wanted;
            }
        }

        #[test]
        fn nonsense_is_refused_and_never_panics(
            text in r"([-0-9*/,?]{1,4} ){4,6}[-0-9*/,a-z]{1,4}|[@LW#a-z ]{0,9}|\PC{0,16}",
        ) {
            if let Ok(cron) = Cron::parse(&text, Shanghai) {
                proptest::prop_assert!(!cron.upcoming(at("2026-11-01T00:00:00Z"), 3).is_empty()
                    || text.split_whitespace().count() == 7);
            }
        }
    }
}
