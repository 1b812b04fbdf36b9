//! Labels without a colon, which get one.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::text::date;

/// A label without a colon: `来源 光明网`, `文/张三`, `作者|张三`, `| 来源CSDN|`.
static BARE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "(?P<before>^|[\\s|｜丨·（(])(?P<label>(?:文章|稿件|信息|新闻)?来源|作者|(?:本[报网刊台]|见习|实习|特约)?记者|通讯员|责任编辑|责编|\
         撰文|撰稿|采写|文字|编辑|供稿|摄影|供图|图文|审核|[初复终一二三]审|校对|监制|签发|文\\s*[/／、]?\\s*图|图\\s*[/／、]?\\s*文|文|图)(?P<gap>\\s*[/／|｜丨]\\s*|\\s+|)(?P<name>[\\p{Han}A-Za-z])",
    )
    .expect("the pattern is valid")
});

/// The line with a colon behind each label that stands bare, where the line is one of fields: short,
/// and with a date or a label at its start.
pub(in crate::extract) fn colonised(line: &str) -> Cow<'_, str> {
    let count = line.chars().count();
    if count > 100 || line.contains(['。', '！', '？']) || !line.contains(BARE_SIGNS) {
        return Cow::Borrowed(line);
    }
    let dated = || date::find(line, None).is_some() && !line.contains('，');
    let starts = || {
        let gap = BARE.captures(line).filter(|label| label.get(0).is_some_and(|m| m.start() == 0));
        count <= 40 && !line.contains('，') && gap.is_some_and(|label| !label["gap"].is_empty())
    };
    if !dated() && !starts() {
        return Cow::Borrowed(line);
    }
    BARE.replace_all(line, |label: &Captures<'_>| {
        let (whole, gap) = (&label[0], &label["gap"]);
        let joined = ["来源", "作者"].iter().any(|known| label["label"].ends_with(known));
        let slash = gap.contains(['/', '／', '|', '｜', '丨']);
        // One character is a label only before a stroke.
        let wanted = slash || (label["label"].chars().count() > 1 && (joined || !gap.is_empty()));
        if wanted {
            let said = match &label["label"] {
                "文" => "撰文",
                "图" => "供图",
                said if said.contains('文') && said.contains('图') => "撰文",
                said => said,
            };
            format!("{}{said}：{}", &label["before"], &label["name"])
        } else {
            whole.to_owned()
        }
    })
}

/// Every label of [`BARE`] holds one of these.
const BARE_SIGNS: [char; 13] =
    ['源', '者', '讯', '编', '文', '写', '稿', '影', '图', '审', '校', '制', '签'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_of_fields_get_colons() {
        for (line, wanted) in [
            ("来源 | 市总商会", "来源：市总商会"),
            ("文/张三 图/李四", "撰文：张三 供图：李四"),
            ("2026-01-02 来源市商会", "2026-01-02 来源：市商会"),
            ("来源广泛的资金", "来源广泛的资金"),
            ("文化活动丰富", "文化活动丰富"),
            ("记者了解到这个情况。", "记者了解到这个情况。"),
            ("编辑部 2026-01-02", "编辑部 2026-01-02"),
        ] {
            assert_eq!(colonised(line), wanted);
        }
    }
}
