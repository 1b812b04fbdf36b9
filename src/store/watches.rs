//! Which articles are looked at again, and what became of it.
//!
//! A new article is looked at a few times; one that its list lacks between others that it still has
//! is looked at once that was so several times. What its site says to be gone, several times and
//! over some time, is withdrawn; when it is back, it comes back.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Transaction, params};
use url::Url;

use crate::model::{Change, ColumnId, Draft, ItemId, Posted};

use super::findings::{Findings, Terms};
use super::row::{COLUMNS, item, seconds, time};
use super::withdrawals::{Taking, take};
use super::{SqliteStore, StoreError};

/// An article to be looked at.
#[derive(Clone, Debug)]
pub struct Look {
    /// Its item.
    pub id: ItemId,
    /// Its address as the list had it.
    pub url: Url,
    /// Its title as the list has it.
    pub title: String,
    /// The date of the item.
    pub posted: Option<Posted>,
    /// When the item came.
    pub first_seen: DateTime<Utc>,
}

/// What a look gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The article.
    There,
    /// The site says that there is none.
    Gone,
    /// Nothing that says either.
    Unsure,
}

/// Which items a reading of a list found there.
#[derive(Clone, Debug, Default)]
pub enum Sighted {
    /// No list was read, or it does not matter.
    #[default]
    Unknown,
    /// The list is the one of last time.
    Same,
    /// These, on the pages that were read.
    These(Vec<ItemId>),
}

/// How patiently an article is looked for.
#[derive(Clone, Debug, Default)]
pub struct Patience {
    /// Missed in so many lists before it is asked for; then so many answers.
    pub polls: u32,
    /// Seconds from the first answer to the last, at least.
    pub spread_s: i64,
    /// Seconds from an article's arrival to each look, soonest first.
    pub looks_s: Vec<i64>,
}

/// So many items in a row may be missing between two that a list shows; more have scrolled off
/// below one that is pinned.
const MOST_MISSING: usize = 3;
/// Items of a column that are compared with its list.
const COMPARED: u32 = 300;
/// An article that was missed and found is not missed again for so long (seconds).
const CALM: i64 = 7 * 86_400;
/// After a look that said nothing the next follows so much later (seconds).
const UNSURE: i64 = 6 * 3600;
/// A suspicion that is neither confirmed nor dispelled for so long is dropped (seconds).
const LONGEST: i64 = 30 * 86_400;
/// A withdrawn article is looked for so often, after a day and then twice as long each time.
const COME_BACK: i64 = 4;

impl SqliteStore {
    /// Articles of `column` that are to be looked at now, the longest due first.
    pub async fn due_looks(
        &self,
        column: &ColumnId,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Look>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, watch.url AS look_url,
               (SELECT title FROM listed
                WHERE listed.ordinal = item.ordinal AND column_id = ?1) AS look_title
             FROM watch JOIN item USING (ordinal)
             WHERE watch.column_id = ?1 AND due <= {} ORDER BY due, watch.ordinal LIMIT ?2",
            seconds(now)
        );
        self.looks(sql, column, limit).await
    }

    /// Live articles of `column` that nobody misses, newest first.
    pub async fn other_looks(
        &self,
        column: &ColumnId,
        limit: usize,
    ) -> Result<Vec<Look>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, watch.url AS look_url, listed.title AS look_title
             FROM listed JOIN item USING (ordinal) LEFT JOIN watch USING (ordinal)
             WHERE listed.column_id = ?1 AND state = 'live' AND partial = 0
               AND coalesce(watch.signs, 0) = 0
             ORDER BY listed.published DESC, listed.ordinal DESC LIMIT ?2"
        );
        self.looks(sql, column, limit).await
    }

    async fn looks(
        &self,
        sql: String,
        column: &ColumnId,
        limit: usize,
    ) -> Result<Vec<Look>, StoreError> {
        let column = column.to_string();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![column, limit])?;
            let mut looks = Vec::new();
            while let Some(row) = rows.next()? {
                let item = item(row)?;
                let url: Option<String> = row.get("look_url")?;
                let url = url.and_then(|url| Url::parse(&url).ok()).unwrap_or(item.url);
                let title: Option<String> = row.get("look_title")?;
                looks.push(Look {
                    id: item.id,
                    url,
                    title: title.unwrap_or(item.title),
                    posted: item.posted,
                    first_seen: item.first_seen,
                });
            }
            Ok(looks)
        })
        .await
    }

    /// How many live articles of `column`, `except` these, were said to be gone already.
    pub async fn suspects(
        &self,
        column: &ColumnId,
        except: HashSet<ItemId>,
    ) -> Result<usize, StoreError> {
        let column = column.to_string();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id FROM watch JOIN item USING (ordinal)
                 WHERE watch.column_id = ?1 AND signs > 0 AND state = 'live'",
            )?;
            let ids = statement.query_map([column], |row| row.get(0))?;
            let ids: Vec<String> = ids.collect::<Result<_, _>>()?;
            Ok(ids
                .into_iter()
                .filter(|id| !except.contains(&ItemId::from_tag_uri(id.clone())))
                .count())
        })
        .await
    }

    /// How many live items `column` has, `most` at most.
    pub async fn listed_count(&self, column: &ColumnId, most: usize) -> Result<usize, StoreError> {
        let column = column.to_string();
        self.read(move |connection| {
            let sql = "SELECT count(*) FROM (SELECT 1 FROM listed JOIN item USING (ordinal)
                       WHERE column_id = ?1 AND state = 'live' LIMIT ?2)";
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let count: i64 = connection
                .prepare_cached(sql)?
                .query_row(params![column, most], |row| row.get(0))?;
            Ok(usize::try_from(count).unwrap_or(0))
        })
        .await
    }

    /// Since when so many articles of `column` are gone that none was believed to be.
    pub async fn doubted_since(
        &self,
        column: &ColumnId,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let name = doubt_mark(column);
        self.read(move |connection| {
            let sql = "SELECT CAST(value AS INTEGER) FROM mark WHERE name = ?1";
            let since = connection.prepare_cached(sql)?.query_row([name], |row| row.get(0));
            Ok(since.optional()?.map(time))
        })
        .await
    }
}

fn doubt_mark(column: &ColumnId) -> String {
    format!("many gone {column}")
}

/// A new article that was read whole is looked at again by and by.
pub(super) fn begin(
    transaction: &Transaction<'_>,
    ordinal: i64,
    draft: &Draft,
    terms: &Terms,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(first) = terms.first_look.filter(|_| !draft.partial) else { return Ok(()) };
    let url = draft.aliases.first().unwrap_or(&draft.url);
    transaction
        .prepare_cached(
            "INSERT INTO watch VALUES (?1, ?2, ?3, 0, ?4, 0, 0, 0, NULL) ON CONFLICT DO NOTHING",
        )?
        .execute(params![ordinal, draft.column.to_string(), url.as_str(), seconds(now + first)])?;
    Ok(())
}

/// Takes in what a run of `column` saw, and did not see, of its articles.
pub(super) fn settle(
    transaction: &Transaction<'_>,
    column: &ColumnId,
    findings: &Findings,
    now: DateTime<Utc>,
) -> Result<Vec<Change>, StoreError> {
    let mut changes = Vec::new();
    let Some(patience) = &findings.patience else { return Ok(changes) };
    for (id, seen) in &findings.looked {
        if looked(transaction, id, *seen, patience, seconds(now))? {
            take(transaction, id, &Taking::gone(), now)?;
            changes.push(Change::Withdrawn(id.clone()));
        }
    }
    match findings.doubt {
        Some(true) => {
            let sql = "INSERT INTO mark VALUES (?1, CAST(?2 AS TEXT)) ON CONFLICT DO NOTHING";
            transaction.execute(sql, params![doubt_mark(column), seconds(now)])?;
            // What was counted before may have been the beginning of the same.
            transaction.execute(
                "UPDATE watch SET signs = 0, first_sign = NULL
                 WHERE column_id = ?1 AND signs > 0
                   AND (SELECT state FROM item WHERE ordinal = watch.ordinal) = 'live'",
                [column.to_string()],
            )?;
        }
        Some(false) => {
            transaction.execute("DELETE FROM mark WHERE name = ?1", [doubt_mark(column)])?;
        }
        None => {}
    }
    miss(transaction, column, &findings.sighted)?;
    // Missed often enough: asked for in the next run.
    transaction
        .prepare_cached(
            "UPDATE watch SET due = ?2 WHERE column_id = ?1 AND missed >= ?3 AND calm <= ?2
               AND (due IS NULL OR due > ?2) AND signs = 0",
        )?
        .execute(params![column.to_string(), seconds(now), patience.polls])?;
    Ok(changes)
}

/// What is known of an article under watch.
struct Watched {
    ordinal: i64,
    looks: i64,
    missed: i64,
    signs: i64,
    first_sign: Option<i64>,
    first_seen: i64,
    is_live: bool,
}

/// Notes what a look gave; true where that confirms that the article is gone.
fn looked(
    transaction: &Transaction<'_>,
    id: &ItemId,
    seen: Seen,
    patience: &Patience,
    now: i64,
) -> Result<bool, StoreError> {
    let found = transaction
        .prepare_cached(
            "SELECT ordinal, looks, missed, signs, first_sign, first_seen, state = 'live'
             FROM watch JOIN item USING (ordinal) WHERE id = ?1",
        )?
        .query_row([id.as_str()], |row| {
            Ok(Watched {
                ordinal: row.get(0)?,
                looks: row.get(1)?,
                missed: row.get(2)?,
                signs: row.get(3)?,
                first_sign: row.get(4)?,
                first_seen: row.get(5)?,
                is_live: row.get(6)?,
            })
        })
        .optional()?;
    let Some(mut watched) = found else { return Ok(false) };
    let mut calm = None;
    let due = match seen {
        Seen::There => {
            calm = (watched.missed > 0).then_some(now + CALM);
            watched.looks += 1;
            (watched.missed, watched.signs, watched.first_sign) = (0, 0, None);
            next_look(&watched, patience, now)
        }
        Seen::Gone => {
            watched.signs += 1;
            let first = *watched.first_sign.get_or_insert(now);
            let confirmed = watched.is_live
                && watched.signs >= i64::from(patience.polls)
                && now - first >= patience.spread_s;
            let after = watched.signs - i64::from(patience.polls);
            let due = if !watched.is_live || confirmed {
                (after < COME_BACK).then(|| now + (86_400 << after.clamp(0, COME_BACK)))
            } else {
                Some(now + patience.spread_s / i64::from(patience.polls.max(2) - 1))
            };
            note(transaction, &watched, due, None)?;
            return Ok(confirmed);
        }
        Seen::Unsure => {
            watched.looks += 1;
            let since = watched.first_sign.unwrap_or(now);
            let waits = watched.signs > 0 || watched.missed >= i64::from(patience.polls);
            if !waits || now - since > LONGEST || watched.looks > 100 {
                (watched.missed, watched.signs, watched.first_sign) = (0, 0, None);
                calm = Some(now + CALM);
                next_look(&watched, patience, now)
            } else {
                Some(now + UNSURE)
            }
        }
    };
    note(transaction, &watched, due, calm)?;
    Ok(false)
}

fn note(
    transaction: &Transaction<'_>,
    watched: &Watched,
    due: Option<i64>,
    calm: Option<i64>,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "UPDATE watch SET looks = ?2, missed = ?3, signs = ?4, first_sign = ?5, due = ?6,
               calm = max(coalesce(?7, calm), calm) WHERE ordinal = ?1",
        )?
        .execute(params![
            watched.ordinal,
            watched.looks,
            watched.missed,
            watched.signs,
            watched.first_sign,
            due,
            calm
        ])?;
    Ok(())
}

/// The next of the looks that follow an article's arrival.
fn next_look(watched: &Watched, patience: &Patience, now: i64) -> Option<i64> {
    patience.looks_s.iter().map(|after| watched.first_seen + after).find(|time| *time > now)
}

/// Counts the articles that the list lacks between others that it has.
fn miss(
    transaction: &Transaction<'_>,
    column: &ColumnId,
    sighted: &Sighted,
) -> Result<(), StoreError> {
    let column = column.to_string();
    let sighted: HashSet<&str> = match sighted {
        Sighted::Unknown => return Ok(()),
        Sighted::Same => {
            transaction
                .prepare_cached(
                    "UPDATE watch SET missed = missed + 1 WHERE column_id = ?1 AND missed > 0",
                )?
                .execute([&column])?;
            return Ok(());
        }
        Sighted::These(ids) => ids.iter().map(ItemId::as_str).collect(),
    };
    let mut statement = transaction.prepare_cached(
        "SELECT ordinal, id, json_extract(content, '$.url'), partial
         FROM listed JOIN item USING (ordinal)
         WHERE column_id = ?1 AND state = 'live'
         ORDER BY listed.published DESC, listed.ordinal DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![column, COMPARED], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    let rows: Vec<(i64, String, String, bool)> = rows.collect::<Result<_, _>>()?;
    let shown = |row: &(i64, String, String, bool)| sighted.contains(row.1.as_str());
    let mut missing = HashSet::new();
    let (mut run, mut between) = (Vec::new(), false);
    for row in &rows {
        if !shown(row) {
            run.push(row);
            continue;
        }
        if between && run.len() <= MOST_MISSING {
            missing.extend(run.iter().filter(|row| !row.3).map(|row| row.0));
        }
        run.clear();
        between = true;
    }
    let mut found = transaction
        .prepare_cached("UPDATE watch SET missed = 0 WHERE ordinal = ?1 AND missed > 0")?;
    let mut missed = transaction.prepare_cached(
        "INSERT INTO watch VALUES (?1, ?2, ?3, 0, NULL, 1, 0, 0, NULL)
         ON CONFLICT (ordinal) DO UPDATE SET missed = missed + 1 WHERE column_id = ?2",
    )?;
    for (ordinal, _, url, _) in &rows {
        if missing.contains(ordinal) {
            missed.execute(params![ordinal, column, url])?;
        } else {
            found.execute([ordinal])?;
        }
    }
    Ok(())
}
