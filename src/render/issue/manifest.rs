//! `manifest.json`: what an issue is made of, for programs and archives.

use serde::Serialize;

use crate::model::{
    Act, Deed, DigestKind, DraftArticle, IssueComposition, IssueState, Lang, Piece, PushedDraft,
    Since,
};

use super::Given;
use super::content::{content_sha256, piece_sha256};

/// Grows when a reader of manifests would have to change.
const SCHEMA: u32 = 1;

/// Characters of a title that are shown everywhere, and that the platform takes.
const TITLE: (usize, usize) = (32, 64);
const AUTHOR: usize = 16;
const DIGEST: usize = 120;
/// Of the HTML of an article: characters, and bytes of UTF-8.
const CONTENT: (usize, usize) = (20_000, 1_000_000);
/// Bytes of the address of 阅读原文.
const SOURCE_URL: usize = 1_024;

#[derive(Serialize)]
struct Manifest<'a> {
    schema: u32,
    account: Option<&'a str>,
    issue: String,
    version: u32,
    number: String,
    title: String,
    kind: DigestKind,
    date: String,
    period: [String; 2],
    state: IssueState,
    content_sha256: String,
    items: Vec<Item<'a>>,
    articles: Vec<Article<'a>>,
    covers: Covers<'a>,
    approvals: Vec<Approval<'a>>,
    /// The draft that it became.
    push: Option<&'a PushedDraft>,
    remarks: Vec<&'a crate::model::Remark>,
}

#[derive(Serialize)]
struct Item<'a> {
    key: &'a str,
    id: Option<&'a str>,
    section: &'a str,
    title: &'a str,
    original_title: &'a str,
    source: &'a str,
    source_url: Option<&'a str>,
    published_at: Option<String>,
    column: &'a str,
    content_sha256: String,
    images: Vec<Picture<'a>>,
    third_party_source: bool,
    since: Since,
}

#[derive(Serialize)]
struct Picture<'a> {
    source_url: &'a str,
    /// Its place in the bundle, where it could be had.
    file: Option<String>,
    sha256: Option<&'a str>,
    missing: Option<&'a str>,
}

#[derive(Serialize)]
struct Article<'a> {
    title: &'a str,
    pieces: &'a [String],
    limits: Vec<Limit>,
}

/// A length and what it is held against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Limit {
    /// Of what: `title`, `digest`, `content`, ….
    pub(super) of: &'static str,
    /// What it is counted in: `characters` or `bytes`.
    pub(super) unit: &'static str,
    /// How long it is.
    pub(super) used: usize,
    /// How long it had better be.
    pub(super) advised: usize,
    /// How long it may be.
    pub(super) most: usize,
    /// Whether it may be so long.
    pub(super) kept: bool,
}

#[derive(Serialize)]
struct Covers<'a> {
    wide: Option<&'a str>,
    square: Option<&'a str>,
}

#[derive(Serialize)]
struct Approval<'a> {
    step: Deed,
    name: Option<&'a str>,
    at: String,
    sha256: &'a str,
    holds: bool,
}

/// The manifest as indented JSON.
pub(super) fn document(given: &Given<'_>) -> String {
    let composition = given.composition;
    let issue = &composition.issue;
    let cover =
        |it: &'_ Option<crate::model::IssuePicture>| it.as_ref().map(|it| it.sha256.clone());
    let (wide, square) = (cover(&composition.cover), cover(&composition.cover_square));
    let manifest = Manifest {
        schema: SCHEMA,
        account: given.account,
        issue: issue.id.to_string(),
        version: issue.version,
        number: composition.number(),
        title: composition.title(),
        kind: composition.digest.kind,
        date: issue.date.to_string(),
        period: [issue.period.0.to_string(), issue.period.1.to_string()],
        state: issue.state,
        content_sha256: content_sha256(composition, given.layout),
        items: composition.pieces.iter().map(|piece| item(piece, composition)).collect(),
        articles: given
            .layout
            .articles
            .iter()
            .map(|laid| article(&laid.draft, &laid.pieces))
            .collect(),
        covers: Covers { wide: wide.as_deref(), square: square.as_deref() },
        approvals: composition.acts.iter().filter_map(approval).collect(),
        push: given.pushed,
        remarks: given.remarks.iter().chain(&given.layout.remarks).collect(),
    };
    let mut text =
        serde_json::to_string_pretty(&manifest).expect("plain structures have a JSON form");
    text.push('\n');
    text
}

fn item<'a>(piece: &'a Piece, composition: &'a IssueComposition) -> Item<'a> {
    Item {
        key: &piece.key,
        id: piece.item.as_ref().map(|id| id.as_str()),
        section: &piece.section,
        title: &piece.title,
        original_title: &piece.original_title,
        source: &piece.source,
        source_url: piece.url.as_ref().map(|url| url.as_str()),
        published_at: piece.posted.map(|day| day.to_string()),
        column: &piece.site,
        content_sha256: piece_sha256(piece, composition),
        images: piece.images.iter().map(|image| picture(image.url.as_str(), composition)).collect(),
        third_party_source: piece.third_party,
        since: piece.since,
    }
}

fn picture<'a>(address: &'a str, composition: &'a IssueComposition) -> Picture<'a> {
    let held = composition.pictures.get(address);
    Picture {
        source_url: address,
        file: held.map(super::body::place),
        sha256: held.map(|it| it.sha256.as_str()),
        missing: composition.missing.get(address).map(|why| why.text(Lang::Zh)),
    }
}

fn article<'a>(draft: &'a DraftArticle, pieces: &'a [String]) -> Article<'a> {
    Article { title: &draft.title, pieces, limits: limits(draft) }
}

/// How the parts of an article stand to the limits of the platform.
pub(super) fn limits(draft: &DraftArticle) -> Vec<Limit> {
    let characters = |of, text: &str, (advised, most)| {
        let used = text.chars().count();
        Limit { of, unit: "characters", used, advised, most, kept: used <= most }
    };
    let bytes = |of, text: &str, most: usize| {
        let used = text.len();
        Limit { of, unit: "bytes", used, advised: most, most, kept: used <= most }
    };
    // An article must stay below its limits, everything else within.
    let below = |limit: Limit| Limit { kept: limit.used < limit.most, ..limit };
    vec![
        characters("title", &draft.title, TITLE),
        characters("author", &draft.author, (AUTHOR, AUTHOR)),
        characters("digest", &draft.digest, (DIGEST, DIGEST)),
        below(characters("content", &draft.content, (18_000, CONTENT.0))),
        below(bytes("content", &draft.content, CONTENT.1)),
        bytes("content_source_url", &draft.content_source_url, SOURCE_URL),
    ]
}

fn approval(act: &Act) -> Option<Approval<'_>> {
    let steps = [Deed::FirstApproval, Deed::SecondApproval, Deed::FinalApproval];
    steps.contains(&act.what).then(|| Approval {
        step: act.what,
        name: act.by.as_deref(),
        at: act.at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        sha256: &act.content_sha256,
        holds: act.holds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::issue::tests::{bulletin, files, laid, weekly};
    use serde_json::Value;

    const SCHEMA: &str = include_str!("../../../tests/schemas/issue-manifest.json");

    fn manifest(composition: &IssueComposition) -> Value {
        let layout = laid(composition);
        let files = files(composition, &layout);
        let file = files.iter().find(|file| file.path == "manifest.json").unwrap();
        serde_json::from_slice(&file.bytes).unwrap()
    }

    #[test]
    fn manifests_keep_their_schema() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        for composition in [weekly(), bulletin()] {
            let manifest = manifest(&composition);
            let faults: Vec<_> =
                validator.iter_errors(&manifest).map(|fault| fault.to_string()).collect();
            assert_eq!(faults, [""; 0], "{manifest:#}");
        }
    }

    #[test]
    fn it_names_sources_missing_pictures_and_voided_approvals() {
        let manifest = manifest(&weekly());
        assert_eq!(manifest["items"][1]["third_party_source"], true);
        assert_eq!(manifest["items"][1]["original_title"], "原来的标题");
        assert_eq!(manifest["items"][0]["images"][0]["file"], "images/aa.jpg");
        assert_eq!(manifest["items"][0]["images"][1]["missing"], "404");
        assert_eq!(manifest["items"][4]["id"], Value::Null);
        assert_eq!(manifest["approvals"][0]["holds"], false);
        assert_eq!(manifest["approvals"][1]["name"], "甲");
    }

    #[test]
    fn limits_are_counted_in_characters_and_bytes() {
        let mut draft = laid(&weekly()).articles[0].draft.clone();
        draft.title = "字".repeat(64);
        draft.content = "😀".repeat(20_000);
        let found = limits(&draft);
        let short: Vec<_> = found.iter().map(|it| (it.of, it.unit, it.used, it.kept)).collect();
        assert_eq!(short[0], ("title", "characters", 64, true));
        assert_eq!(short[3], ("content", "characters", 20_000, false));
        assert_eq!(short[4], ("content", "bytes", 80_000, true));
        draft.title.push('字');
        assert!(!limits(&draft)[0].kept);
    }
}
