//! What a body is made of, once its markup is understood: paragraphs, pictures, tables.

use std::ops::Range;

use url::Url;

use super::words;

/// A part of a body that stands on lines of its own.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block {
    Text(Paragraph),
    Picture(Picture),
    Table(Table),
}

/// Text that stands together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Paragraph {
    pub(super) shape: Shape,
    pub(super) align: Align,
    /// True in a quotation.
    pub(super) quoted: bool,
    /// How many lists it stands in.
    pub(super) depth: usize,
    /// `• ` or `3. ` before it.
    pub(super) marker: String,
    pub(super) runs: Vec<Run>,
}

/// What a paragraph is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shape {
    #[default]
    Plain,
    /// 2 to 4.
    Heading(u8),
    Caption,
    /// White space counts.
    Code,
}

/// Where the lines of a paragraph stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Align {
    #[default]
    Usual,
    Centre,
    Right,
}

/// Text that looks alike; `\n` is a line break.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) look: RunLook,
    /// The address that it leads to.
    pub(super) link: Option<String>,
}

/// How text looks within its paragraph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RunLook {
    pub(super) strong: bool,
    pub(super) emphasis: bool,
    pub(super) code: bool,
    pub(super) raised: bool,
    pub(super) lowered: bool,
}

/// A picture of the body.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Picture {
    /// Its address, as it stands in the body.
    pub(super) address: String,
    pub(super) alt: String,
    /// What is printed with it.
    pub(super) caption: Vec<Run>,
}

impl Run {
    /// Whether it is a link that works within the platform.
    pub(super) fn leads_to_article(&self) -> bool {
        let url = self.link.as_deref().and_then(|link| Url::parse(link).ok());
        url.is_some_and(|url| {
            matches!(url.scheme(), "http" | "https") && url.host_str() == Some("mp.weixin.qq.com")
        })
    }
}

/// Rows of cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    pub(super) rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cell {
    pub(super) is_heading: bool,
    /// Columns that it reaches over.
    pub(super) columns: u16,
    /// Rows that it reaches over.
    pub(super) rows: u16,
    pub(super) blocks: Vec<Block>,
}

impl Paragraph {
    /// A paragraph of words alone.
    pub(super) fn of(text: &str) -> Self {
        let run = Run { text: words::line(text), ..Run::default() };
        Self { runs: vec![run], ..Self::default() }
    }

    /// The same in pieces of at most `limit` characters, cut at sentence ends where there are any.
    pub(super) fn split(self, limit: usize) -> Vec<Self> {
        if text_of(&self.runs).chars().count() <= limit {
            return vec![self];
        }
        let mut pieces = vec![Vec::new()];
        let mut room = limit;
        for run in &self.runs {
            for part in portions(&run.text, limit.div_ceil(2)) {
                let text = &run.text[part];
                let length = text.chars().count();
                if length > room {
                    pieces.push(Vec::new());
                    room = limit;
                }
                room -= length.min(room);
                let piece = Run { text: text.to_owned(), ..run.clone() };
                pieces.last_mut().expect("there is a first one").push(piece);
            }
        }
        let mut marker = Some(self.marker.clone());
        pieces.retain(|runs| !runs.is_empty());
        let paragraph =
            |runs| Self { runs, marker: marker.take().unwrap_or_default(), ..self.clone() };
        pieces.into_iter().map(paragraph).collect()
    }
}

/// `text` in portions of at most `limit` characters, which end with a sentence where they can.
fn portions(text: &str, limit: usize) -> Vec<Range<usize>> {
    let mut portions = Vec::new();
    let mut start = 0;
    let mut ends = words::sentence_ends(text);
    ends.push(text.len());
    for end in ends {
        while text[start..end].chars().count() > limit {
            let hard = text[start..].char_indices().nth(limit).map_or(end, |(at, _)| start + at);
            portions.push(start..hard);
            start = hard;
        }
        if start < end {
            portions.push(start..end);
            start = end;
        }
    }
    portions
}

impl Table {
    /// The same in tables of at most `limit` characters of text, cut only where no cell reaches
    /// over the cut; a row that is longer by itself becomes paragraphs.
    pub(super) fn split(self, limit: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        let (mut rows, mut size, mut reach) = (Vec::new(), 0, 0_usize);
        for row in self.rows {
            let length = row.iter().map(Cell::size).sum::<usize>();
            if size + length > limit && reach == 0 && !rows.is_empty() {
                blocks.push(Block::Table(Self { rows: std::mem::take(&mut rows) }));
                size = 0;
            }
            if length > limit {
                blocks.extend(row.into_iter().flat_map(|cell| cell.blocks));
                continue;
            }
            let reaching = row.iter().map(|cell| usize::from(cell.rows)).max().unwrap_or(1);
            reach = reach.saturating_sub(1).max(reaching.saturating_sub(1));
            size += length;
            rows.push(row);
            // A cell that claims to reach over everything must not make the table unsplittable.
            reach = if size > limit { 0 } else { reach };
        }
        if !rows.is_empty() {
            blocks.push(Block::Table(Self { rows }));
        }
        blocks
    }
}

impl Cell {
    /// What it costs, about: its characters and its markup.
    fn size(&self) -> usize {
        const MARKUP: usize = 80;
        let of = |block: &Block| match block {
            Block::Text(paragraph) => text_of(&paragraph.runs).chars().count() + 10,
            Block::Picture(picture) => 300 + text_of(&picture.caption).chars().count(),
            Block::Table(_) => 0,
        };
        MARKUP + self.blocks.iter().map(of).sum::<usize>()
    }
}

/// The words of runs.
pub(super) fn text_of(runs: &[Run]) -> String {
    runs.iter().map(|run| run.text.as_str()).collect()
}

/// Every picture in `blocks`, those in tables too.
pub(super) fn pictures(blocks: &[Block]) -> Vec<&Picture> {
    let mut found = Vec::new();
    for block in blocks {
        match block {
            Block::Picture(picture) => found.push(picture),
            Block::Table(table) => {
                let cells = table.rows.iter().flatten();
                found.extend(cells.flat_map(|cell| pictures(&cell.blocks)));
            }
            Block::Text(_) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_paragraph_is_split_at_sentence_ends_and_loses_nothing() {
        let paragraph =
            Paragraph { marker: "• ".to_owned(), ..Paragraph::of(&"一二三四。".repeat(20)) };
        let pieces = paragraph.clone().split(32);
        assert!(pieces.iter().all(|piece| text_of(&piece.runs).chars().count() <= 32));
        assert!(pieces.iter().all(|piece| text_of(&piece.runs).ends_with('。')));
        assert_eq!(pieces.iter().filter(|piece| !piece.marker.is_empty()).count(), 1);
        let joined: String = pieces.iter().map(|piece| text_of(&piece.runs)).collect();
        assert_eq!(joined, text_of(&paragraph.runs));
        assert_eq!(Paragraph::of(&"字".repeat(100)).split(30).len(), 4);
    }

    #[test]
    fn a_table_is_not_cut_through_a_cell() {
        let cell = |rows| Cell {
            columns: 1,
            rows,
            blocks: vec![Block::Text(Paragraph::of("字"))],
            ..Cell::default()
        };
        let table =
            Table { rows: vec![vec![cell(1)], vec![cell(2)], vec![cell(1)], vec![cell(1)]] };
        let rows: Vec<usize> = table
            .split(100)
            .iter()
            .map(|block| if let Block::Table(table) = block { table.rows.len() } else { 0 })
            .collect();
        assert_eq!(rows, [1, 2, 1]);
    }
}
