//! What `export` says.

use chrono::NaiveDate;

use crate::model::Lang;

use super::pick;

pub(in crate::cli) fn exported(lang: Lang, count: usize) -> String {
    pick(
        lang,
        format!("已导出 {count} 篇。"),
        format!("{count} item{} exported.", if count == 1 { "" } else { "s" }),
    )
}

pub(in crate::cli) fn nothing_to_export(lang: Lang) -> &'static str {
    pick(
        lang,
        "没有可导出的文章：请核对日期、订阅与站点。",
        "There is nothing to export: check dates, feed and site.",
    )
}

pub(in crate::cli) fn not_exported(lang: Lang, item: &str, why: &str) -> String {
    pick(lang, format!("未导出：{item}\n  {why}"), format!("left out: {item}\n  {why}"))
}

pub(in crate::cli) fn shortened_item(lang: Lang, item: &str, why: &str) -> String {
    pick(lang, format!("导出不全：{item}\n  {why}"), format!("not whole: {item}\n  {why}"))
}

pub(in crate::cli) fn is_held(lang: Lang) -> &'static str {
    pick(
        lang,
        "等待放行，尚未公开；放行：lianbo release",
        "it waits for release and is not public; see lianbo release",
    )
}

pub(in crate::cli) fn is_summary(lang: Lang) -> &'static str {
    pick(
        lang,
        "该站点或栏目只许提供摘要（publish = \"summary\"），导出的是摘要",
        "its site permits the summary only (`publish = \"summary\"`): that is what was exported",
    )
}

pub(in crate::cli) fn is_partial(lang: Lang) -> &'static str {
    pick(lang, "只读到列表上的标题，没有正文", "only the list row could be read; there is no text")
}

pub(in crate::cli) fn not_embedded(lang: Lang, count: usize) -> String {
    pick(
        lang,
        format!("{count} 张图片本站未保存，只有链接"),
        format!("{count} of its pictures are not held here and stay links"),
    )
}

pub(in crate::cli) fn file_there(lang: Lang, path: &str) -> String {
    pick(
        lang,
        format!("“{path}”已存在，未覆盖；要覆盖请加 --force"),
        format!("`{path}` exists and was left as it is; --force replaces it"),
    )
}

pub(in crate::cli) fn wants_folder(lang: Lang, path: &str) -> String {
    pick(
        lang,
        format!("“{path}”是文件；docx 每篇一个文件，--out 应为目录"),
        format!("`{path}` is a file; docx makes a file an item, so --out names a folder"),
    )
}

pub(in crate::cli) fn wants_file(lang: Lang, path: &str) -> String {
    pick(
        lang,
        format!("“{path}”是目录；--out 应为文件名"),
        format!("`{path}` is a folder; --out names a file"),
    )
}

pub(in crate::cli) fn no_feed(lang: Lang, slug: &str, feeds: &[&str]) -> String {
    pick(
        lang,
        format!("没有订阅“{slug}”；已有：{}", feeds.join("、")),
        format!("no feed `{slug}`; there are: {}", feeds.join(", ")),
    )
}

pub(in crate::cli) fn until_before_since(lang: Lang, since: NaiveDate, until: NaiveDate) -> String {
    pick(
        lang,
        format!("--until {until} 早于 --since {since}"),
        format!("--until {until} lies before --since {since}"),
    )
}
