//! Captions: which paragraph after a picture belongs to it.

use std::sync::LazyLock;

use regex::Regex;

use super::block::{Align, Block, Kind};

/// Characters of a caption at most.
const LONGEST: usize = 40;
/// Characters of a caption that says of itself that it is one (图为…, …摄).
const LONGEST_MARKED: usize = 90;

/// Gives each picture the paragraph after it where that is its caption.
pub(super) fn attach(blocks: Vec<Block>) -> Vec<Block> {
    let is_caption: Vec<bool> = (0..blocks.len()).map(|at| caption_of(&blocks, at)).collect();
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    for (block, is_caption) in blocks.into_iter().zip(is_caption) {
        if is_caption
            && let Some(Block { kind: Kind::Picture(image), .. }) = out.last_mut()
            && image.caption.is_empty()
        {
            image.caption = block.text;
            continue;
        }
        out.push(block);
    }
    out
}

fn caption_of(blocks: &[Block], at: usize) -> bool {
    let block = &blocks[at];
    let picture = at.checked_sub(1).map(|before| &blocks[before]);
    let Some(picture) = picture.filter(|before| matches!(before.kind, Kind::Picture(_))) else {
        return false;
    };
    if block.kind != Kind::Paragraph || !block.files.is_empty() {
        return false;
    }
    let text = block.text.as_str();
    let count = text.chars().count();
    if MARKED.is_match(text) && count <= LONGEST_MARKED {
        return true;
    }
    // Bare numbers count sections or pictures.
    if text.chars().all(|c| c.is_ascii_digit()) {
        return false;
    }
    let said = text.trim_end_matches(['”', '"', '’', '」', '）', ')']);
    if count > LONGEST || said.ends_with(['。', '！', '？', '；', '：', '…', ':', '!', '?'])
    {
        return false;
    }
    if block.align == Align::Right || NUMBERED.is_match(text) {
        return false;
    }
    let centred = block.align == Align::Center && picture.align == Align::Center;
    !block.bold && (centred || !repeats_as_heading(blocks, at))
}

/// What only captions say: 图为…, 图一：…, （张三 摄）.
static MARKED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[▲△↑（(]?\s*(?:图为|[上下左右]图\s*(?:[:：]|为)|图片?(?:[:：]|\d|[一二三四五六七八九十]+[:：]))|(?:摄|供图|/图|图/\S{1,8})\s*[)）]?$")
        .expect("the pattern is valid")
});

static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[)）]|\d{1,2}[.、．]|第[一二三四五六七八九十]+[章节条])")
        .expect("the pattern is valid")
});

/// True where other short lines, which follow no picture, begin alike: 加强宣传, 加强组织, ….
fn repeats_as_heading(blocks: &[Block], at: usize) -> bool {
    let start: String = blocks[at].text.chars().take(2).collect();
    blocks.iter().enumerate().any(|(other, block)| {
        let after_picture = other
            .checked_sub(1)
            .is_some_and(|before| matches!(blocks[before].kind, Kind::Picture(_)));
        other != at
            && !after_picture
            && block.kind == Kind::Paragraph
            && block.chars <= 20
            && block.text.starts_with(&start)
    })
}

#[cfg(test)]
mod tests {
    use super::super::block;
    use super::*;
    use crate::text::dom;

    #[track_caller]
    fn captions(html: &str, wanted: &[&str]) {
        let doc = dom::parse(html).unwrap();
        let url = "http://a.test/".parse().unwrap();
        let dropped = Default::default();
        let ground = block::Ground { base: &url, dropped: &dropped, endings: &[] };
        let blocks = attach(block::read(&[doc.body().unwrap()], ground));
        let found: Vec<String> = blocks
            .into_iter()
            .filter_map(|block| match block.kind {
                Kind::Picture(image) => Some(image.caption),
                _ => None,
            })
            .collect();
        assert_eq!(found, wanted, "in {html}");
    }

    #[test]
    fn the_paragraph_after_a_picture() {
        captions(
            "<p><img src=a.jpg></p><p>&nbsp;</p><p>座谈会现场</p><p>正文。</p>",
            &["座谈会现场"],
        );
        captions(
            "<p><img src=a.jpg><br>图为座谈会现场，市有关领导出席。</p>",
            &["图为座谈会现场，市有关领导出席。"],
        );
        captions("<p><img src=a.jpg></p><p><img src=b.jpg></p><p>两图</p>", &["", "两图"]);
        captions("<p>第一段。<img src=a.jpg>会后，大家参观了展厅，并作了交流发言。</p>", &[""]);
        captions("<p><img src=a.jpg></p><p>上图：座谈会现场。</p>", &["上图：座谈会现场。"]);
        captions("<p><img src=a.jpg></p><p>01</p>", &[""]);
        captions("<p><img src=a.jpg></p><p>“大家的建议，我们都记下了。”</p>", &[""]);
        captions("<p><img src=a.jpg></p><p><b>下一步打算</b></p>", &[""]);
        captions("<p><img src=a.jpg></p><p>二、主要做法</p>", &[""]);
        captions(
            "<p>加强宣传引导</p><p>一段。</p><p><img src=a.jpg></p><p>加强组织指导</p><p><img src=b.jpg></p><p>会议现场</p>",
            &["", "会议现场"],
        );
        captions("<p><img src=a.jpg></p><p align=right>2026年1月2日</p>", &[""]);
    }
}
