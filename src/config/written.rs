//! What the operator's files say, key by key, to tell what a reload changed. Secrets are compared
//! and never shown.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Characters of a value that are shown.
const SHOWN: usize = 80;
/// Parts of names of keys whose values are not for the log.
const SECRET: [&str; 6] = ["token", "secret", "password", "header", "cookie", "hubs"];

/// What stands under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    /// The value as it may be shown.
    shown: Option<String>,
    hash: blake3::Hash,
}

/// What the files say of each thing: `[schedule]`, `site jiangsu`, `column jiangsu/zt`, `feed all`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    things: BTreeMap<String, BTreeMap<String, Word>>,
}

impl Written {
    /// What `tables` say, the settings over those of `defaults`.
    pub(super) fn of(defaults: &DeTable<'_>, tables: &[DeTable<'_>]) -> Self {
        let mut written = Self::default();
        written.take(defaults);
        for table in tables {
            written.take(table);
        }
        written
    }

    /// The things that are named.
    pub fn things(&self) -> impl Iterator<Item = &String> {
        self.things.keys()
    }

    /// What `new` says otherwise of `thing`: `cron: "@daily" → "@hourly"`.
    pub fn changes(&self, new: &Self, thing: &str) -> Vec<String> {
        let none = BTreeMap::new();
        let old = self.things.get(thing).unwrap_or(&none);
        let new = new.things.get(thing).unwrap_or(&none);
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let changed = keys.into_iter().filter(|key| old.get(*key) != new.get(*key));
        changed.map(|key| change(key, old.get(key), new.get(key))).collect()
    }

    fn take(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            let name: &str = key.get_ref();
            match value.get_ref() {
                DeValue::Table(inner) => self.thing(&format!("[{name}]"), name, inner, &[]),
                DeValue::Array(entries) => {
                    for entry in entries.iter().filter_map(|entry| entry.get_ref().as_table()) {
                        self.entry(name, entry);
                    }
                }
                _ => {}
            }
        }
    }

    /// An entry of `[[site]]`, `[[feed]]` and such, by its id; the columns of a site by themselves.
    fn entry(&mut self, kind: &str, table: &DeTable<'_>) {
        let id = ["id", "year"].into_iter().find_map(|key| table.get(key)).map(text);
        let id = id.unwrap_or_default().trim_matches('"').to_owned();
        self.thing(&format!("{kind} {id}"), kind, table, &["column"]);
        let columns = table.get("column").and_then(|columns| columns.get_ref().as_array());
        let columns = columns.map(|columns| columns.iter()).into_iter().flatten();
        for column in columns.filter_map(|column| column.get_ref().as_table()) {
            let own = column.get("id").map(text).unwrap_or_default();
            let name = format!("column {id}/{}", own.trim_matches('"'));
            self.thing(&name, "column", column, &[]);
        }
    }

    fn thing(&mut self, name: &str, kind: &str, table: &DeTable<'_>, without: &[&str]) {
        let words = self.things.entry(name.to_owned()).or_default();
        flatten(kind, "", table, without, words);
    }
}

fn flatten(
    kind: &str,
    path: &str,
    table: &DeTable<'_>,
    without: &[&str],
    words: &mut BTreeMap<String, Word>,
) {
    for (key, value) in table {
        let key: &str = key.get_ref();
        if without.contains(&key) {
            continue;
        }
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        if let DeValue::Table(inner) = value.get_ref() {
            flatten(kind, &path, inner, &[], words);
            continue;
        }
        let text = text(value);
        let hash = blake3::hash(text.as_bytes());
        let shown = (!is_secret(kind, &path, &text)).then(|| shortened(&text));
        words.insert(path, Word { shown, hash });
    }
}

fn is_secret(kind: &str, path: &str, text: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let named = SECRET.iter().any(|part| path.contains(part));
    // Addresses of webhooks and robots are often all that protects them, and others may hold a password.
    let address = text.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
    named || address || (matches!(kind, "webhook" | "alert") && path == "url")
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A value as it would be written.
fn text(value: &Spanned<DeValue<'_>>) -> String {
    match value.get_ref() {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(digits) => digits.as_str().to_owned(),
        DeValue::Float(digits) => digits.as_str().to_owned(),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(entries) => {
            let entries: Vec<String> = entries.iter().map(text).collect();
            format!("[{}]", entries.join(", "))
        }
        DeValue::Table(table) => {
            let pairs =
                table.iter().map(|(key, value)| format!("{} = {}", key.get_ref(), text(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

fn change(key: &str, old: Option<&Word>, new: Option<&Word>) -> String {
    let secret = [old, new].into_iter().flatten().any(|word| word.shown.is_none());
    if secret {
        return match (old, new) {
            (None, _) => format!("{key}: set (not shown)"),
            (_, None) => format!("{key}: taken out"),
            _ => format!("{key}: changed (not shown)"),
        };
    }
    let shown = |word: Option<&Word>| {
        word.and_then(|word| word.shown.clone()).unwrap_or_else(|| "not set".to_owned())
    };
    format!("{key}: {} → {}", shown(old), shown(new))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Written {
        let defaults = DeTable::parse("[schedule]\njitter = \"2m\"\n").unwrap();
        let table = DeTable::parse(text).unwrap();
        let mut written = Written::default();
        written.take(defaults.get_ref());
        written.take(table.get_ref());
        written
    }

    fn changes(old: &str, new: &str, thing: &str) -> Vec<String> {
        written(old).changes(&written(new), thing)
    }

    #[test]
    fn keys_are_told_with_what_they_were_and_what_they_are() {
        let site = |more: &str| format!("[[site]]\nid = \"a\"\n{more}");
        let column = "[[site.column]]\nid = \"b\"\n";
        let old = site(column);
        let new = site(&format!(
            "fetch.gap = \"5s\"\n{column}cron = \"@daily\"\ntags = [\"x\", \"y\"]\n"
        ));
        assert_eq!(changes(&old, &new, "site a"), ["fetch.gap: not set → \"5s\""]);
        assert_eq!(
            changes(&old, &new, "column a/b"),
            ["cron: not set → \"@daily\"", "tags: not set → [\"x\", \"y\"]"]
        );
        assert_eq!(changes(&new, &old, "column a/b")[0], "cron: \"@daily\" → not set");
        // A setting that is not written has its default.
        let jitter = changes("", "[schedule]\njitter = \"5m\"\n", "[schedule]");
        assert_eq!(jitter, ["jitter: \"2m\" → \"5m\""]);
        let years: Vec<String> = written("[[calendar]]\nyear = 2027\n").things().cloned().collect();
        assert_eq!(years, ["[schedule]", "calendar 2027"]);
    }

    #[test]
    fn secrets_are_compared_and_not_shown() {
        for (thing, text) in [
            ("[admin]", "[admin]\ntoken = \"VALUE\"\n"),
            ("webhook h", "[[webhook]]\nid = \"h\"\nsecret = \"VALUE\"\n"),
            ("webhook h", "[[webhook]]\nid = \"h\"\nurl = \"https://a.test/VALUE\"\n"),
            ("alert h", "[[alert]]\nid = \"h\"\nurl = \"https://a.test/VALUE\"\n"),
            ("alert h", "[[alert]]\nid = \"h\"\npassword = \"VALUE\"\n"),
            ("site a", "[[site]]\nid = \"a\"\nhome = \"http://me:VALUE@a.test/\"\n"),
            ("site a", "[[site]]\nid = \"a\"\n[site.headers]\nAuthorization = \"VALUE\"\n"),
            ("client c", "[[client]]\nid = \"c\"\ntoken = \"VALUE\"\n"),
        ] {
            let (old, new) = (text.replace("VALUE", "hunter2"), text.replace("VALUE", "hunter3"));
            let told = changes(&old, &new, thing);
            assert_eq!(told.len(), 1, "{text}");
            assert!(told[0].ends_with(": changed (not shown)"), "{told:?}");
            assert!(!changes("", &new, thing).concat().contains("hunter"), "{text}");
            assert!(!format!("{:?}", written(&new)).contains("hunter"), "{text}");
        }
    }

    #[test]
    fn long_values_are_cut_between_characters() {
        let long = format!("[[feed]]\nid = \"f\"\ntitle = \"{}\"\n", "工".repeat(300));
        let told = changes("", &long, "feed f");
        assert!(told[1].ends_with("工…") && told[1].chars().count() < 110, "{told:?}");
    }
}
