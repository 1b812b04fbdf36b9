//! What waits for a person's release: new items and revisions of columns that hold, and all that is
//! new to a feed that holds.
//!
//! A feed that holds has its items as members of a selection of its own, each with the revision
//! that was released for it. What was public when it began to hold stays.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::model::{Item, ItemId, Selection};

use super::items::scopes;
use super::row::{COLUMNS, item, seconds, signed, time};
use super::save::touch;
use super::withdrawals::announce;
use super::{SqliteStore, StoreError, members, stories};

/// Something that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// The item, as it would be public.
    pub item: Item,
    /// Since when.
    pub since: DateTime<Utc>,
    /// The feed that waits for it; `None` where nobody has it.
    pub feed: Option<String>,
    /// True where an earlier revision is public.
    pub revises: bool,
}

impl SqliteStore {
    /// What waits at columns that hold, the longest waiting first.
    pub async fn held(&self) -> Result<Vec<Held>, StoreError> {
        self.read(|connection| {
            let mut held = Vec::new();
            let sql = format!("SELECT {COLUMNS} FROM item WHERE state = 'held'");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let item = item(row)?;
                held.push(Held { since: item.first_seen, item, feed: None, revises: false });
            }
            // The waiting revision in the place of the public one.
            let columns = COLUMNS
                .replace("item.title", "held_revision.title")
                .replace("item.content", "held_revision.content");
            let sql = format!(
                "SELECT {columns}, held_revision.since AS waits_since
                 FROM held_revision JOIN item USING (ordinal) WHERE state = 'live'"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let since = time(row.get("waits_since")?);
                held.push(Held { item: item(row)?, since, feed: None, revises: true });
            }
            held.sort_by_key(|held| (held.since, held.item.ordinal));
            Ok(held)
        })
        .await
    }

    /// What waits for the feed of `selection`, if that is one that holds.
    pub async fn held_from(&self, selection: &Selection) -> Result<Vec<Held>, StoreError> {
        self.gather(selection).await?;
        let Selection::Released { feed, of } = selection else { return Ok(Vec::new()) };
        let (feed, scopes) = (feed.clone(), scopes(of));
        let own = members::released(&feed);
        self.read(move |connection| {
            let mut held = Vec::new();
            for scope in &scopes {
                let sql = format!(
                    "SELECT {COLUMNS},
                       (SELECT revision FROM member AS own WHERE own.selection = ?2
                          AND own.ordinal = item.ordinal) AS released
                     FROM {} AND NOT EXISTS (SELECT 1 FROM member AS own
                       WHERE own.selection = ?2 AND own.ordinal = item.ordinal
                         AND own.revision >= item.revision)",
                    scope.all()
                );
                let mut statement = connection.prepare_cached(&sql)?;
                let mut rows = statement.query(params![scope.name(), own])?;
                while let Some(row) = rows.next()? {
                    let revises = row.get::<_, Option<u32>>("released")?.is_some();
                    let item = item(row)?;
                    let since = if revises { item.revised } else { item.first_seen };
                    if held.iter().any(|held: &Held| held.item.id == item.id) {
                        continue;
                    }
                    held.push(Held { item, since, feed: Some(feed.clone()), revises });
                }
            }
            held.sort_by_key(|held| (held.since, held.item.ordinal));
            Ok(held)
        })
        .await
    }

    /// How many items and revisions wait at columns that hold.
    pub async fn held_count(&self) -> Result<usize, StoreError> {
        self.read(|connection| {
            let count: i64 = connection
                .prepare_cached(
                    "SELECT (SELECT count(*) FROM item WHERE state = 'held') +
                       (SELECT count(*) FROM held_revision JOIN item USING (ordinal)
                        WHERE state = 'live')",
                )?
                .query_row([], |row| row.get(0))?;
            Ok(usize::try_from(count).unwrap_or(0))
        })
        .await
    }

    /// Makes public what waits of `ids`; gives those that did wait.
    ///
    /// An item becomes public now, so it arrives now: it belongs into the archive of this month.
    pub async fn release(
        &self,
        ids: Vec<ItemId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<ItemId>, StoreError> {
        self.write(move |transaction| {
            let mut released = Vec::new();
            for id in ids {
                if let_out(transaction, &id, now)? {
                    released.push(id);
                }
            }
            Ok(released)
        })
        .await
    }

    /// Lets `ids` into a feed that holds, each at the revision it has now; gives those that were
    /// not there so.
    pub async fn release_to_feed(
        &self,
        feed: &str,
        ids: Vec<ItemId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<ItemId>, StoreError> {
        let own = members::released(feed);
        self.write(move |transaction| {
            let mut released = Vec::new();
            for id in ids {
                let added = transaction
                    .prepare_cached(
                        "INSERT INTO member (selection, ordinal, published, first_seen, revision)
                         SELECT ?2, ordinal, published, max(first_seen, ?3), revision
                         FROM item WHERE id = ?1 AND state = 'live'
                         ON CONFLICT (selection, ordinal) DO UPDATE
                           SET revision = excluded.revision
                           WHERE member.revision < excluded.revision",
                    )?
                    .execute(params![id.as_str(), own, seconds(now)])?;
                if added > 0 {
                    // Those who follow changes are to hear of it, and archives to file it.
                    let ordinal = ordinal(transaction, &id)?;
                    touch(transaction, ordinal)?;
                    announce(transaction, ordinal)?;
                    released.push(id);
                }
            }
            Ok(released)
        })
        .await
    }
}

fn ordinal(transaction: &Transaction<'_>, id: &ItemId) -> Result<i64, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT ordinal FROM item WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get(0))?)
}

fn let_out(
    transaction: &Transaction<'_>,
    id: &ItemId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let found: Option<(i64, bool)> = transaction
        .prepare_cached(
            "SELECT ordinal, state = 'held' FROM item WHERE id = ?1 AND state IN ('held', 'live')",
        )?
        .query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((ordinal, is_new)) = found else { return Ok(false) };
    let now = seconds(now);
    let done = if is_new {
        transaction
            .prepare_cached(
                "UPDATE item SET state = 'live', first_seen = ?2, revised = ?2 WHERE ordinal = ?1",
            )?
            .execute([ordinal, now])?;
        transaction
            .prepare_cached("UPDATE listed SET first_seen = ?2 WHERE ordinal = ?1")?
            .execute([ordinal, now])?
    } else {
        transaction
            .prepare_cached(
                "INSERT INTO revision SELECT ordinal, revision, ?2, title, content FROM item
                 WHERE ordinal = ?1 AND ordinal IN (SELECT ordinal FROM held_revision)",
            )?
            .execute([ordinal, now])?;
        transaction
            .prepare_cached(
                "UPDATE item SET revision = revision + 1, revised = ?2,
                   (hash, partial, title, content) =
                     (SELECT hash, partial, title, content FROM held_revision
                      WHERE held_revision.ordinal = item.ordinal)
                 WHERE ordinal = ?1 AND ordinal IN (SELECT ordinal FROM held_revision)",
            )?
            .execute([ordinal, now])?
    };
    transaction
        .prepare_cached("DELETE FROM held_revision WHERE ordinal = ?1")?
        .execute([ordinal])?;
    if done > 0 {
        touch(transaction, ordinal)?;
        if is_new {
            // Nobody heard of it before.
            transaction
                .prepare_cached("UPDATE item SET born = seq WHERE ordinal = ?1")?
                .execute([ordinal])?;
        }
        announce(transaction, ordinal)?;
        stories::look(transaction, ordinal)?;
        stories::tell_others(transaction, ordinal)?;
    }
    Ok(done > 0)
}

/// Makes the selection `name` of a feed that begins to hold: all that is public in `of` stays.
pub(super) fn begin(
    transaction: &Transaction<'_>,
    name: &str,
    of: &Selection,
) -> Result<(), StoreError> {
    for scope in scopes(of) {
        let sql = format!(
            "INSERT INTO member (selection, ordinal, published, first_seen, revision)
             SELECT ?2, item.ordinal, item.published, item.first_seen, item.revision
             FROM {} ON CONFLICT DO NOTHING",
            scope.all()
        );
        transaction.execute(&sql, params![scope.name(), name])?;
    }
    transaction.execute(
        "INSERT OR REPLACE INTO selection SELECT ?1, coalesce(max(seq), 0) FROM item",
        [name],
    )?;
    Ok(())
}

/// The item as it was released under `name`: in its feed it arrived when it was let in, and a later
/// revision waits.
pub(super) fn as_released(
    connection: &Connection,
    name: &str,
    public: Item,
) -> Result<Item, StoreError> {
    let released: Option<(i64, Option<u32>)> = connection
        .prepare_cached(
            "SELECT first_seen, revision FROM member WHERE selection = ?1 AND ordinal = ?2",
        )?
        .query_row(params![name, signed(public.ordinal)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((first_seen, revision)) = released else { return Ok(public) };
    let first_seen = time(first_seen);
    let wanted = revision.filter(|revision| *revision < public.revision);
    let earlier = match wanted {
        Some(revision) => super::versions::version(connection, &public, revision)?,
        None => None,
    };
    Ok(Item { first_seen, ..earlier.unwrap_or(public) })
}
