//! Puts the rules of a redesigned column right by itself, where its configuration says so
//! (`health.repair = "auto"`): what `lianbo repair --write` does for a person.
//!
//! The file is the operator's, so that what was changed stands where they look, and whatever watches
//! the configuration takes it over. Only rules are changed, never an address, and only where they
//! leave no doubt; a person is asked to look at every change.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use tracing::{error, info, warn};

use crate::config::{Column, Config, Mending, Rewritten, Setting, Site};
use crate::model::{ColumnId, ProblemCode};
use crate::pipeline::{Pipeline, Repaired, RunReport};
use crate::problem::Fault;
use crate::store::StoreError;

/// A column is looked at for better rules once in so long (hours): a site that is rebuilt for days
/// is not asked for its pages at every poll.
const AGAIN: i64 = 6;

/// What rules may have to do with. A page that is an error, a login, another column's or the front
/// page is no redesign of this one.
const OF_RULES: &[ProblemCode] = &[
    ProblemCode::ListEmpty,
    ProblemCode::ListStrange,
    ProblemCode::ListShort,
    ProblemCode::TitlesChanged,
    ProblemCode::DatesMissing,
    ProblemCode::DatesChanged,
    ProblemCode::BodiesCollapsed,
    ProblemCode::CreditsMissing,
];

/// Mends columns, and remembers which it looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Mender {
    looked: Arc<Mutex<HashMap<ColumnId, DateTime<Utc>>>>,
}

impl Mender {
    /// Looks for better rules of `column`, whose run ended with `report`, where it is to be mended
    /// without asking and the run broke with what is normal.
    pub(super) async fn after(
        &self,
        pipeline: &Pipeline,
        site: &Site,
        column: &Column,
        report: &RunReport,
    ) -> Result<(), StoreError> {
        let is_wanted = column.health.repair == Mending::Auto && is_of_rules(report);
        if !is_wanted || !self.has_come(&column.id, (pipeline.clock)()) {
            return Ok(());
        }
        let (pipeline, site, own) = (pipeline.clone(), site.clone(), column.clone());
        let mended = tokio::spawn(async move { mend(&pipeline, &site, &own).await }).await;
        mended.unwrap_or_else(|_| {
            error!(column = %column.id, "looking for better rules ended in a panic");
            Ok(())
        })
    }

    fn has_come(&self, column: &ColumnId, now: DateTime<Utc>) -> bool {
        let mut looked = self.looked.lock().expect("no holder panics");
        // A clock that was set back must not put it off for long.
        let is_recent = |at: &DateTime<Utc>| (now - *at).abs() < TimeDelta::hours(AGAIN);
        let has_come = !looked.get(column).is_some_and(is_recent);
        if has_come {
            looked.insert(column.clone(), now);
        }
        has_come
    }
}

/// Looks for better rules, and writes and tells of those that leave no doubt.
async fn mend(pipeline: &Pipeline, site: &Site, column: &Column) -> Result<(), StoreError> {
    let repaired = pipeline.repaired(site, column).await?;
    let Some(proposal) = repaired.beyond_doubt() else {
        let found = found(&repaired);
        info!(column = %column.id, "no rules were found that leave no doubt: {found}");
        return Ok(());
    };
    let (config, id) = (Arc::clone(&pipeline.config), column.id.clone());
    let settings = proposal.settings.clone();
    let written = tokio::task::spawn_blocking(move || rewrite(&config, &id, &settings)).await;
    let written = written.unwrap_or_else(|_| Err("writing it ended in a panic".to_owned()));
    let fault = match written {
        Ok(rewritten) => {
            let detail = detail(&rewritten, &repaired);
            warn!(column = %column.id, "rules changed: {detail}");
            Fault::new(ProblemCode::RepairApplied, detail)
        }
        Err(why) => {
            warn!(column = %column.id, "better rules were found and not written: {why}");
            Fault::new(ProblemCode::RepairUnwritten, why)
        }
    };
    let (subject, now) = (column.id.to_string(), (pipeline.clock)());
    pipeline.store.raise(fault.code, &subject, &fault.detail, now).await?;
    Ok(())
}

/// True where the run broke with what is normal in ways that rules may mend, and in no other.
fn is_of_rules(report: &RunReport) -> bool {
    let breaks = |fault: &Fault| OF_RULES.contains(&fault.code);
    let foreign = |fault: &Fault| fault.code == ProblemCode::IdentityFailed;
    report.faults.iter().any(breaks) && !report.faults.iter().any(foreign)
}

fn rewrite(config: &Config, column: &ColumnId, settings: &[Setting]) -> Result<Rewritten, String> {
    let rewritten = config.rewritten(column, settings).map_err(|error| error.to_string())?;
    let file = rewritten.file.display();
    put_in_place(&rewritten).map_err(|error| format!("`{file}`: {error}"))?;
    Ok(rewritten)
}

/// What was changed, and what it finds again.
fn detail(rewritten: &Rewritten, repaired: &Repaired) -> String {
    let file = rewritten.file.display();
    format!("`{file}`: {}; {}", rewritten.changes(), found(repaired))
}

/// How much of what is known is found again.
fn found(repaired: &Repaired) -> String {
    let list = match &repaired.list {
        Ok(list) => {
            let (after, before) = (list.after(), list.before.right);
            format!("{} of {} known rows are found ({before} before)", after.right, after.of)
        }
        Err(fault) => fault.detail.clone(),
    };
    let (articles, before) = (repaired.article.after(), repaired.article.before.right);
    format!("{list}, {} of {} articles ({before} before)", articles.right, articles.of)
}

/// Why a file was not put in place; the old one stands.
#[derive(Debug, thiserror::Error)]
pub enum NotPut {
    /// Somebody changed it meanwhile.
    #[error("the file was changed meanwhile")]
    Changed,
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Puts the new text of a file in place of the old one, at once and whole; refused where somebody
/// changed the file meanwhile.
pub fn put_in_place(rewritten: &Rewritten) -> Result<(), NotPut> {
    // A link stays a link.
    let file = rewritten.file.canonicalize()?;
    if fs::read_to_string(&file)? != rewritten.before {
        return Err(NotPut::Changed);
    }
    let beside = beside(&file);
    let placed = place(&file, &beside, &rewritten.after);
    if placed.is_err() {
        // What is left of a failure is of no use to anybody.
        let _ = fs::remove_file(&beside);
    }
    Ok(placed?)
}

/// A name that no `include` takes for a file of the configuration.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    file.with_file_name(name)
}

#[expect(clippy::disallowed_methods, reason = "the operator asked for this file to be changed")]
fn place(file: &Path, beside: &Path, text: &str) -> std::io::Result<()> {
    fs::write(beside, text)?;
    fs::set_permissions(beside, fs::metadata(file)?.permissions())?;
    fs::File::open(beside)?.sync_all()?;
    fs::rename(beside, file)
}
