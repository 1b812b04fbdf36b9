//! Files that we hold ourselves: pictures and attachments, named by the hash of their bytes.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use url::Url;

macro_rules! asset_kinds {
    ($($variant:ident $extension:literal $media_type:literal $doc:literal,)*) => {
        /// What a held file is, by its bytes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum AssetKind { $(#[doc = $doc] $variant,)* }

        impl AssetKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The ending of its address.
            pub fn extension(self) -> &'static str {
                match self { $(Self::$variant => $extension,)* }
            }

            /// Its media type.
            pub fn media_type(self) -> &'static str {
                match self { $(Self::$variant => $media_type,)* }
            }

            /// The kind with this ending.
            pub fn from_extension(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.extension() == text)
            }
        }
    };
}

asset_kinds! {
    Jpeg "jpg" "image/jpeg" "JPEG.",
    Png "png" "image/png" "PNG.",
    Gif "gif" "image/gif" "GIF, animated ones too.",
    Webp "webp" "image/webp" "WebP.",
    Bmp "bmp" "image/bmp" "Windows bitmap.",
    Pdf "pdf" "application/pdf" "PDF.",
    Doc "doc" "application/msword" "Word before 2007.",
    Docx "docx" "application/vnd.openxmlformats-officedocument.wordprocessingml.document" "Word.",
    Xls "xls" "application/vnd.ms-excel" "Excel before 2007.",
    Xlsx "xlsx" "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" "Excel.",
    Ppt "ppt" "application/vnd.ms-powerpoint" "Slides before 2007.",
    Pptx "pptx" "application/vnd.openxmlformats-officedocument.presentationml.presentation" "Slides.",
    Wps "wps" "application/vnd.ms-works" "WPS 文字.",
    Et "et" "application/vnd.ms-excel" "WPS 表格.",
    Ofd "ofd" "application/ofd" "OFD (GB/T 33190), the layout format of Chinese authorities.",
    Rtf "rtf" "application/rtf" "Rich text.",
}

impl AssetKind {
    /// Whether it is shown in place rather than offered.
    pub fn is_picture(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Gif | Self::Webp | Self::Bmp)
    }
}

/// The name of a held file: the first 128 bits of the blake3 hash of its bytes, in hex.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetHash(String);

/// Characters of a hash.
const HASH_LENGTH: usize = 32;

impl AssetHash {
    /// The name of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes).to_hex()[..HASH_LENGTH].to_owned())
    }

    /// The hash as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hash in the published path of an asset: `assets/HASH.EXT`.
    pub fn in_path(path: &str) -> Option<Self> {
        let (hash, extension) = path.strip_prefix(ASSETS)?.split_once('.')?;
        AssetKind::from_extension(extension)?;
        hash.parse().ok()
    }
}

/// What the paths of all assets begin with.
const ASSETS: &str = "assets/";

impl FromStr for AssetHash {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() == HASH_LENGTH && text.bytes().all(hex) {
            Ok(Self(text.to_owned()))
        } else {
            Err(())
        }
    }
}

impl fmt::Display for AssetHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A file that we hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its name.
    pub hash: AssetHash,
    /// What it is.
    pub kind: AssetKind,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Width and height of a picture as it is shown, in pixels.
    pub size_px: Option<(u32, u32)>,
}

impl Asset {
    /// Where it is published, below the public root.
    pub fn path(&self) -> String {
        format!("{ASSETS}{}.{}", self.hash, self.kind.extension())
    }
}

/// How we stand to the file at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holding {
    /// We hold it.
    Held(Asset),
    /// It must not be shown.
    TakenDown,
}

/// What we hold of the files at the addresses that some items name; of any other address nothing is
/// known, and it is used as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Custody(BTreeMap<String, Holding>);

impl Custody {
    /// Notes how we stand to the file at `url`.
    pub fn insert(&mut self, url: &Url, holding: Holding) {
        self.0.insert(url.to_string(), holding);
    }

    /// How we stand to the file at `address`.
    pub fn of(&self, address: &str) -> Option<&Holding> {
        self.0.get(address)
    }

    /// True where nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_found_by_its_path() {
        let hash = AssetHash::of(b"picture");
        let asset =
            Asset { hash: hash.clone(), kind: AssetKind::Jpeg, size_bytes: 7, size_px: None };
        assert_eq!(AssetHash::in_path(&asset.path()), Some(hash.clone()));
        for path in [
            format!("assets/{hash}"),
            format!("assets/{hash}.exe"),
            format!("assets/{}.jpg", hash.as_str().to_uppercase()),
            format!("assets/x/{hash}.jpg"),
            "assets/.jpg".to_owned(),
            format!("feeds/{hash}.jpg"),
        ] {
            assert_eq!(AssetHash::in_path(&path), None, "{path}");
        }
    }
}
