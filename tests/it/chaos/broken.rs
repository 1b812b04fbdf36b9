//! The bad site of the demo: every column is broken in its own way.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use lianbo::config::{Config, Overrides};
use lianbo::demo::Network;
use lianbo::model::{Lang, ProblemCode};
use lianbo::pipeline::{Clock, Outcome, Pipeline};
use lianbo::text::sentence;

use super::began;
use crate::ground::{folder, items, once, problems};

/// A daemon that reads the columns at `paths` of the bad site, named `c0`, `c1`, …
async fn reading(network: &Network, paths: &[&str]) -> (tempfile::TempDir, Pipeline) {
    let folder = tempfile::tempdir().unwrap();
    let columns: String = (0..)
        .zip(paths)
        .map(|(n, path)| {
            format!("[[site.column]]\nid = \"c{n}\"\nname = \"栏目{n}\"\nurl = \"{path}\"\n")
        })
        .collect();
    let config = format!(
        r#"
[daemon]
data = "data"
base_url = "http://feeds.test/"
[id]
authority = "feeds.test"
date = "2026"
[fetch]
contact = "test@feeds.test"
gap = "0s"
timeout = "3s"
retries = 0
[custody]
pictures = "original"
[[site]]
id = "xin"
name = "某新商会"
home = "http://xin.test/"
family = "generic"
{columns}
"#
    );
    let file = folder.path().join("config.toml");
    std::fs::write(&file, config).unwrap();
    let resolve = network.addresses().into_iter().collect();
    let data = Some(folder.path().join("data"));
    let config = Config::load(&file).unwrap().under(Overrides { data, resolve, platform: None });
    let hours = Arc::new(AtomicI64::new(0));
    let clock: Clock = Arc::new(move || {
        let passed = hours.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        began() + chrono::TimeDelta::seconds(passed)
    });
    let pipeline = lianbo::daemon::open(Arc::new(config), clock).await.unwrap();
    (folder, pipeline)
}

async fn network() -> Network {
    Network::start(&crate::demo::folder(), None, began()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_of_the_bad_site_is_told_under_its_code_and_publishes_nothing() {
    let network = network().await;
    for (path, wanted) in [
        ("/412/", ProblemCode::BlockedRuishu),
        ("/521/", ProblemCode::BlockedJiasule),
        ("/acw/", ProblemCode::BlockedAliyun),
        ("/hoy/", ProblemCode::BlockedWangsu),
        ("/tst/", ProblemCode::BlockedTst),
        ("/safeline/", ProblemCode::BlockedSafeline),
        ("/other/", ProblemCode::BlockedChallenge),
        ("/soft404/", ProblemCode::ErrorPage),
        ("/empty/", ProblemCode::ListEmpty),
        ("/loop/", ProblemCode::RedirectLoop),
        ("/drip/", ProblemCode::Timeout),
        ("/large/", ProblemCode::TooLarge),
        ("/bomb/", ProblemCode::TooLarge),
        ("/chunk/", ProblemCode::Truncated),
        ("/etag-unasked/", ProblemCode::HttpStatus),
    ] {
        let (folder, pipeline) = reading(&network, &[path]).await;
        let (reports, _) = once(&pipeline).await;
        let codes: Vec<_> = reports[0].faults.iter().map(|fault| fault.code).collect();
        assert_eq!((reports[0].outcome, codes), (Outcome::Failed, vec![wanted]), "{path}");
        assert_eq!(problems(&pipeline.store).await, [("xin/c0".to_owned(), wanted)], "{path}");
        assert!(items(&pipeline.store).await.is_empty(), "{path}");
        let public = crate::ground::folder(&folder.path().join("data/public"));
        assert!(!public.keys().any(|name| name.starts_with("items/")), "{path}: {public:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_column_is_read_and_304_is_believed_only_where_it_was_asked_for() {
    let network = network().await;
    let (folder, pipeline) = reading(&network, &["/good/", "/etag/", "/etag-any/"]).await;
    let (reports, _) = once(&pipeline).await;
    assert!(reports.iter().all(|report| report.outcome == Outcome::Fine), "{reports:?}");
    let before = items(&pipeline.store).await;
    assert_eq!(before.len(), 3);
    let public = self::folder(&folder.path().join("data/public"));
    let (reports, _) = once(&pipeline).await;
    assert!(reports.iter().all(|report| report.outcome == Outcome::Unchanged), "{reports:?}");
    assert_eq!(items(&pipeline.store).await, before);
    assert!(self::folder(&folder.path().join("data/public")) == public);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_redesigned_in_the_middle_of_a_run_puts_no_shell_into_a_feed() {
    let network = network().await;
    let (_folder, pipeline) = reading(&network, &["/redesign/", "/hijack/"]).await;
    once(&pipeline).await;
    let told = problems(&pipeline.store).await;
    assert!(told.iter().any(|(subject, _)| subject == "xin/c0"), "{told:?}");
    for item in items(&pipeline.store).await {
        assert!(item.text.is_empty(), "{}: {}", item.title, item.text);
    }
}

#[test]
fn each_challenge_is_named_and_says_whom_to_ask() {
    let named = [
        (ProblemCode::BlockedRuishu, "瑞数", "瑞数"),
        (ProblemCode::BlockedJiasule, "加速乐", "加速乐"),
        (ProblemCode::BlockedAliyun, "阿里云", "Alibaba Cloud"),
        (ProblemCode::BlockedWangsu, "网宿", "网宿"),
        (ProblemCode::BlockedTst, "EdgeOne", "EdgeOne"),
        (ProblemCode::BlockedSafeline, "雷池", "SafeLine"),
    ];
    for (code, zh, en) in named {
        for (lang, name, list) in
            [(Lang::Zh, zh, "本机出口地址"), (Lang::En, en, "outgoing address")]
        {
            let said = sentence::problem(code, lang);
            assert!(said.what.contains(name) && said.hint.contains(name), "{said:?}");
            assert!(said.hint.contains(list), "{said:?}");
        }
    }
    let challenges = ProblemCode::ALL.iter().filter(|code| code.is_challenge());
    assert_eq!(challenges.count(), named.len() + 1);
}
