//! The rules of the agenda, one by one.

use std::time::Duration;

use chrono_tz::Asia::Shanghai;

use super::super::job::Duty;
use super::*;
use crate::schedule::{CatchUp, Cron, QuietHours, Timing};

fn at(text: &str) -> DateTime<Utc> {
    format!("2026-11-{text}Z").parse().unwrap()
}

fn hourly(catch_up: CatchUp) -> Timing {
    Timing { catch_up, ..Cron::parse("0 * * * *", Shanghai).unwrap().into() }
}

fn task(subject: &str, timing: Timing) -> Task {
    let lane = subject.split('/').next().unwrap().to_owned();
    Task { job: Job::new(Duty::Refresh, subject), lane, timing }
}

/// The job `refresh a/b`, whose last turn was `last`.
fn agenda(timing: Timing, last: &str) -> Agenda {
    let memory = Memory {
        words: Some(timing.words()),
        since: at("01T00:00:00"),
        last: Some(at(last)),
        open: Vec::new(),
    };
    let mut agenda = Agenda::new(8, TimeDelta::days(92));
    let ledger = BTreeMap::from([(job(), memory)]);
    assert_eq!(agenda.adopt(vec![task("a/b", timing)], &ledger, at(last)), []);
    agenda
}

fn job() -> Job {
    Job::new(Duty::Refresh, "a/b")
}

/// Steps in short: `started 03`, `coalesced 02`, `late 03`, by day and hour.
fn short(steps: &[Step]) -> Vec<String> {
    let hour = |time: &DateTime<Utc>| time.format("%d %H:%M").to_string();
    let said = |step: &Step| match step {
        Step::Adopt { since, .. } => format!("adopted {}", hour(since)),
        Step::Drop(job) => format!("dropped {job}"),
        Step::Forget { after, .. } => format!("forgot {}", hour(after)),
        Step::Note(turn) => {
            let open = if turn.started.is_some() { "started" } else { "waits" };
            let end = turn.end.map_or(open, TurnEnd::as_str);
            format!("{end} {}", hour(&turn.planned))
        }
        Step::Start { .. } => String::new(),
        Step::Tell(_, Verdict::Punctual) => "punctual".to_owned(),
        Step::Tell(_, Verdict::Late { by, .. }) => format!("late by {}m", by.num_minutes()),
        Step::Tell(_, Verdict::Missed { planned }) => format!("missing {}", hour(planned)),
    };
    steps.iter().map(said).filter(|text| !text.is_empty()).collect()
}

#[test]
fn a_time_comes_is_started_and_ends() {
    let mut agenda = agenda(hourly(CatchUp::Once), "03T01:00:00");
    assert_eq!(agenda.tick(at("03T01:59:59")), []);
    assert_eq!(agenda.wake(at("03T01:59:59")), Some(at("03T02:00:00")));
    let steps = agenda.tick(at("03T02:00:05"));
    assert_eq!(short(&steps), ["started 03 02:00", "punctual"]);
    assert_eq!(agenda.tick(at("03T02:01:00")), []);
    let Some(Step::Note(turn)) = agenda.ended(&job(), true, at("03T02:01:30")).pop() else {
        panic!("noted")
    };
    assert_eq!(turn.job, "refresh a/b");
    assert_eq!((turn.started, turn.ended), (Some(at("03T02:00:05")), Some(at("03T02:01:30"))));
    assert_eq!(turn.end, Some(TurnEnd::Done));
}

#[test]
fn after_downtime_one_run_makes_good_all_or_each_or_none() {
    let now = at("03T05:40:00");
    let mut once = agenda(hourly(CatchUp::Once), "03T01:00:00");
    assert_eq!(
        short(&once.tick(now)),
        [
            "coalesced 03 02:00",
            "coalesced 03 03:00",
            "coalesced 03 04:00",
            "started 03 05:00",
            "late by 40m"
        ]
    );
    assert_eq!(short(&once.ended(&job(), true, now)), ["caught-up 03 05:00"]);

    let mut all = agenda(hourly(CatchUp::All), "03T01:00:00");
    for hour in 2..6 {
        let steps = all.tick(now);
        assert_eq!(short(&steps)[0], format!("started 03 0{hour}:00"));
        all.ended(&job(), true, now);
    }
    assert_eq!(all.tick(now), []);

    let mut skip = agenda(hourly(CatchUp::Skip), "03T01:00:00");
    let steps = short(&skip.tick(now));
    assert_eq!(steps.len(), 8, "{steps:?}");
    assert!(
        steps.contains(&"missed 03 02:00".to_owned())
            && steps.contains(&"missing 03 05:00".to_owned())
    );
    assert_eq!(short(&skip.tick(at("03T06:00:00"))), ["started 03 06:00", "punctual"]);
    // Just passed is in time.
    let mut skip = agenda(hourly(CatchUp::Skip), "03T04:00:00");
    assert_eq!(short(&skip.tick(at("03T05:10:00"))), ["started 03 05:00", "punctual"]);
}

#[test]
fn a_run_that_outlasts_its_period_is_followed_by_one() {
    for (catch_up, after) in
        [(CatchUp::Once, vec!["started 03 05:00", "late by 30m"]), (CatchUp::Skip, vec![])]
    {
        let mut agenda = agenda(hourly(catch_up), "03T01:00:00");
        agenda.tick(at("03T02:00:00"));
        assert_eq!(short(&agenda.tick(at("03T03:00:00"))), ["waits 03 03:00"]);
        let steps = agenda.tick(at("03T04:00:00"));
        assert_eq!(short(&steps), ["coalesced 03 03:00", "waits 03 04:00"]);
        let steps = agenda.tick(at("03T05:00:00"));
        assert_eq!(short(&steps), ["coalesced 03 04:00", "waits 03 05:00"]);
        agenda.ended(&job(), true, at("03T05:30:00"));
        let steps = short(&agenda.tick(at("03T05:30:00")));
        if catch_up == CatchUp::Skip {
            assert_eq!(steps, ["coalesced 03 05:00"], "the run stands for what came during it");
        } else {
            assert_eq!(steps, after);
        }
    }
}

#[test]
fn one_job_of_a_lane_at_a_time_and_so_many_in_all() {
    let mut agenda = Agenda::new(2, TimeDelta::days(92));
    let names = ["a/1", "a/2", "b/1", "c/1"];
    let tasks: Vec<Task> = names.map(|name| task(name, hourly(CatchUp::Once))).into();
    let now = at("03T01:30:00");
    assert_eq!(short(&agenda.adopt(tasks.clone(), &BTreeMap::new(), now)).len(), 4);
    let started = |steps: Vec<Step>| -> Vec<String> {
        let job = |step| if let Step::Start { job, .. } = step { Some(job.subject) } else { None };
        steps.into_iter().filter_map(job).collect()
    };
    assert_eq!(started(agenda.tick(now)), ["a/1", "b/1"]);
    agenda.ended(&Job::new(Duty::Refresh, "b/1"), true, now);
    assert_eq!(started(agenda.tick(now)), ["c/1"], "the lane of `a/2` is busy");
    agenda.ended(&Job::new(Duty::Refresh, "a/1"), true, now);
    assert_eq!(started(agenda.tick(now)), ["a/2"]);
    // One that is taken out while it is under way keeps its lane until it ends.
    let left: Vec<Task> = tasks.into_iter().filter(|task| task.job.subject != "a/2").collect();
    assert_eq!(short(&agenda.adopt(left, &BTreeMap::new(), now)), ["dropped refresh a/2"]);
    agenda.ended(&Job::new(Duty::Refresh, "c/1"), true, now);
    assert_eq!(started(agenda.tick(at("03T02:00:00"))), ["b/1"]);
    assert_eq!(
        short(&agenda.ended(&Job::new(Duty::Refresh, "a/2"), true, at("03T02:01:00"))).len(),
        1
    );
    assert_eq!(started(agenda.tick(at("03T02:01:00"))), ["a/1"]);
    assert_eq!(agenda.len(), 3);
}

#[test]
fn a_clock_that_goes_back_is_waited_for_unless_it_was_wrong_by_days() {
    let mut agenda = agenda(hourly(CatchUp::Once), "03T10:00:00");
    assert_eq!(agenda.tick(at("03T08:30:00")), []);
    assert_eq!(agenda.wake(at("03T08:30:00")), Some(at("03T11:00:00")), "no turn comes twice");
    let steps = agenda.tick(at("01T08:30:00"));
    assert_eq!(short(&steps), ["forgot 01 08:30"]);
    assert_eq!(short(&agenda.tick(at("01T09:00:00"))), ["started 01 09:00", "punctual"]);
}

#[test]
fn nothing_starts_in_quiet_hours_and_what_waited_starts_after_them() {
    let quiet = QuietHours::parse(["23:00-06:00"]).unwrap();
    let timing = Timing { quiet, ..hourly(CatchUp::Once) };
    // Down from 20:30 to 02:10 in China.
    let mut agenda = agenda(timing, "03T12:00:00");
    let steps = agenda.tick(at("03T18:10:00"));
    assert_eq!(
        short(&steps),
        [
            "coalesced 03 13:00",
            "skipped-quiet 03 15:00",
            "skipped-quiet 03 16:00",
            "skipped-quiet 03 17:00",
            "skipped-quiet 03 18:00",
            "waits 03 14:00"
        ]
    );
    assert_eq!(agenda.wake(at("03T21:59:00")), Some(at("03T19:00:00")));
    let steps = agenda.tick(at("03T22:00:00"));
    assert_eq!(short(&steps)[3..], ["coalesced 03 14:00", "started 03 22:00", "punctual"]);
}

#[test]
fn the_first_run_of_a_job_outlives_a_restart_in_quiet_hours() {
    for catch_up in [CatchUp::Once, CatchUp::All, CatchUp::Skip] {
        let quiet = QuietHours::parse(["23:00-06:00"]).unwrap();
        // On Wednesdays, at a time when it is quiet.
        let weekly = Cron::parse("0 2 * * 3", Shanghai).unwrap().into();
        let timing = Timing { quiet, catch_up, ..weekly };
        let tasks = || vec![task("a/b", timing.clone())];
        let mut agenda = Agenda::new(8, TimeDelta::days(92));
        let steps = agenda.adopt(tasks(), &BTreeMap::new(), at("03T17:30:00"));
        assert_eq!(short(&steps), ["adopted 03 17:30"]);
        assert_eq!(short(&agenda.tick(at("03T17:30:00"))), ["waits 03 17:30"]);
        assert_eq!(short(&agenda.tick(at("03T18:00:00"))), ["skipped-quiet 03 18:00"]);

        let memory = Memory {
            words: Some(timing.words()),
            since: at("03T17:30:00"),
            last: Some(at("03T18:00:00")),
            open: vec![at("03T17:30:00")],
        };
        let mut agenda = Agenda::new(8, TimeDelta::days(92));
        let ledger = BTreeMap::from([(job(), memory)]);
        assert_eq!(agenda.adopt(tasks(), &ledger, at("03T19:00:00")), []);
        assert_eq!(agenda.tick(at("03T19:00:00")), []);
        let steps = agenda.tick(at("03T22:00:00"));
        assert_eq!(short(&steps), ["started 03 17:30"], "{catch_up:?}: neither late nor missed");
        assert_eq!(short(&agenda.ended(&job(), true, at("03T22:01:00"))), ["done 03 17:30"]);
    }
}

#[test]
fn a_job_is_left_alone_while_its_budget_is_used_up() {
    let mut agenda = agenda(hourly(CatchUp::Once), "03T01:00:00");
    agenda.tick(at("03T02:00:00"));
    agenda.tick(at("03T03:00:00"));
    assert_eq!(short(&agenda.hold(&job(), at("03T16:00:00"))), ["skipped-budget 03 03:00"]);
    assert_eq!(short(&agenda.ended(&job(), false, at("03T03:10:00"))), ["failed 03 02:00"]);
    assert_eq!(
        short(&agenda.tick(at("03T05:30:00"))),
        ["skipped-budget 03 04:00", "skipped-budget 03 05:00"]
    );
    let steps = short(&agenda.tick(at("03T16:00:00")));
    assert_eq!(steps[steps.len() - 2..], ["started 03 16:00", "punctual"]);
}

#[test]
fn what_a_kill_cut_off_is_run_again_and_what_never_was_planned_is_not_missed() {
    let timing = hourly(CatchUp::Once);
    let memory = |words: String, open| Memory {
        words: Some(words),
        since: at("01T00:00:00"),
        last: Some(at("03T02:00:00")),
        open,
    };
    let now = at("03T02:05:00");
    let mut cut = Agenda::new(8, TimeDelta::days(92));
    let open = memory(timing.words(), vec![at("03T02:00:00")]);
    cut.adopt(vec![task("a/b", timing.clone())], &BTreeMap::from([(job(), open)]), now);
    assert_eq!(short(&cut.tick(now)), ["started 03 02:00", "punctual"]);
    assert_eq!(short(&cut.ended(&job(), true, now)), ["caught-up 03 02:00"]);

    // Another expression since: its times of the past days were never planned.
    let mut other = Agenda::new(8, TimeDelta::days(92));
    let weekly = memory("0 9 * * 1 Asia/Shanghai".to_owned(), Vec::new());
    let now = at("04T05:30:00");
    let steps = other.adopt(vec![task("a/b", timing)], &BTreeMap::from([(job(), weekly)]), now);
    assert_eq!(short(&steps), ["adopted 04 05:30"]);
    assert_eq!(other.tick(now), []);
    assert_eq!(other.wake(now), Some(at("04T06:00:00")));
}

#[test]
fn each_duty_has_its_own_beginning() {
    let now = at("03T05:30:00");
    let begin = |duty| {
        let mut agenda = Agenda::new(8, TimeDelta::days(92));
        let job = Job::new(duty, "x");
        let task = Task { job: job.clone(), lane: "x".to_owned(), timing: hourly(CatchUp::Once) };
        agenda.adopt(vec![task], &BTreeMap::new(), now);
        (short(&agenda.tick(now)), agenda.wake(now), agenda, job)
    };
    assert_eq!(begin(Duty::Refresh).0, ["started 03 05:30"]);
    let (steps, wake, ..) = begin(Duty::Issue);
    assert_eq!((steps.len(), wake), (0, Some(at("03T06:00:00"))));
    let (steps, wake, mut agenda, job) = begin(Duty::Publish);
    assert_eq!((steps.len(), wake, agenda.has_begun(&job)), (0, None, Some(false)));
    assert_eq!(agenda.tick(at("03T09:00:00")), []);
    assert_eq!(short(&agenda.begin(&job, at("03T09:20:00"))), ["done 03 09:20"]);
    assert_eq!(agenda.begin(&job, at("03T09:21:00")), []);
    assert_eq!(agenda.wake(now), Some(at("03T10:00:00")));
}

#[test]
fn after_years_only_what_is_kept_is_made_up_for() {
    let every_second = Timing::from(Cron::parse("* * * * * *", Shanghai).unwrap());
    let mut busy = agenda(every_second, "01T00:00:00");
    let notes = busy.tick(at("25T00:00:00")).len();
    assert!((5_000..=10_003).contains(&notes), "{notes}");
    let mut hours = agenda(hourly(CatchUp::Once), "01T00:00:00");
    let notes = hours.tick(at("01T00:00:00") + TimeDelta::days(3000)).len();
    assert!((92 * 24..93 * 24).contains(&notes), "{notes}");
}

#[test]
fn jitter_is_not_lateness() {
    let jitter = Duration::from_secs(1800);
    let timing = Timing { jitter, late_after: Duration::from_secs(60), ..hourly(CatchUp::Once) };
    let mut agenda = agenda(timing, "03T01:00:00");
    let starts = agenda.wake(at("03T01:00:00")).unwrap();
    assert!(starts > at("03T02:00:00") && starts < at("03T02:30:00"));
    assert_eq!(agenda.tick(starts - TimeDelta::seconds(1)), []);
    assert_eq!(short(&agenda.tick(starts)), ["started 03 02:00", "punctual"]);
}
