//! An issue → articles of a WeChat Official Account that survive the platform as they are.
//!
//! In: an [`IssueComposition`]; out: [`Layout`], the articles in the two forms that they travel in
//! (a draft for the interface, HTML for the editor), and remarks on what was left out to keep the
//! limits. Bodies become blocks (`convert`), blocks become the part of HTML that the platform keeps
//! (`write`, `look`), and what is too long loses pictures, then words, then is split (`overview`,
//! `article`, `budget`). The same composition gives the same bytes.

mod article;
mod block;
mod budget;
mod convert;
mod field;
mod fill;
mod look;
mod overview;
mod plain;
mod reference;
mod remark;
mod setting;
mod words;
mod write;

use crate::model::{DigestKind, IssueComposition, Laid, Layout, Piece, Remark};

pub use fill::{Filled, fill};
pub use plain::{markdown, text};

use article::Full;
use budget::{LIMIT, MOST_ARTICLES, size};
use overview::Overview;
use remark::{named, remark, severe};
use setting::Setting;

/// One article, before it has its cover and its signature.
struct Written {
    title: String,
    draft: String,
    paste: String,
    pictures: Vec<String>,
    pieces: Vec<String>,
    address: String,
    digest: String,
}

/// Lays an issue out for the platform; a bulletin, and an issue of nothing, have no articles.
pub fn lay(composition: &IssueComposition) -> Layout {
    let mut remarks = Vec::new();
    let kind = composition.digest.kind;
    let pieces: Vec<&Piece> = composition.printed().collect();
    if !kind.is_for_wechat() {
        return Layout::default();
    }
    if pieces.is_empty() {
        remarks.push(severe(
            "issue-empty",
            None,
            "本期没有可刊登的条目".to_owned(),
            "the issue has nothing to print".to_owned(),
        ));
        return Layout { articles: Vec::new(), remarks };
    }
    let setting = Setting::of(composition, &mut remarks);
    field::remark_addresses(&pieces, &mut remarks);
    let mut written = Vec::new();
    if matches!(kind, DigestKind::Overview | DigestKind::Both) {
        written = Overview::of(&setting, &pieces, &mut remarks).lay(&mut remarks);
    }
    if matches!(kind, DigestKind::Articles | DigestKind::Both) {
        let slots = MOST_ARTICLES - written.len().min(MOST_ARTICLES);
        remark_beyond(&pieces, slots, kind, &mut remarks);
        written.extend(full(&setting, &pieces[..pieces.len().min(slots)], slots, &mut remarks));
    }
    let author = field::author(composition, &mut remarks);
    let is_single = written.len() == 1;
    let articles = (0..).zip(written);
    let articles = articles
        .map(|(at, one)| laid(composition, one, (at, is_single), &author, &mut remarks))
        .collect();
    Layout { articles, remarks }
}

/// Pieces in full. Each has an article, and long ones more while there are any.
fn full(
    setting: &Setting<'_>,
    pieces: &[&Piece],
    slots: usize,
    remarks: &mut Vec<Remark>,
) -> Vec<Written> {
    let mut free = slots - pieces.len();
    let mut written = Vec::new();
    for piece in pieces {
        let full = Full::of(setting, piece, remarks);
        let more = (full.wanted() - 1).min(free);
        let parts = full.lay(more + 1, remarks);
        free -= parts.len().saturating_sub(1).min(free);
        written.extend(parts);
    }
    written
}

fn remark_beyond(pieces: &[&Piece], slots: usize, kind: DigestKind, remarks: &mut Vec<Remark>) {
    let beyond = &pieces[slots.min(pieces.len())..];
    let (Some(first), count) = (beyond.first(), beyond.len()) else { return };
    if kind == DigestKind::Both {
        let from = named(first);
        remarks.push(remark(
            "overview-only",
            None,
            format!("一次最多发 {MOST_ARTICLES} 篇，从{from}起的 {count} 篇只在速览中刊登；要全文刊登哪篇，请移到前面"),
            format!("a draft has {MOST_ARTICLES} articles at most: {count} pieces from {from} on stand in the overview only; move to the front what is to be printed in full"),
        ));
        return;
    }
    for piece in beyond {
        let name = named(piece);
        remarks.push(severe(
            "piece-left-out",
            Some(piece),
            format!("一次最多发 {MOST_ARTICLES} 篇，{name}未编入，请删减条目或改用“速览加全文”"),
            format!("a draft has {MOST_ARTICLES} articles at most: this piece is left out; choose fewer, or kind `both`"),
        ));
    }
}

/// The article as it stands at its place in the draft.
fn laid(
    composition: &IssueComposition,
    one: Written,
    (at, is_single): (usize, bool),
    author: &str,
    remarks: &mut Vec<Remark>,
) -> Laid {
    if size(&one.draft) > LIMIT {
        remarks.push(severe(
            "content-long",
            None,
            format!("“{}”的正文超过 {LIMIT} 字符，平台可能拒收，请删减", one.title),
            format!("the content of article {} has more than {LIMIT} characters: the platform may refuse it", at + 1),
        ));
    }
    let own = one.pictures.first().filter(|_| at > 0);
    let cover = own
        .and_then(|sha256| composition.pictures.values().find(|picture| picture.sha256 == *sha256));
    let mut draft = field::draft(one.title, author.to_owned(), one.draft, one.address, cover);
    if is_single {
        draft.digest = one.digest;
    }
    Laid { draft, paste: one.paste, pieces: one.pieces, pictures: one.pictures }
}

#[cfg(test)]
mod tests;
