//! Whether bytes are a picture that we can hold and show, and how large it is.
//!
//! In: bytes that call themselves a picture, and limits; out: kind, width and height, or why not.
//! The bytes decide, never a header or an address. A picture is decoded whole, so that a broken one
//! is found here and not by a reader; its size is known, and limited, before that.

mod file;
pub mod issue;
mod plain;

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};

pub use file::{FileError, file};
pub use plain::{Plain, plain};

use crate::model::AssetKind;

/// How large a picture may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureLimits {
    /// Width and height at most, in pixels.
    pub max_side_px: u32,
    /// Width times height at most.
    pub max_pixels: u64,
}

/// What a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its format.
    pub kind: AssetKind,
    /// Width as it is shown, in pixels.
    pub width: u32,
    /// Height as it is shown, in pixels.
    pub height: u32,
}

/// A picture that is no larger one way or the other shows nothing (pixels).
const BLANK_PX: u32 = 2;

impl Seen {
    /// True for spacers, and for pixels that count who reads.
    pub fn is_blank(self) -> bool {
        self.width.min(self.height) <= BLANK_PX
    }
}

/// Why bytes are no picture that we hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// Something else altogether.
    #[error("{0}, no picture")]
    Other(&'static str),
    /// A picture, of a kind that not every reader shows or that can carry scripts.
    #[error("{0} is not taken in; wanted JPEG, PNG, GIF, WebP or BMP")]
    Kind(&'static str),
    /// A picture too large to be shown safely.
    #[error("{width} × {height} pixels; allowed are {max_side_px} a side and {max_pixels} in all")]
    Size {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
        /// The limit of a side.
        max_side_px: u32,
        /// The limit of both together.
        max_pixels: u64,
    },
    /// A picture that ends too early.
    #[error("the {0} ends before the picture does")]
    Truncated(&'static str),
    /// A picture that cannot be decoded.
    #[error("the {format} cannot be decoded: {what}")]
    Broken {
        /// Its format.
        format: &'static str,
        /// What the decoder says.
        what: String,
    },
}

/// Bytes that a decoder may take for a pixel: four channels of eight bits.
const BYTES_PER_PIXEL: u64 = 4;
/// What a decoder may take beside the pixels; small pictures may have 16 bits a channel.
const DECODER_BYTES: u64 = 32 << 20;

/// Kind, width and height of a picture by its head, as it lies in the file; `None` where it is none.
pub fn size(bytes: &[u8]) -> Option<(AssetKind, u32, u32)> {
    let (format, kind, _) = format(bytes).ok()?;
    let reader = ImageReader::with_format(Cursor::new(bytes), format);
    let (width, height) = reader.into_dimensions().ok()?;
    Some((kind, width, height))
}

/// What picture `bytes` are.
pub fn check(bytes: &[u8], limits: PictureLimits) -> Result<Seen, PictureError> {
    let Decoded { kind, picture, orientation, .. } = decoded(bytes, limits)?;
    let (width, height) = (picture.width(), picture.height());
    let (width, height) = if is_turned(orientation) { (height, width) } else { (width, height) };
    Ok(Seen { kind, width, height })
}

/// A picture in memory, as its file has it.
struct Decoded {
    kind: AssetKind,
    /// The first one of several; not yet turned.
    picture: DynamicImage,
    /// How it is to be turned before it is shown.
    orientation: Orientation,
    /// What its colours mean, where the file says so.
    icc: Option<Vec<u8>>,
}

/// The picture in `bytes`: its size is looked at first, then its end, then all of it.
fn decoded(bytes: &[u8], limits: PictureLimits) -> Result<Decoded, PictureError> {
    let (format, kind, name) = format(bytes)?;
    let broken = |error: ImageError| broken(name, &error);
    let mut decoder =
        ImageReader::with_format(Cursor::new(bytes), format).into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    let PictureLimits { max_side_px, max_pixels } = limits;
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > max_side_px || pixels > max_pixels {
        return Err(PictureError::Size { width, height, max_side_px, max_pixels });
    }
    if pixels == 0 {
        return Err(PictureError::Other("nothing"));
    }
    if !is_whole(bytes, kind) {
        return Err(PictureError::Truncated(name));
    }
    // A broken note on orientation or colours is no broken picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let icc = decoder.icc_profile().unwrap_or(None);
    let mut decoding = image::Limits::no_limits();
    decoding.max_alloc = Some(pixels * BYTES_PER_PIXEL + DECODER_BYTES);
    decoder.set_limits(decoding).map_err(broken)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    Ok(Decoded { kind, picture, orientation, icc })
}

/// True where browsers show the picture lying on its side, as cameras note it.
fn is_turned(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

fn broken(format: &'static str, error: &ImageError) -> PictureError {
    match error {
        ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            PictureError::Truncated(format)
        }
        error => PictureError::Broken { format, what: error.to_string().replace('\n', " ") },
    }
}

/// The format by the first bytes.
fn format(bytes: &[u8]) -> Result<(ImageFormat, AssetKind, &'static str), PictureError> {
    let is = |mark: &[u8]| bytes.starts_with(mark);
    let at = |place: usize, mark: &[u8]| bytes.get(place..).is_some_and(|b| b.starts_with(mark));
    if is(b"\xFF\xD8\xFF") {
        return Ok((ImageFormat::Jpeg, AssetKind::Jpeg, "JPEG"));
    }
    if is(b"\x89PNG\r\n\x1A\n") {
        return Ok((ImageFormat::Png, AssetKind::Png, "PNG"));
    }
    if is(b"GIF87a") || is(b"GIF89a") {
        return Ok((ImageFormat::Gif, AssetKind::Gif, "GIF"));
    }
    if is(b"RIFF") && at(8, b"WEBP") {
        return Ok((ImageFormat::WebP, AssetKind::Webp, "WebP"));
    }
    // `BM` alone begins many a text: the length of the header that follows is one of a few.
    if is(b"BM") && bytes.get(14).is_some_and(|size| matches!(size, 12 | 40 | 52 | 56 | 108 | 124))
    {
        return Ok((ImageFormat::Bmp, AssetKind::Bmp, "BMP"));
    }
    Err(other(bytes))
}

/// What the bytes are instead.
fn other(bytes: &[u8]) -> PictureError {
    if bytes.is_empty() {
        return PictureError::Other("nothing");
    }
    if is_svg(bytes) {
        return PictureError::Kind("SVG, which can carry scripts,");
    }
    if is_markup(bytes) {
        return PictureError::Other("a web page");
    }
    let is = |mark: &[u8]| bytes.starts_with(mark);
    if is(b"II*\0") || is(b"MM\0*") {
        return PictureError::Kind("TIFF");
    }
    match bytes.get(4..12) {
        Some(b"ftypavif" | b"ftypavis") => return PictureError::Kind("AVIF"),
        Some(b"ftypheic" | b"ftypheix" | b"ftypmif1") => return PictureError::Kind("HEIC"),
        _ => {}
    }
    if is(b"\0\0\x01\0") {
        return PictureError::Kind("an icon");
    }
    PictureError::Other("bytes of an unknown kind")
}

/// The beginning of a text, in lower case and without a byte order mark and white space.
fn beginning(bytes: &[u8]) -> String {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    head.trim_start_matches(|c: char| c == '\u{FEFF}' || c.is_whitespace()).to_owned()
}

fn is_svg(bytes: &[u8]) -> bool {
    let head = beginning(bytes);
    head.starts_with('<') && head.contains("<svg")
}

/// True for HTML and XML in whatever form.
fn is_markup(bytes: &[u8]) -> bool {
    let head = beginning(bytes);
    let begins = |mark: &&str| head.starts_with(*mark);
    ["<!", "<html", "<head", "<body", "<?xml", "<script", "<meta", "<div", "<p", "<h1", "<title"]
        .iter()
        .any(begins)
}

/// Whether the end of the picture is there; decoders fill up what is missing of some formats.
fn is_whole(bytes: &[u8], kind: AssetKind) -> bool {
    match kind {
        // No marker but those of restarts stands inside the last scan (ITU T.81, B.1.1.2).
        AssetKind::Jpeg => last(bytes, b"\xFF\xD9") > last(bytes, b"\xFF\xDA"),
        AssetKind::Png => bytes
            .windows(4)
            .rposition(|name| name == b"IEND")
            .is_some_and(|end| end + 8 <= bytes.len()),
        AssetKind::Gif => {
            bytes.iter().rev().find(|&&byte| byte != 0).is_some_and(|&byte| byte == b';')
        }
        AssetKind::Webp => bytes.get(4..8).is_some_and(|size| {
            let size = u32::from_le_bytes([size[0], size[1], size[2], size[3]]);
            u64::from(size) + 8 <= bytes.len() as u64
        }),
        _ => true,
    }
}

/// Where `mark` stands last.
fn last(bytes: &[u8], mark: &[u8; 2]) -> Option<usize> {
    bytes.windows(2).rposition(|pair| pair == mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: PictureLimits = PictureLimits { max_side_px: 4_000, max_pixels: 4_000_000 };

    fn encoded(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
        let picture = image::RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([(x * 7) as u8, (y * 5) as u8, (x * y) as u8])
        });
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::from(picture).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    const FORMATS: [(ImageFormat, AssetKind); 5] = [
        (ImageFormat::Jpeg, AssetKind::Jpeg),
        (ImageFormat::Png, AssetKind::Png),
        (ImageFormat::Gif, AssetKind::Gif),
        (ImageFormat::WebP, AssetKind::Webp),
        (ImageFormat::Bmp, AssetKind::Bmp),
    ];

    #[test]
    fn pictures_are_known_by_their_bytes() {
        for (format, kind) in FORMATS {
            let seen = check(&encoded(format, 60, 40), LIMITS);
            assert_eq!(seen, Ok(Seen { kind, width: 60, height: 40 }), "{format:?}");
        }
    }

    #[test]
    fn a_picture_cut_short_is_none() {
        for (format, _) in FORMATS {
            let whole = encoded(format, 60, 40);
            for part in [whole.len() / 3, whole.len() / 2, whole.len() - 3] {
                let cut = check(&whole[..part], LIMITS);
                assert!(
                    matches!(cut, Err(PictureError::Truncated(_) | PictureError::Broken { .. })),
                    "{format:?} after {part} of {} bytes: {cut:?}",
                    whole.len()
                );
            }
        }
    }

    #[test]
    fn the_size_is_looked_at_first() {
        let mut bomb = encoded(ImageFormat::Png, 60, 40);
        bomb[16..24].copy_from_slice(&[0, 0, 0x4E, 0x20, 0, 0, 0x4E, 0x20]);
        let crc = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        let refused = check(&bomb, LIMITS);
        assert!(
            matches!(refused, Err(PictureError::Size { width: 20_000, height: 20_000, .. })),
            "{refused:?}"
        );
        let long = check(&encoded(ImageFormat::Png, 4_001, 1), LIMITS);
        assert!(matches!(long, Err(PictureError::Size { .. })), "{long:?}");
        let limits = PictureLimits { max_side_px: 100, max_pixels: 2_399 };
        let many = check(&encoded(ImageFormat::Png, 60, 40), limits);
        assert!(matches!(many, Err(PictureError::Size { .. })), "{many:?}");
    }

    /// CRC-32 of PNG chunks, bit by bit.
    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| {
                if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 }
            })
        })
    }

    #[test]
    fn a_photograph_noted_as_turned_is_measured_as_shown() {
        let plain = encoded(ImageFormat::Jpeg, 60, 40);
        // An Exif segment that says nothing but "orientation 6": turn by 90 degrees.
        let exif = b"\xFF\xE1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let turned = [&plain[..2], exif, &plain[2..]].concat();
        let seen = check(&turned, LIMITS).unwrap();
        assert_eq!((seen.width, seen.height), (40, 60));
    }

    #[test]
    fn whatever_else_is_named() {
        for (bytes, said) in [
            (&b""[..], "nothing, no picture"),
            (b"<!DOCTYPE html><p>404", "a web page, no picture"),
            (b"\xEF\xBB\xBF\n<html>", "a web page, no picture"),
            (b"<?xml version='1.0'?><rss/>", "a web page, no picture"),
            (b"<?xml version='1.0'?>\n<svg onload='x()'/>", "SVG"),
            (b"<svg/>", "SVG"),
            (b"II*\0rest", "TIFF"),
            (b"\0\0\0\x20ftypavif", "AVIF"),
            (b"BM is how this text begins", "bytes of an unknown kind"),
            (b"MZ\x90", "bytes of an unknown kind"),
        ] {
            let error = check(bytes, LIMITS).unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            which in 0..FORMATS.len(),
            changes in proptest::collection::vec((0..2000_usize, proptest::prelude::any::<u8>()), 0..12),
        ) {
            let mut bytes = encoded(FORMATS[which].0, 20, 10);
            for (place, byte) in changes {
                let length = bytes.len();
                bytes[place % length] = byte;
            }
            let _ = check(&bytes, LIMITS);
        }
    }
}
