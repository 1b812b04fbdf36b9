//! When jobs are due: the keys that `[schedule]`, sites, columns and feeds have in common.

use std::time::Duration;

use chrono::DateTime;

use crate::model::Both;
use crate::schedule::{Adaptive, CatchUp, Cron, Days, Pattern, QuietHours, Timing};

use super::forms::{cron, none_of, zone};
use super::reader::{Section, parse_duration};
use super::settings::Schedule;

/// The least that may be called late, and the least between two looks.
const MINUTE: Duration = Duration::from_secs(60);
/// The most between two looks.
const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// What `[schedule]` says, over `plain`, which is its zone and its expression.
pub(super) fn of_schedule(section: &Section<'_>, plain: Timing) -> Timing {
    let timing = laid_over(section, plain);
    let timing = Timing { pattern: pattern(section, None, &timing), ..timing };
    refuse_always_quiet(section, &timing);
    timing
}

/// What a site or a column says, over `beneath`.
pub(super) fn timing(section: &Section<'_>, beneath: &Timing) -> Timing {
    let timing = laid_over(section, beneath.clone());
    let own = section.parsed("cron", |text| cron(text, timing.zone));
    if section.has("cron") && section.has("adaptive") {
        let zh = "“cron”与“adaptive”只能写一个";
        let en = "write either `cron` or `adaptive`";
        section.fault_at("adaptive", Both::new(zh, en));
    }
    let timing = Timing { pattern: pattern(section, own, &timing), ..timing };
    refuse_always_quiet(section, &timing);
    timing
}

/// The time of its own that a feed has, or a digest; `None` without `cron`.
pub(super) fn own(section: &Section<'_>, schedule: &Schedule) -> Option<Timing> {
    let timing = laid_over(section, schedule.own.clone());
    let Some(cron) = section.parsed("cron", |text| cron(text, timing.zone)) else {
        let keys = ["zone", "days", "quiet_hours", "jitter", "catch_up", "late_after"];
        for key in keys.into_iter().filter(|key| !section.has("cron") && section.has(key)) {
            let zh = format!("没有“cron”，“{key}”不起作用");
            section.fault_at(key, Both::new(zh, format!("`{key}` says nothing without `cron`")));
        }
        return None;
    };
    let timing = with_cron(&timing, cron);
    refuse_always_quiet(section, &timing);
    Some(timing)
}

/// `timing` by another expression.
pub(super) fn with_cron(timing: &Timing, cron: Cron) -> Timing {
    Timing { pattern: Pattern::Cron(cron), ..timing.clone() }
}

/// Everything but where times come from.
fn laid_over(section: &Section<'_>, beneath: Timing) -> Timing {
    let zone = section.parsed("zone", zone).unwrap_or(beneath.zone);
    Timing {
        zone,
        days: section.parsed("days", days).unwrap_or(beneath.days),
        quiet: quiet_hours(section).unwrap_or(beneath.quiet),
        jitter: section.duration("jitter").unwrap_or(beneath.jitter),
        catch_up: section.parsed("catch_up", catch_up).unwrap_or(beneath.catch_up),
        late_after: section.parsed("late_after", late_after).unwrap_or(beneath.late_after),
        pattern: match beneath.pattern {
            Pattern::Cron(cron) => Pattern::Cron(cron.in_zone(zone)),
            adaptive @ Pattern::Adaptive(_) => adaptive,
        },
        calendar: beneath.calendar,
    }
}

/// The hours of `quiet_hours`; `None` where there is no such key, or it has a fault.
pub(super) fn quiet_hours(section: &Section<'_>) -> Option<QuietHours> {
    let value = section.value("quiet_hours")?;
    let spans = if value.is_text() { vec![value] } else { value.items() };
    let texts: Vec<&str> = spans.iter().filter_map(|span| span.text()).collect();
    match QuietHours::parse(texts) {
        Ok(quiet) => Some(quiet),
        Err(error) => {
            section.fault_at("quiet_hours", error.both());
            None
        }
    }
}

fn pattern(section: &Section<'_>, own: Option<Cron>, beneath: &Timing) -> Pattern {
    match (adaptive(section), own) {
        (Some(adaptive), _) => Pattern::Adaptive(adaptive),
        (None, Some(cron)) => Pattern::Cron(cron),
        (None, None) => beneath.pattern.clone(),
    }
}

fn adaptive(section: &Section<'_>) -> Option<Adaptive> {
    if !section.has("adaptive") {
        return None;
    }
    let table = section.section("adaptive");
    let (min, max) = (table.required("min", parse_duration), table.required("max", parse_duration));
    table.finish();
    let (min, max) = min.zip(max)?;
    if min < MINUTE || max < min || max > MONTH {
        section.fault_at(
            "adaptive",
            Both::new(
                "min 不得短于 1m，max 不得短于 min，也不得长于 30d",
                "wanted `min` of 1m or more, and `max` between `min` and 30d",
            ),
        );
        return None;
    }
    Some(Adaptive::new(min, max))
}

fn days(text: &str) -> Result<Days, Both> {
    match text {
        "all" => Ok(Days::All),
        "workdays" => Ok(Days::Workdays),
        "next-workday" => Ok(Days::NextWorkday),
        _ => Err(none_of(text, &["all", "workdays", "next-workday"])),
    }
}

fn catch_up(text: &str) -> Result<CatchUp, Both> {
    match text {
        "once" => Ok(CatchUp::Once),
        "all" => Ok(CatchUp::All),
        "skip" => Ok(CatchUp::Skip),
        _ => Err(none_of(text, &["once", "all", "skip"])),
    }
}

fn late_after(text: &str) -> Result<Duration, Both> {
    let duration = parse_duration(text)?;
    if duration < MINUTE {
        return Err(Both::new("不得短于 1m", "wanted 1m or more"));
    }
    Ok(duration)
}

/// A job that fires in quiet hours alone would never be run.
fn refuse_always_quiet(section: &Section<'_>, timing: &Timing) {
    let start = DateTime::from_timestamp(1_767_225_600, 0).unwrap_or_default();
    let fires = timing.next_slot(start).is_some();
    if fires && !timing.quiet.is_empty() && timing.next_after(start).is_none() {
        let key = if section.has("cron") { "cron" } else { "quiet_hours" };
        section.fault_at(
            key,
            Both::new(
                format!("所有时刻都在安静时段（{}）之内，任务永远不会运行", timing.quiet),
                format!("every time falls into quiet hours ({}); it would never run", timing.quiet),
            ),
        );
    }
}
