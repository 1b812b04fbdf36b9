//! Titles of stories: what of a title counts, and how two of them stand to one another.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::number::{is_digit, numbers};
use super::share::{Edit, edits, joined};

/// How the titles of two articles stand to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Titles {
    /// The same words; marks such as 【转载】 and punctuation do not count.
    Same,
    /// One has words more than the other, such as the name of the province.
    Within,
    /// They have the most of their words in common.
    Akin,
    /// Other words.
    Other,
}

/// What editors put before or behind titles.
const MARKS: &[&str] = &[
    "转载",
    "转发",
    "转",
    "图文",
    "组图",
    "多图",
    "图",
    "图片",
    "视频",
    "头条",
    "要闻",
    "快讯",
    "简讯",
    "短讯",
    "原创",
    "推荐",
    "置顶",
    "热点",
    "关注",
    "聚焦",
    "新闻",
    "动态",
    "独家",
    "图片新闻",
    "图集",
    "文字",
    "最新",
];
/// Shorter titles, such as 通知公告, say nothing.
const SAYING: usize = 6;
/// What one title has to have in common with the other to be within it.
const WITHIN: usize = 8;

/// The words of a title by which the same story is found under another punctuation.
pub(super) fn key(title: &str) -> String {
    let title: String = title.nfkc().flat_map(char::to_lowercase).collect();
    words(bare(title.trim())).collect()
}

fn words(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| c.is_alphanumeric())
}

/// Without the marks before and behind it.
fn bare(mut title: &str) -> &str {
    while let Some(rest) = MARKS.iter().find_map(|mark| without(title, mark)) {
        title = rest.trim();
    }
    title
}

/// `title` without `mark` in brackets at either end, or before a colon or a stroke.
fn without<'a>(title: &'a str, mark: &str) -> Option<&'a str> {
    const BRACKETS: [(char, char); 6] =
        [('[', ']'), ('【', '】'), ('(', ')'), ('〔', '〕'), ('<', '>'), ('「', '」')];
    let in_brackets = BRACKETS.iter().find_map(|&(open, close)| {
        let first = || title.strip_prefix(open)?.strip_prefix(mark)?.strip_prefix(close);
        let last = || title.strip_suffix(close)?.strip_suffix(mark)?.strip_suffix(open);
        first().or_else(last)
    });
    in_brackets.or_else(|| {
        title.strip_prefix(mark)?.trim_start().strip_prefix([':', '|', '丨', '/', '·', '┃'])
    })
}

/// How `a` and `b` stand to one another.
pub(super) fn titles(a: &str, b: &str) -> Titles {
    let (a, b) = (key(a), key(b));
    let shorter = a.chars().count().min(b.chars().count());
    if a == b && shorter >= SAYING {
        return Titles::Same;
    }
    let inside = a.contains(b.as_str()) || b.contains(a.as_str());
    if shorter >= WITHIN && (inside || only_added(&a, &b)) {
        Titles::Within
    } else if in_common(&a, &b) > SAYING.max(shorter / 2) {
        Titles::Akin
    } else {
        Titles::Other
    }
}

/// Signs that two titles have in common, in words of two or more.
fn in_common(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    edits(&a, &b).shared
}

/// One came of the other by words more in one or two places.
fn only_added(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let edits = edits(&a, &b).edits;
    let ours = edits.iter().all(|edit| edit.theirs.is_empty());
    let theirs = edits.iter().all(|edit| edit.ours.is_empty());
    edits.len() <= 2 && (ours || theirs)
}

/// Whether each of two titles has a number, or a part of a series, that the other lacks.
pub fn counts_differently(a: &str, b: &str) -> bool {
    let (ours, theirs) = (counts(a), counts(b));
    ours.difference(&theirs).next().is_some() && theirs.difference(&ours).next().is_some()
}

fn counts(title: &str) -> BTreeSet<String> {
    let signs: Vec<char> = title.nfkc().filter(|c| !c.is_whitespace()).collect();
    let mut found: BTreeSet<String> =
        numbers(&signs).into_iter().map(|number| number.value).collect();
    // (上), (下), (三), 之一.
    let ended: Vec<char> = signs.iter().copied().chain(['。']).collect();
    for part in ended.windows(3) {
        let open = matches!(part[0], '(' | '【' | '[' | '之');
        if open
            && ("上中下续终".contains(part[1]) || is_digit(part[1]))
            && !part[2].is_alphanumeric()
        {
            found.insert(part[1].to_string());
        }
    }
    found
}

/// The titles are made alike and name different things, and each text speaks of its own alone.
pub(super) fn names_differ(a: &str, b: &str, ours: &[String], theirs: &[String]) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (key(a).chars().collect(), key(b).chars().collect());
    let compared = edits(&a, &b);
    if compared.shared * 10 < (a.len() + b.len()) * 2 {
        return false;
    }
    let replaced: Vec<&Edit> = compared.edits.iter().filter(|edit| edit.replaces(2)).collect();
    if replaced.is_empty() {
        return false;
    }
    let (ours, theirs) = (joined(ours), joined(theirs));
    replaced.iter().any(|edit| {
        let (x, y): (String, String) = (edit.ours.iter().collect(), edit.theirs.iter().collect());
        let (x, y) = (x.as_str(), y.as_str());
        ours.contains(x) && theirs.contains(y) && !theirs.contains(x) && !ours.contains(y)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_punctuation_do_not_count_but_every_number_does() {
        for title in [
            "全省民营企业座谈会在宁召开",
            "【转载】全省民营企业座谈会在宁召开",
            "转载：全省民营企业座谈会 在宁召开",
            "[图文] 全省民营企业座谈会在宁召开！（组图）",
            "头条丨全省民营企业座谈会在宁召开",
        ] {
            assert_eq!(key(title), "全省民营企业座谈会在宁召开", "{title}");
        }
        assert_eq!(key("商会通讯第３期（总第12期）"), "商会通讯第3期总第12期");
        assert_eq!(key("图书馆开馆"), "图书馆开馆");
    }

    #[test]
    fn one_title_may_stand_in_the_other() {
        let whole = "江苏全省民营企业座谈会在宁召开";
        assert_eq!(titles(whole, "全省民营企业座谈会在宁召开"), Titles::Within);
        assert_eq!(titles(whole, "江苏全省民营企业座谈会昨日在宁召开"), Titles::Within);
        assert_eq!(titles(whole, "省委召开民营企业座谈会"), Titles::Akin);
        assert_eq!(titles(whole, "一周要闻回顾"), Titles::Other);
        assert_eq!(titles("通知公告", "通知公告"), Titles::Other);
    }

    #[test]
    fn titles_of_a_series_count_differently() {
        for (a, b) in [
            ("2025年度会费收缴通知", "2026年度会费收缴通知"),
            ("商会通讯第十二期", "商会通讯第13期"),
            ("改革开放四十年(上)", "改革开放四十年(下)"),
            ("会员名单之一：", "会员名单之二："),
        ] {
            assert!(counts_differently(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("第十二期商会通讯", "商会通讯第12期"),
            ("2026年会费收缴通知", "会费收缴通知"),
            ("一起向未来", "共同向未来"),
        ] {
            assert!(!counts_differently(a, b), "{a} {b}");
        }
    }
}
