//! What stands around the articles of an issue: its names, header, 编者按, footer.

use chrono::{Datelike, NaiveDate};

use super::block::Picture;
use super::look::{Form, Look};
use super::remark::severe;
use super::words;
use crate::model::{IssueComposition, Piece, Remark};

/// Characters that header, 编者按 and footer may have together.
const MOST: usize = 3_000;

/// What stands around the articles of an issue.
pub(super) struct Setting<'a> {
    pub(super) composition: &'a IssueComposition,
    /// What the periodical is called, for HTML.
    pub(super) name: String,
    /// `第3期（总第12期）`, for HTML.
    pub(super) number: String,
    /// `2026年11月20日`.
    pub(super) date: String,
    pub(super) header: Vec<String>,
    pub(super) note: Vec<String>,
    pub(super) footer: Vec<String>,
}

impl<'a> Setting<'a> {
    pub(super) fn of(composition: &'a IssueComposition, remarks: &mut Vec<Remark>) -> Self {
        let mut room = MOST;
        let mut fitting = |text: &str, zh: &str, en: &str| {
            let (lines, whole) = within(words::lines(text), &mut room);
            if !whole {
                remarks.push(severe(
                    "text-cut",
                    None,
                    format!("{zh}过长：刊头文字、编者按、刊尾文字合计不得超过 {MOST} 字，已截短，请精简"),
                    format!("the {en} is too long: header, note and footer have {MOST} characters together; it was cut"),
                ));
            }
            lines
        };
        let footer = fitting(&composition.digest.footer, "刊尾文字", "footer");
        let note = fitting(&composition.issue.note, "编者按", "note");
        let header = fitting(&composition.digest.header, "刊头文字", "header");
        let short = |text: &str| words::escaped(&words::cut(&words::line(text), 40));
        Self {
            composition,
            name: short(&composition.digest.title),
            number: short(&composition.number()),
            date: long_date(composition.issue.date),
            header,
            note,
            footer,
        }
    }

    pub(super) fn look(&self, form: Form) -> Look {
        Look { form, brand: self.composition.digest.brand }
    }

    /// The day of a piece: `11月20日`, with the year where it is another than the issue's.
    pub(super) fn day(&self, piece: &Piece) -> String {
        let Some(day) = piece.posted else { return String::new() };
        if day.year() == self.composition.issue.date.year() {
            format!("{}月{}日", day.month(), day.day())
        } else {
            long_date(day)
        }
    }

    /// The first picture of a piece that is at hand and large enough to be looked at.
    pub(super) fn picture_of(&self, piece: &Piece) -> Option<Picture> {
        const SMALLEST: (u32, u32) = (200, 100);
        piece.images.iter().find_map(|image| {
            let held = self.composition.pictures.get(image.url.as_str())?;
            let is_large = held.width >= SMALLEST.0 && held.height >= SMALLEST.1;
            let alt = if image.alt.is_empty() { &image.caption } else { &image.alt };
            is_large.then(|| Picture {
                address: image.url.to_string(),
                alt: alt.clone(),
                caption: Vec::new(),
            })
        })
    }
}

/// The lines that fit, and whether all do.
fn within(lines: Vec<String>, room: &mut usize) -> (Vec<String>, bool) {
    let mut fitting = Vec::new();
    for line in lines {
        // A paragraph has markup as well.
        let length = words::length(&line) + 60;
        if length > *room {
            let cut = words::whole_sentences(&line, room.saturating_sub(60));
            if !cut.is_empty() && *room > 100 {
                fitting.push(cut);
            }
            *room = 0;
            return (fitting, false);
        }
        *room -= length;
        fitting.push(line);
    }
    (fitting, true)
}

/// `2026年11月20日`.
pub(super) fn long_date(date: NaiveDate) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// Whose text it is, as it prints: what others wrote, as it is credited.
pub(super) fn source(piece: &Piece) -> String {
    const LONGEST: usize = 80;
    let attribution = words::line(&piece.attribution);
    let name = words::line(&piece.source);
    let line = if (piece.third_party && !attribution.is_empty()) || name.is_empty() {
        attribution
    } else {
        format!("来源：{name}")
    };
    words::cut(&line, LONGEST)
}
