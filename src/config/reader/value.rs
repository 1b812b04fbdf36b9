//! One value of a table, with the place to complain about.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeValue};

use crate::model::Both;

use super::{Layer, Section, Sink, Source};

/// A value with the place to complain about.
pub(in crate::config) struct Value<'a> {
    pub(super) value: &'a Spanned<DeValue<'a>>,
    pub(super) source: &'a Source,
    pub(super) path: String,
    pub(super) faults: &'a Sink,
}

impl<'a> Value<'a> {
    /// The text, or a fault.
    pub(in crate::config) fn text(&self) -> Option<&'a str> {
        let found = self.value.get_ref().as_str();
        if found.is_none() {
            self.wrong(&Both::new("带引号的文本", "a text in quotes"));
        }
        found
    }

    /// The text turned into what it means, or a fault.
    pub(in crate::config) fn parsed<T>(
        &self,
        parse: impl FnOnce(&str) -> Result<T, Both>,
    ) -> Option<T> {
        match parse(self.text()?) {
            Ok(ready) => Some(ready),
            Err(what) => {
                self.fault(what);
                None
            }
        }
    }

    /// The truth value, or a fault.
    pub(super) fn boolean(&self) -> Option<bool> {
        let found = self.value.get_ref().as_bool();
        if found.is_none() {
            self.wrong(&Both::new(" true 或 false", "`true` or `false`"));
        }
        found
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
            let (least, most) = (range.start, range.end - 1);
            self.wrong(&Both::new(
                format!(" {least} 到 {most} 的整数"),
                format!("a whole number from {least} to {most}"),
            ));
        }
        found
    }

    /// The entries of an array, or a fault.
    pub(in crate::config) fn items(&self) -> Vec<Self> {
        let Some(array) = self.value.get_ref().as_array() else {
            self.wrong(&Both::new("方括号 [ ] 中的列表", "a list in `[ ]`"));
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
        if self.value.get_ref().is_table() {
            let key = &self.path;
            let zh = format!("请写作 [[{key}]]（可以有多个），而不是 [{key}]");
            self.fault(Both::new(zh, format!("write `[[{key}]]` rather than `[{key}]`")));
            return Vec::new();
        }
        self.items().into_iter().filter_map(|value| value.section()).collect()
    }

    /// The table itself as a section, or a fault.
    pub(in crate::config) fn section(&self) -> Option<Section<'a>> {
        let Some(table) = self.value.get_ref().as_table() else {
            self.wrong(&Both::new("表", "a table"));
            return None;
        };
        let start = self.value.span().start;
        let layer = Layer { table, source: self.source, start, path: self.path.clone() };
        Some(Section::of(vec![layer], self.faults))
    }

    /// The pairs of a table of texts by free names, each turned into what it means, or a fault.
    pub(super) fn pairs<T>(&self, parse: impl Fn(&str, &str) -> Result<T, Both>) -> Vec<T> {
        let Some(table) = self.value.get_ref().as_table() else {
            self.wrong(&Both::new("表", "a table"));
            return Vec::new();
        };
        let pair = |(name, value): (&'a Spanned<DeString<'a>>, &'a Spanned<DeValue<'a>>)| {
            let name: &str = name.get_ref();
            let path = format!("{}.{name}", self.path);
            let value = Value { value, source: self.source, path, faults: self.faults };
            value.parsed(|text| parse(name, text))
        };
        table.iter().filter_map(pair).collect()
    }

    /// Whether it is a text.
    pub(in crate::config) fn is_text(&self) -> bool {
        self.value.get_ref().is_str()
    }

    /// Whether it is a list.
    pub(in crate::config) fn is_list(&self) -> bool {
        self.value.get_ref().is_array()
    }

    /// A fault at this value.
    pub(in crate::config) fn fault(&self, what: Both) {
        let line = self.source.line(self.value.span().start);
        self.faults.add(&self.source.name, line, &self.path, what);
    }

    /// A fault of kind: `wanted` against what stands here.
    pub(super) fn wrong(&self, wanted: &Both) {
        let found = kind(self.value.get_ref());
        let zh = |text: &Both| text.text(crate::model::Lang::Zh).to_owned();
        self.fault(Both::new(
            format!("应为{}，实为{}", zh(wanted), zh(&found)),
            format!("wanted {wanted}, found {found}"),
        ));
    }
}

fn kind(value: &DeValue<'_>) -> Both {
    let number = |digits: &str| Both::new(format!("数字 {digits}"), format!("the number {digits}"));
    match value {
        DeValue::String(text) => Both::new(format!("文本“{text}”"), format!("the text \"{text}\"")),
        DeValue::Integer(digits) => number(digits.as_str()),
        DeValue::Float(digits) => number(digits.as_str()),
        DeValue::Boolean(truth) => Both::new(format!(" {truth}"), format!("`{truth}`")),
        DeValue::Datetime(_) => Both::new("日期", "a date"),
        DeValue::Array(_) => Both::new("列表", "a list"),
        DeValue::Table(_) => Both::new("表", "a table"),
    }
}
