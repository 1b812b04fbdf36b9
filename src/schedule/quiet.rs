//! Hours of the day in which nothing is to be started.

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use super::ScheduleError;
use super::expression::instant;

/// Minutes of a day.
const DAY: u32 = 24 * 60;

/// Hours of the day, in the zone of the schedule, in which nothing is started; by default none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuietHours {
    /// First minute and the one after the last, of the day; the second may lie before the first.
    spans: Vec<(u32, u32)>,
}

impl QuietHours {
    /// Reads spans such as `23:00-06:30`, which may run over midnight; the end is not quiet any
    /// more. Full-width signs, dashes and 至 are read too.
    pub fn parse<'t>(spans: impl IntoIterator<Item = &'t str>) -> Result<Self, ScheduleError> {
        let spans: Vec<_> = spans.into_iter().map(span).collect::<Result<_, _>>()?;
        let quiet = Self { spans };
        match (0..DAY).all(|minute| quiet.holds_minute(minute)) {
            true => Err(ScheduleError::AlwaysQuiet),
            false => Ok(quiet),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Whether it is quiet at `time`.
    pub fn hold(&self, time: NaiveTime) -> bool {
        self.holds_minute(time.hour() * 60 + time.minute())
    }

    /// When the hours that hold at `now` in `zone` are over; `None` where it is not quiet.
    pub fn end(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let wall = now.with_timezone(&zone).naive_local();
        self.hold(wall.time()).then(|| instant(zone, self.over(wall)))
    }

    fn holds_minute(&self, minute: u32) -> bool {
        self.spans.iter().any(|&(from, to)| {
            if from < to { (from..to).contains(&minute) } else { minute >= from || minute < to }
        })
    }

    /// `wall`, or else the first full minute after it that is not quiet.
    pub(super) fn over(&self, wall: NaiveDateTime) -> NaiveDateTime {
        if !self.hold(wall.time()) {
            return wall;
        }
        let begun = i64::from(wall.second()) * 1_000_000_000 + i64::from(wall.nanosecond());
        let minute = wall - TimeDelta::nanoseconds(begun);
        // Not all minutes of a day are quiet, so the second day is never gone through.
        (1..=i64::from(DAY))
            .map(|later| minute + TimeDelta::minutes(later))
            .find(|wall| !self.hold(wall.time()))
            .unwrap_or(wall)
    }
}

impl std::fmt::Display for QuietHours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (from, to)) in self.spans.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)?;
        }
        Ok(())
    }
}

fn span(text: &str) -> Result<(u32, u32), ScheduleError> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '：' => ':',
            '－' | '–' | '—' | '~' | '～' | '至' => '-',
            c => c,
        })
        .collect();
    let ends = plain.split_once('-').and_then(|(from, to)| minute(from).zip(minute(to)));
    match ends {
        Some((from, to)) if from != to && from < DAY => Ok((from, to)),
        _ => Err(ScheduleError::Quiet(text.to_owned())),
    }
}

/// The minute of the day that `HH:MM` is; 24:00 is the end of it.
fn minute(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |text: &str| {
        let plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (hour, minute) = (digits(hour)?, digits(minute)?);
    (minute < 60 && hour * 60 + minute <= DAY).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_end_where_the_clock_on_the_wall_says_so() {
        let quiet = QuietHours::parse(["22:30-07:00"]).unwrap();
        let zone = chrono_tz::Asia::Shanghai;
        let end = |now: &str| quiet.end(now.parse().unwrap(), zone);
        let morning = "2026-11-20T23:00:00Z".parse().ok();
        assert_eq!(end("2026-11-20T14:30:00Z"), morning);
        assert_eq!(end("2026-11-20T22:59:59Z"), morning);
        assert_eq!(end("2026-11-20T23:00:00Z"), None);
        assert_eq!(end("2026-11-20T14:29:59Z"), None);
    }

    fn over(quiet: &QuietHours, text: &str) -> String {
        quiet.over(text.parse().unwrap()).to_string()
    }

    #[test]
    fn spans_may_run_over_midnight_and_end_before_their_end() {
        let quiet = QuietHours::parse(["23:00-06:30", "12:00－13：00"]).unwrap();
        for (text, wanted) in [
            ("2026-11-03T22:59:59", "2026-11-03 22:59:59"),
            ("2026-11-03T23:00:00", "2026-11-04 06:30:00"),
            ("2026-11-04T06:29:59", "2026-11-04 06:30:00"),
            ("2026-11-04T06:30:00", "2026-11-04 06:30:00"),
            ("2026-11-04T12:30:15", "2026-11-04 13:00:00"),
        ] {
            assert_eq!(over(&quiet, text), wanted, "{text}");
        }
        assert_eq!(quiet.to_string(), "23:00-06:30, 12:00-13:00");
        let touching = QuietHours::parse(["22:00-24:00", "0:00-6:00"]).unwrap();
        assert_eq!(over(&touching, "2026-11-03T22:00:00"), "2026-11-04 06:00:00");
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in ["", "23:00", "23-6", "25:00-06:00", "06:00-06:00", "24:00-06:00", "1:60-2:00"]
        {
            assert_eq!(
                QuietHours::parse([text]),
                Err(ScheduleError::Quiet(text.to_owned())),
                "{text}"
            );
        }
        let always = QuietHours::parse(["00:00-12:00", "11:30-00:00"]);
        assert_eq!(always, Err(ScheduleError::AlwaysQuiet));
    }
}
