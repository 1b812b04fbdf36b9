//! `probe`: a site file proposed from an address, with what it would yield.
//!
//! The file goes to stdout, or to its place with `--write`; the report goes to stderr.

mod links;
mod place;
mod words;

use std::sync::Arc;

use serde_json::{Value, json};
use url::Url;

use crate::config::{Config, Site};
use crate::daemon::{fetch_settings, machine_clock};
use crate::fetch::Fetcher;
use crate::model::{Lang, SiteId};
use crate::pipeline::{Folder, Probed, Prober, Source, guest_manners};
use crate::problem::Fault;
use crate::text::web;

use super::args::ProbeArgs;
use super::operate::{block_on, log_to_stderr};
use super::{Args, CANNOT_WORK, FINE, Failure, SOME_FAILED, USAGE, load, print, say};
use place::Place;

/// Pages read of one site at most, where nothing else is said.
const MAX_PAGES: u16 = 30;
/// The same of each of many sites.
const MAX_PAGES_OF_MANY: u16 = 14;

/// `lianbo probe`.
pub(super) fn probe(args: &Args, lang: Lang, asked: &ProbeArgs) -> Result<u8, Failure> {
    let Asked { url, write } = Asked::of(asked, lang)?;
    let config = config(args, lang)?;
    let prober = prober(&config, &url, asked, lang)?;
    let place = Place::new(&config, write, asked.force);
    if let Some(id) = &asked.id {
        id.parse::<SiteId>()
            .map_err(|error| Failure { code: USAGE, message: format!("--id: {error}") })?;
    }
    place.check(asked.id.as_deref(), lang)?;
    log_to_stderr("lianbo=error");
    if asked.links {
        return block_on(links::links(prober, url, place, asked, lang));
    }
    let told = |url: &Url| eprintln!("{}", words::reading(lang, url));
    let result = block_on(async { Ok(prober.probe(&url, asked.id.as_deref(), &told).await) })?;
    let probed = match result {
        Ok(probed) => probed,
        Err(fault) => {
            eprintln!("{}", unread(&fault, lang));
            return Ok(SOME_FAILED);
        }
    };
    eprint!("{}", words::report(&probed, lang));
    let text = probed.proposal.toml();
    let complete = !probed.proposal.columns.is_empty();
    if asked.json {
        print(&format!("{:#}\n", data(&probed, &text)))?;
    }
    if place.is_wanted() {
        match place.write(&probed.proposal.id, &text, complete, lang) {
            Ok(told) => eprintln!("{told}"),
            Err(failure) => {
                // What so many pages were read for is not lost.
                if !asked.json {
                    print(&text)?;
                }
                return Err(failure);
            }
        }
    } else if !asked.json {
        print(&text)?;
    }
    Ok(if complete { FINE } else { SOME_FAILED })
}

fn unread(fault: &Fault, lang: Lang) -> String {
    say::problem(lang, fault.code, &fault.detail)
}

/// What was asked for. `--write` may have taken the address for the name of its file.
struct Asked {
    url: Url,
    write: Option<String>,
}

impl Asked {
    fn of(asked: &ProbeArgs, lang: Lang) -> Result<Self, Failure> {
        let is_address = |text: &str| text.starts_with("http://") || text.starts_with("https://");
        let (url, write) = match (&asked.url, &asked.write) {
            (None, Some(taken)) if is_address(taken) => (Some(taken.clone()), Some(String::new())),
            (url, write) => (url.clone(), write.clone()),
        };
        let refused = |what: &str| Failure { code: USAGE, message: words::no_address(lang, what) };
        let text = url.ok_or_else(|| refused(""))?;
        let whole = if text.contains("://") { text.clone() } else { format!("http://{text}") };
        let url = Url::parse(&whole).map_err(|_| refused(&text))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(refused(&text));
        }
        // `-` is stdout, where it goes in any case.
        Ok(Self { url, write: write.filter(|name| name != "-") })
    }
}

/// The configuration that is named or lies here; without one, the defaults.
fn config(args: &Args, lang: Lang) -> Result<Config, Failure> {
    if args.config.is_some() || args.config_file().exists() {
        return load(args, lang);
    }
    Config::bare().map_err(|faults| Failure::config(&faults, lang))
}

/// A site that is described already is visited as its file says.
fn prober(config: &Config, url: &Url, asked: &ProbeArgs, lang: Lang) -> Result<Prober, Failure> {
    let source = match &asked.from {
        Some(folder) => {
            let folder = Folder::open(folder)
                .map_err(|error| Failure { code: USAGE, message: format!("--from: {error}") })?;
            Source::Folder(Arc::new(folder))
        }
        None => {
            if config.fetch.contact.is_none() {
                eprintln!("{}", words::no_contact(lang));
            }
            let is_it =
                |site: &&Site| site.home.as_ref().is_some_and(|home| web::same_site(home, url));
            let site = config.sites.iter().find(is_it).filter(|_| !asked.links);
            let manners = Box::new(guest_manners(config, site));
            Source::Network { fetcher: Fetcher::new(fetch_settings(config)), manners }
        }
    };
    let usual = if asked.links { MAX_PAGES_OF_MANY } else { MAX_PAGES };
    Ok(Prober {
        source,
        families: Arc::new(config.families.clone()),
        now: machine_clock()(),
        max_pages: usize::from(asked.max_pages.unwrap_or(usual)),
    })
}

/// The probe for machines.
fn data(probed: &Probed, toml: &str) -> Value {
    let columns = probed.proposal.columns.iter().zip(&probed.trials);
    let columns: Vec<Value> = columns
        .map(|(column, trial)| {
            let article = trial.article.as_ref().map(|(url, article)| match article {
                Ok(article) => json!({
                    "url": url,
                    "title": article.title,
                    "posted": article.posted,
                    "credit": article.credit,
                    "author": article.author,
                    "body": { "rule": article.body.rule,
                        "characters": article.body.value.text.chars().count(),
                        "images": article.body.value.images.len(),
                        "attachments": article.body.value.attachments.len() },
                }),
                Err(fault) => json!({ "url": url, "fault": fault.code.as_str(), "detail": fault.detail }),
            });
            json!({
                "id": column.id,
                "name": column.name,
                "url": column.url,
                "rows": trial.rows,
                "newest": trial.newest(),
                "article": article,
                "doubts": trial.doubts.iter().map(|d| words::doubt(d, Lang::En)).collect::<Vec<_>>(),
            })
        })
        .collect();
    let site = &probed.proposal;
    json!({
        "id": site.id, "name": site.name, "level": site.level, "region": site.region,
        "home": site.home, "family": site.family, "publisher": site.publisher,
        "pages": probed.pages, "columns": columns, "toml": toml,
    })
}

/// Everything about writing failed that cannot be the operator's doing.
fn io_failure(what: &str, error: &std::io::Error) -> Failure {
    Failure { code: CANNOT_WORK, message: format!("{what}: {error}") }
}
