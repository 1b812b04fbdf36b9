//! The documents beside the code: what they name is there, and what they show works.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use clap::CommandFactory;
use lianbo::cli::Args;
use lianbo::config::DEFAULTS;
use lianbo::model::{Lang, ProblemCode};
use lianbo::text::sentence;
use regex::Regex;

use super::layers;

const GUIDES: [(&str, Lang, &str); 2] =
    [("GUIDE.md", Lang::En, "## Problem codes"), ("GUIDE.zh-CN.md", Lang::Zh, "## 问题代码")];
const ALL: [&str; 6] = [
    "README.md",
    "README.zh-CN.md",
    "GUIDE.md",
    "GUIDE.zh-CN.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The lines of the section under `heading`, up to the next of its level.
fn section(text: &str, heading: &str) -> Vec<String> {
    let level = format!("{} ", heading.split(' ').next().unwrap());
    let lines = text.lines().skip_while(|line| *line != heading).skip(1);
    lines.take_while(|line| !line.starts_with(&level)).map(str::to_owned).collect()
}

/// First cell of a table's rows, without its backticks → the other cells.
fn table(lines: &[String]) -> BTreeMap<String, Vec<String>> {
    let mut rows = BTreeMap::new();
    for line in lines.iter().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let name = cells[0].trim_matches('`').to_owned();
        let rest = cells[1..].iter().map(|cell| (*cell).to_owned()).collect();
        assert!(rows.insert(name, rest).is_none(), "twice: {line}");
    }
    rows
}

#[test]
fn every_problem_is_explained_under_the_sentence_that_the_program_says() {
    for (guide, lang, heading) in GUIDES {
        let rows = table(&section(&read(guide), heading));
        let known: BTreeSet<&str> = ProblemCode::ALL.iter().map(|code| code.as_str()).collect();
        let explained: BTreeSet<&str> = rows.keys().map(String::as_str).collect();
        assert_eq!(explained, known, "codes in {guide} and in the program");
        for code in ProblemCode::ALL {
            let cells = &rows[code.as_str()];
            let said = sentence::problem(*code, lang).what;
            assert_eq!(cells[0], said, "`{}` in {guide}", code.as_str());
            assert!(cells[1].chars().count() >= 8, "{guide} says what to do about {cells:?}");
        }
    }
}

/// The fenced blocks of a document in `language`.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            if info == language {
                blocks.push(body.join("\n"));
            }
        }
    }
    blocks
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|e| (e.path(), e.file_name())).unwrap();
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

/// A block is a `config.toml`, or a file that one includes.
fn check(block: &str, which: &str) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    copy(&root().join("feeds"), &at("feeds"));
    fs::create_dir(at("sites")).unwrap();
    let tables: BTreeSet<&str> = block.lines().filter(|line| line.starts_with('[')).collect();
    let main = ["[daemon]", "[custody]", "[alerts]"].iter().any(|table| tables.contains(table));
    let config = if main {
        block.to_owned()
    } else if ["[[feed]]", "[[webhook]]", "[[digest]]"].iter().any(|table| tables.contains(table)) {
        "[daemon]\ninclude = [\"feeds/sites/*.toml\", \"block.toml\"]\n".to_owned()
    } else {
        "[daemon]\ninclude = [\"block.toml\"]\n".to_owned()
    };
    fs::write(at("block.toml"), block).unwrap();
    fs::write(at("config.toml"), config).unwrap();
    let mut lianbo = Command::cargo_bin("lianbo").unwrap();
    let output =
        lianbo.args(["check", "--lang", "en"]).current_dir(folder.path()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{which}:\n{block}\n\n{stderr}");
}

#[test]
fn every_configuration_shown_is_one() {
    for document in ALL {
        for (number, block) in blocks(&read(document), "toml").iter().enumerate() {
            check(block, &format!("block {} of {document}", number + 1));
        }
    }
    for (guide, ..) in GUIDES {
        assert!(blocks(&read(guide), "toml").len() >= 5, "{guide} shows configurations");
    }
}

/// What a page of the demo gives, without the line that names the file.
fn read_page(command: &str, lang: Lang, page: &str) -> String {
    let file = root().join("demo/network/sheng.test").join(page);
    let page = page.trim_end_matches("index.html");
    let lang = if lang == Lang::Zh { "zh" } else { "en" };
    let mut lianbo = Command::cargo_bin("lianbo").unwrap();
    let lianbo = lianbo.args([command, "--lang", lang]).arg(file);
    let output = lianbo.args(["--url", &format!("http://sheng.test/{page}")]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().skip(1).map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_example_is_read_as_the_guides_show() {
    for (guide, lang, _) in GUIDES {
        let shown = blocks(&read(guide), "text");
        let shown = |number: usize| shown[number].split_once('\n').unwrap().1.to_owned();
        let rows = read_page("discover", lang, "yw/index.html");
        assert_eq!(rows.trim(), shown(0), "{guide}");
        let article = read_page("extract", lang, "yw/202611/t20261118_700101.html");
        assert!(article.starts_with(&shown(1)), "{guide} has {}, found {article}", shown(1));
    }
}

/// The anchor that a heading gets where Markdown is shown.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let mut wrong = Vec::new();
    for document in ALL {
        let text = read(document);
        for target in link.captures_iter(&text).map(|found| found.get(1).unwrap().as_str()) {
            if target.starts_with("http") {
                continue;
            }
            let (file, place) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { document } else { file };
            let found = root().join(file).exists()
                && (place.is_empty()
                    || read(file).lines().any(|l| l.starts_with('#') && anchor(l) == place));
            if !found {
                wrong.push(format!("{document}: {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_command_is_in_the_guides() {
    for (guide, ..) in GUIDES {
        let text = read(guide);
        for command in Args::command().get_subcommands() {
            let call =
                Regex::new(&format!("lianbo (--lang en )?{}\\b", command.get_name())).unwrap();
            assert!(call.is_match(&text), "`lianbo {}` in {guide}", command.get_name());
        }
    }
}

#[test]
fn every_setting_named_exists() {
    let mut known = BTreeSet::new();
    let mut table = "";
    for line in DEFAULTS.lines().map(|line| line.trim_start_matches("# ")) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            table = name;
        } else if let Some((key, _)) = line.split_once(" = ") {
            known.insert(format!("{table}.{key}"));
        }
    }
    let tables = "daemon|admin|public|websub|id|fetch|custody|schedule|feeds|mask|withdraw";
    let setting = Regex::new(&format!(r"`({tables})\.([a-z_]+)\b")).unwrap();
    let mut named = BTreeSet::new();
    for document in ALL {
        let text = read(document);
        named.extend(
            setting.captures_iter(&text).map(|found| format!("{}.{}", &found[1], &found[2])),
        );
    }
    assert!(named.len() >= 10, "{named:?}");
    let unknown: Vec<_> = named.difference(&known).collect();
    assert!(unknown.is_empty(), "{unknown:?} are not among the defaults");
}

#[test]
fn the_module_table_is_the_one_that_is_kept() {
    let rows = table(&section(&read("ARCHITECTURE.md"), "## Modules"));
    let named: BTreeMap<String, BTreeSet<String>> = rows
        .into_iter()
        .map(|(module, cells)| (module, cells[0].split(", ").map(str::to_owned).collect()))
        .collect();
    let kept: BTreeMap<String, BTreeSet<String>> = layers::TABLE
        .iter()
        .map(|(module, allowed)| {
            let allowed = match allowed {
                [] => &["nothing"][..],
                ["*"] => &["anything"][..],
                several => several,
            };
            ((*module).to_owned(), allowed.iter().map(|name| (*name).to_owned()).collect())
        })
        .collect();
    assert_eq!(named, kept);
}
