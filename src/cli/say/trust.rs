//! What the command `trust` says.

use chrono::{DateTime, Utc};

use crate::cli::trust::figures;
use crate::model::{BEIJING, ColumnId, Lang, Observation, Problem};
use crate::store::Distrust;
use crate::text::sentence;

use super::pick;

pub(in crate::cli) fn nothing_read(lang: Lang, subject: &str) -> String {
    pick(
        lang,
        format!(
            "配置中没有站点或栏目“{subject}”\n建议：写站点编号（如 jiangsu）或栏目编号（如 jiangsu/zt）"
        ),
        format!(
            "no site or column is called `{subject}`\nhint: give a site such as jiangsu, or a column such as jiangsu/zt"
        ),
    )
}

/// That a column of a site of which nothing is taken in cannot be trusted by itself.
pub(in crate::cli) fn site_is_held(lang: Lang, subject: &str, held: &Distrust) -> String {
    let (site, detail) = (&held.site, &held.detail);
    pick(
        lang,
        format!(
            "站点 {site} 整个停止收录，单认 {subject} 不起作用：{detail}\n建议：核对网站确为本站后运行 lianbo trust {site}"
        ),
        format!(
            "nothing is taken in of the whole site {site}, so that {subject} cannot be trusted alone: {detail}\nhint: see that it is the site itself, then run `lianbo trust {site}`"
        ),
    )
}

pub(in crate::cli) fn trusted(lang: Lang, subject: &str) -> String {
    pick(
        lang,
        format!("{subject} 今后的样子即视为正常，下次刷新起照常收录。"),
        format!("{subject} is normal as it is from now on; the next refresh takes it in."),
    )
}

pub(in crate::cli) fn all_believed(lang: Lang) -> &'static str {
    pick(lang, "所有站点和栏目都与平时一致。", "Every site and column is as it usually is.")
}

pub(in crate::cli) fn distrusted(lang: Lang, held: &Distrust) -> String {
    let Distrust { site, since, detail } = held;
    let since = since.with_timezone(&BEIJING).format("%Y-%m-%d %H:%M");
    pick(
        lang,
        format!(
            "{site}\t自 {since} 起停止收录\n  {detail}\n  核对无误后运行 lianbo trust {site}\n"
        ),
        format!(
            "{site}\tnothing taken in since {since}\n  {detail}\n  where all is well: lianbo trust {site}\n"
        ),
    )
}

pub(in crate::cli) fn not_believed(lang: Lang, problem: &Problem) -> String {
    let sentence = sentence::problem(problem.code, lang);
    format!(
        "{}\t{}\t{}\n  {}\n  {}\n",
        problem.subject,
        problem.code.as_str(),
        sentence.what,
        problem.detail,
        sentence.hint
    )
}

pub(in crate::cli) fn usual(
    lang: Lang,
    column: &ColumnId,
    seen: &[Observation],
    trusted: Option<&(DateTime<Utc>, String)>,
) -> String {
    let Some(last) = seen.first() else {
        return pick(lang, format!("{column}\t尚无读数\n"), format!("{column}\tnot read yet\n"));
    };
    let (least, most, dated) = figures(seen);
    let mut registration: Vec<&str> = last.registration.icp.iter().map(String::as_str).collect();
    registration.extend(last.registration.code.as_deref());
    let registration = match registration.as_slice() {
        [] => pick(lang, "无", "none").to_owned(),
        numbers => numbers.join(", "),
    };
    let newest = last.newest.map_or_else(|| "-".to_owned(), |day| day.to_string());
    let count = seen.len();
    let mut text = pick(
        lang,
        format!(
            "{column}\t{count} 次读数：每次 {least}–{most} 行，{dated}% 有日期；最近一次 {} 行中 {} 行已收录，最新 {newest}\n  备案号、标识码：{registration}；编码：{}\n",
            last.rows, last.known, last.charset
        ),
        format!(
            "{column}\t{count} readings: {least} to {most} rows, {dated}% dated; the last had {} rows, {} of them known, the newest of {newest}\n  registration: {registration}; charset: {}\n",
            last.rows, last.known, last.charset
        ),
    );
    if let Some((at, person)) = trusted {
        let at = at.with_timezone(&BEIJING).format("%Y-%m-%d %H:%M");
        let nobody = pick(lang, "未署名者", "somebody");
        let person = if person.is_empty() { nobody } else { person.as_str() };
        text.push_str(&pick(
            lang,
            format!("  {at} 由 {person} 确认正常\n"),
            format!("  said to be normal by {person} on {at}\n"),
        ));
    }
    text
}
