//! What the pages of a bundle have in common: the engine, the policy, words and times.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate, Utc};
use minijinja::{Environment, Value};
use ring::digest::{SHA256, digest};
use serde::Serialize;

use crate::model::BEIJING;
use crate::render::html;

const TEMPLATES: [(&str, &str); 6] = [
    ("review.html", include_str!("../templates/issue/review.html")),
    ("row.html", include_str!("../templates/issue/row.html")),
    ("approval.html", include_str!("../templates/issue/approval.html")),
    ("bulletin.html", include_str!("../templates/issue/bulletin.html")),
    ("sheet.html", include_str!("../templates/issue/sheet.html")),
    ("article.html", include_str!("../templates/issue/article.html")),
];

static PAGES: LazyLock<Environment<'static>> = LazyLock::new(|| html::engine(&TEMPLATES));

/// A page of a bundle. Titles and texts in `data` are escaped by the engine.
pub(super) fn page(name: &str, data: Value) -> String {
    let template = PAGES.get_template(name).expect("the built-in templates are tested");
    template.render(data).expect("the built-in templates are tested")
}

/// The policy of a page that runs `script` and nothing else, and asks nobody for anything but the
/// pictures beside it.
pub(super) fn policy(script: Option<&str>) -> String {
    let script = script.map_or_else(
        || "'none'".to_owned(),
        |script| format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, script.as_bytes()))),
    );
    format!(
        "default-src 'none'; script-src {script}; style-src 'unsafe-inline'; \
         img-src 'self' file: data:; base-uri 'none'; form-action 'none'"
    )
}

/// `data` as JSON that no script element can be left from.
pub(super) fn json_in_script(data: &impl Serialize) -> String {
    let json = serde_json::to_string(data).expect("plain structures have a JSON form");
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// `2026-11-23 09:05`, Beijing time.
pub(super) fn minute(time: DateTime<Utc>) -> String {
    time.with_timezone(&BEIJING).format("%Y-%m-%d %H:%M").to_string()
}

/// `2026年11月23日`.
pub(super) fn day(date: NaiveDate) -> String {
    date.format("%Y年%-m月%-d日").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_cannot_leave_its_script() {
        let hostile = "</script><!--<script>]]>&amp;\u{2028}\u{202e}😀\"'\\";
        let written = json_in_script(&hostile);
        assert!(!written.contains(['<', '>', '&']), "{written}");
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), hostile);
    }
}
