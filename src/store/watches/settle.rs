//! Taking in what a run saw, and did not see, of the articles of its column.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::model::{Change, ColumnId, Draft, ItemId};

use super::super::StoreError;
use super::super::findings::{Findings, Terms};
use super::super::row::seconds;
use super::super::withdrawals::{Taking, take};
use super::{Patience, Seen, Sighted, doubt_mark};

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

/// A new article that was read whole is looked at again by and by.
pub(in crate::store) fn begin(
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
pub(in crate::store) fn settle(
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
