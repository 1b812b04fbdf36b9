//! Rules for the rows of a list page.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use dom_query::{Document, NodeId, NodeRef};
use url::Url;

use super::Way;
use super::field::{Ways, first};
use super::name::{self, Named};
use super::same::is_same_title;
use super::spot::{MOST_KNOWN, Spots, moved};
use crate::model::Rejection;
use crate::text::alternative::Selector;
use crate::text::{date, dom};

/// Rules proposed for one page.
const PROPOSED: usize = 8;
/// Rules of which every match is looked at.
const TRIED: usize = 120;
/// Elements above a link that may be its row.
const LEVELS: usize = 8;
/// Of ten items that the best rule covers, how many another must cover to be proposed.
const MOST: usize = 6;
/// Elements inside a row that are looked at.
const INSIDE: usize = 200;

/// What is known of a row.
#[derive(Clone, Debug)]
pub struct KnownRow {
    /// Its titles: as it was listed, as the article says it.
    pub titles: Vec<String>,
    /// The day it was posted on.
    pub day: Option<NaiveDate>,
}

impl KnownRow {
    /// True where `text` is one of its titles.
    pub fn is_titled(&self, text: &str) -> bool {
        self.titles.iter().any(|title| is_same_title(text, title))
    }
}

/// A way to read the rows of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowRule {
    /// The selector of a row.
    pub item: String,
    /// Ways to its address, where one is wanted; best first.
    pub link: Vec<Way>,
    /// Ways to its title.
    pub title: Vec<Way>,
    /// Ways to its date.
    pub date: Vec<Way>,
}

/// What of the known rows was seen on a page, and how they may be read.
#[derive(Clone, Debug, Default)]
pub struct ListLook {
    /// The known rows that something on the page leads to, by their places in what was given.
    pub linked: BTreeSet<usize>,
    /// Those of them whose rows stand together: the list, without what stands beside it.
    pub together: BTreeSet<usize>,
    /// Those whose title stands there but leads elsewhere, or nowhere that can be told.
    pub moved: BTreeMap<usize, Option<Url>>,
    /// Those beside whose link or title the known day is printed.
    pub dated: BTreeSet<usize>,
    /// Links on the page.
    pub links: usize,
    /// Rules, likeliest first.
    pub rules: Vec<RowRule>,
}

/// Looks for `known` rows on the list page `html` of `url`, seen at `seen`; `leads` says to which of
/// them an address leads. Only the first 64 are looked for.
pub fn list(
    html: &str,
    url: &Url,
    seen: Option<DateTime<Utc>>,
    known: &[KnownRow],
    leads: &dyn Fn(&Url) -> Option<usize>,
) -> Result<ListLook, Rejection> {
    let document = dom::parse(html)?;
    let known = &known[..known.len().min(MOST_KNOWN)];
    let spots = Spots::of(&document, url, leads);
    let together = spots.together();
    let wanted = together.iter().fold(0, |mask, known| mask | 1 << known);
    let page = Page { document: &document, spots, wanted, seen, known };
    let linked = page.spots.found();
    let days = page.days();
    let rules = page.rules(&days);
    Ok(ListLook {
        moved: moved(&document, url, known, &linked),
        dated: days.values().filter(|dated| dated.1).map(|dated| dated.0).collect(),
        links: page.spots.links,
        linked,
        together,
        rules,
    })
}

/// A list page and what is known of it.
struct Page<'a> {
    document: &'a Document,
    spots: Spots<'a>,
    /// The items whose rows stand together: a bit each.
    wanted: u64,
    seen: Option<DateTime<Utc>>,
    known: &'a [KnownRow],
}

/// Which item alone an element leads to, and whether its day is printed in it.
type Days = HashMap<NodeId, (usize, bool)>;

/// How well a selector names the rows.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// Items of the list that no match leads to.
    missed: usize,
    /// Matches that lead to several items.
    mixed: usize,
    /// Items whose day is not in the match.
    undated: usize,
    /// Matches that lead to nothing of the list that is known.
    more: usize,
    name: Named,
}

impl<'a> Page<'a> {
    /// The elements that may be rows: each spot and what stands above it, as long as it leads to
    /// one known item alone.
    fn levels(&self) -> impl Iterator<Item = NodeRef<'a>> + '_ {
        self.spots.all.iter().flat_map(|spot| {
            let above = spot.node.ancestors_it(Some(LEVELS));
            std::iter::once(spot.node)
                .chain(above)
                .take_while(|node| self.spots.only(node).is_some() && !node.has_name("body"))
        })
    }

    fn days(&self) -> Days {
        let mut days = Days::new();
        for node in self.levels() {
            let Some(known) = self.spots.only(&node) else { continue };
            days.entry(node.id).or_insert_with(|| {
                let day = self.known.get(known).and_then(|row| row.day);
                (known, day.is_some_and(|day| self.says_day(&dom::visible_text(&node), day)))
            });
        }
        days
    }

    fn says_day(&self, text: &str, day: NaiveDate) -> bool {
        date::find_all(text, self.seen).iter().any(|found| found.posted.date() == day)
    }

    fn rules(&self, days: &Days) -> Vec<RowRule> {
        let mut covered: HashMap<Named, u64> = HashMap::new();
        for node in self.levels() {
            let mask = self.spots.inside(&node);
            for named in name::all(&node) {
                *covered.entry(named).or_default() |= mask & self.wanted;
            }
        }
        let best = covered.values().map(|mask| mask.count_ones()).max().unwrap_or(0) as usize;
        let mut names: Vec<(Named, u64)> = covered
            .into_iter()
            .filter(|(_, mask)| mask.count_ones() as usize * 10 >= best * MOST)
            .collect();
        names.sort_by(|(a, m), (b, n)| n.count_ones().cmp(&m.count_ones()).then(a.cmp(b)));
        let names = names.into_iter().take(TRIED).map(|(named, _)| named);
        let mut fits: Vec<(Fit, Vec<NodeRef<'a>>)> =
            names.filter_map(|named| self.fit(named, days)).collect();
        fits.sort_by(|(a, _), (b, _)| a.cmp(b));
        distinct(fits).into_iter().map(|(fit, rows)| self.rule(&fit.name, &rows)).collect()
    }

    /// How well `name` names the rows, and the rows of known items that it names.
    fn fit(&self, name: Named, days: &Days) -> Option<(Fit, Vec<NodeRef<'a>>)> {
        let selector = Selector::new(&name.text).ok()?;
        let (mut rows, mut mask, mut dated) = (Vec::new(), 0_u64, 0);
        let (mut mixed, mut more) = (0, 0);
        for node in selector.all(&self.document.root()) {
            match self.spots.inside(&node).count_ones() {
                0 => more += usize::from(self.spots.leads(&node)),
                // Another element around the same item, or another link to it.
                1 if mask & self.spots.inside(&node) != 0 => more += 1,
                1 if self.wanted & self.spots.inside(&node) == 0 => more += 1,
                1 => {
                    mask |= self.spots.inside(&node);
                    dated += usize::from(days.get(&node.id).is_some_and(|dated| dated.1));
                    rows.push(node);
                }
                _ => mixed += 1,
            }
        }
        let found = mask.count_ones() as usize;
        let missed = self.wanted.count_ones() as usize - found;
        let undated = found.saturating_sub(dated);
        Some((Fit { missed, mixed, undated, more, name }, rows))
    }

    fn rule(&self, name: &Named, rows: &[NodeRef<'a>]) -> RowRule {
        let (mut link, mut title, mut date) = (Ways::default(), Ways::default(), Ways::default());
        for row in rows {
            let Some((_, known)) = self.known_in(row) else { continue };
            for node in inside(row) {
                if self.titled(&node, known, None) {
                    title.seen_in_row(&node, Way::css);
                } else if self.titled(&node, known, Some("title")) {
                    title.seen_in_row(&node, titled);
                }
                if let Some(day) = known.day
                    && self.reads(&node, day)
                    && !node.element_children().iter().any(|inner| self.reads(inner, day))
                {
                    date.seen_in_row(&node, Way::css);
                }
            }
            for spot in self.spots.all.iter().filter(|spot| is_inside(&spot.node, row)).take(4) {
                link.seen_in_row(&spot.node, |selector| spot.way(selector));
            }
        }
        let count = |right: &dyn Fn(&NodeRef<'a>, usize, &KnownRow) -> bool| {
            rows.iter()
                .filter(|row| self.known_in(row).is_some_and(|(at, known)| right(row, at, known)))
                .count()
        };
        let of = |way: &Way, row: &NodeRef<'a>| match way {
            Way::Css { selector, attr, .. } => first(selector, row).map(|node| (node, *attr)),
            Way::Meta(_) => None,
        };
        RowRule {
            item: name.text.clone(),
            link: link.best(rows.len(), |way| {
                count(&|row, at, _| {
                    of(way, row).is_some_and(|(node, attr)| {
                        let attr = attr.unwrap_or("href");
                        let mut spots = self.spots.all.iter();
                        spots.any(|spot| {
                            spot.node.id == node.id && spot.known == at && spot.attr == attr
                        })
                    })
                })
            }),
            title: title.best(rows.len(), |way| {
                count(&|row, _, known| {
                    of(way, row).is_some_and(|(node, attr)| self.titled(&node, known, attr))
                })
            }),
            date: date.best(rows.len(), |way| {
                count(&|row, _, known| {
                    let day = known.day;
                    of(way, row).zip(day).is_some_and(|((node, _), day)| self.reads(&node, day))
                })
            }),
        }
    }

    fn known_in(&self, row: &NodeRef<'_>) -> Option<(usize, &KnownRow)> {
        let at = self.spots.only(row)?;
        self.known.get(at).map(|known| (at, known))
    }

    fn titled(&self, node: &NodeRef<'_>, known: &KnownRow, attr: Option<&str>) -> bool {
        match attr {
            Some(attr) => node.attr(attr).is_some_and(|text| known.is_titled(&text)),
            None => known.is_titled(&dom::visible_text(node)),
        }
    }

    /// True where the date that is read in `node` is of `day`.
    fn reads(&self, node: &NodeRef<'_>, day: NaiveDate) -> bool {
        date::find(&dom::visible_text(node), self.seen).is_some_and(|posted| posted.date() == day)
    }
}

fn titled(selector: &str) -> Way {
    Way::Css { selector: selector.to_owned(), attr: Some("title"), regex: None }
}

fn is_inside(node: &NodeRef<'_>, row: &NodeRef<'_>) -> bool {
    node.id == row.id || node.ancestors_it(Some(LEVELS)).any(|above| above.id == row.id)
}

fn inside<'a>(row: &NodeRef<'a>) -> impl Iterator<Item = NodeRef<'a>> {
    dom::descendants(row).filter(NodeRef::is_element).take(INSIDE)
}

/// The best rules; of several that name the same rows the first.
fn distinct(fits: Vec<(Fit, Vec<NodeRef<'_>>)>) -> Vec<(Fit, Vec<NodeRef<'_>>)> {
    let mut seen: BTreeSet<(Vec<NodeId>, usize, usize)> = BTreeSet::new();
    let mut best = Vec::new();
    for (fit, rows) in fits {
        let ids: Vec<NodeId> = rows.iter().map(|row| row.id).collect();
        if seen.insert((ids, fit.mixed, fit.more)) && best.len() < PROPOSED {
            best.push((fit, rows));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "http://a.test/yw/";

    fn known(n: usize) -> (Url, KnownRow) {
        let url = Url::parse(&format!("http://a.test/art/{n}.html")).unwrap();
        let titles = vec![format!("市商会召开第{n}次会员企业服务工作会议")];
        (url, KnownRow { titles, day: NaiveDate::from_ymd_opt(2026, 11, n as u32) })
    }

    fn look(html: &str) -> ListLook {
        let all: Vec<(Url, KnownRow)> = (1..=6).map(known).collect();
        let rows: Vec<KnownRow> = all.iter().map(|(_, row)| row.clone()).collect();
        let leads = |url: &Url| all.iter().position(|(known, _)| known == url);
        let seen = "2026-11-20T10:00:00Z".parse().ok();
        list(html, &Url::parse(SITE).unwrap(), seen, &rows, &leads).unwrap()
    }

    /// A page whose rows are made by `row` of number and title, in `around`.
    fn page(around: (&str, &str), row: impl Fn(usize, &str) -> String) -> String {
        let rows: String = (1..=6).map(|n| row(n, &known(n).1.titles[0])).collect();
        format!(
            "<body><div class=nav><ul><li><a href=/>首页</a><li><a href=/yw/>要闻</a></ul></div>{}{rows}{}\
             <div class=hot><ul><li><a href=/art/2.html>热点😀</a></ul></div>",
            around.0, around.1
        )
    }

    #[test]
    fn a_list_of_divisions_is_found_by_the_name_of_its_rows() {
        let html = page(("<div class='x-list'>", "</div>"), |n, title| {
            format!(
                "<div class='x-row c{n}9f3a'><em>{n:02}</em><i class=day>2026年11月{n}日</i>\
                 <h4><a href='../art/{n}.html'>{title}</a></h4></div>"
            )
        });
        let found = look(&html);
        assert_eq!((found.linked.len(), found.moved.len(), found.dated.len()), (6, 0, 6));
        assert_eq!(found.together.len(), 6);
        let rule = &found.rules[0];
        assert_eq!(rule.item, ".x-row");
        assert_eq!(rule.date[0], Way::css(".day"));
        assert!(
            rule.title.contains(&Way::css("a")) && rule.link.contains(&Way::css("a")),
            "{rule:?}"
        );
    }

    #[test]
    fn rows_that_scripts_open_are_found_by_what_the_call_says() {
        let html = page(("<table class=lb>", "</table>"), |n, title| {
            format!("<tr onclick=\"go('/art/{n}.html', 7)\"><td>{title}<td>11-{n:02}</tr>")
        });
        let rule = &look(&html).rules[0];
        assert!(rule.item.ends_with("tr"), "{rule:?}");
        let Way::Css { attr, regex, .. } = &rule.link[0] else { panic!("{rule:?}") };
        assert_eq!((*attr, regex.is_some()), (Some("onclick"), true));
        assert_eq!(
            (&rule.title[0], &rule.date[0]),
            (&Way::css("td"), &Way::css("td:nth-child(2)"))
        );
    }

    #[test]
    fn generated_names_are_never_proposed() {
        let html = page(
            ("<section class=css-9a8b7c><ul class=sc-bdVaJa>", "</ul></section>"),
            |n, title| {
                format!(
                    "<li class=list_a8F3x><a class=css-1q2w3e href=/art/{n}.html>{title}</a>2026-11-{n:02}</li>"
                )
            },
        );
        let found = look(&html);
        assert!(!found.rules.is_empty());
        let said = format!("{:?}", found.rules);
        for name in ["css-", "sc-", "a8F3x"] {
            assert!(!said.contains(name), "{said}");
        }
    }

    #[test]
    fn titles_under_other_addresses_are_told_and_make_no_rule() {
        let html =
            page(("<ul>", "</ul>"), |n, title| format!("<li><a href=/neu/{n}>{title}</a></li>"));
        let found = look(&html);
        assert_eq!(found.moved.len(), 5, "{found:?}");
        assert_eq!(found.moved[&0].as_ref().unwrap().path(), "/neu/1");
    }

    #[test]
    fn pages_without_known_rows_make_no_rule() {
        for html in [
            "<p>404",
            "<form action=/login><input name=user><input type=password></form>",
            "<div id=app></div><script src=/x.js></script>",
            "<a href='javascript:void(0)'>x</a><a href>y</a><a href=:::>z</a><a onclick=\"f('')\">",
        ] {
            let found = look(html);
            assert!(found.rules.is_empty() && found.linked.is_empty(), "{html}");
        }
        let deep = "<div>".repeat(400) + "<a href=/art/1.html>x</a>";
        assert_eq!(look(&deep).linked.len(), 1);
    }
}
