//! The body of a piece as blocks, and what can be done to make it shorter.

use super::super::block::{Align, Block, Paragraph, Run, Shape, text_of};
use super::super::remark::{named, remark};
use super::super::{convert, words};
use crate::model::{Piece, Remark};

/// Blocks of more characters are taken apart where an article is too long anyway.
const LARGE: usize = 2_000;

/// The blocks of a piece; its plain text where its markup cannot be read, its summary where it has
/// no text.
pub(super) fn of(piece: &Piece, remarks: &mut Vec<Remark>) -> Vec<Block> {
    let read = convert::blocks(&piece.html);
    if read.is_none() {
        remarks.push(remark(
            "body-plain",
            Some(piece),
            format!("{}的正文结构过于复杂，只排了文字，请核对图片与表格", named(piece)),
            "the markup of the body is beyond all limits: only its text is laid out; look after pictures and tables".to_owned(),
        ));
    }
    let blocks = read.unwrap_or_default();
    if !blocks.is_empty() {
        return blocks;
    }
    let is_bare = piece.text.trim().is_empty();
    if is_bare {
        remarks.push(remark(
            "body-empty",
            Some(piece),
            format!("{}没有正文，只排了摘要，请补全或改为仅入速览", named(piece)),
            "there is no body: only the summary is laid out; add the text, or keep it to the overview".to_owned(),
        ));
    }
    let text = if is_bare { &piece.summary } else { &piece.text };
    words::lines(text).iter().map(|line| Block::Text(Paragraph::of(line))).collect()
}

/// Where the whole text is.
pub(super) fn whole_text(piece: &Piece) -> &'static str {
    if super::super::field::source_address(piece).is_empty() {
        "全文请见来源网站"
    } else {
        "全文请点击文末“阅读原文”"
    }
}

pub(super) fn note(words: &str) -> Paragraph {
    Paragraph { shape: Shape::Caption, align: Align::Centre, ..Paragraph::of(words) }
}

/// The same blocks, none of them large.
pub(super) fn split(blocks: Vec<Block>) -> Vec<Block> {
    let apart = |block| match block {
        Block::Text(paragraph) => paragraph.split(LARGE).into_iter().map(Block::Text).collect(),
        Block::Table(table) => table.split(LARGE),
        block @ Block::Picture(_) => vec![block],
    };
    // A row that became paragraphs may have become long ones.
    let once: Vec<Block> = blocks.into_iter().flat_map(apart).collect();
    once.into_iter().flat_map(apart).collect()
}

/// How many pictures can be left out: all but the first.
pub(super) fn minor_pictures(blocks: &[Block]) -> usize {
    let count = blocks.iter().filter(|block| matches!(block, Block::Picture(_))).count();
    count.saturating_sub(1)
}

/// The blocks without the last `dropped` of their minor pictures.
pub(super) fn without_pictures(blocks: &[Block], dropped: usize) -> Vec<Block> {
    let keep = minor_pictures(blocks).saturating_sub(dropped) + 1;
    let mut seen = 0;
    let mut kept = blocks.to_vec();
    kept.retain(|block| {
        seen += usize::from(matches!(block, Block::Picture(_)));
        !matches!(block, Block::Picture(_)) || seen <= keep
    });
    kept
}

pub(super) fn characters(blocks: &[Block]) -> usize {
    let of = |block: &Block| match block {
        Block::Text(paragraph) => text_of(&paragraph.runs).chars().count(),
        Block::Picture(picture) => text_of(&picture.caption).chars().count(),
        Block::Table(table) => {
            table.rows.iter().flatten().map(|cell| characters(&cell.blocks)).sum()
        }
    };
    blocks.iter().map(of).sum()
}

/// The same blocks without links that lead out of the platform.
pub(super) fn unlinked(mut blocks: Vec<Block>) -> Vec<Block> {
    let clear = |runs: &mut Vec<Run>| {
        for run in runs.iter_mut().filter(|run| !run.leads_to_article()) {
            run.link = None;
        }
    };
    for block in &mut blocks {
        match block {
            Block::Text(paragraph) => clear(&mut paragraph.runs),
            Block::Picture(picture) => clear(&mut picture.caption),
            Block::Table(table) => {
                for cell in table.rows.iter_mut().flatten() {
                    cell.blocks = unlinked(std::mem::take(&mut cell.blocks));
                }
            }
        }
    }
    blocks
}
