//! Asking for items.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use url::Url;

use crate::model::{Cause, ColumnId, Item, ItemId, Posted, Selection, Seq};
use crate::text::web;

use super::holds::as_released;
use super::row::{COLUMNS, HEARD_OF, cause, item, public_item, seconds, signed, time, unsigned};
use super::{SqliteStore, StoreError, members, stories};

/// A row of a list that is known already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The item it leads to.
    pub id: ItemId,
    /// True while only the list row could be read.
    pub partial: bool,
    /// Its title.
    pub title: String,
    /// The title as this column lists it; `None` while it was not listed there.
    pub listed_title: Option<String>,
    /// The date of its article.
    pub posted: Option<Posted>,
    /// Why it was withdrawn, if it was.
    pub withdrawn: Option<Cause>,
}

/// What a feed holds, for the index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Live items.
    pub count: usize,
    /// Title of the newest, empty without one.
    pub newest_title: String,
    /// The last significant change.
    pub updated: Option<DateTime<Utc>>,
}

impl SqliteStore {
    /// Fixes authority and date of the ids with the first item; refuses others from then on.
    pub async fn freeze_ids(&self, authority: &str, date: &str) -> Result<(), StoreError> {
        let wanted = format!("{authority},{date}");
        self.write(move |transaction| {
            refuse_other_ids(transaction, &wanted)?;
            transaction.execute(
                "INSERT INTO mark VALUES ('ids', ?1)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [&wanted],
            )?;
            Ok(())
        })
        .await
    }

    /// Refuses what [`SqliteStore::freeze_ids`] would refuse, and fixes nothing.
    pub async fn check_ids(&self, authority: &str, date: &str) -> Result<(), StoreError> {
        let wanted = format!("{authority},{date}");
        self.read(move |connection| refuse_other_ids(connection, &wanted)).await
    }

    /// Which of `rows` of `column`, each an address and the id that it gives, lead to known items.
    ///
    /// The address decides, and the id where the address was never seen: sites have several
    /// addresses for one article.
    pub async fn known(
        &self,
        column: &ColumnId,
        rows: Vec<(Url, ItemId)>,
    ) -> Result<HashMap<Url, Known>, StoreError> {
        let column = column.clone();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, partial, title,
                        (SELECT title FROM listed
                         WHERE ordinal = item.ordinal AND column_id = ?3),
                        (SELECT cause FROM withdrawal WHERE ordinal = item.ordinal),
                        json_extract(content, '$.posted')
                 FROM item WHERE ordinal = coalesce(
                   (SELECT ordinal FROM alias WHERE site = ?1 AND address = ?2),
                   (SELECT ordinal FROM item WHERE id = ?4))",
            )?;
            let mut known = HashMap::new();
            for (url, id) in rows {
                let address = web::normalised(&url);
                let wanted =
                    params![column.site().as_str(), address, column.to_string(), id.as_str()];
                let read = |row: &rusqlite::Row<'_>| {
                    Ok(Known {
                        id: ItemId::from_tag_uri(row.get(0)?),
                        partial: row.get(1)?,
                        title: row.get(2)?,
                        listed_title: row.get(3)?,
                        withdrawn: row.get::<_, Option<String>>(4)?.map(|text| cause(&text)),
                        posted: row.get::<_, Option<String>>(5)?.and_then(|text| text.parse().ok()),
                    })
                };
                if let Some(found) = statement.query_row(wanted, read).optional()? {
                    known.insert(url, found);
                }
            }
            Ok(known)
        })
        .await
    }

    /// Live items of `selection`, newest first: the first `limit`, and beyond them all that arrived
    /// at or after `also_since`, unless they are old news: a site's history that was read in one day
    /// is nothing that a subscriber waits for.
    ///
    /// A story that several sites of the selection tell stands there once.
    pub async fn newest(
        &self,
        selection: &Selection,
        limit: usize,
        also_since: Option<DateTime<Utc>>,
    ) -> Result<Vec<Item>, StoreError> {
        let selection = selection.clone();
        self.read(move |connection| newest(connection, &selection, limit, also_since)).await
    }

    /// When the last live item of `selection` arrived.
    pub async fn latest_arrival(
        &self,
        selection: &Selection,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let scopes = scopes(selection);
        self.read(move |connection| {
            let mut latest: Option<i64> = None;
            for scope in &scopes {
                let sql = scope.latest();
                let found: Option<i64> =
                    connection.prepare_cached(sql)?.query_row([scope.name()], |row| row.get(0))?;
                latest = latest.max(found);
            }
            Ok(latest.map(time))
        })
        .await
    }

    /// Count, newest title and last change of `selection`.
    pub async fn summary(&self, selection: &Selection) -> Result<Summary, StoreError> {
        let newest = self.newest(selection, 1, None).await?;
        let scopes = scopes(selection);
        let (count, updated) = self
            .read(move |connection| {
                let mut ordinals = std::collections::HashSet::new();
                let mut updated: Option<i64> = None;
                for scope in &scopes {
                    let sql = format!("SELECT item.ordinal, item.revised FROM {}", scope.all());
                    let mut statement = connection.prepare_cached(&sql)?;
                    let mut rows = statement.query([scope.name()])?;
                    while let Some(row) = rows.next()? {
                        ordinals.insert(row.get::<_, i64>(0)?);
                        updated = updated.max(Some(row.get(1)?));
                    }
                }
                Ok((ordinals.len(), updated))
            })
            .await?;
        Ok(Summary {
            count,
            newest_title: newest.into_iter().next().map(|item| item.title).unwrap_or_default(),
            updated: updated.map(time),
        })
    }

    /// The item `id` as readers may see it; of a withdrawn one nothing but the fact, and none that is
    /// held.
    pub async fn public_item(&self, id: &ItemId) -> Result<Option<Item>, StoreError> {
        let id = id.clone();
        self.read(move |connection| {
            let sql = format!("SELECT {COLUMNS} FROM item WHERE id = ?1 AND {HEARD_OF}");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([id.as_str()])?;
            rows.next()?.map(public_item).transpose()
        })
        .await
    }

    /// The item `id` whole, withdrawn and held ones too: for operators.
    pub async fn item(&self, id: &ItemId) -> Result<Option<Item>, StoreError> {
        let id = id.clone();
        self.read(move |connection| {
            let sql = format!("SELECT {COLUMNS} FROM item WHERE id = ?1");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([id.as_str()])?;
            rows.next()?.map(item).transpose()
        })
        .await
    }

    /// The items whose last change is later than `after`, in the order of their changes, as readers
    /// may see them: of a withdrawn one only the fact, none that were never public.
    pub async fn changes_after(&self, after: Seq, limit: u32) -> Result<Vec<Item>, StoreError> {
        self.read(move |connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM item WHERE seq > ?1 AND {HEARD_OF} ORDER BY seq LIMIT ?2"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![signed(after), limit])?;
            let mut items = Vec::new();
            while let Some(row) = rows.next()? {
                items.push(public_item(row)?);
            }
            Ok(items)
        })
        .await
    }

    /// The number of the last change; 0 before the first.
    pub async fn last_seq(&self) -> Result<Seq, StoreError> {
        self.read(|connection| {
            let last: Option<i64> =
                connection.query_row("SELECT max(seq) FROM item", [], |row| row.get(0))?;
            Ok(unsigned(last.unwrap_or(0)))
        })
        .await
    }
}

/// Refuses ids other than those of the items, where there are any.
fn refuse_other_ids(connection: &Connection, wanted: &str) -> Result<(), StoreError> {
    let any: bool =
        connection.query_row("SELECT EXISTS (SELECT 1 FROM item)", [], |row| row.get(0))?;
    let frozen: Option<String> = connection
        .query_row("SELECT value FROM mark WHERE name = 'ids'", [], |row| row.get(0))
        .optional()?;
    match frozen {
        Some(found) if any && found != wanted => {
            Err(StoreError::IdFrozen { wanted: wanted.to_owned(), found })
        }
        _ => Ok(()),
    }
}

/// The newest live items of `selection`, as [`SqliteStore::newest`] gives them.
pub(super) fn newest(
    connection: &Connection,
    selection: &Selection,
    limit: usize,
    also_since: Option<DateTime<Utc>>,
) -> Result<Vec<Item>, StoreError> {
    let scopes = scopes(selection);
    let since = also_since.map_or(i64::MAX, seconds);
    let fresh = since.saturating_sub(OLD_NEWS_DAYS * 24 * 3600);
    // By (published, ordinal), so that the scopes merge into one order.
    let mut newest: BTreeMap<(i64, u64), Item> = BTreeMap::new();
    let mut late: BTreeMap<(i64, u64), Item> = BTreeMap::new();
    let leads = |ordinal| stories::leads(connection, &scopes, ordinal);
    for scope in &scopes {
        let sql = format!("SELECT {COLUMNS} FROM {} LIMIT ?2", scope.newest());
        let wanted = params![scope.name(), i64::MAX];
        collect(connection, &sql, wanted, limit, leads, &mut newest)?;
        if also_since.is_some() {
            let sql = format!("SELECT {COLUMNS} FROM {}", scope.arrived());
            let wanted = params![scope.name(), since, fresh];
            collect(connection, &sql, wanted, usize::MAX, leads, &mut late)?;
        }
    }
    let mut chosen: BTreeMap<(i64, u64), Item> = newest.into_iter().rev().take(limit).collect();
    chosen.append(&mut late);
    let chosen = chosen.into_values().rev();
    match held_by(selection) {
        Some(name) => chosen.map(|item| as_released(connection, &name, item)).collect(),
        None => Ok(chosen.collect()),
    }
}

fn collect(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    limit: usize,
    leads: impl Fn(i64) -> Result<bool, StoreError>,
    into: &mut BTreeMap<(i64, u64), Item>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut left = limit;
    while left > 0
        && let Some(row) = rows.next()?
    {
        // The first column is the ordinal.
        if leads(row.get(0)?)? {
            let item = public_item(row)?;
            into.insert((item.published.timestamp(), item.ordinal), item);
            left -= 1;
        }
    }
    Ok(())
}

/// One indexed part of a selection.
pub(super) enum Scope {
    All,
    Site(String),
    Column(String),
    /// Members as last gathered.
    Members(String),
}

pub(super) fn scopes(selection: &Selection) -> Vec<Scope> {
    match selection {
        Selection::All => vec![Scope::All],
        Selection::Any { sites, columns } => {
            let sites = sites.iter().map(|site| Scope::Site(site.to_string()));
            sites.chain(columns.iter().map(|column| Scope::Column(column.to_string()))).collect()
        }
        Selection::Only { .. } | Selection::Released { .. } => {
            members::name(selection).map(Scope::Members).into_iter().collect()
        }
    }
}

/// The selection in whose state a feed that holds shows its items.
pub(super) fn held_by(selection: &Selection) -> Option<String> {
    match selection {
        Selection::Released { feed, .. } => Some(members::released(feed)),
        _ => None,
    }
}

/// Sites back-date their articles by days, not by weeks.
const OLD_NEWS_DAYS: i64 = 7;

impl Scope {
    /// Bound as `?1` in every query of the scope.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::All => "",
            Self::Site(name) | Self::Column(name) | Self::Members(name) => name,
        }
    }

    fn newest(&self) -> &'static str {
        match self {
            Self::All => {
                "item WHERE state = 'live' AND ?1 IS NOT NULL
                 ORDER BY published DESC, ordinal DESC"
            }
            Self::Site(_) => {
                "item WHERE state = 'live' AND site = ?1 ORDER BY published DESC, ordinal DESC"
            }
            Self::Column(_) => {
                "listed JOIN item USING (ordinal) WHERE state = 'live' AND column_id = ?1
                 ORDER BY listed.published DESC, listed.ordinal DESC"
            }
            Self::Members(_) => {
                "member JOIN item USING (ordinal) WHERE state = 'live' AND selection = ?1
                 ORDER BY member.published DESC, member.ordinal DESC"
            }
        }
    }

    fn arrived(&self) -> &'static str {
        match self {
            Self::All => "item WHERE state = 'live' AND ?1 IS NOT NULL AND first_seen >= ?2 AND item.published >= ?3",
            Self::Site(_) => "item WHERE state = 'live' AND site = ?1 AND first_seen >= ?2 AND item.published >= ?3",
            Self::Column(_) => {
                "listed JOIN item USING (ordinal)
                 WHERE state = 'live' AND column_id = ?1 AND listed.first_seen >= ?2 AND item.published >= ?3"
            }
            Self::Members(_) => {
                "member JOIN item USING (ordinal)
                 WHERE state = 'live' AND selection = ?1 AND member.first_seen >= ?2 AND item.published >= ?3"
            }
        }
    }

    pub(super) fn all(&self) -> &'static str {
        match self {
            Self::All => "item WHERE state = 'live' AND ?1 IS NOT NULL",
            Self::Site(_) => "item WHERE state = 'live' AND site = ?1",
            Self::Column(_) => {
                "listed JOIN item USING (ordinal) WHERE state = 'live' AND column_id = ?1"
            }
            Self::Members(_) => {
                "member JOIN item USING (ordinal) WHERE state = 'live' AND selection = ?1"
            }
        }
    }

    /// Live items, to be met in the order of changes: the condition on `item.seq` is appended.
    pub(super) fn changed(&self) -> &'static str {
        match self {
            Self::All => "item WHERE state = 'live' AND ?1 IS NOT NULL",
            // The order of changes is the narrower index.
            Self::Site(_) => "item WHERE state = 'live' AND +item.site = ?1",
            Self::Column(_) => {
                "item CROSS JOIN listed ON listed.ordinal = item.ordinal AND listed.column_id = ?1
                 WHERE state = 'live'"
            }
            Self::Members(_) => {
                "item CROSS JOIN member ON member.ordinal = item.ordinal AND member.selection = ?1
                 WHERE state = 'live'"
            }
        }
    }

    /// The item with the ordinal `?2`.
    pub(super) fn one(&self) -> &'static str {
        match self {
            Self::All => "item WHERE ordinal = ?2 AND ?1 IS NOT NULL",
            Self::Site(_) => "item WHERE ordinal = ?2 AND site = ?1",
            Self::Column(_) => "listed WHERE ordinal = ?2 AND column_id = ?1",
            Self::Members(_) => "member WHERE ordinal = ?2 AND selection = ?1",
        }
    }

    /// What is left of withdrawn items since `?2`. These are few, so they are walked, and never the
    /// items of the scope.
    pub(super) fn withdrawn(&self) -> &'static str {
        match self {
            Self::All => {
                "withdrawal CROSS JOIN item USING (ordinal)
                 WHERE state = 'withdrawn' AND taken >= ?2 AND ?1 IS NOT NULL"
            }
            Self::Site(_) => {
                "withdrawal CROSS JOIN item USING (ordinal)
                 WHERE state = 'withdrawn' AND taken >= ?2 AND site = ?1"
            }
            Self::Column(_) => {
                "withdrawal CROSS JOIN item USING (ordinal) CROSS JOIN listed USING (ordinal)
                 WHERE state = 'withdrawn' AND taken >= ?2 AND column_id = ?1"
            }
            Self::Members(_) => {
                "withdrawal CROSS JOIN item USING (ordinal) CROSS JOIN member USING (ordinal)
                 WHERE state = 'withdrawn' AND taken >= ?2 AND selection = ?1"
            }
        }
    }

    fn latest(&self) -> &'static str {
        match self {
            Self::All => "SELECT max(first_seen) FROM item WHERE state = 'live' AND ?1 IS NOT NULL",
            Self::Site(_) => "SELECT max(first_seen) FROM item WHERE state = 'live' AND site = ?1",
            Self::Column(_) => {
                "SELECT (SELECT listed.first_seen FROM listed JOIN item USING (ordinal)
                 WHERE state = 'live' AND column_id = ?1 ORDER BY listed.first_seen DESC LIMIT 1)"
            }
            Self::Members(_) => {
                "SELECT (SELECT member.first_seen FROM member JOIN item USING (ordinal)
                 WHERE state = 'live' AND selection = ?1 ORDER BY member.first_seen DESC LIMIT 1)"
            }
        }
    }
}
