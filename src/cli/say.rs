//! What the command line says to people, Chinese and English side by side.

use crate::model::{Lang, ProblemCode};
use crate::text::sentence;

/// Picks the text of `lang`.
pub(super) fn pick<T>(lang: Lang, zh: T, en: T) -> T {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

pub(super) fn config_faults(lang: Lang, count: usize) -> String {
    pick(
        lang,
        format!("配置有 {count} 处错误："),
        format!("the configuration has {count} fault{}:", if count == 1 { "" } else { "s" }),
    )
}

/// A problem's code and sentence, what was found, and what to do.
pub(super) fn problem(lang: Lang, code: ProblemCode, detail: &str) -> String {
    let sentence = sentence::problem(code, lang);
    let hint = pick(lang, "建议", "hint");
    format!("{}: {}\n  {detail}\n{hint}: {}", code.as_str(), sentence.what, sentence.hint)
}

/// A page at hand that was not read.
pub(super) fn rejected(lang: Lang, reason: &str) -> String {
    pick(lang, format!("未采用：{reason}\n"), format!("rejected: {reason}\n"))
}

pub(super) fn characters(lang: Lang, count: usize) -> String {
    pick(lang, format!("{count} 字"), format!("{count} characters"))
}

pub(super) fn not_the_json(lang: Lang, line: usize, error: &str) -> String {
    pick(
        lang,
        format!("标准输入第 {line} 行不是所要求的 JSON：{error}"),
        format!("line {line} of stdin is not the JSON wanted: {error}"),
    )
}

pub(super) fn serving(lang: Lang, address: &str) -> String {
    pick(lang, format!("公共页面：{address}"), format!("public page: {address}"))
}

pub(super) fn administered(lang: Lang, address: std::net::SocketAddr) -> String {
    pick(
        lang,
        format!("运行状态：http://{address}/status"),
        format!("status page: http://{address}/status"),
    )
}

pub(super) fn press_to_end(lang: Lang) -> &'static str {
    pick(lang, "按 Ctrl-C 结束。", "Press Ctrl-C to end.")
}

pub(super) fn published_at(lang: Lang, folder: &str) -> String {
    pick(lang, format!("已发布到：{folder}"), format!("published to: {folder}"))
}

pub(super) fn unknown_target(lang: Lang, target: &str, known: &str) -> String {
    pick(
        lang,
        format!("没有启用的站点或栏目“{target}”；已启用：{known}"),
        format!("no enabled site or column `{target}`; enabled: {known}"),
    )
}

pub(super) fn demo_missing(lang: Lang, folder: &str) -> String {
    pick(
        lang,
        format!(
            "找不到示例网络：`{folder}`\n建议： 在仓库根目录运行，或用 --folder 指明 demo 目录"
        ),
        format!(
            "no demo network in `{folder}`\nhint: run in the repository's root, or name the folder with --folder"
        ),
    )
}

pub(super) fn no_problems(lang: Lang) -> &'static str {
    pick(lang, "没有未解决的问题。", "No open problems.")
}

pub(super) fn check_fine(lang: Lang, sites: usize, columns: usize, feeds: usize) -> String {
    pick(
        lang,
        format!("配置无误：启用 {sites} 个站点、{columns} 个栏目，发布 {feeds} 个订阅。"),
        format!("the configuration is fine: {sites} sites, {columns} columns, {feeds} feeds."),
    )
}

pub(super) fn warning(lang: Lang, key: &str, zh: &str, en: &str) -> String {
    pick(lang, format!("提醒：{key}:{zh}"), format!("warning: {key}: {en}"))
}

pub(super) fn next_times(lang: Lang) -> &'static str {
    pick(lang, "接下来的时刻：", "next times:")
}
