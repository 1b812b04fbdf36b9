//! What a tokenizer tells piece by piece, put together without copying where it stands in the page
//! as it is.

use std::cell::RefCell;
use std::ops::Range;
use std::str;

use html5ever::LocalName;
use html5ever::tendril::StrTendril;

/// The page whose pieces are gathered, and the names met so far.
pub(super) struct Page<'a> {
    html: &'a str,
    shared: StrTendril,
    names: RefCell<Vec<(Vec<u8>, LocalName)>>,
}

/// Names remembered; a power of two. Pages use some dozens, again and again.
const NAMES: usize = 256;

impl<'a> Page<'a> {
    pub(super) fn new(html: &'a str) -> Self {
        let names = RefCell::new(vec![(Vec::new(), LocalName::default()); NAMES]);
        Self { html, shared: StrTendril::from(html), names }
    }

    /// Where `piece` stands, if it is a part of the page itself and no copy.
    fn place(&self, piece: &[u8]) -> Option<Range<usize>> {
        let start = (piece.as_ptr() as usize).checked_sub(self.html.as_ptr() as usize)?;
        let range = start..start.checked_add(piece.len())?;
        (range.end <= self.html.len()).then_some(range)
    }

    /// The interned name of an element or attribute.
    pub(super) fn name(&self, bytes: &[u8]) -> LocalName {
        let mut names = self.names.borrow_mut();
        let mixed =
            bytes.iter().fold(bytes.len(), |hash, byte| hash.wrapping_mul(31) ^ usize::from(*byte));
        let slot = &mut names[mixed % NAMES];
        if slot.0 != bytes {
            let name = match str::from_utf8(bytes) {
                Ok(name) => LocalName::from(name),
                Err(_) => LocalName::from(&*String::from_utf8_lossy(bytes)),
            };
            *slot = (bytes.to_vec(), name);
        }
        slot.1.clone()
    }
}

/// A text under way: one range of the page as long as that will do, else bytes of its own. Pieces may
/// end within a character, their sum does not.
#[derive(Default)]
pub(super) struct Gathered {
    range: Range<usize>,
    own: Vec<u8>,
}

impl Gathered {
    pub(super) fn is_empty(&self) -> bool {
        self.range.is_empty() && self.own.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.range = 0..0;
        self.own.clear();
    }

    pub(super) fn push(&mut self, piece: &[u8], page: &Page<'_>) {
        if self.own.is_empty()
            && let Some(place) = page.place(piece)
        {
            if self.range.is_empty() {
                self.range = place;
                return;
            }
            if place.start == self.range.end {
                self.range.end = place.end;
                return;
            }
        }
        if self.own.is_empty() {
            self.own.extend_from_slice(&page.html.as_bytes()[self.range.clone()]);
            self.range = 0..0;
        }
        self.own.extend_from_slice(piece);
    }

    /// The whole text; nothing is left.
    pub(super) fn take(&mut self, page: &Page<'_>) -> StrTendril {
        let range = std::mem::take(&mut self.range);
        if self.own.is_empty() && page.html.get(range.clone()).is_some() {
            // Pages are cut off by the fetch limits long before 4 GB.
            let offset = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
            return page.shared.subtendril(offset(range.start), offset(range.len()));
        }
        let own = if self.own.is_empty() { &page.html.as_bytes()[range] } else { &self.own[..] };
        let text = match str::from_utf8(own) {
            Ok(text) => StrTendril::from_slice(text),
            Err(_) => StrTendril::from_slice(&String::from_utf8_lossy(own)),
        };
        self.own.clear();
        text
    }
}
