//! `lianbo probe`: from an address to a file that yields the site's items, unedited.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lianbo::config::Config;
use lianbo::daemon;
use lianbo::demo::{Demo, Pace};
use serde_json::Value;

use crate::demo::{check, expected, feed, folder};
use crate::ground::{self, Told};

/// The demo network, and a configuration that describes none of its sites.
struct Probing {
    demo: Demo,
    folder: tempfile::TempDir,
}

impl Probing {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let clock = Demo::frozen_clock();
        let demo = Demo::start(&folder(), Some(data.path()), Pace::Frozen, clock()).await.unwrap();
        let addresses = demo.network().addresses();
        let resolve: Vec<String> =
            addresses.iter().map(|(host, address)| format!("\"{host}\" = \"{address}\"")).collect();
        let text = format!(
            "[daemon]\ndata = \"data\"\ninclude = [\"feeds/sites/*.toml\"]\n\
             [id]\nauthority = \"feeds.test\"\ndate = \"2026\"\n\
             [fetch]\ncontact = \"test@feeds.test\"\ngap = \"0s\"\nretries = 0\n\
             resolve = {{ {} }}\n",
            resolve.join(", ")
        );
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("feeds/sites")).unwrap();
        fs::write(folder.path().join("config.toml"), text).unwrap();
        Self { demo, folder }
    }

    fn config_file(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    fn probe(&self, arguments: &[&str]) -> Told {
        lianbo(&self.config_file(), &[&["probe"], arguments].concat())
    }

    fn config(&self) -> Config {
        Config::load(&self.config_file()).unwrap()
    }

    fn files(&self) -> Vec<String> {
        let files = ground::folder(&self.folder.path().join("feeds/sites"));
        files.into_keys().collect()
    }
}

fn lianbo(config: &Path, arguments: &[&str]) -> Told {
    let mut command = assert_cmd::Command::cargo_bin("lianbo").unwrap();
    command.env_remove("LIANBO_LOG").env("NO_COLOR", "1");
    let folder = config.parent().unwrap();
    let command = command.current_dir(folder).env("LANG", "en_GB.UTF-8").args(arguments);
    let command = command.env_remove("LC_ALL").env_remove("LC_MESSAGES");
    let output = command.output().unwrap();
    Told {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_demo_site_is_found_from_its_address_alone() {
    let probing = Probing::new().await;
    let mut hosts: Vec<String> = expected().into_iter().map(|(site, ..)| site).collect();
    hosts.dedup();
    hosts.sort();
    hosts.dedup();
    assert!(hosts.len() >= 6, "{hosts:?}");
    for site in &hosts {
        let told = probing.probe(&[&format!("http://{site}.test/"), "--write"]);
        assert_eq!((told.code, told.out.as_str()), (Some(0), ""), "{site}: {}", told.err);
        assert!(told.err.contains("the configuration is fine"), "{site}: {}", told.err);
    }
    let checked = lianbo(&probing.config_file(), &["check"]);
    assert_eq!(checked.code, Some(0), "{}", checked.err);

    let config = Arc::new(probing.config());
    let columns: Vec<_> = config.columns().map(|(_, column)| column.id.clone()).collect();
    let pipeline = daemon::open(Arc::clone(&config), Demo::frozen_clock()).await.unwrap();
    let (reports, published) = daemon::once(&pipeline, &columns, |_| {}).await.unwrap();
    let faults: Vec<_> = reports.iter().flat_map(|report| &report.faults).collect();
    assert!(faults.is_empty() && published.faults.is_empty(), "{faults:?}");
    pipeline.store.close().await.unwrap();

    let urls = |items: &[Value]| {
        let mut urls: Vec<String> = items.iter().map(|i| i["url"].to_string()).collect();
        urls.sort();
        urls
    };
    for site in &hosts {
        let mut feeds: Vec<Vec<Value>> = Vec::new();
        for column in columns.iter().filter(|column| column.site().as_str() == site) {
            let feed = feed(&probing.folder.path().join("data"), &column.to_string());
            feeds.push(feed["items"].as_array().unwrap().clone());
        }
        let wanted: Vec<_> = expected().into_iter().filter(|(other, ..)| other == site).collect();
        assert_eq!(feeds.len(), wanted.len(), "columns of {site}: {columns:?}");
        for (_, column, items) in wanted {
            let found = feeds.iter().find(|feed| urls(feed) == urls(&items));
            let Some(found) = found else {
                panic!("no column yields the items of {site}/{column}")
            };
            for wanted in &items {
                check(wanted, found.iter().find(|item| item["url"] == wanted["url"]).unwrap());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proposal_says_whose_site_it_is_and_what_it_yields() {
    let probing = Probing::new().await;
    let told = probing.probe(&["sheng.test"]);
    assert_eq!(told.code, Some(0), "{}", told.err);
    let table: toml::Table = told.out.parse().unwrap();
    let site = &table["site"][0];
    for (key, wanted) in [
        ("id", "sheng"),
        ("name", "省工商联"),
        ("level", "province"),
        ("region", "320000"),
        ("home", "http://sheng.test/"),
        ("family", "trs"),
        ("publisher", "省工商业联合会"),
    ] {
        assert_eq!(site[key].as_str(), Some(wanted), "{key}");
    }
    let columns = site["column"].as_array().unwrap();
    let columns: Vec<(&str, &str)> = columns
        .iter()
        .map(|column| (column["name"].as_str().unwrap(), column["url"].as_str().unwrap()))
        .collect();
    assert_eq!(
        columns,
        [("要闻", "/yw/"), ("市县动态", "/sxdt/"), ("工商联举措", "/zt/SSJL/GSLJC/")]
    );
    for line in [
        "2026-11-19  关于做好岁末年初安全生产工作的提示",
        "title: 关于做好岁末年初安全生产工作的提示",
        "credit: 办公室",
        "! 2 rows only: look at the list page",
    ] {
        assert!(told.err.contains(line), "no `{line}` in {}", told.err);
    }
    for (guide, lang) in [("GUIDE.md", "en"), ("GUIDE.zh-CN.md", "zh")] {
        let guide = fs::read_to_string(folder().join("..").join(guide)).unwrap();
        let shown = guide.split("```\n── gsljc").nth(1).unwrap().split("\n```").next().unwrap();
        let told = probing.probe(&["sheng.test", "--lang", lang]);
        assert!(told.err.contains(shown), "{shown}\nis not in\n{}", told.err);
    }
    let asked = probing.demo.network().requests();
    assert!(asked.len() <= 3 * 10, "{}", asked.len());
    assert!(asked.iter().all(|request| !request.path.contains("bszn")), "{asked:?}");

    // Of one of its lists, the same site.
    let told = probing.probe(&["http://sheng.test/sxdt/", "--json"]);
    let data: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!((&data["id"], &data["family"]), (&"sheng".into(), &"trs".into()));
    assert_eq!(data["columns"][0]["id"], "sxdt", "{data}");
    assert_eq!(data["columns"].as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_written_once_and_ids_given_once() {
    let probing = Probing::new().await;
    assert_eq!(probing.probe(&["--write", "http://ren.test/"]).code, Some(0));
    assert_eq!(probing.files(), ["ren.toml"]);
    let file = probing.folder.path().join("feeds/sites/ren.toml");
    fs::write(&file, fs::read_to_string(&file).unwrap() + "# mine\n").unwrap();
    let again = probing.probe(&["http://ren.test/", "--write"]);
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("feeds/sites/ren.toml exists and was left alone"), "{}", again.err);
    assert!(fs::read_to_string(&file).unwrap().ends_with("# mine\n"));
    assert!(again.out.contains("\nid = \"ren\"\n"), "{}", again.out);
    let elsewhere = probing.probe(&["http://ren.test/", "--write", "feeds/sites/other.toml"]);
    assert_eq!(elsewhere.code, Some(2));
    assert!(elsewhere.err.contains("has a site `ren` already"), "{}", elsewhere.err);
    assert!(elsewhere.out.contains("\nid = \"ren\"\n"), "{}", elsewhere.out);
    // What is known beforehand is refused before the site is asked.
    let before = probing.demo.network().requests().len();
    for (arguments, told) in [
        (&["--write", "feeds/sites/ren.toml"][..], "exists and was left alone"),
        (&["--write", "--id", "ren"], "exists and was left alone"),
        (&["--write", "feeds/sites/other.toml", "--id", "ren"], "has a site `ren` already"),
    ] {
        let refused = probing.probe(&[&["http://ren.test/"], arguments].concat());
        assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(refused.err.contains(told), "{}", refused.err);
    }
    assert_eq!(probing.demo.network().requests().len(), before);
    let shown = probing.probe(&["http://ren.test/", "--write", "-"]);
    assert_eq!(shown.code, Some(0), "{}", shown.err);
    assert!(shown.out.contains("\nid = \"ren\"\n"), "{}", shown.out);
    assert!(!probing.folder.path().join("-").exists());
    let named = ["http://ren.test/", "--id", "tongzhan", "--write", "feeds/sites/other.toml"];
    assert_eq!(probing.probe(&named).code, Some(0));
    assert_eq!(probing.files(), ["other.toml", "ren.toml"]);
    assert_eq!(probing.probe(&["http://ren.test/", "--write", "--force"]).code, Some(0));
    assert!(!fs::read_to_string(&file).unwrap().ends_with("# mine\n"));
    assert_eq!(probing.config().sites.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_leads_to_its_sister_sites() {
    let probing = Probing::new().await;
    let told = probing.probe(&["--links", "http://sheng.test/", "--write"]);
    assert_eq!(told.code, Some(0), "{}", told.err);
    let groups = told.err.split("\n城市").next().unwrap();
    for line in [
        "各市工商联\n  城市甲  http://jia.test/",
        "县级工商联与商会\n  某县工商联  http://wu.test/",
    ] {
        assert!(told.err.contains(line), "no `{line}` in {groups}");
    }
    assert!(told.err.contains("某统战工作网  http://ren.test/ (no federation or chamber)"));
    let gone = told.err.lines().find(|line| line.starts_with("某县商会 http://gone.test/: "));
    assert!(gone.is_some_and(|line| line.contains("unreachable")), "{}", told.err);
    assert_eq!(probing.files(), ["bing.toml", "ding.toml", "jia.toml", "wu.toml"]);
    let config = probing.config();
    assert!(config.sites.iter().all(|site| site.enabled && !site.columns.is_empty()));
}

#[test]
fn saved_pages_are_probed_without_a_network() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join("saved/www.xin.test").join(name);
    fs::create_dir_all(at("yw")).unwrap();
    let home = "<html><head><title>新新商会</title></head><body><div class=nav><a href=/>首页</a>\
                <a href=/yw/>要闻</a><a href=/tz/>通知公告</a></div></body></html>";
    fs::write(at("index.html"), home).unwrap();
    let rows = [
        ("/yw/1.html", "市商会召开会员企业服务工作会议"),
        ("/yw/2.html", "市商会组织会员企业外出学习交流"),
    ];
    fs::write(at("yw/index.html"), ground::list_html(&rows, None)).unwrap();
    for (path, title) in rows {
        fs::write(at(path.trim_start_matches('/')), ground::article_html(title)).unwrap();
    }
    let config = folder.path().join("config.toml");
    let told = lianbo(&config, &["probe", "http://www.xin.test/", "--from", "saved"]);
    assert_eq!(told.code, Some(0), "{}", told.err);
    assert!(told.err.contains("looked at, but no columns:\n   通知公告 "), "{}", told.err);
    // The front page, the column and an article of it.
    assert!(told.err.contains(": 3 pages read, 1 column"), "{}", told.err);
    let missing = "/tz/: not-saved: the page is not among the saved pages; no file for ";
    assert!(told.err.contains(missing), "{}", told.err);
    for (lang, wanted) in [("en", "among the saved pages"), ("zh", "已保存的网页中没有这一页")]
    {
        let other = ["probe", "http://other.test/", "--from", "saved", "--lang", lang];
        let told = lianbo(&config, &other);
        assert_eq!((told.code, told.out.as_str()), (Some(1), ""));
        assert!(told.err.contains(wanted) && !told.err.contains("unreachable"), "{}", told.err);
    }
    let table: toml::Table = told.out.parse().unwrap();
    let site = &table["site"][0];
    assert_eq!((site["id"].as_str(), site["level"].as_str()), (Some("xin"), Some("chamber")));
    assert_eq!(site["family"].as_str(), Some("generic"));
    assert!(told.err.contains("fit none of the"), "{}", told.err);
    assert_eq!(site["column"].as_array().unwrap().len(), 1);

    fs::write(folder.path().join("saved/pages.jsonl"), "{\"file\":\"x\"}\n").unwrap();
    let told = lianbo(&config, &["probe", "http://www.xin.test/", "--from", "saved"]);
    assert_eq!(told.code, Some(2));
    assert!(told.err.contains("pages.jsonl` line 1"), "{}", told.err);
}

#[test]
fn what_cannot_be_probed_is_told() {
    let ground = ground::Ground::new();
    let told = ground.lianbo(&["probe", "http://xin.test/"]);
    assert_eq!((told.code, told.out.as_str()), (Some(1), ""));
    assert!(
        told.err.contains("http-status: the site answered with an error status"),
        "{}",
        told.err
    );
    let told = ground.lianbo(&["probe", "ftp://xin.test/"]);
    assert_eq!(told.code, Some(2));
    assert!(told.err.starts_with("`ftp://xin.test/` is no address"), "{}", told.err);

    // A site without any list is described all the same, switched off.
    ground.site.set("/", ground::page("<title>新新商会</title><p>网站建设中"));
    let told = ground.lianbo(&["probe", "http://xin.test/", "--id", "other"]);
    assert_eq!(told.code, Some(1), "{}", told.err);
    let table: toml::Table = told.out.parse().unwrap();
    assert_eq!(table["site"][0]["enabled"].as_bool(), Some(false));
    for (lang, wanted) in [("en", "no column was found: the site in "), ("zh", "没有找到栏目：")]
    {
        let written = ["probe", "http://xin.test/", "--id", "other", "--force", "--lang", lang];
        let told = ground.lianbo(&[&written[..], &["--write"]].concat());
        assert_eq!(told.code, Some(1), "{}", told.err);
        assert!(told.err.contains(wanted) && told.err.contains("enabled = false"), "{}", told.err);
        assert!(!told.err.contains("once other"), "{}", told.err);
    }

    // What robots.txt forbids is not read.
    let robots =
        ground::reply("200 OK", "Content-Type: text/plain\r\n", b"User-agent: *\nDisallow: /yw/\n");
    ground.site.set("/robots.txt", robots);
    let home = "<title>新新商会</title><div class=nav><a href=/yw/>要闻</a><a href=/zt/>专题</a>\
         <a href=/tz/>通知公告</a></div>";
    ground.site.set("/", ground::page(home));
    ground.list("/zt/", &[5, 4, 3]);
    ground.site.seen();
    let told = ground.lianbo(&["probe", "http://xin.test/", "--id", "other"]);
    assert_eq!(told.code, Some(0), "{}", told.err);
    assert!(told.err.contains("   要闻 http://xin.test/yw/: robots-disallow"), "{}", told.err);
    let status =
        "/tz/: http-status: the site answered with an error status; wanted status 200, found 404";
    assert!(told.err.contains(status), "{}", told.err);
    assert!(told.out.contains("forbids 1 paths (/yw/)"), "{}", told.out);
    assert!(ground.site.asked().iter().all(|path| !path.starts_with("/yw/")));
}

#[test]
fn an_article_is_no_column() {
    let ground = ground::Ground::new();
    let menu = "<div class=nav><a href=/>首页</a><a href=/zt/>专题</a></div>";
    ground.site.set("/", ground::page(&format!("<title>新新商会</title>{menu}")));
    ground.list("/zt/", &[5, 4, 3]);
    let related = |count: u32| -> String {
        let row = |n| {
            format!(
                "<li><a href=/gl/{n}.html>某县商会走访会员企业第{n}家</a><span>2026-10-0{n}</span></li>"
            )
        };
        (1..=count).map(row).collect()
    };
    // By what stands there, with few rows beside it; by its address, with many.
    for (path, count) in [("/wz/hui.html", 1), ("/wz/202611/t20261101_77.html", 5)] {
        let html = ground::article_html("市商会召开座谈会听取意见");
        let html = html.replace("</body>", &format!("<ul>{}</ul></body>", related(count)));
        ground.site.set(path, ground::page(&html));
        for (lang, wanted) in [("en", " is an article, no column"), ("zh", " 是一篇文章，不是栏目")]
        {
            let url = format!("http://xin.test{path}");
            let told = ground.lianbo(&["probe", &url, "--id", "other", "--lang", lang]);
            assert_eq!(told.code, Some(0), "{}", told.err);
            assert!(told.err.contains(&format!("{url}{wanted}")), "{}", told.err);
            let table: toml::Table = told.out.parse().unwrap();
            let columns = table["site"][0]["column"].as_array().unwrap();
            let urls: Vec<_> = columns.iter().map(|column| column["url"].as_str()).collect();
            assert_eq!(urls, [Some("/zt/")], "{}", told.err);
            assert_eq!(table["site"][0]["home"].as_str(), Some("http://xin.test/"));
        }
    }
    // A list of few rows stays one, and so does one whose address looks like an article's.
    for (path, count) in [("/lb/gl.html", 2), ("/lb/202611/lb.html", 5)] {
        let html = format!("<title>走访</title>{menu}<ul>{}</ul>", related(count));
        ground.site.set(path, ground::page(&html));
        let told = ground.lianbo(&["probe", &format!("http://xin.test{path}"), "--id", "other"]);
        assert!(told.out.contains(&format!("url = \"{path}\"")), "{}", told.err);
        assert!(!told.err.contains("is an article"), "{}", told.err);
    }
}

#[test]
fn sister_sites_without_a_column_are_marked() {
    let folder = tempfile::tempdir().unwrap();
    let save = |name: &str, html: &str| {
        let file = folder.path().join("saved").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, html).unwrap();
    };
    let bare = "<title>甲县工商联</title><p>网站建设中";
    save("bare.test/index.html", bare);
    let portal = |more: &str| {
        format!(
            "<h3>各县工商联</h3><ul><li><a href=http://bare.test/>甲县工商联</a></li>{more}</ul>"
        )
    };
    save("portal.test/index.html", &portal(""));
    let config = folder.path().join("config.toml");
    let links = |lang: &str| {
        let arguments = ["probe", "--links", "http://portal.test/", "--from", "saved"];
        lianbo(&config, &[&arguments[..], &["--lang", lang]].concat())
    };
    for (lang, wanted) in [("en", "switched off (enabled = false)"), ("zh", "站点已停用")] {
        let told = links(lang);
        assert_eq!(told.code, Some(1), "{}", told.err);
        let summary = told.err.lines().skip_while(|line| !line.contains(wanted)).nth(1);
        assert_eq!(summary, Some("  甲县工商联  http://bare.test/"), "{}", told.err);
        assert!(told.out.contains("enabled = false"), "{}", told.out);
    }

    // Beside one that has a column, all the same, and the work went well.
    save("portal.test/index.html", &portal("<li><a href=http://yi.test/>乙县工商联</a></li>"));
    save(
        "yi.test/index.html",
        "<title>乙县工商联</title><div class=nav><a href=/yw/>要闻</a></div>",
    );
    let rows = [("/yw/1.html", "县工商联召开会员企业座谈会"), ("/yw/2.html", "县工商联走访企业")];
    save("yi.test/yw/index.html", &ground::list_html(&rows, None));
    let told = links("en");
    assert_eq!(told.code, Some(0), "{}", told.err);
    assert!(told.err.contains("甲县工商联 http://bare.test/: no column found"), "{}", told.err);
    assert!(
        told.err.ends_with("want completing:\n  甲县工商联  http://bare.test/\n"),
        "{}",
        told.err
    );
}
