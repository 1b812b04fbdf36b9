//! Pictures and attachments in custody: fetched once, checked, served by us, kept, taken down.

mod refused;
mod taken;

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use lianbo::demo::{Demo, Pace};
use lianbo::model::{AssetHash, Cause, ProblemCode};
use lianbo::pipeline::Pipeline;
use lianbo::store::Taking;
use regex::Regex;
use serde_json::Value;

use crate::ground::{
    Ground, Reply, folder, items, list_html, once, page, problems, redirect, reply,
};
use crate::running::{DEADLINE, Running};

/// A small picture; another `tint` gives other bytes.
pub(crate) fn picture(format: ImageFormat, tint: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(60, 40, |x, y| Rgb([tint, (x * 4) as u8, (y * 6) as u8]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(crate) fn image(bytes: &[u8]) -> Reply {
    reply("200 OK", "Content-Type: image/jpeg\r\n", bytes)
}

/// An article that shows the pictures at `addresses`.
pub(crate) fn article(title: &str, addresses: &[&str]) -> Reply {
    let shown: String = addresses
        .iter()
        .zip(["甲", "乙", "丙"])
        .map(|(url, n)| format!("<p><img src=\"{url}\"></p><p>图为会议现场{n}</p>"))
        .collect();
    page(&format!(
        "<html><head><title>{title}</title></head><body><h1>{title}</h1>\
         <div class=\"info\">发布时间:2026-11-01 来源:新新商会</div><div class=\"content\">\
         <p>近日，市工商联就“{title}”组织座谈，三十余家民营企业负责人参加，现场气氛热烈。</p>{shown}\
         <p>市工商联有关负责人表示，将及时梳理企业诉求，会同有关部门逐项研究解决，切实办实事。</p>\
         </div></body></html>"
    ))
}

/// One column whose one article shows the pictures at `addresses`.
fn ground(addresses: &[&str]) -> Ground {
    let ground = Ground::new();
    ground.site.set("/zt/", page(&list_html(&[("/art/1.html", TITLE)], None)));
    ground.site.set("/yw/", page(&list_html(&[("/art/1.html", TITLE)], None)));
    ground.site.set("/art/1.html", article(TITLE, addresses));
    ground
}

const TITLE: &str = "市商会召开会员企业服务工作会议";

/// Where what has these bytes is published.
pub(crate) fn place(bytes: &[u8], extension: &str) -> String {
    format!("assets/{}.{extension}", AssetHash::of(bytes))
}

fn text(public: &BTreeMap<String, Vec<u8>>, path: &str) -> String {
    String::from_utf8(public[path].clone()).unwrap()
}

/// The one item of the JSON feed of everything.
fn item(ground: &Ground) -> Value {
    let feed: Value = serde_json::from_slice(&ground.public()["feeds/all.json"]).unwrap();
    feed["items"][0].clone()
}

/// Everything that shows the pictures of the one item.
const SHOWING: [&str; 4] =
    ["feeds/all.rss", "feeds/all.atom", "feeds/all.json", "items/xin/1.html"];

/// The item's page and the feeds, which must all have `wanted` and none of `unwanted`.
#[track_caller]
fn assert_shown(ground: &Ground, wanted: &[&str], unwanted: &[&str]) {
    let public = ground.public();
    let page = public.keys().find(|path| path.starts_with("items/xin/")).unwrap().clone();
    for path in SHOWING.map(|path| if path.starts_with("items/") { page.as_str() } else { path }) {
        // JSON names the original too, as such.
        let text = text(&public, path);
        let text = match path.ends_with(".json") {
            true => item(ground)["content_html"].as_str().unwrap().to_owned(),
            false => text,
        };
        for part in wanted {
            assert!(text.contains(part), "`{part}` is not in {path}:\n{text}");
        }
        for part in unwanted {
            assert!(!text.contains(part), "`{part}` is in {path}:\n{text}");
        }
    }
}

/// Head and body of `path` at `address`.
fn ask(address: &str, path: &str, headers: &str) -> (String, Vec<u8>) {
    ask_as(address, path, &format!("Host: x\r\n{headers}"))
}

fn ask_as(address: &str, path: &str, headers: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    (head, answer[end + 4..].to_vec())
}

#[tokio::test]
async fn a_picture_is_fetched_once_and_shown_at_our_address_with_its_size() {
    let ground = ground(&["/p/1.jpg"]);
    let bytes = picture(ImageFormat::Jpeg, 10);
    ground.site.set("/p/1.jpg", image(&bytes));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let seen = ground.site.seen();
    let asked: Vec<_> = seen.iter().filter(|seen| seen.path == "/p/1.jpg").collect();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].head.contains("referer: http://xin.test/art/1.html"), "{}", asked[0].head);
    assert!(!asked[0].head.contains("avif"), "{}", asked[0].head);

    let place = place(&bytes, "jpg");
    assert_eq!(ground.public()[&place], bytes);
    let ours = format!("http://feeds.test/{place}");
    assert_shown(&ground, &[&ours, "width=\"60\"", "height=\"40\""], &["http://xin.test/p/"]);
    let rss = text(&ground.public(), "feeds/all.rss");
    let length = bytes.len();
    for part in [
        format!("<enclosure url=\"{ours}\" length=\"{length}\" type=\"image/jpeg\""),
        format!(
            "<media:content fileSize=\"{length}\" height=\"40\" medium=\"image\" type=\"image/jpeg\" \
             url=\"{ours}\" width=\"60\">"
        ),
        format!("<media:thumbnail height=\"40\" url=\"{ours}\" width=\"60\""),
    ] {
        assert!(rss.contains(&part), "{part} is not in {rss}");
    }
    let atom = text(&ground.public(), "feeds/all.atom");
    assert!(atom.contains("rel=\"enclosure\"") && atom.contains(&ours), "{atom}");
    let item = item(&ground);
    assert_eq!(item["image"], ours.as_str());
    let picture = &item["_lianbo"]["pictures"][0];
    assert_eq!(picture["url"], ours.as_str());
    assert_eq!(picture["original"], "http://xin.test/p/1.jpg");
    assert_eq!((picture["width"].as_u64(), picture["height"].as_u64()), (Some(60), Some(40)));
    assert_eq!(picture["size_in_bytes"], length);
    assert_eq!(problems(&pipeline.store).await, []);
    // The stored body is the site's.
    assert!(items(&pipeline.store).await[0].html.contains("http://xin.test/p/1.jpg"));

    // The second poll downloads nothing, and nothing changes; nor does a restart change anything.
    let before = ground.public();
    once(&pipeline).await;
    assert!(!ground.site.has_been_asked("/p/1.jpg"));
    assert!(ground.public() == before);
    drop(pipeline);
    // The original vanishes: ours stays.
    ground.site.set("/p/1.jpg", reply("404 Not Found", "", b""));
    let pipeline = ground.open().await;
    ground.later(TimeDelta::days(7));
    once(&pipeline).await;
    assert!(ground.public() == before);
}

/// The demo's sites refuse their pictures to whoever does not come from their own pages.
#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_guards_its_pictures_is_asked_as_its_own_page_asks() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    let data = tempfile::tempdir().unwrap();
    let clock = Demo::frozen_clock();
    let network = Demo::start(&demo, Some(data.path()), Pace::Frozen, clock()).await.unwrap();
    let pipeline = lianbo::daemon::open(Arc::new(network.config().clone()), clock).await.unwrap();
    once(&pipeline).await;
    assert_eq!(problems(&pipeline.store).await, []);
    let sent = network.network().requests();
    let pictures: Vec<_> =
        sent.iter().filter(|r| r.path.contains(".jpg") || r.path.contains(".png")).collect();
    assert!(pictures.len() > 20, "{}", pictures.len());
    assert!(pictures.iter().all(|request| request.status == 200), "{pictures:?}");
    let address = network.network().addresses()[0].1.to_string();
    let guarded = pictures.iter().find(|request| request.host == "sheng.test").unwrap();
    let host = "Host: sheng.test\r\n";
    for (referer, status) in [("", "403"), ("Referer: http://feeds.test/\r\n", "403")] {
        let (head, _) = ask_as(&address, &guarded.path, &format!("{host}{referer}"));
        assert!(head.starts_with(&format!("http/1.1 {status}")), "{head}");
    }
    // All of them are shown at our address, a few files altogether.
    let public = folder(&data.path().join("public"));
    let held = public.keys().filter(|path| path.starts_with("assets/")).count();
    assert!((4..=6).contains(&held), "{held}");
    let shown = text(&public, "feeds/all.rss");
    assert!(!Regex::new("<img src=\"http://[a-z]+\\.test/").unwrap().is_match(&shown), "{shown}");
    assert!(shown.contains("<img src=\"http://127.0.0.1:8700/assets/"), "{shown}");
}

#[tokio::test]
async fn pictures_that_come_later_move_no_date() {
    let ground = ground(&["/p/1.jpg", "/p/2.jpg"]);
    let (first, second) = (picture(ImageFormat::Jpeg, 10), picture(ImageFormat::Png, 20));
    ground.site.set("/p/1.jpg", image(&first));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_shown(&ground, &[&place(&first, "jpg"), "http://xin.test/p/2.jpg"], &[]);
    let before = item(&ground);
    assert_eq!(problems(&pipeline.store).await, [("xin".to_owned(), ProblemCode::CustodyFailed)]);
    // Left alone for an hour, then tried again.
    ground.site.asked();
    ground.site.set("/p/2.jpg", image(&second));
    once(&pipeline).await;
    assert!(!ground.site.has_been_asked("/p/2.jpg"));
    assert_eq!(problems(&pipeline.store).await.len(), 1, "it is still waited for");
    ground.later(TimeDelta::minutes(61));
    once(&pipeline).await;
    assert_shown(&ground, &[&place(&first, "jpg"), &place(&second, "png")], &["xin.test/p/"]);
    let after = item(&ground);
    assert_eq!(after["date_modified"], before["date_modified"]);
    assert_eq!(after["_lianbo"]["revision"], 1);
    assert!(after["_lianbo"]["seq"].as_u64() > before["_lianbo"]["seq"].as_u64());
    let rss = text(&ground.public(), "feeds/all.rss");
    assert!(!rss.contains("atom:updated"), "{rss}");
    assert_eq!(problems(&pipeline.store).await, []);
}

#[tokio::test]
async fn the_same_bytes_at_two_addresses_are_one_file() {
    let ground = ground(&["/p/1.jpg", "/p/2.jpg?v=2"]);
    let bytes = picture(ImageFormat::Gif, 10);
    ground.site.set("/p/1.jpg", image(&bytes));
    ground.site.set("/p/2.jpg?v=2", image(&bytes));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    // The bytes decide on the format, whatever address and header say.
    let place = place(&bytes, "gif");
    assert_shown(&ground, &[&place], &["http://xin.test/p/"]);
    let held: Vec<String> =
        ground.public().into_keys().filter(|path| path.starts_with("assets/")).collect();
    assert_eq!(held, [place]);
}

#[tokio::test]
async fn a_site_may_keep_its_pictures_and_say_how_they_are_used() {
    let ground = ground(&["/p/1.jpg"]);
    let bytes = picture(ImageFormat::Jpeg, 10);
    ground.site.set("/p/1.jpg", image(&bytes));
    let family = "family = \"generic\"\n";
    let terms = "pictures = \"original\"\nlicence = \"转载须注明来源\"\n";
    ground.reconfigure(family, &format!("{family}{terms}"));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert!(!ground.site.has_been_asked("/p/1.jpg"));
    assert_shown(&ground, &["http://xin.test/p/1.jpg", "转载须注明来源"], &["/assets/"]);
    assert_eq!(item(&ground)["_lianbo"]["licence"], "转载须注明来源");
    drop(pipeline);
    // Switched on, everything is shown anew; switched off again, what is held is not used.
    ground.reconfigure(terms, "");
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_shown(&ground, &[&place(&bytes, "jpg")], &["xin.test/p/", "转载须"]);
    drop(pipeline);
    ground.reconfigure(family, &format!("{family}{terms}"));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_shown(&ground, &["http://xin.test/p/1.jpg"], &["/assets/"]);
}

#[tokio::test]
async fn a_pixel_that_counts_readers_is_shown_to_nobody() {
    let ground = ground(&["/p/1.jpg", "/p/2.jpg"]);
    let pixel = {
        let mut bytes = Cursor::new(Vec::new());
        let one = DynamicImage::from(RgbImage::new(1, 1));
        one.write_to(&mut bytes, ImageFormat::Gif).unwrap();
        bytes.into_inner()
    };
    let bytes = picture(ImageFormat::Jpeg, 10);
    ground.site.set("/p/1.jpg", image(&pixel));
    ground.site.set("/p/2.jpg", image(&bytes));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_shown(&ground, &[&place(&bytes, "jpg")], &["xin.test/p/"]);
    assert_eq!(problems(&pipeline.store).await, []);
}

#[tokio::test]
async fn attachments_are_held_where_that_is_wanted() {
    let ground = ground(&[]);
    let title = TITLE;
    ground.site.set(
        "/art/1.html",
        page(&format!(
            "<html><head><title>{title}</title></head><body><h1>{title}</h1>\
             <div class=\"info\">发布时间:2026-11-01 来源:新新商会</div><div class=\"content\">\
             <p>近日，市工商联就“{title}”组织座谈，三十余家民营企业负责人参加，现场气氛热烈。</p>\
             <p><a href=\"/f/1.pdf\">附件1：申报表.pdf</a></p><p><a href=\"/f/2.doc\">附件2：名单.doc</a></p>\
             </div></body></html>"
        )),
    );
    let pdf = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n";
    ground.site.set("/f/1.pdf", reply("200 OK", "", pdf));
    ground.site.set("/f/2.doc", reply("200 OK", "", b"<html>404</html>"));
    ground.reconfigure("[schedule]", "[custody]\nattachments = \"custody\"\n[schedule]");
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let place = place(pdf, "pdf");
    assert_eq!(ground.public()[&place], pdf);
    assert_shown(&ground, &[&place, "http://xin.test/f/2.doc"], &["xin.test/f/1.pdf"]);
    let files = item(&ground)["attachments"].clone();
    assert_eq!(files[0]["mime_type"], "application/pdf");
    assert_eq!(files[0]["size_in_bytes"], pdf.len());
    assert_eq!(files[1]["url"], "http://xin.test/f/2.doc");
    assert_eq!(problems(&pipeline.store).await, [("xin".to_owned(), ProblemCode::CustodyRefused)]);
}

#[tokio::test]
async fn two_runs_from_nothing_give_the_same_bytes() {
    let run = || async {
        let ground = ground(&["/p/1.jpg", "/p/2.jpg", "/p/3.jpg"]);
        for n in 1..=2 {
            let bytes = picture(ImageFormat::Png, n);
            ground.site.set(&format!("/p/{n}.jpg"), image(&bytes));
        }
        let pipeline = ground.open().await;
        once(&pipeline).await;
        ground.public()
    };
    let (first, second) = (Arc::new(run().await), run().await);
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    assert!(*first == second);
}

#[tokio::test]
async fn pictures_on_other_hosts_get_neither_our_headers_nor_our_consents() {
    let ground = ground(&["http://alt.test/p/1.jpg", "http://127.0.0.1:1/p/2.jpg"]);
    let family = "family = \"generic\"\n";
    ground.reconfigure(
        family,
        &format!("{family}allow_private = true\nheaders = {{ X-Pass = \"s3cret\" }}\n"),
    );
    let bytes = picture(ImageFormat::Jpeg, 10);
    ground.site.set("/p/1.jpg", image(&bytes));
    ground.site.set("/robots.txt", reply("200 OK", "", b"User-agent: *\nDisallow: /p/\n"));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert!(!ground.site.has_been_asked("/p/1.jpg"), "robots.txt of the other host rules");
    let found = pipeline.store.problems().await.unwrap();
    assert!(found[0].detail.contains("robots-disallow"), "{found:?}");
    ground.site.set("/robots.txt", reply("404 Not Found", "", b""));
    ground.later(TimeDelta::days(2));
    once(&pipeline).await;
    let seen = ground.site.seen();
    let asked = seen.iter().find(|seen| seen.path == "/p/1.jpg").unwrap();
    assert!(!asked.head.contains("s3cret"), "{}", asked.head);
    assert!(seen.iter().any(|seen| seen.path == "/yw/" && seen.head.contains("s3cret")));
}
