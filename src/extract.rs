//! Reads an article page.
//!
//! In: a page and an [`ArticleRule`]; out: an [`Article`](crate::model::Article) or the reason why
//! the page is none. No I/O.

use regex::Regex;

use crate::text::alternative::{Alternative, Selector};

/// How the fields of an article are found, compiled and checked. An empty list means heuristics.
#[derive(Clone, Debug, Default)]
pub struct ArticleRule {
    /// Title.
    pub title: Vec<Alternative>,
    /// Printed date.
    pub posted: Vec<Alternative>,
    /// Origin line (来源).
    pub credit: Vec<Alternative>,
    /// Author.
    pub author: Vec<Alternative>,
    /// Editor.
    pub editor: Vec<Alternative>,
    /// The way from the home page.
    pub breadcrumb: Vec<Alternative>,
    /// The element (`css`) or range (`between`) that holds the body.
    pub body: Vec<Alternative>,
    /// Parts of the body to leave out.
    pub drop: Vec<Selector>,
    /// Paragraphs of the body whose whole text matches are left out.
    pub drop_text: Vec<Regex>,
    /// The first paragraph whose text matches, and all after it, are left out.
    pub cut_after: Vec<Regex>,
    /// Further endings of files that count as attachments, beside the usual ones.
    pub attachment_extensions: Vec<String>,
}

/// STUB
pub fn read(
    _html: &str,
    url: &url::Url,
    _seen: Option<chrono::DateTime<chrono::Utc>>,
    _rule: &ArticleRule,
) -> Result<crate::model::Article, crate::model::Rejection> {
    Err(crate::model::Rejection::new("body-missing", url.to_string()))
}
