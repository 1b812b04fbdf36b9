//! How long a column is silent, in days on which people work, and whether that is unusual.

use chrono::NaiveDate;

use super::Breach;
use crate::model::ProblemCode;

/// Columns with fewer days of articles have no rhythm.
const DAYS: usize = 8;
/// Unusual is a silence so many times longer than nearly all before.
const LONGER: usize = 3;
/// Nothing shorter is (working days).
const SHORTEST: usize = 10;

/// The silence of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    /// The day of its newest article.
    pub since: NaiveDate,
    /// Working days that passed since.
    pub workdays: usize,
    /// How many may pass.
    pub most: usize,
}

impl Silence {
    /// What is told of it, where it is too long.
    pub fn breach(&self) -> Option<Breach> {
        let Self { since, workdays, most } = self;
        (workdays > most).then(|| {
            let detail = format!(
                "the newest article is of {since}; {workdays} working days passed since, where {most} \
                 are usual at most"
            );
            Breach::doubtful(ProblemCode::ColumnSilent, detail)
        })
    }
}

/// The silence of a column with articles of these `days`, up to `today`; `told` is the most calendar
/// days that an operator lets pass. `None` where nothing is known of its rhythm.
///
/// Days on which nobody works do not count, so that holidays are no silence.
pub fn silence(
    mut days: Vec<NaiveDate>,
    today: NaiveDate,
    told: Option<u32>,
    is_workday: impl Fn(NaiveDate) -> bool,
) -> Option<Silence> {
    let passed = |from: NaiveDate, to: NaiveDate| {
        from.iter_days().skip(1).take_while(|day| *day <= to).filter(|day| is_workday(*day)).count()
    };
    days.retain(|day| *day <= today);
    days.sort_unstable();
    days.dedup();
    let since = *days.last()?;
    if let Some(most) = told {
        let silent = usize::try_from((today - since).num_days()).unwrap_or(0);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        return Some(Silence { since, workdays: silent, most });
    }
    if days.len() < DAYS {
        return None;
    }
    let mut gaps: Vec<usize> = days.windows(2).map(|pair| passed(pair[0], pair[1])).collect();
    gaps.sort_unstable();
    let usual = gaps[(gaps.len() * 9 / 10).min(gaps.len() - 1)];
    let most = (usual * LONGER).max(SHORTEST);
    // Counting need not go on for ever where a column ended years ago.
    let end = today.min(since + chrono::TimeDelta::days(4000));
    Some(Silence { since, workdays: passed(since, end), most })
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, Weekday};

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn weekday(day: NaiveDate) -> bool {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
    }

    /// Every second working day of October.
    fn october() -> Vec<NaiveDate> {
        day("2026-10-01").iter_days().take(31).filter(|d| weekday(*d)).step_by(2).collect()
    }

    #[test]
    fn a_column_is_silent_when_it_is_so_for_longer_than_ever() {
        let at = |today: &str| silence(october(), day(today), None, weekday).unwrap();
        assert_eq!(at("2026-11-03").breach(), None);
        assert_eq!(at("2026-11-12").breach(), None);
        let silent = at("2026-11-20").breach().unwrap();
        assert_eq!(silent.code, ProblemCode::ColumnSilent);
        assert!(silent.detail.contains("2026-10-29"), "{}", silent.detail);
    }

    #[test]
    fn holidays_are_no_silence() {
        let works = |d: NaiveDate| weekday(d) && d.month() != 11;
        assert_eq!(silence(october(), day("2026-11-30"), None, works).unwrap().breach(), None);
    }

    #[test]
    fn rare_columns_have_their_own_rhythm() {
        let monthly: Vec<NaiveDate> =
            (1..=10).map(|month| NaiveDate::from_ymd_opt(2026, month, 5).unwrap()).collect();
        assert_eq!(
            silence(monthly.clone(), day("2026-12-01"), None, weekday).unwrap().breach(),
            None
        );
        assert!(silence(monthly, day("2027-03-01"), None, weekday).unwrap().breach().is_some());
    }

    #[test]
    fn what_an_operator_says_counts_in_plain_days() {
        let told = |today: &str| {
            silence(vec![day("2026-11-01")], day(today), Some(7), weekday).unwrap().breach()
        };
        assert_eq!(told("2026-11-08"), None);
        assert!(told("2026-11-09").is_some());
        assert_eq!(silence(vec![day("2026-11-01")], day("2027-11-09"), None, weekday), None);
        assert_eq!(silence(Vec::new(), day("2026-11-09"), Some(7), weekday), None);
        // A date of the future is no article of today.
        let future = vec![day("2026-11-01"), day("2036-01-01")];
        assert_eq!(
            silence(future, day("2026-11-08"), Some(7), weekday).unwrap().since,
            day("2026-11-01")
        );
    }
}
