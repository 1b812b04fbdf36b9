//! Numbers of persons that are not for everybody: identity cards, bank cards, mobile phones.
//!
//! What is found keeps its first and last digits; markup and spaces stay where they are.

use super::{Draft, hash};
use crate::text::personal::{self, Kind, Spotted};
use crate::text::summary;

/// Which numbers are masked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mask {
    /// 公民身份号码, of 18 or 15 digits.
    pub id_cards: bool,
    /// Numbers of bank cards.
    pub bank_cards: bool,
    /// Numbers of mobile phones.
    pub mobiles: bool,
}

/// The draft with its numbers masked in title, body, captions and names of files.
pub(super) fn draft(mut draft: Draft, mask: Mask) -> Draft {
    draft.title = text(&draft.title, mask);
    draft.body.html = html(&draft.body.html, mask);
    draft.body.text = text(&draft.body.text, mask);
    for image in &mut draft.body.images {
        image.alt = text(&image.alt, mask);
        image.caption = text(&image.caption, mask);
    }
    for file in &mut draft.body.attachments {
        file.name = text(&file.name, mask);
    }
    if !draft.partial {
        draft.summary = summary::of(&draft.body.text, &draft.body.images, summary::LIMIT);
    }
    draft.hash = hash(&draft);
    draft
}

/// Plain text with its numbers masked.
pub(super) fn text(text: &str, mask: Mask) -> String {
    masked(text, personal::in_text(text, |kind| mask.hides(kind)))
}

/// Clean HTML with its numbers masked; tags stay as they are, but for the words of `alt`.
pub(super) fn html(html: &str, mask: Mask) -> String {
    masked(html, personal::in_html(html, |kind| mask.hides(kind)))
}

impl Mask {
    fn hides(self, kind: Kind) -> bool {
        match kind {
            Kind::IdCard => self.id_cards,
            Kind::BankCard => self.bank_cards,
            Kind::Mobile { .. } => self.mobiles,
        }
    }
}

fn masked(text: &str, numbers: Vec<Spotted>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for Spotted { kind, digits } in numbers {
        let (head, tail) = match kind {
            Kind::IdCard | Kind::BankCard => (4, 4),
            Kind::Mobile { prefix } => (prefix + 3, 4),
        };
        for digit in &digits[head..digits.len() - tail] {
            out.push_str(&text[from..digit.start]);
            out.push('*');
            from = digit.end;
        }
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests;
