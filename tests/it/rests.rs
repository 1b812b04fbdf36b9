//! Hosts that want to be left alone are left alone by the next process too.

use chrono::TimeDelta;
use lianbo::model::ProblemCode;
use lianbo::pipeline::{Outcome, Pipeline};

use crate::ground::{Ground, Reply, once, problems, reply};

/// A challenge page of 瑞数.
fn challenge() -> Reply {
    reply("412 No", "", b"<html><script>$_ts={}</script></html>")
}

/// What is told of every column.
async fn told(pipeline: &Pipeline) -> Vec<(String, ProblemCode, String)> {
    let problems = pipeline.store.problems().await.unwrap();
    problems.into_iter().map(|told| (told.subject, told.code, told.detail)).collect()
}

/// Another process after `time`, which reads every column once: what the host heard, robots.txt
/// included, and what is told.
async fn restarted(
    ground: &Ground,
    time: TimeDelta,
) -> (Vec<String>, Vec<(String, ProblemCode, String)>) {
    ground.later(time);
    let pipeline = ground.open().await;
    ground.site.seen();
    once(&pipeline).await;
    let heard = ground.site.seen().into_iter().map(|seen| seen.path).collect();
    let told = told(&pipeline).await;
    pipeline.store.close().await.unwrap();
    (heard, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_challenges_is_left_alone_over_restarts() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let good = ground.site.get("/yw/");
    ground.site.set("/yw/", challenge());
    ground.later(TimeDelta::minutes(5));
    once(&pipeline).await;
    let before = told(&pipeline).await;
    assert_eq!(before.len(), 2, "{before:?}");
    for (_, code, detail) in &before {
        assert_eq!(*code, ProblemCode::BlockedRuishu);
        // Six hours after 18:05.
        assert!(detail.contains("瑞数") && detail.contains("status 412"), "{detail}");
        assert!(detail.contains("until 2026-11-21 00:05 +08:00"), "{detail}");
    }
    pipeline.store.close().await.unwrap();
    drop(pipeline);

    for minutes in [60, 299] {
        let (heard, told) = restarted(&ground, TimeDelta::minutes(minutes)).await;
        assert_eq!((heard, &told), (Vec::new(), &before), "after {minutes} minutes");
    }
    // It is asked again, and challenges again: twelve hours, whichever process is told of them.
    let (heard, told) = restarted(&ground, TimeDelta::minutes(1)).await;
    assert_eq!(heard, ["/robots.txt", "/yw/"]);
    assert!(told[0].2.contains("until 2026-11-21 12:05 +08:00"), "{told:?}");
    ground.site.set("/yw/", good.clone());
    let (heard, again) = restarted(&ground, TimeDelta::minutes(719)).await;
    assert_eq!((heard, again), (Vec::new(), told));

    // A page comes, and all is forgotten.
    let (heard, told) = restarted(&ground, TimeDelta::minutes(1)).await;
    assert_eq!((heard, told), (vec!["/robots.txt".into(), "/yw/".into(), "/zt/".into()], vec![]));
    ground.site.set("/yw/", challenge());
    let (_, told) = restarted(&ground, TimeDelta::minutes(55)).await;
    assert!(told[0].2.contains("until 2026-11-21 19:00 +08:00"), "six hours: {told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_rest_gets_it_over_restarts() {
    let ground = Ground::new();
    let good = ground.site.get("/yw/");
    ground.site.set("/yw/", reply("503 Busy", "Retry-After: 7200\r\n", b""));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let before = told(&pipeline).await;
    assert_eq!(before[0].1, ProblemCode::RateLimited);
    assert!(before[0].2.contains("until 2026-11-20 20:00 +08:00"), "{before:?}");
    pipeline.store.close().await.unwrap();
    drop(pipeline);

    ground.site.set("/yw/", good);
    let (heard, told) = restarted(&ground, TimeDelta::minutes(119)).await;
    assert_eq!((heard, told), (Vec::new(), before));
    let pipeline = ground.open().await;
    ground.later(TimeDelta::minutes(1));
    // The same process asks when the time is over.
    let (reports, _) = once(&pipeline).await;
    assert!(reports.iter().all(|report| report.outcome == Outcome::Fine), "{reports:?}");
    assert_eq!(problems(&pipeline.store).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_challenges_before_it_tells_its_rules_is_told_alike_ever_after() {
    let ground = Ground::new();
    ground.site.set("/robots.txt", challenge());
    let (heard, before) = restarted(&ground, TimeDelta::zero()).await;
    assert_eq!(heard, ["/robots.txt"]);
    assert_eq!(before.len(), 2, "{before:?}");
    assert_eq!(restarted(&ground, TimeDelta::hours(1)).await, (vec![], before));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_says_that_a_host_lets_us_in_again() {
    let ground = Ground::new();
    let good = ground.site.get("/yw/");
    ground.site.set("/yw/", challenge());
    restarted(&ground, TimeDelta::zero()).await;
    ground.site.set("/yw/", good);
    let trusted = ground.lianbo(&["trust", "xin", "--by", "值班"]);
    assert_eq!(trusted.code, Some(0), "{trusted:?}");
    let (heard, told) = restarted(&ground, TimeDelta::minutes(1)).await;
    assert!(heard.contains(&"/yw/".to_owned()) && told.is_empty(), "{heard:?} {told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_runs_hears_that_a_host_lets_us_in_again() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    let good = ground.site.get("/yw/");
    ground.site.set("/yw/", challenge());
    once(&pipeline).await;
    ground.site.set("/yw/", good);
    ground.site.seen();
    ground.later(TimeDelta::minutes(30));
    once(&pipeline).await;
    assert_eq!(ground.site.seen().len(), 0, "it is left alone");
    assert_eq!(told(&pipeline).await[0].1, ProblemCode::BlockedRuishu);

    assert_eq!(ground.lianbo(&["trust", "xin", "--by", "值班"]).code, Some(0));
    let (reports, _) = once(&pipeline).await;
    assert!(reports.iter().all(|report| report.outcome == Outcome::Fine), "{reports:?}");
    assert_eq!(problems(&pipeline.store).await, []);
}
