//! Whole bundles: nothing breaks out, nothing is asked of a network, the same gives the same.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};

use std::collections::BTreeMap;

use super::*;
use crate::model::{
    Act, Both, Chosen, CoverSpec, Deed, DigestSpec, Image, Issue, IssueId, IssuePicture,
    IssueState, ItemId, Material, Piece, Rgb, SectionSpec, Selection, Since,
};
use crate::render::wechat;
use crate::text::dom;

/// What an attacker would put into a title.
const HOSTILE: &str = "</script></title><script>alert(1)</script>\"'><img src=x onerror=alert(2)>]]>\u{202e}反\u{202c}😀{{asset:aa}}";

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

fn time(hour: u32) -> DateTime<Utc> {
    day(23).and_hms_opt(hour, 5, 0).unwrap().and_utc()
}

fn picture(sha: &str) -> IssuePicture {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let drawn = image::RgbImage::from_pixel(40, 30, image::Rgb([176, 19, 24]));
    drawn.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    IssuePicture {
        sha256: sha.repeat(32),
        name: format!("{sha}.jpg"),
        bytes: bytes.into_inner().into(),
        width: 40,
        height: 30,
    }
}

fn piece(key: &str, title: &str) -> Piece {
    let (section, source) = ("要闻".to_owned(), "江苏省工商联".to_owned());
    Piece {
        key: key.to_owned(),
        item: Some(serde_json::from_value(format!("tag:x.test,2026:{key}").into()).unwrap()),
        section,
        title: title.to_owned(),
        original_title: title.to_owned(),
        summary: format!("{title}的摘要"),
        summary_edited: false,
        html: "<p>正文</p>".to_owned(),
        text: "正文".to_owned(),
        images: Vec::new(),
        picture: true,
        source: source.clone(),
        attribution: format!("来源：{source}"),
        byline: String::new(),
        url: Some(format!("https://x.test/{key}.html").parse().unwrap()),
        site: source,
        posted: Some(day(20)),
        third_party: false,
        summary_only: false,
        since: Since::Same,
        also_at: Vec::new(),
    }
}

fn pieces() -> Vec<Piece> {
    let mut pieces = vec![
        piece("a1", "第一条"),
        piece("a2", "第二条"),
        piece("a3", "第三条"),
        piece("a4", HOSTILE),
        piece("m5", "手工稿"),
    ];
    let image =
        |url: &str| Image { url: url.parse().unwrap(), alt: String::new(), caption: String::new() };
    pieces[0].images =
        vec![image("https://x.test/a.jpg?a=1&b=2"), image("https://x.test/lost.jpg")];
    pieces[1].third_party = true;
    pieces[1].original_title = "原来的标题".to_owned();
    pieces[2].section = "县市".to_owned();
    pieces[4].item = None;
    pieces[4].url = None;
    pieces
}

fn chosen(piece: &Piece) -> Chosen {
    let from = match &piece.item {
        Some(id) => Material::Item { id: ItemId::clone(id), revision: 1 },
        None => Material::Manuscript { file: "m5.html".to_owned() },
    };
    Chosen {
        key: piece.key.clone(),
        from,
        section: piece.section.clone(),
        title: (piece.title != piece.original_title).then(|| piece.title.clone()),
        summary: None,
        picture: piece.picture,
        also_at: Vec::new(),
    }
}

fn act(what: Deed, by: Option<&str>, hour: u32, holds: bool) -> Act {
    Act {
        what,
        at: time(hour),
        by: by.map(str::to_owned),
        remark: String::new(),
        content_sha256: "ab".repeat(32),
        way: "cli".to_owned(),
        holds,
    }
}

fn digest(kind: DigestKind) -> DigestSpec {
    let section =
        |title: &str| SectionSpec { title: title.to_owned(), selections: vec![Selection::All] };
    DigestSpec {
        slug: "weekly".to_owned(),
        title: "苏商一周".to_owned(),
        kind,
        numbering: "第{n}期（总第{total}期）".to_owned(),
        sections: vec![section("要闻"), section("县市"), section("通知")],
        header: "示例市工商业联合会".to_owned(),
        footer: "报送：示例市委统战部\n印发：各县（市、区）工商联".to_owned(),
        author: "示例编辑部".to_owned(),
        cover: CoverSpec::Drawn,
        approvals: 3,
        summary_chars: 100,
        limit: 30,
        brand: Rgb(0xb0, 0x13, 0x18),
    }
}

/// An issue of articles, with everything that may go wrong in one.
pub(super) fn weekly() -> IssueComposition {
    let pieces = pieces();
    let missing = [("https://x.test/lost.jpg".to_owned(), Both::new("404", "404"))];
    IssueComposition {
        digest: digest(DigestKind::Both),
        issue: Issue {
            id: IssueId { digest: "weekly".to_owned(), total: 12 },
            number: 3,
            date: day(23),
            period: (day(16), day(22)),
            title: String::new(),
            note: "编者按一\n编者按二".to_owned(),
            pictures: BTreeMap::new(),
            chosen: pieces.iter().map(chosen).collect(),
            state: IssueState::First,
            built: time(1),
            version: 3,
        },
        pictures: [("https://x.test/a.jpg?a=1&b=2".to_owned(), picture("aa"))].into(),
        missing: missing.into(),
        cover: Some(picture("c0")),
        cover_square: Some(picture("c1")),
        acts: vec![
            act(Deed::Built, None, 1, true),
            act(Deed::FirstApproval, Some("乙"), 2, false),
            act(Deed::FirstApproval, Some("甲"), 3, true),
        ],
        pieces,
    }
}

/// The same as a bulletin.
pub(super) fn bulletin() -> IssueComposition {
    IssueComposition { digest: digest(DigestKind::Bulletin), ..weekly() }
}

fn article(title: &str, content: &str, pieces: &[&str]) -> Laid {
    let draft = DraftArticle {
        article_type: "news".to_owned(),
        title: title.to_owned(),
        author: "示例编辑部".to_owned(),
        digest: String::new(),
        content: format!(
            "<section>{content}<img src=\"{{{{asset:{}}}}}\"></section>",
            "aa".repeat(32)
        ),
        content_source_url: String::new(),
        thumb_media_id: "{{cover}}".to_owned(),
        need_open_comment: 0,
        only_fans_can_comment: 0,
        pic_crop_235_1: "0_0_1_1".to_owned(),
        pic_crop_1_1: "0.287222_0_0.712778_1".to_owned(),
    };
    Laid {
        paste: format!(
            "<section>{content}<img src=\"https://x.test/a.jpg?a=1&amp;b=2\"></section>"
        ),
        pieces: pieces.iter().map(|&key| key.to_owned()).collect(),
        pictures: vec!["aa".repeat(32)],
        draft,
    }
}

/// A layout made by hand; none for a bulletin.
pub(super) fn laid(composition: &IssueComposition) -> Layout {
    if composition.digest.kind == DigestKind::Bulletin {
        return Layout::default();
    }
    let articles = vec![
        article(
            "苏商一周",
            "<p style=\"font-size:16px\">速览</p>",
            &["a1", "a2", "a3", "a4", "m5"],
        ),
        article(HOSTILE, "<p>&lt;/script&gt;]]&gt;</p>", &["a4"]),
    ];
    Layout { articles, remarks: Vec::new() }
}

/// Every file of a bundle, with remarks of both kinds.
pub(super) fn files(composition: &IssueComposition, layout: &Layout) -> Vec<BundleFile> {
    let remark = |code, severe, zh: &str| Remark {
        code,
        piece: Some("a4".to_owned()),
        severe,
        zh: zh.to_owned(),
        en: "see to it".to_owned(),
        words: HOSTILE.to_owned(),
    };
    let remarks =
        [remark("third-party", false, "第三方稿件"), remark("title-long", true, "标题过长")];
    bundle(&Given {
        composition,
        layout,
        remarks: &remarks,
        account: Some("示例公众号"),
        pushed: Some(&PushedDraft {
            account: "main".to_owned(),
            media_id: "m1".to_owned(),
            update_time: 1_764_000_000,
            content_sha256: "ab".repeat(32),
            titles: vec!["苏商一周".to_owned()],
            at: time(5),
        }),
        text: "纯文本",
        markdown: "# 标记",
        dark: &|html| html.replace("<section>", "<section class=\"dark\">"),
    })
}

fn text<'a>(files: &'a [BundleFile], path: &str) -> &'a str {
    let file = files.iter().find(|file| file.path == path);
    std::str::from_utf8(&file.unwrap_or_else(|| panic!("no {path}")).bytes).unwrap()
}

#[test]
fn a_bundle_has_its_files_and_is_the_same_each_time() {
    let composition = weekly();
    let layout = laid(&composition);
    let first = files(&composition, &layout);
    let paths: Vec<_> = first.iter().map(|file| file.path.as_str()).collect();
    let wanted = [
        "approval.html",
        "article-1.html",
        "article-1.paste.html",
        "article-2.html",
        "article-2.paste.html",
        "cover-1x1.jpg",
        "cover-235.jpg",
        "digest.md",
        "digest.txt",
        "draft.json",
        "images/aa.jpg",
        "manifest.json",
        "review.html",
    ];
    assert_eq!(paths, wanted);
    assert_eq!(first, files(&composition, &layout));
    let composition = bulletin();
    let paths: Vec<String> =
        files(&composition, &Layout::default()).into_iter().map(|file| file.path).collect();
    assert!(paths.contains(&"bulletin.html".to_owned()), "{paths:?}");
    assert!(!paths.iter().any(|path| path.starts_with("article") || path == "draft.json"));
}

#[test]
fn the_draft_is_what_the_platform_takes() {
    let composition = weekly();
    let layout = laid(&composition);
    let files = files(&composition, &layout);
    let draft = text(&files, "draft.json");
    assert!(draft.contains("苏商一周") && !draft.contains("\\u"), "raw UTF-8: {draft}");
    let body: serde_json::Value = serde_json::from_str(draft).unwrap();
    let articles: Vec<DraftArticle> = serde_json::from_value(body["articles"].clone()).unwrap();
    let laid: Vec<DraftArticle> = layout.articles.into_iter().map(|laid| laid.draft).collect();
    assert_eq!(articles, laid);
    assert!(text(&files, "article-1.html").contains("{{asset:aaaa"));
    assert!(text(&files, "article-1.paste.html").contains("https://x.test/a.jpg?a=1&amp;b=2"));
}

#[test]
fn hostile_texts_stay_texts() {
    for composition in [weekly(), bulletin()] {
        let layout = laid(&composition);
        let files = files(&composition, &layout);
        let scripts = |path: &str| {
            let document = dom::parse(text(&files, path)).unwrap();
            document.select("script, img[onerror], img[src=x]").length()
        };
        assert_eq!(scripts("review.html"), 2, "the data and the script of the page");
        assert_eq!(scripts("approval.html"), 0);
        if composition.digest.kind == DigestKind::Bulletin {
            assert_eq!(scripts("bulletin.html"), 0);
        } else {
            assert_eq!(scripts("article-2.html"), 0);
        }
    }
}

#[test]
fn the_review_page_carries_everything_and_asks_nobody() {
    let composition = weekly();
    let layout = laid(&composition);
    let files = files(&composition, &layout);
    let document = dom::parse(text(&files, "review.html")).unwrap();
    let data = document.select("#data").text().to_string();
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    let article = &data["articles"][0];
    assert!(article["light"].as_str().unwrap().contains("images/aa.jpg"));
    assert!(article["dark"].as_str().unwrap().contains("class=\"dark\""));
    assert_eq!(article["addresses"]["https://x.test/a.jpg?a=1&b=2"], "aa".repeat(32));
    let picture = data["pictures"]["aa".repeat(32)].as_str().unwrap();
    assert!(picture.starts_with("data:image/png;base64,iVBORw0KGgo"), "{picture}");
    assert_eq!(data["articles"][1]["title"], HOSTILE);

    let policy = document.select("meta[http-equiv]").attr("content").unwrap().to_string();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    let loaded = document.select("script[src], link[href], img[src], iframe, source, video");
    for node in loaded.nodes() {
        let address = node.attr("src").or_else(|| node.attr("href")).unwrap_or_default();
        assert!(!address.contains("//"), "{address}");
    }
}

#[test]
fn remarks_come_severe_first_and_lead_to_their_piece() {
    let composition = weekly();
    let layout = laid(&composition);
    let files = files(&composition, &layout);
    let document = dom::parse(text(&files, "review.html")).unwrap();
    let codes: Vec<String> = document
        .select(".remark")
        .nodes()
        .iter()
        .map(|remark| remark.attr("data-code").unwrap().to_string())
        .collect();
    assert_eq!(codes, ["title-long", "third-party"]);
    assert_eq!(document.select(".remark a[href='#piece-a4']").length(), 2);
    assert_eq!(document.select("#piece-a4 .title").text().trim(), plain_hostile());
}

/// The hostile title on one line, as a parser reads it back.
fn plain_hostile() -> String {
    crate::text::plain::one_line(HOSTILE)
}

#[test]
fn the_sheet_of_paper_names_who_approved_and_leaves_lines_for_the_rest() {
    let mut composition = weekly();
    let layout = laid(&composition);
    let hash = content_sha256(&composition, &layout);
    // What was approved before something changed is no approval of what prints now.
    composition.acts.push(act(Deed::SecondApproval, Some("丙"), 4, true));
    composition.acts[2].content_sha256 = hash;
    let files = files(&composition, &layout);
    let document = dom::parse(text(&files, "approval.html")).unwrap();
    let rows: Vec<String> = document
        .select(".signs tbody tr")
        .nodes()
        .iter()
        .map(|row| row.text().split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(rows.len(), 5, "拟稿、初审、二审、终审、签发");
    assert!(rows[1].starts_with("初审通过甲2026-11-23 11:05"), "Beijing time: {rows:?}");
    assert!(rows[2].starts_with("二审 年 月 日"), "{rows:?}");
    assert!(!document.text().contains(['乙', '丙']), "a voided approval is none");
    assert!(document.text().contains("第三方稿件 1 篇"));
}

#[test]
fn a_bulletin_prints_all_but_what_was_withdrawn() {
    let mut composition = bulletin();
    composition.pieces[2].since = Since::Withdrawn;
    let files = files(&composition, &Layout::default());
    let document = dom::parse(text(&files, "bulletin.html")).unwrap();
    let titles: Vec<String> =
        document.select(".headline").nodes().iter().map(|title| title.text().to_string()).collect();
    assert_eq!(titles, ["第一条", "第二条", &plain_hostile(), "手工稿"]);
    assert_eq!(document.select(".contents li").length(), 4, "one section only: no headings");
    let sheet = document.select(".sheet").text().to_string();
    for part in ["示例市工商业联合会", "第3期（总第12期）", "2026年11月23日", "编者按一", "报送："]
    {
        assert!(sheet.contains(part), "{part}");
    }
}

/// Writes both bundles where `LIANBO_BUNDLES` says, for the test in a browser; else to a folder
/// that is gone afterwards.
#[test]
#[expect(clippy::disallowed_methods, reason = "the browser reads the bundles from the disk")]
fn pages_name_only_files_of_their_bundle() {
    let temporary = tempfile::tempdir().unwrap();
    let root = std::env::var_os("LIANBO_BUNDLES").map_or(temporary.path().into(), PathBuf::from);
    for (name, composition) in [("weekly", weekly()), ("bulletin", bulletin())] {
        let folder = root.join(name);
        let files = files(&composition, &laid(&composition));
        for file in &files {
            let path = folder.join(&file.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &file.bytes).unwrap();
        }
        for page in files.iter().filter(|file| file.path.ends_with(".html")) {
            let document = dom::parse(std::str::from_utf8(&page.bytes).unwrap()).unwrap();
            for node in document.select("[href], [src]").nodes() {
                let address = node.attr("href").or_else(|| node.attr("src")).unwrap().to_string();
                let elsewhere = ["#", "https://", "data:", "{{asset:"];
                if !elsewhere.iter().any(|start| address.starts_with(start)) {
                    assert!(folder.join(&address).is_file(), "{}: {address}", page.path);
                }
            }
        }
    }
}

#[test]
fn articles_as_they_are_really_laid_out_are_shown_whole() {
    let mut composition = weekly();
    composition.pieces[0].html =
        "<p>正文</p><figure><img src=\"https://x.test/a.jpg?a=1&amp;b=2\"></figure>".to_owned();
    let layout = wechat::lay(&composition);
    let files = bundle(&Given {
        composition: &composition,
        layout: &layout,
        remarks: &[],
        account: None,
        pushed: None,
        text: "",
        markdown: "",
        dark: &crate::text::dark::dark_html,
    });
    let document = dom::parse(text(&files, "review.html")).unwrap();
    let data = document.select("#data").text().to_string();
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    let articles = data["articles"].as_array().unwrap();
    assert_eq!(articles.len(), 6, "the overview and five pieces");
    for article in articles {
        for form in ["light", "dark"] {
            let html = article[form].as_str().unwrap();
            assert!(!html.contains("src=\"{{asset") && !html.is_empty(), "{form}: {html}");
        }
    }
    assert!(articles[1]["dark"].as_str().unwrap().contains("src=\"images/aa.jpg\""));
    assert_eq!(articles[1]["addresses"]["https://x.test/a.jpg?a=1&b=2"], "aa".repeat(32));
}
