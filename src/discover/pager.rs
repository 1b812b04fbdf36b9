//! Pagers as pages show them: a link called 下一页, or the number after this one.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dom_query::{Document, NodeRef};
use percent_encoding::percent_decode_str;
use regex::Regex;
use url::Url;

use super::anchor::text_of;
use super::{button, count, script};
use crate::model::Call;
use crate::text::{dom, web};

/// The next list page that the pager of `document` leads to.
pub(super) fn next(document: &Document, call: &Call, base: &Url) -> Option<Call> {
    let here = |next: &Call| {
        next.form.is_empty() && web::normalised(&next.url) == web::normalised(&call.url)
    };
    shown(document, call, base)
        .or_else(|| in_disguise(document, call, base))
        .filter(|next| !here(next))
}

/// By its name, its class or its number; an arrow that has none of them comes last.
fn shown(document: &Document, call: &Call, base: &Url) -> Option<Call> {
    by(button::is_next, document, call, base)
        .or_else(|| {
            by(button::is_classed_next, document, call, base).filter(|next| leads_on(next, call))
        })
        .or_else(|| by_number(document, call, base))
        .or_else(|| by(button::is_more, document, call, base).filter(|next| leads_on(next, call)))
        .or_else(|| by(button::is_arrow, document, call, base))
        .or_else(|| unseen(document, base).filter(|next| leads_on(next, call)))
}

fn by(
    is_it: impl Fn(&NodeRef<'_>) -> bool,
    document: &Document,
    call: &Call,
    base: &Url,
) -> Option<Call> {
    dom::descendants(&document.root())
        .filter(|node| {
            let name = node.node_name();
            matches!(name.as_deref(), Some("a" | "link" | "span" | "li" | "button" | "input"))
        })
        .filter(is_it)
        .find_map(|node| target(&node, document, call, base))
}

/// The address that a list which grows when scrolled keeps for its script.
fn unseen(document: &Document, base: &Url) -> Option<Call> {
    let places = document.select("[data-next], [data-next-url]");
    places.nodes().iter().find_map(|place| {
        let address = place.attr("data-next").or_else(|| place.attr("data-next-url"))?;
        address.contains(['/', '?']).then(|| web::resolve(base, &address).map(Call::get))?
    })
}

/// The link, or the option of a menu, with the number after this page's.
fn by_number(document: &Document, call: &Call, base: &Url) -> Option<Call> {
    let numbered: Vec<(u32, NodeRef<'_>)> = dom::descendants(&document.root())
        .filter(|node| matches!(node.node_name().as_deref(), Some("a" | "option")))
        .filter_map(|node| Some((button::page_number(&text_of(&node))?, node)))
        .collect();
    let here = count::number(call).or_else(|| in_path(call.url.path()));
    // On the first page, whatever its address says, its own number may stand without a link.
    let wanted =
        here.filter(|here| numbered.iter().any(|(n, _)| *n == here + 1)).map_or(2, |here| here + 1);
    let beside = |number: u32| numbered.iter().any(|(n, _)| *n == number);
    // This page's own number is hardly ever a link.
    let around = || here.is_some() && wanted > 2 && beside(wanted - 2);
    let is_pager = beside(wanted) && (beside(wanted + 1) || beside(wanted - 1) || around());
    let found = numbered.iter().filter(|(n, _)| *n == wanted && is_pager);
    found
        .filter_map(|(_, node)| target(node, document, call, base))
        .find(|next| leads_on(next, call))
}

/// True where `next` is another page of the same list: its address differs in figures and in what
/// they stand in only.
fn leads_on(next: &Call, call: &Call) -> bool {
    let folder = |url: &Url| {
        let path = FOLDER.replace(url.path(), "/");
        path.rsplit_once('/').map(|(folder, _)| folder.to_owned())
    };
    !next.form.is_empty()
        || folder(&next.url).is_some_and(|own| {
            Some(&own) == folder(&call.url).as_ref()
                || own
                    .starts_with(call.url.path().trim_end_matches(".htm").trim_end_matches(".html"))
        })
}

/// The number at the end of `index_2.html` or `page/2/`.
fn in_path(path: &str) -> Option<u32> {
    let found = PAGE.captures(path).or_else(|| FOLDER.captures(path))?;
    found[1].parse().ok()
}

static FOLDER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"/page/(\d{1,5})/?$").expect("the pattern is valid"));
static PAGE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[_-]?(\d{1,5})\.\w+$").expect("the pattern is valid"));

/// Where a link of a pager leads: its address, the one its script names, or a form sent back.
pub(super) fn target(
    node: &NodeRef<'_>,
    document: &Document,
    call: &Call,
    base: &Url,
) -> Option<Call> {
    let attribute = |name: &str| {
        node.attr(name).map(|value| value.to_string()).filter(|value| !value.is_empty())
    };
    let is_option = node.has_name("option");
    // The value of an option may be a bare number.
    let value = attribute("value").filter(|_| is_option);
    if let Some(number) = value.as_deref().filter(|text| !text.contains(['.', '/', '?'])) {
        return script::chosen(node, number, document, base);
    }
    let url = ["href", "data-href", "data-url", "tagname"]
        .into_iter()
        .filter_map(attribute)
        .chain(value)
        .filter(|text| text != "#")
        .find_map(|text| web::resolve(base, &text));
    if let Some(url) = url {
        return Some(Call::get(url));
    }
    let script =
        attribute("href").filter(|text| text.to_ascii_lowercase().starts_with("javascript:"));
    let scripts = script.into_iter().chain(attribute("onclick"));
    let by_script = scripts.into_iter().find_map(|script| {
        if let Some(sent) = POST_BACK.captures(&script) {
            return Some(post_back(&sent[1], &sent[2], document, call));
        }
        let named = QUOTED.captures_iter(&script).map(|found| found[1].to_owned());
        let found = named.into_iter().find(|text| ADDRESS.is_match(text));
        let url = found.and_then(|found| web::resolve(base, &found));
        url.map(Call::get).or_else(|| script::called(&script, document, base))
    });
    by_script.or_else(|| script::pressed(node, base))
}

static QUOTED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"["']([^"'\s<>]+)["']"#).expect("the pattern is valid"));
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\.(?:s?html?|aspx?|php|jsp|do)(?:$|\?)|^[/?]|[?&]\w+=\d").expect("valid")
});
static POST_BACK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"__doPostBack\(\s*(?:&#39;|['"])([^'"]*?)(?:&#39;|['"])\s*,\s*(?:&#39;|['"])([^'"]*?)(?:&#39;|['"])"#)
        .expect("the pattern is valid")
});

/// The form of an ASP.NET page, sent back as its script does.
fn post_back(what: &str, argument: &str, document: &Document, call: &Call) -> Call {
    let mut form = script::hidden(&document.root());
    form.retain(|(name, _)| !matches!(name.as_str(), "__EVENTTARGET" | "__EVENTARGUMENT"));
    form.insert(0, ("__EVENTARGUMENT".to_owned(), argument.to_owned()));
    form.insert(0, ("__EVENTTARGET".to_owned(), what.to_owned()));
    Call { url: call.url.clone(), form, by_script: false }
}

/// Some sites write their pager as Base64 of a percent-encoded text into `#pages`.
fn in_disguise(document: &Document, call: &Call, base: &Url) -> Option<Call> {
    let places = document.select("#pages, .pages, #page, .page");
    places.nodes().iter().find_map(|place| {
        let text: String = text_of(place).chars().filter(|c| !c.is_whitespace()).collect();
        let bytes = STANDARD.decode(&text).ok().filter(|bytes| bytes.len() > 20)?;
        let html =
            percent_decode_str(std::str::from_utf8(&bytes).ok()?).decode_utf8().ok()?.into_owned();
        let inner = dom::parse(&html).ok()?;
        shown(&inner, call, base)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn leads(html: &str, url: &str, wanted: &str) {
        let call = Call::get(url.parse().unwrap());
        let next = next(&Document::from(html), &call, &call.url);
        let said =
            next.map(|next| next.url.as_str().replace("http://a.test", "")).unwrap_or_default();
        assert_eq!(said, wanted, "{html}");
    }

    #[test]
    fn a_link_called_next_page() {
        for html in [
            "<a href='?p=1'>上一页</a><a href='?p=3'>下一页</a>",
            "<a href='?p=3'>[下页]</a>",
            "<a href='?p=3'>下一页 &gt;</a>",
            "<a href='?p=3'>下一页&gt;&gt;</a>",
            "<a href='?p=2'>2</a><a href='?p=3'>&gt;</a>",
            "<a href='?p=3' title='下一页'><img src=n.gif></a>",
            "<link rel=next href='?p=3'>",
            "<a href='javascript:go(3)'>下一页</a><a href='?p=3'>Next</a>",
            "<a href='javascript:;' onclick=\"location.href='?p=3'\">下一页</a>",
            "<a href=\"javascript:gotoPage('/x?p=3', 15)\">下一页</a>",
            "<span class=p onclick=\"queryArticleByCondition(this,'/x?p=3')\">下一页</span>",
            "<a tagname='/x?p=3' href=#>下页</a>",
            "<a href='javascript:;' data-href='?p=3'>下 一 页</a>",
            "<a href='?p=3'>【下一页】(3) →</a>",
            "<a href='?p=3'>|NextPage|</a>",
            "<a href='?p=3'>较早文章</a>",
            "<a href='?p=3'>点击加载更多</a>",
            "<a href='?p=3'><img src=n.gif alt=下一页></a>",
            "<a class=prev href='?p=1'></a><a class='next page-numbers' href='?p=3'>→</a>",
            "<ul><li class=prev><a href='?p=1'></a><li class=next><a href='?p=3'><i></i></a></ul>",
            "<h3>热点<a href='/zt/'>&gt;</a></h3><a href='?p=3'>下一页</a>",
            "<p>首页 <a href='/dt/'>»</a> 动态<p><a href='?p=1'>上一页</a><a href='?p=3'>→</a>",
            "<div class=page><a href='?p=3'>&gt;&gt;</a></div>",
            "<input type=button value=下一页 onclick=\"location.href='?p=3'\">",
            "<form><input type=hidden name=p value=3><input type=submit value=下一页></form>",
            "<a href='javascript:to(3)'>下一页</a><script>function to(n){location.href='/x?p='+n;}</script>",
            "<form action=/x><input type=hidden name=p value=2><a href=# onclick='to(3)'>下一页</a></form>\
                <script>function to(n){document.forms[0].p.value=n;document.forms[0].submit();}</script>",
            "<select onchange=\"location='/x?p='+this.value\"><option value=2>2<option value=3>3</select>",
            "<div data-next='/x?p=3'></div>",
        ] {
            leads(html, "http://a.test/x?p=2", "/x?p=3");
        }
        for html in [
            "<a href='#'>下一页</a>",
            "<a href='?p=2'>下一页</a>",
            "<a href='javascript:go()'>下一页</a>",
            "<h3>热点<a href='/zt/'>&gt;</a></h3>",
            "<p><a href='?m=1'>&lt;</a>十一月<a href='?m=3'>&gt;</a></p>",
            "<a class=next href='/zt/'></a>",
            "<a href='?p=1' class=prev></a>",
            "<select><option value=2>2<option value=3>3</select>",
            "<a href='javascript:to(3)'>下一页</a><script>function to(n){location.href='/x?p='+n+'&q='+q;}</script>",
            "<p>下一页</p>",
        ] {
            leads(html, "http://a.test/x?p=2", "");
        }
    }

    #[test]
    fn the_number_after_this_one() {
        let pager = "<a href=index.html>1</a><a href=index_2.html>2</a><a href=index_3.html>3</a>";
        leads(pager, "http://a.test/yw/", "/yw/index_2.html");
        leads(pager, "http://a.test/yw/index_2.html", "/yw/index_3.html");
        leads(
            "<b>1</b><a href='l.asp?page=2'>[2]</a><a href='l.asp?page=3'>[3]</a>",
            "http://a.test/l.asp",
            "/l.asp?page=2",
        );
        let menu =
            "<select><option value=index.html>第1页<option value=index_2.html>第2页</select>";
        leads(menu, "http://a.test/yw/", "/yw/index_2.html");
        let folders = "<a href=/yw/>1</a><b>2</b><a href=/yw/page/3/><i>页</i> 3</a>";
        leads(folders, "http://a.test/yw/page/2/", "/yw/page/3/");
        // Days of a calendar, chapters of another page.
        leads(
            "<a href='/c/1.html'>1</a><a href='/c/2.html'>2</a><a href='/c/3.html'>3</a>",
            "http://a.test/yw/",
            "",
        );
        leads("<a href='2.html'>2</a>", "http://a.test/yw/", "");
    }

    #[test]
    fn forms_are_sent_back() {
        let html = "<form><input type=hidden name=__VIEWSTATE value='a+b'><input type=hidden name=__EVENTTARGET value=''>\
            <input name=q><a href=\"javascript:__doPostBack('Pager1','2')\">下一页</a></form>";
        let call = Call::get("http://a.test/l.aspx".parse().unwrap());
        let next = next(&Document::from(html), &call, &call.url).unwrap();
        let form: Vec<String> =
            next.form.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(form, ["__EVENTTARGET=Pager1", "__EVENTARGUMENT=2", "__VIEWSTATE=a+b"]);
        assert_eq!(next.url, call.url);
        assert!(!next.by_script);
    }

    #[test]
    fn a_pager_in_disguise() {
        let pager = "%3Ca%20href%3D%22list_2.html%22%3E%E4%B8%8B%E4%B8%80%E9%A1%B5%3C%2Fa%3E";
        let html = format!("<div id=pages>{}</div>", STANDARD.encode(pager));
        leads(&html, "http://a.test/yw/", "/yw/list_2.html");
        leads("<div id=pages>12345678901234567890123456789012</div>", "http://a.test/yw/", "");
    }
}
