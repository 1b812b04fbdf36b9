//! Whether bytes are an attachment that we hold: PDF, OFD and office files, by their bytes.

use url::Url;

use crate::model::AssetKind;

use super::is_markup;

/// Why bytes are no attachment that we hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Something else.
    #[error("{0}; wanted PDF, OFD, RTF or a file of Word, Excel, PowerPoint or WPS")]
    Other(&'static str),
    /// A file that ends too early.
    #[error("the {0} ends before the file does")]
    Truncated(&'static str),
}

/// The end of a PDF and of the directory of a zip archive stand this near the end of the file.
const TAIL: usize = 70_000;

/// What attachment `bytes` are; the address tells apart what has the same form.
pub fn file(bytes: &[u8], url: &Url) -> Result<AssetKind, FileError> {
    let tail = &bytes[bytes.len().saturating_sub(TAIL)..];
    if holds(&bytes[..bytes.len().min(1024)], b"%PDF-") {
        return match holds(tail, b"%%EOF") {
            true => Ok(AssetKind::Pdf),
            false => Err(FileError::Truncated("PDF")),
        };
    }
    if bytes.starts_with(b"{\\rtf") {
        return Ok(AssetKind::Rtf);
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return compound(url);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        // The names of an archive's parts stand in the directory at its end.
        return match holds(tail, b"PK\x05\x06") {
            true => archive(bytes),
            false => Err(FileError::Truncated("archive")),
        };
    }
    Err(FileError::Other(match bytes {
        [] => "nothing",
        _ if is_markup(bytes) => "a web page",
        _ => "bytes of an unknown kind",
    }))
}

/// The older office formats share one form.
fn compound(url: &Url) -> Result<AssetKind, FileError> {
    let name = url.as_str().to_ascii_lowercase();
    let ends = |ending: &str| name.split(['?', '&', '#', '=']).any(|part| part.ends_with(ending));
    [
        (".doc", AssetKind::Doc),
        (".xls", AssetKind::Xls),
        (".ppt", AssetKind::Ppt),
        (".wps", AssetKind::Wps),
        (".et", AssetKind::Et),
    ]
    .into_iter()
    .find(|(ending, _)| ends(ending))
    .map(|(_, kind)| kind)
    .ok_or(FileError::Other("an office file whose address does not say of which program"))
}

/// The newer office formats are archives with telling names in them.
fn archive(bytes: &[u8]) -> Result<AssetKind, FileError> {
    [
        (&b"word/document"[..], AssetKind::Docx),
        (b"xl/workbook", AssetKind::Xlsx),
        (b"ppt/presentation", AssetKind::Pptx),
        (b"OFD.xml", AssetKind::Ofd),
    ]
    .into_iter()
    .find(|(name, _)| holds(bytes, name))
    .map(|(_, kind)| kind)
    .ok_or(FileError::Other("an archive"))
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_bytes() {
        let kind = |bytes: &[u8], address: &str| file(bytes, &Url::parse(address).unwrap());
        let ole = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and so on";
        let zip = |name: &str| [b"PK\x03\x04", name.as_bytes(), b"PK\x05\x06\0\0"].concat();
        assert_eq!(kind(b"%PDF-1.7 text %%EOF\n", "http://a.test/1.doc"), Ok(AssetKind::Pdf));
        assert_eq!(kind(ole, "http://a.test/1.DOC"), Ok(AssetKind::Doc));
        assert_eq!(kind(ole, "http://a.test/down.jsp?name=1.xls&id=3"), Ok(AssetKind::Xls));
        assert_eq!(kind(&zip("word/document.xml"), "http://a.test/1"), Ok(AssetKind::Docx));
        assert_eq!(kind(&zip("OFD.xml"), "http://a.test/1.ofd"), Ok(AssetKind::Ofd));
        assert_eq!(kind(b"{\\rtf1 }", "http://a.test/1.doc"), Ok(AssetKind::Rtf));
        for (bytes, said) in [
            (b"%PDF-1.7 cut".to_vec(), "the PDF ends"),
            (b"PK\x03\x04word/document.xml cut".to_vec(), "the archive ends"),
            (zip("setup.exe"), "an archive;"),
            (b"<html>404".to_vec(), "a web page;"),
            (b"MZ\x90".to_vec(), "bytes of an unknown kind;"),
            (ole.to_vec(), "an office file"),
            (Vec::new(), "nothing;"),
        ] {
            let error = kind(&bytes, "http://a.test/1.exe").unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}");
        }
    }
}
