//! Labelled fields: 来源, 日期, 作者, 编辑 and what stands between them on the line under a title.

use std::ops::Range;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use regex::{Captures, Regex};

use crate::model::{Found, Posted};
use crate::text::{date, plain};

/// What a label announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Credit,
    Date,
    Author,
    Editor,
    Photographer,
    /// Counters, font sizes, buttons, index numbers: nothing of the article.
    Noise,
}

/// The fields of a page as labelled.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) posted: Option<Found<Posted>>,
    pub(super) credit: Option<Found<String>>,
    pub(super) author: Option<Found<String>>,
    pub(super) editor: Option<Found<String>>,
    pub(super) photographer: Option<Found<String>>,
}

/// Longer values are sentences, not names (characters).
const LONGEST_NAME: usize = 40;
/// Longer lines are paragraphs, whatever labels they hold (characters).
const LONGEST_LINE: usize = 200;

static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    let noise = "图片来源|数据来源|资料来源|浏览次?数?量?|点\\s*击次?数?量?|阅读次?数?量?|访问次?数?量?|查看次?数?|人\\s*气|次\\s*数|\
                 字\\s*号|字\\s*体(?:大小)?|分享到?|打\\s*印|评论数?|关键词|关键字|标\\s*签|索\\s*引\\s*号|信息分类|主题分类|发布机构|发文机关|\
                 文\\s*号|主题词|体\\s*裁|有效性|类\\s*别|所属栏目|栏\\s*目|下载次数|视力保护色|背景色|审\\s*核|审\\s*稿|校\\s*对|录入者?|\
                 发布人|发布者|信息员|阅读字号|语音播报|公开方式|公开范围";
    let date = "(?:发布|发表|更新|发稿|成文|添加|录入|上传|创建|公布|发文|生成|修改|加入)?\\s*(?:时\\s*间|日\\s*期)|发布于|发表于|发布";
    let credit = "(?:信息|新闻|文章|稿件|消息|内容|文稿|本文|信源)?\\s*来\\s*源(?:于|自|单位)?|新闻出处|信息出处|出\\s*处|稿\\s*源|供稿单位|转载自|信息提供";
    let author = "(?:文章|本文)?作\\s*者|撰\\s*稿人?|供\\s*稿人?|撰\\s*文|文\\s*字|(?:本[报网]|见习|实习)?记\\s*者|通\\s*讯\\s*员";
    let editor = "责任编辑|责\\s*编|网络编辑|编\\s*辑";
    let photographer = "摄\\s*影|供\\s*图";
    let all = format!(
        "(?P<noise>{noise})|(?P<date>{date})|(?P<credit>{credit})|(?P<author>{author})|(?P<editor>{editor})|(?P<photographer>{photographer})"
    );
    Regex::new(&format!("(?:{all})\\s*[:：]")).expect("the pattern is valid")
});

fn kind(label: &Captures<'_>) -> Kind {
    let kinds = [
        ("date", Kind::Date),
        ("credit", Kind::Credit),
        ("author", Kind::Author),
        ("editor", Kind::Editor),
        ("photographer", Kind::Photographer),
    ];
    kinds.iter().find(|kind| label.name(kind.0).is_some()).map_or(Kind::Noise, |kind| kind.1)
}

/// A label with its value, and the bytes of the text that both take up.
struct Labelled<'t> {
    kind: Kind,
    value: &'t str,
    range: Range<usize>,
}

fn labelled(text: &str) -> Vec<Labelled<'_>> {
    let found: Vec<(Kind, Range<usize>)> = LABEL
        .captures_iter(text)
        .filter_map(|label| Some((kind(&label), label.get(0)?.range())))
        .filter(|(kind, range)| *kind != Kind::Date || !is_of_event(text, range))
        .collect();
    let ends = found.iter().skip(1).map(|(_, range)| range.start).chain([text.len()]);
    found
        .iter()
        .zip(ends)
        .map(|((kind, label), end)| {
            let value = &text[label.end..end];
            Labelled { kind: *kind, value, range: label.start..end }
        })
        .collect()
}

/// True for the time of something else than the article: 会议时间, 报名日期, 活动时间.
fn is_of_event(text: &str, label: &Range<usize>) -> bool {
    let bare = text[label.clone()].starts_with(['时', '日']);
    let before = text[..label.start].chars().next_back();
    bare && before.is_some_and(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c))
}

/// True for a line that says when and by whom rather than what.
pub(super) fn is_meta_line(text: &str) -> bool {
    if text.chars().count() > LONGEST_LINE {
        return false;
    }
    let labels = labelled(text);
    let rest = text.get(..labels.first().map_or(text.len(), |first| first.range.start));
    let rest = rest.unwrap_or_default();
    let dates = date::find_all(text, None);
    let dated = !dates.is_empty();
    if labels.is_empty() {
        let around = characters(text).saturating_sub(12);
        let before =
            dates.first().and_then(|date| text.get(..date.range.start)).unwrap_or_default();
        let speaks = text.contains(['。', '，']) || before.contains(['：', ':']);
        return dated && around <= 16 && !speaks;
    }
    let speaks = labels.iter().any(|label| label.kind != Kind::Author || labels.len() > 1);
    let short = |label: &Labelled<'_>| characters(label.value) <= 60 && !label.value.contains('。');
    let full_date = labels
        .iter()
        .filter(|label| label.kind == Kind::Date)
        .all(|label| label.value.trim().is_empty() || date::find(label.value, None).is_some());
    (speaks || dated) && full_date && labels.iter().all(short) && characters(rest) <= 40
}

fn characters(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// Reads the fields of `lines`, which stand between title and body or right around them.
pub(super) fn read(lines: &[&str], seen: Option<DateTime<Utc>>) -> Fields {
    let mut fields = Fields::default();
    let short = |line: &&&str| line.chars().count() <= LONGEST_LINE;
    let text = lines.iter().filter(short).copied().collect::<Vec<_>>().join("\n");
    for label in labelled(&text) {
        let slot = match label.kind {
            Kind::Date => {
                if fields.posted.is_none() {
                    let line = first_line(label.value);
                    fields.posted =
                        date::find(line, seen).map(|posted| found(posted, "label date"));
                }
                continue;
            }
            Kind::Credit => &mut fields.credit,
            Kind::Author => &mut fields.author,
            Kind::Editor => &mut fields.editor,
            Kind::Photographer => &mut fields.photographer,
            Kind::Noise => continue,
        };
        if slot.is_none() {
            *slot = name(label.value, label.kind).map(|name| found(name, "label"));
        }
    }
    if fields.posted.is_none() {
        fields.posted = lines
            .iter()
            .filter(|line| is_meta_line(line))
            .find_map(|line| date::find(line, seen))
            .map(|posted| found(posted, "heuristic meta line"));
    }
    if fields.credit.is_none() {
        fields.credit = lines
            .iter()
            .find_map(|line| unlabelled(line))
            .map(|c| found(c, "heuristic beside date"));
    }
    fields
}

fn found<T>(value: T, rule: &str) -> Found<T> {
    Found { value, rule: rule.to_owned() }
}

/// The value on the label's own line, else the next line.
fn first_line(value: &str) -> &str {
    value.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

/// The name that a label announces: up to a gap, a bar or a bracket.
pub(super) fn name(value: &str, kind: Kind) -> Option<String> {
    let own = value.split('\n').next().unwrap_or_default().trim();
    let next =
        || value.split('\n').map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let line =
        if own.is_empty() { Some(next()).filter(|line| characters(line) <= 20)? } else { own };
    let line =
        line.split(['|', '｜', '【', '〖', '〔', '[', '\u{2003}', '\u{2002}']).next()?.trim();
    let line = until_gap(line, kind);
    let bare = line.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ',' | '，' | '。' | ';' | '；' | ':' | '：' | '/' | '、' | '-' | '—' | '>' | '<'
            )
    });
    let name = plain::one_line(unbracketed(bare));
    let count = name.chars().count();
    let wrong = count == 0
        || count > LONGEST_NAME
        || name.contains(['。', '；', '=', '{'])
        || date::find(&name, None).is_some()
        || !name.chars().any(char::is_alphanumeric)
        || (kind == Kind::Credit && name.chars().all(|c| c.is_ascii_digit()))
        || NOT_A_NAME.is_match(&name);
    (!wrong).then_some(name)
}

static NOT_A_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:大|中|小|默认|打印|关闭|收藏|分享|正文|首页|次|\d+次?|document\.write.*|undefined|null)$")
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
        let persons = matches!(kind, Kind::Author | Kind::Editor | Kind::Photographer);
        let words = c == ' ' && latin(before) && latin(after);
        let goes_on = single && (words || (persons && matches!(c, ' ' | '\u{3000}')));
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

/// A source that stands beside a date without any label: `2022-02-13 09:57 光明网`.
fn unlabelled(line: &str) -> Option<String> {
    if characters(line) > 60 || line.contains('。') {
        return None;
    }
    let dates = date::find_all(line, None);
    let date = dates.first()?;
    let before = line.get(..date.range.start)?;
    let after = line.get(date.range.end..)?;
    let label = LABEL.find(after).map_or(after.len(), |label| label.start());
    let after = after.get(..label)?;
    let words = |text: &str| -> Vec<String> {
        text.split([' ', '\u{a0}', '\u{3000}', '|', '｜', '/', '·'])
            .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned())
            .filter(|word| !word.is_empty())
            .collect()
    };
    words(after).into_iter().chain(words(before)).find(|word| {
        (2..=20).contains(&word.chars().count()) && ORGAN.is_match(word) && !LABEL.is_match(word)
    })
}

/// How names of media and bodies end.
static ORGAN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:网|报|社|台|刊|频道|财经|在线|新闻|中心|委|局|办|联|会|部|厅|院|号|资讯|杂志|传媒|发布|政府|天下)$")
        .expect("the pattern is valid")
});

/// The name in a value that may carry its label with it, as metas and declared rules find it.
pub(super) fn named(text: &str, wanted: Kind) -> Option<String> {
    match labelled(text).into_iter().find(|label| label.kind == wanted) {
        Some(label) => name(label.value, wanted),
        None => name(text, wanted),
    }
}

/// True where any label stands in the text.
pub(super) fn has_label(text: &str) -> bool {
    !labelled(text).is_empty()
}

/// True for a label that nothing follows.
pub(super) fn is_empty_label(text: &str) -> bool {
    let labels = labelled(text);
    labels.first().is_some_and(|label| label.range.start <= 3)
        && labels.iter().all(|label| characters(label.value) == 0)
}

/// The byline at the end of a body: `（市机械行业商会）`, `(供稿：张三)`, `来源：苏商天下`.
pub(super) struct Byline {
    pub(super) kind: Kind,
    pub(super) name: String,
}

/// What a paragraph that is nothing but bylines says; nothing where it is a text.
pub(super) fn bylines(text: &str) -> Vec<Byline> {
    let text = plain::clean(text);
    if text.chars().count() > 80 {
        return Vec::new();
    }
    let bare = text.trim_matches(|c: char| c.is_whitespace() || "（）()【】[]〔〕".contains(c));
    let labels = labelled(bare);
    if labels.first().is_some_and(|first| first.range.start == 0) {
        let said = labels.iter().filter_map(|label| {
            name(label.value, label.kind).map(|name| Byline { kind: label.kind, name })
        });
        return said.collect();
    }
    let bracketed = text.starts_with(['（', '(']) && text.ends_with(['）', ')']);
    if let Some(said) = REPORTER.captures(bare).filter(|_| bracketed) {
        let of = |group, kind| {
            let text = said.get(group).map_or("", |found| found.as_str());
            name(text, kind).map(|name| Byline { kind, name })
        };
        return [of(1, Kind::Credit), of(2, Kind::Author)].into_iter().flatten().collect();
    }
    let name = plain::one_line(bare);
    let organ = bracketed && ORGAN_TAIL.is_match(&name) && !name.contains(['，', '。', '：', ':']);
    organ.then_some(Byline { kind: Kind::Credit, name }).into_iter().collect()
}

/// `（记者 刘洋）`, `（新华日报 记者 刘洋）`: a medium, if any, and who wrote.
static REPORTER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:(\p{Han}{2,12}(?:报|网|社|台|刊))\s*)?(?:本[报网]|见习|实习)?(?:记者|通讯员)\s*([\p{Han}·\s、]{2,30})$")
        .expect("the pattern is valid")
});

/// The body that closes the last paragraph in brackets: `…成效明显。（德清县发改局）`.
pub(super) fn closing_organ(paragraph: &str) -> Option<String> {
    let inner = paragraph.trim().strip_suffix(['）', ')'])?;
    let (_, inner) = inner.rsplit_once(['（', '('])?;
    let name = plain::one_line(inner);
    ORGAN_TAIL.is_match(&name).then_some(name)
}

static ORGAN_TAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[\p{Han}A-Za-z·]{2,24}(?:商会|协会|联合会|联谊会|工商联|总商会|研究会|局|委|办|部|处|厅|网|报|社|中心|公司)$")
        .expect("the pattern is valid")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(line: &str, posted: &str, credit: &str, author: &str) {
        let fields = read(&[line], None);
        let said = |found: Option<Found<String>>| found.map(|f| f.value).unwrap_or_default();
        let date = fields.posted.map(|f| f.value.to_string()).unwrap_or_default();
        let all = (date, said(fields.credit), said(fields.author));
        assert_eq!(all, (posted.to_owned(), credit.to_owned(), author.to_owned()), "in `{line}`");
        assert!(is_meta_line(line), "`{line}` is a meta line");
    }

    #[test]
    fn lines_under_titles() {
        reads("来源:苏商天下\u{a0}\u{a0}\u{a0}\u{a0}日期:2020-04-10", "2020-04-10", "苏商天下", "");
        reads("信息来源: 奉贤区工商联 | 发布日期: 2021-04-08", "2021-04-08", "奉贤区工商联", "");
        reads(
            "发布日期：2019-12-31 来源：工商联 浏览次数： 字号：〖大 中 小〗",
            "2019-12-31",
            "工商联",
            "",
        );
        reads("发布日期:2026-11-18 浏览次数: 字号:〖大 中 小〗", "2026-11-18", "", "");
        reads(
            "2023年05月21日 22:21:03 | 来源:苏商天下",
            "2023-05-21T22:21:03+08:00",
            "苏商天下",
            "",
        );
        reads("来源: 海门日报 发布时间:2026-01-14 字体:[ ]", "2026-01-14", "海门日报", "");
        reads("新闻出处: | 发布时间:2012-12-15", "2012-12-15", "", "");
        reads("来源:人民网－人民日报\u{3000}作者：张三 李四", "", "人民网－人民日报", "张三 李四");
        reads("2022-02-13 09:57 光明网", "2022-02-13T09:57:00+08:00", "光明网", "");
        reads(
            "来源：市商会\u{3000}\u{3000}作者：王五  发布时间：2026年1月2日",
            "2026-01-02",
            "市商会",
            "王五",
        );
        reads("来 源：China Daily\u{a0}\u{a0}时 间：2026-01-02", "2026-01-02", "China Daily", "");
        reads(
            "信息来源:统战部\n作者:\n发布时间:2021-10-22 08:25:00\n浏览量:1161",
            "2021-10-22T08:25:00+08:00",
            "统战部",
            "",
        );
        reads("来源：\n无锡日报\n发布时间：2026-01-02", "2026-01-02", "无锡日报", "");
    }

    #[test]
    fn sentences_are_no_meta_lines() {
        for line in [
            "会议时间：定于11月20日上午在市会议中心召开，请准时参加。",
            "11月17日下午，市工商联召开民营企业座谈会。",
            "加强宣传引导",
            "会议时间：2026年3月5日上午9:00",
            "2026年11月16日，座谈会在市会议中心举行，来自装备制造领域的企业家参加",
        ] {
            assert!(!is_meta_line(line), "{line}");
        }
    }

    #[test]
    fn bylines_at_the_end() {
        let all = |text: &str| -> Vec<(Kind, String)> {
            bylines(text).into_iter().map(|byline| (byline.kind, byline.name)).collect()
        };
        let read = |text: &str| all(text).into_iter().next();
        let both = all("本文来源：市商会 作者：张三\u{3000}李四");
        assert_eq!(
            both,
            [(Kind::Credit, "市商会".to_owned()), (Kind::Author, "张三 李四".to_owned())]
        );
        assert_eq!(
            read("(城市丁机械行业商会)"),
            Some((Kind::Credit, "城市丁机械行业商会".to_owned()))
        );
        assert_eq!(read("【责任编辑：张三】"), Some((Kind::Editor, "张三".to_owned())));
        assert_eq!(read("（供稿：李四）"), Some((Kind::Author, "李四".to_owned())));
        assert_eq!(read("来源：羊城晚报"), Some((Kind::Credit, "羊城晚报".to_owned())));
        assert_eq!(read("（记者 刘洋）"), Some((Kind::Author, "刘洋".to_owned())));
        let both = all("（新华日报 记者 刘洋）");
        assert_eq!(
            both,
            [(Kind::Credit, "新华日报".to_owned()), (Kind::Author, "刘洋".to_owned())]
        );
        assert_eq!(read("（完）"), None);
        assert_eq!(read("副会长单位:机械行业商会、纺织服装商会"), None);
    }
}
