//! Where editors work: on the data folder itself, or beside the daemon that has it.
//!
//! A change is one transaction of the database, which names the columns whose feeds are to follow.
//! Where a daemon runs, it publishes them within a second or so, and this waits for it; where none
//! does, they are published from here.

use std::sync::Arc;
use std::time::Duration;

use crate::config::Config;
use crate::daemon::{self, machine_clock};
use crate::model::{IssueId, Item, Lang};
use crate::pipeline::{IssueError, Person, Pipeline};
use crate::store::{SqliteStore, StoreError};

use super::operate::log_to_stderr;
use super::{Args, CANNOT_WORK, FINE, Failure, SOME_FAILED, USAGE, load, named, plain_path, say};

/// How long the daemon is waited for.
const PATIENCE: u32 = 120;
/// Between two looks whether it has published.
const LOOK: Duration = Duration::from_millis(250);

/// The steps on the operator's data.
pub(super) struct Desk {
    pub(super) pipeline: Pipeline,
    pub(super) lang: Lang,
    /// False while a daemon has the folder: it publishes.
    alone: bool,
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
        let (pipeline, alone) = match opened {
            Ok(pipeline) => (pipeline, true),
            Err(error) => match error.downcast_ref::<StoreError>() {
                Some(StoreError::Locked(_)) => {
                    let beside = daemon::open_beside(config, machine_clock());
                    (beside.map_err(|error| Failure::of(&error, lang))?, false)
                }
                _ => return Err(Failure::of(&error, lang)),
            },
        };
        Ok(Self { pipeline, lang, alone })
    }

    pub(super) fn config(&self) -> &Config {
        &self.pipeline.config
    }

    pub(super) fn store(&self) -> &SqliteStore {
        &self.pipeline.store
    }

    pub(super) fn fine<T>(&self, result: Result<T, StoreError>) -> Result<T, Failure> {
        result.map_err(|error| Failure::of(&error.into(), self.lang))
    }

    /// What was done with an issue, or why not.
    pub(super) fn done<T>(&self, result: Result<T, IssueError>) -> Result<T, Failure> {
        let failed = |message| Failure { code: SOME_FAILED, message };
        result.map_err(|error| match error {
            IssueError::Store(error) => Failure::of(&error.into(), self.lang),
            IssueError::Refused(both) => failed(both.text(self.lang).to_owned()),
            IssueError::Platform(error) => failed(say::platform(self.lang, &error)),
        })
    }

    /// The items that `named` name: by id, by `SITE/KEY`, by their page here, by their address.
    pub(super) async fn items(&self, named: &[String]) -> Result<Vec<Item>, Failure> {
        let mut items = Vec::new();
        for name in named {
            let id = self.fine(named::id(self.store(), self.config(), name).await)?;
            let item = match id {
                Some(id) => self.fine(self.store().item(&id).await)?,
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

    /// The issue that is called `text`.
    pub(super) fn issue(&self, text: &str) -> Result<IssueId, Failure> {
        text.parse().map_err(|()| Failure { code: USAGE, message: say::no_issue(self.lang, text) })
    }

    /// Who works here.
    pub(super) fn person(&self, by: Option<&str>) -> Person {
        Person { name: named(by), way: "cli" }
    }

    /// Has the feeds and issues follow what was `changed`, or waits from earlier, and says so where
    /// there was such; the exit code.
    pub(super) async fn follow(self, changed: bool) -> Result<u8, Failure> {
        if !changed && self.fine(self.store().unpublished().await)?.1 == 0 {
            self.close().await?;
            return Ok(FINE);
        }
        if self.alone {
            let published = self.fine(self.pipeline.publish_out_of_turn().await)?;
            for fault in &published.faults {
                eprintln!("{}", say::problem(self.lang, fault.code, &fault.detail));
            }
            self.done(self.pipeline.follow_issues().await)?;
            self.fine(self.store().close().await)?;
            eprintln!("{}", say::followed(self.lang));
            return Ok(if published.faults.is_empty() { FINE } else { SOME_FAILED });
        }
        for _ in 0..PATIENCE {
            if self.fine(self.store().unpublished().await)?.1 == 0 {
                eprintln!("{}", say::followed(self.lang));
                return Ok(FINE);
            }
            tokio::time::sleep(LOOK).await;
        }
        eprintln!("{}", say::not_followed(self.lang));
        Ok(SOME_FAILED)
    }

    /// Ends work that nothing has to follow.
    pub(super) async fn close(&self) -> Result<(), Failure> {
        if self.alone {
            self.fine(self.store().close().await)?;
        }
        Ok(())
    }
}

/// Who acts: the name that was given, else the user who is logged in.
pub(super) fn named(by: Option<&str>) -> Option<String> {
    let users = ["SUDO_USER", "USER", "LOGNAME"].into_iter();
    let user = || users.filter_map(|name| std::env::var(name).ok()).find(|name| !name.is_empty());
    by.map(str::to_owned).or_else(user)
}
