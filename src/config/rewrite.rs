//! Changes of rules in the operator's own files: the text that a file would have, comments and
//! order kept, and whether the configuration takes it in. Nothing is written here.

use std::path::{Path, PathBuf};

use similar::{ChangeTag, TextDiff};
use toml_edit::{DocumentMut, InlineTable, Item, TableLike, Value};

use super::{Config, Faults, Overrides};
use crate::model::ColumnId;

/// One key of a column and what it is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// `list` or `article`; none means the column's own table.
    pub table: Option<&'static str>,
    /// The key in it.
    pub key: &'static str,
    /// What it says.
    pub wanted: Wanted,
}

/// What a key of a column says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// No rule: the look of the page decides.
    Nothing,
    /// A text: a way that is a selector, a kind.
    Text(String),
    /// A list of texts: the selectors of rows.
    Texts(Vec<String>),
    /// A way with its parts: `css`, `attr`, `regex`, `meta`.
    Parts(Vec<(&'static str, String)>),
    /// An address, written as the one that stands there: whole, or from the site's home.
    Address {
        /// The whole one.
        whole: String,
        /// Its path and query; `None` where it does not stand under the home's host.
        short: Option<String>,
    },
}

/// A file of the configuration as it would be with other rules.
#[derive(Clone, Debug)]
pub struct Rewritten {
    /// The file.
    pub file: PathBuf,
    /// Its text now.
    pub before: String,
    /// Its text with the rules.
    pub after: String,
}

impl Rewritten {
    /// The change as `patch` reads it, of a file that is called `name`.
    pub fn diff(&self, name: &str) -> String {
        let diff = TextDiff::from_lines(self.before.as_str(), self.after.as_str());
        diff.unified_diff().header(&format!("a/{name}"), &format!("b/{name}")).to_string()
    }

    /// The lines that go (`-`) and come (`+`), in one line.
    pub fn changes(&self) -> String {
        let diff = TextDiff::from_lines(self.before.as_str(), self.after.as_str());
        let changes = diff.iter_all_changes().filter(|change| change.tag() != ChangeTag::Equal);
        let lines = changes.map(|change| format!("{}{}", change.tag(), change.value().trim()));
        lines.collect::<Vec<_>>().join(" ")
    }
}

/// Why a file cannot be rewritten.
#[derive(Debug, thiserror::Error)]
pub enum RewriteError {
    /// None of the files has the column.
    #[error("no file of the configuration has a `[[site.column]]` `{0}`")]
    NoFile(ColumnId),
    /// A file cannot be read or is no TOML any more.
    #[error("`{file}`: {why}", file = .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// With the rules the configuration would have faults.
    #[error("the configuration would not take the rules in: {0}")]
    Faults(Faults),
}

impl Config {
    /// The file that describes `column`, with `settings` in the column's own table.
    ///
    /// The whole configuration is read with the new text first: what comes out has no faults.
    pub fn rewritten(
        &self,
        column: &ColumnId,
        settings: &[Setting],
    ) -> Result<Rewritten, RewriteError> {
        for file in &self.files {
            let unreadable = |why: String| RewriteError::Unreadable { file: file.clone(), why };
            if file.extension().is_none_or(|end| end != "toml") {
                continue;
            }
            let before =
                std::fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))?;
            let Some(after) = edited(&before, column, settings)
                .map_err(|error| unreadable(error.to_string().trim().to_owned()))?
            else {
                continue;
            };
            Self::load_edited(&self.file, file, &after, self.overrides.clone())
                .map_err(RewriteError::Faults)?;
            return Ok(Rewritten { file: file.clone(), before, after });
        }
        Err(RewriteError::NoFile(column.clone()))
    }

    /// Like [`Config::load_under`], with `text` in place of what `edited` says.
    fn load_edited(
        file: &Path,
        edited: &Path,
        text: &str,
        overrides: Overrides,
    ) -> Result<Self, Faults> {
        Self::load_from(file, overrides, Some((edited, text)))
    }
}

/// `text` with `settings` in the table of `column`; `None` where it has no such column.
fn edited(
    text: &str,
    column: &ColumnId,
    settings: &[Setting],
) -> Result<Option<String>, toml_edit::TomlError> {
    let windows = text.contains("\r\n");
    let mut document: DocumentMut = text.replace("\r\n", "\n").parse()?;
    let Some(table) = table_of(document.as_table_mut(), column) else { return Ok(None) };
    for setting in settings {
        set(table, setting);
    }
    let text = document.to_string();
    Ok(Some(if windows { text.replace('\n', "\r\n") } else { text }))
}

fn table_of<'t>(root: &'t mut dyn TableLike, column: &ColumnId) -> Option<&'t mut dyn TableLike> {
    let site = entry(root, "site", column.site().as_str())?;
    entry(site, "column", column.name())
}

/// The entry of the tables `key` whose `id` is `id`, however they are written.
fn entry<'t>(table: &'t mut dyn TableLike, key: &str, id: &str) -> Option<&'t mut dyn TableLike> {
    let is_it = |table: &dyn TableLike| table.get("id").and_then(Item::as_str) == Some(id);
    match table.get_mut(key)? {
        Item::ArrayOfTables(tables) => {
            let found = tables.iter_mut().find(|table| is_it(*table))?;
            Some(found)
        }
        Item::Value(Value::Array(values)) => {
            let mut tables = values.iter_mut().filter_map(Value::as_inline_table_mut);
            let found = tables.find(|table| is_it(*table))?;
            Some(found)
        }
        _ => None,
    }
}

fn set(column: &mut dyn TableLike, setting: &Setting) {
    let Setting { table, key, wanted } = setting;
    let Some(table) = table else { return set_key(column, key, wanted) };
    if column.get(table).is_none_or(|rules| !rules.is_table_like()) {
        column.insert(table, Item::Value(Value::InlineTable(InlineTable::new())));
    }
    let Some(rules) = column.get_mut(table).and_then(Item::as_table_like_mut) else { return };
    set_key(rules, key, wanted);
    // One line stays one line, with its spaces where they belong.
    if let Some(Item::Value(Value::InlineTable(line))) = column.get_mut(table)
        && !line.to_string().contains('\n')
    {
        line.fmt();
    }
}

fn set_key(rules: &mut dyn TableLike, key: &str, wanted: &Wanted) {
    let mut value = match wanted {
        // Says that there is no rule, whatever site and family say.
        Wanted::Nothing => Value::Array(toml_edit::Array::new()),
        Wanted::Text(text) => Value::from(text.as_str()),
        Wanted::Texts(texts) => Value::Array(texts.iter().map(String::as_str).collect()),
        Wanted::Parts(parts) => {
            let parts = parts.iter().map(|(key, text)| (*key, Value::from(text.as_str())));
            Value::InlineTable(parts.collect())
        }
        Wanted::Address { whole, short } => {
            let is_whole = |old: &str| old.contains("://");
            let old = rules.get(key).and_then(Item::as_str);
            let short = short.as_ref().filter(|_| !old.is_some_and(is_whole));
            Value::from(short.unwrap_or(whole).as_str())
        }
    };
    // A comment behind the value stays behind the new one.
    if let Some(old) = rules.get(key).and_then(Item::as_value) {
        *value.decor_mut() = old.decor().clone();
    }
    match rules.get_mut(key) {
        Some(item) => *item = Item::Value(value),
        None => {
            rules.insert(key, Item::Value(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Vec<Setting> {
        vec![
            Setting {
                table: Some("list"),
                key: "item",
                wanted: Wanted::Texts(vec![".x li".to_owned()]),
            },
            Setting { table: Some("list"), key: "date", wanted: Wanted::Nothing },
            Setting {
                table: Some("article"),
                key: "credit",
                wanted: Wanted::Parts(vec![
                    ("css", "p.i".to_owned()),
                    ("regex", r"源：(\S+)".to_owned()),
                ]),
            },
        ]
    }

    fn id(text: &str) -> ColumnId {
        text.parse().unwrap()
    }

    #[test]
    fn comments_order_and_other_columns_stay() {
        let text = "# 站点 site\n[[site]]\nid = \"a\" # 编号\n\n[[site.column]]\nid = \"b\"\nurl = \"/b/\"\n\
                    list = { item = [\".old\"], external = \"skip\" } # 行\n\n# 另一栏\n[[site.column]]\nid = \"c\"\n";
        let after = edited(text, &id("a/b"), &rules()).unwrap().unwrap();
        let wanted = "# 站点 site\n[[site]]\nid = \"a\" # 编号\n\n[[site.column]]\nid = \"b\"\nurl = \"/b/\"\n\
                    list = { item = [\".x li\"], external = \"skip\", date = [] } # 行\n\
                    article = { credit = { css = \"p.i\", regex = '源：(\\S+)' } }\n\n# 另一栏\n[[site.column]]\nid = \"c\"\n";
        assert_eq!(after, wanted);
    }

    #[test]
    fn an_address_stays_whole_or_short_as_it_was() {
        for (old, short, wanted) in [
            ("\"/b/\" # 网址", Some("/c/?x=1"), "\"/c/?x=1\" # 网址"),
            ("\"http://x.test/b/\"", Some("/c/?x=1"), "\"http://x.test/c/?x=1\""),
            ("\"/b/\"", None, "\"http://x.test/c/?x=1\""),
        ] {
            let text =
                |url| format!("[[site]]\nid = \"a\"\n[[site.column]]\nid = \"b\"\nurl = {url}\n");
            let (whole, short) = ("http://x.test/c/?x=1".to_owned(), short.map(str::to_owned));
            let wanted_url = Wanted::Address { whole, short };
            let settings = [Setting { table: None, key: "url", wanted: wanted_url }];
            let after = edited(&text(old), &id("a/b"), &settings).unwrap().unwrap();
            assert_eq!(after, text(wanted));
        }
    }

    #[test]
    fn tables_dotted_keys_and_inline_sites_are_changed_where_they_are() {
        for text in [
            "[[site]]\nid = \"a\"\n[[site.column]]\nid = \"b\"\n[site.column.list]\nitem = [\".old\"]\n",
            "[[site]]\nid = \"a\"\n[[site.column]]\nid = \"b\"\nlist.item = [\".old\"]\n",
            "[[site]]\nid = \"a\"\ncolumn = [{ id = \"b\", list = { item = [\".old\"] } }]\n",
            "[[site]]\r\nid = \"a\"\r\n[[site.column]]\r\nid = \"b\"\r\n",
        ] {
            let after = edited(text, &id("a/b"), &rules()).unwrap().unwrap();
            let value: toml::Value = toml::from_str(&after).unwrap();
            let column = &value["site"][0]["column"][0];
            assert_eq!(column["list"]["item"][0].as_str(), Some(".x li"), "{after}");
            assert_eq!(column["list"]["date"].as_array().map(Vec::len), Some(0), "{after}");
            assert_eq!(column["article"]["credit"]["css"].as_str(), Some("p.i"), "{after}");
            assert_eq!(after.contains('\r'), text.contains('\r'));
            assert!(!after.replace("\r\n", "").contains('\r') && !after.contains(".old"));
        }
        assert!(edited("[[site]]\nid = \"z\"\n", &id("a/b"), &rules()).unwrap().is_none());
        assert!(edited("[[site]\n", &id("a/b"), &rules()).is_err());
    }
}
