//! Decides what is started when, and what becomes of every planned time. Pure: no clock, no store.
//!
//! In: jobs with their timing, what the ledger remembers of them, the time; out: [`Step`]s, in the
//! order in which they are to be taken. Whoever drives it (the scheduler, the publisher, the
//! simulation of the tests) calls [`Agenda::tick`] at least as often as [`Agenda::wake`] says, and
//! tells it with [`Agenda::ended`] when something ended.
//!
//! What it promises: every planned time gets exactly one turn in the ledger; none is run twice to
//! its end; turns of one job, and of one lane, never overlap. A clock that goes back by less than a
//! day is waited for; one that goes back farther was wrong before, and what it noted is forgotten.

mod state;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{Turn, TurnEnd};
use crate::schedule::Adaptive;

use super::job::{Beginning, Job, Task};
use state::State;

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The job is new, or its times follow from other `words`: they count from `since`.
    Adopt { job: Job, words: String, since: DateTime<Utc> },
    /// The job is no more.
    Drop(Job),
    /// Turns after that time were noted by a clock that was wrong.
    Forget { job: Job, after: DateTime<Utc> },
    /// The ledger has this turn now, in place of what it had for the same job and time.
    Note(Turn),
    /// The job is to be started for its planned time; noted already.
    Start { job: Job, planned: DateTime<Utc> },
    /// The operator may want to hear how punctual the job is.
    Tell(Job, Verdict),
}

/// How punctual a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was started in time.
    Punctual,
    /// It was started late.
    Late { planned: DateTime<Utc>, by: TimeDelta },
    /// It was not started.
    Missed { planned: DateTime<Utc> },
}

/// What the ledger remembers of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    /// From which words its times followed, where that is known.
    pub(super) words: Option<String>,
    /// From when on they count.
    pub(super) since: DateTime<Utc>,
    /// The last of its turns.
    pub(super) last: Option<DateTime<Utc>>,
    /// The turns of which it is not known what became: they waited, or a kill cut them off.
    pub(super) open: Vec<DateTime<Utc>>,
}

/// The jobs and how far each has come.
#[derive(Debug)]
pub(super) struct Agenda {
    jobs: BTreeMap<Job, State>,
    /// Jobs that may be under way at once.
    places: usize,
    /// Turns older than this are not remembered, and so not made good.
    kept: TimeDelta,
}

impl Agenda {
    /// Without jobs.
    pub(super) fn new(places: usize, kept: TimeDelta) -> Self {
        Self { jobs: BTreeMap::new(), places, kept }
    }

    /// From now on `places` jobs may be under way at once, and turns are kept for so long.
    pub(super) fn limit(&mut self, places: usize, kept: TimeDelta) {
        self.places = places;
        self.kept = kept;
    }

    /// Goes on with `tasks`, all that there are from now on; `ledger` is asked for those that are
    /// new here. Jobs under way end undisturbed.
    pub(super) fn adopt(
        &mut self,
        tasks: Vec<Task>,
        ledger: &BTreeMap<Job, Memory>,
        now: DateTime<Utc>,
    ) -> Vec<Step> {
        let wanted: BTreeSet<&Job> = tasks.iter().map(|task| &task.job).collect();
        let known = self.jobs.keys().chain(ledger.keys());
        let gone: BTreeSet<Job> = known.filter(|job| !wanted.contains(job)).cloned().collect();
        for job in &gone {
            if self.jobs.get_mut(job).is_some_and(|state| !state.leave()) {
                self.jobs.remove(job);
            }
        }
        let mut steps: Vec<Step> = gone.into_iter().map(Step::Drop).collect();
        for task in tasks {
            match self.jobs.get_mut(&task.job) {
                Some(state) => steps.extend(state.follow(task, now)),
                None => {
                    let job = task.job.clone();
                    let state = State::new(task, ledger.get(&job), now, &mut steps);
                    self.jobs.insert(job, state);
                }
            }
        }
        steps
    }

    /// What `now` brings.
    pub(super) fn tick(&mut self, now: DateTime<Utc>) -> Vec<Step> {
        let mut steps = Vec::new();
        for state in self.jobs.values_mut() {
            state.gather(now, self.kept, &mut steps);
        }
        self.start_waiting(now, &mut steps);
        for state in self.jobs.values_mut() {
            state.note_waiting(&mut steps);
        }
        steps
    }

    /// The job came to its end.
    pub(super) fn ended(&mut self, job: &Job, good: bool, now: DateTime<Utc>) -> Vec<Step> {
        let Some(state) = self.jobs.get_mut(job) else { return Vec::new() };
        let steps = state.ended(good, now).map(Step::Note).into_iter().collect();
        if state.has_left() {
            self.jobs.remove(job);
        }
        steps
    }

    /// Leaves the job alone until then; what was planned in the meantime is given up.
    pub(super) fn hold(&mut self, job: &Job, until: DateTime<Utc>) -> Vec<Step> {
        self.jobs.get_mut(job).map(|state| state.hold(until)).unwrap_or_default()
    }

    /// Changes how often an adaptive job looks.
    pub(super) fn pace(&mut self, job: &Job, adaptive: Adaptive) {
        if let Some(state) = self.jobs.get_mut(job) {
            state.pace(adaptive);
        }
    }

    /// Whether the job goes by its times; `None` where there is no such job.
    pub(super) fn has_begun(&self, job: &Job) -> Option<bool> {
        self.jobs.get(job).map(State::has_begun)
    }

    /// Whether the job is under way.
    pub(super) fn is_running(&self, job: &Job) -> bool {
        self.jobs.get(job).is_some_and(State::is_running)
    }

    /// Whether a job of the lane is under way.
    pub(super) fn is_busy(&self, lane: &str) -> bool {
        self.jobs.values().any(|state| state.is_running() && state.lane() == lane)
    }

    /// A job that waited to be told was done just now, and goes by its times from here on.
    pub(super) fn begin(&mut self, job: &Job, now: DateTime<Utc>) -> Vec<Step> {
        let Some(state) = self.jobs.get_mut(job).filter(|state| !state.has_begun()) else {
            return Vec::new();
        };
        vec![Step::Note(state.begin(now))]
    }

    /// When there is something to decide again, by the clock alone.
    pub(super) fn wake(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.jobs.values().filter_map(|state| state.wake(now)).min()
    }

    /// How many jobs there are.
    pub(super) fn len(&self) -> usize {
        self.jobs.len()
    }

    /// Starts what waits, the longest waiting first, where lane and places allow.
    fn start_waiting(&mut self, now: DateTime<Utc>, steps: &mut Vec<Step>) {
        let running = self.jobs.values().filter(|state| state.is_running());
        let mut busy: BTreeSet<String> = running.map(|state| state.lane().to_owned()).collect();
        let mut under_way = self.jobs.values().filter(|state| state.is_running()).count();
        let mut waiting: Vec<(DateTime<Utc>, Job)> = self
            .jobs
            .iter()
            .filter_map(|(job, state)| Some((state.ready(now)?, job.clone())))
            .collect();
        waiting.sort_unstable();
        for (_, job) in waiting {
            if under_way >= self.places {
                return;
            }
            let Some(state) = self.jobs.get_mut(&job) else { continue };
            if busy.contains(state.lane()) {
                continue;
            }
            if state.start(now, steps) {
                busy.insert(state.lane().to_owned());
                under_way += 1;
            }
        }
    }
}

/// The turn of `job` at `planned`, which was not run.
fn not_run(job: &Job, planned: DateTime<Utc>, end: TurnEnd) -> Step {
    let job = job.to_string();
    Step::Note(Turn { job, planned, started: None, ended: None, end: Some(end) })
}

impl Beginning {
    /// Whether a job of which the ledger knows nothing goes by its times.
    fn has_begun(self) -> bool {
        self != Self::WhenTold
    }
}

#[cfg(test)]
pub(super) mod simulation;
#[cfg(test)]
mod tests;
