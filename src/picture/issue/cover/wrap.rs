//! A title in lines: broken where Chinese may be broken, as large as its room allows.
//!
//! Marks that close may not begin a line and marks that open may not end one (避头尾,
//! GB/T 15834-2011, 5.1); words and numbers stay whole where they fit.

use super::fonts::{Fonts, Pens};

/// What stands for the rest of a title that is too long.
pub(super) const ELLIPSIS: &str = "…";
/// The distance of lines, in parts of the font size.
pub(super) const LEADING: f32 = 1.28;
/// How much smaller each attempt is, in pixels.
const STEP: f32 = 2.0;

/// Where a text may stand, in pixels.
#[derive(Clone, Copy)]
pub(super) struct Room {
    pub(super) width: f32,
    pub(super) height: f32,
    /// The largest and the smallest font size.
    pub(super) largest: f32,
    pub(super) smallest: f32,
    pub(super) most_lines: usize,
}

/// A text set in lines.
pub(super) struct Block {
    pub(super) lines: Vec<String>,
    /// The font size, in pixels.
    pub(super) size: f32,
    /// The distance of lines, in pixels.
    pub(super) line_height: f32,
}

impl Block {
    /// Sets `paragraphs` as large as `room` allows; what does not fit at the smallest size is cut.
    pub(super) fn set(paragraphs: &[String], room: &Room, fonts: &Fonts) -> Self {
        let pens = fonts.pens();
        let mut clusters: Vec<Vec<Cluster>> =
            paragraphs.iter().map(|text| clusters(text, &pens)).collect();
        let mut size = room.largest;
        loop {
            let width = room.width / size;
            let most = room.most_lines.min((room.height / (size * LEADING)).max(1.0) as usize);
            let is_last = size - STEP < room.smallest;
            let is_whole = clusters.iter().flatten().all(|cluster| cluster.width <= width);
            if is_last && !is_whole {
                split(&mut clusters, width, &pens);
            }
            let lines = lines(&clusters, width);
            if is_last || (is_whole && lines.len() <= most) {
                let lines = match lines.len() <= most {
                    true => balanced(&clusters, width, lines.len()),
                    false => cut(lines, most, width, &pens),
                };
                return Self { lines, size, line_height: size * LEADING };
            }
            size -= STEP;
        }
    }

    /// The height of all lines, in pixels.
    pub(super) fn height(&self) -> f32 {
        self.line_height * self.lines.len() as f32
    }
}

/// What stays together in a line.
#[derive(Debug, PartialEq)]
struct Cluster {
    text: String,
    /// In parts of the font size.
    width: f32,
}

fn clusters(text: &str, pens: &Pens<'_>) -> Vec<Cluster> {
    let mut found: Vec<Cluster> = Vec::new();
    let mut last = None;
    for c in text.chars() {
        let width = pens.advance(c);
        match found.last_mut() {
            Some(cluster) if last.is_some_and(|last| stays(last, c)) => {
                cluster.text.push(c);
                cluster.width += width;
            }
            _ => found.push(Cluster { text: c.to_string(), width }),
        }
        last = Some(c);
    }
    found
}

/// Takes words apart that are wider than a line.
fn split(paragraphs: &mut [Vec<Cluster>], width: f32, pens: &Pens<'_>) {
    let letters = |text: &str| -> Vec<Cluster> {
        text.chars().map(|c| Cluster { text: c.to_string(), width: pens.advance(c) }).collect()
    };
    for clusters in paragraphs {
        *clusters = std::mem::take(clusters)
            .into_iter()
            .flat_map(|cluster| match cluster.width > width {
                true => letters(&cluster.text),
                false => vec![cluster],
            })
            .collect();
    }
}

/// Whether `next` may not begin a line after `last`.
fn stays(last: char, next: char) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '\'' | '%' | '&');
    closes(next)
        || opens(last)
        || (is_word(last) && is_word(next))
        || (last == '第' && next.is_ascii_digit())
        || (last.is_ascii_digit() && counts(next))
        || next.is_whitespace()
        || (!last.is_alphanumeric() && is_mark(next))
}

fn closes(c: char) -> bool {
    "，。、；：？！）》〉」』】〕〗”’…—～·％℃,.;:?!)]}%".contains(c)
}

fn opens(c: char) -> bool {
    "（《〈「『【〔〖“‘([{￥$#".contains(c)
}

/// What counts or measures, and is read with its number.
fn counts(c: char) -> bool {
    "年月日时期届次号个家项条名位人亿万千百元周天场批".contains(c)
}

/// Marks that belong to what stands before them.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}')
}

/// Lines of at most `width` (in parts of the font size), as few as it takes.
fn lines(paragraphs: &[Vec<Cluster>], width: f32) -> Vec<String> {
    let mut found = Vec::new();
    for clusters in paragraphs {
        let mut line = String::new();
        let mut used = 0.0;
        for cluster in clusters {
            // A space at the end of a line takes no room.
            let ink = cluster.text.trim_end();
            let spaces = (cluster.text.chars().count() - ink.chars().count()) as f32;
            let needed = cluster.width - if spaces > 0.0 { 0.25 * spaces } else { 0.0 };
            if used > 0.0 && used + needed > width + 0.001 {
                found.push(line.trim_end().to_owned());
                line.clear();
                used = 0.0;
            }
            line.push_str(&cluster.text);
            used += cluster.width;
        }
        found.push(line.trim_end().to_owned());
    }
    found
}

/// The same number of lines, of widths as equal as they can be.
fn balanced(paragraphs: &[Vec<Cluster>], width: f32, count: usize) -> Vec<String> {
    let (mut narrow, mut wide) = (width / 2.0, width);
    while wide - narrow > 0.1 {
        let middle = f32::midpoint(narrow, wide);
        let fits = paragraphs.iter().flatten().all(|cluster| cluster.width <= middle);
        match fits && lines(paragraphs, middle).len() == count {
            true => wide = middle,
            false => narrow = middle,
        }
    }
    lines(paragraphs, wide)
}

/// The first `most` lines, the last of them with an ellipsis within `width`.
fn cut(mut lines: Vec<String>, most: usize, width: f32, pens: &Pens<'_>) -> Vec<String> {
    let wide = |text: &str| text.chars().map(|c| pens.advance(c)).sum::<f32>();
    let is_cut = lines.len() > most;
    lines.truncate(most);
    for (place, line) in lines.iter_mut().enumerate() {
        let more = if is_cut && place + 1 == most { ELLIPSIS } else { "" };
        if more.is_empty() && wide(line) <= width + 0.001 {
            continue;
        }
        let trailing = |c: char| c.is_whitespace() || opens(c) || closes(c);
        while !line.is_empty() && wide(line) + wide(ELLIPSIS) > width {
            line.pop();
        }
        *line = format!("{}{ELLIPSIS}", line.trim_end_matches(trailing));
    }
    lines
}
