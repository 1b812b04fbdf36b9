//! The command `takedown`: a picture or attachment that must not be shown any more, or may again.
//!
//! Works beside a running daemon: the order is one transaction, the bytes go at once, and the daemon
//! publishes what named the file without it. Without a daemon all of that is done here.

use std::sync::Arc;

use url::Url;

use crate::config::Config;
use crate::daemon::{self, machine_clock};
use crate::model::{AssetHash, Lang};
use crate::publish::Shelf;
use crate::store::{SqliteStore, StoreError, TakenDown, What};

use super::args::TakedownArgs;
use super::operate::{block_on, log_to_stderr};
use super::{Args, CANNOT_WORK, FINE, Failure, SOME_FAILED, USAGE, load, plain_path, print, say};

/// Takes a file down, or back.
pub(super) fn takedown(args: &Args, lang: Lang, asked: &TakedownArgs) -> Result<u8, Failure> {
    let config = load(args, lang)?;
    let Some(what) = what(&asked.file, &config) else {
        return Err(Failure { code: USAGE, message: say::no_file(lang, &asked.file) });
    };
    let data = &config.daemon.data;
    if !data.join("lianbo.db").exists() {
        let message = say::never_ran(lang, &plain_path(data));
        return Err(Failure { code: CANNOT_WORK, message });
    }
    log_to_stderr("lianbo=error");
    block_on(async {
        let done = carry_out(&config, what, asked.undo).await;
        let done = done.map_err(|error| Failure::of(&error, lang))?;
        print(&said(lang, &done, asked.undo))?;
        let fine = if asked.undo { done.changed } else { done.known };
        Ok(if fine { FINE } else { SOME_FAILED })
    })
}

/// A hash, an address of ours that ends in one, or any other address.
fn what(text: &str, config: &Config) -> Option<What> {
    if let Ok(hash) = text.parse::<AssetHash>() {
        return Some(What::Hash(hash));
    }
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let ours = url.as_str().strip_prefix(config.daemon.base_url.as_str());
    match ours.and_then(AssetHash::in_path) {
        Some(hash) => Some(What::Hash(hash)),
        None => Some(What::Address(url)),
    }
}

async fn carry_out(config: &Config, what: What, undo: bool) -> anyhow::Result<TakenDown> {
    let config = Arc::new(config.clone());
    let (pipeline, alone) = match daemon::open(Arc::clone(&config), machine_clock()).await {
        Ok(pipeline) => (pipeline, true),
        Err(error) if is_at_work(&error) => (daemon::open_beside(config, machine_clock())?, false),
        Err(error) => return Err(error),
    };
    let done = order(&pipeline.store, &pipeline.shelf, what, undo).await?;
    pipeline.rewrite_bundles(&done.issues).await?;
    if alone {
        daemon::publish_all(&pipeline).await?;
        pipeline.store.close().await?;
    }
    Ok(done)
}

/// Whether a daemon has the data folder.
fn is_at_work(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<StoreError>(), Some(StoreError::Locked(_)))
}

/// The record first: from then on nobody is served the file, whatever becomes of the bytes.
async fn order(
    store: &SqliteStore,
    shelf: &Shelf,
    what: What,
    undo: bool,
) -> anyhow::Result<TakenDown> {
    for asset in store.gather_originals().await? {
        shelf.remove(&asset.path()).await?;
    }
    if undo {
        return Ok(store.undo_takedown(what).await?);
    }
    let done = store.take_down(what, machine_clock()()).await?;
    for asset in &done.assets {
        shelf.remove(&asset.path()).await?;
    }
    Ok(done)
}

fn said(lang: Lang, done: &TakenDown, undo: bool) -> String {
    let paths: Vec<String> = done.assets.iter().map(crate::model::Asset::path).collect();
    match (undo, done.changed) {
        (true, true) => say::takedown_undone(lang, done.items),
        (true, false) => say::not_taken_down(lang),
        (false, _) if !done.known => say::barred(lang),
        (false, true) => say::taken_down(lang, &paths, done.items),
        (false, false) => say::taken_down_before(lang),
    }
}
