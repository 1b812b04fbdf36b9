//! Sites are redesigned: rules are proposed by what is known, and nothing of a page that is none.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use encoding_rs::{Encoding, GB18030, UTF_8};
use lianbo::daemon;
use lianbo::demo::{Demo, Mutation, Pace};
use lianbo::pipeline::{Outcome, Repaired, Repairer, Source, guest_manners};
use regex::Regex;
use serde_json::Value;

use crate::ground::{
    Ground, Told, article_html, items, list_html, once, page, redirect, reply, title,
};

/// A site of the demo network with rules of its own, and what a redesign makes of its pages.
struct Case {
    site: &'static str,
    column: &'static str,
    url: &'static str,
    family: &'static str,
    /// Rules that fit the pages as they are.
    rules: &'static str,
    charset: &'static Encoding,
    flipped: &'static Encoding,
    redesign: fn(&str) -> String,
}

/// TRS: a list becomes divisions, dates move behind the titles, the name of the body container is
/// given to another box, UTF-8 becomes GBK.
const SHENG: Case = Case {
    site: "sheng",
    column: "yw",
    url: "/yw/",
    family: "trs",
    rules: "list = { item = [\"ul.news_list li\"], date = \"span\" } # 行\narticle = { body = \".TRS_Editor\" }\n",
    charset: UTF_8,
    flipped: GB18030,
    redesign: |html| {
        let html = html.replace("class=\"tools\"", "class=\"CUT\"");
        let html = renamed(&html).replace("TUC", "TRS_Editor");
        let html = moved_dates(&html);
        dated(&html)
            .replace("<ul", "<div")
            .replace("</ul>", "</div>")
            .replace("<li>", "<div class=\"tiao\">")
            .replace("</li>", "</div>")
    },
};

/// PHPCMS: a list becomes a table without `title` attributes, and every class gets another name.
const DING: Case = Case {
    site: "ding",
    column: "gzdt",
    url: "/index.php?m=content&c=index&a=lists&catid=13",
    family: "phpcms",
    rules: "list = { item = [\"ul.list li\"], title = \"a\", date = \".date\" }\narticle.title = \"h2\"\n",
    charset: UTF_8,
    flipped: UTF_8,
    redesign: |html| {
        let html = Regex::new(" title=\"[^\"]*\"").unwrap().replace_all(html, "").into_owned();
        dated(&renamed(&html))
            .replace("<h2>", "<p class=\"biaoti\">")
            .replace("</h2>", "</p>")
            .replace("<ul", "<table")
            .replace("</ul>", "</table>")
            .replace("<li>", "<tr><td>")
            .replace("</li>", "</td></tr>")
    },
};

/// ASP: a table becomes a list, dates get their year, GBK becomes UTF-8.
const WU: Case = Case {
    site: "wu",
    column: "dt",
    url: "/list.asp?page=1",
    family: "asp",
    rules: "[site.column.list]\nitem = [\"table.list tr\"]\ndate = \"font\"\n",
    charset: GB18030,
    flipped: UTF_8,
    redesign: |html| {
        let row = Regex::new(r"<tr><td width=20>.*?<td>(<a .*?</a>)<td>.*?\[(\d+)-(\d+)\]</font>");
        let html = row.unwrap().replace_all(html, "<li><em>2026/$2/$3</em><h5>$1</h5></li>");
        html.replace("<table width=100% class=list>", "<ol class=wenzhang>")
            .replace("</table>\n<p align=center>第", "</ol>\n<p align=center>第")
            .replace("class=content", "class=zhengwen")
    },
};

/// Every class and id spelt backwards.
fn renamed(html: &str) -> String {
    let names = Regex::new(r#"(class|id)="([^"]*)""#).unwrap();
    let turned = names.replace_all(html, |found: &regex::Captures<'_>| {
        let name: String = found[2].chars().rev().collect();
        format!("{}=\"{name}\"", &found[1])
    });
    turned.into_owned()
}

fn dated(html: &str) -> String {
    let day = Regex::new(r"(\d{4})-(\d\d?)-(\d\d?)").unwrap();
    day.replace_all(html, "$1年$2月$3日").into_owned()
}

fn moved_dates(html: &str) -> String {
    let row = Regex::new(r"<li><span>([\d-]+)</span>(<a .*?</a>)</li>").unwrap();
    row.replace_all(html, "<li><h4>$2</h4><i class=\"shijian\">$1</i></li>").into_owned()
}

impl Case {
    fn id(&self) -> String {
        format!("{}/{}", self.site, self.column)
    }

    fn ground(&self) -> Ground {
        let ground = Ground::new();
        let Self { site, column, url, family, rules, .. } = self;
        let address = ground.site.address;
        let text = format!(
            "[daemon]\ndata = \"data\"\nlisten = \"127.0.0.1:0\"\nbase_url = \"http://feeds.test/\"\n\
             [admin]\nlisten = \"127.0.0.1:0\"\n[id]\nauthority = \"feeds.test\"\ndate = \"2026\"\n\
             [schedule]\njitter = \"0s\"\n[fetch]\ncontact = \"test@feeds.test\"\ngap = \"0s\"\n\
             retries = 0\nresolve = {{ \"{site}.test\" = \"{address}\" }}\n[withdraw]\nlooks = []\n\
             [[site]]\nid = \"{site}\"\nname = \"示例\"\nhome = \"http://{site}.test/\"\n\
             family = \"{family}\"\n# 栏目 the column\n[[site.column]]\nid = \"{column}\"\n\
             name = \"栏目\"\nurl = \"{url}\"\n{rules}"
        );
        fs::write(ground.config_file(), text).unwrap();
        self.serve(&ground, self.charset, &|html| html.to_owned());
        ground
    }

    /// Serves the site of the demo network, each page changed by `change`.
    fn serve(&self, ground: &Ground, charset: &'static Encoding, change: &dyn Fn(&str) -> String) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("demo/network")
            .join(format!("{}.test", self.site));
        let table: toml::Value =
            toml::from_str(&fs::read_to_string(folder.join("responses.toml")).unwrap()).unwrap();
        let mut served = 0;
        for response in table["response"].as_array().unwrap() {
            let Some(file) = response.get("file").and_then(toml::Value::as_str) else { continue };
            let path = response["path"].as_str().unwrap().to_owned();
            let query = response.get("query").and_then(toml::Value::as_table);
            let query: Vec<String> = query
                .into_iter()
                .flatten()
                .map(|(key, value)| format!("{key}={}", value.as_str().unwrap()))
                .collect();
            let path = match query.is_empty() {
                true => path,
                false if self.url.starts_with(&path) && is_same(&query, self.url) => {
                    self.url.to_owned()
                }
                false => format!("{path}?{}", query.join("&")),
            };
            let html = change(&fs::read_to_string(folder.join(file)).unwrap());
            let html =
                html.replace("charset=utf-8", "charset=X").replace("charset=gb2312", "charset=X");
            let html = html.replace("charset=X", &format!("charset={}", charset.name()));
            let (bytes, ..) = charset.encode(&html);
            ground.site.set(&path, reply("200 OK", "Content-Type: text/html\r\n", &bytes));
            served += 1;
        }
        assert!(served > 5, "{} has its pages", self.site);
    }

    fn redesigned(&self, ground: &Ground) {
        self.serve(ground, self.flipped, &self.redesign);
    }
}

/// True where the address has these parameters, in whatever order.
fn is_same(query: &[String], url: &str) -> bool {
    let asked: BTreeSet<&str> = url.split_once('?').unwrap().1.split('&').collect();
    asked == query.iter().map(String::as_str).collect()
}

fn config(ground: &Ground) -> String {
    fs::read_to_string(ground.config_file()).unwrap()
}

fn told(told: &Told) -> Value {
    serde_json::from_str(&told.out).unwrap_or_else(|error| panic!("{error}: {told:?}"))
}

/// The items before a redesign are those after it, found by the rules that were written.
async fn survives(case: &Case) {
    let ground = case.ground();
    let pipeline = ground.open().await;
    let (reports, _) = once(&pipeline).await;
    assert_eq!(reports[0].outcome, Outcome::Fine, "{:?}", reports[0].faults);
    let stored = items(&pipeline.store).await;
    assert!(stored.len() >= 3 && stored.iter().all(|item| !item.partial), "{}", stored.len());
    drop(pipeline);
    let sound = ground.lianbo(&["repair", &case.id()]);
    assert_eq!((sound.code, sound.out.as_str()), (Some(0), ""), "{sound:?}");

    case.redesigned(&ground);
    let before = config(&ground);
    let asked = ground.lianbo(&["repair", &case.id(), "--json"]);
    let json = told(&asked);
    assert_eq!(asked.code, Some(1), "{asked:?}");
    assert_eq!(config(&ground), before, "nothing is written unasked");
    let score = json["list"]["before"]["score"].as_f64();
    assert!(score.is_some_and(|score| score < 0.5), "{json:#}");
    assert!(json["list"]["after"]["score"].as_f64().unwrap() >= 0.95, "{json:#}");
    assert!(json["diff"].as_str().unwrap().contains("@@"), "{json:#}");

    let written = ground.lianbo(&["repair", &case.id(), "--write"]);
    assert_eq!(written.code, Some(0), "{written:?}");
    let after = config(&ground);
    assert_ne!(after, before);
    assert!(after.contains("# 栏目 the column\n[[site.column]]"), "{after}");
    assert!(!after.contains("nth-child"), "{after}");
    let names: Vec<_> = fs::read_dir(ground.folder.path()).unwrap().collect();
    assert_eq!(names.len(), 2, "only the file and the data are there: {names:?}");

    ground.later(TimeDelta::hours(1));
    let pipeline = ground.open().await;
    let (reports, _) = once(&pipeline).await;
    let report = &reports[0];
    assert!(report.faults.is_empty() && report.new == 0, "{report:?}");
    let shown = json["list"]["shown"].as_u64().unwrap() as usize;
    assert!(report.listed * 100 >= shown * 95, "{} of {shown} rows", report.listed);
    let ids = |items: &[lianbo::model::Item]| -> BTreeSet<String> {
        items.iter().map(|item| item.id.to_string()).collect()
    };
    assert_eq!(ids(&items(&pipeline.store).await), ids(&stored), "every item once, as before");
    drop(pipeline);

    let again = ground.lianbo(&["repair", &case.id(), "--json"]);
    let json = told(&again);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(json["list"]["before"]["score"].as_f64().unwrap() >= 0.95, "{json:#}");
    let articles = &json["articles"]["before"];
    assert_eq!(articles["right"], articles["of"], "{json:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trs_site_is_read_again_after_its_redesign() {
    survives(&SHENG).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phpcms_site_is_read_again_after_its_redesign() {
    survives(&DING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_asp_site_is_read_again_after_its_redesign() {
    survives(&WU).await;
}

/// A ground whose column `yw` has six items and a rule that fits.
async fn six() -> Ground {
    let ground = Ground::new();
    ground.reconfigure("url = \"/yw/\"", "url = \"/yw/\"\nlist.item = [\".list li\"]");
    ground.list("/yw/", &[6, 5, 4, 3, 2, 1]);
    once(&ground.open().await).await;
    ground
}

fn proposes_nothing(ground: &Ground, what: &str) -> Told {
    let before = config(ground);
    let told = ground.lianbo(&["repair", "xin/yw", "--write"]);
    assert_eq!((told.code, told.out.as_str()), (Some(1), ""), "{what}: {told:?}");
    assert!(told.err.contains("no rules are proposed"), "{what}: {told:?}");
    assert_eq!(config(ground), before, "{what}");
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_no_list_gives_no_proposal() {
    let ground = six().await;
    let others: Vec<(String, String)> = (1..=9)
        .map(|n| (format!("/other/{n}.html"), format!("另一个栏目的第{n}篇文章标题")))
        .collect();
    let others: Vec<(&str, &str)> = others.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    for (what, html) in [
        ("error page", "<html><h1>404 Not Found</h1><a href='/'>首页</a></html>".to_owned()),
        (
            "login page",
            "<form action='/login'><input name=u><input type=password name=p>登录</form>"
                .to_owned(),
        ),
        ("empty", " \n".to_owned()),
        ("script shell", "<div id=app></div><script src='/app.js'></script>".to_owned()),
        ("another list", list_html(&others, None)),
        ("a front page with one old article", list_html(&[("/art/1.html", &title(1))], None)),
    ] {
        ground.site.set("/yw/", page(&html));
        proposes_nothing(&ground, what);
    }
    let rows: Vec<(String, String)> =
        (1..=6).rev().map(|n| (format!("/art/{n}.html"), title(n))).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    ground
        .site
        .set("/", page(&list_html(&rows, None).replace("class=\"list\"", "class=\"zuixin\"")));
    ground.site.set("/yw/", redirect("http://xin.test/"));
    let told = proposes_nothing(&ground, "the front page");
    assert!(told.err.contains("leads to the front page"), "{told:?}");
    ground.site.set("/yw/", reply("503 Service Unavailable", "", b""));
    let told = proposes_nothing(&ground, "an error");
    assert!(told.err.contains("http-status"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn titles_under_other_addresses_are_told_and_not_proposed() {
    let ground = six().await;
    let rows: Vec<(String, String)> =
        (1..=6).rev().map(|n| (format!("/neu/{n}"), title(n))).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let html = list_html(&rows, None).replace("class=\"list\"", "class=\"xin\"");
    ground.site.set("/yw/", page(&html));
    let told = proposes_nothing(&ground, "other addresses");
    assert!(told.err.contains("under another address") && told.err.contains("/neu/6"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn saved_pages_do_in_place_of_the_network() {
    let ground = six().await;
    let rows: Vec<(String, String)> =
        (1..=6).rev().map(|n| (format!("/art/{n}.html"), title(n))).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let html = list_html(&rows, None).replace("class=\"list\"", "class=\"xinwen\"");
    let file = ground.folder.path().join("saved.html");
    fs::write(&file, html).unwrap();
    ground.site.seen();
    let told = ground.lianbo(&["repair", "xin/yw", "--from", file.to_str().unwrap()]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.out.contains("\n-list.item = [\".list li\"]\n+list.item = "), "{told:?}");
    assert!(ground.site.seen().is_empty(), "nobody was asked");

    let none = ground.lianbo(&["repair", "xin/nix"]);
    assert_eq!(none.code, Some(2), "{none:?}");
}

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

/// What a repair of every column of the demo network finds after each of the twelve changes.
#[tokio::test(flavor = "multi_thread")]
async fn of_twelve_changes_what_is_there_is_found_and_what_is_not_is_not_made_up() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    let data = tempfile::tempdir().unwrap();
    let clock = Demo::frozen_clock();
    let demo = Demo::start(&folder, Some(data.path()), Pace::Frozen, clock()).await.unwrap();
    let pipeline = daemon::open(Arc::new(demo.config().clone()), Arc::clone(&clock)).await.unwrap();
    once(&pipeline).await;
    let config = Arc::clone(&pipeline.config);
    let mut wrong = Vec::new();
    for change in Mutation::ALL {
        for host in ["sheng", "ding", "wu"] {
            let whole = format!("{host}.test");
            demo.network().redesign(&whole, Some(change)).unwrap();
            let site = config.sites.iter().find(|site| site.id.as_str() == host).unwrap();
            for (at, column) in site.columns.iter().enumerate() {
                let manners = Box::new(guest_manners(&config, Some(site)));
                let source = Source::Network { fetcher: pipeline.fetcher.clone(), manners };
                let (store, now) = (&pipeline.store, clock());
                let repairer = Repairer { config: &config, store, source, now, articles: 3 };
                let repaired = repairer.column(site, column).await.unwrap();
                let told = format!("{} {}: {}", change.as_str(), column.id, summary(&repaired));
                let before = (at + site.columns.len() - 1) % site.columns.len();
                let rows = store.observations(&column.id).await.unwrap()[0].rows;
                if !is_right(change, &repaired, &site.columns[before].url, rows) {
                    wrong.push(told);
                }
            }
            demo.network().redesign(&whole, None).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn summary(repaired: &Repaired) -> String {
    let settings = repaired.proposal.as_ref().map(|proposal| &proposal.settings);
    match &repaired.list {
        Ok(list) => format!(
            "{:?} → {:?}, articles {:?} → {:?}, {settings:?}",
            list.before, list.better, repaired.article.before, repaired.article.better
        ),
        Err(fault) => format!("{}: {}, {settings:?}", fault.code.as_str(), fault.detail),
    }
}

/// Whether `repaired` is as it should be after `change`; `before` is the address of the column
/// before this one, which shows this one's list of so many `rows` where columns are swapped.
fn is_right(change: Mutation, repaired: &Repaired, before: &url::Url, rows: usize) -> bool {
    match change {
        // The list stands at a sister's address; of fewer than three rows nothing is said.
        Mutation::SwappedColumns => match &repaired.proposal {
            Some(proposal) => proposal.url == *before,
            None => rows < 3,
        },
        // The known items are there, in another dress.
        Mutation::RenamedClasses | Mutation::DateFormat | Mutation::CharsetFlip => {
            repaired.list.as_ref().is_ok_and(|list| list.after().share() >= 0.95)
        }
        // They are not, or nothing that rules could do would bring them.
        _ => repaired.proposal.is_none(),
    }
}
