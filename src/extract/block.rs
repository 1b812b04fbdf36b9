//! The body as blocks: paragraphs, headings, list items, tables and pictures in reading order.
//!
//! In: the nodes that hold the body; out: blocks whose HTML is made here, element by element, so
//! nothing of the page's own markup passes. What is a block of the article is not judged here.

use std::collections::HashSet;

use dom_query::{Element, NodeData, NodeId, NodeRef};
use html5ever::local_name;
use url::Url;

use super::frame;
use super::picture;
use super::table;
use crate::model::{Attachment, Image};
use crate::text::dom::{self, Walk};
use crate::text::{plain, web};

/// What a block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Paragraph,
    Heading(u8),
    Item {
        ordered: bool,
    },
    Picture(Image),
    Table,
    /// Files that a frame shows; there is no text.
    Files,
}

/// Where the text of a block stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Align {
    #[default]
    Start,
    Center,
    Right,
}

/// One block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: Kind,
    /// One line; of a table one line a row; of a picture empty.
    pub(super) text: String,
    /// What stands inside the element; of a table the whole element; of a picture empty.
    pub(super) html: String,
    pub(super) align: Align,
    /// All of it is bold.
    pub(super) bold: bool,
    /// Characters without white space, and those of them in links.
    pub(super) chars: u32,
    pub(super) linked: u32,
    /// Files that it links to.
    pub(super) files: Vec<Attachment>,
}

/// What the reading of blocks needs to know of the page.
#[derive(Clone, Copy)]
pub(super) struct Ground<'b> {
    /// What its links are relative to.
    pub(super) base: &'b Url,
    /// Nodes that are left out.
    pub(super) dropped: &'b HashSet<NodeId>,
    /// Endings of files beside the usual ones, without the dot.
    pub(super) endings: &'b [String],
}

impl Ground<'_> {
    /// A file to download, other than a picture.
    pub(super) fn is_document(&self, url: &Url) -> bool {
        let path = url.path().to_ascii_lowercase();
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        let picture = ["jpg", "jpeg", "png", "gif", "bmp", "webp", "svg"].contains(&ending);
        let declared = |known: &String| known.trim_start_matches('.').eq_ignore_ascii_case(ending);
        (web::is_file(url) && !picture) || self.endings.iter().any(declared)
    }
}

/// The blocks of `nodes`.
pub(super) fn read(nodes: &[NodeRef<'_>], ground: Ground<'_>) -> Vec<Block> {
    let mut builder = Builder::new(ground);
    for node in nodes {
        dom::walk(node, |node, entering| builder.visit(node, entering));
        if node.qual_name_ref().is_some_and(|name| dom::is_block(&name.local)) {
            builder.flush();
        }
    }
    builder.flush();
    builder.blocks
}

/// An inline element that is kept.
struct Inline {
    id: NodeId,
    open: String,
    close: &'static str,
}

struct Builder<'b> {
    ground: Ground<'b>,
    blocks: Vec<Block>,
    text: String,
    html: String,
    gap: Gap,
    inline: Vec<Inline>,
    written: usize,
    chars: u32,
    linked: u32,
    bold_chars: u32,
    links: u32,
    bold: Vec<NodeId>,
    aligns: Vec<(NodeId, Align)>,
    align: Align,
    kinds: Vec<(NodeId, Kind)>,
    files: Vec<Attachment>,
}

/// White space that may or may not come to stand between two characters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    /// Only line ends and tabs of the source, which mean nothing between Han characters.
    Break,
    Space,
}

impl<'b> Builder<'b> {
    fn new(ground: Ground<'b>) -> Self {
        Self {
            ground,
            blocks: Vec::new(),
            text: String::new(),
            html: String::new(),
            gap: Gap::None,
            inline: Vec::new(),
            written: 0,
            chars: 0,
            linked: 0,
            bold_chars: 0,
            links: 0,
            bold: Vec::new(),
            aligns: Vec::new(),
            align: Align::Start,
            kinds: Vec::new(),
            files: Vec::new(),
        }
    }

    fn visit(&mut self, node: &NodeRef<'_>, entering: bool) -> Walk {
        node.query_or(Walk::Into, |inner| match &inner.data {
            NodeData::Text { contents } => {
                if entering {
                    self.push(contents);
                }
                Walk::Into
            }
            NodeData::Element(element) if entering => self.enter(node, element),
            NodeData::Element(element) => {
                self.leave(node, element);
                Walk::Into
            }
            _ => Walk::Into,
        })
    }

    fn enter(&mut self, node: &NodeRef<'_>, element: &Element) -> Walk {
        let name: &str = &element.name.local;
        if self.ground.dropped.contains(&node.id) {
            return Walk::Over;
        }
        if let Some(file) = frame::file(node, element, self.ground) {
            self.wordless(Kind::Files, vec![file]);
        }
        if name == "noscript" {
            self.without_script(node);
        }
        if is_unseen(name, element) {
            return Walk::Over;
        }
        if let Some(image) = picture::background(node, element, self.ground.base) {
            self.wordless(Kind::Picture(image), Vec::new());
            return Walk::Over;
        }
        match name {
            "br" => self.flush(),
            "img" => {
                if let Some(image) = picture::of(node, element, self.ground.base) {
                    self.wordless(Kind::Picture(image), Vec::new());
                }
            }
            "table" => {
                self.flush();
                if let Some(table) = table::read(node, self.ground) {
                    self.blocks.push(table);
                    return Walk::Over;
                }
            }
            "a" => self.link(node, element),
            "strong" | "b" => self.open(node, "<strong>".to_owned(), "</strong>"),
            "em" | "i" => self.open(node, "<em>".to_owned(), "</em>"),
            "sub" => self.open(node, "<sub>".to_owned(), "</sub>"),
            "sup" => self.open(node, "<sup>".to_owned(), "</sup>"),
            _ if dom::is_block(&element.name.local) => self.enter_block(node, name, element),
            _ => {}
        }
        if is_bold(name, element) {
            self.bold.push(node.id);
        }
        Walk::Into
    }

    /// A picture that only readers without scripts see, unless it stands there already.
    fn without_script(&mut self, node: &NodeRef<'_>) {
        let Some(image) = picture::without_script(node, self.ground.base) else { return };
        let known = self
            .blocks
            .iter()
            .rev()
            .take(2)
            .any(|block| matches!(&block.kind, Kind::Picture(shown) if shown.url == image.url));
        if !known {
            self.wordless(Kind::Picture(image), Vec::new());
        }
    }

    fn enter_block(&mut self, node: &NodeRef<'_>, name: &str, element: &Element) {
        self.flush();
        if let Some(align) = alignment(name, element) {
            self.aligns.push((node.id, align));
        }
        let kind = match name {
            "h1" | "h2" => Some(Kind::Heading(2)),
            "h3" => Some(Kind::Heading(3)),
            "h4" | "h5" | "h6" => Some(Kind::Heading(4)),
            "li" => {
                let ordered = node.parent().is_some_and(|parent| parent.has_name("ol"));
                Some(Kind::Item { ordered })
            }
            _ => None,
        };
        if let Some(kind) = kind {
            self.kinds.push((node.id, kind));
        }
    }

    fn leave(&mut self, node: &NodeRef<'_>, element: &Element) {
        if element.name.local == local_name!("a") {
            self.links = self.links.saturating_sub(1);
        }
        if self.inline.last().is_some_and(|inline| inline.id == node.id) {
            if self.written == self.inline.len() {
                self.html.push_str(self.inline[self.written - 1].close);
                self.written -= 1;
            }
            self.inline.pop();
        }
        if dom::is_block(&element.name.local) {
            self.flush();
        }
        self.bold.pop_if(|id| *id == node.id);
        self.aligns.pop_if(|align| align.0 == node.id);
        self.kinds.pop_if(|kind| kind.0 == node.id);
    }

    fn open(&mut self, node: &NodeRef<'_>, open: String, close: &'static str) {
        self.inline.push(Inline { id: node.id, open, close });
    }

    /// A link is kept where it leads anywhere; around a picture or a script it is not.
    fn link(&mut self, node: &NodeRef<'_>, element: &Element) {
        self.links += 1;
        let Some(url) = element.attr("href").and_then(|href| web::resolve(self.ground.base, &href))
        else {
            return;
        };
        self.open(node, format!("<a href=\"{}\">", escaped(url.as_str())), "</a>");
        let marked = element.attr("appendix").is_some() || element.attr("needdownload").is_some();
        if marked || self.ground.is_document(&url) {
            self.files.push(attachment(node, element, url));
        }
    }

    fn push(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_whitespace() {
                let source = matches!(c, '\n' | '\r' | '\t');
                self.gap = if source && self.gap != Gap::Space { Gap::Break } else { Gap::Space };
                continue;
            }
            if is_invisible(c) {
                continue;
            }
            self.push_char(c);
        }
    }

    fn push_char(&mut self, c: char) {
        if self.text.is_empty() {
            self.align = self.aligns.last().map_or(Align::Start, |align| align.1);
        }
        let gap = std::mem::replace(&mut self.gap, Gap::None);
        let last = self.text.chars().next_back();
        let wanted = match gap {
            Gap::None => false,
            Gap::Space => true,
            Gap::Break => !(last.is_some_and(is_wide) && is_wide(c)),
        };
        if wanted && last.is_some() {
            self.text.push(' ');
            self.html.push(' ');
        }
        while self.written < self.inline.len() {
            self.html.push_str(&self.inline[self.written].open);
            self.written += 1;
        }
        self.text.push(c);
        push_escaped(&mut self.html, c);
        self.chars += 1;
        self.linked += u32::from(self.links > 0);
        self.bold_chars += u32::from(!self.bold.is_empty());
    }

    /// A block without text.
    fn wordless(&mut self, kind: Kind, files: Vec<Attachment>) {
        self.flush();
        self.blocks.push(Block {
            kind,
            text: String::new(),
            html: String::new(),
            align: self.aligns.last().map_or(Align::Start, |align| align.1),
            bold: false,
            chars: 0,
            linked: 0,
            files,
        });
    }

    /// Ends the block under way, if it says anything.
    fn flush(&mut self) {
        while self.written > 0 {
            self.written -= 1;
            self.html.push_str(self.inline[self.written].close);
        }
        self.gap = Gap::None;
        let (text, html) = (std::mem::take(&mut self.text), std::mem::take(&mut self.html));
        let chars = std::mem::take(&mut self.chars);
        let linked = std::mem::take(&mut self.linked);
        let bold_chars = std::mem::take(&mut self.bold_chars);
        if chars == 0 {
            return;
        }
        let kind = self.kinds.last().map_or(Kind::Paragraph, |kind| kind.1.clone());
        self.blocks.push(Block {
            kind,
            text: plain::clean(&text),
            html,
            align: self.align,
            bold: bold_chars == chars,
            chars,
            linked,
            files: std::mem::take(&mut self.files),
        });
    }
}

/// Elements that no reader sees as part of a text.
fn is_unseen(name: &str, element: &Element) -> bool {
    if dom::is_skipped(&element.name.local)
        || matches!(name, "noscript" | "button" | "input" | "meta" | "link")
    {
        return true;
    }
    element.attr("style").is_some_and(|style| {
        let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
        style.to_ascii_lowercase().contains("display:none")
    })
}

fn is_bold(name: &str, element: &Element) -> bool {
    matches!(name, "strong" | "b" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
        || element.attr("style").is_some_and(|style| {
            let style = style.to_ascii_lowercase();
            style.split(';').any(|part| {
                part.split_once(':').is_some_and(|(key, value)| {
                    key.trim() == "font-weight"
                        && matches!(value.trim(), "bold" | "bolder" | "700" | "800")
                })
            })
        })
}

fn alignment(name: &str, element: &Element) -> Option<Align> {
    let style = element.attr("style").map(|style| style.to_ascii_lowercase()).unwrap_or_default();
    let styled = style.split(';').find_map(|part| {
        let (key, value) = part.split_once(':')?;
        (key.trim() == "text-align").then(|| value.trim().to_owned())
    });
    let said =
        styled.or_else(|| element.attr("align").map(|align| align.trim().to_ascii_lowercase()));
    match said.as_deref() {
        Some("center") => Some(Align::Center),
        Some("right" | "end") => Some(Align::Right),
        Some(_) => Some(Align::Start),
        None if name == "center" => Some(Align::Center),
        None => None,
    }
}

/// The file under the name that is printed for it, else the name of the file.
pub(super) fn attachment(node: &NodeRef<'_>, element: &Element, url: Url) -> Attachment {
    let printed = plain::one_line(&dom::visible_text(node));
    let title = element.attr("title").map(|title| plain::one_line(&title)).unwrap_or_default();
    let segment = url.path_segments().and_then(Iterator::last).unwrap_or_default();
    let file = percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned();
    let name = [printed, title, file].into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    Attachment { url, name }
}

fn is_wide(c: char) -> bool {
    u32::from(c) >= 0x2E80
}

fn is_invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200B}' | '\u{FEFF}' | '\u{00AD}' | '\u{2060}')
}

fn push_escaped(html: &mut String, c: char) {
    match c {
        '&' => html.push_str("&amp;"),
        '<' => html.push_str("&lt;"),
        '>' => html.push_str("&gt;"),
        '"' => html.push_str("&quot;"),
        c => html.push(c),
    }
}

/// `text` for use in HTML, attributes included.
pub(super) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    text.chars().for_each(|c| push_escaped(&mut html, c));
    html
}
