//! The daemon in a process of its own, its hub asked over HTTP.

use crate::callback::{Behave, Callback, Request};
use crate::ground::Ground;
use crate::running::{Running, get};

use super::{OPEN, ask_hub, lively, post, signature};

const RSS: &str = "http://feeds.test/feeds/xin/yw.rss";

/// A daemon that has published; where readers are served.
fn published(ground: &Ground) -> (Running, String) {
    let mut daemon = Running::start(&ground.config_file());
    let address = daemon.address();
    daemon.answered(&address, "/feeds/xin/yw.rss", 200);
    (daemon, address)
}

fn subscribe(address: &str, topic: &str, callback: &str, more: &[(&str, &str)]) -> u16 {
    let form = [("hub.mode", "subscribe"), ("hub.topic", topic), ("hub.callback", callback)];
    ask_hub(address, &[&form, more].concat()).0
}

fn is_post(path: &'static str) -> impl Fn(&Request) -> bool {
    move |request| request.method == "POST" && request.path() == path
}

/// Waits until the subscription is in the books, not only confirmed: deliveries follow it.
fn settled(ground: &Ground, wanted: usize) {
    for _ in 0..100_000 {
        let told = ground.lianbo(&["push", "list"]);
        if told.out.lines().filter(|line| line.starts_with("websub ")).count() == wanted {
            return;
        }
    }
    panic!("never {wanted} subscriptions");
}

#[test]
fn feeds_name_their_hubs_and_one_self() {
    let ground = lively("[websub]\nhubs = [\"https://hub.example/\"]\n");
    let (daemon, address) = published(&ground);
    for (ending, own, marks) in [
        ("rss", "rel=\"self\"", "rel=\"hub\""),
        ("atom", "rel=\"self\"", "rel=\"hub\""),
        ("json", "\"feed_url\":", "\"type\":\"WebSub\""),
    ] {
        let path = format!("/feeds/xin/yw.{ending}");
        let (_, body) = get(&address, &path);
        assert_eq!(body.matches(own).count(), 1, "{body}");
        assert_eq!(body.matches(marks).count(), 2, "{body}");
        assert!(body.contains("http://feeds.test/hub") && body.contains("https://hub.example/"));
        let head = crate::running::head(&address, &path);
        let link = head.lines().find_map(|line| line.strip_prefix("link: ")).unwrap();
        assert_eq!(link.matches("rel=\"self\"").count(), 1, "{link}");
        assert!(link.contains(&format!("<http://feeds.test{path}>; rel=\"self\"")), "{link}");
        assert!(link.contains("<http://feeds.test/hub>; rel=\"hub\""), "{link}");
        assert!(link.contains("<https://hub.example/>; rel=\"hub\""), "{link}");
    }
    // Pages for people are no topics.
    assert!(!crate::running::head(&address, "/feeds/xin/yw.html").contains("rel=\"hub\""));
    daemon.end();
}

/// 100, 101, 102, 105, 106: each format arrives as it is published, signed where that was asked.
#[test]
fn a_subscriber_is_asked_and_then_sent_what_changes() {
    let ground = lively(OPEN);
    let callback = Callback::start();
    let (daemon, address) = published(&ground);
    for (ending, more) in [
        ("rss", &[("hub.secret", "geheim"), ("hub.lease_seconds", "7200")][..]),
        ("atom", &[("hub.foo", "bar"), ("foo", "bar"), ("foo", "baz")]),
        ("json", &[("hub.lease_seconds", "1")]),
    ] {
        let topic = format!("http://feeds.test/feeds/xin/yw.{ending}");
        let target = format!("/cb/{ending}?id=%E4%B8%80&x");
        assert_eq!(subscribe(&address, &topic, &callback.url(&target), more), 202);
        let path = format!("/cb/{ending}");
        let asked = callback.next(|r| r.method == "GET" && r.path() == path);
        assert!(asked.target.starts_with(&format!("{target}&hub.mode=subscribe&")), "{asked:?}");
        assert_eq!(asked.asked("hub.topic").as_ref(), Some(&topic));
        let lease = asked.asked("hub.lease_seconds").unwrap();
        assert_eq!(
            lease,
            match ending {
                "rss" => "7200",
                "atom" => "864000",
                _ => "3600",
            }
        );
        assert!(asked.asked("hub.challenge").unwrap().len() > 20);
    }
    settled(&ground, 3);
    callback.take();
    ground.list("/yw/", &[4, 3, 2, 1]);
    for (ending, kind) in [
        ("rss", "application/rss+xml; charset=utf-8"),
        ("atom", "application/atom+xml; charset=utf-8"),
        ("json", "application/feed+json; charset=utf-8"),
    ] {
        let path = format!("/cb/{ending}");
        let sent = callback.next(|r| r.method == "POST" && r.path() == path);
        assert_eq!(sent.text(), get(&address, &format!("/feeds/xin/yw.{ending}")).1);
        assert!(sent.text().contains("第四次"));
        assert_eq!(sent.header("content-type"), kind);
        let topic = format!("http://feeds.test/feeds/xin/yw.{ending}");
        let link = format!("<http://feeds.test/hub>; rel=\"hub\", <{topic}>; rel=\"self\"");
        assert_eq!(sent.header("link"), link);
        match ending {
            "rss" => {
                assert_eq!(sent.header("x-hub-signature"), signature("geheim", &sent.body));
            }
            _ => assert!(!sent.headers.contains_key("x-hub-signature")),
        }
    }
    daemon.end();
}

/// 103, 104: a further request replaces secret and lease once confirmed; one who leaves is asked
/// too, and hears nothing from then on.
#[test]
fn a_subscription_is_renewed_and_ended() {
    let ground = lively(OPEN);
    let callback = Callback::start();
    let (daemon, address) = published(&ground);
    let (here, other) = (callback.url("/here"), callback.url("/other"));
    for (secret, times) in [("eins", 1), ("zwei", 2)] {
        assert_eq!(subscribe(&address, RSS, &here, &[("hub.secret", secret)]), 202);
        callback.wait(times, |r| r.method == "GET" && r.path() == "/here");
    }
    assert_eq!(subscribe(&address, RSS, &other, &[]), 202);
    settled(&ground, 2);
    // An attempt that is not confirmed changes nothing.
    callback.behave("GET /here", Behave::Say("404 Not Found", "", ""));
    assert_eq!(subscribe(&address, RSS, &here, &[("hub.secret", "drei")]), 202);
    let leave = [("hub.mode", "unsubscribe"), ("hub.topic", RSS), ("hub.callback", &here)];
    callback.wait(3, |r| r.method == "GET" && r.path() == "/here");
    assert_eq!(ask_hub(&address, &leave).0, 202);
    callback.wait(4, |r| r.method == "GET" && r.path() == "/here");
    ground.list("/yw/", &[4, 3, 2, 1]);
    let sent = callback.next(is_post("/here"));
    assert_eq!(sent.header("x-hub-signature"), signature("zwei", &sent.body));
    callback.next(is_post("/other"));

    callback.behave("GET /here", Behave::Confirm);
    assert_eq!(ask_hub(&address, &leave).0, 202);
    let asked = callback.wait(5, |r| r.method == "GET" && r.path() == "/here").remove(4);
    assert_eq!(asked.asked("hub.mode").as_deref(), Some("unsubscribe"));
    assert_eq!(asked.asked("hub.topic").as_deref(), Some(RSS));
    settled(&ground, 1);
    callback.take();
    ground.list("/yw/", &[5, 4, 3, 2, 1]);
    callback.next(|r| r.path() == "/other" && r.text().contains("第五次"));
    assert!(callback.take().iter().all(|request| request.path() != "/here"));
    daemon.end();
}

#[test]
fn what_cannot_be_is_refused_with_a_reason() {
    let ground = lively("");
    let (daemon, address) = published(&ground);
    let fine =
        [("hub.mode", "subscribe"), ("hub.topic", RSS), ("hub.callback", "http://s.example/")];
    let long = "x".repeat(200);
    let with = |name: &'static str, value: &'static str| {
        let mut form =
            fine.map(|(key, kept)| (key, if key == name { value } else { kept })).to_vec();
        if !form.iter().any(|(key, _)| *key == name) {
            form.push((name, value));
        }
        form
    };
    for (form, status) in [
        (with("hub.mode", ""), 400),
        (with("hub.mode", "publish"), 400),
        (with("hub.mode", "destroy"), 400),
        (with("hub.topic", ""), 400),
        (with("hub.topic", "http://feeds.test/feeds/none.rss"), 404),
        (with("hub.topic", "http://feeds.test/feeds/xin/yw.html"), 404),
        (with("hub.topic", "http://else.example/feeds/xin/yw.rss"), 404),
        (with("hub.topic", "http://feeds.test/feeds/../feeds/xin/yw.rss"), 404),
        (with("hub.callback", ""), 400),
        (with("hub.callback", "ftp://s.example/"), 400),
        (with("hub.callback", "not an address"), 400),
        (with("hub.callback", "http://s.example/#part"), 400),
        (with("hub.callback", "http://user:word@s.example/"), 400),
        (with("hub.callback", "http://127.0.0.1:9/"), 403),
        (with("hub.callback", "http://[::1]/"), 403),
        (with("hub.callback", "http://0x7f000001/"), 403),
        (with("hub.callback", "http://192.168.1.1/"), 403),
        (with("hub.lease_seconds", "soon"), 400),
        (with("hub.lease_seconds", "0"), 400),
        (with("hub.lease_seconds", "-1"), 400),
        ([&fine[..], &[("hub.secret", &long)]].concat(), 400),
        ([&fine[..], &[("hub.mode", "subscribe")]].concat(), 400),
    ] {
        let (found, reason) = ask_hub(&address, &form);
        assert_eq!(found, status, "{form:?}: {reason}");
        assert!(reason.is_ascii() || reason.contains('。'), "{reason}");
        assert!(reason.len() > 20, "{reason}");
    }
    assert_eq!(post(&address, "/hub", "application/json", "{}").0, 415);
    let huge = format!("hub.mode=subscribe&x={}", "y".repeat(20_000));
    assert_eq!(post(&address, "/hub", "application/x-www-form-urlencoded", &huge).0, 413);
    assert_eq!(get(&address, "/hub").0, 405);
    daemon.end();
}

#[test]
fn a_host_has_so_many_subscriptions_and_requests() {
    let ground = lively(&format!("{OPEN}per_host = 2\nper_minute = 4\n"));
    let callback = Callback::start();
    let (daemon, address) = published(&ground);
    let url = callback.url("/cb");
    for (ending, status) in [("rss", 202), ("atom", 202), ("json", 403)] {
        let topic = format!("http://feeds.test/feeds/xin/yw.{ending}");
        assert_eq!(subscribe(&address, &topic, &url, &[]), status, "{ending}");
    }
    assert_eq!(subscribe(&address, RSS, &url, &[]), 202, "a renewal");
    // Nine requests lie within two minutes of the clock, of which each has four.
    let answers: Vec<u16> = (0..9).map(|_| subscribe(&address, RSS, &url, &[])).collect();
    assert!(answers.contains(&429), "{answers:?}");
    daemon.end();
}

#[test]
fn no_hub_is_there_where_none_is_wanted() {
    let ground = lively("[websub]\nhub = \"off\"\n");
    let (daemon, address) = published(&ground);
    let (status, body) = get(&address, "/feeds/xin/yw.atom");
    assert!(status == 200 && !body.contains("rel=\"hub\""), "{body}");
    assert_eq!(subscribe(&address, RSS, "http://s.example/", &[]), 404);
    daemon.end();
}

#[test]
fn a_slow_subscriber_delays_nobody() {
    let ground = lively(OPEN);
    let (slow, fast) = (Callback::start(), Callback::start());
    let (daemon, address) = published(&ground);
    for callback in [&slow, &fast] {
        assert_eq!(subscribe(&address, RSS, &callback.url("/cb"), &[]), 202);
    }
    settled(&ground, 2);
    slow.behave("POST /cb", Behave::Silence);
    ground.list("/yw/", &[4, 3, 2, 1]);
    slow.next(is_post("/cb"));
    fast.next(|r| r.text().contains("第四次"));
    // The first delivery to the slow one is under way all the time.
    ground.list("/yw/", &[5, 4, 3, 2, 1]);
    fast.next(|r| r.text().contains("第五次"));
    assert_eq!(slow.take().iter().filter(|r| is_post("/cb")(r)).count(), 1);
    daemon.end();
}

#[test]
fn a_delivery_cut_off_by_a_kill_is_made_again() {
    let ground = lively(OPEN);
    let callback = Callback::start();
    let (daemon, address) = published(&ground);
    assert_eq!(subscribe(&address, RSS, &callback.url("/cb"), &[]), 202);
    settled(&ground, 1);
    callback.behave("POST /cb", Behave::Silence);
    ground.list("/yw/", &[4, 3, 2, 1]);
    callback.next(is_post("/cb"));
    // SIGKILL, with the delivery under way.
    drop(daemon);
    callback.take();
    callback.behave("POST /cb", Behave::Confirm);
    let (daemon, address) = published(&ground);
    let sent = callback.next(is_post("/cb"));
    assert!(sent.text().contains("第四次"));
    // A wish that was accepted and not yet confirmed outlives a kill as well.
    callback.behave("GET /late", Behave::Silence);
    assert_eq!(subscribe(&address, RSS, &callback.url("/late"), &[]), 202);
    callback.next(|r| r.path() == "/late");
    drop(daemon);
    callback.take();
    callback.behave("GET /late", Behave::Confirm);
    let (daemon, _) = published(&ground);
    callback.next(|r| r.path() == "/late");
    settled(&ground, 2);
    daemon.end();
}

#[test]
fn subscribers_of_a_retired_feed_are_told() {
    let ground = lively(OPEN);
    let callback = Callback::start();
    let (mut daemon, address) = published(&ground);
    daemon.answered(&address, "/feeds/all.rss", 200);
    let all = "http://feeds.test/feeds/all.rss";
    assert_eq!(subscribe(&address, all, &callback.url("/cb"), &[]), 202);
    settled(&ground, 1);
    callback.take();
    ground.reconfigure("id = \"all\"", "id = \"every\"");
    let told = callback.next(|r| r.method == "GET");
    assert_eq!(told.asked("hub.mode").as_deref(), Some("denied"));
    assert_eq!(told.asked("hub.topic").as_deref(), Some(all));
    assert!(told.asked("hub.reason").unwrap().contains("no longer published"));
    assert_eq!(told.asked("hub.challenge"), None);
    settled(&ground, 0);
    daemon.end();
}
