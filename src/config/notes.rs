//! What feeds say of themselves: taken from sites, schedules and `[public]`.

use std::collections::HashMap;

use chrono::Weekday;

use crate::model::{ColumnNote, Emblems, Notes, Rhythm};
use crate::schedule::{HOURS, Timing};

use super::Publication;
use super::site::Site;

/// The notes on everything that is published.
pub(super) fn notes(sites: &[Site], feeds: &[Publication], emblems: Emblems) -> Notes {
    let columns = sites.iter().flat_map(|site| &site.columns).map(|column| {
        let note = ColumnNote { name: column.name.clone(), url: column.url.clone() };
        (column.id.clone(), note)
    });
    let mut known = HashMap::new();
    let rhythms = feeds.iter().filter_map(|feed| {
        let rhythm = rhythm(&timings(feed, sites), &mut known)?;
        Some((feed.spec.slug.clone(), rhythm))
    });
    Notes { columns: columns.collect(), rhythms: rhythms.collect(), emblems }
}

/// The schedules by which a feed comes to have news: its own, else those of its columns.
fn timings<'a>(feed: &'a Publication, sites: &'a [Site]) -> Vec<&'a Timing> {
    if let Some(own) = &feed.timing {
        return vec![own];
    }
    // Those of a site that is switched off too: its subscribers keep what they have.
    let all = sites.iter().flat_map(|site| &site.columns);
    let its = all.filter(|column| feed.spec.selection.may_hold(&column.id));
    let mut timings: Vec<&Timing> = its.map(|column| &column.timing).collect();
    timings.sort_by_key(|timing| timing.words());
    timings.dedup_by_key(|timing| timing.words());
    timings
}

/// What is known of a schedule: minutes between its times, and its week.
type Known = HashMap<String, (u32, Option<[bool; HOURS]>)>;

fn rhythm(timings: &[&Timing], known: &mut Known) -> Option<Rhythm> {
    let mut minutes = u32::MAX;
    let mut busy = Some([false; HOURS]);
    for timing in timings {
        let (period, week) = *known
            .entry(timing.words())
            .or_insert_with(|| (timing.period_minutes(), timing.week()));
        minutes = minutes.min(period);
        busy = busy.zip(week).map(|(busy, week)| std::array::from_fn(|h| busy[h] || week[h]));
    }
    let base = timings.iter().map(|timing| timing.reference()).min()?;
    let (idle_hours, idle_days) = busy.map(|busy| idle(&busy)).unwrap_or_default();
    Some(Rhythm { minutes, base, idle_hours, idle_days })
}

/// Hours and days in which nothing comes. What is fetched in the last minutes of an hour is published
/// in the next, so that one is never idle.
fn idle(busy: &[bool; HOURS]) -> (Vec<u8>, Vec<Weekday>) {
    let quiet = |hour: usize| !busy[hour] && !busy[(hour + HOURS - 1) % HOURS];
    let hours = (0..24).filter(|&hour| (0..7).all(|day| quiet(day * 24 + usize::from(hour))));
    let days = [
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
        Weekday::Sat,
        Weekday::Sun,
    ];
    let days = days.into_iter().enumerate();
    let days = days.filter(|(day, _)| (0..24).all(|hour| quiet(day * 24 + hour)));
    (hours.collect(), days.map(|(_, day)| day).collect())
}

#[cfg(test)]
mod tests {
    use chrono_tz::Asia::Shanghai;

    use super::*;
    use crate::schedule::Cron;

    fn of(expressions: &[&str]) -> Rhythm {
        let timings: Vec<Timing> =
            expressions.iter().map(|text| Cron::parse(text, Shanghai).unwrap().into()).collect();
        let timings: Vec<&Timing> = timings.iter().collect();
        let mut known = HashMap::new();
        rhythm(&timings, &mut known).unwrap()
    }

    #[test]
    fn hours_and_days_are_idle_when_no_schedule_fires_in_them_or_just_before() {
        // 7 to 22 in China is 23 to 14 in Greenwich; 15 has what came at the end of 14.
        let daily = of(&["*/30 7-22 * * *"]);
        assert_eq!(daily.idle_hours, [16, 17, 18, 19, 20, 21, 22]);
        assert_eq!((daily.minutes, daily.idle_days.len()), (30, 0));
        assert_eq!(daily.base.to_rfc3339(), "2026-01-05T00:00:00+00:00");
        let weekly = of(&["0 9 * * 1"]);
        assert_eq!(weekly.idle_hours.len(), 22);
        assert_eq!(weekly.idle_days.len(), 6);
        assert_eq!(of(&["0 9 * * 1", "* * * * *"]).idle_hours, [0u8; 0]);
        // Of a month nothing is said by the week.
        let monthly = of(&["0 9 1 * *", "0 9 * * 1"]);
        assert_eq!((monthly.idle_hours.len(), monthly.idle_days.len()), (0, 0));
    }
}
