//! Names of bodies and persons: where one ends, and what is none.

use std::sync::LazyLock;

use regex::Regex;

use super::{Kind, characters};
use crate::text::{date, plain};

/// Longer values are sentences, not names (characters).
const LONGEST_NAME: usize = 40;

/// The name that a label announces: up to a gap, a bar or a bracket.
pub(in crate::extract) fn name(value: &str, kind: Kind) -> Option<String> {
    let own = value.split('\n').next().unwrap_or_default().trim();
    let next =
        || value.split('\n').map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let line =
        if own.is_empty() { Some(next()).filter(|line| characters(line) <= 20)? } else { own };
    let line =
        line.split(['|', '｜', '丨', '【', '〖', '〔', '[', '\u{2003}', '\u{2002}']).next()?.trim();
    let line = until_gap(line, kind);
    let bare = line.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ',' | '，' | '。' | ';' | '；' | ':' | '：' | '/' | '、' | '-' | '—' | '>' | '<'
            )
    });
    let mut name = plain::one_line(unbracketed(bare));
    if is_personal(kind)
        && let Some(role) = ROLE.find(&name)
    {
        name.drain(..role.end());
    }
    let count = name.chars().count();
    let wrong = count == 0
        || count > LONGEST_NAME
        || name.contains(['。', '；', '=', '{'])
        || date::find(&name, None).is_some()
        || !name.chars().any(char::is_alphanumeric)
        || (kind == Kind::Credit && name.chars().all(|c| c.is_ascii_digit()))
        || NOT_A_NAME.is_match(&name)
        || (is_personal(kind) && (NOBODY.is_match(&name) || name.contains('，')));
    (!wrong).then_some(name)
}

/// `南方日报见习记者 张三`: what somebody is, before the name.
static ROLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\p{Han}{0,12}(?:记者|通讯员)\s*[:：/]?\s*").expect("the pattern is valid")
});

fn is_personal(kind: Kind) -> bool {
    matches!(kind, Kind::Author | Kind::Editor | Kind::Photographer)
}

static NOT_A_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:大|中|小|默认|打印|关闭|收藏|分享|正文|首页|次|\d+次?|document\.write.*|undefined|null|none|来源|作者|编辑|关注|\+?\s*关注|举报|更多|查看更多|未知|暂无|无)$")
        .expect("the pattern is valid")
});

/// What stands for a person where none is named.
static NOBODY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:佚名|匿名|不详|未知|网络(?:整理|转载)?|互联网|原创|转载|本站(?:原创|编辑|讯)?|本网|管理员|系统管理员|超级管理员|网站管理员|admin\w*|administrator|root|user|编辑部?|小编|https?:.*|[\d.]+)$")
        .expect("the pattern is valid")
});

/// A run of two spaces, NBSP or U+3000 ends a value; so does one space, unless it stands between
/// Latin words or between the names of persons.
fn until_gap(line: &str, kind: Kind) -> &str {
    let chars: Vec<(usize, char)> = line.char_indices().collect();
    for (i, &(at, c)) in chars.iter().enumerate() {
        if !c.is_whitespace() {
            continue;
        }
        let before = i.checked_sub(1).map(|i| chars[i].1);
        let after = chars.get(i + 1).map(|next| next.1);
        let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
        let single = after.is_some_and(|next| !next.is_whitespace());
        let words = c == ' ' && latin(before) && latin(after);
        let goes_on = single && (words || (is_personal(kind) && matches!(c, ' ' | '\u{3000}')));
        if !goes_on {
            return &line[..at];
        }
    }
    line
}

/// Without brackets that embrace all of it, and without one that is closed but never opened.
fn unbracketed(text: &str) -> &str {
    let pairs = [('（', '）'), ('(', ')'), ('【', '】'), ('[', ']'), ('〔', '〕')];
    for (open, close) in pairs {
        if let Some(inner) = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) {
            return inner.trim();
        }
        if text.ends_with(close) && !text.contains(open) {
            return text.trim_end_matches(close).trim();
        }
        if text.starts_with(open) && !text.contains(close) {
            return text.trim_start_matches(open).trim();
        }
    }
    text
}

/// `text` in one line if it is nothing but names of persons: `张三、李四`, `张三 李四`.
pub(super) fn persons(text: &str) -> Option<String> {
    let text = plain::one_line(text);
    PERSONS.is_match(&text).then(|| SPACES.replace_all(&text, "$1").trim().to_owned())
}

static PERSONS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\p{Han}{2,4}(?:·\p{Han}{1,8})*(?:(?:\s*[、，,/]\s*|\s+)\p{Han}{2,4}(?:·\p{Han}{1,8})*){0,5}$")
        .expect("the pattern is valid")
});

static SPACES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\s*([、，,/])\s*").expect("the pattern is valid"));

/// True for two or three characters, or four with a double surname, that begin with a surname.
///
/// Only asked where brackets hold nothing else; `（完）` and `（略）` are no names.
pub(super) fn is_person(name: &str) -> bool {
    let count = name.chars().count();
    let single = name.starts_with(|c: char| SURNAMES.contains(c));
    let double = DOUBLE_SURNAMES.iter().any(|known| name.starts_with(known));
    (double && (3..=4).contains(&count)) || (single && (2..=3).contains(&count))
}

/// True where `names` holds nothing but persons.
pub(in crate::extract) fn are_persons(names: &str) -> bool {
    persons(names).is_some_and(|names| names.split([' ', '、', '，', ',', '/']).all(is_person))
}

/// The surnames of more than nine in ten people.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏\
    吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤储";

const DOUBLE_SURNAMES: &[&str] = &[
    "欧阳", "司马", "上官", "诸葛", "司徒", "东方", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐",
];
