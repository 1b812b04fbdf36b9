//! `[custody]`: which files of articles we hold ourselves, and how large they may be.

use crate::model::Both;

use super::forms::none_of;
use super::reader::{Section, parse_bytes};

/// `[custody]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Custody {
    /// What holds of sites that say nothing else.
    pub terms: Terms,
    /// Size of a picture at most, in bytes.
    pub picture_max_bytes: u64,
    /// Width and height of a picture at most, in pixels.
    pub picture_max_side_px: u32,
    /// Width times height of a picture at most, in millions of pixels.
    pub picture_max_megapixels: u32,
    /// Size of an attachment at most, in bytes.
    pub attachment_max_bytes: u64,
    /// Size of all files of one item at most, in bytes.
    pub item_max_bytes: u64,
    /// Bytes after which a run fetches no further file.
    pub run_max_bytes: u64,
    /// Pictures, and attachments, of one item at most.
    pub files_per_item: u32,
    /// Pictures, and attachments, fetched in one run at most.
    pub files_per_run: u32,
}

/// How the files of a site are treated, and what is printed under its items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Whether we hold its pictures.
    pub pictures: bool,
    /// Whether we hold its attachments.
    pub attachments: bool,
    /// The licence line.
    pub licence: Option<String>,
}

impl Custody {
    /// Reads `[custody]`; what is at fault is replaced so that everything else can be checked.
    pub(super) fn read(section: &Section<'_>) -> Self {
        let bytes = |key, otherwise| section.parsed(key, parse_bytes).unwrap_or(otherwise);
        let whole = |key, most: u32, otherwise| {
            let number = section.number(key, 1..u64::from(most) + 1);
            number.and_then(|number| u32::try_from(number).ok()).unwrap_or(otherwise)
        };
        let none = Terms { pictures: true, ..Terms::default() };
        let custody = Self {
            terms: Terms::read(section, &none),
            picture_max_bytes: bytes("picture_max_bytes", 8 << 20),
            picture_max_side_px: whole("picture_max_side_px", 65_535, 12_000),
            picture_max_megapixels: whole("picture_max_megapixels", 200, 40),
            attachment_max_bytes: bytes("attachment_max_bytes", 20 << 20),
            item_max_bytes: bytes("item_max_bytes", 50 << 20),
            run_max_bytes: bytes("run_max_bytes", 200 << 20),
            files_per_item: whole("files_per_item", 1_000, 50),
            files_per_run: whole("files_per_run", 10_000, 60),
        };
        section.finish();
        custody
    }
}

impl Terms {
    /// Reads `pictures`, `attachments` and `licence`; what is absent is as `beneath` says.
    pub(super) fn read(section: &Section<'_>, beneath: &Self) -> Self {
        let licence = section.text("licence").map(|text| text.trim().to_owned());
        Self {
            pictures: section.parsed("pictures", is_held).unwrap_or(beneath.pictures),
            attachments: section.parsed("attachments", is_held).unwrap_or(beneath.attachments),
            licence: match licence {
                Some(line) => (!line.is_empty()).then_some(line),
                None => beneath.licence.clone(),
            },
        }
    }
}

/// `custody` or `original`.
fn is_held(text: &str) -> Result<bool, Both> {
    match text {
        "custody" => Ok(true),
        "original" => Ok(false),
        _ => Err(none_of(text, &["custody", "original"])),
    }
}
