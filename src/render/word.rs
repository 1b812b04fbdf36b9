//! An item as a Word document (ECMA-376), laid out as Chinese authorities do (GB/T 9704): A4, 宋体
//! title, 仿宋 text that begins two characters in, tables, lists, pictures with their captions.
//!
//! Written by `docx-rs`; what that leaves out or does its own way is put right in `pack`.

mod block;
mod inline;
mod pack;
mod style;
mod table;

use docx_rs::{AlignmentType, Docx, Hyperlink, HyperlinkType, Paragraph, Run};

use crate::model::{Extent, Item};
use crate::text::plain;
use crate::text::sentence::Label;

use super::export::Parcel;
use super::html::printed;
use block::{Block, Writer};

/// The document of an item.
pub(super) fn document(parcel: &Parcel<'_>) -> Result<Vec<u8>, String> {
    let mut writer = Writer::new(parcel);
    let mut blocks = head(parcel);
    blocks.extend(writer.body());
    blocks.extend(foot(parcel));
    let mut docx = style::add(Docx::new());
    for numbering in writer.numberings {
        docx = docx.add_numbering(numbering);
    }
    for block in blocks {
        docx = match block {
            Block::Paragraph(paragraph) => docx.add_paragraph(*paragraph),
            Block::Table(table) => docx.add_table(*table),
        };
    }
    let item = parcel.item;
    let (created, modified) = (item.published, item.revised);
    docx = docx
        .created_at(&created.with_timezone(&chrono::Utc).format("%Y-%m-%dT%H:%M:%SZ").to_string())
        .updated_at(&modified.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    pack::pack(docx, &plain::one_line(&item.title), &creator(item))
}

fn creator(item: &Item) -> String {
    plain::one_line(super::parts::creator(item).unwrap_or_else(|| item.source()))
}

/// Title, and the line with source and date.
fn head(parcel: &Parcel<'_>) -> Vec<Block> {
    let item = parcel.item;
    let mut line = plain::one_line(&item.attribution);
    for (label, name) in [(Label::Author, &item.author), (Label::Editor, &item.editor)] {
        if let Some(name) = name {
            line.push_str(&format_args!("　{}：", label.text(parcel.site.lang)).to_string());
            line.push_str(&plain::one_line(name));
        }
    }
    line.push('　');
    line.push_str(&printed(item));
    vec![
        styled(style::TITLE, &item.title),
        Block::paragraph(text(Paragraph::new().style(style::BYLINE), line.trim())),
    ]
}

/// What is said below the text: that it is not whole, the files, where it stood, the licence.
fn foot(parcel: &Parcel<'_>) -> Vec<Block> {
    let (item, lang, files) = (parcel.item, parcel.site.lang, parcel.files());
    let mut blocks = Vec::new();
    if item.extent == Extent::Summary {
        blocks.push(styled(style::NOTE, Label::SummaryOnly.text(lang)));
    }
    if item.partial {
        blocks.push(styled(style::NOTE, Label::RowOnly.text(lang)));
    }
    let attached: Vec<_> = files.attachments().collect();
    if !attached.is_empty() {
        let heading = format!("{}：", Label::Attachments.text(lang));
        blocks.push(styled(style::NOTE, &heading));
    }
    for (number, file) in (1..).zip(attached) {
        let name = plain::one_line(&file.named.name);
        let name = if name.is_empty() { file.url.clone() } else { name };
        let paragraph = text(Paragraph::new().style(style::NOTE), &format!("{number}. "));
        blocks.push(Block::paragraph(paragraph.add_hyperlink(link(&file.url, &name))));
    }
    let original = format!("{}：", Label::OriginalAt.text(lang));
    let address = super::parts::address(&item.url);
    let paragraph = text(Paragraph::new().style(style::NOTE), &original);
    blocks.push(Block::paragraph(paragraph.add_hyperlink(link(&address, &address))));
    if let Some(licence) = files.licence() {
        blocks.push(styled(style::NOTE, licence));
    }
    blocks
}

fn styled(style: &str, words: &str) -> Block {
    Block::paragraph(text(Paragraph::new().style(style), &plain::one_line(words)))
}

fn text(paragraph: Paragraph, words: &str) -> Paragraph {
    paragraph.add_run(run(words))
}

/// Text of which Chinese quotation marks are as wide as Chinese characters.
fn run(words: &str) -> Run {
    Run::new().fonts(style::hint()).add_text(words)
}

fn link(address: &str, words: &str) -> Hyperlink {
    Hyperlink::new(address, HyperlinkType::External).add_run(run(words).style(style::LINK))
}

/// Where a paragraph stands; the usual place is what its style says.
fn aligned(paragraph: Paragraph, style: Option<&str>) -> Paragraph {
    let Some(style) = style else { return paragraph };
    let alignment = if style.contains("center") {
        AlignmentType::Center
    } else if style.contains("right") {
        AlignmentType::Right
    } else {
        return paragraph;
    };
    // What is centred is not set in.
    paragraph.align(alignment).indent(Some(0), None, None, None)
}

#[cfg(test)]
mod tests;
