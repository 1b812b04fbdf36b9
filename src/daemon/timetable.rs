//! An [`Agenda`] with the ledger behind it: what it decides is written down before it is done, and
//! what the operator may want to hear of it becomes a problem.
//!
//! One timetable a duty: refreshing (`scheduler`), publishing (`publisher`) and building the issues
//! of digests (`editor`) have theirs, and a further duty gets one like them:
//!
//! 1. `plan` turns the configuration into [`Task`]s, with the timing that `config` read
//!    (`config::timing::own` reads the keys that feeds and digests have);
//! 2. [`Timetable::new`] and [`Timetable::adopt`] begin, and follow each changed configuration;
//! 3. a loop sleeps for [`Timetable::wait`], does what [`Timetable::due`] names, and says
//!    [`Timetable::ended`] for each.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tracing::error;

use crate::model::{ProblemCode, TurnEnd};
use crate::pipeline::Pipeline;
use crate::problem::Fault;
use crate::schedule::Adaptive;
use crate::store::{JobRecord, LedgerWrite, StoreError};

use super::agenda::{Agenda, Memory, Step, Verdict};
use super::job::{Duty, Job, Task};

/// The planned times of the jobs of one duty.
#[derive(Debug)]
pub(super) struct Timetable {
    duty: Duty,
    agenda: Agenda,
    /// Jobs of which the operator was told that they are late, or not done at all.
    told: BTreeSet<Job>,
    /// On which day old turns were last forgotten.
    swept: Option<NaiveDate>,
}

/// A job that is to be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Started {
    pub(super) job: Job,
    pub(super) planned: DateTime<Utc>,
}

impl Timetable {
    /// Without jobs so far; `places` of them may be under way at once.
    pub(super) fn new(duty: Duty, places: usize) -> Self {
        let agenda = Agenda::new(places, TimeDelta::zero());
        Self { duty, agenda, told: BTreeSet::new(), swept: None }
    }

    /// Goes on with `tasks`, all jobs of the duty that there are from now on.
    pub(super) async fn adopt(&mut self, pipeline: &Pipeline, places: usize, tasks: Vec<Task>) {
        let kept = TimeDelta::from_std(pipeline.config.schedule.ledger);
        self.agenda.limit(places, kept.unwrap_or(TimeDelta::MAX));
        let remembered = match self.remembered(pipeline).await {
            Ok(remembered) => remembered,
            Err(error) => {
                error!(code = error.code().as_str(), "{error}");
                // Nothing is to be made good that may have been done.
                let now = (pipeline.clock)();
                let memory = Memory { words: None, since: now, last: Some(now), open: Vec::new() };
                tasks.iter().map(|task| (task.job.clone(), memory.clone())).collect()
            }
        };
        let steps = self.agenda.adopt(tasks, &remembered, (pipeline.clock)());
        self.take(pipeline, steps).await;
    }

    async fn remembered(
        &mut self,
        pipeline: &Pipeline,
    ) -> Result<BTreeMap<Job, Memory>, StoreError> {
        let about = |code| matches!(code, ProblemCode::JobLate | ProblemCode::JobMissed);
        let problems = pipeline.store.problems().await?;
        let told = problems.iter().filter(|problem| about(problem.code));
        let told = told.filter_map(|problem| Job::from_name(&problem.subject));
        self.told = told.filter(|job| job.duty == self.duty).collect();
        let jobs = pipeline.store.jobs(&format!("{} ", self.duty.as_str())).await?;
        let memory = |(name, record): (String, JobRecord)| {
            let JobRecord { words, since, last, open } = record;
            Some((Job::from_name(&name)?, Memory { words, since, last, open }))
        };
        Ok(jobs.into_iter().filter_map(memory).collect())
    }

    /// What is to be done now; noted as started already.
    pub(super) async fn due(&mut self, pipeline: &Pipeline) -> Vec<Started> {
        let now = (pipeline.clock)();
        self.sweep(pipeline, now).await;
        let steps = self.agenda.tick(now);
        self.take(pipeline, steps).await
    }

    /// The job came to its end.
    pub(super) async fn ended(&mut self, pipeline: &Pipeline, job: &Job, good: bool) {
        let steps = self.agenda.ended(job, good, (pipeline.clock)());
        self.take(pipeline, steps).await;
    }

    /// The job was done for the first time, and goes by its times from here on.
    pub(super) async fn begin(&mut self, pipeline: &Pipeline, job: &Job) {
        let steps = self.agenda.begin(job, (pipeline.clock)());
        self.take(pipeline, steps).await;
    }

    /// Leaves the job alone until then.
    pub(super) async fn hold(&mut self, pipeline: &Pipeline, job: &Job, until: DateTime<Utc>) {
        let steps = self.agenda.hold(job, until);
        self.take(pipeline, steps).await;
    }

    /// Changes how often an adaptive job looks.
    pub(super) fn pace(&mut self, job: &Job, adaptive: Adaptive) {
        self.agenda.pace(job, adaptive);
    }

    /// How long there is nothing to do, by the clock alone; at most `most`.
    pub(super) fn wait(&self, now: DateTime<Utc>, most: Duration) -> Duration {
        let next = self.agenda.wake(now).map(|time| (time - now).to_std().unwrap_or_default());
        next.unwrap_or(most).min(most)
    }

    /// Whether the job goes by its times; `None` where there is no such job.
    pub(super) fn has_begun(&self, job: &Job) -> Option<bool> {
        self.agenda.has_begun(job)
    }

    /// Whether the job is under way.
    pub(super) fn is_running(&self, job: &Job) -> bool {
        self.agenda.is_running(job)
    }

    /// Whether a job of the lane is under way.
    pub(super) fn is_busy(&self, lane: &str) -> bool {
        self.agenda.is_busy(lane)
    }

    /// How many jobs there are.
    pub(super) fn len(&self) -> usize {
        self.agenda.len()
    }

    /// Once a day, forgets what is older than the ledger goes back.
    async fn sweep(&mut self, pipeline: &Pipeline, now: DateTime<Utc>) {
        if self.swept.replace(now.date_naive()) == Some(now.date_naive()) {
            return;
        }
        let kept = TimeDelta::from_std(pipeline.config.schedule.ledger);
        let before = kept.ok().and_then(|kept| now.checked_sub_signed(kept));
        let Some(before) = before else { return };
        if let Err(error) = pipeline.store.forget_turns(before).await {
            error!(code = error.code().as_str(), "{error}");
        }
    }

    /// Writes down what was decided, tells of it, and gives what is to be done.
    async fn take(&mut self, pipeline: &Pipeline, steps: Vec<Step>) -> Vec<Started> {
        let (mut started, mut writes) = (Vec::new(), Vec::new());
        let (mut verdicts, mut missed) = (BTreeMap::new(), BTreeMap::<String, usize>::new());
        let mut gone = Vec::new();
        for step in steps {
            match step {
                Step::Start { job, planned } => started.push(Started { job, planned }),
                Step::Tell(job, verdict) => {
                    verdicts.insert(job, verdict);
                }
                Step::Note(turn) => {
                    if turn.end == Some(TurnEnd::Missed) {
                        *missed.entry(turn.job.clone()).or_default() += 1;
                    }
                    writes.push(LedgerWrite::Note(turn));
                }
                Step::Adopt { job, words, since } => {
                    writes.push(LedgerWrite::Adopt { job: job.to_string(), words, since });
                }
                Step::Drop(job) => {
                    writes.push(LedgerWrite::Drop(job.to_string()));
                    gone.push(job);
                }
                Step::Forget { job, after } => {
                    writes.push(LedgerWrite::Forget { job: job.to_string(), after });
                }
            }
        }
        let told = self.told.iter().filter(|job| self.agenda.has_begun(job).is_none());
        gone.extend(told.cloned());
        if let Err(error) = pipeline.store.keep_ledger(writes).await {
            error!(code = error.code().as_str(), "{error}");
        }
        let judged = verdicts.into_iter().map(|(job, verdict)| {
            let count = missed.get(&job.to_string()).copied().unwrap_or(0);
            (job, fault(pipeline, verdict, count))
        });
        let healed = gone.into_iter().map(|job| (job, None));
        for (job, fault) in judged.chain(healed).collect::<Vec<_>>() {
            self.tell(pipeline, job, fault).await;
        }
        started
    }

    /// Opens what is at fault with the job, or heals all of it.
    async fn tell(&mut self, pipeline: &Pipeline, job: Job, fault: Option<Fault>) {
        if fault.is_none() && !self.told.remove(&job) {
            return;
        }
        let faults: Vec<Fault> = fault.into_iter().collect();
        // Only a punctual one heals.
        let still: &[ProblemCode] = match faults.is_empty() {
            true => &[],
            false => &[ProblemCode::JobLate, ProblemCode::JobMissed],
        };
        if let Err(error) = pipeline.tell(&job.to_string(), &faults, still).await {
            error!(code = error.code().as_str(), "{error}");
        }
        if !faults.is_empty() {
            self.told.insert(job);
        }
    }
}

/// What is to be told of a verdict; `count` turns were missed with it.
fn fault(pipeline: &Pipeline, verdict: Verdict, count: usize) -> Option<Fault> {
    let zone = pipeline.config.schedule.zone;
    let shown = |time: DateTime<Utc>| time.with_timezone(&zone).format("%Y-%m-%d %H:%M %:z");
    match verdict {
        Verdict::Punctual => None,
        Verdict::Late { planned, by } => {
            let (hours, minutes) = (by.num_hours(), by.num_minutes() % 60);
            let detail =
                format!("planned for {}, started {hours} h {minutes} min late", shown(planned));
            Some(Fault::new(ProblemCode::JobLate, detail))
        }
        Verdict::Missed { planned } => {
            let detail = format!(
                "{count} planned times passed without a run, the last at {}",
                shown(planned)
            );
            Some(Fault::new(ProblemCode::JobMissed, detail))
        }
    }
}
