//! Which items meet the condition of a selection.
//!
//! No index answers "whose text names 无锡", so the answer is kept: a row a member, brought up to
//! date from the changes since the last time. A selection that is new to the store is gathered from
//! the first item on, in batches that let other writers in between.

use rusqlite::{Connection, params};

use crate::model::{Condition, Item, ItemState, Selection, Seq};

use super::row::{COLUMNS, item, seconds, signed};
use super::{SqliteStore, StoreError, holds};

/// Items judged in one batch.
const BATCH: u32 = 500;

/// What a batch of changes means for one selection.
struct Judged {
    /// (ordinal, published, first seen) of items that belong to it.
    members: Vec<(i64, i64, i64)>,
    /// Ordinals of items that do not. One that is not public stays what it was.
    others: Vec<i64>,
    last: Seq,
}

impl SqliteStore {
    /// Brings the members of a selection with a condition up to date; does nothing for others.
    pub async fn gather(&self, selection: &Selection) -> Result<(), StoreError> {
        if let Selection::Released { of, .. } = selection {
            Box::pin(self.gather(of)).await?;
            return self.begin_to_hold(selection).await;
        }
        let Some(name) = name(selection) else { return Ok(()) };
        loop {
            let (wanted, selection) = (name.clone(), selection.clone());
            let judged =
                self.read(move |connection| judge(connection, &wanted, &selection)).await?;
            let Some(judged) = judged else { return Ok(()) };
            let name = name.clone();
            self.write(move |transaction| keep(transaction, &name, &judged)).await?;
        }
    }

    /// A feed that begins to hold keeps what it had.
    async fn begin_to_hold(&self, selection: &Selection) -> Result<(), StoreError> {
        let Selection::Released { feed, of } = selection else { return Ok(()) };
        let (name, of) = (released(feed), of.as_ref().clone());
        let wanted = name.clone();
        let holds: bool = self
            .read(move |connection| {
                let sql = "SELECT EXISTS (SELECT 1 FROM selection WHERE name = ?1)";
                Ok(connection.prepare_cached(sql)?.query_row([wanted], |row| row.get(0))?)
            })
            .await?;
        if holds {
            return Ok(());
        }
        self.write(move |transaction| holds::begin(transaction, &name, &of)).await
    }

    /// Forgets the members of all selections but those of `selections`.
    pub async fn keep_selections(&self, selections: &[&Selection]) -> Result<(), StoreError> {
        let inner = selections.iter().filter_map(|selection| match selection {
            Selection::Released { of, .. } => name(of),
            _ => None,
        });
        let kept: Vec<String> =
            selections.iter().filter_map(|wanted| name(wanted)).chain(inner).collect();
        let known: Vec<String> = self
            .read(|connection| {
                let mut statement = connection.prepare_cached("SELECT name FROM selection")?;
                let names = statement.query_map([], |row| row.get(0))?;
                Ok(names.collect::<Result<_, _>>()?)
            })
            .await?;
        let dropped: Vec<String> =
            known.into_iter().filter(|known| !kept.contains(known)).collect();
        if dropped.is_empty() {
            return Ok(());
        }
        self.write(move |transaction| {
            for name in dropped {
                transaction.execute("DELETE FROM member WHERE selection = ?1", [&name])?;
                transaction.execute("DELETE FROM selection WHERE name = ?1", [&name])?;
            }
            Ok(())
        })
        .await
    }
}

/// The changes after those that were judged before; `None` without any.
fn judge(
    connection: &Connection,
    name: &str,
    selection: &Selection,
) -> Result<Option<Judged>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM item
         WHERE seq > coalesce((SELECT seq FROM selection WHERE name = ?1), 0)
         ORDER BY seq LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![name, BATCH])?;
    let mut judged = Judged { members: Vec::new(), others: Vec::new(), last: 0 };
    while let Some(row) = rows.next()? {
        let item: Item = item(row)?;
        judged.last = item.seq;
        if item.state != ItemState::Live {
            continue;
        }
        let ordinal = signed(item.ordinal);
        if selection.holds(&item) {
            let (published, first_seen) = (item.published.timestamp(), seconds(item.first_seen));
            judged.members.push((ordinal, published, first_seen));
        } else {
            judged.others.push(ordinal);
        }
    }
    Ok((judged.last > 0).then_some(judged))
}

fn keep(connection: &Connection, name: &str, judged: &Judged) -> Result<(), StoreError> {
    let mut add = connection.prepare_cached(
        "INSERT INTO member (selection, ordinal, published, first_seen) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING",
    )?;
    for (ordinal, published, first_seen) in &judged.members {
        add.execute(params![name, ordinal, published, first_seen])?;
    }
    let mut remove =
        connection.prepare_cached("DELETE FROM member WHERE selection = ?1 AND ordinal = ?2")?;
    for ordinal in &judged.others {
        remove.execute(params![name, ordinal])?;
    }
    connection
        .prepare_cached("INSERT OR REPLACE INTO selection VALUES (?1, ?2)")?
        .execute(params![name, signed(judged.last)])?;
    Ok(())
}

/// The name under which the members of a feed that holds are kept.
pub(super) fn released(feed: &str) -> String {
    format!("released {feed}")
}

/// The name under which the members of a selection are kept; `None` where they need not be.
///
/// It follows from the selection alone: another one, or another way of judging, has other members.
pub(super) fn name(selection: &Selection) -> Option<String> {
    let (of, condition) = match selection {
        Selection::Only { of, condition } => (of, condition),
        Selection::Released { feed, .. } => return Some(released(feed)),
        Selection::All | Selection::Any { .. } => return None,
    };
    let Condition { contains, breadcrumb, wanted, unwanted } = condition;
    let (mut sites, mut columns) = (Vec::new(), Vec::new());
    if let Selection::Any { sites: of_sites, columns: of_columns } = of.as_ref() {
        sites = of_sites.iter().map(ToString::to_string).collect();
        columns = of_columns.iter().map(ToString::to_string).collect();
    }
    let everything = matches!(of.as_ref(), Selection::All);
    let mut hasher = blake3::Hasher::new();
    hasher.update(format!("1 {everything}").as_bytes());
    let mut lists = vec![sites, columns, contains.clone(), breadcrumb.clone()];
    // Names that are in use stay what they are.
    if !(wanted.is_empty() && unwanted.is_empty()) {
        lists.extend([wanted.clone(), unwanted.clone()]);
    }
    for list in &mut lists {
        list.sort();
        list.dedup();
        hasher.update(b"\x1e");
        for entry in list {
            hasher.update(entry.as_bytes());
            hasher.update(b"\x1f");
        }
    }
    Some(hasher.finalize().to_hex()[..32].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Body, Draft};
    use crate::store::tests::{draft, now};
    use crate::store::{Findings, StoreOptions};

    fn naming(words: &[&str], crumbs: &[&str]) -> Selection {
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
        let condition =
            Condition { contains: owned(words), breadcrumb: owned(crumbs), ..Condition::default() };
        Selection::Only { of: Box::new(Selection::All), condition }
    }

    async fn titles(store: &SqliteStore, selection: &Selection) -> Vec<String> {
        store.gather(selection).await.unwrap();
        let items = store.newest(selection, 5000, None).await.unwrap();
        items.into_iter().map(|item| item.title).collect()
    }

    async fn save(store: &SqliteStore, drafts: Vec<Draft>) -> Result<(), StoreError> {
        let column = "a/news".parse().unwrap();
        let findings = Findings { drafts, ..Findings::default() };
        store.save(&column, findings, now()).await.map(drop)
    }

    async fn store() -> (tempfile::TempDir, SqliteStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path(), StoreOptions::default()).unwrap();
        (folder, store)
    }

    #[tokio::test]
    async fn a_word_is_found_wherever_readers_see_it() {
        let (_folder, store) = store().await;
        let in_text = Body { text: "走访无锡市商会".to_owned(), ..Body::default() };
        let crumbs = vec!["首页".to_owned(), "无锡".to_owned()];
        let drafts = vec![
            draft(5, "苏州"),
            Draft { attribution: "来源：无锡市工商联".to_owned(), ..draft(4, "来源") },
            Draft { breadcrumb: crumbs, ..draft(3, "导航") },
            Draft { body: in_text, ..draft(2, "正文") },
            draft(1, "无锡"),
        ];
        save(&store, drafts).await.unwrap();
        let wuxi = naming(&["无锡"], &[]);
        assert_eq!(titles(&store, &wuxi).await, ["来源", "导航", "正文", "无锡"]);
        assert_eq!(titles(&store, &naming(&[], &["无锡"])).await, ["导航"]);
        assert_eq!(titles(&store, &naming(&["苏州"], &["无锡"])).await, Vec::<String>::new());
        let summary = store.summary(&wuxi).await.unwrap();
        assert_eq!((summary.count, summary.newest_title.as_str()), (4, "来源"));
        assert_eq!(store.latest_arrival(&wuxi).await.unwrap(), Some(now()));
    }

    #[tokio::test]
    async fn all_words_wanted_must_be_there_and_none_unwanted() {
        let (_folder, store) = store().await;
        let titled = ["无锡 AI 商会", "无锡商会走访苏州", "无锡市"];
        let drafts = titled.iter().zip(1..).map(|(title, n)| draft(n, title)).collect();
        save(&store, drafts).await.unwrap();
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
        let selection = |wanted: &[&str], unwanted: &[&str]| {
            let (wanted, unwanted) = (owned(wanted), owned(unwanted));
            let condition = Condition { wanted, unwanted, ..Condition::default() };
            Selection::Only { of: Box::new(Selection::All), condition }
        };
        let both = selection(&["无锡", "商会"], &[]);
        assert_eq!(titles(&store, &both).await, ["无锡 AI 商会", "无锡商会走访苏州"]);
        let without = selection(&["商会", "ai"], &["苏州"]);
        assert_eq!(titles(&store, &without).await, ["无锡 AI 商会"]);
        assert_ne!(name(&both), name(&selection(&["无锡"], &["商会"])));
    }

    #[tokio::test]
    async fn members_follow_the_changes_of_items() {
        let (_folder, store) = store().await;
        let wuxi = naming(&["无锡"], &[]);
        save(&store, vec![draft(2, "无锡二"), draft(1, "无锡一")]).await.unwrap();
        assert_eq!(titles(&store, &wuxi).await, ["无锡二", "无锡一"]);
        save(&store, vec![draft(3, "无锡三"), draft(2, "常州二")]).await.unwrap();
        assert_eq!(titles(&store, &wuxi).await, ["无锡三", "无锡一"]);
    }

    #[tokio::test]
    async fn a_new_selection_is_gathered_from_the_first_item_on() {
        let (_folder, store) = store().await;
        let drafts = (1..=2 * BATCH + 1).rev().map(|n| draft(n, &format!("无锡{n}"))).collect();
        save(&store, drafts).await.unwrap();
        let found = titles(&store, &naming(&["无锡"], &[])).await;
        assert_eq!(found.len(), usize::try_from(2 * BATCH + 1).unwrap());
        assert_eq!(found.last().unwrap(), "无锡1");
    }

    #[tokio::test]
    async fn what_no_feed_asks_for_is_forgotten() {
        let (_folder, store) = store().await;
        let (wuxi, suzhou) = (naming(&["无锡"], &[]), naming(&["苏州"], &[]));
        save(&store, vec![draft(2, "无锡"), draft(1, "苏州")]).await.unwrap();
        for selection in [&wuxi, &suzhou] {
            store.gather(selection).await.unwrap();
        }
        store.keep_selections(&[&Selection::All, &suzhou]).await.unwrap();
        // Without gathering, only what was kept is there.
        assert_eq!(store.summary(&wuxi).await.unwrap().count, 0);
        assert_eq!(store.summary(&suzhou).await.unwrap().count, 1);
        assert_eq!(titles(&store, &wuxi).await, ["无锡"]);
    }

    #[test]
    fn the_name_tells_selections_apart_and_not_their_wording() {
        let one = name(&naming(&["无锡", "锡商"], &[])).unwrap();
        assert_eq!(name(&naming(&["锡商", "无锡", "无锡"], &[])).unwrap(), one);
        assert_ne!(name(&naming(&["无锡"], &["锡商"])).unwrap(), one);
        assert_ne!(name(&naming(&[], &["无锡", "锡商"])).unwrap(), one);
        let of = Selection::Any { sites: vec!["a".parse().unwrap()], columns: Vec::new() };
        let Selection::Only { condition, .. } = naming(&["无锡", "锡商"], &[]) else { return };
        assert_ne!(name(&Selection::Only { of: Box::new(of), condition }).unwrap(), one);
        assert_eq!(name(&Selection::All), None);
    }
}
