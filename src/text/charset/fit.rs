//! How well bytes fit UTF-8 and GB18030, by counting.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// Bytes are the charset with the higher share of plausible bytes, if that is at least so high.
/// Chinese text has over 0.9 in its own charset and under 0.4 in the other.
const ENOUGH: f32 = 0.5;

/// The shares of the non-ASCII bytes of a page that are plausible in two charsets.
pub(super) struct Fit {
    /// Bytes above 0x7F.
    high: usize,
    utf8: f32,
    gb: f32,
}

impl Fit {
    pub(super) fn of(body: &[u8]) -> Self {
        let high = body.iter().filter(|byte| !byte.is_ascii()).count();
        Self { high, utf8: share(in_utf8(body), high), gb: share(in_gb(body), high) }
    }

    pub(super) fn is_ascii(&self) -> bool {
        self.high == 0
    }

    pub(super) fn is_utf8(&self) -> bool {
        self.utf8 >= self.gb && self.utf8 >= ENOUGH
    }

    pub(super) fn is_gb(&self) -> bool {
        self.gb > self.utf8 && self.gb >= ENOUGH
    }

    /// Too much so for Big5, whose second bytes are often below 0xA1.
    pub(super) fn is_gb2312(&self) -> bool {
        self.gb > self.utf8 && self.gb >= 0.75
    }

    /// Neither: so few letters, or such rare ones, that only a claim can tell.
    pub(super) fn is_unclear(&self) -> bool {
        !self.is_utf8() && !self.is_gb()
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no more than seven digits")]
fn share(part: usize, whole: usize) -> f32 {
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}

/// Bytes in characters of three or four bytes and in the few common ones of two.
///
/// Pairs of GBK are often valid characters of two bytes in UTF-8, Hebrew or Arabic as a rule.
fn in_utf8(body: &[u8]) -> usize {
    body.utf8_chunks()
        .flat_map(|chunk| chunk.valid().chars())
        .filter(|&c| u32::from(c) >= 0x800 || matches!(c, '\u{A0}' | '·' | '×' | '©' | '°'))
        .map(char::len_utf8)
        .sum()
}

/// Bytes in pairs of GB2312 that are punctuation (rows A1, A3) or one of the 3,755 common
/// characters (rows B0–D7).
fn in_gb(body: &[u8]) -> usize {
    let mut plausible = 0;
    let mut i = 0;
    while i < body.len() {
        let next = body.get(i + 1).copied().unwrap_or(0);
        i += match (body[i], next) {
            (0..=0x80 | 0xFF, _) => 1,
            (0xA1 | 0xA3 | 0xB0..=0xD7, 0xA1..=0xFE) => {
                plausible += 2;
                2
            }
            (_, 0x40..=0x7E | 0x80..=0xFE) => 2,
            (_, 0x30..=0x39) => 4,
            _ => 1,
        };
    }
    plausible
}

/// UTF-16 without a byte order mark: markup makes every other byte zero.
pub(super) fn sixteen_bit(body: &[u8]) -> Option<&'static Encoding> {
    let head = &body[..body.len().min(2048) & !1];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // A few Han characters (一, 开) have a zero in the other place.
    let clearly = |more: usize, less: usize| more >= 4 + 3 * less;
    if clearly(odd, even) { Some(UTF_16LE) } else { clearly(even, odd).then_some(UTF_16BE) }
}
