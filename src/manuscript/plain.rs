//! Manuscripts as Markdown and as plain text.

use pulldown_cmark::{Options, Parser};

use super::block::{Block, Paragraph};
use super::{ManuscriptError, Source, html};

/// Markdown (that of `CommonMark`, with tables and struck words) by way of the HTML that it stands for.
pub(super) fn markdown(text: &str) -> Result<Source, ManuscriptError> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    // What tools note at the head of a file is for tools.
    let text = text.trim_start();
    let body = text.strip_prefix("---\n").and_then(|rest| Some(rest.split_once("\n---\n")?.1));
    let mut page = String::new();
    pulldown_cmark::html::push_html(&mut page, Parser::new_ext(body.unwrap_or(text), options));
    html::read(&page)
}

/// Text whose every line is a paragraph.
pub(super) fn text(text: &str) -> Source {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let blocks = lines.map(|line| Block::Paragraph(Paragraph::plain(line.trim())));
    Source { blocks: blocks.collect(), ..Source::default() }
}
