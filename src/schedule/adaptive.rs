//! How often to look at a list, learned from how often something new stood on it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// News that came within so many minutes of one another came together.
const TOGETHER_MINUTES: i64 = 10;
/// A rhythm is known from so many distances on.
const KNOWN_FROM: usize = 3;
/// Looks in the usual time between two pieces of news: on average they are seen after a quarter of it.
const LOOKS: u32 = 2;
/// After a silence, looks are this much farther apart than the silence is long.
const SILENCE: u32 = 8;

/// Two bounds, and where between them a column is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adaptive {
    /// Least time between two looks.
    pub min: Duration,
    /// Most time between two looks.
    pub max: Duration,
    /// Time between two looks.
    pub every: Duration,
}

impl Adaptive {
    /// Between `min` and `max`; as long as nothing is known, at the geometric mean of the two.
    pub fn new(min: Duration, max: Duration) -> Self {
        let mean = (min.as_secs_f64() * max.as_secs_f64()).sqrt();
        let every = Duration::from_secs(mean.round().max(1.0) as u64).clamp(min, max);
        Self { min, max, every }
    }

    /// The time between two looks that suits `arrivals` (when news came, in order) as of `now`:
    /// half the usual distance of news, longer after a silence, within the bounds.
    #[must_use]
    pub fn learned(self, arrivals: &[DateTime<Utc>], now: DateTime<Utc>) -> Self {
        let mut gaps: Vec<TimeDelta> = arrivals
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .filter(|gap| *gap > TimeDelta::minutes(TOGETHER_MINUTES))
            .collect();
        gaps.sort_unstable();
        let Some(last) = arrivals.last().filter(|_| gaps.len() >= KNOWN_FROM) else {
            return Self::new(self.min, self.max);
        };
        let plain = |delta: TimeDelta| delta.to_std().unwrap_or_default();
        let usual = plain(gaps[gaps.len() / 2]) / LOOKS;
        let after_silence = plain(now - *last) / SILENCE;
        let every = Duration::from_secs(usual.max(after_silence).as_secs());
        Self { every: every.clamp(self.min, self.max), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const HOUR: Duration = Duration::from_secs(3600);

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn arrivals(count: i32, every: TimeDelta) -> Vec<DateTime<Utc>> {
        (0..count).map(|n| at("2026-11-03T00:00:00Z") + every * n).collect()
    }

    #[test]
    fn a_busy_column_is_looked_at_often_and_a_silent_one_seldom() {
        let bounds = Adaptive::new(5 * MINUTE, 6 * HOUR);
        let hourly = arrivals(30, TimeDelta::hours(1));
        let last = *hourly.last().unwrap();
        assert_eq!(bounds.learned(&hourly, last).every, 30 * MINUTE);
        // The usual distance, not the average: one long silence in between changes nothing.
        let mut paused = hourly.clone();
        paused.extend(arrivals(30, TimeDelta::hours(1)).iter().map(|t| *t + TimeDelta::days(9)));
        assert_eq!(bounds.learned(&paused, *paused.last().unwrap()).every, 30 * MINUTE);
        assert_eq!(bounds.learned(&hourly, last + TimeDelta::hours(16)).every, 2 * HOUR);
        assert_eq!(bounds.learned(&hourly, last + TimeDelta::days(30)).every, 6 * HOUR);
        // Several at once are one piece of news.
        let mut bursts: Vec<_> =
            hourly.iter().flat_map(|time| [*time, *time, *time + TimeDelta::minutes(1)]).collect();
        bursts.sort_unstable();
        assert!(bounds.learned(&bursts, last).every >= 29 * MINUTE);
    }

    #[test]
    fn the_bounds_hold_and_little_is_known_of_a_new_column() {
        let bounds = Adaptive::new(5 * MINUTE, 6 * HOUR);
        let fast = arrivals(30, TimeDelta::seconds(660));
        assert_eq!(bounds.learned(&fast, *fast.last().unwrap()).every, Duration::from_secs(330));
        let narrow = Adaptive::new(HOUR, HOUR);
        assert_eq!(narrow.learned(&fast, *fast.last().unwrap()).every, HOUR);
        for few in [0, 1, 3] {
            let learned =
                bounds.learned(&arrivals(few, TimeDelta::hours(1)), at("2026-11-04T00:00:00Z"));
            assert_eq!(learned.every, Duration::from_secs(2546), "{few}");
        }
        // A clock that went back gives no negative silence.
        let hourly = arrivals(30, TimeDelta::hours(1));
        assert_eq!(bounds.learned(&hourly, at("2026-01-01T00:00:00Z")).every, 30 * MINUTE);
    }
}
