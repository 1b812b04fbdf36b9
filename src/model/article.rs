//! What an article page says, as found, before it becomes an item.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Posted, ProblemCode};

/// A value and the rule that found it, such as `css .TRS_Editor` or `heuristic density`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found<T> {
    /// What was found.
    pub value: T,
    /// Which rule found it, for `explain` and the `rules` of `extract --jsonl`.
    pub rule: String,
}

impl<T: ToString> Found<T> {
    /// The same with its value as text.
    pub fn shown(&self) -> Found<String> {
        Found { value: self.value.to_string(), rule: self.rule.clone() }
    }
}

/// What an article page says.
#[derive(Clone, Debug, PartialEq)]
pub struct Article {
    /// The page's address after redirects.
    pub url: Url,
    /// Plain text, one line, without the site's suffix.
    pub title: Found<String>,
    /// The printed date.
    pub posted: Option<Found<Posted>>,
    /// The origin line (来源) as printed, without its label.
    pub credit: Option<Found<String>>,
    /// 作者, 撰稿, 供稿 without the label.
    pub author: Option<Found<String>>,
    /// 编辑, 责任编辑 without the label.
    pub editor: Option<Found<String>>,
    /// 摄影 without the label.
    pub photographer: Option<Found<String>>,
    /// The way from the home page to the column, outermost first.
    pub breadcrumb: Option<Found<Vec<String>>>,
    /// The body, clean.
    pub body: Found<Body>,
    /// 0 (guessed) to 1 (every field by a declared rule).
    pub confidence: f32,
}

/// The body of an article in its two forms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Clean HTML: p, h2–h4, figure, img, figcaption, table…, a, strong, em, br; absolute addresses.
    pub html: String,
    /// One paragraph a line, captions and sub-headings included in reading order.
    pub text: String,
    /// Pictures in reading order.
    pub images: Vec<Image>,
    /// Files offered by the article.
    pub attachments: Vec<Attachment>,
}

/// A picture of an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Absolute address of the picture itself, never of a placeholder.
    pub url: Url,
    /// The `alt` text, empty where there is none or it is a file name.
    pub alt: String,
    /// The caption printed with it, empty where there is none.
    pub caption: String,
}

/// A file offered by an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Absolute address.
    pub url: Url,
    /// The name printed for it.
    pub name: String,
}

/// Why a page was rightly not made an article.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Rejection {
    /// The code of the problem that an operator would be told, or one of a page at hand.
    pub code: &'static str,
    /// What was looked for and what was found.
    pub detail: String,
}

impl Rejection {
    /// A rejection with the code of its problem and what was found.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code: code.as_str(), detail: detail.into() }
    }

    /// A rejection that only pages at hand meet: `unreadable`, `bad-url`, `bad-fetched`,
    /// `unknown-site`.
    pub fn at_hand(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}
