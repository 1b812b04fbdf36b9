//! A text in both languages of the program.

use std::fmt;

use super::Lang;

/// One text in Chinese and in English.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Both {
    zh: String,
    en: String,
}

impl Both {
    /// The two wordings of one text.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The wording in `lang`.
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// English, as in logs and in the details of problems.
impl fmt::Display for Both {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}
