use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::*;
use crate::model::ProblemCode;

fn at(text: &str) -> DateTime<Utc> {
    format!("2026-11-20T{text}Z").parse().unwrap()
}

fn names() -> Names {
    let site = |id: &str, name: &str| (id.parse().unwrap(), name.to_owned());
    let column = |id: &str, name: &str| (id.parse().unwrap(), name.to_owned());
    Names {
        sites: BTreeMap::from([site("nanjing", "南京市工商联"), site("wuxi", "无锡市工商联")]),
        columns: BTreeMap::from([column("nanjing/zt", "专题"), column("wuxi/yw", "要闻")]),
    }
}

fn opened(code: ProblemCode, subject: &str, detail: &str) -> Notice {
    let (subject, detail) = (subject.to_owned(), detail.to_owned());
    Notice { code, subject, detail, since: at("01:30:00"), healed: None }
}

fn message(opened: Vec<Notice>, healed: Vec<Notice>) -> AlertMessage {
    AlertMessage { id: "msg_1".to_owned(), alert: "ops".to_owned(), opened, healed }
}

/// What a bad hour looks like.
fn bad_hour() -> AlertMessage {
    let over = |subject| Notice {
        healed: Some(at("02:15:00")),
        ..opened(ProblemCode::ListEmpty, subject, "0 rows")
    };
    message(
        vec![
            opened(
                ProblemCode::Timeout,
                "nanjing/zt",
                "no complete answer from `a.test` within 30000 ms",
            ),
            opened(
                ProblemCode::Timeout,
                "wuxi/yw",
                "no complete answer from `b.test` within 30000 ms",
            ),
            opened(ProblemCode::StoreFull, "daemon", "database or disk is full"),
        ],
        vec![over("wuxi/yw")],
    )
}

/// Everything that a page may have put into a detail.
const HOSTILE: &str = "<@all> <at id=all></at> [点我](http://evil.test/) **x** `y` # z\u{202E}gnp\r\n<script>alert(1)</script> ]]> 😀 ＜全角＞ \u{0}\u{7}";

fn hostile() -> AlertMessage {
    let notice = opened(ProblemCode::HttpStatus, HOSTILE, HOSTILE);
    message(vec![notice.clone()], vec![Notice { healed: Some(at("03:00:00")), ..notice }])
}

/// Every code at more places than anybody reads, with names as long as names get.
fn flood() -> AlertMessage {
    let detail = "长".repeat(3000);
    let mut all = Vec::new();
    for code in ProblemCode::ALL {
        all.extend((0..40).map(|n| opened(*code, &format!("{}/{n}", "栏目".repeat(500)), &detail)));
    }
    message(
        all.clone(),
        all.into_iter().map(|n| Notice { healed: Some(at("04:00:00")), ..n }).collect(),
    )
}

fn with<T>(lang: Lang, work: impl FnOnce(&Voice<'_>) -> T) -> T {
    let (names, status) = (names(), Url::parse("http://127.0.0.1:8081/status").unwrap());
    work(&Voice { title: "苏商联播", names: &names, status: &status, lang })
}

fn body(kind: Robot, message: &AlertMessage) -> Value {
    with(Lang::Zh, |voice| robot(kind, message, voice))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn a_bad_hour_in_every_form() {
    let dingtalk = body(Robot::Dingtalk, &bad_hour());
    insta::assert_snapshot!("dingtalk", text(&dingtalk["markdown"]["text"]));
    assert_eq!(dingtalk["markdown"]["title"], "【苏商联播】新出现 3 个问题，1 个已恢复");
    let wecom = body(Robot::Wecom, &bad_hour());
    insta::assert_snapshot!("wecom", text(&wecom["markdown"]["content"]));
    insta::assert_json_snapshot!("feishu", body(Robot::Feishu, &bad_hour()));
    let mail = with(Lang::En, |voice| mail(&bad_hour(), voice));
    insta::assert_snapshot!("mail", format!("{}\n\n{}\n{}", mail.subject, mail.text, mail.html));
    let json: Value =
        serde_json::from_slice(&with(Lang::Zh, |voice| json(&bad_hour(), voice))).unwrap();
    insta::assert_json_snapshot!("webhook", json);
}

#[test]
fn a_test_and_an_all_clear_say_so() {
    let test = body(Robot::Dingtalk, &message(Vec::new(), Vec::new()));
    assert_eq!(test["markdown"]["title"], "【苏商联播】测试消息");
    assert!(text(&test["markdown"]["text"]).contains("告警“ops”可以送达"));
    let clear = message(Vec::new(), bad_hour().healed);
    let wecom = body(Robot::Wecom, &clear);
    let content = text(&wecom["markdown"]["content"]);
    assert!(content.starts_with("<font color=\"info\">**【苏商联播】1 个问题已恢复**</font>"));
    assert!(content.contains("· 无锡市工商联 · 要闻（wuxi/yw） 11-20 09:30 至 11-20 10:15"));
    assert!(!content.contains("建议"), "there is nothing to do: {content}");
    assert_eq!(body(Robot::Feishu, &clear)["card"]["header"]["template"], "green");
}

#[test]
fn nothing_from_outside_means_anything() {
    for kind in [Robot::Dingtalk, Robot::Wecom] {
        let body = body(kind, &hostile());
        let markdown = &body["markdown"];
        let text = markdown["text"].as_str().or(markdown["content"].as_str()).unwrap();
        // One link is ours, and so are the colours.
        assert_eq!(text.matches("](").count(), 1, "{text}");
        for sign in ["<@", "<at", "<script", "`", "\u{202E}", "\u{0}", "[点我]"] {
            assert!(!text.contains(sign), "{sign:?} in {text}");
        }
        assert!(text.contains("＜＠all＞") && text.contains('😀'), "{text}");
    }
    let card = body(Robot::Feishu, &hostile())["card"].clone();
    let elements = card["elements"].as_array().unwrap();
    for element in elements.iter().filter(|element| element["tag"] == "div") {
        assert_eq!(element["text"]["tag"], "plain_text");
    }
    let mail = with(Lang::Zh, |voice| mail(&hostile(), voice));
    assert!(!mail.html.contains("<script") && mail.html.contains("&lt;script&gt;"));
    assert!(!mail.subject.contains('\n') && !mail.html.contains('\u{202E}'));
}

#[test]
fn a_flood_fits_and_says_how_much_it_leaves_out() {
    for kind in [Robot::Dingtalk, Robot::Wecom, Robot::Feishu] {
        let body = body(kind, &flood());
        let whole = body.to_string();
        assert!(whole.len() <= 20_000, "{kind:?}: {} bytes", whole.len());
        assert!(whole.contains("另有 3"), "{kind:?}");
        assert!(whole.contains("类，见状态页"), "{kind:?}");
    }
    let body = body(Robot::Wecom, &flood());
    let content = text(&body["markdown"]["content"]);
    assert!(content.len() <= WECOM_BYTES, "{}", content.len());
    assert!(content.ends_with("[查看状态页](http://127.0.0.1:8081/status)"));
}

#[test]
fn the_feed_is_read_by_another_program_and_stays_as_it_is() {
    let mut notices: Vec<(u64, Notice)> = Vec::new();
    let hostile = hostile();
    let all = bad_hour().opened.into_iter().chain(bad_hour().healed).chain(hostile.opened);
    for (number, notice) in (1..).zip(all) {
        notices.insert(0, (number, notice));
    }
    let address = Url::parse("http://127.0.0.1:8081/problems.atom").unwrap();
    let feed = |notices: &[(u64, Notice)]| {
        with(Lang::Zh, |voice| problems_feed(notices, &address, voice)).unwrap()
    };
    let document = feed(&notices);
    insta::assert_snapshot!("problems.atom", std::str::from_utf8(&document.bytes).unwrap());
    let read = feed_rs::parser::parse(document.bytes.as_ref()).unwrap();
    assert_eq!(read.entries.len(), 5);
    assert_eq!(read.id, address.as_str());
    assert!(read.links.iter().any(|link| link.rel.as_deref() == Some("self")));
    assert_eq!(read.updated, Some(at("02:15:00")));
    let ids: std::collections::BTreeSet<&str> =
        read.entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids.len(), 5);
    assert!(ids.iter().all(|id| id.starts_with("urn:uuid:") && id.len() == 45), "{ids:?}");
    let healed = &read.entries[1];
    assert_eq!(
        healed.title.as_ref().unwrap().content,
        "【恢复】无锡市工商联 · 要闻（wuxi/yw）：列表页上没有找到文章"
    );
    assert_eq!(healed.updated, Some(at("02:15:00")));
    // Another entry on top changes none of those below.
    notices.insert(0, (6, opened(ProblemCode::Timeout, "wuxi/yw", "again")));
    let more = feed_rs::parser::parse(feed(&notices).bytes.as_ref()).unwrap();
    assert_eq!(more.entries[1..], read.entries[..]);
    let empty = feed_rs::parser::parse(feed(&[]).bytes.as_ref()).unwrap();
    assert!(empty.entries.is_empty() && empty.updated.is_some());
}
