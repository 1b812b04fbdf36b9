//! The operator's tools: `explain`, `capture`, `replay`.

use std::fs;

use lianbo::model::ItemId;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::ground::{Ground, Told, article_html, items, list_html, once, page, reply, title};
use super::pages::{check, extract};

/// A rule that reads articles otherwise: one paragraph less, and an editor by decree.
const OTHER_RULES: &str =
    "[site.article]\ndrop_text = ['^与会人员']\neditor = [{ literal = \"甲\" }]\n";

/// The site with all of its articles read once.
async fn read_once() -> Ground {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    pipeline.store.close().await.unwrap();
    ground.site.seen();
    ground
}

fn one(told: &Told) -> Value {
    serde_json::from_str(&told.out).unwrap_or_else(|error| panic!("{error}: {told:?}"))
}

fn lines(told: &Told) -> Vec<Value> {
    told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What is told of `field`.
fn field<'v>(told: &'v Value, field: &str) -> &'v Value {
    let fields = told["fields"].as_array().unwrap();
    fields.iter().find(|one| one["field"] == field).unwrap_or_else(|| panic!("{field}: {told}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_is_explained_from_the_kept_page_with_runners_up() {
    let ground = read_once().await;
    let told = ground.lianbo(&["explain", "http://xin.test/art/1.html", "--json"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let told = one(&told);
    assert_eq!((&told["from"], &told["column"]), (&json!("store"), &json!("xin/yw")));
    let posted = field(&told, "posted");
    assert_eq!((&posted["value"], &posted["rule"]), (&json!("2026-11-01"), &json!("label date")));
    assert_eq!(field(&told, "credit")["value"], "新新商会");
    assert_eq!(field(&told, "author")["value"], Value::Null);
    let body = field(&told, "body")["value"].as_str().unwrap().to_owned();
    assert_eq!(body.lines().count(), 3);
    let others = field(&told, "title")["others"].as_array().unwrap();
    assert!(others.iter().any(|other| other["rule"] == "heuristic <title>"), "{others:?}");
    assert_eq!(told["stored"]["differences"], json!([]));
    assert!(ground.site.seen().is_empty(), "nothing was asked of the site");
}

#[tokio::test(flavor = "multi_thread")]
async fn todays_rules_show_beside_what_is_stored() {
    let ground = read_once().await;
    ground.configure(&format!("{OTHER_RULES}title = [\".headline\", \"h1\"]\n"));
    let told = one(&ground.lianbo(&["explain", "http://xin.test/art/1.html", "--json"]));
    let title = field(&told, "title");
    assert_eq!(title["rule"], "css h1");
    assert!(!title["others"].as_array().unwrap().is_empty(), "{title}");
    let differences = told["stored"]["differences"].as_array().unwrap();
    let changed: Vec<&str> = differences.iter().map(|d| d["field"].as_str().unwrap()).collect();
    assert_eq!(changed, ["editor", "text"]);
    let people = ground.lianbo(&["explain", "http://xin.test/art/1.html", "--lang", "zh"]).out;
    assert!(people.contains("[css h1]") && people.contains("也可"), "{people}");
    assert!(people.contains("编辑：“” → “甲”"), "{people}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_known_by_each_of_its_names() {
    let ground = read_once().await;
    let pipeline = ground.open().await;
    let item =
        items(&pipeline.store).await.into_iter().find(|item| item.title == title(2)).unwrap();
    drop(pipeline);
    let page = format!("http://feeds.test/items/xin/{}", item.key);
    let short = format!("xin/{}", item.key);
    for name in [item.id.as_str(), &page, &short, "https://www.xin.test/art/2.html?spm=1"] {
        let told = ground.lianbo(&["explain", name, "--json", "--offline"]);
        assert_eq!(told.code, Some(0), "{name}: {told:?}");
        assert_eq!(one(&told)["stored"]["id"], json!(item.id.as_str()), "{name}");
    }
    let told = ground.lianbo(&["explain", "xin/none"]);
    assert_eq!(told.code, Some(2));
    assert!(told.err.contains("`xin/none` is no address, column or file"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_page_is_visited_unless_that_is_not_wanted() {
    let ground = read_once().await;
    let url = "http://xin.test/art/7.html";
    let told = ground.lianbo(&["explain", url, "--offline"]);
    assert_eq!(told.code, Some(1));
    assert!(told.err.contains("is not kept"), "{told:?}");
    assert!(ground.site.asked().is_empty());
    let told = one(&ground.lianbo(&["explain", url, "--json"]));
    assert_eq!((&told["from"], &told["stored"]), (&json!("web"), &Value::Null));
    assert_eq!(field(&told, "title")["value"], title(7));
    let asked: Vec<String> = ground.site.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(asked, ["/robots.txt", "/art/7.html"]);
    let told = ground.lianbo(&["explain", "http://xin.test/art/none.html"]);
    assert_eq!(told.code, Some(1));
    assert!(told.err.contains("http-status"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_a_file_needs_neither_configuration_nor_network() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.html");
    fs::write(&file, article_html(&title(4))).unwrap();
    let explain = |arguments: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("lianbo").unwrap();
        command.current_dir(folder.path()).args(["explain", "a.html", "--lang", "en"]);
        let output = command.args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, text) = explain(&["--url", "http://a.test/art/4.html"]);
    assert_eq!(code, Some(0));
    assert!(text.contains(&format!("title: {}  [", title(4))), "{text}");
    fs::write(&file, "<title>空</title><a href=1>链接</a>").unwrap();
    let (code, text) = explain(&[]);
    assert_eq!(code, Some(1));
    assert!(text.contains("rejected: "), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_is_explained_with_its_rows_and_the_rule_that_found_them() {
    let ground = read_once().await;
    let told = one(&ground.lianbo(&["explain", "xin/yw", "--json"]));
    assert_eq!((&told["from"], &told["rule"]), (&json!("store"), &json!("heuristic rows")));
    assert_eq!(told["links"].as_array().unwrap().len(), 3);
    ground.configure("[site.list]\nitem = [\".rows li\", \"ul.list li\"]\n");
    let told = one(&ground.lianbo(&["explain", "http://xin.test/yw/", "--json"]));
    assert_eq!(told["rule"], "css ul.list li");
    ground.configure("[site.list]\nitem = [\".rows li\"]\n");
    let told = ground.lianbo(&["explain", "xin/yw"]);
    assert_eq!(told.code, Some(1));
    assert!(told.out.contains("rejected: list-empty"), "{told:?}");
    assert!(ground.site.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn replay_shows_what_would_change_and_changes_nothing() {
    let ground = read_once().await;
    let calm = ground.lianbo(&["replay"]);
    assert_eq!((calm.code, calm.out.as_str()), (Some(0), ""), "{calm:?}");
    assert!(calm.err.contains("3 items: 0 would change"), "{calm:?}");
    ground.configure(OTHER_RULES);
    let told = ground.lianbo(&["replay", "xin", "--json"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    let found = lines(&told);
    assert_eq!(found.len(), 3, "each item once, though one stands in two columns");
    for line in &found {
        let differences = line["differences"].as_array().unwrap();
        assert_eq!(differences[0], json!({"field": "editor", "was": "", "now": "甲"}));
        assert_eq!(differences[1]["field"], "text");
        assert!(differences[1]["was"].as_str().unwrap().contains("与会人员"));
        assert!(!differences[1]["now"].as_str().unwrap().contains("与会人员"));
    }
    let people = ground.lianbo(&["replay", "xin/zt"]).out;
    assert_eq!(people.matches("      - 与会人员").count(), 1, "{people}");
    let pipeline = ground.open().await;
    assert!(items(&pipeline.store).await.iter().all(|item| item.revision == 1));
    assert!(ground.site.seen().is_empty(), "nothing was asked of the site");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_replay_applies_is_a_revision_and_reaches_the_feeds() {
    let ground = read_once().await;
    ground.configure(OTHER_RULES);
    let told = ground.lianbo(&["replay", "--apply"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.err.contains("3 were changed"), "{told:?}");
    let again = ground.lianbo(&["replay"]);
    assert_eq!((again.code, again.out.as_str()), (Some(0), ""), "{again:?}");
    let pipeline = ground.open().await;
    let stored = items(&pipeline.store).await;
    assert_eq!(stored.len(), 3);
    for item in &stored {
        assert_eq!((item.revision, item.editor.as_deref()), (2, Some("甲")));
        assert!(!item.text.contains("与会人员"));
    }
    once(&pipeline).await;
    let feed = String::from_utf8(ground.public()["feeds/all.json"].clone()).unwrap();
    assert!(!feed.contains("与会人员"), "{feed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_revision_is_stored_without_one() {
    let ground = read_once().await;
    ground.configure("[site.article]\neditor = [{ literal = \"甲\" }]\n");
    assert_eq!(ground.lianbo(&["replay", "--apply"]).code, Some(0));
    assert_eq!(ground.lianbo(&["replay"]).code, Some(0), "nothing is left to change");
    let pipeline = ground.open().await;
    for item in items(&pipeline.store).await {
        assert_eq!((item.revision, item.editor.as_deref()), (1, Some("甲")));
        assert_eq!(item.revised, item.first_seen);
        assert!(item.seq > 3, "clients hear of it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_rejected_today_keeps_its_item_and_a_lost_page_is_counted() {
    let ground = read_once().await;
    let database = Connection::open(ground.data().join("lianbo.db")).unwrap();
    let lost = "DELETE FROM page WHERE url = 'http://xin.test/art/2.html'";
    assert_eq!(database.execute(lost, []).unwrap(), 1);
    drop(database);
    ground.configure("[site.article]\ndrop = [\"p\"]\n");
    let told = ground.lianbo(&["replay", "--apply", "--json"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.err.contains("0 were changed"), "{told:?}");
    assert!(told.err.contains("2 would be rejected") && told.err.contains("of 1 no page"));
    for line in lines(&told) {
        assert!(line["rejected"].as_str().unwrap().starts_with("body-missing"), "{line}");
    }
    let people = ground.lianbo(&["replay"]);
    assert_eq!((people.code, people.out.matches("stays as it is").count()), (Some(0), 2));
    let pipeline = ground.open().await;
    assert_eq!(items(&pipeline.store).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_page_of_something_else_is_not_taken_for_the_article() {
    let ground = read_once().await;
    let database = Connection::open(ground.data().join("lianbo.db")).unwrap();
    let moved = "UPDATE page SET final_url = 'http://xin.test/art/3.html',
                 body = (SELECT body FROM page WHERE url = 'http://xin.test/art/3.html')
                 WHERE url = 'http://xin.test/art/1.html'";
    assert_eq!(database.execute(moved, []).unwrap(), 1);
    drop(database);
    let told = ground.lianbo(&["replay", "--json"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let found = lines(&told);
    assert_eq!((found.len(), &found[0]["title"]), (1, &json!(title(1))));
    assert!(found[0]["rejected"].as_str().unwrap().starts_with("article-gone"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_whose_page_is_an_article_today_becomes_one() {
    let ground = Ground::new();
    ground.configure("[site.article]\ndrop = [\"p\"]\n");
    once(&ground.open().await).await;
    ground.configure("");
    let told = ground.lianbo(&["replay", "--apply", "--json"]);
    let found = lines(&told);
    assert_eq!(found.len(), 3, "{told:?}");
    assert_eq!(
        found[0]["differences"][0],
        json!({"field": "partial", "was": "true", "now": "false"})
    );
    let pipeline = ground.open().await;
    for item in items(&pipeline.store).await {
        assert!(!item.partial && item.text.contains("与会人员"));
    }
}

/// The only folder in `folder`.
fn only(folder: &std::path::Path) -> std::path::PathBuf {
    let entries: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(entries.len(), 1, "{entries:?}");
    entries[0].clone()
}

#[test]
fn a_captured_page_is_a_fixture_with_its_own_bytes() {
    let ground = Ground::new();
    let html = article_html(&title(5)).replace("<head>", "<head><meta charset=gb2312>");
    let (bytes, ..) = encoding_rs::GBK.encode(&html);
    ground.site.set("/art/5.html", reply("200 OK", "Content-Type: text/html\r\n", &bytes));
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    let capture = |more: &[&str]| {
        let arguments = [&["capture", "http://xin.test/art/5.html", place], more].concat();
        ground.lianbo(&arguments)
    };
    let told = capture(&[]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.err.contains("proves nothing before a person has read it"), "{told:?}");
    let fixture = only(folder.path());
    assert_eq!(told.out.trim(), fixture.display().to_string());
    assert_eq!(fs::read(fixture.join("page.html")).unwrap(), bytes.into_owned());
    let text = fs::read_to_string(fixture.join("expected.json")).unwrap();
    assert!(text.starts_with("{\n \"url\": "), "indented as the others are: {text}");
    let expected: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&expected["site"], &expected["title"]), (&json!("xin"), &json!(title(5))));
    let input = json!({"file": fixture.join("page.html"), "url": expected["url"]});
    check(&expected, &extract(&[input])[0], "the captured page");

    fs::write(fixture.join("expected.json"), "{\"read\": \"by a person\"}").unwrap();
    let told = capture(&[]);
    assert_eq!(told.code, Some(2), "{told:?}");
    assert!(fs::read_to_string(fixture.join("expected.json")).unwrap().contains("by a person"));
    assert_eq!(capture(&["--force"]).code, Some(0));
    assert_eq!(fs::read_to_string(fixture.join("expected.json")).unwrap(), text);
}

#[test]
fn a_saved_page_and_a_list_are_captured_too() {
    let ground = Ground::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("saved.html");
    fs::write(&file, article_html(&title(6))).unwrap();
    let fixtures = folder.path().join("fixtures");
    let (saved, place) = (file.to_str().unwrap(), fixtures.to_str().unwrap());
    let url = "http://alt.test/show.asp?id=6";
    let told = ground.lianbo(&["capture", "--file", saved, "--url", url, place]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let fixture = only(&fixtures);
    let expected = fs::read(fixture.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    assert_eq!((&expected["url"], &expected["site"]), (&json!(url), &Value::Null));
    assert!(ground.site.seen().is_empty(), "nothing was asked of the site");

    let rows = [("/art/1.html", "第一次会议召开"), ("/art/2.html", "第二次会议召开")];
    ground.site.set("/yw/", page(&list_html(&rows, Some("/yw/index_1.html"))));
    let lists = folder.path().join("lists");
    let told =
        ground.lianbo(&["capture", "--list", "http://xin.test/yw/", lists.to_str().unwrap()]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let expected = fs::read(only(&lists).join("expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let wanted = json!({"url": "http://xin.test/art/1.html", "title": "第一次会议召开", "posted": "2026-11-01"});
    assert_eq!(expected["links"][0], wanted);
    assert_eq!(expected["links"].as_array().unwrap().len(), 2);
    assert_eq!(expected["next"].as_array().unwrap().len(), 1);

    let told = ground.lianbo(&["capture", place]);
    assert_eq!(told.code, Some(2));
    assert!(told.err.contains("lianbo capture --file FILE --url URL DIR"), "{told:?}");
}

#[test]
fn ids_are_asked_about_before_anything_ran() {
    let ground = Ground::new();
    let told = ground
        .lianbo(&["explain", ItemId::from_tag_uri("tag:x.test,2026:a/1".to_owned()).as_str()]);
    assert_eq!(told.code, Some(2), "{told:?}");
    let told = ground.lianbo(&["replay"]);
    assert_eq!(told.code, Some(3), "{told:?}");
    assert!(!ground.data().exists(), "nothing was begun");
}
