//! The command line: what is asked, who does it, and the exit code.
//!
//! Data goes to stdout, everything else to stderr.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the command line is what prints")]

mod alert;
mod args;
mod backfill;
mod backup;
mod capture;
mod check;
mod clients;
mod desk;
mod editing;
mod evaluate;
mod explain;
mod export;
mod files;
mod issue;
mod ledger;
mod named;
mod offline;
mod operate;
mod probe;
mod problems;
mod progress;
mod prune;
mod push;
mod repair;
mod replay;
mod report;
mod restore;
mod say;
mod sight;
mod takedown;
mod trust;

use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

pub use args::{Args, Command};

use crate::config::{Config, Faults};
use crate::model::{Lang, ProblemCode};
use crate::publish::PublishError;
use crate::serve::ListenError;
use crate::store::StoreError;

/// Everything went well.
pub const FINE: u8 = 0;
/// Some columns failed, some pages could not be read, or problems are open.
pub const SOME_FAILED: u8 = 1;
/// The command line or the configuration has faults.
pub const USAGE: u8 = 2;
/// The program cannot work: data folder in use, database absent, broken or full, port taken.
pub const CANNOT_WORK: u8 = 3;

/// A failure that ends a command, with its exit code and its message in the operator's language.
#[derive(Debug)]
struct Failure {
    code: u8,
    message: String,
}

/// Runs the command of this process's arguments.
pub fn main() -> ExitCode {
    let matches = match Args::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // Nobody is left to tell when the terminal is gone.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { USAGE } else { FINE });
        }
    };
    let args = match Args::from_arg_matches(&matches) {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(USAGE);
        }
    };
    let lang = args.lang();
    match dispatch(&args, lang) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("{}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}

fn dispatch(args: &Args, lang: Lang) -> Result<u8, Failure> {
    match args.command.as_ref().unwrap_or(&Command::Run) {
        Command::Run => operate::run(args, lang),
        Command::Once { targets } => operate::once(args, lang, targets),
        Command::Backfill { targets, until } => backfill::backfill(args, lang, targets, *until),
        Command::Demo(demo) => operate::demo(args, lang, demo),
        Command::Withdraw(asked) => editing::withdraw(args, lang, asked),
        Command::Restore(asked) => match restore::backup_named(asked) {
            Some(file) => restore::restore(args, lang, asked, file),
            None => editing::restore(args, lang, asked),
        },
        Command::Backup(asked) => backup::backup(args, lang, asked),
        Command::Prune(asked) => prune::prune(args, lang, asked),
        Command::Purge(asked) => editing::purge(args, lang, asked),
        Command::Held => editing::held(args, lang),
        Command::Release(asked) => editing::release(args, lang, asked),
        Command::Export(asked) => export::export(args, lang, asked),
        Command::Clients => clients::clients(args, lang),
        Command::Problems { history: false } => problems::problems(args, lang),
        Command::Problems { history: true } => problems::history(args, lang),
        Command::Alert { action } => alert::alert(args, lang, action),
        Command::Trust(asked) => trust::trust(args, lang, asked),
        Command::Check => check::check(args, lang),
        Command::Next { count, until } => check::next(args, *count, *until),
        Command::Ledger(asked) => ledger::ledger(args, lang, asked),
        Command::Extract(pages) => offline::extract(args, lang, pages),
        Command::Discover(pages) => offline::discover(args, lang, pages),
        Command::Evaluate(pages) => evaluate::evaluate(lang, pages),
        Command::Explain(asked) => explain::explain(args, lang, asked),
        Command::Capture(asked) => capture::capture(args, lang, asked),
        Command::Repair(asked) => repair::repair(args, lang, asked),
        Command::Replay(asked) => replay::replay(args, lang, asked),
        Command::Takedown(asked) => takedown::takedown(args, lang, asked),
        Command::Probe(asked) => probe::probe(args, lang, asked),
        Command::Push { action } => push::push(args, lang, action),
        Command::Issue { action } => issue::issue(args, lang, action),
        Command::Report { action } => report::report(args, lang, action),
        Command::Config => print(Config::defaults()),
        Command::Completions { shell } => {
            let mut command = Args::command();
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut command, "lianbo", &mut script);
            print(&String::from_utf8_lossy(&script))
        }
    }
}

/// Writes data to stdout. A reader that stops listening (`| head`) is no fault.
fn print(text: &str) -> Result<u8, Failure> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure { code: CANNOT_WORK, message: format!("stdout: {error}") })
        }
        _ => Ok(FINE),
    }
}

impl Failure {
    fn config(faults: &Faults, lang: Lang) -> Self {
        let head = say::config_faults(lang, faults.0.len());
        Self { code: USAGE, message: format!("{head}\n{}", faults.text(lang)) }
    }

    fn problem(code: ProblemCode, detail: &str, lang: Lang) -> Self {
        Self { code: CANNOT_WORK, message: say::problem(lang, code, detail) }
    }

    /// The sentence for whatever an operation ended with.
    fn of(error: &anyhow::Error, lang: Lang) -> Self {
        if let Some(store) = error.downcast_ref::<StoreError>() {
            return Self::problem(store.code(), &store.to_string(), lang);
        }
        if let Some(publish) = error.downcast_ref::<PublishError>() {
            return Self::problem(publish.code(), &publish.to_string(), lang);
        }
        if let Some(listen) = error.downcast_ref::<ListenError>() {
            return Self::problem(listen.code(), &listen.to_string(), lang);
        }
        Self { code: CANNOT_WORK, message: format!("{error:#}") }
    }
}

fn config_missing(file: &Path, lang: Lang) -> Failure {
    let message = say::config_missing(lang, &file.display().to_string());
    Failure { code: USAGE, message }
}

/// `path` as people write it: without `.`, and without `..` behind a folder that is named.
fn plain_path(path: &Path) -> String {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(plain.components().next_back(), Some(Component::Normal(_))) =>
            {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    if plain.as_os_str().is_empty() { ".".to_owned() } else { plain.display().to_string() }
}

/// The configuration that `args` name; without any, `config.toml` here.
fn load(args: &Args, lang: Lang) -> Result<Config, Failure> {
    let file = args.config_file();
    if !file.exists() {
        return Err(config_missing(&file, lang));
    }
    Config::load_with(&file, args.data.as_deref()).map_err(|faults| Failure::config(&faults, lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_told_without_detours() {
        for (path, plain) in [
            ("demo/../data/demo/once/public", "data/demo/once/public"),
            ("./data", "data"),
            ("a/./b/../../c", "c"),
            ("../data", "../data"),
            ("../../a/../b", "../../b"),
            ("/srv/../var/lianbo", "/var/lianbo"),
            ("a/..", "."),
        ] {
            assert_eq!(plain_path(Path::new(path)), plain, "{path}");
        }
    }
}
