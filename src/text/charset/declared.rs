//! What charsets a response claims: header, every meta, XML declaration.

use encoding_rs::{Encoding, GB18030, UTF_8};

use super::{is_sixteen_bit, widen};

/// Metas are looked for this far; no template puts them later.
const META_WITHIN: usize = 256 * 1024;

/// A charset that the response says it is in.
pub(super) struct Claim {
    pub(super) encoding: &'static Encoding,
    pub(super) how: &'static str,
}

/// All claims, the most trusted first.
pub(super) fn claims(body: &[u8], content_type: Option<&str>) -> Vec<Claim> {
    let head = body[..body.len().min(META_WITHIN)].to_ascii_lowercase();
    let header = content_type.and_then(|value| parameter(value.to_ascii_lowercase().as_bytes()));
    let mut claims: Vec<Claim> =
        header.map(|encoding| Claim { encoding, how: "header" }).into_iter().collect();
    claims.extend(metas(&head).into_iter().map(|encoding| Claim { encoding, how: "meta" }));
    claims.extend(xml(&head).map(|encoding| Claim { encoding, how: "xml" }));
    claims
}

/// The charsets of all `<meta charset=…>` and `<meta content="…charset=…">`, comments skipped.
fn metas(head: &[u8]) -> Vec<&'static Encoding> {
    let mut found = Vec::new();
    let mut rest = head;
    while let Some(at) = find(rest, b"<") {
        rest = &rest[at..];
        if rest.starts_with(b"<!--") {
            let Some(end) = find(rest, b"-->") else { break };
            rest = &rest[end..];
        } else if rest.starts_with(b"<meta") {
            let end = find(rest, b">").unwrap_or(rest.len());
            found.extend(parameter(&rest[..end]));
            rest = &rest[end..];
        } else {
            rest = &rest[1..];
        }
    }
    found
}

fn xml(head: &[u8]) -> Option<&'static Encoding> {
    let declaration = head.trim_ascii_start();
    if !declaration.starts_with(b"<?xml") {
        return None;
    }
    let declaration = &declaration[..find(declaration, b">")?];
    value_of(declaration, b"encoding").and_then(known)
}

/// The charset named by `charset=` in a header value or a tag.
fn parameter(text: &[u8]) -> Option<&'static Encoding> {
    value_of(text, b"charset").and_then(known)
}

/// What stands after `name`, `=` and an optional quote.
fn value_of<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let after = text[find(text, name)? + name.len()..].trim_ascii_start().strip_prefix(b"=")?;
    let value = after.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value);
    let end = value.iter().position(|b| b" \t\r\n\"';,/>".contains(b)).unwrap_or(value.len());
    Some(&value[..end])
}

fn known(label: &[u8]) -> Option<&'static Encoding> {
    if matches!(label, b"cp936" | b"ms936" | b"windows-936" | b"gb13000") {
        return Some(GB18030);
    }
    let encoding = Encoding::for_label(label)?;
    Some(if is_sixteen_bit(encoding) { UTF_8 } else { widen(encoding) })
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}
