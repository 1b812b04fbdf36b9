//! Finds the rows of a list page.
//!
//! In: a page and a [`ListRule`]; out: a [`Listing`](crate::model::Listing). No I/O.

use regex::Regex;

use crate::text::alternative::{Alternative, Selector};

/// How the rows of a column are found, compiled and checked.
#[derive(Clone, Debug, Default)]
pub struct ListRule {
    /// What kind of list it is.
    pub kind: ListKind,
    /// One row; several are tried in order, none means the heuristic.
    pub item: Vec<Selector>,
    /// The row's address, looked for inside the row; none means its first real link.
    pub link: Vec<Alternative>,
    /// The row's title, looked for inside the row; none means `title` attribute, then link text.
    pub title: Vec<Alternative>,
    /// The row's date, looked for inside the row; none means any date in its text, then its address.
    pub date: Vec<Alternative>,
    /// Parts of the page that hold no rows (pinned blocks, side bars).
    pub exclude: Vec<Selector>,
    /// Rows whose address matches are left out.
    pub exclude_url: Vec<Regex>,
    /// When not empty, only rows whose title matches one are kept.
    pub title_include: Vec<Regex>,
    /// Rows whose title matches are left out.
    pub title_exclude: Vec<Regex>,
    /// Where the next pages are; none means what the page itself shows.
    pub paging: Option<Paging>,
    /// What becomes of rows that lead to another host.
    pub external: External,
}

/// The kinds of list pages that are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListKind {
    /// Rows in HTML.
    #[default]
    Html,
    /// Rows in CDATA sections of an inline `<datastore>` (大汉 jcms).
    HanwebJcms,
}

/// What becomes of rows that lead to another host, to WeChat or to a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum External {
    /// An item from the row alone: title, date, link.
    #[default]
    LinkOnly,
    /// The row is left out.
    Skip,
}

/// Addresses of the next list pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Relative address with `{n}`: `index_{n}.html`, `list.asp?page={n}`.
    pub template: String,
    /// The number of the second page (`1` for TRS, `2` elsewhere).
    pub second: u32,
    /// At most so many pages are named.
    pub max_pages: u32,
}
