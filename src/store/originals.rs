//! Which files the items name, and which of them are still to be fetched.
//!
//! Brought up to date from the changes since the last time, as members of selections are.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use url::Url;

use crate::model::{Asset, Item, ItemState, Seq, SiteId};

use super::assets::asset_of;
use super::row::{COLUMNS, item, seconds, signed, unsigned};
use super::{SqliteStore, StoreError};

/// Items looked through in one batch.
const BATCH: u32 = 500;
/// The mark up to which change that was done.
const MARK: &str = "custody";

/// What a file is to its item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It is shown in the body.
    Picture,
    /// It is offered.
    Attachment,
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Attachment => "attachment",
        }
    }
}

/// How many files are asked for, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Files {
    /// What they are to their items.
    pub role: Role,
    /// Of one item at most.
    pub per_item: u32,
    /// In all at most.
    pub limit: u32,
}

/// A file that is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedFile {
    /// Where it is.
    pub url: Url,
    /// What it is to its item.
    pub role: Role,
    /// The article that names it.
    pub article: Url,
    /// The number of that item.
    pub ordinal: u64,
    /// Bytes of files of that item that we hold already.
    pub held_bytes: u64,
}

impl SqliteStore {
    /// Brings up to date which files the items name. Gives the assets whose last item was withdrawn:
    /// they are gone from the records, and their bytes are to be removed.
    pub async fn gather_originals(&self) -> Result<Vec<Asset>, StoreError> {
        let mut gone = Vec::new();
        loop {
            let items = self.read(|connection| changed(connection)).await?;
            let Some(last) = items.last().map(|item| item.seq) else { return Ok(gone) };
            let retired = self
                .write(move |transaction| {
                    let mut retired = Vec::new();
                    for item in &items {
                        match item.state {
                            ItemState::Live => note(transaction, item)?,
                            ItemState::Held => {}
                            ItemState::Withdrawn => {
                                retired.extend(retire(transaction, item.ordinal)?);
                            }
                        }
                    }
                    transaction
                        .prepare_cached(
                            "INSERT INTO mark VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE
                             SET value = max(CAST(value AS INTEGER), CAST(?2 AS INTEGER))",
                        )?
                        .execute(params![MARK, last.to_string()])?;
                    Ok(retired)
                })
                .await?;
            gone.extend(retired);
        }
    }

    /// The files of `site` whose time has come, those of the newest items first.
    pub async fn wanted_files(
        &self,
        site: &SiteId,
        files: Files,
        now: DateTime<Utc>,
    ) -> Result<Vec<WantedFile>, StoreError> {
        let site = site.clone();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT original.url, json_extract(item.content, '$.url'), item.ordinal,
                        (SELECT coalesce(sum(asset.size_bytes), 0)
                         FROM named AS other
                         JOIN original AS fetched ON fetched.url = other.url
                         JOIN asset ON asset.hash = fetched.hash
                         WHERE other.ordinal = item.ordinal AND other.current)
                 FROM original
                 JOIN item ON item.ordinal = original.ordinal
                 JOIN named ON named.ordinal = item.ordinal AND named.url = original.url
                 WHERE original.site = ?1 AND original.role = ?2 AND original.waiting
                   AND original.next_try <= ?3 AND item.state = 'live'
                   AND named.current AND named.place < ?4
                 ORDER BY original.ordinal DESC, named.place, original.url LIMIT ?5",
            )?;
            let Files { role, per_item, limit } = files;
            let wanted = params![site.as_str(), role.as_str(), seconds(now), per_item, limit];
            let mut rows = statement.query(wanted)?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(WantedFile {
                    url: address(row.get(0)?)?,
                    role,
                    article: address(row.get(1)?)?,
                    ordinal: unsigned(row.get(2)?),
                    held_bytes: unsigned(row.get(3)?),
                });
            }
            Ok(found)
        })
        .await
    }
}

impl SqliteStore {
    /// The codes of the failures of `site` that are to be tried again.
    pub async fn failing_files(
        &self,
        site: &SiteId,
        role: Role,
    ) -> Result<Vec<String>, StoreError> {
        let site = site.clone();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT DISTINCT original.code FROM original
                 JOIN item ON item.ordinal = original.ordinal
                 JOIN named ON named.ordinal = item.ordinal AND named.url = original.url
                 WHERE original.site = ?1 AND original.role = ?2 AND original.waiting
                   AND original.code IS NOT NULL AND item.state = 'live' AND named.current
                 ORDER BY original.code",
            )?;
            let codes = statement.query_map([site.as_str(), role.as_str()], |row| row.get(0))?;
            Ok(codes.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn address(text: String) -> Result<Url, StoreError> {
    Url::parse(&text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The next items that changed since the files were last gathered.
fn changed(connection: &Connection) -> Result<Vec<Item>, StoreError> {
    let done: Option<String> = connection
        .prepare_cached("SELECT value FROM mark WHERE name = ?1")?
        .query_row([MARK], |row| row.get(0))
        .optional()?;
    let done: Seq = done.and_then(|text| text.parse().ok()).unwrap_or(0);
    let sql = format!("SELECT {COLUMNS} FROM item WHERE seq > ?1 ORDER BY seq LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![signed(done), BATCH])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(item(row)?);
    }
    Ok(items)
}

/// Notes the files that a live item names now.
fn note(transaction: &Transaction<'_>, item: &Item) -> Result<(), StoreError> {
    let ordinal = signed(item.ordinal);
    transaction
        .prepare_cached("UPDATE named SET current = 0 WHERE ordinal = ?1")?
        .execute([ordinal])?;
    let pictures = item.images.iter().map(|image| (&image.url, Role::Picture));
    let files = item.attachments.iter().map(|file| (&file.url, Role::Attachment));
    let mut places = [0_u32; 2];
    for (url, role) in pictures.chain(files) {
        let place = &mut places[usize::from(role == Role::Attachment)];
        transaction
            .prepare_cached(
                "INSERT INTO named VALUES (?1, ?2, ?3, 1)
                 ON CONFLICT DO UPDATE SET place = CASE WHEN current THEN min(place, excluded.place)
                                                        ELSE excluded.place END, current = 1",
            )?
            .execute(params![ordinal, url.as_str(), *place])?;
        *place += 1;
        transaction
            .prepare_cached(
                "INSERT INTO original VALUES
                   (?1, ?2, ?3, ?4, ?1 NOT IN (SELECT what FROM takedown), NULL, NULL, 0, 0)
                 ON CONFLICT (url) DO UPDATE SET site = excluded.site, ordinal = excluded.ordinal
                 WHERE excluded.ordinal > original.ordinal",
            )?
            .execute(params![url.as_str(), role.as_str(), item.site.as_str(), ordinal])?;
        // What went with its items is fetched anew when one comes back.
        transaction
            .prepare_cached(
                "UPDATE original SET hash = NULL, waiting = 1, attempts = 0, next_try = 0
                 WHERE url = ?1 AND hash IN (SELECT hash FROM asset WHERE gone)
                   AND hash NOT IN (SELECT what FROM takedown)
                   AND url NOT IN (SELECT what FROM takedown)",
            )?
            .execute([url.as_str()])?;
    }
    Ok(())
}

/// Lets go of what only withdrawn items name.
fn retire(transaction: &Transaction<'_>, ordinal: u64) -> Result<Vec<Asset>, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT DISTINCT original.hash FROM named JOIN original ON original.url = named.url
         JOIN asset ON asset.hash = original.hash AND NOT asset.gone
         WHERE named.ordinal = ?1 AND NOT EXISTS
           (SELECT 1 FROM original AS same JOIN named AS other ON other.url = same.url
            JOIN item ON item.ordinal = other.ordinal
            WHERE same.hash = original.hash AND item.state = 'live')",
    )?;
    let hashes: Vec<String> =
        statement.query_map([signed(ordinal)], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut retired = Vec::new();
    for hash in hashes {
        if let Some(asset) = asset_of(transaction, &hash)? {
            super::assets::let_go(transaction, &asset)?;
            retired.push(asset);
        }
    }
    Ok(retired)
}
