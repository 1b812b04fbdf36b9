//! The files that we hold, and how fetching them went.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use url::Url;

use crate::model::{Asset, AssetHash, AssetKind, Blemish, ColumnId, Custody, Holding, Item};

use super::row::{seconds, signed, unsigned};
use super::save::touch;
use super::{SqliteStore, StoreError, blemishes};

/// After the first failure a file is left alone for an hour, then twice as long each time.
const FIRST_WAIT_HOURS: i64 = 1;
/// After so many failures (about a day and a half) its original address is all there is.
const PATIENCE: u32 = 6;

/// A file that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Where it was.
    pub url: Url,
    /// What it is.
    pub asset: Asset,
}

/// How a file that was not fetched stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginalState {
    /// It is tried again later.
    Waiting,
    /// It was tried often enough.
    GivenUp,
}

impl SqliteStore {
    /// The asset with this hash, where we hold it and may.
    pub async fn asset(&self, hash: &AssetHash) -> Result<Option<Asset>, StoreError> {
        let hash = hash.clone();
        self.read(move |connection| asset_of(connection, hash.as_str())).await
    }

    /// Notes that the file at an address was fetched and stands where it is published; its items are
    /// told to clients again. Gives their columns, and false where it must not be shown: then it is
    /// not held, and nothing may stand there.
    ///
    /// The document's record comes with it: a kill leaves both or none.
    pub async fn take_into_custody(
        &self,
        taken: Taken,
        now: DateTime<Utc>,
    ) -> Result<(BTreeSet<ColumnId>, bool), StoreError> {
        self.write(move |transaction| {
            let Taken { url, asset } = taken;
            let is_held = !is_taken_down(transaction, asset.hash.as_str())?;
            if is_held {
                hold(transaction, &asset, now)?;
            }
            transaction
                .prepare_cached("DELETE FROM unsure WHERE path = ?1")?
                .execute([asset.path()])?;
            transaction
                .prepare_cached(
                    "UPDATE original SET hash = ?2, waiting = 0, code = NULL WHERE url = ?1",
                )?
                .execute([url.as_str(), asset.hash.as_str()])?;
            let items = transaction
                .prepare_cached("SELECT ordinal FROM named WHERE url = ?1 AND current ORDER BY 1")?
                .query_map([url.as_str()], |row| row.get(0))?
                .collect::<Result<Vec<i64>, _>>()?;
            Ok((touch_all(transaction, &items)?, is_held))
        })
        .await
    }

    /// Notes that the file at `url` was not fetched, and what that says of its site; it is left alone
    /// for a while.
    pub async fn file_failed(
        &self,
        url: &Url,
        code: &'static str,
        blemish: Option<Blemish>,
        now: DateTime<Utc>,
    ) -> Result<OriginalState, StoreError> {
        let url = url.clone();
        self.write(move |transaction| {
            if let Some(blemish) = &blemish {
                let site: Option<String> = transaction
                    .prepare_cached("SELECT site FROM original WHERE url = ?1")?
                    .query_row([url.as_str()], |row| row.get(0))
                    .optional()?;
                let site = site.unwrap_or_default();
                blemishes::note_file(transaction, &site, blemish, now)?;
            }
            let attempts: u32 = transaction
                .prepare_cached("SELECT attempts + 1 FROM original WHERE url = ?1")?
                .query_row([url.as_str()], |row| row.get(0))
                .optional()?
                .unwrap_or(1);
            let hours = FIRST_WAIT_HOURS << (attempts - 1).min(PATIENCE);
            let next = seconds(now + TimeDelta::hours(hours));
            transaction
                .prepare_cached(
                    "UPDATE original SET code = ?2, attempts = ?3, next_try = ?4, waiting = ?5
                     WHERE url = ?1",
                )?
                .execute(params![url.as_str(), code, attempts, next, attempts < PATIENCE])?;
            Ok(match attempts < PATIENCE {
                true => OriginalState::Waiting,
                false => OriginalState::GivenUp,
            })
        })
        .await
    }

    /// What we hold of the files that `items` name, and which of them must not be shown.
    pub async fn custody(&self, items: &[Item]) -> Result<Custody, StoreError> {
        let urls: Vec<Url> = items
            .iter()
            .flat_map(|item| {
                let files = item.attachments.iter().map(|file| &file.url);
                item.images.iter().map(|image| &image.url).chain(files).cloned()
            })
            .collect();
        self.read(move |connection| {
            let mut custody = Custody::default();
            for url in urls {
                if let Some(holding) = holding(connection, &url)? {
                    custody.insert(&url, holding);
                }
            }
            Ok(custody)
        })
        .await
    }

    /// Whether the asset was held once, or could be, and must not be served.
    pub async fn is_gone(&self, hash: &AssetHash) -> Result<bool, StoreError> {
        let hash = hash.clone();
        self.read(move |connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM asset WHERE hash = ?1 AND gone)
                           OR EXISTS (SELECT 1 FROM takedown WHERE what = ?1)";
            Ok(connection.prepare_cached(sql)?.query_row([hash.as_str()], |row| row.get(0))?)
        })
        .await
    }

    /// Whether files with this hash must not be shown, by order of a person.
    pub async fn is_banned(&self, hash: &AssetHash) -> Result<bool, StoreError> {
        let hash = hash.clone();
        self.read(move |connection| is_taken_down(connection, hash.as_str())).await
    }

    /// Everything that was held once and is gone: nothing may stand at its place.
    pub async fn gone_assets(&self) -> Result<Vec<Asset>, StoreError> {
        self.read(|connection| {
            let sql = "SELECT hash, kind, size_bytes, width, height FROM asset WHERE gone";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(asset(row)?);
            }
            Ok(found)
        })
        .await
    }

    /// Notes that the bytes at `paths` are not where they were published: the files are fetched
    /// again, and until then their original addresses stand in.
    pub async fn lose_assets(&self, paths: Vec<String>) -> Result<(), StoreError> {
        let lost: Vec<AssetHash> =
            paths.iter().filter_map(|path| AssetHash::in_path(path)).collect();
        if lost.is_empty() {
            return Ok(());
        }
        self.write(move |transaction| {
            for hash in lost {
                let items = items_of(transaction, hash.as_str())?;
                transaction
                    .prepare_cached(
                        "UPDATE original SET hash = NULL, waiting = 1, attempts = 0, next_try = 0
                         WHERE hash IN (SELECT hash FROM asset WHERE hash = ?1 AND NOT gone)",
                    )?
                    .execute([hash.as_str()])?;
                let dropped = transaction
                    .prepare_cached("DELETE FROM asset WHERE hash = ?1 AND NOT gone")?
                    .execute([hash.as_str()])?;
                if dropped > 0 {
                    touch_all(transaction, &items)?;
                }
            }
            Ok(())
        })
        .await
    }
}

/// The asset with this hash, where we hold it.
pub(super) fn asset_of(connection: &Connection, hash: &str) -> Result<Option<Asset>, StoreError> {
    let sql = "SELECT hash, kind, size_bytes, width, height FROM asset
               WHERE hash = ?1 AND NOT gone";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([hash])?;
    rows.next()?.map(asset).transpose()
}

fn asset(row: &Row<'_>) -> Result<Asset, StoreError> {
    let corrupt = || StoreError::Corrupt("a record of an asset".to_owned());
    let (hash, kind): (String, String) = (row.get(0)?, row.get(1)?);
    let (width, height): (Option<u32>, Option<u32>) = (row.get(3)?, row.get(4)?);
    Ok(Asset {
        hash: hash.parse().map_err(|()| corrupt())?,
        kind: AssetKind::from_extension(&kind).ok_or_else(corrupt)?,
        size_bytes: unsigned(row.get(2)?),
        size_px: width.zip(height),
    })
}

fn hold(
    transaction: &Transaction<'_>,
    asset: &Asset,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (width, height) = asset.size_px.unzip();
    transaction
        .prepare_cached("INSERT OR REPLACE INTO asset VALUES (?1, ?2, ?3, ?4, ?5, 0)")?
        .execute(params![
            asset.hash.as_str(),
            asset.kind.extension(),
            signed(asset.size_bytes),
            width,
            height
        ])?;
    // The bytes at this path are always the same, and so is their validator.
    let etag = format!("\"{}\"", asset.hash);
    transaction
        .prepare_cached("INSERT INTO document VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?
        .execute(params![asset.path(), etag, asset.kind.media_type(), seconds(now)])?;
    Ok(())
}

/// Notes that an asset is gone, and that nothing is published in its place.
pub(super) fn let_go(transaction: &Transaction<'_>, asset: &Asset) -> Result<(), StoreError> {
    let hash = asset.hash.as_str();
    transaction.prepare_cached("UPDATE asset SET gone = 1 WHERE hash = ?1")?.execute([hash])?;
    transaction.prepare_cached("DELETE FROM document WHERE path = ?1")?.execute([asset.path()])?;
    Ok(())
}

fn holding(connection: &Connection, url: &Url) -> Result<Option<Holding>, StoreError> {
    let hash: Option<Option<String>> = connection
        .prepare_cached("SELECT hash FROM original WHERE url = ?1")?
        .query_row([url.as_str()], |row| row.get(0))
        .optional()?;
    let hash = hash.flatten();
    let banned = |what: &str| is_taken_down(connection, what);
    if banned(url.as_str())? || hash.as_deref().map(banned).transpose()?.unwrap_or(false) {
        return Ok(Some(Holding::TakenDown));
    }
    let Some(hash) = hash else { return Ok(None) };
    Ok(asset_of(connection, &hash)?.map(Holding::Held))
}

/// Whether this hash or address must not be shown.
pub(super) fn is_taken_down(connection: &Connection, what: &str) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM takedown WHERE what = ?1)";
    Ok(connection.prepare_cached(sql)?.query_row([what], |row| row.get(0))?)
}

/// The items that name a file with this hash.
pub(super) fn items_of(transaction: &Transaction<'_>, hash: &str) -> Result<Vec<i64>, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT DISTINCT named.ordinal FROM original JOIN named ON named.url = original.url
         WHERE original.hash = ?1 AND named.current ORDER BY 1",
    )?;
    let items = statement.query_map([hash], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(items)
}

/// Tells clients of `items` again; their dates stay. Gives their columns.
pub(super) fn touch_all(
    transaction: &Transaction<'_>,
    items: &[i64],
) -> Result<BTreeSet<ColumnId>, StoreError> {
    let mut columns = BTreeSet::new();
    for &ordinal in items {
        touch(transaction, ordinal)?;
        let mut listed =
            transaction.prepare_cached("SELECT column_id FROM listed WHERE ordinal = ?1")?;
        let names = listed.query_map([ordinal], |row| row.get::<_, String>(0))?;
        for name in names {
            columns.extend(name?.parse::<ColumnId>());
        }
    }
    Ok(columns)
}
