//! JSON in what is no JSON: a call of a function, a text, a script of a page.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use dom_query::Document;
use regex::Regex;
use serde_json::Value;

use super::{ListRule, json};
use crate::model::{Call, Listing};
use crate::text::dom;

/// Fewer rows in a script may be anything.
const FEWEST: usize = 3;

/// The JSON that `text` is, or that is all it hands to a function.
pub(super) fn value(text: &str) -> Option<Value> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let inner = match PADDED.find(text) {
        Some(start) => text[start.end()..].trim_end_matches(';').trim_end().strip_suffix(')')?,
        None => text,
    };
    if !inner.trim_start().starts_with(['{', '[', '"']) {
        return None;
    }
    let value = unfolded(serde_json::from_str(inner).ok()?);
    if !value.is_object() && !value.is_array() {
        return None;
    }
    Some(match value {
        Value::Object(inner) => inner.into_iter().map(|(k, v)| (k, unfolded(v))).collect(),
        other => other,
    })
}

/// What a text holds that is JSON itself.
fn unfolded(value: Value) -> Value {
    let inner = value.as_str().map(str::trim).filter(|text| text.starts_with(['{', '[']));
    inner.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(value)
}

/// The rows that a script of `document` holds as data.
pub(super) fn rows(
    document: &Document,
    call: &Call,
    rule: &ListRule,
    seen: Option<DateTime<Utc>>,
) -> Option<Listing> {
    let scripts = dom::descendants(&document.root()).filter(|node| node.has_name("script"));
    let values = scripts.flat_map(|script| {
        let text = script.text();
        let starts = DATA.find_iter(&text).take(200).map(|found| found.end() - 1);
        let whole = text.trim_start().starts_with(['{', '[']).then_some(0);
        let read = |start: usize| {
            let mut values =
                serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
            values.next()?.ok()
        };
        whole.into_iter().chain(starts).filter_map(read).collect::<Vec<Value>>()
    });
    let lists = values.filter_map(|value| json::in_rows(&value, call, rule, seen));
    // A menu has no dates.
    let dated = |list: &Listing| {
        let dated = list.links.iter().filter(|link| link.posted.is_some()).count();
        list.links.len() >= FEWEST && dated * 2 > list.links.len()
    };
    let best = lists.filter(dated).max_by_key(|list| list.links.len())?;
    Some(Listing { rule: format!("script, {}", best.rule), ..best })
}

static PADDED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:/\*[^*]{0,40}\*/\s*)?[A-Za-z_$][\w$.]{0,80}\s*\(\s*")
        .expect("the pattern is valid")
});
/// Where a script sets something to an object or to an array of objects.
static DATA: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"=\s*(?:\{|\[)").expect("the pattern is valid"));

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let call = Call::get("http://a.test/x".parse().unwrap());
        let listing = crate::discover::read(text, &call, None, &ListRule::default());
        let row = |link: &crate::model::Link| {
            let date = link.posted.map(|posted| posted.to_string()).unwrap_or_default();
            format!("{} {} {date}", link.url.path(), link.title)
        };
        listing.map(|listing| listing.links.iter().map(row).collect()).unwrap_or_default()
    }

    const ROWS: &str = r#"[{"title":"市工商联召开常委会","url":"/a/1.html","date":"2026-11-18"},
        {"title":"市总商会走访会员企业","url":"/a/2.html","date":"2026-11-17"},
        {"title":"商会举办政策宣讲会","url":"/a/3.html","date":"2026-11-16"}]"#;

    #[test]
    fn rows_wherever_they_are_put() {
        let folded = serde_json::to_string(ROWS).unwrap();
        for text in [
            format!("jQuery11_1({{\"d\":{ROWS}}});"),
            format!("/**/cb({ROWS})"),
            format!("{{\"d\":{folded}}}"),
            folded.clone(),
            format!("<ul id=l></ul><script>var list = {ROWS}; for(;;){{}}</script>"),
            format!("<script type=application/json>{{\"props\":{{\"posts\":{ROWS}}}}}</script>"),
        ] {
            let rows = read(&text);
            assert_eq!(rows.len(), 3, "{text}");
            assert_eq!(rows[0], "/a/1.html 市工商联召开常委会 2026-11-18");
        }
        let menu = ROWS.replace("date", "x");
        for text in [format!("<script>var menu = {menu};</script>"), "cb(1)".into(), "\"x\"".into()]
        {
            assert_eq!(read(&text), [""; 0], "{text}");
        }
    }
}
