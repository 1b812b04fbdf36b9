//! The package of a document.
//!
//! `docx-rs` names every picture `.png`, packs without compression, has no place for title and
//! creator, gives indents in twips only and no language: all of that is put right here.

use std::io::{Cursor, Write};

use docx_rs::Docx;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::render::parts::escaped;

/// The finished file. The same item gives the same bytes but for the numbers that `docx-rs` counts.
pub(super) fn pack(docx: Docx, title: &str, creator: &str) -> Result<Vec<u8>, String> {
    let parts = docx.build();
    let mut content_types = text(parts.content_type)?;
    let mut relations = text(parts.document_rels)?;
    let mut media = Vec::new();
    for (id, bytes) in parts.media {
        let (extension, media_type) = kind(&bytes);
        relations =
            relations.replace(&format!("media/{id}.png\""), &format!("media/{id}.{extension}\""));
        if !content_types.contains(&format!("Extension=\"{extension}\"")) {
            let known =
                format!("<Default Extension=\"{extension}\" ContentType=\"{media_type}\"/>");
            content_types = content_types.replacen("<Default ", &format!("{known}<Default "), 1);
        }
        media.push((format!("word/media/{id}.{extension}"), bytes));
    }
    let core = text(parts.doc_props.core)?
        .replace(">unknown<", &format!(">{}<", escaped(creator)))
        .replace(
            "</cp:coreProperties>",
            &format!(
                "<dc:title>{}</dc:title><dc:language>zh-CN</dc:language></cp:coreProperties>",
                escaped(title)
            ),
        );
    let files = [
        ("[Content_Types].xml", content_types.into_bytes()),
        ("_rels/.rels", parts.rels),
        ("docProps/app.xml", parts.doc_props.app),
        ("docProps/core.xml", core.into_bytes()),
        ("docProps/custom.xml", parts.doc_props.custom),
        ("word/_rels/document.xml.rels", relations.into_bytes()),
        ("word/document.xml", parts.document),
        ("word/styles.xml", styles(text(parts.styles)?).into_bytes()),
        ("word/settings.xml", parts.settings),
        ("word/fontTable.xml", parts.font_table),
        ("word/comments.xml", parts.comments),
        ("word/numbering.xml", parts.numberings),
        ("word/commentsExtended.xml", parts.comments_extended),
        ("word/footnotes.xml", parts.footnotes),
    ];
    let files = files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes));
    zipped(files.chain(media)).map_err(|error| error.to_string())
}

fn text(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// Ending and media type of a picture by its first bytes.
fn kind(bytes: &[u8]) -> (&'static str, &'static str) {
    match bytes {
        [0xFF, 0xD8, ..] => ("jpeg", "image/jpeg"),
        [b'G', b'I', b'F', ..] => ("gif", "image/gif"),
        [b'B', b'M', ..] => ("bmp", "image/bmp"),
        _ => ("png", "image/png"),
    }
}

/// Indents in characters, which follow the size of the text, and the language.
fn styles(xml: String) -> String {
    let twips = format!("w:firstLine=\"{}\"", super::style::TWO_CHARACTERS);
    xml.replace(&twips, &format!("{twips} w:firstLineChars=\"200\"")).replacen(
        "</w:rPr></w:rPrDefault>",
        "<w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault>",
        1,
    )
}

fn zipped(files: impl Iterator<Item = (String, Vec<u8>)>) -> zip::result::ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        // Pictures are compressed as they are.
        let method = match name.starts_with("word/media/") {
            true => CompressionMethod::Stored,
            false => CompressionMethod::Deflated,
        };
        zip.start_file(name, SimpleFileOptions::default().compression_method(method))?;
        zip.write_all(&bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}
