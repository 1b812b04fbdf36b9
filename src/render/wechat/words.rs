//! Text as the platform keeps it: nothing invisible, no line breaks, cut where a sentence ends.

use unicode_segmentation::UnicodeSegmentation;

use crate::text::plain;

/// One line without characters that nobody sees; a gap of full width stays one.
pub(super) fn line(text: &str) -> String {
    let text = visible(text);
    let gaps = text.split('\u{3000}').map(plain::one_line);
    gaps.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\u{3000}")
}

/// The lines of a text that have something in them, each as [`line()`] gives it.
pub(super) fn lines(text: &str) -> Vec<String> {
    text.lines().map(line).filter(|line| !line.is_empty()).collect()
}

/// `text` without zero-width characters and marks of direction; joiners stay within emoji.
pub(super) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let joins = c == '\u{200D}' && chars.peek().copied().is_some_and(is_emoji);
        if joins && out.ends_with(|c| is_emoji(c) || c == '\u{FE0F}') || !is_invisible(c) {
            out.push(c);
        }
    }
    plain::clean(&out)
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}'
            | '\u{061C}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{17B4}'
            | '\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{E0000}'..='\u{E007F}'
    )
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}')
}

/// `text` for the content of elements. Two braces are taken apart, so that no article
/// can name a placeholder.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '{' if out.ends_with('{') => out.push_str("&#123;"),
            c => out.push(c),
        }
    }
    out
}

/// `text` for the value of an attribute.
pub(super) fn attribute(text: &str) -> String {
    escaped(text).replace('"', "&quot;")
}

/// How long the platform may think a text is: UTF-16 units, which are never fewer than characters.
pub(super) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// `text` within `limit`, ending in `…` where it is cut; what is seen as one character stays whole.
pub(super) fn cut(text: &str, limit: usize) -> String {
    if length(text) <= limit {
        return text.to_owned();
    }
    let mut head = head(text, limit.saturating_sub(1)).trim_end().to_owned();
    head.push('…');
    head
}

/// The longest beginning within `limit` that cuts nothing that is seen as one character.
fn head(text: &str, limit: usize) -> &str {
    let mut used = 0;
    let end = text.grapheme_indices(true).find(|(_, grapheme)| {
        used += length(grapheme);
        used > limit
    });
    &text[..end.map_or(text.len(), |(at, _)| at)]
}

/// The whole sentences of `text` that fit in `limit`; only where its first sentence alone is
/// longer, that is cut at a comma, or anywhere.
pub(super) fn whole_sentences(text: &str, limit: usize) -> String {
    if length(text) <= limit {
        return text.to_owned();
    }
    let fitting = head(text, limit);
    let ends = sentence_ends(fitting);
    // A mark at the very end may have its closing quotation mark cut off.
    let whole = ends.into_iter().rev().find(|&end| !text[end..].starts_with(is_closing));
    if let Some(end) = whole.filter(|&end| end > 0) {
        return fitting[..end].trim_end().to_owned();
    }
    let head = head(text, limit.saturating_sub(1));
    let comma = head.rfind(['，', '、', '：', ',']).filter(|&at| at * 2 > head.len());
    format!("{}…", head[..comma.unwrap_or(head.len())].trim_end())
}

/// The first sentence of `text`.
pub(super) fn first_sentence(text: &str, limit: usize) -> String {
    let end = sentence_ends(text).first().copied().unwrap_or(text.len());
    whole_sentences(&text[..end], limit)
}

/// Where sentences end, closing quotation marks and brackets counted in.
pub(super) fn sentence_ends(text: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if !matches!(c, '。' | '！' | '？' | '；' | '!' | '?' | '…') {
            continue;
        }
        let mut end = at + c.len_utf8();
        while let Some((at, c)) = chars.next_if(|(_, c)| is_closing(*c) || is_end(*c)) {
            end = at + c.len_utf8();
        }
        ends.push(end);
    }
    ends
}

fn is_end(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '；' | '!' | '?' | '…')
}

fn is_closing(c: char) -> bool {
    matches!(c, '”' | '’' | '）' | '」' | '』' | '》' | '】' | ')' | '"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_invisible_is_left() {
        assert_eq!(line("市\u{200b}工商联\u{feff}\n召\u{202e}开\u{2028}会议"), "市工商联 召开会议");
        assert_eq!(
            line("\u{1f468}\u{200d}\u{1f469}家\u{200d}庭"),
            "\u{1f468}\u{200d}\u{1f469}家庭"
        );
        assert_eq!(
            line("\u{3000}编辑：甲 \u{3000}\u{3000}审核：乙\u{3000}"),
            "编辑：甲\u{3000}审核：乙"
        );
        assert_eq!(lines(" \n一\r\n\u{3000}\n二"), ["一", "二"]);
        assert_eq!(escaped("<a \"x\">&{{{cover}}"), "&lt;a \"x\"&gt;&amp;{&#123;{cover}}");
        assert_eq!(attribute("\"&\""), "&quot;&amp;&quot;");
    }

    #[test]
    fn a_title_is_cut_between_what_is_seen() {
        assert_eq!(cut("工商联", 3), "工商联");
        assert_eq!(cut("工商联合会", 4), "工商联…");
        let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
        assert_eq!(cut(&format!("工{family}会"), 6), "工…");
        assert_eq!(cut("𠮷𠮷𠮷", 4), "𠮷…");
        assert!(length(&cut(&"e\u{301}".repeat(90), 64)) <= 64);
    }

    #[test]
    fn summaries_end_where_sentences_end() {
        let text = "会议召开。会议强调“要走出去！”。散会，各自回家";
        assert_eq!(whole_sentences(text, 99), text);
        assert_eq!(whole_sentences(text, 17), "会议召开。会议强调“要走出去！”。");
        // The quotation mark would be cut off.
        assert_eq!(whole_sentences(text, 15), "会议召开。");
        assert_eq!(whole_sentences("前前前前前，后后后后", 8), "前前前前前…");
        assert_eq!(first_sentence(text, 99), "会议召开。");
        assert_eq!(first_sentence("没有句号", 99), "没有句号");
        assert_eq!(whole_sentences("", 5), "");
    }
}
