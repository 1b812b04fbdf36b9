//! A piece in full: an article of its own, or several where it is long and there is room for them.

mod body;

use std::ops::Range;

use self::body::{characters, minor_pictures, note, split, unlinked, whole_text, without_pictures};
use super::block::{Block, Paragraph, Shape, pictures};
use super::budget::{LIMIT, balanced, least, packed, part_name, size};
use super::look::{Form, Look, SMALL};
use super::remark::{named, remark, severe};
use super::setting::{Setting, long_date, source};
use super::write::Writer;
use super::{Written, words};
use crate::model::{Both, Lang, Piece, Remark};

/// What the heading of the list of addresses takes at most.
const HEADING: usize = 300;

/// A piece to be printed in full.
pub(super) struct Full<'a> {
    setting: &'a Setting<'a>,
    piece: &'a Piece,
    blocks: Vec<Block>,
}

/// Blocks that stay together, and what they cost.
struct Unit {
    blocks: Vec<Block>,
    cost: usize,
}

impl<'a> Full<'a> {
    pub(super) fn of(
        setting: &'a Setting<'a>,
        piece: &'a Piece,
        remarks: &mut Vec<Remark>,
    ) -> Self {
        let blocks = if piece.summary_only {
            vec![
                Block::Text(Paragraph::of(&piece.summary)),
                Block::Text(note(&format!("来源网站仅许可刊登摘要，{}", whole_text(piece)))),
            ]
        } else {
            body::of(piece, remarks)
        };
        let full = Self { setting, piece, blocks };
        full.remark_missing(remarks);
        full
    }

    /// How many articles it takes once its minor pictures are left out.
    pub(super) fn wanted(&self) -> usize {
        if self.cost(&self.blocks) <= self.room() {
            return 1;
        }
        let bare = without_pictures(&split(self.blocks.clone()), usize::MAX);
        packed(&costs(&self.units(bare)), self.room()).len().max(1)
    }

    /// Its articles, `slots` at most. Pictures go first, then it is split, at last it is cut.
    pub(super) fn lay(&self, slots: usize, remarks: &mut Vec<Remark>) -> Vec<Written> {
        if self.cost(&self.blocks) <= self.room() {
            return vec![self.written(self.blocks.clone(), (0, 1), false, remarks)];
        }
        let blocks = split(self.blocks.clone());
        let minor = minor_pictures(&blocks);
        for parts in 1..=slots {
            let laid = |dropped: usize| {
                let units = self.units(without_pictures(&blocks, dropped));
                balanced(&costs(&units), parts, self.room()).map(|ranges| (ranges, units))
            };
            let Some((dropped, (ranges, units))) = least(minor, laid) else { continue };
            self.remark_reduced(dropped, ranges.len(), remarks);
            return self.parts(&units, ranges, false, remarks);
        }
        self.cut(&blocks, minor, slots.max(1), remarks)
    }

    /// As much as `slots` articles hold, and a pointer to the rest.
    fn cut(
        &self,
        blocks: &[Block],
        minor: usize,
        slots: usize,
        remarks: &mut Vec<Remark>,
    ) -> Vec<Written> {
        let units = self.units(without_pictures(blocks, minor));
        let costs = costs(&units);
        // What does not fit by itself cannot be printed at all.
        let kept = costs.iter().position(|&cost| cost > self.room()).unwrap_or(costs.len());
        let mut ranges = packed(&costs[..kept], self.room());
        ranges.truncate(slots);
        let end = ranges.last().map_or(0, |range| range.end);
        let left: usize = units[end..].iter().map(|unit| characters(&unit.blocks)).sum();
        self.remark_reduced(minor, ranges.len(), remarks);
        remarks.push(severe(
            "text-cut",
            Some(self.piece),
            format!("{}正文超出上限且没有空余的篇位，末尾约 {left} 字未编入，文末已注明请看原文；请减少篇数或删节", named(self.piece)),
            format!("the text is too long and no article is free: about {left} characters at its end are left out, with a pointer to the original"),
        ));
        if ranges.is_empty() {
            ranges.push(0..0);
        }
        self.parts(&units, ranges, true, remarks)
    }

    /// An article a range of units; `is_cut` says that there is more than they hold.
    fn parts(
        &self,
        units: &[Unit],
        ranges: Vec<Range<usize>>,
        is_cut: bool,
        remarks: &mut Vec<Remark>,
    ) -> Vec<Written> {
        let of = ranges.len();
        let part = |(at, range): (usize, Range<usize>)| {
            let blocks = units[range].iter().flat_map(|unit| unit.blocks.clone()).collect();
            self.written(blocks, (at, of), is_cut && at + 1 == of, remarks)
        };
        ranges.into_iter().enumerate().map(part).collect()
    }

    /// Both forms of one article. `part` is its place and how many there are.
    fn written(
        &self,
        blocks: Vec<Block>,
        part: (usize, usize),
        is_cut: bool,
        remarks: &mut Vec<Remark>,
    ) -> Written {
        let name = part_name(part.0, part.1);
        // The first part speaks for the title of all.
        let mut heard = Vec::new();
        let title = super::field::title(&self.piece.title, name, Some(self.piece), &mut heard);
        if part.0 == 0 {
            remarks.append(&mut heard);
        }
        let (draft, shown) = self.html(&blocks, part, is_cut, Form::Draft);
        let (paste, _) = self.html(&blocks, part, is_cut, Form::Paste);
        let address = super::field::source_address(self.piece);
        let digest = super::field::digest(&self.piece.summary);
        let pieces = vec![self.piece.key.clone()];
        Written { title, draft, paste, pictures: shown, pieces, address, digest }
    }

    fn html(
        &self,
        blocks: &[Block],
        part: (usize, usize),
        is_cut: bool,
        form: Form,
    ) -> (String, Vec<String>) {
        let look = self.setting.look(form);
        let mut writer = Writer::new(look, &self.setting.composition.pictures);
        let body = writer.blocks(blocks);
        let mut html = look.plate(&self.setting.name, &self.setting.number, "0 0 16px");
        html.push_str(&self.head(look));
        html.push_str(&body);
        if is_cut {
            html.push_str(&look.p(
                SMALL,
                "margin:0 0 16px;text-align:center",
                &words::escaped(&format!("（因篇幅所限，以上为节选，{}）", whole_text(self.piece))),
            ));
        } else if part.0 + 1 < part.1 {
            let next = ["（未完，接下一篇）".to_owned()];
            html.push_str(&look.centred(&next, "0 0 16px"));
        }
        html.push_str(&self.foot(look, &mut writer));
        (look.root(&html), writer.shown)
    }

    /// Source, date and byline, above the text.
    fn head(&self, look: Look) -> String {
        let date = self.piece.posted.map(long_date).unwrap_or_default();
        let first: Vec<String> =
            [source(self.piece), date].into_iter().filter(|part| !part.is_empty()).collect();
        let byline = words::cut(&words::line(&self.piece.byline), 80);
        let lines = [first.join("　"), byline];
        let lines: Vec<String> =
            lines.iter().filter(|line| !line.is_empty()).map(|line| words::escaped(line)).collect();
        if lines.is_empty() {
            return String::new();
        }
        look.p(SMALL, "margin:0 0 20px;text-align:left", &lines.join("<br>"))
    }

    /// The attribution again, addresses, and the footer of the digest.
    fn foot(&self, look: Look, writer: &mut Writer<'_>) -> String {
        let mut lines = vec![words::cut(&words::line(&self.piece.attribution), 80)];
        let original = words::line(&self.piece.original_title);
        if !original.is_empty() && original != words::line(&self.piece.title) {
            lines.push(format!("原文标题：{}", words::cut(&original, 100)));
        }
        lines.retain(|line| !line.is_empty());
        let lines: Vec<String> = lines.iter().map(|line| words::escaped(line)).collect();
        let mut html = String::new();
        if !lines.is_empty() {
            html = look.p(SMALL, "margin:24px 0 0;text-align:right", &lines.join("<br>"));
        }
        if let Some(url) = &self.piece.url {
            writer.references.number(url.as_str(), &format!("原文（{}）", site(self.piece)));
        }
        html.push_str(&writer.references.list(look));
        html.push_str(&look.foot(&self.setting.footer));
        html
    }

    /// Characters that the blocks of one article may take.
    fn room(&self) -> usize {
        // With the longest of the lines that say that it goes on.
        let (frame, _) = self.html(&[], (0, 1), true, Form::Draft);
        LIMIT.saturating_sub(size(&frame))
    }

    /// What blocks take, the addresses that they refer to included.
    fn cost(&self, blocks: &[Block]) -> usize {
        let mut writer =
            Writer::new(self.setting.look(Form::Draft), &self.setting.composition.pictures);
        let html = writer.blocks(blocks);
        // The heading of the list is in the frame only where the piece has an address itself.
        let list = writer.references.cost();
        size(&html) + list + if list > 0 && self.piece.url.is_none() { HEADING } else { 0 }
    }

    /// Headings stay with what follows them.
    fn units(&self, blocks: Vec<Block>) -> Vec<Unit> {
        let mut units = Vec::new();
        let mut open = Vec::new();
        for block in blocks {
            let is_heading =
                matches!(&block, Block::Text(p) if matches!(p.shape, Shape::Heading(_)));
            open.push(block);
            if !is_heading || open.len() > 3 {
                units.push(self.unit(std::mem::take(&mut open)));
            }
        }
        if !open.is_empty() {
            units.push(self.unit(open));
        }
        units
    }

    fn unit(&self, blocks: Vec<Block>) -> Unit {
        let cost = self.cost(&blocks);
        if cost <= self.room() {
            return Unit { blocks, cost };
        }
        // Too many addresses for one article: the words are worth more.
        let blocks = unlinked(blocks);
        Unit { cost: self.cost(&blocks), blocks }
    }

    fn remark_missing(&self, remarks: &mut Vec<Remark>) {
        let composition = self.setting.composition;
        for picture in pictures(&self.blocks) {
            if composition.pictures.contains_key(&picture.address) {
                continue;
            }
            let unknown = Both::new("原因未知", "for an unknown reason");
            let why = composition.missing.get(&picture.address).unwrap_or(&unknown);
            let zh = why.text(Lang::Zh);
            remarks.push(Remark {
                words: picture.address.clone(),
                ..remark(
                    "picture-missing",
                    Some(self.piece),
                    format!("{}有图片未能取得（{zh}），以文字说明代替，请补图", named(self.piece)),
                    format!("a picture could not be had ({why}): its caption stands in for it; add it by hand"),
                )
            });
        }
    }

    fn remark_reduced(&self, dropped: usize, parts: usize, remarks: &mut Vec<Remark>) {
        let name = named(self.piece);
        if dropped > 0 {
            remarks.push(remark(
                "pictures-left-out",
                Some(self.piece),
                format!("{name}正文过长，省去末尾的 {dropped} 幅图片及其说明"),
                format!("the text is long: {dropped} pictures at its end and their captions are left out"),
            ));
        }
        if parts > 1 {
            remarks.push(remark(
                "split",
                Some(self.piece),
                format!("{name}正文超出单篇上限，分为 {parts} 篇"),
                format!("the text is longer than an article may be: it is split into {parts}"),
            ));
        }
    }
}

/// The name of the site a piece was read from.
pub(super) fn site(piece: &Piece) -> String {
    let site = words::line(&piece.site);
    if site.is_empty() { words::line(&piece.source) } else { site }
}

fn costs(units: &[Unit]) -> Vec<usize> {
    units.iter().map(|unit| unit.cost).collect()
}
