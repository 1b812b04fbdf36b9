//! What an alert is told now: everything that changed since it was last told, as one message.
//!
//! Nothing is queued. What is open and what the alert heard of are compared, so that whatever
//! opened and healed in between was never there, and a failing robot hears in the end what is true
//! then.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{AlertMessage, Manner, Notice, Problem};

/// From an urgent message to the next, at least: robots refuse more than twenty a minute.
const BREATH: TimeDelta = TimeDelta::seconds(10);

/// Nothing is waited for longer.
const DAY: TimeDelta = TimeDelta::days(1);

/// What is known of an alert and of the problems.
#[derive(Clone, Copy, Debug)]
pub struct Affairs<'a> {
    /// All open problems.
    pub open: &'a [Problem],
    /// Of which problems the alert was told; when they healed, as far as that is known.
    pub heard: &'a [Notice],
    /// When it was last told something.
    pub last: Option<DateTime<Utc>>,
    /// When the quiet hours end; `None` while there are none.
    pub quiet_until: Option<DateTime<Utc>>,
    /// What time it is.
    pub now: DateTime<Utc>,
}

/// What is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gathered {
    /// Nothing.
    Nothing,
    /// Something, but not before this time.
    Later(DateTime<Utc>),
    /// This.
    Now(AlertMessage),
}

/// What the alert `id` is told.
pub fn gather(id: &str, manner: &Manner, affairs: &Affairs<'_>) -> Gathered {
    let Affairs { open, heard, last, quiet_until, now } = *affairs;
    let opened: Vec<Notice> = open
        .iter()
        .filter(|problem| manner.wants(id, problem.code, &problem.subject))
        .filter(|problem| !heard.iter().any(|told| told.is_of(problem.code, &problem.subject)))
        .map(opening)
        .collect();
    let healed: Vec<Notice> = heard
        .iter()
        .filter(|told| !open.iter().any(|problem| told.is_of(problem.code, &problem.subject)))
        .map(|told| Notice { healed: Some(told.healed.unwrap_or(now)), ..told.clone() })
        .collect();
    let urgent: Vec<Notice> =
        opened.iter().filter(|notice| manner.urgent.contains(&notice.code)).cloned().collect();
    // A clock that was set back must not hold anything up.
    let first = |notices: &mut dyn Iterator<Item = &Notice>| notices.map(Notice::at).min();
    let settled = |first: DateTime<Utc>| first.min(now) + length(manner.settle);
    let after = |pause: TimeDelta| last.map(|last| last.min(now) + pause);
    let Some(begun) = first(&mut opened.iter().chain(&healed)) else { return Gathered::Nothing };
    let due = [Some(settled(begun)), after(length(manner.pause)), quiet_until];
    let due = due.into_iter().flatten().max().unwrap_or(now);
    let pressing =
        first(&mut urgent.iter()).map(|begun| settled(begun).max(after(BREATH).unwrap_or(now)));
    let pressed = pressing.is_some_and(|pressing| pressing <= now);
    if pressed && quiet_until.is_some() {
        return Gathered::Now(message(id, urgent, Vec::new()));
    }
    if pressed || due <= now {
        return Gathered::Now(message(id, opened, healed));
    }
    Gathered::Later(pressing.map_or(due, |pressing| pressing.min(due)))
}

fn opening(problem: &Problem) -> Notice {
    Notice {
        code: problem.code,
        subject: problem.subject.clone(),
        detail: problem.detail.clone(),
        since: problem.first_seen,
        healed: None,
    }
}

/// A message is named by what it holds, so that one that may have arrived is known when it comes
/// again. How often a problem was seen, and its latest detail, do not count.
fn message(alert: &str, opened: Vec<Notice>, healed: Vec<Notice>) -> AlertMessage {
    let mut hasher = blake3::Hasher::new();
    hasher.update(alert.as_bytes());
    for Notice { code, subject, since, healed, .. } in opened.iter().chain(&healed) {
        let healed = healed.map(|time| time.timestamp());
        let line = format!("\n{} {subject} {} {healed:?}", code.as_str(), since.timestamp());
        hasher.update(line.as_bytes());
    }
    let id = format!("msg_{}", &hasher.finalize().to_hex()[..32]);
    AlertMessage { id, alert: alert.to_owned(), opened, healed }
}

fn length(duration: std::time::Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(DAY).min(DAY)
}

#[cfg(test)]
mod tests;
