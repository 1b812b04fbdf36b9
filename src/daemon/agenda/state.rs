//! How far one job has come.

use std::collections::VecDeque;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use crate::model::{Turn, TurnEnd};
use crate::schedule::{Adaptive, CatchUp, Slot, Timing};

use super::super::job::{Beginning, Job, Task};
use super::{Memory, Step, Verdict, not_run};

/// A clock that goes back farther than this was wrong before.
const BACK: TimeDelta = TimeDelta::days(1);
/// Turns that are made up for at once, at most; earlier ones are as if they were forgotten.
const MOST: usize = 10_000;

/// A planned time that has not come.
#[derive(Clone, Copy, Debug)]
struct Due {
    slot: Slot,
    /// With jitter.
    starts: DateTime<Utc>,
}

/// A planned time that has come and was not started.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    planned: DateTime<Utc>,
    starts: DateTime<Utc>,
    kind: Kind,
    /// The ledger has it, so that it is not lost with this process.
    noted: bool,
}

impl Waiting {
    fn new(planned: DateTime<Utc>, starts: DateTime<Utc>, kind: Kind) -> Self {
        Self { planned, starts, kind, noted: false }
    }
}

/// Why a time waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It came while we looked.
    InTime,
    /// It came while an earlier turn of the same job was under way.
    Overrun,
    /// It passed while nobody was there.
    MadeGood,
    /// Nobody planned it: the job is new.
    First,
}

/// A turn under way.
#[derive(Clone, Copy, Debug)]
struct Running {
    planned: DateTime<Utc>,
    started: DateTime<Utc>,
    kind: Kind,
}

/// How far one job has come.
#[derive(Debug)]
pub(super) struct State {
    job: Job,
    lane: String,
    timing: Timing,
    /// Up to here every planned time has its turn, or waits.
    last: DateTime<Utc>,
    next: Option<Due>,
    /// The one after the next.
    following: Option<Slot>,
    waiting: VecDeque<Waiting>,
    running: Option<Running>,
    held_until: Option<DateTime<Utc>>,
    begun: bool,
    left: bool,
}

impl State {
    /// The job of `task` as the ledger remembers it.
    pub(super) fn new(
        task: Task,
        memory: Option<&Memory>,
        now: DateTime<Utc>,
        steps: &mut Vec<Step>,
    ) -> Self {
        let now = now.trunc_subsecs(0);
        let beginning = task.job.duty.beginning();
        let words = task.timing.words();
        let mut state = Self {
            job: task.job,
            lane: task.lane,
            timing: task.timing,
            last: now,
            next: None,
            following: None,
            waiting: VecDeque::new(),
            running: None,
            held_until: None,
            begun: beginning.has_begun(),
            left: false,
        };
        let known = memory.and_then(|memory| memory.words.as_ref()) == Some(&words);
        if let Some(memory) = memory {
            // Of times that follow from other words nobody waited for any until now.
            let changed = !known && memory.words.is_some();
            let since = if changed { now } else { memory.since };
            state.last = memory.last.map_or(since, |last| last.max(since));
            let open = memory.open.iter();
            state.waiting.extend(open.map(|&planned| {
                // No planned time counts from itself.
                let is_first = beginning == Beginning::AtOnce && planned == memory.since;
                let kind = if is_first { Kind::First } else { Kind::MadeGood };
                Waiting { noted: true, ..Waiting::new(planned, planned, kind) }
            }));
            if state.timing.catch_up != CatchUp::All {
                state.coalesce(steps);
            }
        }
        let first = memory.is_none_or(|memory| memory.last.is_none());
        match beginning {
            Beginning::AtOnce if first => {
                // A clock that went back meanwhile is not waited for.
                state.last = state.last.min(now);
                state.waiting.push_back(Waiting::new(state.last, state.last, Kind::First));
            }
            Beginning::WhenTold => state.begun = !first,
            Beginning::AtOnce | Beginning::AtItsTime => {}
        }
        if !known {
            steps.push(Step::Adopt { job: state.job.clone(), words, since: state.last });
        }
        state.plan();
        state
    }

    /// Goes on as `task` wants it.
    pub(super) fn follow(&mut self, task: Task, now: DateTime<Utc>) -> Option<Step> {
        let words = task.timing.words();
        let changed = words != self.timing.words() || self.left;
        self.timing = task.timing;
        self.lane = task.lane;
        self.held_until = None;
        self.left = false;
        if changed {
            self.last = self.last.max(now.trunc_subsecs(0));
        }
        self.plan();
        changed.then(|| Step::Adopt { job: self.job.clone(), words, since: self.last })
    }

    /// The job is wanted no more; true while it is still under way.
    pub(super) fn leave(&mut self) -> bool {
        self.left = true;
        self.waiting.clear();
        self.plan();
        self.running.is_some()
    }

    pub(super) fn has_left(&self) -> bool {
        self.left && self.running.is_none()
    }

    pub(super) fn lane(&self) -> &str {
        &self.lane
    }

    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub(super) fn has_begun(&self) -> bool {
        self.begun
    }

    /// Finds the next planned time after the last.
    fn plan(&mut self) {
        let waits = self.begun && !self.left;
        let slot = if waits { self.timing.next_slot(self.last) } else { None };
        self.expect(slot);
    }

    fn expect(&mut self, slot: Option<Slot>) {
        self.following = slot.and_then(|slot| self.timing.next_slot(slot.at));
        self.next = slot.map(|slot| {
            let starts = self.timing.start(slot, self.following, &self.job.subject);
            Due { slot, starts }
        });
    }

    /// Takes in every planned time that has come.
    pub(super) fn gather(&mut self, now: DateTime<Utc>, kept: TimeDelta, steps: &mut Vec<Step>) {
        if self.last > now + BACK {
            self.forget(now, steps);
        }
        if now - self.last > BACK {
            self.leap(now, kept);
        }
        while let Some(due) = self.next.filter(|due| due.starts <= now) {
            self.last = due.slot.at;
            self.expect(self.following);
            self.pass(due, now, steps);
        }
    }

    /// Begins anew from `now`, since the clock was wrong before.
    fn forget(&mut self, now: DateTime<Utc>, steps: &mut Vec<Step>) {
        steps.push(Step::Forget { job: self.job.clone(), after: now });
        self.waiting.retain(|waiting| waiting.planned <= now);
        self.last = now.trunc_subsecs(0);
        self.held_until = None;
        self.plan();
    }

    /// After a long time, leaves out what would not be remembered anyhow.
    fn leap(&mut self, now: DateTime<Utc>, kept: TimeDelta) {
        let mut from = self.last.max(now - kept);
        let passed = |from| {
            let slots = std::iter::successors(self.timing.next_slot(from), |slot: &Slot| {
                self.timing.next_slot(slot.at)
            });
            slots.take_while(|slot| slot.at <= now).take(MOST + 1).count()
        };
        while passed(from) > MOST {
            from += (now - from) / 2;
        }
        if from > self.last {
            self.last = from.trunc_subsecs(0);
            self.plan();
        }
    }

    /// A planned time has come, perhaps long ago.
    fn pass(&mut self, due: Due, now: DateTime<Utc>, steps: &mut Vec<Step>) {
        let planned = due.slot.at;
        if due.slot.quiet {
            steps.push(not_run(&self.job, planned, TurnEnd::SkippedQuiet));
            return;
        }
        if self.held_until.is_some_and(|until| planned < until) {
            steps.push(not_run(&self.job, planned, TurnEnd::SkippedBudget));
            return;
        }
        let kind = match (self.running, self.is_late(due.starts, now)) {
            (Some(_), _) => Kind::Overrun,
            (None, true) => Kind::MadeGood,
            (None, false) => Kind::InTime,
        };
        self.waiting.push_back(Waiting::new(planned, due.starts, kind));
        match self.timing.catch_up {
            CatchUp::All => {}
            CatchUp::Once => self.coalesce(steps),
            CatchUp::Skip => {
                self.expire(now, steps);
                self.coalesce(steps);
            }
        }
    }

    fn is_late(&self, starts: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let allowed = TimeDelta::from_std(self.timing.late_after).unwrap_or(TimeDelta::MAX);
        now - starts > allowed
    }

    /// Of several that wait, the last one stands for all.
    fn coalesce(&mut self, steps: &mut Vec<Step>) {
        while self.waiting.len() > 1 {
            if let Some(waiting) = self.waiting.pop_front() {
                steps.push(not_run(&self.job, waiting.planned, TurnEnd::Coalesced));
            }
        }
    }

    /// Gives up on what was not started in time.
    fn expire(&mut self, now: DateTime<Utc>, steps: &mut Vec<Step>) {
        let late: Vec<Waiting> = self
            .waiting
            .iter()
            .filter(|waiting| waiting.kind != Kind::First && self.is_late(waiting.starts, now))
            .copied()
            .collect();
        for Waiting { planned, kind, .. } in late {
            self.waiting.retain(|waiting| waiting.planned != planned);
            // The run that was under way when it came stands for it.
            if kind == Kind::Overrun {
                steps.push(not_run(&self.job, planned, TurnEnd::Coalesced));
            } else {
                steps.push(not_run(&self.job, planned, TurnEnd::Missed));
                steps.push(Step::Tell(self.job.clone(), Verdict::Missed { planned }));
            }
        }
    }

    /// Since when the job waits to be started, where nothing of its own keeps it from that.
    pub(super) fn ready(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let held = self.held_until.is_some_and(|until| now < until);
        if self.running.is_some() || held || self.timing.is_quiet(now) {
            return None;
        }
        self.waiting.front().map(|waiting| waiting.starts)
    }

    /// Starts what waits; false where nothing is left that is worth it.
    pub(super) fn start(&mut self, now: DateTime<Utc>, steps: &mut Vec<Step>) -> bool {
        if self.timing.catch_up == CatchUp::Skip {
            self.expire(now, steps);
        }
        let Some(Waiting { planned, starts, kind, .. }) = self.waiting.pop_front() else {
            return false;
        };
        self.running = Some(Running { planned, started: now, kind });
        let (job, started) = (self.job.to_string(), Some(now));
        steps.push(Step::Note(Turn { job, planned, started, ended: None, end: None }));
        steps.push(Step::Start { job: self.job.clone(), planned });
        if kind != Kind::First {
            let verdict = match self.is_late(starts, now) {
                true => Verdict::Late { planned, by: now - starts },
                false => Verdict::Punctual,
            };
            steps.push(Step::Tell(self.job.clone(), verdict));
        }
        true
    }

    /// Has the ledger know what waits: turns that are noted after it must not hide it.
    pub(super) fn note_waiting(&mut self, steps: &mut Vec<Step>) {
        for waiting in &mut self.waiting {
            if !std::mem::replace(&mut waiting.noted, true) {
                let (job, planned) = (self.job.to_string(), waiting.planned);
                let turn = Turn { job, planned, started: None, ended: None, end: None };
                steps.push(Step::Note(turn));
            }
        }
    }

    /// The turn under way came to its end.
    pub(super) fn ended(&mut self, good: bool, now: DateTime<Utc>) -> Option<Turn> {
        let Running { planned, started, kind } = self.running.take()?;
        let end = match (good, kind) {
            (false, _) => TurnEnd::Failed,
            (true, Kind::MadeGood) => TurnEnd::CaughtUp,
            (true, _) => TurnEnd::Done,
        };
        let (job, started) = (self.job.to_string(), Some(started));
        Some(Turn { job, planned, started, ended: Some(now), end: Some(end) })
    }

    /// Nothing is started until then.
    pub(super) fn hold(&mut self, until: DateTime<Utc>) -> Vec<Step> {
        self.held_until = Some(until);
        let given_up = std::mem::take(&mut self.waiting);
        let given_up = given_up.into_iter().map(|waiting| waiting.planned);
        given_up.map(|planned| not_run(&self.job, planned, TurnEnd::SkippedBudget)).collect()
    }

    pub(super) fn pace(&mut self, adaptive: Adaptive) {
        self.timing = self.timing.paced(adaptive);
        self.plan();
    }

    /// It was done just now, and goes by its times from here on.
    pub(super) fn begin(&mut self, now: DateTime<Utc>) -> Turn {
        self.begun = true;
        self.last = now.trunc_subsecs(0);
        self.plan();
        Turn {
            job: self.job.to_string(),
            planned: self.last,
            started: Some(now),
            ended: Some(now),
            end: Some(TurnEnd::Done),
        }
    }

    /// When there is something to decide for this job again, by the clock alone.
    pub(super) fn wake(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.next.map(|due| due.starts);
        let kept = self.waiting.front().filter(|_| self.running.is_none());
        let freed = kept.map(|_| self.timing.quiet_until(now).max(self.held_until.unwrap_or(now)));
        // What is kept by its lane or by places is freed by the end of something.
        next.into_iter().chain(freed.filter(|freed| *freed > now)).min()
    }
}
