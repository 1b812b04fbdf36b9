use chrono::TimeDelta;
use rusqlite::Connection;

use super::*;
use crate::model::{BEIJING, Body, ColumnId, Condition, Draft, Selection};
use crate::store::tests::now;
use crate::store::{Findings, StoreOptions, Tag, Taking, Told};
use crate::text::query::Query;

/// An article published so many days ago.
fn draft(number: u32, days: i64, title: &str, text: &str) -> Draft {
    Draft {
        attribution: "来源：省工商联".to_owned(),
        published: (now() - TimeDelta::days(days)).with_timezone(&BEIJING),
        breadcrumb: vec!["首页".to_owned(), "要闻".to_owned()],
        body: Body { text: text.to_owned(), ..Body::default() },
        hash: format!("{title}{text}"),
        ..super::super::tests::draft(number, title)
    }
}

struct Ground {
    folder: tempfile::TempDir,
    store: SqliteStore,
}

impl Ground {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
        Self { folder, store }
    }

    async fn save(&self, drafts: Vec<Draft>) {
        for draft in drafts {
            let column = draft.column.clone();
            let findings = Findings { drafts: vec![draft], ..Findings::default() };
            self.store.save(&column, findings, now()).await.unwrap();
        }
    }

    async fn index(&self) {
        while self.store.index_more(u64::from(u32::MAX)).await.unwrap() {}
    }

    /// The database in other hands.
    fn sql(&self, sql: &str) {
        let connection = Connection::open(self.folder.path().join("lianbo.db")).unwrap();
        connection.execute_batch(sql).unwrap();
    }

    async fn withdraw(&self, number: u32) {
        let taken = self.store.withdraw(vec![draft(number, 0, "", "").id], Taking::gone(), now());
        assert_eq!(taken.await.unwrap().len(), 1);
    }

    async fn titles(&self, filter: Filter) -> Vec<String> {
        let search = Search { filter, before: None, limit: 100, up_to: u64::from(u32::MAX) };
        let found = self.store.search(search).await.unwrap();
        assert!(!found.cut && found.next.is_none());
        found.items.into_iter().map(|item| item.title).collect()
    }

    async fn words(&self, query: &str) -> Vec<String> {
        self.titles(words(query)).await
    }
}

fn words(query: &str) -> Filter {
    Filter { query: Query::parse(query).unwrap(), ..Filter::default() }
}

fn few() -> Vec<Draft> {
    vec![
        draft(1, 30, "无锡市商会换届", "会议在无锡召开。"),
        draft(2, 1, "AI企业座谈", "走访GitHub用户，无锡商会参加。"),
        draft(3, 9, "苏州动态", "2026年，企业；家电商会。"),
    ]
}

#[tokio::test]
async fn two_character_words_are_found_newest_first_wherever_they_stand() {
    let ground = Ground::new();
    ground.save(few()).await;
    ground.index().await;
    for (query, wanted) in [
        ("无锡", vec!["AI企业座谈", "无锡市商会换届"]),
        ("商会", vec!["AI企业座谈", "苏州动态", "无锡市商会换届"]),
        ("无锡商会", vec!["AI企业座谈"]),
        ("企业家", vec![]),
        ("ai github", vec!["AI企业座谈"]),
        ("2026年", vec!["苏州动态"]),
        ("商会 -无锡", vec!["苏州动态"]),
        ("省工商联 换届", vec!["无锡市商会换届"]),
        ("\"要闻\" 苏州", vec!["苏州动态"]),
    ] {
        assert_eq!(ground.words(query).await, wanted, "{query}");
    }
}

#[tokio::test]
async fn the_index_follows_revisions_and_withdrawals() {
    let ground = Ground::new();
    ground.save(few()).await;
    ground.index().await;
    ground.save(vec![draft(1, 0, "常州市商会换届", "会议在常州召开。")]).await;
    ground.withdraw(2).await;
    // A withdrawal counts at once, whatever the index holds.
    assert_eq!(ground.words("github").await, [""; 0]);
    ground.index().await;
    assert_eq!(ground.words("无锡").await, [""; 0]);
    assert_eq!(ground.words("常州").await, ["常州市商会换届"]);
    assert_eq!(ground.store.indexed_seq().await.unwrap(), 5);
}

#[tokio::test]
async fn an_index_cut_off_goes_on_and_a_missing_one_is_built_anew() {
    let ground = Ground::new();
    let many = (1..=90).map(|n| draft(n, 0, &format!("第{n}次"), "无锡")).collect();
    ground.save(many).await;
    assert!(ground.store.index_more(1000).await.unwrap());
    assert_eq!(ground.store.indexed_seq().await.unwrap(), 50);
    // What would be left after a kill: another process finds it so.
    let Ground { folder, store } = ground;
    drop(store);
    let store = reopened(&folder).await;
    assert_eq!(store.indexed_seq().await.unwrap(), 50);
    let ground = Ground { folder, store };
    ground.index().await;
    assert_eq!(ground.words("无锡").await.len(), 90);
    ground.sql("DROP TABLE item_words");
    let Ground { folder, store } = ground;
    drop(store);
    let store = reopened(&folder).await;
    assert_eq!(store.indexed_seq().await.unwrap(), 0);
    let ground = Ground { folder, store };
    ground.index().await;
    assert_eq!(ground.words("第7次").await, ["第7次"]);
}

/// The lock goes with the last thread of the store that was dropped just now.
async fn reopened(folder: &tempfile::TempDir) -> SqliteStore {
    for _ in 0..200_000 {
        match SqliteStore::open(folder.path(), StoreOptions::default()) {
            Ok(store) => return store,
            Err(StoreError::Locked(_)) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the lock was never given back");
}

#[tokio::test]
async fn places_lead_through_all_that_is_found_once() {
    let ground = Ground::new();
    ground
        .save((1..=7).map(|n| draft(n, i64::from(n % 3), &n.to_string(), "无锡")).collect())
        .await;
    ground.index().await;
    for filter in [words("无锡"), Filter::default()] {
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let search = Search { filter: filter.clone(), before, limit: 3, up_to: 99 };
            let found = ground.store.search(search).await.unwrap();
            seen.extend(found.items.into_iter().map(|item| item.title));
            let Some(next) = found.next else { break };
            before = Some(Position::parse(&next.to_string()).unwrap());
        }
        assert_eq!(seen, ["6", "3", "7", "4", "1", "5", "2"]);
    }
    for wrong in ["", "-", "1", "a-1", "1-", "1--1", "99999999999999999999-1", "1-999999999999"] {
        assert_eq!(Position::parse(wrong), None, "{wrong}");
    }
}

#[tokio::test]
async fn every_filter_leaves_the_same_in_sql_and_in_memory() {
    let ground = Ground::new();
    let mut drafts = few();
    drafts[1].site = "b".parse().unwrap();
    drafts[1].column = "b/x".parse().unwrap();
    drafts[2].breadcrumb = vec![" 市县 ".to_owned()];
    ground.save(drafts).await;
    ground.index().await;
    let only = Selection::Only {
        of: Box::new(Selection::All),
        condition: Condition { contains: vec!["无锡".to_owned()], ..Condition::default() },
    };
    ground.store.gather(&only).await.unwrap();
    let column = |id: &str| -> ColumnId { id.parse().unwrap() };
    let tag = |name: &str, columns: &[&str]| {
        let columns = columns.iter().map(|id| column(id)).collect();
        Filter { tag: Some(Tag { name: name.to_owned(), columns }), ..Filter::default() }
    };
    let of = |sites: &[&str], columns: &[&str]| Selection::Any {
        sites: sites.iter().map(|id| id.parse().unwrap()).collect(),
        columns: columns.iter().map(|id| column(id)).collect(),
    };
    let within =
        |selections: &[Selection]| Filter { within: selections.to_vec(), ..Filter::default() };
    for (filter, count) in [
        (Filter::default(), 3),
        (Filter { sites: vec!["a".parse().unwrap()], ..Filter::default() }, 2),
        (tag("市县", &[]), 1),
        (tag("无此", &["b/x"]), 1),
        (within(&[of(&["a"], &[])]), 2),
        (within(&[of(&[], &["b/x"])]), 1),
        (within(&[of(&["c"], &[]), of(&[], &["b/x"])]), 1),
        (within(&[of(&["c"], &[]), Selection::All]), 3),
        (within(std::slice::from_ref(&only)), 2),
        (Filter { query: Query::parse("商会 -苏州").unwrap(), ..within(&[of(&["a"], &[])]) }, 1),
    ] {
        let mut found = ground.titles(filter.clone()).await;
        let changes = ground.store.changes(filter.clone(), 0, 99, 99).await.unwrap();
        let held = changes.told.iter().filter(|told| matches!(told, Told::Item(_)));
        let mut told: Vec<String> = held.map(|told| told.item().title.clone()).collect();
        found.sort();
        told.sort();
        assert_eq!((found.len(), &found), (count, &told), "{filter:?}");
    }
}

#[tokio::test]
async fn a_search_ends_in_its_time_with_what_it_found() {
    let ground = Ground::new();
    ground.save((1..=200).map(|n| draft(n, 0, &n.to_string(), "无锡")).collect()).await;
    let tag = |name: &str| Tag { name: name.to_owned(), columns: Vec::new() };
    let rare = Filter { tag: Some(tag("无此")), ..Filter::default() };
    let search = Search { filter: rare, before: None, limit: 9, up_to: 999 };
    let found = ground.store.search_within(search.clone(), Duration::ZERO).await.unwrap();
    assert!(found.cut && found.items.is_empty() && found.next.is_none());
    // The next search has its own time.
    assert!(!ground.store.search(search).await.unwrap().cut);
    // A statement of its own: the clock is looked at after so many of its steps.
    let sites = vec!["a".parse().unwrap()];
    let some = Filter { tag: Some(tag("要闻")), sites, ..Filter::default() };
    let search = Search { filter: some, before: None, limit: 199, up_to: 999 };
    let found = ground.store.search_within(search, Duration::ZERO).await.unwrap();
    assert!(found.cut && !found.items.is_empty());
    assert_eq!(found.next, found.items.last().map(Position::of), "the next question goes on there");
}

#[tokio::test]
async fn what_is_not_published_yet_is_not_found() {
    let ground = Ground::new();
    ground.save(few()).await;
    ground.index().await;
    let search = Search { filter: words("商会"), before: None, limit: 9, up_to: 2 };
    assert_eq!(ground.store.search(search).await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn hostile_queries_are_words_like_any_other() {
    let ground = Ground::new();
    ground.save(few()).await;
    ground.index().await;
    for query in [
        "\" OR 1=1 --",
        "title:无锡",
        "无锡*",
        "NEAR(无锡 商会)",
        "{title text} : 无锡",
        "'; DROP TABLE item; --无锡",
        "^无锡",
        "无锡\0商会",
    ] {
        let search = Search { filter: words(query), before: None, limit: 9, up_to: 99 };
        let found = ground.store.search(search).await.unwrap();
        assert!(found.items.len() <= 2, "{query}");
    }
    assert_eq!(ground.words("无锡").await.len(), 2);
}
