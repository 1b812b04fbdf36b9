//! The table of responses of one demo site.

use std::collections::HashMap;
use std::path::Path;

use bytes::Bytes;
use encoding_rs::Encoding;
use serde::Deserialize;

use super::DemoError;

/// `responses.toml` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    host: String,
    #[serde(default)]
    charset: Option<String>,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    validators: bool,
    #[serde(default)]
    response: Vec<RawResponse>,
    #[serde(default)]
    lively: Vec<RawLively>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawResponse {
    path: String,
    file: Option<String>,
    status: Option<u16>,
    location: Option<String>,
    content_type: Option<String>,
    from: Option<u64>,
    same: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLively {
    list: String,
    row: String,
    path: String,
    page: String,
    titles: Vec<String>,
    bodies: Vec<String>,
}

/// A site, ready to answer.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) host: String,
    pub(super) charset: &'static Encoding,
    pub(super) validators: bool,
    pub(super) responses: HashMap<String, Response>,
    pub(super) lively: Vec<Lively>,
}

/// One answer.
#[derive(Clone, Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) content_type: String,
    pub(super) text: String,
    pub(super) from: u64,
}

/// Articles that keep appearing.
#[derive(Debug)]
pub(super) struct Lively {
    pub(super) list: String,
    pub(super) row: String,
    pub(super) path: String,
    pub(super) page: String,
    pub(super) titles: Vec<String>,
    pub(super) bodies: Vec<String>,
}

impl Table {
    /// Reads `responses.toml` of `folder` and all files it names.
    pub(super) fn read(folder: &Path) -> Result<Self, DemoError> {
        let file = folder.join("responses.toml");
        let fault = |what: String| DemoError::File { file: file.clone(), what };
        let text = std::fs::read_to_string(&file).map_err(|error| fault(error.to_string()))?;
        let raw: Raw = toml::from_str(&text).map_err(|error| fault(error.to_string()))?;
        let label = raw.charset.as_deref().unwrap_or("utf-8");
        let charset = Encoding::for_label(label.as_bytes())
            .ok_or_else(|| fault(format!("unknown charset `{label}`")))?;
        let content_type =
            raw.content_type.unwrap_or_else(|| "text/html; charset=utf-8".to_owned());
        let mut responses = HashMap::new();
        for response in &raw.response {
            let text = match &response.file {
                Some(name) => std::fs::read_to_string(folder.join(name))
                    .map_err(|error| fault(format!("`{name}`: {error}")))?,
                None => String::new(),
            };
            let ready = Response {
                status: response.status.unwrap_or(200),
                location: response.location.clone(),
                content_type: response.content_type.clone().unwrap_or(content_type.clone()),
                text,
                from: response.from.unwrap_or(0),
            };
            responses.insert(response.path.clone(), ready);
        }
        for response in raw.response.iter().filter(|response| response.same.is_some()) {
            let other = response.same.as_deref().and_then(|path| responses.get(path)).cloned();
            let other =
                other.ok_or_else(|| fault(format!("`{}`: `same` leads nowhere", response.path)))?;
            responses.insert(response.path.clone(), other);
        }
        let lively = raw
            .lively
            .into_iter()
            .map(|lively| lively.read(folder).map_err(&fault))
            .collect::<Result<_, _>>()?;
        Ok(Self { host: raw.host, charset, validators: raw.validators, responses, lively })
    }

    /// The bytes of `text` as this site sends them.
    pub(super) fn encode(&self, text: &str) -> Bytes {
        Bytes::from(self.charset.encode(text).0.into_owned())
    }
}

impl RawLively {
    fn read(self, folder: &Path) -> Result<Lively, String> {
        let file = |name: &str| {
            std::fs::read_to_string(folder.join(name)).map_err(|error| format!("`{name}`: {error}"))
        };
        if self.titles.is_empty() || self.bodies.is_empty() {
            return Err("`lively` wants titles and bodies".to_owned());
        }
        Ok(Lively {
            row: file(&self.row)?,
            page: file(&self.page)?,
            list: self.list,
            path: self.path,
            titles: self.titles,
            bodies: self.bodies,
        })
    }
}
