//! Where the next list pages are.

use std::sync::LazyLock;

use dom_query::Document;
use regex::Regex;
use url::Url;

use super::Paging;
use super::anchor::text_of;
use crate::text::{dom, web};

/// Pages named where the page tells their number and no rule limits it.
const MAX_PAGES: u32 = 50;

/// The next list pages after the one at `url`, nearest first.
pub(super) fn pages(
    html: &str,
    document: &Document,
    url: &Url,
    paging: Option<&Paging>,
) -> Vec<Url> {
    let called = TRS.captures(html).and_then(|call| trs(&call, url, paging));
    let declared = paging.map(|paging| by_template(paging, url));
    let mut pages = match (declared, called) {
        // The template says how, the page says how many.
        (Some(declared), Some(called)) => declared.into_iter().take(called.len()).collect(),
        (Some(pages), None) | (None, Some(pages)) => pages,
        (None, None) => by_name(document, url).into_iter().collect(),
    };
    pages.retain(|page| web::same_site(page, url) && web::normalised(page) != web::normalised(url));
    pages
}

fn by_template(paging: &Paging, url: &Url) -> Vec<Url> {
    let page = |n: u32| web::resolve(url, &paging.template.replace("{n}", &n.to_string()));
    let last = paging.second.saturating_add(paging.max_pages);
    let numbers = paging.second..last;
    let here = numbers
        .clone()
        .find(|&n| page(n).is_some_and(|page| web::normalised(&page) == web::normalised(url)));
    let first = here.map_or(paging.second, |here| here + 1);
    (first..last).filter_map(page).collect()
}

/// `createPageHTML(25, 0, "index", "html")`: 25 pages, this is the first; the second is
/// `index_1.html`.
static TRS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"createPageHTML\(\s*(\d{1,6})\s*,\s*(\d{1,6})\s*,\s*["']([\w-]+)["']\s*,\s*["'](\w+)["']"#)
        .expect("the pattern is valid")
});

fn trs(call: &regex::Captures<'_>, url: &Url, paging: Option<&Paging>) -> Option<Vec<Url>> {
    let count: u32 = call[1].parse().ok()?;
    let current: u32 = call[2].parse().ok()?;
    let limit = paging.map_or(MAX_PAGES, |paging| paging.max_pages);
    let last = count.min(current.saturating_add(1).saturating_add(limit));
    let page = |n: u32| web::resolve(url, &format!("{}_{n}.{}", &call[3], &call[4]));
    Some((current + 1..last).filter_map(page).collect())
}

fn by_name(document: &Document, url: &Url) -> Option<Url> {
    let base = dom::base(document, url);
    let links = document.select("a[href], link[rel=next][href]");
    links.iter().find_map(|link| {
        let node = link.nodes().first()?;
        let is_next = node.attr("rel").as_deref() == Some("next") || {
            let text = text_of(node);
            let text = text.trim_matches(['[', ']', '<', '>', '《', '》', ' ']).to_lowercase();
            let bare = matches!(text_of(node).as_str(), ">" | "›" | "»" | "＞");
            bare || matches!(
                text.as_str(),
                "下一页" | "下页" | "后一页" | "下一頁" | "next" | "next page"
            )
        };
        let page = web::resolve(&base, &node.attr("href")?).filter(|_| is_next)?;
        (web::normalised(&page) != web::normalised(url)).then_some(page)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(html: &str, url: &str, paging: Option<Paging>) -> Vec<String> {
        let document = Document::from(html);
        let pages = pages(html, &document, &url.parse().unwrap(), paging.as_ref());
        pages.iter().map(|page| page.path().to_owned() + page.query().unwrap_or_default()).collect()
    }

    #[test]
    fn trs_says_how_many_there_are() {
        let html = "<script>createPageHTML(4, 0, \"index\", \"html\");</script>";
        let pages = ["/zt/index_1.html", "/zt/index_2.html", "/zt/index_3.html"];
        assert_eq!(next(html, "http://a.test/zt/", None), pages);
        let third = html.replace("4, 0", "4,2");
        assert_eq!(next(&third, "http://a.test/zt/index_2.html", None), pages[2..]);
        let single = html.replace("4, 0", "1, 0");
        assert_eq!(next(&single, "http://a.test/zt/", None), [""; 0]);
        let huge = html.replace("4, 0", "999999, 999998");
        assert_eq!(next(&huge, "http://a.test/zt/", None), [""; 0]);
        let many = html.replace("4, 0", "999999, 0");
        assert_eq!(next(&many, "http://a.test/zt/", None).len(), 50);
    }

    #[test]
    fn a_template_counts_on_from_here() {
        let paging =
            || Some(Paging { template: "list.asp?page={n}".to_owned(), second: 2, max_pages: 3 });
        assert_eq!(
            next("", "http://a.test/x/list.asp", paging()),
            ["/x/list.asppage=2", "/x/list.asppage=3", "/x/list.asppage=4"]
        );
        assert_eq!(next("", "http://a.test/x/list.asp?page=3", paging()), ["/x/list.asppage=4"]);
        let html = "<script>createPageHTML(2,0,'index','html')</script>";
        assert_eq!(next(html, "http://a.test/x/", paging()), ["/x/list.asppage=2"]);
    }

    #[test]
    fn a_link_called_next_page() {
        for html in [
            "<a href='?p=1'>上一页</a><a href='?p=3'>下一页</a>",
            "<a href='?p=3'>[下页]</a>",
            "<a href='?p=3'>下一页 &gt;</a>",
            "<a href='?p=2'>2</a><a href='?p=3'>&gt;</a>",
            "<link rel=next href='?p=3'>",
            "<a href='javascript:go(3)'>下一页</a><a href='?p=3'>Next</a>",
        ] {
            assert_eq!(next(html, "http://a.test/x?p=2", None), ["/xp=3"], "{html}");
        }
        for html in [
            "<a href='#'>下一页</a>",
            "<a href='?p=2'>下一页</a>",
            "<a href='http://b.test/'>下一页</a>",
        ] {
            assert_eq!(next(html, "http://a.test/x?p=2", None), [""; 0], "{html}");
        }
    }
}
