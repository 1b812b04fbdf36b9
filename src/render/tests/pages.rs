//! The pages for people: what stands on them, and that nothing else does.

use std::process::Command;

use super::*;
use crate::model::{IssueState, Problem, ProblemCode};

fn text(document: &Document) -> String {
    String::from_utf8(document.bytes.to_vec()).unwrap()
}

fn link(slug: &str, title: &str, group: &str, count: usize) -> FeedLink {
    FeedLink {
        feed: FeedSpec { slug: slug.to_owned(), title: title.to_owned(), ..nasty().feed },
        group: group.to_owned(),
        count,
        newest: String::new(),
        updated: None,
    }
}

fn status_page() -> StatusPage {
    let row = |site: &str, column: &str, outcome: &str| StatusRow {
        site: site.to_owned(),
        column: column.to_owned(),
        name: "要闻 <动态>".to_owned(),
        outcome: outcome.to_owned(),
        ..StatusRow::default()
    };
    StatusPage {
        usage: None,
        version: "0.0.0",
        started: at("2026-11-03T01:00:00Z"),
        at: at("2026-11-03T01:05:00Z"),
        items: 12,
        documents: 34,
        problems: vec![Problem {
            code: ProblemCode::ListEmpty,
            subject: "js/yw".to_owned(),
            detail: "no link matched `ul a` <0>".to_owned(),
            count: 3,
            first_seen: at("2026-11-03T01:05:00Z"),
            last_seen: at("2026-11-03T01:05:00Z"),
        }],
        rows: vec![
            row("江苏", "js/yw", "failed"),
            row("江苏", "js/zt", ""),
            row("无锡", "wx/a", "fine"),
        ],
        held: 3,
        disabled: vec!["南京市工商联".to_owned()],
        digests: vec![
            StatusDigest {
                title: "一周 <要闻>".to_owned(),
                last: Some((
                    "weekly/12".parse().unwrap(),
                    "2026-11-02".parse().unwrap(),
                    IssueState::Second,
                )),
                due: Some((at("2026-11-03T00:00:00Z"), false)),
                next: Some(at("2026-11-10T00:00:00Z")),
            },
            StatusDigest { title: "内刊".to_owned(), last: None, due: None, next: None },
        ],
    }
}

/// Every page, with nasty input in it.
fn pages(site: &PublicSite) -> Vec<Document> {
    let feeds = [
        link("all", NASTY, "", 2),
        link("js", "江苏 & 省", "江苏 & 省", 2),
        link("js/yw", "江苏 & 省·要闻", "江苏 & 省", 0),
    ];
    let items = [item(2, NASTY, "<p>正文</p>"), item(1, "<script>alert(1)</script>", "")];
    let withdrawn = Item {
        state: ItemState::Withdrawn,
        ..item(3, "撤下的标题", "<p>撤下的正文</p>")
    };
    let feed = Document {
        path: "feeds/js/yw.html".to_owned(),
        media_type: Format::Html.media_type(),
        bytes: rendered(&nasty(), Format::Html).into(),
    };
    vec![
        index(&feeds, &items, site),
        index(&[], &[], site),
        feed,
        item_page(&items[0], &Custody::default(), site),
        item_page(&items[1], &Custody::default(), site),
        item_page(&withdrawn, &Custody::default(), site),
        status(&status_page(), site),
        not_found(site),
        not_yet(site),
    ]
}

#[test]
fn pages_are_valid_need_no_script_and_take_nothing_from_elsewhere() {
    for lang in [Lang::Zh, Lang::En] {
        for page in pages(&PublicSite { lang, ..site() }) {
            let html = text(&page);
            assert!(html.ends_with("</html>") && !html.contains("undefined"), "{}", page.path);
            for outside in ["<script", "<link rel=\"stylesheet\"", "@import", "<iframe", "url("] {
                assert!(!html.contains(outside), "{outside} in {}", page.path);
            }
            assert!(!html.contains("<C>"), "{}", page.path);
            assert_tidy(&html);
        }
    }
}

/// By the judge of Debian's package tidy.
fn assert_tidy(html: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    std::io::Write::write_all(&mut std::fs::File::create(&file).unwrap(), html.as_bytes()).unwrap();
    let output = Command::new("tidy")
        .args(["-errors", "-quiet", "-utf8", "--drop-empty-elements", "no"])
        .arg(&file)
        .output()
        .expect("tidy is needed: apt-get install tidy");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}\n{html}");
}

#[test]
fn an_item_carries_the_government_meta_tags_and_says_where_it_is_from() {
    let html = text(&item_page(&item(2, NASTY, "<p>正文</p>"), &Custody::default(), &site()));
    for (name, content) in [
        ("SiteName", "苏商联播"),
        ("SiteDomain", "feeds.test"),
        ("SiteIDCode", "3200000012"),
        ("ColumnName", "要闻 &lt;动态&gt;"),
        ("PubDate", "2026-11-03 09:05"),
        ("ContentSource", "苏商天下 &amp; 某报"),
        ("Url", "http://feeds.test/items/js/2"),
    ] {
        let tag = format!("<meta name=\"{name}\" content=\"{content}\">");
        assert!(html.contains(&tag), "{tag} not in {html}");
    }
    for name in ["ArticleTitle", "Keywords", "Description", "Image", "ColumnType"] {
        assert_eq!(html.matches(&format!("<meta name=\"{name}\"")).count(), 1, "{name}");
    }
    assert!(html.contains("<p>正文</p>"));
    assert!(html.contains("<span>来源:苏商天下 &amp; 某报</span>"));
    assert!(html.contains("<time>2026-11-03 09:05</time>"));
    // Search engines are led to where the text is from.
    assert!(html.contains("<link rel=\"canonical\" href=\"http://js.test"));
}

#[test]
fn operators_see_how_much_waits_for_release() {
    assert!(text(&status(&status_page(), &site())).contains("等待放行 3"));
    let none = StatusPage { held: 0, ..status_page() };
    assert!(!text(&status(&none, &site())).contains("等待放行"));
}

#[test]
fn a_withdrawn_item_leaves_only_the_fact() {
    let withdrawn =
        Item { state: ItemState::Withdrawn, ..item(3, "标题一", "<p>正文一</p>") };
    let page = item_page(&withdrawn, &Custody::default(), &site());
    assert_eq!(page.path, "items/js/3.html");
    let html = text(&page);
    assert!(html.contains("本文已撤下") && html.contains("noindex"));
    assert!(!html.contains("标题一") && !html.contains("正文一") && !html.contains("js.test"));
}

#[test]
fn the_foot_says_who_is_responsible() {
    let html = text(&not_found(&PublicSite {
        police: Some("苏公网安备32010602010001号".to_owned()),
        corrections: Some("jiucuo@feeds.test".to_owned()),
        ..site()
    }));
    let foot = &html[html.find("<footer>").unwrap()..];
    assert!(foot.contains("主办单位：江苏省工商业联合会"));
    assert!(foot.contains("<a href=\"https://beian.miit.gov.cn/\">苏ICP备12345678号</a>"));
    assert!(foot.contains("code=32010602010001\">苏公网安备32010602010001号</a>"));
    assert!(foot.contains("纠错：<a href=\"mailto:jiucuo@feeds.test\">"));
    let bare = PublicSite { operator: String::new(), icp: None, contact: None, ..site() };
    let html = text(&not_found(&bare));
    for absent in ["主办单位", "ICP", "公网安备", "纠错"] {
        assert!(!html[html.find("<footer>").unwrap()..].contains(absent), "{absent}");
    }
}

#[test]
fn the_public_page_groups_feeds_under_their_sites() {
    let feeds = [
        link("all", "综合订阅一", "", 2),
        link("js", "江苏省工商联", "江苏省工商联", 2),
        link("js/yw", "江苏省工商联·要闻", "江苏省工商联", 2),
        link("js/zt", "江苏省工商联·专题", "江苏省工商联", 0),
    ];
    let html = text(&index(&feeds, &[item(1, "标题", "")], &site()));
    assert_eq!(html.matches("<details").count(), 2);
    assert_eq!(html.matches("<summary><span>江苏省工商联</span>").count(), 1);
    assert!(html.contains("<a class=\"name\" href=\"/feeds/js.html\">全站</a>"));
    assert!(html.contains("<a class=\"name\" href=\"/feeds/js/yw.html\">要闻</a>"));
    // What holds nothing is named but not offered.
    assert!(html.contains("<span class=\"name\">专题</span>"));
    assert!(!html.contains("feeds/js/zt"));
    // A reader that is given the page's address finds the composite feeds.
    assert!(html.contains("title=\"综合订阅一\" href=\"http://feeds.test/feeds/all.rss\""));
}

#[test]
fn items_stand_under_their_days() {
    let older = Item {
        published: at("2025-12-31T16:00:00Z").with_timezone(&BEIJING),
        ..item(1, "甲", "")
    };
    let day_only = Item { posted: Some("2026-11-03".parse().unwrap()), ..item(2, "乙", "") };
    let html = text(&index(&[], &[item(3, "丙", ""), day_only, older], &site()));
    assert_eq!(html.matches("<section class=\"day\">").count(), 2);
    assert!(html.contains("datetime=\"2026-11-03\"") && html.contains("datetime=\"2026-01-01\""));
    // Hours are shown only where the site printed them: two of the three.
    assert_eq!(html.matches("<span>09:05</span>").count(), 2);
}

#[test]
fn below_a_path_links_keep_it() {
    let below = PublicSite { base_url: Url::parse("https://www.test/lianbo/").unwrap(), ..site() };
    let html = text(&index(&[link("all", "全部", "", 1)], &[item(1, "甲", "")], &below));
    for path in ["feeds/all.html", "feeds/all.rss", "items/js/1"] {
        assert!(html.contains(&format!("href=\"/lianbo/{path}\"")), "{path}");
    }
    assert!(html.contains("https://www.test/lianbo/opml"));
}

#[test]
fn the_status_page_says_what_is_wrong_and_what_to_do() {
    let html = text(&status(&status_page(), &site()));
    assert!(html.contains("<code>list-empty</code>") && html.contains("列表页上没有找到文章"));
    assert!(html.contains("3 次") && html.contains("始于 2026-11-03 09:05"));
    assert!(html.contains("no link matched `ul a` &lt;0&gt;"));
    assert_eq!(html.matches("<tr class=\"site\">").count(), 2);
    assert_eq!(html.matches("<tr class=\"bad\">").count(), 1);
    assert!(html.contains("南京市工商联"));
    assert!(html.contains("一周 &lt;要闻&gt;<code>weekly/12</code>"));
    assert!(html.contains("已二审") && html.contains("没有新内容，未出刊"));
    let well = StatusPage { problems: Vec::new(), ..status_page() };
    assert!(text(&status(&well, &site())).contains("一切正常"));
}
