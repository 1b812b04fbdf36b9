//! Plain text: characters that no document may carry, white space, sentences.

/// Removes what XML 1.0 §2.2 forbids and what the feed validator warns of (C0, C1, DEL and
/// noncharacters), and turns `\r\n` and `\r` into `\n`.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                if chars.peek() == Some(&'\n') {
                    chars.next();
                }
                out.push('\n');
            }
            '\t' | '\n' => out.push(c),
            c if is_forbidden(c) => {}
            c => out.push(c),
        }
    }
    out
}

fn is_forbidden(c: char) -> bool {
    let code = u32::from(c);
    c.is_control() || (0xFDD0..=0xFDEF).contains(&code) || code & 0xFFFE == 0xFFFE
}

/// One line: cleaned, every run of white space (NBSP and U+3000 too) one space, none at the ends.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() {
            gap = true;
        } else if !is_forbidden(c) && !is_invisible(c) {
            if std::mem::take(&mut gap) && !out.is_empty() {
                out.push(' ');
            }
            out.push(c);
        }
    }
    out
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{FEFF}' | '\u{00AD}' | '\u{2060}')
}

/// True when both may be the title of one article: lists cut titles and add marks to them.
pub fn alike(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let (a, b) = (plain(a), plain(b));
    a.contains(&b) || b.contains(&a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_characters_go_and_newlines_are_one_kind() {
        assert_eq!(clean("a\u{0}b\r\nc\rd\u{FFFE}\u{85}\u{1F600}"), "ab\nc\nd\u{1F600}");
    }

    #[test]
    fn a_title_becomes_one_line() {
        assert_eq!(one_line("\u{3000}市工商联\u{a0}\n 召开\u{200b}会议 "), "市工商联 召开会议");
    }
}
