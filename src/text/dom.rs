//! Parsing of untrusted HTML within limits, and small questions to the tree.
//!
//! In: decoded text; out: a tree that is never nested deeper than [`MAX_DEPTH`], and answers about
//! its nodes. Every walk here goes along the tree's links rather than by recursion, so whatever
//! [`parse`] lets through is safe on a small stack. No I/O and no rules of any site.

mod guard;
mod visible;

use dom_query::{Document, NodeRef};
use url::Url;

use super::web;
use crate::model::{ProblemCode, Rejection};

pub use visible::{
    Walk, is_block, is_skipped, link_density, visible_characters, visible_text, walk, walk_after,
};

/// Elements nested deeper than this are refused; real pages stay below 100.
pub const MAX_DEPTH: usize = 512;

/// Parses a page, or says why it cannot be: `page-empty`, `too-deep` or `too-large`.
///
/// Depth is that of the tree which results, so `<p>`, `<td>` and `<li>` that are never closed count
/// no further than the parser nests them.
pub fn parse(html: &str) -> Result<Document, Rejection> {
    if html.trim_start_matches('\u{feff}').trim().is_empty() {
        return Err(Rejection::new(ProblemCode::PageEmpty, "the page has no content"));
    }
    guard::parse(html)
}

/// The content of the first `<meta>` of this name (or property) that is not empty.
pub fn meta(doc: &Document, name: &str) -> Option<String> {
    metas(doc).into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// All named `<meta>` of a page with a content, in page order.
pub fn metas(doc: &Document) -> Vec<(String, String)> {
    metas_of(descendants(&doc.root()))
}

/// As [`metas`], of those among `nodes`.
pub fn metas_of<'a>(nodes: impl Iterator<Item = NodeRef<'a>>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for node in nodes {
        if !node.has_name("meta") {
            continue;
        }
        let content = node.attr("content").map(|content| content.trim().to_owned());
        let Some(content) = content.filter(|content| !content.is_empty()) else { continue };
        for key in ["name", "property", "itemprop"] {
            if let Some(name) = node.attr(key).filter(|name| !name.trim().is_empty()) {
                found.push((name.trim().to_owned(), content.clone()));
            }
        }
    }
    found
}

/// The address against which the page's links resolve: the first `<base href>`, else `url`.
pub fn base(doc: &Document, url: &Url) -> Url {
    base_of(descendants(&doc.root()).filter(|node| node.has_name("base")), url)
}

/// As [`base`], by the first of the `<base>` elements `bases` that has an address.
pub fn base_of<'a>(mut bases: impl Iterator<Item = NodeRef<'a>>, url: &Url) -> Url {
    let href = bases.find_map(|node| node.attr("href"));
    web::base(url, href.as_deref())
}

/// The maximal subtrees that lie wholly between two comments, in document order.
///
/// The comments are named without `<!--` and `-->`; white space at their ends and case do not
/// matter. Empty when the first is missing; to the end of its surroundings when only the last is.
pub fn between<'a>(doc: &'a Document, begin: &str, end: &str) -> Vec<NodeRef<'a>> {
    between_in(doc.root(), begin, end)
}

/// As [`between`], looking below one node only.
pub fn between_in<'a>(root: NodeRef<'a>, begin: &str, end: &str) -> Vec<NodeRef<'a>> {
    let mut found = Vec::new();
    let Some(start) = descendants(&root).find(|node| is_comment(node, begin)) else {
        return found;
    };
    let closes = |node: &NodeRef<'a>| is_comment(node, end);
    let limit = following(&root, start).find(closes).map(|node| node.id);
    let Some(limit) = limit else {
        found.extend(std::iter::successors(start.next_sibling(), NodeRef::next_sibling));
        return found;
    };
    let Some(last) = doc_node(&root, limit) else { return found };
    let above: Vec<_> = last.ancestors_it(None).map(|node| node.id).collect();
    let mut next = after(&root, &start);
    while let Some(node) = next.filter(|node| node.id != limit) {
        if above.contains(&node.id) {
            next = node.first_child().or_else(|| after(&root, &node));
        } else {
            found.push(node);
            next = after(&root, &node);
        }
    }
    found
}

fn doc_node<'a>(root: &NodeRef<'a>, id: dom_query::NodeId) -> Option<NodeRef<'a>> {
    root.tree.get(&id)
}

fn is_comment(node: &NodeRef<'_>, wanted: &str) -> bool {
    comment(node).is_some_and(|text| text.trim().eq_ignore_ascii_case(wanted.trim()))
}

/// The text of a comment node.
pub fn comment(node: &NodeRef<'_>) -> Option<String> {
    node.query_or(None, |node| match &node.data {
        dom_query::NodeData::Comment { contents } => Some(contents.to_string()),
        _ => None,
    })
}

/// `node` and everything below it in document order.
pub fn descendants<'a>(node: &NodeRef<'a>) -> impl Iterator<Item = NodeRef<'a>> + use<'a> {
    let root = *node;
    std::iter::successors(Some(root), move |node| node.first_child().or_else(|| after(&root, node)))
}

/// What comes after `node` and its subtree, in document order, below `root`.
fn following<'a>(root: &NodeRef<'a>, node: NodeRef<'a>) -> impl Iterator<Item = NodeRef<'a>> {
    let root = *root;
    std::iter::successors(after(&root, &node), move |node| {
        node.first_child().or_else(|| after(&root, node))
    })
}

fn after<'a>(root: &NodeRef<'a>, node: &NodeRef<'a>) -> Option<NodeRef<'a>> {
    let mut node = *node;
    while node.id != root.id {
        if let Some(next) = node.next_sibling() {
            return Some(next);
        }
        node = node.parent()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(html: &str) -> &'static str {
        parse(html).err().map_or("fine", |rejection| rejection.code)
    }

    #[test]
    fn an_empty_page_is_refused() {
        assert_eq!(code(""), "page-empty");
        assert_eq!(code("\u{feff} \r\n\t\u{3000}"), "page-empty");
        assert_eq!(code("x"), "fine");
    }

    #[test]
    fn a_meta_is_found_whatever_its_case_quotes_and_order() {
        let html = "<meta content='' name=PubDate><meta content='2026-01-02' NAME='pubdate'>\
                    <meta property=\"og:title\" content=\"题\">";
        let doc = parse(html).unwrap();
        assert_eq!(meta(&doc, "PubDate").as_deref(), Some("2026-01-02"));
        assert_eq!(meta(&doc, "OG:title").as_deref(), Some("题"));
        assert_eq!(meta(&doc, "Author"), None);
    }

    #[test]
    fn the_base_element_moves_links() {
        let url = Url::parse("http://a.test/x/y.html").unwrap();
        let doc = parse("<base target=_blank><base href='/z/'><p>x").unwrap();
        assert_eq!(base(&doc, &url).as_str(), "http://a.test/z/");
        assert_eq!(base(&parse("<p>x").unwrap(), &url), url);
    }

    #[test]
    fn between_takes_maximal_subtrees_across_levels() {
        let html = "<div><i>no</i><!-- begin --><p>a</p>b</div><div><ul><li>c<li>d\
                    <!--END--></ul><p>no</p></div>";
        let doc = parse(html).unwrap();
        let texts: Vec<_> =
            between(&doc, "begin", "end").iter().map(|node| node.text().to_string()).collect();
        assert_eq!(texts, ["a", "b", "c", "d"]);
        assert!(between(&doc, "absent", "end").is_empty());
        assert_eq!(between(&doc, "begin", "absent").len(), 2);
    }
}
