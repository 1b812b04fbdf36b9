//! The parts of a `.docx`: a zip archive of XML and pictures (ECMA-376 part 2), within limits.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use bytes::Bytes;
use zip::ZipArchive;

use super::ManuscriptError;
use super::xml::{self, Element};

/// Parts in an archive at most.
const MOST_PARTS: usize = 4_000;
/// What an entry in the directory of an archive begins with (APPNOTE 4.3.12).
const ENTRY: &[u8] = b"PK\x01\x02";
/// A part of XML unpacks to so many bytes at most.
const MOST_XML: u64 = 24 << 20;
/// A picture unpacks to so many bytes at most.
const MOST_PICTURE: u64 = 32 << 20;
/// All parts that are read unpack to so many bytes together at most.
const MOST_TOGETHER: u64 = 192 << 20;

/// An open archive.
pub(super) struct Package<'b> {
    zip: ZipArchive<Cursor<&'b [u8]>>,
    left: u64,
}

/// Where a part or an address outside is, by the id that another part gives it.
pub(super) type Relations = HashMap<String, Relation>;

/// What a part refers to.
pub(super) struct Relation {
    /// The last word of its type: `image`, `hyperlink`, `styles`.
    pub(super) kind: String,
    /// The path of a part in the archive, or an address outside.
    pub(super) target: String,
    pub(super) is_outside: bool,
}

impl<'b> Package<'b> {
    pub(super) fn open(bytes: &'b [u8]) -> Result<Self, ManuscriptError> {
        // Every part has an entry in the directory, and all of it is read at once: they are counted
        // before.
        let count = bytes.windows(ENTRY.len()).filter(|window| *window == ENTRY).count();
        if count > MOST_PARTS {
            let what = format!("an archive of {count} parts");
            return Err(ManuscriptError::TooLarge { what, limit: format!("{MOST_PARTS} parts") });
        }
        let zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| ManuscriptError::Broken(error.to_string()))?;
        Ok(Self { zip, left: MOST_TOGETHER })
    }

    /// The tree of an XML part; `None` where there is no such part.
    pub(super) fn xml(&mut self, path: &str) -> Result<Option<Element>, ManuscriptError> {
        let Some(bytes) = self.part(path, MOST_XML)? else { return Ok(None) };
        xml::parse(&bytes)
            .map(Some)
            .map_err(|what| ManuscriptError::Broken(format!("part `{path}`: {what}")))
    }

    /// A picture; `None` where there is no such part or it is too large.
    pub(super) fn picture(&mut self, path: &str) -> Result<Option<Bytes>, ManuscriptError> {
        match self.part(path, MOST_PICTURE) {
            Ok(bytes) => Ok(bytes.map(Bytes::from)),
            Err(ManuscriptError::TooLarge { .. }) if self.left > 0 => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What is said of `part` in its list of relations.
    pub(super) fn relations(&mut self, part: &str) -> Result<Relations, ManuscriptError> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let list = format!("{folder}{}_rels/{file}.rels", if folder.is_empty() { "" } else { "/" });
        let Some(tree) = self.xml(&list)? else { return Ok(Relations::new()) };
        let relation = |element: &Element| {
            let is_outside = element.attr("TargetMode") == Some("External");
            let target = element.attr("Target")?;
            let target = if is_outside { target.to_owned() } else { resolved(folder, target) };
            let kind = element.attr("Type")?.rsplit('/').next()?.to_owned();
            Some((element.attr("Id")?.to_owned(), Relation { kind, target, is_outside }))
        };
        Ok(tree.elements().filter_map(relation).collect())
    }

    /// The bytes of a part, never more than `limit`, whatever the archive says of its size.
    fn part(&mut self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, ManuscriptError> {
        let Ok(part) = self.zip.by_name(path) else { return Ok(None) };
        let limit = limit.min(self.left);
        let mut bytes = Vec::new();
        let broken =
            |error: std::io::Error| ManuscriptError::Broken(format!("part `{path}`: {error}"));
        part.take(limit + 1).read_to_end(&mut bytes).map_err(broken)?;
        let length = bytes.len() as u64;
        if length > limit {
            let what = format!("part `{path}`");
            self.left = self.left.saturating_sub(length);
            return Err(ManuscriptError::TooLarge { what, limit: format!("{} MB", limit >> 20) });
        }
        self.left -= length;
        Ok(Some(bytes))
    }
}

/// The path of `target` as seen from `folder`; it cannot leave the archive.
fn resolved(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
