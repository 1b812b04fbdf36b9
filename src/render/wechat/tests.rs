//! Whole issues with nasty input, read back by a parser that is not ours alone, within all limits.

mod bodies;
mod limits;
mod sample;

use chrono::NaiveDate;

use self::sample::{composition, piece};
use super::*;
use crate::model::{Both, DigestKind, DraftArticle, Since};
use crate::text::{dark, dom};

const TAGS: [&str; 23] = [
    "section",
    "p",
    "span",
    "strong",
    "em",
    "b",
    "i",
    "u",
    "br",
    "img",
    "a",
    "blockquote",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "hr",
    "pre",
    "code",
    "sup",
    "figure",
];
const STYLES: [&str; 32] = [
    "color",
    "background-color",
    "font-size",
    "font-weight",
    "font-style",
    "font-family",
    "line-height",
    "letter-spacing",
    "text-align",
    "text-indent",
    "text-decoration",
    "margin",
    "margin-top",
    "margin-bottom",
    "padding",
    "padding-top",
    "padding-left",
    "padding-right",
    "border",
    "border-top",
    "border-bottom",
    "border-left",
    "border-radius",
    "border-collapse",
    "width",
    "max-width",
    "height",
    "display",
    "vertical-align",
    "overflow-x",
    "white-space",
    "opacity",
];

/// Everything that must hold of any article, whatever it was made of.
pub(super) fn assert_survives(html: &str) {
    for gone in ['\n', '\r', '\t', '\u{200b}', '\u{feff}', '\u{202e}', '\u{2028}', '\u{0}'] {
        assert!(!html.contains(gone), "{gone:?} in {html}");
    }
    let document = dom::parse(html).unwrap();
    let root = document.root();
    let body = dom::descendants(&root).find(|node| node.has_name("body")).unwrap();
    let outer: Vec<String> =
        body.children().iter().map(|node| node.node_name().unwrap().to_string()).collect();
    assert_eq!(outer, ["section", "p"], "one section, and a line that protects it");
    for node in dom::descendants(&body).skip(1).filter(|node| node.is_element()) {
        let name = node.node_name().unwrap().to_string();
        assert!(TAGS.contains(&name.as_str()), "<{name}>");
        for attribute in node.attrs() {
            assert_attribute(&name, &attribute.name.local, &attribute.value);
        }
    }
    assert!(dark::traps(html).is_empty(), "{:?}", dark::traps(html));
}

fn assert_attribute(tag: &str, name: &str, value: &str) {
    match (tag, name) {
        (_, "style") => {
            let mut said = Vec::new();
            for declaration in value.split(';') {
                let (property, set) = declaration.split_once(':').expect("a declaration");
                assert!(STYLES.contains(&property), "{declaration}");
                assert!(!said.contains(&property), "{property} twice: {value}");
                said.push(property);
                assert!(!set.contains('!') && !set.contains("url("), "{declaration}");
                assert!(!matches!(set, "#000" | "#000000" | "black"), "{declaration}");
            }
        }
        ("a", "href") => assert!(
            value.starts_with("https://mp.weixin.qq.com/")
                || value.starts_with("http://mp.weixin.qq.com/"),
            "{value}"
        ),
        ("img", "src") => {
            assert!(value.starts_with("{{asset:") || value.starts_with("http"), "{value}")
        }
        ("img", "alt") | ("td" | "th", "colspan" | "rowspan") => {}
        _ => panic!("{name}={value:?} on <{tag}>"),
    }
}

/// What a reader sees, without white space.
pub(super) fn seen(html: &str) -> String {
    let document = dom::parse(html).unwrap();
    dom::visible_text(&document.root()).chars().filter(|c| !c.is_whitespace()).collect()
}

fn codes(layout: &Layout) -> Vec<&'static str> {
    layout.remarks.iter().map(|remark| remark.code).collect()
}

#[test]
fn an_overview_of_nasty_items_survives() {
    let composition = sample::nasty(DigestKind::Overview);
    let layout = lay(&composition);
    assert_eq!(layout, lay(&composition), "the same issue gives the same bytes");
    let [article] = layout.articles.as_slice() else { panic!("one article") };
    assert_survives(&article.draft.content);
    assert_survives(&article.paste);
    insta::assert_snapshot!("overview", sample::readable(&article.draft.content));
    let fields = DraftArticle { content: String::new(), ..article.draft.clone() };
    insta::assert_json_snapshot!("overview_fields", fields);
    insta::assert_debug_snapshot!("overview_remarks", layout.remarks);
}

#[test]
fn a_nasty_article_in_full_survives() {
    let composition = sample::nasty(DigestKind::Articles);
    let layout = lay(&composition);
    let article = &layout.articles[0];
    assert_survives(&article.draft.content);
    assert_survives(&article.paste);
    insta::assert_snapshot!("full", sample::readable(&article.draft.content));
    insta::assert_snapshot!("full_paste", sample::readable(&article.paste));
    insta::assert_debug_snapshot!("full_remarks", layout.remarks);
}

#[test]
fn both_begins_with_the_overview_and_ends_with_what_fits() {
    let layout = lay(&composition(DigestKind::Both, 10));
    assert_eq!(layout.articles.len(), 8);
    assert_eq!(layout.articles[0].pieces.len(), 10);
    let keys: Vec<&str> = layout.articles[1..].iter().map(|one| one.pieces[0].as_str()).collect();
    assert_eq!(keys, ["a1", "a2", "a3", "a4", "a5", "a6", "a7"]);
    assert_eq!(codes(&layout), ["overview-only"], "said once");
    assert!(layout.remarks[0].zh.contains("3 篇"), "{}", layout.remarks[0].zh);
    assert!(layout.articles.iter().all(|one| one.draft.digest.is_empty()));
    assert_eq!(layout.articles[0].draft.thumb_media_id, "{{cover}}");
    let own = &layout.articles[1];
    assert_eq!(own.draft.thumb_media_id, format!("{{{{cover:{}}}}}", own.pictures[0]));
    assert_eq!(own.draft.content_source_url, "http://js.test/1.html");
}

#[test]
fn a_single_article_has_a_digest_and_withdrawn_pieces_are_gone() {
    let mut composition = composition(DigestKind::Articles, 2);
    composition.pieces[1].since = Since::Withdrawn;
    let layout = lay(&composition);
    assert_eq!(layout.articles.len(), 1);
    assert_eq!(layout.articles[0].draft.digest, "会议召开。会议强调“要走出去”。");
    assert!(!text(&composition).contains("第2条"));
    composition.pieces.clear();
    assert_eq!(codes(&lay(&composition)), ["issue-empty"]);
    composition.digest.kind = DigestKind::Bulletin;
    assert_eq!(lay(&composition), Layout::default());
}

#[test]
fn only_the_summary_is_printed_where_no_more_is_permitted() {
    let mut composition = composition(DigestKind::Articles, 1);
    composition.pieces[0].summary_only = true;
    let shown = seen(&lay(&composition).articles[0].draft.content);
    assert!(shown.contains("会议召开") && shown.contains("仅许可刊登摘要"), "{shown}");
    assert!(!shown.contains("第一段"), "{shown}");
}

#[test]
fn others_are_credited_as_printed_and_years_are_named_where_they_differ() {
    let mut composition = composition(DigestKind::Overview, 2);
    composition.pieces[0].third_party = true;
    composition.pieces[0].attribution = "来源：新华社（转自江苏省工商联）".to_owned();
    composition.pieces[1].posted = NaiveDate::from_ymd_opt(2025, 12, 30);
    composition.pieces[1].also_at = vec!["苏州市工商联".to_owned()];
    let shown = seen(&lay(&composition).articles[0].draft.content);
    assert!(shown.contains("来源：新华社（转自江苏省工商联）11月20日[1]"), "{shown}");
    assert!(shown.contains("来源：江苏省工商联2025年12月30日[2]另见：苏州市工商联"), "{shown}");
}

#[test]
fn a_missing_picture_is_a_caption_with_a_note() {
    let mut composition = composition(DigestKind::Articles, 1);
    composition.pictures.clear();
    composition.missing.insert("http://js.test/1.jpg".to_owned(), Both::new("取不到", "HTTP 403"));
    let layout = lay(&composition);
    let html = &layout.articles[0].draft.content;
    assert!(!html.contains("<img") && html.contains("［图片未能取得］图为会场"), "{html}");
    assert_eq!(codes(&layout), ["picture-missing"]);
    assert!(layout.remarks[0].zh.contains("取不到") && layout.remarks[0].en.contains("HTTP 403"));
}

#[test]
fn plain_text_and_markdown_tell_the_same() {
    let composition = sample::nasty(DigestKind::Overview);
    insta::assert_snapshot!("text", text(&composition));
    insta::assert_snapshot!("markdown", markdown(&composition));
}

#[test]
fn a_placeholder_in_an_article_is_text() {
    let mut composition = composition(DigestKind::Articles, 1);
    composition.pieces[0] = piece(1, "<p>{{cover}} {{asset:x}}</p>");
    let html = lay(&composition).articles[0].draft.content.clone();
    assert_eq!(fill(&html, |_| Some("x".to_owned())).content, html, "nothing to fill in");
    assert!(seen(&html).contains("{{cover}}{{asset:x}}"), "{html}");
}
