//! Pictures as an issue carries them: JPEG or small PNG below the limit of the platform.
//!
//! In: the bytes of a held picture, or the words of a cover; out: bytes that `uploadimg` and
//! `add_material` take. The same bytes give the same bytes. Nothing is read from disk here: fonts
//! come as bytes.

pub mod cover;
mod strip;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, RgbImage};

use super::{Decoded, PictureError, PictureLimits, decoded};
use crate::model::AssetKind;

/// A picture is smaller than this, in bytes: the platform says “1 MB” without saying which.
pub const LIMIT_BYTES: usize = 1_000_000;
/// Width and height of the cover at the head of a conversation, in pixels (2.35 : 1).
pub const COVER_WIDE_PX: (u32, u32) = (900, 383);
/// Width and height of the square cover, in pixels.
pub const COVER_SQUARE_PX: (u32, u32) = (500, 500);

/// What is written anew is at most so wide: twice what a phone shows (pixels).
const MOST_WIDTH_PX: u32 = 1_920;
/// The plainest form is at most so wide: as the platform shows it (pixels).
const PLAIN_WIDTH_PX: u32 = 1_080;
/// Qualities that are tried before a picture is made smaller.
const QUALITIES: [u8; 4] = [88, 82, 75, 66];
/// What each further attempt leaves of width and height, in parts of four.
const SHRINK: (u32, u32) = (3, 4);
/// A drawing has at most so many colours.
const DRAWING_COLOURS: usize = 256;
/// A drawing stays PNG up to so many bytes, even where JPEG would be smaller.
const DRAWING_BYTES: usize = 200_000;
/// A larger profile of colours is left out (bytes).
const PROFILE_BYTES: usize = 16_384;
/// Of what is cut off a picture that is too tall, so much is cut at the top, in parts of three:
/// heads are in the upper part.
const CUT_ABOVE: (u32, u32) = (1, 3);

/// A picture that an issue may carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fitted {
    /// Its bytes, fewer than [`LIMIT_BYTES`].
    pub bytes: Bytes,
    /// JPEG or PNG.
    pub kind: AssetKind,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// The picture `bytes` upright, opaque, without notes on camera and place, below [`LIMIT_BYTES`].
///
/// A JPEG that is so already keeps its pixels; a small drawing stays or becomes PNG; of moving
/// pictures the first is taken.
pub fn fit(bytes: &[u8], limits: PictureLimits) -> Result<Fitted, PictureError> {
    let decoded = decoded(bytes, limits)?;
    if let Some(kept) = kept(bytes, &decoded) {
        return Ok(kept);
    }
    let transparent = decoded.picture.color().has_alpha();
    let as_it_was = decoded.kind == AssetKind::Png
        && !transparent
        && decoded.picture.color().bytes_per_pixel() <= 3
        && decoded.orientation == Orientation::NoTransforms;
    let profile = profile(&decoded);
    let picture = upright(decoded);
    let drawing = is_drawing(&picture);
    let png = match as_it_was {
        true => strip::png(bytes),
        false if drawing => png(&picture),
        false => None,
    };
    let (width, height) = picture.dimensions();
    let jpeg = jpeg_within(picture, profile.as_deref())?;
    match png {
        Some(png) if png.len() <= jpeg.bytes.len() || (drawing && png.len() <= DRAWING_BYTES) => {
            Ok(Fitted { bytes: png.into(), kind: AssetKind::Png, width, height })
        }
        _ => Ok(jpeg),
    }
}

/// The picture in the plainest form there is, for who refuses it otherwise: a JPEG at most 1,080
/// pixels wide, without a profile.
pub fn plainer(bytes: &[u8], limits: PictureLimits) -> Result<Fitted, PictureError> {
    let picture = upright(decoded(bytes, limits)?);
    let picture = match picture.width() > PLAIN_WIDTH_PX {
        true => narrowed(&picture, PLAIN_WIDTH_PX),
        false => picture,
    };
    jpeg_within(picture, None)
}

/// The middle of a picture as a square cover, JPEG.
pub fn square(bytes: &[u8], limits: PictureLimits) -> Result<Fitted, PictureError> {
    cropped(bytes, limits, COVER_SQUARE_PX)
}

/// The middle of a picture as the cover at the head of a conversation, JPEG.
pub fn wide(bytes: &[u8], limits: PictureLimits) -> Result<Fitted, PictureError> {
    cropped(bytes, limits, COVER_WIDE_PX)
}

/// A JPEG whose pixels can stay as they are, without its notes.
fn kept(bytes: &[u8], decoded: &Decoded) -> Option<Fitted> {
    let fine = decoded.kind == AssetKind::Jpeg && decoded.orientation == Orientation::NoTransforms;
    let stripped = fine.then(|| strip::jpeg(bytes)).flatten()?;
    let (width, height) = (decoded.picture.width(), decoded.picture.height());
    (stripped.len() < LIMIT_BYTES).then(|| Fitted {
        bytes: stripped.into(),
        kind: AssetKind::Jpeg,
        width,
        height,
    })
}

/// The profile that still says what the colours mean after they became RGB.
fn profile(decoded: &Decoded) -> Option<Vec<u8>> {
    // The colour space of the data stands at 16 (ICC.1, 7.2).
    let is_rgb = |icc: &&Vec<u8>| icc.len() <= PROFILE_BYTES && icc.get(16..20) == Some(b"RGB ");
    decoded.icc.as_ref().filter(is_rgb).cloned()
}

/// The picture as it is shown on white paper.
fn upright(decoded: Decoded) -> RgbImage {
    let Decoded { mut picture, orientation, .. } = decoded;
    picture.apply_orientation(orientation);
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let layered = picture.into_rgba8();
    RgbImage::from_fn(layered.width(), layered.height(), |x, y| {
        let [red, green, blue, alpha] = layered.get_pixel(x, y).0;
        let over = |ink: u8| {
            let (ink, alpha) = (u32::from(ink), u32::from(alpha));
            // At most 255 by its arithmetic.
            ((ink * alpha + 255 * (255 - alpha) + 127) / 255) as u8
        };
        image::Rgb([over(red), over(green), over(blue)])
    })
}

/// True for logos, charts and scanned writing: few colours, however many pixels.
fn is_drawing(picture: &RgbImage) -> bool {
    let mut colours = std::collections::HashSet::new();
    let mut last = None;
    for pixel in picture.pixels() {
        if last != Some(pixel.0) {
            last = Some(pixel.0);
            colours.insert(pixel.0);
            if colours.len() > DRAWING_COLOURS {
                return false;
            }
        }
    }
    true
}

fn png(picture: &RgbImage) -> Option<Vec<u8>> {
    let mut written = Vec::new();
    PngEncoder::new_with_quality(&mut written, CompressionType::Best, PngFilter::Adaptive)
        .write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8)
        .ok()?;
    Some(written)
}

/// The best JPEG below the limit: less quality first, then fewer pixels.
fn jpeg_within(picture: RgbImage, icc: Option<&[u8]>) -> Result<Fitted, PictureError> {
    let mut picture = match picture.width() > MOST_WIDTH_PX {
        true => narrowed(&picture, MOST_WIDTH_PX),
        false => picture,
    };
    loop {
        for quality in QUALITIES {
            let fitted = jpeg(&picture, quality, icc)?;
            if fitted.bytes.len() < LIMIT_BYTES {
                return Ok(fitted);
            }
        }
        let width = (picture.width() * SHRINK.0 / SHRINK.1).max(1);
        picture = narrowed(&picture, width);
    }
}

fn narrowed(picture: &RgbImage, width: u32) -> RgbImage {
    let height = u64::from(picture.height()) * u64::from(width) / u64::from(picture.width());
    // Not larger than it was, which is within 32 bits.
    let height = u32::try_from(height.max(1)).unwrap_or(u32::MAX);
    image::imageops::resize(picture, width, height, FilterType::Triangle)
}

fn jpeg(picture: &RgbImage, quality: u8, icc: Option<&[u8]>) -> Result<Fitted, PictureError> {
    let broken = |error: image::ImageError| super::broken("JPEG", &error);
    let mut written = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut written, quality);
    // What this encoder cannot note is left out.
    let _ = icc.map(|icc| encoder.set_icc_profile(icc.to_vec()));
    let (width, height) = picture.dimensions();
    encoder.write_image(picture, width, height, ExtendedColorType::Rgb8).map_err(broken)?;
    Ok(Fitted { bytes: written.into(), kind: AssetKind::Jpeg, width, height })
}

fn cropped(
    bytes: &[u8],
    limits: PictureLimits,
    (width, height): (u32, u32),
) -> Result<Fitted, PictureError> {
    let decoded = decoded(bytes, limits)?;
    let icc = profile(&decoded);
    let picture = upright(decoded);
    let (from_width, from_height) = picture.dimensions();
    let scaled = |a: u32, b: u32, c: u32| {
        u32::try_from(u64::from(a) * u64::from(b) / u64::from(c)).unwrap_or(u32::MAX).max(1)
    };
    let cut_width = from_width.min(scaled(from_height, width, height));
    let cut_height = from_height.min(scaled(from_width, height, width));
    let left = (from_width - cut_width) / 2;
    let top = (from_height - cut_height) / CUT_ABOVE.1 * CUT_ABOVE.0;
    let part = DynamicImage::from(picture).crop_imm(left, top, cut_width, cut_height);
    let part = part.resize_exact(width, height, FilterType::CatmullRom).into_rgb8();
    jpeg(&part, QUALITIES[0], icc.as_deref())
}

#[cfg(test)]
mod tests;
