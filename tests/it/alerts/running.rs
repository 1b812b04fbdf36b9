//! Alerts of the running program.

use crate::callback::Behave;
use crate::ground::{Ground, reply};
use crate::running::{Running, get, head};

use super::{KEY, SECRET, dingtalk, dingtalk_text, receiver};

/// A ground whose columns are read every second, and the alert's message leaves at once.
fn hasty(alerts: &str) -> Ground {
    let ground = Ground::new();
    ground.configure(alerts);
    ground.reconfigure("[schedule]\n", "[schedule]\nrefresh = \"* * * * * *\"\n");
    ground
}

/// Killed after it told, and after it told nothing more, it tells nothing twice.
#[test]
fn a_kill_repeats_nothing_and_loses_nothing() {
    let receiver = receiver();
    let ground = hasty(&dingtalk(&receiver, "settle = \"0s\"\npause = \"0s\"\n"));
    let mut daemon = Running::start(&ground.config_file());
    ground.site.set("/yw/", reply("500 Oops", "", b""));
    let text = dingtalk_text(&receiver.next(|post| post.text().contains("http-status")));
    assert!(text.contains("xin/yw"), "{text}");
    let line = daemon.wait_for(&["operators told", "outcome=\"ok\""]);
    drop(daemon);
    let mut daemon = Running::start(&ground.config_file());
    ground.site.set("/zt/", reply("404 Not Found", "", b""));
    let text = dingtalk_text(&receiver.next(|post| post.text().contains("xin/zt")));
    assert!(text.contains("新出现 1 个问题") && !text.contains("xin/yw"), "{text}");
    daemon.wait_for(&["operators told", "outcome=\"ok\""]);
    drop(daemon);
    // It healed while nobody looked.
    ground.list("/yw/", &[3, 2, 1]);
    let mut daemon = Running::start(&ground.config_file());
    let text = dingtalk_text(&receiver.next(|post| post.text().contains("已恢复：")));
    assert!(text.contains("1 个问题已恢复") && text.contains("xin/yw"), "{text}");
    let more = daemon.wait_for(&["operators told", "healed=1"]);
    daemon.end();
    for line in [line, more] {
        assert!(!line.contains(KEY) && !line.contains(SECRET), "{line}");
    }
    assert_eq!(receiver.take().len(), 3);
}

#[test]
fn a_feed_reader_follows_the_problems() {
    let ground = hasty("");
    ground.site.set("/yw/", reply("500 Oops", "", b""));
    let mut daemon = Running::start(&ground.config_file());
    let line = daemon.wait_for(&["public=", "admin="]);
    let admin = line.split("admin=").nth(1).unwrap().split_whitespace().next().unwrap();
    daemon.wait_for(&["problem opened", "xin/yw"]);
    let (status, text) = get(admin, "/problems.atom");
    assert_eq!(status, 200);
    let feed = feed_rs::parser::parse(text.as_bytes()).unwrap();
    let title = &feed.entries[0].title.as_ref().unwrap().content;
    assert_eq!(title, "【问题】新新商会 · 要闻（xin/yw）：网站返回错误状态");
    let headers = head(admin, "/problems.atom");
    let value = |name: &str| {
        let mut lines = headers.lines();
        lines.find_map(|line| line.to_lowercase().strip_prefix(name).map(str::to_owned)).unwrap()
    };
    assert!(value("content-type: ").starts_with("application/atom+xml"));
    let tag = value("etag: ");
    assert_eq!(asked(admin, &tag), 304);
    ground.list("/yw/", &[3, 2, 1]);
    daemon.wait_for(&["problem healed", "xin/yw"]);
    assert_eq!(asked(admin, &tag), 200);
    let (_, text) = get(admin, "/problems.atom");
    let later = feed_rs::parser::parse(text.as_bytes()).unwrap();
    assert_eq!((later.entries.len(), &later.entries[1]), (2, &feed.entries[0]));
    assert!(later.entries[0].title.as_ref().unwrap().content.starts_with("【恢复】"));
    // Not for the world.
    let public = daemon_public(&line);
    assert_eq!(get(&public, "/problems.atom").0, 404);
}

/// Where it will be served after a restart nobody listens yet.
#[test]
fn links_lead_where_the_status_page_is_served() {
    let receiver = receiver();
    let ground = hasty(&dingtalk(&receiver, "settle = \"0s\"\npause = \"0s\"\n"));
    let mut daemon = Running::start(&ground.config_file());
    daemon.wait_for(&["column refreshed"]);
    ground.reconfigure("[admin]\nlisten = \"127.0.0.1:0\"", "[admin]\nlisten = \"127.0.0.1:9\"");
    daemon.wait_for(&["`admin.listen` changed"]);
    daemon.signal("HUP");
    daemon.wait_for(&["nothing changed"]);
    ground.site.set("/yw/", reply("500 Oops", "", b""));
    let text = dingtalk_text(&receiver.next(|post| post.text().contains("http-status")));
    assert!(text.contains("(http://127.0.0.1:0/status)"), "{text}");
    daemon.end();
}

#[test]
fn a_test_that_fails_says_what_helps_there() {
    let receiver = receiver();
    let ground = Ground::new();
    let hook = super::robot("hook", "webhook", &receiver, "");
    ground.configure(&(dingtalk(&receiver, "") + &hook));
    let status = |status: &'static str| {
        for path in ["POST /group", "POST /hook"] {
            receiver.behave(path, Behave::Say(status, "", ""));
        }
    };
    let told = |id: &str, lang: &str| {
        let mut command = assert_cmd::Command::cargo_bin("lianbo").unwrap();
        command.arg("--config").arg(ground.config_file());
        let output = command.args(["--lang", lang, "alert", "test", id]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    for gone in ["401 Unauthorized", "403 Forbidden", "404 Not Found", "410 Gone"] {
        status(gone);
        let text = told("hook", "en");
        assert!(text.contains("check `url`, `secret`") && !text.contains("robot"), "{text}");
        assert!(told("group", "en").contains("there is no such robot"), "{gone}");
    }
    for again in ["500 Oops", "429 Too Many Requests"] {
        status(again);
        for (id, lang, words) in [("hook", "en", "test again"), ("group", "zh", "再测")] {
            let text = told(id, lang);
            assert!(text.contains(words) && !text.contains("tried"), "{text}");
            assert!(!text.contains("自动"), "{text}");
        }
    }
    let text = told("hook", "zh");
    assert!(text.contains("  回答：对方返回状态 429\n"), "{text}");
}

fn daemon_public(line: &str) -> String {
    line.split("public=").nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
}

/// The status of an answer to somebody who has `tag`.
fn asked(address: &str, tag: &str) -> u16 {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET /problems.atom HTTP/1.1\r\nHost: {address}\r\nIf-None-Match: {tag}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}
