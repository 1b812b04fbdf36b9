//! One page asked for: a line of JSON, or the arguments.

use serde_json::{Map, Value};

/// A page at hand and what is known of it; unknown keys are ignored.
#[derive(Clone, Debug, Default)]
pub(super) struct Input {
    pub(super) file: String,
    pub(super) url: Option<String>,
    pub(super) site: Option<String>,
    pub(super) fetched: Option<String>,
    /// Why the line could not be read as one.
    pub(super) fault: Option<String>,
}

impl Input {
    /// What the line says, as far as it can be read; its first fault beside it.
    pub(super) fn of_line(line: &[u8]) -> Self {
        let object = match serde_json::from_slice(line) {
            Ok(Value::Object(object)) => object,
            Ok(_) => return Self::faulty("wanted an object"),
            Err(error) => return Self::faulty(&error.to_string()),
        };
        let mut fault = None;
        let mut text = |key: &str| match text_of(&object, key) {
            Ok(text) => text,
            Err(what) => {
                fault.get_or_insert(what);
                None
            }
        };
        let (file, url) = (text("file"), text("url"));
        let (site, fetched) = (text("site"), text("fetched"));
        if file.is_none() {
            fault.get_or_insert_with(|| "`file` is missing".to_owned());
        }
        Self { file: file.unwrap_or_default(), url, site, fetched, fault }
    }

    fn faulty(what: &str) -> Self {
        Self { fault: Some(what.to_owned()), ..Self::default() }
    }
}

/// The text under `key`; `null` and nothing are none.
fn text_of(object: &Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(format!("`{key}` is no text but `{other}`")),
    }
}
