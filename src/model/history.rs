//! A feed's history: what left its window, in documents of their own (RFC 5005 §4).

/// One archive of a feed: the items that came to it in one month, or a part of them.
///
/// Once a month is over, or the part is full, nothing is added to it any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The feed it belongs to.
    pub slug: String,
    /// `2026-10`, in Beijing.
    pub month: String,
    /// 1 for the first of the month.
    pub number: u32,
    /// True once nothing is added any more.
    pub closed: bool,
    /// True once its document stands.
    pub written: bool,
}

impl Part {
    /// The last part of its address: `2026-10`, `2026-10-2`.
    pub fn name(&self) -> String {
        match self.number {
            1 => self.month.clone(),
            number => format!("{}-{number}", self.month),
        }
    }
}

/// Where a document stands in the history of its feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The archive that it is; `None` for the document that readers subscribe to.
    pub archive: Option<Part>,
    /// The archive that goes on where this one ends.
    pub previous: Option<Part>,
}
