//! A list that stands elsewhere is looked for on the site, and blocks of the newest are not taken for
//! it.

use std::fs;

use chrono::TimeDelta;

use super::{config, proposes_nothing, told};
use crate::ground::{
    Ground, Told, article_html, items, list_html, once, page, redirect, reply, title,
};

/// The address of an article as TRS writes it, under the folder of a column.
fn numbered(folder: &str, n: u32) -> String {
    format!("{folder}202611/t20261101_80000{n}.html")
}

/// Serves the list `path` of articles under `folder`, in a list of this class, and the articles.
fn serve_numbered(ground: &Ground, path: &str, folder: &str, class: &str, numbers: &[u32]) {
    let rows: Vec<(String, String)> =
        numbers.iter().map(|&n| (numbered(folder, n), title(n))).collect();
    for (n, (url, title)) in numbers.iter().zip(&rows) {
        assert_eq!(*url, numbered(folder, *n));
        ground.site.set(url, page(&article_html(title)));
    }
    let rows: Vec<(&str, &str)> = rows.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let html = list_html(&rows, Some("older.html"));
    ground.site.set(path, page(&html.replace("class=\"list\"", &format!("class=\"{class}\""))));
}

/// A front page with these links (address, text) in its menu and the articles of `block` below.
fn front(links: &[(&str, &str)], folder: &str, block: &[u32]) -> String {
    let menu: String =
        links.iter().map(|(url, text)| format!("<a href=\"{url}\">{text}</a>")).collect();
    let rows: String = block
        .iter()
        .map(|&n| format!("<li><a href=\"{}\">{}</a>11-01</li>", numbered(folder, n), title(n)))
        .collect();
    format!(
        "<html><head><title>新新商会</title></head><body><div class=\"nav\">{menu}</div>\
         <div class=\"block\"><h3>要闻</h3><ul>{rows}</ul></div></body></html>"
    )
}

/// A column of six numbered articles with a rule of its own that fits.
async fn numbered_six() -> Ground {
    let ground = Ground::new();
    ground.reconfigure("url = \"/yw/\"", "url = \"/yw/\" # 网址\nlist.item = [\".list li\"]");
    serve_numbered(&ground, "/yw/", "/yw/", "list", &[6, 5, 4, 3, 2, 1]);
    once(&ground.open().await).await;
    ground
}

/// After the list of `ground` moved to `/zx/`: it is found, written, and read with the same ids.
async fn is_found_and_followed(ground: &Ground, before: &Told) {
    assert_eq!(before.code, Some(1), "{before:?}");
    let json = told(before);
    assert_eq!(json["moved"]["url"], "http://xin.test/zx/", "{json:#}");
    let looked = json["looked"].as_array().unwrap();
    assert!(looked.iter().any(|looked| looked["list"] == true), "{json:#}");
    let articles = &json["articles"]["before"];
    assert_eq!((&articles["of"], &articles["right"]), (&5.into(), &5.into()), "{json:#}");

    let written = ground.lianbo(&["repair", "xin/yw", "--write"]);
    assert_eq!(written.code, Some(0), "{written:?}");
    assert!(written.err.contains("the list stands at http://xin.test/zx/ now"), "{written:?}");
    let after = config(ground);
    assert!(after.contains("url = \"/zx/\" # 网址\n"), "{after}");

    let pipeline = ground.open().await;
    let stored = items(&pipeline.store).await;
    serve_numbered(ground, "/zx/", "/zx/", "xin", &[7, 6, 5, 4, 3, 2]);
    ground.later(TimeDelta::hours(1));
    let (reports, _) = once(&pipeline).await;
    assert!(reports[0].faults.is_empty() && reports[0].new == 1, "{:?}", reports[0]);
    let now = items(&pipeline.store).await;
    assert_eq!(now.len(), stored.len() + 1, "no article came twice");
    assert!(stored.iter().all(|item| now.iter().any(|other| other.id == item.id)));
    drop(pipeline);
    let sound = ground.lianbo(&["repair", "xin/yw"]);
    assert_eq!((sound.code, sound.out.as_str()), (Some(0), ""), "{sound:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_gone_is_found_where_the_front_page_links_it() {
    let ground = numbered_six().await;
    // Its articles moved with it; their numbers tell them.
    serve_numbered(&ground, "/zx/", "/zx/", "xin", &[6, 5, 4, 3, 2, 1]);
    ground.site.set("/yw/", reply("404 Not Found", "", b""));
    (1..=6).for_each(|n| ground.site.set(&numbered("/yw/", n), reply("410 Gone", "", b"")));
    let links = [("/", "首页"), ("/zt/", "专题"), ("/zx/", "商会要闻")];
    ground.site.set("/", page(&front(&links, "/zx/", &[6, 5, 4, 3, 2, 1])));
    let before = ground.lianbo(&["repair", "xin/yw", "--json"]);
    is_found_and_followed(&ground, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_leads_home_is_found_under_another_name() {
    let ground = numbered_six().await;
    serve_numbered(&ground, "/zx/", "/yw/", "xin", &[6, 5, 4, 3, 2, 1]);
    ground.site.set("/yw/", redirect("http://xin.test/"));
    let links = [("/", "首页"), ("/zt/", "专题"), ("/zx/", "资讯中心")];
    ground.site.set("/", page(&front(&links, "/yw/", &[6, 5, 4])));
    ground.site.asked();
    let before = ground.lianbo(&["repair", "xin/yw", "--json"]);
    let asked = ground.site.asked();
    assert_eq!(asked.iter().filter(|path| *path == "/").count(), 1, "it came already: {asked:?}");
    is_found_and_followed(&ground, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn saved_pages_alone_are_looked_at_for_a_list_that_moved() {
    let ground = numbered_six().await;
    let saved = tempfile::tempdir().unwrap();
    let folder = saved.path().join("xin.test");
    fs::create_dir_all(folder.join("zx")).unwrap();
    serve_numbered(&ground, "/zx/", "/yw/", "xin", &[6, 5, 4, 3, 2, 1]);
    let links = [("/zx/", "要闻")];
    fs::write(folder.join("index.html"), front(&links, "/yw/", &[6])).unwrap();
    let rows: Vec<(String, String)> =
        (1..=6).rev().map(|n| (numbered("/yw/", n), title(n))).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    fs::write(folder.join("zx/index.html"), list_html(&rows, None)).unwrap();
    ground.site.seen();
    let told = ground.lianbo(&["repair", "xin/yw", "--from", saved.path().to_str().unwrap()]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.out.contains("-url = \"/yw/\" # 网址\n+url = \"/zx/\" # 网址\n"), "{told:?}");
    assert!(ground.site.seen().is_empty(), "nobody was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_of_the_newest_are_not_mistaken_for_the_list() {
    let ground = numbered_six().await;
    ground.site.set("/yw/", reply("404 Not Found", "", b""));
    let block: String = [6, 5, 4]
        .map(|n| format!("<li><a href=\"{}\">{}</a></li>", numbered("/yw/", n), title(n)))
        .concat();
    let beside = format!("<div class=\"side\"><h3>要闻</h3><ul>{block}</ul></div></body>");
    let article = article_html("要闻栏目改版启事").replace("</body>", &beside);
    ground.site.set("/about.html", page(&article));
    // An overview: three of the column, and as many of others.
    let others =
        [1, 2, 3, 4].map(|n| format!("<li><a href=\"/q/{n}.html\">别处文章第{n}篇</a></li>"));
    let overview = format!("<ul class=\"a\">{block}</ul><ul class=\"b\">{}</ul>", others.concat());
    ground.site.set("/news/", page(&overview));
    // All of the six, beside the list of another column.
    let all: String = (1..=6)
        .map(|n| format!("<li><a href=\"{}\">{}</a></li>", numbered("/yw/", n), title(n)))
        .collect();
    let rows: Vec<(String, String)> = (1..=20)
        .map(|n| (format!("/r/{n}.html"), format!("另一个栏目的第{n}篇文章标题")))
        .collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let other = list_html(&rows, None)
        .replace("</body>", &format!("<div class=\"side\"><ul>{all}</ul></div></body>"));
    ground.site.set("/other/", page(&other));
    let many: Vec<(String, String)> =
        (0..30).map(|n| (format!("/lm{n}/"), format!("动态{n}"))).collect();
    let mut links = vec![("/about.html", "要闻"), ("/news/", "要闻中心"), ("/other/", "要闻动态")];
    links.extend(many.iter().map(|(url, text)| (url.as_str(), text.as_str())));
    ground.site.set("/", page(&front(&links, "/yw/", &[6, 5, 4, 3, 2, 1])));
    ground.site.asked();
    let told = proposes_nothing(&ground, "blocks");
    for url in ["/about.html", "/news/", "/other/"] {
        let line = told.err.lines().find(|line| line.contains(url));
        assert!(line.is_some_and(|line| line.contains("known")), "{url}: {told:?}");
    }
    let asked = ground.site.asked();
    assert!((10..=13).contains(&asked.len()), "its own and twelve: {asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_further_where_the_site_does_not_answer() {
    let ground = numbered_six().await;
    ground.site.set("/", page(&front(&[("/zx/", "要闻")], "/yw/", &[])));
    ground.site.set("/yw/", reply("503 Service Unavailable", "", b""));
    ground.site.asked();
    proposes_nothing(&ground, "an error");
    assert_eq!(ground.site.asked(), ["/yw/"]);
}
