//! What the editor of an issue is told about its layout.

use super::words;
use crate::model::{Piece, Remark};

/// Characters of a title that a remark quotes.
const QUOTED: usize = 24;

/// A remark about a piece, or about the issue as a whole.
pub(super) fn remark(code: &'static str, piece: Option<&Piece>, zh: String, en: String) -> Remark {
    let piece = piece.map(|piece| piece.key.clone());
    Remark { code, piece, severe: false, zh, en, words: String::new() }
}

/// A remark about something that must not go out so.
pub(super) fn severe(code: &'static str, piece: Option<&Piece>, zh: String, en: String) -> Remark {
    Remark { severe: true, ..remark(code, piece, zh, en) }
}

/// The title of a piece, short, in Chinese quotation marks.
pub(super) fn named(piece: &Piece) -> String {
    format!("《{}》", words::cut(&words::line(&piece.title), QUOTED))
}
