//! Items as a table that Excel opens.

use crate::model::{ColumnId, Image, Item, Lang, Precision};
use crate::text::{plain, sheet};

use super::held::{Files, Shown};
use super::{Names, PublicSite, parts};

/// What the columns are called, in Chinese and in English.
const HEADS: [(&str, &str); 20] = [
    ("编号", "id"),
    ("标题", "title"),
    ("发布日期", "published"),
    ("来源", "source"),
    ("作者", "author"),
    ("编辑", "editor"),
    ("摄影", "photographer"),
    ("站点", "site"),
    ("栏目", "columns"),
    ("位置", "breadcrumb"),
    ("摘要", "summary"),
    ("正文", "text"),
    ("图片", "pictures"),
    ("附件", "attachments"),
    ("原文网址", "original"),
    ("本站网址", "page"),
    ("首次收录", "first seen"),
    ("最近修订", "revised"),
    ("版次", "revision"),
    ("使用许可", "licence"),
];

/// The beginning of the table.
pub fn heads(lang: Lang) -> Vec<u8> {
    let name = |(zh, en): (&'static str, &'static str)| if lang == Lang::Zh { zh } else { en };
    format!("{}{}", sheet::MARK, sheet::row(HEADS.map(name))).into_bytes()
}

/// The line of an item.
pub(super) fn row(item: &Item, names: &Names, files: Files<'_>, site: &PublicSite) -> Vec<u8> {
    let text = |text: &Option<String>| text.as_deref().map(plain::one_line).unwrap_or_default();
    let column = |id: &ColumnId| names.columns.get(id).cloned().unwrap_or_else(|| id.to_string());
    let columns: Vec<String> = item.columns.iter().map(column).collect();
    let crumbs: Vec<String> = item.breadcrumb.iter().map(|name| plain::one_line(name)).collect();
    let pictures: Vec<String> = files.pictures().map(|shown| picture(&shown)).collect();
    let attachments = files.attachments();
    let attachments: Vec<String> = attachments.map(|s| named(&s.named.name, &s.url)).collect();
    let cells = [
        item.id.to_string(),
        plain::one_line(&item.title),
        published(item),
        plain::one_line(item.source()),
        text(&item.author),
        text(&item.editor),
        text(&item.photographer),
        names.sites.get(&item.site).cloned().unwrap_or_else(|| item.site.to_string()),
        columns.join("；"),
        crumbs.join("/"),
        plain::one_line(&item.summary),
        plain::clean(&item.text),
        pictures.join("\n"),
        attachments.join("\n"),
        parts::address(&item.url),
        parts::item_url(site, item),
        minute(item.first_seen.with_timezone(&crate::model::BEIJING)),
        minute(item.revised.with_timezone(&crate::model::BEIJING)),
        item.revision.to_string(),
        files.licence().map(plain::one_line).unwrap_or_default(),
    ];
    sheet::row(cells.iter().map(String::as_str)).into_bytes()
}

fn picture(shown: &Shown<'_, Image>) -> String {
    let Image { alt, caption, .. } = shown.named;
    named(if caption.is_empty() { alt } else { caption }, &shown.url)
}

/// An address behind what it is called.
fn named(name: &str, url: &str) -> String {
    let name = plain::one_line(name);
    if name.is_empty() { url.to_owned() } else { format!("{name} {url}") }
}

/// As Excel knows dates; only the day where no more was printed.
fn published(item: &Item) -> String {
    match item.posted {
        Some(posted) if posted.precision() == Precision::Minute => minute(item.published),
        _ => item.published.format("%Y-%m-%d").to_string(),
    }
}

fn minute(time: chrono::DateTime<chrono::FixedOffset>) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}
