//! The covers of an issue, drawn: its title and number on the brand colour.
//!
//! In: words, a colour and fonts; out: two JPEGs, one for the head of a conversation and a square
//! one. What matters stands in the middle square of the wide one, which is what lists show of it.
//! A character that no font can draw is an error, never an empty box.

mod fonts;
mod ink;
mod wrap;

pub use fonts::Fonts;

use super::{COVER_SQUARE_PX, COVER_WIDE_PX, Fitted, jpeg};
use crate::model::Rgb;
use crate::text::plain;
use ink::Canvas;
use wrap::{Block, Room};

/// The two covers of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covers {
    /// 900 × 383.
    pub wide: Fitted,
    /// 500 × 500.
    pub square: Fitted,
}

/// Why no cover was drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CoverError {
    /// `no-cjk-font`: none of the fonts knows Chinese.
    #[error(
        "no font for Chinese among {looked_at} faces\nhint: install the package `fonts-noto-cjk` \
         or `fonts-wqy-microhei`, or name a font file in `issues.font`"
    )]
    NoCjkFont {
        /// How many faces were looked at.
        looked_at: usize,
    },
    /// `no-glyph`: a character that none of the fonts has.
    #[error(
        "no font has `{character}` (U+{:04X}), which stands in `{text}`\nhint: install the package \
         `fonts-noto-cjk`, name a font with it in `issues.font`, or leave it out of the title",
        u32::from(*character)
    )]
    NoGlyph {
        /// The character.
        character: char,
        /// Where it stands.
        text: String,
    },
    /// There is nothing to draw.
    #[error("a cover needs a title, and there is none")]
    NoTitle,
    /// The picture could not be written.
    #[error(transparent)]
    Picture(#[from] super::PictureError),
}

impl CoverError {
    /// Its stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoCjkFont { .. } => "no-cjk-font",
            Self::NoGlyph { .. } => "no-glyph",
            Self::NoTitle => "no-title",
            Self::Picture(_) => "cover-failed",
        }
    }
}

/// Covers keep this quality: letters show the faults of JPEG first.
const QUALITY: u8 = 92;

/// Draws the covers of an issue called `title` with the line `number` under it, which may be empty.
///
/// A line break in the title is kept; a title too long for its room is set smaller, and at last cut
/// with an ellipsis.
pub fn cover(title: &str, number: &str, brand: Rgb, fonts: &Fonts) -> Result<Covers, CoverError> {
    let lines: Vec<String> =
        title.lines().map(plain::one_line).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        return Err(CoverError::NoTitle);
    }
    let number = plain::one_line(number);
    fonts.can_draw(lines.iter().map(String::as_str).chain([number.as_str(), wrap::ELLIPSIS]))?;
    let page = Page { lines: &lines, number: &number, brand, fonts };
    Ok(Covers {
        wide: page.drawn(COVER_WIDE_PX, &WIDE)?,
        square: page.drawn(COVER_SQUARE_PX, &SQUARE)?,
    })
}

/// What is drawn.
struct Page<'a> {
    lines: &'a [String],
    number: &'a str,
    brand: Rgb,
    fonts: &'a Fonts,
}

/// The measures of a cover, in pixels.
struct Measures {
    /// Where the title may stand.
    title: Room,
    /// The height of the number's letters.
    number_px: f32,
    /// The space between title, rule and number.
    gap: f32,
    /// How far the frame stands from the edges.
    frame: u32,
}

/// Title and number within the middle 383 pixels, with room to the edges of that square.
const WIDE: Measures = Measures {
    title: Room { width: 337.0, height: 206.0, largest: 68.0, smallest: 28.0, most_lines: 5 },
    number_px: 25.0,
    gap: 21.0,
    frame: 14,
};

const SQUARE: Measures = Measures {
    title: Room { width: 412.0, height: 276.0, largest: 80.0, smallest: 32.0, most_lines: 6 },
    number_px: 30.0,
    gap: 26.0,
    frame: 18,
};

/// Width and height of the rule between title and number, in pixels.
const RULE_PX: (f32, f32) = (56.0, 3.0);

impl Page<'_> {
    fn drawn(
        &self,
        (width, height): (u32, u32),
        measures: &Measures,
    ) -> Result<Fitted, CoverError> {
        let title = Block::set(self.lines, &measures.title, self.fonts);
        let mut canvas = Canvas::new(width, height, self.brand);
        canvas.frame(measures.frame);
        let below = match self.number.is_empty() {
            true => 0.0,
            false => measures.gap * 2.0 + RULE_PX.1 + measures.number_px,
        };
        let mut top = (height as f32 - title.height() - below) / 2.0;
        for line in &title.lines {
            canvas.line(line, title.size, top + (title.line_height - title.size) / 2.0, self.fonts);
            top += title.line_height;
        }
        if !self.number.is_empty() {
            top += measures.gap;
            canvas.rule(RULE_PX, top);
            top += RULE_PX.1 + measures.gap;
            let room = Room {
                height: measures.number_px * wrap::LEADING,
                largest: measures.number_px,
                smallest: measures.number_px * 0.6,
                most_lines: 1,
                ..measures.title
            };
            let number = Block::set(&[self.number.to_owned()], &room, self.fonts);
            for line in &number.lines {
                canvas.line(line, number.size, top, self.fonts);
            }
        }
        Ok(jpeg(&canvas.into_picture(), QUALITY, None)?)
    }
}

#[cfg(test)]
mod tests;
