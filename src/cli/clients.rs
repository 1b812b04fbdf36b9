//! The command `clients`: how far each client of the cursor API has come.

use chrono_tz::Tz;

use crate::config::{Client, Config};
use crate::model::Lang;
use crate::store::{ClientCursor, SqliteStore};

use super::operate::block_on;
use super::problems::{Ground, ground};
use super::{Args, FINE, Failure, print, say};

/// Lists the clients of the configuration, and those that asked under an earlier one.
pub(super) fn clients(args: &Args, lang: Lang) -> Result<u8, Failure> {
    let ground = ground(args, lang)?;
    ground.wants_database(args, lang)?;
    if let Some(faults) = &ground.faults {
        eprintln!("{}", faults.message);
    }
    let config = Config::load_with(&args.config_file(), args.data.as_deref()).ok();
    let known = config.map(|config| config.api.clients).unwrap_or_default();
    block_on(async {
        let failed = |error| Failure::of(&anyhow::Error::from(error), lang);
        let store = SqliteStore::open_read_only(&ground.data).map_err(failed)?;
        let cursors = store.client_cursors().await.map_err(failed)?;
        print(&listing(&known, &cursors, &ground, lang))
    })?;
    Ok(FINE)
}

fn listing(known: &[Client], cursors: &[ClientCursor], ground: &Ground, lang: Lang) -> String {
    let mut lines = Vec::new();
    for client in known {
        let own: Vec<_> = cursors.iter().filter(|cursor| cursor.client == client.id).collect();
        for cursor in &own {
            lines.push(line(cursor, &client.name, ground.zone, lang));
        }
        if own.is_empty() {
            lines.push(format!("{}\t{}\t{}\n", client.id, client.name, say::never_asked(lang)));
        }
    }
    let gone = |cursor: &&ClientCursor| known.iter().all(|client| client.id != cursor.client);
    for cursor in cursors.iter().filter(gone) {
        lines.push(line(cursor, say::not_configured(lang), ground.zone, lang));
    }
    if lines.is_empty() { format!("{}\n", say::no_clients(lang)) } else { lines.concat() }
}

/// Id, name, how far, how far behind, when last, and with which filter.
fn line(cursor: &ClientCursor, name: &str, zone: Tz, lang: Lang) -> String {
    let ClientCursor { client, filter, seq, seen, behind } = cursor;
    let seen = seen.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string();
    let (came, seen) = (say::came_to(lang, *seq, *behind), say::last_asked(lang, &seen));
    let mut line = format!("{client}\t{name}\t{came}\t{seen}");
    if !filter.is_empty() {
        line.push('\t');
        line.push_str(filter);
    }
    line.push('\n');
    line
}
