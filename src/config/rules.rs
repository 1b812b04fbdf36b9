//! Builds list and article rules from the `list` and `article` tables of families, sites and columns.

use crate::discover::{Ask, External, ListKind, ListRule, Paging, Pointers};
use crate::extract::ArticleRule;
use crate::model::Both;
use crate::text::alternative::{Alternative, How};

use super::forms::{none_of, not_empty, pointer, regex, selector};
use super::reader::{Section, Value};

/// The list rule of a section (a column's `list` over its site's over its family's).
pub(super) fn list_rule(section: &Section<'_>) -> ListRule {
    section.not_yet(&["date_formats", "date_parts", "date_year", "summary", "thumb", "pinned"]);
    let rule = ListRule {
        kind: section.parsed("kind", list_kind),
        request: request(section),
        json: pointers(section),
        item: section.parsed_list("item", selector),
        link: alternatives(section, "link"),
        title: alternatives(section, "title"),
        date: alternatives(section, "date"),
        exclude: section.parsed_list("exclude", selector),
        include_url: section.parsed_list("include_url", regex),
        exclude_url: section.parsed_list("exclude_url", regex),
        title_include: section.parsed_list("title_include", regex),
        title_exclude: section.parsed_list("title_exclude", regex),
        paging: paging(section),
        external: section.parsed("external", external).unwrap_or_default(),
    };
    section.finish();
    rule
}

/// The article rule of a section.
pub(super) fn article_rule(section: &Section<'_>) -> ArticleRule {
    section.not_yet(&[
        "subtitle",
        "photographer",
        "keywords",
        "summary",
        "image_attributes",
        "image_drop",
        "captions",
        "attachments",
        "next_page",
        "iframe",
        "min_body_chars",
    ]);
    let rule = ArticleRule {
        title: alternatives(section, "title"),
        posted: alternatives(section, "posted"),
        credit: alternatives(section, "credit"),
        author: alternatives(section, "author"),
        editor: alternatives(section, "editor"),
        breadcrumb: alternatives(section, "breadcrumb"),
        body: alternatives(section, "body"),
        drop: section.parsed_list("drop", selector),
        drop_text: section.parsed_list("drop_text", regex),
        cut_after: section.parsed_list("cut_after", regex),
        attachment_extensions: section.texts("attachment_extensions"),
    };
    section.finish();
    rule
}

fn list_kind(text: &str) -> Result<ListKind, Both> {
    let known = ListKind::ALL.map(|(name, _)| name);
    let found = ListKind::ALL.iter().find(|(name, _)| *name == text);
    found.map(|(_, kind)| *kind).ok_or_else(|| none_of(text, &known))
}

fn external(text: &str) -> Result<External, Both> {
    match text {
        "follow" => Ok(External::Follow),
        "link-only" => Ok(External::LinkOnly),
        "skip" => Ok(External::Skip),
        _ => Err(none_of(text, &["follow", "link-only", "skip"])),
    }
}

/// How the rows are asked for where the list page only frames them.
fn request(section: &Section<'_>) -> Option<Ask> {
    if !section.has("request") {
        return None;
    }
    let table = section.section("request");
    let url = table.required("url", not_empty);
    let form = table.pairs("form", |name, value| Ok((name.to_owned(), value.to_owned())));
    let scrape = table.pairs("scrape", |name, value| Ok((name.to_owned(), regex(value)?)));
    let first = table.number("first", 0..1_000_000).unwrap_or(1);
    let size = table.number("size", 1..1_000).unwrap_or(15);
    table.finish();
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Some(Ask { url: url?, form, first: small(first), size: small(size), scrape })
}

/// Where the rows of a JSON answer are.
fn pointers(section: &Section<'_>) -> Pointers {
    if !section.has("pointers") {
        return Pointers::default();
    }
    let table = section.section("pointers");
    let pointers =
        Pointers { rows: table.parsed("rows", pointer), html: table.parsed("html", pointer) };
    table.finish();
    pointers
}

fn paging(section: &Section<'_>) -> Option<Paging> {
    if !section.has("paging") {
        return None;
    }
    let table = section.section("paging");
    let template = table.parsed("template", |text| {
        if text.contains("{n}") {
            return Ok(text.to_owned());
        }
        let zh = format!("“{text}”中没有代表页码的 {{n}}");
        Err(Both::new(zh, format!("`{text}` has no `{{n}}` for the page number")))
    });
    let next = table.parsed("next", selector);
    if !table.has("template") && !table.has("next") {
        let zh = "应写“template”（下一页的地址）或“next”（下一页的链接）";
        table.fault(Both::new(zh, "wanted `template` (addresses) or `next` (the link)"));
    }
    let number = |key, range, usual| {
        let number = table.number(key, range).unwrap_or(usual);
        u32::try_from(number).unwrap_or(u32::MAX)
    };
    let second = number("second", 0..1_000_000, 1);
    let step = number("step", 1..1_000, 1);
    let max_pages = number("max_pages", 1..10_000, 1_000);
    let descending = table.boolean("descending").unwrap_or(false);
    table.finish();
    Some(Paging { template, second, step, descending, next, max_pages })
}

fn alternatives(section: &Section<'_>, key: &'static str) -> Vec<Alternative> {
    let Some(value) = section.value(key) else { return Vec::new() };
    if !value.is_list() {
        return alternative(&value).into_iter().collect();
    }
    value.items().iter().filter_map(alternative).collect()
}

/// A bare text is CSS; a table names one of the ways to look, and what to do with what is found.
fn alternative(value: &Value<'_>) -> Option<Alternative> {
    if value.is_text() {
        return value.parsed(selector).map(|css| Alternative::new(How::Css(css)));
    }
    let table = value.section()?;
    table.not_yet(&["validate"]);
    let given: Vec<&str> = WAYS.into_iter().filter(|way| table.has(way)).collect();
    // `regex` beside another way works on what that way found.
    let primary: Vec<&str> = match given.as_slice() {
        ["regex"] => vec!["regex"],
        several => several.iter().copied().filter(|way| *way != "regex").collect(),
    };
    let how = match primary.as_slice() {
        [way] => how(&table, way),
        _ => {
            table.fault(not_one_way(&given));
            None
        }
    };
    let alone = primary == ["regex"];
    let attr = table.text("attr");
    let regex = if alone { None } else { table.parsed("regex", regex) };
    let replace = table.text("replace");
    if attr.is_some() && !table.has("css") {
        let en = "`attr` needs `css`, whose element has the attribute";
        table.fault_at("attr", Both::new("“attr”须与“css”同用", en));
    }
    if replace.is_some() && (alone || !table.has("regex")) {
        let en = "`replace` needs a way to look and a `regex` whose groups it uses";
        table.fault_at("replace", Both::new("“replace”须与一种取法和“regex”同用", en));
    }
    table.finish();
    Some(Alternative { how: how?, attr, regex, replace })
}

/// The ways to look for a field.
const WAYS: [&str; 7] = ["css", "between", "meta", "json", "regex", "url", "literal"];

fn not_one_way(given: &[&str]) -> Both {
    let wanted = WAYS.join(", ");
    let (zh, en) = match given {
        [] => ("一种也没有".to_owned(), "none".to_owned()),
        several => (several.join("、"), several.join(", ")),
    };
    Both::new(
        format!("应写且只写一种取法（{}），实为：{zh}", WAYS.join("、")),
        format!("wanted one of {wanted}, found {en}"),
    )
}

fn how(table: &Section<'_>, way: &str) -> Option<How> {
    match way {
        "css" => table.parsed("css", selector).map(How::Css),
        "between" => match table.texts("between").as_slice() {
            [begin, end] => Some(How::Between(begin.clone(), end.clone())),
            _ => {
                let zh = "“between”应写两个注释：[\"开始\", \"结束\"]";
                let en = "`between` wants two comments: [\"begin\", \"end\"]";
                table.fault_at("between", Both::new(zh, en));
                None
            }
        },
        "meta" => table.text("meta").map(How::Meta),
        "json" => table.parsed("json", pointer).map(How::Json),
        "regex" => table.parsed("regex", regex).map(How::Regex),
        "url" => table.parsed("url", regex).map(How::Url),
        _ => table.text("literal").map(How::Literal),
    }
}
