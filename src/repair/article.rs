//! Rules for article pages.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use dom_query::{Document, NodeId, NodeRef};

use super::Way;
use super::field::{Ways, first};
use super::same::{is_same_title, letters};
use crate::model::Rejection;
use crate::text::{date, dom};

/// Longer texts hold no title, date or source.
const FIELD: usize = 160;
/// Of ten letters of the known text, how many a container must hold.
const MOST: usize = 9;
/// Containers around the smallest one that are proposed too.
const AROUND: usize = 2;

/// An article page and what is known of it.
#[derive(Clone, Debug)]
pub struct KnownArticle {
    /// The page, decoded.
    pub html: String,
    /// Its title.
    pub title: String,
    /// The day it was posted on.
    pub day: Option<NaiveDate>,
    /// Its source as printed.
    pub credit: Option<String>,
    /// Its body, as text.
    pub text: String,
    /// When the page was seen.
    pub seen: Option<DateTime<Utc>>,
}

/// Ways to the fields of the articles, best first; empty where none works on most pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleLook {
    /// Pages that show most of the known text.
    pub shown: usize,
    /// To the title.
    pub title: Vec<Way>,
    /// To the body.
    pub body: Vec<Way>,
    /// To the date.
    pub posted: Vec<Way>,
    /// To the source.
    pub credit: Vec<Way>,
}

/// A parsed page with what is known of it.
struct Page<'a> {
    document: &'a Document,
    known: &'a KnownArticle,
    /// Letters of the known text below each element.
    held: HashMap<NodeId, usize>,
    wanted: usize,
}

/// Looks for the known fields on each of `pages`.
pub fn article(pages: &[KnownArticle]) -> Result<ArticleLook, Rejection> {
    let parsed: Vec<Document> =
        pages.iter().map(|page| dom::parse(&page.html)).collect::<Result<_, _>>()?;
    let pages: Vec<Page<'_>> =
        parsed.iter().zip(pages).map(|(document, known)| Page::new(document, known)).collect();
    let (mut title, mut body) = (Ways::default(), Ways::default());
    let (mut posted, mut credit) = (Ways::default(), Ways::default());
    for page in &pages {
        page.note_bodies(&mut body);
        page.note_fields(&mut title, &mut posted, &mut credit);
    }
    let works = |right: &dyn Fn(&Page<'_>) -> bool| pages.iter().filter(|page| right(page)).count();
    let dated = works(&|page| page.known.day.is_some());
    let credited = works(&|page| page.known.credit.is_some());
    Ok(ArticleLook {
        shown: works(&|page| page.smallest().is_some()),
        title: title.best(pages.len(), |way| {
            works(&|page| page.value(way).is_some_and(|text| page.is_title(&text)))
        }),
        body: body.best(pages.len(), |way| works(&|page| page.is_body(way))),
        posted: posted.best(dated, |way| {
            works(&|page| page.value(way).is_some_and(|text| page.is_day(&text)))
        }),
        credit: credit.best(credited, |way| {
            works(&|page| page.value(way).is_some_and(|text| page.says_credit(&text, way)))
        }),
    })
}

impl<'a> Page<'a> {
    fn new(document: &'a Document, known: &'a KnownArticle) -> Self {
        let text = letters(&known.text);
        let mut held: HashMap<NodeId, usize> = HashMap::new();
        for node in dom::descendants(&document.root()).filter(NodeRef::is_text) {
            let part = letters(&node.text());
            // A letter alone stands in every text.
            if part.chars().nth(1).is_none() || !text.contains(&part) {
                continue;
            }
            let above: Vec<NodeRef<'_>> = node.ancestors_it(None).collect();
            if above.iter().any(is_unseen) {
                continue;
            }
            for node in above {
                *held.entry(node.id).or_default() += part.chars().count();
            }
        }
        Self { document, known, held, wanted: text.chars().count() }
    }

    fn holds_most(&self, node: &NodeRef<'_>) -> bool {
        let held = self.held.get(&node.id).copied().unwrap_or(0);
        self.wanted > 0 && held * 10 >= self.wanted * MOST
    }

    /// The smallest element that holds most of the known text.
    fn smallest(&self) -> Option<NodeRef<'a>> {
        let mut node = self.document.body().filter(|body| self.holds_most(body))?;
        while let Some(inner) = node.children_it(false).find(|inner| self.holds_most(inner)) {
            node = inner;
        }
        Some(node)
    }

    fn note_bodies(&self, ways: &mut Ways) {
        let Some(smallest) = self.smallest() else { return };
        let around = smallest.ancestors_it(Some(AROUND));
        for node in std::iter::once(smallest).chain(around).filter(NodeRef::is_element) {
            ways.seen_at(&node, Way::css);
        }
    }

    /// Notes where title, date and source stand, outside of the body.
    fn note_fields(&self, title: &mut Ways, posted: &mut Ways, credit: &mut Ways) {
        let body = self.smallest().map(|node| node.id);
        for node in dom::descendants(&self.document.root()).filter(NodeRef::is_element) {
            let inside = |node: &NodeRef<'_>| Some(node.id) == body || is_unseen(node);
            let holds = self.held.get(&node.id).is_some_and(|held| *held > FIELD);
            if holds || inside(&node) || node.ancestors_it(None).any(|above| inside(&above)) {
                continue;
            }
            let text = dom::visible_text(&node);
            if text.chars().count() > FIELD {
                continue;
            }
            if self.is_title(&text) {
                title.seen_at(&node, Way::css);
            }
            let inner = node.element_children();
            let innermost = |says: &dyn Fn(&str) -> bool| {
                says(&text) && !inner.iter().any(|node| says(&dom::visible_text(node)))
            };
            if innermost(&|text| self.is_day(text)) {
                posted.seen_at(&node, Way::css);
            }
            if innermost(&|text| self.has_credit(text)) {
                let regex = (!self.is_credit(&text)).then_some(LABELLED);
                credit.seen_at(&node, |selector| with(selector, regex));
            }
        }
        for (name, content) in dom::metas(self.document) {
            if self.is_title(&content) {
                title.seen_in_meta(&name);
            }
            if self.is_day(&content) {
                posted.seen_in_meta(&name);
            }
            if self.is_credit(&content) {
                credit.seen_in_meta(&name);
            }
        }
    }

    /// The text that `way` finds first.
    fn value(&self, way: &Way) -> Option<String> {
        match way {
            Way::Meta(name) => dom::meta(self.document, name),
            Way::Css { selector, .. } => {
                first(selector, &self.document.root()).map(|node| dom::visible_text(&node))
            }
        }
    }

    fn is_body(&self, way: &Way) -> bool {
        let Way::Css { selector, .. } = way else { return false };
        first(selector, &self.document.root()).is_some_and(|node| self.holds_most(&node))
    }

    fn is_title(&self, text: &str) -> bool {
        is_same_title(text, &self.known.title)
    }

    fn is_day(&self, text: &str) -> bool {
        let read = date::find(text, self.known.seen);
        self.known.day.is_some_and(|day| read.is_some_and(|posted| posted.date() == day))
    }

    fn has_credit(&self, text: &str) -> bool {
        self.known.credit.as_ref().is_some_and(|credit| {
            let credit = letters(credit);
            !credit.is_empty() && letters(text).contains(&credit)
        })
    }

    fn is_credit(&self, text: &str) -> bool {
        self.known.credit.as_ref().is_some_and(|credit| letters(text) == letters(credit))
    }

    fn says_credit(&self, text: &str, way: &Way) -> bool {
        match way {
            Way::Css { regex: Some(_), .. } => self.has_credit(text),
            _ => self.is_credit(text),
        }
    }
}

/// What stands behind the label of a source.
const LABELLED: &str = r"(?:来源|来自|出处|供稿)\s*[:：]?\s*(\S+)";

fn with(selector: &str, regex: Option<&str>) -> Way {
    Way::Css { selector: selector.to_owned(), attr: None, regex: regex.map(str::to_owned) }
}

fn is_unseen(node: &NodeRef<'_>) -> bool {
    ["script", "style", "noscript", "template", "head", "textarea"].iter().any(|n| node.has_name(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "近日，市工商联组织座谈会，三十余家民营企业负责人参加。\n\
        与会人员围绕政策落实、融资服务等话题深入交流，提出意见建议十余条。\n\
        有关负责人表示，将及时梳理诉求，逐项研究解决。";

    fn page(n: u32, body: impl Fn(&str) -> String) -> KnownArticle {
        let title = format!("市工商联召开第{n}次民营企业座谈会");
        let html = format!(
            "<head><title>{title}</title><meta name=pub content='2026-11-{n:02}'></head><body>\
             <div class=nav>首页 要闻</div><div class=bt>{title}</div>\
             <p class=info>发布：2026年11月{n}日　来源：新新商会　浏览：12</p>{}\
             <div class=side>近日 2026-01-01</div>",
            body(TEXT)
        );
        KnownArticle {
            html,
            title,
            day: NaiveDate::from_ymd_opt(2026, 11, n),
            credit: Some("新新商会".to_owned()),
            text: TEXT.to_owned(),
            seen: None,
        }
    }

    fn look(body: impl Fn(&str) -> String + Copy) -> ArticleLook {
        article(&[page(3, body), page(7, body), page(12, body)]).unwrap()
    }

    fn paragraphs(text: &str) -> String {
        text.lines()
            .map(|line| format!("<p><span>{}</span>{}</p>", &line[..9], &line[9..]))
            .collect()
    }

    #[test]
    fn the_smallest_container_is_the_body_and_fields_stand_outside() {
        let found = look(|text| {
            format!(
                "<div class=wrap><div class='x-art css-1a2b3c'>{}</div></div>",
                paragraphs(text)
            )
        });
        assert_eq!(found.shown, 3);
        assert_eq!(found.body[0], Way::css(".x-art"));
        assert_eq!(found.title[0], Way::css(".bt"));
        assert_eq!(found.posted[0], Way::Meta("pub".to_owned()));
        assert!(found.posted.contains(&Way::css(".info")), "{found:?}");
        assert_eq!(found.credit[0], with(".info", Some(LABELLED)));
    }

    #[test]
    fn a_body_that_is_not_there_is_not_proposed() {
        let half =
            |text: &str| format!("<div class=x>{}</div>", paragraphs(text.lines().next().unwrap()));
        let found = look(half);
        assert_eq!((found.shown, found.body.len()), (0, 0));
        let scripted = look(|text| format!("<script>var body = '{text}'</script>"));
        assert_eq!((scripted.shown, scripted.body.len()), (0, 0));
    }

    #[test]
    fn nasty_pages_end_in_nothing() {
        let mut empty = page(1, |_| String::new());
        empty.text = String::new();
        empty.title = "😀".to_owned();
        empty.credit = Some("…".to_owned());
        let found = article(std::slice::from_ref(&empty)).unwrap();
        assert_eq!((found.shown, found.title.len(), found.credit.len()), (0, 0, 0));
        assert_eq!(article(&[]).unwrap(), ArticleLook::default());
        empty.html = " ".to_owned();
        assert_eq!(article(&[empty]).unwrap_err().code, "page-empty");
    }
}
