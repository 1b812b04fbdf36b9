//! The date of a row as it is printed: alone in a text, as a box, in an attribute or the address.

use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use dom_query::{NodeId, NodeRef};
use regex::Regex;
use url::Url;

use super::alone;
use super::anchor::{Anchor, text_of, texts};
use super::row::Row;
use super::title;
use crate::model::Posted;
use crate::text::{date, plain};

/// More characters of a text before a date are no label.
const LABEL: usize = 10;

/// Longer texts with a comma are running text.
const PROSE: usize = 25;

impl Row<'_> {
    /// The date that the row prints outside its title, in an attribute, or in its address.
    pub(super) fn posted(
        &self,
        url: &Url,
        same: &[&Anchor<'_>],
        seen: Option<DateTime<Utc>>,
    ) -> Option<Posted> {
        let outside = self.texts_outside(same);
        let in_address = date::from_url(url);
        let printed = among(&outside, seen).or_else(|| {
            let inside: Vec<String> = same.iter().flat_map(|anchor| texts(&anchor.node)).collect();
            standing(&inside, seen).or_else(|| in_title(same, seen))
        });
        let is_exact =
            printed.is_some() && (among(&outside, None) == printed || in_address.is_some());
        let printed = if is_exact { printed } else { in_attribute(&self.node).or(printed) };
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
        let links: HashSet<NodeId> = same.iter().map(|anchor| anchor.node.id).collect();
        let within = |node: &NodeRef<'_>| {
            links.contains(&node.id)
                || node.ancestors_it(None).any(|above| links.contains(&above.id))
        };
        std::iter::once(&self.node)
            .chain(&self.beside)
            .flat_map(|node| std::iter::once(*node).chain(node.descendants_it()))
            .filter(NodeRef::is_text)
            .take(MOST_TEXTS)
            .filter(|node| !within(node))
            .flat_map(|node| {
                let texts = texts(&node);
                let heading = if texts.is_empty() { None } else { column(&node) };
                heading.into_iter().chain(texts)
            })
            .collect()
    }
}

/// Texts of a row that are looked at; what has more is no row.
const MOST_TEXTS: usize = 400;

/// Columns of a table of rows.
const MOST_CELLS: usize = 50;

/// The heading of the table column that a text stands in, if it says what date this is.
fn column(text: &NodeRef<'_>) -> Option<String> {
    let cell = text.ancestors_it(None).find(|above| above.has_name("td"))?;
    let row = cell.parent()?;
    let before = std::iter::successors(cell.prev_sibling(), NodeRef::prev_sibling);
    let place = before.filter(NodeRef::is_element).take(MOST_CELLS + 1).count();
    let table = row.ancestors_it(None).find(|above| above.has_name("table"))?;
    let first = table.descendants_it().find(|below| below.has_name("tr"))?;
    if first.id == row.id || place > MOST_CELLS {
        return None;
    }
    let heads = std::iter::successors(first.first_child(), NodeRef::next_sibling);
    let heading = text_of(&heads.filter(NodeRef::is_element).nth(place)?);
    (heading.chars().count() <= LABEL && (OTHER.is_match(&heading) || OWN.is_match(&heading)))
        .then_some(heading)
}

/// The date that is labelled as the row's, else the one that stands alone or in parts as a box,
/// else any.
pub(super) fn among(texts: &[String], seen: Option<DateTime<Utc>>) -> Option<Posted> {
    let (texts, labelled) = without_others(texts, seen);
    if labelled.is_some() {
        return labelled;
    }
    let anywhere = date::find(&texts.join(" "), seen);
    match (standing(&texts, seen), anywhere) {
        // The time of day may stand in the next text.
        (Some(best), Some(anywhere)) if best.date() == anywhere.date() => Some(anywhere),
        (best, anywhere) => best.or(anywhere),
    }
}

/// The date that has texts of its own.
fn standing(texts: &[String], seen: Option<DateTime<Utc>>) -> Option<Posted> {
    let plain = || {
        let text = texts.iter().find(|text| title::is_date(text, seen))?;
        date::find(text, seen)
    };
    let odd = || texts.iter().find_map(|text| alone::date(text, seen));
    plain_full(texts).or_else(|| alone::boxed(texts, seen)).or_else(plain).or_else(odd)
}

/// A date with its year that stands alone.
fn plain_full(texts: &[String]) -> Option<Posted> {
    let text = texts.iter().find(|text| title::is_date(text, None))?;
    date::find(text, None)
}

/// The texts without dates of something else (of signing, of a summary), and the first date that
/// is labelled as the row's own where another was dropped.
fn without_others(texts: &[String], seen: Option<DateTime<Utc>>) -> (Vec<String>, Option<Posted>) {
    let (mut kept, mut own, mut dropped) = (Vec::new(), None, false);
    for (i, text) in texts.iter().enumerate() {
        if is_prose(text) {
            kept.extend(at_an_end(text));
            continue;
        }
        let before = if i > 0 { texts[i - 1].as_str() } else { "" };
        let before = if before.chars().count() <= LABEL { before } else { "" };
        let (mut rest, mut end) = (String::new(), 0);
        for spotted in date::find_all(text, seen) {
            let between = &text[end..spotted.range.start];
            let label = if end == 0 && between.trim().is_empty() { before } else { between };
            end = spotted.range.end;
            if OTHER.is_match(label) {
                rest.push_str(between);
                dropped = true;
            } else {
                rest.push_str(&text[end - spotted.range.len() - between.len()..end]);
                if OWN.is_match(label) {
                    own = own.or(Some(spotted.posted));
                }
            }
        }
        rest.push_str(&text[end..]);
        kept.push(rest);
    }
    (kept, own.filter(|_| dropped))
}

/// Labels of dates that are not when a row was published.
static OTHER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:成文|生成|印发|有效期|截止|截至|实施|施行|失效|废止)[^\d，。]{0,6}$")
        .expect("the pattern is valid")
});

/// Labels of the row's own date.
static OWN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:发布|公开|更新|日期|时间)[^\d，。]{0,6}$").expect("the pattern is valid")
});

/// True for running text, as summaries are.
fn is_prose(text: &str) -> bool {
    text.contains('。') || (text.contains('，') && text.chars().count() >= PROSE)
}

/// The date in figures at either end of running text, which is the row's.
fn at_an_end(text: &str) -> Option<String> {
    END.find(text).map(|found| found.as_str().to_owned())
}

static END: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[\[【（(\s]*\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?|(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?|[\[【（(]\d{2}[-/]\d{2})[\]】）)\s]*$|(?:发布|更新)?(?:时间|日期)\s*[:：]\s*\d{4}\S+(?:\s+\d{1,2}:\d{2})?")
        .expect("the pattern is valid")
});

/// The date with its year that an attribute of the row keeps.
fn in_attribute(row: &NodeRef<'_>) -> Option<Posted> {
    std::iter::once(*row).chain(row.descendants_it()).filter(NodeRef::is_element).find_map(|node| {
        node.attrs().iter().find_map(|attribute| match &*attribute.name.local {
            "datetime" | "data-time" | "data-date" | "data-datetime" | "data-publish"
            | "data-pubdate" | "data-publishtime" | "data-pubtime" | "data-publish-time"
            | "data-publish-date" | "pubdate" => whole(&attribute.value),
            "title" if node.has_name("a") => in_hint(&attribute.value),
            "title" => whole(&attribute.value).or_else(|| in_hint(&attribute.value)),
            _ => None,
        })
    })
}

/// The date that is all of an attribute.
fn whole(value: &str) -> Option<Posted> {
    if title::is_date(value, None) { date::find(value, None) } else { alone::date(value, None) }
}

/// The date of the hint over a link: labelled, or in figures behind the title.
fn in_hint(value: &str) -> Option<Posted> {
    let labelled = value.lines().find_map(|line| {
        let (label, rest) = line.split_once([':', '：'])?;
        (OWN.is_match(label) && !OTHER.is_match(label)).then(|| date::find(rest, None)).flatten()
    });
    labelled.or_else(|| {
        let line = plain::one_line(value);
        let found = FIGURES_LAST.find(&line)?;
        date::find(found.as_str(), None)
    })
}

static FIGURES_LAST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[\s\[（(]\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?[\]）)]?$")
        .expect("the pattern is valid")
});

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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(texts: &[&str], wanted: Option<&str>) {
        let seen = DateTime::parse_from_rfc3339("2026-11-20T10:00:00Z").unwrap().to_utc();
        let owned: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        let read = among(&owned, Some(seen)).map(|posted| posted.to_string());
        assert_eq!(read.as_deref(), wanted, "in {texts:?}");
    }

    #[test]
    fn the_labelled_date_is_the_rows() {
        reads(&["成文日期：2026-11-14　发布日期：2026-11-18"], Some("2026-11-18"));
        reads(&["有效期至：2028-12-31", "2026-11-18"], Some("2026-11-18"));
        reads(&["成文日期", "2026-11-14", "发布日期", "2026-11-18"], Some("2026-11-18"));
        reads(&["生成日期：2026-11-14"], None);
        reads(&["2026-11-18", "浏览：5"], Some("2026-11-18"));
    }

    #[test]
    fn the_date_of_a_summary_is_not_the_rows() {
        reads(&["9月1日，会议在市里召开。"], None);
        reads(&["2026年9月1日，会议在市里召开。", "11-18"], Some("2026-11-18"));
        reads(&["会议在市里召开，代表发言。 2026-11-18"], Some("2026-11-18"));
    }

    #[test]
    fn a_hint_over_a_link_keeps_the_date() {
        for hint in [
            "文章标题：商会换届\r\n更新时间：2026-11-18\r\n点击次数：2",
            "商会换届 2026-11-18",
            "标题：商会换届\n日期：2026-11-18",
        ] {
            assert_eq!(in_hint(hint).unwrap().to_string(), "2026-11-18", "in `{hint}`");
        }
        assert_eq!(in_hint("商会2026年11月18日换届"), None);
    }
}
