//! The commands that work on the data folder: `run`, `once`, `demo`.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::Future;
use std::io::IsTerminal;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::config::Config;
use crate::daemon::{self, Handles, machine_clock};
use crate::demo::{self, Demo, Pace};
use crate::model::{ColumnId, Lang, ProblemCode, SiteId};
use crate::pipeline::{Built, Clock, Outcome, Person, RunReport};

use super::args::DemoArgs;
use super::progress::Progress;
use super::{
    Args, CANNOT_WORK, FINE, Failure, SOME_FAILED, USAGE, check, load, plain_path, print, say,
};

/// The daemon.
pub(super) fn run(args: &Args, lang: Lang) -> Result<u8, Failure> {
    let config = load(args, lang)?;
    check::warn(&config, lang);
    log_to_stderr("lianbo=info");
    block_on(serve(config, machine_clock(), lang))
}

async fn serve(config: Config, clock: Clock, lang: Lang) -> Result<u8, Failure> {
    let pipeline =
        daemon::open(Arc::new(config), clock).await.map_err(|error| Failure::of(&error, lang))?;
    let base_url = pipeline.config.daemon.base_url.to_string();
    let end = CancellationToken::new();
    let signals = tokio::spawn(daemon::wait_for_end(end.clone()));
    let ready = Box::new(move |bound: daemon::Bound| {
        println!("{}", say::serving(lang, &base_url));
        println!("{}", say::administered(lang, bound.admin));
        eprintln!("{}", say::press_to_end(lang));
    });
    let result = daemon::run(pipeline, Handles { end: end.clone(), ready }).await;
    end.cancel();
    let _ = signals.await;
    result.map(|()| FINE).map_err(|error| Failure::of(&error, lang))
}

/// One refresh of the named columns, or of all.
pub(super) fn once(args: &Args, lang: Lang, targets: &[String]) -> Result<u8, Failure> {
    let config = load(args, lang)?;
    let columns = chosen(&config, targets, lang)?;
    log_to_stderr("lianbo=error");
    block_on(refresh_once(config, machine_clock(), columns, lang))
}

async fn refresh_once(
    config: Config,
    clock: Clock,
    columns: Vec<ColumnId>,
    lang: Lang,
) -> Result<u8, Failure> {
    let pipeline =
        daemon::open(Arc::new(config), clock).await.map_err(|error| Failure::of(&error, lang))?;
    let progress = Progress::new(columns.len());
    let hinted = RefCell::default();
    let result = daemon::once(&pipeline, &columns, |report| {
        progress.step(&line(report, lang, &mut hinted.borrow_mut()));
    })
    .await;
    progress.finish();
    let closed = pipeline.store.close().await;
    let (reports, published) = result.map_err(|error| Failure::of(&error.into(), lang))?;
    closed.map_err(|error| Failure::of(&error.into(), lang))?;
    if no_network(&reports) {
        eprintln!("{}", say::no_network(lang));
    }
    for fault in &published.faults {
        eprintln!("{}", say::problem(lang, fault.code, &fault.detail));
    }
    let folder = pipeline.config.daemon.data.join("public");
    print(&format!("{}\n", say::published_at(lang, &plain_path(&folder))))?;
    let failed =
        reports.iter().any(|report| matches!(report.outcome, Outcome::Failed | Outcome::Partly));
    Ok(if failed || !published.faults.is_empty() { SOME_FAILED } else { FINE })
}

/// Whether nobody answered at all. Of one site it cannot be said on which side the fault is.
fn no_network(reports: &[RunReport]) -> bool {
    let sites: BTreeSet<&SiteId> = reports.iter().map(|report| report.column.site()).collect();
    let unreached = |report: &RunReport| {
        report.outcome == Outcome::Failed
            && report.faults.iter().any(|fault| fault.code == ProblemCode::Unreachable)
    };
    sites.len() > 1 && reports.iter().all(unreached)
}

/// One line a run: how it ended and what it found; two lines more for each kind of fault, and what
/// to do about it where `hinted` has not told that before.
pub(super) fn line(report: &RunReport, lang: Lang, hinted: &mut BTreeSet<ProblemCode>) -> String {
    let mut text = say::pick(
        lang,
        format!(
            "{}: {}，列表 {} 行，读取 {} 篇，新 {}，修订 {}",
            report.column,
            outcome(report.outcome, lang),
            report.listed,
            report.fetched,
            report.new,
            report.revised
        ),
        format!(
            "{}: {}, {} rows listed, {} articles read, {} new, {} revised",
            report.column,
            outcome(report.outcome, lang),
            report.listed,
            report.fetched,
            report.new,
            report.revised
        ),
    );
    for (count, zh, en) in [
        (report.held, "待放行", "held"),
        (report.withdrawn, "撤下", "withdrawn"),
        (report.restored, "恢复", "restored"),
    ] {
        if count > 0 {
            text.push_str(&say::pick(lang, format!("，{zh} {count}"), format!(", {count} {en}")));
        }
    }
    let mut told = Vec::new();
    for fault in &report.faults {
        if !told.contains(&fault.code) {
            told.push(fault.code);
            text.push_str("\n  ");
            let told = match hinted.insert(fault.code) {
                true => say::problem(lang, fault.code, &fault.detail),
                false => say::problem_again(lang, fault.code, &fault.detail),
            };
            text.push_str(&told.replace('\n', "\n  "));
        }
    }
    text
}

fn outcome(outcome: Outcome, lang: Lang) -> &'static str {
    match outcome {
        Outcome::Fine => say::pick(lang, "正常", "fine"),
        Outcome::Unchanged => say::pick(lang, "无变化", "unchanged"),
        Outcome::Partly => say::pick(lang, "部分失败", "partly failed"),
        Outcome::Failed => say::pick(lang, "失败", "failed"),
    }
}

/// The columns that `targets` name; all enabled ones when there are none.
pub(super) fn chosen(
    config: &Config,
    targets: &[String],
    lang: Lang,
) -> Result<Vec<ColumnId>, Failure> {
    let all: Vec<ColumnId> = config.columns().map(|(_, column)| column.id.clone()).collect();
    if targets.is_empty() {
        return Ok(all);
    }
    let mut columns: Vec<ColumnId> = Vec::new();
    for target in targets {
        let named = |id: &&ColumnId| id.site().as_str() == target || id.to_string() == *target;
        let wanted: Vec<&ColumnId> = all.iter().filter(named).collect();
        if wanted.is_empty() {
            return Err(Failure { code: USAGE, message: unknown(config, target, lang) });
        }
        for id in wanted {
            if !columns.contains(id) {
                columns.push(id.clone());
            }
        }
    }
    Ok(columns)
}

/// Why `target` names no column that is read.
pub(super) fn unknown(config: &Config, target: &str, lang: Lang) -> String {
    let name = target.split('/').next().unwrap_or(target);
    match config.sites.iter().find(|site| site.id.as_str() == name) {
        Some(site) if !site.enabled => say::disabled_site(lang, target, name),
        Some(site) => {
            let columns: Vec<String> = site.columns.iter().map(|c| c.id.to_string()).collect();
            say::unknown_column(lang, target, &columns)
        }
        None => {
            let enabled = config.sites.iter().filter(|site| site.enabled);
            let sites: Vec<&str> = enabled.map(|site| site.id.as_str()).collect();
            say::unknown_site(lang, target, &sites)
        }
    }
}

/// The demo network and the daemon on it.
pub(super) fn demo(args: &Args, lang: Lang, demo: &DemoArgs) -> Result<u8, Failure> {
    let pace = if demo.once { Pace::Frozen } else { Pace::Lively };
    log_to_stderr(if demo.once { "lianbo=error" } else { "lianbo=info" });
    block_on(async {
        if !demo.folder.join("config.toml").is_file() {
            let message = say::demo_missing(lang, &demo.folder.display().to_string());
            return Err(Failure { code: USAGE, message });
        }
        let clock = machine_clock();
        let network = Demo::start(&demo.folder, args.data.as_deref(), pace, clock()).await;
        let network = network.map_err(|error| match error.faults() {
            Some(faults) => Failure::config(faults, lang),
            None => match error.code() {
                Some(code) => Failure::problem(code, &error.to_string(), lang),
                None => Failure { code: CANNOT_WORK, message: error.to_string() },
            },
        })?;
        let config = network.config().clone();
        if demo.once {
            let columns = chosen(&config, &[], lang)?;
            let digests: Vec<String> =
                config.digests.iter().map(|digest| digest.spec.slug.clone()).collect();
            let data = config.clone();
            let code = refresh_once(config, Demo::frozen_clock(), columns, lang).await?;
            build_issues(data, &digests, lang).await?;
            return Ok(code);
        }
        let review = demo::review(config.clone(), network.platform().base());
        let editors = tokio_util::task::AbortOnDropHandle::new(tokio::spawn(review));
        let served = serve(config, clock, lang).await;
        drop(editors);
        served
    })
}

/// Builds an issue of each digest, by the clock of the demo, and says what came of it.
async fn build_issues(config: Config, digests: &[String], lang: Lang) -> Result<(), Failure> {
    let failed = |error: anyhow::Error| Failure::of(&error, lang);
    let pipeline = daemon::open(Arc::new(config), Demo::frozen_clock()).await.map_err(failed)?;
    for digest in digests {
        let built = pipeline.build_issue(digest, None, &Person::daemon()).await;
        let told = match built {
            Ok(Built::New(record)) => {
                let id = &record.issue.id;
                let written = pipeline.write_bundle(id, None).await;
                let (folder, _) = written.map_err(|error| failed(error.into()))?;
                say::issue_built(lang, id, &plain_path(&folder))
            }
            Ok(Built::There(record)) => say::issue_there(lang, &record.issue.id),
            Ok(Built::Nothing) => say::issue_nothing(lang, digest),
            Err(error) => return Err(failed(error.into())),
        };
        eprintln!("{}", told.trim_end());
    }
    pipeline.store.close().await.map_err(|error| failed(error.into()))
}

/// Runs `work` to its end.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    crate::net::install_crypto();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure { code: CANNOT_WORK, message: format!("runtime: {error}") })?;
    let result = runtime.block_on(work);
    // A page that is still being read must not hold up the end.
    runtime.shutdown_background();
    result
}

/// Logs to stderr; `LIANBO_LOG` chooses what.
pub(super) fn log_to_stderr(default: &str) {
    let filter = EnvFilter::try_from_env("LIANBO_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    // A second start in one process keeps the first subscriber.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .try_init();
}
