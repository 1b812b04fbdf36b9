//! When each column is due. Pure: the clock is an argument.

use chrono::{DateTime, Utc};

use crate::config::Config;
use crate::model::ColumnId;
use crate::schedule::{Cron, jittered};

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Reads a column.
    Refresh,
    /// Publishes a feed on its own cron.
    Publish,
}

/// A job's next times, for `check` and `next`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What it does.
    pub duty: Duty,
    /// The column `jiangsu/zt` or the feed `all`.
    pub subject: String,
    /// Its name for people: `江苏·要闻`.
    pub title: String,
    /// Its next times, soonest first, without jitter.
    pub times: Vec<DateTime<Utc>>,
}

/// The next `count` times of every job of `config`.
pub fn next_times(config: &Config, now: DateTime<Utc>, count: usize) -> Vec<Planned> {
    let refreshes = config.columns().map(|(site, column)| Planned {
        duty: Duty::Refresh,
        subject: column.id.to_string(),
        title: format!("{}·{}", site.short_name, column.name),
        times: column.cron.upcoming(now, count),
    });
    let publications = config.feeds.iter().filter_map(|publication| {
        publication.cron.as_ref().map(|cron| Planned {
            duty: Duty::Publish,
            subject: publication.spec.slug.clone(),
            title: publication.spec.title.clone(),
            times: cron.upcoming(now, count),
        })
    });
    refreshes.chain(publications).collect()
}

/// A job's place in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// When the schedule wants it.
    pub(super) planned: DateTime<Utc>,
    /// When it starts: planned plus jitter.
    pub(super) starts: DateTime<Utc>,
}

/// The next time after `last` (the last planned time, if any). What was missed while the daemon was
/// down is made good once, now.
pub(super) fn due(
    column: &ColumnId,
    cron: &Cron,
    jitter: std::time::Duration,
    last: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<Due> {
    let Some(last) = last else { return Some(Due { planned: now, starts: now }) };
    let planned = cron.next_after(last)?;
    if planned <= now {
        return Some(Due { planned: latest_before(cron, planned, now), starts: now });
    }
    Some(Due { planned, starts: jittered(planned, &column.to_string(), jitter) })
}

/// The last planned time that is not after `now`, counting from `first`; looks at 1,000 times at
/// most, after which `now` itself is good enough.
fn latest_before(cron: &Cron, first: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let mut latest = first;
    for _ in 0..1000 {
        match cron.next_after(latest) {
            Some(next) if next <= now => latest = next,
            _ => return latest,
        }
    }
    now
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn hourly() -> Cron {
        Cron::parse("0 * * * *", chrono_tz::Asia::Shanghai).unwrap()
    }

    #[test]
    fn what_was_missed_is_made_good_once() {
        let column: ColumnId = "a/b".parse().unwrap();
        let (last, now) = (at("2026-11-03T01:00:00Z"), at("2026-11-03T05:30:00Z"));
        let due = due(&column, &hourly(), Duration::ZERO, Some(last), now).unwrap();
        assert_eq!(due, Due { planned: at("2026-11-03T05:00:00Z"), starts: now });
    }

    #[test]
    fn a_new_column_is_due_at_once_and_then_by_its_cron() {
        let column: ColumnId = "a/b".parse().unwrap();
        let now = at("2026-11-03T05:30:00Z");
        let first = due(&column, &hourly(), Duration::ZERO, None, now).unwrap();
        assert_eq!(first.starts, now);
        let second = due(&column, &hourly(), Duration::ZERO, Some(first.planned), now).unwrap();
        assert_eq!(second.planned, at("2026-11-03T06:00:00Z"));
    }

    #[test]
    fn jitter_only_delays() {
        let column: ColumnId = "a/b".parse().unwrap();
        let now = at("2026-11-03T05:30:00Z");
        let minute = Duration::from_secs(60);
        let due = due(&column, &hourly(), minute, Some(now), now).unwrap();
        assert!(due.starts >= due.planned && due.starts <= due.planned + minute);
    }
}
