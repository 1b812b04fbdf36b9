//! Trying alternatives on a page or on a part of it.

use std::cell::OnceCell;

use dom_query::NodeRef;
use regex::Regex;
use serde_json::Value;
use url::Url;

use super::index::Index;
use super::{Alternative, How, Selector};
use crate::model::Found;
use crate::text::dom;

/// What alternatives are tried on: a node of a parsed page, and the address of the page.
///
/// `css` and `regex` look at or below the node, `between` too; `meta` looks at the whole page.
pub struct Scene<'a> {
    root: NodeRef<'a>,
    url: &'a Url,
    json: Option<&'a Value>,
    text: OnceCell<String>,
    metas: OnceCell<Vec<(String, String)>>,
    index: OnceCell<Index<'a>>,
}

impl<'a> Scene<'a> {
    /// A page (its root node) or a part of it (such as a row).
    pub fn new(root: NodeRef<'a>, url: &'a Url) -> Self {
        Self {
            root,
            url,
            json: None,
            text: OnceCell::new(),
            metas: OnceCell::new(),
            index: OnceCell::new(),
        }
    }

    /// The same with a JSON value, in which `json` pointers are looked up.
    pub fn with_json(self, json: &'a Value) -> Self {
        Self { json: Some(json), ..self }
    }

    /// The node.
    pub fn root(&self) -> NodeRef<'a> {
        self.root
    }

    /// The visible text of the node, made once.
    pub fn text(&self) -> &str {
        self.text.get_or_init(|| dom::visible_text(&self.root))
    }

    /// The content of the first `<meta>` of this name that is not empty.
    pub fn meta(&self, name: &str) -> Option<&str> {
        let metas = self.metas.get_or_init(|| match self.index() {
            Some(index) => dom::metas_of(index.unseen()),
            None => dom::metas_of(dom::descendants(&self.root.tree.root())),
        });
        let found = metas.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The elements called `name`, in document order: quick for a page's `meta`, `base`, `title` and
    /// `script`.
    pub fn elements(&self, name: &'static str) -> impl Iterator<Item = NodeRef<'a>> {
        let quick = matches!(name, "meta" | "base" | "title" | "script");
        let index = self.index().filter(|_| quick);
        let unseen = index.into_iter().flat_map(Index::unseen);
        let below = index.is_none().then(|| dom::descendants(&self.root)).into_iter().flatten();
        unseen.chain(below).filter(move |node| node.has_name(name))
    }

    /// The first value of `alternatives`, in order, that `valid` makes something of.
    pub fn first<T>(
        &self,
        alternatives: &[Alternative],
        valid: impl FnMut(&str) -> Option<T>,
    ) -> Option<Found<T>> {
        self.each(alternatives, valid).next()
    }

    /// What each of `alternatives` finds that `valid` makes something of, in order; looked for only
    /// as it is asked for.
    pub fn each<T>(
        &self,
        alternatives: &[Alternative],
        mut valid: impl FnMut(&str) -> Option<T>,
    ) -> impl Iterator<Item = Found<T>> {
        alternatives.iter().filter_map(move |alternative| {
            let value = self.try_one(alternative, &mut valid)?;
            Some(Found { value, rule: alternative.rule() })
        })
    }

    /// The nodes of each of `alternatives` that `valid` accepts, in order; looked for only as they
    /// are asked for.
    ///
    /// Only `css` (each matching element by itself) and `between` (the whole range) name nodes.
    pub fn each_nodes(
        &self,
        alternatives: &[Alternative],
        valid: impl Fn(&[NodeRef<'a>]) -> bool,
    ) -> impl Iterator<Item = Found<Vec<NodeRef<'a>>>> {
        alternatives.iter().filter_map(move |alternative| {
            let value = match &alternative.how {
                How::Css(selector) => {
                    let found = self.all(selector).into_iter().map(|node| vec![node]);
                    found.into_iter().find(|nodes| valid(nodes))?
                }
                How::Between(begin, end) => {
                    let found = self.between(begin, end);
                    Some(found).filter(|nodes| !nodes.is_empty() && valid(nodes))?
                }
                _ => return None,
            };
            Some(Found { value, rule: alternative.rule() })
        })
    }

    /// A whole page is walked once for all selectors and comments; of a row it is not worth while.
    fn index(&self) -> Option<&Index<'a>> {
        let is_page = self.root.id == self.root.tree.root().id;
        is_page.then(|| self.index.get_or_init(|| Index::of(&self.root)))
    }

    fn all(&self, selector: &Selector) -> Vec<NodeRef<'a>> {
        let known = self.index().and_then(|index| index.all(selector));
        known.unwrap_or_else(|| selector.all(&self.root))
    }

    fn between(&self, begin: &str, end: &str) -> Vec<NodeRef<'a>> {
        match self.index() {
            Some(index) if !index.has_comment(begin) => Vec::new(),
            _ => dom::between_in(self.root, begin, end),
        }
    }

    fn try_one<T>(
        &self,
        alternative: &Alternative,
        valid: &mut impl FnMut(&str) -> Option<T>,
    ) -> Option<T> {
        let mut judge = |text: &str| {
            let text = alternative.shape(text)?;
            let text = text.trim();
            if text.is_empty() { None } else { valid(text) }
        };
        match &alternative.how {
            How::Css(selector) => self.all(selector).iter().find_map(|node| {
                let text = match &alternative.attr {
                    Some(name) => node.attr(name)?.to_string(),
                    None => dom::visible_text(node),
                };
                judge(&text)
            }),
            How::Between(begin, end) => {
                let nodes = self.between(begin, end);
                let texts: Vec<_> = nodes.iter().map(dom::visible_text).collect();
                judge(&texts.join("\n"))
            }
            How::Meta(name) => judge(self.meta(name)?),
            How::Json(pointer) => match self.json?.pointer(pointer)? {
                Value::String(text) => judge(text),
                Value::Number(number) => judge(&number.to_string()),
                _ => None,
            },
            How::Regex(regex) => judge(group(regex, self.text())?),
            How::Url(regex) => judge(group(regex, self.url.as_str())?),
            How::Literal(text) => judge(text),
        }
    }
}

impl Alternative {
    /// What `regex` and `replace` make of a text that was found.
    fn shape(&self, text: &str) -> Option<String> {
        let Some(regex) = &self.regex else { return Some(text.to_owned()) };
        match &self.replace {
            Some(replace) if regex.is_match(text) => {
                Some(regex.replace_all(text, replace.as_str()).into_owned())
            }
            Some(_) => None,
            None => group(regex, text).map(str::to_owned),
        }
    }
}

fn group<'t>(regex: &Regex, text: &'t str) -> Option<&'t str> {
    let captures = regex.captures(text)?;
    captures.get(1).or_else(|| captures.get(0)).map(|found| found.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::Selector;
    use super::*;

    const PAGE: &str = "<meta name=PubDate content='2026-01-02'><h1> </h1><h1>题</h1>\
        <ul><li title=整题><a href=x>短…</a> 2026-03-04</ul><!-- b --><p>正文</p><!-- e -->";

    fn css(selector: &str, attr: Option<&str>) -> Alternative {
        let how = How::Css(Selector::new(selector).unwrap());
        Alternative { attr: attr.map(str::to_owned), ..Alternative::new(how) }
    }

    fn check(alternatives: &[Alternative], wanted: Option<(&str, &str)>) {
        let doc = dom::parse(PAGE).unwrap();
        let url = Url::parse("http://a.test/202601/t20260102_5.html").unwrap();
        let json: Value = serde_json::from_str(r#"{"a":[{"b":7}]}"#).unwrap();
        let scene = Scene::new(doc.root(), &url).with_json(&json);
        let found = scene.first(alternatives, |text| Some(text.to_owned()));
        let found = found.as_ref().map(|found| (found.value.as_str(), found.rule.as_str()));
        assert_eq!(found, wanted);
    }

    fn regex(text: &str) -> Regex {
        Regex::new(text).unwrap()
    }

    #[test]
    fn each_way_finds_its_value() {
        check(&[css("h1", None)], Some(("题", "css h1")));
        check(&[css("li", Some("title"))], Some(("整题", "css li@title")));
        check(&[css("h2", None)], None);
        let between = How::Between("b".to_owned(), "e".to_owned());
        check(&[Alternative::new(between)], Some(("正文", "between b")));
        let meta = Alternative::new(How::Meta("pubdate".to_owned()));
        check(&[css("h2", None), meta], Some(("2026-01-02", "meta pubdate")));
        check(&[Alternative::new(How::Json("/a/0/b".to_owned()))], Some(("7", "json /a/0/b")));
        let url = Alternative::new(How::Url(regex(r"t(\d{8})_")));
        check(&[url], Some(("20260102", r"url t(\d{8})_")));
        let text = Alternative::new(How::Regex(regex("正.")));
        check(&[text], Some(("正文", "regex 正.")));
        check(&[Alternative::new(How::Literal("本会".to_owned()))], Some(("本会", "literal")));
    }

    #[test]
    fn a_regex_shapes_or_refuses_what_was_found() {
        let mut alternative = css("li", None);
        alternative.regex = Some(regex(r"\d{4}-(\d\d)"));
        check(&[alternative.clone()], Some(("03", "css li")));
        alternative.regex = Some(regex(r".*(\d{4})-(\d\d).*"));
        alternative.replace = Some("$2/$1".to_owned());
        check(&[alternative.clone()], Some(("03/2026", "css li")));
        alternative.regex = Some(regex("无"));
        check(&[alternative], None);
    }

    #[test]
    fn the_first_valid_value_wins_over_an_earlier_invalid_one() {
        let doc = dom::parse(PAGE).unwrap();
        let url = Url::parse("http://a.test/").unwrap();
        let scene = Scene::new(doc.root(), &url);
        let found = scene.first(&[css("a", None), css("li", None)], |text| {
            text.contains("2026").then_some(text.len())
        });
        assert_eq!(found.unwrap().rule, "css li");
    }

    #[test]
    fn a_row_can_mean_itself() {
        let doc = dom::parse(PAGE).unwrap();
        let url = Url::parse("http://a.test/").unwrap();
        let row = doc.select("li").nodes()[0];
        let scene = Scene::new(row, &url);
        for selector in ["", ":scope", "li"] {
            let found = scene.first(&[css(selector, Some("title"))], |text| Some(text.to_owned()));
            assert_eq!(found.unwrap().value, "整题");
        }
        assert_eq!(scene.meta("PUBDATE"), Some("2026-01-02"));
    }

    #[test]
    fn a_body_is_an_element_or_a_range() {
        let doc = dom::parse(PAGE).unwrap();
        let url = Url::parse("http://a.test/").unwrap();
        let scene = Scene::new(doc.root(), &url);
        let range = Alternative::new(How::Between("b".to_owned(), "e".to_owned()));
        let long = |nodes: &[NodeRef<'_>]| nodes.iter().any(|node| node.text().contains("正文"));
        let found = scene.each_nodes(&[css("h1", None), range], long).next().unwrap();
        assert_eq!((found.value.len(), found.rule.as_str()), (1, "between b"));
    }
}
