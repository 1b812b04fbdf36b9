//! Pictures as any program shows them: upright, and of a kind that word processors know.

use std::borrow::Cow;
use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::model::AssetKind;

/// A picture that needs no further explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain<'a> {
    /// JPEG, PNG, GIF or BMP.
    pub bytes: Cow<'a, [u8]>,
    /// Which of them.
    pub kind: AssetKind,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// What a decoder may take: what we hold was measured when it was taken in.
const MOST_BYTES: u64 = 1 << 30;

/// The held picture `bytes`; turned upright where only a note in it says how it is held, and as PNG
/// where it is a WebP. `None` where they cannot be read.
pub fn plain(bytes: &[u8]) -> Option<Plain<'_>> {
    let (format, kind, _) = super::format(bytes).ok()?;
    let mut decoder = ImageReader::with_format(Cursor::new(bytes), format).into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let turned = orientation != Orientation::NoTransforms;
    if !turned && kind != AssetKind::Webp {
        return Some(Plain { bytes: Cow::Borrowed(bytes), kind, width, height });
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_BYTES);
    decoder.set_limits(limits).ok()?;
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    let (format, kind) = match kind {
        AssetKind::Jpeg => (ImageFormat::Jpeg, AssetKind::Jpeg),
        _ => (ImageFormat::Png, AssetKind::Png),
    };
    let mut written = Cursor::new(Vec::new());
    picture.write_to(&mut written, format).ok()?;
    let (width, height) = (picture.width(), picture.height());
    Some(Plain { bytes: Cow::Owned(written.into_inner()), kind, width, height })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let picture = image::RgbImage::from_pixel(60, 40, image::Rgb([9, 9, 9]));
        DynamicImage::from(picture).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn what_every_program_knows_stays_and_a_webp_becomes_a_png() {
        let jpeg = encoded(ImageFormat::Jpeg);
        let kept = plain(&jpeg).unwrap();
        assert_eq!((kept.bytes.as_ref(), kept.kind), (jpeg.as_slice(), AssetKind::Jpeg));
        let webp = encoded(ImageFormat::WebP);
        let png = plain(&webp).unwrap();
        assert_eq!((png.kind, png.width, png.height), (AssetKind::Png, 60, 40));
        assert!(png.bytes.starts_with(b"\x89PNG"));
        assert_eq!(plain(b"<html>"), None);
    }

    #[test]
    fn a_picture_on_its_side_is_turned_upright() {
        // A note in Exif that says: turn me by 90 degrees.
        let exif = b"\xFF\xE1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        let jpeg = encoded(ImageFormat::Jpeg);
        let lying = [&jpeg[..2], exif, &jpeg[2..]].concat();
        let upright = plain(&lying).unwrap();
        assert_eq!((upright.width, upright.height), (40, 60));
        assert_ne!(upright.bytes.as_ref(), lying.as_slice());
    }
}
