//! Tells whether what a site shows is to be believed: before anything of a run is stored.
//!
//! In: what a page looks like ([`Look`]), the rows of a list ([`Row`]), the articles read, and what
//! is known — the identity that a site is declared to have, earlier observations of the column, its
//! stored items. Out: [`Breach`]es, each with the code of its problem and what was found. No I/O
//! and no clock. What becomes of a breach is decided elsewhere; here nothing is mended or guessed.
//!
//! Two kinds of evidence are used. A *list* is held against what the same list showed before: how
//! many rows, how many of them known and dated, what their addresses look like. An *article* that
//! is odd proves nothing by itself, since short notices exist; so a stored article is read once
//! more, and what it has lost, the template has lost.

mod article;
mod contract;
mod ending;
mod identity;
mod look;
mod row;
mod silence;

use crate::model::ProblemCode;

/// The codes of everything that is told here, which only another good reading heals.
pub const CODES: &[ProblemCode] = &[
    ProblemCode::IdentityFailed,
    ProblemCode::ListStrange,
    ProblemCode::ListShort,
    ProblemCode::ListStale,
    ProblemCode::ColumnSwapped,
    ProblemCode::RedirectedHome,
    ProblemCode::ErrorPage,
    ProblemCode::LoginPage,
    ProblemCode::ScriptShell,
    ProblemCode::TitlesChanged,
    ProblemCode::DatesMissing,
    ProblemCode::DatesChanged,
    ProblemCode::BodiesCollapsed,
    ProblemCode::CreditsMissing,
    ProblemCode::TemplateChanged,
    ProblemCode::CharsetChanged,
    ProblemCode::ColumnSilent,
];

pub use article::{Norms, changes, has_shrunk, is_odd};
pub use contract::{Expected, judge};
pub use ending::{Ending, tail};
pub use identity::Identity;
pub use look::Look;
pub use row::{Row, Stored, observe, shape};
pub use silence::{Silence, silence};

/// Something that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// What kind.
    pub code: ProblemCode,
    /// What was expected and what was found, one line.
    pub detail: String,
    /// Whether it proves something by itself: what it does not prove is to be held against stored
    /// articles.
    pub certain: bool,
}

impl Breach {
    fn certain(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), certain: true }
    }

    fn doubtful(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), certain: false }
    }
}
