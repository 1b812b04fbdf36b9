//! Changes of items in their order, as a client reads them with a cursor.
//!
//! A client that goes on from the `next` it was told hears of every change once: an item that changed
//! again stands at its new place only. What one question costs is bounded; where nothing of what was
//! looked through is told, `next` moves on all the same.

use rusqlite::params;

use crate::model::{Item, ItemState, Seq};

use super::filter::Filter;
use super::row::{COLUMNS, HEARD_OF, public_item, signed, unsigned};
use super::{SqliteStore, StoreError};

/// Items looked at for one answer at most.
const MOST_LOOKED_AT: usize = 2_000;
/// Texts of one answer in bytes at most, beyond the first item.
const MOST_BYTES: usize = 4_000_000;

/// Changes, and where the next are to be asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// In the order of their changes.
    pub told: Vec<Told>,
    /// The number to go on after.
    pub next: Seq,
    /// True when there is more at once.
    pub more: bool,
}

/// One change as a client is to take it.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// The item as it is now, new or changed.
    Item(Box<Item>),
    /// It was withdrawn.
    Withdrawn(Box<Item>),
    /// It changed and is no longer among those asked for; an earlier answer may have told of it.
    Outside(Box<Item>),
}

impl Told {
    /// The item, whatever became of it.
    pub fn item(&self) -> &Item {
        match self {
            Self::Item(item) | Self::Withdrawn(item) | Self::Outside(item) => item,
        }
    }
}

impl SqliteStore {
    /// What changed after `after`, up to the change `up_to`, of the items that `filter` holds.
    pub async fn changes(
        &self,
        filter: Filter,
        after: Seq,
        up_to: Seq,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        self.read(move |connection| {
            let sql = format!(
                "SELECT {COLUMNS}, item.born AS born FROM item
                 WHERE seq > ?1 AND seq <= ?2 AND {HEARD_OF} ORDER BY seq"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![signed(after), signed(up_to)])?;
            let mut changes = Changes { next: after, ..Changes::default() };
            let (mut looked_at, mut bytes) = (0, 0);
            while let Some(row) = rows.next()? {
                let full = changes.told.len() >= limit || bytes >= MOST_BYTES;
                if full || looked_at >= MOST_LOOKED_AT {
                    changes.more = true;
                    return Ok(changes);
                }
                looked_at += 1;
                let (item, born) = (public_item(row)?, unsigned(row.get("born")?));
                changes.next = item.seq;
                bytes += item.html.len() + item.text.len();
                let Some(item) = filter.let_in(connection, item)? else { continue };
                changes.told.extend(told(&filter, item, born <= after));
            }
            changes.next = changes.next.max(up_to);
            Ok(changes)
        })
        .await
    }

    /// Up to which change everything is published, in whatever look.
    pub async fn published_seq(&self) -> Result<Seq, StoreError> {
        self.read(|connection| {
            let sql = "SELECT CAST(substr(value, instr(value, ' ') + 1) AS INTEGER)
                       FROM mark WHERE name = 'pages'";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            Ok(rows.next()?.map(|row| row.get(0)).transpose()?.map_or(0, unsigned))
        })
        .await
    }
}

/// What a client is told of `item`, which it `may_know`; `None` where it is none of its business.
fn told(filter: &Filter, item: Item, may_know: bool) -> Option<Told> {
    let item = Box::new(item);
    if filter.holds(&item) {
        return Some(Told::Item(item));
    }
    if !filter.may_have_held(&item) {
        return None;
    }
    match item.state {
        ItemState::Live => may_know.then_some(Told::Outside(item)),
        // Whoever read of it elsewhere wants to know, too.
        ItemState::Withdrawn => Some(Told::Withdrawn(item)),
        ItemState::Held => None,
    }
}
