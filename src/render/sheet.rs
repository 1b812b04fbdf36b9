//! Items as a table that Excel opens: UTF-8 with its mark, lines that end in CR LF, and no cell that
//! is taken for a formula.

use crate::model::{ColumnId, Image, Item, Lang, Precision};
use crate::text::plain;

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

/// By this mark Excel knows UTF-8.
const MARK: &str = "\u{FEFF}";
/// Excel takes 32,767 UTF-16 units into a cell, and spills what is longer into other rows.
const LONGEST_CELL: usize = 32_000;

/// The beginning of the table.
pub fn heads(lang: Lang) -> Vec<u8> {
    let name = |(zh, en): (&'static str, &'static str)| if lang == Lang::Zh { zh } else { en };
    let mut bytes = MARK.as_bytes().to_vec();
    bytes.extend(line(HEADS.map(|head| name(head).to_owned()).to_vec()));
    bytes
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
    line(vec![
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
    ])
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

fn line(cells: Vec<String>) -> Vec<u8> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let cells = cells.into_iter().map(|cell| harmless(&shortened(cell)));
    writer.write_record(cells).expect("a vector takes whatever is written");
    writer.into_inner().expect("a vector takes whatever is written")
}

fn shortened(cell: String) -> String {
    let mut units = 0;
    let end = cell.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > LONGEST_CELL
    });
    match end {
        Some((end, _)) => format!("{}……", &cell[..end]),
        None => cell,
    }
}

/// A cell that begins as formulas do gets an apostrophe before it (OWASP, "CSV Injection").
fn harmless(cell: &str) -> String {
    let first = cell.chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r' | '\n') => {
            format!("'{cell}")
        }
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_is_too_long() {
        for formula in ["=1+1", "+86", "-1", "@SUM(A1)", "＝1", "\t=1"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        assert_eq!(harmless("市工商联=好"), "市工商联=好");
        let long = shortened("😀".repeat(20_000));
        assert!(long.encode_utf16().count() < 32_767 && long.ends_with("……"));
        let bytes = line(vec!["a\"b,c".to_owned(), "一\n二".to_owned()]);
        assert_eq!(String::from_utf8(bytes).unwrap(), "\"a\"\"b,c\",\"一\n二\"\r\n");
    }
}
