//! Where the next list pages are: as declared, as the page's script counts, as its pager shows.

use std::sync::LazyLock;

use dom_query::Document;
use regex::Regex;
use url::Url;

use super::{MAX_CALLS, pager};
use crate::model::Call;
use crate::text::alternative::Selector;
use crate::text::{dom, web};

/// Addresses of the next list pages, as a rule declares them.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    /// Relative address with `{n}`: `index_{n}.html`, `list.asp?page={n}`.
    pub template: Option<String>,
    /// The number of the second page (`1` for TRS, `2` elsewhere).
    pub second: u32,
    /// What the number grows by from page to page; 0 counts as 1.
    pub step: u32,
    /// The numbers count down: the second page has the highest, which the page's own links show.
    pub descending: bool,
    /// The link to the next page.
    pub next: Option<Selector>,
    /// At most so many pages are named.
    pub max_pages: u32,
}

/// The next list pages after the one that answered `call`, nearest first.
pub(super) fn pages(
    html: &str,
    document: &Document,
    call: &Call,
    paging: Option<&Paging>,
) -> Vec<Call> {
    let base = dom::base(document, &call.url);
    let limit = paging.map_or(MAX_CALLS, |paging| paging.max_pages as usize);
    let declared = paging.and_then(|paging| declared(paging, document, call, &base));
    let called = counted(html, &call.url);
    let mut pages = match (declared, called) {
        // The template says how, the page says how many.
        (Some(mut declared), Some(called)) => {
            declared.truncate(called.len());
            declared
        }
        (Some(pages), None) | (None, Some(pages)) => pages,
        (None, None) => pager::next(document, call, &base).into_iter().collect(),
    };
    let elsewhere = |page: &Call| {
        !page.form.is_empty() || web::normalised(&page.url) != web::normalised(&call.url)
    };
    pages.retain(elsewhere);
    pages.truncate(limit);
    pages
}

fn declared(paging: &Paging, document: &Document, call: &Call, base: &Url) -> Option<Vec<Call>> {
    if let Some(selector) = &paging.next {
        let links = selector.all(&document.root());
        return Some(
            links
                .iter()
                .find_map(|link| pager::target(link, document, call, base))
                .into_iter()
                .collect(),
        );
    }
    let template = paging.template.as_deref()?;
    let (here, before) = number_in(&call.url, template).unzip();
    let page = |n: u32| {
        let filled = template.replace("{n}", &n.to_string());
        // What is relative to the first page is so to none that lies in a folder of its own.
        let before = before.as_deref().map(|before| format!("{before}{}", bare(&filled)));
        web::resolve(&call.url, before.as_deref().unwrap_or(&filled))
    };
    let step = paging.step.max(1);
    let count = u32::try_from(MAX_CALLS).unwrap_or(u32::MAX).min(paging.max_pages);
    let numbers: Vec<u32> = if paging.descending {
        let shown = dom::descendants(&document.root())
            .filter_map(|node| web::resolve(base, &node.attr("href")?))
            .filter_map(|url| number_in(&url, template).map(|(number, _)| number));
        let last = here.map(|here| here.saturating_sub(step)).or_else(|| shown.max())?;
        (1..=last).rev().step_by(step as usize).take(count as usize).collect()
    } else {
        let first = here.map_or(paging.second, |here| here.saturating_add(step));
        (first..).step_by(step as usize).take(count as usize).collect()
    };
    Some(numbers.into_iter().filter_map(page).map(Call::get).collect())
}

/// The number that `url` has where `template` has `{n}`, and what stands before the template.
fn number_in(url: &Url, template: &str) -> Option<(u32, String)> {
    let template = bare(template);
    let pattern = regex::escape(template).replace(r"\{n\}", r"(\d{1,6})");
    let pattern = Regex::new(&format!("{pattern}$")).ok()?;
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let text = url.path().to_owned() + &query;
    let found = pattern.captures(&text)?;
    let before = &text[..found.get(0)?.start()];
    let whole = before.ends_with('/') || before.is_empty() || template.starts_with(['/', '?']);
    if whole { Some((found[1].parse().ok()?, before.to_owned())) } else { None }
}

/// A relative address without the dots that it may begin with.
fn bare(template: &str) -> &str {
    template.trim_start_matches("./").trim_start_matches("../")
}

/// What the page's own script counts.
fn counted(html: &str, url: &Url) -> Option<Vec<Call>> {
    if let Some((count, current, stem, ending)) = set(html) {
        return Some(numbered(count, current, &stem, &ending, url));
    }
    let (count, current, stem, ending) = match CALL.captures(html) {
        Some(call) => {
            let (mut count, current): (u32, u32) = (call[2].parse().ok()?, call[3].parse().ok()?);
            // With the name of a place to write to, pages are counted from 1.
            count += u32::from(call.get(1).is_some());
            (count, current, call[4].to_owned(), call[5].to_owned())
        }
        None => {
            let value = |pattern: &Regex| pattern.captures(html)?[1].parse::<u32>().ok();
            let name = NAME.captures(html)?;
            (value(&COUNT)?, value(&CURRENT)?, name[1].to_owned(), name[2].to_owned())
        }
    };
    Some(numbered(count, current, &stem, &ending, url))
}

fn numbered(count: u32, current: u32, stem: &str, ending: &str, url: &Url) -> Vec<Call> {
    let page = |n: u32| web::resolve(url, &format!("{stem}_{n}.{ending}"));
    (current.saturating_add(1)..count).take(MAX_CALLS).filter_map(page).map(Call::get).collect()
}

/// The same numbers where the page sets names to them first, or hands them to a `Pager`.
fn set(html: &str) -> Option<(u32, u32, String, String)> {
    let value = |name: &str| -> Option<u32> {
        let pattern = format!(r"\b{name}\s*=\s*(\d{{1,6}})\b");
        Regex::new(&pattern).ok()?.captures(html)?[1].parse().ok()
    };
    if let Some(call) = NAMED_CALL.captures(html) {
        return Some((value(&call[1])?, value(&call[2])?, call[3].to_owned(), call[4].to_owned()));
    }
    if let Some(call) = PAGER_CALL.captures(html) {
        let (count, current) = (call[1].parse().ok()?, call[2].parse().ok()?);
        return Some((count, current, call[3].to_owned(), call[4].to_owned()));
    }
    let text = |name: &str| -> Option<String> {
        let pattern = format!(r#"\b{name}\s*=\s*["']([\w-]+)["']"#);
        Some(Regex::new(&pattern).ok()?.captures(html)?[1].to_owned())
    };
    // Most pages have none of these names.
    if !html.contains("m_nRecordCount") {
        return None;
    }
    let size = value("m_nPageSize").filter(|size| *size > 0)?;
    let count = value("m_nRecordCount")?.div_ceil(size);
    Some((count, value("m_nCurrPage")?, text("m_sPageName")?, text("m_sPageExt")?))
}

/// `createPageHTML(countPage, currentPage, "index", "html")`.
static NAMED_CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"createPageHTML\(\s*([A-Za-z_]\w*)\s*,\s*([A-Za-z_]\w*)\s*,\s*["']([\w-]+)["']\s*,\s*["'](\w+)["']"#)
        .expect("the pattern is valid")
});
/// `Pager({size:12, current:0, prefix:'index', suffix:'html'})`.
static PAGER_CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\bPager\(\{\s*size:\s*(\d{1,6})\s*,\s*current:\s*(\d{1,6})\s*,\s*prefix:\s*["']([\w-]+)["']\s*,\s*suffix:\s*["'](\w+)["']"#)
        .expect("the pattern is valid")
});

/// `createPageHTML(25, 0, "index", "html")`: 25 pages, this is the first; the second is
/// `index_1.html`. `createPageHTML("page", 25, 1, "index", "html")`: the second is `index_2.html`.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"createPageHTML\(\s*(["'][\w-]*["']\s*,\s*)?(\d{1,6})\s*,\s*(\d{1,6})\s*,\s*["']([\w-]+)["']\s*,\s*["'](\w+)["']"#)
        .expect("the pattern is valid")
});
/// The same in the older templates, which write the links themselves:
/// `var countPage = 25; var currentPage = 0; … "index_" + nextPage + ".html"`.
static COUNT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\bcountPage\s*=\s*(\d{1,6})").expect("the pattern is valid"));
static CURRENT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\bcurrentPage\s*=\s*(\d{1,6})").expect("the pattern is valid"));
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"([\w-]+)_["']\s*\+\s*\w+\s*\+\s*["']\.(s?html?)"#).expect("the pattern is valid")
});

#[cfg(test)]
mod tests {
    use super::*;

    fn next(html: &str, url: &str, paging: Option<Paging>) -> Vec<String> {
        let document = Document::from(html);
        let pages = pages(html, &document, &Call::get(url.parse().unwrap()), paging.as_ref());
        pages
            .iter()
            .map(|page| page.url.path().to_owned() + page.url.query().unwrap_or_default())
            .collect()
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
        assert_eq!(next(&many, "http://a.test/zt/", None).len(), MAX_CALLS);
        let placed = "<script>createPageHTML('page_div', 4, 2, 'index', 'shtml', 60);</script>";
        let pages = ["/zt/index_3.shtml", "/zt/index_4.shtml"];
        assert_eq!(next(placed, "http://a.test/zt/index_2.shtml", None), pages);
        let older = "<script>var currentPage = 0; var countPage = 3 ; \
            document.write('<a href=\"index_' + nextPage + '.html\">下一页</a>')</script>";
        let pages = ["/zt/index_1.html", "/zt/index_2.html"];
        assert_eq!(next(older, "http://a.test/zt/", None), pages);
        for html in [
            "<script>var n=3;var c = 0;createPageHTML(n, c,\"index\",\"html\");</script>",
            "<script>Pager({size:3,current:0,prefix:'index',suffix:'html'});</script>",
            "<script>var m_nRecordCount = 41; var m_nCurrPage = 0; var m_nPageSize = 20;\
                var m_sPageName = 'index'; var m_sPageExt = 'html';</script>",
        ] {
            assert_eq!(next(html, "http://a.test/zt/", None), pages, "{html}");
        }
    }

    #[test]
    fn a_template_counts_on_from_here() {
        let template = |template: &str| Paging {
            template: Some(template.to_owned()),
            second: 2,
            max_pages: 3,
            ..Paging::default()
        };
        let paging = || Some(template("list.asp?page={n}"));
        assert_eq!(
            next("", "http://a.test/x/list.asp", paging()),
            ["/x/list.asppage=2", "/x/list.asppage=3", "/x/list.asppage=4"]
        );
        assert_eq!(next("", "http://a.test/x/list.asp?page=30", paging())[0], "/x/list.asppage=31");
        let html = "<script>createPageHTML(2,0,'index','html')</script>";
        assert_eq!(next(html, "http://a.test/x/", paging()), ["/x/list.asppage=2"]);
        let steps = Paging { second: 20, step: 20, ..template("?start={n}") };
        assert_eq!(
            next("", "http://a.test/x/", Some(steps)),
            ["/x/start=20", "/x/start=40", "/x/start=60"]
        );
    }

    #[test]
    fn numbers_may_count_down() {
        let paging = || {
            Some(Paging {
                template: Some("tzgg/{n}.htm".to_owned()),
                descending: true,
                max_pages: 2,
                ..Paging::default()
            })
        };
        let html =
            "<a href=tzgg/11.htm>下页</a><a href=tzgg/1.htm>尾页</a><a href=info/9999.htm>x</a>";
        let pages = ["/xw/tzgg/11.htm", "/xw/tzgg/10.htm"];
        assert_eq!(next(html, "http://a.test/xw/tzgg.htm", paging()), pages);
        let pages = ["/xw/tzgg/10.htm", "/xw/tzgg/9.htm"];
        assert_eq!(next(html, "http://a.test/xw/tzgg/11.htm", paging()), pages);
        assert_eq!(next("<p>x", "http://a.test/xw/tzgg.htm", paging()), [""; 0]);
    }

    #[test]
    fn a_declared_link() {
        let next_link = Some(Selector::new(".next a").unwrap());
        let paging = Paging { next: next_link, max_pages: 9, ..Paging::default() };
        let html = "<a href=x>下一页</a><div class=next><a href='?p=3'>后退</a></div>";
        assert_eq!(next(html, "http://a.test/x?p=2", Some(paging)), ["/xp=3"]);
    }
}
