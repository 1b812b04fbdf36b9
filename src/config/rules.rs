//! Builds list and article rules from the `list` and `article` tables of families, sites and columns.

use regex::Regex;

use crate::discover::{External, ListKind, ListRule, Paging};
use crate::extract::ArticleRule;
use crate::text::alternative::{Alternative, How, Selector};

use super::reader::{Section, Value};

/// The list rule of a section (a column's `list` over its site's over its family's).
pub(super) fn list_rule(section: &Section<'_>) -> ListRule {
    section.not_yet(&[
        "summary",
        "thumb",
        "onclick",
        "pinned",
        "pointers",
        "request",
        "prime_url",
        "formats",
        "year",
    ]);
    let rule = ListRule {
        kind: section.parsed("kind", list_kind).unwrap_or_default(),
        item: section.parsed_list("item", Selector::new),
        link: alternatives(section, "link"),
        title: alternatives(section, "title"),
        date: alternatives(section, "date"),
        exclude: section.parsed_list("exclude", Selector::new),
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
        "keywords",
        "summary",
        "images",
        "captions",
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
        drop: section.parsed_list("drop", Selector::new),
        drop_text: section.parsed_list("drop_text", regex),
        cut_after: section.parsed_list("cut_after", regex),
        attachment_extensions: section.texts("attachment_extensions"),
    };
    section.finish();
    rule
}

fn list_kind(text: &str) -> Result<ListKind, String> {
    match text {
        "html" => Ok(ListKind::Html),
        "hanweb-jcms" => Ok(ListKind::HanwebJcms),
        "hanweb-jpaas" | "json" | "feed" | "sitemap" => {
            Err(format!("list kind `{text}` is not supported yet"))
        }
        _ => Err(format!("`{text}` is no list kind; known: `html`, `hanweb-jcms`")),
    }
}

fn external(text: &str) -> Result<External, String> {
    match text {
        "link-only" => Ok(External::LinkOnly),
        "skip" => Ok(External::Skip),
        "follow" => Err("`follow` is not supported yet; use `link-only` or `skip`".to_owned()),
        _ => Err(format!("`{text}` is none of `link-only`, `skip`")),
    }
}

fn paging(section: &Section<'_>) -> Option<Paging> {
    if !section.has("paging") {
        return None;
    }
    let table = section.section("paging");
    table.not_yet(&["step", "descending", "count_from", "next_selector", "stop_at_seen", "start"]);
    let template = table.required("template", |text| {
        if text.contains("{n}") {
            Ok(text.to_owned())
        } else {
            Err(format!("`{text}` has no `{{n}}` for the page number"))
        }
    });
    let second = table.number("second", 0..1000).unwrap_or(1);
    let max_pages = table.number("max_pages", 1..10_000).unwrap_or(20);
    table.finish();
    Some(Paging {
        template: template?,
        second: u32::try_from(second).ok()?,
        max_pages: u32::try_from(max_pages).ok()?,
    })
}

/// A regular expression with its fault in one line.
pub(super) fn regex(text: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|error| {
        let reason = error.to_string();
        let last = reason.lines().last().unwrap_or("cannot be read").trim();
        format!("`{text}` is no regular expression: {}", last.trim_start_matches("error: "))
    })
}

fn alternatives(section: &Section<'_>, key: &'static str) -> Vec<Alternative> {
    let Some(value) = section.value(key) else { return Vec::new() };
    if value.is_text() {
        return alternative(&value).into_iter().collect();
    }
    value.items().iter().filter_map(alternative).collect()
}

/// A bare text is CSS; a table names one of the ways to look, and what to do with what is found.
fn alternative(value: &Value<'_>) -> Option<Alternative> {
    if value.is_text() {
        return value.parsed(Selector::new).map(|css| Alternative::new(How::Css(css)));
    }
    let table = value.section()?;
    let ways = ["css", "between", "meta", "json", "regex", "url", "literal"];
    let given: Vec<&str> = ways.into_iter().filter(|way| table.has(way)).collect();
    // `regex` beside another way works on what that way found.
    let primary: Vec<&str> = match given.as_slice() {
        ["regex"] => vec!["regex"],
        several => several.iter().copied().filter(|way| *way != "regex").collect(),
    };
    let how = match primary.as_slice() {
        [way] => how(&table, way),
        _ => {
            let found = if given.is_empty() { "none".to_owned() } else { given.join(", ") };
            table.fault(format!("wanted one of {}, found {found}", ways.join(", ")));
            None
        }
    };
    let alone = primary == ["regex"];
    let alternative = Alternative {
        how: how?,
        attr: table.text("attr"),
        regex: if alone { None } else { table.parsed("regex", regex) },
        replace: table.text("replace"),
    };
    if alternative.replace.is_some() && alternative.regex.is_none() {
        table.fault("`replace` needs a `regex` whose groups it uses");
    }
    table.finish();
    Some(alternative)
}

fn how(table: &Section<'_>, way: &str) -> Option<How> {
    match way {
        "css" => table.parsed("css", Selector::new).map(How::Css),
        "between" => match table.texts("between").as_slice() {
            [begin, end] => Some(How::Between(begin.clone(), end.clone())),
            _ => {
                table.fault("`between` wants two comments: `[\"begin\", \"end\"]`");
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

fn pointer(text: &str) -> Result<String, String> {
    if text.is_empty() || text.starts_with('/') {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is no JSON pointer; wanted such as `/data/title` (RFC 6901)"))
    }
}
