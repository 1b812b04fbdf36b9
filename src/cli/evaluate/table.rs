//! Scores gathered into rows: one for each set of pages, one for each kind in it, one for all.

use super::score::{Field, HALF, float};
use crate::cli::say::pick;
use crate::model::Lang;

/// The scores of one set or kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) name: String,
    /// Of a set's files; a kind has none of its own.
    pub(super) digest: Option<String>,
    pub(super) pages: usize,
    scores: [Vec<f64>; Field::ALL.len()],
}

impl Row {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Adds the score of a page.
    pub(super) fn add(&mut self, field: Field, score: f64) {
        self.scores[field as usize].push(score);
    }

    /// The mean over the pages on which the field is judged.
    pub(super) fn mean(&self, field: Field) -> Option<f64> {
        let scores = &self.scores[field as usize];
        (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / float(scores.len()))
    }

    /// Pages whose text is as good as lost.
    pub(super) fn lost(&self) -> u32 {
        let lost = self.scores[Field::Text as usize].iter().filter(|score| **score < HALF).count();
        u32::try_from(lost).unwrap_or(u32::MAX)
    }

    fn cells(&self) -> Vec<String> {
        let cell = |field: Field| {
            let count = self.scores[field as usize].len();
            self.mean(field).map_or_else(|| "–".to_owned(), |mean| format!("{mean:.3} ({count})"))
        };
        let mut cells = vec![self.name.clone(), self.pages.to_string(), cell(Field::Text)];
        cells.push(self.lost().to_string());
        cells.extend(Field::ALL[1..].iter().map(|field| cell(*field)));
        cells
    }
}

/// The rows as a table for people.
pub(super) fn table(rows: &[Row], lang: Lang) -> String {
    let head = pick(
        lang,
        ["", "页数", "正文", "低于0.5", "标题", "日期", "来源", "作者"],
        ["", "pages", "text", "under .5", "title", "posted", "credit", "author"],
    );
    let mut lines: Vec<Vec<String>> = vec![head.iter().map(|cell| (*cell).to_owned()).collect()];
    lines.extend(rows.iter().map(Row::cells));
    let width = |column: usize| lines.iter().map(|line| width(&line[column])).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let mut said = String::new();
        for (at, (cell, wanted)) in line.iter().zip(&widths).enumerate() {
            let gap = " ".repeat(wanted - self::width(cell));
            // Names to the left, figures to the right.
            match at {
                0 => said.extend([cell.as_str(), &gap]),
                _ => said.extend(["  ", &gap, cell]),
            }
        }
        text.push_str(said.trim_end());
        text.push('\n');
    }
    text
}

/// Columns on a terminal.
pub(in crate::cli) fn width(text: &str) -> usize {
    text.chars().map(|c| if u32::from(c) >= 0x2E80 { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_lines_up_in_both_languages() {
        let mut row = Row::new("corpus/news");
        row.pages = 2;
        row.add(Field::Text, 1.0);
        row.add(Field::Text, 0.25);
        row.add(Field::Title, 1.0);
        assert_eq!(
            table(&[row.clone()], Lang::En),
            "             pages       text  under .5      title  posted  credit  author\n\
             corpus/news      2  0.625 (2)         1  1.000 (1)       –       –       –\n"
        );
        let chinese = table(&[row], Lang::Zh);
        let widths: Vec<usize> = chinese.lines().map(width).collect();
        assert_eq!(widths[0], widths[1], "{chinese}");
    }
}
