//! Faults on demand: what the platform is known to do to its callers.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use super::Shared;
use super::state::Refused;

/// One way to fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Refuses, with `errcode` and `errmsg`, and does nothing.
    Code(i64, String),
    /// Answers with a page for people and does nothing.
    Html(u16),
    /// Answers with nothing, and does nothing.
    Empty,
    /// Breaks the connection off without doing anything.
    Refuse,
    /// Does what it is asked, and breaks the connection off before it answers.
    Cut,
    /// Does what it is asked and never answers.
    Silence,
    /// Does what it is asked after this time.
    Delay(Duration),
    /// Does what it is asked and answers once [`Faults::let_go`] says so.
    Held,
    /// Does what it is asked and says so without `errcode` and `errmsg`.
    Bare,
    /// Does what it is asked and says so as `text/plain`.
    PlainText,
}

/// Faults that were asked for.
#[derive(Debug, Default)]
pub(super) struct Planned {
    next: HashMap<String, VecDeque<Fault>>,
    always: HashMap<String, Fault>,
    /// How many calls are left today.
    quota: HashMap<String, usize>,
}

impl Planned {
    /// The fault that the next call of this name meets.
    pub(super) fn take(&mut self, call: &str) -> Option<Fault> {
        let next = self.next.get_mut(call).and_then(VecDeque::pop_front);
        next.or_else(|| self.always.get(call).cloned())
    }

    /// Counts a call against its quota.
    pub(super) fn count(&mut self, call: &str) -> Result<(), Refused> {
        match self.quota.get_mut(call) {
            Some(0) => Err(Refused::new(45009, "reach max api daily quota limit")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// Says what the platform shall fail at. Calls are named as in `draft/add`.
pub struct Faults<'p> {
    shared: &'p Shared,
}

impl<'p> Faults<'p> {
    pub(super) fn of(shared: &'p Shared) -> Self {
        Self { shared }
    }

    /// The next call fails so; said twice, the one after it too.
    pub fn next(&self, call: &str, fault: Fault) {
        let mut state = self.shared.state();
        state.planned.next.entry(call.to_owned()).or_default().push_back(fault);
    }

    /// The next call is refused with `errcode`.
    pub fn refuse(&self, call: &str, errcode: i64) {
        self.next(call, Fault::Code(errcode, "refused on demand".to_owned()));
    }

    /// Every call fails so.
    pub fn always(&self, call: &str, fault: Fault) {
        self.shared.state().planned.always.insert(call.to_owned(), fault);
    }

    /// After `calls` more calls the day's quota is used up (45009).
    pub fn quota(&self, call: &str, calls: usize) {
        self.shared.state().planned.quota.insert(call.to_owned(), calls);
    }

    /// The caller's address is `ip`, and not on the whitelist (40164).
    pub fn unlisted(&self, ip: IpAddr) {
        self.shared.state().unlisted = Some(ip);
    }

    /// The account has lost the right to drafts (48001).
    pub fn forbid_drafts(&self) {
        for call in ["add", "update", "get", "batchget", "count", "delete"] {
            let fault = Fault::Code(48001, "api unauthorized".to_owned());
            self.always(&format!("draft/{call}"), fault);
        }
    }

    /// The answer that is held, or the next one that will be, is given.
    pub fn let_go(&self) {
        self.shared.let_go.notify_one();
    }

    /// All is well again.
    pub fn clear(&self) {
        let mut state = self.shared.state();
        state.planned = Planned::default();
        state.unlisted = None;
    }
}
