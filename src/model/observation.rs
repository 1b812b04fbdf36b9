//! What a reading of a column showed: the evidence that its contract is learned from.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What a page prints of the registration of its site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// ICP numbers without their suffix: `苏ICP备07010100号`.
    pub icp: BTreeSet<String>,
    /// 网站标识码, in lower case.
    pub code: Option<String>,
}

impl Registration {
    /// What is printed in all of `pages`; `None` where there are none.
    pub fn always(mut pages: impl Iterator<Item = Self>) -> Option<Self> {
        let mut usual = pages.next()?;
        for page in pages {
            usual.icp.retain(|icp| page.icp.contains(icp));
            usual.code = usual.code.filter(|code| page.code.as_ref() == Some(code));
        }
        Some(usual)
    }
}

/// What the first list page of a column showed in one reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Rows.
    pub rows: usize,
    /// Rows that lead to items which the column listed before.
    pub known: usize,
    /// Rows that lead to items which only other columns of the site listed.
    pub foreign: usize,
    /// Rows that print a date.
    pub dated: usize,
    /// Known rows of which the day can be compared with that of their item.
    pub comparable: usize,
    /// Those of them that print another day.
    pub redated: usize,
    /// Rows that lead to items with a title unlike the one they print.
    pub retitled: usize,
    /// The newest day of all rows.
    pub newest: Option<NaiveDate>,
    /// What names the rows, newest first.
    pub keys: Vec<String>,
    /// What the addresses of the rows look like.
    pub shapes: BTreeSet<String>,
    /// What marks the template: hashes of the names of its classes and ids.
    pub marks: BTreeSet<u32>,
    /// In what the rows stand: elements and classes around their links.
    pub frames: BTreeSet<String>,
    /// The forms in which it prints dates, the most frequent first: `0-0-0`.
    #[serde(default)]
    pub date_forms: Vec<String>,
    /// What the page prints of its site's registration.
    pub registration: Registration,
    /// How the page is coded and what it says of that: `utf-8`, `gbk (declared utf-8)`.
    pub charset: String,
}
