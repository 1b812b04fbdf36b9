//! A table while it is read.

use dom_query::NodeRef;

use super::super::block::{Block, Cell, Table};

/// Cells reach no farther than so.
const FARTHEST: u16 = 100;

#[derive(Default)]
pub(super) struct Growing {
    rows: Vec<Vec<Cell>>,
    /// What stands in it outside of cells: its caption.
    before: Vec<Block>,
    in_cell: bool,
}

impl Growing {
    pub(super) fn row(&mut self) {
        self.rows.push(Vec::new());
    }

    pub(super) fn cell(&mut self, node: &NodeRef<'_>, is_heading: bool) {
        let span = |name: &str| {
            let span = node.attr(name).and_then(|span| span.trim().parse::<u16>().ok());
            span.map_or(1, |span| span.clamp(1, FARTHEST))
        };
        let cell = Cell {
            is_heading,
            columns: span("colspan"),
            rows: span("rowspan"),
            blocks: Vec::new(),
        };
        if self.rows.is_empty() {
            self.row();
        }
        if let Some(row) = self.rows.last_mut() {
            row.push(cell);
            self.in_cell = true;
        }
    }

    pub(super) fn leave_cell(&mut self) {
        self.in_cell = false;
    }

    /// Where the next block goes.
    pub(super) fn open(&mut self) -> Option<&mut Vec<Block>> {
        if !self.in_cell {
            return Some(&mut self.before);
        }
        self.rows.last_mut().and_then(|row| row.last_mut()).map(|cell| &mut cell.blocks)
    }

    /// What it comes to: a table of one column is no table but layout.
    pub(super) fn blocks(self, inner: bool) -> Vec<Block> {
        let mut rows = self.rows;
        rows.retain(|row| !row.is_empty());
        let is_empty = rows.iter().flatten().all(|cell| cell.blocks.is_empty());
        let is_layout = rows.iter().all(|row| row.len() == 1);
        let mut blocks = self.before;
        if inner || is_layout || is_empty {
            blocks.extend(rows.into_iter().flatten().flat_map(|cell| cell.blocks));
        } else {
            blocks.push(Block::Table(Table { rows }));
        }
        blocks
    }
}
