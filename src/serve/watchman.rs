//! The watchman: one look at all connections every few seconds, in place of timers for each.
//!
//! A connection counts what happens on it; the watchman sees whether the count stands still, and
//! tells connections when to finish and when to drop. No answer has to ask for the time.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use atomic_waker::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// Time from one look to the next, up to two of which are added to all that follows.
pub(super) const LOOK: Duration = Duration::from_secs(2);
/// A client that sends no complete request head in this time is dropped; so is an idle one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// A client that takes nothing of its answer in this time is dropped.
const TAKE_TIMEOUT: Duration = Duration::from_secs(60);
/// A connection is ended after the answer it is at when it has lasted so long.
const LIFE: Duration = Duration::from_secs(600);
/// A client that does not take its last answer in this time is dropped.
const LAST_ANSWER: Duration = Duration::from_secs(30);

/// What a connection is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// A request head is to come.
    Waiting,
    /// An answer is being made; the body of the request may still be coming.
    Making,
    /// An answer is being taken by the client.
    Giving,
}

/// What a connection is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// To go on.
    Stay,
    /// To end after the answer it is at.
    Finish,
    /// To end at once.
    Drop,
}

/// What a connection and the watchman know of each other. Only the connection's own task moves the
/// pulse, and only the watchman tells, so that neither needs more than loads and stores.
#[derive(Debug)]
pub(super) struct Line {
    /// The number of things that happened, and in the two lowest bits the stage.
    pulse: AtomicU32,
    told: AtomicU8,
    waker: AtomicWaker,
}

impl Line {
    fn new() -> Self {
        Self {
            pulse: AtomicU32::new(Stage::Waiting as u32),
            told: AtomicU8::new(Told::Stay as u8),
            waker: AtomicWaker::new(),
        }
    }

    /// The connection is woken by `waker` when it is told something from now on.
    pub(super) fn wakes(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    /// What the connection was told.
    pub(super) fn told(&self) -> Told {
        match self.told.load(Ordering::Relaxed) {
            told if told == Told::Drop as u8 => Told::Drop,
            told if told == Told::Finish as u8 => Told::Finish,
            _ => Told::Stay,
        }
    }

    fn tell(&self, told: Told) {
        self.told.store(told as u8, Ordering::Relaxed);
        // What was stored before is seen by whoever is woken.
        self.waker.wake();
    }

    /// An answer that takes time is begun.
    pub(super) fn begins(&self) {
        self.moved_to(Stage::Making);
    }

    /// That answer is there, and will be given.
    pub(super) fn has_answer(&self) {
        self.moved_to(Stage::Waiting);
    }

    /// The client was given something, or has no room for it.
    fn gives(&self, has_taken: bool) {
        match (stage(self.pulse.load(Ordering::Relaxed)), has_taken) {
            // The answer before is being given while the next one is made.
            (Stage::Making, true) => self.moved_to(Stage::Making),
            (Stage::Making, false) | (Stage::Giving, false) => {}
            (Stage::Waiting, _) | (Stage::Giving, true) => self.moved_to(Stage::Giving),
        }
    }

    /// All there was to give was taken.
    fn has_given(&self) {
        if stage(self.pulse.load(Ordering::Relaxed)) == Stage::Giving {
            self.moved_to(Stage::Waiting);
        }
    }

    fn moved_to(&self, stage: Stage) {
        let steps = (self.pulse.load(Ordering::Relaxed) >> 2).wrapping_add(1);
        self.pulse.store(steps << 2 | stage as u32, Ordering::Relaxed);
    }
}

/// The stage in a pulse.
fn stage(pulse: u32) -> Stage {
    match pulse & 3 {
        stage if stage == Stage::Making as u32 => Stage::Making,
        stage if stage == Stage::Giving as u32 => Stage::Giving,
        _ => Stage::Waiting,
    }
}

/// The connections of a listener, as the watchman saw them last.
#[derive(Debug, Default)]
pub(super) struct Watch {
    seen: Vec<Seen>,
}

#[derive(Debug)]
struct Seen {
    line: Weak<Line>,
    opened: Instant,
    /// When it was told to finish.
    finishing: Option<Instant>,
    pulse: u32,
    /// Since when the pulse stands still.
    since: Instant,
}

impl Watch {
    /// The line of a connection that is opened `now`.
    pub(super) fn open(&mut self, now: Instant) -> Arc<Line> {
        let line = Arc::new(Line::new());
        self.seen.push(Seen {
            line: Arc::downgrade(&line),
            opened: now,
            finishing: None,
            pulse: line.pulse.load(Ordering::Relaxed),
            since: now,
        });
        line
    }

    /// Whether no connection was there at the last look.
    pub(super) fn is_idle(&self) -> bool {
        self.seen.is_empty()
    }

    /// Looks at every connection, and tells those whose time is over.
    pub(super) fn look(&mut self, now: Instant) {
        self.seen.retain_mut(|seen| seen.judge(now));
    }

    /// Tells every connection to end after the answer it is at.
    pub(super) fn finish(&mut self, now: Instant) {
        for seen in &mut self.seen {
            if let Some(line) = seen.line.upgrade() {
                seen.finish(&line, now);
            }
        }
    }
}

impl Seen {
    /// Whether there is more to be seen of the connection.
    fn judge(&mut self, now: Instant) -> bool {
        let Some(line) = self.line.upgrade() else { return false };
        let pulse = line.pulse.load(Ordering::Relaxed);
        if pulse != self.pulse {
            (self.pulse, self.since) = (pulse, now);
        }
        let still = now - self.since;
        let is_stuck = match stage(pulse) {
            Stage::Waiting => still >= HEAD_TIMEOUT,
            Stage::Giving => still >= TAKE_TIMEOUT,
            Stage::Making => false,
        };
        if is_stuck || self.finishing.is_some_and(|since| now - since >= LAST_ANSWER) {
            line.tell(Told::Drop);
            return false;
        }
        if now - self.opened >= LIFE {
            self.finish(&line, now);
        }
        true
    }

    fn finish(&mut self, line: &Line, now: Instant) {
        if self.finishing.is_none() {
            self.finishing = Some(now);
            line.tell(Told::Finish);
        }
    }
}

/// The stream of a connection, which tells the line what the client takes.
#[derive(Debug)]
pub(super) struct Watched<S> {
    stream: S,
    line: Arc<Line>,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, line: Arc<Line>) -> Self {
        Self { stream, line }
    }

    fn wrote(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.line.gives(written.is_ready());
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        if flushed.is_ready() {
            self.line.has_given();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a connection was told after `seconds` of looks, with `each` done before every look.
    fn told_after(seconds: u64, watch: &mut Watch, line: &Line, each: impl Fn(&Line)) -> Told {
        let mut now = Instant::now();
        let end = now + Duration::from_secs(seconds);
        while now < end && line.told() == Told::Stay {
            each(line);
            now += LOOK;
            watch.look(now);
        }
        line.told()
    }

    fn opened() -> (Watch, Arc<Line>) {
        let mut watch = Watch::default();
        let line = watch.open(Instant::now());
        (watch, line)
    }

    #[test]
    fn who_sends_no_head_is_dropped_and_who_asks_now_and_then_is_not() {
        let (mut watch, line) = opened();
        assert_eq!(told_after(14, &mut watch, &line, |_| {}), Told::Stay);
        let (mut watch, line) = opened();
        assert_eq!(told_after(20, &mut watch, &line, |_| {}), Told::Drop);
        let (mut watch, line) = opened();
        let asks = |line: &Line| {
            line.gives(true);
            line.has_given();
        };
        assert_eq!(told_after(300, &mut watch, &line, asks), Told::Stay);
        // Once more silent, it is dropped like any other.
        let mut now = Instant::now() + Duration::from_secs(300);
        while now < Instant::now() + Duration::from_secs(320) {
            now += LOOK;
            watch.look(now);
        }
        assert_eq!(line.told(), Told::Drop);
        assert!(watch.is_idle());
    }

    #[test]
    fn an_answer_in_the_making_may_take_its_time() {
        let (mut watch, line) = opened();
        line.begins();
        assert_eq!(told_after(300, &mut watch, &line, |_| {}), Told::Stay);
        // The rest of the answer before does not end that.
        line.gives(true);
        line.has_given();
        line.gives(false);
        assert_eq!(told_after(300, &mut watch, &line, |_| {}), Told::Stay);
        line.has_answer();
        assert_eq!(told_after(20, &mut watch, &line, |_| {}), Told::Drop);
    }

    #[test]
    fn a_client_may_take_its_answer_slowly_but_must_take_it() {
        let (mut watch, line) = opened();
        assert_eq!(told_after(300, &mut watch, &line, |line| line.gives(true)), Told::Stay);
        let (mut watch, line) = opened();
        line.gives(false);
        assert_eq!(told_after(58, &mut watch, &line, |line| line.gives(false)), Told::Stay);
        let (mut watch, line) = opened();
        assert_eq!(told_after(66, &mut watch, &line, |line| line.gives(false)), Told::Drop);
    }

    #[test]
    fn an_old_connection_is_finished_and_then_dropped() {
        let (mut watch, line) = opened();
        let begun = Instant::now();
        let takes = |line: &Line| line.gives(true);
        assert_eq!(told_after(598, &mut watch, &line, takes), Told::Stay);
        let mut now = begun + Duration::from_secs(600);
        for wanted in [Told::Finish, Told::Finish, Told::Drop] {
            takes(&line);
            watch.look(now);
            assert_eq!(line.told(), wanted, "{:?}", now - begun);
            now += Duration::from_secs(16);
        }
    }

    #[test]
    fn the_stage_outlasts_any_number_of_steps() {
        let (_watch, line) = opened();
        line.pulse.store(u32::MAX >> 2 << 2 | Stage::Giving as u32, Ordering::Relaxed);
        line.gives(true);
        assert_eq!(stage(line.pulse.load(Ordering::Relaxed)), Stage::Giving);
        line.has_given();
        assert_eq!(stage(line.pulse.load(Ordering::Relaxed)), Stage::Waiting);
    }
}
