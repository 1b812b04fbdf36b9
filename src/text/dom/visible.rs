//! What a reader sees of a node as text.

use dom_query::{NodeData, NodeId, NodeRef};
use html5ever::{LocalName, local_name};

/// True for elements whose content is never text: scripts, styles, frames, form fields.
pub fn is_skipped(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("script")
            | local_name!("style")
            | local_name!("template")
            | local_name!("head")
            | local_name!("noembed")
            | local_name!("iframe")
            | local_name!("object")
            | local_name!("select")
            | local_name!("textarea")
    )
}

/// True for elements that stand on lines of their own.
pub fn is_block(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("address")
            | local_name!("article")
            | local_name!("aside")
            | local_name!("blockquote")
            | local_name!("body")
            | local_name!("caption")
            | local_name!("center")
            | local_name!("dd")
            | local_name!("div")
            | local_name!("dl")
            | local_name!("dt")
            | local_name!("fieldset")
            | local_name!("figcaption")
            | local_name!("figure")
            | local_name!("footer")
            | local_name!("form")
            | local_name!("h1")
            | local_name!("h2")
            | local_name!("h3")
            | local_name!("h4")
            | local_name!("h5")
            | local_name!("h6")
            | local_name!("header")
            | local_name!("hr")
            | local_name!("li")
            | local_name!("main")
            | local_name!("nav")
            | local_name!("ol")
            | local_name!("p")
            | local_name!("pre")
            | local_name!("section")
            | local_name!("table")
            | local_name!("tbody")
            | local_name!("td")
            | local_name!("tfoot")
            | local_name!("th")
            | local_name!("thead")
            | local_name!("title")
            | local_name!("tr")
            | local_name!("ul")
    )
}

/// What a walk does after it entered a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walk {
    /// Goes on to the children.
    Into,
    /// Passes the children over; the node is left at once.
    Over,
}

/// The text below `node`: blocks and `<br>` on lines of their own, white space of the source
/// folded, U+3000 and NBSP kept, no empty lines, no scripts and styles.
pub fn visible_text(node: &NodeRef<'_>) -> String {
    let mut out = String::new();
    walk(node, |node, entering| {
        node.query_or(Walk::Into, |inner| match &inner.data {
            NodeData::Text { contents } if entering => {
                push(&mut out, contents);
                Walk::Into
            }
            NodeData::Element(element) => {
                let name = &element.name.local;
                if is_skipped(name) {
                    return Walk::Over;
                }
                if *name == local_name!("br") || is_block(name) {
                    new_line(&mut out);
                }
                Walk::Into
            }
            _ => Walk::Into,
        })
    });
    out.truncate(out.trim_end().len());
    out
}

/// Visits every node on the way down (`true`) and up (`false`) without recursion; what `visit`
/// answers on the way up does not matter.
pub fn walk<'a>(root: &NodeRef<'a>, visit: impl FnMut(&NodeRef<'a>, bool) -> Walk) {
    go(*root, true, root, visit);
}

/// The same for all that comes after `node` and its subtree, below `root`.
pub fn walk_after<'a>(
    node: &NodeRef<'a>,
    root: &NodeRef<'a>,
    visit: impl FnMut(&NodeRef<'a>, bool) -> Walk,
) {
    go(*node, false, root, visit);
}

fn go<'a>(
    mut node: NodeRef<'a>,
    mut down: bool,
    root: &NodeRef<'a>,
    mut visit: impl FnMut(&NodeRef<'a>, bool) -> Walk,
) {
    let at = |id: NodeId| NodeRef::new(id, root.tree);
    loop {
        if down
            && visit(&node, true) == Walk::Into
            && let Some(child) = node.query_or(None, |inner| inner.first_child)
        {
            node = at(child);
            continue;
        }
        loop {
            visit(&node, false);
            if node.id == root.id {
                return;
            }
            match node.query_or((None, None), |inner| (inner.next_sibling, inner.parent)) {
                (Some(next), _) => {
                    node = at(next);
                    down = true;
                    break;
                }
                (None, Some(parent)) => node = at(parent),
                (None, None) => return,
            }
        }
    }
}

fn push(out: &mut String, text: &str) {
    for c in text.chars() {
        if matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c') {
            if !out.is_empty() && !out.ends_with([' ', '\n']) {
                out.push(' ');
            }
        } else {
            out.push(c);
        }
    }
}

fn new_line(out: &mut String) {
    while out.ends_with(' ') {
        out.pop();
    }
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

/// The part of the visible characters below `node` that stands in links, 0 to 1.
pub fn link_density(node: &NodeRef<'_>) -> f64 {
    let (all, linked) = visible_characters(node);
    if all == 0 { 0.0 } else { f64::from(linked) / f64::from(all) }
}

/// How many visible characters stand below `node`, white space aside, and how many of them in links.
pub fn visible_characters(node: &NodeRef<'_>) -> (u32, u32) {
    let mut all = 0_u32;
    let mut linked = 0_u32;
    let mut depth = 0_u32;
    walk(node, |node, entering| {
        node.query_or(Walk::Into, |inner| match &inner.data {
            NodeData::Text { contents } if entering => {
                let count = characters(contents);
                all += count;
                linked += if depth > 0 { count } else { 0 };
                Walk::Into
            }
            NodeData::Element(element) => {
                let name = &element.name.local;
                if *name == local_name!("a") {
                    depth = if entering { depth + 1 } else { depth.saturating_sub(1) };
                }
                if is_skipped(name) { Walk::Over } else { Walk::Into }
            }
            _ => Walk::Into,
        })
    });
    (all, linked)
}

fn characters(text: &str) -> u32 {
    let count = text.chars().filter(|c| !c.is_whitespace()).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn blocks_become_lines_and_scripts_vanish() {
        let html = "<title>题</title><body><p>甲 <b>乙</b>\n丙<br>丁<script>var a</script>\
                    <div>戊<div>己</div></div><style>p{}</style>\u{3000}庚<td>";
        let doc = parse(html).unwrap();
        assert_eq!(visible_text(&doc.root()), "甲 乙 丙\n丁\n戊\n己\n\u{3000}庚");
    }

    #[test]
    fn link_density_counts_visible_characters() {
        let doc = parse("<div><a href=x>一二<b>三</b></a> 四<script>xxxxx</script></div>").unwrap();
        let density = link_density(&doc.select("div").nodes()[0]);
        assert!((density - 0.75).abs() < 1e-9);
    }
}
