//! Tables: cells that reach over rows and columns.

use super::super::ManuscriptError;
use super::super::block::{Block, Cell, Paragraph, Table, unwrapped};
use super::super::xml::Element;
use super::Reader;

/// Cells of a row at most; Word itself takes 63.
const MOST_COLUMNS: usize = 128;

/// A cell with what its merging says.
struct Raw {
    cell: Cell,
    column: usize,
    goes_on: bool,
}

impl Reader<'_> {
    /// The blocks of a table: itself, or what stands in it where it is but a frame.
    pub(super) fn table(&mut self, node: &Element) -> Result<Vec<Block>, ManuscriptError> {
        let mut rows = Vec::new();
        self.rows(node, &mut rows)?;
        let table = merged(rows);
        if table.rows.iter().map(Vec::len).sum::<usize>() <= 1 || self.is_in_table() {
            return Ok(unwrapped(table).collect());
        }
        Ok(vec![Block::Table(table)])
    }

    fn rows(&mut self, node: &Element, rows: &mut Vec<Vec<Raw>>) -> Result<(), ManuscriptError> {
        for element in node.elements() {
            match &*element.name {
                "w:tr" => {
                    let is_deleted = element
                        .child("w:trPr")
                        .is_some_and(|properties| properties.child("w:del").is_some());
                    if !is_deleted {
                        let mut cells = Vec::new();
                        self.cells(element, &mut cells)?;
                        rows.push(cells);
                    }
                }
                "w:sdt" => {
                    if let Some(content) = element.child("w:sdtContent") {
                        self.rows(content, rows)?;
                    }
                }
                "w:ins" | "w:customXml" => self.rows(element, rows)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn cells(&mut self, node: &Element, cells: &mut Vec<Raw>) -> Result<(), ManuscriptError> {
        for element in node.elements() {
            match &*element.name {
                "w:tc" => {
                    let properties = element.child("w:tcPr");
                    let span = properties
                        .and_then(|properties| properties.value("w:gridSpan")?.parse().ok());
                    let merge = properties.and_then(|properties| properties.child("w:vMerge"));
                    let goes_on = merge.is_some_and(|merge| merge.attr("w:val") != Some("restart"));
                    let column = cells.last().map_or(0, |last| last.column + last.cell.columns);
                    self.tables += 1;
                    let blocks = self.blocks(element)?;
                    self.tables -= 1;
                    let columns = span.unwrap_or(1).clamp(1, MOST_COLUMNS);
                    let cell = Cell { blocks, columns, rows: 1 };
                    if column < MOST_COLUMNS {
                        cells.push(Raw { cell, column, goes_on });
                    }
                }
                "w:sdt" => {
                    if let Some(content) = element.child("w:sdtContent") {
                        self.cells(content, cells)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// True within a cell: a table there is printed as its lines.
    fn is_in_table(&self) -> bool {
        self.tables > 0
    }
}

/// The table with cells that go on in the rows below made one.
fn merged(rows: Vec<Vec<Raw>>) -> Table {
    let mut table = Table::default();
    // Where the cell of each column that may go on began: its row and place there.
    let mut begun: Vec<Option<(usize, usize)>> = vec![None; MOST_COLUMNS];
    for row in rows {
        let at = table.rows.len();
        let mut cells = Vec::new();
        for raw in row {
            let above = begun.get(raw.column).copied().flatten().filter(|_| raw.goes_on);
            match above {
                Some((row, place)) if row < at => table.rows[row][place].rows += 1,
                _ => {
                    if let Some(begin) = begun.get_mut(raw.column) {
                        *begin = Some((at, cells.len()));
                    }
                    cells.push(raw.cell);
                }
            }
        }
        table.rows.push(cells);
    }
    // A row that is wholly part of the one above would be empty.
    let is_blank = |row: &Vec<Cell>| row.iter().all(|cell| cell.blocks.is_empty());
    if table.rows.iter().all(is_blank) {
        table.rows.clear();
    }
    for cell in table.rows.iter_mut().flatten() {
        if cell.blocks.is_empty() {
            cell.blocks.push(Block::Paragraph(Paragraph::default()));
        }
    }
    table
}
