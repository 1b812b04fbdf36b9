//! Bylines: who wrote, where no label on the line under the title says so.

use std::sync::LazyLock;

use regex::Regex;

use super::name::{are_persons, name, persons};
use super::{Kind, colonised, labelled};
use crate::text::{date, plain};

/// What a byline tells: `（市机械行业商会）`, `(供稿：张三)`, `来源：苏商天下`, `（记者 张三）`.
pub(in crate::extract) struct Byline {
    pub(in crate::extract) kind: Kind,
    pub(in crate::extract) name: String,
}

/// What a paragraph that is nothing but bylines says; nothing where it is a text.
pub(in crate::extract) fn bylines(text: &str) -> Vec<Byline> {
    let text = plain::clean(text);
    if text.chars().count() > 80 {
        return Vec::new();
    }
    let bracketed = text.starts_with(['（', '(']) && text.ends_with(['）', ')']);
    let bare = text.trim_matches(|c: char| c.is_whitespace() || "（）()【】[]〔〕".contains(c));
    // Where the facts come from is part of the text.
    if ["资料来源", "数据来源", "图片来源"].iter().any(|known| bare.starts_with(known))
    {
        return Vec::new();
    }
    let with_colons = colonised(bare);
    let labels = labelled(&with_colons);
    if labels.first().is_some_and(|first| first.range.start == 0) {
        let said = labels.iter().filter_map(|label| {
            let name = match label.kind {
                // 时间 alone is as likely that of the meeting.
                Kind::Date => Some(label.value.trim().to_owned()).filter(|value| {
                    let whole = &with_colons[label.range.clone()];
                    !whole.starts_with(['时', '日']) && date::find(value, None).is_some()
                }),
                kind => name(label.value, kind),
            }?;
            Some(Byline { kind: label.kind, name })
        });
        return said.collect();
    }
    if bracketed {
        let said = reporters(bare);
        return if said.is_empty() { in_brackets(bare) } else { said };
    }
    Vec::new()
}

/// A body, or the names of persons: what brackets at the end of an article hold.
fn in_brackets(inner: &str) -> Vec<Byline> {
    let said = plain::one_line(inner);
    if ORGAN_TAIL.is_match(&said) {
        return vec![Byline { kind: Kind::Credit, name: said }];
    }
    if let Some((body, names)) = said.split_once(' ').filter(|(body, _)| ORGAN_TAIL.is_match(body))
    {
        let (body, names) = (body.to_owned(), persons(names).filter(|names| are_persons(names)));
        let author = names.map(|name| Byline { kind: Kind::Author, name });
        let credit = author.is_some().then_some(Byline { kind: Kind::Credit, name: body });
        return credit.into_iter().chain(author).collect();
    }
    let (names, photographer) = match WORK.captures(&said) {
        Some(work) => {
            let whole = work.get(0).map_or(said.len(), |found| found.start());
            (said[..whole].trim().to_owned(), work.get(1).is_some())
        }
        None => (said, false),
    };
    let Some(names) = persons(&names).filter(|names| are_persons(names)) else {
        return Vec::new();
    };
    let kind = if photographer { Kind::Photographer } else { Kind::Author };
    vec![Byline { kind, name: names }]
}

/// What follows the names: `文/图`, `供稿`; the group is there for pictures alone.
static WORK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\s*(?:[/／]?(?:文\s*[/／、]?\s*图|图\s*[/／、]?\s*文|文|撰文|撰稿|供稿|报道)|([/／]?(?:摄影|摄|供图|图)))$")
        .expect("the pattern is valid")
});

/// Persons who are called reporters or correspondents, if the text says nothing else:
/// `本报记者 张三 通讯员 李四`, `新华日报 记者 张三`.
fn reporters(text: &str) -> Vec<Byline> {
    let text =
        text.trim_start_matches(['□', '■', '●', '◆', '▲', '◎', '○', ' ', '\u{3000}', '\u{a0}']);
    let mut names: Vec<String> = Vec::new();
    let mut credit = None;
    let roles: Vec<_> = ROLE.captures_iter(text).collect();
    let mut end_of_last = 0;
    for (at, role) in roles.iter().enumerate() {
        let Some(whole) = role.get(0) else { return Vec::new() };
        // Between the names of one role and the next nothing else stands.
        if at == 0 && whole.start() > 0 {
            return Vec::new();
        }
        let end =
            roles.get(at + 1).and_then(|next| next.get(0)).map_or(text.len(), |next| next.start());
        let said = text[whole.end()..end].trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, ':' | '：' | '/' | '、' | '，' | ',' | '|' | '｜')
        });
        let said = WORK.replace(said, "");
        let Some(found) = persons(REPORTS.replace(&said, "").trim()) else { return Vec::new() };
        names.push(found);
        credit = credit.or_else(|| role.get(1).map(|medium| medium.as_str().to_owned()));
        end_of_last = end;
    }
    if names.is_empty() || end_of_last < text.len() {
        return Vec::new();
    }
    let author = Byline { kind: Kind::Author, name: names.join(" ") };
    let credit = credit.map(|name| Byline { kind: Kind::Credit, name });
    credit.into_iter().chain([author]).collect()
}

static ROLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:本[报网刊台社]|(\p{Han}{2,10}(?:报|网|社|台|刊)))?\s*(?:全媒体|融媒体?|首席|见习|实习|特约|驻\p{Han}{2,3})*(?:记者|通讯员)")
        .expect("the pattern is valid")
});

static REPORTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\s*(?:(?:综合|摄影|联合)?报道|整合|整理|综合|编译)$")
        .expect("the pattern is valid")
});

/// The author whom the beginning of a body names: a paragraph of reporters alone, or the brackets
/// of a dateline (`新华社北京1月2日电（记者张三、李四）`, `本报讯（通讯员 张三）`).
pub(in crate::extract) fn opening(paragraph: &str) -> Option<String> {
    let text = plain::one_line(paragraph);
    let author = |said: Vec<Byline>| {
        said.into_iter().find(|byline| byline.kind == Kind::Author).map(|byline| byline.name)
    };
    if text.chars().count() <= 40 {
        let bare = text.trim_matches(|c: char| c.is_whitespace() || "（）()【】[]".contains(c));
        if let Some(found) = author(reporters(bare)) {
            return Some(found);
        }
    }
    let inner = DATELINE.captures(&text)?;
    author(reporters(inner.get(1)?.as_str().trim()))
}

static DATELINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[^。，；]{0,30}?(?:电|讯|消息)\s*[（(]([^（）()。]{4,60})[)）]")
        .expect("the pattern is valid")
});

/// Who closes the last paragraph in brackets: `…成效明显。（德清县发改局）`, `…。（记者 张三）`.
pub(in crate::extract) fn closing(paragraph: &str) -> Vec<Byline> {
    let inner = || {
        let inner = paragraph.trim().strip_suffix(['）', ')'])?;
        let (before, inner) = inner.rsplit_once(['（', '('])?;
        before.trim_end().ends_with(['。', '！', '？', '”']).then_some(inner)
    };
    let Some(inner) = inner() else { return Vec::new() };
    bylines(&format!("（{inner}）"))
}

static ORGAN_TAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[\p{Han}A-Za-z·]{2,24}(?:商会|协会|联合会|联谊会|工商联|总商会|研究会|促进会|统战部|局|委|办|部|处|科|厅|网|报|社|中心|公司|集团)$")
        .expect("the pattern is valid")
});

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(Kind, String)> {
        bylines(text).into_iter().map(|byline| (byline.kind, byline.name)).collect()
    }

    #[track_caller]
    fn says(text: &str, wanted: &[(Kind, &str)]) {
        let wanted: Vec<_> =
            wanted.iter().map(|(kind, name)| (*kind, (*name).to_owned())).collect();
        assert_eq!(all(text), wanted, "in `{text}`");
    }

    #[test]
    fn bylines_at_the_end() {
        says(
            "本文来源：市商会 作者：张三\u{3000}李四",
            &[(Kind::Credit, "市商会"), (Kind::Author, "张三 李四")],
        );
        says("(城市丁机械行业商会)", &[(Kind::Credit, "城市丁机械行业商会")]);
        says("【责任编辑：张三】", &[(Kind::Editor, "张三")]);
        says("（供稿：李四）", &[(Kind::Author, "李四")]);
        says("供稿：市机械行业商会", &[(Kind::Credit, "市机械行业商会")]);
        says("来源：羊城晚报", &[(Kind::Credit, "羊城晚报")]);
        says("文/张三 图/李四", &[(Kind::Author, "张三"), (Kind::Photographer, "李四")]);
        says("文/图 张三", &[(Kind::Author, "张三")]);
        says("（张三 文/图）", &[(Kind::Author, "张三")]);
        says("（李四 摄）", &[(Kind::Photographer, "李四")]);
        says("（张三 李四）", &[(Kind::Author, "张三 李四")]);
        says("（市机械商会 张三）", &[(Kind::Credit, "市机械商会"), (Kind::Author, "张三")]);
        says("发布日期：2026-09-16", &[(Kind::Date, "2026-09-16")]);
        says("时间：2026-09-16", &[]);
        says("二审二校：李四", &[(Kind::Noise, "李四")]);
        says("审核丨赵六", &[(Kind::Noise, "赵六")]);
        says("图文 | 张三", &[(Kind::Author, "张三")]);
        says("（资料来源：市统计年鉴）", &[]);
        says("（完）", &[]);
        says("（略）", &[]);
        says("（未完待续）", &[]);
        says("副会长单位:机械行业商会、纺织服装商会", &[]);
    }

    #[test]
    fn reporters_in_brackets() {
        says("（记者 刘洋）", &[(Kind::Author, "刘洋")]);
        says("（新华日报 记者 刘洋）", &[(Kind::Credit, "新华日报"), (Kind::Author, "刘洋")]);
        says("（本报记者刘洋 通讯员李四）", &[(Kind::Author, "刘洋 李四")]);
        says("（记者了解到的情况是这样的）", &[]);
    }

    #[test]
    fn openings() {
        let read = |text: &str| opening(text).unwrap_or_default();
        for (text, wanted) in [
            ("新华社北京1月2日电（记者张三、李四）会议今天召开。", "张三、李四"),
            ("本报讯（记者 张三 通讯员 李四）昨天，市工商联召开会议。", "张三 李四"),
            ("□ 本报记者 张三", "张三"),
            ("本报记者 张三 通讯员 李四", "张三 李四"),
            ("（见习记者 张三）", "张三"),
            ("记者从市工商联了解到，会议今天召开。", ""),
            ("（通讯员名单见附件）", ""),
            ("新华社北京1月2日电（完）", ""),
            ("市工商联召开会议，（记者张三）报道。", ""),
        ] {
            assert_eq!(read(text), wanted, "in `{text}`");
        }
    }

    #[test]
    fn closings() {
        let read = |text: &str| {
            closing(text).into_iter().map(|byline| byline.name).collect::<Vec<_>>().join("|")
        };
        for (text, wanted) in [
            ("成效明显。（德清县发改局）", "德清县发改局"),
            ("大家表示将继续努力。（张三）", "张三"),
            ("大家表示将继续努力。（记者 张三）", "张三"),
            ("大家表示将继续努力。（完）", ""),
            ("参加会议的有市工商联（总商会）", ""),
            ("大家表示将继续努力。", ""),
        ] {
            assert_eq!(read(text), wanted, "in `{text}`");
        }
    }
}
