//! Which files make up a configuration, and the folders they are looked for in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::model::Both;

use super::reader::{Section, Sink, Source, Value};

/// Reads a file; one that cannot be read is a fault.
pub(super) fn source(path: &Path, sink: &Sink) -> Option<Source> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Some(Source { name, text }),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            let zh = "不是 UTF-8 编码；请以 UTF-8 另存";
            sink.add(&name, 0, "", Both::new(zh, "is not UTF-8; save it as UTF-8"));
            None
        }
        Err(error) => {
            let what = Both::new(format!("无法读取：{error}"), format!("cannot be read: {error}"));
            sink.add(&name, 0, "", what);
            None
        }
    }
}

/// The files that `main` includes, in the order of their paths.
pub(super) fn included(file: &Path, main: &Source, sink: &Sink) -> Vec<(PathBuf, Source)> {
    let table = main.parse(sink);
    let root = Section::root(main, &table, sink);
    let patterns = root.section("daemon").value("include").map(|value| value.items());
    let mut paths: Vec<PathBuf> = Vec::new();
    for pattern in patterns.unwrap_or_default() {
        paths.extend(matching(file, &pattern));
    }
    paths.extend(calendars(file));
    paths.sort();
    paths.dedup();
    let itself = file.canonicalize().ok();
    paths.retain(|path| path.canonicalize().ok() != itself);
    paths.into_iter().filter_map(|path| source(&path, sink).map(|found| (path, found))).collect()
}

/// The folder beside the main file whose files are read without being named.
const CALENDARS: &str = "calendar";

/// The operator's own calendars, where there are any.
fn calendars(file: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder_of(file).join(CALENDARS)) else { return Vec::new() };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    paths
        .filter(|path| path.is_file() && path.extension().is_some_and(|end| end == "toml"))
        .collect()
}

/// The files that one pattern names. A file named outright must be there, and so must the folder of
/// a wildcard.
fn matching(file: &Path, pattern: &Value<'_>) -> Vec<PathBuf> {
    let Some(text) = pattern.text() else { return Vec::new() };
    let full = folder_of(file).join(text);
    let found = match glob::glob(&full.to_string_lossy()) {
        Ok(found) => found,
        Err(error) => {
            let zh = format!("“{text}”不是正确的通配符：{}", error.msg);
            pattern.fault(Both::new(zh, format!("`{text}` is no pattern: {}", error.msg)));
            return Vec::new();
        }
    };
    let found: Vec<PathBuf> = found.filter_map(Result::ok).collect();
    let (folder, deep) = fixed_part(&full);
    let outright = !has_wildcard(text);
    if found.is_empty() && outright {
        pattern.fault(Both::new(format!("没有文件“{text}”"), format!("no file `{text}`")));
    } else if found.is_empty() && !deep && !folder.is_dir() {
        let (zh, en) = ("没有目录", "no folder");
        let folder = folder.strip_prefix(".").unwrap_or(&folder).display();
        pattern.fault(Both::new(format!("{zh}“{folder}”"), format!("{en} `{folder}`")));
    }
    found
}

/// The folders in which a change can be a change of the configuration `file`; true where the folders
/// below count too. Of one that is not there it is the nearest above, in which it may come. Faults of
/// the configuration do not matter.
pub(super) fn folders(file: &Path) -> BTreeMap<PathBuf, bool> {
    let mut folders = BTreeMap::from([(folder_of(file).to_owned(), false)]);
    let calendars = folder_of(file).join(CALENDARS);
    if calendars.is_dir() {
        folders.insert(calendars, false);
    }
    let quiet = Sink::default();
    let Some(main) = source(file, &quiet) else { return folders };
    let table = main.parse(&quiet);
    let patterns = Section::root(&main, &table, &quiet).section("daemon").texts("include");
    for pattern in patterns {
        let (folder, deep) = fixed_part(&folder_of(file).join(pattern));
        let Some(there) = folder.ancestors().find(|folder| folder.is_dir()) else { continue };
        *folders.entry(there.to_owned()).or_default() |= deep && there == folder;
    }
    folders
}

/// The folder before the first wildcard, and whether wildcards stand for folders below it.
fn fixed_part(pattern: &Path) -> (PathBuf, bool) {
    let parts: Vec<_> = pattern.components().collect();
    let wild = |part: &std::path::Component<'_>| has_wildcard(&part.as_os_str().to_string_lossy());
    let first = parts.iter().position(wild).unwrap_or(parts.len().saturating_sub(1));
    let folder: PathBuf = parts[..first].iter().collect();
    let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
    (folder, first + 1 < parts.len())
}

fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// The folder that paths in `file` are relative to.
pub(super) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_before_the_first_wildcard() {
        let part = |text: &str| {
            let (folder, deep) = fixed_part(Path::new(text));
            (folder.display().to_string(), deep)
        };
        assert_eq!(part("a/feeds/**/*.toml"), ("a/feeds".to_owned(), true));
        assert_eq!(part("a/sites/*.toml"), ("a/sites".to_owned(), false));
        assert_eq!(part("a/feeds.toml"), ("a".to_owned(), false));
        assert_eq!(part("*.toml"), (".".to_owned(), false));
    }
}
