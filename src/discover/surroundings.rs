//! Where on the page a group of links stands: under which heading, before page numbers, in a menu.

use std::sync::LazyLock;

use dom_query::NodeRef;
use regex::Regex;

use crate::text::{dom, plain};

/// Levels from a row up to what its list stands beside.
const LEVELS: usize = 4;

/// What the page calls itself, to tell its list from the boxes beside it.
pub(super) struct Surroundings {
    title: String,
}

/// What stands above a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heading {
    /// Nothing, or nothing that tells.
    None,
    /// The name of the page.
    Own,
    /// 最新, 图片, 专题: the page's list, or a box.
    Box,
    /// 热点, 推荐, 相关: a box.
    Aside,
}

impl Heading {
    /// What a group under it is worth.
    pub(super) fn factor(self) -> f32 {
        match self {
            Self::None => 1.0,
            Self::Own => 1.5,
            Self::Box => 0.25,
            Self::Aside => 0.2,
        }
    }
}

impl Surroundings {
    pub(super) fn new(body: &NodeRef<'_>) -> Self {
        let title = dom::descendants(&body.tree.root()).find(|node| node.has_name("title"));
        Self { title: title.map(|node| plain::one_line(&node.text())).unwrap_or_default() }
    }

    /// What is said of the list that `row` stands in: the nearest short text above it.
    pub(super) fn heading(&self, row: &NodeRef<'_>) -> Heading {
        let mut above = std::iter::once(*row).chain(row.ancestors_it(Some(LEVELS)));
        let text = above.find_map(|node| {
            std::iter::successors(node.prev_sibling(), NodeRef::prev_sibling)
                .filter(NodeRef::is_element)
                .take(2)
                .filter(may_head)
                .map(|node| beginning(&node, LONGEST_HEADING))
                .find(|text| (2..=LONGEST_HEADING).contains(&text.chars().count()))
        });
        let Some(text) = text else { return Heading::None };
        let name = text.trim_end_matches(|c: char| c.is_ascii() || "更多＋》＞…".contains(c));
        if name.chars().count() >= 2 && self.title.contains(name) {
            Heading::Own
        } else if ASIDE_HEADING.is_match(&text) {
            Heading::Aside
        } else if BOX_HEADING.is_match(&text) {
            Heading::Box
        } else {
            Heading::None
        }
    }
}

/// Characters of a heading, links to more included.
const LONGEST_HEADING: usize = 14;

/// False for what is a row of a list rather than the heading above one.
fn may_head(node: &NodeRef<'_>) -> bool {
    let name = node.node_name().unwrap_or_default();
    if matches!(&*name, "li" | "tr" | "td" | "dd" | "a") {
        return false;
    }
    if matches!(&*name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6") {
        return true;
    }
    let whole = beginning(node, LONGEST_HEADING);
    let mut links = dom::descendants(node).take(MOST_NODES).filter(|inner| inner.has_name("a"));
    !links.any(|link| beginning(&link, LONGEST_HEADING) == whole)
}

/// Nodes looked at for a short text.
const MOST_NODES: usize = 200;

/// The text of `node`, one character longer than `limit` at most: enough to know that it is long.
fn beginning(node: &NodeRef<'_>, limit: usize) -> String {
    let mut text = String::new();
    for part in dom::descendants(node).take(MOST_NODES).filter(NodeRef::is_text) {
        let parent = part.parent().and_then(|parent| parent.node_name());
        if !matches!(parent.as_deref(), Some("script" | "style" | "noscript")) {
            text.push_str(&plain::one_line(&part.text()));
            text.push(' ');
        }
        if text.chars().count() > limit + 1 {
            break;
        }
    }
    plain::one_line(&text)
}

static ASIDE_HEADING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"热点|热门|热文|排行|推荐|相关(?:阅读|新闻|文章|链接|信息|报道|内容)|点击(?:量|榜|排)|阅读榜|猜你")
        .expect("the pattern is valid")
});
static BOX_HEADING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"最新|最近|图片|视频|专题|头条|焦点").expect("the pattern is valid")
});

/// True where page numbers or 下一页 follow the list of the row `last` closely.
pub(super) fn pages_follow(last: &NodeRef<'_>) -> bool {
    let mut chain = std::iter::once(*last).chain(last.ancestors_it(Some(LEVELS)));
    chain.any(|node| {
        std::iter::successors(node.next_sibling(), NodeRef::next_sibling)
            .filter(NodeRef::is_element)
            .take(3)
            .map(|beside| beginning(&beside, LONGEST_PAGER))
            .any(|text| text.chars().count() <= LONGEST_PAGER && PAGER.is_match(&text))
    })
}

/// Characters of a row of page numbers.
const LONGEST_PAGER: usize = 160;

static PAGER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[上下前后]\s*一?\s*页|尾页|末页|共\s*\d+\s*[页条]|\b\d+\s*/\s*\d+\s*页|^\W*1 2\b")
        .expect("the pattern is valid")
});

/// A factor for the part of the page that an element stands in.
pub(super) fn place(node: &NodeRef<'_>) -> f32 {
    std::iter::once(*node)
        .chain(node.ancestors_it(None))
        .filter(|above| !matches!(above.node_name().as_deref(), None | Some("body" | "html")))
        .map(|above| {
            let name = above.node_name().unwrap_or_default();
            let class = above.class().unwrap_or_default();
            let called = format!("{name} {class} {}", above.id_attr().unwrap_or_default());
            if OUTSIDE.is_match(&called) {
                0.3
            } else if ASIDE.is_match(&called) {
                0.4
            } else {
                1.0
            }
        })
        .fold(1.0, f32::min)
}

static OUTSIDE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:^|[\s_-])(?:nav|navbar|navigation|menu|foot|footer|header|crumbs?|breadcrumb|position|location|friend\w*|links?|share|slide\w*|slick|swiper|banner|carousel|focus|flash|marquee|pager|paging|pagination)(?:$|[\s_\d-])",
    )
    .expect("the pattern is valid")
});

static ASIDE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:^|[\s_-])(?:aside|side|sidebar|hot|rank\w*|recommend|related|tuijian|remen)(?:$|[\s_\d-])")
        .expect("the pattern is valid")
});
