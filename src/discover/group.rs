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

use super::anchor::{Anchor, Context, looks_like_article, texts};
use super::row::{Row, primary};
use super::surroundings::{self, Heading, Surroundings};
use super::{ListRule, is_external};
use crate::model::Link;
use crate::text::web;

/// More links than any list page has.
const MAX_ANCHORS: usize = 2_000;
/// Short links, such as a category, that a row may have beside its title.
const MAX_SHORT: usize = 2;
/// Links, tags and categories among them, that a row has at most.
const MAX_LINKS_IN_ROW: usize = 16;
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
    let page = Surroundings::new(body);
    let groups = tree.groups(&page);
    let mut seen = Seen { links: anchors.len(), groups: groups.len(), ..Seen::default() };
    let mut best: Option<Candidate<'_>> = None;
    for group in groups {
        let candidate = Candidate::new(tree.rows(&group), &page, rule, context);
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
    /// Which anchors have a title that could be an article's.
    long: Vec<bool>,
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
        let long = anchors.iter().map(Anchor::is_long).collect();
        Self { anchors, ways, inside, long }
    }

    /// Long links whose ways read the same, in page order; those in boxes by themselves.
    fn groups(&self, page: &Surroundings) -> Vec<Vec<usize>> {
        let mut places: HashMap<(String, bool), usize> = HashMap::new();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for i in (0..self.anchors.len()).filter(|&i| self.long[i]) {
            let way: Vec<String> = self.ways[i].iter().map(signature).collect();
            let heading = page.heading(&self.anchors[i].node);
            let boxed = matches!(heading, Heading::Aside | Heading::Box);
            let place = *places.entry((way.join(">"), boxed)).or_insert(groups.len());
            if place == groups.len() {
                groups.push(Vec::new());
            }
            groups[place].push(i);
        }
        groups
    }

    /// The rows of a group, each with the link that is its own: as high above the links as most of
    /// them allow.
    fn rows(&self, group: &[usize]) -> Vec<Member<'a>> {
        let several = group.iter().any(|&i| self.anchors[i].url != self.anchors[group[0]].url);
        let beside: &[usize] = if several { group } else { &[] };
        let heights: Vec<usize> = group.iter().map(|&i| self.height(i, beside)).collect();
        let usual = usual(&heights);
        let mut rows: Vec<Member<'a>> = Vec::new();
        for (&i, &height) in group.iter().zip(&heights) {
            let node = self.ways[i][height.min(usual)];
            if rows.last().is_none_or(|last| last.node.id != node.id) {
                rows.push(Member { node, url: self.anchors[i].url.clone() });
            }
        }
        rows
    }

    /// How far up from link `i` an element still holds one title of the group only. Beside others of
    /// its kind a row may hold tags and authors; one that stands alone (`group` is empty then) holds
    /// few other links.
    fn height(&self, i: usize, group: &[usize]) -> usize {
        let way = &self.ways[i];
        let fits = |node: &&NodeRef<'a>| {
            self.is_row(node.id) || (!group.is_empty() && self.holds_one(node.id, i, group))
        };
        way.iter().take(MAX_CLIMB).take_while(fits).count().saturating_sub(1)
    }

    /// True where of the links of `group` only those to where `i` leads stand in the element, and
    /// no more others than a row has.
    fn holds_one(&self, id: NodeId, i: usize, group: &[usize]) -> bool {
        let Some(inside) = self.inside.get(&id) else { return false };
        if inside.len() > MAX_LINKS_IN_ROW {
            return false;
        }
        let url = &self.anchors[i].url;
        let strangers: Vec<&usize> =
            inside.iter().filter(|&&other| self.anchors[other].url != *url).collect();
        let long = strangers.iter().filter(|&&&other| self.long[other]).count();
        long <= MAX_SHORT && strangers.iter().all(|other| group.binary_search(other).is_err())
    }

    fn is_row(&self, id: NodeId) -> bool {
        let Some(inside) = self.inside.get(&id) else { return false };
        let mut long: HashSet<&str> = HashSet::new();
        let mut short: HashSet<&str> = HashSet::new();
        for &i in inside {
            let url = self.anchors[i].url.as_str();
            if self.long[i] {
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

/// One row of a group.
#[derive(Clone)]
struct Member<'a> {
    node: NodeRef<'a>,
    url: Url,
}

/// A group with what its rows say.
struct Candidate<'a> {
    rows: Vec<Member<'a>>,
    links: Vec<Link>,
    dated: usize,
    article_like: usize,
    score: f32,
    follows: bool,
    /// Rows that have their date in themselves rather than beside them.
    dated_within: usize,
    is_aside: bool,
}

impl<'a> Candidate<'a> {
    fn new(
        rows: Vec<Member<'a>>,
        page: &Surroundings,
        rule: &ListRule,
        context: &Context<'_>,
    ) -> Self {
        let dated = |make: fn(NodeRef<'a>) -> Row<'a>| {
            rows.iter().filter(|row| make(row.node).has_date_beside(context.seen)).count()
        };
        let follows = dated(Row::with_following) >= dated(Row::with_preceding);
        let found = read(&rows, follows, rule, context);
        let kept = without_strangers(&rows, &found);
        let rows: Vec<Member<'a>> = kept.iter().map(|&(i, _)| rows[i].clone()).collect();
        let links: Vec<Link> = kept.into_iter().map(|(_, link)| link).collect();
        let heading = rows.first().map_or(Heading::None, |row| page.heading(&row.node));
        let worth = links.iter().map(|link| worth(link, context)).sum::<f32>();
        let ends = || rows.first().into_iter().chain(rows.last()).map(|row| &row.node);
        let paged = rows.last().is_some_and(|row| surroundings::pages_follow(&row.node));
        let score = worth / amount(links.len()).max(1.0).powf(MANY)
            * ends().map(surroundings::place).fold(1.0, f32::min)
            * heading.factor()
            * if paged { PAGED } else { 1.0 }
            * (1.0 + OWN_FOLDER * share_below(&links, context.url));
        let is_dated = |row: &Member<'a>| {
            let alone = Row::alone(row.node).leading_to(row.url.clone());
            alone.link(rule, context).is_some_and(|link| link.posted.is_some())
        };
        Self {
            dated: links.iter().filter(|link| link.posted.is_some()).count(),
            article_like: article_like(&links),
            dated_within: rows.iter().filter(|row| is_dated(row)).count(),
            is_aside: heading == Heading::Aside,
            rows,
            links,
            score,
            follows,
        }
    }

    /// Dates, or several long titles with addresses of articles. What stands beside an article
    /// (相关阅读, 热点新闻) is no list of the page.
    fn is_list(&self) -> bool {
        let lengths: usize = self.links.iter().map(|link| link.title.chars().count()).sum();
        let count = self.links.len();
        let sure = count > 2 || (self.dated_within == self.dated && self.article_like == count);
        let dated = self.dated * 2 >= count.max(1) && sure;
        let named = count > 2 && lengths >= 8 * count && self.article_like * 2 >= count;
        self.score > 0.0 && !self.is_aside && (dated || named)
    }

    /// All rows beside those of the group, short titles and odd ones too, in page order.
    fn complete(self, tree: &Tree<'_, 'a>, rule: &ListRule, context: &Context<'_>) -> Vec<Link> {
        let mut parents: Vec<NodeRef<'a>> = Vec::new();
        let mut names: HashSet<String> = HashSet::new();
        for row in &self.rows {
            names.insert(row.node.node_name().unwrap_or_default().to_string());
            if let Some(parent) = row.node.parent()
                && parents.iter().all(|known| known.id != parent.id)
            {
                parents.push(parent);
            }
        }
        let known: HashMap<NodeId, &Url> =
            self.rows.iter().map(|row| (row.node.id, &row.url)).collect();
        let beside = |node: &NodeRef<'a>| {
            known.contains_key(&node.id)
                || (names.contains(&*node.node_name().unwrap_or_default())
                    && tree.is_row(node.id)
                    && primary(&context.anchors(node)).is_some_and(|anchor| {
                        anchor.weight() >= 2 && looks_like_article(&anchor.url)
                    }))
        };
        let with_address = |node: NodeRef<'a>| {
            let url = match known.get(&node.id) {
                Some(url) => (*url).clone(),
                None => primary(&context.anchors(&node))?.url.clone(),
            };
            Some(Member { node, url })
        };
        let pinned = parents.first().map(|list| self.pinned(list, &names, context));
        let all = parents.iter().flat_map(NodeRef::children).filter(beside);
        let rows: Vec<Member<'a>> =
            pinned.into_iter().flatten().chain(all.filter_map(with_address)).collect();
        read(&rows, self.follows, rule, context).into_iter().map(|(_, link)| link).collect()
    }

    /// Rows in a block of their own right before the list: pinned ones, or a headline. All its links
    /// with a title lead to addresses such as those of the other rows.
    fn pinned(
        &self,
        list: &NodeRef<'a>,
        names: &HashSet<String>,
        context: &Context<'_>,
    ) -> Vec<Member<'a>> {
        let before = std::iter::successors(list.prev_sibling(), NodeRef::prev_sibling);
        let Some(block) = before.into_iter().find(NodeRef::is_element) else { return Vec::new() };
        let wanted = self.links.first().map(|link| shape(&link.url)).unwrap_or_default();
        let alike = self.links.iter().filter(|link| shape(&link.url) == wanted).count();
        let mut named = context.anchors(&block);
        named.retain(|anchor| anchor.weight() > 1);
        if alike * 2 <= self.links.len()
            || named.is_empty()
            || named.len() > MOST_PINNED
            || named.iter().any(|anchor| shape(&anchor.url) != wanted)
        {
            return Vec::new();
        }
        let is_row = |node: &NodeRef<'_>| names.contains(&*node.node_name().unwrap_or_default());
        let rows: Vec<NodeRef<'a>> = block.children().into_iter().filter(is_row).collect();
        let rows = if rows.is_empty() { vec![block] } else { rows };
        let member = |node: NodeRef<'a>| {
            let anchors = context.anchors(&node);
            let url = primary(&anchors)?.url.clone();
            let alone = anchors.iter().filter(|anchor| anchor.weight() > 1).all(|a| a.url == url);
            alone.then_some(Member { node, url })
        };
        rows.into_iter().filter_map(member).collect()
    }
}

/// Links of a block of pinned rows.
const MOST_PINNED: usize = 12;

fn read(
    rows: &[Member<'_>],
    follows: bool,
    rule: &ListRule,
    context: &Context<'_>,
) -> Vec<(usize, Link)> {
    let row = |member: &Member<'_>| {
        let node = member.node;
        let row = if follows { Row::with_following(node) } else { Row::with_preceding(node) };
        row.leading_to(member.url.clone()).link(rule, context)
    };
    let mut known = HashSet::new();
    rows.iter()
        .enumerate()
        .filter(|(_, member)| !leads_on(&member.node))
        .filter_map(|(i, member)| Some((i, row(member)?)))
        .filter(|(_, link)| known.insert(web::normalised(&link.url)))
        .collect()
}

/// Where some rows have dates, the rows under parents without any date are another list that only
/// looks alike (old tables carry no classes).
fn without_strangers(rows: &[Member<'_>], found: &[(usize, Link)]) -> Vec<(usize, Link)> {
    let grandparent = |i: usize| rows[i].node.parent().and_then(|parent| parent.parent());
    let parents: HashSet<NodeId> =
        found.iter().filter_map(|&(i, _)| rows[i].node.parent()).map(|parent| parent.id).collect();
    let wide = parents.len() * 2 > found.len();
    let home = |i: usize| {
        let home = if wide { grandparent(i) } else { rows[i].node.parent() };
        home.map(|home| home.id)
    };
    let dated: HashSet<Option<NodeId>> =
        found.iter().filter(|(_, link)| link.posted.is_some()).map(|&(i, _)| home(i)).collect();
    let mut sizes: HashMap<Option<NodeId>, usize> = HashMap::new();
    for &(i, _) in found {
        *sizes.entry(home(i)).or_default() += 1;
    }
    // A row in a home of its own may lack the date that the others have.
    let belongs = |i: usize| dated.is_empty() || dated.contains(&home(i)) || sizes[&home(i)] == 1;
    found.iter().filter(|(i, _)| belongs(*i)).cloned().collect()
}

/// True for the links from an article to its neighbours: 上一篇, 下一条.
fn leads_on(row: &NodeRef<'_>) -> bool {
    LEADS_ON.is_match(&texts(row).join(""))
}

static LEADS_ON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\W{0,3}[上下前后]一?(?:篇|条|则)").expect("the pattern is valid")
});

/// How many rows look like articles by their address, or by all being alike but for a number.
fn article_like(links: &[Link]) -> usize {
    let is_article = |link: &&Link| looks_like_article(&link.url) && !web::is_file(&link.url);
    let by_look = links.iter().filter(is_article).count();
    let mut shapes: HashMap<String, usize> = HashMap::new();
    for link in links {
        *shapes.entry(shape(&link.url)).or_default() += 1;
    }
    let numbered = shapes.iter().filter(|(shape, _)| shape.contains('0'));
    let most = numbered.map(|(_, count)| *count).max().filter(|count| *count >= 4);
    by_look.max(most.unwrap_or(0))
}

/// An address with every number as `0`.
fn shape(url: &Url) -> String {
    let mut shape = String::new();
    for c in url.path().chars().chain(['?']).chain(url.query().unwrap_or_default().chars()) {
        let c = if c.is_ascii_digit() { '0' } else { c };
        if !(c == '0' && shape.ends_with('0')) {
            shape.push(c);
        }
    }
    shape
}

/// Rows count the less the more there are: a long box is no better for its length.
const MANY: f32 = 0.35;
/// What a group gains where page numbers follow it.
const PAGED: f32 = 2.0;

#[expect(clippy::cast_precision_loss, reason = "a page has few rows")]
fn amount(count: usize) -> f32 {
    count as f32
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
