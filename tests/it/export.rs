//! `lianbo export`: what it writes, read back with what is not ours, and what it leaves out.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use regex::Regex;
use serde_json::Value;

use super::ground::{Ground, Told, article_html, folder, once, page, reply, title};
use super::running::{Running, get};

/// What is asked for beside the format.
const ALL: [&str; 3] = ["export", "--site", "xin"];

fn fine(told: Told) -> Told {
    assert_eq!(told.code, Some(0), "{told:?}");
    told
}

fn picture() -> Vec<u8> {
    let picture = RgbImage::from_fn(60, 40, |x, y| Rgb([9, (x * 4) as u8, (y * 6) as u8]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// Article 1 has a table and two pictures of which one is held, article 2 a title like a formula.
async fn ground() -> Ground {
    let ground = Ground::new();
    let rich = article_html(&title(1)).replace(
        "</div></body>",
        "<table><tr><th>企业</th><th>人数</th></tr><tr><td>甲</td><td>12</td></tr></table>\
         <p><img src=\"/1.jpg\"></p><p>图为会议现场</p><p><img src=\"/gone.jpg\"></p></div></body>",
    );
    ground.site.set("/art/1.html", page(&rich));
    let formula = article_html(&title(2)).replace(&title(2), "=1+1 市商会“算账”, 服务会员企业");
    ground.site.set("/art/2.html", page(&formula));
    let image = reply("200 OK", "Content-Type: image/jpeg\r\n", &picture());
    ground.site.set("/1.jpg", image);
    ground
}

/// As [`ground`], read once, with the picture in custody.
async fn read() -> Ground {
    let ground = ground().await;
    let pipeline = ground.open().await;
    once(&pipeline).await;
    pipeline.store.close().await.unwrap();
    ground
}

fn at(ground: &Ground, name: &str) -> PathBuf {
    ground.folder.path().join(name)
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn export(ground: &Ground, arguments: &[&str]) -> Told {
    ground.lianbo(&[&ALL, arguments].concat())
}

/// Every part of a Word file.
fn parts(docx: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let names: Vec<String> = zip.file_names().map(str::to_owned).collect();
    let read = |name: String| {
        let mut bytes = Vec::new();
        zip.by_name(&name).unwrap().read_to_end(&mut bytes).unwrap();
        (name, bytes)
    };
    names.into_iter().map(read).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_json_is_what_the_api_says_of_the_item_beside_a_running_daemon() {
    let ground = read().await;
    let mut running = Running::start(&ground.config_file());
    let address = running.address();
    running.answered(&address, "/feeds/all.rss", 200);
    let told: Value = serde_json::from_str(&get(&address, "/api/items").1).unwrap();
    let api: BTreeMap<String, Value> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["id"].as_str().unwrap().to_owned(), item.clone()))
        .collect();
    let exported = fine(export(&ground, &["--format", "jsonl"]));
    let exported = lines(&exported.out);
    assert_eq!(exported.len(), 3);
    for item in &exported {
        assert_eq!(*item, api[item["id"].as_str().unwrap()]);
    }
    // Newest first, as in feeds; and one alone, by its page.
    let feed: Value = serde_json::from_str(&get(&address, "/feeds/xin.json").1).unwrap();
    let ids = |items: &[Value]| items.iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&exported), ids(feed["items"].as_array().unwrap()));
    let page = exported[1]["page"].as_str().unwrap();
    let one = fine(ground.lianbo(&["export", page, page, "--format", "jsonl"]));
    assert_eq!(lines(&one.out), [exported[1].clone()]);
    assert!(running.end().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_opens_in_excel_and_starts_no_formula() {
    let ground = read().await;
    let file = at(&ground, "all.csv");
    fine(export(&ground, &["--format", "csv", "--out", &text(&file)]));
    let bytes = std::fs::read(&file).unwrap();
    let table = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap();
    assert!(table.ends_with(b"\r\n"));
    let mut reader = csv::Reader::from_reader(table);
    let heads = reader.headers().unwrap().clone();
    assert_eq!(heads.iter().take(4).collect::<Vec<_>>(), ["编号", "标题", "发布日期", "来源"]);
    let column = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let api = lines(&fine(export(&ground, &["--format", "jsonl"])).out);
    assert_eq!(rows.len(), 3);
    for (row, item) in rows.iter().zip(&api) {
        assert_eq!(row[column("编号")], *item["id"].as_str().unwrap());
        assert_eq!(row[column("正文")], *item["text"].as_str().unwrap());
        assert_eq!(row[column("原文网址")], *item["url"].as_str().unwrap());
        assert_eq!(row[column("发布日期")], *"2026-11-01");
        assert!(!row.iter().any(|cell| cell.starts_with(['=', '+', '-', '@'])), "{row:?}");
    }
    let titles: Vec<&str> = rows.iter().map(|row| &row[column("标题")]).collect();
    assert!(titles.contains(&"'=1+1 市商会“算账”, 服务会员企业"), "{titles:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn word_files_have_their_pictures_inside_and_beside_them() {
    let ground = read().await;
    let out = at(&ground, "word");
    let told = fine(export(&ground, &["--format", "docx", "--out", &text(&out)]));
    let files = folder(&out);
    let name = format!("2026-11-01 {}", title(1));
    assert_eq!(files[&format!("{name}/图1.jpg")], picture());
    assert_eq!(files.len(), 4, "{:?}", files.keys());
    assert_eq!(told.out.lines().count(), 3, "each document is named: {told:?}");
    // What could not be held is said, and stays a link.
    assert!(told.err.contains("1 of its pictures are not held here"), "{told:?}");
    assert!(
        files.contains_key("2026-11-01 =1+1 市商会“算账”, 服务会员企业.docx"),
        "{:?}",
        files.keys()
    );
    let parts = parts(&files[&format!("{name}.docx")]);
    let media: Vec<&Vec<u8>> =
        parts.iter().filter(|(name, _)| name.starts_with("word/media/")).map(|(_, b)| b).collect();
    assert_eq!(media, [&picture()]);
    let document = String::from_utf8(parts["word/document.xml"].clone()).unwrap();
    for words in [title(1).as_str(), "企业", "12", "图为会议现场", "来源：新新商会"]
    {
        assert!(document.contains(words), "{words}: {document}");
    }
    assert!(document.contains("<w:tbl>"));
    let relations = String::from_utf8(parts["word/_rels/document.xml.rels"].clone()).unwrap();
    for address in ["http://xin.test/art/1.html", "http://xin.test/gone.jpg"] {
        assert!(relations.contains(address), "{relations}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_file_is_a_manuscript_that_says_the_same() {
    let ground = read().await;
    let out = at(&ground, "word");
    fine(export(&ground, &["--format", "docx", "--out", &text(&out)]));
    let name = format!("2026-11-01 {}.docx", title(1));
    let read = lianbo::manuscript::read(&name, &folder(&out)[&name]).unwrap();
    assert_eq!(read.title, title(1));
    assert_eq!(read.credit.as_deref(), Some("新新商会"));
    assert_eq!(read.posted, chrono::NaiveDate::from_ymd_opt(2026, 11, 1));
    assert_eq!(read.url.unwrap().as_str(), "http://xin.test/art/1.html");
    let items = lines(&fine(export(&ground, &["--format", "jsonl"])).out);
    let item = items.iter().find(|item| item["title"] == *title(1)).unwrap();
    for line in item["text"].as_str().unwrap().lines() {
        assert!(read.text.contains(line), "{line} is not in {}", read.text);
    }
    assert!(read.html.contains("<td>甲</td><td>12</td>"), "{}", read.html);
    assert!(read.html.contains(
        "<figure><img src=\"manuscript:1.jpg\" alt=\"\"><figcaption>图为会议现场</figcaption></figure>"
    ));
    assert!(read.pictures == [("1.jpg".to_owned(), picture().into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_need_nothing_from_elsewhere() {
    let ground = read().await;
    let whole = fine(export(&ground, &["--format", "html"])).out;
    let sources = Regex::new("<img[^>]* src=\"([^\"]*)\"").unwrap();
    let of = |html: &str| {
        sources.captures_iter(html).map(|found| found[1].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(whole.matches("<article").count(), 3);
    assert!(whole.ends_with("</html>\n"));
    let shown = of(&whole);
    assert!(shown[0].starts_with("data:image/jpeg;base64,"), "{shown:?}");
    assert_eq!(shown[1..], ["http://xin.test/gone.jpg"]);
    // In a folder, the pictures lie beside the page.
    let out = at(&ground, "pages");
    fine(export(&ground, &["--format", "html", "--out", &text(&out)]));
    let files = folder(&out);
    let page = String::from_utf8(files[&format!("2026-11-01 {}.html", title(1))].clone()).unwrap();
    let place = of(&page)[0].clone();
    let place = percent_encoding::percent_decode_str(place.strip_prefix("./").unwrap());
    assert_eq!(files[place.decode_utf8().unwrap().as_ref()], picture());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_overwritten_unasked_and_nothing_is_left_half_written() {
    let ground = read().await;
    let out = text(&at(&ground, "word"));
    let docx = ["--format", "docx", "--out", &out];
    fine(export(&ground, &docx));
    let before = folder(Path::new(&out));
    // An editor works on one of them, and has put a file of hers into the folder.
    let edited = at(&ground, "word").join(format!("2026-11-01 {}.docx", title(1)));
    std::fs::write(&edited, b"edited").unwrap();
    let own = edited.with_extension("").join("图表.jpg");
    std::fs::write(&own, b"own").unwrap();
    let again = export(&ground, &docx);
    assert_eq!(again.code, Some(1), "{again:?}");
    assert_eq!(again.err.matches("exists and was left as it is").count(), 3, "{again:?}");
    assert!(again.err.contains("0 items exported") && !again.err.contains("check"), "{again:?}");
    assert_eq!(std::fs::read(&edited).unwrap(), b"edited");
    // A picture that must not be shown any more goes from the folder, too; the editor's stays.
    fine(ground.lianbo(&["takedown", "http://xin.test/1.jpg"]));
    fine(export(&ground, &[&docx[..], &["--force"]].concat()));
    let after = folder(Path::new(&out));
    let gone = format!("2026-11-01 {}/图1.jpg", title(1));
    assert!(before.contains_key(&gone) && !after.contains_key(&gone), "{:?}", after.keys());
    assert!(own.exists());
    assert!(
        !parts(&after[&format!("2026-11-01 {}.docx", title(1))])
            .keys()
            .any(|name| name.starts_with("word/media/"))
    );
    let file = text(&at(&ground, "all.csv"));
    fine(export(&ground, &["--format", "csv", "--out", &file]));
    assert_eq!(export(&ground, &["--format", "csv", "--out", &file]).code, Some(2));
    // Where nothing is exported, and where it cannot be, no file appears.
    let none = text(&at(&ground, "none.jsonl"));
    let early = ["--until", "2020-01-01", "--format", "jsonl", "--out", &none];
    assert_eq!(export(&ground, &early).code, Some(1));
    let nowhere = text(&at(&ground, "no/where.csv"));
    assert_eq!(export(&ground, &["--format", "csv", "--out", &nowhere]).code, Some(3));
    let left: Vec<String> = folder(ground.folder.path())
        .into_keys()
        .filter(|name| name.contains(".part") || name.contains("none") || name.contains("where"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_readers_may_not_see_is_left_out_and_named() {
    let ground = ground().await;
    ground.configure(
        "[[site.column]]\nid = \"gg\"\nname = \"公告\"\nurl = \"/gg/\"\nhold = true\n\
         [[site.column]]\nid = \"zy\"\nname = \"摘要\"\nurl = \"/zy/\"\npublish = \"summary\"\n",
    );
    ground.list("/gg/", &[4]);
    ground.list("/zy/", &[5]);
    fine(ground.lianbo(&["once"]));
    let all = lines(&fine(export(&ground, &["--format", "jsonl"])).out);
    let name = |n: u32| {
        let url = format!("http://xin.test/art/{n}.html");
        let found = all.iter().find(|item| item["url"] == url.as_str());
        found.map(|item| item["page"].as_str().unwrap().split("/items/").nth(1).unwrap().to_owned())
    };
    let (one, three) = (name(1).unwrap(), name(3).unwrap());
    assert_eq!(name(4), None, "it is held");
    fine(ground.lianbo(&["withdraw", &three, "--reason", "来函"]));
    // Of some days: the rest comes, and each that does not is named. That is no fault.
    let told = fine(export(&ground, &["--format", "jsonl"]));
    assert_eq!(lines(&told.out).len(), 3, "{told:?}");
    assert!(told.err.contains(&title(3)) && told.err.contains("withdrawn: "), "{told:?}");
    assert!(told.err.contains(&title(4)) && told.err.contains("waits for release"), "{told:?}");
    assert!(told.err.contains("permits the summary only"), "{told:?}");
    let summary = lines(&told.out).into_iter().find(|item| item["title"] == title(5).as_str());
    let summary = summary.unwrap();
    assert!(!summary["text"].as_str().unwrap().contains("切实办实事"), "{summary}");
    // By name, it is.
    let named = ground.lianbo(&["export", &one, &three, "--format", "jsonl"]);
    assert_eq!((named.code, lines(&named.out).len()), (Some(1), 1), "{named:?}");
    let held = ground.lianbo(&["export", "http://xin.test/art/4.html", "--format", "jsonl"]);
    assert_eq!((held.code, held.out.as_str()), (Some(1), ""), "{held:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn days_feeds_and_sites_choose_and_what_cannot_be_meant_is_said() {
    let ground = read().await;
    let count = |arguments: &[&str]| {
        let told = ground.lianbo(&[&["export", "--format", "jsonl"], arguments].concat());
        assert!(told.code == Some(0) || told.out.is_empty(), "{told:?}");
        told.out.lines().count()
    };
    assert_eq!(count(&["--since", "2026-11-01", "--until", "2026-11-01"]), 3);
    assert_eq!(count(&["--since", "2026-11-02"]), 0);
    assert_eq!(count(&["--until", "2026-10-31"]), 0);
    assert_eq!(count(&["--site", "xin/zt"]), 1);
    assert_eq!(count(&["--feed", "xin/zt", "--since", "2026-11-01"]), 1);
    assert_eq!(count(&["--feed", "all", "--site", "xin/yw"]), 3);
    for (wrong, said) in [
        (&["--since", "2026-11-02", "--until", "2026-11-01", "--format", "csv"][..], "before"),
        (&["--feed", "none", "--format", "csv"], "no feed `none`"),
        (&["--site", "none", "--format", "csv"], "none"),
        (&["xin/none", "--format", "csv"], "xin/none"),
        (&["--site", "xin", "--format", "docx"], "--out"),
        (&["--format", "csv"], "required"),
        (&["--site", "xin"], "--format"),
    ] {
        let told = ground.lianbo(&[&["export"], wrong].concat());
        assert_eq!(told.code, Some(2), "{wrong:?}: {told:?}");
        assert!(told.err.contains(said), "{wrong:?}: {told:?}");
    }
}
