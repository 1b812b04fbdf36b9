//! What is said of stories that several sites tell.

use crate::model::Lang;
use crate::text::story::{Likeness, TitleLikeness};

use super::pick;

pub(in crate::cli) fn adoptions_head(lang: Lang, month: &str, count: usize) -> String {
    let items = if count == 1 { "item" } else { "items" };
    pick(
        lang,
        format!("{month} 转载统计：{count} 篇（按转载文章所署日期计，已撤下的不计）"),
        format!(
            "adoptions in {month}: {count} {items} (by the dates of the reprints, withdrawn ones aside)"
        ),
    )
}

/// Heads of the table of pairs.
pub(in crate::cli) fn adoption_pairs(lang: Lang) -> [&'static str; 3] {
    pick(lang, ["原发网站", "转载网站", "篇数"], ["original", "taken over by", "items"])
}

/// Heads of the table of totals.
pub(in crate::cli) fn adoption_totals(lang: Lang) -> [&'static str; 4] {
    pick(
        lang,
        ["网站", "被转载篇数", "被转载次数", "转载篇数"],
        ["site", "items taken over", "times", "took over itself"],
    )
}

pub(in crate::cli) fn taken_over_from(lang: Lang) -> &'static str {
    pick(lang, "原发", "from")
}

pub(in crate::cli) fn counted(lang: Lang, count: usize, file: &str) -> String {
    pick(
        lang,
        format!("已写入 {file}：转载 {count} 篇"),
        format!("written to {file}: {count} adoptions"),
    )
}

/// Heads those who tell the story of an item.
pub(in crate::cli) fn story(lang: Lang, count: usize) -> String {
    pick(
        lang,
        format!("同一稿件，共 {count} 个网站（综合订阅只列第一个）："),
        format!("the same story at {count} sites (composite feeds show the first):"),
    )
}

pub(in crate::cli) fn is_original(lang: Lang) -> &'static str {
    pick(lang, "原发", "original")
}

pub(in crate::cli) fn credits(lang: Lang, name: &str) -> String {
    pick(lang, format!("来源指向 {name}"), format!("credits {name}"))
}

/// Why an item is taken for the same story as another.
pub(in crate::cli) fn likeness(lang: Lang, likeness: &Likeness) -> String {
    let titles = match likeness.titles {
        TitleLikeness::Same => pick(lang, "标题相同", "same title"),
        TitleLikeness::Within => pick(lang, "标题相近", "similar title"),
        TitleLikeness::Akin => pick(lang, "标题部分相同", "title in part"),
        TitleLikeness::Other => pick(lang, "标题不同", "other title"),
    };
    let (shorter, longer) = (likeness.of_shorter * 100.0, likeness.of_longer * 100.0);
    pick(
        lang,
        format!("{titles}，正文重合 {shorter:.0}%（占较长者 {longer:.0}%）"),
        format!("{titles}, {shorter:.0}% of the shorter text shared ({longer:.0}% of the longer)"),
    )
}
