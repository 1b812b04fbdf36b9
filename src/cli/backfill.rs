//! `backfill`: the history of columns, page by page.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::daemon::{self, machine_clock};
use crate::model::{BEIJING, ColumnId, Lang};
use crate::pipeline::{Clock, Outcome, RunReport, Walked, Watcher};

use super::operate::{block_on, chosen, line, log_to_stderr};
use super::progress::Progress;
use super::{Args, FINE, Failure, SOME_FAILED, USAGE, load, plain_path, print, say};

/// `lianbo backfill`.
pub(super) fn backfill(
    args: &Args,
    lang: Lang,
    targets: &[String],
    until: NaiveDate,
) -> Result<u8, Failure> {
    let config = load(args, lang)?;
    let columns = chosen(&config, targets, lang)?;
    let clock = machine_clock();
    let today = clock().with_timezone(&BEIJING).date_naive();
    if until > today {
        return Err(Failure { code: USAGE, message: say::until_in_future(lang, until) });
    }
    log_to_stderr("lianbo=error");
    let days = usize::try_from((today - until).num_days()).unwrap_or(0).max(1);
    block_on(walk(config, clock, &columns, until, days, lang))
}

async fn walk(
    config: Config,
    clock: Clock,
    columns: &[ColumnId],
    until: NaiveDate,
    days: usize,
    lang: Lang,
) -> Result<u8, Failure> {
    let pipeline =
        daemon::open(Arc::new(config), clock).await.map_err(|error| Failure::of(&error, lang))?;
    let stop = CancellationToken::new();
    tokio::spawn(daemon::wait_for_end(stop.clone()));
    let hinted = RefCell::default();
    let mut failed = false;
    let mut end = Ok(());
    for id in columns {
        let Some((site, column)) = pipeline.config.column(id) else { continue };
        let progress = Arc::new(Progress::new(days));
        let oldest = Oldest::default();
        let watcher = watcher(Arc::clone(&progress), Arc::clone(&oldest), until, days, lang);
        let walk = pipeline.backfill(site, column, until, watcher);
        let report = tokio::select! {
            report = walk => report,
            () = stop.cancelled() => {
                progress.finish();
                // Each list page was stored whole; what was under way is read again.
                eprintln!("{}", say::walk_again(lang, &id.to_string()));
                return Ok(SOME_FAILED);
            }
        };
        let report = match report {
            Ok(report) => report,
            Err(error) => {
                end = Err(error);
                break;
            }
        };
        progress.finish();
        eprintln!("{}", line(&report, lang, &mut hinted.borrow_mut()));
        failed |= is_failed(&report);
        if is_unfinished(&pipeline, id).await.map_err(|error| Failure::of(&error.into(), lang))? {
            eprintln!("{}", say::walk_again(lang, &id.to_string()));
            failed = true;
        } else if let Some(day) = of(&oldest).filter(|day| *day > until) {
            eprintln!("{}", say::list_ends(lang, &id.to_string(), day));
        }
    }
    let published = match end {
        Ok(()) => daemon::publish_all(&pipeline).await,
        Err(error) => Err(error),
    };
    let closed = pipeline.store.close().await;
    let published = published.map_err(|error| Failure::of(&error.into(), lang))?;
    closed.map_err(|error| Failure::of(&error.into(), lang))?;
    for fault in &published.faults {
        eprintln!("{}", say::problem(lang, fault.code, &fault.detail));
    }
    let folder = pipeline.config.daemon.data.join("public");
    print(&format!("{}\n", say::published_at(lang, &plain_path(&folder))))?;
    Ok(if failed || !published.faults.is_empty() { SOME_FAILED } else { FINE })
}

/// The oldest day that a walk has seen.
type Oldest = Arc<Mutex<Option<NaiveDate>>>;

fn of(oldest: &Oldest) -> Option<NaiveDate> {
    *oldest.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Shows each page by how many of the days wanted lie behind, and notes the oldest day.
fn watcher(
    progress: Arc<Progress>,
    oldest: Oldest,
    until: NaiveDate,
    days: usize,
    lang: Lang,
) -> Watcher {
    let furthest = Mutex::new(0);
    Arc::new(move |walked: &Walked| {
        let seen = [of(&oldest), walked.oldest].into_iter().flatten().min();
        *oldest.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        let mut furthest = furthest.lock().unwrap_or_else(PoisonError::into_inner);
        let left = walked.oldest.map_or(i64::MAX, |oldest| (oldest - until).num_days().max(0));
        let done = days.saturating_sub(usize::try_from(left).unwrap_or(usize::MAX));
        // A pinned row is old and says nothing of the page.
        *furthest = done.max(*furthest).min(days);
        progress.at(*furthest, &say::walked(lang, walked));
    })
}

fn is_failed(report: &RunReport) -> bool {
    matches!(report.outcome, Outcome::Failed | Outcome::Partly)
}

async fn is_unfinished(
    pipeline: &crate::pipeline::Pipeline,
    column: &ColumnId,
) -> Result<bool, crate::store::StoreError> {
    Ok(pipeline.store.bookmark(column).await?.is_some())
}
