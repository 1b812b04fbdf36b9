//! When a process dies: nothing that it does reaches the world any more.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;

/// Events that are told of a failure.
const TOLD: usize = 30;

/// What happened lately, and a hash over everything that happened.
#[derive(Debug, Default)]
pub(super) struct Diary {
    lately: Mutex<(VecDeque<String>, u64)>,
    step: Mutex<String>,
}

impl Diary {
    /// Notes that another step begins.
    pub(super) fn begin(&self, step: String) {
        self.step.lock().unwrap().clone_from(&step);
        self.note(step);
    }

    /// Notes an event.
    pub(super) fn note(&self, event: String) {
        if std::env::var_os("LIANBO_WORLD_TRACE").is_some() {
            tell(&event);
        }
        let (lately, hash) = &mut *self.lately.lock().unwrap();
        let before = hash.to_le_bytes();
        let after = blake3::Hasher::new().update(&before).update(event.as_bytes()).finalize();
        *hash = u64::from_le_bytes(after.as_bytes()[..8].try_into().unwrap());
        if lately.len() == TOLD {
            lately.pop_front();
        }
        lately.push_back(event);
    }

    /// The step, and the last events, oldest first.
    pub(super) fn lately(&self) -> (String, Vec<String>) {
        let lately = self.lately.lock().unwrap().0.iter().cloned().collect();
        (self.step.lock().unwrap().clone(), lately)
    }

    /// A hash over all events.
    pub(super) fn hash(&self) -> u64 {
        self.lately.lock().unwrap().1
    }
}

#[expect(clippy::print_stderr, reason = "somebody wants to see a world pass by")]
fn tell(event: &str) {
    eprintln!("{event}");
}

/// The point that is not survived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deadly {
    /// So many points of any kind.
    Point(u64),
    /// So many points at transactions, before or after one.
    Transaction(u64),
}

/// The fate of one process. Whatever it does to the world passes here before and after.
pub(super) struct Fate {
    points: AtomicU64,
    transactions: AtomicU64,
    deadly: Option<Deadly>,
    dead: AtomicBool,
    died: Notify,
    diary: Arc<Diary>,
}

impl Fate {
    /// A process that dies there, if it comes to that.
    pub(super) fn new(deadly: Option<Deadly>, diary: &Arc<Diary>) -> Arc<Self> {
        Arc::new(Self {
            points: AtomicU64::new(0),
            transactions: AtomicU64::new(0),
            deadly,
            dead: AtomicBool::new(false),
            died: Notify::new(),
            diary: Arc::clone(diary),
        })
    }

    /// Passes a point. All else comes to rest before: the order of what happens follows from the clock
    /// of the runtime alone.
    pub(super) async fn pass(&self, place: &str) {
        self.pass_with(0, place).await;
    }

    async fn pass_with(&self, transactions: u64, place: &str) {
        tokio::time::sleep(Duration::from_millis(1)).await;
        if self.dead.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        let point = self.points.fetch_add(1, Ordering::SeqCst) + 1;
        let transactions =
            self.transactions.fetch_add(transactions, Ordering::SeqCst) + transactions;
        let dies = match self.deadly {
            Some(Deadly::Point(deadly)) => point == deadly,
            Some(Deadly::Transaction(deadly)) => transactions == deadly,
            None => false,
        };
        if dies {
            self.diary.note(format!("KILLED at its point {point}, {place}"));
            self.dead.store(true, Ordering::SeqCst);
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
    }

    /// Resolves when the process is dead.
    pub(super) async fn died(&self) {
        self.died.notified().await;
    }

    /// Points passed so far.
    pub(super) fn points(&self) -> u64 {
        self.points.load(Ordering::SeqCst)
    }
}

/// The gate of the store of a process.
pub(super) fn gate(fate: &Arc<Fate>) -> crate::store::Gate {
    let fate = Arc::clone(fate);
    Arc::new(move || -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let fate = Arc::clone(&fate);
        Box::pin(async move { fate.pass_with(1, "at a transaction").await })
    })
}
