//! Saved pages as a site: a folder that mirrors addresses, as `wget --mirror` writes it, or one
//! with a manifest `pages.jsonl`.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use url::Url;

use crate::model::{Page, ProblemCode, Validators};
use crate::problem::Fault;
use crate::text::web;

/// The manifest: a line of JSON a page, `{"file", "url"}`, and `fetched` where it is known.
const MANIFEST: &str = "pages.jsonl";
/// What a server sends for a folder.
const INDEXES: &[&str] = &[
    "index.html",
    "index.htm",
    "index.shtml",
    "index.asp",
    "index.aspx",
    "index.php",
    "index.jsp",
    "default.html",
    "default.htm",
    "default.asp",
];
/// The largest page that is read, as in the daemon's default `max_bytes`.
const MAX_BYTES: u64 = 8 << 20;

/// A folder of saved pages.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    named: HashMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    file: PathBuf,
    fetched: Option<DateTime<Utc>>,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It is not there, or its manifest cannot be read.
    #[error("`{path}`: {error}", path = .path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A line of its manifest is no page.
    #[error("`{path}` line {line}: {what}", path = .path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

#[derive(Deserialize)]
struct Line {
    file: PathBuf,
    url: Url,
    fetched: Option<DateTime<Utc>>,
}

impl Folder {
    /// Opens `root` and reads its manifest, where it has one.
    pub fn open(root: &Path) -> Result<Self, FolderError> {
        let unreadable =
            |path: &Path, error| FolderError::Unreadable { path: path.to_owned(), error };
        fs::read_dir(root).map_err(|error| unreadable(root, error))?;
        let path = root.join(MANIFEST);
        let mut named = HashMap::new();
        if path.is_file() {
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
                let line: Line =
                    serde_json::from_str(line).map_err(|error| FolderError::Manifest {
                        path: path.clone(),
                        line: number + 1,
                        what: error.to_string(),
                    })?;
                let entry = Entry { file: root.join(line.file), fetched: line.fetched };
                named.insert(web::normalised(&line.url), entry);
            }
        }
        Ok(Self { root: root.to_owned(), named })
    }

    /// The one saved page `file`, which is that of `url`.
    pub fn of_page(file: &Path, url: &Url) -> Result<Self, FolderError> {
        let unreadable = |error| FolderError::Unreadable { path: file.to_owned(), error };
        fs::metadata(file).map_err(unreadable)?;
        let entry = Entry { file: file.to_owned(), fetched: None };
        let root = file.parent().unwrap_or(Path::new(".")).to_owned();
        Ok(Self { root, named: HashMap::from([(web::normalised(url), entry)]) })
    }

    /// The page at `url`.
    pub(super) fn page(&self, url: &Url, now: DateTime<Utc>) -> Result<Page, Fault> {
        if let Some(entry) = self.named.get(&web::normalised(url)) {
            return read(&entry.file, url, entry.fetched, now);
        }
        match self.files(url).into_iter().find(|file| file.is_file()) {
            Some(file) => read(&file, url, None, now),
            None => {
                let root = self.root.display();
                let detail = format!("no file for `{url}` in `{root}`");
                Err(Fault::new(ProblemCode::NotSaved, detail))
            }
        }
    }

    /// The names that `url` may have been saved under, likeliest first.
    fn files(&self, url: &Url) -> Vec<PathBuf> {
        let bare = web::bare_host(url);
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let hosts = [
            format!("{}{port}", url.host_str().unwrap_or_default()),
            format!("{bare}{port}"),
            format!("www.{bare}{port}"),
        ];
        let mut path = PathBuf::new();
        for segment in url.path().split('/') {
            let Ok(segment) = percent_decode_str(segment).decode_utf8() else { return Vec::new() };
            // Nothing outside the folder, whatever an address says.
            if segment.contains(['/', '\\', '\0']) || matches!(&*segment, "." | "..") {
                return Vec::new();
            }
            if !segment.is_empty() {
                path.push(&*segment);
            }
        }
        let query = url.query().map(|query| query.replace('/', "%2F"));
        let mut files = Vec::new();
        for host in &hosts {
            let base = self.root.join(host).join(&path);
            files.extend(names(&base, url.path().ends_with('/'), query.as_deref()));
        }
        files
    }
}

/// `list.asp?page=1` as wget saves it, also with `--restrict-file-names=windows` and
/// `--adjust-extension`; an address without a file name is an index.
fn names(base: &Path, is_folder: bool, query: Option<&str>) -> Vec<PathBuf> {
    let plain: Vec<PathBuf> = if is_folder || base.is_dir() {
        INDEXES.iter().map(|index| base.join(index)).collect()
    } else {
        vec![base.to_owned()]
    };
    let with = |path: &PathBuf, tail: String| {
        let mut name = path.clone().into_os_string();
        name.push(tail);
        PathBuf::from(name)
    };
    let mut names = Vec::new();
    for path in &plain {
        match query {
            Some(query) => {
                for mark in ['?', '@'] {
                    names.push(with(path, format!("{mark}{query}")));
                    names.push(with(path, format!("{mark}{query}.html")));
                }
            }
            None => {
                names.push(path.clone());
                names.push(with(path, ".html".to_owned()));
            }
        }
    }
    names
}

fn read(
    file: &Path,
    url: &Url,
    fetched: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Page, Fault> {
    let unreadable = |error: std::io::Error| {
        Fault::new(ProblemCode::NotSaved, format!("`{}`: {error}", file.display()))
    };
    let opened = fs::File::open(file).map_err(unreadable)?;
    let meta = opened.metadata().map_err(unreadable)?;
    let saved = meta.modified().ok().map(DateTime::<Utc>::from).filter(|time| *time < now);
    let mut body = Vec::new();
    opened.take(MAX_BYTES + 1).read_to_end(&mut body).map_err(unreadable)?;
    if body.len() as u64 > MAX_BYTES {
        let detail = format!("`{}`: more than {MAX_BYTES} bytes", file.display());
        return Err(Fault::new(ProblemCode::TooLarge, detail));
    }
    Ok(Page {
        requested: url.clone(),
        url: url.clone(),
        status: 200,
        content_type: None,
        body: Bytes::from(body),
        fetched: fetched.or(saved).unwrap_or(now),
        validators: Validators::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a test lays out the files it needs")]
    fn write(path: PathBuf, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn now() -> DateTime<Utc> {
        "2026-11-20T10:00:00Z".parse().unwrap()
    }

    fn body(folder: &Folder, url: &str) -> Option<String> {
        let page = folder.page(&Url::parse(url).unwrap(), now()).ok()?;
        Some(String::from_utf8(page.body.to_vec()).unwrap())
    }

    #[test]
    fn a_mirror_is_read_as_wget_writes_it() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        write(at("www.a.test/index.html"), "home");
        write(at("www.a.test/yw/index.html"), "list");
        write(at("www.a.test/yw/1.shtml"), "article");
        write(at("www.a.test/list.asp?page=1"), "asp");
        write(at("www.a.test/list.asp@page=2.html"), "asp 2");
        write(at("b.test:8080/索引.html"), "port");
        write(at("secret"), "no");
        let folder = Folder::open(root.path()).unwrap();
        for (url, wanted) in [
            ("http://www.a.test/", Some("home")),
            ("https://a.test/yw/", Some("list")),
            ("http://a.test/yw", Some("list")),
            ("http://a.test/yw/1.shtml", Some("article")),
            ("http://a.test/list.asp?page=1", Some("asp")),
            ("http://a.test/list.asp?page=2", Some("asp 2")),
            ("http://b.test:8080/%E7%B4%A2%E5%BC%95.html", Some("port")),
            ("http://a.test/..%2Fsecret", None),
            ("http://a.test/list.asp?page=3", None),
            ("http://c.test/", None),
        ] {
            assert_eq!(body(&folder, url).as_deref(), wanted, "{url}");
        }
    }

    #[test]
    fn a_manifest_names_files_freely() {
        let root = tempfile::tempdir().unwrap();
        write(root.path().join("x/1.bin"), "page");
        let line = "{\"file\":\"x/1.bin\",\"url\":\"http://a.test/p?id=7\",\"fetched\":\"2020-01-02T00:00:00Z\"}\n";
        write(root.path().join(MANIFEST), line);
        let folder = Folder::open(root.path()).unwrap();
        let page = folder.page(&Url::parse("http://www.a.test/p?id=7").unwrap(), now()).unwrap();
        assert_eq!(
            (&page.body[..], page.fetched.to_rfc3339().as_str()),
            (&b"page"[..], "2020-01-02T00:00:00+00:00")
        );
        write(root.path().join(MANIFEST), "\n{\"file\":1}\n");
        let error = Folder::open(root.path()).unwrap_err().to_string();
        assert!(error.contains("pages.jsonl` line 2: "), "{error}");
    }
}
