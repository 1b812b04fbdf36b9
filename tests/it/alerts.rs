//! Operators are told what opened and healed: once, together, by day, and wherever they are.

mod mailbox;
mod running;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use lianbo::model::ProblemCode;
use lianbo::pipeline::{Pipeline, Sent};
use serde_json::Value;
use sha2::Sha256;

use crate::callback::{Behave, Callback, Request};
use crate::ground::{Ground, folder, once, problems, reply};

use mailbox::{Mailbox, Manner};

/// What nobody but the robot may see.
const KEY: &str = "f00dfacecafe0123456789";
const SECRET: &str = "SEC5ecret5ecret5ecret";
const HOOK_KEY: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const OK: Behave = Behave::Say("200 OK", "", r#"{"errcode":0,"errmsg":"ok"}"#);

/// An alert of `kind` at `receiver`, for a machine of the operator's own.
fn robot(id: &str, kind: &str, receiver: &Callback, more: &str) -> String {
    let url = receiver.url(&format!("/{id}?access_token={KEY}"));
    format!(
        "[[alert]]\nid = \"{id}\"\nkind = \"{kind}\"\nurl = \"{url}\"\nallow_private = true\n{more}"
    )
}

fn dingtalk(receiver: &Callback, more: &str) -> String {
    robot("group", "dingtalk", receiver, &format!("secret = \"{SECRET}\"\n{more}"))
}

/// A ground with these alerts, where nothing is wrong yet.
async fn ground(alerts: &str) -> (Ground, Pipeline) {
    let ground = Ground::new();
    ground.configure(alerts);
    let pipeline = ground.open().await;
    once(&pipeline).await;
    pipeline.begin_alerts().await.unwrap();
    (ground, pipeline)
}

fn receiver() -> Callback {
    let receiver = Callback::start();
    receiver.behave("POST /group", OK);
    receiver
}

async fn due(pipeline: &Pipeline) -> Vec<(String, Sent)> {
    pipeline.alert_due(&pipeline.courier()).await.unwrap()
}

async fn told(pipeline: &Pipeline) -> Vec<Sent> {
    due(pipeline).await.into_iter().map(|(_, sent)| sent).collect()
}

/// `xin/yw` fails, or works again.
async fn breaks(ground: &Ground, pipeline: &Pipeline) {
    ground.site.set("/yw/", reply("500 Oops", "", b""));
    once(pipeline).await;
}

async fn mends(ground: &Ground, pipeline: &Pipeline) {
    ground.list("/yw/", &[3, 2, 1]);
    once(pipeline).await;
}

async fn raise(pipeline: &Pipeline, code: ProblemCode, subject: &str) {
    let now = (pipeline.clock)();
    pipeline.store.raise(code, subject, "found nothing", now).await.unwrap();
}

fn mac(key: &[u8], text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// What a robot of `DingTalk` was told, once the signature is found to be right.
fn dingtalk_text(request: &Request) -> String {
    assert_eq!(request.asked("access_token").as_deref(), Some(KEY));
    let at = request.asked("timestamp").unwrap();
    let wanted = mac(SECRET.as_bytes(), &format!("{at}\n{SECRET}"));
    assert_eq!(request.asked("sign"), Some(wanted));
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["msgtype"], "markdown");
    body["markdown"]["text"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_opens_and_heals_in_one_message_each() {
    let receiver = receiver();
    let (ground, pipeline) = ground(&dingtalk(&receiver, "")).await;
    assert_eq!(told(&pipeline).await, []);
    breaks(&ground, &pipeline).await;
    assert_eq!(told(&pipeline).await, [], "it settles first");
    ground.later(TimeDelta::seconds(60));
    assert_eq!(told(&pipeline).await, [Sent::Fine]);
    let text = dingtalk_text(&receiver.take()[0]);
    for part in
        ["新出现 1 个问题", "网站返回错误状态", "新新商会 · 要闻（xin/yw）", "建议：", "/status)"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    // It goes on failing, and the daemon starts anew.
    ground.later(TimeDelta::hours(1));
    breaks(&ground, &pipeline).await;
    assert_eq!(told(&pipeline).await, []);
    drop(pipeline);
    let pipeline = ground.open().await;
    pipeline.begin_alerts().await.unwrap();
    assert_eq!(told(&pipeline).await, []);
    mends(&ground, &pipeline).await;
    ground.later(TimeDelta::seconds(60));
    assert_eq!(told(&pipeline).await, [Sent::Fine]);
    let text = dingtalk_text(&receiver.take()[0]);
    assert!(text.contains("1 个问题已恢复") && text.contains("已恢复：网站返回错误状态"), "{text}");
    ground.later(TimeDelta::hours(1));
    assert_eq!(told(&pipeline).await, []);
    assert_eq!(receiver.take().len(), 0);
    let history = ground.lianbo(&["problems", "--history"]).out;
    let lines: Vec<&str> = history.lines().collect();
    assert_eq!(lines.len(), 2, "{history}");
    assert!(lines[0].contains("\thealed (since ") && lines[1].contains("\topened\txin/yw\t"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_heals_before_anybody_heard_of_it_is_not_told() {
    let receiver = receiver();
    let (ground, pipeline) = ground(&dingtalk(&receiver, "")).await;
    breaks(&ground, &pipeline).await;
    ground.later(TimeDelta::seconds(30));
    mends(&ground, &pipeline).await;
    ground.later(TimeDelta::hours(1));
    assert_eq!(told(&pipeline).await, []);
    assert_eq!(pipeline.store.notices(10).await.unwrap().len(), 2, "the history has it");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_told_for_the_first_time_hears_what_is_open() {
    let receiver = receiver();
    let (ground, pipeline) = ground("").await;
    breaks(&ground, &pipeline).await;
    raise(&pipeline, ProblemCode::Timeout, "xin/zt").await;
    drop(pipeline);
    ground.configure(&dingtalk(&receiver, ""));
    let pipeline = ground.open().await;
    pipeline.begin_alerts().await.unwrap();
    ground.later(TimeDelta::minutes(2));
    assert_eq!(told(&pipeline).await, [Sent::Fine]);
    assert!(dingtalk_text(&receiver.take()[0]).contains("新出现 2 个问题"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_is_one_message() {
    let receiver = receiver();
    let (ground, pipeline) = ground(&dingtalk(&receiver, "")).await;
    for number in 0..30 {
        ground.later(TimeDelta::seconds(1));
        raise(&pipeline, ProblemCode::Unreachable, &format!("xin/c{number}")).await;
        assert_eq!(told(&pipeline).await, []);
    }
    ground.later(TimeDelta::seconds(31));
    assert_eq!(told(&pipeline).await, [Sent::Fine]);
    let requests = receiver.take();
    assert_eq!(requests.len(), 1);
    let text = dingtalk_text(&requests[0]);
    assert!(text.contains("新出现 30 个问题") && text.contains("另有 20 处"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nights_are_quiet_but_for_what_is_urgent() {
    let receiver = receiver();
    // The ground's clock begins at six in the evening, Beijing time.
    let more = "quiet_hours = \"18:00-07:00\"\nurgent = [\"store-full\"]\n";
    let (ground, pipeline) = ground(&dingtalk(&receiver, more)).await;
    breaks(&ground, &pipeline).await;
    raise(&pipeline, ProblemCode::ListEmpty, "xin/zt").await;
    ground.later(TimeDelta::hours(2));
    assert_eq!(told(&pipeline).await, []);
    raise(&pipeline, ProblemCode::StoreFull, "daemon").await;
    ground.later(TimeDelta::minutes(1));
    assert_eq!(told(&pipeline).await, [Sent::Fine]);
    let text = dingtalk_text(&receiver.take()[0]);
    assert!(text.contains("store-full") && !text.contains("list-empty"), "{text}");
    ground.later(TimeDelta::minutes(658));
    assert_eq!(told(&pipeline).await, [], "06:59");
    ground.later(TimeDelta::minutes(1));
    assert_eq!(told(&pipeline).await, [Sent::Fine]);
    let text = dingtalk_text(&receiver.take()[0]);
    assert!(text.contains("list-empty") && text.contains("http-status"), "{text}");
    assert!(!text.contains("store-full"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_arrive_is_sent_again_under_its_name() {
    let receiver = Callback::start();
    let secret = format!("secret = \"whsec_{HOOK_KEY}\"\nlang = \"en\"\n");
    let (ground, pipeline) = ground(&robot("hook", "webhook", &receiver, &secret)).await;
    receiver.behave("POST /hook", Behave::Say("500 Oops", "", ""));
    breaks(&ground, &pipeline).await;
    ground.later(TimeDelta::seconds(60));
    assert_eq!(told(&pipeline).await, [Sent::Failed]);
    assert_eq!(told(&pipeline).await, [], "not before its time");
    receiver.behave("POST /hook", Behave::Confirm);
    ground.later(TimeDelta::seconds(8));
    assert_eq!(told(&pipeline).await, [Sent::Fine]);
    ground.later(TimeDelta::hours(2));
    assert_eq!(told(&pipeline).await, []);
    let posts = receiver.take();
    assert_eq!(posts.len(), 2);
    assert_eq!(posts[0].header("webhook-id"), posts[1].header("webhook-id"));
    assert_eq!(posts[0].body, posts[1].body);
    for post in &posts {
        let (id, at) = (post.header("webhook-id"), post.header("webhook-timestamp"));
        let signed = format!("{id}.{at}.{}", post.text());
        let wanted = format!("v1,{}", mac(&STANDARD.decode(HOOK_KEY).unwrap(), &signed));
        assert_eq!(post.header("webhook-signature"), wanted);
    }
    let body: Value = serde_json::from_slice(&posts[1].body).unwrap();
    assert_eq!((&body["type"], &body["alert"]), (&"problems".into(), &"hook".into()));
    assert_eq!(body["opened"][0]["code"], "http-status");
    assert_eq!(body["opened"][0]["name"], "新新商会 · 要闻 (xin/yw)");
    // A single failure is no problem of its own.
    let open = problems(&pipeline.store).await;
    assert_eq!(open, [("xin/yw".to_owned(), ProblemCode::HttpStatus)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_that_refuses_is_a_problem_that_others_hear_of() {
    let receiver = receiver();
    let other = robot("office", "wecom", &receiver, "");
    let (ground, pipeline) = ground(&(dingtalk(&receiver, "") + &other)).await;
    receiver.behave("POST /office", OK);
    let words =
        r#"{"errcode":310000,"errmsg":"keywords not in content, token f00dfacecafe0123456789"}"#;
    receiver.behave("POST /group", Behave::Say("200 OK", "", words));
    breaks(&ground, &pipeline).await;
    ground.later(TimeDelta::seconds(60));
    let one = |id: &str, sent| (id.to_owned(), sent);
    assert_eq!(due(&pipeline).await, [one("group", Sent::Failed), one("office", Sent::Fine)]);
    let failing = ("alert group".to_owned(), ProblemCode::AlertFailing);
    assert!(problems(&pipeline.store).await.contains(&failing));
    // The other one, whose turn came later, heard of it at once.
    let requests = receiver.take();
    assert!(requests[1].text().contains("alert group") && requests[1].text().contains("310000"));
    assert!(!requests[1].text().contains(KEY), "{}", requests[1].text());
    // Itself it does not, and it is tried again.
    ground.later(TimeDelta::minutes(10));
    assert_eq!(due(&pipeline).await, [one("group", Sent::Failed)]);
    assert!(!dingtalk_text(&receiver.take()[0]).contains("alert"));
    receiver.behave("POST /group", OK);
    ground.later(TimeDelta::hours(1));
    assert_eq!(due(&pipeline).await, [one("group", Sent::Fine)]);
    assert!(!problems(&pipeline.store).await.contains(&failing));
    assert!(dingtalk_text(&receiver.take()[0]).contains("http-status"));
    ground.later(TimeDelta::minutes(10));
    assert_eq!(due(&pipeline).await, [one("office", Sent::Fine)], "hears that it healed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_is_gone_fails_no_more_and_begins_anew() {
    let receiver = receiver();
    let (ground, pipeline) = ground(&dingtalk(&receiver, "codes = [\"timeout\"]\n")).await;
    receiver.behave("POST /group", Behave::Say("404 Not Found", "", ""));
    breaks(&ground, &pipeline).await;
    raise(&pipeline, ProblemCode::Timeout, "xin/zt").await;
    ground.later(TimeDelta::seconds(60));
    assert_eq!(told(&pipeline).await, [Sent::Failed]);
    assert!(!receiver.take()[0].text().contains("http-status"), "of one code only");
    drop(pipeline);
    ground.configure("");
    let pipeline = ground.open().await;
    pipeline.begin_alerts().await.unwrap();
    let open = problems(&pipeline.store).await;
    assert!(open.iter().all(|(_, code)| *code != ProblemCode::AlertFailing), "{open:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_address_is_refused_unless_allowed() {
    let receiver = receiver();
    let closed = dingtalk(&receiver, "").replace("allow_private = true\n", "");
    let (ground, pipeline) = ground(&closed).await;
    breaks(&ground, &pipeline).await;
    ground.later(TimeDelta::seconds(60));
    assert_eq!(told(&pipeline).await, [Sent::Failed]);
    assert!(receiver.take().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn feishu_is_signed_in_its_body() {
    let receiver = Callback::start();
    let more = format!("secret = \"{SECRET}\"\n");
    let (ground, pipeline) = ground(&robot("card", "feishu", &receiver, &more)).await;
    receiver.behave("POST /card", Behave::Say("200 OK", "", r#"{"code":0,"msg":"success"}"#));
    breaks(&ground, &pipeline).await;
    ground.later(TimeDelta::seconds(60));
    assert_eq!(told(&pipeline).await, [Sent::Fine]);
    let body: Value = serde_json::from_slice(&receiver.take()[0].body).unwrap();
    let at = body["timestamp"].as_str().unwrap();
    assert_eq!(at, (pipeline.clock)().timestamp().to_string());
    assert_eq!(body["sign"], mac(format!("{at}\n{SECRET}").as_bytes(), ""));
    assert_eq!(body["card"]["header"]["template"], "red");
}

/// An alert by mail at `server`, with the password in a file beside the configuration.
fn mail(ground: &Ground, server: &Mailbox, more: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let file = ground.folder.path().join("password");
    std::fs::write(&file, format!("{SECRET}\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    format!(
        "[[alert]]\nid = \"mail\"\nkind = \"mail\"\nhost = \"127.0.0.1\"\nport = {}\n\
         tls = \"none\"\nallow_private = true\nuser = \"ops\"\npassword_file = \"password\"\n\
         from = \"联播 <lianbo@feeds.test>\"\nto = [\"ops@feeds.test\", \"office@feeds.test\"]\n{more}",
        server.address.port()
    )
}

async fn by_mail(more: &str) -> (Ground, Mailbox, Pipeline) {
    let (ground, server) = (Ground::new(), Mailbox::start());
    ground.configure(&mail(&ground, &server, more));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    pipeline.begin_alerts().await.unwrap();
    breaks(&ground, &pipeline).await;
    ground.later(TimeDelta::seconds(60));
    (ground, server, pipeline)
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_says_it_in_both_forms_and_knows_itself_again() {
    let (ground, server, pipeline) = by_mail("").await;
    server.behave(Manner::Forgets);
    assert_eq!(told(&pipeline).await, [Sent::Failed]);
    let first = server.take().remove(0);
    server.behave(Manner::Takes);
    ground.later(TimeDelta::seconds(8));
    assert_eq!(told(&pipeline).await, [Sent::Fine]);
    let mail = server.take().remove(0);
    assert_eq!(mail.header("Message-ID"), first.header("Message-ID"));
    assert!(mail.header("Message-ID").ends_with("@feeds.test>"));
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert_eq!(mail.header("Subject"), "【苏商联播】新出现 1 个问题");
    assert_eq!(mail.header("Date"), "Fri, 20 Nov 2026 10:01:08 +0000");
    assert!(mail.from.contains("<lianbo@feeds.test>"), "{}", mail.from);
    assert_eq!(mail.to.len(), 2, "{:?}", mail.to);
    for kind in ["text/plain", "text/html"] {
        let text = mail.part(kind);
        assert!(text.contains("新新商会 · 要闻（xin/yw）"), "{text}");
        assert!(text.contains("/status"), "{text}");
    }
    let login = STANDARD.encode(format!("\0ops\0{SECRET}"));
    assert!(server.said().contains(&format!("AUTH PLAIN {login}")));
    ground.later(TimeDelta::hours(2));
    assert_eq!(told(&pipeline).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_says_no_is_a_problem_with_its_words() {
    for (manner, words) in [(Manner::Distrusts, "535"), (Manner::Refuses, "550")] {
        let (_ground, server, pipeline) = by_mail("").await;
        server.behave(manner);
        assert_eq!(told(&pipeline).await, [Sent::Failed]);
        let open = pipeline.store.problems().await.unwrap();
        let failing = open.iter().find(|problem| problem.code == ProblemCode::AlertFailing);
        assert!(failing.unwrap().detail.contains(words), "{failing:?}");
        assert!(server.take().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_not_told_to_who_cannot_encrypt() {
    let (ground, server, pipeline) = by_mail("").await;
    drop(pipeline);
    ground.reconfigure("tls = \"none\"", "tls = \"starttls\"");
    let pipeline = ground.open().await;
    assert_eq!(told(&pipeline).await, [Sent::Failed]);
    let said = server.said();
    assert!(said[0].starts_with("EHLO ") && !said.iter().any(|line| line.starts_with("AUTH")));
    assert!(server.take().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_message_says_how_it_went() {
    let receiver = receiver();
    let (ground, server) = (Ground::new(), Mailbox::start());
    ground.configure(&(dingtalk(&receiver, "") + &mail(&ground, &server, "")));
    let pipeline = ground.open().await;
    pipeline.begin_alerts().await.unwrap();
    let fine = ground.lianbo(&["alert", "test"]);
    assert_eq!((fine.code, fine.out.as_str()), (Some(0), "group: delivered\nmail: delivered\n"));
    assert!(dingtalk_text(&receiver.take()[0]).contains("告警“group”可以送达"));
    assert_eq!(server.take()[0].header("Subject"), "【苏商联播】测试消息");
    let words = r#"{"errcode":310000,"errmsg":"sign not match, more: [https://x.test]"}"#;
    receiver.behave("POST /group", Behave::Say("200 OK", "", words));
    let failed = ground.lianbo(&["alert", "test", "group"]);
    assert_eq!(failed.code, Some(1));
    assert!(failed.err.contains("the robot answered 310000: sign not match"), "{failed:?}");
    assert!(failed.err.contains("this machine's clock"), "{failed:?}");
    assert!(server.take().is_empty(), "only the one that was named");
    assert_eq!(ground.lianbo(&["alert", "test", "nobody"]).code, Some(2));

    // One that arrives ends the failing, and what waited goes out.
    raise(&pipeline, ProblemCode::Timeout, "xin/zt").await;
    ground.later(TimeDelta::seconds(60));
    let failed = ("group".to_owned(), Sent::Failed);
    assert!(due(&pipeline).await.contains(&failed));
    receiver.behave("POST /group", OK);
    assert_eq!(ground.lianbo(&["alert", "test", "group"]).code, Some(0));
    let open = problems(&pipeline.store).await;
    assert_eq!(open, [("xin/zt".to_owned(), ProblemCode::Timeout)]);
    assert_eq!(due(&pipeline).await, [("group".to_owned(), Sent::Fine)]);
    assert_eq!(ground.lianbo(&["alert", "test"]).code, Some(0));
    ground.configure("");
    assert_eq!(ground.lianbo(&["alert", "test"]).code, Some(1), "nobody is told");
}

/// Wherever a file of ours, or what the program says, could hold one.
#[tokio::test(flavor = "multi_thread")]
async fn secrets_stand_nowhere() {
    let receiver = receiver();
    let (ground, server) = (Ground::new(), Mailbox::start());
    ground.configure(&(dingtalk(&receiver, "") + &mail(&ground, &server, "")));
    let pipeline = ground.open().await;
    pipeline.begin_alerts().await.unwrap();
    server.behave(Manner::Distrusts);
    let echo =
        r#"{"errcode":1,"errmsg":"access_token=f00dfacecafe0123456789 SEC5ecret5ecret5ecret"}"#;
    receiver.behave("POST /group", Behave::Say("200 OK", "", echo));
    breaks(&ground, &pipeline).await;
    for _ in 0..4 {
        ground.later(TimeDelta::hours(1));
        told(&pipeline).await;
    }
    let mut shown = format!("{:?}", pipeline.config);
    for command in [&["problems"][..], &["problems", "--history"], &["alert", "test"], &["check"]] {
        let told = ground.lianbo(command);
        shown += &told.out;
        shown += &told.err;
    }
    assert!(shown.contains("alert-failing") && shown.contains("…"), "{shown}");
    pipeline.store.close().await.unwrap();
    for (name, bytes) in folder(&ground.data()) {
        shown += &name;
        shown += &String::from_utf8_lossy(&bytes);
    }
    for secret in [KEY, SECRET] {
        assert!(!shown.contains(secret), "{secret}");
    }
}
