//! When one job is due, all things considered.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::expression::instant;
use super::{Adaptive, Calendar, Cron, QuietHours};

/// A second before midnight: nothing fires between it and the next day.
const LAST_SECOND: NaiveTime = NaiveTime::from_hms_opt(23, 59, 59).expect("a time of the day");
/// A job that finds nothing but quiet hours so often is never run.
const QUIET_ENOUGH: usize = 1500;
/// Late from so much on, where nobody says otherwise.
const LATE_AFTER: Duration = Duration::from_secs(15 * 60);

/// What days are good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Days {
    /// Every day.
    #[default]
    All,
    /// Times on days off are no times.
    Workdays,
    /// Times on days off are moved to the same time of the next working day; of two that then meet,
    /// one is left.
    NextWorkday,
}

/// What becomes of times that passed without a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CatchUp {
    /// One run makes good all of them.
    #[default]
    Once,
    /// Each is made good, in order.
    All,
    /// None is.
    Skip,
}

/// Where times come from.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// The clock and the calendar.
    Cron(Cron),
    /// The rhythm of what is looked at.
    Adaptive(Adaptive),
}

/// A planned time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// When.
    pub at: DateTime<Utc>,
    /// It falls into quiet hours, and is left out for that.
    pub quiet: bool,
}

/// When one job is due, all things considered.
#[derive(Clone, Debug)]
pub struct Timing {
    /// Where its times come from.
    pub pattern: Pattern,
    /// In which zone days and quiet hours are meant.
    pub zone: Tz,
    /// On which days.
    pub days: Days,
    /// When nothing is started.
    pub quiet: QuietHours,
    /// Spread after the planned time, at most.
    pub jitter: Duration,
    /// What becomes of times that passed without a run.
    pub catch_up: CatchUp,
    /// How late a start is told of.
    pub late_after: Duration,
    /// Which days are worked on.
    pub calendar: Arc<Calendar>,
}

impl From<Cron> for Timing {
    /// Every time of `cron`, on every day, without jitter.
    fn from(cron: Cron) -> Self {
        Self {
            zone: cron.zone(),
            pattern: Pattern::Cron(cron),
            days: Days::All,
            quiet: QuietHours::default(),
            jitter: Duration::ZERO,
            catch_up: CatchUp::Once,
            late_after: LATE_AFTER,
            calendar: Arc::default(),
        }
    }
}

impl Timing {
    /// The first planned time strictly after `after`, quiet or not.
    pub fn next_slot(&self, after: DateTime<Utc>) -> Option<Slot> {
        let at = match &self.pattern {
            Pattern::Cron(cron) => match self.days {
                Days::All => cron.next_after(after)?,
                Days::Workdays => self.next_on_workday(cron, after)?,
                Days::NextWorkday => self.next_moved(cron, after)?,
            },
            Pattern::Adaptive(adaptive) => self.next_look(adaptive.every, after),
        };
        Some(Slot { at, quiet: self.is_quiet(at) })
    }

    /// The first time strictly after `after` at which the job is to run.
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut after = after;
        for _ in 0..QUIET_ENOUGH {
            let slot = self.next_slot(after)?;
            if !slot.quiet {
                return Some(slot.at);
            }
            // All times until the end of the quiet hours are quiet.
            after = slot.at.max(self.quiet_until(slot.at) - TimeDelta::seconds(1));
        }
        None
    }

    /// The next `count` times after `from` at which it is to run.
    pub fn upcoming(&self, from: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
        self.after(from).take(count).collect()
    }

    /// Its times after `from`, up to and including `to`.
    pub fn between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> impl Iterator<Item = DateTime<Utc>> {
        self.after(from).take_while(move |time| *time <= to)
    }

    fn after(&self, from: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        std::iter::successors(self.next_after(from), |time| self.next_after(*time))
    }

    /// When `slot` starts: its time and a delay that depends on `key` and the time alone, so that a
    /// restart plans the same moment again. It comes before the `following` slot and is not quiet.
    pub fn start(&self, slot: Slot, following: Option<Slot>, key: &str) -> DateTime<Utc> {
        let room = following.and_then(|next| (next.at - slot.at).to_std().ok());
        let most = room.map_or(self.jitter, |room| room.min(self.jitter));
        let starts = jittered(slot.at, key, most);
        if slot.quiet || self.is_quiet(starts) { slot.at } else { starts }
    }

    /// Whether nothing is to be started at `time`.
    pub fn is_quiet(&self, time: DateTime<Utc>) -> bool {
        !self.quiet.is_empty() && self.quiet.hold(self.wall(time).time())
    }

    /// `time`, or else the end of the quiet hours it falls into.
    pub fn quiet_until(&self, time: DateTime<Utc>) -> DateTime<Utc> {
        if !self.is_quiet(time) {
            return time;
        }
        instant(self.zone, self.quiet.over(self.wall(time))).max(time)
    }

    /// The same with looks `every` so often, where it is adaptive.
    #[must_use]
    pub fn paced(&self, adaptive: Adaptive) -> Self {
        match self.pattern {
            Pattern::Adaptive(_) => Self { pattern: Pattern::Adaptive(adaptive), ..self.clone() },
            Pattern::Cron(_) => self.clone(),
        }
    }

    /// The two bounds, where it is adaptive.
    pub fn adaptive(&self) -> Option<Adaptive> {
        match self.pattern {
            Pattern::Adaptive(adaptive) => Some(adaptive),
            Pattern::Cron(_) => None,
        }
    }

    /// Minutes between two times as a rule: the median of distances from a fixed Monday on.
    pub fn period_minutes(&self) -> u32 {
        let monday = DateTime::from_timestamp(1_767_571_200, 0).unwrap_or_default();
        let times = self.upcoming(monday, 200);
        let mut gaps: Vec<i64> =
            times.windows(2).map(|pair| (pair[1] - pair[0]).num_minutes()).collect();
        gaps.sort_unstable();
        let median = gaps.get(gaps.len() / 2).copied().unwrap_or(1440);
        u32::try_from(median).unwrap_or(u32::MAX)
    }

    /// In words, what its times follow from: two with the same words have the same times.
    pub fn words(&self) -> String {
        let pattern = match &self.pattern {
            Pattern::Cron(cron) => cron.as_str().to_owned(),
            Pattern::Adaptive(Adaptive { min, max, .. }) => {
                format!("adaptive {}s-{}s", min.as_secs(), max.as_secs())
            }
        };
        let days = match self.days {
            Days::All => "",
            Days::Workdays => " workdays",
            Days::NextWorkday => " next-workday",
        };
        let quiet = if self.quiet.is_empty() { "" } else { " quiet " };
        format!("{pattern} {}{days}{quiet}{}", self.zone.name(), self.quiet)
    }

    fn wall(&self, time: DateTime<Utc>) -> NaiveDateTime {
        time.with_timezone(&self.zone).naive_local()
    }

    fn next_on_workday(&self, cron: &Cron, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut wall = self.wall(after);
        loop {
            wall = cron.next_wall(wall)?;
            if !self.calendar.is_workday(wall.date()) {
                wall = wall.date().and_time(LAST_SECOND);
                continue;
            }
            let time = instant(self.zone, wall);
            if time > after {
                return Some(time);
            }
        }
    }

    /// The days off before a working day lend it their times.
    fn next_moved(&self, cron: &Cron, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut day = self.calendar.workday_from(self.wall(after).date());
        loop {
            let off = day.pred_opt().into_iter().flat_map(|before| {
                let back = std::iter::successors(Some(before), chrono::NaiveDate::pred_opt);
                back.take_while(|day| !self.calendar.is_workday(*day))
            });
            let lenders = std::iter::once(day).chain(off);
            let times = lenders.filter_map(|lender| {
                let mut wall = lender.pred_opt()?.and_time(LAST_SECOND);
                if day == self.wall(after).date() {
                    wall = lender.and_time(self.wall(after).time());
                }
                loop {
                    wall = cron.next_wall(wall).filter(|wall| wall.date() == lender)?;
                    let time = instant(self.zone, day.and_time(wall.time()));
                    if time > after {
                        return Some(time);
                    }
                }
            });
            if let Some(first) = times.min() {
                return Some(first);
            }
            let next = cron.next_wall(day.and_time(LAST_SECOND))?;
            day = self.calendar.workday_from(next.date());
        }
    }

    /// So long after the last look, on a working day where that is wanted, out of quiet hours.
    fn next_look(&self, every: Duration, after: DateTime<Utc>) -> DateTime<Utc> {
        let every = i64::try_from(every.as_secs()).unwrap_or(i64::MAX / 2000).max(1);
        let mut wall = self.wall(after + TimeDelta::seconds(every));
        // Each turn of this moves on to another day off or another quiet span, or ends it.
        for _ in 0..64 {
            let day = match self.days {
                Days::All => wall.date(),
                Days::Workdays | Days::NextWorkday => self.calendar.workday_from(wall.date()),
            };
            let later = if day == wall.date() { wall } else { day.and_time(NaiveTime::MIN) };
            let later = self.quiet.over(later);
            if later == wall {
                break;
            }
            wall = later;
        }
        let least = after + TimeDelta::seconds(1);
        instant(self.zone, wall).max(least)
    }
}

/// `due` plus a delay of less than `most` that depends on `key` and `due` alone, so that a restart
/// plans the same moment again.
fn jittered(due: DateTime<Utc>, key: &str, most: Duration) -> DateTime<Utc> {
    let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
    if most == 0 {
        return due;
    }
    let hash = blake3::hash(format!("{key} {}", due.timestamp()).as_bytes());
    let mut first = [0u8; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    let delay = u64::from_le_bytes(first) % most;
    due + TimeDelta::milliseconds(i64::try_from(delay).unwrap_or(0))
}

#[cfg(test)]
mod tests;
