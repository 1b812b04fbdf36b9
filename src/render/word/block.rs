//! The blocks of a body: paragraphs, headings, lists, pictures, tables.

use docx_rs::{Numbering, NumberingId, Paragraph, Pic, Run, Table};
use dom_query::NodeRef;

use crate::model::Asset;
use crate::render::export::Parcel;
use crate::render::held::Files;
use crate::text::{dom, plain};

use super::inline::{self, Form, Inline};
use super::{aligned, link, style, table, text};

/// A block of a document, or of a cell.
pub(super) enum Block {
    Paragraph(Box<Paragraph>),
    Table(Box<Table>),
}

impl Block {
    pub(super) fn paragraph(paragraph: Paragraph) -> Self {
        Self::Paragraph(Box::new(paragraph))
    }
}

/// Where blocks stand.
#[derive(Clone, Copy)]
pub(super) struct Ground {
    /// The style of their paragraphs.
    pub(super) style: &'static str,
    /// How wide a picture may be, in twips.
    pub(super) width: usize,
    /// Bold, as in the head of a table.
    pub(super) bold: bool,
    /// How many elements it stands in.
    pub(super) depth: usize,
    /// The list that it is an item of: its number, and in how many others that is.
    pub(super) list: Option<(usize, usize)>,
}

/// English Metric Units of a twip, and of a pixel at 96 to the inch.
const EMU_PER_TWIP: u64 = 635;
const EMU_PER_PIXEL: u64 = 9_525;
/// A picture is no higher than most of a page (200 mm), so that its caption is on the same one.
const HIGHEST: u64 = 7_200_000;
/// What is nested deeper is written as text only.
pub(super) const DEEPEST: usize = 40;

/// Turns a body into blocks.
pub(super) struct Writer<'p> {
    parcel: &'p Parcel<'p>,
    files: Files<'p>,
    /// Numbered lists beyond those that every document has.
    pub(super) numberings: Vec<Numbering>,
}

impl<'p> Writer<'p> {
    pub(super) fn new(parcel: &'p Parcel<'p>) -> Self {
        Self { parcel, files: parcel.files(), numberings: Vec::new() }
    }

    /// The body of the item.
    pub(super) fn body(&mut self) -> Vec<Block> {
        let html = plain::clean(&self.parcel.item.html);
        let ground =
            Ground { style: style::TEXT, width: style::WIDTH, bold: false, depth: 0, list: None };
        match dom::parse(&html) {
            Ok(page) => page
                .select("body")
                .nodes()
                .iter()
                .flat_map(|body| self.blocks(body, ground))
                .collect(),
            // Nothing, or nothing that our own sanitiser would leave: there is the text.
            Err(_) => {
                let lines = self.parcel.item.text.lines();
                let lines = lines.map(|line| text(Paragraph::new().style(style::TEXT), line));
                lines.map(Block::paragraph).collect()
            }
        }
    }

    /// The blocks in `node`.
    pub(super) fn blocks(&mut self, node: &NodeRef<'_>, ground: Ground) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut line = Vec::new();
        let form = Form::plain(ground.bold);
        for child in node.children_it(false) {
            let name = child.node_name();
            let name = name.as_deref().unwrap_or_default();
            if is_inline(name) || ground.depth > DEEPEST {
                inline::parts(&child, &form, &mut line);
                continue;
            }
            self.flush(&mut line, ground, None, &mut blocks);
            let inner = Ground { depth: ground.depth + 1, ..ground };
            self.block(name, &child, inner, &mut blocks);
        }
        self.flush(&mut line, ground, None, &mut blocks);
        blocks
    }

    fn block(&mut self, name: &str, node: &NodeRef<'_>, ground: Ground, out: &mut Vec<Block>) {
        match name {
            "p" => {
                let mut line = Vec::new();
                let form = Form::plain(ground.bold);
                node.children_it(false).for_each(|child| inline::parts(&child, &form, &mut line));
                let align = node.attr("style");
                self.flush(&mut line, ground, align.as_deref(), out);
            }
            "h2" | "h3" | "h4" => {
                let level = usize::from(name.as_bytes()[1] - b'2');
                let ground = Ground { style: style::HEADINGS[level], list: None, ..ground };
                out.extend(self.blocks(node, ground));
            }
            "blockquote" => {
                out.extend(self.blocks(node, Ground { style: style::QUOTE, ..ground }));
            }
            "ul" | "ol" => self.list(name == "ol", node, ground, out),
            "table" => table::table(self, node, ground, out),
            "figure" => self.figure(node, ground, out),
            "figcaption" | "caption" => {
                out.extend(self.blocks(node, Ground { style: style::CAPTION, ..ground }));
            }
            _ => out.extend(self.blocks(node, ground)),
        }
    }

    /// A figure without a picture that may be shown has nothing to say.
    fn figure(&mut self, node: &NodeRef<'_>, ground: Ground, out: &mut Vec<Block>) {
        let picture = dom::descendants(node).find(|inner| inner.has_name("img"));
        let source = picture.and_then(|picture| picture.attr("src"));
        if source.is_some_and(|source| self.files.file(&source).is_none()) {
            return;
        }
        out.extend(self.blocks(node, Ground { style: style::FIGURE, ..ground }));
    }

    fn list(&mut self, ordered: bool, node: &NodeRef<'_>, ground: Ground, out: &mut Vec<Block>) {
        let depth = ground.list.map_or(0, |(_, depth)| depth + 1);
        let number = if ordered {
            let number = style::NUMBERS + 1 + self.numberings.len();
            self.numberings.push(style::fresh(number));
            number
        } else {
            style::BULLETS
        };
        let style = if ground.style == style::CELL { style::CELL } else { style::LIST };
        let inner = Ground { style, list: Some((number, depth)), ..ground };
        for item in node.children_it(false).filter(NodeRef::is_element) {
            let mut blocks = self.blocks(&item, inner);
            // Only the first paragraph of an item carries its number.
            let first = blocks.iter_mut().find_map(|block| match block {
                Block::Paragraph(paragraph) if !paragraph.has_numbering => Some(paragraph),
                _ => None,
            });
            if let Some(paragraph) = first {
                let numbered = std::mem::take(paragraph.as_mut());
                **paragraph = numbered.numbering(NumberingId::new(number), style::level(depth));
            }
            out.append(&mut blocks);
        }
    }

    /// Ends a line: its text as a paragraph, and each of its pictures as one.
    fn flush(
        &self,
        line: &mut Vec<Inline>,
        ground: Ground,
        align: Option<&str>,
        out: &mut Vec<Block>,
    ) {
        let line = std::mem::take(line);
        for part in line.split_inclusive(|part| matches!(part, Inline::Picture(..))) {
            let paragraph = aligned(Paragraph::new().style(ground.style), align);
            let shown = |address: &str| self.files.file(address).map(|(url, _)| url);
            out.extend(inline::line(part, paragraph, shown).map(Block::paragraph));
            if let Some(Inline::Picture(source, alt)) = part.last() {
                out.extend(self.picture(source, alt, ground).map(Block::paragraph));
            }
        }
    }

    /// The picture itself where we hold it, else a link to it; nothing where it must not be shown.
    fn picture(&self, source: &str, alt: &str, ground: Ground) -> Option<Paragraph> {
        let (address, asset) = self.files.file(source)?;
        let style = if ground.style == style::CELL { style::CELL } else { style::FIGURE };
        let paragraph = Paragraph::new().style(style);
        if let Some(picture) = asset.and_then(|asset| self.held(asset, ground.width)) {
            return Some(paragraph.add_run(Run::new().add_image(picture)));
        }
        let alt = plain::one_line(alt);
        let words = if alt.is_empty() { address.clone() } else { alt };
        Some(text(paragraph, "〔图〕").add_hyperlink(link(&address, &words)))
    }

    fn held(&self, asset: &Asset, width: usize) -> Option<Pic> {
        let bytes = self.parcel.bytes.get(&asset.hash)?;
        let (own_width, own_height) = asset.size_px.filter(|&(w, h)| w > 0 && h > 0)?;
        let wide = (u64::from(own_width) * EMU_PER_PIXEL).max(1);
        let high = (u64::from(own_height) * EMU_PER_PIXEL).max(1);
        let room = (width as u64 * EMU_PER_TWIP).min(wide);
        // Narrow enough, and low enough for that width.
        let room = room.min(HIGHEST * wide / high).max(1);
        let size = |emu: u64| u32::try_from(emu.max(1)).unwrap_or(u32::MAX);
        let picture =
            Pic::new_with_dimensions(bytes.to_vec(), own_width.min(9_999), own_height.min(9_999));
        Some(picture.size(size(room), size(high * room / wide)))
    }
}

/// Whether it stands in a line with others.
fn is_inline(name: &str) -> bool {
    matches!(name, "" | "#text" | "a" | "strong" | "em" | "sub" | "sup" | "br" | "img")
}
