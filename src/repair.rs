//! Proposes rules for pages that were redesigned, from the items that are known to stand on them.
//!
//! In: a page and what is known of it, a list with its rows or an article with its fields; out:
//! ways to find them, short and stable ones first. Nothing is decided here: whoever asks compiles
//! each proposal, reads the page with it and counts what it finds again. No I/O, and nothing of
//! any site's present rules.

mod article;
mod field;
mod link;
mod name;
mod rows;
mod same;
mod spot;

pub use article::{ArticleLook, KnownArticle, article};
pub use link::{NamedLink, named, rank};
pub use rows::{KnownRow, ListLook, RowRule, list};
pub use same::{is_same_title, likeness};

use regex::Regex;

use crate::text::alternative::{Alternative, How, Selector, SelectorError};

/// One way to find a field, as an operator would write it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// An element.
    Css {
        /// Its selector.
        selector: String,
        /// The attribute that holds the value; none means the text.
        attr: Option<&'static str>,
        /// What of the value counts.
        regex: Option<String>,
    },
    /// A `<meta>` of the page's head.
    Meta(String),
}

impl Way {
    /// The element that `selector` names.
    pub fn css(selector: &str) -> Self {
        Self::Css { selector: selector.to_owned(), attr: None, regex: None }
    }

    /// The compiled form.
    pub fn alternative(&self) -> Result<Alternative, SelectorError> {
        match self {
            Self::Meta(name) => Ok(Alternative::new(How::Meta(name.clone()))),
            Self::Css { selector, attr, regex } => Ok(Alternative {
                attr: attr.map(str::to_owned),
                regex: regex.as_deref().and_then(|regex| Regex::new(regex).ok()),
                ..Alternative::new(How::Css(Selector::new(selector)?))
            }),
        }
    }
}
