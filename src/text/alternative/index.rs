//! Where the ids, classes and comments of a page stand, found in one walk.
//!
//! A page is asked for dozens of known containers and comment marks; to walk it for each would take
//! longer than to parse it.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use dom_query::{NodeData, NodeRef};

use super::Selector;
use crate::text::dom;

/// The places of a page by name.
pub(super) struct Index<'a> {
    hasher: RandomState,
    /// By the hash of `.class` or `#id`, in document order.
    named: HashMap<u64, Vec<NodeRef<'a>>>,
    /// What the comments say, trimmed and in lower case.
    comments: HashSet<String>,
}

impl<'a> Index<'a> {
    /// Walks the page below `root` once.
    pub(super) fn of(root: &NodeRef<'a>) -> Self {
        let hasher = RandomState::new();
        let (mut named, mut comments) = (HashMap::<_, Vec<NodeRef<'a>>>::new(), HashSet::new());
        for node in dom::descendants(root) {
            node.query_or((), |inner| match &inner.data {
                NodeData::Element(element) => {
                    for attribute in &element.attrs {
                        let value: &str = &attribute.value;
                        match &*attribute.name.local {
                            "id" => {
                                named.entry(hasher.hash_one(('#', value))).or_default().push(node);
                            }
                            "class" => {
                                for class in value.split_ascii_whitespace() {
                                    let places =
                                        named.entry(hasher.hash_one(('.', class))).or_default();
                                    if places.last().is_none_or(|last| last.id != node.id) {
                                        places.push(node);
                                    }
                                }
                            }
                            _ => {}
                        }
                    }
                }
                NodeData::Comment { contents } => {
                    comments.insert(contents.trim().to_ascii_lowercase());
                }
                _ => {}
            });
        }
        Self { hasher, named, comments }
    }

    /// What [`Selector::all`] finds, where the selector is bare; `None` where it is not.
    pub(super) fn all(&self, selector: &Selector) -> Option<Vec<NodeRef<'a>>> {
        if !selector.bare {
            return None;
        }
        let (kind, name) = selector.text.split_at(1);
        let kind = if kind == "#" { '#' } else { '.' };
        let places = self.named.get(&self.hasher.hash_one((kind, name)));
        let matching = places.into_iter().flatten().filter(|node| node.is_match(&selector.matcher));
        Some(matching.copied().collect())
    }

    /// True where a comment says `wanted`.
    pub(super) fn has_comment(&self, wanted: &str) -> bool {
        self.comments.contains(&wanted.trim().to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_finds_what_a_walk_finds() {
        let html = "<div id=a class='b c b'><p class=B>1</p><p id=A class=c>2<!-- Begin --></p></div>\
                    <i id=a class='x-1\u{a0}c'>3</i>";
        let doc = dom::parse(html).unwrap();
        let index = Index::of(&doc.root());
        for text in ["#a", "#A", ".b", ".B", ".c", ".x-1", ".none", "#none"] {
            let selector = Selector::new(text).unwrap();
            let ids = |nodes: Vec<NodeRef<'_>>| nodes.iter().map(|n| n.id).collect::<Vec<_>>();
            let found = index.all(&selector).map(ids);
            assert_eq!(found, Some(ids(selector.all(&doc.root()))), "{text}");
        }
        for text in ["p", "#a .c", ".b.c", "[id=a]", ".-", ""] {
            if let Ok(selector) = Selector::new(text) {
                assert!(index.all(&selector).is_none(), "{text}");
            }
        }
        assert!(index.has_comment("begin ") && !index.has_comment("end"));
    }
}
