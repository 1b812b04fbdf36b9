//! Openings and healings, and who heard of them.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::{AlertMessage, Notice, ProblemCode};

use super::super::notices::note;
use super::super::{SqliteStore, StoreOptions};
use super::now;

fn store() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    (folder, store)
}

fn later(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

async fn notices(store: &SqliteStore) -> Vec<(u64, String, Option<DateTime<Utc>>)> {
    let notices = store.notices(10_000).await.unwrap();
    notices.into_iter().map(|(number, it)| (number, it.subject, it.healed)).collect()
}

#[tokio::test]
async fn every_opening_and_healing_is_noted_once() {
    let (_folder, store) = store();
    let timeout = ProblemCode::Timeout;
    store.raise(timeout, "a/b", "one", later(0)).await.unwrap();
    store.raise(timeout, "a/b", "two", later(1)).await.unwrap();
    store.heal("a/b", &[timeout], later(2)).await.unwrap();
    assert_eq!(notices(&store).await, [(1, "a/b".to_owned(), None)]);
    store.heal("a/b", &[], later(3)).await.unwrap();
    store.heal("a/b", &[], later(4)).await.unwrap();
    store.raise(timeout, "a/b", "three", later(5)).await.unwrap();
    let found = notices(&store).await;
    let subject = || "a/b".to_owned();
    assert_eq!(found, [(3, subject(), None), (2, subject(), Some(later(3))), (1, subject(), None)]);
    let (_, healing) = store.notices(2).await.unwrap().remove(1);
    assert_eq!((healing.detail.as_str(), healing.since), ("two", later(0)));
}

#[tokio::test]
async fn the_history_is_bounded_in_number_and_in_time() {
    let (_folder, store) = store();
    let work = |transaction: &rusqlite::Transaction<'_>| {
        for number in 0..5_010 {
            let (code, subject) = (ProblemCode::Timeout, format!("a/{number}"));
            let (detail, since) = (String::new(), later(number));
            let notice = Notice { code, subject, detail, since, healed: None };
            note(transaction, &notice, later(number))?;
        }
        Ok(())
    };
    store.write(work).await.unwrap();
    let found = notices(&store).await;
    assert_eq!((found.len(), found.last().unwrap().0), (5000, 11));
    let next = later(91 * 86_400);
    store.raise(ProblemCode::Timeout, "b", "", next).await.unwrap();
    assert_eq!(notices(&store).await, [(5011, "b".to_owned(), None)]);
}

#[tokio::test]
async fn who_heard_of_a_problem_hears_when_it_healed() {
    let (_folder, store) = store();
    store.keep_alerts(&["ops".to_owned()]).await.unwrap();
    store.raise(ProblemCode::Timeout, "a/b", "", later(0)).await.unwrap();
    let opened = Notice {
        code: ProblemCode::Timeout,
        subject: "a/b".to_owned(),
        detail: String::new(),
        since: later(0),
        healed: None,
    };
    let message = |opened: &[Notice], healed: &[Notice]| AlertMessage {
        id: String::new(),
        alert: "ops".to_owned(),
        opened: opened.to_vec(),
        healed: healed.to_vec(),
    };
    store.alert_failed("ops", "no", later(9), later(1)).await.unwrap();
    store.alert_took(&message(std::slice::from_ref(&opened), &[]), later(2)).await.unwrap();
    let course = store.alert_course("ops").await.unwrap();
    assert_eq!((course.attempts, course.failing_since, course.worked), (0, None, Some(later(2))));
    assert_eq!(store.heard("ops").await.unwrap(), std::slice::from_ref(&opened));
    store.heal("a/b", &[], later(5)).await.unwrap();
    let heard = store.heard("ops").await.unwrap();
    assert_eq!(heard[0].healed, Some(later(5)));
    assert_eq!(store.heard("other").await.unwrap(), []);
    store.alert_took(&message(&[], &heard), later(6)).await.unwrap();
    assert_eq!(store.heard("ops").await.unwrap(), []);

    // One that is gone is forgotten, with all that it heard.
    store.alert_took(&message(&[opened], &[]), later(7)).await.unwrap();
    store.keep_alerts(&[]).await.unwrap();
    store.keep_alerts(&["ops".to_owned()]).await.unwrap();
    assert_eq!(store.heard("ops").await.unwrap(), []);
    assert_eq!(store.alert_course("ops").await.unwrap().worked, None);
}
