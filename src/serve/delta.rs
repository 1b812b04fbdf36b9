//! What changed in a feed since the version that a reader has (RFC 3229, `A-IM: feed`).
//!
//! The head of the document with those items that the reader's version did not have as they are now.
//! Versions are told apart by their `ETag`; those of before a restart are not known, and their
//! readers get the whole.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};

use crate::render;

use super::condition::{Has, named};

/// Versions of a document that are remembered.
const VERSIONS: usize = 8;

/// The items of a document, and of the versions before it.
#[derive(Debug, Default)]
pub(super) struct Lineage {
    /// Where each item stands, and a hash of it.
    items: Vec<(Range<usize>, u64)>,
    /// `ETag` and items of the versions before, the last first.
    before: Vec<(String, Arc<HashSet<u64>>)>,
}

impl Lineage {
    /// That of the document `bytes`, which follows on `before`, a version with its `ETag`.
    pub(super) fn of(bytes: &[u8], before: Option<(&str, &Self)>) -> Self {
        let items: Vec<_> = render::entries(bytes)
            .into_iter()
            .map(|range| {
                let hash = blake3::hash(&bytes[range.clone()]);
                let (first, _) = hash.as_bytes().split_first_chunk().expect("it has 32 bytes");
                (range, u64::from_le_bytes(*first))
            })
            .collect();
        let before = before.into_iter().flat_map(|(etag, older)| {
            let last = older.items.iter().map(|(_, hash)| *hash).collect();
            std::iter::once((etag.to_owned(), Arc::new(last))).chain(older.before.iter().cloned())
        });
        let before = before.take(VERSIONS).collect();
        Self { items, before }
    }

    /// The document `bytes` without the items that the version named in `request` had; `None` where
    /// that version is not known or nothing is saved.
    pub(super) fn since(&self, request: &HeaderMap, bytes: &Bytes) -> Option<Bytes> {
        let had = self
            .before
            .iter()
            .find_map(|(etag, items)| (named(request, etag) != Has::No).then_some(items))?;
        let mut left = BytesMut::with_capacity(bytes.len());
        let mut at = 0;
        for (range, hash) in &self.items {
            if had.contains(hash) {
                left.extend_from_slice(bytes.get(at..range.start)?);
                at = range.end;
            }
        }
        left.extend_from_slice(bytes.get(at..)?);
        (left.len() < bytes.len()).then(|| left.freeze())
    }
}

/// Whether `request` wants but the items that it does not have.
pub(super) fn is_wanted(request: &HeaderMap) -> bool {
    let lists = request.get_all("a-im").iter().filter_map(|list| list.to_str().ok());
    let names = lists.flat_map(|list| list.split(',')).map(|name| {
        let (name, weight) = name.split_once(';').unwrap_or((name, ""));
        (name.trim(), weight.trim())
    });
    let is_feed = |(name, weight): (&str, &str)| {
        let refused =
            weight.strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty());
        name.eq_ignore_ascii_case("feed") && !refused
    };
    request.contains_key(header::IF_NONE_MATCH) && names.into_iter().any(is_feed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(headers: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    #[test]
    fn a_reader_gets_what_its_version_did_not_have() {
        let one = Bytes::from_static(b"<feed>1<entry>a</entry><entry>b</entry></feed>");
        let two =
            Bytes::from_static(b"<feed>2<entry>c</entry><entry>a</entry><entry>B</entry></feed>");
        let three =
            Bytes::from_static(b"<feed>3<entry>d</entry><entry>c</entry><entry>a</entry></feed>");
        let first = Lineage::of(&one, None);
        let second = Lineage::of(&two, Some(("\"1\"", &first)));
        let third = Lineage::of(&three, Some(("\"2\"", &second)));
        let had = |tag: &str| third.since(&asks(&[("if-none-match", tag)]), &three);
        assert_eq!(had("\"2\"").unwrap(), "<feed>3<entry>d</entry></feed>");
        assert_eq!(had("W/\"1-gzip\"").unwrap(), "<feed>3<entry>d</entry><entry>c</entry></feed>");
        // The newest of several that a cache may hold.
        assert_eq!(had("\"1\", \"2\"").unwrap(), "<feed>3<entry>d</entry></feed>");
        assert_eq!(had("\"0\""), None);
        assert_eq!(had("*"), None);
        assert_eq!(first.since(&asks(&[("if-none-match", "\"1\"")]), &one), None);
    }

    #[test]
    fn versions_are_remembered_up_to_a_number() {
        let mut last = Lineage::default();
        for number in 0..20 {
            let bytes = format!("<feed><entry>{number}</entry></feed>");
            let etag = format!("\"{number}\"");
            last = Lineage::of(bytes.as_bytes(), Some((&etag, &last)));
        }
        assert_eq!(last.before.len(), VERSIONS);
        assert_eq!(last.before[0].0, "\"19\"");
    }

    #[test]
    fn only_who_asks_for_it_and_says_what_it_has() {
        let has = ("if-none-match", "\"x\"");
        for (im, wanted) in [
            ("feed", true),
            ("vcdiff, Feed;q=0.5", true),
            ("feed;q=0", false),
            ("feed;q=0.0", false),
            ("gzip", false),
            ("feeds", false),
            ("", false),
        ] {
            assert_eq!(is_wanted(&asks(&[has, ("a-im", im)])), wanted, "{im}");
        }
        assert!(!is_wanted(&asks(&[("a-im", "feed")])) && !is_wanted(&asks(&[has])));
    }
}
