//! Reads one date at one place of a text.

use std::ops::Range;

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};

use super::{valid_day, without_year};
use crate::model::{BEIJING, Posted};

/// White space between a day and its time of day: CMSs pad with runs of NBSP.
const MAX_GAP: usize = 12;

/// A text with full-width forms folded to ASCII, character by character.
pub(super) struct Scan {
    chars: Vec<char>,
    /// The byte where each character starts, and the length of the text at the end.
    starts: Vec<usize>,
}

/// Full-width digits and separators become ASCII, every white space one space.
pub(super) fn fold(c: char) -> char {
    match c {
        '０'..='９' => {
            char::from_digit(u32::from(c) - u32::from('０'), 10).expect("ten digits in the range")
        }
        '：' => ':',
        '／' => '/',
        '．' => '.',
        '－' | '‐' | '‑' | '–' => '-',
        '［' | '【' | '〔' => '[',
        '］' | '】' | '〕' => ']',
        '（' => '(',
        '）' => ')',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

impl Scan {
    pub(super) fn new(text: &str) -> Self {
        let mut starts: Vec<usize> = text.char_indices().map(|(start, _)| start).collect();
        starts.push(text.len());
        Self { chars: text.chars().map(fold).collect(), starts }
    }

    pub(super) fn len(&self) -> usize {
        self.chars.len()
    }

    pub(super) fn range(&self, from: usize, to: usize) -> Range<usize> {
        self.starts[from]..self.starts[to]
    }

    /// A date with its year that starts at `i`, and where it ends.
    pub(super) fn full(&self, i: usize, seen: Option<DateTime<Utc>>) -> Option<(Posted, usize)> {
        if matches!(self.at(i), '一' | '二') && self.begins_han(i) {
            let (date, end) = self.with_numerals(i)?;
            return Some((Posted::day(date), end));
        }
        if !self.at(i).is_ascii_digit() || !self.may_start(i) {
            return None;
        }
        let digits = self.digits(i);
        let (date, end) = match digits {
            4 if self.after_spaces(i + 4, '年').is_some() => self.with_han(i)?,
            4 => self.with_separators(i, i + 4, self.number(i, 4))?,
            6 if self.at(i + 6) == '-' && self.digits(i + 7) == 2 => {
                let date = self.date(self.number(i, 4), self.number(i + 4, 2), i + 7, 2)?;
                (date, i + 9)
            }
            2 => self.with_short_year(i, seen)?,
            _ => return None,
        };
        // `2020-04-1009:30`: two elements whose texts ran together.
        Some(self.with_time(date, end))
    }

    /// A date without a year, or a relative one, that starts at `i`, and where it ends.
    pub(super) fn weak(&self, i: usize, seen: DateTime<Utc>) -> Option<(Posted, usize)> {
        if self.at(i).is_ascii_digit() {
            if !self.may_start(i) {
                return None;
            }
            return self.ago(i, seen).or_else(|| {
                let (date, end) = self.month_and_day(i, seen)?;
                Some(self.with_time(date, end))
            });
        }
        self.word(i, seen)
    }

    /// `2020年4月10日`, with spaces anywhere.
    fn with_han(&self, i: usize) -> Option<(NaiveDate, usize)> {
        let month = self.spaces(self.after_spaces(i + 4, '年')?);
        let (date, end) = self.han_month_and_day(month, |month, day| {
            valid_day(i32::try_from(self.number(i, 4)).ok()?, month, day)
        })?;
        Some((date, end))
    }

    /// `二〇二六年十一月三日`, as official documents sign.
    fn with_numerals(&self, i: usize) -> Option<(NaiveDate, usize)> {
        let year = (i..i + 4).try_fold(0, |year, at| Some(year * 10 + numeral(self.at(at))?))?;
        let month = self.after_spaces(i + 4, '年')?;
        let (month, at) = self.numerals(month)?;
        let (day, at) = self.numerals(self.after_spaces(at, '月')?)?;
        let end = self.after_spaces(at, '日')?;
        Some((valid_day(i32::try_from(year).ok()?, month, day)?, end))
    }

    /// A number below forty at `i` (`十一`, `二十`, `三`, `元`), and where it ends.
    fn numerals(&self, i: usize) -> Option<(u32, usize)> {
        let mut at = self.spaces(i);
        if self.at(at) == '元' {
            return Some((1, at + 1));
        }
        let tens = numeral(self.at(at)).filter(|tens| *tens > 0);
        if self.at(at + usize::from(tens.is_some())) != '十' {
            return tens.map(|units| (units, at + 1));
        }
        at += 1 + usize::from(tens.is_some());
        let units = numeral(self.at(at)).filter(|units| *units > 0);
        Some((tens.unwrap_or(1) * 10 + units.unwrap_or(0), at + usize::from(units.is_some())))
    }

    /// False within a longer number in Chinese numerals.
    fn begins_han(&self, i: usize) -> bool {
        i == 0 || numeral(self.at(i - 1)).is_none()
    }

    /// `4月10日` at `i`; the last `日` may be missing.
    fn han_month_and_day(
        &self,
        i: usize,
        date: impl Fn(u32, u32) -> Option<NaiveDate>,
    ) -> Option<(NaiveDate, usize)> {
        let month_digits = self.one_or_two(i)?;
        let day = self.spaces(self.after_spaces(i + month_digits, '月')?);
        let day_digits = self.one_or_two(day)?;
        let found = date(self.number(i, month_digits), self.number(day, day_digits))?;
        let end = day + day_digits;
        let end = ['日', '号'].iter().find_map(|&c| self.after_spaces(end, c)).unwrap_or(end);
        Some((found, end))
    }

    /// `-04-10`, `/4/10`, `.04.10` at `i`, after `year`.
    fn with_separators(&self, start: usize, i: usize, year: u32) -> Option<(NaiveDate, usize)> {
        let separator = |c: char| matches!(c, '-' | '/' | '.');
        if !separator(self.at(i)) {
            return None;
        }
        let month_digits = self.one_or_two(i + 1)?;
        let second = i + 1 + month_digits;
        if !separator(self.at(second)) {
            return None;
        }
        let day = second + 1;
        let day_digits = match self.digits(day) {
            digits @ (1 | 2) => digits,
            4 if self.at(day + 4) == ':' && i - start == 4 => 2,
            _ => return None,
        };
        let end = day + day_digits;
        if self.at(end) == '_' || (self.at(end) == self.at(second) && is_word(self.at(end + 1))) {
            return None;
        }
        Some((self.date(year, self.number(i + 1, month_digits), day, day_digits)?, end))
    }

    /// `20-04-10`: two digits everywhere, never in the future of `seen`.
    fn with_short_year(&self, i: usize, seen: Option<DateTime<Utc>>) -> Option<(NaiveDate, usize)> {
        if self.at(i + 2) != '-' || self.digits(i + 3) != 2 || self.digits(i + 6) != 2 {
            return None;
        }
        let short = self.number(i, 2);
        let year = if short >= 90 { 1900 + short } else { 2000 + short };
        let (date, end) = self.with_separators(i, i + 2, year)?;
        let limit = seen.and_then(|seen| seen.with_timezone(&BEIJING).date_naive().succ_opt());
        (self.at(end) != '-' && limit.is_none_or(|limit| date <= limit)).then_some((date, end))
    }

    /// `04-10`, `04/10`, `[4-10]`, `4月10日`.
    fn month_and_day(&self, i: usize, seen: DateTime<Utc>) -> Option<(NaiveDate, usize)> {
        let digits = self.one_or_two(i)?;
        if self.after_spaces(i + digits, '月').is_some() {
            return self.han_month_and_day(i, |month, day| without_year(month, day, seen));
        }
        let separator = self.at(i + digits);
        let day = i + digits + 1;
        let day_digits = self.one_or_two(day)?;
        let end = day + day_digits;
        let bracketed = i > 0 && matches!((self.at(i - 1), self.at(end)), ('[', ']') | ('(', ')'));
        let wanted = match separator {
            '-' | '/' => bracketed || (digits == 2 && day_digits == 2),
            '.' => bracketed && digits == 2 && day_digits == 2,
            _ => false,
        };
        // A third part, a unit or a letter makes it something else: `10-12期`, `01-02-3`, `12/25%`.
        if !wanted || !(bracketed || self.stands_alone(i, end)) {
            return None;
        }
        let date = without_year(self.number(i, digits), self.number(day, day_digits), seen)?;
        Some((date, end))
    }

    /// `5分钟前`, `3小时前`, `2天前`.
    fn ago(&self, i: usize, seen: DateTime<Utc>) -> Option<(Posted, usize)> {
        let digits = self.digits(i);
        if digits > 3 {
            return None;
        }
        let count = i64::from(self.number(i, digits));
        let unit = self.spaces(i + digits);
        let now = seen.with_timezone(&BEIJING).naive_local();
        let (posted, end) = if let Some(end) = self.any_word(unit, &["分钟前", "分前"]) {
            (to_the_minute(now - Duration::minutes(count)), end)
        } else if let Some(end) = self.any_word(unit, &["秒前", "秒钟前"]) {
            (to_the_minute(now), end)
        } else if let Some(end) = self.any_word(unit, &["小时前"]) {
            // Hours are rounded, so a minute would be invented.
            (Posted::day((now - Duration::hours(count)).date()), end)
        } else {
            let end = self.any_word(unit, &["天前", "日前"])?;
            (Posted::day((now - Duration::days(count)).date()), end)
        };
        self.ends(end).then_some((posted, end))
    }

    /// `刚刚`, `今天`, `昨天 08:15`, standing alone.
    fn word(&self, i: usize, seen: DateTime<Utc>) -> Option<(Posted, usize)> {
        if !matches!(self.at(i), '刚' | '今' | '昨' | '前') || !self.begins(i) {
            return None;
        }
        let now = seen.with_timezone(&BEIJING).naive_local();
        if let Some(end) = self.any_word(i, &["刚刚", "刚才"]) {
            return self.ends(end).then(|| (to_the_minute(now), end));
        }
        let (days, end) = [("今天", 0), ("昨天", 1), ("前天", 2)]
            .into_iter()
            .find_map(|(word, days)| Some((days, self.any_word(i, &[word])?)))?;
        let (posted, end) = self.with_time((now - Duration::days(days)).date(), end);
        self.ends(end).then_some((posted, end))
    }

    /// The day with the time of day that follows it at `end`, if one does.
    fn with_time(&self, date: NaiveDate, end: usize) -> (Posted, usize) {
        match self.time(end) {
            // A CMS that keeps no time prints midnight to the second.
            Some((time, seconds, after)) if seconds && time == NaiveTime::MIN => {
                (Posted::day(date), after)
            }
            Some((time, _, after)) => self.in_zone(date.and_time(time), after),
            None => (Posted::day(date), end),
        }
    }

    /// `09:30`, `9时30分`, `下午3:05:10` after white space and a weekday at `i`: the time, whether
    /// seconds were printed, and where it ends.
    fn time(&self, i: usize) -> Option<(NaiveTime, bool, usize)> {
        let mut at = if self.at(i) == 'T' { i + 1 } else { self.weekday(self.spaces(i)) };
        let mut afternoon = false;
        for (word, pm) in [("上午", false), ("早上", false), ("下午", true), ("晚上", true)]
        {
            if let Some(end) = self.any_word(at, &[word]) {
                (at, afternoon) = (self.spaces(end), pm);
            }
        }
        let digits = self.one_or_two(at)?;
        let mut hour = self.number(at, digits);
        if afternoon && hour < 12 {
            hour += 12;
        }
        let separator = self.at(at + digits);
        let minute = at + digits + 1;
        if !matches!(separator, ':' | '时' | '点') || self.one_or_two(minute).is_none() {
            return None;
        }
        let minute_digits = self.digits(minute);
        let mut end = minute + minute_digits;
        let mut second = 0;
        let goes_on = if separator == ':' { ':' } else { '分' };
        let printed = self.at(end) == goes_on && self.one_or_two(end + 1).is_some();
        if printed {
            let digits = self.digits(end + 1);
            second = self.number(end + 1, digits);
            end += 1 + digits;
            end += usize::from(self.at(end) == '秒');
        } else if separator != ':' {
            end += usize::from(self.at(end) == '分');
        }
        let time = NaiveTime::from_hms_opt(hour, self.number(minute, minute_digits), second)?;
        Some((time, printed, end))
    }

    /// An ISO zone after a time: `Z` and `+00:00` are read as such, none is Beijing.
    fn in_zone(&self, time: NaiveDateTime, end: usize) -> (Posted, usize) {
        let mut at = end;
        if self.at(at) == '.' && self.digits(at + 1) > 0 {
            at += 1 + self.digits(at + 1);
        }
        let minutes_east = match self.at(at) {
            'Z' => Some((0, at + 1)),
            sign @ ('+' | '-') if self.digits(at + 1) == 2 && self.at(at + 3) == ':' => {
                let minutes = i64::from(self.number(at + 1, 2) * 60 + self.number(at + 4, 2));
                Some((if sign == '-' { -minutes } else { minutes }, at + 6))
            }
            _ => None,
        };
        match minutes_east {
            Some((minutes, end)) if end <= self.len() => {
                (Posted::minute(time + Duration::minutes(8 * 60 - minutes)), end)
            }
            _ => (Posted::minute(time), end),
        }
    }

    fn weekday(&self, i: usize) -> usize {
        let open = i + usize::from(self.at(i) == '(');
        let Some(name) = self.any_word(open, &["星期", "周", "礼拜"]) else { return i };
        if !"一二三四五六日天".contains(self.at(name)) {
            return i;
        }
        self.spaces(name + 1 + usize::from(self.at(name + 1) == ')'))
    }

    fn date(&self, year: u32, month: u32, day: usize, digits: usize) -> Option<NaiveDate> {
        valid_day(i32::try_from(year).ok()?, month, self.number(day, digits))
    }

    /// The character at `i`, or a space outside the text.
    fn at(&self, i: usize) -> char {
        self.chars.get(i).copied().unwrap_or(' ')
    }

    /// The length of the run of digits at `i`.
    fn digits(&self, i: usize) -> usize {
        self.chars.iter().skip(i).take_while(|c| c.is_ascii_digit()).count()
    }

    fn one_or_two(&self, i: usize) -> Option<usize> {
        Some(self.digits(i)).filter(|digits| matches!(digits, 1 | 2))
    }

    /// The number of at most nine digits at `i`; a character that is no digit counts as 0.
    fn number(&self, i: usize, digits: usize) -> u32 {
        (i..i + digits).fold(0, |sum, i| sum * 10 + self.at(i).to_digit(10).unwrap_or(0))
    }

    fn spaces(&self, i: usize) -> usize {
        i + self.chars.iter().skip(i).take(MAX_GAP).take_while(|&&c| c == ' ').count()
    }

    /// Behind `c`, if it stands at `i` after white space.
    fn after_spaces(&self, i: usize, c: char) -> Option<usize> {
        let at = self.spaces(i);
        (self.at(at) == c).then_some(at + 1)
    }

    /// Behind the first of `words` that stands at `i`.
    fn any_word(&self, i: usize, words: &[&str]) -> Option<usize> {
        words.iter().find_map(|word| {
            let mut end = i;
            word.chars()
                .all(|c| {
                    end += 1;
                    self.at(end - 1) == c
                })
                .then_some(end)
        })
    }

    /// False within a longer number, word or path of numbers.
    fn may_start(&self, i: usize) -> bool {
        if i == 0 {
            return true;
        }
        let before = self.at(i - 1);
        let joined = matches!(before, '-' | '/' | '.') && i > 1 && is_word(self.at(i - 2));
        !is_word(before) && !joined
    }

    fn begins(&self, i: usize) -> bool {
        i == 0 || is_edge(self.at(i - 1))
    }

    fn ends(&self, i: usize) -> bool {
        is_edge(self.at(i))
    }

    fn stands_alone(&self, i: usize, end: usize) -> bool {
        self.begins(i) && self.ends(end)
    }
}

fn numeral(c: char) -> Option<u32> {
    if matches!(c, '〇' | '○' | 'Ｏ' | 'O' | '0' | '零' | '◯') {
        return Some(0);
    }
    "一二三四五六七八九".chars().zip(1..).find_map(|(known, value)| (known == c).then_some(value))
}

fn to_the_minute(time: NaiveDateTime) -> Posted {
    Posted::minute(time.with_second(0).and_then(|time| time.with_nanosecond(0)).unwrap_or(time))
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// What may stand beside a short date: nothing, white space, brackets, separators.
fn is_edge(c: char) -> bool {
    matches!(c, ' ' | '[' | ']' | '(' | ')' | ':' | '|' | '·' | ',' | '，' | '。' | '丨' | '｜')
}
