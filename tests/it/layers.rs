//! The direction of imports: a step never imports a step.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may import of the crate; `*` means anything.
pub(crate) const TABLE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("text", &["model"]),
    ("net", &["model", "text"]),
    ("schedule", &["model", "text"]),
    ("discover", &["model", "text"]),
    ("extract", &["model", "text"]),
    ("normalize", &["model", "text"]),
    ("compose", &["model", "text"]),
    ("picture", &["model", "text"]),
    ("manuscript", &["model", "text"]),
    ("proof", &["model", "text"]),
    ("probe", &["model", "text"]),
    ("trust", &["model", "text"]),
    ("repair", &["model", "text"]),
    ("render", &["model", "text"]),
    (
        "config",
        &[
            "model",
            "text",
            "schedule",
            "discover",
            "extract",
            "normalize",
            "compose",
            "proof",
            "trust",
        ],
    ),
    ("fetch", &["model", "text", "net"]),
    ("store", &["model", "text"]),
    ("publish", &["model", "text", "net"]),
    ("backup", &["model", "text"]),
    ("problem", &["model", "text", "fetch", "store", "publish"]),
    (
        "pipeline",
        &[
            "model",
            "text",
            "config",
            "fetch",
            "discover",
            "extract",
            "normalize",
            "store",
            "compose",
            "render",
            "publish",
            "problem",
            "probe",
            "picture",
            "proof",
            "manuscript",
            "trust",
            "repair",
        ],
    ),
    ("serve", &["model", "text", "store", "render", "publish", "problem"]),
    (
        "daemon",
        &[
            "model", "config", "schedule", "pipeline", "store", "serve", "problem", "fetch", "net",
            "publish",
        ],
    ),
    ("demo", &["model", "config", "daemon", "pipeline"]),
    ("cli", &["*"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The crate's modules named after `crate::`, wherever in the file, tests included.
fn imported(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let group = rest.strip_prefix('{').map(|group| group.split('}').next().unwrap_or(""));
        let parts: Vec<&str> = match group {
            Some(group) => group.split(',').collect(),
            None => vec![rest],
        };
        for part in parts {
            let name: String = part
                .trim_start()
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                .collect();
            names.push(name);
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn steps_import_only_what_the_table_allows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let table: BTreeMap<&str, &[&str]> = TABLE.iter().copied().collect();
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let inner = file.strip_prefix(&root).unwrap();
        let first = inner.components().next().unwrap().as_os_str().to_string_lossy();
        let module = first.trim_end_matches(".rs");
        if matches!(module, "main" | "lib") {
            continue;
        }
        let Some(allowed) = table.get(module) else {
            wrong.push(format!("`{module}` is not in the table"));
            continue;
        };
        for name in imported(&fs::read_to_string(&file).unwrap()) {
            let fine = name == module || allowed.contains(&"*") || allowed.contains(&name.as_str());
            if !fine {
                wrong.push(format!("{} imports `{name}`", inner.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_imports_sees_every_form() {
    let text =
        "use crate::model::Item;\nuse crate::{store::X, text};\nlet x = crate::render::feed();";
    assert_eq!(imported(text), ["model", "store", "text", "render"]);
}
