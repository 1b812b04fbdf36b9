//! Digests: the definitions of periodicals.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Selection;

/// The definition of a periodical selection, ready for composing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestSpec {
    /// `weekly`: part of the name of its issues and of the path of their bundles.
    pub slug: String,
    /// Its title for people: 苏商一周.
    pub title: String,
    /// What becomes of an issue.
    pub kind: DigestKind,
    /// How issues are counted: `第{n}期（总第{total}期）`, where `{n}` counts within the year.
    pub numbering: String,
    /// The sections, in print order; an item goes to the first that holds it.
    pub sections: Vec<SectionSpec>,
    /// Printed above everything, a paragraph a line; empty for nothing.
    pub header: String,
    /// Printed below everything, a paragraph a line; empty for nothing.
    pub footer: String,
    /// Who signs the articles; at most 16 characters.
    pub author: String,
    /// The cover.
    pub cover: CoverSpec,
    /// How many approvals an issue needs before it may be pushed: 0, 1 or 3.
    pub approvals: u8,
    /// Length that summaries aim at, in characters.
    pub summary_chars: usize,
    /// At most so many items.
    pub limit: usize,
    /// The colour of banners and rules.
    pub brand: Rgb,
}

/// A section of a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionSpec {
    /// Its heading: 要闻.
    pub title: String,
    /// Which items stand in it: any of these; none means whatever is left.
    pub selections: Vec<Selection>,
}

/// What becomes of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DigestKind {
    /// 单图文速览: one article with a few lines of each item.
    Overview,
    /// 多图文: each item an article of its own, at most eight.
    Articles,
    /// The overview first, then at most seven items in full.
    Both,
    /// A bulletin printed on A4.
    Bulletin,
}

impl DigestKind {
    /// Whether issues become drafts of an Official Account.
    pub fn is_for_wechat(self) -> bool {
        self != Self::Bulletin
    }
}

/// A colour without transparency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl fmt::Display for Rgb {
    /// `#b01318`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl FromStr for Rgb {
    type Err = ();

    /// Reads `#b01318`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6).ok_or(())?;
        if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(());
        }
        let part = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).map_err(|_| ());
        Ok(Self(part(0)?, part(2)?, part(4)?))
    }
}

/// Where the cover of an issue comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CoverSpec {
    /// Drawn: title and number on the brand colour.
    Drawn,
    /// A picture of the operator's, by its path.
    File(PathBuf),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_as_they_are_written() {
        assert_eq!("#B01318".parse::<Rgb>().unwrap().to_string(), "#b01318");
        for wrong in ["b01318", "#b0131", "#b0131g", "#中文", ""] {
            assert!(wrong.parse::<Rgb>().is_err(), "{wrong}");
        }
    }
}
