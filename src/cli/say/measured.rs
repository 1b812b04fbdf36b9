//! What `evaluate` says.

use crate::model::Lang;

use super::pick;

pub(in crate::cli) fn no_pages(lang: Lang, folder: &str) -> String {
    pick(
        lang,
        format!(
            "{folder} 下没有可衡量的网页：应有 gold.jsonl，或每页一个含 page.html 与 expected.json 的目录"
        ),
        format!(
            "no pages to measure below {folder}: wanted a gold.jsonl, or folders with page.html and expected.json"
        ),
    )
}

pub(in crate::cli) fn no_floors(lang: Lang, file: &str) -> String {
    pick(
        lang,
        format!("没有底线文件：当前及上级目录都没有 {file}，请用 --floors FILE 指定"),
        format!("no file of floors: {file} is neither here nor above; name one with --floors FILE"),
    )
}

/// The pages of a set are not those on which its floors were measured.
pub(in crate::cli) fn other_pages(lang: Lang, set: &str) -> String {
    pick(
        lang,
        format!("{set}：网页或标准答案与定底线时不同"),
        format!("{set}: the pages or their expected results are not those of the floors"),
    )
}

/// A page that could not be measured.
pub(in crate::cli) fn left_out(lang: Lang, fault: &str) -> String {
    pick(lang, format!("未计入：{fault}"), format!("left out: {fault}"))
}

/// A table of floors that names no folder of pages and no kind.
pub(in crate::cli) fn unmatched_floor(lang: Lang, name: &str) -> String {
    pick(
        lang,
        format!("底线 [{name}] 没有对应的网页目录"),
        format!("the floors of [{name}] match no folder of pages"),
    )
}

pub(in crate::cli) fn below_floor(
    lang: Lang,
    row: &str,
    field: &str,
    measured: &str,
    wanted: &str,
) -> String {
    pick(
        lang,
        format!("低于底线：{row} {field} {measured}，底线 {wanted}"),
        format!("below the floor: {row} {field} {measured}, floor {wanted}"),
    )
}
