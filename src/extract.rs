//! Reads an article page.
//!
//! In: a page and an [`ArticleRule`]; out: an [`Article`] or the reason why
//! the page is none. No I/O. What a rule declares goes before metas and labels, and those before
//! the look of the page; every field remembers which of them found it.

mod absence;
mod beside;
mod block;
mod breadcrumb;
mod caption;
mod container;
mod data;
mod frame;
mod hidden;
mod label;
mod line;
mod marked;
mod picture;
mod reading;
mod script;
mod table;
#[cfg(test)]
mod tests;
mod tidy;
mod title;
mod trace;
mod write;

use chrono::{DateTime, Utc};
use regex::Regex;
use url::Url;

use crate::model::{Article, Attachment, Found, ProblemCode, Rejection};
use crate::text::alternative::{Alternative, How, Selector};
use crate::text::dom;
use block::Ground;
use label::Fields;
use reading::Reading;
use tidy::Tidy;
use trace::{Notes, Trace};

pub use trace::Candidates;

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

impl ArticleRule {
    /// True where a field is declared to stand in the page's JSON.
    fn wants_json(&self) -> bool {
        let fields =
            [&self.title, &self.posted, &self.credit, &self.author, &self.editor, &self.breadcrumb];
        fields.into_iter().flatten().any(|alternative| matches!(alternative.how, How::Json(_)))
    }
}

/// Reads the article page `html` from `url`, seen at `seen` (for dates without a year).
///
/// What `rule` declares is tried first, field by field; where it finds nothing, metas, labels and
/// the look of the page decide. Rejected are pages that cannot be parsed within limits, and pages
/// without title (`title-missing`) or body (`body-missing`), and those that say that there is no
/// such page (`article-gone`).
pub fn read(
    html: &str,
    url: &Url,
    seen: Option<DateTime<Utc>>,
    rule: &ArticleRule,
) -> Result<Article, Rejection> {
    traced(html, url, seen, rule, &mut Trace::default())?
}

/// What is known of a page and why.
#[derive(Debug)]
pub struct Explanation {
    /// As [`read`] gives it.
    pub article: Result<Article, Rejection>,
    /// What was found for each field, up to the one that the page was rejected for.
    pub fields: Vec<Candidates>,
    /// The files offered, each with the rule by which it is the article's.
    pub files: Vec<Found<Attachment>>,
}

/// Reads the page as [`read`] does, by the same code, and tells what was found on the way; an error
/// where the page cannot be parsed.
pub fn explain(
    html: &str,
    url: &Url,
    seen: Option<DateTime<Utc>>,
    rule: &ArticleRule,
) -> Result<Explanation, Rejection> {
    let mut trace = Trace::noting();
    let article = traced(html, url, seen, rule, &mut trace)?;
    let Notes { fields, files } = trace.notes();
    Ok(Explanation { article, fields, files })
}

/// An error where the page cannot be parsed; within, what became of it.
fn traced(
    html: &str,
    url: &Url,
    seen: Option<DateTime<Utc>>,
    rule: &ArticleRule,
    trace: &mut Trace,
) -> Result<Result<Article, Rejection>, Rejection> {
    let document = dom::parse(html)?;
    let json = rule
        .wants_json()
        .then(|| {
            data::of(dom::descendants(&document.root()).filter(|node| node.has_name("script")))
        })
        .flatten();
    let page = Reading::new(&document, url, seen, rule, json.as_ref());
    Ok(judge(&page, url, rule, html.len(), trace))
}

fn judge(
    page: &Reading<'_>,
    url: &Url,
    rule: &ArticleRule,
    size_bytes: usize,
    trace: &mut Trace,
) -> Result<Article, Rejection> {
    let title = trace
        .first("title", page.titles(), |title| title.found.clone())
        .ok_or_else(|| page.untitled())?;
    let dropped = page.dropped();
    let ground =
        Ground { base: &page.base, dropped: &dropped, endings: &rule.attachment_extensions };
    let container = trace
        .first("body", page.containers(&title, ground), |nodes| Found {
            value: nodes.value.iter().map(dom::visible_text).collect::<Vec<_>>().join("\n"),
            rule: nodes.rule.clone(),
        })
        .ok_or_else(|| page.bodiless(size_bytes))?;
    let blocks = block::read(&container.value, ground);
    let Tidy { blocks, bylines, mut files } = tidy::tidy(blocks, &title.found.value, rule);
    let blocks = caption::attach(blocks);
    trace.files(&container.rule, blocks.iter().flat_map(|block| &block.files));
    trace.files("tail of body", files.iter());
    if let Some(last) = container.value.last() {
        let beside = beside::files_after(last, &page.root, ground);
        trace.files("below body", beside.iter());
        files.extend(beside);
    }
    let body = write::body(&blocks, files);
    if body.text.trim().is_empty() && body.images.is_empty() && body.attachments.is_empty() {
        let detail = format!("`{}` holds neither text nor pictures nor files", container.rule);
        return Err(Rejection::new(ProblemCode::BodyMissing, detail));
    }
    if absence::is_told(&title.found.value, &body.text) {
        let detail = format!("the page says that there is none: `{}`", title.found.value);
        return Err(Rejection::new(ProblemCode::ArticleGone, detail));
    }
    let fields = page.fields(&title, &container.value, &bylines, &body.text, trace);
    let breadcrumb =
        trace.first("breadcrumb", page.breadcrumbs(&title, &container.value), |found| Found {
            value: found.value.join(" > "),
            rule: found.rule.clone(),
        });
    let confidence = confidence(&title.found.rule, &container.rule, &fields);
    Ok(Article {
        url: url.clone(),
        title: title.found,
        posted: fields.posted,
        credit: fields.credit,
        author: fields.author,
        editor: fields.editor,
        photographer: fields.photographer,
        breadcrumb,
        body: Found { value: body, rule: container.rule },
        confidence,
    })
}

/// How sure the reading is: what was declared or known counts whole, what was guessed half.
fn confidence(title: &str, body: &str, fields: &Fields) -> f32 {
    let of = |rule: &str| if rule.starts_with("heuristic") { 0.5 } else { 1.0 };
    let optional = |rule: Option<&str>| rule.map_or(0.25, of);
    let posted = optional(fields.posted.as_ref().map(|found| found.rule.as_str()));
    let credit = optional(fields.credit.as_ref().map(|found| found.rule.as_str()));
    (of(title) + 2.0 * of(body) + posted + credit) / 5.0
}
