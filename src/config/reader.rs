//! Reads TOML tables key by key, collecting every fault with its line rather than stopping.
//!
//! A [`Section`] is a table, possibly with others beneath it that answer for the keys it lacks: the
//! user's table over the defaults, a column's rules over its site's over its family's.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::Range;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, nearest};

/// A configuration file as text, with the name it goes by in messages.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
}

impl Source {
    fn line(&self, offset: usize) -> usize {
        let end = offset.min(self.text.len());
        self.text.as_bytes()[..end].iter().filter(|&&b| b == b'\n').count() + 1
    }

    /// The parsed table; syntax faults are added to `faults` and what can be read is returned.
    pub(super) fn parse<'a>(&'a self, faults: &Sink) -> DeTable<'a> {
        let (table, errors) = DeTable::parse_recoverable(&self.text);
        for error in errors {
            let line = self.line(error.span().map_or(0, |span| span.start));
            faults.add(&self.name, line, "", error.message().trim().replace('\n', "; "));
        }
        table.into_inner()
    }
}

/// Collects faults while everything is read.
#[derive(Debug, Default)]
pub(super) struct Sink(RefCell<BTreeSet<Fault>>);

impl Sink {
    pub(super) fn add(&self, file: &str, line: usize, key: &str, what: impl Display) {
        self.0.borrow_mut().insert(Fault {
            file: file.to_owned(),
            line,
            key: key.to_owned(),
            what: what.to_string(),
        });
    }

    pub(super) fn into_vec(self) -> Vec<Fault> {
        self.0.into_inner().into_iter().collect()
    }
}

/// One table of one file, and the path it has there.
#[derive(Clone)]
struct Layer<'a> {
    table: &'a DeTable<'a>,
    source: &'a Source,
    start: usize,
    path: String,
}

/// A table being read.
pub(super) struct Section<'a> {
    layers: Vec<Layer<'a>>,
    asked: RefCell<BTreeSet<&'static str>>,
    faults: &'a Sink,
}

/// A value with the place to complain about.
pub(super) struct Value<'a> {
    value: &'a Spanned<DeValue<'a>>,
    source: &'a Source,
    path: String,
    faults: &'a Sink,
}

impl<'a> Section<'a> {
    /// The whole file `source`, whose parsed form is `table`.
    pub(super) fn root(source: &'a Source, table: &'a DeTable<'a>, faults: &'a Sink) -> Self {
        let layers = vec![Layer { table, source, start: 0, path: String::new() }];
        Self { layers, asked: RefCell::default(), faults }
    }

    /// This section over `beneath`, which answers for keys that are absent here.
    pub(super) fn over(mut self, beneath: &Self) -> Self {
        self.layers.extend(beneath.layers.iter().cloned());
        self
    }

    /// The first layer that has `key`.
    pub(super) fn value(&self, key: &'static str) -> Option<Value<'a>> {
        self.asked.borrow_mut().insert(key);
        self.layers.iter().find_map(|layer| {
            layer.table.get(key).map(|value| Value {
                value,
                source: layer.source,
                path: layer.key(key),
                faults: self.faults,
            })
        })
    }

    /// The tables called `key` in all layers, as one section.
    pub(super) fn section(&self, key: &'static str) -> Self {
        self.asked.borrow_mut().insert(key);
        let mut layers = Vec::new();
        for layer in &self.layers {
            let path = layer.key(key);
            match layer.table.get(key).map(|value| (value, value.get_ref())) {
                Some((spanned, DeValue::Table(table))) => {
                    let start = spanned.span().start;
                    layers.push(Layer { table, source: layer.source, start, path });
                }
                Some((spanned, other)) => {
                    let line = layer.source.line(spanned.span().start);
                    let what = format!("wanted a table, found {}", kind(other));
                    self.faults.add(&layer.source.name, line, &path, what);
                }
                None => {}
            }
        }
        Section { layers, asked: RefCell::default(), faults: self.faults }
    }

    /// The entries of the array of tables `key` of the topmost layer that has it.
    pub(super) fn sections(&self, key: &'static str) -> Vec<Self> {
        self.value(key).map(|value| value.sections()).unwrap_or_default()
    }

    /// The text of `key`.
    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        self.value(key)?.text().map(str::to_owned)
    }

    /// The text of `key`, turned into what it means by `parse`.
    pub(super) fn parsed<T, E: Display>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.value(key)?.parsed(parse)
    }

    /// Like [`Section::parsed`], and a fault where the key is absent.
    pub(super) fn required<T, E: Display>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if self.value(key).is_none() {
            self.fault(format!("`{key}` is missing"));
        }
        self.parsed(key, parse)
    }

    /// The truth value of `key`.
    pub(super) fn boolean(&self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        let found = value.value.get_ref().as_bool();
        if found.is_none() {
            value.wrong("`true` or `false`");
        }
        found
    }

    /// The whole number of `key`, within `range`.
    pub(super) fn number(&self, key: &'static str, range: Range<u64>) -> Option<u64> {
        self.value(key)?.number(range)
    }

    /// A length of time such as `"2s"`, `"500ms"`, `"5m"`, `"1h"`.
    pub(super) fn duration(&self, key: &'static str) -> Option<Duration> {
        self.parsed(key, parse_duration)
    }

    /// The array of texts `key`, empty when absent.
    pub(super) fn texts(&self, key: &'static str) -> Vec<String> {
        let values = self.value(key).map(|value| value.items()).unwrap_or_default();
        values.iter().filter_map(|value| value.text().map(str::to_owned)).collect()
    }

    /// The array of texts `key`, each turned into what it means.
    pub(super) fn parsed_list<T, E: Display>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let values = self.value(key).map(|value| value.items()).unwrap_or_default();
        values.iter().filter_map(|value| value.parsed(&parse)).collect()
    }

    /// The table `key` of texts by free names, in the order of the file's keys.
    pub(super) fn pairs(&self, key: &'static str) -> Vec<(String, String)> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(table) = value.value.get_ref().as_table() else {
            value.wrong("a table of texts");
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for (name, spanned) in table {
            match spanned.get_ref().as_str() {
                Some(text) => pairs.push((name.get_ref().to_string(), text.to_owned())),
                None => value.fault(format!("`{}`: wanted a text", name.get_ref())),
            }
        }
        pairs
    }

    /// Whether any layer has `key`; it then counts as read.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    /// Refuses keys that have a meaning but do not act yet.
    pub(super) fn not_yet(&self, keys: &[&'static str]) {
        for key in keys {
            if let Some(value) = self.value(key) {
                value.fault("not supported yet");
            }
        }
    }

    /// Names every key of the topmost layer that nobody asked for.
    pub(super) fn finish(&self) {
        let Some(layer) = self.layers.first() else { return };
        let asked = self.asked.borrow();
        for key in layer.table.keys() {
            let name = key.get_ref().as_ref();
            if asked.contains(name) {
                continue;
            }
            let line = layer.source.line(key.span().start);
            let what = match nearest(name, asked.iter().copied()) {
                Some(known) => format!("unknown key; did you mean `{known}`?"),
                None => format!("unknown key; known here: {}", listed(&asked)),
            };
            self.faults.add(&layer.source.name, line, &layer.key(name), what);
        }
    }

    /// A fault of the table as a whole.
    pub(super) fn fault(&self, what: impl Display) {
        match self.layers.first() {
            Some(layer) => {
                let line = layer.source.line(layer.start);
                self.faults.add(&layer.source.name, line, &layer.path, what);
            }
            None => self.faults.add("", 0, "", what),
        }
    }

    /// Where this table stands: `file:line`.
    pub(super) fn place(&self) -> String {
        self.layers.first().map_or_else(String::new, |layer| {
            format!("{}:{}", layer.source.name, layer.source.line(layer.start))
        })
    }
}

impl Layer<'_> {
    fn key(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

impl<'a> Value<'a> {
    /// The text, or a fault.
    pub(super) fn text(&self) -> Option<&'a str> {
        let found = self.value.get_ref().as_str();
        if found.is_none() {
            self.wrong("a text in quotes");
        }
        found
    }

    /// The text turned into what it means, or a fault.
    pub(super) fn parsed<T, E: Display>(
        &self,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(self.text()?) {
            Ok(ready) => Some(ready),
            Err(error) => {
                self.fault(error);
                None
            }
        }
    }

    /// The whole number, or a fault.
    pub(super) fn number(&self, range: Range<u64>) -> Option<u64> {
        let found = self
            .value
            .get_ref()
            .as_integer()
            .and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok())
            .filter(|number| range.contains(number));
        if found.is_none() {
            self.wrong(&format!("a whole number from {} to {}", range.start, range.end - 1));
        }
        found
    }

    /// The entries of an array, or a fault.
    pub(super) fn items(&self) -> Vec<Self> {
        let Some(array) = self.value.get_ref().as_array() else {
            self.wrong("a list in `[ ]`");
            return Vec::new();
        };
        array
            .iter()
            .map(|value| Value {
                value,
                source: self.source,
                path: self.path.clone(),
                faults: self.faults,
            })
            .collect()
    }

    /// The tables of an array of tables, or a fault.
    pub(super) fn sections(&self) -> Vec<Section<'a>> {
        self.items().into_iter().filter_map(|value| value.section()).collect()
    }

    /// The table itself as a section, or a fault.
    pub(super) fn section(&self) -> Option<Section<'a>> {
        let Some(table) = self.value.get_ref().as_table() else {
            self.wrong("a table");
            return None;
        };
        let start = self.value.span().start;
        Some(Section {
            layers: vec![Layer { table, source: self.source, start, path: self.path.clone() }],
            asked: RefCell::default(),
            faults: self.faults,
        })
    }

    /// Whether it is a text.
    pub(super) fn is_text(&self) -> bool {
        self.value.get_ref().is_str()
    }

    /// A fault at this value.
    pub(super) fn fault(&self, what: impl Display) {
        let line = self.source.line(self.value.span().start);
        self.faults.add(&self.source.name, line, &self.path, what);
    }

    fn wrong(&self, wanted: &str) {
        self.fault(format!("wanted {wanted}, found {}", kind(self.value.get_ref())));
    }
}

fn kind(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text \"{text}\""),
        DeValue::Integer(number) => format!("the number {}", number.as_str()),
        DeValue::Float(number) => format!("the number {}", number.as_str()),
        DeValue::Boolean(truth) => format!("`{truth}`"),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

fn listed(keys: &BTreeSet<&'static str>) -> String {
    keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| wrong_duration(text))?;
    let milliseconds = match unit.trim() {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    };
    milliseconds
        .and_then(|factor: u64| number.checked_mul(factor))
        .map(Duration::from_millis)
        .ok_or_else(|| wrong_duration(text))
}

fn wrong_duration(text: &str) -> String {
    format!(
        "`{text}` is no length of time; wanted such as \"500ms\", \"2s\", \"5m\", \"1h\", \"7d\""
    )
}

/// A size such as `"8MB"`, `"512KB"` or `"8388608"`, in bytes (1 KB = 1,024 bytes).
pub(super) fn parse_bytes(text: &str) -> Result<u64, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim().to_ascii_uppercase().as_str() {
        "" | "B" => Some(1),
        "KB" => Some(1 << 10),
        "MB" => Some(1 << 20),
        "GB" => Some(1 << 30),
        _ => None,
    };
    number
        .parse::<u64>()
        .ok()
        .zip(factor)
        .and_then(|(number, factor)| number.checked_mul(factor))
        .ok_or_else(|| format!("`{text}` is no size; wanted such as \"512KB\" or \"8MB\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_and_sizes() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_secs(120)));
        assert!(parse_duration("2").is_err());
        assert!(parse_duration("99999999999999999999d").is_err());
        assert_eq!(parse_bytes("8MB"), Ok(8 << 20));
        assert!(parse_bytes("8 apples").is_err());
    }

    #[test]
    fn every_fault_is_named_with_its_line() {
        let source = Source {
            name: "c.toml".to_owned(),
            text: "[a]\ngood = \"x\"\nnumbr = 3\nflag = 3\n".to_owned(),
        };
        let sink = Sink::default();
        let table = source.parse(&sink);
        let root = Section::root(&source, &table, &sink);
        let a = root.section("a");
        assert_eq!(a.text("good").as_deref(), Some("x"));
        assert_eq!(a.number("number", 0..9), None);
        assert_eq!(a.boolean("flag"), None);
        a.finish();
        let lines: Vec<String> = sink.into_vec().iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "c.toml:3: a.numbr: unknown key; did you mean `number`?",
                "c.toml:4: a.flag: wanted `true` or `false`, found the number 3",
            ]
        );
    }
}
