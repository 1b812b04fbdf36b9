//! The command `repair`: rules for a column whose site was redesigned, with what they find again.
//!
//! The change of the operator's file goes to stdout, or into it with `--write`; the report goes to
//! stderr.

mod words;

use std::sync::Arc;

use crate::config::{Column, Config, Rewritten, Site};
use crate::daemon::{NotPut, fetch_settings, machine_clock, put_in_place};
use crate::fetch::Fetcher;
use crate::model::{ColumnId, Lang};
use crate::pipeline::{
    ArticleScore, Folder, ListFinding, ListScore, Looked, Repaired, Repairer, Source, guest_manners,
};
use crate::store::SqliteStore;
use serde_json::{Value, json};

use super::args::RepairArgs;
use super::operate::{block_on, log_to_stderr, unknown};
use super::{Args, CANNOT_WORK, FINE, Failure, SOME_FAILED, USAGE, load, plain_path, print, say};

/// `lianbo repair`: 1 where rules are proposed and not written, or nothing that is broken can be
/// repaired.
pub(super) fn repair(args: &Args, lang: Lang, asked: &RepairArgs) -> Result<u8, Failure> {
    let config = load(args, lang)?;
    let (site, column) = named(&config, &asked.column, lang)?;
    let data = &config.daemon.data;
    if !data.join("lianbo.db").is_file() {
        let message = say::never_ran(lang, &plain_path(data));
        return Err(Failure { code: CANNOT_WORK, message });
    }
    log_to_stderr("lianbo=error");
    let source = source(&config, site, column, asked, lang)?;
    let repaired = block_on(async {
        let fail = |error: crate::store::StoreError| Failure::of(&error.into(), lang);
        let store = SqliteStore::open_read_only(data).map_err(fail)?;
        let now = machine_clock()();
        let articles = usize::from(asked.articles);
        let repairer = Repairer { config: &config, store: &store, source, now, articles };
        repairer.column(site, column).await.map_err(fail)
    })?;
    eprint!("{}", words::report(&repaired, lang));
    let rewritten = match &repaired.proposal {
        Some(proposal) => {
            Some(config.rewritten(&column.id, &proposal.settings).map_err(|error| Failure {
                code: USAGE,
                message: words::cannot_be_changed(lang, &error),
            })?)
        }
        None => None,
    };
    let diff = rewritten.as_ref().map(difference).unwrap_or_default();
    match asked.json {
        true => print(&format!("{:#}\n", told(&repaired, rewritten.as_ref(), &diff)))?,
        false => print(&diff)?,
    };
    match rewritten {
        Some(rewritten) if asked.write => {
            write(&rewritten, lang)?;
            eprintln!("{}", words::written(lang, &plain_path(&rewritten.file)));
            Ok(FINE)
        }
        Some(_) => {
            eprintln!("{}", words::not_written(lang, &column.id.to_string()));
            Ok(SOME_FAILED)
        }
        None if repaired.is_sound() => Ok(FINE),
        None => Ok(SOME_FAILED),
    }
}

/// The column that `target` names.
fn named<'c>(
    config: &'c Config,
    target: &str,
    lang: Lang,
) -> Result<(&'c Site, &'c Column), Failure> {
    let id = target.parse::<ColumnId>().ok();
    let found = id.and_then(|id| config.column(&id)).filter(|(site, _)| site.enabled);
    found.ok_or_else(|| Failure { code: USAGE, message: unknown(config, target, lang) })
}

/// The site itself, or saved pages: a folder of them, or the list page alone.
fn source(
    config: &Config,
    site: &Site,
    column: &Column,
    asked: &RepairArgs,
    lang: Lang,
) -> Result<Source, Failure> {
    if let Some(place) = &asked.from {
        let opened = match place.is_dir() {
            true => Folder::open(place),
            false => Folder::of_page(place, &column.url),
        };
        let folder =
            opened.map_err(|error| Failure { code: USAGE, message: format!("--from: {error}") })?;
        return Ok(Source::Folder(Arc::new(folder)));
    }
    if config.fetch.contact.is_none() {
        eprintln!("{}", words::no_contact(lang));
    }
    let manners = Box::new(guest_manners(config, Some(site)));
    Ok(Source::Network { fetcher: Fetcher::new(fetch_settings(config)), manners })
}

/// The change of the file, as `patch` reads it.
fn difference(rewritten: &Rewritten) -> String {
    rewritten.diff(&plain_path(&rewritten.file))
}

/// Puts the new text in place of the old one.
fn write(rewritten: &Rewritten, lang: Lang) -> Result<(), Failure> {
    let shown = plain_path(&rewritten.file);
    put_in_place(rewritten).map_err(|error| match error {
        NotPut::Changed => Failure { code: USAGE, message: words::changed_meanwhile(lang, &shown) },
        NotPut::Io(error) => Failure { code: CANNOT_WORK, message: format!("{shown}: {error}") },
    })
}

/// The repair for machines.
fn told(repaired: &Repaired, rewritten: Option<&Rewritten>, diff: &str) -> Value {
    let list = match &repaired.list {
        Ok(list) => of_finding(list),
        Err(fault) => json!({ "fault": fault.code.as_str(), "detail": fault.detail }),
    };
    let article = &repaired.article;
    let faults = article.faults.iter();
    json!({
        "column": repaired.column.to_string(),
        "known": repaired.known,
        "list": list,
        "looked": repaired.looked.iter().map(of_looked).collect::<Vec<_>>(),
        "moved": repaired.moved.as_ref()
            .map(|moved| json!({ "url": moved.url, "list": of_finding(&moved.list) })),
        "articles": {
            "shown": article.shown,
            "before": of_articles(&article.before),
            "after": article.better.as_ref().map(of_articles),
            "faults": faults.map(|fault| json!({ "fault": fault.code.as_str(), "detail": fault.detail }))
                .collect::<Vec<_>>(),
        },
        "sound": repaired.is_sound(),
        "file": rewritten.map(|rewritten| plain_path(&rewritten.file)),
        "diff": rewritten.map(|_| diff),
    })
}

fn of_finding(list: &ListFinding) -> Value {
    json!({
        "links": list.links,
        "shown": list.shown.len(),
        "before": of_list(&list.before),
        "after": list.better.as_ref().map(of_list),
        "missed": list.missed,
        "moved": list.moved.iter().map(|(title, url)| json!({ "title": title, "url": url }))
            .collect::<Vec<_>>(),
    })
}

fn of_looked(looked: &Looked) -> Value {
    let Looked { name, url, found, is_list } = looked;
    let (score, fault) = (found.as_ref().ok(), found.as_ref().err());
    json!({
        "name": name,
        "url": url,
        "list": is_list,
        "score": score.map(of_list),
        "fault": fault.map(|fault| fault.code.as_str()),
        "detail": fault.map(|fault| &fault.detail),
    })
}

fn of_list(score: &ListScore) -> Value {
    let ListScore { right, of, rows, strange } = score;
    json!({ "right": right, "of": of, "rows": rows, "strange": strange, "score": score.share() })
}

fn of_articles(score: &ArticleScore) -> Value {
    let ArticleScore { right, of, title, posted, credit, body } = score;
    json!({ "right": right, "of": of, "title": title, "posted": posted, "credit": credit,
        "body": body, "score": score.share() })
}
