//! The table of responses of one demo site.
//!
//! A response belongs to an address, with what the request must bring beside it: parameters of the
//! query in any order, fields of a form, headers. Nothing is computed.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use bytes::Bytes;
use encoding_rs::Encoding;
use regex::Regex;
use serde::Deserialize;

use super::DemoError;
use super::delivery::Delivery;

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
    /// What one row of a list looks like, as a regular expression.
    row: Option<String>,
    #[serde(default)]
    column: Vec<RawColumn>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawColumn {
    /// Its list pages, newest first.
    pages: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawResponse {
    path: String,
    file: Option<String>,
    /// A file that is sent as it is, such as a picture.
    bytes: Option<String>,
    status: Option<u16>,
    location: Option<String>,
    content_type: Option<String>,
    from: Option<u64>,
    same: Option<String>,
    set_cookie: Option<String>,
    /// How it is sent, where not as it should be.
    #[serde(default)]
    delivery: Delivery,
    /// Parameters of the query that make it this response; `path` is then without its query.
    #[serde(default)]
    query: BTreeMap<String, String>,
    /// Fields of a form that make it this response; it is then an answer to POST.
    #[serde(default)]
    form: BTreeMap<String, String>,
    /// Headers, in lower case, and what each must hold; without them the answer is 403.
    #[serde(default)]
    needs: BTreeMap<String, String>,
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
    pub(super) content_type: String,
    responses: HashMap<String, Vec<Response>>,
    pub(super) lively: Vec<Lively>,
    /// What one row of a list looks like, where the site's lists are pages of HTML.
    pub(super) row: Option<Regex>,
    /// The list pages of every column, newest first.
    pub(super) columns: Vec<Vec<String>>,
}

/// What a page is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// The front page.
    Home,
    /// A list: page `page` of column `column`, both from 0.
    List {
        /// Which of [`Table::columns`].
        column: usize,
        /// Which of its pages.
        page: usize,
    },
    /// An article.
    Article,
    /// No page of HTML, or one of a site that does not say which pages are lists.
    #[default]
    Other,
}

/// One answer and what it is the answer to.
#[derive(Clone, Debug, Default)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) content_type: String,
    pub(super) set_cookie: Option<String>,
    pub(super) delivery: Delivery,
    pub(super) text: String,
    /// What is sent in place of `text`.
    pub(super) bytes: Option<Bytes>,
    pub(super) from: u64,
    /// Headers and what each must hold.
    pub(super) needs: BTreeMap<String, String>,
    pub(super) role: Role,
    query: BTreeMap<String, String>,
    form: BTreeMap<String, String>,
}

/// What a response is chosen by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// Path and query.
    pub(super) path: &'a str,
    /// The form of a POST.
    pub(super) form: Option<&'a str>,
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
        let columns: Vec<_> = raw.column.into_iter().map(|column| column.pages).collect();
        let row = raw.row.as_deref().map(Regex::new).transpose();
        let row = row.map_err(|error| fault(format!("`row`: {error}")))?;
        if columns.is_empty() != row.is_none() {
            return Err(fault("`row` and `[[column]]` want each other".to_owned()));
        }
        let mut responses: HashMap<String, Vec<Response>> = HashMap::new();
        for response in &raw.response {
            let mut ready = response.read(folder, &content_type).map_err(&fault)?;
            ready.role = role(&columns, &response.path, &ready);
            responses.entry(response.path.clone()).or_default().push(ready);
        }
        for response in raw.response.iter().filter(|response| response.same.is_some()) {
            let other = response.same.as_deref().and_then(|path| responses.get(path)).cloned();
            let other =
                other.ok_or_else(|| fault(format!("`{}`: `same` leads nowhere", response.path)))?;
            responses.insert(response.path.clone(), other);
        }
        if let Some(path) = columns.iter().flatten().find(|path| !responses.contains_key(*path)) {
            return Err(fault(format!("`[[column]]` names `{path}`, which has no `[[response]]`")));
        }
        let lively = raw
            .lively
            .into_iter()
            .map(|lively| lively.read(folder).map_err(&fault))
            .collect::<Result<_, _>>()?;
        let (host, validators) = (raw.host, raw.validators);
        Ok(Self { host, charset, validators, content_type, responses, lively, row, columns })
    }

    /// The first response that belongs to what was asked.
    pub(super) fn response(&self, asked: Asked<'_>) -> Option<&Response> {
        let (bare, query) = asked.path.split_once('?').unwrap_or((asked.path, ""));
        let exact = self.responses.get(asked.path).into_iter().flatten();
        let by_query = self.responses.get(bare).into_iter().flatten();
        exact
            .filter(|response| response.query.is_empty())
            .chain(by_query.filter(|response| brings(query, &response.query)))
            .find(|response| response.answers(asked.form))
    }
}

/// What the response to `path` is for; a site without columns does not say it.
fn role(columns: &[Vec<String>], path: &str, response: &Response) -> Role {
    let is_page = response.bytes.is_none() && response.content_type.starts_with("text/html");
    if columns.is_empty() || !is_page {
        return Role::Other;
    }
    if path == "/" {
        return Role::Home;
    }
    let of = |pages: &Vec<String>| pages.iter().position(|page| page == path);
    let list = columns.iter().enumerate().find_map(|(column, pages)| Some((column, of(pages)?)));
    list.map_or(Role::Article, |(column, page)| Role::List { column, page })
}

impl Response {
    /// A page whose text is made elsewhere.
    pub(super) fn page(content_type: &str) -> Self {
        Self { status: 200, content_type: content_type.to_owned(), ..Self::default() }
    }

    /// A GET has no form; the fields of a POST are those that are named, whatever else there is.
    fn answers(&self, form: Option<&str>) -> bool {
        form.map_or(self.form.is_empty(), |form| brings(form, &self.form))
    }
}

/// True where `pairs` hold every one of `wanted`, of which there is at least one.
fn brings(pairs: &str, wanted: &BTreeMap<String, String>) -> bool {
    let pairs: Vec<_> = url::form_urlencoded::parse(pairs.as_bytes()).collect();
    let has = |(name, value): (&String, &String)| {
        pairs.iter().any(|pair| pair.0 == name.as_str() && pair.1 == value.as_str())
    };
    !wanted.is_empty() && wanted.iter().all(has)
}

impl RawResponse {
    fn read(&self, folder: &Path, content_type: &str) -> Result<Response, String> {
        let text = match &self.file {
            Some(name) => std::fs::read_to_string(folder.join(name))
                .map_err(|error| format!("`{name}`: {error}"))?,
            None => String::new(),
        };
        let bytes = self.bytes.as_ref().map(|name| {
            std::fs::read(folder.join(name)).map_err(|error| format!("`{name}`: {error}"))
        });
        Ok(Response {
            bytes: bytes.transpose()?.map(Bytes::from),
            status: self.status.unwrap_or(200),
            location: self.location.clone(),
            content_type: self.content_type.clone().unwrap_or_else(|| content_type.to_owned()),
            set_cookie: self.set_cookie.clone(),
            delivery: self.delivery,
            text,
            from: self.from.unwrap_or(0),
            needs: self.needs.clone(),
            role: Role::Other,
            query: self.query.clone(),
            form: self.form.clone(),
        })
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
