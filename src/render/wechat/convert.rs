//! Body HTML → blocks. In: what `normalize` lets through, or anything else; out: the same text and
//! pictures without the markup that the platform takes away or spoils.

mod runs;
mod table;

use dom_query::{NodeData, NodeRef};

use self::runs::Runs;
use self::table::Growing;
use super::block::{Align, Block, Paragraph, Picture, RunLook, Shape};
use crate::text::dom::{self, Walk};

/// Lists are set in no deeper than so.
const DEEPEST_LIST: usize = 5;

/// The blocks of `html`; `None` where it cannot be parsed within limits.
pub(super) fn blocks(html: &str) -> Option<Vec<Block>> {
    if html.trim().is_empty() {
        return Some(Vec::new());
    }
    let document = dom::parse(html).ok()?;
    let mut converter = Converter::default();
    dom::walk(&document.root(), |node, entering| converter.visit(node, entering));
    converter.flush();
    Some(converter.blocks)
}

/// The blocks read so far, and where in the markup the walk is.
#[derive(Default)]
struct Converter {
    blocks: Vec<Block>,
    tables: Vec<Growing>,
    runs: Runs,
    /// `Some` is the number of the next item of a numbered list.
    lists: Vec<Option<usize>>,
    /// Waits for the first words of a list item.
    marker: String,
    shapes: Vec<Shape>,
    aligns: Vec<Align>,
    figures: usize,
    quotes: usize,
    links: Vec<Option<String>>,
    strong: usize,
    emphasis: usize,
    code: usize,
    raised: usize,
    lowered: usize,
}

impl Converter {
    fn visit(&mut self, node: &NodeRef<'_>, entering: bool) -> Walk {
        node.query_or(Walk::Into, |inner| match &inner.data {
            NodeData::Text { contents } if entering => {
                self.words(contents);
                Walk::Into
            }
            NodeData::Element(element) => {
                let name = &element.name.local;
                if dom::is_skipped(name) {
                    return Walk::Over;
                }
                if dom::is_block(name) || matches!(&**name, "section" | "hr" | "details") {
                    self.flush();
                }
                self.element(name, node, entering);
                Walk::Into
            }
            _ => Walk::Into,
        })
    }

    fn element(&mut self, name: &str, node: &NodeRef<'_>, entering: bool) {
        match name {
            "strong" | "b" => count(&mut self.strong, entering),
            "em" | "i" => count(&mut self.emphasis, entering),
            "code" | "tt" | "kbd" => count(&mut self.code, entering),
            "sup" => count(&mut self.raised, entering),
            "sub" => count(&mut self.lowered, entering),
            "figure" => count(&mut self.figures, entering),
            "blockquote" => count(&mut self.quotes, entering),
            "a" => {
                stack(&mut self.links, entering, || node.attr("href").map(|href| href.to_string()))
            }
            "h1" | "h2" => stack(&mut self.shapes, entering, || Shape::Heading(2)),
            "h3" => stack(&mut self.shapes, entering, || Shape::Heading(3)),
            "h4" | "h5" | "h6" => stack(&mut self.shapes, entering, || Shape::Heading(4)),
            "figcaption" | "caption" => stack(&mut self.shapes, entering, || Shape::Caption),
            "pre" => stack(&mut self.shapes, entering, || Shape::Code),
            "p" | "div" | "td" | "th" | "center" => {
                stack(&mut self.aligns, entering, || alignment(name, node));
            }
            "ul" => stack(&mut self.lists, entering, || None),
            "ol" => stack(&mut self.lists, entering, || Some(first_number(node))),
            "li" if entering => self.item(),
            "li" => self.marker.clear(),
            "br" if entering => self.runs.line_break(),
            "img" if entering => self.picture(node),
            _ => {}
        }
        self.tables(name, node, entering);
    }

    /// Tables within a cell are taken apart into the paragraphs of that cell.
    fn tables(&mut self, name: &str, node: &NodeRef<'_>, entering: bool) {
        match (name, entering) {
            ("table", true) => self.tables.push(Growing::default()),
            ("table", false) => {
                let Some(table) = self.tables.pop() else { return };
                let inner = !self.tables.is_empty();
                for block in table.blocks(inner) {
                    self.push(block);
                }
            }
            ("tr", true) => {
                if let Some(table) = self.tables.last_mut() {
                    table.row();
                }
            }
            ("td" | "th", true) => {
                if let Some(table) = self.tables.last_mut() {
                    table.cell(node, name == "th");
                }
            }
            ("td" | "th", false) => {
                if let Some(table) = self.tables.last_mut() {
                    table.leave_cell();
                }
            }
            _ => {}
        }
    }

    fn item(&mut self) {
        self.marker = match self.lists.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            _ => "• ".to_owned(),
        };
    }

    fn words(&mut self, text: &str) {
        let look = RunLook {
            strong: self.strong > 0,
            emphasis: self.emphasis > 0,
            code: self.code > 0,
            raised: self.raised > 0,
            lowered: self.lowered > 0,
        };
        let is_code = self.shapes.last() == Some(&Shape::Code);
        let link = self.links.last().and_then(Option::as_ref);
        self.runs.push(text, look, link, is_code);
    }

    fn picture(&mut self, node: &NodeRef<'_>) {
        self.flush();
        let alt = node.attr("alt").unwrap_or_default();
        let Some(address) = node.attr("src").filter(|src| !src.trim().is_empty()) else { return };
        let alt = super::words::line(&alt);
        let picture = Picture { address: address.trim().to_owned(), alt, caption: Vec::new() };
        self.push(Block::Picture(picture));
    }

    /// Ends the paragraph that is being read.
    fn flush(&mut self) {
        let shape = self.shapes.last().copied().unwrap_or_default();
        for runs in self.runs.take(shape == Shape::Code) {
            let paragraph = Paragraph {
                shape,
                align: self
                    .aligns
                    .iter()
                    .rev()
                    .copied()
                    .find(|a| *a != Align::Usual)
                    .unwrap_or_default(),
                quoted: self.quotes > 0,
                depth: self.lists.len().min(DEEPEST_LIST),
                marker: std::mem::take(&mut self.marker),
                runs,
            };
            self.push(Block::Text(paragraph));
        }
    }

    fn push(&mut self, block: Block) {
        let in_figure = self.figures > 0;
        let cell = self.tables.last_mut().and_then(Growing::open);
        let blocks = cell.unwrap_or(&mut self.blocks);
        match (blocks.last_mut(), block) {
            (Some(Block::Picture(picture)), Block::Text(text))
                if text.shape == Shape::Caption && in_figure && picture.caption.is_empty() =>
            {
                picture.caption = text.runs;
            }
            (_, block) => blocks.push(block),
        }
    }
}

fn count(depth: &mut usize, entering: bool) {
    *depth = if entering { *depth + 1 } else { depth.saturating_sub(1) };
}

fn stack<T>(stack: &mut Vec<T>, entering: bool, value: impl FnOnce() -> T) {
    if entering {
        stack.push(value());
    } else {
        stack.pop();
    }
}

fn first_number(node: &NodeRef<'_>) -> usize {
    node.attr("start").and_then(|start| start.trim().parse().ok()).unwrap_or(1)
}

fn alignment(name: &str, node: &NodeRef<'_>) -> Align {
    let style = node.attr("style").unwrap_or_default().to_ascii_lowercase();
    let value = style.split(';').find_map(|part| {
        let (key, value) = part.split_once(':')?;
        (key.trim() == "text-align").then(|| value.trim().to_owned())
    });
    match value.as_deref() {
        Some("center") => Align::Centre,
        Some("right" | "end") => Align::Right,
        None if name == "center" => Align::Centre,
        _ => Align::Usual,
    }
}

#[cfg(test)]
mod tests;
