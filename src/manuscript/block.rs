//! The blocks of a manuscript, whatever file they came from, and how they are written as a body.

use url::Url;

use crate::model::{Body, Image};
use crate::text::plain;

/// A part of a manuscript that stands by itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block {
    Paragraph(Paragraph),
    Picture(Picture),
    Table(Table),
}

/// A line or more of text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Paragraph {
    pub(super) spans: Vec<Span>,
    pub(super) align: Align,
    pub(super) role: Role,
    /// The size of most of its letters in half points, where the file says so.
    pub(super) size: Option<u32>,
}

/// What a paragraph is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    #[default]
    Text,
    /// The title by its style.
    Title,
    /// A heading within the text, of level 1 to 3.
    Heading(u8),
    /// An item of a list with bullets.
    Item,
    /// The words of a picture by its style.
    Caption,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Align {
    #[default]
    Start,
    Center,
    Right,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Span {
    Text(String, Form),
    Break,
    Picture(Picture),
}

/// How text looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) below: bool,
    pub(super) above: bool,
    /// Where a link leads.
    pub(super) link: Option<String>,
}

/// A picture, at `manuscript:NAME` or at a public address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) address: String,
    pub(super) alt: String,
    pub(super) caption: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    pub(super) rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cell {
    pub(super) blocks: Vec<Block>,
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl Paragraph {
    /// A paragraph of plain words.
    pub(super) fn plain(words: &str) -> Self {
        let spans = vec![Span::Text(words.to_owned(), Form::default())];
        Self { spans, ..Self::default() }
    }

    /// Its words in one line.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for span in &self.spans {
            match span {
                Span::Text(words, _) => text.push_str(words),
                Span::Break => text.push(' '),
                Span::Picture(_) => {}
            }
        }
        plain::one_line(&text)
    }

    /// True where all of its words are bold, and there are any.
    pub(super) fn is_bold(&self) -> bool {
        let mut words = self.spans.iter().filter_map(|span| match span {
            Span::Text(words, form) if !words.trim().is_empty() => Some(form.bold),
            _ => None,
        });
        words.next() == Some(true) && words.all(|bold| bold)
    }

    /// The paragraph, and the pictures in its line as blocks of their own: before it where nothing
    /// stands before them, otherwise behind it, so that no sentence is torn.
    pub(super) fn split(mut self) -> Vec<Block> {
        let (mut before, mut behind) = (Vec::new(), Vec::new());
        let mut begun = false;
        self.spans.retain_mut(|span| match span {
            Span::Picture(picture) => {
                let picture = Block::Picture(std::mem::take(picture));
                if begun {
                    behind.push(picture)
                } else {
                    before.push(picture)
                }
                false
            }
            Span::Text(words, _) => {
                begun |= !plain::one_line(words).is_empty();
                true
            }
            Span::Break => true,
        });
        if begun {
            before.push(Block::Paragraph(self));
        }
        before.extend(behind);
        before
    }
}

/// The body that `blocks` make; not yet sanitised.
pub(super) fn body(blocks: &[Block]) -> Body {
    let mut body = Body::default();
    let mut in_list = false;
    for block in blocks {
        let is_item = matches!(block, Block::Paragraph(p) if p.role == Role::Item);
        if is_item != in_list {
            body.html.push_str(if is_item { "<ul>" } else { "</ul>" });
            in_list = is_item;
        }
        match block {
            Block::Paragraph(paragraph) => write(paragraph, &mut body),
            Block::Picture(picture) => figure(picture, &mut body),
            Block::Table(table) => write_table(table, &mut body),
        }
    }
    if in_list {
        body.html.push_str("</ul>");
    }
    body
}

fn write(paragraph: &Paragraph, body: &mut Body) {
    let is_heading = matches!(paragraph.role, Role::Heading(_) | Role::Title);
    let line = inline(&paragraph.spans, !is_heading);
    let (open, close) = match (paragraph.role, paragraph.align) {
        (Role::Heading(level), _) => {
            let level = 1 + level.clamp(1, 3);
            (format!("<h{level}>"), format!("</h{level}>"))
        }
        (Role::Title, _) => ("<h2>".to_owned(), "</h2>".to_owned()),
        (Role::Item, _) => ("<li>".to_owned(), "</li>".to_owned()),
        (_, Align::Center) => ("<p style=\"text-align:center\">".to_owned(), "</p>".to_owned()),
        (_, Align::Right) => ("<p style=\"text-align:right\">".to_owned(), "</p>".to_owned()),
        _ => ("<p>".to_owned(), "</p>".to_owned()),
    };
    body.html.extend([open, line, close]);
    add_line(&mut body.text, &paragraph.text());
}

/// The parts of a line as HTML, without white space at its ends.
fn inline(spans: &[Span], may_be_bold: bool) -> String {
    let mut html = String::new();
    let (mut begun, mut breaks, mut gap) = (false, 0, String::new());
    for span in spans {
        let (words, form) = match span {
            Span::Text(words, form) => (words, form),
            Span::Break => {
                breaks += usize::from(begun);
                gap.clear();
                continue;
            }
            Span::Picture(_) => continue,
        };
        let words = words.replace(['\n', '\r', '\t'], " ");
        // White space at the beginning of a line is an indent, and waits elsewhere for what follows.
        let at_start = !begun || breaks > 0;
        let inner = if at_start { words.trim_start() } else { words.as_str() };
        let ink = inner.trim_end();
        if ink.is_empty() {
            gap.push_str(inner);
            continue;
        }
        html.extend(std::iter::repeat_n("<br>", std::mem::take(&mut breaks)));
        if begun {
            html.push_str(&escaped(&gap));
        }
        gap.clear();
        begun = true;
        html.push_str(&formed(ink, form, may_be_bold));
        gap.push_str(&inner[ink.len()..]);
    }
    // The same form twice in a row is one.
    for seam in ["</strong><strong>", "</em><em>"] {
        html = html.replace(seam, "");
    }
    html
}

fn formed(words: &str, form: &Form, may_be_bold: bool) -> String {
    let mut html = escaped(words);
    let tags = [
        ("sub", form.below),
        ("sup", form.above && !form.below),
        ("em", form.italic),
        ("strong", form.bold && may_be_bold),
    ];
    for (tag, wanted) in tags {
        if wanted {
            html = format!("<{tag}>{html}</{tag}>");
        }
    }
    match form.link.as_deref().filter(|link| is_web(link)) {
        Some(link) => format!("<a href=\"{}\">{html}</a>", escaped(link)),
        None => html,
    }
}

/// True for addresses of web pages.
pub(super) fn is_web(address: &str) -> bool {
    Url::parse(address.trim()).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

fn figure(picture: &Picture, body: &mut Body) {
    let Ok(url) = Url::parse(&picture.address) else { return };
    let (source, alt) = (escaped(url.as_str()), escaped(&picture.alt));
    body.html.extend(["<figure><img src=\"", &source, "\" alt=\"", &alt, "\">"]);
    if !picture.caption.is_empty() {
        body.html.extend(["<figcaption>", &escaped(&picture.caption), "</figcaption>"]);
        add_line(&mut body.text, &picture.caption);
    }
    body.html.push_str("</figure>");
    let (alt, caption) = (picture.alt.clone(), picture.caption.clone());
    body.images.push(Image { url, alt, caption });
}

fn write_table(table: &Table, body: &mut Body) {
    body.html.push_str("<table><tbody>");
    for row in &table.rows {
        body.html.push_str("<tr>");
        let mut words = Vec::new();
        for cell in row {
            body.html.push_str("<td");
            for (name, count) in [("colspan", cell.columns), ("rowspan", cell.rows)] {
                if count > 1 {
                    body.html.push_str(&format_args!(" {name}=\"{count}\"").to_string());
                }
            }
            body.html.push('>');
            words.push(write_cell(cell, body));
            body.html.push_str("</td>");
        }
        body.html.push_str("</tr>");
        words.retain(|word| !word.is_empty());
        add_line(&mut body.text, &words.join(" "));
    }
    body.html.push_str("</tbody></table>");
}

/// Writes the content of a cell and gives its words.
fn write_cell(cell: &Cell, body: &mut Body) -> String {
    let mut words = Vec::new();
    let mut first = true;
    for block in &cell.blocks {
        match block {
            Block::Paragraph(paragraph) => {
                if !std::mem::take(&mut first) {
                    body.html.push_str("<br>");
                }
                let bullet = if paragraph.role == Role::Item { "• " } else { "" };
                body.html.push_str(bullet);
                body.html.push_str(&inline(&paragraph.spans, true));
                words.push(paragraph.text());
            }
            Block::Picture(picture) => {
                let mut inner = Body::default();
                figure(picture, &mut inner);
                body.html.push_str(&inner.html);
                body.images.append(&mut inner.images);
                words.extend(Some(picture.caption.clone()).filter(|words| !words.is_empty()));
            }
            // A table in a cell was made paragraphs by whoever read it.
            Block::Table(_) => {}
        }
    }
    words.join(" ")
}

fn add_line(text: &mut String, line: &str) {
    if line.is_empty() {
        return;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

/// Text as it stands between tags and within double quotes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// What stands in a table within a cell, and in one of a single cell, which is but a frame.
pub(super) fn unwrapped(table: Table) -> impl Iterator<Item = Block> {
    table.rows.into_iter().flatten().flat_map(|cell| cell.blocks)
}
