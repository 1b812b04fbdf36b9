//! What `explain`, `capture` and `replay` say.

use crate::cli::replay::Count;
use crate::cli::sight::Origin;
use crate::model::Lang;

use super::pick;

/// A field of an article, as people call it.
pub(in crate::cli) fn field(lang: Lang, name: &'static str) -> &'static str {
    let chinese = match name {
        "title" => "标题",
        "posted" => "日期",
        "credit" => "来源",
        "author" => "作者",
        "editor" => "编辑",
        "photographer" => "摄影",
        "breadcrumb" => "位置",
        "body" | "text" => "正文",
        "html" => "排版",
        "summary" => "摘要",
        "attribution" => "署名",
        "images" => "图片",
        "attachments" => "附件",
        "url" => "网址",
        "partial" => "仅列表行",
        other => other,
    };
    pick(lang, chinese, name)
}

/// What stands between a name and its value.
pub(in crate::cli) fn colon(lang: Lang) -> &'static str {
    pick(lang, "：", ": ")
}

/// Where a page came from and when it was seen.
pub(in crate::cli) fn seen(lang: Lang, from: Origin, at: &str) -> String {
    let (zh, en) = match from {
        Origin::File => ("文件", "a file of"),
        Origin::Store => ("已存网页，读取于", "the page kept since"),
        Origin::Web => ("刚从网站读取", "fetched just now,"),
    };
    pick(lang, format!("{zh} {at}"), format!("{en} {at}"))
}

pub(in crate::cli) fn stored_as(lang: Lang, id: &str, revision: u32) -> String {
    pick(
        lang,
        format!("库中：{id}，第 {revision} 版"),
        format!("stored: {id}, revision {revision}"),
    )
}

pub(in crate::cli) fn was_and_is(lang: Lang, was: &str, now: &str) -> String {
    pick(lang, format!("“{was}” → “{now}”"), format!("`{was}` → `{now}`"))
}

/// How a replay ended.
pub(in crate::cli) fn replayed(lang: Lang, count: Count, applied: bool) -> String {
    let Count { changed, rejected, same, gone } = count;
    let all = changed + rejected + same + gone;
    let (zh, en) = match applied {
        true => ("已更新", "were changed; feeds follow with the next publication"),
        false => ("会变（--apply 才会存入）", "would change (`--apply` stores them)"),
    };
    pick(
        lang,
        format!(
            "共 {all} 篇：{changed} 篇{zh}，{rejected} 篇今天不被采用（保持原样），{same} 篇不变，{gone} 篇没有已存网页。"
        ),
        format!(
            "{all} items: {changed} {en}; {rejected} would be rejected today and stay as they are, {same} stay the same, of {gone} no page is kept."
        ),
    )
}

pub(in crate::cli) fn stays_as_it_is(lang: Lang, reason: &str) -> String {
    pick(
        lang,
        format!("今天不被采用，保持原样：{reason}"),
        format!("would be rejected today, stays as it is: {reason}"),
    )
}

pub(in crate::cli) fn more_lines(lang: Lang, count: usize) -> String {
    pick(lang, format!("……还有 {count} 行"), format!("… {count} more lines"))
}

pub(in crate::cli) fn differs(lang: Lang) -> &'static str {
    pick(lang, "有变化", "differs")
}

pub(in crate::cli) fn capture_wants(lang: Lang) -> &'static str {
    pick(
        lang,
        "用法：lianbo capture URL DIR，或 lianbo capture --file FILE --url URL DIR",
        "usage: lianbo capture URL DIR, or lianbo capture --file FILE --url URL DIR",
    )
}

pub(in crate::cli) fn fixture_there(lang: Lang, folder: &str) -> String {
    pick(
        lang,
        format!("“{folder}”中已有样例\n建议：加 --force 覆盖"),
        format!("there is a fixture in `{folder}` already\nhint: `--force` overwrites it"),
    )
}

pub(in crate::cli) fn read_it_first(lang: Lang, file: &str) -> String {
    pick(
        lang,
        format!(
            "请对照原网页逐项核对并改正 {file}：其中是程序今天读到的结果，未经人核对不足为凭。"
        ),
        format!(
            "read {file} against the page and correct it: it says what is read today, and proves nothing before a person has read it."
        ),
    )
}

pub(in crate::cli) fn rows(lang: Lang, count: usize) -> String {
    pick(lang, format!("{count} 行"), format!("{count} rows"))
}

pub(in crate::cli) fn no_address(lang: Lang, text: &str) -> String {
    pick(lang, format!("“{text}”不是网址"), format!("`{text}` is no http(s) address"))
}

pub(in crate::cli) fn nothing_known(lang: Lang, target: &str) -> String {
    pick(
        lang,
        format!("“{target}”不是网址、栏目、文件，也不是库中的文章"),
        format!("`{target}` is no address, column or file, and no stored item"),
    )
}

/// A page that is wanted without a visit, and was never kept.
pub(in crate::cli) fn not_kept(lang: Lang, url: &str) -> String {
    pick(
        lang,
        format!("库中没有网页 {url}\n建议：去掉 --offline 以访问网站"),
        format!("the page {url} is not kept\nhint: leave out --offline to visit the site"),
    )
}
