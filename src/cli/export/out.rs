//! Where exported items go: into one file or stdout, or into a folder, a file each.

use std::collections::{BTreeMap, HashSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::cli::args::{ExportArgs, ExportFormat};
use crate::cli::{CANNOT_WORK, Failure, USAGE, say};
use crate::model::{AssetHash, Lang};
use crate::picture;
use crate::render::{self, Parcel};

use super::super::files::{self, PartFile};

/// What became of an item.
pub(super) enum Written {
    /// It is written.
    Whole,
    /// Its file exists already and was left as it is.
    There(String),
    /// Nobody reads on.
    Closed,
}

/// A place for exported items.
pub(super) enum Out {
    /// All in one.
    One {
        format: ExportFormat,
        /// What the file begins with, until it is begun.
        head: Vec<u8>,
        writer: Writer,
    },
    /// A file each.
    Folder {
        format: ExportFormat,
        title_lang: Lang,
        folder: PathBuf,
        force: bool,
        names: HashSet<String>,
    },
}

/// One file, or stdout.
pub(super) enum Writer {
    Stdout,
    File(PartFile),
}

impl Out {
    /// Looks whether `asked` can be done; nothing is there before the first item.
    pub(super) fn open(
        asked: &ExportArgs,
        public: Lang,
        title: &str,
        lang: Lang,
    ) -> Result<Self, Failure> {
        let usage = |message: String| Failure { code: USAGE, message };
        let format = asked.format;
        let Some(path) = &asked.out else {
            return Ok(Self::One {
                format,
                head: head(format, public, title),
                writer: Writer::Stdout,
            });
        };
        let shown = path.display().to_string();
        let ending = path.extension().map(|end| end.to_string_lossy().to_ascii_lowercase());
        let page = matches!(ending.as_deref(), Some("html" | "htm")) && !path.is_dir();
        if format == ExportFormat::Docx || (format == ExportFormat::Html && !page) {
            if path.is_file() {
                return Err(usage(say::wants_folder(lang, &shown)));
            }
            return Ok(Self::Folder {
                format,
                title_lang: public,
                folder: path.clone(),
                force: asked.force,
                names: HashSet::new(),
            });
        }
        if path.is_dir() {
            return Err(usage(say::wants_file(lang, &shown)));
        }
        if path.exists() && !asked.force {
            return Err(usage(say::file_there(lang, &shown)));
        }
        let file = PartFile::create(path).map_err(|error| fault(path, &error))?;
        Ok(Self::One { format, head: head(format, public, title), writer: Writer::File(file) })
    }

    /// Whether the bytes of pictures and attachments are wanted.
    pub(super) fn wants_files(&self) -> bool {
        match self {
            Self::One { format, .. } => *format == ExportFormat::Html,
            Self::Folder { .. } => true,
        }
    }

    pub(super) fn write(&mut self, parcel: &Parcel<'_>, lang: Lang) -> Result<Written, Failure> {
        match self {
            Self::One { format, head, writer } => {
                let mut bytes = std::mem::take(head);
                bytes.extend(match format {
                    ExportFormat::Jsonl => parcel.json(),
                    ExportFormat::Csv => parcel.row(),
                    ExportFormat::Html | ExportFormat::Docx => parcel.html().into_bytes(),
                });
                writer.write(&bytes)
            }
            Self::Folder { format, title_lang, folder, force, names } => {
                let name = free_name(parcel, names);
                let ending = if *format == ExportFormat::Docx { "docx" } else { "html" };
                let path = folder.join(format!("{name}.{ending}"));
                if path.exists() && !*force {
                    return Ok(Written::There(path.display().to_string()));
                }
                let bytes = match format {
                    ExportFormat::Docx => word(parcel, lang)?,
                    _ => page(parcel, &name, *title_lang),
                };
                files::folder(folder).map_err(|error| fault(folder, &error))?;
                let beside: Vec<(String, &Bytes)> = parcel
                    .beside()
                    .into_iter()
                    .filter_map(|one| Some((one.name, parcel.bytes.get(&one.asset.hash)?)))
                    .collect();
                let files_at = folder.join(&name);
                files::beside(&files_at, &beside, &render::is_beside)
                    .map_err(|error| fault(&files_at, &error))?;
                files::put(&path, &bytes).map_err(|error| fault(&path, &error))?;
                crate::cli::print(&format!("{}\n", path.display()))?;
                Ok(Written::Whole)
            }
        }
    }

    /// Ends what was begun; only now a file stands at its place.
    pub(super) fn end(self) -> Result<(), Failure> {
        let Self::One { format, mut writer, .. } = self else { return Ok(()) };
        if format == ExportFormat::Html {
            writer.write(render::export_foot().as_bytes())?;
        }
        match writer {
            Writer::Stdout => Ok(()),
            Writer::File(file) => {
                let path = file.path().to_owned();
                file.finish().map_err(|error| fault(&path, &error))
            }
        }
    }
}

impl Writer {
    fn write(&mut self, bytes: &[u8]) -> Result<Written, Failure> {
        match self {
            Self::File(file) => {
                let path = file.path().to_owned();
                file.write(bytes).map_err(|error| fault(&path, &error))?;
            }
            Self::Stdout => match std::io::stdout().lock().write_all(bytes) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                    return Ok(Written::Closed);
                }
                Err(error) => return Err(fault(Path::new("stdout"), &error)),
            },
        }
        Ok(Written::Whole)
    }
}

fn head(format: ExportFormat, lang: Lang, title: &str) -> Vec<u8> {
    match format {
        ExportFormat::Csv => render::heads(lang),
        ExportFormat::Html => render::export_head(title, lang).into_bytes(),
        ExportFormat::Jsonl | ExportFormat::Docx => Vec::new(),
    }
}

/// A document of one article.
fn page(parcel: &Parcel<'_>, folder: &str, lang: Lang) -> Vec<u8> {
    let head = render::export_head(&parcel.item.title, lang);
    format!("{head}{}{}", parcel.html_with(folder), render::export_foot()).into_bytes()
}

/// Word shows no WebP, and no picture is turned upright for it.
fn word(parcel: &Parcel<'_>, lang: Lang) -> Result<Vec<u8>, Failure> {
    let plain = |(hash, bytes): (&AssetHash, &Bytes)| {
        let plain = picture::plain(bytes)?;
        Some((hash.clone(), Bytes::copy_from_slice(&plain.bytes)))
    };
    let bytes: BTreeMap<AssetHash, Bytes> = parcel.bytes.iter().filter_map(plain).collect();
    let document = Parcel { bytes: &bytes, ..*parcel }.word();
    document.map_err(|error| Failure::of(&error.into(), lang))
}

/// Date and title; where two items share them, the site as well, and then a number.
fn free_name(parcel: &Parcel<'_>, names: &mut HashSet<String>) -> String {
    let name = render::file_name(parcel.item, parcel.names, false);
    let with_site = render::file_name(parcel.item, parcel.names, true);
    let numbered = (2..).map(|number| format!("{with_site} {number}"));
    let candidates =
        std::iter::once(name).chain(std::iter::once(with_site.clone())).chain(numbered);
    for name in candidates {
        // Windows does not tell letters by their case.
        if names.insert(name.to_lowercase()) {
            return name;
        }
    }
    with_site
}

fn fault(path: &Path, error: &std::io::Error) -> Failure {
    Failure { code: CANNOT_WORK, message: format!("{}: {error}", path.display()) }
}
