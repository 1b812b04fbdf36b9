//! One look over the bytes before the parser: tags with absurdly many attributes, and the bodies of
//! scripts and styles, which it need not look into.
//!
//! Where the parser may see a page otherwise than this look does (comments, raw text, foreign
//! elements), attributes are counted all the same, and nothing is lifted out.

use std::ops::Range;

use crate::model::{ProblemCode, Rejection};

/// The parser compares each attribute of a tag with all before it.
const MAX_ATTRIBUTES: usize = 2048;
/// So many where the tag may as well be a comparison in a script.
const MAX_DOUBTFUL: usize = 8192;
/// Shorter bodies are not worth it (bytes).
const SHORTEST: usize = 64;

/// Elements whose content is text for the parser, beside scripts and styles.
const TEXTS: &[&[u8]] = &[b"textarea", b"title", b"xmp", b"iframe", b"noembed", b"noframes"];

/// The bodies of the scripts and styles that the parser need not look into, in page order; an error
/// where a tag has too many attributes.
pub(super) fn raw_bodies(html: &str) -> Result<Vec<Range<usize>>, Rejection> {
    let bytes = html.as_bytes();
    let mut bodies = Vec::new();
    let (mut rest, mut quiet) = (0, 0);
    while let Some(found) = html.get(rest..).and_then(|tail| tail.find('<')) {
        let start = rest + found + 1;
        rest = start;
        if start > quiet && html[start..].starts_with("!--") {
            quiet = past_comment(html, start + 1);
        }
        if !bytes.get(start).is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let (end, attributes) = tag_end(bytes, start);
        let most = if start < quiet { MAX_DOUBTFUL } else { MAX_ATTRIBUTES };
        if attributes > most {
            return Err(Rejection::new(
                ProblemCode::TooLarge,
                "one tag has thousands of attributes",
            ));
        }
        if start < quiet {
            continue;
        }
        rest = end;
        let name = tag_name(bytes, start);
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        if is(b"script") || is(b"style") {
            let body = end..closing(html, end, name);
            // Comments within a script may hide its end.
            if !html[body.clone()].contains("<!--") {
                rest = body.end;
                bodies.extend((body.len() >= SHORTEST).then_some(body));
            } else {
                quiet = body.end;
            }
        } else if TEXTS.iter().any(|known| is(known)) {
            quiet = closing(html, end, name);
        } else if is(b"plaintext") {
            quiet = html.len();
        }
    }
    Ok(bodies)
}

fn tag_name(bytes: &[u8], start: usize) -> &[u8] {
    let rest = &bytes[start..];
    let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
    &rest[..end]
}

/// Past the end of the comment whose first dash stands at `start`.
fn past_comment(html: &str, start: usize) -> usize {
    let after = |end: &str| html[start..].find(end).map(|at| start + at + end.len());
    let plain = after("-->").unwrap_or(html.len());
    let odd = html[start..plain].find("--!>").map(|at| start + at + 4);
    odd.unwrap_or(plain)
}

/// Where the end tag of the raw element `name` begins that was opened before `start`.
fn closing(html: &str, start: usize, name: &[u8]) -> usize {
    let bytes = html.as_bytes();
    let mut at = start;
    while let Some(found) = html.get(at..).and_then(|tail| tail.find("</")) {
        let end = at + found;
        at = end + 2;
        let named = bytes.get(at..at + name.len());
        let after = bytes.get(at + name.len());
        let whole =
            after.is_none_or(|byte| matches!(byte, b'>' | b'/') || byte.is_ascii_whitespace());
        if named.is_some_and(|found| found.eq_ignore_ascii_case(name)) && whole {
            return end;
        }
    }
    html.len()
}

/// The end of the tag and how many attributes it can have at most.
fn tag_end(bytes: &[u8], start: usize) -> (usize, usize) {
    let (mut attributes, mut quote, mut before) = (0, 0, b'a');
    for (i, &byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'"' | b'\'' if quote == 0 && before == b'=' => quote = byte,
            _ if quote != 0 && byte == quote => {
                quote = 0;
                attributes += 1;
            }
            _ if quote != 0 => {}
            b'>' => return (i + 1, attributes),
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'/' => {
                attributes += usize::from(before != b' ');
            }
            _ => {}
        }
        if quote == 0 {
            before = match byte {
                b'\t' | b'\n' | b'\r' | b'\x0c' | b'/' => b' ',
                b' ' if before == b'=' => b'=',
                _ => byte,
            };
        } else {
            before = b'a';
        }
    }
    (bytes.len(), attributes)
}
