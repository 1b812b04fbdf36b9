//! What `probe` says: the report of one site, and single sentences.

use std::fmt::Write as _;

use url::Url;

use crate::cli::say::{self, pick};
use crate::model::{Article, Both, Found, Lang, Link};
use crate::pipeline::{Doubt, Passed, Probed, Trial, Why};
use crate::probe::{ColumnPlan, Sister, Sisters};
use crate::problem::Fault;
use crate::text::sentence;

/// Rows shown of a column.
const SHOWN: usize = 3;
/// Pages named that are no columns.
const PASSED: usize = 12;

pub(super) fn reading(lang: Lang, url: &Url) -> String {
    pick(lang, format!("读取 {url}"), format!("reading {url}"))
}

pub(super) fn no_address(lang: Lang, text: &str) -> String {
    pick(
        lang,
        format!("“{text}”不是网址\n建议：lianbo probe http://www.example.org.cn/"),
        format!("`{text}` is no address\nhint: lianbo probe http://www.example.org.cn/"),
    )
}

pub(super) fn no_contact(lang: Lang) -> &'static str {
    pick(
        lang,
        "提醒：fetch.contact 尚未设置，被访问的网站不知道来访者是谁",
        "warning: `fetch.contact` is not set; the site cannot know who visits",
    )
}

pub(super) fn exists(lang: Lang, file: &str) -> String {
    pick(
        lang,
        format!("{file} 已存在，没有改动\n建议：用 --force 覆盖，或用 --write FILE 写到别处"),
        format!(
            "{file} exists and was left alone\nhint: --force replaces it, --write FILE writes elsewhere"
        ),
    )
}

pub(super) fn known_id(lang: Lang, id: &str) -> String {
    pick(
        lang,
        format!("配置里已有站点“{id}”，没有写入\n建议：用 --id 另起编号"),
        format!(
            "the configuration has a site `{id}` already; nothing was written\nhint: choose another with --id"
        ),
    )
}

pub(super) fn written(lang: Lang, file: &str, id: &str) -> String {
    pick(
        lang,
        format!("已写入 {file}，配置无误；试读一次：lianbo once {id}"),
        format!("written to {file}; the configuration is fine. Try it: lianbo once {id}"),
    )
}

/// The file of a site without any column.
pub(super) fn incomplete(lang: Lang, file: &str) -> String {
    pick(
        lang,
        format!(
            "没有找到栏目：{file} 中的站点是停用的（enabled = false）\n建议：在文件里补上栏目，再改为 enabled = true"
        ),
        format!(
            "no column was found: the site in {file} is switched off (enabled = false)\nhint: write its columns into the file, then set enabled = true"
        ),
    )
}

/// The sister sites that answered and have no column.
pub(super) fn bare(sites: &[&Sister], lang: Lang) -> String {
    let mut text = pick(
        lang,
        "没有找到栏目，站点已停用（enabled = false），请补全：\n",
        "no column was found of these; they are switched off (enabled = false) and want completing:\n",
    )
    .to_owned();
    for site in sites {
        let _ = writeln!(text, "  {}  {}", site.name, site.url);
    }
    text
}

pub(super) fn unloaded(lang: Lang, file: &str) -> String {
    pick(
        lang,
        format!("已写入 {file}，但配置有误："),
        format!("written to {file}, but the configuration has faults:"),
    )
}

pub(super) fn not_included(lang: Lang, file: &str, config: &str) -> String {
    pick(
        lang,
        format!("已写入 {file}；请在 {config} 的 daemon.include 中列入它"),
        format!("written to {file}; name it in `daemon.include` of {config}"),
    )
}

pub(super) fn too_many(lang: Lang, count: usize, most: usize) -> String {
    pick(
        lang,
        format!("共 {count} 个网站，只探测前 {most} 个"),
        format!("{count} sites; the first {most} are probed"),
    )
}

pub(super) fn printed(name: &str) -> Both {
    Both::new(format!("链接页上写作：{name}"), format!("Linked as: {name}"))
}

/// The sister sites as the portal prints them.
pub(super) fn groups(groups: &[Sisters], lang: Lang) -> String {
    let mut text = String::new();
    for group in groups {
        let heading = if group.heading.is_empty() {
            pick(lang, "（无标题）", "(no heading)")
        } else {
            &group.heading
        };
        let _ = writeln!(text, "{heading}");
        for site in &group.sites {
            let other = if site.kin {
                ""
            } else {
                pick(lang, "（非工商联、商会）", " (no federation or chamber)")
            };
            let _ = writeln!(text, "  {}  {}{other}", site.name, site.url);
        }
    }
    if groups.is_empty() {
        let _ = writeln!(
            text,
            "{}",
            pick(lang, "页面上没有指向其他网站的链接", "no links to other sites on the page")
        );
    }
    text
}

/// How the probe of a sister site went, in a line.
pub(super) fn answered(site: &Sister, result: &Result<Probed, Fault>, lang: Lang) -> String {
    let what = match result {
        Ok(probed) if probed.proposal.columns.is_empty() => {
            pick(lang, "没有找到栏目，停用", "no column found, switched off").to_owned()
        }
        Ok(probed) => {
            let (count, family) = (probed.proposal.columns.len(), &probed.proposal.family);
            pick(lang, format!("{family}，{count} 个栏目"), format!("{family}, {count} columns"))
        }
        Err(fault) => format!("{}: {}", fault.code.as_str(), fault.detail),
    };
    format!("{} {}: {what}", site.name, site.url)
}

/// All that a person wants to know before the file is used.
pub(super) fn report(probed: &Probed, lang: Lang) -> String {
    let site = &probed.proposal;
    let (pages, count) = (probed.pages, site.columns.len());
    let mut text = pick(
        lang,
        format!(
            "\n{}（{}），{}，读了 {pages} 页，找到 {count} 个栏目\n",
            site.name, site.id, site.home
        ),
        format!(
            "\n{} ({}), {}: {pages} pages read, {count} columns found\n",
            site.name, site.id, site.home
        ),
    );
    for note in &site.notes {
        let _ = writeln!(text, "  {}", note.text(lang));
    }
    for (column, trial) in site.columns.iter().zip(&probed.trials) {
        text.push_str(&of_column(column, trial, lang));
    }
    text.push_str(&passed(&probed.passed, lang));
    if probed.left > 0 {
        let left = probed.left;
        let _ = writeln!(
            text,
            "{}",
            pick(
                lang,
                format!("还有 {left} 个可能的栏目没有看；可用 --max-pages 多读几页"),
                format!("{left} more possible columns were left alone; --max-pages reads more"),
            )
        );
    }
    if site.columns.is_empty() {
        let _ = writeln!(
            text,
            "{}",
            pick(
                lang,
                "没有找到文章列表：请在浏览器中打开一个列表页，用它的网址再探测一次",
                "no list of articles was found: open one in a browser and probe its address",
            )
        );
    }
    text.push('\n');
    text
}

fn of_column(column: &ColumnPlan, trial: &Trial, lang: Lang) -> String {
    let count = trial.rows.len();
    let newest = trial.newest().map_or_else(|| "–".to_owned(), |day| day.to_string());
    let mut text = pick(
        lang,
        format!(
            "\n── {} {}  {}\n   {count} 行，最新 {newest}\n",
            column.id, column.name, column.url
        ),
        format!(
            "\n── {} {}  {}\n   {count} rows, newest {newest}\n",
            column.id, column.name, column.url
        ),
    );
    for Link { title, posted, .. } in trial.rows.iter().take(SHOWN) {
        let day = posted.map_or_else(|| "–".repeat(10), |posted| posted.date().to_string());
        let _ = writeln!(text, "   {day}  {title}");
    }
    match &trial.article {
        Some((url, Ok(article))) => text.push_str(&of_article(url, article, lang)),
        Some((url, Err(fault))) => {
            let told = say::problem_again(lang, fault.code, &fault.detail);
            let _ = writeln!(text, "   {url}\n     {}", told.replace('\n', "\n     "));
        }
        None => {}
    }
    for found in &trial.doubts {
        let _ = writeln!(text, "   ! {}", doubt(found, lang));
    }
    text
}

fn of_article(url: &Url, article: &Article, lang: Lang) -> String {
    let mut text = format!("   {url}\n");
    let mut line = |name: (&str, &str), value: Option<(&str, &str)>| {
        let name = pick(lang, name.0, name.1);
        let _ = match value {
            Some((value, rule)) => writeln!(text, "     {name}: {value}    [{rule}]"),
            None => writeln!(text, "     {name}: –"),
        };
    };
    let of =
        |found: &Option<Found<String>>| found.as_ref().map(|f| (f.value.clone(), f.rule.clone()));
    line(("标题", "title"), Some((&article.title.value, &article.title.rule)));
    let posted = article.posted.as_ref().map(|found| (found.value.to_string(), found.rule.clone()));
    for (name, value) in [
        (("日期", "posted"), posted),
        (("来源", "credit"), of(&article.credit)),
        (("作者", "author"), of(&article.author)),
    ] {
        line(name, value.as_ref().map(|(value, rule)| (value.as_str(), rule.as_str())));
    }
    let body = &article.body.value;
    let (pictures, files) = (body.images.len(), body.attachments.len());
    let length = say::characters(lang, body.text.chars().filter(|c| !c.is_whitespace()).count());
    let size = pick(
        lang,
        format!("{length}，{pictures} 图，{files} 附件"),
        format!("{length}, {pictures} pictures, {files} files"),
    );
    line(("正文", "body"), Some((&size, &article.body.rule)));
    text
}

pub(super) fn doubt(doubt: &Doubt, lang: Lang) -> String {
    match doubt {
        Doubt::FewRows(count) => pick(
            lang,
            format!("只有 {count} 行：请核对列表页"),
            format!("{count} rows only: look at the list page"),
        ),
        Doubt::Undated(count) => {
            pick(lang, format!("{count} 行没有日期"), format!("{count} rows without a date"))
        }
        Doubt::Old(day) => pick(
            lang,
            format!("最新一篇是 {day}：栏目可能已停用"),
            format!("the newest is of {day}: the column may be abandoned"),
        ),
        Doubt::Elsewhere => pick(
            lang,
            "没有一行指向本站的文章页".to_owned(),
            "no row leads to an article of this site".to_owned(),
        ),
        Doubt::Unread(code) => pick(
            lang,
            format!("文章没有读成：{}", code.as_str()),
            format!("the article could not be read: {}", code.as_str()),
        ),
        Doubt::Short(count) => pick(
            lang,
            format!("正文只有 {count} 字：请核对，必要时声明 article.body"),
            format!(
                "a body of {count} characters only: check it, and declare `article.body` if need be"
            ),
        ),
        Doubt::NoDate => pick(
            lang,
            "列表和文章上都没有日期".to_owned(),
            "neither list nor article tells a date".to_owned(),
        ),
        Doubt::Override => pick(
            lang,
            "家族的列表规则在这里不适用，已在栏目中另行声明".to_owned(),
            "the family's list rule does not fit here; the column declares its own".to_owned(),
        ),
    }
}

/// The pages that were looked at in vain, in a line each.
fn passed(passed: &[Passed], lang: Lang) -> String {
    if passed.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n", pick(lang, "看过但不是栏目：", "looked at, but no columns:"));
    for page in passed.iter().take(PASSED) {
        let why = match &page.why {
            Why::Fault(fault) => {
                let told = sentence::problem(fault.code, lang).what;
                format!("{}: {told}; {}", fault.code.as_str(), fault.detail)
            }
            Why::Elsewhere(url) => pick(lang, format!("转到 {url}"), format!("leads to {url}")),
            Why::Same => {
                pick(lang, "文章都在别的栏目里", "all its rows stand in other columns").to_owned()
            }
        };
        let _ = writeln!(text, "   {} {}: {why}", page.name, page.url);
    }
    if passed.len() > PASSED {
        let _ = writeln!(text, "   … +{}", passed.len() - PASSED);
    }
    text
}
