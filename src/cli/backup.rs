//! The command `backup`: all that cannot be made again, in one file, while the daemon runs.
//!
//! The database is copied first, and that copy says which files belong to it: so what is stored or
//! taken down meanwhile tears nothing. The copy is made beside the backup and not in the data folder,
//! whose disk may be the one that is full.

use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::backup::{ASSETS, BackupError, DATABASE, Head, Manifest, Packer, Staging, config_place};
use crate::backup::{Counts, Member};
use crate::config::Config;
use crate::daemon::machine_clock;
use crate::model::{Asset, AssetHash, Lang};
use crate::store::{self, Copied};

use super::args::BackupArgs;
use super::problems::{Ground, ground};
use super::progress::Progress;
use super::{Args, CANNOT_WORK, FINE, Failure, SOME_FAILED, USAGE, plain_path, print, say};

/// The archive while it is being written, within the staging folder.
const ARCHIVE: &str = "archive";

/// `lianbo backup`.
pub(super) fn backup(args: &Args, lang: Lang, asked: &BackupArgs) -> Result<u8, Failure> {
    let began = Instant::now();
    let ground = ground(args, lang)?;
    ground.wants_database(args, lang)?;
    if let Some(faults) = &ground.faults {
        eprintln!("{}", faults.message);
    }
    let file = asked.file.display().to_string();
    if asked.file.is_dir() {
        return Err(Failure { code: USAGE, message: say::backup_is_folder(lang, &file) });
    }
    if asked.file.exists() && !asked.force {
        return Err(Failure { code: USAGE, message: say::backup_exists(lang, &file) });
    }
    let staging = Staging::beside(&asked.file).map_err(|error| failed(&error, lang))?;
    let (head, copied) = copied(&ground, asked, &staging, lang)?;
    let packed = packed(args, &ground, &staging, &head, &copied, lang);
    let manifest = packed.map_err(|error| failed(&error, lang))?;
    staging.put_file(ARCHIVE, &asked.file).map_err(|error| failed(&error, lang))?;
    for missing in &manifest.missing {
        eprintln!("{}", say::backup_lacks(lang, &missing.path, &missing.why));
    }
    let size_bytes = fs::metadata(&asked.file).map(|found| found.len()).unwrap_or(0);
    let counts = manifest.counts;
    print(&say::backed_up(lang, &file, size_bytes, &counts, began.elapsed()))?;
    eprintln!("{}", say::keep_backups_safe(lang));
    Ok(if manifest.missing.is_empty() { FINE } else { SOME_FAILED })
}

/// What a fault of a backup ends the command with: a file that is no good is a fault of what was given.
pub(super) fn failed(error: &BackupError, lang: Lang) -> Failure {
    let code = match error {
        BackupError::Busy(_) | BackupError::NoRoom { .. } | BackupError::File { .. } => CANNOT_WORK,
        _ => USAGE,
    };
    Failure { code, message: error.told().text(lang).to_owned() }
}

/// The copy of the database, and what the archive is by that.
fn copied(
    ground: &Ground,
    asked: &BackupArgs,
    staging: &Staging,
    lang: Lang,
) -> Result<(Head, Copied), Failure> {
    eprintln!("{}", say::copying_database(lang));
    let made = machine_clock()();
    let to = staging.folder().join(store::DATABASE);
    let copied = store::copy(&ground.data, &to, !asked.without_pages);
    let copied = copied.map_err(|error| Failure::of(&error.into(), lang))?;
    let head = Head::new(copied.schema, made, !asked.without_pictures, !asked.without_pages);
    Ok((head, copied))
}

fn packed(
    args: &Args,
    ground: &Ground,
    staging: &Staging,
    head: &Head,
    copied: &Copied,
    lang: Lang,
) -> Result<Manifest, BackupError> {
    let path = staging.folder().join(ARCHIVE);
    let fault = |error| BackupError::File { path: path.clone(), error };
    // It holds what is not public, and tokens that stand in the configuration.
    let out = File::options().write(true).create_new(true).mode(0o600).open(&path);
    let main = args.config_file();
    let main_place = below(&main, &main).and_then(|path| config_place(&path));
    let head = Head { main: main_place.filter(|_| main.exists()), ..head.clone() };
    let mut packer = Packer::new(out.map_err(fault)?, &head)?;
    let config = add_config(&mut packer, &main)?;
    packer.add_file(DATABASE, &staging.folder().join(store::DATABASE))?;
    let assets = if head.pictures { &copied.assets[..] } else { &[] };
    let progress = Progress::new(assets.len());
    let mut held = 0;
    for (number, asset) in (1..).zip(assets) {
        held += u64::from(add_asset(&mut packer, &ground.data, asset)?);
        if number % TOLD == 0 || number == assets.len() {
            progress.at(number, &say::packing_files(lang, number, assets.len()));
        }
    }
    progress.finish();
    let counts = Counts {
        items: copied.items,
        issues: copied.issues,
        pages: copied.pages,
        assets: held,
        config,
    };
    Ok(packer.finish(counts)?.0)
}

/// After so many files one hears of them.
const TOLD: usize = 500;

/// Adds a held file; false where it is not there as it should be, which is noted.
fn add_asset(packer: &mut Packer<File>, data: &Path, asset: &Asset) -> Result<bool, BackupError> {
    let place = format!("{ASSETS}{}", asset.path());
    match fs::read(data.join("public").join(asset.path())) {
        Ok(bytes) if AssetHash::of(&bytes) == asset.hash => {
            packer.add(&place, &bytes)?;
            return Ok(true);
        }
        Ok(_) => packer.lacks(&place, "its bytes are not those that were fetched"),
        Err(error) => packer.lacks(&place, error.to_string()),
    }
    Ok(false)
}

/// Adds the configuration file and all that it includes; gives how many. Files of secrets are never
/// included, and so never come along.
fn add_config(packer: &mut Packer<File>, main: &Path) -> Result<u64, BackupError> {
    let mut count = 0;
    if !main.exists() {
        return Ok(count);
    }
    let files = match Config::load(main) {
        Ok(config) => config.files,
        Err(_) => Config::files_of(main),
    };
    for file in files {
        let name = plain_path(&file);
        let Some(place) = below(main, &file).and_then(|path| config_place(&path)) else {
            packer.lacks(&name, "it is not below the folder of the configuration file");
            continue;
        };
        match fs::read(&file) {
            Ok(bytes) => {
                packer.add(&place, &bytes)?;
                count += 1;
            }
            Err(error) => packer.lacks(&name, error.to_string()),
        }
    }
    Ok(count)
}

/// `file` as seen from the folder of `main`, where it is below that.
fn below(main: &Path, file: &Path) -> Option<String> {
    let folder = main.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = PathBuf::from(plain_path(folder.unwrap_or(Path::new("."))));
    let file = PathBuf::from(plain_path(file));
    let rest = match file.strip_prefix(&folder) {
        Ok(rest) => rest,
        Err(_) if folder == Path::new(".") && file.is_relative() => &file,
        Err(_) => return None,
    };
    rest.to_str().map(str::to_owned)
}

/// The configuration files among the members of a backup, as they stand below the folder.
pub(super) fn config_members(manifest: &Manifest) -> impl Iterator<Item = &Member> {
    manifest.members.iter().filter(|member| member.path.starts_with(crate::backup::CONFIG))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_files_are_named_from_the_folder_of_the_main_one() {
        let from = |main: &str, file: &str| below(Path::new(main), Path::new(file));
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(from("config.toml", "config.toml"), some("config.toml"));
        assert_eq!(from("config.toml", "./feeds/a.toml"), some("feeds/a.toml"));
        assert_eq!(from("/srv/l/config.toml", "/srv/l/x/../feeds/a.toml"), some("feeds/a.toml"));
        assert_eq!(from("./l/config.toml", "l/feeds/a.toml"), some("feeds/a.toml"));
        assert_eq!(from("config.toml", "../shared/a.toml"), some("../shared/a.toml"));
        assert_eq!(from("/srv/l/config.toml", "/srv/shared/a.toml"), None);
        // What is outside has no place in a backup.
        assert_eq!(config_place("../shared/a.toml"), None);
    }
}
