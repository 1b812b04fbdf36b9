//! What the XML writers do not do by themselves.
//!
//! Plain text is written with hexadecimal references (`&#x26;`), as the RSS Profile recommends and
//! the validator wants (no `CharacterData`, no `ContainsHTML`). The writers know named references
//! only, so `&`, `<`, `>` and `"` travel through them as noncharacters, which cleaned text cannot
//! contain, and become references afterwards.

use crate::text::plain;

const MARKS: [(char, char, &str); 4] = [
    ('&', '\u{FDD0}', "&#x26;"),
    ('<', '\u{FDD1}', "&#x3C;"),
    ('>', '\u{FDD2}', "&#x3E;"),
    ('"', '\u{FDD3}', "&#x22;"),
];

/// One line of plain text, ready for a writer.
pub(super) fn line(text: &str) -> String {
    mark(&plain::one_line(text))
}

/// An attribute value of an extension, which the Atom writer does not escape.
pub(super) fn attribute(text: &str) -> String {
    mark(&plain::clean(text))
}

fn mark(text: &str) -> String {
    text.chars().map(|c| MARKS.iter().find(|mark| mark.0 == c).map_or(c, |mark| mark.1)).collect()
}

/// Turns the marks of a written document into references.
pub(super) fn finish(written: &str) -> String {
    let mut out = String::with_capacity(written.len() + 256);
    for c in written.chars() {
        match MARKS.iter().find(|mark| mark.1 == c) {
            Some(mark) => out.push_str(mark.2),
            None => out.push(c),
        }
    }
    out
}

/// The declaration every XML document begins with.
pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
