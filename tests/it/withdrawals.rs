//! Items taken back: what readers find in their place, and that nothing of them stays public.

use std::path::Path;

use lianbo::model::{Cause, ItemId};
use lianbo::store::{SqliteStore, Taking};

use super::ground::{self, Ground, items, once, title};

/// A withdrawal by a person.
fn by_hand() -> Taking {
    Taking { why: Cause::ByHand, by: Some("编辑部".to_owned()), reason: None }
}

/// The id of article `n`.
async fn id(store: &SqliteStore, n: u32) -> ItemId {
    let found = items(store).await.into_iter().find(|item| item.title == title(n));
    found.unwrap().id
}

/// The published files that hold `text`.
fn naming(root: &Path, text: &str) -> Vec<String> {
    let holds = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains(text);
    let files = ground::folder(root);
    files.into_iter().filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name).collect()
}

#[tokio::test]
async fn nothing_of_a_withdrawn_text_stays_published_and_a_restored_one_is_as_it_was() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let before = ground.public();
    let root = ground.data().join("public");
    assert!(naming(&root, &title(1)).len() > 6, "{:?}", naming(&root, &title(1)));
    let one = id(&pipeline.store, 1).await;
    let taken = pipeline.store.withdraw(vec![one.clone()], by_hand(), (pipeline.clock)()).await;
    assert_eq!(taken.unwrap(), [one.clone()]);
    lianbo::daemon::publish_all(&pipeline).await.unwrap();
    assert_eq!(naming(&root, &title(1)), [""; 0]);
    assert_eq!(naming(&root, "编辑部"), [""; 0]);
    assert_eq!(naming(&root, "本文已撤下").len(), 1);
    pipeline.store.restore(vec![one]).await.unwrap();
    lianbo::daemon::publish_all(&pipeline).await.unwrap();
    // All but the number of the change.
    let seqs = regex::Regex::new("\"seq\":\\d+").unwrap();
    let plain = |(name, bytes): (&String, &Vec<u8>)| {
        (name.clone(), seqs.replace_all(&String::from_utf8_lossy(bytes), "").into_owned())
    };
    let after: Vec<_> = ground.public().iter().map(plain).collect();
    assert_eq!(after, before.iter().map(plain).collect::<Vec<_>>());
}
