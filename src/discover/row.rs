//! One row of a list: from elements to a [`Link`].

use chrono::{DateTime, Utc};
use dom_query::NodeRef;
use url::Url;

use super::ListRule;
use super::anchor::{Anchor, Context, heading, text_of, texts};
use super::title;
use crate::model::{Link, Posted};
use crate::text::alternative::{Alternative, How, Scene};
use crate::text::{date, web};

/// A row and what stands beside it up to the next row, where dates may be.
#[derive(Clone)]
pub(super) struct Row<'a> {
    pub(super) node: NodeRef<'a>,
    pub(super) beside: Vec<NodeRef<'a>>,
}

impl<'a> Row<'a> {
    /// The row that `node` is, with what follows it up to the next link.
    pub(super) fn with_following(node: NodeRef<'a>) -> Self {
        let following = std::iter::successors(node.next_sibling(), NodeRef::next_sibling);
        Self { node, beside: following.take_while(|node| !has_link(node)).take(8).collect() }
    }

    /// The row that `node` is, with what precedes it back to the previous link.
    pub(super) fn with_preceding(node: NodeRef<'a>) -> Self {
        let preceding = std::iter::successors(node.prev_sibling(), NodeRef::prev_sibling);
        Self { node, beside: preceding.take_while(|node| !has_link(node)).take(8).collect() }
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
            None => primary(&anchors)?.url.clone(),
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

    /// The best title of the links to the row's address, else the row's heading or longest text.
    fn title(&self, same: &[&Anchor<'_>]) -> Option<String> {
        let best = same.iter().max_by_key(|anchor| anchor.title.chars().count());
        let title = best.map(|anchor| anchor.title.clone()).unwrap_or_default();
        if !title::is_generic(&title) {
            return Some(title);
        }
        let longest = || texts(&self.node).into_iter().max_by_key(|text| text.chars().count());
        let title = heading(&self.node).or_else(longest).map(|title| title::clean(&title))?;
        (!title::is_generic(&title)).then_some(title)
    }

    /// The date that the row prints outside its title, at the end of it, or in its address.
    fn posted(
        &self,
        url: &Url,
        same: &[&Anchor<'_>],
        seen: Option<DateTime<Utc>>,
    ) -> Option<Posted> {
        let outside = self.texts_outside(same);
        let in_address = date::from_url(url);
        let printed = among(&outside, seen).or_else(|| {
            let inside: Vec<String> = same.iter().flat_map(|anchor| texts(&anchor.node)).collect();
            let alone = inside.iter().find(|text| title::is_date(text, seen));
            alone.and_then(|text| date::find(text, seen)).or_else(|| in_title(same, seen))
        });
        match (printed, in_address) {
            // `[04-10]` was read with an inferred year; the address knows it.
            (Some(printed), Some(address)) if same_day_of_year(printed, address) => {
                if printed.date() == address.date() { Some(printed) } else { Some(address) }
            }
            (printed, address) => printed.or(address),
        }
    }

    /// Texts of the row and beside it that are not within the links to the row's address.
    fn texts_outside(&self, same: &[&Anchor<'_>]) -> Vec<String> {
        let within = |node: &NodeRef<'_>| {
            same.iter().any(|anchor| {
                anchor.node.id == node.id
                    || node.ancestors_it(None).any(|above| above.id == anchor.node.id)
            })
        };
        std::iter::once(&self.node)
            .chain(&self.beside)
            .flat_map(|node| std::iter::once(*node).chain(node.descendants_it()))
            .filter(|node| node.is_text() && !within(node))
            .flat_map(|node| texts(&node))
            .collect()
    }
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

/// The date that stands alone in one text, or in two as a box, else anywhere.
fn among(texts: &[String], seen: Option<DateTime<Utc>>) -> Option<Posted> {
    let boxed = texts.windows(2).find_map(|pair| {
        if pair.iter().any(|part| date::find(part, None).is_some() || !is_small(part)) {
            return None;
        }
        date::split_box(&pair[0], &pair[1]).or_else(|| date::split_box(&pair[1], &pair[0]))
    });
    let alone = || {
        let text = texts.iter().find(|text| title::is_date(text, seen))?;
        date::find(text, seen)
    };
    let anywhere = date::find(&texts.join(" "), seen);
    let best = boxed.or_else(alone);
    match (best, anywhere) {
        // The time of day may stand in the next text.
        (Some(best), Some(anywhere)) if best.date() == anywhere.date() => Some(anywhere),
        (best, anywhere) => best.or(anywhere),
    }
}

/// Short enough for a part of a box.
fn is_small(text: &str) -> bool {
    text.chars().count() <= 10 && text.contains(|c: char| c.is_ascii_digit())
}

/// A date in figures at the end or the beginning of a link's own text.
fn in_title(same: &[&Anchor<'_>], seen: Option<DateTime<Utc>>) -> Option<Posted> {
    same.iter().find_map(|anchor| {
        let text = text_of(&anchor.node);
        let bare = title::clean(&text);
        let rest = text.replacen(&bare, " ", 1);
        if rest == text { None } else { date::find(&rest, seen) }
    })
}

fn same_day_of_year(a: Posted, b: Posted) -> bool {
    a.date().format("%m%d").to_string() == b.date().format("%m%d").to_string()
}

fn has_link(node: &NodeRef<'_>) -> bool {
    node.has_name("a") || node.descendants_it().any(|inner| inner.has_name("a"))
}

fn of_href(alternative: Alternative) -> Alternative {
    match alternative.how {
        How::Css(_) if alternative.attr.is_none() => {
            Alternative { attr: Some("href".to_owned()), ..alternative }
        }
        _ => alternative,
    }
}
