//! Where editors work: on the data folder itself, or beside the daemon that has it.
//!
//! A change is one transaction of the database, which names the columns whose feeds are to follow.
//! Where a daemon runs, it publishes them within a second or so, and this waits for it; where none
//! does, they are published from here.

use std::sync::Arc;
use std::time::Duration;

use crate::cli::named;
use crate::cli::operate::log_to_stderr;
use crate::cli::{Args, CANNOT_WORK, Failure, SOME_FAILED, USAGE, load, plain_path, say};
use crate::config::Config;
use crate::daemon::{self, machine_clock};
use crate::model::{Item, Lang};
use crate::pipeline::Pipeline;
use crate::store::{SqliteStore, StoreError};

/// How long the daemon is waited for.
const PATIENCE: u32 = 120;
/// Between two looks whether it has published.
const LOOK: Duration = Duration::from_millis(250);

/// The records, and who publishes.
pub(super) struct Desk {
    pub(super) config: Arc<Config>,
    pub(super) store: SqliteStore,
    pub(super) lang: Lang,
    /// `None` while a daemon has the folder.
    own: Option<Pipeline>,
}

impl Desk {
    pub(super) async fn open(args: &Args, lang: Lang) -> Result<Self, Failure> {
        let config = Arc::new(load(args, lang)?);
        log_to_stderr("lianbo=error");
        let data = &config.daemon.data;
        if !data.join("lianbo.db").is_file() {
            let message = say::never_ran(lang, &plain_path(data));
            return Err(Failure { code: CANNOT_WORK, message });
        }
        let opened = daemon::open(Arc::clone(&config), machine_clock()).await;
        let (store, own) = match opened {
            Ok(pipeline) => (pipeline.store.clone(), Some(pipeline)),
            Err(error) => match error.downcast_ref::<StoreError>() {
                Some(StoreError::Locked(_)) => {
                    let store = SqliteStore::open_beside(data);
                    (store.map_err(|error| Failure::of(&error.into(), lang))?, None)
                }
                _ => return Err(Failure::of(&error, lang)),
            },
        };
        Ok(Self { config, store, lang, own })
    }

    pub(super) fn fine<T>(&self, result: Result<T, StoreError>) -> Result<T, Failure> {
        result.map_err(|error| Failure::of(&error.into(), self.lang))
    }

    /// The items that `named` name: by id, by `SITE/KEY`, by their page here, by their address.
    pub(super) async fn items(&self, named: &[String]) -> Result<Vec<Item>, Failure> {
        let mut items = Vec::new();
        for name in named {
            let id = self.fine(named::id(&self.store, &self.config, name).await)?;
            let item = match id {
                Some(id) => self.fine(self.store.item(&id).await)?,
                None => None,
            };
            match item {
                Some(item) => items.push(item),
                None => {
                    return Err(Failure { code: USAGE, message: say::no_item(self.lang, name) });
                }
            }
        }
        Ok(items)
    }

    /// Has the feeds follow what was changed, and says so; the exit code.
    pub(super) async fn follow(self) -> Result<u8, Failure> {
        match &self.own {
            Some(pipeline) => {
                let published = self.fine(pipeline.publish_out_of_turn().await)?;
                for fault in &published.faults {
                    eprintln!("{}", say::problem(self.lang, fault.code, &fault.detail));
                }
                self.fine(self.store.close().await)?;
                eprintln!("{}", say::followed(self.lang));
                Ok(if published.faults.is_empty() { super::FINE } else { SOME_FAILED })
            }
            None => {
                for _ in 0..PATIENCE {
                    if self.fine(self.store.unpublished().await)?.1 == 0 {
                        eprintln!("{}", say::followed(self.lang));
                        return Ok(super::FINE);
                    }
                    tokio::time::sleep(LOOK).await;
                }
                eprintln!("{}", say::not_followed(self.lang));
                Ok(SOME_FAILED)
            }
        }
    }
}
