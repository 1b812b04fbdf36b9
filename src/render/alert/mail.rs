//! A message as mail: plain text, and the same as simple HTML.

use std::fmt::Write as _;

use crate::model::{AlertMessage, Mail};

use super::Voice;
use super::said::{LADDER, Line, Measure, Said, said};

/// The mail that `message` is.
pub fn mail(message: &AlertMessage, voice: &Voice<'_>) -> Mail {
    let said = said(message, voice);
    // Mail has room: all kinds, and many places.
    let measure = Measure { parts: 100, places: 100, ..LADDER[0] };
    Mail {
        id: message.id.clone(),
        subject: said.title.clone(),
        text: text(&said, &measure),
        html: html(&said, &measure),
    }
}

/// The words one below the other, title first.
pub(super) fn text(said: &Said, measure: &Measure) -> String {
    let mut out = format!("{}\n", said.title);
    for line in said.lines(measure) {
        // Writing to a string cannot fail.
        let _ = match line {
            Line::Head(text) => write!(out, "\n{text}\n"),
            Line::Place(text) => writeln!(out, "- {text}"),
            Line::Found(text) | Line::Hint(text) | Line::More(text) => writeln!(out, "  {text}"),
        };
    }
    let (words, address) = &said.link;
    let _ = write!(out, "\n{words} {address}\n");
    out
}

fn html(said: &Said, measure: &Measure) -> String {
    let mut out = format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n<h3>{}</h3>\n",
        quoted(&said.title)
    );
    for line in said.lines(measure) {
        let _ = match line {
            Line::Head(text) => writeln!(out, "<p><b>{}</b></p>", quoted(&text)),
            Line::Place(text) => writeln!(out, "<div>· {}</div>", quoted(&text)),
            Line::Found(text) => {
                writeln!(out, "<div style=\"color:#666\">{}</div>", quoted(&text))
            }
            Line::Hint(text) | Line::More(text) => writeln!(out, "<div>{}</div>", quoted(&text)),
        };
    }
    let (words, address) = &said.link;
    let _ = write!(out, "<p><a href=\"{}\">{words}</a></p>\n</body></html>\n", quoted(address));
    out
}

/// Text as HTML has it.
pub(super) fn quoted(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
