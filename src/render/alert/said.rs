//! What a message says, before it is written for one kind of place.

use chrono::{DateTime, Utc};

use crate::model::{AlertMessage, BEIJING, ColumnId, Lang, Notice, ProblemCode, SiteId};
use crate::text::plain::one_line;
use crate::text::sentence::{self, alert};

use super::Voice;

/// The words of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// Its heading.
    pub(super) title: String,
    /// Something is wrong, all is well again, or it is a test.
    pub(super) mood: Mood,
    /// Each kind of problem that opened, then each that healed.
    pub(super) parts: Vec<Part>,
    /// The words and the address of the link.
    pub(super) link: (&'static str, String),
    /// In which language.
    pub(super) lang: Lang,
}

/// How a message is coloured where that can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    Bad,
    Good,
    Test,
}

/// One kind of problem, wherever it opened, or wherever it healed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// What happened, with its code.
    pub(super) head: String,
    /// Where, and since when.
    pub(super) places: Vec<String>,
    /// What was found at the first of them; empty after a healing.
    pub(super) found: String,
    /// What to do; empty after a healing.
    pub(super) hint: &'static str,
}

/// How much of it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure {
    /// Kinds of problems.
    pub(super) parts: usize,
    /// Places of each.
    pub(super) places: usize,
    /// Characters of what was found.
    pub(super) found: usize,
    /// Whether it says what to do.
    pub(super) hints: bool,
}

/// From what a phone can show down to what fits everywhere: five times 100 characters for the head
/// and the place, 3 bytes each, are less than half of the narrowest limit.
pub(super) const LADDER: &[Measure] = &[
    Measure { parts: 12, places: 10, found: 200, hints: true },
    Measure { parts: 8, places: 5, found: 120, hints: true },
    Measure { parts: 6, places: 3, found: 60, hints: true },
    Measure { parts: 5, places: 1, found: 0, hints: false },
];
/// Characters of a place or a title; names of columns are short, hostile ones are not.
const SHORT: usize = 80;

/// What `message` says.
pub(super) fn said(message: &AlertMessage, voice: &Voice<'_>) -> Said {
    let lang = voice.lang;
    let heading = alert::heading(message.opened.len(), message.healed.len(), lang);
    let ours = clip(&plain(voice.title), SHORT);
    let title = match lang {
        Lang::Zh => format!("【{ours}】{heading}"),
        Lang::En => format!("[{ours}] {heading}"),
    };
    let mood = match (message.is_test(), message.opened.is_empty()) {
        (true, _) => Mood::Test,
        (false, true) => Mood::Good,
        (false, false) => Mood::Bad,
    };
    let mut parts = kinds(&message.opened, voice);
    parts.extend(kinds(&message.healed, voice));
    if message.is_test() {
        let head = alert::test(&message.alert, lang);
        parts.push(Part { head, places: Vec::new(), found: String::new(), hint: "" });
    }
    Said { title, mood, parts, link: (alert::status_page(lang), voice.status.to_string()), lang }
}

/// One part for each code, in the order in which they first occur.
fn kinds(notices: &[Notice], voice: &Voice<'_>) -> Vec<Part> {
    let mut codes: Vec<ProblemCode> = Vec::new();
    for notice in notices {
        if !codes.contains(&notice.code) {
            codes.push(notice.code);
        }
    }
    let of = |code| notices.iter().filter(move |notice| notice.code == code);
    codes.into_iter().map(|code| part(code, &of(code).collect::<Vec<_>>(), voice)).collect()
}

fn part(code: ProblemCode, notices: &[&Notice], voice: &Voice<'_>) -> Part {
    let lang = voice.lang;
    let sentence = sentence::problem(code, lang);
    let healed = notices.iter().any(|notice| notice.healed.is_some());
    let what = if healed { alert::healed(sentence.what, lang) } else { sentence.what.to_owned() };
    let places = notices.iter().map(|notice| {
        let time = match notice.healed {
            Some(over) => alert::span(&minute(notice.since), &minute(over), lang),
            None => alert::since(&minute(notice.since), lang),
        };
        format!("{} {time}", clip(&place(&notice.subject, voice), SHORT))
    });
    let found = notices.first().filter(|_| !healed).map(|notice| plain(&notice.detail));
    Part {
        head: bracketed(&what, code.as_str(), lang),
        places: places.collect(),
        found: found.unwrap_or_default(),
        hint: if healed { "" } else { sentence.hint },
    }
}

/// What people call `subject`, with the id where that is something else.
pub(super) fn place(subject: &str, voice: &Voice<'_>) -> String {
    let (names, subject) = (voice.names, plain(subject));
    let column = subject.parse::<ColumnId>().ok();
    let site = column.as_ref().map(|column| column.site().clone());
    let site = site.or_else(|| subject.parse::<SiteId>().ok());
    let site = site.and_then(|site| names.sites.get(&site));
    let column = column.and_then(|column| names.columns.get(&column));
    let name = match (site, column) {
        (Some(site), Some(column)) => format!("{} · {}", plain(site), plain(column)),
        (Some(site), None) => plain(site),
        _ => return subject,
    };
    bracketed(&name, &subject, voice.lang)
}

fn bracketed(text: &str, more: &str, lang: Lang) -> String {
    match lang {
        Lang::Zh => format!("{text}（{more}）"),
        Lang::En => format!("{text} ({more})"),
    }
}

/// One line, in which nothing turns the direction of what follows round.
pub(super) fn plain(text: &str) -> String {
    let turns = |c: &char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    one_line(text).chars().filter(|c| !turns(c)).collect()
}

/// No more than `most` characters of `text`.
pub(super) fn clip(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

pub(super) fn minute(time: DateTime<Utc>) -> String {
    time.with_timezone(&BEIJING).format("%m-%d %H:%M").to_string()
}

/// A line of what is written of a message, whatever it is written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The head of a part.
    Head(String),
    /// One place.
    Place(String),
    /// What was found, words in front included.
    Found(String),
    /// What to do, words in front included.
    Hint(String),
    /// What is left out.
    More(String),
}

impl Said {
    /// The lines below the title, as far as `measure` goes; the link is not among them.
    pub(super) fn lines(&self, measure: &Measure) -> Vec<Line> {
        let mut lines = Vec::new();
        for part in self.parts.iter().take(measure.parts) {
            lines.push(Line::Head(part.head.clone()));
            lines.extend(part.places.iter().take(measure.places).cloned().map(Line::Place));
            let left = part.places.len().saturating_sub(measure.places);
            if left > 0 {
                lines.push(Line::More(alert::more_places(left, self.lang)));
            }
            if !part.found.is_empty() && measure.found > 0 {
                let found = clip(&part.found, measure.found);
                lines.push(Line::Found(format!("{}{found}", alert::found(self.lang))));
            }
            if measure.hints && !part.hint.is_empty() {
                lines.push(Line::Hint(format!("{}{}", alert::advice(self.lang), part.hint)));
            }
        }
        let left = self.parts.len().saturating_sub(measure.parts);
        if left > 0 {
            lines.push(Line::More(alert::more_kinds(left, self.lang)));
        }
        lines
    }
}
