//! Ordered alternatives: how a field is found on a page, as declared by a family or a site.
//!
//! In: a parsed page and a list of alternatives; out: the first valid value together with the rule
//! that found it. The same engine serves list rows (`discover`) and articles (`extract`).

mod index;
mod scene;

use std::fmt;

use dom_query::{Matcher, NodeRef};
use html5ever::LocalName;
use regex::Regex;

pub use scene::Scene;

/// A CSS selector that was checked when the configuration was read.
///
/// `:scope` (or nothing) means the node itself that is looked at, such as the row of a list.
#[derive(Clone)]
pub struct Selector {
    text: String,
    scope: bool,
    /// `.class` or `#id` and nothing else: the names that an index of a page answers.
    bare: bool,
    /// An element or attribute without which nothing matches, where that can be told.
    needs: Option<LocalName>,
    matcher: Matcher,
}

/// Why a selector was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no CSS selector")]
pub struct SelectorError(String);

impl Selector {
    /// Compiles `text`.
    pub fn new(text: &str) -> Result<Self, SelectorError> {
        let scope = matches!(text.trim(), "" | ":scope");
        let matcher = Matcher::new(if scope { "*" } else { text })
            .map_err(|_| SelectorError(text.to_owned()))?;
        let bare = text.strip_prefix(['.', '#']).is_some_and(|name| {
            name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        });
        Ok(Self { text: text.to_owned(), scope, bare, needs: needed(text), matcher })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The compiled form.
    pub fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    /// All matching elements at or below `root`, in document order.
    pub fn all<'a>(&self, root: &NodeRef<'a>) -> Vec<NodeRef<'a>> {
        if self.scope {
            return vec![*root];
        }
        let itself = root.is_element() && root.is_match(&self.matcher);
        let below = dom_query::Selection::from(*root).select_matcher(&self.matcher);
        itself.then_some(*root).into_iter().chain(below.nodes().iter().copied()).collect()
    }
}

/// The name that `tag`, `[attribute]` or `[attribute=…]`, alone, asks for.
fn needed(selector: &str) -> Option<LocalName> {
    let inside = selector.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let name = match inside {
        Some(inside) => inside.split(['=', '^', '$', '*', '~', '|']).next()?,
        None => selector,
    };
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let whole = inside.is_none_or(|inside| !inside.contains(['[', ']']));
    (plain && whole).then(|| LocalName::from(name))
}

impl fmt::Debug for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Selector({})", self.text)
    }
}

/// Where an alternative looks.
#[derive(Clone, Debug)]
pub enum How {
    /// The first element that matches; its text, or the attribute named in `attr`.
    Css(Selector),
    /// Everything between two HTML comments, named without `<!--` and `-->`.
    Between(String, String),
    /// The content of a `<meta>` of this name (or property), compared without case.
    Meta(String),
    /// A JSON pointer (RFC 6901), where the page is JSON.
    Json(String),
    /// The first group (or the whole match) in the visible text of the page.
    Regex(Regex),
    /// The first group (or the whole match) in the page's address.
    Url(Regex),
    /// A fixed value.
    Literal(String),
}

/// One way to find a field.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// Where to look.
    pub how: How,
    /// For `css`: take this attribute rather than the text.
    pub attr: Option<String>,
    /// Applied to what was found: the first group (or the whole match) is kept; no match, no value.
    pub regex: Option<Regex>,
    /// With `regex`: the replacement (`$1`…) instead of the first group.
    pub replace: Option<String>,
}

impl Alternative {
    /// An alternative without attribute, regex and replacement.
    pub fn new(how: How) -> Self {
        Self { how, attr: None, regex: None, replace: None }
    }

    /// How the rule is named in `rules` and by `explain`: `css .TRS_Editor`, `meta ArticleTitle`.
    pub fn rule(&self) -> String {
        match &self.how {
            How::Css(selector) => match &self.attr {
                Some(attr) => format!("css {}@{attr}", selector.as_str()),
                None => format!("css {}", selector.as_str()),
            },
            How::Between(begin, _) => format!("between {begin}"),
            How::Meta(name) => format!("meta {name}"),
            How::Json(pointer) => format!("json {pointer}"),
            How::Regex(regex) => format!("regex {regex}"),
            How::Url(regex) => format!("url {regex}"),
            How::Literal(_) => "literal".to_owned(),
        }
    }
}
