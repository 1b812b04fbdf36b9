//! Webhooks as their receivers meet them (Standard Webhooks).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use lianbo::model::ProblemCode;
use lianbo::pipeline::{Pipeline, Sent};
use lianbo::publish::{Courier, retry};
use serde_json::Value;
use sha2::Sha256;

use crate::callback::{Behave, Callback, Request};
use crate::ground::{Ground, article_html, once, page, problems, title};
use crate::running::Running;

/// The key of the reference's own example.
const KEY: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A configuration with one webhook at `url`.
fn hook(url: &str, more: &str) -> String {
    format!(
        "[[webhook]]\nid = \"city\"\nurl = \"{url}\"\nsecret = \"whsec_{KEY}\"\n\
         allow_private = true\n{more}"
    )
}

/// A ground that was read and published, with a receiver that hears of what comes later.
async fn published(more: &str) -> (Ground, Callback, Pipeline, Courier) {
    let (ground, receiver) = (Ground::new(), Callback::start());
    ground.configure(&hook(&receiver.url("/in"), more));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    pipeline.begin_push().await.unwrap();
    let courier = pipeline.courier();
    (ground, receiver, pipeline, courier)
}

async fn push(pipeline: &Pipeline, courier: &Courier) -> Vec<Sent> {
    let done = pipeline.push_due(courier).await.unwrap();
    let sent = done.into_iter().map(|(_, sent)| sent);
    sent.filter(|sent| *sent != Sent::Nothing).collect()
}

/// The body, once the signature is found to be right as a receiver would find it.
fn verified(request: &Request) -> Value {
    let id = request.header("webhook-id");
    let signed = [id, ".", request.header("webhook-timestamp"), ".", request.text()].concat();
    let key = STANDARD.decode(KEY).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(signed.as_bytes());
    let wanted = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(request.header("webhook-signature"), wanted);
    assert_eq!(request.header("content-type"), "application/json");
    assert!(id.starts_with("msg_") && id.len() == 36, "{id}");
    serde_json::from_slice(&request.body).unwrap()
}

fn titles(requests: &[Request]) -> Vec<String> {
    let title = |request| verified(request)["data"]["title"].as_str().unwrap().to_owned();
    requests.iter().map(title).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_posted_in_order_signed_and_whole() {
    let (ground, receiver, pipeline, courier) = published("").await;
    assert_eq!(push(&pipeline, &courier).await, [], "what was there before is no news");
    ground.list("/yw/", &[5, 4, 3, 2, 1]);
    once(&pipeline).await;
    assert_eq!(push(&pipeline, &courier).await, [Sent::Fine, Sent::Fine]);
    let posts = receiver.take();
    let first = verified(&posts[0]);
    assert_eq!(first["type"], "item.new");
    let now: i64 = posts[0].header("webhook-timestamp").parse().unwrap();
    assert_eq!(now, (pipeline.clock)().timestamp());
    let data = &first["data"];
    let item = pipeline
        .store
        .changes_after(0, 99)
        .await
        .unwrap()
        .into_iter()
        .find(|item| data["seq"].as_u64() == Some(item.seq));
    let item = item.unwrap();
    assert_eq!(
        (data["state"].as_str(), data["id"].as_str()),
        (Some("live"), Some(item.id.as_str()))
    );
    assert_eq!(data["url"], item.url.as_str());
    assert_eq!(data["page"], format!("http://feeds.test/items/xin/{}", item.key));
    assert_eq!(data["columns"][0]["id"], "xin/yw");
    assert_eq!(
        (&data["columns"][0]["name"], &data["site_name"]),
        (&"要闻".into(), &"新新商会".into())
    );
    assert_eq!(data["published"], item.published.to_rfc3339());
    assert!(data["html"].as_str().unwrap().contains("三十余家民营企业"));
    let seqs: Vec<u64> =
        posts.iter().map(|post| verified(post)["data"]["seq"].as_u64().unwrap()).collect();
    assert!(seqs[0] < seqs[1], "{seqs:?}");

    // A revision has the same id, a later number, and a name of its own.
    ground.site.set("/art/4.html", page(&article_html("市商会调整第四次会议安排")));
    ground.list("/yw/", &[4, 3, 2, 1]);
    let listed = "<a href=\"/art/4.html\">市商会调整第四次会议安排</a><span>2026-11-01</span>";
    let other =
        "<a href=\"/art/3.html\">市商会召开第三次会员企业服务工作会议</a><span>2026-11-01</span>";
    let list = format!(
        "<html><body><ul class=\"list\"><li>{listed}</li><li>{other}</li></ul></body></html>"
    );
    ground.site.set("/yw/", page(&list));
    once(&pipeline).await;
    assert_eq!(push(&pipeline, &courier).await, [Sent::Fine]);
    let revised = verified(&receiver.take()[0]);
    assert_eq!(
        (&revised["type"], &revised["data"]["revision"]),
        (&"item.revised".into(), &2.into())
    );
    assert!(revised["data"]["seq"].as_u64().unwrap() > seqs[1]);
    assert_eq!(push(&pipeline, &courier).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_hears_of_its_feeds_and_events_only() {
    for (more, wanted) in [
        ("feeds = [\"xin/zt\"]\n", vec![title(6)]),
        ("feeds = [\"xin/zt\", \"all\"]\n", vec![title(6), title(7)]),
        ("sites = [\"xin\"]\nevents = [\"new\"]\n", vec![title(6), title(7)]),
        ("events = [\"revised\", \"withdrawn\"]\n", vec![]),
    ] {
        let (ground, receiver, pipeline, courier) = published(more).await;
        ground.list("/yw/", &[7, 3, 2, 1]);
        ground.list("/zt/", &[6, 1]);
        once(&pipeline).await;
        push(&pipeline, &courier).await;
        let mut found = titles(&receiver.take());
        found.sort_by_key(|found| wanted.iter().position(|title| title == found));
        assert_eq!(found, wanted, "{more}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_tried_again_and_nothing_overtakes_it() {
    let (ground, receiver, pipeline, courier) = published("").await;
    receiver.behave("POST /in", Behave::Say("500 Oops", "", ""));
    ground.list("/yw/", &[5, 4, 3, 2, 1]);
    once(&pipeline).await;
    assert_eq!(push(&pipeline, &courier).await, [Sent::Failed]);
    assert_eq!(push(&pipeline, &courier).await, [], "not before its time");
    ground.later(TimeDelta::seconds(6));
    assert_eq!(push(&pipeline, &courier).await, [Sent::Failed]);
    receiver.behave("POST /in", Behave::Confirm);
    ground.later(TimeDelta::seconds(360));
    assert_eq!(push(&pipeline, &courier).await, [Sent::Fine, Sent::Fine]);
    let posts = receiver.take();
    let ids: Vec<&str> = posts.iter().map(|post| post.header("webhook-id")).collect();
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3], "{ids:?}");
    let stamps: Vec<&str> = posts.iter().map(|post| post.header("webhook-timestamp")).collect();
    assert!(stamps[0] < stamps[1], "{stamps:?}");
    assert_eq!(posts[0].body, posts[2].body);
    assert_ne!(titles(&posts)[2], titles(&posts)[3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_listed_and_makes_room_for_the_next() {
    let (ground, receiver, pipeline, courier) = published("").await;
    receiver.behave("POST /in", Behave::Say("400 Bad Request", "", ""));
    ground.list("/yw/", &[4, 3, 2, 1]);
    once(&pipeline).await;
    let id = {
        push(&pipeline, &courier).await;
        receiver.take()[0].header("webhook-id").to_owned()
    };
    for attempt in 1..8 {
        let failing = ("webhook city".to_owned(), ProblemCode::WebhookFailing);
        let told = problems(&pipeline.store).await;
        assert_eq!(told.contains(&failing), attempt >= 5, "attempt {attempt}: {told:?}");
        let wait = retry::wait(attempt, &id).unwrap();
        ground.later(TimeDelta::from_std(wait).unwrap() + TimeDelta::seconds(1));
        let sent = if attempt < 7 { Sent::Failed } else { Sent::GivenUp };
        assert_eq!(push(&pipeline, &courier).await, [sent], "attempt {}", attempt + 1);
    }
    let dead = ground.lianbo(&["push", "dead"]);
    assert_eq!(dead.code, Some(1));
    assert!(dead.out.starts_with("1\twebhook city\ttag:feeds.test,2026:xin/"), "{dead:?}");
    assert!(dead.out.contains("\t8×\t") && dead.out.contains("status 400"), "{dead:?}");
    let list = ground.lianbo(&["push", "list"]).out;
    assert!(list.contains("webhook city\thttp://127.0.0.1"), "{list}");
    assert!(list.contains("failing since"), "{list}");

    // The next change is not held up by it.
    receiver.behave("POST /in", Behave::Confirm);
    receiver.take();
    ground.list("/yw/", &[5, 4, 3, 2, 1]);
    once(&pipeline).await;
    assert_eq!(push(&pipeline, &courier).await, [Sent::Fine]);
    assert_eq!(titles(&receiver.take()), [title(5)]);
    assert_eq!(problems(&pipeline.store).await, [], "healed");

    // An operator has it sent again, under the name it had.
    let told = ground.lianbo(&["push", "retry", "1"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert_eq!(push(&pipeline, &courier).await, [Sent::Fine]);
    let again = receiver.take();
    assert_eq!((titles(&again), again[0].header("webhook-id")), (vec![title(4)], id.as_str()));
    assert_eq!(ground.lianbo(&["push", "dead"]).code, Some(0));
    assert_eq!(ground.lianbo(&["push", "drop", "1"]).code, Some(1), "it is gone already");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_address_is_refused_unless_allowed_and_redirects_are_not_followed() {
    let (ground, receiver) = (Ground::new(), Callback::start());
    let closed = hook(&receiver.url("/in"), "").replace("allow_private = true\n", "");
    ground.configure(&closed);
    let pipeline = ground.open().await;
    once(&pipeline).await;
    pipeline.begin_push().await.unwrap();
    ground.list("/yw/", &[4, 3, 2, 1]);
    once(&pipeline).await;
    assert_eq!(push(&pipeline, &pipeline.courier()).await, [Sent::Failed]);
    assert!(receiver.take().is_empty());
    drop(pipeline);
    ground.configure(&hook(&receiver.url("/in"), ""));
    let pipeline = ground.open().await;
    let away = "Location: /elsewhere\r\n";
    receiver.behave("POST /in", Behave::Say("307 Temporary Redirect", away, ""));
    ground.later(TimeDelta::seconds(6));
    assert_eq!(push(&pipeline, &pipeline.courier()).await, [Sent::Failed]);
    assert!(receiver.take().iter().all(|request| request.path() == "/in"));
}

/// The daemon is killed again and again while it posts: every change arrives, in order.
#[test]
fn kills_lose_no_change() {
    let (ground, receiver) = (Ground::new(), Callback::start());
    ground.configure(&hook(&receiver.url("/in"), ""));
    ground.reconfigure("[schedule]\n", "[schedule]\nrefresh = \"* * * * * *\"\n");
    let mut daemon = Running::start(&ground.config_file());
    let address = daemon.address();
    daemon.answered(&address, "/feeds/xin/yw.rss", 200);
    receiver.wait(3, |_| true);
    for newest in 4..=7 {
        // Cut off while a post is under way.
        receiver.behave("POST /in", Behave::Silence);
        let numbers: Vec<u32> = (1..=newest).rev().collect();
        ground.list("/yw/", &numbers);
        receiver.next(|post| post.text().contains(&title(newest)));
        drop(daemon);
        daemon = Running::start(&ground.config_file());
        receiver.wait(2, |post| post.text().contains(&title(newest)));
        receiver.behave("POST /in", Behave::Confirm);
        drop(daemon);
        daemon = Running::start(&ground.config_file());
        receiver.wait(3, |post| post.text().contains(&title(newest)));
    }
    daemon.end();
    let mut seqs: Vec<u64> = Vec::new();
    for post in receiver.take() {
        seqs.push(verified(&post)["data"]["seq"].as_u64().unwrap());
    }
    assert!(seqs.is_sorted(), "{seqs:?}");
    seqs.dedup();
    assert_eq!(seqs.len(), 7, "{seqs:?}");
}
