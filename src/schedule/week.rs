//! The hours of the week in which a schedule fires.

use chrono::{DateTime, TimeDelta, Utc};

use super::expression::expanded;
use super::{Cron, Days, Pattern, Timing};

/// Hours of a week.
pub const HOURS: usize = 7 * 24;
/// A Monday in winter and one in summer, 00:00 UTC: zones may have two times.
const MONDAYS: [i64; 2] = [1_767_571_200, 1_783_296_000];

impl Timing {
    /// The hours of the week, in UTC and from Monday 00:00 on, in which it fires; `None` where one
    /// week is not like the other.
    pub fn week(&self) -> Option<[bool; HOURS]> {
        let weekly = match &self.pattern {
            Pattern::Cron(cron) => self.days == Days::All && cron.is_weekly(),
            Pattern::Adaptive(_) => false,
        };
        if !weekly {
            return None;
        }
        let mut hours = [false; HOURS];
        for monday in MONDAYS {
            let monday = DateTime::from_timestamp(monday, 0)?;
            let mut from = monday - TimeDelta::seconds(1);
            while let Some(time) = self.next_after(from) {
                let hour = usize::try_from((time - monday).num_hours()).ok()?;
                if hour >= HOURS {
                    break;
                }
                hours[hour] = true;
                let passed = i64::try_from(hour).ok()? + 1;
                from = monday + TimeDelta::hours(passed) - TimeDelta::seconds(1);
            }
        }
        Some(hours)
    }

    /// A time at which it fires: the first of a fixed year.
    pub fn reference(&self) -> DateTime<Utc> {
        let monday = DateTime::from_timestamp(MONDAYS[0], 0).unwrap_or_default();
        self.next_after(monday - TimeDelta::seconds(1)).unwrap_or(monday)
    }
}

impl Cron {
    /// Whether days of the month, months and years make no difference.
    fn is_weekly(&self) -> bool {
        let text = expanded(self.as_str()).unwrap_or_default();
        let fields: Vec<&str> = text.split_whitespace().collect();
        let day = if fields.len() == 5 { 2 } else { 3 };
        let open = |index: usize| matches!(fields.get(index), Some(&("*" | "?")));
        open(day) && open(day + 1) && (fields.len() < 7 || open(6))
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Asia::Shanghai;
    use chrono_tz::Europe::Berlin;

    use super::*;

    fn week(expression: &str, zone: chrono_tz::Tz) -> Option<Vec<usize>> {
        let week = Timing::from(Cron::parse(expression, zone).unwrap()).week()?;
        Some((0..HOURS).filter(|&hour| week[hour]).collect())
    }

    #[test]
    fn hours_are_those_of_utc() {
        // Nine in China is one in Greenwich; Monday and Tuesday.
        assert_eq!(week("0 9 * * 1-2", Shanghai), Some(vec![1, 25]));
        // Seven in China is the evening before.
        assert_eq!(week("30 7 * * 1", Shanghai), Some(vec![6 * 24 + 23]));
        assert_eq!(week("*/5 * * * * *", Shanghai).unwrap().len(), HOURS);
        // Nine in Berlin is eight in winter and seven in summer.
        assert_eq!(week("0 9 * * 3", Berlin), Some(vec![55, 56]));
        for other in ["0 9 1 * *", "0 9 * 2 *", "0 0 9 * * * 2030", "0 9 */2 * *", "@monthly"] {
            assert_eq!(week(other, Shanghai), None, "{other}");
        }
        // Midnight before Sunday, in China.
        assert_eq!(week("@weekly", Shanghai), Some(vec![5 * 24 + 16]));
    }

    #[test]
    fn the_reference_is_a_time_of_the_schedule() {
        let timing = Timing::from(Cron::parse("30 7-22 * * *", Shanghai).unwrap());
        assert_eq!(timing.reference().to_rfc3339(), "2026-01-05T00:30:00+00:00");
    }
}
