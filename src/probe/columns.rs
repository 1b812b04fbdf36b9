//! Finds links that may lead to columns: the navigation, headings and 更多 of blocks.

use std::collections::HashMap;
use std::sync::LazyLock;

use dom_query::NodeRef;
use regex::Regex;
use url::Url;

use super::candidate::{Candidate, Place};
use super::names::{is_more, is_no_column, weight, without_more};
use crate::model::Rejection;
use crate::text::{date, dom, plain, web};

/// Names of columns are short; longer texts of links are titles of articles.
const LONGEST_NAME: usize = 16;
/// Headings of blocks are shorter, and names elsewhere shorter still.
const LONGEST_HEADING: usize = 12;
const LONGEST_ELSEWHERE: usize = 8;
/// So far up from a 更多 its heading is looked for.
const HEADING_CLIMB: usize = 5;
/// More links than any page needs.
const MAX_LINKS: usize = 4000;

/// Pages linked on `html` that may be columns of the same site, most wanted first.
pub fn candidates(html: &str, url: &Url) -> Result<Vec<Candidate>, Rejection> {
    let document = dom::parse(html)?;
    let base = dom::base(&document, url);
    let links = dom::descendants(&document.root())
        .filter(|node| node.has_name("a") || node.has_name("area"))
        .take(MAX_LINKS);
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut found: Vec<Candidate> = Vec::new();
    for candidate in links.filter_map(|node| candidate(&node, &base, url)) {
        match places.get(&web::normalised(&candidate.url)) {
            Some(&place) => merge(&mut found[place], candidate),
            None => {
                places.insert(web::normalised(&candidate.url), found.len());
                found.push(candidate);
            }
        }
    }
    found.sort_by_key(|candidate| std::cmp::Reverse(candidate.weight));
    Ok(found)
}

/// Whether `url` is an article's by its shape: surely, or perhaps (some sites give such to lists).
pub fn article_address(url: &Url) -> Option<bool> {
    let address = path_and_query(url);
    if ARTICLE.is_match(&address) {
        return Some(true);
    }
    PERHAPS_ARTICLE.is_match(&address).then_some(false)
}

fn path_and_query(url: &Url) -> String {
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

/// Addresses that scripts on `html` fetch lists from, in page order.
pub fn calls(html: &str, url: &Url) -> Vec<Url> {
    let mut found: Vec<Url> = Vec::new();
    for call in CALL.captures_iter(html) {
        let Some(address) = web::resolve(url, &call[1].replace("&amp;", "&")) else { continue };
        let fits = web::same_site(&address, url)
            && !is_same(&address, url)
            && !web::is_file(&address)
            && LIST_CALL.is_match(address.as_str())
            && !found.contains(&address);
        if fits {
            found.push(address);
        }
    }
    found
}

static CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)(?:\burl|\bdata-[\w-]+|getJSON|\.get|\.ajax|fetch|\.load)\s*[:=(]\s*["']([^"'\s<>{}$]{4,300})["']"#,
    )
    .expect("the pattern is valid")
});

/// Words in the addresses of answers with rows.
static LIST_CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:api|ajax|json|data|service).*(?:list|article|news|query|content|page)|list.*(?:json|ajax)")
        .expect("the pattern is valid")
});

/// The same page linked twice: the name in the menu is the site's own.
fn merge(known: &mut Candidate, other: Candidate) {
    let better = known.name.is_empty() || (other.place > known.place && !other.name.is_empty());
    let weight = known.weight.max(other.weight);
    let parent = known.parent.take();
    if better {
        *known = other;
    }
    known.parent = known.parent.take().or(parent);
    known.weight = weight;
}

fn candidate(node: &NodeRef<'_>, base: &Url, page: &Url) -> Option<Candidate> {
    let mut url = web::resolve(base, &node.attr("href")?)?;
    url.set_fragment(None);
    let elsewhere = !web::same_site(&url, page) || web::is_file(&url);
    if elsewhere || url.path() == "/" && url.query().is_none() || is_same(&url, page) {
        return None;
    }
    let text = text_of(node);
    let more = is_more(&text) || (text.is_empty() && is_more_picture(node));
    let name = if more { block_name(node) } else { without_more(&text) };
    if name.chars().count() > LONGEST_NAME || (!name.is_empty() && is_no_column(&name)) {
        return None;
    }
    let place = match (more || name != text, is_in_menu(node), is_heading(node)) {
        (false, true, _) => Place::Menu,
        (true, ..) | (_, _, true) => Place::Block,
        _ => Place::Page,
    };
    let known = weight(&name);
    let silent = name.is_empty() && !more;
    let address = path_and_query(&url);
    let cut = text.ends_with('…') || text.ends_with("...");
    let unlikely =
        cut || ARTICLE.is_match(&address) || (known <= 20 && PERHAPS_ARTICLE.is_match(&address));
    let length = name.chars().count();
    let stray = match place {
        Place::Menu => false,
        Place::Block => length > LONGEST_HEADING,
        Place::Page => known <= 20 || length > LONGEST_ELSEWHERE,
    };
    if silent || unlikely || stray || date::find(&name, None).is_some() {
        return None;
    }
    let place_weight = match place {
        Place::Menu => 8,
        Place::Block => 10,
        Place::Page => 0,
    };
    let parent = if place == Place::Menu { parent_entry(node, &name) } else { None };
    Some(Candidate { url, name, parent, place, weight: known + place_weight })
}

fn is_same(a: &Url, b: &Url) -> bool {
    web::normalised(a) == web::normalised(b)
}

/// What the link says: its text, its title, or its picture's.
fn text_of(node: &NodeRef<'_>) -> String {
    let attribute =
        |node: &NodeRef<'_>, name: &str| node.attr(name).unwrap_or_default().to_string();
    let own = plain::one_line(&dom::visible_text(node));
    if !own.is_empty() {
        return own;
    }
    let picture = || {
        dom::descendants(node)
            .filter(|inner| inner.has_name("img"))
            .map(|img| plain::one_line(&attribute(&img, "alt")))
            .find(|alt| !alt.is_empty() && !alt.is_ascii())
    };
    let title = plain::one_line(&(attribute(node, "title") + &attribute(node, "alt")));
    if title.is_empty() { picture().unwrap_or_default() } else { title }
}

/// A picture that is called more: `images/more.gif`.
fn is_more_picture(node: &NodeRef<'_>) -> bool {
    let called = |node: &NodeRef<'_>, name: &str| {
        node.attr(name).is_some_and(|value| value.to_ascii_lowercase().contains("more"))
    };
    called(node, "class")
        || dom::descendants(node)
            .any(|inner| inner.has_name("img") && (called(&inner, "src") || called(&inner, "alt")))
}

/// The name of the block whose 更多 `node` is: its `title`, else the heading before it.
pub(super) fn block_name(node: &NodeRef<'_>) -> String {
    let title = without_more(&node.attr("title").unwrap_or_default());
    if fits(&title) {
        return title;
    }
    for above in node.ancestors_it(Some(HEADING_CLIMB)) {
        if above.has_name("body") {
            break;
        }
        if let Some(heading) = heading_before(&above, node) {
            return heading;
        }
        let lines = dom::visible_text(&above);
        let mut lines = lines.lines().map(without_more).filter(|line| !line.is_empty());
        if let (Some(only), None) = (lines.next(), lines.next())
            && fits(&only)
        {
            return only;
        }
    }
    String::new()
}

/// The nearest heading in `block` that stands before `node`.
fn heading_before(block: &NodeRef<'_>, node: &NodeRef<'_>) -> Option<String> {
    dom::descendants(block)
        .take_while(|inner| inner.id != node.id)
        .filter(|inner| is_heading_element(inner))
        .map(|inner| without_more(&dom::visible_text(&inner)))
        .filter(|text| fits(text))
        .last()
}

fn fits(name: &str) -> bool {
    let short = (2..=LONGEST_NAME).contains(&name.chars().count());
    short && !is_more(name) && !is_no_column(name) && date::find(name, None).is_none()
}

fn is_heading_element(node: &NodeRef<'_>) -> bool {
    let name = node.node_name().unwrap_or_default();
    let class = node.class().unwrap_or_default();
    matches!(&*name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dt" | "legend" | "caption")
        || (node.is_element() && HEADING_CLASS.is_match(&class))
}

fn is_heading(node: &NodeRef<'_>) -> bool {
    std::iter::once(*node).chain(node.ancestors_it(Some(3))).any(|node| is_heading_element(&node))
}

static HEADING_CLASS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:^|[\s_-])(?:tit|title|hd|bt|biaoti|tab|tabs|column-?name)(?:[\s_\d-]|$)")
        .expect("the pattern is valid")
});

fn is_in_menu(node: &NodeRef<'_>) -> bool {
    node.ancestors_it(None).any(|above| {
        let words = format!(
            "{} {}",
            above.class().unwrap_or_default(),
            above.attr("id").unwrap_or_default()
        );
        matches!(above.node_name().as_deref(), Some("nav" | "header" | "menu"))
            || (above.is_element() && !above.has_name("body") && MENU_CLASS.is_match(&words))
    }) || stands_in_a_row(node)
}

static MENU_CLASS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:^|[\s_-])(?:nav\w*|\w*nav|\w*menu\w*|daohang|dh|header|head|subnav)(?:[\s_\d-]|$)",
    )
    .expect("the pattern is valid")
});

/// Old pages print their navigation as links between bars, beside 首页.
fn stands_in_a_row(node: &NodeRef<'_>) -> bool {
    let Some(parent) = node.parent() else { return false };
    let beside: Vec<String> = parent
        .children_it(false)
        .filter(|child| child.has_name("a"))
        .map(|link| text_of(&link))
        .collect();
    beside.len() >= 3 && beside.iter().any(|text| text.ends_with("首页"))
}

/// The entry of a nested menu that the entry `name` stands under.
fn parent_entry(node: &NodeRef<'_>, name: &str) -> Option<String> {
    let mut entries =
        node.ancestors_it(None).filter(|above| above.has_name("li") || above.has_name("dl"));
    entries.next()?;
    let above = entries.next()?;
    let text = dom::visible_text(&above);
    let first = without_more(text.lines().next()?);
    (fits(&first) && first != name).then_some(first)
}

/// Addresses of articles.
static ARTICLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)/t\d{6,}|/art_|/\d{6,8}/\w+\.|[0-9a-f]{24,}|[0-9a-f]{8}-[0-9a-f]{4}-|/info/\d+/\d+|/c\d+a\d+/",
    )
    .expect("the pattern is valid")
});

/// Addresses that some sites give to articles, others to lists.
static PERHAPS_ARTICLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)/(?:show|view|detail|article|display|news_?show)\w*[-_./?]|/\d{4,}\.s?html?\?$",
    )
    .expect("the pattern is valid")
});

#[cfg(test)]
mod tests {
    use super::*;

    fn found(html: &str) -> Vec<(String, String, Place)> {
        let url = Url::parse("http://a.test/").unwrap();
        let path = |url: &Url| {
            url.as_str().strip_prefix("http://a.test").unwrap_or(url.as_str()).to_owned()
        };
        let found = candidates(html, &url).unwrap();
        found.into_iter().map(|c| (path(&c.url), c.name, c.place)).collect()
    }

    fn row(path: &str, name: &str, place: Place) -> (String, String, Place) {
        (path.to_owned(), name.to_owned(), place)
    }

    #[test]
    fn the_menu_is_read_and_what_is_no_column_left_out() {
        let html = "<div class=nav><a href=/>首页</a><a href=/bszn/>办事指南</a>\
                    <a href='/tz/'>通知公告</a><a href='/yw/'>要闻</a><a href=/lx.html>联系我们</a>\
                    <a href='http://b.test/'>统战要闻</a><a href='javascript:;'>党建</a>\
                    <a href='/yw/index.html'>工商要闻</a><a href=/a.pdf>政策汇编</a></div>";
        assert_eq!(
            found(html),
            [row("/yw/", "要闻", Place::Menu), row("/tz/", "通知公告", Place::Menu)]
        );
    }

    #[test]
    fn a_block_gives_its_name_to_its_more() {
        for html in [
            "<div class=box><h3>商会动态</h3><a href=/sh/>更多>></a><ul><li><a href=/sh/1.html>\
             某商会召开会员大会选举产生新一届理事会</a></li></ul></div>",
            "<div><div class=hd><span>商会动态</span><a href=/sh/><img src=more.gif></a></div></div>",
            "<table><tr><td><b>商会动态</b></td><td><a href=/sh/>MORE</a></td></tr></table>",
            "<div><a href=/sh/ title=商会动态>更多</a></div>",
            "<div><a href=/sh/>更多商会动态</a></div>",
            "<div class=box><h3>商会动态</h3><ul><li>某商会召开会员大会</li></ul><p><a href=/sh/>\
             查看更多</a></p></div>",
        ] {
            assert_eq!(found(html), [row("/sh/", "商会动态", Place::Block)], "{html}");
        }
        let tabs = "<div><span>要闻</span><i>公告</i><p>两栏</p><a href=/x/>更多</a></div>";
        assert_eq!(found(tabs), [row("/x/", "", Place::Block)]);
    }

    #[test]
    fn scripts_tell_where_rows_come_from() {
        let url = Url::parse("http://a.test/zx.html").unwrap();
        let html = "<script src=/js/list.json.js></script><script>$.getJSON('/api/list?cid=5&page=1');\
                    $.ajax({url: \"/api/news/list?x=1\"});fetch('/api/list?p='+n);\
                    fetch('http://b.test/api/list')</script><ul data-src='/upload/a.jpg'></ul>";
        let found = calls(html, &url);
        let found: Vec<&str> = found.iter().map(|url| url.path()).collect();
        assert_eq!(found, ["/api/list", "/api/news/list", "/api/list"]);
    }

    #[test]
    fn titles_of_articles_are_no_columns() {
        let html = "<ul><li><a href=/a/202611/t20261118_1.html>市工商联召开座谈会</a></li>\
                    <li><a href=/a/1.html>某市工商联召开民营企业家座谈会听取意见</a></li></ul>";
        assert_eq!(found(html), []);
    }

    #[test]
    fn a_nested_menu_tells_the_entry_above() {
        let html = "<ul class=menu><li><a href='#'>资讯中心</a><ul><li><a href=/xw/gz/>工作动态</a>\
                    </li><li><a href=/xw/sh/>商会动态</a></li></ul></li></ul>";
        let url = Url::parse("http://a.test/").unwrap();
        let found = candidates(html, &url).unwrap();
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|c| c.parent.as_deref() == Some("资讯中心")), "{found:?}");
    }

    #[test]
    fn a_bar_of_links_beside_the_home_link_is_a_menu() {
        let html = "<td><a href=index.asp>首页</a> | <a href='list.asp?page=1'>会员风采</a> | \
                    <a href='gg.asp?page=1'>通知公告</a></td>";
        let places: Vec<Place> = found(html).into_iter().map(|found| found.2).collect();
        assert_eq!(places, [Place::Menu, Place::Menu]);
    }
}
