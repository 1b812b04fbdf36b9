//! `lianbo report quality`: what the webmaster of each site wants to know, by month.

use std::path::Path;

use crate::config::Site;
use crate::daemon::machine_clock;
use crate::model::{Defect, Lang, SiteQuality};
use crate::pipeline;
use crate::render::{quality_page, quality_table};
use crate::store::SqliteStore;
use crate::text::{sentence, sheet};

use super::super::args::QualityArgs;
use super::super::operate::block_on;
use super::super::problems::ground;
use super::super::{Args, CANNOT_WORK, FINE, Failure, USAGE, files, load, print, say};
use super::table;

/// `lianbo report quality`.
pub(super) fn quality(args: &Args, lang: Lang, asked: &QualityArgs) -> Result<u8, Failure> {
    let ground = ground(args, lang)?;
    ground.wants_database(args, lang)?;
    let config = load(args, lang)?;
    let sites: Vec<&Site> = config
        .sites
        .iter()
        .filter(|site| match &asked.site {
            Some(id) => site.id.as_str() == id,
            None => site.enabled,
        })
        .collect();
    if let (Some(id), true) = (&asked.site, sites.is_empty()) {
        let known: Vec<&str> = config.sites.iter().map(|site| site.id.as_str()).collect();
        return Err(Failure { code: USAGE, message: say::unknown_site(lang, id, &known) });
    }
    let found = block_on(async {
        let failed = |error| Failure::of(&anyhow::Error::from(error), lang);
        let store = SqliteStore::open_read_only(&ground.data).map_err(failed)?;
        let now = machine_clock()();
        let mut found = Vec::new();
        for site in sites {
            found.push(pipeline::quality(&store, site, asked.month, now).await.map_err(failed)?);
        }
        Ok(found)
    })?;
    let month = asked.month.format("%Y-%m").to_string();
    if asked.html.is_none() && asked.csv.is_none() {
        return print(&text(&found, &month, lang));
    }
    if let Some(file) = &asked.html {
        put(file, &quality_page(&found, &month), "", lang, &found)?;
    }
    if let Some(file) = &asked.csv {
        // Spreadsheets in China read a file as GBK unless it says otherwise.
        put(file, &quality_table(&found, &month), sheet::MARK, lang, &found)?;
    }
    Ok(FINE)
}

/// Writes to the file, after `mark`, or to stdout for `-`.
fn put(
    file: &str,
    text: &str,
    mark: &str,
    lang: Lang,
    found: &[SiteQuality],
) -> Result<(), Failure> {
    if file == "-" {
        return print(text).map(drop);
    }
    files::put(Path::new(file), format!("{mark}{text}").as_bytes())
        .map_err(|error| Failure { code: CANNOT_WORK, message: format!("{file}: {error}") })?;
    let count = found.iter().map(|site| site.findings.len()).sum();
    eprintln!("{}", say::quality_written(lang, file, found.len(), count));
    Ok(())
}

/// How many faults of each kind each site has.
fn text(found: &[SiteQuality], month: &str, lang: Lang) -> String {
    let mut text = format!("{}\n", say::quality_head(lang, month, found.len()));
    let mut rows = Vec::new();
    for site in found {
        for kind in Defect::ALL.iter().filter(|kind| site.count(**kind) > 0) {
            let said = sentence::quality::defect(*kind, lang).to_owned();
            rows.push([site.name.clone(), said, site.count(*kind).to_string()]);
        }
    }
    if rows.is_empty() {
        return text + say::quality_fine(lang) + "\n";
    }
    text.push_str(&table(say::quality_heads(lang), rows.into_iter()));
    text
}
