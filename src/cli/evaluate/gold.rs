//! Pages with what a person read on them: a `gold.jsonl`, or a folder with `page.html` and
//! `expected.json` for each.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::score::Field;

/// Folders below folders are looked into this deep.
const DEPTH: usize = 6;

/// Pages that are judged together.
pub(super) struct Set {
    /// The folder's name; below the folder asked for, the way to it.
    pub(super) name: String,
    /// In the order of their files' names or of the lines of the gold.
    pub(super) pages: Vec<Page>,
    /// What could not be had: pages that are missing, and damaged results.
    pub(super) faults: Vec<String>,
    /// Of all files that were read.
    pub(super) digest: String,
}

impl Set {
    fn new(name: &str) -> Self {
        let name = name.to_owned();
        Self { name, pages: Vec::new(), faults: Vec::new(), digest: String::new() }
    }

    fn add(&mut self, page: Result<Page, String>) {
        match page {
            Ok(page) => self.pages.push(page),
            Err(fault) => self.faults.push(fault),
        }
    }

    fn end(self, digest: &Digest) -> Self {
        Self { digest: digest.end(), ..self }
    }
}

/// A page and what is wanted of it.
pub(super) struct Page {
    /// The file's name below the set's folder.
    pub(super) file: String,
    pub(super) path: PathBuf,
    pub(super) url: Option<String>,
    pub(super) kind: Option<String>,
    wanted: Value,
}

impl Page {
    /// What a person read; empty where the field is not judged.
    pub(super) fn wanted(&self, field: Field) -> String {
        match &self.wanted[field.name()] {
            Value::String(text) => text.clone(),
            // One line a paragraph.
            Value::Array(lines) => {
                lines.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
            }
            _ => String::new(),
        }
    }
}

/// All sets at and below `folder`, sorted by name.
pub(super) fn sets(folder: &Path) -> Result<Vec<Set>, String> {
    let whole = fs::canonicalize(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let name = whole.file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
    let mut sets = Vec::new();
    collect(&whole, &name, "", DEPTH, &mut sets)?;
    sets.sort_by(|a: &Set, b: &Set| a.name.cmp(&b.name));
    Ok(sets)
}

fn collect(
    folder: &Path,
    name: &str,
    below: &str,
    depth: usize,
    sets: &mut Vec<Set>,
) -> Result<(), String> {
    let gold = folder.join("gold.jsonl");
    if gold.is_file() {
        sets.push(of_gold(&gold, folder, name)?);
        return Ok(());
    }
    let mut children: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(|e| format!("{}: {e}", folder.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.is_dir())
        .collect();
    children.sort();
    let is_page = |path: &&PathBuf| path.join("expected.json").is_file();
    let (pages, others): (Vec<&PathBuf>, Vec<&PathBuf>) = children.iter().partition(is_page);
    let set = of_folders(&pages, name);
    if !set.pages.is_empty() || !set.faults.is_empty() {
        sets.push(set);
    }
    for child in others.into_iter().filter(|_| depth > 0) {
        let own = child.file_name().map_or_else(String::new, |own| own.to_string_lossy().into());
        let way = if below.is_empty() { own } else { format!("{below}/{own}") };
        collect(child, &way, &way, depth - 1, sets)?;
    }
    Ok(())
}

fn of_gold(gold: &Path, folder: &Path, name: &str) -> Result<Set, String> {
    let text = read(gold)?;
    let mut set = Set::new(name);
    let mut digest = Digest::default();
    digest.add("gold.jsonl", &text);
    for (number, line) in String::from_utf8_lossy(&text).lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let page = of_line(line, folder, &mut digest);
        set.add(page.map_err(|e| format!("{}:{}: {e}", gold.display(), number + 1)));
    }
    Ok(set.end(&digest))
}

fn of_line(line: &str, folder: &Path, digest: &mut Digest) -> Result<Page, String> {
    let wanted: Value = serde_json::from_str(line).map_err(|e| e.to_string())?;
    let Some(file) = wanted["file"].as_str().map(str::to_owned) else {
        return Err("`file` is missing".to_owned());
    };
    page(&file, folder.join(&file), wanted, digest)
}

fn of_folders(folders: &[&PathBuf], name: &str) -> Set {
    let mut set = Set::new(name);
    let mut digest = Digest::default();
    for folder in folders {
        if let Some(page) = of_folder(folder, &mut digest).transpose() {
            set.add(page);
        }
    }
    set.end(&digest)
}

/// `None` of a list, whose rows no field here judges.
fn of_folder(folder: &Path, digest: &mut Digest) -> Result<Option<Page>, String> {
    let own = folder.file_name().map_or_else(String::new, |own| own.to_string_lossy().into());
    let expected = folder.join("expected.json");
    let text = read(&expected)?;
    let wanted: Value =
        serde_json::from_slice(&text).map_err(|e| format!("{}: {e}", expected.display()))?;
    if !wanted.is_object() {
        return Err(format!("{}: no JSON object", expected.display()));
    }
    if wanted.get("links").is_some() {
        return Ok(None);
    }
    digest.add(&format!("{own}/expected.json"), &text);
    page(&format!("{own}/page.html"), folder.join("page.html"), wanted, digest).map(Some)
}

fn page(file: &str, path: PathBuf, wanted: Value, digest: &mut Digest) -> Result<Page, String> {
    digest.add(file, &read(&path)?);
    let text = |key: &str| wanted[key].as_str().map(str::to_owned);
    Ok(Page { file: file.to_owned(), url: text("url"), kind: text("kind"), path, wanted })
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// A hash over names and contents, in order.
#[derive(Default)]
struct Digest(blake3::Hasher);

impl Digest {
    fn add(&mut self, name: &str, content: &[u8]) {
        for part in [name.as_bytes(), content] {
            self.0.update(&(part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }

    fn end(&self) -> String {
        self.0.finalize().to_hex()[..32].to_owned()
    }
}
