//! The hash that approvals are bound to: of what an issue prints, and of nothing else.

use serde::Serialize;

use crate::model::{DigestKind, DraftArticle, IssueComposition, IssuePicture, Layout, Piece};
use crate::text::digest::sha256;

/// What is hashed of an issue, as JSON: unambiguous, and the same on every machine.
///
/// Acts, state and version are not in it; neither is what editors see only.
#[derive(Serialize)]
struct Content<'a> {
    issue: String,
    number: String,
    title: String,
    date: String,
    note: &'a str,
    header: &'a str,
    footer: &'a str,
    articles: Vec<(&'a DraftArticle, &'a [String])>,
    covers: [Option<&'a str>; 2],
    pieces: Vec<Printed<'a>>,
}

/// What a bulletin prints of a piece.
#[derive(Serialize)]
struct Printed<'a> {
    section: &'a str,
    title: &'a str,
    body: &'a str,
    attribution: &'a str,
    byline: &'a str,
    pictures: Vec<&'a str>,
}

/// The hash of what an issue prints, hex SHA-256: titles, contents, their order, pictures, covers.
pub fn content_sha256(composition: &IssueComposition, layout: &Layout) -> String {
    let issue = &composition.issue;
    let is_bulletin = composition.digest.kind == DigestKind::Bulletin;
    let pieces = composition.printed().filter(|_| is_bulletin);
    let sha = |picture: &'_ Option<IssuePicture>| picture.as_ref().map(|it| it.sha256.clone());
    let covers = [sha(&composition.cover), sha(&composition.cover_square)];
    let content = Content {
        issue: issue.id.to_string(),
        number: composition.number(),
        title: composition.title(),
        date: issue.date.to_string(),
        note: &issue.note,
        header: &composition.digest.header,
        footer: &composition.digest.footer,
        articles: layout.articles.iter().map(|it| (&it.draft, it.pictures.as_slice())).collect(),
        covers: [covers[0].as_deref(), covers[1].as_deref()],
        pieces: pieces.map(|piece| printed(piece, composition)).collect(),
    };
    sha256(&serde_json::to_vec(&content).expect("plain structures have a JSON form"))
}

/// The hash of the text of a piece as it prints, hex SHA-256.
pub(super) fn piece_sha256(piece: &Piece, composition: &IssueComposition) -> String {
    let content = (printed(piece, composition), &piece.summary);
    sha256(&serde_json::to_vec(&content).expect("plain structures have a JSON form"))
}

fn printed<'a>(piece: &'a Piece, composition: &'a IssueComposition) -> Printed<'a> {
    let found = piece.images.iter().filter_map(|it| composition.pictures.get(it.url.as_str()));
    Printed {
        section: &piece.section,
        title: &piece.title,
        body: if piece.summary_only { &piece.summary } else { &piece.html },
        attribution: &piece.attribution,
        byline: &piece.byline,
        pictures: found.map(|picture| picture.sha256.as_str()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{IssueState, Since};
    use crate::render::issue::tests::{bulletin, laid, weekly};

    #[test]
    fn only_what_prints_changes_the_hash() {
        let composition = weekly();
        let layout = laid(&composition);
        let hash = content_sha256(&composition, &layout);
        assert_eq!(hash.len(), 64);

        let mut reviewed = composition.clone();
        reviewed.acts.clear();
        reviewed.issue.state = IssueState::Pushed;
        reviewed.issue.version = 9;
        assert_eq!(content_sha256(&reviewed, &layout), hash, "acts, state and version");

        let mut seen = vec![hash];
        let mut differs = |composition: &IssueComposition, layout: &Layout, what: &str| {
            let hash = content_sha256(composition, layout);
            assert!(!seen.contains(&hash), "{what}");
            seen.push(hash);
        };
        let mut other = composition.clone();
        other.cover.as_mut().unwrap().sha256 = "ff".to_owned();
        differs(&other, &layout, "cover");
        let mut other = layout.clone();
        other.articles.swap(0, 1);
        differs(&composition, &other, "order");
        let mut other = layout.clone();
        other.articles[0].draft.title.push('！');
        differs(&composition, &other, "title");
        let mut other = layout.clone();
        other.articles[0].draft.content.push(' ');
        differs(&composition, &other, "content");
    }

    #[test]
    fn of_a_bulletin_the_pieces_count() {
        let composition = bulletin();
        let hash = content_sha256(&composition, &Layout::default());
        let mut other = composition.clone();
        other.pieces.swap(0, 1);
        assert_ne!(content_sha256(&other, &Layout::default()), hash);
        let mut other = composition.clone();
        other.pieces[0].since = Since::Withdrawn;
        assert_ne!(content_sha256(&other, &Layout::default()), hash);
        let mut other = composition;
        other.pieces[0].since = Since::Revised;
        assert_eq!(content_sha256(&other, &Layout::default()), hash);
    }
}
