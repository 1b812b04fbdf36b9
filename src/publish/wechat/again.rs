//! When a call is made again, and after what time: a function of what went before.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveTime, Utc};

use crate::model::BEIJING;
use crate::net::NetError;

use super::answer::Garbled;
use super::error::{Refusal, WechatError};

/// Waits before the second, third and fourth attempt.
pub(super) const WAITS: [Duration; 3] =
    [Duration::from_secs(2), Duration::from_secs(8), Duration::from_secs(30)];
/// Mass messages of one name are at least a minute apart.
const SENDING: Duration = Duration::from_secs(61);
/// The quota of a minute is back by then.
const MINUTE: Duration = Duration::from_secs(60);

/// When a call may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// Doing it twice does no harm.
    Always,
    /// Doing it twice does harm: only where it is certain that it was not done.
    WhenBusy,
    /// The platform itself keeps it from being done twice, within a day and a minute apart.
    AfterAMinute,
    /// The caller decides.
    Never,
}

/// What comes next after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Again, after this time.
    Wait(Duration),
    /// Again, with another token.
    Renew,
    /// That is the result.
    Stop,
}

/// How one call has gone so far.
#[derive(Debug)]
pub(super) struct Course {
    again: Again,
    tries: usize,
    has_renewed: bool,
    has_waited_a_minute: bool,
}

impl Course {
    /// Nothing has happened yet.
    pub(super) fn new(again: Again) -> Self {
        Self { again, tries: 0, has_renewed: false, has_waited_a_minute: false }
    }

    /// What to do after `error`.
    pub(super) fn next(&mut self, error: &WechatError) -> Next {
        match error.refusal() {
            Some(Refusal::Token) if !self.has_renewed => {
                self.has_renewed = true;
                return Next::Renew;
            }
            // The platform did nothing, so even what must not be done twice may be repeated.
            Some(Refusal::MinuteQuota) if !self.has_waited_a_minute => {
                self.has_waited_a_minute = true;
                return Next::Wait(MINUTE);
            }
            _ => {}
        }
        let may_repeat = match self.again {
            Again::Always => is_undone(error) || may_pass(error),
            Again::AfterAMinute => {
                let is_early = error.refusal() == Some(Refusal::SentTooSoon);
                is_early || is_undone(error) || may_pass(error)
            }
            Again::WhenBusy => is_undone(error),
            Again::Never => false,
        };
        let wait = WAITS.get(self.tries).filter(|_| may_repeat);
        self.tries += 1;
        match wait {
            Some(_) if self.again == Again::AfterAMinute => Next::Wait(SENDING),
            Some(wait) => Next::Wait(*wait),
            None => Next::Stop,
        }
    }
}

/// The platform did not do it: it says so, or nobody heard us.
fn is_undone(error: &WechatError) -> bool {
    let is_unheard =
        matches!(error, WechatError::Unreached { error: NetError::Connect { .. }, .. });
    is_unheard || error.refusal() == Some(Refusal::Busy)
}

/// Another attempt may find another answer.
fn may_pass(error: &WechatError) -> bool {
    match error {
        WechatError::Unreached { error, .. } => {
            matches!(error, NetError::Timeout { .. } | NetError::Truncated { .. })
        }
        WechatError::Garbled { found, .. } => match found {
            Garbled::Status(status)
            | Garbled::Page { status, .. }
            | Garbled::Empty { status }
            | Garbled::Other { status, .. } => *status >= 500 || *status == 200,
        },
        _ => false,
    }
}

/// When the quotas of the day are back: the next midnight in Beijing.
pub(super) fn tomorrow(now: DateTime<Utc>) -> DateTime<Utc> {
    let today = now.with_timezone(&BEIJING).date_naive();
    let midnight = today.checked_add_days(Days::new(1)).unwrap_or(today).and_time(NaiveTime::MIN);
    midnight.and_local_timezone(BEIJING).single().map_or(now, |at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::super::answer::Told;
    use super::*;

    fn refused(code: i64) -> WechatError {
        let told = Told { code, message: String::new(), rid: None };
        WechatError::Refused { call: "draft/get", why: Refusal::of(&told), told }
    }

    fn unreached(error: NetError) -> WechatError {
        WechatError::Unreached { call: "draft/get", error }
    }

    fn lost() -> WechatError {
        let host = "x".to_owned();
        unreached(NetError::Truncated { host, bytes: 0, what: String::new() })
    }

    fn run(again: Again, error: &WechatError) -> Vec<Next> {
        let mut course = Course::new(again);
        (0..6).map(|_| course.next(error)).take_while(|next| *next != Next::Stop).collect()
    }

    #[test]
    fn a_busy_platform_is_asked_three_times_more() {
        let waits = WAITS.map(Next::Wait).to_vec();
        assert_eq!(run(Again::Always, &refused(-1)), waits);
        assert_eq!(run(Again::WhenBusy, &refused(-1)), waits);
        assert_eq!(run(Again::Never, &refused(-1)), []);
        assert_eq!(run(Again::AfterAMinute, &refused(-1)), [Next::Wait(SENDING); 3]);
    }

    #[test]
    fn a_lost_answer_is_asked_for_again_only_where_that_does_no_harm() {
        assert_eq!(run(Again::Always, &lost()).len(), 3);
        assert_eq!(run(Again::WhenBusy, &lost()), []);
        assert_eq!(run(Again::Never, &lost()), []);
        // Without a connection nothing was asked.
        let host = "x".to_owned();
        let unheard = unreached(NetError::Connect { host, what: String::new() });
        assert_eq!(run(Again::WhenBusy, &unheard).len(), 3);
    }

    #[test]
    fn a_token_is_renewed_once_and_a_minute_waited_once() {
        assert_eq!(run(Again::Never, &refused(40001)), [Next::Renew]);
        assert_eq!(run(Again::Never, &refused(45011)), [Next::Wait(MINUTE)]);
    }

    #[test]
    fn what_will_not_change_is_not_repeated() {
        for code in [40013, 40125, 40164, 45009, 48001, 50002, 45002, 47001, 61_003] {
            assert_eq!(run(Again::Always, &refused(code)), [], "{code}");
        }
        let found = Garbled::Page { status: 404, title: String::new() };
        assert_eq!(run(Again::Always, &WechatError::Garbled { call: "x", found }), []);
    }

    #[test]
    fn the_day_ends_in_beijing() {
        for (now, then) in [
            ("2026-11-25T15:59:59Z", "2026-11-25T16:00:00Z"),
            ("2026-11-25T16:00:00Z", "2026-11-26T16:00:00Z"),
        ] {
            assert_eq!(tomorrow(now.parse().unwrap()), then.parse::<DateTime<Utc>>().unwrap());
        }
    }
}
