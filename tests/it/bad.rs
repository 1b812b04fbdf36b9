//! Bad input by name: each is read or rejected by a name, within bounds.

use std::fs;
use std::path::Path;

use lianbo::discover::{self, ListRule};
use lianbo::extract::{self, ArticleRule};
use lianbo::model::{Article, Call, Rejection};
use lianbo::text::{charset, dom};
use url::Url;

use super::ground::{Ground, article_html, items, list_html, once, page};
use super::targets;

const TEXT: &str = "会议指出，要把企业家的建议梳理成清单，实行销号管理，切实办好实事。";

/// An article with `info` below its title and `more` behind its text.
fn article(info: &str, more: &str) -> String {
    format!(
        "<title>市工商联召开座谈会</title><h1>市工商联召开座谈会</h1><p>{info}</p>\
         <div id=zoom><p>{TEXT}</p><p>{TEXT}</p>{more}</div>"
    )
}

fn read(html: &str) -> Result<Article, Rejection> {
    let url: Url = "http://a.test/show-7.html".parse().unwrap();
    let read = extract::read(html, &url, Some(targets::seen()), &ArticleRule::default());
    if let Ok(article) = &read {
        targets::is_sound(article);
    }
    read
}

fn list() -> Call {
    Call::get("http://a.test/yw/".parse().unwrap())
}

fn code(html: &str) -> &'static str {
    let listing = discover::read(html, &list(), Some(targets::seen()), &ListRule::default());
    let code = read(html).err().map_or("article", |rejection| rejection.code);
    if ["too-large", "too-deep", "page-empty"].contains(&code) {
        assert_eq!(listing.unwrap_err().code, code, "a list is bounded alike");
    }
    code
}

#[test]
fn a_page_cut_anywhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let demo = "demo/network/sheng.test/yw/";
    for name in [
        "tests/pages/seed/page.html",
        &format!("{demo}index.html"),
        &format!("{demo}202611/t20261118_700101.html"),
    ] {
        let whole = fs::read(root.join(name)).unwrap();
        for end in (0..whole.len()).step_by(97) {
            targets::extract(&whole[..end]);
            targets::discover(&whole[..end]);
        }
    }
}

#[test]
fn a_megabyte_of_one_attribute() {
    let much = "a".repeat(1 << 20);
    for more in [
        format!("<p title='{much}'>尾"),
        format!("<p class='{much}'>尾"),
        format!("<p style='{much}'>尾"),
        format!("<a href='{much}'>尾</a>"),
        format!("<img src='data:image/png;base64,{much}'>尾"),
        format!("<img src='a.jpg' alt='{much}'>尾"),
        format!("<table><tr><td colspan='{much}'>尾</table>"),
        format!("<p title='{much}"),
        format!("<meta name='PubDate' content='{much}'>尾"),
    ] {
        let article = read(&article("来源：市商会", &more)).unwrap();
        assert!(article.body.value.text.starts_with(TEXT), "{}", &more[..20]);
        assert_eq!(article.credit.unwrap().value, "市商会");
    }
    targets::discover(list_html(&[(&much, "会议"), ("/1.html", "座谈会")], None).as_bytes());
}

#[test]
fn more_elements_than_any_page_has() {
    assert_eq!(code(&article("", &format!("<table>{}", "<td>文".repeat(1_000_000)))), "too-large");
    assert_eq!(read(&article("", &"<!---->".repeat(1_000_000))).unwrap_err().code, "too-large");
    let most = article("来源：市商会", &"<br>".repeat(100_000));
    assert_eq!(code(&most), "article");
}

#[test]
fn elements_nested_without_end() {
    for tag in ["<div>", "<b>", "<table><tr><td>", "<ul><li>", "<blockquote>", "<svg>"] {
        assert_eq!(code(&article("", &tag.repeat(100_000))), "too-deep", "{tag}");
        // As deep as may be.
        let depth = dom::MAX_DEPTH / 2;
        let html = article("", &format!("{}{TEXT}", tag.repeat(depth / tag.matches('<').count())));
        assert_eq!(code(&html), "article", "{tag}");
    }
}

#[test]
fn bytes_that_are_no_gbk() {
    let html = article("来源：市商会 发布时间：2025-12-31", "")
        .replace("<title>", "<meta charset=gb2312><title>");
    let (whole, ..) = encoding_rs::GBK.encode(&html);
    let text = encoding_rs::GBK.encode(TEXT).0.into_owned();
    let at = whole.windows(text.len()).rposition(|window| window == text).unwrap();
    for broken in [&[0xFF_u8][..], &[0x81, 0x20], &[0xC4], &[0x80, 0x80, 0xFE], &[0xA1, 0xFF, 0x00]]
    {
        let mut bytes = whole.to_vec();
        bytes.splice(at..at, broken.iter().copied());
        let text = charset::text(&bytes, Some("text/html; charset=gb2312")).unwrap();
        let article = read(&text).unwrap();
        assert_eq!(article.body.value.text.lines().next(), Some(TEXT), "{broken:?}");
        assert_eq!(article.credit.unwrap().value, "市商会");
        assert_eq!(article.posted.unwrap().value.to_string(), "2025-12-31");
    }
    for end in at..at + 9 {
        targets::extract(&whole[..end]);
    }
}

#[test]
fn dates_that_are_none_and_dates_without_a_year() {
    let posted = |info: &str| {
        let article = read(&article(info, "")).unwrap();
        article.posted.map(|found| found.value.to_string()).unwrap_or_default()
    };
    for (info, wanted) in [
        ("发布时间：2020-13-45", ""),
        ("发布时间：2025-02-30 来源：市商会", ""),
        ("发布时间：0000-00-00 00:00:00", ""),
        ("发布时间：99999999-99-99", ""),
        ("发布时间：2025-12-30 25:61:61", "2025-12-30"),
        // Seen half an hour into 2026, Beijing time.
        ("发布时间：12-31", "2025-12-31"),
        ("发布时间：12-31 23:58", "2025-12-31T23:58:00+08:00"),
        ("发布时间：01-02", "2026-01-02"),
        ("发布时间：1月2日", "2026-01-02"),
        ("发布时间：02-29", ""),
        ("发布时间：昨天", "2026-01-01"),
        // A deadline or a slip of the pen.
        ("发布时间：2026-03-01", ""),
        ("发布时间：2099-12-31", ""),
    ] {
        assert_eq!(posted(info), wanted, "{info}");
    }
}

#[test]
fn rows_with_such_dates() {
    let rows = |date: &str| {
        let rows: String = (1..=4)
            .map(|n| {
                format!(
                    "<li><a href='/show-{n}.html'>市工商联召开第{n}次座谈会</a><span>{date}</span>"
                )
            })
            .collect();
        let html = format!("<ul>{rows}</ul>");
        let listing =
            discover::read(&html, &list(), Some(targets::seen()), &ListRule::default()).unwrap();
        assert_eq!(listing.links.len(), 4, "{date}");
        listing.links[0].posted.map(|posted| posted.to_string()).unwrap_or_default()
    };
    for (date, wanted) in [
        ("2020-13-45", ""),
        ("2025-02-30", ""),
        ("[12-31]", "2025-12-31"),
        ("[01-02]", "2026-01-02"),
        ("[02-30]", ""),
        ("2025-12-31", "2025-12-31"),
    ] {
        assert_eq!(rows(date), wanted, "{date}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_future_date_never_leads_the_feed() {
    let ground = Ground::new();
    let html = article_html("市工商联发布明年的计划").replace("2026-11-01", "2031-01-01");
    ground.site.set("/art/8.html", page(&html));
    let rows = list_html(&[("/art/8.html", "市工商联发布明年的计划")], None);
    ground.site.set("/zt/", page(&rows.replace("2026-11-01", "2031-01-01")));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    for item in items(&pipeline.store).await {
        assert!(item.published <= (pipeline.clock)(), "{}: {}", item.title, item.published);
    }
}
