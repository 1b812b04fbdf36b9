//! The history of feeds: in which archive an item stands, and which archives have to be written.
//!
//! A feed's items are filed in the order in which they came to it, a hundred to a part, a month at a
//! time. A part that is closed is written once more only where an item of it was withdrawn or
//! brought back, or where we show something else of it under the same revision: less than before, or
//! a picture from here. On the way the items of each feed are counted.

mod filing;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, ToSql, Transaction, params};

use crate::model::{BEIJING, Item, ItemId, Part, Selection, Tombstone};

use super::holds::as_released;
use super::items::{held_by, newest};
use super::row::{COLUMNS, public_item, seconds, time};
use super::{SqliteStore, StoreError};

use filing::Filing;

/// What is said of a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many live items it has, as filed.
    pub count: usize,
    /// When one of them last changed.
    pub updated: Option<DateTime<Utc>>,
    /// Title of its newest item, empty without one.
    pub newest: String,
}

/// What is filed in one part. Left to itself the planner walks all that the feed ever filed, since the
/// primary key needs no second look.
const OF_PART: &str = "archived INDEXED BY archived_part";

impl SqliteStore {
    /// Files what changed since the last time in the archives of `feeds`, slugs with what they select,
    /// and closes those whose month was over at `now`.
    pub async fn file(
        &self,
        feeds: Vec<(String, Selection)>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let month = month(seconds(now));
        let mut waiting = Vec::new();
        for (slug, selection) in feeds {
            if !self.is_filed(&slug, &selection, &month).await? {
                waiting.push((slug, selection));
            }
        }
        while !waiting.is_empty() {
            let month = month.clone();
            waiting = self.write(move |transaction| file(transaction, waiting, &month)).await?;
        }
        Ok(())
    }

    /// True where nothing changed since the last filing and no month ended: most of the time.
    async fn is_filed(
        &self,
        slug: &str,
        selection: &Selection,
        month: &str,
    ) -> Result<bool, StoreError> {
        let (slug, selection) = (slug.to_owned(), format!("{selection:?}"));
        let month = month.to_owned();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT selection = ?2 AND seq >= (SELECT coalesce(max(seq), 0) FROM item)
                   AND NOT EXISTS (SELECT 1 FROM archive
                     WHERE archive.slug = ?1 AND NOT closed AND archive.month < ?3)
                 FROM filed WHERE slug = ?1",
            )?;
            let found = statement.query_row(params![slug, selection, month], |row| row.get(0));
            Ok(found.optional()?.unwrap_or(false))
        })
        .await
    }

    /// The archives of `slug` whose documents have to be written, oldest first; the one that still
    /// grows comes last, whether it has to be or not.
    pub async fn parts_due(&self, slug: &str) -> Result<Vec<(Part, bool)>, StoreError> {
        let slug = slug.to_owned();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT month, number, closed, written, dirty OR NOT written FROM archive
                 WHERE slug = ?1 AND (dirty OR NOT written OR NOT closed) ORDER BY month, number",
            )?;
            let rows = statement.query_map([&slug], |row| Ok((part(&slug, row)?, row.get(4)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The newest archive of `slug` whose document stands.
    pub async fn newest_part(&self, slug: &str) -> Result<Option<Part>, StoreError> {
        let slug = slug.to_owned();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT month, number, closed, written FROM archive WHERE slug = ?1 AND written
                 ORDER BY month DESC, number DESC LIMIT 1",
            )?;
            Ok(statement.query_row([&slug], |row| part(&slug, row)).optional()?)
        })
        .await
    }

    /// The archive before `after`.
    pub async fn part_before(&self, after: &Part) -> Result<Option<Part>, StoreError> {
        let after = after.clone();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT month, number, closed, written FROM archive
                 WHERE slug = ?1 AND (month, number) < (?2, ?3)
                 ORDER BY month DESC, number DESC LIMIT 1",
            )?;
            let place = params![after.slug, after.month, after.number];
            Ok(statement.query_row(place, |row| part(&after.slug, row)).optional()?)
        })
        .await
    }

    /// The items of a feed with this `selection` that are filed in `part`, newest first, and what is
    /// left of those that were withdrawn.
    pub async fn part_items(
        &self,
        wanted: &Part,
        selection: &Selection,
    ) -> Result<(Vec<Item>, Vec<Tombstone>), StoreError> {
        let (wanted, held_by) = (wanted.clone(), held_by(selection));
        self.read(move |connection| {
            let sql = format!(
                "SELECT {COLUMNS}, shown FROM {OF_PART} JOIN item USING (ordinal)
                 WHERE slug = ?1 AND month = ?2 AND number = ?3
                 ORDER BY item.published DESC, item.ordinal DESC"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![wanted.slug, wanted.month, wanted.number])?;
            let (mut items, mut gone) = (Vec::new(), Vec::new());
            while let Some(row) = rows.next()? {
                let item = public_item(row)?;
                if row.get::<_, bool>("shown")? {
                    items.push(match &held_by {
                        Some(name) => as_released(connection, name, item)?,
                        None => item,
                    });
                } else if let Some(withdrawn) = &item.withdrawn {
                    gone.push(Tombstone {
                        id: item.id.clone(),
                        when: withdrawn.when,
                        why: withdrawn.why,
                        seq: item.seq,
                        first_seen: item.first_seen,
                    });
                }
            }
            gone.sort_by_key(|tombstone| std::cmp::Reverse((tombstone.when, tombstone.seq)));
            Ok((items, gone))
        })
        .await
    }

    /// What is filed in `wanted` and shown, and not in its document as that stands.
    pub async fn part_unwritten(&self, wanted: &Part) -> Result<Vec<ItemId>, StoreError> {
        let wanted = wanted.clone();
        self.read(move |connection| {
            let sql = format!(
                "SELECT id FROM {OF_PART} JOIN item USING (ordinal)
                 WHERE slug = ?1 AND month = ?2 AND number = ?3 AND shown AND NOT written"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let wanted = params![wanted.slug, wanted.month, wanted.number];
            let ids = statement.query_map(wanted, |row| row.get(0).map(ItemId::from_tag_uri))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Notes that the document of `part` stands as it should.
    pub async fn part_written(&self, wanted: &Part) -> Result<(), StoreError> {
        let wanted = wanted.clone();
        self.write(move |transaction| {
            let wanted = params![wanted.slug, wanted.month, wanted.number];
            transaction
                .prepare_cached(
                    "UPDATE archive SET written = 1, dirty = 0
                     WHERE slug = ?1 AND month = ?2 AND number = ?3",
                )?
                .execute(wanted)?;
            note_written(transaction, wanted, true)
        })
        .await
    }

    /// What the front page says of each of `feeds`, slugs with what they select.
    pub async fn tallies(&self, feeds: Vec<(String, Selection)>) -> Result<Vec<Tally>, StoreError> {
        self.read(move |connection| {
            let mut count =
                connection.prepare_cached("SELECT count, updated FROM filed WHERE slug = ?1")?;
            let mut tallies = Vec::with_capacity(feeds.len());
            for (slug, selection) in feeds {
                let found: Option<(i64, Option<i64>)> =
                    count.query_row([slug], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
                let (count, updated) = found.unwrap_or_default();
                let newest = newest(connection, &selection, 1, None)?.into_iter().next();
                tallies.push(Tally {
                    count: usize::try_from(count).unwrap_or(0),
                    updated: updated.map(time),
                    newest: newest.map(|item| item.title).unwrap_or_default(),
                });
            }
            Ok(tallies)
        })
        .await
    }

    /// The paths of published archives that no feed has.
    pub async fn stray_archives(&self) -> Result<Vec<String>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT path FROM document WHERE path > 'archives/' AND path < 'archives0'
                 EXCEPT
                 SELECT 'archives/' || slug || '/' || month
                   || CASE number WHEN 1 THEN '' ELSE '-' || number END || '.atom' FROM archive",
            )?;
            let paths = statement.query_map([], |row| row.get(0))?;
            Ok(paths.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Forgets the archives of all feeds but `slugs`.
    pub async fn keep_archives(&self, slugs: Vec<String>) -> Result<(), StoreError> {
        let known: Vec<String> = self
            .read(|connection| {
                let mut statement = connection.prepare_cached("SELECT slug FROM filed")?;
                let slugs = statement.query_map([], |row| row.get(0))?;
                Ok(slugs.collect::<Result<_, _>>()?)
            })
            .await?;
        let gone: Vec<String> = known.into_iter().filter(|slug| !slugs.contains(slug)).collect();
        if gone.is_empty() {
            return Ok(());
        }
        self.write(move |transaction| gone.iter().try_for_each(|slug| forget(transaction, slug)))
            .await
    }
}

/// Files one batch of changes in the archives of each of `feeds`; gives those that have more.
fn file(
    transaction: &Transaction<'_>,
    feeds: Vec<(String, Selection)>,
    month: &str,
) -> Result<Vec<(String, Selection)>, StoreError> {
    let mut more = Vec::new();
    for (slug, selection) in feeds {
        let filing = Filing { slug: &slug, selection: &selection, month: month.to_owned() };
        if filing.go_on(transaction)? {
            more.push((slug, selection));
        } else {
            filing.close_past_months(transaction)?;
        }
    }
    Ok(more)
}

fn part(slug: &str, row: &Row<'_>) -> rusqlite::Result<Part> {
    Ok(Part {
        slug: slug.to_owned(),
        month: row.get(0)?,
        number: row.get(1)?,
        closed: row.get(2)?,
        written: row.get(3)?,
    })
}

fn forget(transaction: &Transaction<'_>, slug: &str) -> Result<(), StoreError> {
    for table in ["filed", "archive", "archived"] {
        transaction.execute(&format!("DELETE FROM {table} WHERE slug = ?1"), [slug])?;
    }
    Ok(())
}

/// Notes that the document of the archive at `path` does not stand; of other paths nothing.
pub(super) fn unwrite(transaction: &Transaction<'_>, path: &str) -> Result<(), StoreError> {
    let Some((slug, name)) = path.strip_prefix("archives/").and_then(|path| path.rsplit_once('/'))
    else {
        return Ok(());
    };
    let name = name.strip_suffix(".atom").unwrap_or(name);
    // `2026-10`, `2026-10-2`.
    let (month, number) = match name.match_indices('-').nth(1) {
        Some((at, _)) => (&name[..at], &name[at + 1..]),
        None => (name, "1"),
    };
    let number: u32 = number.parse().unwrap_or(0);
    let part = params![slug, month, number];
    transaction
        .prepare_cached(
            "UPDATE archive SET written = 0 WHERE slug = ?1 AND month = ?2 AND number = ?3",
        )?
        .execute(part)?;
    note_written(transaction, part, false)
}

/// Notes whether the document of a part (slug, month, number) has the items that are filed in it.
fn note_written(
    transaction: &Transaction<'_>,
    part: &[&dyn ToSql],
    written: bool,
) -> Result<(), StoreError> {
    let sql = format!(
        "UPDATE {OF_PART} SET written = {written}
         WHERE slug = ?1 AND month = ?2 AND number = ?3 AND written <> {written}"
    );
    transaction.prepare_cached(&sql)?.execute(part)?;
    Ok(())
}

/// `2026-10`, in Beijing.
fn month(at: i64) -> String {
    time(at).with_timezone(&BEIJING).format("%Y-%m").to_string()
}
