//! Who tells a story, for those who ask.

use rusqlite::{Connection, OptionalExtension};

use crate::model::{Item, ItemId, SiteId};
use crate::text::story::{Likeness, original};

use super::super::row::{COLUMNS, item, signed};
use super::super::{SqliteStore, StoreError};
use super::claims::claims;
use super::nearest::{closeness, compared};
use super::{story_of, whole};

/// The other items of the item's story, whole, whatever their state, in their order.
pub(in crate::store) fn told_by(
    connection: &Connection,
    ordinal: i64,
) -> Result<Vec<Item>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM telling AS first
         JOIN telling AS second ON second.story = first.story AND second.ordinal <> first.ordinal
         JOIN item ON item.ordinal = second.ordinal
         WHERE first.ordinal = ?1 ORDER BY second.place"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([ordinal])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(item(row)?);
    }
    Ok(found)
}

/// One of those that tell a story, for operators.
#[derive(Clone, Debug, PartialEq)]
pub struct Teller {
    /// The item, whole.
    pub item: Item,
    /// The site that its credit names, where that is a known one.
    pub credits: Option<SiteId>,
    /// True for the one whose story it is.
    pub is_original: bool,
    /// How it compares with the nearest of the others.
    pub likeness: Option<Likeness>,
}

impl SqliteStore {
    /// All that tell the story of the item `id`, who stands for it first; none where it is alone.
    pub async fn story(&self, id: &ItemId) -> Result<Vec<Teller>, StoreError> {
        let id = id.clone();
        self.read(move |connection| {
            let sql = "SELECT ordinal FROM item WHERE id = ?1";
            let ordinal: Option<i64> = connection
                .prepare_cached(sql)?
                .query_row([id.as_str()], |row| row.get(0))
                .optional()?;
            let story = match ordinal {
                Some(ordinal) => story_of(connection, ordinal)?,
                None => None,
            };
            let Some(story) = story else { return Ok(Vec::new()) };
            let claims = claims(connection, story)?;
            let original = original(&claims).map(|at| claims[at].ordinal);
            let mut tellers: Vec<Teller> = Vec::new();
            for claim in &claims {
                let Some(item) = whole(connection, signed(claim.ordinal))? else { continue };
                let is_original = original == Some(claim.ordinal);
                let credits = claim.credits.clone();
                tellers.push(Teller { item, credits, is_original, likeness: None });
            }
            for at in 0..tellers.len() {
                let own = &tellers[at].item;
                let others = tellers.iter().filter(|other| other.item.ordinal != own.ordinal);
                let near = others.map(|other| compared(own, &other.item));
                tellers[at].likeness = near.max_by(|a, b| closeness(a).total_cmp(&closeness(b)));
            }
            Ok(tellers)
        })
        .await
    }
}
