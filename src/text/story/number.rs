//! Numbers as they tell notices apart: in digits or in Chinese.

/// What a number counts that makes a date or an issue of it.
const ESSENTIAL: &str = "年月日号期届批次季讲站回轮版";
/// What else follows a number in Chinese characters.
const COUNTED: &str = "家名人位个项条件场亿万元余多天时点分秒岁周％%";
const DIGITS: &str = "零一二三四五六七八九";

/// A number in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// In digits, whatever it is printed in.
    pub(super) value: String,
    /// Part of a date, a telephone, or that by which issues are told apart.
    pub(super) is_essential: bool,
}

/// The numbers of `text`, in order.
pub(super) fn numbers(text: &[char]) -> Vec<Number> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let end = run(text, at);
        if end == at {
            at += 1;
            continue;
        }
        found.extend(number(text, at, end));
        at = end;
    }
    found
}

/// True for signs that numbers are written with.
pub(super) fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || is_chinese(c)
}

fn is_chinese(c: char) -> bool {
    DIGITS.contains(c) || "〇两十百千万亿".contains(c)
}

/// Where the number that begins at `at` ends.
fn run(text: &[char], at: usize) -> usize {
    let same = |c: &&char| match text[at].is_ascii_digit() {
        true => c.is_ascii_digit() || **c == '.',
        false => is_chinese(**c),
    };
    match is_digit(text[at]) {
        true => at + text[at..].iter().take_while(same).count(),
        false => at,
    }
}

/// In Chinese characters only where it counts something: 一 stands in many words.
fn number(text: &[char], start: usize, end: usize) -> Option<Number> {
    let before = start.checked_sub(1).map(|at| text[at]);
    let after = text.get(end).copied();
    let ordinal = before == Some('第');
    let essential = ordinal || after.is_some_and(|c| ESSENTIAL.contains(c));
    let digits: String = text[start..end].iter().collect();
    if text[start].is_ascii_digit() {
        let is_essential = essential || digits.len() >= 7;
        return Some(Number { value: digits.trim_end_matches('.').to_owned(), is_essential });
    }
    // 3.5亿: what follows digits is their unit.
    if before.is_some_and(|c| c.is_ascii_digit()) {
        return None;
    }
    let counts = essential || after.is_some_and(|c| COUNTED.contains(c));
    let value = counts.then(|| in_digits(&digits))?;
    Some(Number { value, is_essential: essential })
}

/// 二〇二六 → 2026, 三十五 → 35; what is no number stays as it is.
fn in_digits(text: &str) -> String {
    let digit = |c: char| match c {
        '〇' => Some(0),
        '两' => Some(2),
        c => DIGITS.chars().position(|d| d == c).and_then(|n| u64::try_from(n).ok()),
    };
    if let Some(each) = text.chars().map(digit).collect::<Option<Vec<_>>>() {
        return each.iter().map(u64::to_string).collect();
    }
    let (mut total, mut section, mut last) = (0_u64, 0_u64, None);
    for c in text.chars() {
        let unit = match c {
            '十' => 10,
            '百' => 100,
            '千' => 1000,
            '万' => 10_000,
            '亿' => 100_000_000,
            c => {
                last = digit(c);
                continue;
            }
        };
        if unit >= 10_000 {
            let whole = total.saturating_add(section).saturating_add(last.unwrap_or(0));
            total = whole.max(1).saturating_mul(unit);
            section = 0;
        } else {
            section = section.saturating_add(last.unwrap_or(1).saturating_mul(unit));
        }
        last = None;
    }
    total.saturating_add(section).saturating_add(last.unwrap_or(0)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(String, bool)> {
        let signs: Vec<char> = text.chars().collect();
        let all = numbers(&signs).into_iter();
        all.map(|number| (number.value, number.is_essential)).collect()
    }

    #[test]
    fn chinese_numbers_count_where_they_count_something() {
        let told = |value: &str, essential| (value.to_owned(), essential);
        assert_eq!(values("第十五届"), [told("15", true)]);
        assert_eq!(
            values("二〇二六年十一月三日"),
            [told("2026", true), told("11", true), told("3", true)]
        );
        assert_eq!(values("三十余家统一行动"), [told("30", false)]);
        assert_eq!(values("投资3.5亿元"), [told("3.5", false)]);
        assert_eq!(values("电话83210000"), [told("83210000", true)]);
        assert_eq!(values("一百二十名"), [told("120", false)]);
        assert_eq!(values("两万三千人"), [told("23000", false)]);
    }
}
