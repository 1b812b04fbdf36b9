//! Issues that are much too long.

use super::sample::{composition, of, piece};
use super::*;
use crate::model::Piece;

fn assert_within(layout: &Layout) {
    assert!(layout.articles.len() <= 8, "{}", layout.articles.len());
    assert!(!layout.articles.is_empty());
    for one in &layout.articles {
        let filled =
            fill(&one.draft.content, |_| Some(format!("https://m.test/{}", "x".repeat(180))));
        assert!(filled.content.chars().count() <= 18_000, "{}", filled.content.chars().count());
        assert!(filled.content.len() < 1_000_000);
        assert!(one.draft.title.encode_utf16().count() <= 64, "{}", one.draft.title);
        assert!(one.draft.author.encode_utf16().count() <= 16);
        assert!(one.draft.digest.encode_utf16().count() <= 120);
        assert!(one.draft.content_source_url.len() <= 1024);
        assert_survives(&one.draft.content);
        assert_survives(&one.paste);
    }
    assert!(!codes(layout).contains(&"content-long"));
}

fn about(layout: &Layout, code: &str) -> Vec<String> {
    let of = layout.remarks.iter().filter(|remark| remark.code == code);
    of.filter_map(|remark| remark.piece.clone()).collect()
}

#[test]
fn sixty_items_stay_within_every_limit() {
    let mut composition = composition(DigestKind::Overview, 60);
    for piece in &mut composition.pieces {
        piece.summary = format!("{}。{}。", "前".repeat(60), "后".repeat(50));
    }
    composition.pieces[59].summary_edited = true;
    let layout = lay(&composition);
    assert_within(&layout);
    assert!(layout.articles.len() > 1);
    assert!(layout.articles[0].draft.title.ends_with("（上）"));
    let keys: Vec<&String> = layout.articles.iter().flat_map(|one| &one.pieces).collect();
    assert_eq!(keys.len(), 60, "every piece is in one part");
    // Each piece that lost something is named, and it did lose it.
    let all: String = layout.articles.iter().map(|one| one.draft.content.as_str()).collect();
    let (short, bare) = (about(&layout, "summary-shortened"), about(&layout, "pictures-left-out"));
    assert_eq!(all.matches(&"后".repeat(50)).count(), 60 - short.len());
    assert_eq!(all.matches("<img").count(), 60 - bare.len());
    assert!(!bare.contains(&"a1".to_owned()), "the lead keeps its picture");
    assert!(!short.contains(&"a60".to_owned()), "an edited summary is never shortened");
}

#[test]
fn pictures_go_before_summaries_and_no_more_than_must() {
    let mut composition = composition(DigestKind::Overview, 26);
    for piece in &mut composition.pieces {
        piece.summary = format!("{}。{}。", "前".repeat(40), "后".repeat(60));
    }
    let layout = lay(&composition);
    assert_within(&layout);
    assert_eq!(layout.articles.len(), 1);
    let bare = about(&layout, "pictures-left-out");
    assert!(bare.first().is_some_and(|key| key == "a26"), "{:?}", layout.remarks);
    assert!(bare.len() == 25 || about(&layout, "summary-shortened").is_empty());
}

#[test]
fn edited_summaries_of_any_length_stay_within_the_limits() {
    let mut composition = composition(DigestKind::Both, 60);
    for piece in &mut composition.pieces {
        piece.summary = "会议召开。".repeat(2_000);
        piece.summary_edited = true;
    }
    composition.issue.note = "按语。".repeat(5_000);
    composition.digest.footer = "尾".repeat(9_000);
    composition.issue.title = "题".repeat(90);
    let layout = lay(&composition);
    assert_within(&layout);
    for code in ["summary-cut", "piece-left-out", "text-cut", "title-cut"] {
        assert!(codes(&layout).contains(&code), "{code}");
    }
}

fn long(number: usize, paragraphs: usize) -> Piece {
    let text = "会议强调，要坚持稳中求进，推动民营经济高质量发展。".repeat(12);
    let picture = format!(
        "<figure><img src=\"http://js.test/{number}.jpg\"><figcaption>图</figcaption></figure>"
    );
    let html: String = (0..paragraphs)
        .map(|at| format!("<p>第{at}段。{text}</p>{}", if at % 10 == 0 { &picture } else { "" }))
        .collect();
    piece(number, &html)
}

#[test]
fn eight_articles_of_thirty_thousand_characters_are_cut_with_a_pointer() {
    let layout = lay(&of(DigestKind::Articles, (1..=8).map(|number| long(number, 100)).collect()));
    assert_within(&layout);
    assert_eq!(layout.articles.len(), 8);
    assert_eq!(about(&layout, "text-cut").len(), 8);
    for one in &layout.articles {
        assert!(seen(&one.draft.content).contains("以上为节选，全文请点击文末“阅读原文”"));
        assert!(size(&one.draft.content) > 17_000, "as much as fits");
        assert_eq!(one.draft.content.matches("<img").count(), 1, "minor pictures went first");
    }
}

#[test]
fn a_long_article_is_split_where_articles_are_free() {
    let layout =
        lay(&of(DigestKind::Articles, vec![long(1, 75), long(2, 75), piece(3, "<p>短</p>")]));
    assert_within(&layout);
    assert_eq!(layout.articles.len(), 5);
    assert!(layout.articles[0].draft.title.ends_with("（上）"));
    assert!(layout.articles[1].draft.title.ends_with("（下）"));
    let shown = seen(&layout.articles[0].draft.content) + &seen(&layout.articles[1].draft.content);
    assert!((0..75).all(|at| shown.contains(&format!("第{at}段。"))), "no paragraph is lost");
    assert!(shown.contains("（未完，接下一篇）"));
    assert_eq!(about(&layout, "split"), ["a1", "a2"]);
}

#[test]
fn a_table_of_two_hundred_kilobytes_stays_within_the_limits() {
    let row = format!("<tr><td>江苏</td><td>{}</td><td>说明</td></tr>", "企业名称".repeat(6));
    let table = format!("<table>{}</table>", row.repeat(200_000 / row.len() + 1));
    let layout = lay(&of(DigestKind::Both, vec![piece(1, &table), piece(2, "<p>短</p>")]));
    assert_within(&layout);
    assert!(layout.articles.len() > 2, "{:?}", codes(&layout));
    let cell =
        format!("<table><tr><td>江苏</td><td>{}</td></tr></table>", "企业名称".repeat(16_000));
    assert_within(&lay(&of(DigestKind::Articles, vec![piece(1, &cell)])));
    let pinned = format!(
        "<table><tr><td rowspan=\"9999\">江苏</td><td>x</td></tr>{}</table>",
        row.repeat(900)
    );
    assert_within(&lay(&of(DigestKind::Articles, vec![piece(1, &pinned)])));
}

#[test]
fn a_body_beyond_all_limits_is_printed_as_text() {
    let mut deep = piece(1, &"<div>".repeat(700));
    deep.text = "第一段\n第二段".to_owned();
    let layout = lay(&of(DigestKind::Articles, vec![deep]));
    assert_within(&layout);
    assert_eq!(codes(&layout), ["body-plain"]);
    assert!(seen(&layout.articles[0].draft.content).contains("第一段第二段"));
}

#[test]
fn many_addresses_stay_within_the_limits() {
    let link = |at: usize| {
        format!("<p><a href=\"http://js.test/{at}/{}\">附件{at}</a></p>", "x".repeat(700))
    };
    let html: String = (0..200).map(link).collect();
    assert_within(&lay(&of(DigestKind::Articles, vec![piece(1, &html)])));
    let crowded: String = (0..200)
        .map(|at| format!("<a href=\"http://js.test/{at}/{}\">附件{at}</a>、", "x".repeat(700)))
        .collect();
    let layout =
        lay(&of(DigestKind::Articles, vec![piece(1, &format!("<p>{crowded}</p><p>最后一段</p>"))]));
    assert_within(&layout);
    assert!(
        seen(&layout.articles[0].draft.content).contains("附件199、最后一段"),
        "words before addresses"
    );
    let mut composition = composition(DigestKind::Overview, 60);
    for (at, piece) in composition.pieces.iter_mut().enumerate() {
        piece.url = format!("http://js.test/{at}?{}", "&".repeat(900)).parse().ok();
    }
    assert_within(&lay(&composition));
}
