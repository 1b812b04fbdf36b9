//! What stands in a line of Word: text in its forms, links and fields, breaks, notes, pictures,
//! text boxes.

use super::super::ManuscriptError;
use super::super::block::{Block, Form, Picture, Span};
use super::super::xml::{Element, Node};
use super::style::{self, Letters, OfParagraph};
use super::{Link, Note, Reader, chosen};
use crate::text::plain;

/// A line under reading.
#[derive(Default)]
pub(super) struct Line {
    pub(super) spans: Vec<Span>,
    /// Letters of each size.
    sizes: Vec<(u32, usize)>,
    /// True once something shows.
    pub(super) has_ink: bool,
}

impl Line {
    /// The size of most of its letters.
    pub(super) fn size(&self) -> Option<u32> {
        self.sizes.iter().max_by_key(|(_, count)| *count).map(|(size, _)| *size)
    }

    fn add(&mut self, words: &str, form: Form, size: Option<u32>) {
        let letters = words.chars().filter(|c| !c.is_whitespace()).count();
        self.has_ink |= letters > 0;
        if let Some(size) = size {
            match self.sizes.iter_mut().find(|(known, _)| *known == size) {
                Some((_, count)) => *count += letters,
                None => self.sizes.push((size, letters)),
            }
        }
        match self.spans.last_mut() {
            Some(Span::Text(before, last)) if *last == form => before.push_str(words),
            _ => self.spans.push(Span::Text(words.to_owned(), form)),
        }
    }
}

impl Reader<'_> {
    /// Reads the runs in `node` into `line`, and the text boxes that hang on them into `boxes`.
    pub(super) fn runs(
        &mut self,
        node: &Element,
        style: &OfParagraph,
        line: &mut Line,
        boxes: &mut Vec<Block>,
    ) -> Result<(), ManuscriptError> {
        for element in node.elements() {
            match &*element.name {
                "w:r" => self.run(element, style, line, boxes)?,
                "w:ins" | "w:moveTo" | "w:smartTag" | "w:customXml" | "w:sdtContent" | "w:dir"
                | "w:bdo" => self.runs(element, style, line, boxes)?,
                "w:sdt" => {
                    if let Some(content) = element.child("w:sdtContent") {
                        self.runs(content, style, line, boxes)?;
                    }
                }
                "w:hyperlink" => {
                    let relation = element.attr("r:id").and_then(|id| self.relations.get(id));
                    let target = relation.filter(|relation| relation.is_outside);
                    let target = target.map(|relation| relation.target.clone());
                    self.within(target.unwrap_or_default(), element, style, line, boxes)?;
                }
                "w:fldSimple" => {
                    let words = element.attr("w:instr").unwrap_or_default();
                    self.within(field_address(words), element, style, line, boxes)?;
                }
                "m:oMath" | "m:oMathPara" => line.add(&math(element), Form::default(), None),
                // w:del and w:moveFrom were struck out; everything else is no text.
                _ => {}
            }
        }
        Ok(())
    }

    fn within(
        &mut self,
        address: String,
        node: &Element,
        style: &OfParagraph,
        line: &mut Line,
        boxes: &mut Vec<Block>,
    ) -> Result<(), ManuscriptError> {
        self.links.push(Link { words: address, shown: true });
        let done = self.runs(node, style, line, boxes);
        self.links.pop();
        done
    }

    fn run(
        &mut self,
        node: &Element,
        style: &OfParagraph,
        line: &mut Line,
        boxes: &mut Vec<Block>,
    ) -> Result<(), ManuscriptError> {
        let letters = self.styles.run(style, node.child("w:rPr"));
        if letters.is_struck() && node.child("w:t").is_some() {
            self.source.remark(
                "struck-out",
                "稿件中有带删除线的文字，仍按原文收录，请核对是否保留",
                "the manuscript has words that are struck through; they were taken in: check whether they are meant to stay",
                &node.child("w:t").map(Element::text).unwrap_or_default(),
            );
        }
        for element in node.elements() {
            self.part(element, &letters, line, boxes)?;
        }
        Ok(())
    }

    fn part(
        &mut self,
        element: &Element,
        letters: &Letters,
        line: &mut Line,
        boxes: &mut Vec<Block>,
    ) -> Result<(), ManuscriptError> {
        let is_field = matches!(&*element.name, "w:fldChar" | "w:instrText");
        if is_field {
            self.field(element);
            return Ok(());
        }
        if letters.is_hidden() || self.links.iter().any(|link| !link.shown) {
            return Ok(());
        }
        let form = Form { link: self.link(), ..style::form(letters) };
        let size = letters.size();
        match &*element.name {
            "w:t" => line.add(&element.text(), form, size),
            "w:tab" | "w:ptab" => line.add(" ", form, size),
            "w:noBreakHyphen" => line.add("-", form, size),
            "w:br" if element.attr("w:type").is_none_or(|kind| kind == "textWrapping") => {
                line.spans.push(Span::Break);
            }
            "w:cr" => line.spans.push(Span::Break),
            "w:sym" => line.add(&symbol(element), form, size),
            "w:ruby" => {
                let base = element.child("w:rubyBase");
                let words = base.map(|base| base.elements().map(Element::text).collect::<String>());
                line.add(&words.unwrap_or_default(), form, size);
            }
            "w:footnoteReference" | "w:endnoteReference" => {
                let kind =
                    if &*element.name == "w:footnoteReference" { Note::Foot } else { Note::End };
                if let Some(id) = element.attr("w:id") {
                    self.notes.push((kind, id.to_owned()));
                    let mark = format!("[{}]", self.notes.len());
                    line.add(&mark, Form { above: true, ..Form::default() }, None);
                }
            }
            "w:drawing" | "w:pict" | "w:object" => self.drawing(element, line, boxes)?,
            "mc:AlternateContent" => {
                if let Some(chosen) = chosen(element) {
                    for element in chosen.elements() {
                        self.part(element, letters, line, boxes)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Follows the signs of a field: its instruction is no text, its result is.
    fn field(&mut self, element: &Element) {
        if &*element.name == "w:instrText" {
            if let Some(link) = self.links.last_mut().filter(|link| !link.shown) {
                link.words.push_str(&element.text());
            }
            return;
        }
        match element.attr("w:fldCharType") {
            Some("begin") if self.links.len() < super::DEEPEST => {
                self.links.push(Link { words: String::new(), shown: false });
            }
            Some("separate") => {
                if let Some(link) = self.links.last_mut() {
                    link.words = field_address(&link.words);
                    link.shown = true;
                }
            }
            Some("end") => {
                self.links.pop();
            }
            _ => {}
        }
    }

    /// Where the innermost link leads.
    fn link(&self) -> Option<String> {
        let known = |link: &&Link| !link.words.is_empty();
        self.links.iter().rev().find(known).map(|link| link.words.clone())
    }

    /// The pictures and text boxes of a drawing, newer (`a:blip`) and older (`v:imagedata`).
    fn drawing(
        &mut self,
        node: &Element,
        line: &mut Line,
        boxes: &mut Vec<Block>,
    ) -> Result<(), ManuscriptError> {
        let alt = node.below("wp:docPr").and_then(|words| words.attr("descr"));
        let alt = plain::one_line(alt.unwrap_or_default());
        self.drawn(node, &alt, line, boxes)
    }

    fn drawn(
        &mut self,
        node: &Element,
        alt: &str,
        line: &mut Line,
        boxes: &mut Vec<Block>,
    ) -> Result<(), ManuscriptError> {
        for element in node.elements() {
            match &*element.name {
                "w:txbxContent" => boxes.extend(self.blocks(element)?),
                "a:blip" => {
                    let id = element.attr("r:embed").or_else(|| element.attr("r:link"));
                    self.picture(id, alt, line)?;
                }
                "v:imagedata" => self.picture(element.attr("r:id"), alt, line)?,
                "a:srcRect" if ["l", "t", "r", "b"].iter().any(|side| is_cut(element, side)) => {
                    self.source.remark(
                        "picture-cropped",
                        "稿件中有图片在 Word 里裁剪过，此处收录的是裁剪前的整幅图片：请核对被裁部分可否公开，或在 Word 中“压缩图片”并删除裁剪区域后重新提供",
                        "a picture was cropped in Word, and the whole of it was taken in: check whether the part that was cut off may be shown, or have Word delete it (“Compress Pictures”)",
                        alt,
                    );
                }
                "mc:AlternateContent" => {
                    if let Some(chosen) = chosen(element) {
                        self.drawn(chosen, alt, line, boxes)?;
                    }
                }
                _ => self.drawn(element, alt, line, boxes)?,
            }
        }
        Ok(())
    }

    fn picture(
        &mut self,
        id: Option<&str>,
        alt: &str,
        line: &mut Line,
    ) -> Result<(), ManuscriptError> {
        let relation = id.and_then(|id| self.relations.get(id));
        let Some((target, is_outside)) = relation.map(|r| (r.target.clone(), r.is_outside)) else {
            return Ok(());
        };
        let bytes = if is_outside { None } else { self.package.picture(&target)? };
        let Some(bytes) = bytes else {
            self.source.remark(
                "picture-missing",
                "稿件中有一张图片不在文件里或过大，没有收录：请重新插入",
                "a picture is not in the file, or is too large, and was left out: insert it anew",
                target.rsplit('/').next().unwrap_or_default(),
            );
            return Ok(());
        };
        if let Some(address) = self.source.add_picture(&bytes) {
            line.has_ink = true;
            let (alt, caption) = (alt.to_owned(), String::new());
            line.spans.push(Span::Picture(Picture { address, alt, caption }));
        }
        Ok(())
    }
}

fn is_cut(rect: &Element, side: &str) -> bool {
    rect.attr(side).and_then(|part| part.parse::<i64>().ok()).is_some_and(|part| part > 0)
}

/// The address in `HYPERLINK "https://…" \o "…"`; nothing for other fields.
fn field_address(instruction: &str) -> String {
    let Some(rest) = instruction.trim_start().strip_prefix("HYPERLINK") else {
        return String::new();
    };
    let rest = rest.trim_start();
    let address = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split_whitespace().next(),
    };
    address.filter(|address| !address.starts_with('\\')).unwrap_or_default().to_owned()
}

/// A sign of a symbol font; those that only such a font can show become a bullet.
fn symbol(element: &Element) -> String {
    let code = element.attr("w:char").and_then(|code| u32::from_str_radix(code, 16).ok());
    match code.and_then(char::from_u32) {
        Some('\u{E000}'..='\u{F8FF}') | None => "•".to_owned(),
        Some(c) => c.to_string(),
    }
}

/// The signs of a formula in one line.
fn math(node: &Element) -> String {
    let mut text = String::new();
    for node in &node.nodes {
        if let Node::Element(element) = node {
            match &*element.name {
                "m:t" => text.push_str(&element.text()),
                _ => text.push_str(&math(element)),
            }
        }
    }
    text
}
