//! A client that follows all changes with a cursor, and is itself killed now and then.

use std::collections::BTreeMap;

use crate::store::{Filter, SqliteStore, Told};

use super::dice::Dice;
use super::records::Stored;

/// Changes asked for at once.
const AT_ONCE: usize = 5;

/// What the client holds, as its last commit left it.
#[derive(Debug)]
pub(super) struct Client {
    dice: Dice,
    next: u64,
    /// Title of each live item, by id.
    held: BTreeMap<String, String>,
}

impl Client {
    pub(super) fn new(seed: u64) -> Self {
        Self { dice: Dice::of(seed, "client"), next: 0, held: BTreeMap::new() }
    }

    /// Asks for what changed, as often as it likes; some of what it hears is lost with it.
    pub(super) fn ask(&mut self, name: &str, to_the_end: bool) -> Result<(), String> {
        let store = SqliteStore::in_memory(name, &free()).map_err(|error| error.to_string())?;
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let asks = if to_the_end { usize::MAX } else { self.dice.below(4) };
        for _ in 0..asks {
            let next = self.next;
            let changes = runtime.block_on(async {
                let up_to = store.published_seq().await?;
                store.changes(Filter::default(), next, up_to, AT_ONCE).await
            });
            let changes = changes.map_err(|error| error.to_string())?;
            if !to_the_end && self.dice.one_in(3) {
                // Killed before it wrote down what it heard.
                continue;
            }
            for told in changes.told {
                let item = told.item();
                match &told {
                    Told::Item(item) => self.held.insert(item.id.to_string(), item.title.clone()),
                    Told::Withdrawn(_) | Told::Outside(_) => self.held.remove(item.id.as_str()),
                };
            }
            self.next = changes.next;
            if !changes.more {
                return Ok(());
            }
        }
        Ok(())
    }

    /// It holds what is live.
    pub(super) fn check(&self, items: &BTreeMap<String, Stored>) -> Result<(), String> {
        let live: BTreeMap<String, String> = items
            .values()
            .filter(|item| item.is_live())
            .map(|item| (item.id.clone(), item.title.clone()))
            .collect();
        if self.held == live {
            return Ok(());
        }
        let lost: Vec<_> = live.iter().filter(|one| self.held.get(one.0) != Some(one.1)).collect();
        let more: Vec<_> = self.held.keys().filter(|id| !live.contains_key(*id)).collect();
        Err(format!("a client never heard of {lost:?}, or that these are gone: {more:?}"))
    }
}

/// The gate of those who are not killed.
fn free() -> crate::store::Gate {
    std::sync::Arc::new(|| Box::pin(std::future::ready(())))
}
