//! Issues of digests: numbers, what was chosen, what was done with them, and what became of their
//! items since.

mod kept;
mod overtaken;
mod uploads;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::model::{
    Act, AssetHash, Chosen, Issue, IssueId, IssueState, ItemId, Material, PushedDraft,
};

use super::row::{seconds, time};
use super::{SqliteStore, StoreError};

pub(super) use kept::drop_pictures;
pub(super) use words::forget;

pub use kept::StoredManuscript;
pub use overtaken::{Overtaken, What as Overtook};
pub use words::IssueMention;

/// The outcome of a digest that was due and had nothing new.
pub const NOTHING_NEW: &str = "nothing";

/// An issue that is to be opened.
#[derive(Clone, Debug, PartialEq)]
pub struct NewIssue {
    /// The slug of its digest.
    pub digest: String,
    /// The day it is dated.
    pub date: NaiveDate,
    /// The first and the last day whose items it is made of.
    pub period: (NaiveDate, NaiveDate),
    /// 编者按.
    pub note: String,
    /// What it is made of.
    pub chosen: Vec<Chosen>,
    /// Its pictures.
    pub pictures: BTreeMap<String, AssetHash>,
    /// Its act of being built; the hash is not known yet.
    pub act: Act,
    /// Number within the year and number in all that the first issue of the digest gets.
    pub first: (u32, u32),
}

/// An issue with what was done with it.
#[derive(Clone, Debug, PartialEq)]
pub struct IssueRecord {
    /// The issue.
    pub issue: Issue,
    /// What was done, oldest first.
    pub acts: Vec<Act>,
    /// The draft that it became.
    pub pushed: Option<PushedDraft>,
    /// Counts every change of the record.
    change: u64,
}

impl IssueRecord {
    /// Whether it is a draft in an account, or was sent.
    pub fn has_left(&self) -> bool {
        self.issue.state >= IssueState::Pushed
    }
}

/// The part of an issue that no query looks into.
#[derive(Serialize, Deserialize)]
struct Content {
    period: (NaiveDate, NaiveDate),
    title: String,
    note: String,
    chosen: Vec<Chosen>,
    pictures: BTreeMap<String, String>,
}

const COLUMNS: &str = "digest, total, number, date, state, content, built, version, change, pushed";

impl SqliteStore {
    /// Opens an issue under the next number of its digest; gives the issue of that day where there
    /// is one already, and `false`.
    pub async fn open_issue(&self, new: NewIssue) -> Result<(IssueRecord, bool), StoreError> {
        self.write(move |transaction| {
            let there: Option<u32> = transaction
                .prepare_cached("SELECT total FROM issue WHERE digest = ?1 AND date = ?2")?
                .query_row(params![new.digest, day(new.date)], |row| row.get(0))
                .optional()?;
            let (total, is_new) = match there {
                Some(total) => (total, false),
                None => (insert(transaction, &new)?, true),
            };
            let id = IssueId { digest: new.digest, total };
            let record = record(transaction, &id)?;
            Ok((
                record.ok_or_else(|| StoreError::Corrupt(format!("issue `{id}` is gone")))?,
                is_new,
            ))
        })
        .await
    }

    /// The issue `id`.
    pub async fn issue(&self, id: &IssueId) -> Result<Option<IssueRecord>, StoreError> {
        let id = id.clone();
        self.read(move |connection| record(connection, &id)).await
    }

    /// All issues of `digest`, or of all digests; the last first.
    pub async fn issues(&self, digest: Option<&str>) -> Result<Vec<IssueRecord>, StoreError> {
        let digest = digest.map(str::to_owned);
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT digest, total FROM issue WHERE ?1 IS NULL OR digest = ?1
                 ORDER BY digest, total DESC",
            )?;
            let ids = statement
                .query_map([digest], |row| Ok(IssueId { digest: row.get(0)?, total: row.get(1)? }))?
                .collect::<Result<Vec<_>, _>>()?;
            ids.iter().filter_map(|id| record(connection, id).transpose()).collect()
        })
        .await
    }

    /// The issue of `digest` that is dated `date`.
    pub async fn issue_on(
        &self,
        digest: &str,
        date: NaiveDate,
    ) -> Result<Option<IssueRecord>, StoreError> {
        let digest = digest.to_owned();
        self.read(move |connection| {
            let total: Option<u32> = connection
                .prepare_cached("SELECT total FROM issue WHERE digest = ?1 AND date = ?2")?
                .query_row(params![digest, day(date)], |row| row.get(0))
                .optional()?;
            match total {
                Some(total) => record(connection, &IssueId { digest, total }),
                None => Ok(None),
            }
        })
        .await
    }

    /// Items that stand in issues of `digest`.
    pub async fn printed_in(&self, digest: &str) -> Result<BTreeSet<ItemId>, StoreError> {
        let digest = digest.to_owned();
        self.read(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT item FROM issue_item WHERE digest = ?1")?;
            let ids = statement.query_map([digest], |row| row.get(0).map(ItemId::from_tag_uri))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Stores what `record` has become, with what was done. `voids` says that approvals hold no
    /// more. False where somebody else changed the issue in the meantime: nothing is stored then.
    pub async fn keep_issue(
        &self,
        record: &IssueRecord,
        act: Option<Act>,
        voids: bool,
    ) -> Result<bool, StoreError> {
        let IssueRecord { issue, pushed, change, .. } = record.clone();
        self.write(move |transaction| {
            let pushed = pushed.map(|pushed| serde_json::to_string(&pushed)).transpose()?;
            let changed = transaction
                .prepare_cached(
                    "UPDATE issue SET state = ?3, content = ?4, version = ?5, pushed = ?6,
                       change = change + 1
                     WHERE digest = ?1 AND total = ?2 AND change = ?7",
                )?
                .execute(params![
                    issue.id.digest,
                    issue.id.total,
                    state_name(issue.state)?,
                    content(&issue)?,
                    issue.version,
                    pushed,
                    change as i64,
                ])?;
            if changed == 0 {
                return Ok(false);
            }
            name_items(transaction, &issue.id, &issue.chosen)?;
            kept::drop_others(transaction, &issue.id, &issue.chosen)?;
            if voids {
                void(transaction, &issue.id)?;
            }
            if let Some(act) = act {
                note(transaction, &issue.id, &act)?;
            }
            Ok(true)
        })
        .await
    }

    /// Notes what was done with the issue `id` on the platform, whoever changed the issue meanwhile: it
    /// cannot be taken back. A draft and a state replace those before where they are given; what is
    /// closed stays so.
    pub async fn note_on_platform(
        &self,
        id: &IssueId,
        (pushed, state): (Option<PushedDraft>, Option<IssueState>),
        act: Option<Act>,
    ) -> Result<(), StoreError> {
        let id = id.clone();
        self.write(move |transaction| {
            let pushed = pushed.map(|pushed| serde_json::to_string(&pushed)).transpose()?;
            let state = state.map(state_name).transpose()?;
            transaction
                .prepare_cached(
                    "UPDATE issue SET pushed = coalesce(?3, pushed), change = change + 1,
                       state = CASE state WHEN 'closed' THEN state ELSE coalesce(?4, state) END
                     WHERE digest = ?1 AND total = ?2",
                )?
                .execute(params![id.digest, id.total, pushed, state])?;
            act.map_or(Ok(()), |act| note(transaction, &id, &act))
        })
        .await
    }

    /// Notes what came of the last time that a digest was due: the name of an issue, [`NOTHING_NEW`],
    /// or no word where it failed.
    pub async fn note_digest(
        &self,
        digest: &str,
        outcome: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (name, value) = (mark(digest), format!("{} {outcome}", seconds(now)));
        self.write(move |transaction| {
            transaction
                .execute("INSERT OR REPLACE INTO mark VALUES (?1, ?2)", params![name, value])?;
            Ok(())
        })
        .await
    }

    /// When a digest was last due, and what came of it.
    pub async fn digest_outcome(
        &self,
        digest: &str,
    ) -> Result<Option<(DateTime<Utc>, String)>, StoreError> {
        let name = mark(digest);
        self.read(move |connection| {
            let value: Option<String> = connection
                .prepare_cached("SELECT value FROM mark WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()?;
            Ok(value.and_then(|value| {
                let (at, outcome) = value.split_once(' ')?;
                Some((time(at.parse().ok()?), outcome.to_owned()))
            }))
        })
        .await
    }
}

/// The name of the mark of a digest.
fn mark(digest: &str) -> String {
    format!("digest {digest}")
}

/// Allocates the next numbers and writes the issue under them.
fn insert(transaction: &Transaction<'_>, new: &NewIssue) -> Result<u32, StoreError> {
    let year = new.date.year();
    let last = |sql: &str, first: u32| -> Result<u32, StoreError> {
        let last: Option<u32> =
            transaction.query_row(sql, params![new.digest, year], |row| row.get(0))?;
        Ok(last.map_or(first, |last| last + 1))
    };
    let total =
        last("SELECT max(total) FROM issue WHERE digest = ?1 AND ?2 IS NOT NULL", new.first.1)?;
    // A periodical that existed before goes on within its first year where it was.
    let first_in_year = if total == new.first.1 { new.first.0 } else { 1 };
    let number =
        last("SELECT max(number) FROM issue WHERE digest = ?1 AND year = ?2", first_in_year)?;
    let id = IssueId { digest: new.digest.clone(), total };
    let issue = Issue {
        id: id.clone(),
        number,
        date: new.date,
        period: new.period,
        title: String::new(),
        note: new.note.clone(),
        chosen: new.chosen.clone(),
        pictures: new.pictures.clone(),
        state: IssueState::Built,
        built: new.act.at,
        version: 1,
    };
    transaction.execute(
        "INSERT INTO issue VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, 1, NULL)",
        params![
            id.digest,
            id.total,
            year,
            number,
            day(new.date),
            state_name(issue.state)?,
            content(&issue)?,
            seconds(issue.built),
        ],
    )?;
    name_items(transaction, &id, &issue.chosen)?;
    note(transaction, &id, &new.act)?;
    Ok(total)
}

/// Notes which items the issue prints; what was known of those that it printed before stays.
fn name_items(
    transaction: &Transaction<'_>,
    id: &IssueId,
    chosen: &[Chosen],
) -> Result<(), StoreError> {
    let items: BTreeMap<&str, u32> = chosen
        .iter()
        .filter_map(|chosen| match &chosen.from {
            Material::Item { id, revision } => Some((id.as_str(), *revision)),
            Material::Manuscript { .. } => None,
        })
        .collect();
    let mut known = BTreeSet::new();
    let mut statement = transaction
        .prepare_cached("SELECT item FROM issue_item WHERE digest = ?1 AND total = ?2")?;
    let mut rows = statement.query(params![id.digest, id.total])?;
    while let Some(row) = rows.next()? {
        known.insert(row.get::<_, String>(0)?);
    }
    for gone in known.iter().filter(|item| !items.contains_key(item.as_str())) {
        transaction
            .prepare_cached(
                "DELETE FROM issue_item WHERE item = ?1 AND digest = ?2 AND total = ?3",
            )?
            .execute(params![gone, id.digest, id.total])?;
    }
    for (item, revision) in items {
        transaction
            .prepare_cached(
                "INSERT INTO issue_item VALUES (?1, ?2, ?3, ?4, 0) ON CONFLICT DO UPDATE
                   SET revision = excluded.revision WHERE revision < excluded.revision",
            )?
            .execute(params![item, id.digest, id.total, revision])?;
    }
    Ok(())
}

fn note(transaction: &Transaction<'_>, id: &IssueId, act: &Act) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO issue_act (digest, total, act, holds) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![id.digest, id.total, serde_json::to_string(act)?, act.holds])?;
    Ok(())
}

/// No act of the issue holds any more.
fn void(transaction: &Transaction<'_>, id: &IssueId) -> Result<(), StoreError> {
    transaction
        .prepare_cached("UPDATE issue_act SET holds = 0 WHERE digest = ?1 AND total = ?2")?
        .execute(params![id.digest, id.total])?;
    Ok(())
}

fn record(connection: &Connection, id: &IssueId) -> Result<Option<IssueRecord>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM issue WHERE digest = ?1 AND total = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![id.digest, id.total])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (issue, pushed, change) = issue(row)?;
    let mut statement = connection.prepare_cached(
        "SELECT act, holds FROM issue_act WHERE digest = ?1 AND total = ?2 ORDER BY id",
    )?;
    let mut rows = statement.query(params![id.digest, id.total])?;
    let mut acts = Vec::new();
    while let Some(row) = rows.next()? {
        let act: Act = serde_json::from_str(row.get_ref(0)?.as_str().map_err(corrupt)?)?;
        acts.push(Act { holds: row.get(1)?, ..act });
    }
    Ok(Some(IssueRecord { issue, acts, pushed, change }))
}

fn issue(row: &Row<'_>) -> Result<(Issue, Option<PushedDraft>, u64), StoreError> {
    let content: Content = serde_json::from_str(row.get_ref(5)?.as_str().map_err(corrupt)?)?;
    let state: String = row.get(4)?;
    let pushed: Option<String> = row.get(9)?;
    let pictures = content.pictures.into_iter();
    let pictures = pictures.filter_map(|(address, hash)| Some((address, hash.parse().ok()?)));
    let issue = Issue {
        id: IssueId { digest: row.get(0)?, total: row.get(1)? },
        number: row.get(2)?,
        date: row.get::<_, String>(3)?.parse().map_err(corrupt)?,
        period: content.period,
        title: content.title,
        note: content.note,
        chosen: content.chosen,
        pictures: pictures.collect(),
        state: serde_json::from_value(state.into())?,
        built: time(row.get(6)?),
        version: row.get(7)?,
    };
    let pushed = pushed.map(|text| serde_json::from_str(&text)).transpose()?;
    Ok((issue, pushed, row.get::<_, i64>(8)?.unsigned_abs()))
}

fn content(issue: &Issue) -> Result<String, StoreError> {
    let pictures = issue.pictures.iter();
    let content = Content {
        period: issue.period,
        title: issue.title.clone(),
        note: issue.note.clone(),
        chosen: issue.chosen.clone(),
        pictures: pictures.map(|(address, hash)| (address.clone(), hash.to_string())).collect(),
    };
    Ok(serde_json::to_string(&content)?)
}

fn state_name(state: IssueState) -> Result<String, StoreError> {
    Ok(serde_json::to_value(state)?.as_str().unwrap_or_default().to_owned())
}

fn day(date: NaiveDate) -> String {
    date.to_string()
}

fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}
