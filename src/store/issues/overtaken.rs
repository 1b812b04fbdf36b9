//! Items that were revised or withdrawn while they stand in an issue.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Transaction, params};

use crate::model::{Act, Deed, IssueId, IssueState};

use super::super::{SqliteStore, StoreError};
use super::{note, record, void};

/// An issue of which something was overtaken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overtaken {
    /// The issue.
    pub id: IssueId,
    /// How far it had come.
    pub state: IssueState,
    /// True where approvals were voided by it.
    pub voided: bool,
    /// What happened to which item, by its title.
    pub items: Vec<(What, String)>,
}

/// What happened to an item of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// There is a newer version.
    Revised,
    /// It was withdrawn.
    Withdrawn,
    /// It was withdrawn and is back.
    Restored,
}

struct Moved {
    item: String,
    id: IssueId,
    revision: u32,
    withdrawn: bool,
    what: What,
    title: String,
}

impl SqliteStore {
    /// Notes for every issue which of its items were revised or withdrawn since that was last noted;
    /// approvals of those issues hold no more, and what was approved is built again. Costs next to
    /// nothing where nothing happened.
    pub async fn overtake_issues(&self, now: DateTime<Utc>) -> Result<Vec<Overtaken>, StoreError> {
        if self.read(|connection| Ok(moved(connection)?.is_empty())).await? {
            return Ok(Vec::new());
        }
        self.write(move |transaction| {
            let mut all: Vec<Overtaken> = Vec::new();
            for moved in moved(transaction)? {
                transaction
                    .prepare_cached(
                        "UPDATE issue_item SET revision = ?4, withdrawn = ?5
                         WHERE item = ?1 AND digest = ?2 AND total = ?3",
                    )?
                    .execute(params![
                        moved.item,
                        moved.id.digest,
                        moved.id.total,
                        moved.revision,
                        moved.withdrawn
                    ])?;
                let item = (moved.what, moved.title);
                match all.iter_mut().find(|overtaken| overtaken.id == moved.id) {
                    Some(overtaken) => overtaken.items.push(item),
                    None => all.push(Overtaken {
                        id: moved.id,
                        state: IssueState::Built,
                        voided: false,
                        items: vec![item],
                    }),
                }
            }
            for overtaken in &mut all {
                overtake(transaction, overtaken, now)?;
            }
            Ok(all)
        })
        .await
    }
}

/// Items whose version or state is not what their issues know.
fn moved(connection: &Connection) -> Result<Vec<Moved>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT issue_item.item, digest, total, item.revision,
           item.state NOT IN ('live', 'held'), issue_item.withdrawn, item.title
         FROM issue_item JOIN item ON item.id = issue_item.item
         WHERE item.revision > issue_item.revision
           OR (item.state NOT IN ('live', 'held')) <> issue_item.withdrawn
         ORDER BY digest, total, item.ordinal",
    )?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (withdrawn, was): (bool, bool) = (row.get(4)?, row.get(5)?);
        let what = match (withdrawn, was) {
            (true, false) => What::Withdrawn,
            (false, true) => What::Restored,
            _ => What::Revised,
        };
        all.push(Moved {
            item: row.get(0)?,
            id: IssueId { digest: row.get(1)?, total: row.get(2)? },
            revision: row.get(3)?,
            withdrawn,
            what,
            title: row.get(6)?,
        });
    }
    Ok(all)
}

fn overtake(
    transaction: &Transaction<'_>,
    overtaken: &mut Overtaken,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let id = &overtaken.id;
    let Some(record) = record(transaction, id)? else { return Ok(()) };
    overtaken.state = record.issue.state;
    overtaken.voided = record.acts.iter().any(|act| act.holds && act.what.is_approval());
    void(transaction, id)?;
    let items: Vec<String> =
        overtaken.items.iter().map(|(what, title)| told(*what, title)).collect();
    let act = Act {
        what: Deed::Overtaken,
        at: now,
        by: None,
        remark: items.join("；"),
        content_sha256: String::new(),
        way: "daemon".to_owned(),
        holds: false,
    };
    note(transaction, id, &act)?;
    transaction
        .prepare_cached(
            "UPDATE issue SET change = change + 1,
               state = CASE WHEN state IN ('first', 'second', 'final') THEN 'built' ELSE state END
             WHERE digest = ?1 AND total = ?2",
        )?
        .execute(params![id.digest, id.total])?;
    Ok(())
}

fn told(what: What, title: &str) -> String {
    match what {
        What::Revised => format!("《{title}》已更新"),
        What::Withdrawn => format!("《{title}》已撤稿"),
        What::Restored => format!("《{title}》已恢复"),
    }
}
