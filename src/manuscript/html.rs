//! Manuscripts as web pages: saved from a browser, from Word, or written by hand.
//!
//! Scripts, menus and what is hidden are passed over; of the rest the blocks are taken, never the
//! markup itself.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use dom_query::{Document, NodeRef};

use super::block::{Align, Block, Cell, Form, Paragraph, Picture, Role, Span, Table, unwrapped};
use super::{ManuscriptError, Source};
use crate::text::{date, dom, plain};

/// Where the text of a page is likely to stand, the surest first.
const MAIN: [&str; 12] = [
    "#js_content",
    ".TRS_Editor",
    ".trs_editor_view",
    "#zoom",
    "#Zoom",
    "article",
    "main",
    "[role=main]",
    ".article-content",
    ".article_content",
    ".rich_media_content",
    "#content",
];
/// It is there where so many of a hundred characters of the page are.
const MAIN_SHARE: usize = 35;
/// Elements are followed no deeper than this; what is deeper is taken as text.
const DEEPEST: usize = 120;

/// The blocks of a page.
pub(super) fn read(html: &str) -> Result<Source, ManuscriptError> {
    let page = match dom::parse(html) {
        Ok(page) => page,
        Err(_) if html.trim().is_empty() => return Err(ManuscriptError::Empty),
        Err(rejection) => return Err(ManuscriptError::Broken(rejection.detail)),
    };
    let mut reader = Reader::default();
    reader.source.title = heading(&page);
    reader.source.perhaps = title(&page);
    reader.source.credit = dom::meta(&page, "ContentSource").map(|credit| plain::one_line(&credit));
    reader.source.posted = dom::meta(&page, "PubDate")
        .and_then(|words| date::find(&words, None))
        .map(|posted| posted.date());
    for node in main(&page) {
        reader.blocks(&node, &Ground::default());
    }
    reader.flush(&Ground::default());
    let Reader { mut source, blocks, .. } = reader;
    source.blocks = blocks;
    Ok(source)
}

/// The title that a page prints, where it says which words that is.
fn heading(page: &Document) -> Option<String> {
    let headings = page.select("h1");
    let only = (headings.nodes().len() == 1).then(|| first(page, "h1")).flatten();
    let named = dom::meta(page, "ArticleTitle").map(|title| plain::one_line(&title));
    named.or_else(|| first(page, "#activity-name")).or(only)
}

/// What the page is called, without the name of its site. Word calls pages what it likes.
fn title(page: &Document) -> Option<String> {
    let maker = dom::meta(page, "Generator").unwrap_or_default().to_ascii_lowercase();
    if ["word", "wps", "kingsoft", "office"].iter().any(|name| maker.contains(name)) {
        return None;
    }
    let title = first(page, "title")?;
    let short = [" - ", " | ", "_", "－", "|"].iter().find_map(|mark| {
        let (before, _) = title.split_once(mark)?;
        Some(before.trim().to_owned()).filter(|title| title.chars().count() > 5)
    });
    Some(short.unwrap_or(title))
}

/// The words of the first element that `selector` finds.
fn first(page: &Document, selector: &str) -> Option<String> {
    let found = page.select(selector).nodes().first().map(|node| node.text().to_string());
    found.map(|text| plain::one_line(&text)).filter(|text| !text.is_empty())
}

/// The elements that hold the text.
fn main(page: &Document) -> Vec<NodeRef<'_>> {
    let whole = page.select("body");
    let length = |node: &NodeRef<'_>| dom::visible_text(node).chars().count();
    let all: usize = whole.nodes().iter().map(length).sum();
    for selector in MAIN {
        let found = page.select(selector);
        let Some(node) = found.nodes().iter().max_by_key(|node| length(node)).copied() else {
            continue;
        };
        if length(&node) * 100 >= all * MAIN_SHARE {
            return vec![node];
        }
    }
    whole.nodes().to_vec()
}

/// What holds for all that stands in an element.
#[derive(Clone, Debug, Default)]
struct Ground {
    form: Form,
    align: Align,
    role: Role,
    depth: usize,
    in_cell: bool,
}

#[derive(Default)]
struct Reader {
    source: Source,
    blocks: Vec<Block>,
    line: Vec<Span>,
}

impl Reader {
    /// Reads what stands in `node`.
    fn blocks(&mut self, node: &NodeRef<'_>, ground: &Ground) {
        for child in node.children_it(false) {
            if child.is_text() {
                self.words(&child.text(), &ground.form);
                continue;
            }
            let name = child.node_name();
            let name = name.as_deref().unwrap_or_default();
            if !is_shown(name, &child) {
                continue;
            }
            if ground.depth > DEEPEST {
                self.words(&dom::visible_text(&child), &ground.form);
                continue;
            }
            self.element(name, &child, ground);
        }
    }

    fn element(&mut self, name: &str, node: &NodeRef<'_>, ground: &Ground) {
        let mut inner = Ground { depth: ground.depth + 1, ..ground.clone() };
        match name {
            "br" => self.line.push(Span::Break),
            "img" => self.picture(node),
            "b" | "strong" | "i" | "em" | "sub" | "sup" | "a" | "span" | "font" | "u" | "code"
            | "small" | "big" | "mark" | "label" | "abbr" | "cite" | "q" | "s" | "del" | "ins"
            | "time" => {
                inner.form = form(name, node, &ground.form);
                self.blocks(node, &inner);
            }
            "table" if ground.in_cell || node.is("table:has(table)") => {
                self.flush(ground);
                self.frame(node, &inner);
            }
            "table" => {
                self.flush(ground);
                self.table(node, &inner);
            }
            "ol" => {
                self.flush(ground);
                self.numbered(node, &inner);
            }
            _ => {
                self.flush(ground);
                inner.align = align(node).unwrap_or(ground.align);
                inner.role = match name {
                    "h1" | "h2" => Role::Heading(1),
                    "h3" => Role::Heading(2),
                    "h4" | "h5" | "h6" => Role::Heading(3),
                    "li" if ground.role == Role::Text => Role::Item,
                    "figcaption" | "caption" => Role::Caption,
                    _ => ground.role,
                };
                if name == "center" {
                    inner.align = Align::Center;
                }
                self.blocks(node, &inner);
                self.flush(&inner);
            }
        }
    }

    /// Words as a browser shows them, where white space of the source is one space; a line of the
    /// source that ends within Chinese leaves none.
    fn words(&mut self, text: &str, form: &Form) {
        let is_space = |c: char| c.is_ascii_whitespace() || c == '\u{a0}';
        let is_wide = |c: char| matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{FF00}'..='\u{FFEF}');
        let mut words = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(is_space) {
            words.push_str(&rest[..at]);
            let behind = rest[at..].trim_start_matches(is_space);
            let gap = &rest[at..rest.len() - behind.len()];
            let is_chinese = words.ends_with(is_wide) && behind.starts_with(is_wide);
            if !(is_chinese && gap.contains('\n')) {
                words.push(' ');
            }
            rest = behind;
        }
        words.push_str(rest);
        if !words.is_empty() {
            self.line.push(Span::Text(words, form.clone()));
        }
    }

    /// Ends the paragraph.
    fn flush(&mut self, ground: &Ground) {
        let spans = std::mem::take(&mut self.line);
        if spans.is_empty() {
            return;
        }
        let Ground { align, role, .. } = *ground;
        self.blocks.extend(Paragraph { spans, align, role, size: None }.split());
    }

    fn picture(&mut self, node: &NodeRef<'_>) {
        let attribute = |name| node.attr(name).map(|value| value.trim().to_owned());
        let source = attribute("data-src").or_else(|| attribute("src")).unwrap_or_default();
        let alt = plain::one_line(&attribute("alt").unwrap_or_default());
        let address = match embedded(&source) {
            Some(bytes) => self.source.add_picture(&bytes),
            None if super::block::is_web(&source) => Some(source),
            None => {
                let name: String = source.rsplit(['/', '\\']).next().unwrap_or_default().into();
                let name: String = name.chars().take(80).collect();
                self.source.remark(
                    "picture-missing",
                    "网页稿件中的图片不在文件里，没有收录：请改用 .docx，或另行补上图片",
                    "a picture of the page is not in the file and was left out: hand the text in as .docx, or add the picture by hand",
                    &name,
                );
                None
            }
        };
        if let Some(address) = address {
            self.line.push(Span::Picture(Picture { address, alt, caption: String::new() }));
        }
    }

    /// The items of a list with their numbers, which a body cannot be trusted to keep.
    fn numbered(&mut self, node: &NodeRef<'_>, ground: &Ground) {
        let start = node.attr("start").and_then(|start| start.parse::<u32>().ok()).unwrap_or(1);
        let items = node.children_it(false).filter(|child| child.has_name("li"));
        for (number, item) in (start..).zip(items) {
            self.line.push(Span::Text(format!("{number}. "), Form::default()));
            let inner = Ground { role: Role::Text, ..ground.clone() };
            self.blocks(&item, &inner);
            self.flush(&inner);
        }
    }

    fn table(&mut self, node: &NodeRef<'_>, ground: &Ground) {
        let ground = Ground { in_cell: true, role: Role::Text, ..ground.clone() };
        let mut table = Table::default();
        for row in node.descendants_it().filter(|node| node.has_name("tr")) {
            let cells = row
                .children_it(false)
                .filter(|cell| cell.has_name("td") || cell.has_name("th"))
                .map(|cell| self.cell(&cell, &ground));
            let cells: Vec<Cell> = cells.collect();
            if cells.iter().any(|cell| !cell.blocks.is_empty()) {
                table.rows.push(cells);
            }
        }
        for caption in node.children_it(false).filter(|child| child.has_name("caption")) {
            let ground = Ground { align: Align::Center, ..ground.clone() };
            self.blocks(&caption, &ground);
            self.flush(&ground);
        }
        if table.rows.iter().map(Vec::len).sum::<usize>() <= 1 {
            self.blocks.extend(unwrapped(table));
        } else {
            self.blocks.push(Block::Table(table));
        }
    }

    fn cell(&mut self, node: &NodeRef<'_>, ground: &Ground) -> Cell {
        let outside = std::mem::take(&mut self.blocks);
        let form = Form { bold: ground.form.bold || node.has_name("th"), ..ground.form.clone() };
        let ground = Ground { form, ..ground.clone() };
        self.blocks(node, &ground);
        self.flush(&ground);
        let blocks = std::mem::replace(&mut self.blocks, outside);
        let count = |name| {
            let count = node.attr(name).and_then(|count| count.trim().parse::<usize>().ok());
            count.unwrap_or(1).clamp(1, 100)
        };
        Cell { blocks, columns: count("colspan"), rows: count("rowspan") }
    }

    /// A table that lays out others, or stands in one: its lines.
    fn frame(&mut self, node: &NodeRef<'_>, ground: &Ground) {
        self.blocks(node, ground);
        self.flush(ground);
    }
}

/// False for what is no text, is not seen, or leads elsewhere.
fn is_shown(name: &str, node: &NodeRef<'_>) -> bool {
    let is_other = matches!(
        name,
        "" | "script"
            | "style"
            | "noscript"
            | "iframe"
            | "object"
            | "embed"
            | "svg"
            | "template"
            | "head"
            | "title"
            | "nav"
            | "footer"
            | "aside"
            | "form"
            | "button"
            | "input"
            | "select"
            | "textarea"
            | "audio"
            | "video"
            | "canvas"
            | "math"
            | "map"
            | "dialog"
    );
    let style = node.attr("style").map(|style| style.to_ascii_lowercase().replace(' ', ""));
    let is_hidden = node.has_attr("hidden")
        || style.is_some_and(|style| {
            ["display:none", "visibility:hidden", "mso-hide:all"]
                .iter()
                .any(|mark| style.contains(mark))
        });
    !is_other && !is_hidden
}

fn form(name: &str, node: &NodeRef<'_>, outer: &Form) -> Form {
    let mut form = outer.clone();
    match name {
        "b" | "strong" => form.bold = true,
        "i" | "em" => form.italic = true,
        "sub" => form.below = true,
        "sup" => form.above = true,
        "a" => form.link = node.attr("href").map(|href| href.trim().to_owned()),
        _ => {}
    }
    let style = node.attr("style").map(|style| style.to_ascii_lowercase().replace(' ', ""));
    if let Some(style) = style {
        let weighs = |marks: &[&str]| marks.iter().any(|mark| style.contains(mark));
        form.bold |=
            weighs(&["font-weight:bold", "font-weight:7", "font-weight:8", "font-weight:9"]);
        form.bold &= !weighs(&["font-weight:normal", "font-weight:4"]);
        form.italic |= style.contains("font-style:italic");
    }
    form
}

fn align(node: &NodeRef<'_>) -> Option<Align> {
    let style = node.attr("style").map(|style| style.to_ascii_lowercase().replace(' ', ""));
    let word = style.as_deref().and_then(|style| style.split_once("text-align:"));
    let word = word.map(|(_, rest)| rest.split(';').next().unwrap_or_default().to_owned());
    let word = word.or_else(|| node.attr("align").map(|align| align.to_ascii_lowercase()))?;
    Some(match word.trim() {
        "center" => Align::Center,
        "right" | "end" => Align::Right,
        _ => Align::Start,
    })
}

/// The bytes of a picture that stands in the page itself.
fn embedded(source: &str) -> Option<Bytes> {
    let (head, data) = source.strip_prefix("data:image/")?.split_once(',')?;
    if !head.ends_with(";base64") {
        return None;
    }
    let data: String = data.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(data).ok().map(Bytes::from)
}
