//! The words of a text as they are searched for.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Stands between sentences: a character that no text keeps, which SQLite's tokenizer takes for a
/// word of its own.
const BREAK: char = '\u{E000}';

/// A word, folded, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) word: String,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Token {
    /// True for what stands between sentences.
    pub(super) fn is_break(&self) -> bool {
        self.word.starts_with(BREAK)
    }
}

/// The words of `text` in order, with a break after each sentence and clause.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    // The word that is being read, if the last character belongs to one.
    let mut open = false;
    for (start, c) in text.char_indices() {
        let end = start + c.len_utf8();
        if is_combining_mark(c) && open {
            continue;
        }
        let folded: String =
            c.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect();
        let alone = folded.chars().all(is_alone);
        if folded.is_empty() {
            open = false;
            let broken = tokens.last().is_none_or(Token::is_break);
            if ends_clause(c) && !broken {
                tokens.push(Token { word: BREAK.to_string(), start, end });
            }
        } else if alone {
            open = false;
            tokens.extend(folded.chars().map(|c| Token { word: c.to_string(), start, end }));
        } else if let Some(last) = tokens.last_mut().filter(|_| open) {
            last.word.push_str(&folded);
            last.end = end;
        } else {
            open = true;
            tokens.push(Token { word: folded, start, end });
        }
    }
    tokens
}

/// The words of `text` with single spaces between, for a full-text index.
pub fn segmented(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 4 / 3);
    for token in tokens(text) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&token.word);
    }
    out
}

/// Han, kana and hangul: each character is a word.
fn is_alone(c: char) -> bool {
    matches!(u32::from(c), 0x2E80..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF)
}

/// No phrase reaches over these.
fn ends_clause(c: char) -> bool {
    matches!(c, '\n' | '。' | '！' | '？' | '；' | '，' | '：' | '!' | '?' | ';' | ',' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn han_characters_stand_alone_and_other_words_whole() {
        assert_eq!(segmented("《关于2026年“AI＋”的意见》"), "关 于 2026 年 ai 的 意 见");
        assert_eq!(segmented("Cafe\u{301} GitHub３.0"), "cafe github3 0");
        assert_eq!(segmented("一。\n二"), "一 \u{E000} 二");
        assert_eq!(segmented("㎏ 𠮷"), "kg 𠮷");
        assert_eq!(segmented("…—·"), "");
    }
}
