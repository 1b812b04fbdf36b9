//! What is offered to programs.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::model::ColumnId;
use crate::pipeline::names;
use crate::serve::{Client, Offer};

/// What is offered under `config`.
pub(super) fn offer(config: &Config) -> Offer {
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
