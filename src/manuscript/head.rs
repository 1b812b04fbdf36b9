//! What the lines of a manuscript mean: its title, who wrote it, when, and which words belong to
//! which picture.

mod label;

use std::collections::HashMap;

use super::block::{self, Align, Block, Paragraph, Role};
use super::{Manuscript, ManuscriptError, Source};
use crate::text::{plain, sanitise};
use label::Labels;

/// A title is no longer than this (characters).
const LONGEST_TITLE: usize = 120;
/// A first line that nothing marks as a title is one up to so many characters.
const LONGEST_FIRST_LINE: usize = 60;
/// A title stands among so many first blocks.
const TITLE_WITHIN: usize = 6;
/// Lines with source and date follow the title so closely, or stand so near the end.
const LABELS_WITHIN: usize = 4;
/// A caption is no longer than this (characters).
const LONGEST_CAPTION: usize = 80;
/// More characters are no manuscript.
const MOST_CHARACTERS: usize = 300_000;

/// The manuscript that `source`, read from the file `name`, makes.
pub(super) fn manuscript(mut source: Source, name: &str) -> Result<Manuscript, ManuscriptError> {
    let mut blocks = std::mem::take(&mut source.blocks);
    if blocks.is_empty() {
        return Err(ManuscriptError::Empty);
    }
    let title = title(&mut blocks, source.title.as_deref(), source.perhaps.as_deref());
    let title = title.unwrap_or_else(|| {
        let stem = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let stem = plain::one_line(stem.rsplit_once('.').map_or(stem, |(stem, _)| stem));
        source.remark(
            "title-guessed",
            "稿件里没有找到标题，暂用文件名代替：请填写标题",
            "no title was found in the manuscript, and the name of its file stands in: give it a title",
            &stem,
        );
        stem
    });
    let mut labels = Labels::default();
    read_head(&mut blocks, &mut labels);
    read_foot(&mut blocks, &mut labels);
    let blocks = with_captions(headed(blocks));
    let body = sanitise::manuscript(&block::body(&blocks));
    if body.text.chars().count() > MOST_CHARACTERS {
        let limit = format!("{MOST_CHARACTERS} characters");
        return Err(ManuscriptError::TooLarge { what: "the text".to_owned(), limit });
    }
    Ok(Manuscript {
        title,
        credit: labels.credit.or(source.credit),
        author: labels.author,
        editor: labels.editor,
        photographer: labels.photographer,
        posted: labels.posted.or(source.posted),
        url: labels.url,
        html: body.html,
        text: body.text,
        images: body.images,
        pictures: source.pictures,
        remarks: source.remarks,
    })
}

/// Takes the title out of the first blocks; `sure` stands beside them, `perhaps` may be it.
fn title(blocks: &mut Vec<Block>, sure: Option<&str>, perhaps: Option<&str>) -> Option<String> {
    let place = |title: &str| {
        // The same words at the head of the text are the title once more.
        let same = |block: &Block| is_paragraph(block, |p| p.text() == title);
        blocks.iter().take(TITLE_WITHIN).position(same)
    };
    if let Some(title) = sure.filter(|title| !title.is_empty()) {
        if let Some(at) = place(title) {
            blocks.remove(at);
        }
        return Some(title.to_owned());
    }
    let perhaps = perhaps.filter(|title| !title.is_empty());
    if let Some(at) = perhaps.and_then(place) {
        return text(&blocks.remove(at));
    }
    let usual = usual_size(blocks);
    let within = blocks.len().min(TITLE_WITHIN);
    let styled = |p: &Paragraph| p.role == Role::Title;
    let large = |p: &Paragraph| {
        let is_large = matches!((p.size, usual), (Some(size), Some(usual)) if size > usual);
        p.align == Align::Center && p.role != Role::Caption && (is_large || p.is_bold())
    };
    let heading = |p: &Paragraph| p.role == Role::Heading(1);
    let run = run(&blocks[..within], styled)
        .or_else(|| run(&blocks[..within], large))
        .or_else(|| run(&blocks[..within.min(1)], heading));
    if let Some(run) = run {
        let lines: Vec<String> = blocks.drain(run).filter_map(|block| text(&block)).collect();
        return Some(joined(&lines));
    }
    if let Some(title) = perhaps {
        return Some(title.to_owned());
    }
    let first = blocks.iter().position(|block| matches!(block, Block::Paragraph(_)))?;
    let words = text(&blocks[first])?;
    let is_sentence = words.ends_with(['。', '；', '：', ':', '.', '，', '、']);
    let is_short = words.chars().count() <= LONGEST_FIRST_LINE;
    let is_title = first < TITLE_WITHIN && is_short && !is_sentence && blocks.len() > 1;
    if !is_title || label::is_labelled(&words) {
        return None;
    }
    blocks.remove(first);
    Some(words)
}

/// The first paragraphs that follow one another and look alike, as far as they make one title.
fn run(blocks: &[Block], fits: impl Fn(&Paragraph) -> bool) -> Option<std::ops::Range<usize>> {
    let fits = |block: &Block| is_paragraph(block, |p| fits(p) && !label::is_labelled(&p.text()));
    let start = blocks.iter().position(&fits)?;
    let look = |block: &Block| match block {
        Block::Paragraph(p) => Some((p.size, p.is_bold(), p.align, p.role)),
        _ => None,
    };
    let mut end = start;
    let mut length = 0;
    for block in &blocks[start..] {
        length += text(block).map_or(0, |words| words.chars().count());
        let alike = fits(block) && look(block) == look(&blocks[start]);
        if !alike || length > LONGEST_TITLE {
            break;
        }
        end += 1;
    }
    (end > start).then_some(start..end)
}

/// Lines of one title: Latin words are set apart, Chinese are not.
fn joined(lines: &[String]) -> String {
    let mut title = String::new();
    for line in lines {
        let meets = title.ends_with(|c: char| c.is_ascii_alphanumeric())
            && line.starts_with(|c: char| c.is_ascii_alphanumeric());
        if meets {
            title.push(' ');
        }
        title.push_str(line);
    }
    title
}

/// The size of most letters.
fn usual_size(blocks: &[Block]) -> Option<u32> {
    let mut sizes: HashMap<u32, usize> = HashMap::new();
    for block in blocks {
        if let Block::Paragraph(Paragraph { size: Some(size), .. }) = block {
            *sizes.entry(*size).or_default() += text(block).map_or(0, |text| text.len());
        }
    }
    sizes.into_iter().max_by_key(|&(size, count)| (count, size)).map(|(size, _)| size)
}

/// Takes the lines with source, author and date out of the first blocks.
fn read_head(blocks: &mut Vec<Block>, labels: &mut Labels) {
    let mut at = 0;
    for _ in 0..LABELS_WITHIN {
        match blocks.get(at).and_then(text) {
            Some(words) if labels.read(&words, true) => {
                blocks.remove(at);
            }
            // A subtitle or a picture may stand between.
            _ => at += 1,
        }
    }
}

/// Takes the lines with the names of those who wrote it out of the last blocks.
fn read_foot(blocks: &mut Vec<Block>, labels: &mut Labels) {
    for _ in 0..LABELS_WITHIN {
        match blocks.last().and_then(text) {
            Some(words) if blocks.len() > 1 && labels.read(&words, false) => {
                blocks.pop();
            }
            _ => return,
        }
    }
}

/// Headings by the habits of official documents (GB/T 9704-2012, 7.3.3): bold lines that begin with
/// 一、 or （一）.
fn headed(mut blocks: Vec<Block>) -> Vec<Block> {
    for block in &mut blocks {
        let Block::Paragraph(paragraph) = block else { continue };
        let words = paragraph.text();
        let is_line = words.chars().count() <= 40 && !words.ends_with(['。', '；', '，']);
        if paragraph.role != Role::Text || !is_line || !paragraph.is_bold() {
            continue;
        }
        let number =
            |text: &str| text.trim_start_matches(|c| "一二三四五六七八九十".contains(c)).len();
        let rest = number(&words);
        if rest < words.len() && words[words.len() - rest..].starts_with('、') {
            paragraph.role = Role::Heading(1);
        } else if let Some(inner) = words.strip_prefix(['（', '(']) {
            let rest = number(inner);
            if rest < inner.len() && inner[inner.len() - rest..].starts_with(['）', ')']) {
                paragraph.role = Role::Heading(2);
            }
        }
    }
    blocks
}

/// Gives pictures the words that stand under them.
fn with_captions(blocks: Vec<Block>) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    for block in blocks {
        let words = match &block {
            Block::Paragraph(paragraph) => caption(paragraph),
            _ => None,
        };
        match (out.last_mut(), words) {
            (Some(Block::Picture(picture)), Some(words)) if picture.caption.is_empty() => {
                picture.caption = words;
            }
            _ => out.push(block),
        }
    }
    out
}

/// The words of a paragraph that can belong to a picture above it.
fn caption(paragraph: &Paragraph) -> Option<String> {
    let words = paragraph.text();
    let marked = words.starts_with(['▲', '△', '↑', '图']) || paragraph.role == Role::Caption;
    let is_plain = paragraph.role == Role::Text && !paragraph.is_bold();
    let fits = words.chars().count() <= LONGEST_CAPTION
        && (marked || (is_plain && paragraph.align == Align::Center));
    let words = words.trim_start_matches(['▲', '△', '↑', ' ']).to_owned();
    (fits && !words.is_empty()).then_some(words)
}

fn is_paragraph(block: &Block, fits: impl Fn(&Paragraph) -> bool) -> bool {
    matches!(block, Block::Paragraph(paragraph) if fits(paragraph))
}

/// The words of a paragraph, where there are any.
fn text(block: &Block) -> Option<String> {
    match block {
        Block::Paragraph(paragraph) => Some(paragraph.text()).filter(|words| !words.is_empty()),
        _ => None,
    }
}
