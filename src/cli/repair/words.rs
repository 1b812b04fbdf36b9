//! What `repair` says.

use std::fmt::Write as _;

use crate::cli::say::{self, pick};
use crate::config::RewriteError;
use crate::model::Lang;
use crate::pipeline::{ArticleFinding, ListFinding, Looked, Repaired};

/// Titles that are named.
const NAMED: usize = 3;

/// How many articles of a score have a field right.
type Count = fn(&crate::pipeline::ArticleScore) -> usize;

/// What was looked for, what was found with today's rules, and with better ones.
pub(super) fn report(repaired: &Repaired, lang: Lang) -> String {
    let mut text = String::new();
    let Repaired { column, known, .. } = repaired;
    if *known == 0 {
        let told = pick(
            lang,
            format!("{column}：库中还没有文章，无从比对；请先 lianbo once {column}"),
            format!(
                "{column}: no items are stored, so there is nothing to look for\nhint: run `lianbo once {column}` first"
            ),
        );
        let _ = writeln!(text, "{told}");
        return text;
    }
    match &repaired.list {
        Ok(list) => {
            let (shown, links) = (list.shown.len(), list.links);
            let told = pick(
                lang,
                format!(
                    "{column}：已知最新 {known} 篇，列表页上有其中 {shown} 篇（共 {links} 个链接）"
                ),
                format!(
                    "{column}: of the newest {known} known items the list page shows {shown} ({links} links)"
                ),
            );
            let _ = writeln!(text, "{told}");
            push_list(&mut text, list, lang);
        }
        Err(fault) => {
            let _ = writeln!(text, "{}", say::problem(lang, fault.code, &fault.detail));
        }
    }
    push_elsewhere(&mut text, repaired, lang);
    if repaired.article.before.of > 0 || !repaired.article.faults.is_empty() {
        push_articles(&mut text, &repaired.article, lang);
    }
    if repaired.proposal.is_none() {
        let _ = writeln!(text, "{}", if repaired.is_sound() { fine(lang) } else { nothing(lang) });
    }
    text
}

/// Where else the list was looked for, and where it stands.
fn push_elsewhere(text: &mut String, repaired: &Repaired, lang: Lang) {
    if repaired.looked.is_empty() {
        return;
    }
    let head = pick(lang, "另到本站其他页面上找：", "looked for elsewhere on the site:");
    let _ = writeln!(text, "{head}");
    for Looked { name, url, found, is_list } in &repaired.looked {
        let name = if name.is_empty() { String::new() } else { format!("{name} ") };
        let told = match found {
            Err(fault) => say::problem_again(lang, fault.code, &fault.detail),
            Ok(score) if *is_list => pick(
                lang,
                format!("是这个栏目的列表，{}/{}", score.right, score.of),
                format!("the column's list, {}/{}", score.right, score.of),
            ),
            Ok(score) => pick(
                lang,
                format!("{} 行，其中已知文章 {} 篇", score.rows, score.right),
                format!("{} rows, {} of them known", score.rows, score.right),
            ),
        };
        let _ = writeln!(text, "  {name}{url}  {told}");
    }
    if let Some(moved) = &repaired.moved {
        let told = pick(
            lang,
            format!("列表现在的网址：{}", moved.url),
            format!("the list stands at {} now", moved.url),
        );
        let _ = writeln!(text, "{told}");
        push_list(text, &moved.list, lang);
    }
}

fn push_list(text: &mut String, list: &ListFinding, lang: Lang) {
    let share = |score: &crate::pipeline::ListScore| {
        let strange = match score.strange {
            0 => String::new(),
            n => pick(lang, format!("（另有 {n} 行不像文章）"), format!(" ({n} strange rows)")),
        };
        format!("{}/{}{strange}", score.right, score.of)
    };
    let name = pick(lang, "列表", "list");
    let _ =
        writeln!(text, "  {name}  {}", arrow(share(&list.before), list.better.as_ref().map(share)));
    for title in list.missed.iter().take(NAMED) {
        let _ = writeln!(
            text,
            "    {}",
            pick(lang, format!("未找回：{title}"), format!("not found again: {title}"))
        );
    }
    if list.missed.len() > NAMED {
        let _ = writeln!(text, "    {}", more(lang, list.missed.len() - NAMED));
    }
    for (title, url) in list.moved.iter().take(NAMED) {
        let place = url.as_ref().map_or("–", |url| url.as_str());
        let told = pick(
            lang,
            format!("标题还在，网址不同：{title} → {place}"),
            format!("the title is there under another address: {title} → {place}"),
        );
        let _ = writeln!(text, "    {told}");
    }
    if list.moved.len() > NAMED {
        let _ = writeln!(text, "    {}", more(lang, list.moved.len() - NAMED));
    }
}

fn push_articles(text: &mut String, article: &ArticleFinding, lang: Lang) {
    let (before, after) = (article.before, article.better);
    if before.of > 0 {
        let share = |right: usize| format!("{right}/{}", before.of);
        let line = |name: &str, of: &dyn Fn(&crate::pipeline::ArticleScore) -> usize| {
            format!("{name}  {}", arrow(share(of(&before)), after.as_ref().map(|a| share(of(a)))))
        };
        let _ = writeln!(text, "  {}", line(pick(lang, "文章", "articles"), &|s| s.right));
        let fields: [(&'static str, Count); 4] = [
            ("title", |score| score.title),
            ("posted", |score| score.posted),
            ("credit", |score| score.credit),
            ("body", |score| score.body),
        ];
        for (field, of) in fields {
            let _ = writeln!(text, "    {}", line(say::field(lang, field), &of));
        }
        if article.shown < before.of {
            let missing = before.of - article.shown;
            let told = pick(
                lang,
                format!("{missing} 篇的网页上已找不到原来的正文"),
                format!("{missing} pages no longer show the known text"),
            );
            let _ = writeln!(text, "    {told}");
        }
    }
    for fault in article.faults.iter().take(NAMED) {
        let _ = writeln!(text, "    {}", say::problem_again(lang, fault.code, &fault.detail));
    }
}

fn arrow(before: String, after: Option<String>) -> String {
    match after {
        Some(after) => format!("{before} → {after}"),
        None => before,
    }
}

fn more(lang: Lang, count: usize) -> String {
    pick(lang, format!("……还有 {count} 篇"), format!("… {count} more"))
}

fn fine(lang: Lang) -> &'static str {
    pick(lang, "现有规则无须修改。", "today's rules need no change.")
}

fn nothing(lang: Lang) -> &'static str {
    pick(
        lang,
        "没有可提议的规则：在这些网页上找不回足够的已知文章。\n建议：在浏览器中打开列表页，看它是否仍是这个栏目、要否登录、是否已搬到这些网页之外",
        "no rules are proposed: too few of the known items can be found again on these pages.\nhint: open the list page in a browser: is it still this column, does it want a login, has it moved beyond these pages?",
    )
}

pub(super) fn written(lang: Lang, file: &str) -> String {
    pick(
        lang,
        format!("已写入 {file}；运行中的联播会自动读入。"),
        format!("{file} is changed; a running daemon takes it in by itself."),
    )
}

pub(super) fn not_written(lang: Lang, column: &str) -> String {
    pick(
        lang,
        format!("文件未改动；确认后运行 lianbo repair {column} --write"),
        format!("no file was changed; `lianbo repair {column} --write` accepts this"),
    )
}

/// Why the file cannot say what is proposed.
pub(super) fn cannot_be_changed(lang: Lang, error: &RewriteError) -> String {
    match error {
        RewriteError::NoFile(column) => pick(
            lang,
            format!("配置文件中没有写着 {column} 的 [[site.column]]，请自行把上述规则写入"),
            error.to_string(),
        ),
        RewriteError::Unreadable { file, why } => {
            let file = file.display();
            pick(lang, format!("{file} 无法读取：{why}"), error.to_string())
        }
        RewriteError::Faults(faults) => {
            let head = pick(
                lang,
                "写入后的配置会有错误，文件未改动：",
                "the changed configuration would have faults, no file was changed:",
            );
            format!("{head}\n{}", faults.text(lang))
        }
    }
}

pub(super) fn changed_meanwhile(lang: Lang, file: &str) -> String {
    pick(
        lang,
        format!("{file} 刚被他人修改，未写入；请重新运行"),
        format!(
            "{file} was changed by somebody meanwhile, and was left alone; run the command again"
        ),
    )
}

pub(super) fn no_contact(lang: Lang) -> &'static str {
    pick(
        lang,
        "尚未设置 fetch.contact：网站不知道来访者是谁",
        "`fetch.contact` is not set: the site does not learn who visits",
    )
}
