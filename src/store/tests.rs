//! The store through its operations.

mod issues;
mod notices;
mod withdrawals;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;
use url::Url;

use crate::model::{
    BEIJING, Body, Change, ColumnId, Draft, Item, ItemId, Link, ProblemCode, Selection,
};

use super::{ELSEWHERE, Findings, SqliteStore, StoreError, StoreOptions, Written};

pub(super) fn now() -> DateTime<Utc> {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

fn column() -> ColumnId {
    "a/news".parse().unwrap()
}

/// An article of site `a`, column `a/news`.
pub(super) fn draft(number: u32, title: &str) -> Draft {
    let url = Url::parse(&format!("http://a.test/{number}.html")).unwrap();
    Draft {
        id: ItemId::from_tag_uri(format!("tag:x.test,2026:a/{number}")),
        key: number.to_string(),
        site: "a".parse().unwrap(),
        column: column(),
        url: url.clone(),
        aliases: vec![url],
        title: title.to_owned(),
        credit: None,
        author: None,
        editor: None,
        photographer: None,
        attribution: String::new(),
        posted: None,
        published: now().with_timezone(&BEIJING),
        breadcrumb: Vec::new(),
        body: Body { text: title.to_owned(), ..Body::default() },
        summary: String::new(),
        hash: title.to_owned(),
        partial: false,
        listed_title: title.to_owned(),
    }
}

/// A run of the column that found `drafts`.
async fn save(
    store: &SqliteStore,
    drafts: Vec<Draft>,
    now: DateTime<Utc>,
) -> Result<Vec<Change>, StoreError> {
    store.save(&column(), Findings { drafts, ..Findings::default() }, now).await
}

fn row(number: u32, title: &str) -> Link {
    let url = Url::parse(&format!("http://a.test/{number}.html")).unwrap();
    Link { url, title: title.to_owned(), posted: None }
}

async fn all(store: &SqliteStore) -> Vec<Item> {
    store.newest(&Selection::All, 1000, None).await.unwrap()
}

#[tokio::test]
async fn page_order_is_kept_and_numbers_have_no_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    save(&store, vec![draft(3, "c"), draft(2, "b"), draft(1, "a")], now()).await.unwrap();
    save(&store, vec![draft(4, "d"), draft(3, "c")], now()).await.unwrap();
    let titles: Vec<String> = all(&store).await.into_iter().map(|item| item.title).collect();
    assert_eq!(titles, ["d", "c", "b", "a"]);
    let seqs: Vec<u64> =
        store.changes_after(0, 100).await.unwrap().into_iter().map(|item| item.seq).collect();
    assert_eq!(seqs, [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_revision_keeps_id_and_dates_and_moves_seq() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    save(&store, vec![draft(1, "first")], now()).await.unwrap();
    let later = now() + TimeDelta::hours(3);
    let mut changed = draft(1, "second");
    changed.published = later.with_timezone(&BEIJING);
    let changes = save(&store, vec![changed], later).await.unwrap();
    assert_eq!(changes, [Change::Revised(ItemId::from_tag_uri("tag:x.test,2026:a/1".to_owned()))]);
    let item = all(&store).await.remove(0);
    assert_eq!((item.title.as_str(), item.revision, item.seq), ("second", 2, 2));
    assert_eq!((item.first_seen, item.revised), (now(), later));
    assert_eq!(item.published, now());
    assert!(matches!(
        save(&store, vec![draft(1, "second")], later).await.unwrap()[0],
        Change::Unchanged(_)
    ));
}

#[tokio::test]
async fn a_half_read_draft_never_replaces_a_full_item() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    let half = Draft { partial: true, hash: "half".to_owned(), ..draft(1, "row") };
    save(&store, vec![half.clone()], now()).await.unwrap();
    assert!(all(&store).await[0].partial);
    save(&store, vec![draft(1, "full")], now()).await.unwrap();
    assert!(matches!(save(&store, vec![half], now()).await.unwrap()[0], Change::Unchanged(_)));
    let item = all(&store).await.remove(0);
    assert_eq!((item.title.as_str(), item.partial), ("full", false));
}

#[tokio::test]
async fn another_address_of_a_known_article_is_the_same_item() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    save(&store, vec![draft(1, "a")], now()).await.unwrap();
    let twin = Draft {
        id: ItemId::from_tag_uri("tag:x.test,2026:a/other".to_owned()),
        key: "other".to_owned(),
        url: Url::parse("https://www.a.test/1.html").unwrap(),
        aliases: Vec::new(),
        ..draft(9, "a")
    };
    assert!(matches!(save(&store, vec![twin], now()).await.unwrap()[0], Change::Unchanged(_)));
    assert_eq!(all(&store).await.len(), 1);
}

#[tokio::test]
async fn a_known_item_met_in_another_column_is_listed_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    save(&store, vec![draft(1, "a")], now()).await.unwrap();
    let other: ColumnId = "a/zt".parse().unwrap();
    let link = row(1, "A");
    let rows = vec![(link.url.clone(), ItemId::from_tag_uri("of another key".to_owned()))];
    let known = store.known(&other, rows.clone()).await.unwrap();
    assert_eq!(known[&link.url].listed_title, None);
    let listed = vec![(known[&link.url].id.clone(), link.clone())];
    store.save(&other, Findings { listed, ..Findings::default() }, now()).await.unwrap();
    let selection = Selection::Any { sites: Vec::new(), columns: vec![other.clone()] };
    let items = store.newest(&selection, 10, None).await.unwrap();
    assert_eq!(items[0].columns, [column(), other.clone()]);
    let known = store.known(&other, rows).await.unwrap();
    assert_eq!(known[&link.url].listed_title.as_deref(), Some("A"));
}

#[tokio::test]
async fn what_one_column_changed_is_published_by_the_others_that_list_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    let (id, other): (ItemId, ColumnId) = (draft(1, "").id, "a/zt".parse().unwrap());
    save(&store, vec![draft(1, "first"), draft(2, "of one column")], now()).await.unwrap();
    assert!(store.retold().await.unwrap().0.is_empty());
    let listed = vec![(id, row(1, "first"))];
    store.save(&other, Findings { listed, ..Findings::default() }, now()).await.unwrap();
    let (columns, number) = store.retold().await.unwrap();
    assert_eq!(columns.into_iter().collect::<Vec<_>>(), [column()], "it names its columns");
    store.published_retold(number).await.unwrap();
    save(&store, vec![draft(1, "second"), draft(2, "changed")], now()).await.unwrap();
    let (columns, number) = store.retold().await.unwrap();
    assert_eq!(columns.into_iter().collect::<Vec<_>>(), [other]);
    store.published_retold(number).await.unwrap();
    save(&store, vec![draft(1, "second")], now()).await.unwrap();
    assert!(store.retold().await.unwrap().0.is_empty());
}

#[tokio::test]
async fn an_address_never_seen_is_known_by_the_id_it_gives() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    save(&store, vec![draft(1, "a")], now()).await.unwrap();
    let other = Url::parse("http://a.test/show?id=1").unwrap();
    let known = store.known(&column(), vec![(other.clone(), draft(1, "a").id)]).await.unwrap();
    assert_eq!(known[&other].id, draft(1, "a").id);
}

#[tokio::test]
async fn two_titles_of_one_half_read_article_do_not_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    let half = |column: &str, title: &str| Draft {
        partial: true,
        column: column.parse().unwrap(),
        ..draft(1, title)
    };
    save(&store, vec![half("a/news", "title")], now()).await.unwrap();
    for _ in 0..2 {
        save(&store, vec![half("a/zt", "title (pictures)")], now()).await.unwrap();
        save(&store, vec![half("a/news", "title")], now()).await.unwrap();
    }
    assert_eq!(all(&store).await[0].revision, 1);
    save(&store, vec![half("a/zt", "title corrected")], now()).await.unwrap();
    let item = all(&store).await.remove(0);
    assert_eq!((item.revision, item.title.as_str()), (2, "title corrected"));
}

#[tokio::test]
async fn what_the_list_names_goes_before_where_a_redirect_led() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    save(&store, vec![draft(2, "two"), draft(1, "one")], now()).await.unwrap();
    // The address of the first one leads to the second one's page by now.
    let moved = Draft { aliases: vec![row(1, "").url], ..draft(2, "one, revised") };
    let changes = save(&store, vec![moved], now()).await.unwrap();
    assert_eq!(changes, [Change::Revised(draft(1, "").id)]);
}

#[tokio::test]
async fn late_arrivals_come_beside_the_newest() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    save(&store, (1..=5).map(|n| draft(n, "x")).collect(), now()).await.unwrap();
    let later = now() + TimeDelta::hours(2);
    let mut old = draft(6, "back-dated");
    old.published = (now() - TimeDelta::days(3)).with_timezone(&BEIJING);
    save(&store, vec![old], later).await.unwrap();
    for selection in [
        Selection::All,
        Selection::Any { sites: vec!["a".parse().unwrap()], columns: Vec::new() },
        Selection::Any { sites: Vec::new(), columns: vec![column()] },
    ] {
        let items = store.newest(&selection, 2, Some(later)).await.unwrap();
        let keys: Vec<&str> = items.iter().map(|item| item.key.as_str()).collect();
        assert_eq!(keys, ["1", "2", "6"], "{selection:?}");
        assert_eq!(store.latest_arrival(&selection).await.unwrap(), Some(later));
        assert_eq!(store.summary(&selection).await.unwrap().count, 6);
    }
}

#[tokio::test]
async fn a_full_database_loses_nothing_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions { max_page_count: Some(80) };
    let store = SqliteStore::open(folder.path(), options).unwrap();
    save(&store, vec![draft(1, "kept")], now()).await.unwrap();
    let mut big = draft(2, "big");
    big.body.text = "长".repeat(400_000);
    let error = save(&store, vec![draft(3, "with it"), big.clone()], now()).await.unwrap_err();
    assert_eq!(error.code(), ProblemCode::StoreFull);
    let titles: Vec<String> = all(&store).await.into_iter().map(|item| item.title).collect();
    assert_eq!(titles, ["kept"]);
    drop(store);
    let store = reopen(folder.path()).await;
    save(&store, vec![big], now()).await.unwrap();
    assert_eq!(all(&store).await.len(), 2);
    assert_eq!(store.last_seq().await.unwrap(), 2);
}

/// The lock goes with the last thread of the store that was dropped, which takes a moment.
async fn reopen(folder: &std::path::Path) -> SqliteStore {
    for _ in 0..1000 {
        match SqliteStore::open(folder, StoreOptions::default()) {
            Err(StoreError::Locked(_)) => tokio::task::yield_now().await,
            other => return other.unwrap(),
        }
    }
    panic!("the lock was never given back");
}

#[tokio::test]
async fn a_second_daemon_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _first = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    let error = SqliteStore::open(folder.path(), StoreOptions::default()).err().unwrap();
    assert_eq!(error.code(), ProblemCode::DataLocked);
    assert!(error.to_string().contains(&folder.path().display().to_string()));
    SqliteStore::open_read_only(folder.path()).unwrap();
}

#[tokio::test]
async fn ids_are_frozen_with_the_first_item() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    store.freeze_ids("a.test", "2026").await.unwrap();
    store.freeze_ids("b.test", "2026").await.unwrap();
    save(&store, vec![draft(1, "a")], now()).await.unwrap();
    store.freeze_ids("b.test", "2026").await.unwrap();
    let error = store.freeze_ids("c.test", "2026").await.unwrap_err();
    assert_eq!(error.code(), ProblemCode::IdFrozen);
    let reader = SqliteStore::open_read_only(folder.path()).unwrap();
    reader.check_ids("b.test", "2026").await.unwrap();
    let error = reader.check_ids("b.test", "2027").await.unwrap_err();
    assert_eq!(error.code(), ProblemCode::IdFrozen);
}

#[tokio::test]
async fn problems_open_count_and_heal() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    assert!(store.raise(ProblemCode::Timeout, "a/news", "one", now()).await.unwrap());
    assert!(!store.raise(ProblemCode::Timeout, "a/news", "two", now()).await.unwrap());
    store.raise(ProblemCode::ListEmpty, "b/news", "none", now()).await.unwrap();
    let problem = store.problems().await.unwrap().remove(0);
    assert_eq!((problem.count, problem.detail.as_str()), (2, "two"));
    let healed = store.heal("a/news", &[], now()).await.unwrap();
    assert_eq!(healed.len(), 1);
    assert_eq!(store.problems().await.unwrap().len(), 1);
    assert!(store.raise(ProblemCode::Timeout, "a/news", "again", now()).await.unwrap());
}

#[tokio::test]
async fn an_unreadable_article_is_left_alone_longer_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    let (link, hour) = (row(1, "one"), TimeDelta::hours(1));
    let fails = || async {
        // The row stands in each time, which is no success.
        let drafts = vec![Draft { partial: true, ..draft(1, "one") }];
        let failed = vec![(link.clone(), "timeout")];
        store.save(&column(), Findings { drafts, failed, ..Findings::default() }, now()).await
    };
    let visit = |hours: i32| {
        let (store, url) = (store.clone(), link.url.clone());
        async move { store.visits(vec![url.clone()], now() + hour * hours).await.unwrap().remove(&url) }
    };
    assert_eq!(visit(0).await, None);
    fails().await.unwrap();
    assert!(visit(0).await.unwrap().waits && !visit(1).await.unwrap().waits);
    fails().await.unwrap();
    assert!(visit(1).await.unwrap().waits && !visit(2).await.unwrap().waits);
    assert_eq!(store.pending(&column()).await.unwrap(), std::slice::from_ref(&link));
    for _ in 0..40 {
        fails().await.unwrap();
    }
    assert!(visit(7 * 24 - 1).await.unwrap().waits && !visit(7 * 24).await.unwrap().waits);
    assert!(visit(0).await.unwrap().given_up);
    assert_eq!(store.pending(&column()).await.unwrap(), []);
    save(&store, vec![draft(1, "one")], now()).await.unwrap();
    assert_eq!(visit(0).await, None, "a success ends the waiting");
}

#[tokio::test]
async fn rows_left_over_are_remembered_until_they_are_dealt_with() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    let left = vec![row(1, "a"), row(2, "b"), row(3, "c"), row(4, "d")];
    let findings = Findings { left, cut_short: true, ..Findings::default() };
    store.save(&column(), findings, now()).await.unwrap();
    assert!(store.is_cut_short(&column()).await.unwrap());
    let other: ColumnId = "a/zt".parse().unwrap();
    assert_eq!(store.pending(&other).await.unwrap(), []);
    let findings = Findings {
        drafts: vec![draft(1, "a")],
        listed: vec![(draft(1, "a").id, row(2, "b"))],
        elsewhere: vec![row(3, "c")],
        superseded: vec![row(4, "d").url],
        ..Findings::default()
    };
    store.save(&column(), findings, now()).await.unwrap();
    assert_eq!(store.pending(&column()).await.unwrap(), []);
    assert!(!store.is_cut_short(&column()).await.unwrap());
    let url = row(3, "c").url;
    let visit = store.visits(vec![url.clone()], now()).await.unwrap().remove(&url).unwrap();
    assert!(visit.waits && visit.code == ELSEWHERE);
}

fn written(etag: &str) -> Vec<Written> {
    let (path, media_type) = ("feeds/a.rss".to_owned(), "x".to_owned());
    vec![Written { path, etag: etag.to_owned(), media_type }]
}

#[tokio::test]
async fn the_same_bytes_again_do_not_move_last_modified() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    let later = now() + TimeDelta::hours(1);
    store.record_documents(written("\"1\""), now()).await.unwrap();
    store.record_documents(written("\"1\""), later).await.unwrap();
    assert_eq!(store.document("feeds/a.rss").await.unwrap().unwrap().modified, now());
    store.record_documents(written("\"2\""), later).await.unwrap();
    assert_eq!(store.document("feeds/a.rss").await.unwrap().unwrap().modified, later);
}

#[tokio::test]
async fn a_document_is_unsure_between_announcement_and_record() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    let coming = vec![("feeds/a.rss".to_owned(), "x".to_owned())];
    store.expect_documents(coming.clone()).await.unwrap();
    assert_eq!(store.unsure_documents().await.unwrap(), coming);
    store.record_documents(written("\"1\""), now()).await.unwrap();
    assert_eq!(store.unsure_documents().await.unwrap(), []);
}

#[tokio::test]
async fn item_pages_are_rendered_anew_in_another_look() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    store.set_pages_rendered("old", 7).await.unwrap();
    assert_eq!(store.pages_rendered("old").await.unwrap(), 7);
    assert_eq!(store.pages_rendered("new").await.unwrap(), 0);
    store.set_pages_rendered("new", 5).await.unwrap();
    assert_eq!(store.pages_rendered("old").await.unwrap(), 0, "the pages have the new look");
    store.forget_documents(vec!["items/a/1.html".to_owned()]).await.unwrap();
    assert_eq!(store.pages_rendered("new").await.unwrap(), 0);
}

#[tokio::test]
async fn a_database_of_a_later_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let connection = Connection::open(folder.path().join("lianbo.db")).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    let error = SqliteStore::open(folder.path(), StoreOptions::default()).err().unwrap();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }));
    assert_eq!(error.code(), ProblemCode::StoreNewer);
}

#[tokio::test]
async fn the_newest_are_found_by_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    let plans = store
        .read(|connection| {
            let mut plans = String::new();
            for sql in [
                "SELECT * FROM item WHERE state = 'live' AND ?1 IS NOT NULL
                 ORDER BY published DESC, ordinal DESC LIMIT 9",
                "SELECT * FROM item WHERE state = 'live' AND site = ?1
                 ORDER BY published DESC, ordinal DESC LIMIT 9",
                "SELECT * FROM listed JOIN item USING (ordinal)
                 WHERE state = 'live' AND column_id = ?1
                 ORDER BY listed.published DESC, listed.ordinal DESC LIMIT 9",
            ] {
                let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                let mut rows = statement.query(["a"])?;
                while let Some(row) = rows.next()? {
                    plans.push_str(&row.get::<_, String>(3)?);
                    plans.push('\n');
                }
            }
            Ok(plans)
        })
        .await
        .unwrap();
    assert!(!plans.contains("TEMP B-TREE"), "{plans}");
    assert_eq!(plans.matches("USING INDEX").count() + plans.matches("USING COVERING").count(), 3);
}

#[tokio::test]
async fn a_trial_tells_what_real_work_would_meet() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    store.try_write().await.unwrap();
    let mut other = Connection::open(folder.path().join("lianbo.db")).unwrap();
    let sql = "SELECT count(*) FROM mark WHERE name <> 'indexed'";
    let left: u32 = other.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0, "nothing of it stays");
    let held = other.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    let error = store.try_write().await.unwrap_err();
    assert_eq!(error.code(), ProblemCode::DataLocked);
    drop(held);
    store.try_write().await.unwrap();
}

#[tokio::test]
async fn a_trial_of_a_full_database_says_so() {
    let folder = tempfile::tempdir().unwrap();
    drop(SqliteStore::open(folder.path(), StoreOptions::default()).unwrap());
    // SQLite takes a limit below the present size as the present size.
    let full = StoreOptions { max_page_count: Some(1) };
    let store = SqliteStore::open(folder.path(), full).unwrap();
    assert_eq!(store.try_write().await.unwrap_err().code(), ProblemCode::StoreFull);
}

#[tokio::test]
async fn a_document_never_grows_younger_backwards() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    let record = async |etag: &str, at: DateTime<Utc>| {
        store.record_documents(written(etag), at).await.unwrap();
        store.document("feeds/a.rss").await.unwrap().unwrap().modified
    };
    let second = TimeDelta::seconds(1);
    assert_eq!(record("\"1\"", now()).await, now());
    assert_eq!(record("\"1\"", now() + second * 9).await, now());
    // Within the same second, and with the clock set back.
    assert_eq!(record("\"2\"", now()).await, now() + second);
    assert_eq!(record("\"3\"", now() - second * 60).await, now() + second * 2);
    assert_eq!(record("\"4\"", now() + second * 60).await, now() + second * 60);
}
