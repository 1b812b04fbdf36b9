//! Taking back, bringing back, erasing.

use super::*;
use crate::model::{Cause, Condition, ItemState, Tombstone};
use crate::store::{Taking, Terms};

fn by_hand() -> Taking {
    Taking {
        why: Cause::ByHand,
        by: Some("编辑".to_owned()),
        reason: Some("当事人要求".to_owned()),
    }
}

fn id(number: u32) -> ItemId {
    draft(number, "").id
}

fn naming(word: &str) -> Selection {
    let condition = Condition {
        contains: vec![word.to_owned()],
        breadcrumb: Vec::new(),
        ..Condition::default()
    };
    Selection::Only { of: Box::new(Selection::All), condition }
}

async fn store_of(titles: &[&str]) -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    let mut drafts: Vec<Draft> =
        (1..).zip(titles).map(|(number, title)| draft(number, title)).collect();
    // Newest first, as a list shows them.
    drafts.reverse();
    save(&store, drafts, now()).await.unwrap();
    (folder, store)
}

async fn titles(store: &SqliteStore) -> Vec<String> {
    all(store).await.into_iter().map(|item| item.title).collect()
}

async fn tombs(store: &SqliteStore, selection: &Selection) -> Vec<Tombstone> {
    store.gather(selection).await.unwrap();
    store.withdrawn(selection, now() - TimeDelta::days(30)).await.unwrap()
}

#[tokio::test]
async fn a_withdrawn_item_leaves_a_tombstone_in_every_selection_that_held_it() {
    let (_folder, store) = store_of(&["无锡一", "常州二"]).await;
    let of_column = Selection::Any { sites: Vec::new(), columns: vec![column()] };
    let of_site = Selection::Any { sites: vec!["a".parse().unwrap()], columns: Vec::new() };
    let selections = [Selection::All, of_column, of_site, naming("无锡")];
    for selection in &selections {
        assert_eq!(tombs(&store, selection).await, []);
    }
    let later = now() + TimeDelta::hours(1);
    let ids = vec![id(1), id(9)];
    assert_eq!(store.withdraw(ids, by_hand(), later).await.unwrap(), [id(1)]);
    let left = Tombstone { id: id(1), when: later, why: Cause::ByHand, seq: 3, first_seen: now() };
    for selection in &selections {
        assert_eq!(tombs(&store, selection).await, std::slice::from_ref(&left));
        let later = later + TimeDelta::seconds(1);
        assert_eq!(store.withdrawn(selection, later).await.unwrap(), []);
        assert!(!store.newest(selection, 9, None).await.unwrap().iter().any(|i| i.id == id(1)));
    }
    assert_eq!(tombs(&store, &naming("常州")).await, []);
    assert_eq!(store.summary(&Selection::All).await.unwrap().count, 1);
    assert_eq!(store.summary(&naming("无锡")).await.unwrap().count, 0);
    // Again is no news.
    assert_eq!(store.withdraw(vec![id(1)], by_hand(), later).await.unwrap(), []);
    assert_eq!(store.is_withdrawn("a", "1").await.unwrap(), Some(true));
    assert_eq!(store.is_withdrawn("a", "2").await.unwrap(), Some(false));
    assert_eq!(store.is_withdrawn("a", "9").await.unwrap(), None);
}

#[tokio::test]
async fn readers_get_the_fact_and_operators_the_text() {
    let (_folder, store) = store_of(&["无锡一"]).await;
    store.withdraw(vec![id(1)], by_hand(), now()).await.unwrap();
    let changes = store.changes_after(1, 9).await.unwrap();
    let [seen] = &changes[..] else { panic!("one change: {changes:?}") };
    assert_eq!((seen.state, seen.seq, &seen.id), (ItemState::Withdrawn, 2, &id(1)));
    for secret in ["无锡", "编辑", "当事人"] {
        assert!(!format!("{seen:?}").contains(secret), "{seen:?}");
    }
    let whole = store.item(&id(1)).await.unwrap().unwrap();
    assert_eq!(whole.title, "无锡一");
    let withdrawn = whole.withdrawn.unwrap();
    assert_eq!(withdrawn.by.as_deref(), Some("编辑"));
    assert_eq!(withdrawn.reason.as_deref(), Some("当事人要求"));
}

#[tokio::test]
async fn what_is_withdrawn_by_hand_comes_back_by_hand_only() {
    let (_folder, store) = store_of(&["一", "二"]).await;
    store.withdraw(vec![id(1)], by_hand(), now()).await.unwrap();
    store.withdraw(vec![id(2)], Taking::gone(), now()).await.unwrap();
    let seen = save(&store, vec![draft(2, "二"), draft(1, "一")], now()).await.unwrap();
    assert_eq!(seen, [Change::Unchanged(id(1)), Change::Restored(id(2))]);
    assert_eq!(titles(&store).await, ["二"]);
    assert_eq!(store.restore(vec![id(1), id(2)]).await.unwrap(), [id(1)]);
    assert_eq!(titles(&store).await, ["二", "一"]);
    assert_eq!(tombs(&store, &Selection::All).await, []);
    let back = store.item(&id(1)).await.unwrap().unwrap();
    assert_eq!((back.revision, back.revised, back.withdrawn), (1, now(), None));
}

#[tokio::test]
async fn a_hand_weighs_more_than_the_origin() {
    let (_folder, store) = store_of(&["一"]).await;
    store.withdraw(vec![id(1)], Taking::gone(), now()).await.unwrap();
    assert_eq!(store.withdraw(vec![id(1)], by_hand(), now()).await.unwrap(), [id(1)]);
    assert_eq!(store.withdraw(vec![id(1)], Taking::gone(), now()).await.unwrap(), []);
    save(&store, vec![draft(1, "一")], now()).await.unwrap();
    assert_eq!(titles(&store).await, [""; 0]);
}

#[tokio::test]
async fn of_a_purged_item_nothing_is_left_on_the_disk() {
    let (folder, store) = store_of(&["甲方机密九八七", "乙"]).await;
    save(&store, vec![draft(1, "甲方机密九八七之二")], now()).await.unwrap();
    let bytes = || {
        let files = ["lianbo.db", "lianbo.db-wal"].map(|name| folder.path().join(name));
        files.iter().flat_map(|file| std::fs::read(file).unwrap_or_default()).collect::<Vec<u8>>()
    };
    let word = "机密九八七".as_bytes();
    let holds = |bytes: &[u8]| bytes.windows(word.len()).any(|part| part == word);
    store.close().await.unwrap();
    assert!(holds(&bytes()), "the test sees the text before");
    assert_eq!(store.purge(vec![id(1)], by_hand(), now()).await.unwrap(), [id(1)]);
    assert!(!holds(&bytes()));
    assert_eq!(tombs(&store, &Selection::All).await.len(), 1);
    assert_eq!(store.restore(vec![id(1)]).await.unwrap(), []);
    assert_eq!(store.purge(vec![id(1)], by_hand(), now()).await.unwrap(), []);
    // Its site may list it on: it is known, and stays gone.
    let known = store.known(&column(), vec![(row(1, "").url, id(1))]).await.unwrap();
    assert_eq!(known[&row(1, "").url].withdrawn, Some(Cause::ByHand));
    let seen = save(&store, vec![draft(1, "甲")], now()).await.unwrap();
    assert_eq!(seen, [Change::Unchanged(id(1))]);
    assert_eq!(store.item(&id(1)).await.unwrap().unwrap().title, "");
}

#[tokio::test]
async fn a_purged_member_of_a_worded_selection_keeps_its_tombstone() {
    let (_folder, store) = store_of(&["无锡一"]).await;
    assert_eq!(tombs(&store, &naming("无锡")).await, []);
    store.purge(vec![id(1)], by_hand(), now()).await.unwrap();
    assert_eq!(tombs(&store, &naming("无锡")).await.len(), 1);
}

#[tokio::test]
async fn what_was_never_public_leaves_nothing() {
    let (_folder, store) = store_of(&[]).await;
    let terms = Terms { hold: true, ..Terms::default() };
    let findings = Findings { drafts: vec![draft(1, "一")], terms, ..Findings::default() };
    let seen = store.save(&column(), findings, now()).await.unwrap();
    assert_eq!(seen, [Change::Held(id(1))]);
    store.withdraw(vec![id(1)], by_hand(), now()).await.unwrap();
    assert_eq!(tombs(&store, &Selection::All).await, []);
    assert_eq!(store.changes_after(0, 9).await.unwrap(), []);
    assert_eq!(store.is_withdrawn("a", "1").await.unwrap(), None);
    assert_eq!(store.restore(vec![id(1)]).await.unwrap(), [id(1)]);
    let back = store.item(&id(1)).await.unwrap().unwrap();
    assert_eq!(back.state, ItemState::Held);
}

#[tokio::test]
async fn what_was_taken_back_is_named_for_publishing_until_it_is_published() {
    let (_folder, store) = store_of(&["一", "二"]).await;
    assert_eq!(store.unpublished().await.unwrap(), (Default::default(), 0));
    store.withdraw(vec![id(1)], by_hand(), now()).await.unwrap();
    let (columns, number) = store.unpublished().await.unwrap();
    assert_eq!(columns.into_iter().collect::<Vec<_>>(), [column()]);
    store.withdraw(vec![id(2)], by_hand(), now()).await.unwrap();
    store.published_out_of_turn(number).await.unwrap();
    let (columns, number) = store.unpublished().await.unwrap();
    assert_eq!(columns.len(), 1, "the second is still to come");
    store.published_out_of_turn(number).await.unwrap();
    assert_eq!(store.unpublished().await.unwrap().1, 0);
}
