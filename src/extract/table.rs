//! Tables that hold data rather than the layout of a page.

use dom_query::NodeRef;

use super::block::{self, Align, Block, Ground, Kind};
use crate::text::dom;

/// A cell with more characters holds a text, so its table is layout.
const LONGEST_CELL: u32 = 300;

/// The table as one block; `None` where its cells are only there to place texts.
pub(super) fn read(table: &NodeRef<'_>, ground: Ground<'_>) -> Option<Block> {
    let nested = dom::descendants(table).skip(1).any(|node| node.has_name("table"));
    if nested {
        return None;
    }
    let rows: Vec<NodeRef<'_>> =
        dom::descendants(table).filter(|node| node.has_name("tr")).collect();
    let mut broad = 0_usize;
    let mut made = Block {
        kind: Kind::Table,
        text: String::new(),
        html: "<table><tbody>".to_owned(),
        align: Align::Start,
        bold: false,
        chars: 0,
        linked: 0,
        files: Vec::new(),
    };
    for row in rows {
        broad += usize::from(add_row(&row, ground, &mut made)?);
    }
    made.html.push_str("</tbody></table>");
    (broad >= 2 && made.linked * 2 <= made.chars).then_some(made)
}

/// Adds a row; true where it has two filled cells or more, `None` where it is layout.
fn add_row(row: &NodeRef<'_>, ground: Ground<'_>, made: &mut Block) -> Option<bool> {
    let mut filled = 0;
    let mut texts = Vec::new();
    made.html.push_str("<tr>");
    for cell in row.children_it(false).filter(|cell| cell.has_name("td") || cell.has_name("th")) {
        let blocks = block::read(&cell.children(), ground);
        let chars: u32 = blocks.iter().map(|block| block.chars).sum();
        let has_picture = blocks.iter().any(|block| matches!(block.kind, Kind::Picture(_)));
        if has_picture || chars > LONGEST_CELL {
            return None;
        }
        filled += usize::from(chars > 0);
        let name = if cell.has_name("th") { "th" } else { "td" };
        made.html.push('<');
        made.html.push_str(name);
        for key in ["colspan", "rowspan"] {
            let span = cell.attr(key).and_then(|span| span.trim().parse::<u16>().ok());
            if let Some(span) = span.filter(|span| *span > 1) {
                made.html.extend([" ", key, "=\"", &span.to_string(), "\""]);
            }
        }
        made.html.push('>');
        let parts: Vec<&str> = blocks.iter().map(|block| block.html.as_str()).collect();
        made.html.push_str(&parts.join("<br>"));
        made.html.push_str("</");
        made.html.push_str(name);
        made.html.push('>');
        let text: Vec<&str> = blocks.iter().map(|block| block.text.as_str()).collect();
        texts.push(text.join(" "));
        made.chars += chars;
        made.linked += blocks.iter().map(|block| block.linked).sum::<u32>();
        made.files.extend(blocks.into_iter().flat_map(|block| block.files));
    }
    made.html.push_str("</tr>");
    let line = texts.iter().filter(|text| !text.is_empty()).cloned().collect::<Vec<_>>().join(" ");
    if !line.is_empty() {
        if !made.text.is_empty() {
            made.text.push('\n');
        }
        made.text.push_str(&line);
    }
    Some(filled >= 2)
}
