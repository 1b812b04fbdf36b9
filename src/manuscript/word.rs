//! Files of Word and WPS (`.docx`, ECMA-376 part 1): what a reader of the printed page sees, and
//! nothing of what was struck out, hidden or only noted beside it.

mod numbering;
mod run;
mod style;
mod table;

use std::collections::BTreeMap;

use super::block::{Align, Block, Paragraph, Role, Span};
use super::package::{Package, Relations};
use super::xml::Element;
use super::{ManuscriptError, Source};
use numbering::Numbering;
use style::Styles;

/// The blocks and pictures of a `.docx`.
pub(super) fn read(bytes: &[u8]) -> Result<Source, ManuscriptError> {
    let mut package = Package::open(bytes)?;
    check_kind(&mut package)?;
    let root = package.relations("")?;
    let main = root.into_values().find(|relation| relation.kind == "officeDocument");
    let main = main.map_or_else(|| "word/document.xml".to_owned(), |relation| relation.target);
    let Some(document) = package.xml(&main)? else {
        return Err(ManuscriptError::Broken(format!("its text `{main}` is missing")));
    };
    let relations = package.relations(&main)?;
    let of_kind = |package: &mut Package<'_>, kind: &str| match relations
        .values()
        .find(|relation| relation.kind == kind && !relation.is_outside)
    {
        Some(relation) => package.xml(&relation.target),
        None => Ok(None),
    };
    let styles = of_kind(&mut package, "styles")?.map_or_else(Styles::default, |s| Styles::of(&s));
    let numbering =
        of_kind(&mut package, "numbering")?.map_or_else(Numbering::default, |n| Numbering::of(&n));
    let notes = [
        of_kind(&mut package, "footnotes")?.map(|notes| (Note::Foot, notes)),
        of_kind(&mut package, "endnotes")?.map(|notes| (Note::End, notes)),
    ];
    let Some(body) = document.child("w:body") else {
        return Err(ManuscriptError::Broken("its text has no body".to_owned()));
    };
    let mut reader = Reader {
        source: Source::default(),
        package,
        relations,
        styles,
        numbering,
        notes: Vec::new(),
        depth: 0,
        tables: 0,
        links: Vec::new(),
        unfinished: None,
    };
    let mut blocks = reader.blocks(body)?;
    blocks.extend(reader.printed_notes(notes.iter().flatten())?);
    reader.source.blocks = blocks;
    Ok(reader.source)
}

/// Says which other kind of office file it is.
fn check_kind(package: &mut Package<'_>) -> Result<(), ManuscriptError> {
    let Some(types) = package.xml("[Content_Types].xml")? else {
        return Err(ManuscriptError::Kind {
            found: "an archive, and none of an office program",
            found_zh: "压缩包",
        });
    };
    let has = |mark: &str| {
        types
            .elements()
            .any(|part| part.attr("ContentType").is_some_and(|kind| kind.contains(mark)))
    };
    if has("wordprocessingml") || has("ms-word") {
        return Ok(());
    }
    let (found, found_zh) = match () {
        () if has("spreadsheetml") => ("a spreadsheet", "电子表格"),
        () if has("presentationml") => ("a file of slides", "演示文稿"),
        () => ("an office file of another kind", "其他格式的文件"),
    };
    Err(ManuscriptError::Kind { found, found_zh })
}

/// Notes at the foot of a page, and at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Note {
    Foot,
    End,
}

/// Elements of the text are followed no deeper than this; text boxes stand in text boxes.
const DEEPEST: usize = 60;

/// A file under reading.
struct Reader<'b> {
    source: Source,
    package: Package<'b>,
    relations: Relations,
    styles: Styles,
    numbering: Numbering,
    /// The notes that were referred to, in order.
    notes: Vec<(Note, String)>,
    depth: usize,
    /// In how many cells.
    tables: usize,
    /// Where the open fields and links lead.
    links: Vec<Link>,
    /// A paragraph whose end was struck out: it goes on in the next.
    unfinished: Option<Paragraph>,
}

/// A field or a link that is open.
struct Link {
    /// Its instruction or address.
    words: String,
    /// True once its result has begun; an instruction is not printed.
    shown: bool,
}

impl Reader<'_> {
    /// The blocks in `node`.
    fn blocks(&mut self, node: &Element) -> Result<Vec<Block>, ManuscriptError> {
        let mut blocks = Vec::new();
        if self.depth >= DEEPEST {
            return Ok(blocks);
        }
        self.depth += 1;
        for element in node.elements() {
            match &*element.name {
                "w:p" => blocks.extend(self.paragraph(element)?),
                "w:tbl" => blocks.extend(self.table(element)?),
                "w:sdt" if is_contents(element) => {}
                "w:sdt" => {
                    if let Some(content) = element.child("w:sdtContent") {
                        blocks.extend(self.blocks(content)?);
                    }
                }
                "w:ins" | "w:moveTo" | "w:customXml" | "w:smartTag" => {
                    blocks.extend(self.blocks(element)?);
                }
                "mc:AlternateContent" => {
                    if let Some(chosen) = chosen(element) {
                        blocks.extend(self.blocks(chosen)?);
                    }
                }
                _ => {}
            }
        }
        self.depth -= 1;
        if self.depth == 0 {
            let rest = self.unfinished.take();
            blocks.extend(rest.into_iter().flat_map(Paragraph::split));
        }
        Ok(blocks)
    }

    fn paragraph(&mut self, node: &Element) -> Result<Vec<Block>, ManuscriptError> {
        let properties = node.child("w:pPr");
        let style = self.styles.paragraph(properties);
        if style.is_contents {
            return Ok(Vec::new());
        }
        let marker = self.numbering.marker(style.list.as_ref());
        let mut paragraph = Paragraph {
            align: style.align,
            role: style.role,
            ..self.unfinished.take().unwrap_or_default()
        };
        let goes_on = !paragraph.spans.is_empty();
        match marker {
            Some(numbering::Marker::Bullet) if paragraph.role == Role::Text => {
                paragraph.role = Role::Item;
            }
            Some(numbering::Marker::Text(words)) => {
                paragraph.spans.push(Span::Text(words, style.form.clone()));
            }
            _ => {}
        }
        let (mut line, mut boxes) = (run::Line::default(), Vec::new());
        self.runs(node, &style, &mut line, &mut boxes)?;
        paragraph.size = line.size();
        paragraph.spans.append(&mut line.spans);
        let is_joined =
            properties.and_then(|properties| properties.child("w:rPr")).is_some_and(|mark| {
                mark.child("w:del").is_some() || mark.child("w:moveFrom").is_some()
            });
        if is_joined {
            self.unfinished = Some(paragraph);
            return Ok(boxes);
        }
        // A marker alone is an empty paragraph.
        let mut blocks = match line.has_ink || goes_on {
            true => paragraph.split(),
            false => Vec::new(),
        };
        blocks.append(&mut boxes);
        Ok(blocks)
    }

    /// The notes that were referred to, as paragraphs.
    fn printed_notes<'n>(
        &mut self,
        parts: impl Iterator<Item = &'n (Note, Element)>,
    ) -> Result<Vec<Block>, ManuscriptError> {
        let mut known = BTreeMap::new();
        for (kind, part) in parts {
            for note in part.elements() {
                if let Some(id) = note.attr("w:id") {
                    known.insert((*kind == Note::End, id.to_owned()), note);
                }
            }
        }
        let mut blocks = Vec::new();
        let wanted = self.notes.clone();
        for (number, (kind, id)) in (1..).zip(wanted) {
            let Some(note) = known.get(&(kind == Note::End, id)) else { continue };
            let words: Vec<String> = self
                .blocks(note)?
                .iter()
                .filter_map(|block| match block {
                    Block::Paragraph(paragraph) => Some(paragraph.text()),
                    _ => None,
                })
                .collect();
            blocks.push(Block::Paragraph(Paragraph::plain(&format!(
                "[{number}] {}",
                words.join(" ")
            ))));
        }
        Ok(blocks)
    }
}

/// True for a table of contents.
fn is_contents(sdt: &Element) -> bool {
    sdt.child("w:sdtPr")
        .and_then(|properties| properties.child("w:docPartObj"))
        .and_then(|part| part.value("w:docPartGallery"))
        .is_some_and(|gallery| gallery == "Table of Contents")
}

/// Of alternatives the first, which is the newer form, or what stands in for it.
fn chosen(node: &Element) -> Option<&Element> {
    node.child("mc:Choice").or_else(|| node.child("mc:Fallback"))
}

fn align(word: &str) -> Align {
    match word {
        "center" => Align::Center,
        "right" | "end" => Align::Right,
        _ => Align::Start,
    }
}
