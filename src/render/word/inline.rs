//! What stands in a line: text in its forms, links, breaks, pictures.

use docx_rs::{BreakType, Hyperlink, HyperlinkType, Paragraph, Run, VertAlignType};
use dom_query::NodeRef;

use super::style;

/// A part of a line.
pub(super) enum Inline {
    /// Text in one form.
    Text(String, Form),
    /// A new line.
    Break,
    /// The picture at an original address, with the words that stand in for it.
    Picture(String, String),
}

/// How text looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Form {
    bold: bool,
    italic: bool,
    below: bool,
    above: bool,
    link: Option<String>,
}

impl Form {
    /// Text as it is, or all of it bold.
    pub(super) fn plain(bold: bool) -> Self {
        Self { bold, ..Self::default() }
    }
}

/// The parts of `node`, which is text or an element that stands in a line.
pub(super) fn parts(node: &NodeRef<'_>, form: &Form, out: &mut Vec<Inline>) {
    if node.is_text() {
        out.push(Inline::Text(node.text().to_string(), form.clone()));
        return;
    }
    let mut form = form.clone();
    match node.node_name().as_deref() {
        Some("br") => return out.push(Inline::Break),
        Some("img") => {
            let attribute = |name| node.attr(name).map(|value| value.to_string());
            let alt = attribute("alt").unwrap_or_default();
            out.extend(attribute("src").map(|source| Inline::Picture(source, alt)));
            return;
        }
        Some("strong" | "th") => form.bold = true,
        Some("em") => form.italic = true,
        Some("sub") => form.below = true,
        Some("sup") => form.above = true,
        Some("a") => form.link = node.attr("href").map(|href| href.to_string()),
        _ => {}
    }
    for child in node.children_it(false) {
        parts(&child, &form, out);
    }
}

/// One line of `parts` in `paragraph`; `None` where nothing of it shows. `shown` tells where a link
/// leads, or that it must not.
pub(super) fn line(
    parts: &[Inline],
    paragraph: Paragraph,
    shown: impl Fn(&str) -> Option<String>,
) -> Option<Paragraph> {
    let mut paragraph = paragraph;
    // White space is held back until something follows it.
    let (mut gap, mut begun, mut breaks) = (false, false, 0);
    for part in parts {
        let (text, form) = match part {
            Inline::Text(text, form) => (text, form),
            Inline::Break => {
                breaks += usize::from(begun);
                gap = false;
                continue;
            }
            Inline::Picture(..) => continue,
        };
        let mut words = String::new();
        for c in text.chars() {
            // Wide spaces are the indent of old pages at the beginning of a line, and meant elsewhere.
            let at_start = words.is_empty() && (!begun || breaks > 0);
            if c.is_ascii_whitespace() || c == '\u{a0}' || (c == '\u{3000}' && at_start) {
                gap = true;
                continue;
            }
            if std::mem::take(&mut gap) && !at_start {
                words.push(' ');
            }
            words.push(c);
        }
        if words.is_empty() {
            continue;
        }
        if breaks > 0 {
            let broken =
                (0..breaks).fold(Run::new(), |run, _| run.add_break(BreakType::TextWrapping));
            paragraph = paragraph.add_run(broken);
            breaks = 0;
        }
        begun = true;
        let run = run(&words, form);
        paragraph = match form.link.as_deref().and_then(&shown) {
            Some(address) => paragraph.add_hyperlink(
                Hyperlink::new(address, HyperlinkType::External).add_run(run.style(style::LINK)),
            ),
            None => paragraph.add_run(run),
        };
    }
    begun.then_some(paragraph)
}

fn run(words: &str, form: &Form) -> Run {
    let mut run = super::run(words);
    if form.bold {
        run = run.bold();
    }
    if form.italic {
        run = run.italic();
    }
    if form.below || form.above {
        let place = if form.below { VertAlignType::SubScript } else { VertAlignType::SuperScript };
        run.run_property = run.run_property.vert_align(place);
    }
    run
}
