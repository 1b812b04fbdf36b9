//! Documents read back as what they are: a zip with XML in it.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use bytes::Bytes;
use url::Url;

use crate::model::{Asset, AssetHash, AssetKind, Custody, Holding, Item};
use crate::render::tests::{item, site};
use crate::render::{Names, Parcel};

/// The smallest PNG: one pixel.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

fn written(item: &Item, custody: &Custody, bytes: &BTreeMap<AssetHash, Bytes>) -> Vec<u8> {
    let (names, site) = (Names::default(), site());
    Parcel { item, custody, names: &names, site: &site, bytes }.word().unwrap()
}

fn parts(docx: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let names: Vec<String> = zip.file_names().map(str::to_owned).collect();
    let mut parts = BTreeMap::new();
    for name in names {
        let mut bytes = Vec::new();
        zip.by_name(&name).unwrap().read_to_end(&mut bytes).unwrap();
        parts.insert(name, bytes);
    }
    parts
}

fn xml(parts: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8(parts[name].clone()).unwrap()
}

fn document(html: &str) -> String {
    let docx = written(&item(1, "标题", html), &Custody::default(), &BTreeMap::new());
    xml(&parts(&docx), "word/document.xml")
}

/// Style and text of every paragraph.
fn paragraphs(xml: &str) -> Vec<(String, String)> {
    let text = |xml: &str| {
        let pieces = xml.split("<w:t ").skip(1).map(|piece| {
            let piece = piece.split_once('>').unwrap().1;
            piece.split("</w:t>").next().unwrap()
        });
        pieces.collect::<String>()
    };
    xml.split("<w:p ")
        .skip(1)
        .map(|paragraph| {
            let style = paragraph.split("<w:pStyle w:val=\"").nth(1).unwrap_or("\"");
            let paragraph = paragraph.split("</w:p>").next().unwrap();
            (style.split('"').next().unwrap().to_owned(), text(paragraph))
        })
        .collect()
}

#[test]
fn every_block_has_its_style_and_its_words() {
    let xml = document(
        "<h2>一、背景</h2><p>\u{3000}\u{3000}近日，<strong>市工商联</strong>“座谈” &amp; <em>交流</em>。</p>\
         <p style=\"text-align:center\">居中</p><blockquote>引文</blockquote>\
         <ul><li>甲<ul><li>内</li></ul></li><li>乙</li></ul><ol><li>子</li></ol><ol><li>丑</li></ol>\
         <figure><img src=\"http://js.test/1.jpg\" alt=\"会场\"><figcaption>图为会场</figcaption></figure>",
    );
    let found = paragraphs(&xml);
    let found: Vec<(&str, &str)> =
        found.iter().map(|(style, text)| (style.as_str(), text.as_str())).collect();
    assert_eq!(
        found[..13],
        [
            ("Title", "标题"),
            ("Byline", "来源:苏商天下 &amp; 某报　2026-11-03 09:05"),
            ("Heading1", "一、背景"),
            ("BodyText", "近日，市工商联“座谈” &amp; 交流。"),
            ("BodyText", "居中"),
            ("Quote", "引文"),
            ("ListParagraph", "甲"),
            ("ListParagraph", "内"),
            ("ListParagraph", "乙"),
            ("ListParagraph", "子"),
            ("ListParagraph", "丑"),
            ("Figure", "〔图〕会场"),
            ("Caption", "图为会场"),
        ]
    );
    assert!(xml.contains("<w:b />") && xml.contains("<w:i />"), "{xml}");
    // Two numbered lists, each from 1 on.
    for number in ["3", "4"] {
        assert!(xml.contains(&format!("<w:numId w:val=\"{number}\"")), "{number}");
    }
    assert!(xml.contains("<w:ilvl w:val=\"1\""), "the inner list is set in");
}

#[test]
fn fonts_indents_title_and_language_are_those_of_chinese_documents() {
    let docx = written(&item(1, "甲 & <乙>", "<p>文</p>"), &Custody::default(), &BTreeMap::new());
    let parts = parts(&docx);
    let styles = xml(&parts, "word/styles.xml");
    for wanted in [
        "w:eastAsia=\"仿宋\"",
        "w:eastAsia=\"宋体\"",
        "w:eastAsia=\"楷体\"",
        "w:firstLineChars=\"200\"",
        "<w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/>",
    ] {
        assert!(styles.contains(wanted), "{wanted}: {styles}");
    }
    assert!(xml(&parts, "word/document.xml").contains("w:hint=\"eastAsia\""));
    let core = xml(&parts, "docProps/core.xml");
    assert!(core.contains("<dc:title>甲 &amp; &lt;乙&gt;</dc:title>"), "{core}");
    assert!(core.contains(">苏商天下 &amp; 某报</dc:creator>"), "{core}");
    assert!(core.contains("2026-11-03T01:05:00Z"), "{core}");
}

#[test]
fn cells_that_reach_over_others_keep_the_table_rectangular() {
    let xml = document(
        "<table><caption>表一</caption><tr><th colspan=\"2\">甲</th><th rowspan=\"2\">乙</th></tr>\
         <tr><td>1</td><td>2</td></tr><tr><td rowspan=\"9\">3</td><td colspan=\"40\">4</td></tr>\
         <tr><td>少</td></tr></table>",
    );
    let table = xml.split("<w:tbl>").nth(1).unwrap().split("</w:tbl>").next().unwrap();
    let columns = table.matches("<w:gridCol ").count();
    for row in table.split("<w:tr ").skip(1) {
        let spanned: usize = row
            .split("<w:gridSpan w:val=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().parse::<usize>().unwrap() - 1)
            .sum();
        assert_eq!(row.matches("<w:tc>").count() + spanned, columns, "{row}");
        // Every cell ends with a paragraph.
        assert_eq!(row.matches("</w:p></w:tc>").count(), row.matches("</w:tc>").count());
    }
    assert_eq!(table.matches("w:vMerge w:val=\"restart\"").count(), 2);
    assert!(paragraphs(&xml).contains(&("Caption".to_owned(), "表一".to_owned())));
}

#[test]
fn a_held_picture_is_inside_under_its_own_kind_and_a_forbidden_one_nowhere() {
    let held = Url::parse("http://js.test/1.jpg").unwrap();
    let gone = Url::parse("http://js.test/2.jpg").unwrap();
    let mut jpeg = PNG.to_vec();
    jpeg.splice(..4, *b"\xFF\xD8\xFF\xE0");
    let asset = Asset {
        hash: AssetHash::of(&jpeg),
        kind: AssetKind::Jpeg,
        size_bytes: jpeg.len() as u64,
        size_px: Some((4_000, 1_000)),
    };
    let mut custody = Custody::default();
    custody.insert(&held, Holding::Held(asset.clone()));
    custody.insert(&gone, Holding::TakenDown);
    let bytes = BTreeMap::from([(asset.hash, Bytes::from(jpeg.clone()))]);
    let item = item(
        1,
        "标题",
        "<figure><img src=\"http://js.test/1.jpg\"><figcaption>说明一</figcaption></figure>\
         <figure><img src=\"http://js.test/2.jpg\"><figcaption>说明二</figcaption></figure>",
    );
    let parts = parts(&written(&item, &custody, &bytes));
    let media: Vec<&String> = parts.keys().filter(|name| name.starts_with("word/media/")).collect();
    let [picture] = media[..] else { panic!("{media:?}") };
    assert!(picture.ends_with(".jpeg") && parts[picture] == jpeg, "{picture}");
    let relations = xml(&parts, "word/_rels/document.xml.rels");
    assert!(relations.contains(picture.strip_prefix("word/").unwrap()), "{relations}");
    assert!(xml(&parts, "[Content_Types].xml").contains("Extension=\"jpeg\""));
    let document = xml(&parts, "word/document.xml");
    assert!(document.contains("说明一") && !document.contains("说明二"), "{document}");
    // As wide as the text (156 mm), in proportion.
    assert!(document.contains("cx=\"5615940\" cy=\"1403985\""), "{document}");
}

#[test]
fn nothing_in_an_item_makes_a_part_ill_formed() {
    let nasty = "A & B <C> ]]> \u{0}\u{B}\u{FFFE}\u{FDD0} 😀";
    let mut item = item(
        1,
        nasty,
        "<p>&lt;w:p&gt; &amp;amp; \u{8}\u{1F}</p><a href=\"http://a.test/?a=1&amp;b=2\">x</a>",
    );
    item.credit = Some(nasty.to_owned());
    item.attribution = nasty.to_owned();
    let docx = written(&item, &Custody::default(), &BTreeMap::new());
    for (name, bytes) in parts(&docx) {
        if name.ends_with(".xml") || name.ends_with(".rels") {
            well_formed(&name, &bytes);
        }
    }
    // Deeper than anybody writes, and emptier.
    for html in [
        "<blockquote>".repeat(300) + "深" + &"</blockquote>".repeat(300),
        "<table><tr><td>".repeat(60) + "深" + &"</td></tr></table>".repeat(60),
        "<table></table><ul></ul><figure></figure><p></p>".to_owned(),
        String::new(),
    ] {
        let xml = document(&html);
        well_formed("deep", xml.as_bytes());
        assert_eq!(xml.contains('深'), html.contains('深'));
    }
}

fn well_formed(name: &str, bytes: &[u8]) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file.as_file(), bytes).unwrap();
    let judged = std::process::Command::new("xmllint").arg("--noout").arg(file.path()).output();
    let judged = judged.unwrap();
    let said = String::from_utf8_lossy(&judged.stderr);
    assert!(judged.status.success(), "{name}: {said}\n{}", String::from_utf8_lossy(bytes));
}
