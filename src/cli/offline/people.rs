//! What `extract` and `discover` found, for a person at a terminal.

use std::fmt::Write as _;

use crate::cli::say::{self, pick};
use crate::model::Lang;

use super::{ArticleLine, ListingLine};

/// An article, field by field, each with the rule that found it.
pub(super) fn article(line: &ArticleLine<'_>, lang: Lang) -> String {
    let mut text = format!("── {}\n", line.file);
    if let Some(reason) = &line.rejected {
        text.push_str(&say::rejected(lang, reason));
        return text;
    }
    let mut field = |name: &str, key: &str, value: Option<String>| {
        let value = value.filter(|value| !value.is_empty());
        let value = value.as_deref().unwrap_or("–");
        let rule = line.rules.get(key).map(|rule| format!("    [{rule}]")).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name}{}{value}{rule}", pick(lang, "：", ": "));
    };
    let posted = line.posted.map(|posted| posted.to_string());
    field(pick(lang, "标题", "title"), "title", line.title.clone());
    field(pick(lang, "日期", "posted"), "posted", posted);
    field(pick(lang, "来源", "credit"), "credit", line.credit.clone());
    field(pick(lang, "作者", "author"), "author", line.author.clone());
    field(pick(lang, "编辑", "editor"), "editor", line.editor.clone());
    field(pick(lang, "位置", "breadcrumb"), "breadcrumb", Some(line.breadcrumb.join(" > ")));
    let size = say::characters(lang, line.text.chars().count());
    field(pick(lang, "正文", "body"), "body", Some(size));
    let confidence = format!("{:.2}", line.confidence);
    field(pick(lang, "把握", "confidence"), "", Some(confidence));
    let _ = writeln!(text, "\n{}\n", line.text);
    for image in &line.images {
        let _ = writeln!(text, "{} {}  {}", pick(lang, "图片", "image"), image.url, image.caption);
    }
    for file in &line.attachments {
        let _ = writeln!(text, "{} {}  {}", pick(lang, "附件", "file"), file.url, file.name);
    }
    text
}

/// The rows of a list page, and where its next pages are.
pub(super) fn listing(line: &ListingLine<'_>, lang: Lang) -> String {
    let mut text = format!("── {}\n", line.file);
    if let Some(reason) = &line.rejected {
        text.push_str(&say::rejected(lang, reason));
        return text;
    }
    for link in &line.links {
        let posted = link.posted.map_or_else(|| "–".to_owned(), |posted| posted.to_string());
        let _ = writeln!(text, "{posted}  {}\n            {}", link.title, link.url);
    }
    for next in &line.next {
        let _ = writeln!(text, "{} {next}", pick(lang, "下一页", "next"));
    }
    text
}
