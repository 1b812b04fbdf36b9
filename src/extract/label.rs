//! Labelled fields: 来源, 日期, 作者, 编辑 and what stands between them on the line under a title.

mod bare;
mod byline;
mod name;

use std::ops::Range;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use regex::{Captures, Regex};

use crate::model::{Found, Posted};
use crate::text::date;

use bare::colonised;
pub(super) use byline::{Byline, bylines, closing, opening};
pub(super) use name::{are_persons, name};

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

/// Longer lines are paragraphs, whatever labels they hold (characters).
const LONGEST_LINE: usize = 200;

static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    let noise = "图片来源|数据来源|资料来源|浏览次?数?量?|点\\s*击次?数?量?|阅读次?数?量?|访问次?数?量?|查看次?数?|人\\s*气|次\\s*数|\
                 字\\s*号|字\\s*体(?:大小)?|分享到?|打\\s*印|评论数?|关键词|关键字|标\\s*签|索\\s*引\\s*号|信息分类|主题分类|发布机构|发文机关|\
                 文\\s*号|主题词|体\\s*裁|有效性|类\\s*别|所属栏目|栏\\s*目|下载次数|视力保护色|背景色|(?:[一二三初复终]\\s*[审校]\\s*){1,2}|(?:责任)?审\\s*[核签阅稿]?|责任校对|校\\s*对|录\\s*入者?|\
                 发布人|发布者|上传者?|信息员|阅读字号|语音播报|公开方式|公开范围|监\\s*制|签\\s*发|核\\s*稿|编\\s*审|打印本页|关闭窗口";
    let date = "(?:最\\s*[后近新]|首次)?(?:发布|发表|更新|发稿|刊发|刊登|成文|添加|录入|上传|上线|创建|公布|发文|生成|修改|加入|编辑|提交|推送)?\\s*(?:时\\s*间|日\\s*期)|发布于|发表于|更新于|发布|最后更新";
    let credit = "(?:信息|新闻|文章|稿件|消息|内容|文稿|本文|信源|资讯)?\\s*来\\s*源(?:于|自|单位|媒体|网站)?|(?:新闻|信息|文章)?出\\s*处|稿\\s*源|(?:供稿|来稿|报送|投稿)(?:单位|部门)|转载自|信息提供";
    let author = "(?:文章|本文|原文)?作\\s*者|撰\\s*[稿写]人?|供\\s*稿人?|投\\s*稿人?|采\\s*写|撰\\s*文|文\\s*字|(?:本[报网刊台]|见习|实习|特约)?记\\s*者|通\\s*讯\\s*员";
    let editor = "责任编辑|责\\s*编|网络编辑|网\\s*编|编\\s*辑";
    let photographer = "摄\\s*影|摄\\s*像|供\\s*图";
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
            let kind = of_body(*kind, &text[label.clone()], value);
            Labelled { kind, value, range: label.start..end }
        })
        .collect()
}

/// 供稿 names a person or the body that sent the text in.
fn of_body(kind: Kind, label: &str, value: &str) -> Kind {
    let sent_in = kind == Kind::Author && label.contains('稿');
    let organ =
        || name(value, kind).is_some_and(|name| name.chars().count() > 3 && ORGAN.is_match(&name));
    if sent_in && organ() { Kind::Credit } else { kind }
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
    let text = &*colonised(text);
    let labels = labelled(text);
    let rest = text.get(..labels.first().map_or(text.len(), |first| first.range.start));
    let rest = rest.unwrap_or_default();
    let dates = date::find_all(text, None);
    let dated = !dates.is_empty();
    if labels.is_empty() {
        return dated && says_little_beside(text, &dates);
    }
    let speaks = labels.iter().any(|label| label.kind != Kind::Author || labels.len() > 1);
    let short = |label: &Labelled<'_>| characters(label.value) <= 60 && !label.value.contains('。');
    let full_date = labels
        .iter()
        .filter(|label| label.kind == Kind::Date)
        .all(|label| is_only_figures(label.value) || date::find(label.value, None).is_some());
    (speaks || dated) && full_date && labels.iter().all(short) && characters(rest) <= 40
}

/// Nothing, or a date that cannot be: `2026-13-45`, `00-00`.
fn is_only_figures(value: &str) -> bool {
    value
        .chars()
        .all(|c| c.is_ascii_digit() || c.is_whitespace() || "-/.:：年月日时分秒".contains(c))
}

/// True where hardly anything but buttons and counters stands beside the dates.
fn says_little_beside(text: &str, dates: &[date::Spotted]) -> bool {
    let before = dates.first().and_then(|date| text.get(..date.range.start)).unwrap_or_default();
    if text.contains(['。', '，']) || before.contains(['：', ':']) {
        return false;
    }
    let mut rest = String::new();
    let mut from = 0;
    for date in dates {
        rest.push_str(text.get(from..date.range.start).unwrap_or_default());
        rest.push(' ');
        from = date.range.end;
    }
    rest.push_str(text.get(from..).unwrap_or_default());
    characters(&LITTLE.replace_all(&rest, " ")) <= 16
}

/// What templates print beside a date.
static LITTLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\d+\s*[次人条]?\s*(?:阅读|浏览|评论|点击|分享|收藏|点赞|赞|跟贴)|(?:阅读|浏览|评论|点击|播放)\s*\(?\d*\)?|原创|转载|字号|打印|关闭|收藏|分享到?|[大中小](?:\s+[大中小])+|A[+-]?")
        .expect("the pattern is valid")
});

pub(super) fn characters(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// Reads the fields of `lines`, which stand between title and body or right around them.
pub(super) fn read(lines: &[&str], seen: Option<DateTime<Utc>>) -> Fields {
    let mut fields = Fields::default();
    let mut updated = None;
    let short = |line: &&&str| line.chars().count() <= LONGEST_LINE;
    let text = lines.iter().filter(short).map(|line| colonised(line)).collect::<Vec<_>>();
    let text = text.join("\n");
    for label in labelled(&text) {
        let slot = match label.kind {
            Kind::Date => {
                let again = text[label.range].starts_with(['更', '修', '最']);
                let slot = if again { &mut updated } else { &mut fields.posted };
                if slot.is_none() {
                    let line = first_line(label.value);
                    *slot = date::find(line, seen).map(|posted| found(posted, "label date"));
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
            .filter(|line| is_meta_line(line) && !(updated.is_some() && AGAIN.is_match(line)))
            .find_map(|line| date::find(line, seen))
            .map(|posted| found(posted, "heuristic meta line"))
            .or(updated);
    }
    if fields.credit.is_none() {
        fields.credit = lines
            .iter()
            .find_map(|line| unlabelled(line))
            .map(|c| found(c, "heuristic beside date"));
    }
    fields
}

/// The date of a later change, not of the article.
static AGAIN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("更新|修改").expect("the pattern is valid"));

fn found<T>(value: T, rule: &str) -> Found<T> {
    Found { value, rule: rule.to_owned() }
}

/// The value on the label's own line, else the next line.
fn first_line(value: &str) -> &str {
    value.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
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

/// True for the name of a medium or a body by its ending.
pub(super) fn is_organ(name: &str) -> bool {
    ORGAN.is_match(name)
}

/// How names of media and bodies end.
static ORGAN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:网|报|社|台|刊|频道|财经|在线|新闻|中心|委|局|办|联|会|部|厅|院|号|资讯|杂志|传媒|发布|政府|天下)$")
        .expect("the pattern is valid")
});

/// The name in a value that may carry its label with it, as metas and declared rules find it.
pub(super) fn named(text: &str, wanted: Kind) -> Option<String> {
    let text = colonised(text);
    let labels = labelled(&text);
    if let Some(label) = labels.iter().find(|label| label.kind == wanted) {
        return name(label.value, wanted);
    }
    name(&text[..labels.first().map_or(text.len(), |first| first.range.start)], wanted)
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
        reads(
            "发表于2026-01-02 21:30| 64次阅读| 来源商会周刊| 0 条评论| 作者张三",
            "2026-01-02T21:30:00+08:00",
            "商会周刊",
            "张三",
        );
        reads("2026-01-02 来源 市商会 作者 张三", "2026-01-02", "市商会", "张三");
        reads("原创 ChamberDaily 2026-01-02 22:18:34", "2026-01-02T22:18:34+08:00", "", "");
        reads(
            "更新时间：2026-02-03 发布时间：2026-01-02 供稿单位：宣教部",
            "2026-01-02",
            "宣教部",
            "",
        );
        reads("最后更新：2026-02-03", "2026-02-03", "", "");
        reads("日期：2026-01-02 供稿：市机械商会 一审：王五", "2026-01-02", "市机械商会", "");
        reads("2026-01-02 作者：佚名", "2026-01-02", "", "");
        reads("2026-01-02 13:05 | 阅读 88 | 文/张三", "2026-01-02T13:05:00+08:00", "", "张三");
        reads(
            "来\u{3000}源：市商会\u{a0}日\u{3000}期：２０２６－０１－０２",
            "2026-01-02",
            "市商会",
            "",
        );
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
}
