//! How a text is written: marks, brackets, doubled words, numbers of persons, and what is left over
//! from the page it was read from.

mod bracket;

use std::sync::LazyLock;

use regex::Regex;

use super::flaw::Flaw;
use super::{Notes, around, is_han};
use crate::text::personal::{self, Kind};

/// Notes what is wrong with how `text` is written.
pub(super) fn check(text: &str, notes: &mut Notes) {
    numbers(text, notes);
    bracket::check(text, notes);
    marks(text, notes);
    doubled(text, notes);
    for (pattern, flaw) in
        [(&*OWN_VOICE, Flaw::OwnVoice), (&*REMAINS, Flaw::PageRemains), (&*LINK, Flaw::LinkWords)]
    {
        for found in pattern.find_iter(text) {
            notes.add(flaw, &around(text, found.range()), found.as_str());
        }
    }
}

fn numbers(text: &str, notes: &mut Notes) {
    let mut taken = Vec::new();
    for number in personal::in_text(text, |_| true) {
        let flaw = match number.kind {
            Kind::IdCard => Flaw::IdCard,
            Kind::BankCard => Flaw::BankCard,
            Kind::Mobile { .. } => Flaw::PhoneNumber,
        };
        let range = number.range();
        notes.add(flaw, &text[range.clone()], "");
        taken.push(range);
    }
    for found in LANDLINE.captures_iter(text) {
        let Some(number) = found.name("number").or(found.name("local")) else { continue };
        let overlaps = taken.iter().any(|t| t.start < number.end() && number.start() < t.end);
        let goes_on = text[number.end()..].starts_with(|c: char| c.is_ascii_alphanumeric());
        if !overlaps && !goes_on {
            notes.add(Flaw::PhoneNumber, number.as_str(), "");
        }
    }
}

/// Telephones with their area, service numbers, and bare ones behind a word that says what they are.
static LANDLINE: LazyLock<Regex> = LazyLock::new(|| {
    let area = r"[（(]?0(?:10|2\d|[3-9]\d{2})[)）]?[ \-－—]?[1-9]\d{6,7}";
    let service = r"[48]00[ \-－—]?\d{3}[ \-－—]?\d{4}";
    let local = r"(?:电话|热线|座机|传真|致电|拨打)[^\d\n]{0,6}(?P<local>[2-8]\d{6,7})";
    Regex::new(&format!(r"(?:^|[^0-9A-Za-z\-－—./])(?:(?P<number>{area}|{service})|{local})"))
        .expect("the pattern is valid")
});

fn marks(text: &str, notes: &mut Notes) {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    for (place, window) in chars.windows(3).enumerate() {
        let [(start, before), (at, mark), (end, behind)] = [window[0], window[1], window[2]];
        let is_half = matches!(mark, ',' | ';' | ':' | '?' | '!' | '.' | '(' | ')');
        if is_half && is_han(before) && is_han(behind) {
            notes.add(
                Flaw::PunctuationHalf,
                &around(text, start..end + behind.len_utf8()),
                &mark.to_string(),
            );
        }
        // The window moves by one: the first pair of the text is seen on its own.
        let pairs = [(start, before, mark), (at, mark, behind)];
        let from = usize::from(place > 0);
        for (begin, first, second) in &pairs[from..] {
            if is_stop(*first) && is_stop(*second) {
                let stop = begin + first.len_utf8() + second.len_utf8();
                notes.add(
                    Flaw::PunctuationDouble,
                    &around(text, *begin..stop),
                    &text[*begin..stop],
                );
            }
        }
    }
    if let [(begin, first), (_, second)] = chars[..]
        && is_stop(first)
        && is_stop(second)
    {
        notes.add(Flaw::PunctuationDouble, &text[begin..], &text[begin..]);
    }
}

/// Marks of which two never follow one another.
fn is_stop(c: char) -> bool {
    matches!(c, '，' | '。' | '、' | '；' | '：')
}

/// Characters that are rarely meant twice in a row.
const SINGLE: &str = "的了是在和与及将为对并把被就也都地得于从向让使";
/// Words in which they are.
const TWICE: [&str; 25] = [
    "目的的",
    "标的的",
    "的的确",
    "打的的",
    "的的士",
    "有的的",
    "了了解",
    "了了之",
    "不了了",
    "是是非",
    "对对联",
    "对对碰",
    "地地道",
    "和和气",
    "和和美",
    "得得失",
    "就就业",
    "就就近",
    "就就读",
    "就就医",
    "都都市",
    "为为民",
    "将将领",
    "将将士",
    "与与会",
];

fn doubled(text: &str, notes: &mut Notes) {
    let mut last: Option<(usize, char)> = None;
    for (at, c) in text.char_indices() {
        if let Some((start, before)) = last
            && before == c
            && SINGLE.contains(c)
        {
            let end = at + c.len_utf8();
            let context = super::tail(&text[..start], 1).to_owned()
                + &text[start..end]
                + super::head(&text[end..], 1);
            if !TWICE.iter().any(|word| context.contains(word)) {
                notes.add(Flaw::WordDouble, &around(text, start..end), &text[start..end]);
            }
        }
        last = Some((at, c));
    }
}

/// What newspapers, stations and sites call themselves. 本报告 and 本网络 are other words.
static OWN_VOICE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "本(?:网|报|站|台|刊|社|公众号)(?:讯|电|消息|记者|特约记者|通讯员|编辑部?|综合|评论员)",
    )
    .expect("the pattern is valid")
});

/// What belongs to the page and not to the text.
static REMAINS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("上一[篇条][:：]|下一[篇条][:：]|[【\\[]?(?:打印本页|关闭窗口)[】\\]]?|分享到[:：]|字体[:：]\\s*[【\\[]?大|阅读次数[:：]|浏览次数[:：]|扫一扫在手机|您当前的位置")
        .expect("the pattern is valid")
});

/// What speaks of a link.
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("点击(?:此处|这里|链接|下载|下方链接|上方链接|查看(?:全文|原文|详情)?)|点此(?:查看|下载)|详见链接|打开链接")
        .expect("the pattern is valid")
});
