//! Reads TOML tables key by key, collecting every fault with its line rather than stopping.
//!
//! A [`Section`] is a table, possibly with others beneath it that answer for the keys it lacks: the
//! user's table over the defaults, a column's rules over its site's over its family's.

mod units;
mod value;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use crate::model::Both;

use super::fault::{Fault, nearest};
pub(super) use units::{bytes as parse_bytes, duration as parse_duration};
pub(super) use value::Value;

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
            let what = error.message().trim().replace('\n', "; ");
            let zh = format!("不是正确的 TOML：{what}");
            faults.add(&self.name, line, "", Both::new(zh, format!("is not valid TOML: {what}")));
        }
        table.into_inner()
    }
}

/// Collects faults while everything is read.
#[derive(Debug, Default)]
pub(super) struct Sink(RefCell<BTreeSet<Fault>>);

impl Sink {
    pub(super) fn add(&self, file: &str, line: usize, key: &str, what: Both) {
        let fault = Fault { file: file.to_owned(), line, key: key.to_owned(), what };
        self.0.borrow_mut().insert(fault);
    }

    /// All faults in order. After a fault of syntax nothing else of the file can be trusted.
    pub(super) fn into_vec(self) -> Vec<Fault> {
        let all = self.0.into_inner();
        let broken: Vec<(String, usize)> = all
            .iter()
            .filter(|fault| fault.key.is_empty() && fault.line > 0)
            .map(|fault| (fault.file.clone(), fault.line))
            .collect();
        let follows = |fault: &Fault| {
            let after = |place: &(String, usize)| place.0 == fault.file && place.1 <= fault.line;
            !fault.key.is_empty() && broken.iter().any(after)
        };
        all.into_iter().filter(|fault| !follows(fault)).collect()
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
    /// Keys that act.
    asked: RefCell<BTreeSet<&'static str>>,
    /// Keys that have a meaning but do not act yet.
    later: RefCell<BTreeSet<&'static str>>,
    faults: &'a Sink,
}

impl<'a> Section<'a> {
    /// The whole file `source`, whose parsed form is `table`.
    pub(super) fn root(source: &'a Source, table: &'a DeTable<'a>, faults: &'a Sink) -> Self {
        Self::of(vec![Layer { table, source, start: 0, path: String::new() }], faults)
    }

    fn of(layers: Vec<Layer<'a>>, faults: &'a Sink) -> Self {
        Self { layers, asked: RefCell::default(), later: RefCell::default(), faults }
    }

    /// This section over `beneath`, which answers for keys that are absent here.
    pub(super) fn over(mut self, beneath: &Self) -> Self {
        self.layers.extend(beneath.layers.iter().cloned());
        self
    }

    /// The first layer that has `key`.
    pub(super) fn value(&self, key: &'static str) -> Option<Value<'a>> {
        self.asked.borrow_mut().insert(key);
        self.find(key)
    }

    fn find(&self, key: &str) -> Option<Value<'a>> {
        self.layers.iter().find_map(|layer| {
            let value = layer.table.get(key)?;
            Some(Value { value, source: layer.source, path: layer.key(key), faults: self.faults })
        })
    }

    /// The tables called `key` in all layers, as one section.
    pub(super) fn section(&self, key: &'static str) -> Self {
        self.asked.borrow_mut().insert(key);
        let mut layers = Vec::new();
        for layer in &self.layers {
            let Some(value) = layer.table.get(key) else { continue };
            let path = layer.key(key);
            if let DeValue::Table(table) = value.get_ref() {
                let start = value.span().start;
                layers.push(Layer { table, source: layer.source, start, path });
            } else {
                let found = Value { value, source: layer.source, path, faults: self.faults };
                found.wrong(&Both::new("表", "a table"));
            }
        }
        Section::of(layers, self.faults)
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
    pub(super) fn parsed<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Both>,
    ) -> Option<T> {
        self.value(key)?.parsed(parse)
    }

    /// Like [`Section::parsed`], and a fault where the key is absent.
    pub(super) fn required<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Both>,
    ) -> Option<T> {
        if self.value(key).is_none() {
            self.fault(Both::new(format!("缺少“{key}”"), format!("`{key}` is missing")));
        }
        self.parsed(key, parse)
    }

    /// The truth value of `key`.
    pub(super) fn boolean(&self, key: &'static str) -> Option<bool> {
        self.value(key)?.boolean()
    }

    /// The whole number of `key`, within `range`.
    pub(super) fn number(&self, key: &'static str, range: Range<u64>) -> Option<u64> {
        self.value(key)?.number(range)
    }

    /// A length of time such as `"2s"`, `"500ms"`, `"5m"`, `"1h"`.
    pub(super) fn duration(&self, key: &'static str) -> Option<Duration> {
        self.parsed(key, units::duration)
    }

    /// The array of texts `key`, empty when absent.
    pub(super) fn texts(&self, key: &'static str) -> Vec<String> {
        self.parsed_list(key, |text| Ok(text.to_owned()))
    }

    /// The array of texts `key`, each turned into what it means.
    pub(super) fn parsed_list<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, Both>,
    ) -> Vec<T> {
        let values = self.value(key).map(|value| value.items()).unwrap_or_default();
        values.iter().filter_map(|value| value.parsed(&parse)).collect()
    }

    /// The table `key` of texts by free names, each pair turned into what it means.
    pub(super) fn pairs<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str, &str) -> Result<T, Both>,
    ) -> Vec<T> {
        self.value(key).map(|value| value.pairs(parse)).unwrap_or_default()
    }

    /// Faults found so far, in all files: whether reading some keys found any.
    pub(super) fn fault_count(&self) -> usize {
        self.faults.0.borrow().len()
    }

    /// Whether any layer has `key`; it then counts as read.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    /// Refuses keys that have a meaning but do not act yet.
    pub(super) fn not_yet(&self, keys: &[&'static str]) {
        self.later.borrow_mut().extend(keys);
        for key in keys {
            if let Some(value) = self.find(key) {
                value.fault(not_supported(key));
            }
        }
    }

    /// Names every key of the topmost layer that nobody asked for.
    pub(super) fn finish(&self) {
        let Some(layer) = self.layers.first() else { return };
        let (asked, later) = (self.asked.borrow(), self.later.borrow());
        for key in layer.table.keys() {
            let name = key.get_ref().as_ref();
            if asked.contains(name) || later.contains(name) {
                continue;
            }
            let line = layer.source.line(key.span().start);
            let known = asked.iter().chain(later.iter()).copied();
            self.faults.add(&layer.source.name, line, &layer.key(name), unknown(name, known));
        }
    }

    /// A fault of the table as a whole.
    pub(super) fn fault(&self, what: Both) {
        match self.layers.first() {
            Some(layer) => {
                let line = layer.source.line(layer.start);
                self.faults.add(&layer.source.name, line, &layer.path, what);
            }
            None => self.faults.add("", 0, "", what),
        }
    }

    /// A fault of `key`, or of the table where the key is absent.
    pub(super) fn fault_at(&self, key: &str, what: Both) {
        match self.find(key) {
            Some(value) => value.fault(what),
            None => self.fault(what),
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

/// What is said of something that has a meaning but does not act yet.
pub(super) fn not_supported(what: &str) -> Both {
    Both::new(format!("“{what}”尚不支持"), format!("`{what}` is not supported yet"))
}

fn unknown(name: &str, known: impl Iterator<Item = &'static str> + Clone) -> Both {
    if let Some(meant) = nearest(name, known.clone()) {
        let zh = format!("没有这个键；是否指“{meant}”？");
        return Both::new(zh, format!("unknown key; did you mean `{meant}`?"));
    }
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    let zh = format!("没有这个键；此处可用：{}", known.join("、"));
    Both::new(zh, format!("unknown key; known here: {}", known.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Lang;

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
        let faults = sink.into_vec();
        let lines = |lang| faults.iter().map(|fault| fault.text(lang)).collect::<Vec<_>>();
        assert_eq!(
            lines(Lang::En),
            [
                "c.toml:3: a.numbr: unknown key; did you mean `number`?",
                "c.toml:4: a.flag: wanted `true` or `false`, found the number 3",
            ]
        );
        assert_eq!(lines(Lang::Zh)[1], "c.toml:4: a.flag: 应为 true 或 false，实为数字 3");
    }
}
