//! The command `problems`: what is open in the database, also while the configuration has faults.

use std::io::ErrorKind;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::config::{Config, Glimpse};
use crate::model::{Lang, Notice, Problem};
use crate::store::{SqliteStore, StoreError};
use crate::text::sentence;

use super::operate::block_on;
use super::{
    Args, CANNOT_WORK, FINE, Failure, SOME_FAILED, config_missing, plain_path, print, say,
};

/// Where to look, and what is wrong with the configuration that says so.
pub(super) struct Ground {
    pub(super) data: PathBuf,
    pub(super) zone: Tz,
    pub(super) faults: Option<Failure>,
}

/// Lists the open problems; exit code 1 when there are any, faults of the configuration among them.
pub(super) fn problems(args: &Args, lang: Lang) -> Result<u8, Failure> {
    let ground = ground(args, lang)?;
    ground.wants_database(args, lang)?;
    if let Some(faults) = &ground.faults {
        eprintln!("{}", faults.message);
    }
    block_on(async {
        let store = SqliteStore::open_read_only(&ground.data)
            .map_err(|error| Failure::of(&error.into(), lang))?;
        let problems = store.problems().await.map_err(|error| Failure::of(&error.into(), lang))?;
        for problem in &problems {
            print(&entry(problem, ground.zone, lang))?;
        }
        match (problems.is_empty(), &ground.faults) {
            (true, None) => print(&format!("{}\n", say::no_problems(lang))).map(|_| FINE),
            _ => Ok(SOME_FAILED),
        }
    })
}

/// Notices that `--history` lists at most.
const NOTICES: u32 = 500;

/// Lists what opened and healed, the newest first.
pub(super) fn history(args: &Args, lang: Lang) -> Result<u8, Failure> {
    let ground = ground(args, lang)?;
    ground.wants_database(args, lang)?;
    block_on(async {
        let fault = |error: StoreError| Failure::of(&error.into(), lang);
        let store = SqliteStore::open_read_only(&ground.data).map_err(fault)?;
        let notices = store.notices(NOTICES).await.map_err(fault)?;
        if notices.is_empty() {
            return print(&format!("{}\n", say::no_notices(lang)));
        }
        let lines = notices.iter().map(|(_, notice)| line(notice, ground.zone, lang));
        print(&lines.collect::<String>())
    })
}

impl Ground {
    /// Fails where there is nothing to look into.
    pub(super) fn wants_database(&self, args: &Args, lang: Lang) -> Result<(), Failure> {
        let database = self.data.join("lianbo.db");
        match std::fs::metadata(&database) {
            Ok(_) => Ok(()),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Err(no_database(args, lang, self))
            }
            Err(error) => {
                let error = StoreError::File { path: database, error };
                Err(Failure::of(&error.into(), lang))
            }
        }
    }
}

/// The folder that `--data` names, else the one of the configuration, as far as it can be read.
pub(super) fn ground(args: &Args, lang: Lang) -> Result<Ground, Failure> {
    let file = args.config_file();
    let there = file.exists();
    if !there && (args.data.is_none() || args.config.is_some()) {
        return Err(config_missing(&file, lang));
    }
    let faults = match Config::load_with(&file, args.data.as_deref()) {
        Err(faults) if there => Some(Failure::config(&faults, lang)),
        // With a data folder named, nothing more is needed.
        Ok(_) | Err(_) => None,
    };
    let Glimpse { data, zone } = Glimpse::of(&file);
    Ok(Ground { data: args.data.clone().unwrap_or(data), zone, faults })
}

/// There is nothing to look into; faults of the configuration may be the reason, and come first.
fn no_database(args: &Args, lang: Lang, ground: &Ground) -> Failure {
    let folder = plain_path(&ground.data);
    let message = match args.data {
        Some(_) => say::no_database(lang, &folder),
        None => say::never_ran(lang, &folder),
    };
    match &ground.faults {
        Some(faults) => {
            Failure { code: faults.code, message: format!("{}\n{message}", faults.message) }
        }
        None => Failure { code: CANNOT_WORK, message },
    }
}

/// When, what happened, where, what it is and what was found.
fn line(notice: &Notice, zone: Tz, lang: Lang) -> String {
    let day = |time: DateTime<Utc>| time.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string();
    let happened = match notice.healed {
        Some(_) => say::problem_healed(lang, &day(notice.since)),
        None => say::problem_opened(lang).to_owned(),
    };
    format!(
        "{}\t{happened}\t{}\t{}\t{}\t{}\n",
        day(notice.at()),
        notice.subject,
        notice.code.as_str(),
        sentence::problem(notice.code, lang).what,
        notice.detail
    )
}

/// What is wrong and since when; a line on what was found, and one on what to do.
fn entry(problem: &Problem, zone: Tz, lang: Lang) -> String {
    let sentence = sentence::problem(problem.code, lang);
    format!(
        "{}\t{}\t{}×\t{}\t{}\n  {}\n  {}\n",
        problem.subject,
        problem.code.as_str(),
        problem.count,
        problem.first_seen.with_timezone(&zone).format("%Y-%m-%d %H:%M"),
        sentence.what,
        problem.detail,
        sentence.hint
    )
}
