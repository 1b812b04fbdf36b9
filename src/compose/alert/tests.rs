use std::time::Duration;

use super::*;
use crate::model::ProblemCode;

/// What an alert goes through: problems that open and heal by the clock, and what it takes.
struct Life {
    manner: Manner,
    open: Vec<Problem>,
    heard: Vec<Notice>,
    last: Option<DateTime<Utc>>,
    quiet_until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
}

fn at(text: &str) -> DateTime<Utc> {
    format!("2026-11-20T{text}Z").parse().unwrap()
}

impl Life {
    fn new() -> Self {
        let manner = Manner {
            urgent: vec![ProblemCode::StoreFull],
            settle: Duration::from_secs(60),
            pause: Duration::from_secs(600),
            ..Manner::default()
        };
        let (open, heard) = (Vec::new(), Vec::new());
        Self { manner, open, heard, last: None, quiet_until: None, now: at("09:00:00") }
    }

    fn opens(&mut self, code: ProblemCode, subject: &str, time: &str) {
        self.now = at(time);
        let (first_seen, subject) = (self.now, subject.to_owned());
        let detail = "no answer".to_owned();
        self.open.push(Problem {
            code,
            subject,
            detail,
            count: 1,
            first_seen,
            last_seen: self.now,
        });
    }

    fn heals(&mut self, subject: &str, time: &str) {
        self.now = at(time);
        self.open.retain(|problem| problem.subject != subject);
        for told in self.heard.iter_mut().filter(|told| told.subject == subject) {
            told.healed = Some(self.now);
        }
    }

    fn gathered(&self) -> Gathered {
        let Self { open, heard, last, quiet_until, now, .. } = self;
        let (last, quiet_until, now) = (*last, *quiet_until, *now);
        gather("ops", &self.manner, &Affairs { open, heard, last, quiet_until, now })
    }

    /// The message of `time`, as subjects that opened and that healed; it arrives.
    fn told(&mut self, time: &str) -> Option<(Vec<String>, Vec<String>)> {
        self.now = at(time);
        let Gathered::Now(message) = self.gathered() else { return None };
        self.heard.extend(message.opened.clone());
        self.heard.retain(|told| !message.healed.iter().any(|over| over.subject == told.subject));
        self.last = Some(self.now);
        let names = |notices: &[Notice]| notices.iter().map(|n| n.subject.clone()).collect();
        Some((names(&message.opened), names(&message.healed)))
    }
}

fn names(opened: &[&str], healed: &[&str]) -> Option<(Vec<String>, Vec<String>)> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Some((owned(opened), owned(healed)))
}

#[test]
fn one_message_when_it_opens_and_one_when_it_heals() {
    let mut life = Life::new();
    assert_eq!(life.gathered(), Gathered::Nothing);
    life.opens(ProblemCode::Timeout, "a/b", "09:00:00");
    assert_eq!(life.gathered(), Gathered::Later(at("09:01:00")));
    assert_eq!(life.told("09:01:00"), names(&["a/b"], &[]));
    // It fails again and again: nothing new.
    life.open[0].count = 9;
    life.open[0].last_seen = at("10:00:00");
    assert_eq!(life.told("10:00:00"), None);
    life.heals("a/b", "10:30:00");
    assert_eq!(life.gathered(), Gathered::Later(at("10:31:00")));
    assert_eq!(life.told("10:31:00"), names(&[], &["a/b"]));
    assert_eq!(life.told("11:00:00"), None);
}

#[test]
fn what_opens_and_heals_before_the_message_left_was_never_there() {
    let mut life = Life::new();
    life.opens(ProblemCode::Timeout, "a/b", "09:00:00");
    life.heals("a/b", "09:00:40");
    assert_eq!(life.told("09:05:00"), None);
    // Of one that was told, a healing that did not last is no news either.
    life.opens(ProblemCode::Timeout, "a/b", "09:10:00");
    assert_eq!(life.told("09:11:00"), names(&["a/b"], &[]));
    life.heals("a/b", "09:12:00");
    life.opens(ProblemCode::Timeout, "a/b", "09:15:00");
    assert_eq!(life.told("09:30:00"), None);
    life.heals("a/b", "09:40:00");
    assert_eq!(life.told("09:41:00"), names(&[], &["a/b"]));
}

#[test]
fn a_storm_is_one_message_and_its_stragglers_another() {
    let mut life = Life::new();
    for number in 10..40 {
        life.opens(ProblemCode::Unreachable, &format!("a/{number}"), &format!("09:00:{number}"));
    }
    assert_eq!(life.gathered(), Gathered::Later(at("09:01:10")));
    let (opened, healed) = life.told("09:01:10").unwrap();
    assert_eq!((opened.len(), healed.len()), (30, 0));
    for minute in 12..20 {
        life.opens(ProblemCode::Unreachable, &format!("b/{minute}"), &format!("09:{minute}:00"));
    }
    // What came within the pause after the first is due; then everything more waits for the next.
    assert_eq!(life.told("09:19:00").unwrap().0.len(), 8);
    life.opens(ProblemCode::Unreachable, "c", "09:20:00");
    assert_eq!(life.gathered(), Gathered::Later(at("09:29:00")));
}

#[test]
fn the_night_is_quiet_and_the_morning_tells_it_at_once() {
    let mut life = Life::new();
    life.opens(ProblemCode::Timeout, "a/b", "01:00:00");
    life.opens(ProblemCode::ListEmpty, "a/c", "02:00:00");
    life.quiet_until = Some(at("06:00:00"));
    assert_eq!(life.gathered(), Gathered::Later(at("06:00:00")));
    life.opens(ProblemCode::StoreFull, "a/d", "03:00:00");
    assert_eq!(life.gathered(), Gathered::Later(at("03:01:00")));
    assert_eq!(life.told("03:01:00"), names(&["a/d"], &[]), "only what is urgent");
    assert_eq!(life.gathered(), Gathered::Later(at("06:00:00")));
    life.heals("a/b", "05:00:00");
    life.heals("a/d", "05:10:00");
    assert_eq!(life.told("05:59:59"), None);
    life.quiet_until = None;
    assert_eq!(life.told("06:00:00"), names(&["a/c"], &["a/d"]));
}

#[test]
fn what_is_urgent_waits_for_no_pause() {
    let mut life = Life::new();
    life.opens(ProblemCode::Timeout, "a", "09:00:00");
    assert!(life.told("09:01:00").is_some());
    life.opens(ProblemCode::Timeout, "b", "09:01:30");
    life.opens(ProblemCode::StoreFull, "daemon", "09:02:00");
    assert_eq!(life.gathered(), Gathered::Later(at("09:03:00")));
    assert_eq!(life.told("09:03:00"), names(&["b", "daemon"], &[]));
    // But robots need to breathe.
    life.manner.settle = Duration::ZERO;
    life.opens(ProblemCode::StoreFull, "other", "09:03:01");
    assert_eq!(life.gathered(), Gathered::Later(at("09:03:10")));
}

#[test]
fn the_same_news_have_the_same_name() {
    let mut life = Life::new();
    life.opens(ProblemCode::Timeout, "a", "09:00:00");
    life.now = at("09:05:00");
    let Gathered::Now(first) = life.gathered() else { panic!("due") };
    life.open[0].count = 2;
    life.open[0].detail = "something else".to_owned();
    life.now = at("09:35:00");
    let Gathered::Now(again) = life.gathered() else { panic!("due") };
    assert_eq!(first.id, again.id);
    assert!(first.id.starts_with("msg_") && first.id.len() == 36);
    life.opens(ProblemCode::Timeout, "b", "09:35:00");
    let Gathered::Now(more) = life.gathered() else { panic!("due") };
    assert_ne!(first.id, more.id);
}

#[test]
fn a_clock_that_was_set_back_holds_nothing_up() {
    let mut life = Life::new();
    life.opens(ProblemCode::Timeout, "a", "12:00:00");
    life.last = Some(at("12:00:00"));
    life.now = at("09:00:00");
    assert_eq!(life.gathered(), Gathered::Later(at("09:10:00")));
    life.manner.settle = Duration::MAX;
    assert!(matches!(life.gathered(), Gathered::Later(_)), "no overflow");
}

#[test]
fn a_healing_whose_time_nobody_knows_is_told_all_the_same() {
    let mut life = Life::new();
    life.opens(ProblemCode::Timeout, "a", "09:00:00");
    assert!(life.told("09:01:00").is_some());
    life.open.clear();
    life.manner.except = vec![ProblemCode::Timeout];
    assert_eq!(life.told("09:20:00"), None, "settles first");
    life.manner.settle = Duration::ZERO;
    assert_eq!(life.told("09:20:00"), names(&[], &["a"]));
}
