//! The command `trust`: what is not believed of sites and columns, what is normal of them, and a
//! person's word that they are well as they are.

use crate::config::Config;
use crate::daemon::machine_clock;
use crate::model::{ColumnId, Observation};
use crate::trust::CODES;

use super::args::TrustArgs;
use super::desk::Desk;
use super::operate::block_on;
use super::{Args, FINE, Failure, Lang, SOME_FAILED, USAGE, print, say};

/// `lianbo trust`.
pub(super) fn trust(args: &Args, lang: Lang, asked: &TrustArgs) -> Result<u8, Failure> {
    block_on(async {
        let desk = Desk::open(args, lang).await?;
        let Some(subject) = &asked.subject else { return listing(&desk, lang).await };
        let columns = columns(&desk.pipeline.config, subject);
        if columns.is_empty() {
            return Err(Failure { code: USAGE, message: say::nothing_read(lang, subject) });
        }
        if asked.show {
            for column in &columns {
                let seen = desk.fine(desk.store().observations(column).await)?;
                let trusted = desk.fine(desk.store().trusted_since(column).await)?;
                print(&say::usual(lang, column, &seen, trusted.as_ref()))?;
            }
            return Ok(FINE);
        }
        let held = desk.fine(desk.store().distrusted().await)?;
        if let Some(held) = held.iter().find(|held| subject.starts_with(&format!("{}/", held.site)))
        {
            return Err(Failure { code: USAGE, message: say::site_is_held(lang, subject, held) });
        }
        let person = desk.person(asked.by.as_deref()).name.unwrap_or_default();
        desk.fine(desk.store().trust(subject, &person, machine_clock()()).await)?;
        desk.fine(desk.pipeline.may_be_asked(&columns).await)?;
        for column in &columns {
            desk.fine(desk.pipeline.repair_was_looked_at(column).await)?;
        }
        print(&format!("{}\n", say::trusted(lang, subject)))?;
        Ok(FINE)
    })
}

/// The columns that `subject` names: a site's, or one.
fn columns(config: &Config, subject: &str) -> Vec<ColumnId> {
    let sites = config.sites.iter();
    let columns = sites.flat_map(|site| site.columns.iter().map(|column| column.id.clone()));
    columns.filter(|id| id.site().as_str() == subject || id.to_string() == subject).collect()
}

/// Sites that are held, and columns of which nothing is believed; exit code 1 where there are any.
async fn listing(desk: &Desk, lang: Lang) -> Result<u8, Failure> {
    let held = desk.fine(desk.store().distrusted().await)?;
    for site in &held {
        print(&say::distrusted(lang, site))?;
    }
    let mut problems = desk.fine(desk.store().problems().await)?;
    problems.retain(|problem| {
        let of_held = held.iter().any(|held| problem.subject.split('/').next() == Some(&held.site));
        CODES.contains(&problem.code) && !of_held
    });
    for problem in &problems {
        print(&say::not_believed(lang, problem))?;
    }
    if held.is_empty() && problems.is_empty() {
        print(&format!("{}\n", say::all_believed(lang)))?;
        return Ok(FINE);
    }
    Ok(SOME_FAILED)
}

/// The least and the most rows, and how many of a hundred print a date.
pub(super) fn figures(seen: &[Observation]) -> (usize, usize, usize) {
    let rows = || seen.iter().map(|seen| seen.rows);
    let (all, dated): (usize, usize) = (rows().sum(), seen.iter().map(|seen| seen.dated).sum());
    (rows().min().unwrap_or(0), rows().max().unwrap_or(0), dated * 100 / all.max(1))
}
