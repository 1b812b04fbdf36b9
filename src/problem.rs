//! Turns the errors of the steps into problems for the operator.
//!
//! In: an error of any step; out: its stable code and what was found. The sentences stand in
//! `text::sentence`.

use crate::fetch::FetchError;
use crate::model::{ProblemCode, Rejection};
use crate::publish::PublishError;
use crate::store::StoreError;

/// A fault of one step, ready to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind.
    pub code: ProblemCode,
    /// What was wanted and what was found, one line.
    pub detail: String,
}

impl Fault {
    /// A fault of kind `code`.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into().replace('\n', " ") }
    }
}

impl From<&FetchError> for Fault {
    fn from(error: &FetchError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<&StoreError> for Fault {
    fn from(error: &StoreError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<&PublishError> for Fault {
    fn from(error: &PublishError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<&Rejection> for Fault {
    fn from(rejection: &Rejection) -> Self {
        let code = ProblemCode::from_code(rejection.code).unwrap_or(ProblemCode::NotHtml);
        Self::new(code, rejection.detail.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_keeps_its_code() {
        let fault = Fault::from(&Rejection::new(ProblemCode::TooDeep, "900 levels"));
        assert_eq!(fault, Fault::new(ProblemCode::TooDeep, "900 levels"));
    }
}
