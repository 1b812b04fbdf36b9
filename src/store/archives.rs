//! The history of feeds: in which archive an item stands, and which archives have to be written.
//!
//! A feed's items are filed in the order in which they came to it, a hundred to a part, a month at a
//! time. A part that is closed is written once more only where an item of it was withdrawn or
//! brought back. On the way the items of each feed are counted.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::model::{BEIJING, Item, ItemId, Part, Selection, Tombstone};

use super::items::scopes;
use super::row::{COLUMNS, public_item, seconds, time};
use super::{SqliteStore, StoreError};

/// Items of one part.
const FULL: u32 = 100;
/// Changes looked through in one transaction.
const BATCH: u32 = 2000;

/// A feed as the filing needs to know it.
struct Filing<'a> {
    slug: &'a str,
    selection: &'a Selection,
    /// The month that runs.
    month: String,
}

/// A change of an item that concerns the feed.
struct Changed {
    ordinal: i64,
    first_seen: i64,
}

impl SqliteStore {
    /// Files what changed since the last time in the archives of the feed `slug`, and closes those
    /// whose month was over at `now`.
    pub async fn file(
        &self,
        slug: &str,
        selection: &Selection,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if self.is_filed(slug, selection, month(seconds(now))).await? {
            return Ok(());
        }
        loop {
            let (slug, selection) = (slug.to_owned(), selection.clone());
            let more = self
                .write(move |transaction| {
                    let filing =
                        Filing { slug: &slug, selection: &selection, month: month(seconds(now)) };
                    let more = filing.go_on(transaction)?;
                    if !more {
                        filing.close_past_months(transaction)?;
                    }
                    Ok(more)
                })
                .await?;
            if !more {
                return Ok(());
            }
        }
    }

    /// True where nothing changed since the last filing and no month ended: most of the time.
    async fn is_filed(
        &self,
        slug: &str,
        selection: &Selection,
        month: String,
    ) -> Result<bool, StoreError> {
        let (slug, selection) = (slug.to_owned(), format!("{selection:?}"));
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

    /// The items filed in `part`, newest first, and what is left of those that were withdrawn.
    pub async fn part_items(
        &self,
        wanted: &Part,
    ) -> Result<(Vec<Item>, Vec<Tombstone>), StoreError> {
        let wanted = wanted.clone();
        self.read(move |connection| {
            let sql = format!(
                "SELECT {COLUMNS}, shown FROM archived JOIN item USING (ordinal)
                 WHERE slug = ?1 AND month = ?2 AND number = ?3
                 ORDER BY item.published DESC, item.ordinal DESC"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![wanted.slug, wanted.month, wanted.number])?;
            let (mut items, mut gone) = (Vec::new(), Vec::new());
            while let Some(row) = rows.next()? {
                let item = public_item(row)?;
                if row.get::<_, bool>("shown")? {
                    items.push(item);
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

    /// The ids of the live items filed in `part`.
    pub async fn part_ids(&self, wanted: &Part) -> Result<Vec<ItemId>, StoreError> {
        let wanted = wanted.clone();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id FROM archived JOIN item USING (ordinal)
                 WHERE slug = ?1 AND month = ?2 AND number = ?3 AND shown",
            )?;
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
            transaction.execute(
                "UPDATE archive SET written = 1, dirty = 0
                 WHERE slug = ?1 AND month = ?2 AND number = ?3",
                params![wanted.slug, wanted.month, wanted.number],
            )?;
            Ok(())
        })
        .await
    }

    /// How many live items the feed `slug` has as filed, and when one of them last changed.
    pub async fn tally(&self, slug: &str) -> Result<(usize, Option<DateTime<Utc>>), StoreError> {
        let slug = slug.to_owned();
        self.read(move |connection| {
            let found: Option<(i64, Option<i64>)> = connection
                .prepare_cached("SELECT count, updated FROM filed WHERE slug = ?1")?
                .query_row([slug], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let (count, updated) = found.unwrap_or_default();
            Ok((usize::try_from(count).unwrap_or(0), updated.map(time)))
        })
        .await
    }

    /// The addresses' ends of all archives: slug and name.
    pub async fn part_names(&self) -> Result<HashSet<String>, StoreError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT month, number, closed, written, slug FROM archive")?;
            let rows = statement.query_map([], |row| {
                let slug: String = row.get(4)?;
                Ok(format!("{slug}/{}", part(&slug, row)?.name()))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
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

/// `2026-10`, in Beijing.
fn month(at: i64) -> String {
    time(at).with_timezone(&BEIJING).format("%Y-%m").to_string()
}

impl Filing<'_> {
    /// Looks through one batch of changes; true where there are more.
    fn go_on(&self, transaction: &Transaction<'_>) -> Result<bool, StoreError> {
        let after = self.begin(transaction)?;
        let upto: Option<i64> = transaction
            .prepare_cached(
                "SELECT max(seq) FROM
                   (SELECT seq FROM item WHERE seq > ?1 ORDER BY seq LIMIT ?2)",
            )?
            .query_row(params![after, BATCH], |row| row.get(0))?;
        let Some(upto) = upto else { return Ok(false) };
        let turned = self.look_again(transaction, after, upto)?;
        let arrived = self.arrivals(transaction, after, upto)?;
        let count = i64::try_from(arrived.len()).unwrap_or(i64::MAX);
        self.append(transaction, arrived)?;
        self.count(transaction, after, upto, count + turned)?;
        let last: Option<i64> =
            transaction.query_row("SELECT max(seq) FROM item", [], |row| row.get(0))?;
        Ok(last > Some(upto))
    }

    /// Up to which change the feed is filed. One that selects otherwise than before begins anew.
    fn begin(&self, transaction: &Transaction<'_>) -> Result<i64, StoreError> {
        let selection = format!("{:?}", self.selection);
        let known: Option<(String, i64)> = transaction
            .prepare_cached("SELECT selection, seq FROM filed WHERE slug = ?1")?
            .query_row([self.slug], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match known {
            Some((known, seq)) if known == selection => return Ok(seq),
            Some(_) => forget(transaction, self.slug)?,
            None => {}
        }
        transaction.execute(
            "INSERT INTO filed (slug, selection, seq, count) VALUES (?1, ?2, 0, 0)",
            params![self.slug, selection],
        )?;
        Ok(0)
    }

    /// Marks the parts of which an item was withdrawn or brought back, or revised while they grow;
    /// gives by how much the feed grew by that.
    fn look_again(
        &self,
        transaction: &Transaction<'_>,
        after: i64,
        upto: i64,
    ) -> Result<i64, StoreError> {
        let mut statement = transaction.prepare_cached(
            "SELECT item.ordinal, item.state = 'live', shown, archived.month, archived.number
             FROM item CROSS JOIN archived
               ON archived.slug = ?1 AND archived.ordinal = item.ordinal
             WHERE item.seq > ?2 AND item.seq <= ?3",
        )?;
        type Seen = (i64, bool, bool, String, u32);
        let seen: Vec<Seen> = statement
            .query_map(params![self.slug, after, upto], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })?
            .collect::<Result<_, _>>()?;
        let mut turned = 0;
        for (ordinal, live, shown, month, number) in seen {
            let live = live && self.holds(transaction, ordinal)?;
            if live != shown {
                turned += if live { 1 } else { -1 };
                transaction
                    .prepare_cached(
                        "UPDATE archived SET shown = ?3 WHERE slug = ?1 AND ordinal = ?2",
                    )?
                    .execute(params![self.slug, ordinal, live])?;
            }
            transaction
                .prepare_cached(
                    "UPDATE archive SET dirty = 1
                     WHERE slug = ?1 AND month = ?2 AND number = ?3 AND (?4 OR NOT closed)",
                )?
                .execute(params![self.slug, month, number, live != shown])?;
        }
        Ok(turned)
    }

    fn holds(&self, transaction: &Transaction<'_>, ordinal: i64) -> Result<bool, StoreError> {
        for scope in scopes(self.selection) {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM {})", scope.one());
            let held: bool = transaction
                .prepare_cached(&sql)?
                .query_row(params![scope.name(), ordinal], |row| row.get(0))?;
            if held {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Live items of the feed that are filed nowhere yet, in the order in which they came.
    fn arrivals(
        &self,
        transaction: &Transaction<'_>,
        after: i64,
        upto: i64,
    ) -> Result<Vec<Changed>, StoreError> {
        let mut found = Vec::new();
        for scope in scopes(self.selection) {
            let sql = format!(
                "SELECT item.ordinal, item.first_seen FROM {} AND item.seq > ?2 AND item.seq <= ?3
                   AND NOT EXISTS (SELECT 1 FROM archived
                     WHERE archived.slug = ?4 AND archived.ordinal = item.ordinal)",
                scope.changed()
            );
            let mut statement = transaction.prepare_cached(&sql)?;
            let rows = statement
                .query_map(params![scope.name(), after, upto, self.slug], |row| {
                    Ok(Changed { ordinal: row.get(0)?, first_seen: row.get(1)? })
                })?;
            found.extend(rows.collect::<Result<Vec<_>, _>>()?);
        }
        found.sort_by_key(|changed| changed.ordinal);
        found.dedup_by_key(|changed| changed.ordinal);
        Ok(found)
    }

    /// Files items in the part that grows, or in the next one where that is full or another month's.
    /// What comes late, such as an item seen in a further column, goes where the others of its time
    /// of coming go.
    fn append(
        &self,
        transaction: &Transaction<'_>,
        arrived: Vec<Changed>,
    ) -> Result<(), StoreError> {
        let mut place = transaction
            .prepare_cached(
                "SELECT month, number, closed,
                        (SELECT count(*) FROM archived WHERE archived.slug = archive.slug
                           AND archived.month = archive.month AND archived.number = archive.number)
                 FROM archive WHERE slug = ?1 ORDER BY month DESC, number DESC LIMIT 1",
            )?
            .query_row([self.slug], |row| {
                let (month, number) = (row.get(0)?, row.get(1)?);
                Ok(Growing { month, number, closed: row.get(2)?, count: row.get(3)?, noted: false })
            })
            .optional()?;
        for Changed { ordinal, first_seen } in arrived {
            let mut growing = self.next_place(place, month(first_seen));
            if !growing.noted {
                growing.noted = true;
                transaction
                    .prepare_cached(
                        "UPDATE archive SET closed = 1
                         WHERE slug = ?1 AND NOT closed AND (month, number) < (?2, ?3)",
                    )?
                    .execute(params![self.slug, growing.month, growing.number])?;
                transaction
                    .prepare_cached(
                        "INSERT INTO archive VALUES (?1, ?2, ?3, 0, 0, 1)
                         ON CONFLICT (slug, month, number) DO UPDATE SET dirty = 1",
                    )?
                    .execute(params![self.slug, growing.month, growing.number])?;
            }
            growing.count += 1;
            transaction
                .prepare_cached("INSERT INTO archived VALUES (?1, ?2, ?3, ?4, 1)")?
                .execute(params![self.slug, ordinal, growing.month, growing.number])?;
            place = Some(growing);
        }
        Ok(())
    }

    /// Where an item that came in the month `own` is filed, after `last`.
    fn next_place(&self, last: Option<Growing>, own: String) -> Growing {
        match last {
            Some(last) if own <= last.month && !last.closed && last.count < FULL => last,
            // The month is over: late comers belong to the one that runs.
            Some(last) if own <= last.month && last.closed && last.month < self.month => {
                Growing::first(self.month.clone())
            }
            Some(last) if own <= last.month => {
                Growing { number: last.number + 1, ..Growing::first(last.month) }
            }
            _ => Growing::first(own),
        }
    }

    fn close_past_months(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        transaction
            .prepare_cached(
                "UPDATE archive SET closed = 1 WHERE slug = ?1 AND NOT closed AND month < ?2",
            )?
            .execute(params![self.slug, self.month])?;
        Ok(())
    }

    /// Keeps count of what is shown, and of the last change of any of it.
    fn count(
        &self,
        transaction: &Transaction<'_>,
        after: i64,
        upto: i64,
        grown: i64,
    ) -> Result<(), StoreError> {
        let updated: Option<i64> = transaction
            .prepare_cached(
                "SELECT max(max(item.revised, coalesce(taken, 0)))
                 FROM item CROSS JOIN archived
                   ON archived.slug = ?1 AND archived.ordinal = item.ordinal
                 LEFT JOIN withdrawal ON withdrawal.ordinal = item.ordinal
                 WHERE item.seq > ?2 AND item.seq <= ?3",
            )?
            .query_row(params![self.slug, after, upto], |row| row.get(0))?;
        transaction
            .prepare_cached(
                "UPDATE filed SET seq = ?2, count = count + ?3,
                   updated = nullif(max(coalesce(updated, -1), coalesce(?4, -1)), -1)
                 WHERE slug = ?1",
            )?
            .execute(params![self.slug, upto, grown, updated])?;
        Ok(())
    }
}

/// The part that grows.
struct Growing {
    month: String,
    number: u32,
    closed: bool,
    count: u32,
    /// True once it is known that something was added to it.
    noted: bool,
}

impl Growing {
    fn first(month: String) -> Self {
        Self { month, number: 1, closed: false, count: 0, noted: false }
    }
}
