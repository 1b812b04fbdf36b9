//! Fonts as bytes: which face draws which character.

use std::ops::Range;

use ab_glyph::{Font, FontRef, GlyphId};
use bytes::Bytes;
use ttf_parser::{Face, name_id};

use super::CoverError;

/// Font files at hand, in the order in which they are asked.
#[derive(Clone, Debug, Default)]
pub struct Fonts {
    files: Vec<Bytes>,
    /// The faces of all files: which file, and which of the faces in it.
    faces: Vec<(usize, u32)>,
}

/// At most so many faces of one file are looked at: the largest collections have some thirty.
const MOST_FACES: u32 = 64;
/// Characters that every font for Chinese has.
const CHINESE: [char; 3] = ['中', '的', '人'];

impl Fonts {
    /// The faces in font files (`.ttf`, `.otf`, `.ttc`); of a collection for several languages
    /// those for simplified Chinese first. What is no font is passed over.
    pub fn load(files: impl IntoIterator<Item = impl Into<Bytes>>) -> Self {
        let files: Vec<Bytes> = files.into_iter().map(Into::into).collect();
        let mut faces = Vec::new();
        for (file, bytes) in files.iter().enumerate() {
            let count = ttf_parser::fonts_in_collection(bytes).unwrap_or(1).min(MOST_FACES);
            let mut within: Vec<(bool, usize, u32)> = (0..count)
                .filter(|&index| FontRef::try_from_slice_and_index(bytes, index).is_ok())
                .map(|index| (!is_simplified(bytes, index), file, index))
                .collect();
            within.sort();
            faces.extend(within.into_iter().map(|(_, file, index)| (file, index)));
        }
        Self { files, faces }
    }

    /// True where there is no face at all.
    pub fn is_empty(&self) -> bool {
        self.faces.is_empty()
    }

    /// True where some face can draw Chinese.
    pub fn know_chinese(&self) -> bool {
        self.refs().any(|font| CHINESE.iter().all(|&c| glyph(&font, c).is_some()))
    }

    fn refs(&self) -> impl Iterator<Item = FontRef<'_>> {
        self.faces.iter().filter_map(|&(file, index)| {
            FontRef::try_from_slice_and_index(&self.files[file], index).ok()
        })
    }

    /// Says which character of `texts` none of the faces can draw.
    pub(super) fn can_draw<'a>(
        &self,
        texts: impl Iterator<Item = &'a str>,
    ) -> Result<(), CoverError> {
        let faces: Vec<FontRef<'_>> = self.refs().collect();
        for text in texts {
            let lacks = |&c: &char| !is_silent(c) && !faces.iter().any(|f| glyph(f, c).is_some());
            let Some(character) = text.chars().find(lacks) else { continue };
            return Err(match is_han(character) && !self.know_chinese() {
                true => CoverError::NoCjkFont { looked_at: self.faces.len() },
                false => CoverError::NoGlyph { character, text: text.to_owned() },
            });
        }
        Ok(())
    }

    /// The faces, ready to draw; they are read once for many characters.
    pub(super) fn pens(&self) -> Pens<'_> {
        Pens(self.refs().collect())
    }
}

/// Faces ready to draw.
pub(super) struct Pens<'a>(Vec<FontRef<'a>>);

impl<'a> Pens<'a> {
    /// The first face that has `c`, and its glyph there.
    pub(super) fn glyph(&self, c: char) -> Option<(&FontRef<'a>, GlyphId)> {
        if is_silent(c) && !c.is_whitespace() {
            return None;
        }
        self.0.iter().find_map(|font| Some((font, glyph(font, c)?)))
    }

    /// How far `c` moves on, in parts of the font size.
    pub(super) fn advance(&self, c: char) -> f32 {
        self.glyph(c).map_or(0.0, |(font, id)| {
            let em = font.units_per_em().unwrap_or(1_000.0);
            font.h_advance_unscaled(id) / em
        })
    }

    /// What the first face rises above and falls below the line, in parts of the font size.
    pub(super) fn extent(&self) -> Range<f32> {
        self.0.first().map_or(-0.2..0.8, |font| {
            let em = font.units_per_em().unwrap_or(1_000.0);
            font.descent_unscaled() / em..font.ascent_unscaled() / em
        })
    }
}

/// The glyph of `c` that leaves ink, or, of white space, the glyph that moves on.
fn glyph(font: &FontRef<'_>, c: char) -> Option<GlyphId> {
    let id = font.glyph_id(c);
    let drawn = id.0 != 0 && (c.is_whitespace() || font.outline(id).is_some());
    drawn.then_some(id)
}

/// True for characters that show nothing themselves: spaces, joiners, variants, marks of direction.
fn is_silent(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
                | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// True for the characters that only fonts for Chinese have.
fn is_han(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// True for a face whose names say that it is for simplified Chinese.
fn is_simplified(bytes: &[u8], index: u32) -> bool {
    let Ok(face) = Face::parse(bytes, index) else { return false };
    face.names()
        .into_iter()
        .filter(|name| matches!(name.name_id, name_id::FAMILY | name_id::FULL_NAME))
        .filter_map(|name| name.to_string())
        .any(|name| name.split([' ', '-']).any(|part| matches!(part, "SC" | "CN" | "GB")))
}
