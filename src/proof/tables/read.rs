//! Reads the tables key by key, collecting every fault with its line rather than stopping.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use regex::RegexBuilder;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Pair, Person, Phrase, Tables, Word};
use crate::model::Both;

/// Entries of all tables of a file at most.
const MOST_ENTRIES: usize = 20_000;
/// A text in a table is no longer than this (characters).
const LONGEST: usize = 200;
/// What a compiled pattern may take, in bytes.
const PATTERN_BYTES: usize = 1 << 20;

/// The tables in `text`, not yet ready, or every fault.
pub(super) fn read(text: &str) -> Result<Tables, Vec<(usize, Both)>> {
    let mut reader = Reader { text, faults: Vec::new() };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = error.span().map_or(0, |span| span.start);
        let what = error.message().trim().replace('\n', "; ");
        let (zh, en) = (format!("不是正确的 TOML：{what}"), format!("is not valid TOML: {what}"));
        reader.fault(at, zh, en);
    }
    let mut tables = Tables::default();
    let mut count = 0;
    for (name, value) in table.get_ref() {
        let kind: &str = name.get_ref();
        if !matches!(kind, "person" | "phrase" | "pair" | "word") {
            reader.fault(
                name.span().start,
                format!("不认识“{kind}”；可以写 [[person]]、[[phrase]]、[[pair]]、[[word]]"),
                format!("`{kind}` means nothing; there are `[[person]]`, `[[phrase]]`, `[[pair]]`, `[[word]]`"),
            );
            continue;
        }
        for entry in reader.entries(kind, value) {
            count += 1;
            if count > MOST_ENTRIES {
                reader.fault(
                    entry.at,
                    format!("条目过多，最多 {MOST_ENTRIES} 条"),
                    format!("too many entries; at most {MOST_ENTRIES}"),
                );
                break;
            }
            reader.entry(kind, entry, &mut tables);
        }
    }
    if reader.faults.is_empty() {
        return Ok(tables);
    }
    reader.faults.sort();
    Err(reader.faults)
}

struct Reader<'t> {
    text: &'t str,
    faults: Vec<(usize, Both)>,
}

/// One entry under reading.
struct Entry<'d> {
    table: &'d DeTable<'d>,
    at: usize,
    asked: BTreeSet<&'static str>,
}

impl Reader<'_> {
    fn fault(&mut self, at: usize, zh: impl Into<String>, en: impl Into<String>) {
        let end = at.min(self.text.len());
        let line = self.text.as_bytes()[..end].iter().filter(|&&b| b == b'\n').count() + 1;
        self.faults.push((line, Both::new(zh, en)));
    }

    fn entries<'d>(&mut self, kind: &str, value: &'d Spanned<DeValue<'d>>) -> Vec<Entry<'d>> {
        let Some(array) = value.get_ref().as_array() else {
            self.fault(
                value.span().start,
                format!("请写作 [[{kind}]]（可以有多个）"),
                format!("write `[[{kind}]]`"),
            );
            return Vec::new();
        };
        let tables = array.iter().filter_map(|value| {
            let table = value.get_ref().as_table()?;
            Some(Entry { table, at: value.span().start, asked: BTreeSet::new() })
        });
        tables.collect()
    }

    fn entry(&mut self, kind: &str, mut entry: Entry<'_>, tables: &mut Tables) {
        match kind {
            "person" => tables.persons.extend(self.person(&mut entry)),
            "phrase" => tables.phrases.extend(self.phrase(&mut entry)),
            "pair" => tables.pairs.extend(self.pair(&mut entry)),
            _ => tables.words.extend(self.word(&mut entry)),
        }
        for (name, _) in entry.table {
            let key: &str = name.get_ref();
            if !entry.asked.contains(key) {
                let known = entry.asked.iter().copied().collect::<Vec<_>>().join("、");
                self.fault(
                    name.span().start,
                    format!("[[{kind}]] 里没有“{key}”这一项；可以写：{known}"),
                    format!("`[[{kind}]]` has no `{key}`; it has: {}", known.replace('、', ", ")),
                );
            }
        }
    }

    fn person(&mut self, entry: &mut Entry<'_>) -> Option<Person> {
        let name = self.needed(entry, "name");
        let post = self.needed(entry, "post");
        let mut posts = self.texts(entry, "posts");
        let (rank, from) = (self.rank(entry), self.date(entry, "from"));
        let (until, severe) = (self.date(entry, "until"), self.switch(entry, "severe", true));
        if let (Some(first), Some(last)) = (from, until)
            && last < first
        {
            self.fault(
                entry.at,
                format!("until（{last}）早于 from（{first}）"),
                format!("`until` ({last}) is before `from` ({first})"),
            );
        }
        posts.insert(0, post?);
        Some(Person { name: name?, posts, rank, from, until, severe })
    }

    fn phrase(&mut self, entry: &mut Entry<'_>) -> Option<Phrase> {
        let whole = self.needed(entry, "whole");
        let (signs, also) = (self.texts(entry, "signs"), self.texts(entry, "also"));
        let severe = self.switch(entry, "severe", true);
        let whole = whole?;
        if signs.is_empty() {
            self.fault(
                entry.at,
                "请写 signs：表述中足以认出它的片段，例如 signs = [\"开头几个字\"]",
                "write `signs`: parts of the phrase by which it is known",
            );
        }
        for sign in signs.iter().filter(|sign| !whole.contains(sign.as_str())) {
            self.fault(
                entry.at,
                format!("signs 中的“{sign}”不是“{whole}”的一部分"),
                format!("`{sign}` of `signs` is no part of `{whole}`"),
            );
        }
        Some(Phrase { whole, signs, also, severe })
    }

    fn pair(&mut self, entry: &mut Entry<'_>) -> Option<Pair> {
        let (wrong, right) = (self.needed(entry, "wrong"), self.needed(entry, "right"));
        let (near, unless) = (self.pattern(entry, "near"), self.pattern(entry, "unless"));
        let severe = self.switch(entry, "severe", false);
        Some(Pair { wrong: wrong?, right: right?, near, unless, severe })
    }

    fn word(&mut self, entry: &mut Entry<'_>) -> Option<Word> {
        let (word, why) = (self.needed(entry, "word"), self.needed(entry, "why"));
        let severe = self.switch(entry, "severe", false);
        Some(Word { word: word?, why: why?, severe })
    }

    fn value<'d>(entry: &mut Entry<'d>, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        entry.asked.insert(key);
        entry.table.get(key)
    }

    fn text(&mut self, value: &Spanned<DeValue<'_>>, key: &str) -> Option<String> {
        let text = value.get_ref().as_str().map(str::trim);
        let fits = |text: &&str| !text.is_empty() && text.chars().count() <= LONGEST;
        let found = text.filter(fits).map(str::to_owned);
        if found.is_none() {
            self.fault(
                value.span().start,
                format!("{key} 应为带引号的文本，1 到 {LONGEST} 字"),
                format!("`{key}` is a text in quotes, of 1 to {LONGEST} characters"),
            );
        }
        found
    }

    fn needed(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<String> {
        match Self::value(entry, key) {
            Some(value) => self.text(value, key),
            None => {
                self.fault(entry.at, format!("缺少 {key}"), format!("`{key}` is missing"));
                None
            }
        }
    }

    fn texts(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Vec<String> {
        let Some(value) = Self::value(entry, key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.fault(
                value.span().start,
                format!("{key} 应为方括号 [ ] 中的列表"),
                format!("`{key}` is a list in `[ ]`"),
            );
            return Vec::new();
        };
        array.iter().filter_map(|value| self.text(value, key)).collect()
    }

    fn switch(&mut self, entry: &mut Entry<'_>, key: &'static str, usual: bool) -> bool {
        let Some(value) = Self::value(entry, key) else { return usual };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.fault(
                value.span().start,
                format!("{key} 应为 true 或 false"),
                format!("`{key}` is `true` or `false`"),
            );
            usual
        })
    }

    fn rank(&mut self, entry: &mut Entry<'_>) -> Option<u32> {
        let value = Self::value(entry, "rank")?;
        let number = value.get_ref().as_integer();
        let rank = number.and_then(|n| u32::from_str_radix(n.as_str(), n.radix()).ok());
        if rank.is_none() {
            self.fault(value.span().start, "rank 应为整数", "`rank` is a whole number");
        }
        rank
    }

    /// A day as TOML writes it, with quotes or without.
    fn date(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<NaiveDate> {
        let value = Self::value(entry, key)?;
        let written = match value.get_ref() {
            DeValue::Datetime(day) => day.to_string(),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        let day = written.parse().ok();
        if day.is_none() {
            self.fault(
                value.span().start,
                format!("{key} 应为日期，如 2026-01-31"),
                format!("`{key}` is a day, as 2026-01-31"),
            );
        }
        day
    }

    fn pattern(&mut self, entry: &mut Entry<'_>, key: &'static str) -> Option<regex::Regex> {
        let value = Self::value(entry, key)?;
        let text = self.text(value, key)?;
        match RegexBuilder::new(&text).size_limit(PATTERN_BYTES).build() {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                let what = error.to_string();
                let what = what.lines().last().unwrap_or_default().trim().to_owned();
                self.fault(
                    value.span().start,
                    format!("{key} 不是正确的正则表达式：{what}"),
                    format!("`{key}` is no regular expression: {what}"),
                );
                None
            }
        }
    }
}
