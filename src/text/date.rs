//! Chinese dates in all the forms that sites print, with their precision.
//!
//! In: a text or an address, and for dates without a year the time the text was seen; out: a
//! [`Posted`] in Beijing time. Nothing here guesses: a year alone, an impossible day or a piece of
//! a longer number is no date.

mod address;
mod scan;

use std::ops::Range;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};

pub use address::from_url;

use crate::model::{BEIJING, Posted};
use scan::Scan;

/// A date and the bytes of the text that say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spotted {
    /// The bytes of the text, time of day included.
    pub range: Range<usize>,
    /// The date.
    pub posted: Posted,
}

/// The first complete date in `text`.
///
/// A date with its year wins over one without, wherever they stand. Dates without a year
/// (`04-10`, `4月10日`) and relative ones (`昨天`, `3小时前`) count only when `seen` is given.
pub fn find(text: &str, seen: Option<DateTime<Utc>>) -> Option<Posted> {
    let scan = Scan::new(text);
    let full = (0..scan.len()).find_map(|i| scan.full(i, seen).map(|(posted, _)| posted));
    full.or_else(|| {
        let seen = seen?;
        (0..scan.len()).find_map(|i| scan.weak(i, seen).map(|(posted, _)| posted))
    })
}

/// All dates in `text` in reading order; those without a year only where none has one.
pub fn find_all(text: &str, seen: Option<DateTime<Utc>>) -> Vec<Spotted> {
    let scan = Scan::new(text);
    let full = collect(&scan, |i| scan.full(i, seen));
    match seen {
        Some(seen) if full.is_empty() => collect(&scan, |i| scan.weak(i, seen)),
        _ => full,
    }
}

fn collect(scan: &Scan, at: impl Fn(usize) -> Option<(Posted, usize)>) -> Vec<Spotted> {
    let mut found = Vec::new();
    let mut i = 0;
    while i < scan.len() {
        match at(i) {
            Some((posted, end)) => {
                found.push(Spotted { range: scan.range(i, end), posted });
                i = end.max(i + 1);
            }
            None => i += 1,
        }
    }
    found
}

/// The day, if it exists and its year is one a website can print.
pub(crate) fn valid_day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    (1990..2100).contains(&year).then(|| NaiveDate::from_ymd_opt(year, month, day)).flatten()
}

/// True where a website can print the year of `time`.
pub(crate) fn is_plausible(time: NaiveDateTime) -> bool {
    valid_day(time.year(), time.month(), time.day()).is_some()
}

/// The latest such day that is not more than a day after `seen`, in Beijing.
pub(crate) fn without_year(month: u32, day: u32, seen: DateTime<Utc>) -> Option<NaiveDate> {
    let today = seen.with_timezone(&BEIJING).date_naive();
    let limit = today.succ_opt()?;
    [today.year() + 1, today.year(), today.year() - 1]
        .into_iter()
        .filter_map(|year| valid_day(year, month, day))
        .find(|&date| date <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Option<DateTime<Utc>> {
        Some(DateTime::parse_from_rfc3339(text).unwrap().to_utc())
    }

    fn read(text: &str) -> Option<String> {
        find(text, None).map(|posted| posted.to_string())
    }

    #[track_caller]
    fn reads(text: &str, wanted: &str) {
        assert_eq!(read(text).as_deref(), Some(wanted), "in `{text}`");
    }

    #[test]
    fn dates_with_a_year() {
        for text in [
            "日期:2020-04-10",
            "日期：2020-04-10 浏览次数：",
            "2020/04/10",
            "2020/4/10",
            "2020.04.10",
            "2020年04月10日",
            "2020年4月10日",
            "２０２０年４月１０日",
            "2020 年 4 月 10 日",
            "[2020-04-10]",
            "(2020-04-10)",
            "202004-10",
            "20-04-10",
            "[20-04-10]",
            "2020－04－10",
            "2020-04/10",
            "发布2020-04-10来源",
            "2020.04.10-2020.04.12",
            "2020年4月10日至12日",
            "2020-04-10 00:00:00",
            "2020-04-10 25:61",
        ] {
            reads(text, "2020-04-10");
        }
        reads("1999-12-31", "1999-12-31");
        reads("99-12-31", "1999-12-31");
    }

    #[test]
    fn dates_with_a_time() {
        for text in [
            "2020-04-10 09:30",
            "2020-04-10\u{a0}\u{a0}9:30",
            "2020-04-10\u{3000}09：30",
            "2020年4月10日09:30",
            "2020年4月10日9时30分",
            "2020年04月10日 09时30分",
            "2020年4月10日 星期五 09:30",
            "2020年4月10日（周五）上午9:30",
            "2020-04-1009:30",
            "2020-04-10T09:30+08:00",
            "2020-04-10T01:30Z",
            "2020/04/10 09:30",
            "２０２０－０４－１０　０９：３０",
            "2020-04-10\n09:30",
        ] {
            reads(text, "2020-04-10T09:30:00+08:00");
        }
        reads("2023年05月21日 22:21:03 | 来源:苏商天下", "2023-05-21T22:21:03+08:00");
        reads("2020-04-10 下午3:05", "2020-04-10T15:05:00+08:00");
        reads("2020-04-10T20:30:15.000Z", "2020-04-11T04:30:15+08:00");
    }

    #[test]
    fn dates_in_chinese_numerals() {
        reads("二〇二〇年四月十日", "2020-04-10");
        reads("市工商联 二○二六年十一月三日", "2026-11-03");
        reads("二零二六年 十二月三十一日", "2026-12-31");
        reads("一九九九年元月二十日", "1999-01-20");
        for text in
            ["二〇二六年十三月三日", "二〇二六年", "二〇二六年二月三十日", "二十六年三月一日"]
        {
            assert_eq!(find(text, None), None, "in `{text}`");
        }
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "2020",
            "2020年",
            "2020-04",
            "2020年4月",
            "2020-13-01",
            "2021-02-29",
            "2020-04-31",
            "1989-01-01",
            "2100-01-01",
            "0202-04-10",
            "电话:025-83302300",
            "025-2020-04-10",
            "12020-04-10",
            "2020-04-101",
            "2020-04-10-123",
            "2020.04.10.jpg",
            "t2020-04-10",
            "20200410196544",
            "3204000058",
            "13912345678",
            "04-10",
            "4月10日",
            "昨天",
            "第10-12期",
            "1684678908471",
        ] {
            assert_eq!(find(text, None), None, "in `{text}`");
        }
    }

    #[test]
    fn the_first_full_date_wins_over_any_short_one() {
        let now = seen("2020-04-12T04:00:00Z");
        let text = "[01-02] 昨天 2020-04-10 2020-04-11";
        assert_eq!(find(text, now).unwrap().to_string(), "2020-04-10");
    }

    #[test]
    fn the_year_is_inferred_across_new_year() {
        let now = seen("2026-01-02T04:00:00Z");
        let read = |text: &str| find(text, now).map(|posted| posted.to_string());
        for (text, wanted) in [
            ("[12-31]", "2025-12-31"),
            ("[01-02]", "2026-01-02"),
            ("01-03", "2026-01-03"),
            ("01-04", "2025-01-04"),
            ("12/31", "2025-12-31"),
            ("1月2日", "2026-01-02"),
            ("[1-2]", "2026-01-02"),
            ("12-31 23:05", "2025-12-31T23:05:00+08:00"),
            ("02-29", ""),
        ] {
            assert_eq!(read(text).unwrap_or_default(), wanted, "in `{text}`");
        }
        let eve = seen("2025-12-31T15:00:00Z");
        assert_eq!(find("[01-01]", eve).unwrap().to_string(), "2026-01-01");
        for text in ["1-2", "第10-12期", "025-83-20", "10.04", "13-01", "00-10", "4-10"] {
            assert_eq!(find(text, now), None, "in `{text}`");
        }
    }

    #[test]
    fn relative_dates_count_from_the_time_they_were_seen() {
        // 2026-01-02 00:30 in Beijing.
        let now = seen("2026-01-01T16:30:00Z");
        for (text, wanted) in [
            ("刚刚", "2026-01-02T00:30:00+08:00"),
            ("5分钟前", "2026-01-02T00:25:00+08:00"),
            ("40 分钟前", "2026-01-01T23:50:00+08:00"),
            ("3小时前", "2026-01-01"),
            ("2天前", "2025-12-31"),
            ("今天", "2026-01-02"),
            ("昨天", "2026-01-01"),
            ("前天", "2025-12-31"),
            ("发布：昨天 08:15", "2026-01-01T08:15:00+08:00"),
        ] {
            assert_eq!(find(text, now).unwrap().to_string(), wanted, "in `{text}`");
        }
        for text in ["今天我们这样开会", "从昨天起", "99999天前的事"] {
            assert_eq!(find(text, now), None, "in `{text}`");
        }
    }

    #[test]
    fn ranges_are_bytes_of_the_text() {
        let text = "来源：市工商联　日期：２０２０－０４－１０　０９：３０ 和2021年4月8日。";
        let all = find_all(text, None);
        let said: Vec<&str> = all.iter().map(|spotted| &text[spotted.range.clone()]).collect();
        assert_eq!(said, ["２０２０－０４－１０　０９：３０", "2021年4月8日"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "[0-9０-９年月日时分:：./ T前天小-]{0,40}|\\PC{0,40}") {
            let now = seen("2026-01-01T16:30:00Z");
            for spotted in find_all(&text, now) {
                assert!(text.get(spotted.range).is_some());
            }
        }
    }
}
