//! What must hold whatever the input: one function a door that takes bytes of strangers.
//!
//! The gate runs them as property tests (`fuzz.rs`), a fuzzer without end (`fuzz/`). They need
//! nothing but the crate.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use lianbo::discover::{self, ListRule};
use lianbo::extract::{self, ArticleRule};
use lianbo::model::{Article, Call, Posted};
use lianbo::normalize;
use lianbo::text::{charset as charsets, date as dates, dom, plain, web};
use url::Url;

/// Elements and attributes that may come out of `extract`.
const ELEMENTS: &[&str] = &[
    "html",
    "head",
    "body",
    "p",
    "h2",
    "h3",
    "h4",
    "table",
    "caption",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "th",
    "td",
    "ul",
    "ol",
    "li",
    "figure",
    "img",
    "figcaption",
    "a",
    "strong",
    "em",
    "sub",
    "sup",
    "br",
    "blockquote",
];
const ATTRIBUTES: &[&str] = &["href", "src", "alt", "style", "colspan", "rowspan", "rel"];

fn url() -> Url {
    "http://a.test/202601/t20260102_7.html".parse().expect("an address")
}

/// New Year's night, when years are easily mistaken.
pub(crate) fn seen() -> DateTime<Utc> {
    "2026-01-01T16:30:00Z".parse().expect("a time")
}

/// Any bytes as an article page.
pub(crate) fn extract(bytes: &[u8]) {
    let Ok(text) = charsets::text(bytes, None) else { return };
    let (url, rule) = (url(), ArticleRule::default());
    let read = extract::read(&text, &url, Some(seen()), &rule);
    if let Ok(told) = extract::explain(&text, &url, Some(seen()), &rule) {
        assert_eq!(told.article, read, "what is explained is what is read");
    }
    if let Ok(article) = read {
        is_sound(&article);
    }
}

/// What every article must be.
pub(crate) fn is_sound(article: &Article) {
    is_line("title", &article.title.value);
    let names = [&article.credit, &article.author, &article.editor, &article.photographer];
    names.into_iter().flatten().for_each(|name| is_line("name", &name.value));
    let steps = article.breadcrumb.iter().flat_map(|found| &found.value);
    steps.for_each(|step| is_line("step", step));
    if let Some(posted) = &article.posted {
        is_date(posted.value);
        assert!(posted.value.at() <= seen() + TimeDelta::days(2), "{}", posted.value);
    }
    assert!((0.0..=1.0).contains(&article.confidence));
    let body = normalize::sanitised(&article.body.value);
    assert_eq!(normalize::sanitised(&body), body, "what is clean stays as it is");
    assert!(
        !body.text.is_empty() || !body.images.is_empty() || !body.attachments.is_empty(),
        "an article says something"
    );
    body.text.lines().for_each(|line| is_line("paragraph", line));
    body.images.iter().for_each(|image| is_web(&image.url));
    let mut files = HashSet::new();
    for file in &body.attachments {
        is_web(&file.url);
        assert!(files.insert(&file.url), "twice: {}", file.url);
    }
    is_tame(&article.body.value.html);
    is_tame(&body.html);
}

/// Markup of the small part of HTML that is written here.
fn is_tame(html: &str) {
    let Ok(document) = dom::parse(html) else { return };
    for node in dom::descendants(&document.root()).filter(|node| node.is_element()) {
        let name = node.node_name().unwrap_or_default();
        assert!(ELEMENTS.contains(&&*name), "<{name}> in {html}");
        for attribute in node.attrs() {
            let (key, value) = (&*attribute.name.local, &*attribute.value);
            assert!(ATTRIBUTES.contains(&key), "{key} of <{name}> in {html}");
            match key {
                "href" | "src" => is_web(&value.parse().expect("an absolute address")),
                "style" => assert!(value.starts_with("text-align:"), "{value}"),
                _ => {}
            }
        }
    }
}

fn is_line(what: &str, text: &str) {
    assert!(!text.is_empty(), "an empty {what}");
    assert_eq!(plain::one_line(text), text, "a {what} is one clean line");
}

fn is_web(url: &Url) {
    assert!(matches!(url.scheme(), "http" | "https") && url.host().is_some(), "{url}");
}

fn is_date(posted: Posted) {
    assert!((1990..2100).contains(&posted.date().year()), "{posted}");
    assert_eq!(posted.to_string().parse::<Posted>().as_ref(), Ok(&posted));
}

/// Any bytes as a list page.
pub(crate) fn discover(bytes: &[u8]) {
    let Ok(text) = charsets::text(bytes, None) else { return };
    let url: Url = "http://a.test/yw/".parse().expect("an address");
    let call = Call::get(url);
    let Ok(listing) = discover::read(&text, &call, Some(seen()), &ListRule::default()) else {
        return;
    };
    let mut pages = HashSet::from([&call]);
    for next in &listing.next {
        is_web(&next.url);
        assert!(pages.insert(next), "twice: {next:?}");
    }
    let mut known = HashSet::new();
    for link in &listing.links {
        // Sitemaps name no titles.
        assert_eq!(plain::one_line(&link.title), link.title, "a title is one clean line");
        is_web(&link.url);
        assert!(known.insert(web::normalised(&link.url)), "twice: {}", link.url);
        if let Some(posted) = link.posted {
            is_date(posted);
        }
    }
}

/// Any text as dates.
pub(crate) fn date(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for seen in [None, Some(seen())] {
        let mut end = 0;
        let all = dates::find_all(&text, seen);
        for spotted in &all {
            assert!(spotted.range.start >= end && spotted.range.start < spotted.range.end);
            assert!(text.get(spotted.range.clone()).is_some(), "cuts a character");
            end = spotted.range.end;
            is_date(spotted.posted);
        }
        assert_eq!(dates::find(&text, seen), all.first().map(|spotted| spotted.posted));
    }
    if let Some(url) = web::resolve(&url(), &text) {
        is_web(&url);
        dates::from_url(&url).into_iter().for_each(is_date);
    }
}

/// Any bytes as text; the first line, where it is short, as the header.
pub(crate) fn charset(bytes: &[u8]) {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let header = std::str::from_utf8(line).ok().filter(|line| line.len() < 60);
    for header in
        [None, header, Some("text/html; charset=gb2312"), Some("text/html; charset=utf-8")]
    {
        let decoded = charsets::decode(bytes, header);
        assert!(decoded.text.len() <= 3 * bytes.len() + 3, "grew from {}", bytes.len());
        if decoded.charset == "UTF-8" && !decoded.lossy {
            let bare = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
            assert_eq!(decoded.text.as_bytes(), bare, "UTF-8 stays as it is");
        }
        if let Ok(text) = charsets::text(bytes, header) {
            assert_eq!(text, decoded.text);
        }
    }
}

/// What pages are made of, broken and whole; one entry a byte of the recipe.
const FRAGMENTS: &[&[u8]] = &[
    b"<title>",
    b"</title>",
    b"<h1>",
    b"</h1>",
    b"<h2 class=title>",
    b"<div>",
    b"</div>",
    b"<div class=TRS_Editor>",
    b"<div id=zoom>",
    b"<div class='content article'>",
    b"<p>",
    b"</p>",
    b"<p style='text-align:center'>",
    b"<br>",
    b"<span>",
    b"</span>",
    b"<b>",
    b"</b>",
    b"<font>",
    b"<table>",
    b"</table>",
    b"<tr>",
    b"<td>",
    b"<td colspan=2>",
    b"<th>",
    b"<caption>",
    b"<ul>",
    b"</ul>",
    b"<ol>",
    b"<li>",
    b"</li>",
    b"<a href=/1.html>",
    b"<a href='t20260102_5.html'>",
    b"<a href=javascript:x()>",
    b"<a href=a.pdf>",
    b"<a href=//b.test/x appendix=true>",
    b"</a>",
    b"<img src=a.jpg>",
    b"<img src='data:image/png;base64,x' data-src=b.png alt='<x>'>",
    b"<img src=x onerror=alert(1)>",
    b"<svg onload=alert(1)>",
    b"<math>",
    b"<iframe src=x>",
    b"<script>var a='</p>';",
    b"</script>",
    b"<style>",
    b"</style>",
    b"<template>",
    b"<select>",
    b"<textarea>",
    b"<noscript>",
    b"<frameset>",
    b"<form>",
    b"<input value=x>",
    b"<base href=/x/>",
    b"<base href='javascript:x'>",
    b"<meta name=PubDate content='2026-01-02'>",
    b"<meta name=ContentSource content='\xE5\x95\x86\xE4\xBC\x9A'>",
    b"<meta charset=gb2312>",
    b"<meta charset=utf-8>",
    b"<meta property=og:title content=x>",
    b"<!--",
    b"-->",
    b"<!-- content begin -->",
    b"<!-- content end -->",
    b"<![CDATA[",
    b"]]>",
    b"<datastore>",
    b"<record>",
    b"</record>",
    b"</datastore>",
    b"<",
    b">",
    b"\"",
    b"'",
    b"&lt;script&gt;",
    b"&#0;",
    b"&#x110000;",
    b"&nbsp;",
    b"&amp",
    b"\0",
    b"\r\n",
    b" ",
    b"2026-01-02",
    b"2020-13-45",
    b"2099-12-31 23:59",
    b"[12-31]",
    b"\xB9\xA4\xC9\xCC\xC1\xAA",
    b"\xC1",
    b"\xFF\xFE",
    "来源：".as_bytes(),
    "作者：张三".as_bytes(),
    "责任编辑：李四".as_bytes(),
    "发布时间：".as_bytes(),
    "市工商联召开会议".as_bytes(),
    "市商会".as_bytes(),
    "会议指出，要办好实事，听取意见。".as_bytes(),
    "首页 > 要闻 > 正文".as_bytes(),
    "当前位置：".as_bytes(),
    "下一页".as_bytes(),
    "上一篇：".as_bytes(),
    "相关阅读".as_bytes(),
    "附件：".as_bytes(),
    "（市商会）".as_bytes(),
    "图为现场".as_bytes(),
    "12月31日".as_bytes(),
    "昨天".as_bytes(),
    "\u{3000}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{202e}".as_bytes(),
    "𠮷".as_bytes(),
];

/// The page that `recipe` makes; a byte above the fragments stands for itself.
pub(crate) fn soup(recipe: &[u8]) -> Vec<u8> {
    let each = |byte: &u8| match FRAGMENTS.get(usize::from(*byte)) {
        Some(fragment) => fragment.to_vec(),
        None => vec![*byte],
    };
    recipe.iter().flat_map(each).collect()
}
