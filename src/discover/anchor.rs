//! The links of a page that could lead to articles.

use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use dom_query::{Document, NodeId, NodeRef};
use regex::Regex;
use url::Url;

use super::title;
use crate::text::alternative::Selector;
use crate::text::{dom, plain, web};

/// What is known while a page is read.
pub(super) struct Context<'a> {
    /// The page's address.
    pub(super) url: &'a Url,
    /// What its links are relative to.
    pub(super) base: Url,
    /// When it was seen.
    pub(super) seen: Option<DateTime<Utc>>,
    excluded: HashSet<NodeId>,
}

/// A link to somewhere else.
#[derive(Clone)]
pub(super) struct Anchor<'a> {
    pub(super) node: NodeRef<'a>,
    pub(super) url: Url,
    /// The best title that the link itself offers; may be empty.
    pub(super) title: String,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        document: &Document,
        url: &'a Url,
        seen: Option<DateTime<Utc>>,
        exclude: &[Selector],
    ) -> Self {
        let base = dom::base(document, url);
        let excluded = exclude
            .iter()
            .flat_map(|selector| selector.all(&document.root()))
            .map(|node| node.id)
            .collect();
        Self { url, base, seen, excluded }
    }

    /// The links in `node`, itself included, in page order.
    pub(super) fn anchors<'n>(&self, node: &NodeRef<'n>) -> Vec<Anchor<'n>> {
        std::iter::once(*node)
            .chain(node.descendants_it())
            .filter(|node| is_link(node))
            .filter_map(|node| self.anchor(node))
            .collect()
    }

    fn anchor<'n>(&self, node: NodeRef<'n>) -> Option<Anchor<'n>> {
        let url = self.address(&node)?;
        if is_of_the_host(&node, &url) || self.is_excluded(&node) {
            return None;
        }
        let attribute = node.attr("title").unwrap_or_default();
        let title = title::pick(&visible(&node, self.seen), &attribute);
        let title = if title.is_empty() { picture_title(&node) } else { title };
        Some(Anchor { node, url, title })
    }

    /// Where the link leads: its `href`, else what an attribute or its script says.
    fn address(&self, node: &NodeRef<'_>) -> Option<Url> {
        let elsewhere = |url: &Url| !self.is_this_page(url);
        let href = node.attr("href").and_then(|href| web::resolve(&self.base, &href));
        href.filter(elsewhere).or_else(|| {
            web::resolve(&self.base, &scripted(node)?)
                .filter(|url| elsewhere(url) && looks_like_article(url))
        })
    }

    fn is_this_page(&self, url: &Url) -> bool {
        web::normalised(url) == web::normalised(self.url)
    }

    fn is_excluded(&self, node: &NodeRef<'_>) -> bool {
        !self.excluded.is_empty()
            && (self.excluded.contains(&node.id)
                || node.ancestors_it(None).any(|above| self.excluded.contains(&above.id)))
    }
}

impl Anchor<'_> {
    /// True when the title could be an article's.
    pub(super) fn is_long(&self) -> bool {
        let bare = self.title.trim_matches(['[', ']', '【', '】', '(', ')', '（', '）']);
        bare.chars().count() >= 6 && !title::is_generic(&self.title)
    }

    /// How much it looks like a row's link among others in the row.
    pub(super) fn weight(&self) -> usize {
        if self.title.is_empty() || title::is_generic(&self.title) {
            return 0;
        }
        self.title.chars().count().min(20) + if looks_like_article(&self.url) { 8 } else { 1 }
    }
}

/// True for `<a>`, and for a row without one that a script makes a link.
pub(super) fn is_link(node: &NodeRef<'_>) -> bool {
    if node.has_name("a") {
        return true;
    }
    matches!(node.node_name().as_deref(), Some("li" | "tr" | "dl" | "dd" | "div" | "article"))
        && scripted(node).is_some()
        && !node.descendants_it().any(|inner| inner.has_name("a") || scripted(&inner).is_some())
}

/// The address that a data attribute or a script of the element holds.
fn scripted(node: &NodeRef<'_>) -> Option<String> {
    let data = ["data-url", "data-href", "data-link"].into_iter().find_map(|name| node.attr(name));
    if let Some(address) = data {
        return Some(address.to_string());
    }
    let href = node.attr("href").filter(|href| href.trim_start().starts_with("javascript:"));
    let scripts = [node.attr("onclick"), href];
    scripts
        .into_iter()
        .flatten()
        .find_map(|script| SCRIPTED.captures(&script).map(|found| found[1].to_owned()))
}

/// A quoted address that a script opens or hands on.
static SCRIPTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:\w\s*\(|location(?:\.href)?\s*=)\s*['"]((?:https?://|\.{0,2}/)[^'"\s]+|[^'"\s]+\.(?:s?html?|aspx?|jsp|php)(?:\?[^'"\s]*)?)['"]"#)
        .expect("the pattern is valid")
});

/// Links of whoever runs or registered the site, which stand on every page.
fn is_of_the_host(node: &NodeRef<'_>, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let before = || node.prev_sibling().map(|before| before.text().trim().to_owned());
    matches!(host, "beian.miit.gov.cn" | "beian.mps.gov.cn" | "www.beian.gov.cn")
        || REGISTERED.is_match(&text_of(node))
        || before().is_some_and(|text| MADE_BY.is_match(&text))
}

static REGISTERED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"ICP备|公网安备|^\s*技术支持|网站标识码").expect("the pattern is valid")
});

static MADE_BY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:技术支持|网站建设|设计制作|制作维护)\s*[:：]$").expect("the pattern is valid")
});

/// The text of a node without marks and counters that have elements of their own.
fn name_of(node: &NodeRef<'_>) -> String {
    let marked = |inner: &NodeRef<'_>| {
        let above = inner.parent().filter(|above| above.id != node.id);
        above.is_some_and(|above| !above.has_name("a") && title::is_mark(&text_of(&above)))
    };
    let name: String = text_nodes(node)
        .filter(|inner| !marked(inner))
        .map(|inner| inner.text().to_string())
        .collect();
    let name = plain::one_line(&name);
    if name.is_empty() { text_of(node) } else { name }
}

/// The text a reader takes for the link's name: of a card, its heading.
fn visible(node: &NodeRef<'_>, seen: Option<DateTime<Utc>>) -> String {
    let whole = name_of(node);
    let parts: Vec<String> = texts(node).into_iter().filter(|part| !title::is_mark(part)).collect();
    if parts.len() < 2 {
        return whole;
    }
    if let Some(heading) = heading(node) {
        return heading;
    }
    let has_date = parts.iter().any(|part| title::is_date(part, seen));
    if !has_date && whole.chars().count() <= 60 {
        return whole;
    }
    let named = parts.iter().find(|part| part.chars().count() >= 6 && !title::is_date(part, seen));
    named.cloned().unwrap_or(whole)
}

/// The text of the first heading, or of the first element that is called a title.
pub(super) fn heading(node: &NodeRef<'_>) -> Option<String> {
    node.descendants_it()
        .filter(|inner| {
            let name = inner.node_name().unwrap_or_default();
            let class = inner.class().unwrap_or_default().to_ascii_lowercase();
            matches!(&*name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
                || (inner.is_element()
                    && class
                        .split_whitespace()
                        .any(|c| c.starts_with("tit") || c.ends_with("title")))
        })
        .map(|inner| name_of(&inner))
        .find(|text| text.chars().count() >= 4 && !title::is_generic(text))
}

/// The name of a picture that is a link; file names say nothing.
fn picture_title(node: &NodeRef<'_>) -> String {
    node.descendants_it()
        .filter(|inner| inner.has_name("img"))
        .filter_map(|img| img.attr("alt").or_else(|| img.attr("title")))
        .map(|text| title::clean(&text))
        .find(|text| !text.is_empty() && !FILE_NAME.is_match(text))
        .unwrap_or_default()
}

static FILE_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^[\w-]*$|\.(?:jpe?g|png|gif|bmp|webp)$").expect("the pattern is valid")
});

/// The text of `node` in one line.
pub(super) fn text_of(node: &NodeRef<'_>) -> String {
    plain::one_line(&text_nodes(node).map(|inner| inner.text().to_string()).collect::<String>())
}

/// The texts in `node` one by one, without scripts.
pub(super) fn texts(node: &NodeRef<'_>) -> Vec<String> {
    text_nodes(node)
        .map(|inner| plain::one_line(&inner.text()))
        .filter(|text| !text.is_empty())
        .collect()
}

fn text_nodes<'a>(node: &NodeRef<'a>) -> impl Iterator<Item = NodeRef<'a>> {
    std::iter::once(*node).chain(node.descendants_it()).filter(|inner| inner.is_text()).filter(
        |inner| {
            let parent = inner.parent().and_then(|parent| parent.node_name());
            !matches!(parent.as_deref(), Some("script" | "style" | "noscript"))
        },
    )
}

/// True for addresses with a number, as articles have, rather than a folder or an index.
pub(super) fn looks_like_article(url: &Url) -> bool {
    let rest = url.path().to_owned() + "?" + url.query().unwrap_or_default();
    ARTICLE.is_match(&rest) && !COLUMN.is_match(url.path())
}

static ARTICLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\d{3,}|[0-9a-f]{8}-|[-_/]\d+\.|(?i:id=)\d").expect("valid"));

static COLUMN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)/$|/(?:index|list|lists|default|col)(?:_?\d+)?\.\w+$|/col/col\d+/index")
        .expect("the pattern is valid")
});
