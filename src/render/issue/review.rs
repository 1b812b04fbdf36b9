//! `review.html`: the page at which an issue is looked through, changed, and copied from.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::{Value, context};
use serde::Serialize;

use crate::model::{
    Act, Chosen, Deed, IssueComposition, IssuePicture, Laid, Lang, Piece, Remark, Since, Step,
};
use crate::text::sentence::issue as sentence;

use super::content::content_sha256;
use super::manifest::{Limit, limits};
use super::{Given, body, bulletin, page};

const STYLE: &str = include_str!("../templates/issue/review.css");
const SCRIPT: &str = include_str!("../templates/issue/review.js");

/// What the script of the page works with.
#[derive(Serialize)]
struct Data<'a> {
    issue: String,
    version: u32,
    content_sha256: &'a str,
    account: &'a str,
    articles: Vec<Shown<'a>>,
    /// A bulletin as it lies on paper, with its style.
    sheet: Option<[String; 2]>,
    /// Pictures as `data:` addresses, by their hash.
    pictures: BTreeMap<&'a str, String>,
}

/// An article as it is previewed and copied.
#[derive(Serialize)]
struct Shown<'a> {
    title: &'a str,
    author: &'a str,
    digest: &'a str,
    source_url: &'a str,
    light: String,
    dark: String,
    paste: String,
    /// Where the same stands as a file, for browsers that refuse to copy.
    file: String,
    pieces: &'a [String],
    /// The hashes of the pictures at hand, by the address that stands in `paste`.
    addresses: BTreeMap<&'a str, &'a str>,
}

/// The page.
pub(super) fn document(given: &Given<'_>) -> String {
    let composition = given.composition;
    let issue = &composition.issue;
    let hash = content_sha256(composition, given.layout);
    let remarks = given.remarks();
    let data = context! {
        style => STYLE,
        script => SCRIPT,
        policy => page::policy(Some(SCRIPT)),
        title => composition.title(),
        own_title => &issue.title,
        usual_title => format!("{}{}", composition.digest.title, composition.number()),
        digest => &composition.digest.title,
        number => composition.number(),
        issue => issue.id.to_string(),
        version => issue.version,
        date => page::day(issue.date),
        period => format!("{} 至 {}", issue.period.0, issue.period.1),
        state => sentence::state(issue.state, Lang::Zh),
        note => issue.note.lines().map(str::to_owned).collect::<Vec<_>>(),
        content_sha256 => &hash,
        steps => steps(composition, &hash),
        acts => composition.acts.iter().rev().map(act).collect::<Vec<_>>(),
        severe => remarks.iter().filter(|remark| remark.severe).count(),
        remarks => remarks.iter().map(|remark| remarked(remark, given)).collect::<Vec<_>>(),
        summary_chars => composition.digest.summary_chars,
        sections => sections(composition),
        section_names => section_names(composition).into_iter().map(str::to_owned).collect::<Vec<_>>(),
        articles => articles(given),
        cover => composition.cover.is_some(),
        is_bulletin => given.is_bulletin(),
        data => page::json_in_script(&script_data(given, &hash)),
    };
    page::page("review.html", data)
}

fn script_data<'a>(given: &Given<'a>, hash: &'a str) -> Data<'a> {
    let composition = given.composition;
    let by_hash = body::by_hash(composition);
    let articles: Vec<Shown<'a>> = (1..)
        .zip(&given.layout.articles)
        .map(|(number, laid)| shown(number, laid, given, &by_hash))
        .collect();
    let used: BTreeSet<&str> =
        articles.iter().flat_map(|it| it.addresses.values().copied()).collect();
    let pictures =
        used.into_iter().filter_map(|sha| Some((sha, body::data_url(by_hash.get(sha)?))));
    Data {
        issue: composition.issue.id.to_string(),
        version: composition.issue.version,
        content_sha256: hash,
        account: given.account.unwrap_or(&composition.digest.title),
        sheet: given
            .is_bulletin()
            .then(|| [bulletin::sheet(composition), bulletin::STYLE.to_owned()]),
        pictures: pictures.collect(),
        articles,
    }
}

fn shown<'a>(
    number: usize,
    laid: &'a Laid,
    given: &Given<'a>,
    by_hash: &BTreeMap<&str, &IssuePicture>,
) -> Shown<'a> {
    let light = body::shown(laid, by_hash);
    // Addresses stand escaped in HTML; one that is not in the text costs nothing to look for.
    let addresses = given.composition.pictures.iter().filter(|(address, _)| {
        laid.paste.contains(&address.replace('&', "&amp;")) || laid.paste.contains(address.as_str())
    });
    Shown {
        title: &laid.draft.title,
        author: &laid.draft.author,
        digest: &laid.draft.digest,
        source_url: &laid.draft.content_source_url,
        dark: (given.dark)(&light),
        light,
        paste: body::pasted(laid, given.composition),
        file: format!("article-{number}.paste.html"),
        pieces: &laid.pieces,
        addresses: addresses.map(|(at, picture)| (at.as_str(), picture.sha256.as_str())).collect(),
    }
}

/// The way of an issue: each approval that it needs, and what comes after.
fn steps(composition: &IssueComposition, hash: &str) -> Vec<Value> {
    let end = if composition.digest.kind.is_for_wechat() { Deed::Pushed } else { Deed::Closed };
    let wanted = Step::wanted(composition.digest.approvals).iter().map(|step| step.deed());
    std::iter::once(Deed::Built)
        .chain(wanted)
        .chain([end])
        .map(|deed| {
            let done =
                composition.acts.iter().rev().find(|act| act.what == deed && counts(act, hash));
            context! {
                name => sentence::deed(deed, Lang::Zh),
                by => done.and_then(|act| act.by.as_deref()),
                at => done.map(|act| page::minute(act.at)),
                sha256 => done.map(|act| act.content_sha256.as_str()),
                done => done.is_some(),
            }
        })
        .collect()
}

/// Whether an act still says something of what prints: an approval does while it holds and nothing
/// changed.
pub(super) fn counts(act: &Act, hash: &str) -> bool {
    !act.what.is_approval() || (act.holds && act.content_sha256 == hash)
}

fn act(act: &Act) -> Value {
    context! {
        what => sentence::deed(act.what, Lang::Zh),
        at => page::minute(act.at),
        by => act.by.as_deref(),
        way => &act.way,
        remark => &act.remark,
        sha256 => &act.content_sha256,
        holds => act.holds,
    }
}

fn remarked(remark: &Remark, given: &Given<'_>) -> Value {
    let key = remark.piece.as_deref();
    let piece = given.composition.pieces.iter().find(|piece| Some(piece.key.as_str()) == key);
    context! {
        severe => remark.severe,
        code => remark.code,
        zh => &remark.zh,
        en => &remark.en,
        words => &remark.words,
        piece => piece.map(|piece| &piece.key),
        piece_title => piece.map(|piece| &piece.title),
        shown => key.is_some_and(|key| article_of(key, given).is_some()),
    }
}

/// The number of the first article that prints a piece, from 1.
fn article_of(key: &str, given: &Given<'_>) -> Option<usize> {
    let prints = |laid: &Laid| laid.pieces.iter().any(|piece| piece == key);
    given.layout.articles.iter().position(prints).map(|at| at + 1)
}

/// Every heading that a piece may stand under, those of the pieces first.
fn section_names(composition: &IssueComposition) -> Vec<&str> {
    let used = composition.pieces.iter().map(|piece| piece.section.as_str());
    let defined = composition.digest.sections.iter().map(|section| section.title.as_str());
    let mut names = Vec::new();
    for name in used.chain(defined) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn sections(composition: &IssueComposition) -> Vec<Value> {
    let section = |name: &str| {
        let pieces = composition.pieces.iter().filter(|piece| piece.section == name);
        let rows: Vec<Value> = pieces.filter_map(|piece| row(piece, composition)).collect();
        context! { name => name, rows => rows }
    };
    section_names(composition).into_iter().map(section).collect()
}

fn row(piece: &Piece, composition: &IssueComposition) -> Option<Value> {
    let chosen = composition.issue.chosen.iter().find(|chosen| chosen.key == piece.key)?;
    Some(context! {
        key => &piece.key,
        section => &piece.section,
        title => title(piece, chosen),
        original_title => &piece.original_title,
        summary => &piece.summary,
        automatic => (!piece.summary_edited).then_some(&piece.summary),
        picture => chosen.picture,
        pictures => piece.images.len(),
        lost => piece.images.iter().filter(|it| composition.missing.contains_key(it.url.as_str())).count(),
        source => &piece.source,
        site => (piece.site != piece.source).then_some(&piece.site),
        posted => piece.posted.map(|day| day.to_string()),
        url => piece.url.as_ref().map(|url| url.as_str()),
        third_party => piece.third_party,
        summary_only => piece.summary_only,
        revised => piece.since == Since::Revised,
        withdrawn => piece.since == Since::Withdrawn,
        also_at => piece.also_at.join("、"),
    })
}

fn title<'a>(piece: &'a Piece, chosen: &'a Chosen) -> &'a str {
    chosen.title.as_deref().unwrap_or(&piece.original_title)
}

fn articles(given: &Given<'_>) -> Vec<Value> {
    let by_hash = body::by_hash(given.composition);
    let each = given.layout.articles.iter().enumerate().map(|(at, laid)| {
        let limits = limits(&laid.draft);
        context! {
            title => &laid.draft.title,
            digest => &laid.draft.digest,
            thumb => thumb(at, laid, given, &by_hash),
            counts => [
                count("标题", &limits, "title"),
                count("摘要", &limits, "digest"),
                count("HTML", &limits, "content"),
            ],
        }
    });
    each.collect()
}

fn count(name: &str, limits: &[Limit], of: &str) -> Value {
    let limit = limits.iter().find(|limit| limit.of == of).expect("every article is measured");
    let most = (limit.most != limit.advised && of == "title").then_some(limit.most);
    context! {
        name => name,
        used => limit.used,
        most => if of == "title" { limit.advised } else { limit.most },
        hard => most,
        over => limit.used > limit.advised,
        bad => !limit.kept,
    }
}

/// The picture beside an article in a conversation: the wide cover for the first.
fn thumb(
    at: usize,
    laid: &Laid,
    given: &Given<'_>,
    by_hash: &BTreeMap<&str, &IssuePicture>,
) -> Option<String> {
    let own =
        laid.draft.thumb_media_id.strip_prefix("{{cover:").and_then(|it| it.strip_suffix("}}"));
    if let Some(picture) = own.and_then(|sha| by_hash.get(sha)) {
        let is_cover = |cover: &Option<IssuePicture>| cover.as_ref() == Some(*picture);
        return Some(match () {
            () if is_cover(&given.composition.cover) => "cover-235.jpg".to_owned(),
            () if is_cover(&given.composition.cover_square) => "cover-1x1.jpg".to_owned(),
            () => body::place(picture),
        });
    }
    let (cover, file) = match at {
        0 => (&given.composition.cover, "cover-235.jpg"),
        _ => (&given.composition.cover_square, "cover-1x1.jpg"),
    };
    cover.as_ref().map(|_| file.to_owned())
}
