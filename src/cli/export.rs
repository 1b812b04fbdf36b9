//! The command `export`: items in files, as readers may see them.
//!
//! Reads the database and the published pictures beside a running daemon; nothing is fetched, and
//! nothing of ours is changed.

mod out;
mod wanted;

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::config::Config;
use crate::model::{AssetHash, Extent, Item, Lang};
use crate::pipeline;
use crate::publish::Shelf;
use crate::render::{Names, Parcel, PublicSite};
use crate::store::{SqliteStore, StoreError};

use super::args::ExportArgs;
use super::operate::{block_on, log_to_stderr};
use super::progress::Progress;
use super::{Args, CANNOT_WORK, FINE, Failure, SOME_FAILED, load, plain_path, say};
use out::{Out, Written};
use wanted::{Left, Wanted};

/// What items are taken from.
struct Desk {
    config: Config,
    store: SqliteStore,
    shelf: Option<Shelf>,
    site: PublicSite,
    names: Names,
    lang: Lang,
}

/// What came of it.
#[derive(Default)]
struct Tally {
    written: usize,
    /// Something was left out, and named with the reason.
    left: bool,
    failed: bool,
}

/// `lianbo export`.
pub(super) fn export(args: &Args, lang: Lang, asked: &ExportArgs) -> Result<u8, Failure> {
    let config = load(args, lang)?;
    let wanted = Wanted::of(asked, &config, lang)?;
    log_to_stderr("lianbo=error");
    let data = &config.daemon.data;
    if !data.join("lianbo.db").is_file() {
        let message = say::never_ran(lang, &plain_path(data));
        return Err(Failure { code: CANNOT_WORK, message });
    }
    let mut out = Out::open(asked, config.daemon.lang, &config.daemon.title, lang)?;
    block_on(async {
        let desk = Desk::open(config, lang)?;
        let mut tally = Tally::default();
        let progress = Progress::new(wanted.size(&desk).await?);
        let result = desk.hand_on(wanted, &mut out, &mut tally, &progress).await;
        progress.finish();
        result?;
        if tally.written == 0 {
            // An empty file would look like an answer.
            let told = match tally.left {
                true => say::exported(lang, 0),
                false => say::nothing_to_export(lang).to_owned(),
            };
            eprintln!("{told}");
            return Ok(SOME_FAILED);
        }
        out.end()?;
        eprintln!("{}", say::exported(lang, tally.written));
        Ok(if tally.failed { SOME_FAILED } else { FINE })
    })
}

impl Desk {
    fn open(config: Config, lang: Lang) -> Result<Self, Failure> {
        let store = SqliteStore::open_read_only(&config.daemon.data)
            .map_err(|error| Failure::of(&error.into(), lang))?;
        // Without published files there are no pictures to read.
        let shelf = Shelf::beside(&config.daemon.data.join("public")).ok();
        let (site, names) = (pipeline::public_site(&config), pipeline::names(&config));
        Ok(Self { config, store, shelf, site, names, lang })
    }

    fn fine<T>(&self, result: Result<T, StoreError>) -> Result<T, Failure> {
        result.map_err(|error| Failure::of(&error.into(), self.lang))
    }

    async fn hand_on(
        &self,
        mut wanted: Wanted,
        out: &mut Out,
        tally: &mut Tally,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let left = wanted.left_out(self).await?;
        // Of a span it is no fault that something of it is not public.
        tally.left |= !left.is_empty();
        tally.failed |= wanted.is_named() && tally.left;
        for Left { item, why } in left {
            progress.aside(|| eprintln!("{}", say::not_exported(self.lang, &line(&item), &why)));
        }
        while let Some((items, looked_at)) = wanted.next(self).await? {
            for item in &items {
                match self.one(item, out, progress).await? {
                    Written::Whole => tally.written += 1,
                    Written::There(path) => {
                        let why = say::file_there(self.lang, &path);
                        progress.aside(|| {
                            eprintln!("{}", say::not_exported(self.lang, &line(item), &why));
                        });
                        (tally.left, tally.failed) = (true, true);
                    }
                    Written::Closed => return Ok(()),
                }
            }
            progress.advance(looked_at);
        }
        Ok(())
    }

    async fn one(
        &self,
        item: &Item,
        out: &mut Out,
        progress: &Progress,
    ) -> Result<Written, Failure> {
        let custody = self.fine(self.store.custody(std::slice::from_ref(item)).await)?;
        let none = BTreeMap::new();
        let parcel =
            Parcel { item, custody: &custody, names: &self.names, site: &self.site, bytes: &none };
        let bytes = if out.wants_files() { self.bytes(&parcel).await? } else { none.clone() };
        let parcel = Parcel { bytes: &bytes, ..parcel };
        let written = progress.aside(|| out.write(&parcel, self.lang))?;
        if matches!(written, Written::Whole) {
            for note in self.notes(&parcel, out) {
                let told = say::shortened_item(self.lang, &line(item), &note);
                progress.aside(|| eprintln!("{told}"));
            }
        }
        Ok(written)
    }

    /// The bytes of what we hold of the item's files, as far as they stand where they should.
    async fn bytes(&self, parcel: &Parcel<'_>) -> Result<BTreeMap<AssetHash, Bytes>, Failure> {
        let mut bytes = BTreeMap::new();
        let Some(shelf) = &self.shelf else { return Ok(bytes) };
        for asset in parcel.held() {
            let found = shelf.get(&asset.path()).await;
            let found = found.map_err(|error| Failure::of(&error.into(), self.lang))?;
            bytes.extend(found.map(|found| (asset.hash.clone(), found)));
        }
        Ok(bytes)
    }

    /// What readers of the file should know is missing.
    fn notes(&self, parcel: &Parcel<'_>, out: &Out) -> Vec<String> {
        let mut notes = Vec::new();
        if parcel.item.extent == Extent::Summary {
            notes.push(say::is_summary(self.lang).to_owned());
        }
        if parcel.item.partial {
            notes.push(say::is_partial(self.lang).to_owned());
        }
        let links = parcel.linked_pictures();
        if out.wants_files() && links > 0 {
            notes.push(say::not_embedded(self.lang, links));
        }
        notes
    }
}

/// Date, title, and the name by which commands take it.
fn line(item: &Item) -> String {
    let title = if item.title.is_empty() { "–" } else { item.title.as_str() };
    format!("{}  {title}  {}/{}", item.published.format("%Y-%m-%d"), item.site, item.key)
}
