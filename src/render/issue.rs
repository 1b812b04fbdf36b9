//! The bundle of an issue: every file around its laid-out articles that editors work with.
//!
//! In: an issue with all that it prints, its articles as laid out, what was remarked on it; out:
//! named bytes. The review page works from a disk without a network; nothing here reads a clock, so
//! the same issue gives the same bytes. What the platform gets is laid out elsewhere.

mod approval;
mod body;
mod bulletin;
mod content;
mod edits;
mod manifest;
mod page;
mod review;

use std::collections::BTreeMap;

use bytes::Bytes;
use minijinja::context;
use serde::Serialize;

use crate::model::{DigestKind, DraftArticle, IssueComposition, Laid, Layout, PushedDraft, Remark};

pub use content::content_sha256;
pub use edits::{Edits, EditsError, PieceEdit, apply};

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleFile {
    /// Its path within the bundle: `images/3fa8….jpg`.
    pub path: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// What a bundle is made of.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// The issue with all that it prints.
    pub composition: &'a IssueComposition,
    /// Its articles as laid out; none for a bulletin.
    pub layout: &'a Layout,
    /// What was remarked on it, beside the remarks of the layout.
    pub remarks: &'a [Remark],
    /// The name of the account that it is for, where there is one.
    pub account: Option<&'a str>,
    /// The draft that it became, where it did.
    pub pushed: Option<&'a PushedDraft>,
    /// The issue as plain text: `digest.txt`.
    pub text: &'a str,
    /// The issue as Markdown: `digest.md`.
    pub markdown: &'a str,
    /// An article as the platform shows it at night.
    pub dark: &'a dyn Fn(&str) -> String,
}

impl Given<'_> {
    /// All remarks, severe ones first.
    fn remarks(&self) -> Vec<&Remark> {
        let mut all: Vec<&Remark> = self.remarks.iter().chain(&self.layout.remarks).collect();
        all.sort_by_key(|remark| !remark.severe);
        all
    }

    fn is_bulletin(&self) -> bool {
        self.composition.digest.kind == DigestKind::Bulletin
    }
}

/// Every file of the bundle of an issue, by path.
pub fn bundle(given: &Given<'_>) -> Vec<BundleFile> {
    let mut files = BTreeMap::new();
    let mut put = |path: String, bytes: Bytes| drop(files.insert(path, bytes));
    put("review.html".to_owned(), review::document(given).into());
    put("approval.html".to_owned(), approval::document(given).into());
    put("manifest.json".to_owned(), manifest::document(given).into());
    put("digest.txt".to_owned(), given.text.to_owned().into());
    put("digest.md".to_owned(), given.markdown.to_owned().into());
    if given.is_bulletin() {
        put("bulletin.html".to_owned(), bulletin::document(given.composition).into());
    } else {
        put("draft.json".to_owned(), draft(given.layout).into());
        for (number, laid) in (1..).zip(&given.layout.articles) {
            put(format!("article-{number}.html"), article(laid, &laid.draft.content).into());
            put(
                format!("article-{number}.paste.html"),
                article(laid, &body::pasted(laid, given.composition)).into(),
            );
        }
    }
    let composition = given.composition;
    for (path, cover) in
        [("cover-235.jpg", &composition.cover), ("cover-1x1.jpg", &composition.cover_square)]
    {
        if let Some(cover) = cover {
            put(path.to_owned(), cover.bytes.clone());
        }
    }
    for picture in composition.pictures.values() {
        put(body::place(picture), picture.bytes.clone());
    }
    files.into_iter().map(|(path, bytes)| BundleFile { path, bytes }).collect()
}

/// The body of `draft/add`, raw UTF-8, with its placeholders.
fn draft(layout: &Layout) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        articles: Vec<&'a DraftArticle>,
    }
    let body = Body { articles: layout.articles.iter().map(|laid| &laid.draft).collect() };
    serde_json::to_vec(&body).expect("plain structures have a JSON form")
}

/// An article as a page by itself: what 全选 takes is the article and nothing else.
fn article(laid: &Laid, html: &str) -> String {
    page::page("article.html", context! { title => &laid.draft.title, html => html })
}

#[cfg(test)]
mod tests;
