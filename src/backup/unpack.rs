//! Reading an archive of which nothing is believed: not its names, not its sizes, not its bytes.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde::de::DeserializeOwned;
use tar::{Archive, Entries, Entry, EntryType};
use zstd::stream::read::Decoder;

use super::place::{Place, place};
use super::{BackupError, FORMAT, HEAD, Head, KIND, MANIFEST, Manifest, Member};

/// Size of the first member at most.
const HEAD_BYTES: u64 = 64 << 10;
/// Size of the last member at most.
const MANIFEST_BYTES: u64 = 256 << 20;
/// Size of a configuration file that is read before the rest at most.
const CONFIG_BYTES: u64 = 4 << 20;
/// Members at most.
const MOST_MEMBERS: usize = 2_000_000;
/// The file system keeps so much free.
const RESERVE_BYTES: u64 = 64 << 20;
/// What a zstd frame begins with (RFC 8878 §3.1.1).
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

type Source = Decoder<'static, BufReader<File>>;

/// An archive that was read whole and found sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// What it is.
    pub head: Head,
    /// What it holds.
    pub manifest: Manifest,
}

/// What the archive at `path` is.
pub fn head(path: &Path) -> Result<Head, BackupError> {
    let mut archive = open(path)?;
    let mut entries = raw(&mut archive)?;
    first(&mut entries, path)
}

/// Unpacks the archive at `path` into `folder`, which is empty, and compares every file with what the
/// archive says of itself; `seen` hears of each member. On an error the folder is of no use.
pub fn unpack(
    path: &Path,
    folder: &Path,
    mut seen: impl FnMut(&str),
) -> Result<Unpacked, BackupError> {
    let mut archive = open(path)?;
    let mut entries = raw(&mut archive)?;
    let head = first(&mut entries, path)?;
    let mut found: BTreeMap<String, Member> = BTreeMap::new();
    let manifest: Manifest = loop {
        let Some(mut entry) = next(&mut entries)? else {
            return Err(BackupError::Truncated(format!("no `{MANIFEST}`")));
        };
        let name = name(&entry)?;
        if name == MANIFEST {
            break read_json(&mut entry, MANIFEST_BYTES)?;
        }
        if found.len() >= MOST_MEMBERS {
            return Err(BackupError::Unsafe(format!("more than {MOST_MEMBERS} members")));
        }
        let member = member(&mut entry, &name, folder)?;
        seen(&name);
        if found.insert(name.clone(), member).is_some() {
            return Err(BackupError::Unsafe(format!("`{name}` twice")));
        }
    };
    if let Some(entry) = next(&mut entries)? {
        return Err(BackupError::Unsafe(format!("`{}` after the end", name(&entry)?)));
    }
    to_the_end(archive)?;
    compare(found, &manifest)?;
    Ok(Unpacked { head, manifest })
}

/// The text of the configuration file `name` of the archive at `path`, without unpacking the rest;
/// `None` where it is not before the database, in UTF-8.
pub fn config_text(path: &Path, name: &str) -> Result<Option<String>, BackupError> {
    let mut archive = open(path)?;
    let mut entries = raw(&mut archive)?;
    first(&mut entries, path)?;
    while let Some(mut entry) = next(&mut entries)? {
        let found = self::name(&entry)?;
        if place(&found) != Some(Place::Config) {
            break;
        }
        if found == name && entry.size() <= CONFIG_BYTES {
            let mut text = Vec::new();
            entry.read_to_end(&mut text).map_err(|error| BackupError::read(&error))?;
            return Ok(String::from_utf8(text).ok());
        }
    }
    Ok(None)
}

fn open(path: &Path) -> Result<Archive<Source>, BackupError> {
    let fault = |error: io::Error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => BackupError::Absent(path.to_owned()),
        _ => BackupError::file(path, error),
    };
    let mut magic = [0; MAGIC.len()];
    let mut begin = File::open(path).map_err(fault)?;
    if begin.read_exact(&mut magic).is_err() || magic != MAGIC {
        return Err(BackupError::NotOne(path.to_owned()));
    }
    let file = File::open(path).map_err(fault)?;
    let decoder = Decoder::new(file).map_err(|error| BackupError::read(&error))?;
    Ok(Archive::new(decoder))
}

/// The entries as they stand, without extensions that could name or size them otherwise.
fn raw(archive: &mut Archive<Source>) -> Result<Entries<'_, Source>, BackupError> {
    Ok(archive.entries().map_err(|error| BackupError::read(&error))?.raw(true))
}

fn next<'a>(entries: &mut Entries<'a, Source>) -> Result<Option<Entry<'a, Source>>, BackupError> {
    entries.next().transpose().map_err(|error| BackupError::read(&error))
}

/// The first member, by which the rest may be read.
fn first(entries: &mut Entries<'_, Source>, path: &Path) -> Result<Head, BackupError> {
    let not_one = || BackupError::NotOne(path.to_owned());
    let Some(mut entry) = next(entries)? else { return Err(not_one()) };
    if name(&entry).ok().as_deref() != Some(HEAD) {
        return Err(not_one());
    }
    // What a later layout adds is of no interest before its number was compared.
    let value: serde_json::Value = read_json(&mut entry, HEAD_BYTES)?;
    let text = |key: &str| value.get(key).and_then(|value| value.as_str()).unwrap_or_default();
    if text("backup") != KIND {
        return Err(not_one());
    }
    let format = value.get("format").and_then(serde_json::Value::as_u64);
    let format = format.and_then(|format| u32::try_from(format).ok()).unwrap_or(u32::MAX);
    if format > FORMAT {
        let version = text("version").chars().take(40).collect();
        return Err(BackupError::NewerLayout { version, found: format, known: FORMAT });
    }
    serde_json::from_value(value).map_err(|error| BackupError::Damaged(format!("{HEAD}: {error}")))
}

/// The name of a plain file.
fn name(entry: &Entry<'_, Source>) -> Result<String, BackupError> {
    let bytes = entry.path_bytes();
    let shown: String = String::from_utf8_lossy(&bytes).chars().take(200).collect();
    if entry.header().entry_type() != EntryType::Regular {
        let kind = entry.header().entry_type();
        return Err(BackupError::Unsafe(format!("`{shown}` is no plain file ({kind:?})")));
    }
    String::from_utf8(bytes.into_owned())
        .map_err(|_| BackupError::Unsafe(format!("`{shown}` is no UTF-8")))
}

fn member(entry: &mut Entry<'_, Source>, name: &str, folder: &Path) -> Result<Member, BackupError> {
    let Some(place) = place(name) else {
        return Err(BackupError::Unsafe(format!("`{name}`")));
    };
    let size_bytes = entry.size();
    has_room(folder, name, size_bytes)?;
    let target = folder.join(name);
    let fault = |error| BackupError::file(&target, error);
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).map_err(fault)?;
    }
    // What may hold secrets is its owner's; what is published anyway needs no care.
    let mode = if matches!(place, Place::Asset(_)) { 0o644 } else { 0o600 };
    let open = File::options().write(true).create_new(true).mode(mode).open(&target);
    let mut file = match open {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(BackupError::Unsafe(format!("`{name}` twice")));
        }
        opened => opened.map_err(fault)?,
    };
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 64 << 10];
    let mut left = size_bytes;
    while left > 0 {
        let count = entry.read(&mut buffer).map_err(|error| BackupError::read(&error))?;
        if count == 0 {
            return Err(BackupError::Truncated(format!("`{name}`")));
        }
        hasher.update(&buffer[..count]);
        file.write_all(&buffer[..count]).map_err(fault)?;
        left = left.saturating_sub(count as u64);
    }
    let blake3 = hasher.finalize().to_hex().to_string();
    if let Place::Asset(hash) = place
        && !blake3.starts_with(hash.as_str())
    {
        return Err(BackupError::Damaged(format!("`{name}` has other bytes than its name says")));
    }
    Ok(Member { path: name.to_owned(), size_bytes, blake3 })
}

fn has_room(folder: &Path, name: &str, wanted_bytes: u64) -> Result<(), BackupError> {
    let found = rustix::fs::statvfs(folder);
    let found = found.map_err(|error| BackupError::file(folder, error.into()))?;
    let free_bytes = found.f_bavail.saturating_mul(found.f_frsize);
    if wanted_bytes.saturating_add(RESERVE_BYTES) > free_bytes {
        let (path, folder) = (name.to_owned(), folder.to_owned());
        return Err(BackupError::NoRoom { path, wanted_bytes, free_bytes, folder });
    }
    Ok(())
}

fn read_json<T: DeserializeOwned>(
    entry: &mut Entry<'_, Source>,
    most: u64,
) -> Result<T, BackupError> {
    let name = name(entry)?;
    if entry.size() > most {
        return Err(BackupError::Unsafe(format!("`{name}` has {} bytes", entry.size())));
    }
    let mut text = Vec::new();
    entry.read_to_end(&mut text).map_err(|error| BackupError::read(&error))?;
    if (text.len() as u64) < entry.size() {
        return Err(BackupError::Truncated(format!("`{name}`")));
    }
    serde_json::from_slice(&text).map_err(|error| BackupError::Damaged(format!("{name}: {error}")))
}

/// Reads what follows the last entry, which is padding: only then the checksum of the compressed
/// stream was compared.
fn to_the_end(archive: Archive<Source>) -> Result<(), BackupError> {
    let mut rest = archive.into_inner();
    let mut buffer = [0; 4096];
    loop {
        match rest.read(&mut buffer).map_err(|error| BackupError::read(&error))? {
            0 => return Ok(()),
            count if buffer[..count].iter().all(|&byte| byte == 0) => {}
            _ => return Err(BackupError::Unsafe("bytes after the end".to_owned())),
        }
    }
}

/// Every member is named, every name is a member, and both agree.
fn compare(mut found: BTreeMap<String, Member>, manifest: &Manifest) -> Result<(), BackupError> {
    for wanted in &manifest.members {
        match found.remove(&wanted.path) {
            Some(member) if member == *wanted => {}
            Some(_) => {
                let what = format!("`{}` is not what was packed", wanted.path);
                return Err(BackupError::Damaged(what));
            }
            None => return Err(BackupError::Damaged(format!("`{}` is not in it", wanted.path))),
        }
    }
    match found.into_keys().next() {
        Some(path) => Err(BackupError::Damaged(format!("`{path}` is not in `{MANIFEST}`"))),
        None => Ok(()),
    }
}
