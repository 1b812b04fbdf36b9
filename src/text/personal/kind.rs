//! What a row of digits is: by its check digit, its parts, and the words before it.

/// A number that is not for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 公民身份号码 (GB 11643).
    IdCard,
    /// A bank card (ISO/IEC 7812).
    BankCard,
    /// A mobile phone, behind so many digits of the country.
    Mobile {
        /// How many digits of the country stand before it.
        prefix: usize,
    },
}

/// What `digits` are (a closing X is 10), written in groups of `lengths` behind `label`.
pub(super) fn kind(digits: &[u8], lengths: &[usize], label: &str) -> Option<Kind> {
    let says = |words: &[&str]| words.iter().any(|word| label.contains(word));
    let is_serial = says(SERIALS);
    match digits.len() {
        18 if is_id_card(digits) => {
            let is_organisation = says(ORGANISATION) || (is_credit_code(digits) && !says(PERSON));
            return (!is_organisation).then_some(Kind::IdCard);
        }
        15 if lengths.len() == 1 && is_old_id_card(digits) && (says(PERSON) || !is_serial) => {
            return Some(Kind::IdCard);
        }
        _ => {}
    }
    if is_bank_card(digits, lengths) && (says(CARD) || !is_serial) {
        return Some(Kind::BankCard);
    }
    mobile(digits, lengths).filter(|_| says(PHONE) || !is_serial)
}

const PERSON: &[&str] = &["身份", "证件", "公民"];
const CARD: &[&str] = &["卡号", "银行卡", "储蓄卡", "信用卡", "借记卡"];
const PHONE: &[&str] = &["电话", "手机", "联系", "热线"];
const ORGANISATION: &[&str] = &["信用代码", "机构代码"];
/// Words before numbers that stand for papers, cases and accounts of organisations.
const SERIALS: &[&str] = &[
    "文号",
    "编号",
    "批号",
    "案号",
    "注册号",
    "许可",
    "备案",
    "订单",
    "流水",
    "合同",
    "发票",
    "项目",
    "代码",
    "凭证",
    "单号",
    "序号",
    "标号",
    "备字",
    "信用代码",
    "税号",
];

/// Provinces of GB/T 2260.
fn is_province(code: u16) -> bool {
    matches!(
        code,
        11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81 | 82 | 83
    )
}

fn number(digits: &[u8]) -> u16 {
    digits.iter().fold(0, |sum, digit| sum * 10 + u16::from(*digit))
}

fn is_day(month: u16, day: u16) -> bool {
    let last = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=last).contains(&day)
}

/// Region, day of birth and check digit (GB 11643-1999; ISO 7064, MOD 11-2).
fn is_id_card(digits: &[u8]) -> bool {
    const WEIGHTS: [u16; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [u8; 11] = [1, 0, 10, 9, 8, 7, 6, 5, 4, 3, 2];
    let sum: u16 = digits.iter().zip(WEIGHTS).map(|(digit, w)| u16::from(*digit) * w).sum();
    is_province(number(&digits[..2]))
        && matches!(number(&digits[6..8]), 19 | 20)
        && is_day(number(&digits[10..12]), number(&digits[12..14]))
        && digits[17] == CHECKS[usize::from(sum % 11)]
}

/// The cards of before 1999 have no check digit: region, a day of birth from 1920 on.
fn is_old_id_card(digits: &[u8]) -> bool {
    is_province(number(&digits[..2]))
        && number(&digits[2..4]) > 0
        && number(&digits[4..6]) > 0
        && number(&digits[6..8]) >= 20
        && is_day(number(&digits[8..10]), number(&digits[10..12]))
}

/// 统一社会信用代码 of digits alone (GB 32100; MOD 31).
fn is_credit_code(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, w)| u32::from(*digit) * w).sum();
    // Among the signs of these codes, X has the value 29.
    let check = if digits[17] == 10 { 29 } else { u32::from(digits[17]) };
    matches!(number(&digits[..2]), 11..=13 | 19 | 21 | 29 | 31..=37 | 41 | 49 | 51..=53 | 59 | 91..=93)
        && (is_province(number(&digits[2..4])) || number(&digits[2..4]) == 10)
        && check == (31 - sum % 31) % 31
}

/// The first digits of issuers, the usual groups, and the check digit (Luhn).
fn is_bank_card(digits: &[u8], lengths: &[usize]) -> bool {
    if !(16..=19).contains(&digits.len()) || digits.contains(&10) {
        return false;
    }
    let starts = |prefix: &[u8]| digits.starts_with(prefix);
    let issued = starts(&[6, 2])
        || (digits.len() == 19 && (starts(&[9, 5, 5, 8]) || starts(&[1, 0, 3])))
        || (digits.len() == 16
            && (starts(&[4])
                || starts(&[3, 5])
                || (digits[0] == 5 && (1..=5).contains(&digits[1]))));
    let grouped = match lengths {
        [_] | [6, 10..=13] => true,
        [groups @ .., last] => groups.iter().all(|length| *length == 4) && *last <= 4,
        [] => false,
    };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    issued && grouped && sum.is_multiple_of(10)
}

fn mobile(digits: &[u8], lengths: &[usize]) -> Option<Kind> {
    let prefix = if digits.len() == 13 && digits.starts_with(&[8, 6]) { 2 } else { 0 };
    let own = &digits[prefix..];
    let grouped = matches!(lengths, [_] | [2, 11] | [3, 4, 4] | [2, 3, 4, 4]);
    let is_mobile = own.len() == 11 && own[0] == 1 && own[1] >= 3 && grouped;
    is_mobile.then_some(Kind::Mobile { prefix })
}
