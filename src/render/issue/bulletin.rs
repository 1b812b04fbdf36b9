//! A bulletin printed on A4, laid out as Chinese authorities do (GB/T 9704): red masthead, 仿宋 text
//! that begins two characters in, page numbers between dashes.

use minijinja::{Value, context};

use crate::model::{DigestSpec, IssueComposition, Piece};
use crate::text::plain;

use super::{body, page};

/// How a sheet looks, on paper and on the review page.
pub(super) const STYLE: &str = include_str!("../templates/issue/bulletin.css");

/// The page that is printed.
pub(super) fn document(composition: &IssueComposition) -> String {
    let data = context! {
        title => composition.title(),
        style => STYLE,
        policy => page::policy(None),
        sheet => sheet(composition),
    };
    page::page("bulletin.html", data)
}

/// What stands on the paper.
pub(super) fn sheet(composition: &IssueComposition) -> String {
    let issue = &composition.issue;
    let mut header = lines(&composition.digest.header).into_iter();
    let own_title = plain::one_line(&issue.title);
    let pieces: Vec<Value> = headed(composition);
    page::page(
        "sheet.html",
        context! {
            brand => composition.digest.brand.to_string(),
            masthead => &composition.digest.title,
            number => composition.number(),
            organiser => header.next(),
            header => header.collect::<Vec<_>>(),
            date => page::day(issue.date),
            own_title => own_title,
            note => lines(&issue.note),
            pieces => pieces,
            footer => lines(&composition.digest.footer),
        },
    )
}

/// The pieces, each with the heading above it where a new section begins.
fn headed(composition: &IssueComposition) -> Vec<Value> {
    let mut before = None;
    let several = has_sections(composition);
    let each = composition.printed().map(|piece| {
        let begins = several && before != Some(&piece.section);
        before = Some(&piece.section);
        shown(piece, begins.then_some(piece.section.as_str()), composition)
    });
    each.collect()
}

/// Whether the pieces stand under more than one heading.
fn has_sections(composition: &IssueComposition) -> bool {
    let mut sections = composition.printed().map(|piece| &piece.section);
    let first = sections.next();
    sections.any(|section| Some(section) != first)
}

fn shown(piece: &Piece, section: Option<&str>, composition: &IssueComposition) -> Value {
    context! {
        key => &piece.key,
        section => section.filter(|section| !section.is_empty()),
        title => &piece.title,
        html => body::printed(piece, composition),
        credit => credit(piece),
    }
}

/// `来源：江苏省工商联；作者：甲`.
fn credit(piece: &Piece) -> String {
    let parts = [plain::one_line(&piece.attribution), plain::one_line(&piece.byline)];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("；")
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(plain::one_line).filter(|line| !line.is_empty()).collect()
}

/// The first line above everything: whose bulletin it is.
pub(super) fn organiser(digest: &DigestSpec) -> Option<String> {
    lines(&digest.header).into_iter().next()
}
