//! What was found for each field, in the order of belief; the first is taken.
//!
//! Reading a page asks for the first candidate of each field and for no more. An explanation asks
//! for all of them, through the same door.

use crate::model::{Attachment, Found};

/// All that was found for one field: what was taken, then what would have been taken without it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidates {
    /// The field, as in the `rules` of `extract --jsonl`.
    pub field: &'static str,
    /// Values as text with the rules that found them, the one taken first.
    pub found: Vec<Found<String>>,
}

/// Notes what was found, where anybody wants to know.
#[derive(Default)]
pub(super) struct Trace(Option<Notes>);

#[derive(Default)]
pub(super) struct Notes {
    pub(super) fields: Vec<Candidates>,
    pub(super) files: Vec<Found<Attachment>>,
}

impl Trace {
    /// One that notes everything.
    pub(super) fn noting() -> Self {
        Self(Some(Notes::default()))
    }

    /// The first of `candidates`; the others are looked for only to be noted, as `shown`.
    pub(super) fn first<C>(
        &mut self,
        field: &'static str,
        mut candidates: impl Iterator<Item = C>,
        shown: impl Fn(&C) -> Found<String>,
    ) -> Option<C> {
        let first = candidates.next();
        if let Some(notes) = &mut self.0 {
            let taken = first.as_ref().map(&shown);
            let others = candidates.map(|candidate| shown(&candidate));
            notes
                .fields
                .push(Candidates { field, found: taken.into_iter().chain(others).collect() });
        }
        first
    }

    /// Notes the rule by which `files` are the article's.
    pub(super) fn files<'f>(&mut self, rule: &str, files: impl Iterator<Item = &'f Attachment>) {
        if let Some(notes) = &mut self.0 {
            let found = files.map(|file| Found { value: file.clone(), rule: rule.to_owned() });
            notes.files.extend(found);
        }
    }

    pub(super) fn notes(self) -> Notes {
        self.0.unwrap_or_default()
    }
}
