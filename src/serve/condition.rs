//! Conditional requests (RFC 9110 §13): whether a reader has a document already.

use axum::http::{HeaderMap, header};
use chrono::{DateTime, NaiveDateTime, Utc};

use super::encoding::Coding;

/// Which form of the document the reader has, if it has it unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Has {
    /// Another version, or none.
    No,
    /// The one in this coding.
    Coded(Coding),
    /// This version, in a coding that it does not say.
    Any,
}

/// `If-None-Match` decides where it is given (weak comparison, whatever the coding); otherwise
/// `If-Modified-Since`, of which a later date than ours counts as "has it" too: some readers send
/// their own clock.
pub(super) fn has(request: &HeaderMap, etag: &str, modified: DateTime<Utc>) -> Has {
    if request.contains_key(header::IF_NONE_MATCH) {
        return tagged(request, |tag| names(tag, etag));
    }
    let since = request.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    match since.and_then(parsed) {
        Some(since) if since.timestamp() >= modified.timestamp() => Has::Any,
        _ => Has::No,
    }
}

/// Whether `If-None-Match` names the version `etag` of its own accord: `*` does not.
pub(super) fn named(request: &HeaderMap, etag: &str) -> Has {
    tagged(request, |tag| if tag == "*" { Has::No } else { names(tag, etag) })
}

/// What the first tag of `If-None-Match` that `reads` knows says.
fn tagged(request: &HeaderMap, reads: impl Fn(&str) -> Has) -> Has {
    let lists = request.get_all(header::IF_NONE_MATCH).iter();
    let tags = lists.filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(','));
    tags.map(|tag| reads(tag.trim())).find(|has| *has != Has::No).unwrap_or(Has::No)
}

fn names(tag: &str, etag: &str) -> Has {
    let strong = tag.strip_prefix("W/").unwrap_or(tag);
    let mark = strong.strip_prefix(etag.trim_end_matches('"')).and_then(|m| m.strip_suffix('"'));
    if let Some(coding) = mark.and_then(Coding::of_mark) {
        return Has::Coded(coding);
    }
    // Proxies that pack by themselves mark the tag, and some readers drop the quotes.
    let bare = strong.trim_matches('"');
    let marks = ["-gzip", "-br", "-zstd", "-df", ";gzip", ";br"];
    let bare = marks.iter().find_map(|mark| bare.strip_suffix(mark)).unwrap_or(bare);
    if tag == "*" || bare == etag.trim_matches('"') { Has::Any } else { Has::No }
}

/// A date as headers have it (RFC 9110 §5.6.7).
pub(super) fn http_date(time: DateTime<Utc>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The three forms of RFC 9110 §5.6.7, and numeric zones, which some readers send.
fn parsed(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|time| time.and_utc())
        .or_else(|| Some(DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(headers: &[(&'static str, &str)]) -> Has {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        has(&map, "\"abc\"", "2026-11-03T01:05:00Z".parse().unwrap())
    }

    #[test]
    fn tags_in_every_form() {
        for (tag, wanted) in [
            ("\"abc\"", Has::Coded(Coding::Identity)),
            ("W/\"abc\"", Has::Coded(Coding::Identity)),
            ("\"abc-gzip\"", Has::Coded(Coding::Gzip)),
            ("W/\"abc-br\"", Has::Coded(Coding::Brotli)),
            ("\"x\", \"abc-br\"", Has::Coded(Coding::Brotli)),
            ("\"abc;gzip\"", Has::Any),
            ("abc", Has::Any),
            ("*", Has::Any),
            ("\"other\"", Has::No),
            ("\"abcd\"", Has::No),
            ("\"\"", Has::No),
            ("", Has::No),
            (",,,", Has::No),
        ] {
            assert_eq!(ask(&[("if-none-match", tag)]), wanted, "{tag}");
        }
        let twice = [("if-none-match", "\"x\""), ("if-none-match", "\"abc\"")];
        assert_eq!(ask(&twice), Has::Coded(Coding::Identity));
        assert_eq!(ask(&[]), Has::No);
    }

    #[test]
    fn dates_in_every_form() {
        for (since, wanted) in [
            ("Tue, 03 Nov 2026 01:05:00 GMT", Has::Any),
            ("Tuesday, 03-Nov-26 01:05:00 GMT", Has::Any),
            ("Tue Nov  3 01:05:00 2026", Has::Any),
            ("Tue, 03 Nov 2026 09:05:00 +0800", Has::Any),
            ("Wed, 04 Nov 2026 00:00:00 GMT", Has::Any),
            ("Tue, 03 Nov 2026 01:04:59 GMT", Has::No),
            ("2026-11-03", Has::No),
            ("not a date", Has::No),
            ("", Has::No),
        ] {
            assert_eq!(ask(&[("if-modified-since", since)]), wanted, "{since}");
        }
    }

    #[test]
    fn the_tag_beats_the_date() {
        let later = ("if-modified-since", "Wed, 04 Nov 2026 00:00:00 GMT");
        assert_eq!(ask(&[("if-none-match", "\"other\""), later]), Has::No);
        let earlier = ("if-modified-since", "Mon, 02 Nov 2026 00:00:00 GMT");
        assert_ne!(ask(&[("if-none-match", "\"abc\""), earlier]), Has::No);
    }
}
