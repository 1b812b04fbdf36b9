//! Filing: each item of a feed gets its place in the archives, in the order in which they come.

use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::model::Selection;

use super::super::StoreError;
use super::super::items::scopes;
use super::super::stories;
use super::{forget, month};

/// Items of one part.
const FULL: u32 = 100;
/// Changes looked through in one transaction.
const BATCH: u32 = 2000;

/// A feed as the filing needs to know it.
pub(super) struct Filing<'a> {
    pub(super) slug: &'a str,
    pub(super) selection: &'a Selection,
    /// The month that runs.
    pub(super) month: String,
}

/// An item as it is filed, and as it is.
struct Filed {
    ordinal: i64,
    live: bool,
    shown: bool,
    month: String,
    number: u32,
    revision: u32,
    /// The revision that was filed.
    known: u32,
    closed: bool,
    /// Nothing that an archive shows can have changed.
    as_before: bool,
}

/// A change of an item that concerns the feed.
struct Changed {
    ordinal: i64,
    first_seen: i64,
    revision: u32,
}

impl Filing<'_> {
    /// Looks through one batch of changes; true where there are more.
    pub(super) fn go_on(&self, transaction: &Transaction<'_>) -> Result<bool, StoreError> {
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

    /// Marks the parts that have to be written once more; gives by how much the feed grew by what was
    /// withdrawn and brought back.
    fn look_again(
        &self,
        transaction: &Transaction<'_>,
        after: i64,
        upto: i64,
    ) -> Result<i64, StoreError> {
        let mut turned = 0;
        for filed in self.filed(transaction, after, upto)? {
            turned += self.look_at(transaction, &filed)?;
        }
        Ok(turned)
    }

    /// What is filed of what changed, and of what tells the same story as that.
    fn filed(
        &self,
        transaction: &Transaction<'_>,
        after: i64,
        upto: i64,
    ) -> Result<Vec<Filed>, StoreError> {
        const FILED: &str = "SELECT item.ordinal, item.state = 'live', shown, archived.month,
                archived.number, item.revision, archived.revision,
                (SELECT closed FROM archive WHERE archive.slug = ?1
                   AND archive.month = archived.month AND archive.number = archived.number),
                item.seq <= ?2 OR EXISTS (SELECT 1 FROM telling
                  WHERE telling.ordinal = item.ordinal AND quiet = item.seq AND loud <= ?2)
             FROM item CROSS JOIN archived
               ON archived.slug = ?1 AND archived.ordinal = item.ordinal";
        let read = |row: &Row<'_>| {
            Ok(Filed {
                ordinal: row.get(0)?,
                live: row.get(1)?,
                shown: row.get(2)?,
                month: row.get(3)?,
                number: row.get(4)?,
                revision: row.get(5)?,
                known: row.get(6)?,
                closed: row.get(7)?,
                as_before: row.get(8)?,
            })
        };
        let sql = format!("{FILED} WHERE item.seq > ?2 AND item.seq <= ?3");
        let mut filed: Vec<Filed> = transaction
            .prepare_cached(&sql)?
            .query_map(params![self.slug, after, upto], read)?
            .collect::<Result<_, _>>()?;
        let sql = format!("{FILED} WHERE item.ordinal = ?3");
        let mut other = transaction.prepare_cached(&sql)?;
        for ordinal in stories::of_changed(transaction, after, upto)? {
            let found = other.query_row(params![self.slug, after, ordinal], read).optional()?;
            filed
                .extend(found.filter(|found| filed.iter().all(|one| one.ordinal != found.ordinal)));
        }
        Ok(filed)
    }

    /// Looks whether an item still stands where it is filed; gives by how much the feed grew.
    fn look_at(&self, transaction: &Transaction<'_>, filed: &Filed) -> Result<i64, StoreError> {
        let Filed { ordinal, shown, revision, known, closed, .. } = *filed;
        // What readers were given in an archive that is closed stays, whoever tells it now.
        let live = filed.live
            && self.holds(transaction, ordinal)?
            && ((closed && shown) || self.leads(transaction, ordinal)?);
        if live != shown || revision != known {
            transaction
                .prepare_cached(
                    "UPDATE archived SET shown = ?3, revision = ?4
                     WHERE slug = ?1 AND ordinal = ?2",
                )?
                .execute(params![self.slug, ordinal, live, revision])?;
        }
        // Its site's own revision is told by the feed. Under the same revision it is we who show
        // something else: less than before, or a picture at our address. Where else its story
        // stands is told in feeds alone.
        let changed = !filed.as_before && (revision == known || !closed);
        if live != shown || changed {
            transaction
                .prepare_cached(
                    "UPDATE archive SET dirty = 1 WHERE slug = ?1 AND month = ?2 AND number = ?3",
                )?
                .execute(params![self.slug, filed.month, filed.number])?;
        }
        Ok(i64::from(live) - i64::from(shown))
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

    /// Whether no better-placed item of the feed tells the same story.
    fn leads(&self, transaction: &Transaction<'_>, ordinal: i64) -> Result<bool, StoreError> {
        stories::leads(transaction, &scopes(self.selection), ordinal)
    }

    /// Live items of the feed that are filed nowhere yet, in the order in which they came. A story
    /// that several sites tell is filed once.
    fn arrivals(
        &self,
        transaction: &Transaction<'_>,
        after: i64,
        upto: i64,
    ) -> Result<Vec<Changed>, StoreError> {
        let mut found = Vec::new();
        for scope in scopes(self.selection) {
            let sql = format!(
                "SELECT item.ordinal, item.first_seen, item.revision FROM {} AND item.seq > ?2 AND item.seq <= ?3
                   AND NOT EXISTS (SELECT 1 FROM archived
                     WHERE archived.slug = ?4 AND archived.ordinal = item.ordinal)",
                scope.changed()
            );
            let mut statement = transaction.prepare_cached(&sql)?;
            let rows =
                statement.query_map(params![scope.name(), after, upto, self.slug], |row| {
                    Ok(Changed {
                        ordinal: row.get(0)?,
                        first_seen: row.get(1)?,
                        revision: row.get(2)?,
                    })
                })?;
            found.extend(rows.collect::<Result<Vec<_>, _>>()?);
        }
        found.extend(self.unfiled_tellers(transaction, after, upto)?);
        found.sort_by_key(|changed| changed.ordinal);
        found.dedup_by_key(|changed| changed.ordinal);
        let mut leading = Vec::new();
        for changed in found {
            if self.leads(transaction, changed.ordinal)? {
                leading.push(changed);
            }
        }
        Ok(leading)
    }

    /// Live items of the feed that are filed nowhere, since another stood for their story until that
    /// changed.
    fn unfiled_tellers(
        &self,
        transaction: &Transaction<'_>,
        after: i64,
        upto: i64,
    ) -> Result<Vec<Changed>, StoreError> {
        let mut statement = transaction.prepare_cached(
            "SELECT first_seen, revision FROM item
             WHERE ordinal = ?2 AND state = 'live' AND NOT EXISTS (SELECT 1 FROM archived
               WHERE archived.slug = ?1 AND archived.ordinal = ?2)",
        )?;
        let mut found = Vec::new();
        for ordinal in stories::of_changed(transaction, after, upto)? {
            let read = |row: &Row<'_>| {
                Ok(Changed { ordinal, first_seen: row.get(0)?, revision: row.get(1)? })
            };
            let one = statement.query_row(params![self.slug, ordinal], read).optional()?;
            if let Some(one) = one
                && self.holds(transaction, ordinal)?
            {
                found.push(one);
            }
        }
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
                        (SELECT count(*) FROM archived INDEXED BY archived_part
                         WHERE archived.slug = archive.slug
                           AND archived.month = archive.month AND archived.number = archive.number)
                 FROM archive WHERE slug = ?1 ORDER BY month DESC, number DESC LIMIT 1",
            )?
            .query_row([self.slug], |row| {
                let (month, number) = (row.get(0)?, row.get(1)?);
                Ok(Growing { month, number, closed: row.get(2)?, count: row.get(3)?, noted: false })
            })
            .optional()?;
        for Changed { ordinal, first_seen, revision } in arrived {
            let mut growing = self.next_place(place, month(first_seen));
            if !growing.noted {
                growing.noted = true;
                transaction
                    .prepare_cached(&close("(month, number) < (?2, ?3)"))?
                    .execute(params![self.slug, growing.month, growing.number])?;
                transaction
                    .prepare_cached(
                        "INSERT INTO archive VALUES (?1, ?2, ?3, 0, 0, 0)
                         ON CONFLICT (slug, month, number) DO NOTHING",
                    )?
                    .execute(params![self.slug, growing.month, growing.number])?;
            }
            growing.count += 1;
            transaction
                .prepare_cached("INSERT INTO archived VALUES (?1, ?2, ?3, ?4, 1, ?5, 0)")?
                .execute(params![self.slug, ordinal, growing.month, growing.number, revision])?;
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

    pub(super) fn close_past_months(
        &self,
        transaction: &Transaction<'_>,
    ) -> Result<(), StoreError> {
        transaction
            .prepare_cached(&close("month < ?2"))?
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

/// Closes the parts of a feed that still grow and meet `condition`; they have to be written where
/// their documents do not have all of them.
fn close(condition: &str) -> String {
    format!(
        "UPDATE archive SET closed = 1, dirty = dirty OR EXISTS (SELECT 1 FROM archived INDEXED BY archived_part
           WHERE archived.slug = archive.slug AND archived.month = archive.month
             AND archived.number = archive.number AND NOT archived.written)
         WHERE slug = ?1 AND NOT closed AND {condition}"
    )
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
