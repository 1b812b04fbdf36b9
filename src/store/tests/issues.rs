//! Issues: their numbers, who changes them, and what overtakes them.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::model::{Act, Chosen, Deed, IssueId, IssueState, Item, Material, PushedDraft};
use crate::store::{NewIssue, Overtook, SqliteStore, StoreOptions, StoredManuscript, Taking};

use super::{all, draft, now, save};

fn act(what: Deed) -> Act {
    Act {
        what,
        at: now(),
        by: Some("甲".to_owned()),
        remark: String::new(),
        content_sha256: "h".to_owned(),
        way: "cli".to_owned(),
        holds: what.is_approval(),
    }
}

fn of(item: &Item, key: &str) -> Chosen {
    Chosen {
        key: key.to_owned(),
        from: Material::Item { id: item.id.clone(), revision: item.revision },
        section: "要闻".to_owned(),
        title: None,
        summary: None,
        picture: true,
        also_at: Vec::new(),
    }
}

fn new(digest: &str, day: &str, chosen: Vec<Chosen>) -> NewIssue {
    let date: NaiveDate = day.parse().unwrap();
    NewIssue {
        digest: digest.to_owned(),
        date,
        period: (date, date),
        note: String::new(),
        chosen,
        pictures: BTreeMap::new(),
        act: act(Deed::Built),
        first: (1, 1),
    }
}

async fn store() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
    (folder, store)
}

#[tokio::test]
async fn numbers_go_on_and_are_counted_anew_each_year() {
    let (_folder, store) = store().await;
    let mut numbers = Vec::new();
    for day in ["2026-12-21", "2026-12-28", "2027-01-04", "2027-01-11"] {
        let (record, is_new) = store.open_issue(new("weekly", day, Vec::new())).await.unwrap();
        assert!(is_new);
        numbers.push((record.issue.number, record.issue.id.total));
    }
    assert_eq!(numbers, [(1, 1), (2, 2), (1, 3), (2, 4)]);
    let (again, is_new) = store.open_issue(new("weekly", "2027-01-04", Vec::new())).await.unwrap();
    assert!(!is_new, "a day has one issue");
    assert_eq!(again.issue.id.total, 3);
    let (other, _) = store.open_issue(new("monthly", "2027-01-04", Vec::new())).await.unwrap();
    assert_eq!((other.issue.number, other.issue.id.total), (1, 1), "each digest counts for itself");
}

#[tokio::test]
async fn a_periodical_goes_on_where_it_was_before() {
    let (_folder, store) = store().await;
    let mut numbers = Vec::new();
    for day in ["2026-11-20", "2026-11-27", "2027-01-08"] {
        let new = NewIssue { first: (45, 312), ..new("weekly", day, Vec::new()) };
        let (record, _) = store.open_issue(new).await.unwrap();
        numbers.push((record.issue.number, record.issue.id.total));
    }
    assert_eq!(numbers, [(45, 312), (46, 313), (1, 314)]);
}

#[tokio::test]
async fn two_editors_do_not_overwrite_one_another() {
    let (_folder, store) = store().await;
    let (record, _) = store.open_issue(new("weekly", "2026-11-20", Vec::new())).await.unwrap();
    let mut mine = record.clone();
    mine.issue.note = "我的".to_owned();
    let mut theirs = record;
    theirs.issue.note = "他的".to_owned();
    assert!(store.keep_issue(&mine, Some(act(Deed::Edited)), true).await.unwrap());
    assert!(!store.keep_issue(&theirs, Some(act(Deed::Edited)), true).await.unwrap());
    let kept = store.issue(&mine.issue.id).await.unwrap().unwrap();
    assert_eq!(kept.issue.note, "我的");
    assert_eq!(kept.acts.len(), 2, "built, and edited once");
}

#[tokio::test]
async fn a_revision_or_withdrawal_voids_the_approvals_of_its_issues() {
    let (_folder, store) = store().await;
    save(&store, vec![draft(1, "甲"), draft(2, "乙")], now()).await.unwrap();
    let items = all(&store).await;
    let chosen = vec![of(&items[0], "a1"), of(&items[1], "a2")];
    let (mut record, _) = store.open_issue(new("weekly", "2026-11-20", chosen)).await.unwrap();
    record.issue.state = IssueState::Final;
    assert!(store.keep_issue(&record, Some(act(Deed::FinalApproval)), false).await.unwrap());
    assert_eq!(store.overtake_issues(now()).await.unwrap(), [], "nothing happened yet");

    let revised = crate::model::Draft { hash: "neu".to_owned(), ..draft(1, "甲（更正）") };
    save(&store, vec![revised], now()).await.unwrap();
    let overtaken = store.overtake_issues(now()).await.unwrap();
    assert_eq!(overtaken.len(), 1);
    assert!(overtaken[0].voided);
    assert_eq!(overtaken[0].items, [(Overtook::Revised, "甲（更正）".to_owned())]);
    let kept = store.issue(&record.issue.id).await.unwrap().unwrap();
    assert_eq!(kept.issue.state, IssueState::Built);
    assert!(kept.acts.iter().all(|act| !act.holds), "no approval holds any more");
    assert_eq!(store.overtake_issues(now()).await.unwrap(), [], "it is told once");

    store.withdraw(vec![items[1].id.clone()], Taking::gone(), now()).await.unwrap();
    let overtaken = store.overtake_issues(now()).await.unwrap();
    assert_eq!(overtaken[0].items[0].0, Overtook::Withdrawn);
    assert!(!overtaken[0].voided, "nothing was left to void");
    store.restore(vec![items[1].id.clone()]).await.unwrap();
    assert_eq!(store.overtake_issues(now()).await.unwrap()[0].items[0].0, Overtook::Restored);
}

#[tokio::test]
async fn a_pushed_issue_stays_pushed_when_it_is_overtaken() {
    let (_folder, store) = store().await;
    save(&store, vec![draft(1, "甲")], now()).await.unwrap();
    let items = all(&store).await;
    let chosen = vec![of(&items[0], "a1")];
    let (mut record, _) = store.open_issue(new("weekly", "2026-11-20", chosen)).await.unwrap();
    record.issue.state = IssueState::Pushed;
    record.pushed = Some(PushedDraft {
        account: "main".to_owned(),
        media_id: "m".to_owned(),
        update_time: 7,
        content_sha256: "h".to_owned(),
        titles: vec!["甲".to_owned()],
        at: now(),
    });
    assert!(store.keep_issue(&record, Some(act(Deed::Pushed)), false).await.unwrap());
    store.withdraw(vec![items[0].id.clone()], Taking::gone(), now()).await.unwrap();
    let overtaken = store.overtake_issues(now()).await.unwrap();
    assert_eq!(overtaken[0].state, IssueState::Pushed);
    let kept = store.issue(&record.issue.id).await.unwrap().unwrap();
    assert_eq!((kept.issue.state, kept.pushed), (IssueState::Pushed, record.pushed));
}

#[tokio::test]
async fn what_was_purged_leaves_no_word_in_issues() {
    let (folder, store) = store().await;
    save(&store, vec![draft(1, "秘密的标题"), draft(2, "乙")], now()).await.unwrap();
    let items = all(&store).await;
    let secret = items.iter().find(|item| item.title == "秘密的标题").unwrap();
    let chosen = Chosen {
        title: Some("秘密的另题".to_owned()),
        summary: Some("秘密的摘要".to_owned()),
        ..of(secret, "a1")
    };
    let (record, _) = store.open_issue(new("weekly", "2026-11-20", vec![chosen])).await.unwrap();
    store.withdraw(vec![secret.id.clone()], Taking::gone(), now()).await.unwrap();
    store.overtake_issues(now()).await.unwrap();
    store.purge(vec![secret.id.clone()], Taking::gone(), now()).await.unwrap();
    store.overtake_issues(now()).await.unwrap();
    let kept = store.issue(&record.issue.id).await.unwrap().unwrap();
    assert_eq!(kept.issue.chosen.len(), 1, "its place stays");
    assert!(!format!("{kept:?}").contains("秘密"), "{kept:?}");
    let database = std::fs::read(folder.path().join("lianbo.db")).unwrap();
    for words in ["秘密的另题", "秘密的摘要"] {
        let there = database.windows(words.len()).any(|part| part == words.as_bytes());
        assert!(!there, "`{words}` stands in the database");
    }
}

#[tokio::test]
async fn names_are_found_in_what_editors_wrote_and_in_manuscripts() {
    let (_folder, store) = store().await;
    save(&store, vec![draft(1, "甲")], now()).await.unwrap();
    let items = all(&store).await;
    let chosen = vec![
        Chosen { summary: Some("张 三出席会议。".to_owned()), ..of(&items[0], "a1") },
        Chosen {
            from: Material::Manuscript { file: "稿.docx".to_owned() }, ..of(&items[0], "a2")
        },
    ];
    let issue =
        NewIssue { note: "张三的按语".to_owned(), ..new("weekly", "2026-11-20", chosen) };
    let (record, _) = store.open_issue(issue).await.unwrap();
    let manuscript = StoredManuscript {
        file: "稿.docx".to_owned(),
        title: "标题".to_owned(),
        credit: None,
        author: Some("张三".to_owned()),
        posted: None,
        html: "<p>正文</p>".to_owned(),
        text: "正文".to_owned(),
        images: Vec::new(),
    };
    store.keep_manuscript(&record.issue.id, "a2", manuscript).await.unwrap();
    let found = store.issue_mentions("张三").await.unwrap();
    let keys: Vec<Option<&str>> = found.iter().map(|mention| mention.key.as_deref()).collect();
    assert_eq!(keys, [None, Some("a1"), Some("a2")]);
    assert_eq!(found[0].issue, IssueId { digest: "weekly".to_owned(), total: 1 });
    assert!(store.issue_mentions("李四").await.unwrap().is_empty());
    // Taken out of the issue, a manuscript is erased, and its pictures with it.
    let id = &record.issue.id;
    let picture = |address: &str| (address.to_owned(), bytes::Bytes::from_static(b"x"));
    let pictures = vec![picture("manuscript:a2/1.jpg"), picture("http://a.test/1.jpg")];
    store.keep_issue_pictures(id, pictures).await.unwrap();
    let mut shorter = store.issue(id).await.unwrap().unwrap();
    shorter.issue.chosen.pop();
    assert!(store.keep_issue(&shorter, None, true).await.unwrap());
    assert!(store.manuscripts(id).await.unwrap().is_empty());
    assert_eq!(store.issue_picture(id, "manuscript:a2/1.jpg").await.unwrap(), None);
    assert!(store.issue_picture(id, "http://a.test/1.jpg").await.unwrap().is_some());
}
