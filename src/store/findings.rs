//! What one run of a column found, stored whole or not at all.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rusqlite::{OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::model::{
    Blemish, Call, Change, ColumnId, Draft, Extent, ItemId, Link, Observation, Page,
};

use super::pages::Packed;
use super::queue::Queue;
use super::row::seconds;
use super::save::{note_listed, save};
use super::watches::{Patience, Seen, Sighted};
use super::{SqliteStore, StoreError, blemishes, observations, watches};

/// After the first failure an article is left alone for an hour, then twice as long each time.
const FIRST_WAIT_HOURS: i64 = 1;
/// At most a week.
const LONGEST_WAIT_HOURS: i64 = 7 * 24;
/// After so many failures (about ten days) an article is read again only while it is listed anew.
const PATIENCE: u32 = 8;

/// What one run of a column found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// What was read, in page order (newest first).
    pub drafts: Vec<Draft>,
    /// Known items that stand on the list, with their rows.
    pub listed: Vec<(ItemId, Link)>,
    /// Rows whose article could not be read, and the code of the reason.
    pub failed: Vec<(Link, &'static str)>,
    /// What is wrong with the site by that, for its webmaster.
    pub blemishes: Vec<Blemish>,
    /// Rows left for the next run.
    pub left: Vec<Link>,
    /// Rows whose article is not believed, and why: each is asked for anew by the next run that
    /// believes what it reads.
    pub doubted: Vec<(Link, &'static str)>,
    /// Rows that lead away from the site: nothing is to be read there for a week.
    pub elsewhere: Vec<Link>,
    /// Rows left earlier that stand on the list under another address by now.
    pub superseded: Vec<Url>,
    /// An older list page could not be had: the next run reads on however much is known.
    pub cut_short: bool,
    /// On which terms drafts are taken in.
    pub terms: Terms,
    /// Which items the list shows.
    pub sighted: Sighted,
    /// Articles that were looked at again, and what came of it.
    pub looked: Vec<(ItemId, Seen)>,
    /// How patiently articles are looked for; `None` where they are not.
    pub patience: Option<Patience>,
    /// True where too many articles are gone to believe it, false where that is over.
    pub doubt: Option<bool>,
    /// The first list page, where it is to be asked for conditionally from now on.
    pub list: Option<(Url, Page)>,
    /// What the list page was read with: under other rules it is asked for whole.
    pub rule: String,
    /// How far the walk through the column's history has come by this.
    pub progress: Progress,
    /// What the first list page showed, for the next readings to be held against.
    pub observation: Option<Observation>,
}

/// Whether a draft that is no revision takes the place of what is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Amend {
    /// It does not.
    #[default]
    Never,
    /// Where it differs in more than the session parameters of addresses, which differ each time.
    Seen,
    /// Wherever it differs.
    Always,
}

/// On which terms the drafts of a column are taken in.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Whether drafts are stored also where they differ in what is no revision.
    pub amend: Amend,
    /// New items and revisions wait for release.
    pub hold: bool,
    /// How much of them readers get.
    pub extent: Extent,
    /// How long after its arrival a new article is looked at again, if at all.
    pub first_look: Option<TimeDelta>,
}

/// What becomes of the bookmark of a column's history.
#[derive(Clone, Debug, Default)]
pub enum Progress {
    /// No walk: a bookmark stays as it is.
    #[default]
    None,
    /// The walk goes on here.
    At(Bookmark),
    /// The walk has come to its end.
    Done,
}

/// Where a walk through a column's history is to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bookmark {
    /// How far back it was to go.
    pub until: NaiveDate,
    /// The list page that is next.
    pub next: Call,
    /// List pages read so far.
    pub pages: usize,
}

/// Why and until when an article is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Code of the last failure; [`ELSEWHERE`] for a redirect to another site.
    pub code: String,
    /// True until it may be tried again.
    pub waits: bool,
    /// True once it failed so often that it is no longer waited for.
    pub given_up: bool,
}

/// The code of a row that leads away from the site.
pub const ELSEWHERE: &str = "elsewhere";

impl SqliteStore {
    /// Stores what a run of `column` found, in one transaction.
    ///
    /// New items are stored last row first, so that a higher ordinal is a newer arrival.
    pub async fn save(
        &self,
        column: &ColumnId,
        findings: Findings,
        now: DateTime<Utc>,
    ) -> Result<Vec<Change>, StoreError> {
        let column = column.clone();
        let list = match &findings.list {
            Some((url, page)) => Some(Packed::new(url, "list", page)?),
            None => None,
        };
        self.write(move |transaction| {
            let mut changes = Vec::new();
            for draft in findings.drafts.iter().rev() {
                changes.push(save(transaction, draft, &findings.terms, now)?);
            }
            for (id, link) in &findings.listed {
                changes.push(note_listed(
                    transaction,
                    id,
                    &column,
                    &link.title,
                    findings.terms.extent,
                )?);
            }
            for change in changes.iter().filter(|change| change.is_change()) {
                Queue::Retold.append_others(transaction, change.id(), &column)?;
            }
            settle(transaction, &column, &findings, now)?;
            if let Some(seen) = &findings.observation {
                observations::keep(transaction, &column, seen, now)?;
            }
            blemishes::note_all(transaction, &column, &findings.blemishes, now)?;
            changes.extend(watches::settle(transaction, &column, &findings, now)?);
            if let Some(list) = &list {
                list.keep(transaction)?;
                let sql = "INSERT OR REPLACE INTO mark VALUES (?1, ?2)";
                let name = rule_mark(&column);
                transaction.prepare_cached(sql)?.execute([&name, &findings.rule])?;
            }
            Ok(changes)
        })
        .await
    }

    /// Whether an older list page of `column` could not be had last time.
    pub async fn is_cut_short(&self, column: &ColumnId) -> Result<bool, StoreError> {
        let name = cut_short_mark(column);
        self.read(move |connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM mark WHERE name = ?1)";
            Ok(connection.prepare_cached(sql)?.query_row([name], |row| row.get(0))?)
        })
        .await
    }

    /// Whether the kept list page of `column` was read with `rule`.
    pub async fn is_read_with(&self, column: &ColumnId, rule: &str) -> Result<bool, StoreError> {
        let (name, rule) = (rule_mark(column), rule.to_owned());
        self.read(move |connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM mark WHERE name = ?1 AND value = ?2)";
            Ok(connection.prepare_cached(sql)?.query_row([name, rule], |row| row.get(0))?)
        })
        .await
    }

    /// Where the walk through the history of `column` stopped, if it did not come to its end.
    pub async fn bookmark(&self, column: &ColumnId) -> Result<Option<Bookmark>, StoreError> {
        let name = bookmark_mark(column);
        self.read(move |connection| {
            let sql = "SELECT value FROM mark WHERE name = ?1";
            let found: Option<String> =
                connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?;
            Ok(found.map(|text| serde_json::from_str(&text)).transpose()?)
        })
        .await
    }

    /// The rows of `column` whose article is still to be read.
    pub async fn pending(&self, column: &ColumnId) -> Result<Vec<Link>, StoreError> {
        let column = column.to_string();
        self.read(move |connection| {
            let mut statement = connection
                .prepare_cached("SELECT link FROM pending WHERE column_id = ?1 ORDER BY url")?;
            let mut rows = statement.query([column])?;
            let mut links = Vec::new();
            while let Some(row) = rows.next()? {
                let text = row.get_ref(0)?;
                let text = text.as_str().map_err(|e| StoreError::Corrupt(e.to_string()))?;
                links.push(serde_json::from_str(text)?);
            }
            Ok(links)
        })
        .await
    }

    /// What is known of earlier failures to read any of `urls`.
    pub async fn visits(
        &self,
        urls: Vec<Url>,
        now: DateTime<Utc>,
    ) -> Result<HashMap<Url, Visit>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT code, next_try > ?2, attempts >= ?3 FROM visit WHERE url = ?1",
            )?;
            let mut visits = HashMap::new();
            for url in urls {
                let found = statement
                    .query_row(params![url.as_str(), seconds(now), PATIENCE], |row| {
                        Ok(Visit { code: row.get(0)?, waits: row.get(1)?, given_up: row.get(2)? })
                    })
                    .optional()?;
                if let Some(visit) = found {
                    visits.insert(url, visit);
                }
            }
            Ok(visits)
        })
        .await
    }
}

/// Brings up to date which rows are still to be read, and which are left alone until when.
fn settle(
    transaction: &Transaction<'_>,
    column: &ColumnId,
    findings: &Findings,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let sql = if findings.cut_short {
        "INSERT OR REPLACE INTO mark VALUES (?1, '')"
    } else {
        "DELETE FROM mark WHERE name = ?1"
    };
    transaction.prepare_cached(sql)?.execute([cut_short_mark(column)])?;
    match &findings.progress {
        Progress::None => {}
        Progress::At(bookmark) => {
            let value = serde_json::to_string(bookmark)?;
            let sql = "INSERT OR REPLACE INTO mark VALUES (?1, ?2)";
            transaction.prepare_cached(sql)?.execute([bookmark_mark(column), value])?;
        }
        Progress::Done => {
            let sql = "DELETE FROM mark WHERE name = ?1";
            transaction.prepare_cached(sql)?.execute([bookmark_mark(column)])?;
        }
    }
    let failed: HashSet<&Url> = findings.failed.iter().map(|(link, _)| &link.url).collect();
    for draft in &findings.drafts {
        for url in std::iter::once(&draft.url).chain(&draft.aliases) {
            if !failed.contains(url) {
                forget(transaction, column, url)?;
            }
        }
    }
    let listed = findings.listed.iter().map(|(_, link)| &link.url);
    for url in listed.chain(&findings.superseded) {
        transaction
            .prepare_cached("DELETE FROM pending WHERE column_id = ?1 AND url = ?2")?
            .execute([&column.to_string(), url.as_str()])?;
    }
    for link in &findings.elsewhere {
        forget(transaction, column, &link.url)?;
        put_off(transaction, &link.url, ELSEWHERE, 1, LONGEST_WAIT_HOURS, now)?;
    }
    for link in &findings.left {
        remember(transaction, column, link)?;
    }
    for (link, code) in &findings.doubted {
        put_off(transaction, &link.url, code, 1, 0, now)?;
        remember(transaction, column, link)?;
    }
    for (link, code) in &findings.failed {
        let attempts = attempts(transaction, &link.url)?.saturating_add(1);
        let hours = (FIRST_WAIT_HOURS << (attempts - 1).min(10)).min(LONGEST_WAIT_HOURS);
        forget(transaction, column, &link.url)?;
        put_off(transaction, &link.url, code, attempts, hours, now)?;
        if attempts < PATIENCE {
            remember(transaction, column, link)?;
        }
    }
    Ok(())
}

fn cut_short_mark(column: &ColumnId) -> String {
    format!("cut short {column}")
}

fn rule_mark(column: &ColumnId) -> String {
    format!("list rule {column}")
}

fn bookmark_mark(column: &ColumnId) -> String {
    format!("backfill {column}")
}

fn attempts(transaction: &Transaction<'_>, url: &Url) -> Result<u32, StoreError> {
    let found = transaction
        .prepare_cached("SELECT attempts FROM visit WHERE url = ?1")?
        .query_row([url.as_str()], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or(0))
}

fn forget(transaction: &Transaction<'_>, column: &ColumnId, url: &Url) -> Result<(), StoreError> {
    transaction
        .prepare_cached("DELETE FROM pending WHERE column_id = ?1 AND url = ?2")?
        .execute([&column.to_string(), url.as_str()])?;
    transaction.prepare_cached("DELETE FROM visit WHERE url = ?1")?.execute([url.as_str()])?;
    Ok(())
}

fn put_off(
    transaction: &Transaction<'_>,
    url: &Url,
    code: &str,
    attempts: u32,
    hours: i64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let until = seconds(now + TimeDelta::hours(hours));
    transaction
        .prepare_cached("INSERT OR REPLACE INTO visit VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![url.as_str(), code, attempts, until])?;
    Ok(())
}

fn remember(
    transaction: &Transaction<'_>,
    column: &ColumnId,
    link: &Link,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached("INSERT OR REPLACE INTO pending VALUES (?1, ?2, ?3)")?
        .execute(params![column.to_string(), link.url.as_str(), serde_json::to_string(link)?])?;
    Ok(())
}
