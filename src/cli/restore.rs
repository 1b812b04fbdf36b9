//! The command `restore` with a backup file: a whole service, on this machine or another one.
//!
//! Everything is unpacked and compared beside the place where it is to stand; then it is renamed. A
//! kill before that leaves all as it was, and what it leaves beside is removed by the next one.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use tracing::trace;

use crate::backup::{self, CONFIG, DATABASE, Head, Staging, Unpacked};
use crate::config::Glimpse;
use crate::daemon::machine_clock;
use crate::model::Lang;
use crate::store::{self, StoreError};

use super::args::RestoreArgs;
use super::backup::{config_members, failed};
use super::operate::log_to_stderr;
use super::{Args, CANNOT_WORK, FINE, Failure, USAGE, files, plain_path, print, say};

/// What the names of backups end with.
const ENDING: &str = ".tar.zst";
/// The folder within a backup and within the staging folder.
const DATA: &str = "data";

/// The backup that is to be restored; `None` where items are named.
pub(super) fn backup_named(asked: &RestoreArgs) -> Option<&Path> {
    let [one] = &asked.items[..] else { return None };
    (one.ends_with(ENDING) || Path::new(one).is_file()).then_some(Path::new(one))
}

/// `lianbo restore FILE`.
pub(super) fn restore(
    args: &Args,
    lang: Lang,
    asked: &RestoreArgs,
    file: &Path,
) -> Result<u8, Failure> {
    log_to_stderr("lianbo=error");
    let head = backup::head(file).map_err(|error| failed(&error, lang))?;
    if head.schema > store::known_schema() {
        let (found, known) = (head.schema, store::known_schema());
        return Err(Failure {
            code: USAGE,
            message: say::newer_schema(lang, &head.version, found, known),
        });
    }
    let main = args.config_file();
    let with_config = !main.exists() && !asked.without_config && head.main.is_some();
    let data = data_folder(args, &main, file, &head, lang)?;
    let place = Place::look(&data, asked.force, lang)?;
    eprintln!("{}", say::unpacking(lang, &plain_path(&data)));
    let staging = Staging::beside(&data).map_err(|error| failed(&error, lang))?;
    let unpacked = checked(file, &staging, lang)?;
    let mut kept = Vec::new();
    if with_config {
        kept = put_config(&main, &staging, &unpacked, lang)?;
        progress("configuration in place");
    }
    let aside = place.put(&staging, &data, lang)?;
    progress("data in place");
    let told = say::Restored {
        data: &plain_path(&data),
        aside: aside.as_deref().map(plain_path),
        config: with_config.then(|| plain_path(&main)),
        kept: &kept,
        has_config: config_members(&unpacked.manifest).next().is_some(),
        unpacked: &unpacked,
    };
    print(&say::restored_all(lang, &told))?;
    Ok(FINE)
}

fn progress(what: &str) {
    trace!(target: "lianbo::progress", what, "restore");
}

/// Where the data is to stand: as the command line has it, else the configuration that is here, else
/// the one in the backup.
fn data_folder(
    args: &Args,
    main: &Path,
    file: &Path,
    head: &Head,
    lang: Lang,
) -> Result<PathBuf, Failure> {
    if let Some(data) = &args.data {
        return Ok(data.clone());
    }
    if main.exists() {
        return Ok(Glimpse::of(main).data);
    }
    let text = match &head.main {
        Some(name) => backup::config_text(file, name).map_err(|error| failed(&error, lang))?,
        None => None,
    };
    Ok(Glimpse::of_text(main, text.unwrap_or_default()).data)
}

/// Unpacks, and looks into the database; on a fault nothing stays.
fn checked(file: &Path, staging: &Staging, lang: Lang) -> Result<Unpacked, Failure> {
    let seen = |name: &str| {
        if name == DATABASE {
            progress("database unpacked");
        }
    };
    let unpacked = backup::unpack(file, staging.folder(), seen);
    let unpacked = unpacked.map_err(|error| failed(&error, lang))?;
    let database = staging.folder().join(DATABASE);
    let damaged = |what: String| failed(&backup::BackupError::Damaged(what), lang);
    if !database.is_file() {
        return Err(damaged(format!("`{DATABASE}` is not in it")));
    }
    let found = store::inspect(&database).map_err(|error| match error {
        StoreError::Newer { found, known } => Failure {
            code: USAGE,
            message: say::newer_schema(lang, &unpacked.head.version, found, known),
        },
        error => damaged(format!("`{DATABASE}`: {error}")),
    })?;
    let counts = unpacked.manifest.counts;
    if (found.schema, found.items) != (unpacked.head.schema, counts.items) {
        return Err(damaged(format!("`{DATABASE}` has {} items of {}", found.items, counts.items)));
    }
    progress("checked");
    Ok(unpacked)
}

/// What stands where the data is to stand.
enum Place {
    Nothing,
    /// An empty folder.
    Empty,
    /// Data, locked by us; it is to be kept beside.
    Data(fs::File),
}

impl Place {
    fn look(data: &Path, force: bool, lang: Lang) -> Result<Self, Failure> {
        let shown = plain_path(data);
        let failed = |error: &std::io::Error| Failure {
            code: CANNOT_WORK,
            message: format!("{shown}: {error}"),
        };
        let found = match fs::metadata(data) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::Nothing);
            }
            found => found.map_err(|error| failed(&error))?,
        };
        if !found.is_dir() {
            return Err(Failure { code: USAGE, message: say::no_folder(lang, &shown) });
        }
        let real = fs::canonicalize(data).map_err(|error| failed(&error))?;
        let parent = real.parent().and_then(|parent| fs::metadata(parent).ok());
        if parent.is_none_or(|parent| parent.dev() != found.dev()) {
            return Err(Failure { code: USAGE, message: say::mount_point(lang, &shown) });
        }
        let names = fs::read_dir(data).map_err(|error| failed(&error))?;
        let names = names.filter_map(Result::ok).map(|entry| entry.file_name());
        let names: Vec<_> = names.collect();
        if names.is_empty() {
            return Ok(Self::Empty);
        }
        // Whoever works there holds this.
        let lock = store::lock(data).map_err(|error| Failure::of(&error.into(), lang))?;
        if names.iter().all(|name| name == store::LOCK) {
            return Ok(Self::Empty);
        }
        if !force {
            return Err(Failure { code: USAGE, message: say::not_empty(lang, &shown) });
        }
        Ok(Self::Data(lock))
    }

    /// Puts what was unpacked into its place; gives where the earlier data is now.
    fn put(self, staging: &Staging, data: &Path, lang: Lang) -> Result<Option<PathBuf>, Failure> {
        let shown = |error: &std::io::Error| Failure {
            code: CANNOT_WORK,
            message: format!("{}: {error}", plain_path(data)),
        };
        let mut aside = None;
        // Held until the earlier data is beside.
        let mut held = None;
        match self {
            Self::Nothing => {}
            Self::Empty => {
                let _ = fs::remove_file(data.join(store::LOCK));
            }
            Self::Data(lock) => {
                let place = beside(data);
                fs::rename(data, &place).map_err(|error| shown(&error))?;
                progress("earlier data set aside");
                (aside, held) = (Some(place), Some(lock));
            }
        }
        let put = staging.put_folder(DATA, data);
        drop(held);
        match (put, aside) {
            (Ok(_), aside) => Ok(aside),
            (Err(error), None) => Err(failed(&error, lang)),
            (Err(error), Some(place)) => {
                // Back to how it was.
                let _ = fs::rename(&place, data);
                Err(failed(&error, lang))
            }
        }
    }
}

/// A name that is free beside the data folder, with the time in it.
fn beside(data: &Path) -> PathBuf {
    let name = data.file_name().unwrap_or_default().to_string_lossy();
    let now = machine_clock()().format("%Y%m%d-%H%M%S");
    let named = |number: u32| match number {
        0 => data.with_file_name(format!("{name}.{now}")),
        number => data.with_file_name(format!("{name}.{now}-{number}")),
    };
    (0..).map(named).find(|place| !place.exists()).unwrap_or_else(|| named(u32::MAX))
}

/// Puts the configuration files into the folder of `main`, that one last: without it all of this is
/// done again. Files that are there stay as they are; gives those.
fn put_config(
    main: &Path,
    staging: &Staging,
    unpacked: &Unpacked,
    lang: Lang,
) -> Result<Vec<String>, Failure> {
    let folder = main.parent().unwrap_or(Path::new(""));
    let own = unpacked.head.main.as_deref().unwrap_or_default();
    let mut members: Vec<&str> =
        config_members(&unpacked.manifest).map(|member| member.path.as_str()).collect();
    members.sort_by_key(|path| *path == own);
    let mut kept = Vec::new();
    for path in members {
        let name = path.strip_prefix(CONFIG).unwrap_or(path);
        // The main file takes the name under which it is asked for.
        let target = if path == own { main.to_owned() } else { folder.join(name) };
        let put = || -> std::io::Result<bool> {
            let bytes = fs::read(staging.folder().join(path))?;
            if target.exists() {
                return Ok(fs::read(&target)? == bytes);
            }
            if let Some(parent) = target.parent() {
                files::folder(parent)?;
            }
            files::put(&target, &bytes)?;
            Ok(true)
        };
        let shown = plain_path(&target);
        let put = put();
        let message = |error| format!("{shown}: {error}");
        if !put.map_err(|error| Failure { code: CANNOT_WORK, message: message(error) })? {
            kept.push(say::kept_as_it_is(lang, &shown));
        }
    }
    Ok(kept)
}
