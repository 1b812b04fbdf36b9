//! A progress bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// Progress of a known number of things.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Starts at 0 of `count`.
    pub(super) fn new(count: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(u64::try_from(count).unwrap_or(u64::MAX));
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent}% {pos}/{len} {msg}")
            {
                bar.set_style(style);
            }
            bar
        });
        Self { bar }
    }

    /// `done` of them are done by now; `line` tells where one is.
    pub(super) fn at(&self, done: usize, line: &str) {
        match &self.bar {
            Some(bar) => {
                bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
                bar.set_message(line.to_owned());
            }
            None => eprintln!("{line}"),
        }
    }

    /// One more is done; `line` tells which.
    pub(super) fn step(&self, line: &str) {
        match &self.bar {
            Some(bar) => {
                bar.suspend(|| eprintln!("{line}"));
                bar.inc(1);
            }
            None => eprintln!("{line}"),
        }
    }

    /// `count` more are done, of which nothing is to be told.
    pub(super) fn advance(&self, count: usize) {
        if let Some(bar) = &self.bar {
            bar.inc(u64::try_from(count).unwrap_or(u64::MAX));
        }
    }

    /// Does what writes to the terminal beside the bar.
    pub(super) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
