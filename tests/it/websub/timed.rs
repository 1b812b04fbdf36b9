//! What depends on time, under a clock that moves when it is told to.

use chrono::TimeDelta;
use lianbo::model::{Intent, ProblemCode, Secret, Wish};
use lianbo::pipeline::{Errand, Pipeline, Sent};
use lianbo::publish::{Courier, retry};
use lianbo::store::{Admitted, Caps};
use url::Url;

use crate::callback::{Behave, Callback};
use crate::ground::{Ground, once, problems};

use super::OPEN;

const TOPIC: &str = "http://feeds.test/feeds/xin/yw.rss";

/// A ground that was read and published, with what works there.
async fn published(more: &str) -> (Ground, Pipeline, Courier) {
    let ground = Ground::new();
    ground.configure(more);
    let pipeline = ground.open().await;
    once(&pipeline).await;
    pipeline.begin_push().await.unwrap();
    let courier = pipeline.courier();
    (ground, pipeline, courier)
}

/// What the hub takes down when somebody asks for `wish`.
async fn ask(pipeline: &Pipeline, callback: &str, wish: Wish) {
    let path = "feeds/xin/yw.rss";
    let known = pipeline.store.document(path).await.unwrap().unwrap().etag;
    let intent = Intent {
        id: 0,
        topic: TOPIC.to_owned(),
        path: path.to_owned(),
        callback: Url::parse(callback).unwrap(),
        wish,
        known,
        attempts: 0,
    };
    let caps = Caps { per_host: 9, all: 99 };
    let taken = pipeline.store.intend(intent, caps, (pipeline.clock)()).await.unwrap();
    assert_eq!(taken, Admitted::Yes);
}

fn subscribe(lease_s: u32) -> Wish {
    Wish::Subscribe { secret: Some(Secret::new(*b"geheim")), lease_s }
}

async fn push(pipeline: &Pipeline, courier: &Courier) -> Vec<Sent> {
    let done = pipeline.push_due(courier).await.unwrap();
    done.into_iter().map(|(_, sent)| sent).collect()
}

/// One more article, read and published.
async fn change(ground: &Ground, pipeline: &Pipeline, numbers: &[u32]) {
    ground.list("/yw/", numbers);
    once(pipeline).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_challenge_confirms() {
    let (_ground, pipeline, courier) = published(OPEN).await;
    let callback = Callback::start();
    for (answer, sent) in [
        (Behave::Say("200 OK", "", "something else"), Sent::GivenUp),
        (Behave::Say("200 OK", "", ""), Sent::GivenUp),
        (Behave::Say("404 Not Found", "", ""), Sent::GivenUp),
        (Behave::Say("302 Found", "Location: /elsewhere\r\n", ""), Sent::GivenUp),
    ] {
        callback.behave("GET /cb", answer);
        ask(&pipeline, &callback.url("/cb"), subscribe(3600)).await;
        assert_eq!(push(&pipeline, &courier).await, [sent], "{answer:?}");
        assert!(pipeline.store.subscriptions().await.unwrap().is_empty());
    }
    let seen = callback.take();
    assert_eq!(seen.len(), 4, "a redirect was followed, or somebody asked again");
    let challenges: std::collections::HashSet<_> =
        seen.iter().map(|request| request.asked("hub.challenge").unwrap()).collect();
    assert_eq!(challenges.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_is_down_is_asked_three_times() {
    let (ground, pipeline, courier) = published(OPEN).await;
    let callback = Callback::start();
    callback.behave("GET /cb", Behave::Say("503 Service Unavailable", "", ""));
    ask(&pipeline, &callback.url("/cb"), subscribe(3600)).await;
    assert_eq!(push(&pipeline, &courier).await, [Sent::Failed]);
    assert_eq!(push(&pipeline, &courier).await, [], "not before its time");
    ground.later(TimeDelta::seconds(6));
    assert_eq!(push(&pipeline, &courier).await, [Sent::Failed]);
    ground.later(TimeDelta::seconds(360));
    assert_eq!(push(&pipeline, &courier).await, [Sent::GivenUp]);
    ground.later(TimeDelta::days(1));
    assert_eq!(push(&pipeline, &courier).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_callback_is_never_reached() {
    let callback = Callback::start();
    let ground = Ground::new();
    // A name with a fixed address is for the operator to use, not for strangers.
    let fixed = format!("resolve = {{ \"localhost\" = \"{}\",", callback.address);
    ground.reconfigure("resolve = {", &fixed);
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let (courier, port) = (pipeline.courier(), callback.address.port());
    for host in ["localhost", &format!("localhost:{port}"), &format!("127.0.0.1:{port}")] {
        ask(&pipeline, &format!("http://{host}/cb"), subscribe(3600)).await;
        assert_eq!(push(&pipeline, &courier).await, [Sent::GivenUp], "{host}");
    }
    assert!(callback.take().is_empty());
    assert!(pipeline.store.subscriptions().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_ends_when_it_says() {
    let (ground, pipeline, courier) = published(OPEN).await;
    let callback = Callback::start();
    ask(&pipeline, &callback.url("/cb"), subscribe(3600)).await;
    assert_eq!(push(&pipeline, &courier).await, [Sent::Fine]);
    change(&ground, &pipeline, &[4, 3, 2, 1]).await;
    ground.later(TimeDelta::seconds(3599));
    assert_eq!(push(&pipeline, &courier).await, [Sent::Fine]);
    // Renewed, for longer; what was delivered is not delivered again.
    ask(&pipeline, &callback.url("/cb"), subscribe(7200)).await;
    assert_eq!(push(&pipeline, &courier).await, [Sent::Fine]);
    change(&ground, &pipeline, &[5, 4, 3, 2, 1]).await;
    ground.later(TimeDelta::seconds(7199));
    assert_eq!(push(&pipeline, &courier).await, [Sent::Fine]);
    change(&ground, &pipeline, &[6, 5, 4, 3, 2, 1]).await;
    ground.later(TimeDelta::seconds(1));
    assert_eq!(push(&pipeline, &courier).await, []);
    assert!(pipeline.store.subscriptions().await.unwrap().is_empty());
    let posts = callback.take().into_iter().filter(|r| r.method == "POST").count();
    assert_eq!(posts, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_before_the_confirmation_is_sent_after_it() {
    let (ground, pipeline, courier) = published(OPEN).await;
    let callback = Callback::start();
    ask(&pipeline, &callback.url("/cb"), subscribe(3600)).await;
    change(&ground, &pipeline, &[4, 3, 2, 1]).await;
    assert_eq!(push(&pipeline, &courier).await, [Sent::Fine, Sent::Fine]);
    assert!(callback.next(|r| r.method == "POST").text().contains("第四次"));
}

#[tokio::test(flavor = "multi_thread")]
async fn gone_ends_a_subscription_and_nothing_else_does() {
    let (ground, pipeline, courier) = published(OPEN).await;
    let callback = Callback::start();
    ask(&pipeline, &callback.url("/cb"), subscribe(864_000)).await;
    push(&pipeline, &courier).await;
    change(&ground, &pipeline, &[4, 3, 2, 1]).await;
    for status in ["500 Oops", "404 Not Found", "302 Found", "403 Forbidden"] {
        callback.behave("POST /cb", Behave::Say(status, "Location: /x\r\n", ""));
        assert_eq!(push(&pipeline, &courier).await, [Sent::Failed], "{status}");
        ground.later(TimeDelta::hours(13));
    }
    callback.behave("POST /cb", Behave::Say("410 Gone", "", ""));
    assert_eq!(push(&pipeline, &courier).await, [Sent::Gone]);
    assert!(pipeline.store.subscriptions().await.unwrap().is_empty());
    assert_eq!(problems(&pipeline.store).await, []);
}

/// A subscriber that fails is tried eight times in a day, then waits on the list of the dead; only
/// the newest version goes out, and the subscription stays.
#[tokio::test(flavor = "multi_thread")]
async fn what_never_arrives_is_given_up_and_can_be_sent_again() {
    let (ground, pipeline, courier) = published(OPEN).await;
    let callback = Callback::start();
    ask(&pipeline, &callback.url("/cb"), subscribe(864_000)).await;
    push(&pipeline, &courier).await;
    callback.behave("POST /cb", Behave::Say("500 Oops", "", ""));
    change(&ground, &pipeline, &[4, 3, 2, 1]).await;
    for attempt in 1..=8 {
        let sent = if attempt < 8 { Sent::Failed } else { Sent::GivenUp };
        assert_eq!(push(&pipeline, &courier).await, [sent], "attempt {attempt}");
        assert_eq!(push(&pipeline, &courier).await, [], "attempt {attempt} was not the last");
        if attempt == 3 {
            // A change meanwhile brings no further attempt forward.
            change(&ground, &pipeline, &[5, 4, 3, 2, 1]).await;
            assert_eq!(push(&pipeline, &courier).await, []);
        }
        let told = problems(&pipeline.store).await;
        let failing = ("websub 127.0.0.1".to_owned(), ProblemCode::SubscriberFailing);
        assert_eq!(told.contains(&failing), attempt >= 5, "attempt {attempt}: {told:?}");
        let lane = format!("{TOPIC} {}", callback.url("/cb"));
        let wait = retry::wait(attempt, &lane).unwrap_or_default();
        ground.later(TimeDelta::from_std(wait).unwrap() + TimeDelta::seconds(1));
    }
    callback.take();
    assert_eq!(pipeline.store.subscriptions().await.unwrap().len(), 1);
    let dead = ground.lianbo(&["push", "dead"]);
    assert!(dead.code == Some(1) && dead.out.starts_with("1\twebsub http"), "{dead:?}");
    assert!(dead.out.contains("answered with status 500"), "{dead:?}");
    assert_eq!(push(&pipeline, &courier).await, [], "given up");

    callback.behave("POST /cb", Behave::Confirm);
    assert_eq!(ground.lianbo(&["push", "retry", "1"]).code, Some(0));
    assert_eq!(push(&pipeline, &courier).await, [Sent::Fine]);
    let sent = callback.wait(1, |r| r.method == "POST");
    assert!(sent.len() == 1 && sent[0].text().contains("第五次"));
    assert_eq!(ground.lianbo(&["push", "dead"]).code, Some(0));
    assert_eq!(problems(&pipeline.store).await, []);
    assert_eq!(ground.lianbo(&["push", "retry", "1"]).code, Some(1), "no such letter");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_patience_gets_it() {
    let (ground, pipeline, courier) = published(OPEN).await;
    let callback = Callback::start();
    ask(&pipeline, &callback.url("/cb"), subscribe(864_000)).await;
    push(&pipeline, &courier).await;
    change(&ground, &pipeline, &[4, 3, 2, 1]).await;
    let busy = Behave::Say("503 Busy", "Retry-After: 3600\r\n", "");
    callback.behave("POST /cb", busy);
    assert_eq!(push(&pipeline, &courier).await, [Sent::Failed]);
    ground.later(TimeDelta::seconds(3599));
    assert_eq!(push(&pipeline, &courier).await, []);
    ground.later(TimeDelta::seconds(1));
    assert_eq!(push(&pipeline, &courier).await, [Sent::Failed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_hub_tells_its_subscribers() {
    let (ground, pipeline, courier) = published(OPEN).await;
    let callback = Callback::start();
    ask(&pipeline, &callback.url("/cb"), subscribe(864_000)).await;
    push(&pipeline, &courier).await;
    drop(pipeline);
    ground.reconfigure("allow_private = true", "allow_private = true\nhub = \"off\"");
    let pipeline = ground.open().await;
    pipeline.begin_push().await.unwrap();
    assert_eq!(push(&pipeline, &courier).await, [Sent::Fine]);
    let told = callback.next(|r| r.asked("hub.mode").as_deref() == Some("denied"));
    assert!(told.asked("hub.reason").unwrap().contains("poll the feed"));
    assert!(pipeline.store.subscriptions().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_of_a_renamed_feed_are_told_where_it_is() {
    let (ground, pipeline, courier) = published(OPEN).await;
    let callback = Callback::start();
    ask(&pipeline, &callback.url("/cb"), subscribe(864_000)).await;
    push(&pipeline, &courier).await;
    drop(pipeline);
    ground.reconfigure("id = \"all\"", "id = \"every\"\nformer = [\"xin/yw\"]");
    ground.reconfigure("id = \"yw\"", "id = \"news\"");
    let pipeline = ground.open().await;
    pipeline.begin_push().await.unwrap();
    assert_eq!(push(&pipeline, &courier).await, [Sent::Fine]);
    let told = callback.next(|r| r.asked("hub.mode").as_deref() == Some("denied"));
    assert_eq!(told.asked("hub.topic").as_deref(), Some(TOPIC));
    let reason = told.asked("hub.reason").unwrap();
    assert!(reason.ends_with(" http://feeds.test/feeds/every.rss"), "{reason}");
}

/// Further hubs hear of every topic that changed, and of none that did not.
#[tokio::test(flavor = "multi_thread")]
async fn further_hubs_are_pinged() {
    let hub = Callback::start();
    let ground = Ground::new();
    ground.configure("[websub]\nhubs = [\"http://hub.test/publish\"]\n");
    ground.reconfigure("resolve = {", &format!("resolve = {{ \"hub.test\" = \"{}\",", hub.address));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    // Known from now on: what stands there already is no news.
    pipeline.begin_push().await.unwrap();
    let courier = pipeline.courier();
    assert_eq!(push(&pipeline, &courier).await, []);
    change(&ground, &pipeline, &[4, 3, 2, 1]).await;
    hub.behave("POST /publish", Behave::Say("500 Oops", "", ""));
    assert_eq!(push(&pipeline, &courier).await, [Sent::Failed]);
    ground.later(TimeDelta::seconds(6));
    hub.behave("POST /publish", Behave::Confirm);
    hub.take();
    let done = pipeline.push_due(&courier).await.unwrap();
    assert!(
        done.iter()
            .all(|(errand, sent)| { matches!(errand, Errand::Ping { .. }) && *sent == Sent::Fine })
    );
    let mut told: Vec<String> =
        hub.take().iter().map(|request| request.text().to_owned()).collect();
    told.sort();
    let mut wanted = Vec::new();
    for slug in ["all", "xin", "xin/yw"] {
        for ending in ["rss", "atom", "json"] {
            let topic = format!("http://feeds.test/feeds/{slug}.{ending}");
            wanted.push(
                url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("hub.mode", "publish")
                    .append_pair("hub.url", &topic)
                    .finish(),
            );
        }
    }
    wanted.sort();
    assert_eq!(told, wanted);
}
