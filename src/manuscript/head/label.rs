//! Lines that say where a text is from, who wrote it and when: `来源：… 作者：… 2026年11月20日`.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;
use url::Url;

use crate::text::{date, plain};

/// What such lines said so far.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Labels {
    pub(super) credit: Option<String>,
    pub(super) author: Option<String>,
    pub(super) editor: Option<String>,
    pub(super) photographer: Option<String>,
    pub(super) posted: Option<NaiveDate>,
    pub(super) url: Option<Url>,
}

/// Longer lines are paragraphs (characters).
const LONGEST: usize = 100;
/// Longer values are sentences (characters).
const LONGEST_VALUE: usize = 40;

static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "(?P<credit>(?:信息|稿件|文章|新闻)?来\\s*源|稿\\s*源|(?:供稿|来稿|报送|投稿)(?:单位|部门)|转载自)\\s*[:：]\
        |(?P<author>作\\s*者|撰\\s*[稿文]人?|供\\s*稿人?|记\\s*者|通\\s*讯\\s*员|采\\s*写)\\s*[:：]|(?P<text>文)\\s*[:：/／|｜]\
        |(?P<editor>责任编辑|责\\s*编|编\\s*辑)\\s*[:：]\
        |(?P<photographer>摄\\s*影|供\\s*图)\\s*[:：]|(?P<picture>图)\\s*[:：/／|｜]\
        |(?P<date>(?:发布|发表|刊发|发稿|更新)?(?:日\\s*期|时\\s*间))\\s*[:：]",
    )
    .expect("the pattern is valid")
});

/// A line that says where the text stands on the web.
static ORIGINAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^(?:查看|阅读)?原文(?:链接|地址|网址)?\\s*[:：]\\s*(https?://\\S+)$")
        .expect("the pattern is valid")
});

/// Words by which names of bodies are known.
static BODY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("(?:联|会|局|部|处|室|委|院|社|网|报|台|中心|公司|集团|政府|大学|公众号)$")
        .expect("the pattern is valid")
});

/// True for a line that begins with a label.
pub(super) fn is_labelled(line: &str) -> bool {
    LABEL.find(bare(line)).is_some_and(|label| label.start() == 0)
}

/// Without white space, and without brackets that embrace all of it.
fn bare(line: &str) -> &str {
    let line = line.trim();
    [('（', '）'), ('(', ')'), ('【', '】'), ('[', ']')]
        .iter()
        .find_map(|&(open, close)| line.strip_prefix(open)?.strip_suffix(close))
        .filter(|inner| !inner.contains(['（', '(', '【', '[']))
        .map_or(line, str::trim)
}

impl Labels {
    /// Takes up what `line` says; false, and nothing taken, where it says anything else as well.
    /// A date without a label counts at the head only: at the foot it is part of a signature.
    pub(super) fn read(&mut self, line: &str, at_head: bool) -> bool {
        if let Some(address) = ORIGINAL.captures(line.trim()) {
            let url = Url::parse(&address[1]).ok();
            self.url = self.url.take().or(url);
            return self.url.is_some();
        }
        if line.chars().count() > LONGEST {
            return false;
        }
        let line = bare(line);
        let found: Vec<_> = LABEL.captures_iter(line).collect();
        let ends = found.iter().skip(1).filter_map(|label| Some(label.get(0)?.start()));
        let ends: Vec<usize> = ends.chain([line.len()]).collect();
        let mut read = Self::default();
        let before = found.first().and_then(|label| label.get(0)).map_or(line.len(), |l| l.start());
        if !read.date_alone(&line[..before]) || (found.is_empty() && !at_head) {
            return false;
        }
        for (label, end) in found.iter().zip(ends) {
            let Some(whole) = label.get(0) else { return false };
            let Some(value) = read.without_date(&line[whole.end()..end]) else { return false };
            let has = |name: &str| label.name(name).is_some();
            let place = match () {
                () if has("credit") => &mut read.credit,
                () if has("date") => {
                    if read.posted.is_none() {
                        return false;
                    }
                    continue;
                }
                () if has("editor") => &mut read.editor,
                () if has("photographer") || has("picture") => &mut read.photographer,
                // 供稿 names a person or the body that sent the text in.
                () if whole.as_str().contains('稿')
                    && value.chars().count() > 3
                    && BODY.is_match(&value) =>
                {
                    &mut read.credit
                }
                () => &mut read.author,
            };
            if value.is_empty() {
                continue;
            }
            *place = Some(match place.take() {
                Some(known) => format!("{known} {value}"),
                None => value,
            });
        }
        if read == Self::default() {
            return false;
        }
        self.take(read);
        true
    }

    fn take(&mut self, read: Self) {
        let Self { credit, author, editor, photographer, posted, url: _ } = read;
        self.credit = self.credit.take().or(credit);
        self.author = self.author.take().or(author);
        self.editor = self.editor.take().or(editor);
        self.photographer = self.photographer.take().or(photographer);
        self.posted = self.posted.or(posted);
    }

    /// Whether `text` is empty, or a date and nothing else.
    fn date_alone(&mut self, text: &str) -> bool {
        self.without_date(text).is_some_and(|rest| rest.is_empty())
    }

    /// The value in `text` without the date in it; `None` where it is a sentence.
    fn without_date(&mut self, text: &str) -> Option<String> {
        let mut value = text.to_owned();
        for spotted in date::find_all(text, None).into_iter().rev() {
            self.posted = self.posted.or(Some(spotted.posted.date()));
            value.replace_range(spotted.range, " ");
        }
        let is_edge = |c: char| c.is_whitespace() || "|｜丨/／，,；;、·".contains(c);
        let value = plain::one_line(bare(value.trim_matches(is_edge)));
        let value = if matches!(value.as_str(), "()" | "（）" | "【】" | "[]") {
            String::new()
        } else {
            value
        };
        let is_sentence = value.contains(['。', '！', '？', '；', '：', ':'])
            || value.chars().count() > LONGEST_VALUE;
        (!is_sentence).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str, at_head: bool) -> Option<Labels> {
        let mut labels = Labels::default();
        labels.read(line, at_head).then_some(labels)
    }

    #[test]
    fn lines_of_labels_are_read_whole_or_not_at_all() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 20);
        let labels = read("来源：某市工商联　作者：张三 李四　2026年11月20日", true).unwrap();
        assert_eq!(labels.credit.as_deref(), Some("某市工商联"));
        assert_eq!(labels.author.as_deref(), Some("张三 李四"));
        assert_eq!(labels.posted, day);
        assert_eq!(read("2026-11-20", true).unwrap().posted, day);
        assert_eq!(read("（2026年11月20日）", true).unwrap().posted, day);
        assert_eq!(read("发布时间：2026-11-20 09:05", true).unwrap().posted, day);
        assert_eq!(
            read("（供稿：某区工商联）", false).unwrap().credit.as_deref(),
            Some("某区工商联")
        );
        assert_eq!(read("（供稿：张三）", false).unwrap().author.as_deref(), Some("张三"));
        let both = read("文/张三 图/李四", false).unwrap();
        assert_eq!(
            (both.author.as_deref(), both.photographer.as_deref()),
            (Some("张三"), Some("李四"))
        );
        let reprinted = read("来源：光彩处（转自某市工商联）　2026-08-27", true).unwrap();
        assert_eq!(reprinted.credit.as_deref(), Some("光彩处（转自某市工商联）"));
        let original = read("原文：http://a.test/art/1.html", false).unwrap();
        assert_eq!(original.url.unwrap().as_str(), "http://a.test/art/1.html");
        for other in [
            "原文：见附件",
            "2026年11月20日，市工商联召开会议",
            "会议时间：上午九点",
            "来源：这是一个句子。它还没有完",
            "普通的一行",
            "",
        ] {
            assert_eq!(read(other, true), None, "{other}");
        }
        assert_eq!(read("2026年11月20日", false), None, "the date of a signature stays");
    }
}
