//! An explanation for a person at a terminal.

use std::fmt::Write as _;

use crate::cli::say::{self, pick};
use crate::cli::sight::Origin;
use crate::model::{BEIJING, Lang};

use super::list::ListTold;
use super::{ArticleTold, Field, revisions, story};

/// Longer values are cut (characters).
const LONGEST: usize = 60;

/// Next pages that are shown.
const MOST_NEXT: usize = 5;

/// Field by field: the value, its rule, and below it the runners-up.
pub(super) fn article(told: &ArticleTold, lang: Lang) -> String {
    let colon = say::colon(lang);
    let seen = told.from.zip(told.fetched);
    let mut text = match seen {
        Some((from, fetched)) => head(told.url.as_str(), from, fetched, lang),
        None => format!("── {}\n", told.url),
    };
    let whose = told.column.as_ref().or(told.site.as_ref());
    let whose = whose.map_or(pick(lang, "无", "none"), String::as_str);
    let _ = writeln!(text, "{}{colon}{whose}", pick(lang, "规则", "rules"));
    if let Some(reason) = &told.rejected {
        text.push_str(&say::rejected(lang, reason));
    }
    for field in &told.fields {
        push_field(&mut text, field, lang);
    }
    for image in &told.images {
        let _ =
            writeln!(text, "{}{colon}{}  {}", say::field(lang, "images"), image.url, image.caption);
    }
    for file in &told.attachments {
        let (name, url) = (say::field(lang, "attachments"), &file.file.url);
        let _ = writeln!(text, "{name}{colon}{url}  {}  [{}]", file.file.name, file.rule);
    }
    if let Some(confidence) = told.confidence {
        let _ = writeln!(text, "{}{colon}{confidence:.2}", pick(lang, "把握", "confidence"));
    }
    if let Some(stored) = &told.stored {
        let _ = writeln!(text, "{}", say::stored_as(lang, stored.id.as_str(), stored.revision));
        if let Some(withdrawn) = &stored.withdrawn {
            let _ = writeln!(text, "  {}", say::withdrawal(lang, withdrawn));
        }
        for one in &stored.differences {
            let name = say::field(lang, one.field);
            let (was, now) = (shortened(&one.was), shortened(&one.now));
            let _ = writeln!(text, "  {name}{colon}{}", say::was_and_is(lang, &was, &now));
        }
        if seen.is_some() && stored.differences.is_empty() && told.rejected.is_none() {
            let _ = writeln!(text, "  {}", pick(lang, "与今天读到的一致", "as it reads today"));
        }
        text.push_str(&revisions::people(&stored.revisions, lang));
        text.push_str(&story::people(&stored.story, lang));
    }
    text
}

fn push_field(text: &mut String, field: &Field, lang: Lang) {
    let (name, colon) = (say::field(lang, field.field), say::colon(lang));
    let sized = |value: &str| match field.field {
        "body" => {
            let count = say::characters(lang, value.chars().count());
            format!("{count}  {}", shortened(value))
        }
        _ => shortened(value),
    };
    let value = field.value.as_deref().map_or_else(|| "–".to_owned(), sized);
    let rule = field.rule.as_ref().map(|rule| format!("  [{rule}]")).unwrap_or_default();
    let _ = writeln!(text, "{name}{colon}{value}{rule}");
    for other in &field.others {
        let also = pick(lang, "也可", "also");
        let _ = writeln!(text, "    {also}{colon}{}  [{}]", sized(&other.value), other.rule);
    }
}

/// The rows with the rule that found them, and where the next pages are.
pub(super) fn list(told: &ListTold, lang: Lang) -> String {
    let colon = say::colon(lang);
    let mut text = head(told.url.as_str(), told.from, told.fetched, lang);
    if let Some(column) = &told.column {
        let _ = writeln!(text, "{}{colon}{column}", pick(lang, "栏目", "column"));
    }
    for frame in &told.frames {
        let _ = writeln!(text, "{}{colon}{frame}", pick(lang, "外框", "framed by"));
    }
    if let Some(reason) = &told.rejected {
        text.push_str(&say::rejected(lang, reason));
        return text;
    }
    let rule = told.rule.as_deref().unwrap_or_default();
    let _ = writeln!(text, "{}  [{rule}]", say::rows(lang, told.links.len()));
    for link in &told.links {
        let posted = link.posted.map_or_else(|| "–".to_owned(), |posted| posted.to_string());
        let _ = writeln!(text, "{posted}  {}\n            {}", link.title, link.url);
    }
    for next in told.next.iter().take(MOST_NEXT) {
        let form: Vec<String> =
            next.form.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let _ = writeln!(text, "{} {} {}", pick(lang, "下一页", "next"), next.url, form.join("&"));
    }
    if told.next.len() > MOST_NEXT {
        let _ = writeln!(text, "{}", say::more_lines(lang, told.next.len() - MOST_NEXT));
    }
    text
}

fn head(url: &str, from: Origin, fetched: chrono::DateTime<chrono::Utc>, lang: Lang) -> String {
    let at = fetched.with_timezone(&BEIJING).format("%Y-%m-%d %H:%M").to_string();
    format!("── {url}\n{}\n", say::seen(lang, from, &at))
}

/// One line, cut where it is long.
pub(super) fn shortened(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let line = lines.join(" ⏎ ");
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
