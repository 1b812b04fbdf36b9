//! Working days by the Chinese calendar of holidays, with weekends that are worked on in return (调休).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Weekday};

use super::ScheduleError;

/// A range of days is not longer than this; anything longer is a slip of the pen.
const LONGEST_HOLIDAY: usize = 31;

/// What the State Council's notice says of one year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarYear {
    year: i32,
    off: BTreeSet<NaiveDate>,
    working: BTreeSet<NaiveDate>,
}

impl CalendarYear {
    /// The calendar of `year`, whose notice gives `off` days off and has people work on `working`
    /// weekend days. A notice may begin in the last days of the year before.
    pub fn new(
        year: i32,
        off: BTreeSet<NaiveDate>,
        working: BTreeSet<NaiveDate>,
    ) -> Result<Self, ScheduleError> {
        let belongs = |day: &NaiveDate| {
            day.year() == year || (day.year() == year - 1 && day.month() == 12 && day.day() > 20)
        };
        if let Some(day) = off.iter().chain(&working).find(|day| !belongs(day)) {
            return Err(ScheduleError::OtherYear(*day, year));
        }
        if let Some(day) = off.intersection(&working).next() {
            return Err(ScheduleError::OffAndWorking(*day));
        }
        if let Some(day) = working.iter().find(|day| !is_weekend(**day)) {
            return Err(ScheduleError::WorksAnyhow(*day));
        }
        Ok(Self { year, off, working })
    }

    /// Which year.
    pub fn year(&self) -> i32 {
        self.year
    }
}

/// The working days of the years that are known; in other years Monday to Friday.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i32, CalendarYear>,
}

impl Calendar {
    /// A calendar of `years`; of two for the same year the later one counts.
    pub fn new(years: impl IntoIterator<Item = CalendarYear>) -> Self {
        Self { years: years.into_iter().map(|year| (year.year, year)).collect() }
    }

    /// Whether the holidays of `year` are known.
    pub fn knows(&self, year: i32) -> bool {
        self.years.contains_key(&year)
    }

    /// Whether `day` is worked on.
    pub fn is_workday(&self, day: NaiveDate) -> bool {
        // The notice of the next year may tell of the last days of this one.
        let notices = [day.year(), day.year() + 1].into_iter().filter_map(|y| self.years.get(&y));
        for notice in notices {
            if notice.off.contains(&day) {
                return false;
            }
            if notice.working.contains(&day) {
                return true;
            }
        }
        !is_weekend(day)
    }

    /// `day`, or else the first working day after it.
    pub fn workday_from(&self, day: NaiveDate) -> NaiveDate {
        day.iter_days().find(|day| self.is_workday(*day)).unwrap_or(day)
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The days of `2026-10-01` or `2026-10-01..2026-10-07`, both ends included.
pub fn days(text: &str) -> Result<Vec<NaiveDate>, ScheduleError> {
    let fault = || ScheduleError::Range(text.to_owned());
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let day = |text: &str| text.trim().parse::<NaiveDate>().map_err(|_| fault());
    let (first, last) = (day(first)?, day(last)?);
    let days: Vec<NaiveDate> =
        first.iter_days().take_while(|day| *day <= last).take(LONGEST_HOLIDAY + 1).collect();
    if days.is_empty() || days.len() > LONGEST_HOLIDAY { Err(fault()) } else { Ok(days) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn year(year: i32, off: &[&str], working: &[&str]) -> Result<CalendarYear, ScheduleError> {
        let of = |texts: &[&str]| texts.iter().flat_map(|text| days(text).unwrap()).collect();
        CalendarYear::new(year, of(off), of(working))
    }

    #[test]
    fn holidays_are_off_and_weekends_in_return_are_worked_on() {
        let october = year(2026, &["2026-10-01..2026-10-07"], &["2026-09-20", "2026-10-10"]);
        let calendar = Calendar::new([october.unwrap()]);
        for (text, works) in [
            ("2026-09-19", false),
            ("2026-09-20", true),
            ("2026-09-30", true),
            ("2026-10-01", false),
            ("2026-10-07", false),
            ("2026-10-08", true),
            ("2026-10-10", true),
            ("2026-10-11", false),
            // Not known: Monday to Friday.
            ("2027-10-01", true),
            ("2027-10-02", false),
        ] {
            assert_eq!(calendar.is_workday(day(text)), works, "{text}");
        }
        assert_eq!(calendar.workday_from(day("2026-10-01")), day("2026-10-08"));
        assert_eq!(calendar.workday_from(day("2026-10-10")), day("2026-10-10"));
        assert!(calendar.knows(2026) && !calendar.knows(2027));
    }

    #[test]
    fn a_notice_may_begin_in_december() {
        let calendar = Calendar::new([year(2029, &["2028-12-29..2029-01-01"], &[]).unwrap()]);
        assert!(!calendar.is_workday(day("2028-12-29")));
        assert!(calendar.is_workday(day("2028-12-28")));
    }

    #[test]
    fn slips_of_the_pen_are_refused() {
        let refused =
            |off: &[&str], working: &[&str]| year(2026, off, working).unwrap_err().to_string();
        assert_eq!(
            refused(&["2025-10-01"], &[]),
            "2025-10-01 does not belong into the calendar of 2026"
        );
        assert_eq!(
            refused(&[], &["2026-10-09"]),
            "2026-10-09 is no Saturday and no Sunday, and so works anyhow"
        );
        assert!(refused(&["2026-10-10"], &["2026-10-10"]).contains("under `off` and"));
        for text in ["", "2026-02-30", "2026-10-07..2026-10-01", "2026-01-01..2026-12-31", "10-01"]
        {
            assert!(days(text).is_err(), "{text}");
        }
    }
}
