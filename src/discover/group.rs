//! Finds the rows of a list where none are declared: groups of links that stand alike.
//!
//! Links whose way down from `<body>` reads the same form a group, however many `<ul>`s it is
//! split over. Of each group the rows are the largest elements that hold one link with a title.
//! The group with the most dates, long titles and addresses of articles wins.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use dom_query::{NodeId, NodeRef};
use regex::Regex;
use url::Url;

use super::anchor::{Anchor, Context, looks_like_article};
use super::row::{Row, primary};
use super::{ListRule, is_external};
use crate::model::Link;
use crate::text::web;

/// More links than any list page has.
const MAX_ANCHORS: usize = 5_000;
/// Short links, such as a category, that a row may have beside its title.
const MAX_SHORT: usize = 2;
/// Steps from a link up to its row.
const MAX_CLIMB: usize = 8;

/// What was seen while looking for rows, for the message when there are none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) links: usize,
    pub(super) groups: usize,
    pub(super) best: usize,
    pub(super) dated: usize,
}

/// The rows of the best group.
pub(super) fn rows<'a>(
    body: &NodeRef<'a>,
    rule: &ListRule,
    context: &Context<'_>,
) -> Result<Vec<Link>, Seen> {
    let mut anchors = context.anchors(body);
    anchors.truncate(MAX_ANCHORS);
    let tree = Tree::new(body, &anchors);
    let groups = tree.groups();
    let mut seen = Seen { links: anchors.len(), groups: groups.len(), ..Seen::default() };
    let mut best: Option<Candidate<'_>> = None;
    for group in groups {
        let candidate = Candidate::new(tree.rows(&group), rule, context);
        if best.as_ref().is_none_or(|best| candidate.score > best.score) {
            best = Some(candidate);
        }
    }
    let Some(best) = best else { return Err(seen) };
    seen.best = best.links.len();
    seen.dated = best.dated;
    if best.is_list() { Ok(best.complete(&tree, rule, context)) } else { Err(seen) }
}

/// The links of a page with their ways down from `<body>`.
struct Tree<'t, 'a> {
    anchors: &'t [Anchor<'a>],
    /// For each anchor: itself, its parent and so on below `<body>`, inline elements left out.
    ways: Vec<Vec<NodeRef<'a>>>,
    /// The anchors inside an element.
    inside: HashMap<NodeId, Vec<usize>>,
}

impl<'t, 'a> Tree<'t, 'a> {
    fn new(body: &NodeRef<'a>, anchors: &'t [Anchor<'a>]) -> Self {
        let mut ways = Vec::with_capacity(anchors.len());
        let mut inside: HashMap<NodeId, Vec<usize>> = HashMap::new();
        for (i, anchor) in anchors.iter().enumerate() {
            let above = anchor.node.ancestors_it(None).take_while(|above| above.id != body.id);
            let way: Vec<NodeRef<'a>> =
                std::iter::once(anchor.node).chain(above.filter(|node| !is_inline(node))).collect();
            for node in way.iter().take(MAX_CLIMB) {
                inside.entry(node.id).or_default().push(i);
            }
            ways.push(way);
        }
        Self { anchors, ways, inside }
    }

    /// Long links whose ways read the same, in page order.
    fn groups(&self) -> Vec<Vec<usize>> {
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (i, _) in self.anchors.iter().enumerate().filter(|(_, anchor)| anchor.is_long()) {
            let way: Vec<String> = self.ways[i].iter().map(signature).collect();
            let place = *places.entry(way.join(">")).or_insert(groups.len());
            if place == groups.len() {
                groups.push(Vec::new());
            }
            groups[place].push(i);
        }
        groups
    }

    /// The rows of a group: as high above the links as most of them allow.
    fn rows(&self, group: &[usize]) -> Vec<NodeRef<'a>> {
        let heights: Vec<usize> = group.iter().map(|&i| self.height(i)).collect();
        let usual = usual(&heights);
        let mut rows: Vec<NodeRef<'a>> = Vec::new();
        for (&i, &height) in group.iter().zip(&heights) {
            let row = self.ways[i][height.min(usual)];
            if rows.last().is_none_or(|last| last.id != row.id) {
                rows.push(row);
            }
        }
        rows
    }

    /// How far up from link `i` an element still holds one title only.
    fn height(&self, i: usize) -> usize {
        let way = &self.ways[i];
        let fits = |node: &&NodeRef<'a>| self.is_row(node.id);
        way.iter().take(MAX_CLIMB).take_while(fits).count().saturating_sub(1)
    }

    fn is_row(&self, id: NodeId) -> bool {
        let Some(inside) = self.inside.get(&id) else { return false };
        let mut long: HashSet<&str> = HashSet::new();
        let mut short: HashSet<&str> = HashSet::new();
        for anchor in inside.iter().map(|&i| &self.anchors[i]) {
            let url = anchor.url.as_str();
            if anchor.is_long() {
                long.insert(url);
                short.remove(url);
            } else if !long.contains(url) {
                short.insert(url);
            }
            // A link with a short text may come before the one with the title.
            if long.len() > 1 || short.len() > MAX_SHORT + 1 {
                return false;
            }
        }
        short.len() <= MAX_SHORT
    }
}

/// The commonest number; the smaller of equals.
fn usual(heights: &[usize]) -> usize {
    let mut counts: HashMap<usize, usize> = HashMap::new();
    for &height in heights {
        *counts.entry(height).or_default() += 1;
    }
    let best = counts.into_iter().max_by_key(|&(height, count)| (count, std::cmp::Reverse(height)));
    best.map_or(0, |(height, _)| height)
}

/// A group with what its rows say.
struct Candidate<'a> {
    rows: Vec<NodeRef<'a>>,
    links: Vec<Link>,
    dated: usize,
    article_like: usize,
    score: f32,
    follows: bool,
}

impl<'a> Candidate<'a> {
    fn new(rows: Vec<NodeRef<'a>>, rule: &ListRule, context: &Context<'_>) -> Self {
        let dated = |make: fn(NodeRef<'a>) -> Row<'a>| {
            rows.iter().filter(|&&node| make(node).has_date_beside(context.seen)).count()
        };
        let follows = dated(Row::with_following) >= dated(Row::with_preceding);
        let found = read(&rows, follows, rule, context);
        let kept = without_strangers(&rows, &found);
        let rows: Vec<NodeRef<'a>> = kept.iter().map(|&(i, _)| rows[i]).collect();
        let links: Vec<Link> = kept.into_iter().map(|(_, link)| link).collect();
        let score = links.iter().map(|link| worth(link, context)).sum::<f32>()
            * rows.first().into_iter().chain(rows.last()).map(place).fold(1.0, f32::min)
            * (1.0 + OWN_FOLDER * share_below(&links, context.url));
        let dated = links.iter().filter(|link| link.posted.is_some()).count();
        let article_like = links.iter().filter(|link| looks_like_article(&link.url)).count();
        Self { rows, links, dated, article_like, score, follows }
    }

    /// Dates, or several long titles with addresses of articles.
    fn is_list(&self) -> bool {
        let lengths: usize = self.links.iter().map(|link| link.title.chars().count()).sum();
        let count = self.links.len();
        self.score > 0.0
            && (self.dated * 2 >= count.max(1)
                || (count >= 3 && lengths >= 8 * count && self.article_like * 2 >= count))
    }

    /// All rows beside those of the group, short titles and odd ones too, in page order.
    fn complete(self, tree: &Tree<'_, 'a>, rule: &ListRule, context: &Context<'_>) -> Vec<Link> {
        let mut parents: Vec<NodeRef<'a>> = Vec::new();
        let mut names: HashSet<String> = HashSet::new();
        for row in &self.rows {
            names.insert(row.node_name().unwrap_or_default().to_string());
            if let Some(parent) = row.parent()
                && parents.iter().all(|known| known.id != parent.id)
            {
                parents.push(parent);
            }
        }
        let known: HashSet<NodeId> = self.rows.iter().map(|row| row.id).collect();
        let beside = |node: &NodeRef<'a>| {
            known.contains(&node.id)
                || (names.contains(&*node.node_name().unwrap_or_default())
                    && tree.is_row(node.id)
                    && primary(&context.anchors(node)).is_some_and(|anchor| {
                        anchor.weight() >= 2 && looks_like_article(&anchor.url)
                    }))
        };
        let rows: Vec<NodeRef<'a>> =
            parents.iter().flat_map(NodeRef::children).filter(beside).collect();
        read(&rows, self.follows, rule, context).into_iter().map(|(_, link)| link).collect()
    }
}

fn read(
    rows: &[NodeRef<'_>],
    follows: bool,
    rule: &ListRule,
    context: &Context<'_>,
) -> Vec<(usize, Link)> {
    let row = |node: &NodeRef<'_>| {
        let row = if follows { Row::with_following(*node) } else { Row::with_preceding(*node) };
        row.link(rule, context)
    };
    let mut known = HashSet::new();
    rows.iter()
        .enumerate()
        .filter_map(|(i, node)| Some((i, row(node)?)))
        .filter(|(_, link)| known.insert(web::normalised(&link.url)))
        .collect()
}

/// Where some rows have dates, the rows under parents without any date are another list that only
/// looks alike (old tables carry no classes).
fn without_strangers(rows: &[NodeRef<'_>], found: &[(usize, Link)]) -> Vec<(usize, Link)> {
    let grandparent = |i: usize| rows[i].parent().and_then(|parent| parent.parent());
    let parents: HashSet<NodeId> =
        found.iter().filter_map(|&(i, _)| rows[i].parent()).map(|parent| parent.id).collect();
    let wide = parents.len() * 2 > found.len();
    let home = |i: usize| {
        let home = if wide { grandparent(i) } else { rows[i].parent() };
        home.map(|home| home.id)
    };
    let dated: HashSet<Option<NodeId>> =
        found.iter().filter(|(_, link)| link.posted.is_some()).map(|&(i, _)| home(i)).collect();
    found.iter().filter(|(i, _)| dated.is_empty() || dated.contains(&home(*i))).cloned().collect()
}

/// What a group gains when all its rows lie below the folder of the page: a young column has fewer
/// rows than the box of recommendations beside it.
const OWN_FOLDER: f32 = 2.0;

/// The share of rows whose address lies below the folder of the list page.
#[expect(clippy::cast_precision_loss, reason = "a share needs no more than seven digits")]
fn share_below(links: &[Link], page: &Url) -> f32 {
    let folder = page.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    if folder.is_empty() || links.is_empty() {
        return 0.0;
    }
    let below = |link: &&Link| {
        web::same_site(&link.url, page)
            && link.url.path().strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    links.iter().filter(below).count() as f32 / links.len() as f32
}

/// What a row adds to its group.
fn worth(link: &Link, context: &Context<'_>) -> f32 {
    let length = match link.title.chars().count() {
        0..8 => 0.2,
        8..14 => 0.6,
        _ => 1.0,
    };
    let date = if link.posted.is_some() { 1.0 } else { 0.0 };
    let address = if looks_like_article(&link.url) { 0.5 } else { -0.5 };
    let elsewhere = if is_external(link, context.url) { -0.6 } else { 0.0 };
    length + date + address + elsewhere
}

/// A factor for the part of the page that an element stands in.
fn place(node: &NodeRef<'_>) -> f32 {
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
                0.6
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

/// Elements that mark up a piece of a row (highlighted titles) and are no step of the way.
fn is_inline(node: &NodeRef<'_>) -> bool {
    matches!(
        node.node_name().as_deref(),
        Some("b" | "strong" | "font" | "span" | "em" | "i" | "u" | "big" | "small")
    )
}

/// An element as a step of a way: rows and cells by name, others with class, id and width.
fn signature(node: &NodeRef<'_>) -> String {
    let name = node.node_name().unwrap_or_default();
    if matches!(&*name, "a" | "li" | "tr" | "dd" | "dt" | "p") {
        return name.to_string();
    }
    let class = node.class().unwrap_or_default();
    let id = node.id_attr().unwrap_or_default();
    let width = node.attr("width").unwrap_or_default();
    let called: String = format!("{class}#{id}").chars().filter(|c| !c.is_ascii_digit()).collect();
    format!("{name}.{called}|{width}")
}
