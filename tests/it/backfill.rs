//! The history of a column: how far it is walked, how it goes on, and where it ends.

use std::process::{Command, Stdio};

use crate::ground::{Ground, Reply, article_html, page, redirect, reply};

/// A list page with rows of these days (day of November, number of the article).
fn list(rows: &[(u32, u32)], next: Option<&str>) -> String {
    let rows: String = rows
        .iter()
        .map(|(day, n)| {
            let title = name(*n);
            format!(
                "<li><a href=\"/art/10{n:02}.html\">{title}</a><span>2026-11-{day:02}</span></li>"
            )
        })
        .collect();
    let next = next.map_or_else(String::new, |url| format!("<a href=\"{url}\">下一页</a>"));
    format!(
        "<html><body><ul class=\"list\">{rows}</ul><div class=\"pages\">{next}</div></body></html>"
    )
}

fn name(n: u32) -> String {
    format!("市商会第{n}号服务会员企业活动纪实报道")
}

/// Four list pages of three rows each, days 19 down to 8.
fn history() -> Ground {
    let ground = Ground::new();
    for n in 1..=12 {
        let day = format!("2026-11-{:02}", n + 7);
        let html = article_html(&name(n)).replace("2026-11-01", &day);
        ground.site.set(&format!("/art/10{n:02}.html"), page(&html));
    }
    for p in 1..=4 {
        let newest = 12 - (p - 1) * 3;
        let rows: Vec<(u32, u32)> = (newest - 2..=newest).rev().map(|n| (n + 7, n)).collect();
        let next = format!("/yw/{}.html", p + 1);
        let path = if p == 1 { "/yw/".to_owned() } else { format!("/yw/{p}.html") };
        let next = (p < 4).then_some(next.as_str());
        ground.site.set(&path, page(&list(&rows, next)));
    }
    ground.site.asked();
    ground
}

fn articles(asked: &[String]) -> Vec<&str> {
    asked.iter().map(String::as_str).filter(|path| path.starts_with("/art/")).collect()
}

fn count(ground: &Ground) -> i64 {
    let connection = rusqlite::Connection::open(ground.data().join("lianbo.db")).unwrap();
    let sql = "SELECT count(*) FROM item WHERE state = 'live' AND partial = 0";
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_walk_ends_at_the_day_that_was_named() {
    let ground = history();
    let told = ground.lianbo(&["backfill", "xin/yw", "--until", "2026-11-12"]);
    assert_eq!(told.code, Some(0), "{}", told.err);
    let asked = ground.site.asked();
    // The third page has rows of the 13th, 12th and 11th, the fourth is all older.
    let lists: Vec<&String> = asked.iter().filter(|path| path.starts_with("/yw/")).collect();
    assert_eq!(lists, ["/yw/", "/yw/2.html", "/yw/3.html", "/yw/4.html"]);
    assert_eq!(articles(&asked).len(), 8, "{asked:?}");
    assert_eq!(count(&ground), 8);
    assert!(told.err.contains("xin/yw: 3 list pages, back to 2026-11-11, 8 new"), "{}", told.err);
    let feed = std::fs::read_to_string(ground.data().join("public/feeds/xin/yw.rss")).unwrap();
    assert_eq!(feed.matches("<item>").count(), 8);

    let again = ground.lianbo(&["backfill", "xin/yw", "--until", "2026-11-12"]);
    assert_eq!(again.code, Some(0), "{}", again.err);
    assert_eq!(articles(&ground.site.asked()).len(), 0, "what is known is not read again");
    let deeper = ground.lianbo(&["backfill", "xin/yw", "--until", "2026-01-01"]);
    assert_eq!(deeper.code, Some(0), "{}", deeper.err);
    assert_eq!(count(&ground), 12);
    assert!(!told.err.contains("the list ends"), "{}", told.err);
    assert!(deeper.err.contains("xin/yw: the list ends at 2026-11-08\n"), "{}", deeper.err);
}

#[test]
fn a_list_that_repeats_its_first_page_ends_the_walk() {
    let ground = history();
    let first = list(&[(19, 12), (18, 11), (17, 10)], Some("/yw/?page=2"));
    for n in 2..=40 {
        let next = format!("/yw/?page={}", n + 1);
        ground.site.set(&format!("/yw/?page={n}"), page(&first.replace("/yw/?page=2", &next)));
    }
    ground.site.set("/yw/", page(&first));
    let told = ground.lianbo(&["backfill", "xin/yw", "--until", "2020-01-01"]);
    assert_eq!(told.code, Some(0), "{}", told.err);
    assert_eq!(count(&ground), 3);
    let asked = ground.site.asked();
    assert_eq!(asked.iter().filter(|path| path.starts_with("/yw/")).count(), 2, "{asked:?}");
    assert!(told.err.contains("xin/yw: 1 list page, "), "{}", told.err);
    assert!(!told.err.contains("2 list pages"), "what repeats is no further page: {}", told.err);
}

#[test]
fn a_walk_that_the_site_breaks_off_goes_on_there() {
    let ground = history();
    let third = ground.site.get("/yw/3.html");
    ground.site.set("/yw/3.html", reply("503 Busy", "", b""));
    let told = ground.lianbo(&["backfill", "xin/yw", "--until", "2026-11-01"]);
    assert_eq!(told.code, Some(1), "{}", told.err);
    assert!(told.err.contains("the same command goes on from here"), "{}", told.err);
    assert!(!told.err.contains("the list ends"), "{}", told.err);
    assert_eq!(count(&ground), 6);
    ground.site.asked();

    ground.site.set("/yw/3.html", third);
    let told = ground.lianbo(&["backfill", "xin/yw", "--until", "2026-11-01"]);
    assert_eq!(told.code, Some(0), "{}", told.err);
    assert_eq!(count(&ground), 12);
    let asked = ground.site.asked();
    let lists: Vec<&String> = asked.iter().filter(|path| path.starts_with("/yw/")).collect();
    assert_eq!(lists, ["/yw/", "/yw/3.html", "/yw/4.html"], "page 2 was done");
    assert_eq!(articles(&asked).len(), 6);
}

#[test]
fn a_killed_walk_goes_on_and_loses_nothing() {
    let ground = history();
    // Dies when the list pages two and three have been stored, or are about to be.
    for deadly in [6, 11, 17, 22] {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("lianbo"))
            .arg("--config")
            .arg(ground.config_file())
            .args(["backfill", "xin/yw", "--until", "2026-01-01"])
            .env("LIANBO_LOG", "lianbo::progress=trace")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
        let mut events = lines.map_while(Result::ok).filter(|line| line.contains(" TRACE "));
        assert!(events.nth(deadly - 1).is_some(), "died too late: {deadly}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let told = ground.lianbo(&["backfill", "xin/yw", "--until", "2026-01-01"]);
    assert_eq!(told.code, Some(0), "{}", told.err);
    assert_eq!(count(&ground), 12);
    let asked = ground.site.asked();
    let mut read = articles(&asked);
    assert!(read.len() <= 12 + 4, "at most the page in flight is asked for again: {asked:?}");
    read.sort_unstable();
    read.dedup();
    assert_eq!(read.len(), 12);
}

#[test]
fn a_walk_that_a_person_stops_says_how_to_go_on() {
    let ground = history();
    ground.reconfigure("timeout = \"5s\"", "timeout = \"60s\"");
    let third = ground.site.get("/yw/3.html");
    ground.site.set("/yw/3.html", Reply::Silence);
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("lianbo"))
        .arg("--config")
        .arg(ground.config_file())
        .args(["--lang", "en", "backfill", "xin/yw", "--until", "2026-01-01"])
        .env("LIANBO_LOG", "lianbo::progress=trace")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    let mut lines = lines.map_while(Result::ok);
    let stored = lines.by_ref().filter(|line| line.contains("items stored")).nth(1);
    assert!(stored.is_some(), "two pages are stored before the third is asked for");
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let told: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{told:?}");
    assert!(
        told.iter().any(|line| line.contains("the same command goes on from here")),
        "{told:?}"
    );
    assert_eq!(count(&ground), 6);

    ground.site.set("/yw/3.html", third);
    let told = ground.lianbo(&["backfill", "xin/yw", "--until", "2026-01-01"]);
    assert_eq!((told.code, count(&ground)), (Some(0), 12), "{}", told.err);
}

#[test]
fn history_does_not_flood_the_feeds() {
    let ground = history();
    ground.reconfigure("title = \"全部\"", "title = \"全部\"\nlimit = 2");
    for n in 1..=3 {
        let html = article_html(&name(n)).replace("2026-11-01", &format!("2019-03-0{n}"));
        ground.site.set(&format!("/art/10{n:02}.html"), page(&html));
    }
    let last = list(&[(1, 3), (1, 2), (1, 1)], None).replace("2026-11-01", "2019-03-01");
    ground.site.set("/yw/4.html", page(&last));
    let told = ground.lianbo(&["backfill", "xin/yw", "--until", "2019-01-01"]);
    assert_eq!(told.code, Some(0), "{}", told.err);
    assert_eq!(count(&ground), 12);
    let feed = std::fs::read_to_string(ground.data().join("public/feeds/all.json")).unwrap();
    let feed: serde_json::Value = serde_json::from_str(&feed).unwrap();
    let dates: Vec<&str> = feed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["date_published"].as_str().unwrap())
        .collect();
    assert!(dates.iter().all(|date| date.starts_with("2026-11")), "{dates:?}");
}

#[test]
fn a_column_in_other_hands_is_not_walked() {
    let ground = history();
    let told = ground.lianbo(&["backfill", "xin/yw", "--until", "2026-11-17"]);
    assert_eq!((told.code, count(&ground)), (Some(0), 3), "{}", told.err);
    let before = ground.public();
    let rows: String = (1..=5)
        .map(|n| format!("<li><a href=\"/game/50{n}1.html\">全新版本火热开服登录即送好礼{n}</a><span>2026-11-19</span></li>"))
        .collect();
    ground.site.set("/yw/", page(&format!("<html><body><ul>{rows}</ul></body></html>")));
    for n in 1..=5 {
        ground.site.set(
            &format!("/game/50{n}1.html"),
            page("<html><title>开服</title><script>go()</script></html>"),
        );
    }
    let told = ground.lianbo(&["backfill", "xin/yw", "--until", "2026-01-01"]);
    assert_eq!(told.code, Some(1), "{}", told.err);
    assert!(told.err.contains("list-strange"), "{}", told.err);
    assert_eq!(ground.public(), before, "every published byte stays");
}

#[test]
fn what_cannot_be_walked_is_said() {
    let ground = history();
    let told = ground.lianbo(&["backfill", "xin/yw", "--until", "2999-01-01"]);
    assert_eq!(told.code, Some(2));
    assert!(told.err.contains("lies in the future"), "{}", told.err);
    let told = ground.lianbo(&["backfill", "xin/zz", "--until", "2026-01-01"]);
    assert_eq!(told.code, Some(2));
    ground.site.set("/yw/", redirect("http://alt.test/"));
    let told = ground.lianbo(&["backfill", "xin/yw", "--until", "2026-01-01"]);
    assert_eq!(told.code, Some(1));
    assert!(
        told.err.contains("identity-failed") || told.err.contains("http-status"),
        "{}",
        told.err
    );
}
