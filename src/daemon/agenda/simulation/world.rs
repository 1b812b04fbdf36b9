//! The world that the agenda is tried in, and what must be true of its ledger afterwards.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::super::super::job::{Beginning, Job, Task};
use super::super::{Agenda, Memory, Step};
use crate::model::{Turn, TurnEnd};
use crate::schedule::{CatchUp, Slot, Timing};

/// The longest sleep of those who drive the agenda.
const LOOK: TimeDelta = TimeDelta::seconds(20);
/// Jobs under way at once.
const PLACES: usize = 5;
/// What the ledger keeps; longer than any simulation.
const KEPT: TimeDelta = TimeDelta::days(800);

/// From when to when.
#[derive(Clone, Copy, Debug)]
pub(in crate::daemon) struct Span {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl Span {
    /// The year 2026, in China.
    pub(in crate::daemon) fn year_2026() -> Self {
        let at = |text: &str| text.parse().unwrap();
        Self { from: at("2025-12-31T16:00:00Z"), to: at("2026-12-31T16:00:00Z") }
    }
}

/// Numbers that follow from a seed (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Seconds from `least` to below `most`.
    fn seconds(&mut self, least: u64, most: u64) -> TimeDelta {
        let seconds = least + self.next() % (most - least);
        TimeDelta::seconds(i64::try_from(seconds).unwrap())
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }
}

/// What the daemon's store would hold.
#[derive(Default)]
struct Ledger {
    turns: BTreeMap<(String, DateTime<Utc>), Turn>,
    jobs: BTreeMap<Job, (String, DateTime<Utc>)>,
    last: BTreeMap<String, DateTime<Utc>>,
    open: BTreeSet<(String, DateTime<Utc>)>,
    /// How often something was run to its end for one planned time.
    completed: BTreeMap<(String, DateTime<Utc>), u32>,
}

impl Ledger {
    /// What a new process reads of it.
    fn memories(&self) -> BTreeMap<Job, Memory> {
        let memory = |(job, (words, since)): (&Job, &(String, DateTime<Utc>))| {
            let name = job.to_string();
            let last = self.last.get(&name).copied();
            let open = self.open.iter().filter(|(job, _)| *job == name);
            let open = open.map(|(_, planned)| *planned).collect();
            (job.clone(), Memory { words: Some(words.clone()), since: *since, last, open })
        };
        self.jobs.iter().map(memory).collect()
    }
}

struct World {
    seed: u64,
    dice: Dice,
    tasks: Vec<Task>,
    agenda: Agenda,
    ledger: Ledger,
    /// What the machine's clock shows.
    clock: DateTime<Utc>,
    /// The latest time it ever showed.
    latest: DateTime<Utc>,
    /// What is under way and when it ends, by the time that really passes.
    running: BTreeMap<Job, (DateTime<Utc>, bool)>,
    /// Time that really passed.
    passed: DateTime<Utc>,
    /// Since when nothing was out of order, by the time that really passed.
    calm_since: DateTime<Utc>,
}

/// Lives through `span` with `tasks`; panics with the seed where a promise is broken.
pub(in crate::daemon) fn simulate(tasks: &[Task], seed: u64, span: Span) {
    let mut world = World {
        seed,
        dice: Dice(seed),
        tasks: tasks.to_vec(),
        agenda: Agenda::new(PLACES, KEPT),
        ledger: Ledger::default(),
        clock: span.from,
        latest: span.from,
        running: BTreeMap::new(),
        passed: span.from,
        calm_since: span.from,
    };
    world.boot();
    while world.clock < span.to {
        let pause = world.dice.seconds(600, 5 * 86_400);
        world.live(pause);
        world.disturb();
    }
    // What waits comes to its end in peace.
    world.live(TimeDelta::days(3));
    world.look();
    world.check(span);
}

impl World {
    /// A process starts, with nothing but the ledger to go by.
    fn boot(&mut self) {
        self.running.clear();
        self.agenda = Agenda::new(PLACES, KEPT);
        let memories = self.ledger.memories();
        let steps = self.agenda.adopt(self.tasks.clone(), &memories, self.clock);
        self.take(steps);
    }

    /// Drives the agenda as the daemon does, for so long.
    fn live(&mut self, span: TimeDelta) {
        let until = self.passed + span;
        loop {
            self.look();
            let next = self.agenda.wake(self.clock).map(|time| time - self.clock);
            // Without a change of the clock the looks in between find nothing.
            let wait =
                next.map_or(TimeDelta::hours(6), |next| next.max(TimeDelta::milliseconds(1)));
            let ends = self.running.values().map(|(ends, _)| *ends).min();
            let target = ends.unwrap_or(until).min(until).min(self.passed + wait);
            self.pass(target - self.passed);
            self.end_runs();
            if self.passed >= until {
                return;
            }
        }
    }

    fn look(&mut self) {
        let steps = self.agenda.tick(self.clock);
        self.take(steps);
    }

    fn pass(&mut self, span: TimeDelta) {
        let span = span.max(TimeDelta::zero());
        self.passed += span;
        self.clock += span;
        self.latest = self.latest.max(self.clock);
    }

    fn end_runs(&mut self) {
        let over: Vec<(Job, bool)> = self
            .running
            .iter()
            .filter(|(_, (ends, _))| *ends <= self.passed)
            .map(|(job, (_, good))| (job.clone(), *good))
            .collect();
        for (job, good) in over {
            self.running.remove(&job);
            let steps = self.agenda.ended(&job, good, self.clock);
            self.take(steps);
        }
    }

    fn take(&mut self, steps: Vec<Step>) {
        for step in steps {
            match step {
                Step::Adopt { job, words, since } => {
                    self.ledger.jobs.insert(job, (words, since));
                }
                Step::Drop(job) => panic!("seed {}: nobody took {job} out", self.seed),
                Step::Forget { job, .. } => panic!("seed {}: {job} forgot", self.seed),
                Step::Note(turn) => self.note(turn),
                Step::Start { job, planned } => self.start(job, planned),
                Step::Tell(..) => {}
            }
        }
    }

    fn note(&mut self, turn: Turn) {
        let place = (turn.job.clone(), turn.planned);
        if turn.end.is_some_and(TurnEnd::was_run) {
            *self.ledger.completed.entry(place.clone()).or_default() += 1;
        }
        let last = self.ledger.last.entry(turn.job.clone()).or_insert(turn.planned);
        *last = turn.planned.max(*last);
        match turn.end {
            Some(_) => self.ledger.open.remove(&place),
            None => self.ledger.open.insert(place.clone()),
        };
        let before = self.ledger.turns.insert(place, turn.clone());
        let finished = before.as_ref().and_then(|before| before.end);
        assert_eq!(finished, None, "seed {}: {turn:?} after {before:?}", self.seed);
    }

    fn start(&mut self, job: Job, planned: DateTime<Utc>) {
        let timing = self.timing(&job);
        let seed = self.seed;
        assert!(!timing.is_quiet(self.clock), "seed {seed}: {job} started in quiet hours");
        let lane =
            |job: &Job| self.tasks.iter().find(|task| task.job == *job).map(|task| &task.lane);
        let shared = self.running.keys().find(|running| lane(running) == lane(&job));
        assert!(shared.is_none(), "seed {seed}: {job} and {shared:?} at once");
        assert!(self.running.len() < PLACES, "seed {seed}: too many at once");
        let calm = self.passed - self.calm_since > TimeDelta::hours(12);
        assert!(
            !calm || self.clock - planned < TimeDelta::minutes(90),
            "seed {seed}: {job} of {planned} started at {} though nothing was wrong",
            self.clock
        );
        let length = match self.dice.next() % 400 {
            // Slower than most periods.
            0 => {
                self.calm_since = self.passed + TimeDelta::hours(5);
                self.dice.seconds(3600, 5 * 3600)
            }
            _ => self.dice.seconds(1, 90),
        };
        let good = !self.dice.one_in(50);
        self.running.insert(job, (self.passed + length, good));
    }

    /// Something goes wrong.
    fn disturb(&mut self) {
        match self.dice.next() % 6 {
            // Killed, and started again at once.
            0 => self.boot(),
            // Down for a while.
            1 => {
                let span = self.dice.seconds(60, 3 * 86_400);
                self.pass(span);
                self.boot();
            }
            // The clock is set, and that is noticed with the next look.
            2 => {
                self.clock += self.dice.seconds(1, 6 * 3600);
                self.pass(LOOK);
            }
            3 => {
                self.clock -= self.dice.seconds(1, 2 * 3600);
                self.pass(LOOK);
            }
            // Asleep: what was under way goes on afterwards.
            4 => {
                let span = self.dice.seconds(60, 2 * 86_400);
                self.clock += span;
                self.pass(LOOK);
            }
            // The configuration is read again, and the clock goes back while the daemon is down.
            _ => {
                let steps = self.agenda.adopt(self.tasks.clone(), &BTreeMap::new(), self.clock);
                assert_eq!(steps, [], "seed {}: nothing changed", self.seed);
                self.clock -= self.dice.seconds(1, 3600);
                self.boot();
            }
        }
        self.latest = self.latest.max(self.clock);
        self.calm_since = self.passed;
    }

    fn timing(&self, job: &Job) -> &Timing {
        &self.tasks.iter().find(|task| task.job == *job).expect("a job of ours").timing
    }

    /// What must be true of the ledger.
    fn check(&self, span: Span) {
        for task in &self.tasks {
            let name = task.job.to_string();
            let from = (name.clone(), DateTime::<Utc>::MIN_UTC);
            let turns = self.ledger.turns.range(from..).take_while(|((job, _), _)| *job == name);
            let turns: Vec<&Turn> = turns.map(|(_, turn)| turn).collect();
            self.check_times(task, &turns, span);
            self.check_ends(task, &turns);
        }
        let twice = self.ledger.completed.iter().find(|(_, times)| **times > 1);
        assert_eq!(twice, None, "seed {}: run twice", self.seed);
    }

    /// Every planned time has its turn, and nothing else has one.
    fn check_times(&self, task: &Task, turns: &[&Turn], span: Span) {
        let (seed, job) = (self.seed, &task.job);
        let mut noted: BTreeSet<DateTime<Utc>> = turns.iter().map(|turn| turn.planned).collect();
        if job.duty.beginning() == Beginning::AtOnce {
            assert!(noted.remove(&span.from), "seed {seed}: {job} did not begin at once");
        }
        if task.timing.adaptive().is_some() {
            assert!(noted.len() > 365, "seed {seed}: {job} looked {} times", noted.len());
            return;
        }
        let slots = std::iter::successors(task.timing.next_slot(span.from), |slot: &Slot| {
            task.timing.next_slot(slot.at)
        });
        let planned: BTreeSet<DateTime<Utc>> =
            slots.map(|slot| slot.at).take_while(|at| *at <= self.latest).collect();
        // The last one may still wait for its jitter, or for its lane.
        let lost = planned.difference(&noted).find(|at| **at < self.latest - TimeDelta::hours(6));
        assert_eq!(lost, None, "seed {seed}: {job} has no turn");
        let more = noted.difference(&planned).next();
        assert_eq!(more, None, "seed {seed}: {job} has a turn that nobody planned");
    }

    /// Whether a turn of the job that has come cannot be started now: its lane or all places are
    /// taken, or it is quiet.
    fn must_wait(&self, task: &Task) -> bool {
        let mut under_way = self.tasks.iter().filter(|task| self.running.contains_key(&task.job));
        under_way.any(|other| other.lane == task.lane)
            || self.running.len() >= PLACES
            || task.timing.is_quiet(self.clock)
    }

    /// Every turn ended as it may, and what was not run is stood for.
    fn check_ends(&self, task: &Task, turns: &[&Turn]) {
        let (seed, catch_up) = (self.seed, task.timing.catch_up);
        for (index, turn) in turns.iter().enumerate() {
            let Some(end) = turn.end else {
                let may_be = match turn.started {
                    Some(_) => self.running.contains_key(&task.job),
                    None => self.must_wait(task),
                };
                assert!(may_be, "seed {seed}: {turn:?} is open");
                continue;
            };
            let quiet = task.timing.is_quiet(turn.planned) && turn.planned != turns[0].planned;
            assert_eq!(end == TurnEnd::SkippedQuiet, quiet, "seed {seed}: {turn:?}");
            if end.was_run() {
                let order = turn.started.is_some() && turn.ended.is_some();
                assert!(order, "seed {seed}: {turn:?}");
            }
            assert!(
                (end == TurnEnd::Missed) <= (catch_up == CatchUp::Skip),
                "seed {seed}: {turn:?} was to be made good"
            );
            if end != TurnEnd::Coalesced {
                continue;
            }
            assert_ne!(catch_up, CatchUp::All, "seed {seed}: {turn:?} was to be run by itself");
            let stands = |other: &&&Turn| other.end.is_none_or(TurnEnd::was_run);
            let after = turns[index + 1..].iter().find(stands);
            // With `skip`, the run that was under way stands for what came meanwhile.
            let before = turns[..index].iter().rfind(stands).filter(|before| {
                catch_up == CatchUp::Skip && before.ended.is_none_or(|ended| ended >= turn.planned)
            });
            let waits = index + 1 >= turns.len().saturating_sub(2);
            assert!(
                after.or(before).is_some() || waits,
                "seed {seed}: nothing stands for {turn:?}"
            );
        }
    }
}
