//! The network in a box, refreshed and published: what every site's table expects is in the feeds.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lianbo::daemon;
use lianbo::demo::{Demo, Pace, SeenRequest};
use regex::Regex;
use serde_json::{Value, json};

/// The folder of the network.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo")
}

/// Refreshes and publishes everything once into `data`; what the sites were asked.
async fn once(data: &Path) -> Vec<SeenRequest> {
    let clock = Demo::frozen_clock();
    let demo = Demo::start(&folder(), Some(data), Pace::Frozen, clock()).await.unwrap();
    let pipeline = daemon::open(Arc::new(demo.config().clone()), clock).await.unwrap();
    let columns: Vec<_> = demo.config().columns().map(|(_, column)| column.id.clone()).collect();
    let (reports, published) = daemon::once(&pipeline, &columns, |_| {}).await.unwrap();
    let faults: Vec<_> = reports.iter().flat_map(|report| &report.faults).collect();
    assert!(faults.is_empty() && published.faults.is_empty(), "{faults:?} {:?}", published.faults);
    pipeline.store.close().await.unwrap();
    demo.network().requests()
}

/// Every published file with its bytes.
fn published(data: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![data.join("public")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(data).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// Site, column and expected items of every table.
pub(crate) fn expected() -> Vec<(String, String, Vec<Value>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder().join("network")).unwrap() {
        let path = entry.unwrap().path();
        let host = path.file_name().unwrap().to_string_lossy().into_owned();
        let site = host.trim_end_matches(".test").to_owned();
        let Ok(text) = fs::read_to_string(path.join("expected.json")) else { continue };
        let columns: Vec<Value> = serde_json::from_str(&text).unwrap();
        for column in columns {
            let name = column["column"].as_str().unwrap().to_owned();
            all.push((site.clone(), name, column["items"].as_array().unwrap().clone()));
        }
    }
    assert!(all.len() >= 12, "the network has its columns");
    all
}

pub(crate) fn feed(data: &Path, slug: &str) -> Value {
    let path = data.join("public/feeds").join(format!("{slug}.json"));
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_expected_item_is_in_its_feed_and_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    once(data.path()).await;
    for (site, column, items) in expected() {
        let feed = feed(data.path(), &format!("{site}/{column}"));
        let found = feed["items"].as_array().unwrap();
        let urls = |items: &[Value]| {
            let mut urls: Vec<String> = items.iter().map(|i| i["url"].to_string()).collect();
            urls.sort();
            urls
        };
        assert_eq!(urls(found), urls(&items), "{site}/{column}");
        for wanted in &items {
            let item = found.iter().find(|item| item["url"] == wanted["url"]).unwrap();
            check(wanted, item);
        }
    }
}

pub(crate) fn check(wanted: &Value, item: &Value) {
    let url = &wanted["url"];
    assert_eq!(item["title"], wanted["title"], "title of {url}");
    for key in ["posted", "credit"] {
        let found = &item["_lianbo"][key];
        assert_eq!(*found, wanted.get(key).cloned().unwrap_or_default(), "{key} of {url}");
    }
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    // Behind the way to it stand its other columns.
    let (tags, crumbs) = (list(&item["tags"]), list(&wanted["breadcrumb"]));
    assert_eq!(tags[..crumbs.len()], crumbs, "breadcrumb of {url}");
    let columns = item["_lianbo"]["columns"].as_array().unwrap().len();
    assert!(tags.len() - crumbs.len() <= columns, "{tags:?} of {url}");
    let html = item["content_html"].as_str().unwrap();
    let marks = Regex::new("<[^>]*>").unwrap();
    let plain = marks.replace_all(html, "\n").replace("&amp;", "&").replace("&quot;", "\"");
    let lines: Vec<&str> = plain.lines().map(str::trim).collect();
    for line in list(&wanted["lines"]) {
        assert!(lines.contains(&line.as_str().unwrap()), "{url} lacks {line} in {plain}");
    }
    for leak in list(&wanted["not_in_text"]) {
        assert!(!plain.contains(leak.as_str().unwrap()), "{url} leaks {leak}");
    }
    let captions = Regex::new("<figcaption>(.*?)</figcaption>").unwrap();
    let captions: Vec<&str> =
        captions.captures_iter(html).map(|c| c.get(1).unwrap().as_str()).collect();
    assert_eq!(json!(captions), json!(list(&wanted["captions"])), "captions of {url}");
    let names: Vec<&Value> =
        item["attachments"].as_array().into_iter().flatten().map(|file| &file["title"]).collect();
    assert_eq!(json!(names), json!(list(&wanted["attachments"])), "attachments of {url}");
    let images = html.matches("<img ").count();
    assert_eq!(json!(images), wanted.get("images").cloned().unwrap_or(json!(0)), "images of {url}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_changes_no_byte_and_reads_no_article_again() {
    let data = tempfile::tempdir().unwrap();
    let first = once(data.path()).await;
    let before = published(data.path());
    let second = once(data.path()).await;
    assert_eq!(
        published(data.path()).keys().collect::<Vec<_>>(),
        before.keys().collect::<Vec<_>>()
    );
    assert!(published(data.path()) == before, "the same bytes");

    let tables = expected();
    let articles: Vec<&str> = tables
        .iter()
        .flat_map(|(_, _, items)| items)
        .map(|item| item["url"].as_str().unwrap())
        .collect();
    let address = |request: &SeenRequest| format!("http://{}{}", request.host, request.path);
    let read = |requests: &[SeenRequest]| -> Vec<String> {
        let all = requests.iter().map(address);
        all.filter(|address| articles.contains(&address.as_str())).collect()
    };
    assert!(read(&first).len() >= 30, "articles were read");
    let mut once_each = read(&first);
    once_each.sort();
    let count = once_each.len();
    once_each.dedup();
    assert_eq!(once_each.len(), count, "no article was read twice");
    assert_eq!(read(&second), Vec::<String>::new());

    let other = tempfile::tempdir().unwrap();
    once(other.path()).await;
    assert!(published(other.path()) == before, "the same bytes in another folder");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_that_several_sites_carry_stands_once_where_they_stand_together() {
    let data = tempfile::tempdir().unwrap();
    once(data.path()).await;
    let all = feed(data.path(), "all");
    let items = all["items"].as_array().unwrap();
    let mut titles: Vec<&str> = items.iter().map(|item| item["title"].as_str().unwrap()).collect();
    let count = titles.len();
    titles.sort_unstable();
    titles.dedup();
    assert_eq!(titles.len(), count, "{titles:#?}");
    // One that was cut and given another title, and one on six sites.
    for (words, sites) in [("三联三促", 2), ("万企兴万村", 6)] {
        let told: Vec<&Value> =
            items.iter().filter(|item| item["title"].as_str().unwrap().contains(words)).collect();
        assert_eq!(told.len(), 1, "{words}");
        let also = told[0]["_lianbo"]["also_at"].as_array().unwrap();
        assert_eq!(also.len() + 1, sites, "{also:#?}");
        assert!(also.iter().all(|place| place["site"] != told[0]["_lianbo"]["site"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_feed_reads_alike_in_each_format() {
    let data = tempfile::tempdir().unwrap();
    once(data.path()).await;
    let mut feeds = 0;
    for path in
        published(data.path()).keys().filter(|path| path.extension().is_some_and(|e| e == "rss"))
    {
        let read = |extension: &str| {
            let bytes = fs::read(data.path().join(path).with_extension(extension)).unwrap();
            let feed = feed_rs::parser::parse(bytes.as_slice()).unwrap();
            let entry = |entry: feed_rs::model::Entry| {
                (entry.id, entry.title.map(|title| title.content), entry.published)
            };
            feed.entries.into_iter().map(entry).collect::<Vec<_>>()
        };
        let rss = read("rss");
        assert!(!rss.is_empty(), "{} has items", path.display());
        assert_eq!(rss, read("atom"), "{}", path.display());
        assert_eq!(rss, read("json"), "{}", path.display());
        feeds += 1;
    }
    assert!(feeds >= 20);
}

/// What a site of the network answers, asked without any of the manners of a script.
async fn bare(address: std::net::SocketAddr, host: &str, head: &str, form: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let length = form.len();
    let request = format!(
        "{head} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{form}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_scripts_fill_are_asked_for_as_scripts_do() {
    let data = tempfile::tempdir().unwrap();
    let seen = once(data.path()).await;
    let of = |host: &str, mark: &str| -> Vec<&SeenRequest> {
        seen.iter().filter(|seen| seen.host == host && seen.path.contains(mark)).collect()
    };
    // Every list page names the next one, until one is empty.
    let units = of("yi.test", "/page/build/unit?");
    let pages: Vec<String> = units
        .iter()
        .map(|seen| {
            Regex::new(r"pageNo%22%3A(\d)").unwrap().captures(&seen.path).unwrap()[1].to_owned()
        })
        .collect();
    assert_eq!(pages, ["1", "2", "3", "1", "2"]);
    assert!(units.iter().all(|seen| seen.status == 200), "{units:?}");
    let groups = of("jia.test", "dataproxy.jsp");
    assert_eq!(groups.len(), 1, "{groups:?}");
    assert!(groups[0].path.contains("startrecord=6&endrecord=7") && groups[0].status == 200);
    assert!(groups[0].form.as_deref().unwrap().contains("columnid=1201"), "{groups:?}");

    // Without referrer, mark of a script and cookie the same addresses are closed.
    let clock = Demo::frozen_clock();
    let demo = Demo::start(&folder(), Some(data.path()), Pace::Frozen, clock()).await.unwrap();
    let address = demo.network().addresses()[0].1;
    let head = format!("GET {}", units[0].path);
    assert!(bare(address, "yi.test", &head, "").await.contains(" 403 "));
    let head = format!("POST {}", groups[0].path);
    let form = groups[0].form.as_deref().unwrap();
    assert!(bare(address, "jia.test", &head, form).await.contains(" 403 "));
    assert!(bare(address, "jia.test", &head, "columnid=7").await.contains(" 404 "));
    let head = format!("GET {}", groups[0].path);
    assert!(bare(address, "jia.test", &head, "").await.contains(" 404 "));
}
