//! Dates in forms that are safe only where they stand alone in an element, and boxes of them.
//!
//! In: one text, or the neighbouring texts of a row; out: a [`Posted`]. In running text `11.18` or
//! `20261118` would be a figure, so `text/date` does not read them.

use std::sync::LazyLock;

use chrono::{DateTime, Duration, Utc};
use regex::{Captures, Regex};

use crate::model::Posted;
use crate::text::{date, plain};

/// More characters than any part of a box has.
const PART: usize = 10;

/// The parts of the widest box: `11`, `/`, `18`, `2026`.
const PARTS: usize = 4;

/// The names of the months, as a prefix of what is printed.
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The date that the whole of `text` says, a label, brackets and a time of day aside.
pub(super) fn date(text: &str, seen: Option<DateTime<Utc>>) -> Option<Posted> {
    let text = folded(text);
    let text = LABEL.replace(&text, "");
    let text = text.trim_matches(|c: char| "[]() ".contains(c));
    if text.chars().count() > 40 {
        return None;
    }
    FORMS.iter().find_map(|(form, order)| {
        let found = form.captures(text)?;
        let time = &text[found.get(0)?.end()..];
        if !TIME.is_match(time) {
            return None;
        }
        dated(&found, order, time, seen)
    })
}

/// The day of a form with its parts in this order (`d` day, `m` month, `y` year).
fn dated(
    found: &Captures<'_>,
    order: &str,
    time: &str,
    seen: Option<DateTime<Utc>>,
) -> Option<Posted> {
    let part = |name: char| {
        let place = order.find(name)?;
        found.get(place + 1)?.as_str().parse::<u32>().ok()
    };
    let (month, day) = (part('m')?, part('d')?);
    let time = found.name("time").map_or(time, |time| time.as_str());
    let text = match part('y') {
        Some(year) => {
            let year = if year < 100 { 2000 + year } else { year };
            format!("{year:04}-{month:02}-{day:02} {}", time.trim())
        }
        None => format!("{}-{month:02}-{day:02} {}", year_of(month, day, seen)?, time.trim()),
    };
    let posted = date::find(&text, None)?;
    let limit = seen.map(|seen| (seen + Duration::days(2)).date_naive());
    let is_short = order.starts_with('y') && found.get(1)?.len() == 2;
    (!is_short || limit.is_some_and(|limit| posted.date() <= limit)).then_some(posted)
}

/// The year of a day that was printed without one.
fn year_of(month: u32, day: u32, seen: Option<DateTime<Utc>>) -> Option<String> {
    let date = date::find(&format!("[{month:02}-{day:02}]"), Some(seen?))?.date();
    Some(date.format("%Y").to_string())
}

/// What may stand before the date in its own text.
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\W*(?:(?:发布|更新|公开|发表|添加|录入)?(?:时间|日期|于)?\s*:|发布于|更新于)\s*")
        .expect("the pattern is valid")
});

/// All that may follow the date.
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:\s*|\s+\d{1,2}:\d{2}(?::\d{2})?)$").expect("the pattern is valid")
});

/// Forms with the order of their groups.
static FORMS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    [
        (r"^(\d{4})\s*[-/._年]\s*(\d{1,2})\s*[-/._月]\s*(\d{1,2})\s*日?", "ymd"),
        (r"^((?:19|20)\d\d)(\d\d)(\d\d)", "ymd"),
        (r"^(\d\d)[-/.](\d\d)[-/.](\d\d)", "ymd"),
        (r"^(\d{1,2})月[.\s]*(\d{1,2})日?\s*,?\s+(\d{4})", "mdy"),
        (r"^(\d{1,2})[\s-]+(\d{1,2})月[.,\s-]*(\d{4})", "dmy"),
        (r"^(?:[a-z]{3}\s+)?(\d{1,2})月\s*(\d{1,2})\s+(?<time>\d\d:\d\d:\d\d)\s+[a-z]{3}\s+(\d{4})", "md.y"),
        (r"^(\d{1,2})\s*[-/.]\s*(\d{1,2})", "md"),
        (r"^(\d{1,2})月\s*(\d{1,2})日?", "md"),
    ]
    .into_iter()
    .map(|(form, order)| (Regex::new(form).expect("the pattern is valid"), order))
    .collect()
});

/// The text with ASCII figures and punctuation, months as `11月`, Chinese numerals as figures.
fn folded(text: &str) -> String {
    let line = plain::one_line(text).to_lowercase();
    let line: String = line.chars().map(fold).collect();
    let line = MONTH_NAME.replace_all(&line, |found: &Captures<'_>| {
        let month = MONTHS.iter().position(|name| found[1].starts_with(name)).unwrap_or_default();
        format!("{}月", month + 1)
    });
    HAN_NUMBER
        .replace_all(&line, |found: &Captures<'_>| {
            format!("{}{}", han_number(&found[1]), &found[2])
        })
        .into_owned()
}

fn fold(c: char) -> char {
    match c {
        '０'..='９' | '：' | '／' | '．' | '－' | '，' | '（' | '）' => {
            char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
        }
        '【' | '〔' | '［' => '[',
        '】' | '〕' | '］' => ']',
        '–' | '—' => '-',
        c => c,
    }
}

static MONTH_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?")
        .expect("the pattern is valid")
});

static HAN_NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"([〇○零一二三四五六七八九十廿卅]+)\s*([年月日])").expect("the pattern is valid")
});

/// `二〇二六` digit by digit, `十八` and `二十` by place.
fn han_number(text: &str) -> u32 {
    let digit = |c: char| "〇一二三四五六七八九".chars().position(|known| known == c);
    let (mut number, mut placed) = (0, false);
    for c in text.chars() {
        match c {
            '十' => (number, placed) = (if number == 0 { 10 } else { number * 10 }, true),
            '廿' => (number, placed) = (20, true),
            '卅' => (number, placed) = (30, true),
            c => {
                let digit = u32::try_from(digit(c).unwrap_or(0)).unwrap_or(0);
                number = if placed { number + digit } else { number.saturating_mul(10) + digit };
            }
        }
    }
    number
}

/// The date of the first box: neighbouring texts that are parts of one date and nothing else.
pub(super) fn boxed(texts: &[String], seen: Option<DateTime<Utc>>) -> Option<Posted> {
    let parts: Vec<Option<String>> = texts.iter().map(|text| part(text)).collect();
    (0..parts.len()).find_map(|start| {
        (2..=PARTS).rev().find_map(|count| {
            let window = parts.get(start..start + count)?;
            let window: Option<Vec<&str>> = window.iter().map(Option::as_deref).collect();
            joined(&window?, seen)
        })
    })
}

/// The text, if it can be a part of a box.
fn part(text: &str) -> Option<String> {
    if text.chars().count() > PART {
        return None;
    }
    let text = folded(text);
    PART_TEXT.is_match(&text).then_some(text)
}

static PART_TEXT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[\d\s\-/.,年月日号\[\]]+$").expect("the pattern is valid"));

/// A number of a box.
struct Piece {
    number: u32,
    /// The text it stands in.
    place: usize,
    is_month: bool,
}

/// The date that the parts of one box make, if every number has its place in it.
fn joined(parts: &[&str], seen: Option<DateTime<Utc>>) -> Option<Posted> {
    let mut year = None;
    let mut pieces: Vec<Piece> = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        for found in NUMBER.captures_iter(part) {
            let digits = &found[1];
            let number: u32 = digits.parse().ok()?;
            match digits.len() {
                1 | 2 => pieces.push(Piece { number, place, is_month: &found[2] == "月" }),
                4 if year.is_none() => year = Some((number, place, pieces.len())),
                6 if year.is_none() => {
                    year = Some((number / 100, place, pieces.len()));
                    pieces.push(Piece { number: number % 100, place, is_month: true });
                }
                _ => return None,
            }
        }
    }
    let [first, second] = pieces.as_slice() else { return None };
    if first.place == second.place && year.is_some_and(|(_, place, _)| place == first.place) {
        return None;
    }
    let slashed = |piece: &Piece| parts[piece.place].starts_with('/');
    let month_first = match (first.is_month, second.is_month, year) {
        (true, true, _) => return None,
        (true, false, _) => true,
        (false, true, _) => false,
        (_, _, Some((_, place, _))) if second.place == place => false,
        (_, _, Some((_, place, _))) if first.place == place => true,
        (_, _, Some((_, _, 0))) => true,
        (_, _, Some(_)) => {
            let between = parts[first.place + 1..second.place.max(first.place + 1)].concat();
            first.place == second.place || between.contains('/') || second.number > 12
        }
        (_, _, None) if slashed(second) && parts.iter().all(|part| part.len() <= 4) => false,
        _ => return None,
    };
    let (month, day) = if month_first { (first, second) } else { (second, first) };
    let (month, day) = (month.number, day.number);
    let year = match year {
        Some((year, _, _)) => year.to_string(),
        None => year_of(month, day, seen)?,
    };
    date::find(&format!("{year}-{month:02}-{day:02}"), None)
}

static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(\d+)\s*(月?)").expect("the pattern is valid"));

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> Option<DateTime<Utc>> {
        Some(DateTime::parse_from_rfc3339("2026-11-20T10:00:00Z").unwrap().to_utc())
    }

    #[test]
    fn a_text_may_be_a_date_in_many_forms() {
        for text in [
            "11/8",
            "11-8",
            "11.8",
            "11.08",
            "2026 / 11 / 8",
            "2026. 11. 8",
            "20261108",
            "26/11/08",
            "26.11.08",
            "Nov 8, 2026",
            "8 Nov 2026",
            "NOV. 08, 2026",
            "8-Nov-2026",
            "十一月 8, 2026",
            "2026_11_8",
            "二〇二六年十一月八日",
            "2026 - 11 - 08",
            "更新：11-8",
            "[11.08]",
            "November 8, 2026",
        ] {
            let read = date(text, seen()).map(|posted| posted.to_string());
            assert_eq!(read.as_deref(), Some("2026-11-08"), "in `{text}`");
        }
        let java = date("Sun Nov 08 09:10:00 CST 2026", seen()).unwrap();
        assert_eq!(java.to_string(), "2026-11-08T09:10:00+08:00");
        for (text, wanted) in [("二十", 20), ("二十一", 21), ("三十", 30), ("十", 10), ("廿三", 23)]
        {
            assert_eq!(han_number(text), wanted);
        }
    }

    #[test]
    fn other_figures_are_no_date() {
        for text in [
            "11.8%",
            "13/8",
            "11-32",
            "20261308",
            "阅读 32",
            "1.2.3.4",
            "26/12/31",
            "11/8会议",
            "三月会",
        ] {
            assert_eq!(date(text, seen()), None, "in `{text}`");
        }
        assert_eq!(date("11.18", None), None);
    }

    #[test]
    fn parts_of_a_box_make_a_date() {
        for parts in [
            &["8", "2026-11"][..],
            &["2026.11", "08"],
            &["08日", "2026年11月"],
            &["8", "11月"],
            &["11月", "8"],
            &["08", "/11"],
            &["2026", "11", "08"],
            &["08", "11", "2026"],
            &["11", "/", "08", "2026"],
            &["08", "Nov 2026"],
            &["08", "NOV. 2026"],
            &["08", "Nov"],
            &["08", "十一月"],
            &["08", "十一月 2026"],
            &["08", "202611"],
            &["08", "11-2026"],
            &["08", "11/2026"],
            &["11.08", "2026"],
            &["2026", "11-08"],
            &["32", "08", "2026-11", "7"],
        ] {
            let texts: Vec<String> = parts.iter().map(|&part| part.to_owned()).collect();
            let read = boxed(&texts, seen()).map(|posted| posted.to_string());
            assert_eq!(read.as_deref(), Some("2026-11-08"), "in {parts:?}");
        }
        for parts in [&["8", "11"][..], &["2026-11-08", "12"], &["31", "2026-11"], &["11-08", "32"]]
        {
            let texts: Vec<String> = parts.iter().map(|&part| part.to_owned()).collect();
            assert_eq!(boxed(&texts, seen()), None, "in {parts:?}");
        }
    }
}
