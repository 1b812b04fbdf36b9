//! Files that must not be shown, by order of a person; made beside a running daemon.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Transaction, params};
use url::Url;

use crate::model::{Asset, AssetHash, IssueId};

use super::assets::{asset_of, items_of, let_go};
use super::row::seconds;
use super::save::touch;
use super::withdrawals::announce;
use super::{SqliteStore, StoreError, issues};

/// What is taken down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// All files with these bytes.
    Hash(AssetHash),
    /// The file at this address, and all with the bytes that it has.
    Address(Url),
}

/// What a takedown, or taking one back, did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenDown {
    /// Assets whose bytes are to be removed.
    pub assets: Vec<Asset>,
    /// How many items named the file.
    pub items: usize,
    /// Issues that print it: their bundles hold it until they are written anew.
    pub issues: Vec<IssueId>,
    /// False where no such file was ever named or held.
    pub known: bool,
    /// False where nothing was changed by it.
    pub changed: bool,
}

impl SqliteStore {
    /// Takes a file down: it is served and rendered no more, and does not come back.
    pub async fn take_down(&self, what: What, now: DateTime<Utc>) -> Result<TakenDown, StoreError> {
        self.write(move |transaction| {
            let (names, items) = affected(transaction, &what)?;
            let issues = issues::drop_pictures(transaction, &names)?;
            let known = !issues.is_empty() || is_known(transaction, &names)?;
            let mut done = TakenDown { items: items.len(), issues, known, ..TakenDown::default() };
            for name in &names {
                let added = transaction.execute(
                    "INSERT INTO takedown VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                    params![name, seconds(now)],
                )?;
                done.changed |= added > 0;
                transaction.execute(
                    "UPDATE original SET waiting = 0 WHERE url = ?1 OR hash = ?1",
                    [name],
                )?;
                if let Some(asset) = asset_of(transaction, name)? {
                    let_go(transaction, &asset)?;
                    done.assets.push(asset);
                }
            }
            if done.changed {
                tell(transaction, &items)?;
            }
            Ok(done)
        })
        .await
    }

    /// Takes a takedown back; the file is fetched again, if it is still where it was.
    pub async fn undo_takedown(&self, what: What) -> Result<TakenDown, StoreError> {
        self.write(move |transaction| {
            let (names, items) = affected(transaction, &what)?;
            let known = is_known(transaction, &names)?;
            let mut done = TakenDown { items: items.len(), known, ..TakenDown::default() };
            for name in &names {
                let removed =
                    transaction.execute("DELETE FROM takedown WHERE what = ?1", [name])?;
                if removed == 0 {
                    continue;
                }
                done.changed = true;
                transaction.execute(
                    "UPDATE original SET hash = NULL, waiting = 1, attempts = 0, next_try = 0
                     WHERE url = ?1 OR hash = ?1",
                    [name],
                )?;
                transaction.execute("DELETE FROM asset WHERE hash = ?1 AND gone", [name])?;
            }
            if done.changed {
                tell(transaction, &items)?;
            }
            Ok(done)
        })
        .await
    }
}

/// What goes by other names too, and the items that name it: an address has the hash of its bytes.
fn affected(
    transaction: &Transaction<'_>,
    what: &What,
) -> Result<(Vec<String>, Vec<i64>), StoreError> {
    let mut items = BTreeSet::new();
    let names = match what {
        What::Hash(hash) => vec![hash.to_string()],
        What::Address(url) => {
            let mut named = transaction
                .prepare_cached("SELECT ordinal FROM named WHERE url = ?1 AND current")?;
            let found = named.query_map([url.as_str()], |row| row.get::<_, i64>(0))?;
            items.extend(found.collect::<Result<Vec<_>, _>>()?);
            let hash: Option<Option<String>> = transaction
                .prepare_cached("SELECT hash FROM original WHERE url = ?1")?
                .query_row([url.as_str()], |row| row.get(0))
                .optional()?;
            std::iter::once(url.to_string()).chain(hash.flatten()).collect()
        }
    };
    for name in &names {
        items.extend(items_of(transaction, name)?);
    }
    Ok((names, items.into_iter().collect()))
}

/// Whether any item ever named one of `names`, or a file was held under one.
fn is_known(transaction: &Transaction<'_>, names: &[String]) -> Result<bool, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM named WHERE url = ?1)
             OR EXISTS (SELECT 1 FROM original WHERE url = ?1 OR hash = ?1)
             OR EXISTS (SELECT 1 FROM asset WHERE hash = ?1)",
    )?;
    for name in names {
        if statement.query_row([name], |row| row.get(0))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The items changed, and what they stand in is to be published at once.
fn tell(transaction: &Transaction<'_>, items: &[i64]) -> Result<(), StoreError> {
    for &ordinal in items {
        touch(transaction, ordinal)?;
        announce(transaction, ordinal)?;
    }
    Ok(())
}
