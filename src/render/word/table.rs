//! Tables: cells that reach over rows and columns are laid out on a grid first.

use docx_rs::{
    Paragraph, Table, TableAlignmentType, TableCell, TableLayoutType, TableRow, VAlignType,
    VMergeType, WidthType,
};
use dom_query::NodeRef;

use crate::text::dom;

use super::block::{Block, DEEPEST, Ground, Writer};
use super::{style, text};

/// Word takes no more columns; a table that has more is written as lines of text.
const MOST_COLUMNS: usize = 63;

/// A cell on the grid.
struct Placed<'a> {
    row: usize,
    column: usize,
    rows: usize,
    columns: usize,
    node: NodeRef<'a>,
}

/// Writes the table `node`.
pub(super) fn table(
    writer: &mut Writer<'_>,
    node: &NodeRef<'_>,
    ground: Ground,
    out: &mut Vec<Block>,
) {
    for caption in node.children_it(false).filter(|child| child.has_name("caption")) {
        let ground = Ground { style: style::CAPTION, list: None, ..ground };
        out.extend(writer.blocks(&caption, ground));
    }
    let rows = rows(node);
    let (cells, columns) = place(&rows);
    if columns == 0 {
        return;
    }
    if columns > MOST_COLUMNS || ground.depth > DEEPEST / 2 {
        out.extend(rows.iter().map(as_text));
        return;
    }
    let width = ground.width / columns;
    let rows: Vec<TableRow> =
        (0..rows.len()).map(|row| table_row(writer, row, columns, &cells, ground, width)).collect();
    let table = Table::new(rows)
        .set_grid(vec![width; columns])
        .width(width * columns, WidthType::Dxa)
        .align(TableAlignmentType::Center)
        .layout(TableLayoutType::Autofit);
    out.push(Block::Table(Box::new(table)));
    // Two tables without a paragraph between them would become one.
    out.push(Block::paragraph(Paragraph::new().style(style::CELL)));
}

/// The rows of the table itself, not of those in its cells.
fn rows<'a>(table: &NodeRef<'a>) -> Vec<NodeRef<'a>> {
    let mut rows = Vec::new();
    for child in table.children_it(false) {
        if child.has_name("tr") {
            rows.push(child);
        } else if !child.has_name("caption") {
            rows.extend(child.children_it(false).filter(|row| row.has_name("tr")));
        }
    }
    rows
}

/// Where each cell stands (HTML, "Forming a table"), and how many columns that makes.
fn place<'a>(rows: &[NodeRef<'a>]) -> (Vec<Placed<'a>>, usize) {
    let mut cells: Vec<Placed<'a>> = Vec::new();
    // Up to which row each column is taken.
    let mut taken: Vec<usize> = Vec::new();
    for (row, node) in rows.iter().enumerate() {
        let mut column = 0;
        for cell in node.children_it(false).filter(|c| c.has_name("td") || c.has_name("th")) {
            while taken.get(column).is_some_and(|&until| until > row) {
                column += 1;
            }
            let span = |name: &str| {
                let number = cell.attr(name).and_then(|text| text.parse::<usize>().ok());
                number.unwrap_or(1).max(1)
            };
            let free = taken.iter().skip(column).take_while(|&&until| until <= row).count();
            let room = if column + free < taken.len() { free } else { MOST_COLUMNS + 1 };
            let columns = span("colspan").min(room);
            let height = span("rowspan").min(rows.len() - row);
            taken.resize(taken.len().max(column + columns), 0);
            taken[column..column + columns].fill(row + height);
            cells.push(Placed { row, column, rows: height, columns, node: cell });
            column += columns;
            if column > MOST_COLUMNS {
                return (cells, column);
            }
        }
    }
    (cells, taken.len())
}

fn table_row(
    writer: &mut Writer<'_>,
    row: usize,
    columns: usize,
    cells: &[Placed<'_>],
    ground: Ground,
    width: usize,
) -> TableRow {
    let mut made = Vec::new();
    let mut column = 0;
    while column < columns {
        let here = |cell: &&Placed<'_>| {
            cell.column == column && (cell.row..cell.row + cell.rows).contains(&row)
        };
        let Some(placed) = cells.iter().find(here) else {
            made.push(empty().width(width, WidthType::Dxa));
            column += 1;
            continue;
        };
        let mut cell = if placed.row == row {
            filled(writer, placed, Ground { width: width * placed.columns, ..ground })
        } else {
            empty().vertical_merge(VMergeType::Continue)
        };
        if placed.rows > 1 && placed.row == row {
            cell = cell.vertical_merge(VMergeType::Restart);
        }
        if placed.columns > 1 {
            cell = cell.grid_span(placed.columns);
        }
        made.push(cell.width(width * placed.columns, WidthType::Dxa));
        column += placed.columns;
    }
    TableRow::new(made).cant_split()
}

fn empty() -> TableCell {
    TableCell::new().add_paragraph(Paragraph::new().style(style::CELL))
}

/// A cell ends with a paragraph, whatever it holds.
fn filled(writer: &mut Writer<'_>, placed: &Placed<'_>, ground: Ground) -> TableCell {
    let bold = placed.node.has_name("th");
    let ground = Ground { style: style::CELL, bold, list: None, depth: ground.depth + 1, ..ground };
    let mut cell = TableCell::new().vertical_align(VAlignType::Center);
    let mut ends = false;
    for block in writer.blocks(&placed.node, ground) {
        ends = matches!(block, Block::Paragraph(_));
        cell = match block {
            Block::Paragraph(paragraph) => cell.add_paragraph(*paragraph),
            Block::Table(table) => cell.add_table(*table),
        };
    }
    if ends { cell } else { cell.add_paragraph(Paragraph::new().style(style::CELL)) }
}

fn as_text(row: &NodeRef<'_>) -> Block {
    let cells = row.children_it(false).filter(NodeRef::is_element);
    let cells: Vec<String> = cells.map(|cell| dom::visible_text(&cell)).collect();
    Block::paragraph(text(Paragraph::new().style(style::CELL), &cells.join("　")))
}
