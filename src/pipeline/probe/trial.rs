//! What a proposed column yields, and what about it is doubtful.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use url::Url;

use crate::model::{Article, Link, Posted, ProblemCode};
use crate::problem::Fault;

/// What a proposed column yields.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Rows of its list page.
    pub rows: Vec<Link>,
    /// One article of it, or why none could be read; `None` where no row leads to one.
    pub article: Option<(Url, Result<Box<Article>, Fault>)>,
    /// What a person should look at.
    pub doubts: Vec<Doubt>,
}

/// What is doubtful about a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// So many rows only.
    FewRows(usize),
    /// So many of the rows have no date.
    Undated(usize),
    /// The newest row is old.
    Old(NaiveDate),
    /// No row leads to an article of this site.
    Elsewhere,
    /// The article could not be read.
    Unread(ProblemCode),
    /// The article's text is so short.
    Short(usize),
    /// Neither the article nor its row tells a date.
    NoDate,
    /// The family's rules found no rows here; what stands in the file takes their place.
    Override,
}

/// Fewer rows than this are few.
const FEW: usize = 3;
/// A text shorter than this, without pictures and files, is short.
const SHORT: usize = 60;
/// Nothing new for so many days is old.
const OLD_DAYS: i64 = 365;

impl Trial {
    /// The newest date among the rows.
    pub fn newest(&self) -> Option<NaiveDate> {
        self.rows.iter().filter_map(|link| link.posted).map(|posted| posted.date()).max()
    }

    /// A trial of these rows and this article.
    pub(super) fn new(
        rows: Vec<Link>,
        article: Option<(Url, Result<Box<Article>, Fault>)>,
        overridden: bool,
        now: DateTime<Utc>,
    ) -> Self {
        let mut trial = Self { rows, article, doubts: Vec::new() };
        trial.doubts = trial.weighed(overridden, now);
        trial
    }

    fn weighed(&self, overridden: bool, now: DateTime<Utc>) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        if overridden {
            doubts.push(Doubt::Override);
        }
        if self.rows.len() < FEW {
            doubts.push(Doubt::FewRows(self.rows.len()));
        }
        let undated = self.rows.iter().filter(|link| link.posted.is_none()).count();
        if undated > 0 {
            doubts.push(Doubt::Undated(undated));
        }
        let old = (now - TimeDelta::days(OLD_DAYS)).date_naive();
        doubts.extend(self.newest().filter(|newest| *newest < old).map(Doubt::Old));
        match &self.article {
            None => doubts.push(Doubt::Elsewhere),
            Some((_, Err(fault))) => doubts.push(Doubt::Unread(fault.code)),
            Some((url, Ok(article))) => doubts.extend(self.of_article(url, article)),
        }
        doubts
    }

    fn of_article(&self, url: &Url, article: &Article) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        let body = &article.body.value;
        let length = body.text.chars().filter(|c| !c.is_whitespace()).count();
        if length < SHORT && body.images.is_empty() && body.attachments.is_empty() {
            doubts.push(Doubt::Short(length));
        }
        let row: Option<Posted> =
            self.rows.iter().find(|link| link.url == *url).and_then(|link| link.posted);
        if article.posted.is_none() && row.is_none() {
            doubts.push(Doubt::NoDate);
        }
        doubts
    }
}
