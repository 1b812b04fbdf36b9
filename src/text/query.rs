//! What a reader searches for, and where it stands in a text.
//!
//! Chinese is written without spaces, so every Han character is a word of its own, and a run of them
//! is asked for as a phrase: two-character words are found exactly. Latin words and numbers are taken
//! whole. Case and width do not count; a phrase does not reach over the end of a sentence.

mod token;

use std::ops::Range;

use token::{Token, tokens};

pub use token::segmented;

/// Characters of a query at most.
pub const MOST_CHARACTERS: usize = 200;
/// Terms of a query at most.
pub const MOST_TERMS: usize = 8;

/// Words that must all be there, and words that must not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    wanted: Vec<Vec<String>>,
    unwanted: Vec<Vec<String>>,
}

/// Why a text is no query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// More than [`MOST_CHARACTERS`].
    #[error("wanted {MOST_CHARACTERS} characters at most")]
    TooLong,
    /// More than [`MOST_TERMS`].
    #[error("wanted {MOST_TERMS} words at most")]
    TooMany,
    /// Only signs, or only words that must not be there.
    #[error("wanted at least one word to look for")]
    NoWord,
}

impl Query {
    /// Reads a query: words are all wanted, `"in quotes"` stays together, `-without` is not wanted.
    ///
    /// A text of white space asks for nothing and is fine.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.chars().count() > MOST_CHARACTERS {
            return Err(QueryError::TooLong);
        }
        let mut query = Self::default();
        for (term, minus) in terms(text) {
            let phrases = tokens(&term);
            for phrase in phrases.split(Token::is_break).filter(|phrase| !phrase.is_empty()) {
                let words = phrase.iter().map(|token| token.word.clone()).collect();
                if minus { &mut query.unwanted } else { &mut query.wanted }.push(words);
            }
        }
        if query.wanted.len() + query.unwanted.len() > MOST_TERMS {
            return Err(QueryError::TooMany);
        }
        if query.wanted.is_empty() && !text.trim().is_empty() {
            return Err(QueryError::NoWord);
        }
        Ok(query)
    }

    /// True when it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// The query for SQLite's FTS5 over [`segmented`] text. Words hold letters and digits alone.
    pub fn fts(&self) -> String {
        let phrase = |words: &Vec<String>| format!("\"{}\"", words.join(" "));
        let wanted: Vec<String> = self.wanted.iter().map(phrase).collect();
        let mut text = format!("({})", wanted.join(" AND "));
        for words in &self.unwanted {
            text.push_str(" NOT ");
            text.push_str(&phrase(words));
        }
        text
    }

    /// Whether a record of these `fields` meets the query, each word in any of them.
    pub fn is_met_by<'t>(&self, fields: impl IntoIterator<Item = &'t str>) -> bool {
        if self.is_empty() {
            return true;
        }
        let fields: Vec<String> =
            fields.into_iter().map(|field| format!(" {} ", segmented(field))).collect();
        let has = |words: &Vec<String>| {
            let phrase = format!(" {} ", words.join(" "));
            fields.iter().any(|field| field.contains(&phrase))
        };
        self.wanted.iter().all(has) && !self.unwanted.iter().any(has)
    }

    /// Where its words stand in `text`, in order and without overlap.
    pub fn places(&self, text: &str) -> Vec<Range<usize>> {
        let tokens = tokens(text);
        let mut places: Vec<Range<usize>> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let here = &tokens[at..];
            let longest = self.wanted.iter().filter(|words| begins_with(here, words)).map(Vec::len);
            match longest.max() {
                Some(length) => {
                    places.push(here[0].start..here[length - 1].end);
                    at += length;
                }
                None => at += 1,
            }
        }
        places
    }

    /// The part of `text` around the first word found, about `width` characters on one line; its
    /// beginning where none is.
    pub fn excerpt<'t>(&self, text: &'t str, width: usize) -> &'t str {
        let first = self.places(text).first().map_or(0, |place| place.start);
        let before = text[..first].char_indices().rev().take(width / 4);
        // Not over the end of a line: a caption says nothing of the paragraph before it.
        let before = before.take_while(|(_, c)| *c != '\n');
        let start = before.last().map_or(first, |(at, _)| at);
        let rest = &text[start..];
        let end = rest.char_indices().nth(width).map_or(rest.len(), |(at, _)| at);
        rest[..end].trim()
    }
}

fn begins_with(tokens: &[Token], words: &[String]) -> bool {
    tokens.len() >= words.len() && tokens.iter().zip(words).all(|(token, word)| token.word == *word)
}

/// The words of a query as they are written: those wanted, and those not wanted.
pub fn words(text: &str) -> Result<(Vec<String>, Vec<String>), QueryError> {
    Query::parse(text)?;
    let (unwanted, wanted): (Vec<_>, Vec<_>) = terms(text).into_iter().partition(|(_, no)| *no);
    let plain = |terms: Vec<(String, bool)>| {
        let words = terms.into_iter().map(|(term, _)| term.trim().to_owned());
        words.filter(|word| !word.is_empty()).collect()
    };
    Ok((plain(wanted), plain(unwanted)))
}

/// The pieces of a query between white space or in quotes, and whether a minus stands before them.
fn terms(text: &str) -> Vec<(String, bool)> {
    let mut terms = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(&next) = chars.peek() {
        if next.is_whitespace() {
            chars.next();
            continue;
        }
        let minus = matches!(next, '-' | '－' | '−');
        if minus {
            chars.next();
        }
        let quoted = chars.next_if(|c| is_quote(*c)).is_some();
        let mut term = String::new();
        while let Some(c) = chars.next_if(|c| !ends(*c, quoted)) {
            term.push(c);
        }
        if quoted {
            chars.next();
        }
        terms.push((term, minus));
    }
    terms
}

fn ends(c: char, quoted: bool) -> bool {
    is_quote(c) || (!quoted && c.is_whitespace())
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '＂' | '「' | '」')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn query(text: &str) -> Query {
        Query::parse(text).unwrap()
    }

    #[test]
    fn words_phrases_and_what_is_not_wanted() {
        for (text, fts) in [
            ("无锡", r#"("无 锡")"#),
            ("无锡 商会", r#"("无 锡" AND "商 会")"#),
            ("“无锡 商会” -苏州", r#"("无 锡 商 会") NOT "苏 州""#),
            ("AI+制造业2026年", r#"("ai 制 造 业 2026 年")"#),
            ("ＷＥＢ3.0　－“元 宇宙”", r#"("web3 0") NOT "元 宇 宙""#),
            (
                "OR NOT NEAR(a b) title:x * ^",
                r#"("or" AND "not" AND "near a" AND "b" AND "title" AND "x")"#,
            ),
            ("会议。商会", r#"("会 议" AND "商 会")"#),
            ("\"unclosed", r#"("unclosed")"#),
        ] {
            assert_eq!(query(text).fts(), fts, "{text}");
        }
    }

    #[test]
    fn words_stand_as_they_were_written() {
        let owned = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let (wanted, unwanted) = words("商会 “AI 企业” -苏州").unwrap();
        assert_eq!((wanted, unwanted), (owned(&["商会", "AI 企业"]), owned(&["苏州"])));
        assert_eq!(words("-苏州"), Err(QueryError::NoWord));
    }

    #[test]
    fn what_is_no_query_is_told() {
        assert!(query(" 　").is_empty());
        assert_eq!(Query::parse("-苏州"), Err(QueryError::NoWord));
        assert_eq!(Query::parse("《》"), Err(QueryError::NoWord));
        assert_eq!(Query::parse(&"会".repeat(201)), Err(QueryError::TooLong));
        assert_eq!(Query::parse("a b c d e f g h i"), Err(QueryError::TooMany));
    }

    #[test]
    fn a_text_meets_a_query_word_by_word() {
        let text = "市工商联走访AI企业。家电商会参加，GitHub 2026";
        for (asked, met) in [
            ("工商联", true),
            ("走访 商会", true),
            ("ai 企业", true),
            ("企业家", false),
            ("git", false),
            ("github", true),
            ("202", false),
            ("走访 -商会", false),
            ("走访 -苏州", true),
        ] {
            assert_eq!(query(asked).is_met_by([text]), met, "{asked}");
        }
        assert!(query("甲 乙").is_met_by(["甲", "乙"]));
        assert!(!query("甲乙").is_met_by(["甲", "乙"]));
        assert!(Query::default().is_met_by([""]));
    }

    #[test]
    fn places_and_excerpt_are_those_of_the_text_as_it_stands() {
        let text = "第一段。\n无锡市商会走访ＡＩ企业";
        let found = query("商会 ai");
        let words: Vec<&str> = found.places(text).into_iter().map(|place| &text[place]).collect();
        assert_eq!(words, ["商会", "ＡＩ"]);
        assert_eq!(found.excerpt(text, 12), "无锡市商会走访ＡＩ企业");
        assert_eq!(found.excerpt(text, 8), "锡市商会走访ＡＩ");
        assert_eq!(query("没有").excerpt(text, 3), "第一段");
    }

    proptest! {
        #[test]
        fn any_text_is_a_query_or_told_why_not(text in any::<String>(), other in any::<String>()) {
            if let Ok(query) = Query::parse(&text) {
                let inside = query.fts().replace("NOT", "").replace("AND", "");
                prop_assert!(inside.chars().all(|c| c.is_alphanumeric() || "() \"".contains(c)));
                for place in query.places(&other) {
                    prop_assert!(other.get(place).is_some());
                }
                prop_assert!(other.contains(query.excerpt(&other, 10)));
            }
        }
    }
}
