//! What the links of pagers are called, and what stands around them.

use dom_query::NodeRef;

use super::anchor::text_of;
use crate::text::dom;

/// Names of the link to the next page, without spaces, brackets and arrows.
const NAMES: &[&str] = &[
    "下一页",
    "下页",
    "后一页",
    "后页",
    "下一頁",
    "下頁",
    "後一頁",
    "next",
    "nextpage",
    "下一页next",
    "较早文章",
    "较早的文章",
    "更早文章",
    "更早的文章",
    "olderposts",
    "olderentries",
];
const MORE: &[&str] = &["加载更多", "点击加载更多", "loadmore"];
const CLASSES: &[&str] =
    &["next", "nextpage", "pagenext", "paginationnext", "nextlink", "nextpostslink"];
const ARROWS: &[&str] = &[">", "›", "»", "＞", ">>", "››", "→"];
/// What stands beside an arrow that turns pages.
const BESIDE: &[&str] = &["上一页", "上页", "前一页", "上一頁", "尾页", "末页", "prev", "previous"];

/// True where `node` is called 下一页 or the like, or says so of its relation.
pub(super) fn is_next(node: &NodeRef<'_>) -> bool {
    let rel = node.attr("rel").unwrap_or_default();
    if rel.split_whitespace().any(|rel| rel.eq_ignore_ascii_case("next")) {
        return true;
    }
    is_button(node) && NAMES.contains(&name(node).as_str())
}

/// True where a class of `node`, or of what holds only it, says that it leads on.
pub(super) fn is_classed_next(node: &NodeRef<'_>) -> bool {
    let text = text_of(node);
    if !node.has_name("a") || text.chars().count() > 8 || text.contains('篇') {
        return false;
    }
    let holder = node.parent().filter(|parent| {
        matches!(parent.node_name().as_deref(), Some("li" | "span"))
            && dom::descendants(parent).filter(|inner| inner.has_name("a")).count() == 1
    });
    classed(node) || holder.is_some_and(|holder| classed(&holder))
}

fn classed(node: &NodeRef<'_>) -> bool {
    let class = node.class().unwrap_or_default().to_ascii_lowercase();
    class.split_whitespace().any(|class| CLASSES.contains(&class.replace(['-', '_'], "").as_str()))
}

/// True where `node` is called 加载更多.
pub(super) fn is_more(node: &NodeRef<'_>) -> bool {
    is_button(node) && MORE.contains(&name(node).as_str())
}

/// True where `node` is a bare arrow among the numbers of pages: one in a heading, a crumb or a
/// calendar leads elsewhere.
pub(super) fn is_arrow(node: &NodeRef<'_>) -> bool {
    if !is_button(node) || !ARROWS.contains(&text_of(node).replace(' ', "").as_str()) {
        return false;
    }
    let pager = |node: &NodeRef<'_>| {
        let class = node.class().unwrap_or_default().to_ascii_lowercase();
        class.contains("page") || class.contains("pagi")
    };
    let beside = |above: NodeRef<'_>| {
        dom::descendants(&above).filter(|inner| inner.is_element()).any(|inner| {
            let text = text_of(&inner);
            page_number(&text).is_some() || BESIDE.contains(&reduced(&text).as_str())
        })
    };
    // In a box of its own the arrow is alone.
    let own = text_of(node);
    let around = || node.ancestors_it(Some(4)).find(|above| text_of(above) != own);
    node.ancestors_it(Some(2)).any(|above| pager(&above))
        || around().is_some_and(|above| text_of(&above).len() <= 400 && beside(above))
}

/// A piece of running text is no button; neither is what holds one.
fn is_button(node: &NodeRef<'_>) -> bool {
    !node.has_name("link") && node.children().len() <= 3
}

/// What a button is called: by its text, else by its title or its picture's.
fn name(node: &NodeRef<'_>) -> String {
    let attribute = |node: &NodeRef<'_>, name: &str| reduced(&node.attr(name).unwrap_or_default());
    if node.has_name("input") {
        let kind = node.attr("type").unwrap_or_default().to_ascii_lowercase();
        let pressed = matches!(kind.as_str(), "button" | "submit" | "image");
        return if pressed { attribute(node, "value") } else { String::new() };
    }
    let picture = || {
        dom::descendants(node)
            .filter(|inner| inner.has_name("img"))
            .flat_map(|img| [attribute(&img, "alt"), attribute(&img, "title")])
            .find(|text| !text.is_empty())
    };
    let own = [reduced(&text_of(node)), attribute(node, "title"), attribute(node, "aria-label")];
    own.into_iter().find(|text| !text.is_empty()).or_else(picture).unwrap_or_default()
}

/// Letters and figures alone, without a count at the end: `下一页(2) →` is `下一页`.
fn reduced(text: &str) -> String {
    let text: String = text.chars().take(40).filter(|c| c.is_alphanumeric()).collect();
    text.trim_end_matches(|c: char| c.is_ascii_digit()).to_lowercase()
}

/// `2`, `[2]`, `第2页`.
pub(super) fn page_number(text: &str) -> Option<u32> {
    let text = text.trim_matches(['[', ']', '第', '页', ' ']);
    let short = !text.is_empty() && text.len() <= 5;
    if short { text.parse().ok() } else { None }
}
