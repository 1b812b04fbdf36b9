//! A client of the cursor API is killed again and again while articles come, change and go: in the
//! end it has exactly what the store has, and one that is never killed hears of every change once.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use lianbo::daemon::{self, Handles};
use lianbo::model::Cause;
use lianbo::store::{SqliteStore, Taking};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::ground::{Ground, article_html, items, list_html, once, page};
use super::kills::{Dice, announce, seed};
use super::running::get;

/// What a client keeps over its death: items by id with the number of their change, and its cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Kept {
    after: u64,
    items: BTreeMap<String, (u64, String)>,
}

struct Client {
    address: SocketAddr,
    kept: Kept,
    /// Every change it was ever told.
    heard: Vec<(String, u64)>,
}

impl Client {
    fn new(address: SocketAddr) -> Self {
        Self { address, kept: Kept::default(), heard: Vec::new() }
    }

    /// Asks once and works in what it is told, item by item; `dies` says before which step.
    fn step(&mut self, wait: u64, limit: u64, mut dies: impl FnMut() -> bool) -> bool {
        let path = format!("/api/items?after={}&limit={limit}&wait={wait}", self.kept.after);
        let (status, body) = tokio::task::block_in_place(|| get(&self.address.to_string(), &path));
        assert_eq!(status, 200, "{body}");
        let answer: Value = serde_json::from_str(&body).unwrap();
        for item in answer["items"].as_array().unwrap() {
            if dies() {
                return true;
            }
            self.take(item);
        }
        if dies() {
            return true;
        }
        self.kept.after = answer["next"].as_u64().unwrap();
        answer["more"].as_bool().unwrap()
    }

    fn take(&mut self, item: &Value) {
        let (id, seq) = (item["id"].as_str().unwrap().to_owned(), item["seq"].as_u64().unwrap());
        self.heard.push((id.clone(), seq));
        if item["state"] == "live" {
            let title = item["title"].as_str().unwrap().to_owned();
            self.kept.items.insert(id, (seq, title));
        } else {
            assert!(item.get("title").is_none() && item.get("html").is_none());
            self.kept.items.remove(&id);
        }
    }

    fn titles(&self) -> BTreeSet<String> {
        self.kept.items.values().map(|(_, title)| title.clone()).collect()
    }

    /// Asks until it has these titles.
    fn until(&mut self, titles: &BTreeSet<String>) {
        let mut asked = 0;
        while self.titles() != *titles {
            self.step(10, 2, || false);
            asked += 1;
            assert!(asked < 15, "{:?} never became {titles:?}", self.titles());
        }
    }
}

/// The site as it is meant to be: article → how often its title was corrected.
type Articles = BTreeMap<u64, u64>;

fn title(number: u64, corrected: u64) -> String {
    format!("市商会第{number}号会员企业服务工作纪要（第{corrected}稿）")
}

fn titled(articles: &Articles) -> BTreeSet<String> {
    articles.iter().map(|(number, corrected)| title(*number, *corrected)).collect()
}

/// Shows the articles, newest first.
fn show(ground: &Ground, articles: &Articles) {
    let rows: Vec<(String, String)> = articles
        .iter()
        .rev()
        .map(|(number, corrected)| (format!("/n/{number}.html"), title(*number, *corrected)))
        .collect();
    for (path, title) in &rows {
        ground.site.set(path, page(&article_html(title)));
    }
    let rows: Vec<(&str, &str)> = rows.iter().map(|(url, t)| (url.as_str(), t.as_str())).collect();
    ground.site.set("/yw/", page(&list_html(&rows, None)));
}

/// An editor withdraws the article with this title, beside the daemon.
async fn withdraw(ground: &Ground, title: &str) {
    let store = SqliteStore::open_beside(&ground.data()).unwrap();
    let named = items(&store).await.into_iter().filter(|item| item.title == title);
    let ids: Vec<_> = named.map(|item| item.id).collect();
    let taking = Taking { why: Cause::ByHand, by: None, reason: None };
    assert_eq!(store.withdraw(ids, taking, (ground.clock())()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_killed_at_any_moment_ends_with_exactly_the_items_of_the_store() {
    let seed = seed();
    announce(seed, 8);
    let mut dice = Dice(seed);
    let ground = Ground::new();
    ground.reconfigure("jitter = \"0s\"", "jitter = \"0s\"\nrefresh = \"* * * * * *\"");
    let mut articles: Articles = (1..=4).map(|number| (number, 1)).collect();
    show(&ground, &articles);
    let other = "[[site.column]]\nid = \"zt\"\nname = \"专题\"\nurl = \"/zt/\"\n";
    ground.reconfigure(other, "");
    let config = std::sync::Arc::new(lianbo::config::Config::load(&ground.config_file()).unwrap());
    let pipeline = daemon::open(config, daemon::machine_clock()).await.unwrap();
    let store = pipeline.store.clone();
    let (end, (told, bound)) = (CancellationToken::new(), tokio::sync::oneshot::channel());
    let ready = Box::new(move |bound| told.send(bound).unwrap());
    let running = tokio::spawn(daemon::run(pipeline, Handles { end: end.clone(), ready }));
    let address = bound.await.unwrap().public;

    let (mut steady, mut killed) = (Client::new(address), Client::new(address));
    steady.until(&titled(&articles));
    for round in 5..13 {
        if articles.len() > 3 && dice.below(2) == 0 {
            let (number, corrected) = articles.pop_first().unwrap();
            withdraw(&ground, &title(number, corrected)).await;
        }
        match dice.below(2) {
            0 => drop(articles.insert(round, 1)),
            _ => *articles.values_mut().nth(dice.below(3) as usize).unwrap() += 1,
        }
        show(&ground, &articles);
        steady.until(&titled(&articles));
        for _ in 0..4 {
            let limit = 1 + dice.below(3);
            killed.step(0, limit, || dice.below(3) == 0);
        }
    }
    while killed.step(0, 2, || false) {}
    let wanted: BTreeMap<String, (u64, String)> = items(&store)
        .await
        .into_iter()
        .map(|item| (item.id.to_string(), (item.seq, item.title)))
        .collect();
    assert_eq!(killed.kept.items, wanted);
    assert_eq!(steady.kept, killed.kept);
    let numbers: Vec<u64> = steady.heard.iter().map(|(_, seq)| *seq).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "told twice or out of order: {numbers:?}");
    end.cancel();
    running.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_are_listed_with_how_far_they_have_come() {
    let ground = Ground::new();
    let none = ground.lianbo(&["clients"]);
    assert_eq!((none.code, none.out.as_str()), (Some(3), ""), "{}", none.err);
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let (store, now) = (pipeline.store.clone(), (pipeline.clock)());
    let told = ground.lianbo(&["clients"]);
    assert!(told.code == Some(0) && told.out.starts_with("no clients"), "{told:?}");
    store.note_client("wuxi", "", 1, now).await.unwrap();
    store.note_client("wuxi", "", 2, now).await.unwrap();
    store.note_client("gone", "feed=all", 4, now).await.unwrap();
    ground.configure(
        "[[client]]\nid = \"wuxi\"\nname = \"无锡市工商联\"\ntoken = \"a-token-of-wuxi-0123\"\n\
         [[client]]\nid = \"new\"\ntoken = \"a-token-of-new-01234\"\n",
    );
    let told = ground.lianbo(&["clients"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert_eq!(
        told.out,
        "wuxi\t无锡市工商联\tread up to 2, 2 behind\tlast seen 2026-11-20 18:00\n\
         new\tnew\tnever seen\n\
         gone\t(not in the configuration)\tread up to 4, nothing left\
         \tlast seen 2026-11-20 18:00\tfeed=all\n"
    );
    assert!(!told.err.contains("a-token"));
}
