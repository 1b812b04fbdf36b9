//! Where the ids, classes and comments of a page stand, found in one walk.
//!
//! A page is asked for dozens of known containers and comment marks; to walk it for each would take
//! longer than to parse it.

use std::collections::HashSet;

use dom_query::{NodeData, NodeRef};
use html5ever::{LocalName, local_name};

use super::Selector;
use crate::text::dom;

/// The places of a page by name.
pub(super) struct Index<'a> {
    /// Which names elements and attributes bear: the bit of a name that none does may be set.
    borne: [u64; 16],
    /// By the hash of `.class` or `#id`, then in document order.
    named: Vec<(u64, usize, NodeRef<'a>)>,
    /// The elements of a page that readers do not see, in document order.
    unseen: Vec<NodeRef<'a>>,
    /// What the comments say, trimmed and in lower case.
    comments: HashSet<String>,
}

impl<'a> Index<'a> {
    /// Walks the page below `root` once.
    pub(super) fn of(root: &NodeRef<'a>) -> Self {
        let (mut named, mut comments) = (Vec::new(), HashSet::new());
        let (mut borne, mut unseen) = ([0; 16], Vec::new());
        for (place, node) in dom::descendants(root).enumerate() {
            node.query_or((), |inner| match &inner.data {
                NodeData::Element(element) => {
                    set(&mut borne, &element.name.local);
                    if is_unseen(&element.name.local) {
                        unseen.push(node);
                    }
                    for attribute in &element.attrs {
                        set(&mut borne, &attribute.name.local);
                        let value: &str = &attribute.value;
                        match attribute.name.local {
                            local_name!("id") => {
                                named.push((hash('#', value), place, node));
                            }
                            local_name!("class") => {
                                for class in value.split_ascii_whitespace() {
                                    named.push((hash('.', class), place, node));
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
        named.sort_unstable_by_key(|(name, place, _)| (*name, *place));
        named.dedup_by_key(|(name, place, _)| (*name, *place));
        Self { borne, named, unseen, comments }
    }

    /// What [`Selector::all`] finds, where the selector is bare or needs a name that the page does not
    /// bear; `None` where it must be asked itself.
    pub(super) fn all(&self, selector: &Selector) -> Option<Vec<NodeRef<'a>>> {
        if !selector.bare {
            let absent = selector.needs.as_ref().is_some_and(|name| !self.is_borne(name));
            return absent.then(Vec::new);
        }
        let (kind, name) = selector.text.split_at(1);
        let kind = if kind == "#" { '#' } else { '.' };
        let wanted = hash(kind, name);
        let start = self.named.partition_point(|(name, ..)| *name < wanted);
        let places = self.named[start..].iter().take_while(|(name, ..)| *name == wanted);
        let nodes = places.map(|(.., node)| *node);
        Some(nodes.filter(|node| node.is_match(&selector.matcher)).collect())
    }

    /// The elements that readers do not see: `<meta>`, `<base>`, `<title>`, `<script>`.
    pub(super) fn unseen(&self) -> impl Iterator<Item = NodeRef<'a>> {
        self.unseen.iter().copied()
    }

    fn is_borne(&self, name: &LocalName) -> bool {
        let (word, bit) = place(name);
        self.borne[word] & bit != 0
    }

    /// True where a comment says `wanted`.
    pub(super) fn has_comment(&self, wanted: &str) -> bool {
        self.comments.contains(&wanted.trim().to_ascii_lowercase())
    }
}

fn is_unseen(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("meta") | local_name!("base") | local_name!("title") | local_name!("script")
    )
}

fn set(borne: &mut [u64; 16], name: &LocalName) {
    let (word, bit) = place(name);
    borne[word] |= bit;
}

fn place(name: &LocalName) -> (usize, u64) {
    let mixed = (name.get_hash().wrapping_mul(0x9e37_79b1) >> 16) % 1024;
    ((mixed >> 6) as usize, 1 << (mixed % 64))
}

/// FNV-1a. What it takes for equal by chance is asked once more for its name.
fn hash(kind: char, name: &str) -> u64 {
    let begin = 0xcbf2_9ce4_8422_2325 ^ u64::from(kind);
    name.bytes().fold(begin, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
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
        for text in ["ul", "[title]", "[title=x]", "[title^='x']", "vsb-content"] {
            let selector = Selector::new(text).unwrap();
            assert_eq!(index.all(&selector).map(|nodes| nodes.len()), Some(0), "{text}");
            assert!(selector.all(&doc.root()).is_empty());
        }
        for text in ["p", "#a .c", ".b.c", "[id=a]", ".-", ""] {
            if let Ok(selector) = Selector::new(text) {
                assert!(index.all(&selector).is_none(), "{text}");
            }
        }
        assert!(index.has_comment("begin ") && !index.has_comment("end"));
    }
}
