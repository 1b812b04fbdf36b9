//! What the command line says to people, Chinese and English side by side.

mod alert;
mod clients;
mod editing;
mod export;
mod files;
mod issue;
mod keeping;
mod measured;
mod push;
mod quality;
mod story;
mod tools;
mod trust;

use std::time::Duration;

use chrono::{NaiveDate, Weekday};

use crate::daemon::Duty;
use crate::model::{Lang, ProblemCode, TurnEnd};
use crate::pipeline::Walked;
use crate::text::sentence;

pub(super) use alert::*;
pub(super) use clients::*;
pub(super) use editing::*;
pub(super) use export::*;
pub(super) use files::*;
pub(super) use issue::*;
pub(super) use keeping::*;
pub(super) use measured::*;
pub(super) use push::*;
pub(super) use quality::*;
pub(super) use story::*;
pub(super) use tools::*;
pub(super) use trust::*;

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
    let hint = pick(lang, "建议：", "hint: ");
    let told = problem_again(lang, code, detail);
    format!("{told}\n{hint}{}", sentence::problem(code, lang).hint)
}

/// The same of a problem of a kind that was met before: what to do was said.
pub(super) fn problem_again(lang: Lang, code: ProblemCode, detail: &str) -> String {
    format!("{}: {}\n  {detail}", code.as_str(), sentence::problem(code, lang).what)
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

/// How far the reading of a column's history has come.
pub(super) fn walked(lang: Lang, walked: &Walked) -> String {
    let Walked { column, pages, new, .. } = walked;
    let oldest = walked.oldest.map(|day| day.to_string());
    let oldest = oldest.as_deref().unwrap_or("?");
    pick(
        lang,
        format!("{column}: 列表 {pages} 页，到 {oldest}，新 {new} 篇"),
        format!(
            "{column}: {pages} list page{}, back to {oldest}, {new} new",
            if *pages == 1 { "" } else { "s" }
        ),
    )
}

/// A list that has no page as old as the day asked for.
pub(super) fn list_ends(lang: Lang, column: &str, oldest: NaiveDate) -> String {
    pick(
        lang,
        format!("{column}: 列表只到 {oldest} 为止"),
        format!("{column}: the list ends at {oldest}"),
    )
}

/// A walk through a column's history that was broken off.
pub(super) fn walk_again(lang: Lang, column: &str) -> String {
    pick(
        lang,
        format!("{column}: 未读完；再次运行同一命令即从中断处继续"),
        format!("{column}: not finished; the same command goes on from here"),
    )
}

pub(super) fn until_in_future(lang: Lang, until: NaiveDate) -> String {
    pick(
        lang,
        format!("--until {until} 在今天之后；应写一个过去的日期，如 2024-01-01"),
        format!("--until {until} lies in the future; wanted a day in the past, such as 2024-01-01"),
    )
}

pub(super) fn until_in_past(lang: Lang, until: NaiveDate) -> String {
    pick(
        lang,
        format!("--until {until} 已经过去；应写今天或以后的日期"),
        format!("--until {until} has passed; wanted today or a later day"),
    )
}

pub(super) fn unknown_site(lang: Lang, target: &str, sites: &[&str]) -> String {
    pick(
        lang,
        format!("没有站点或栏目“{target}”；已启用的站点：{}", sites.join("、")),
        format!("no site or column `{target}`; enabled sites: {}", sites.join(", ")),
    )
}

pub(super) fn unknown_column(lang: Lang, target: &str, columns: &[String]) -> String {
    pick(
        lang,
        format!("没有栏目“{target}”；该站点的栏目：{}", columns.join("、")),
        format!("no column `{target}`; columns of that site: {}", columns.join(", ")),
    )
}

pub(super) fn disabled_site(lang: Lang, target: &str, site: &str) -> String {
    pick(
        lang,
        format!(
            "“{target}”没有读取：站点“{site}”未启用\n建议：补全其 home 与栏目，改为 enabled = true"
        ),
        format!(
            "`{target}` is not read: site `{site}` is disabled\nhint: complete its home and columns, then set enabled = true"
        ),
    )
}

pub(super) fn config_missing(lang: Lang, file: &str) -> String {
    pick(
        lang,
        format!(
            "找不到配置文件：{file}\n建议：用 --config 指明；或用 `lianbo config > config.toml` 写出一份带注释的默认配置；\n      先看看效果：`lianbo demo`"
        ),
        format!(
            "no configuration file: {file}\nhint: name one with --config, or write the commented defaults with `lianbo config > config.toml`;\n      to have a look first: `lianbo demo`"
        ),
    )
}

pub(super) fn demo_missing(lang: Lang, folder: &str) -> String {
    pick(
        lang,
        format!("找不到示例网络：`{folder}`\n建议：在仓库根目录运行，或用 --folder 指明 demo 目录"),
        format!(
            "no demo network in `{folder}`\nhint: run in the repository's root, or name the folder with --folder"
        ),
    )
}

pub(super) fn no_problems(lang: Lang) -> &'static str {
    pick(lang, "没有未解决的问题。", "No open problems.")
}

/// The data folder that the operator named holds no database.
pub(super) fn no_database(lang: Lang, folder: &str) -> String {
    pick(
        lang,
        format!(
            "“{folder}”中没有数据库 lianbo.db\n建议：请核对 --data；若目录无误，则是还没有运行过"
        ),
        format!(
            "there is no database lianbo.db in `{folder}`\nhint: check --data; if the folder is right, lianbo has not run there yet"
        ),
    )
}

/// The configured data folder holds no database.
pub(super) fn never_ran(lang: Lang, folder: &str) -> String {
    pick(
        lang,
        format!(
            "还没有运行过：“{folder}”中没有数据库 lianbo.db\n建议：先运行 `lianbo run` 或 `lianbo once`；数据若在别处，请用 --data 指明"
        ),
        format!(
            "lianbo has not run yet: there is no database lianbo.db in `{folder}`\nhint: start `lianbo run` or `lianbo once` first; if the data is elsewhere, name the folder with --data"
        ),
    )
}

/// Said once when no site could be reached.
pub(super) fn no_network(lang: Lang) -> &'static str {
    pick(
        lang,
        "所有网站都连接不上：本机似乎没有联网，请先检查网络、域名解析（DNS）与防火墙。",
        "no site could be reached: this machine seems to have no network; check it, name resolution (DNS) and firewall first.",
    )
}

pub(super) fn check_fine(lang: Lang, sites: usize, columns: usize, feeds: usize) -> String {
    pick(
        lang,
        format!("配置无误：启用 {sites} 个站点、{columns} 个栏目，发布 {feeds} 个订阅。"),
        format!("the configuration is fine: {sites} sites, {columns} columns, {feeds} feeds."),
    )
}

pub(super) fn warning(lang: Lang, file: &str, key: &str, what: &str) -> String {
    pick(lang, format!("提醒：{file} 的 {key} {what}"), format!("warning: {file}: {key}: {what}"))
}

/// Heads the table of times; `jitter` is the longest of all columns.
pub(super) fn next_times(lang: Lang, zone: &str, offset: &str, jitter: Duration) -> String {
    let seconds = jitter.as_secs();
    let later = match seconds {
        0 => String::new(),
        _ => pick(
            lang,
            format!("；刷新另随机推迟至多 {seconds} 秒"),
            format!("; refreshes start up to {seconds} s later, at random"),
        ),
    };
    pick(
        lang,
        format!("接下来的时刻（{zone}，UTC{offset}{later}）："),
        format!("next times ({zone}, UTC{offset}{later}):"),
    )
}

pub(super) fn duty(lang: Lang, duty: Duty) -> &'static str {
    match duty {
        Duty::Refresh => pick(lang, "刷新", "refresh"),
        Duty::Publish => pick(lang, "发布", "publish"),
        Duty::Issue => pick(lang, "编期", "issue"),
        Duty::Prune => pick(lang, "清理", "prune"),
    }
}

/// What became of a planned time; without an end it is under way, or waits.
pub(super) fn turn_end(lang: Lang, end: Option<TurnEnd>, started: bool) -> &'static str {
    match end {
        Some(TurnEnd::Done) => pick(lang, "完成", "done"),
        Some(TurnEnd::Failed) => pick(lang, "失败", "failed"),
        Some(TurnEnd::CaughtUp) => pick(lang, "补做", "caught up"),
        Some(TurnEnd::Coalesced) => pick(lang, "并入后一次", "coalesced"),
        Some(TurnEnd::Missed) => pick(lang, "错过", "missed"),
        Some(TurnEnd::SkippedQuiet) => pick(lang, "安静时段", "skipped (quiet hours)"),
        Some(TurnEnd::SkippedBudget) => pick(lang, "请求数用完", "skipped (budget used)"),
        None if started => pick(lang, "进行中", "under way"),
        None => pick(lang, "等待中", "waiting"),
    }
}

pub(super) fn turns(lang: Lang, count: usize) -> String {
    pick(lang, format!("共 {count} 个计划时刻："), format!("{count} planned times:"))
}

pub(super) fn no_turns(lang: Lang, job: Option<&str>) -> String {
    match job {
        Some(job) => pick(
            lang,
            format!("台账中没有“{job}”在这段时间的记录；任务名可用 lianbo next 查看"),
            format!("the ledger has nothing of `{job}` in this time; `lianbo next` lists the jobs"),
        ),
        None => {
            pick(lang, "台账中没有这段时间的记录", "the ledger has nothing of this time").to_owned()
        }
    }
}

pub(super) fn unknown_year(lang: Lang, year: i32) -> String {
    pick(
        lang,
        format!("提醒：没有 {year} 年的放假安排（calendar/{year}.toml），暂按周一至周五为工作日"),
        format!("warning: no `[[calendar]]` for {year}; Monday to Friday count as working days"),
    )
}

pub(super) fn on_change(lang: Lang, feeds: usize) -> String {
    pick(
        lang,
        format!("另有 {feeds} 个订阅，有变化即发布。"),
        format!("{feeds} more feeds are published on change."),
    )
}

pub(super) fn never(lang: Lang) -> &'static str {
    pick(lang, "不再到来", "never again")
}

/// A job that comes only after the last day wanted, at `next`.
pub(super) fn none_until(lang: Lang, until: NaiveDate, next: &str) -> String {
    pick(
        lang,
        format!("到 {until} 为止没有，下一次 {next}"),
        format!("none until {until}, next {next}"),
    )
}

pub(super) fn never_again(lang: Lang, job: &str) -> String {
    pick(
        lang,
        format!("提醒：{job}：所写的时刻都已过去，不会再运行"),
        format!("warning: {job}: all its times have passed; it never runs again"),
    )
}

pub(super) fn weekday(lang: Lang, day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => pick(lang, "周一", "Mon"),
        Weekday::Tue => pick(lang, "周二", "Tue"),
        Weekday::Wed => pick(lang, "周三", "Wed"),
        Weekday::Thu => pick(lang, "周四", "Thu"),
        Weekday::Fri => pick(lang, "周五", "Fri"),
        Weekday::Sat => pick(lang, "周六", "Sat"),
        Weekday::Sun => pick(lang, "周日", "Sun"),
    }
}
