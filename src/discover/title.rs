//! The title of a row: the whole one, without what lists put around it.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::{date, plain};

/// Longer texts of a link are a whole card: title, summary and date.
const CARD: usize = 80;

/// Texts that invite to click and name nothing.
const GENERIC: &[&str] = &[
    "更多",
    "详情",
    "详细",
    "查看",
    "查看详情",
    "查看更多",
    "查看全文",
    "阅读全文",
    "了解更多",
    "了解详情",
    "更多>>",
    "more",
    "more>>",
    "点击查看",
    "点击进入",
    "全文",
    "[详细]",
    "[详情]",
    "[更多]",
    "下一页",
    "上一页",
    "首页",
    "尾页",
    "末页",
    "返回",
    "返回首页",
    "加入收藏",
    "设为首页",
    "下载",
];

/// True for texts that name no article.
pub(super) fn is_generic(text: &str) -> bool {
    let text = text.trim_end_matches(['>', '»', '＞', '→', '+', ' ']);
    text.is_empty()
        || GENERIC.contains(&text.to_ascii_lowercase().as_str())
        || text.chars().all(|c| c.is_ascii_digit() || c.is_ascii_punctuation())
        || ONLY_DATE.is_match(text)
}

static ONLY_DATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[\[【(（]?(?:\d{4}\s*年)?\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*[日号]?)?[\]】)）]?$|^[\d\s:：./-]+$")
        .expect("the pattern is valid")
});

/// The better of a link's visible `text` and its `title` attribute.
pub(super) fn pick(text: &str, attribute: &str) -> String {
    let text = clean(text);
    let attribute = clean(&labelled(attribute));
    let (stem, cut) = stem(&text);
    let longer = attribute.chars().count() > stem.chars().count();
    let takes_attribute = text.is_empty()
        || is_generic(&text)
        || (cut && longer)
        || (longer && attribute.starts_with(&text))
        || (is_piece(&attribute, &text) && attribute.chars().count() >= 6)
        || (text.chars().count() > CARD && attribute.chars().count() >= 4);
    if takes_attribute && !attribute.is_empty() && !is_generic(&attribute) {
        attribute
    } else {
        text
    }
}

/// True when `text` is a card of which `attribute` is a part, rather than cut short in it.
fn is_piece(attribute: &str, text: &str) -> bool {
    let Some((before, after)) = text.split_once(attribute) else { return false };
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.chars().count() > CARD / 2
        || !(joins(before.chars().next_back()) || joins(after.chars().next()))
}

/// The text without the mark of a cut, and whether there was one.
fn stem(text: &str) -> (&str, bool) {
    let stem = text.trim_end_matches(['…', '.', '·', ' ']);
    let mark = &text[stem.len()..];
    (stem, mark.contains('…') || mark.contains(".."))
}

/// Some ASP templates put a whole card into the attribute: `文章标题：…` and more lines.
fn labelled(attribute: &str) -> String {
    if let Some(found) = LABEL.captures(attribute) {
        return found[1].to_owned();
    }
    let lines: Vec<&str> = attribute.lines().filter(|line| !ABOUT.is_match(line)).collect();
    if lines.is_empty() { attribute.to_owned() } else { lines.join("\n") }
}

static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:文章)?标\s*题\s*[:：]\s*([^\r\n]+)").expect("the pattern is valid")
});

/// Lines of a card that tell of the article.
static ABOUT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:作\s*者|来\s*源|录入|编辑|(?:发布|更新|添加|录入)?(?:时间|日期)|(?:点击|浏览|阅读)(?:次数|数|量)?)\s*[:：]")
        .expect("the pattern is valid")
});

/// True for a text in an element of its own that marks a row and is no part of its title.
pub(super) fn is_mark(text: &str) -> bool {
    let text = text.trim_matches(|c: char| " []【】()（）!！".contains(c));
    MARKS.contains(&text.to_lowercase().as_str())
        || HITS.find(text).is_some_and(|hits| hits.start() == 0)
}

const MARKS: &[&str] =
    &["置顶", "顶", "新", "new", "荐", "推荐", "热", "hot", "图", "图文", "组图"];

/// How often a row was read, at the end of it.
static HITS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\s*[\[【(（]?(?:阅读|浏览|点击|人气)(?:量|数|次数)?\s*[:：]?\s*[\[(（]?\s*\d+\s*次?\s*[\]】)）]{0,2}$")
        .expect("the pattern is valid")
});

/// `&amp;ldquo;` is what a CMS makes of `&ldquo;` that it escapes twice.
fn unescaped(text: &str) -> String {
    if text.contains('<') || !ESCAPED.is_match(text) {
        return text.to_owned();
    }
    dom_query::Document::fragment(text).text().to_string()
}

static ESCAPED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"&(?:[a-zA-Z]{2,8}|#\d{2,6});").expect("the pattern is valid"));

/// One line without bullets, picture marks and the row's own date.
pub(super) fn clean(text: &str) -> String {
    let line = plain::one_line(&unescaped(text));
    let mut text = line.as_str();
    loop {
        let bare = MARK.find(text).map_or(text, |mark| &text[mark.end()..]);
        let bare = LAST_MARK.find(bare).map_or(bare, |mark| &bare[..mark.start()]);
        let bare = HITS.find(bare).map_or(bare, |hits| &bare[..hits.start()]);
        let bare = without_date(bare);
        if bare == text {
            return text.to_owned();
        }
        text = bare;
    }
}

static MARK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(?:[\s·•●○■□◆◇▪▶►※★☆»›>＞・∙-]+|[\[【〔(（](?:图|图文|组图|图片|视频|置顶|顶|热|新|new|NEW)[\]】〕)）])+",
    )
    .expect("the pattern is valid")
});

static LAST_MARK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\s*[\[【〔(（](?:图|图文|组图|图片|置顶|顶|荐|推荐|热|新|new|NEW)[\]】〕)）]$")
        .expect("the pattern is valid")
});

/// Without a date in figures at either end (`[04-10]`, `2020-04-10`), which is the row's; a date
/// in words belongs to the title.
fn without_date(text: &str) -> &str {
    let bare = BEFORE.find(text).map_or(text, |date| &text[date.end()..]);
    let bare = AFTER.find(bare).map_or(bare, |date| &bare[..date.start()]);
    if bare.chars().count() >= 2 { bare } else { text }
}

static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[\[【(（]\s*(?:\d{2,4}[-/.])?\d{1,2}[-/.]\d{1,2}\s*[\]】)）]|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:\s+\d{1,2}:\d\d(?::\d\d)?)?\s)\s*")
        .expect("the pattern is valid")
});

static AFTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\s*(?:[\[【(（]\s*(?:\d{2,4}[-/.])?\d{1,2}[-/.]\d{1,2}\s*[\]】)）]|\s\d{1,2}[-/.]\d{1,2}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:\s+\d{1,2}:\d\d(?::\d\d)?)?)$")
        .expect("the pattern is valid")
});

/// True when the text says a date and hardly anything else.
pub(super) fn is_date(text: &str, seen: Option<chrono::DateTime<chrono::Utc>>) -> bool {
    let line = plain::one_line(text);
    date::find_all(&line, seen).first().is_some_and(|spotted| {
        let rest = line.chars().count() - line[spotted.range.clone()].chars().count();
        rest <= LABEL_LENGTH
    })
}

/// `发布时间：[` and `]`.
const LABEL_LENGTH: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_title_is_picked() {
        for (text, attribute, wanted) in [
            ("市工商联召开座…", "市工商联召开座谈会", "市工商联召开座谈会"),
            ("市工商联召开座...", "市工商联召开座谈会", "市工商联召开座谈会"),
            ("市工商联召开", "市工商联召开座谈会", "市工商联召开座谈会"),
            ("市工商联召开座谈会", "点击查看", "市工商联召开座谈会"),
            ("市工商联召开座谈会", "另一个题目的说明文字", "市工商联召开座谈会"),
            ("", "市工商联召开座谈会", "市工商联召开座谈会"),
            ("详情", "市工商联召开座谈会", "市工商联召开座谈会"),
            ("市工商联召开座谈会 会议强调要", "市工商联召开座谈会", "市工商联召开座谈会"),
            ("一个…", "短", "一个…"),
            ("市工商联召开座谈会", "市工商联召开", "市工商联召开座谈会"),
            ("市工商…", "市工商联召开座谈会\n发布日期：2020-04-10\n点击：3", "市工商联召开座谈会"),
            ("市工商…", "文章标题：市工商联召开座谈会\n作者：佚名", "市工商联召开座谈会"),
            ("他说：“等等……”", "", "他说：“等等……”"),
        ] {
            assert_eq!(pick(text, attribute), wanted, "from `{text}` and `{attribute}`");
        }
    }

    #[test]
    fn what_lists_put_around_goes() {
        for (text, wanted) in [
            ("· 市工商联召开座谈会", "市工商联召开座谈会"),
            ("•[图]市工商联召开座谈会", "市工商联召开座谈会"),
            ("【图文】 市工商联召开座谈会", "市工商联召开座谈会"),
            ("[置顶]市工商联召开座谈会", "市工商联召开座谈会"),
            ("[04-10] 市工商联召开座谈会", "市工商联召开座谈会"),
            ("市工商联召开座谈会 [2020-04-10]", "市工商联召开座谈会"),
            ("市工商联召开座谈会2020-04-10", "市工商联召开座谈会"),
            ("2020-04-10 09:30 市工商联召开座谈会", "市工商联召开座谈会"),
            ("市工商联召开座谈会[置顶]", "市工商联召开座谈会"),
            ("市工商联召开座谈会（图文）", "市工商联召开座谈会"),
            ("市工商联召开座谈会 阅读(32)", "市工商联召开座谈会"),
            ("市工商联召开&ldquo;座谈会&rdquo;", "市工商联召开“座谈会”"),
            ("【地方动态】市工商联召开座谈会", "【地方动态】市工商联召开座谈会"),
            ("关于会议的通知（2020年4月10日）", "关于会议的通知（2020年4月10日）"),
            ("2020年工作总结", "2020年工作总结"),
            ("“1+3”政策2.0", "“1+3”政策2.0"),
        ] {
            assert_eq!(clean(text), wanted);
        }
    }

    #[test]
    fn invitations_are_no_titles() {
        for text in
            ["更多>>", "MORE", "详情", "1", "12", "...", "", "[详细]", "2020年4月10日", "4月10日"]
        {
            assert!(is_generic(text), "{text}");
        }
        assert!(!is_generic("更多企业走出去"));
    }
}
