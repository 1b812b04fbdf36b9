//! An issue as plain text and as Markdown.

use super::setting::{Setting, source};
use super::words;
use crate::model::{IssueComposition, Piece};

/// An issue as plain text: titles, summaries, sources, dates and addresses.
pub fn text(composition: &IssueComposition) -> String {
    let setting = Setting::of(composition, &mut Vec::new());
    let mut out =
        format!("{}\n{}\n", words::line(&composition.title()), dated(composition, &setting));
    for line in words::lines(&composition.digest.header) {
        out.extend(["\n", &line, "\n"]);
    }
    for (at, line) in words::lines(&composition.issue.note).iter().enumerate() {
        let label = if at == 0 { "编者按：" } else { "" };
        out.extend(["\n", label, line, "\n"]);
    }
    each(composition, |number, section, piece| {
        if let Some(section) = section {
            out.extend(["\n【", &section, "】\n"]);
        }
        out.extend(["\n", &number.to_string(), ". ", &words::line(&piece.title), "\n"]);
        for line in [words::line(&piece.summary), origin(&setting, piece), address(piece)] {
            if !line.is_empty() {
                out.extend([&line, "\n"]);
            }
        }
    });
    foot(composition, &mut out, |line| format!("{line}\n"));
    out
}

/// An issue as Markdown (CommonMark): the same, with headings and links.
pub fn markdown(composition: &IssueComposition) -> String {
    let setting = Setting::of(composition, &mut Vec::new());
    let title = escaped(&words::line(&composition.title()));
    let mut out = format!("# {title}\n\n{}\n", escaped(&dated(composition, &setting)));
    for line in words::lines(&composition.digest.header) {
        out.extend(["\n", &escaped(&line), "\n"]);
    }
    for (at, line) in words::lines(&composition.issue.note).iter().enumerate() {
        let label = if at == 0 { "\n> **编者按**\n>\n" } else { ">\n" };
        out.extend([label, "> ", &escaped(line), "\n"]);
    }
    each(composition, |number, section, piece| {
        if let Some(section) = section {
            out.extend(["\n## ", &escaped(&section), "\n"]);
        }
        let title = escaped(&words::line(&piece.title));
        out.extend(["\n### ", &number.to_string(), ". ", &title, "\n"]);
        let summary = words::line(&piece.summary);
        if !summary.is_empty() {
            out.extend(["\n", &escaped(&summary), "\n"]);
        }
        let link = match address(piece) {
            address if address.is_empty() => String::new(),
            address => format!("　[原文](<{}>)", bracketed(&address)),
        };
        let origin = escaped(&origin(&setting, piece)) + &link;
        if !origin.is_empty() {
            out.extend(["\n", &origin, "\n"]);
        }
    });
    foot(composition, &mut out, |line| format!("{}\n\n", escaped(line)));
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// Each piece with its number, and its heading where that is another than before.
fn each(composition: &IssueComposition, mut tell: impl FnMut(usize, Option<String>, &Piece)) {
    let mut section = String::new();
    for (number, piece) in (1..).zip(composition.printed()) {
        let next = words::line(&piece.section);
        let heading = (next != section && !next.is_empty()).then(|| next.clone());
        section = next;
        tell(number, heading, piece);
    }
}

/// Number and date, as far as the title does not have them.
fn dated(composition: &IssueComposition, setting: &Setting<'_>) -> String {
    let is_named = composition.issue.title.is_empty();
    let number = if is_named { String::new() } else { words::line(&composition.number()) };
    let parts = [number, setting.date.clone()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("　")
}

fn origin(setting: &Setting<'_>, piece: &Piece) -> String {
    let parts = [source(piece), setting.day(piece)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("　")
}

fn address(piece: &Piece) -> String {
    piece.url.as_ref().map_or_else(String::new, ToString::to_string)
}

fn foot(composition: &IssueComposition, out: &mut String, line: impl Fn(&str) -> String) {
    let lines = words::lines(&composition.digest.footer);
    if !lines.is_empty() {
        out.push_str("\n---\n\n");
        out.extend(lines.iter().map(|one| line(one)));
    }
}

/// Text in which nothing is markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut digits = true;
    for (at, c) in text.chars().enumerate() {
        let is_inline = matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '~' | '|' | '!' | '$'
        );
        let is_leading = at == 0 && matches!(c, '#' | '-' | '+' | '=' | ':');
        // `2026. ` at the beginning would be a numbered list.
        let is_number = digits && at > 0 && matches!(c, '.' | ')');
        if is_inline || is_leading || is_number {
            out.push('\\');
        }
        digits = digits && c.is_ascii_digit();
        out.push(c);
    }
    // Bare addresses and e-mails stay text.
    out.replace("://", "\\://").replace('@', "\\@")
}

/// An address within `<…>`.
fn bracketed(address: &str) -> String {
    address.replace('\\', "%5C").replace('<', "%3C").replace('>', "%3E")
}
