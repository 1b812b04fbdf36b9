//! One row of a list: from elements to a [`Link`].

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use dom_query::NodeRef;
use regex::Regex;
use url::Url;

use super::ListRule;
use super::anchor::{Anchor, Context, heading, is_link, text_of, texts};
use super::printed::among;
use super::title;
use crate::model::Link;
use crate::text::alternative::{Alternative, How, Scene};
use crate::text::{date, web};

/// A row and what stands beside it up to the next row, where dates may be.
#[derive(Clone)]
pub(super) struct Row<'a> {
    pub(super) node: NodeRef<'a>,
    pub(super) beside: Vec<NodeRef<'a>>,
    /// Where it leads, where that is known.
    leads: Option<Url>,
}

impl<'a> Row<'a> {
    /// The row that `node` is, with nothing beside it.
    pub(super) fn alone(node: NodeRef<'a>) -> Self {
        Self { node, beside: Vec::new(), leads: None }
    }

    /// The row that `node` is, with what follows it up to the next link.
    pub(super) fn with_following(node: NodeRef<'a>) -> Self {
        let following = std::iter::successors(node.next_sibling(), NodeRef::next_sibling);
        let beside = following.take_while(|node| !has_link(node)).take(8).collect();
        Self { node, beside, leads: None }
    }

    /// The row that `node` is, with what precedes it back to the previous link.
    pub(super) fn with_preceding(node: NodeRef<'a>) -> Self {
        let preceding = std::iter::successors(node.prev_sibling(), NodeRef::prev_sibling);
        let beside = preceding.take_while(|node| !has_link(node)).take(8).collect();
        Self { node, beside, leads: None }
    }

    /// The same row, of whose links the one to `url` is meant.
    pub(super) fn leading_to(self, url: Url) -> Self {
        Self { leads: Some(url), ..self }
    }

    /// True when a date stands beside the row.
    pub(super) fn has_date_beside(&self, seen: Option<DateTime<Utc>>) -> bool {
        let texts: Vec<String> = self.beside.iter().flat_map(texts).collect();
        among(&texts, seen).is_some()
    }

    /// What the row says, if it leads anywhere.
    pub(super) fn link(&self, rule: &ListRule, context: &Context<'_>) -> Option<Link> {
        let anchors = context.anchors(&self.node);
        let url = match self.declared_address(rule, context) {
            Some(url) => url,
            None => match &self.leads {
                Some(url) => url.clone(),
                None => primary(&anchors)?.url.clone(),
            },
        };
        let same: Vec<&Anchor<'_>> = anchors.iter().filter(|anchor| anchor.url == url).collect();
        let scene = Scene::new(self.node, &url);
        let title = scene
            .first(&rule.title, |text| Some(title::clean(text)).filter(|title| !title.is_empty()));
        let title = title.map(|found| found.value).or_else(|| self.title(&same))?;
        let posted = scene.first(&rule.date, |text| date::find(text, context.seen));
        let posted =
            posted.map(|found| found.value).or_else(|| self.posted(&url, &same, context.seen));
        Some(Link { url, title, posted })
    }

    /// The address that the rule finds; a selector without `attr` means the element's `href`.
    fn declared_address(&self, rule: &ListRule, context: &Context<'_>) -> Option<Url> {
        let alternatives: Vec<Alternative> = rule.link.iter().cloned().map(of_href).collect();
        let scene = Scene::new(self.node, context.url);
        scene
            .first(&alternatives, |href| web::resolve(&context.base, href))
            .map(|found| found.value)
    }

    /// The title that the links to the row's address show, else the row's heading or longest text.
    fn title(&self, same: &[&Anchor<'_>]) -> Option<String> {
        let mut best: Option<&Anchor<'_>> = None;
        for anchor in same.iter().filter(|anchor| !title::is_generic(&anchor.title)) {
            if best.is_none_or(|best| naming(anchor) > naming(best)) {
                best = Some(anchor);
            }
        }
        if let Some(best) = best {
            return Some(whole(&best.title, same));
        }
        let longest = || texts(&self.node).into_iter().max_by_key(|text| text.chars().count());
        let title = heading(&self.node).or_else(longest).map(|title| title::clean(&title))?;
        (!title::is_generic(&title)).then_some(title)
    }
}

/// How surely a link's text is the title of what it leads to, rather than a caption, a summary or an
/// invitation to read on; the first of equals is.
fn naming(anchor: &Anchor<'_>) -> u8 {
    let is_heading = |node: NodeRef<'_>| {
        let name = node.node_name();
        matches!(name.as_deref(), Some("h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dt"))
    };
    let above = std::iter::once(anchor.node).chain(anchor.node.ancestors_it(Some(3)));
    let in_heading = above.chain(anchor.node.children_it(false)).any(is_heading);
    let title = &anchor.title;
    let length = title.chars().count();
    let sentence = title.contains('。') && length > 30;
    u8::from(!READ_ON.is_match(title)) * 16
        + u8::from(length >= 4) * 8
        + u8::from(!sentence) * 4
        + u8::from(in_heading) * 2
        + u8::from(!text_of(&anchor.node).is_empty())
}

static READ_ON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:继续阅读|阅读更多|阅读全文|查看全文|查看详情|了解更多|read more|continue reading)")
        .expect("the pattern is valid")
});

/// A title that was cut, completed by another link to the same address that goes on.
fn whole(title: &str, same: &[&Anchor<'_>]) -> String {
    let stem = title.trim_end_matches(['…', '.', '。']);
    if stem.len() == title.len() || stem.chars().count() < 4 {
        return title.to_owned();
    }
    let pictures = same.iter().flat_map(|anchor| anchor.node.descendants_it());
    let named = pictures.filter(|node| node.has_name("img")).flat_map(|img| {
        let texts = ["alt", "title"].into_iter().filter_map(move |name| img.attr(name));
        texts.map(|text| title::clean(&text))
    });
    let others = same.iter().map(|anchor| anchor.title.clone()).chain(named);
    let longer = |other: &String| other.starts_with(stem) && other.len() > title.len();
    others.filter(longer).max_by_key(String::len).unwrap_or_else(|| title.to_owned())
}

/// The link that names the row: long title, address of an article; the first of equals.
pub(super) fn primary<'a, 'n>(anchors: &'a [Anchor<'n>]) -> Option<&'a Anchor<'n>> {
    let mut best: Option<&Anchor<'_>> = None;
    for anchor in anchors {
        if best.is_none_or(|best| anchor.weight() > best.weight()) {
            best = Some(anchor);
        }
    }
    best
}

fn has_link(node: &NodeRef<'_>) -> bool {
    is_link(node) || node.descendants_it().any(|inner| is_link(&inner))
}

fn of_href(alternative: Alternative) -> Alternative {
    match alternative.how {
        How::Css(_) if alternative.attr.is_none() => {
            Alternative { attr: Some("href".to_owned()), ..alternative }
        }
        _ => alternative,
    }
}
