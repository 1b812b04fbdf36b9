//! Blocks → the part of HTML that the platform keeps, on one line.

use std::collections::BTreeMap;

use url::Url;

use super::block::{Align, Block, Cell, Paragraph, Picture, Run, RunLook, Shape, Table, text_of};
use super::look::{BODY, BOX, BOXED, Form, LINE, Look, SMALL, STRONG, TEXT, Type};
use super::reference::References;
use super::words;
use crate::model::IssuePicture;

/// Cells of so few characters stay on one line where there are many columns.
const SHORT_CELL: usize = 8;
const MANY_COLUMNS: usize = 4;

/// Writes the blocks of an article, and notes what it refers to and shows.
pub(super) struct Writer<'a> {
    pub(super) look: Look,
    pub(super) pictures: &'a BTreeMap<String, IssuePicture>,
    pub(super) references: References,
    /// Hex SHA-256 of the pictures written, in reading order, each once.
    pub(super) shown: Vec<String>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(look: Look, pictures: &'a BTreeMap<String, IssuePicture>) -> Self {
        Self { look, pictures, references: References::default(), shown: Vec::new() }
    }

    pub(super) fn blocks(&mut self, blocks: &[Block]) -> String {
        let mut html = String::new();
        for (at, block) in blocks.iter().enumerate() {
            let is_quoted =
                |block: Option<&Block>| matches!(block, Some(Block::Text(p)) if p.quoted);
            match block {
                Block::Text(paragraph) => {
                    let before = at.checked_sub(1).and_then(|at| blocks.get(at));
                    let ends = (!is_quoted(before), !is_quoted(blocks.get(at + 1)));
                    html.push_str(&self.paragraph(paragraph, ends));
                }
                Block::Picture(picture) => html.push_str(&self.figure(picture)),
                Block::Table(table) => html.push_str(&self.table(table)),
            }
        }
        html
    }

    /// `ends` says whether it is the first and the last of a quotation.
    fn paragraph(&mut self, paragraph: &Paragraph, ends: (bool, bool)) -> String {
        let is_code = paragraph.shape == Shape::Code;
        let inner = words::escaped(&paragraph.marker) + &self.runs(&paragraph.runs);
        let (of, mut style) = match paragraph.shape {
            Shape::Heading(2) => {
                (Type(17, "1.6", STRONG), "margin:28px 0 14px;font-weight:bold".to_owned())
            }
            Shape::Heading(_) => {
                (Type(16, "1.6", STRONG), "margin:20px 0 10px;font-weight:bold".to_owned())
            }
            Shape::Caption => (SMALL, "margin:0 0 16px;text-align:center".to_owned()),
            Shape::Code => (
                Type(13, "1.6", BOXED),
                format!(
                    "margin:0 0 16px;padding:12px;background-color:{BOX};text-align:left;white-space:pre-wrap"
                ),
            ),
            Shape::Plain if paragraph.quoted => (Type(15, "1.75", BOXED), quoted(ends)),
            Shape::Plain if paragraph.depth > 0 => (BODY, listed(paragraph)),
            Shape::Plain if paragraph.align == Align::Usual => {
                (BODY, "margin:0 0 16px;text-indent:2em".to_owned())
            }
            Shape::Plain => (BODY, "margin:0 0 16px".to_owned()),
        };
        match paragraph.align {
            _ if is_code || paragraph.shape == Shape::Caption => {}
            Align::Centre => style.push_str(";text-align:center"),
            Align::Right => style.push_str(";text-align:right"),
            Align::Usual => {}
        }
        self.look.p(of, &style, &inner)
    }

    fn figure(&mut self, picture: &Picture) -> String {
        let caption = self.runs(&picture.caption);
        let Some(img) = self.img(picture) else {
            let caption =
                if picture.caption.is_empty() { words::escaped(&picture.alt) } else { caption };
            let note = format!("［图片未能取得］{caption}");
            return self.look.p(SMALL, "margin:0 0 16px;text-align:center", &note);
        };
        let gap = if caption.is_empty() { "" } else { ";padding-top:8px" };
        let caption = match caption.as_str() {
            "" => String::new(),
            caption => self.look.p(SMALL, &format!("margin:0{gap};text-align:center"), caption),
        };
        format!("<section style=\"margin:0 0 18px\">{img}{caption}</section>")
    }

    /// The picture itself, where it is at hand.
    pub(super) fn img(&mut self, picture: &Picture) -> Option<String> {
        let held = self.pictures.get(&picture.address)?;
        let source = match self.look.form {
            Form::Draft => format!("{{{{asset:{}}}}}", held.sha256),
            Form::Paste => words::attribute(&picture.address),
        };
        if !self.shown.contains(&held.sha256) {
            self.shown.push(held.sha256.clone());
        }
        let alt = match words::line(&picture.alt) {
            alt if alt.is_empty() => String::new(),
            alt => format!(" alt=\"{}\"", words::attribute(&words::cut(&alt, 60))),
        };
        Some(format!(
            "<img src=\"{source}\"{alt} style=\"display:block;max-width:100%;height:auto;margin:0 auto\">"
        ))
    }

    fn table(&mut self, table: &Table) -> String {
        let columns = table.rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut rows = String::new();
        for row in &table.rows {
            rows.push_str("<tr>");
            for cell in row {
                rows.push_str(&self.cell(cell, columns >= MANY_COLUMNS));
            }
            rows.push_str("</tr>");
        }
        let text = self.look.text(Type(14, "1.5", TEXT));
        format!(
            "<section style=\"margin:0 0 18px;overflow-x:auto\"><table style=\"border-collapse:collapse;\
             width:100%;text-align:left;{}\"><tbody>{rows}</tbody></table></section>",
            text
        )
    }

    fn cell(&mut self, cell: &Cell, is_narrow: bool) -> String {
        let name = if cell.is_heading { "th" } else { "td" };
        let colour = if cell.is_heading { BOXED } else { TEXT };
        let mut style = format!("border:{LINE};padding:6px 8px");
        if cell.is_heading {
            style.extend([";background-color:", BOX, ";text-align:center"]);
        } else if cell.is_centred() {
            style.push_str(";text-align:center");
        }
        // A ground needs the colour of its text with it, in both forms.
        if self.look.form == Form::Paste {
            style.extend([";", &self.look.text(Type(14, "1.5", colour))]);
        } else if cell.is_heading {
            style.extend([";color:", BOXED]);
        }
        if is_narrow && cell.is_short() {
            style.push_str(";white-space:nowrap");
        }
        let span = |name: &str, span: u16| {
            if span > 1 { format!(" {name}=\"{span}\"") } else { String::new() }
        };
        let spans = span("colspan", cell.columns) + &span("rowspan", cell.rows);
        let mut parts = Vec::new();
        for block in &cell.blocks {
            parts.push(match block {
                Block::Text(p) => words::escaped(&p.marker) + &self.runs(&p.runs),
                Block::Picture(picture) => self.figure(picture),
                Block::Table(_) => String::new(),
            });
        }
        let inner = parts.join("<br>").replace("</section><br>", "</section>");
        let inner = inner.replace("<br><section", "<section");
        format!("<{name} style=\"{style}\"{spans}>{inner}</{name}>")
    }

    /// The words of a paragraph with their markup.
    fn runs(&mut self, runs: &[Run]) -> String {
        let mut html = String::new();
        for (at, run) in runs.iter().enumerate() {
            let text = words::escaped(&run.text).replace('\n', "<br>");
            let link = run.link.as_deref().and_then(|link| Url::parse(link).ok());
            let mut inner = text;
            if let Some(url) = link.filter(|url| matches!(url.scheme(), "http" | "https")) {
                if run.leads_to_article() {
                    inner = format!(
                        "<a href=\"{}\" style=\"color:#576b95;text-decoration:none\">{inner}</a>",
                        words::attribute(url.as_str())
                    );
                } else if runs.get(at + 1).is_none_or(|next| next.link != run.link) {
                    inner.push_str(&self.mark(runs, at, &url));
                }
            }
            html.push_str(&marked(run.look, inner));
        }
        html
    }

    /// `[3]` behind the last words of a link that leads out of the platform; nothing where the
    /// address stands there already.
    fn mark(&mut self, runs: &[Run], last: usize, url: &Url) -> String {
        let first = runs[..=last]
            .iter()
            .rposition(|run| run.link != runs[last].link)
            .map_or(0, |at| at + 1);
        let label = text_of(&runs[first..=last]);
        let bare = |text: &str| {
            let text = text.trim().trim_end_matches('/');
            text.trim_start_matches("https://").trim_start_matches("http://").to_owned()
        };
        if bare(&label) == bare(url.as_str()) {
            return String::new();
        }
        let number = self.references.number(url.as_str(), &label);
        number.map_or_else(String::new, |number| format!("[{number}]"))
    }
}

fn marked(look: RunLook, mut inner: String) -> String {
    if look.code {
        inner = format!("<code style=\"font-family:Menlo,monospace\">{inner}</code>");
    }
    if look.lowered {
        inner = format!("<span style=\"vertical-align:sub;font-size:12px\">{inner}</span>");
    }
    for (is_so, name) in [(look.raised, "sup"), (look.emphasis, "em"), (look.strong, "strong")] {
        if is_so {
            inner = format!("<{name}>{inner}</{name}>");
        }
    }
    inner
}

/// The paragraphs of a quotation stand close together and look like one box.
fn quoted((is_first, is_last): (bool, bool)) -> String {
    let (above, top) = if is_first { ("16px", "12px") } else { ("0", "0") };
    let (below, bottom) = if is_last { ("16px", "12px") } else { ("0", "6px") };
    format!("margin:{above} 0 {below};padding:{top} 16px {bottom};background-color:{BOX}")
}

/// The marker hangs before the lines of an item.
fn listed(paragraph: &Paragraph) -> String {
    let tenths = 12 + 14 * (paragraph.depth - 1);
    let hanging = if paragraph.marker.is_empty() { "" } else { ";text-indent:-1.2em" };
    format!("margin:0 0 8px;padding-left:{}.{}em{hanging}", tenths / 10, tenths % 10)
}

impl Cell {
    fn is_centred(&self) -> bool {
        let is_so = |block: &Block| matches!(block, Block::Text(p) if p.align == Align::Centre);
        !self.blocks.is_empty() && self.blocks.iter().all(is_so)
    }

    fn is_short(&self) -> bool {
        match self.blocks.as_slice() {
            [] => true,
            [Block::Text(p)] => text_of(&p.runs).chars().count() <= SHORT_CELL,
            _ => false,
        }
    }
}
