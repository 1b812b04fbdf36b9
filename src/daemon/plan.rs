//! Which jobs a configuration asks for, and when they come next. Pure: the clock is an argument.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Utc};

use crate::config::Config;
use crate::schedule::{Days, Timing};

use super::job::{Duty, Job, Task};

/// A job's next times, for `check` and `next`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What it does.
    pub duty: Duty,
    /// The column `jiangsu/zt`, the feed, the digest, or `data`.
    pub subject: String,
    /// Its name for people: `江苏·要闻`; of the data folder, its place.
    pub title: String,
    /// Its next times, soonest first, without jitter.
    pub times: Vec<DateTime<Utc>>,
    /// Its next time where that is beyond the horizon.
    pub beyond: Option<DateTime<Utc>>,
}

/// How far [`next_times`] looks: whatever ends first.
#[derive(Clone, Copy, Debug)]
pub struct Horizon {
    /// So many times of each job.
    pub count: usize,
    /// Times up to then, where it is given.
    pub until: Option<DateTime<Utc>>,
}

/// The next times of every job of `config`.
pub fn next_times(config: &Config, now: DateTime<Utc>, horizon: Horizon) -> Vec<Planned> {
    let planned = |duty, subject, title, timing: &Timing| {
        let until = horizon.until.unwrap_or(DateTime::<Utc>::MAX_UTC);
        let times: Vec<_> = timing.between(now, until).take(horizon.count).collect();
        let beyond = if times.is_empty() { timing.upcoming(now, 1).pop() } else { None };
        Planned { duty, subject, title, times, beyond }
    };
    let refreshes = config.columns().map(|(site, column)| {
        let title = format!("{}·{}", site.short_name, column.name);
        planned(Duty::Refresh, column.id.to_string(), title, &column.timing)
    });
    let publications = config.feeds.iter().filter_map(|publication| {
        let (slug, title) = (publication.spec.slug.clone(), publication.spec.title.clone());
        Some(planned(Duty::Publish, slug, title, publication.timing.as_ref()?))
    });
    let issues = config.digests.iter().filter_map(|digest| {
        let (slug, title) = (digest.spec.slug.clone(), digest.spec.title.clone());
        Some(planned(Duty::Issue, slug, title, digest.timing.as_ref()?))
    });
    let prunings = prunings(config).into_iter().map(|task| {
        let title = config.daemon.data.display().to_string();
        planned(Duty::Prune, task.job.subject, title, &task.timing)
    });
    refreshes.chain(publications).chain(issues).chain(prunings).collect()
}

/// Reading each column; the columns of a site one after the other.
pub(super) fn refreshes(config: &Config) -> Vec<Task> {
    let task = |(site, column): (&crate::config::Site, &crate::config::Column)| Task {
        job: Job::new(Duty::Refresh, &column.id),
        lane: site.id.to_string(),
        timing: column.timing.clone(),
    };
    config.columns().map(task).collect()
}

/// Publishing each feed that has a time of its own.
pub(super) fn publications(config: &Config) -> Vec<Task> {
    let task = |publication: &crate::config::Publication| {
        let slug = &publication.spec.slug;
        let timing = publication.timing.clone()?;
        Some(Task { job: Job::new(Duty::Publish, slug), lane: slug.clone(), timing })
    };
    config.feeds.iter().filter_map(task).collect()
}

/// Building the next issue of each digest that has a time.
pub(super) fn issues(config: &Config) -> Vec<Task> {
    let task = |digest: &crate::config::Digest| {
        let slug = &digest.spec.slug;
        let timing = digest.timing.clone()?;
        Some(Task { job: Job::new(Duty::Issue, slug), lane: slug.clone(), timing })
    };
    config.digests.iter().filter_map(task).collect()
}

/// Pruning the data folder, under the one name that it has.
pub(super) fn prunings(config: &Config) -> Vec<Task> {
    let timing = config.retention.at.clone();
    vec![Task { job: Job::new(Duty::Prune, "data"), lane: "data".to_owned(), timing }]
}

/// Years whose holidays some job needs to know and nobody told: the one of `now`, and in December
/// the next one too.
pub fn unknown_years(config: &Config, now: DateTime<Utc>) -> BTreeSet<i32> {
    let columns = config.columns().map(|(_, column)| &column.timing);
    let feeds = config.feeds.iter().filter_map(|feed| feed.timing.as_ref());
    let digests = config.digests.iter().filter_map(|digest| digest.timing.as_ref());
    let mut years = BTreeSet::new();
    for timing in columns.chain(feeds).chain(digests).filter(|timing| timing.days != Days::All) {
        let local = now.with_timezone(&timing.zone);
        let next = (local.month() == 12).then_some(local.year() + 1);
        let needed = std::iter::once(local.year()).chain(next);
        years.extend(needed.filter(|year| !timing.calendar.knows(*year)));
    }
    years
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::daemon::agenda::simulation::{Span, seeds, simulate};

    /// Every job of what is shipped lives through 2026. Sites that are switched off are read too.
    #[test]
    fn the_year_2026_of_all_that_is_shipped_loses_and_doubles_nothing() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.toml");
        let mut config = Config::load(&file).unwrap();
        config.sites.iter_mut().for_each(|site| site.enabled = true);
        assert_eq!(config.schedule.refresh.jitter, Duration::from_secs(120));
        let mut tasks = refreshes(&config);
        tasks.extend(publications(&config));
        tasks.extend(issues(&config));
        tasks.extend(prunings(&config));
        assert!(tasks.len() >= 4, "{} jobs", tasks.len());
        for seed in seeds() {
            simulate(&tasks, seed, Span::year_2026());
        }
    }

    #[test]
    fn years_without_a_calendar_are_named_in_time() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.toml");
        let mut config = Config::load(&file).unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(unknown_years(&config, at("2030-06-01T00:00:00Z")), BTreeSet::new());
        let site = config.sites.iter_mut().find(|site| site.enabled).unwrap();
        site.columns[0].timing.days = Days::Workdays;
        let unknown = |text: &str| unknown_years(&config, at(text)).into_iter().collect::<Vec<_>>();
        assert_eq!(unknown("2026-11-30T15:00:00Z"), Vec::<i32>::new());
        // December begins in China.
        assert_eq!(unknown("2026-11-30T16:00:00Z"), [2027]);
        assert_eq!(unknown("2028-02-01T00:00:00Z"), [2028]);
    }
}
