//! What is offered to programs, made of the configuration once for as long as it runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::config::Config;
use crate::model::ColumnId;
use crate::pipeline::names;
use crate::serve::{Client, Offer};

/// The offer of the running configuration.
#[derive(Debug, Default)]
pub(super) struct Offers {
    known: Mutex<Option<(Arc<Config>, Arc<Offer>)>>,
}

impl Offers {
    /// The offer of `config`; the same one until another configuration runs.
    pub(super) fn of(&self, config: &Arc<Config>) -> Arc<Offer> {
        let mut known = self.known.lock().expect("no holder panics");
        if let Some((of, offer)) = &*known
            && Arc::ptr_eq(of, config)
        {
            return Arc::clone(offer);
        }
        let offer = Arc::new(offer(config));
        *known = Some((Arc::clone(config), Arc::clone(&offer)));
        offer
    }
}

fn offer(config: &Config) -> Offer {
    let mut tags: BTreeMap<String, Vec<ColumnId>> = BTreeMap::new();
    for site in &config.sites {
        for column in &site.columns {
            for tag in &column.tags {
                tags.entry(tag.clone()).or_default().push(column.id.clone());
            }
        }
    }
    let clients = config.api.clients.iter().map(|client| Client {
        id: client.id.clone(),
        token: blake3::hash(client.token.reveal().as_bytes()),
        feeds: client.feeds.clone(),
        limit: client.limit,
        per_minute: client.per_minute,
        waiting: usize::try_from(client.waiting).unwrap_or(0),
    });
    Offer {
        public: config.api.public,
        feeds: config.feeds.iter().map(|publication| publication.spec.clone()).collect(),
        names: names(config),
        tags,
        clients: clients.collect(),
    }
}
