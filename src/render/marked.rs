//! Texts in which the words that were searched for are marked.

use crate::model::Item;
use crate::text::plain;
use crate::text::query::Query;

/// Characters of an excerpt.
const EXCERPT: usize = 110;

/// `text` as HTML on one line, the words of `query` in `<mark>`.
pub(super) fn line(text: &str, query: &Query) -> String {
    let text = plain::one_line(text);
    let mut html = String::with_capacity(text.len() + 32);
    let mut done = 0;
    for place in query.places(&text) {
        html.push_str(&escaped(&text[done..place.start]));
        html.push_str("<mark>");
        html.push_str(&escaped(&text[place.clone()]));
        html.push_str("</mark>");
        done = place.end;
    }
    html.push_str(&escaped(&text[done..]));
    html
}

/// The part of an item's text around the first word found, as HTML; its summary where the words
/// stand elsewhere.
pub(super) fn excerpt(item: &Item, query: &Query) -> String {
    let part = query.excerpt(&item.text, EXCERPT);
    if query.is_empty() || query.places(part).is_empty() {
        return line(&item.summary, query);
    }
    let before = if item.text.starts_with(part) { "" } else { "…" };
    let after = if item.text.ends_with(part) { "" } else { "…" };
    format!("{before}{}{after}", line(part, query))
}

/// As `parts::escaped`, with the spaces at either end.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_marked_and_everything_else_is_text() {
        let query = Query::parse("商会 ai").unwrap();
        assert_eq!(
            line("<b>商会 & AI</b> 走访", &query),
            "&lt;b&gt;<mark>商会</mark> &amp; <mark>AI</mark>&lt;/b&gt; 走访"
        );
        assert_eq!(line("没有", &Query::default()), "没有");
    }
}
