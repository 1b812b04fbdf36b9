//! The issue as a whole, and its articles as the platform takes them.

use std::collections::HashSet;

use super::Notes;
use super::flaw::Flaw;
use crate::model::{IssueComposition, Laid, Layout};

/// Characters of a title that show everywhere, and that the platform takes.
const TITLE: (usize, usize) = (32, 64);
/// Characters of an author.
const AUTHOR: usize = 16;
/// Characters of a digest.
const DIGEST: usize = 120;
/// Characters of content that are near the limit, and too many.
const CONTENT: (usize, usize) = (18_000, 20_000);
/// Bytes of content that are too many.
const CONTENT_BYTES: usize = 1 << 20;
/// Bytes of the address of the original.
const ADDRESS_BYTES: usize = 1_024;
/// Articles in a draft.
const ARTICLES: usize = 8;

/// Notes what is wrong with the issue as a whole.
pub(super) fn check(issue: &IssueComposition, layout: &Layout, notes: &mut Notes) {
    if issue.printed().next().is_none() {
        notes.add(Flaw::IssueEmpty, "", "");
    }
    let printed: HashSet<&str> = issue.printed().map(|piece| piece.section.as_str()).collect();
    for section in &issue.digest.sections {
        if !printed.contains(section.title.as_str()) {
            notes.add(Flaw::SectionEmpty, &section.title, &section.title);
        }
    }
    if issue.digest.kind.is_for_wechat() && issue.cover.is_none() {
        notes.add(Flaw::CoverMissing, "", "");
    }
    let count = layout.articles.len();
    if count > ARTICLES {
        notes.add(Flaw::ArticlesMany, "", &count.to_string());
    }
    for article in &layout.articles {
        notes.begin(match article.pieces.as_slice() {
            [only] => Some(only),
            _ => None,
        });
        check_article(article, notes);
    }
    notes.begin(None);
}

fn check_article(article: &Laid, notes: &mut Notes) {
    let draft = &article.draft;
    let title = draft.title.chars().count();
    if title > TITLE.1 {
        notes.add(Flaw::TitleTooLong, &draft.title, &title.to_string());
    } else if title > TITLE.0 {
        notes.add(Flaw::TitleLong, &draft.title, &title.to_string());
    }
    for (flaw, text, most) in
        [(Flaw::AuthorLong, &draft.author, AUTHOR), (Flaw::DigestLong, &draft.digest, DIGEST)]
    {
        let count = text.chars().count();
        if count > most {
            notes.add(flaw, text, &count.to_string());
        }
    }
    let count = draft.content.chars().count();
    if count >= CONTENT.1 || draft.content.len() >= CONTENT_BYTES {
        notes.add(Flaw::ContentTooLong, &draft.title, &count.to_string());
    } else if count > CONTENT.0 {
        notes.add(Flaw::ContentLong, &draft.title, &count.to_string());
    }
    let bytes = draft.content_source_url.len();
    if bytes > ADDRESS_BYTES {
        notes.add(Flaw::LinkLong, &draft.content_source_url, &bytes.to_string());
    }
}
