use std::io::Cursor;

use image::codecs::gif::GifEncoder;
use image::{Delay, Frame, ImageFormat, ImageReader, Rgba, RgbaImage};

use super::*;

const LIMITS: PictureLimits = PictureLimits { max_side_px: 8_000, max_pixels: 40_000_000 };

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A photograph of sorts: many colours, no two neighbours alike.
fn photograph(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (wave, grain) = ((x * x / 40 + y * 3) as u8, (x * 31 + y * 17) as u8 % 23);
        image::Rgb([wave, (y * 255 / height) as u8, (x * 255 / width) as u8 ^ grain])
    })
}

fn shown(fitted: &Fitted) -> RgbImage {
    let reader = ImageReader::new(Cursor::new(&fitted.bytes)).with_guessed_format().unwrap();
    let picture = reader.decode().unwrap().into_rgb8();
    assert_eq!(picture.dimensions(), (fitted.width, fitted.height));
    picture
}

/// Behind the beginning of a JPEG: Exif with a turn of `orientation`, a note, and a comment.
fn with_notes(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif =
        b"\xFF\xE1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0"
            .to_vec();
    exif[29] = orientation;
    let note = b"\xFF\xED\x00\x13Photoshop 3.0\0GPS\xFF\xFE\x00\x08SECRET".as_slice();
    [&jpeg[..2], &exif, note, &jpeg[2..], b"trailing SECRET"].concat()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_jpeg_that_fits_keeps_its_pixels_and_loses_its_notes() {
    let plain = encoded(&photograph(640, 480).into(), ImageFormat::Jpeg);
    let fitted = fit(&with_notes(&plain, 1), LIMITS).unwrap();
    assert_eq!((fitted.kind, fitted.width, fitted.height), (AssetKind::Jpeg, 640, 480));
    for note in [&b"Exif"[..], b"SECRET", b"Photoshop", b"GPS"] {
        assert!(!holds(&fitted.bytes, note), "{}", String::from_utf8_lossy(note));
    }
    assert!(fitted.bytes.as_ref() == plain.as_slice(), "no pixel was touched");
}

#[test]
fn a_photograph_held_upright_is_turned_and_the_note_dropped() {
    let mut lying = RgbImage::from_pixel(80, 40, image::Rgb([250, 250, 250]));
    for (x, y) in (0..20).flat_map(|x| (0..20).map(move |y| (x, y))) {
        lying.put_pixel(x, y, image::Rgb([200, 0, 0]));
    }
    let plain = encoded(&lying.into(), ImageFormat::Jpeg);
    let fitted = fit(&with_notes(&plain, 6), LIMITS).unwrap();
    assert_eq!((fitted.width, fitted.height), (40, 80));
    let picture = shown(&fitted);
    // What was at the upper left is at the upper right after a turn to the right.
    assert!(picture.get_pixel(35, 5).0[1] < 90 && picture.get_pixel(5, 5).0[1] > 200);
    assert!(!holds(&fitted.bytes, b"Exif"));
}

/// A JPEG of one block of even colour in four inks, as Adobe's programs write them (inverted).
fn cmyk(inks: [u8; 4]) -> Vec<u8> {
    let mut bytes = b"\xFF\xD8\xFF\xEE\x00\x0EAdobe\0\x64\0\0\0\0\0".to_vec();
    bytes.extend([0xFF, 0xDB, 0, 67, 0]);
    bytes.extend([1; 64]);
    bytes.extend([0xFF, 0xC0, 0, 20, 8, 0, 8, 0, 8, 4]);
    (1..=4).for_each(|id| bytes.extend([id, 0x11, 0]));
    // Differences of eleven bits have the code 0, the end of a block has the code 0.
    for class in [0x00, 0x10] {
        bytes.extend([0xFF, 0xC4, 0, 20, class, 1]);
        bytes.extend([0; 15]);
        bytes.push(if class == 0 { 11 } else { 0 });
    }
    bytes.extend([0xFF, 0xDA, 0, 14, 4]);
    (1..=4).for_each(|id| bytes.extend([id, 0]));
    bytes.extend([0, 63, 0]);
    let mut bits = String::new();
    for ink in inks {
        // Adobe stores 255 for no ink; eleven bits hold differences from 1024 to 2047.
        let level = (i32::from(255 - ink) - 128) * 8;
        let code = if level >= 1024 { level } else { level + 2047 };
        assert!((0..2048).contains(&code) && (level >= 1024 || level <= -1024), "{level}");
        bits.extend(["0", &format!("{code:011b}"), "0"]);
    }
    while !bits.len().is_multiple_of(8) {
        bits.push('1');
    }
    for byte in bits.as_bytes().chunks(8) {
        let byte = byte.iter().fold(0, |byte, bit| byte << 1 | (bit - b'0'));
        bytes.push(byte);
        if byte == 0xFF {
            bytes.push(0);
        }
    }
    bytes.extend([0xFF, 0xD9]);
    bytes
}

#[test]
fn the_inks_of_printers_become_light() {
    // Levels of eleven bits: full ink is -1024 in the inverted form.
    let printed = cmyk([255, 255, 255, 255]);
    let fitted = fit(&printed, LIMITS).unwrap();
    assert!(shown(&fitted).get_pixel(4, 4).0.iter().all(|&part| part < 20), "all ink is black");
    assert!(fitted.bytes.as_ref() != printed.as_slice());
    let frame = fitted.bytes.windows(2).position(|pair| pair == b"\xFF\xC0");
    let components = frame.map(|at| fitted.bytes[at + 9]);
    if fitted.kind == AssetKind::Jpeg {
        assert_eq!(components, Some(3));
    }
}

#[test]
fn what_was_transparent_stands_on_white() {
    let logo = RgbaImage::from_fn(200, 120, |x, _| match x {
        0..=99 => Rgba([0, 0, 0, 0]),
        100..=149 => Rgba([200, 0, 0, 128]),
        _ => Rgba([200, 0, 0, 255]),
    });
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let fitted = fit(&encoded(&logo.clone().into(), format), LIMITS).unwrap();
        assert_eq!(fitted.kind, AssetKind::Png, "a drawing stays sharp");
        let picture = shown(&fitted);
        assert_eq!(picture.get_pixel(10, 10).0, [255, 255, 255]);
        assert_eq!(picture.get_pixel(120, 10).0, [227, 127, 127]);
        assert_eq!(picture.get_pixel(180, 10).0, [200, 0, 0]);
    }
}

#[test]
fn a_drawing_stays_as_it_is_but_for_its_notes_and_a_photograph_becomes_jpeg() {
    let drawing = RgbImage::from_fn(300, 200, |x, y| match (x / 10 + y / 10) % 2 {
        0 => image::Rgb([0, 0, 0]),
        _ => image::Rgb([255, 255, 255]),
    });
    let png = encoded(&drawing.clone().into(), ImageFormat::Png);
    // A note of eleven bytes behind the head; its check sum is not looked at by anybody.
    let note = [&11_u32.to_be_bytes()[..], b"tEXtAuthor\0NAME\x1B\x8F\x4C\x21"].concat();
    let fitted = fit(&[&png[..33], &note, &png[33..]].concat(), LIMITS);
    // Whoever checks it may refuse it; who takes it must drop it.
    if let Ok(fitted) = fitted {
        assert!(fitted.bytes.as_ref() == png.as_slice());
    }
    let fitted = fit(&png, LIMITS).unwrap();
    assert_eq!((fitted.kind, shown(&fitted) == drawing), (AssetKind::Png, true));
    for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::WebP] {
        let fitted = fit(&encoded(&photograph(400, 300).into(), format), LIMITS).unwrap();
        assert_eq!((fitted.kind, fitted.width), (AssetKind::Jpeg, 400), "{format:?}");
        assert!(fitted.bytes.starts_with(b"\xFF\xD8\xFF"));
        shown(&fitted);
    }
}

#[test]
fn of_a_moving_picture_the_first_is_taken() {
    for count in [1, 3] {
        let mut bytes = Vec::new();
        let mut encoder = GifEncoder::new(&mut bytes);
        for place in 0..count {
            let shade = if place == 0 { [200, 30, 30, 255] } else { [0, 0, 250, 255] };
            let frame = RgbaImage::from_pixel(60, 40, Rgba(shade));
            let delay = Delay::from_numer_denom_ms(100, 1);
            encoder.encode_frame(Frame::from_parts(frame, 0, 0, delay)).unwrap();
        }
        drop(encoder);
        let fitted = fit(&bytes, LIMITS).unwrap();
        assert_ne!(fitted.kind, AssetKind::Gif);
        let [red, _, blue] = shown(&fitted).get_pixel(30, 20).0;
        assert!(red > 150 && blue < 90, "{count} frames");
    }
}

#[test]
fn whatever_is_large_falls_below_the_limit() {
    let mut seed = 1_u32;
    let mut noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    let picture = RgbImage::from_fn(6_000, 4_000, |_, _| image::Rgb([noise(), noise(), noise()]));
    let bytes = encoded(&picture.into(), ImageFormat::Bmp);
    let fitted = fit(&bytes, LIMITS).unwrap();
    assert!(fitted.bytes.len() < LIMIT_BYTES, "{} bytes", fitted.bytes.len());
    assert!(fitted.width >= 600, "{} pixels wide", fitted.width);
    assert!((fitted.width * 2).abs_diff(fitted.height * 3) < 6);
    shown(&fitted);
}

#[test]
fn covers_are_cut_from_pictures_of_any_shape() {
    for (width, height) in [(1_200, 800), (300, 1_800), (2_000, 90), (3, 3)] {
        let bytes = encoded(&photograph(width, height).into(), ImageFormat::Png);
        for (fitted, size) in [
            (square(&bytes, LIMITS).unwrap(), COVER_SQUARE_PX),
            (wide(&bytes, LIMITS).unwrap(), COVER_WIDE_PX),
        ] {
            assert_eq!(
                (fitted.width, fitted.height, fitted.kind),
                (size.0, size.1, AssetKind::Jpeg)
            );
            assert!(fitted.bytes.len() < LIMIT_BYTES);
            shown(&fitted);
        }
    }
    // Nothing is squeezed: a red middle fills the square.
    let flag = RgbImage::from_fn(900, 300, |x, _| match x {
        300..=599 => image::Rgb([200, 0, 0]),
        _ => image::Rgb([0, 0, 200]),
    });
    let middle = shown(&square(&encoded(&flag.into(), ImageFormat::Png), LIMITS).unwrap());
    assert!([10, 250, 490].iter().all(|&x| middle.get_pixel(x, 250).0[0] > 150));
}

#[test]
fn the_same_bytes_give_the_same_bytes() {
    let bytes = encoded(&photograph(900, 700).into(), ImageFormat::Png);
    assert!(fit(&bytes, LIMITS) == fit(&bytes, LIMITS));
    assert!(wide(&bytes, LIMITS) == wide(&bytes, LIMITS));
}

#[test]
fn what_is_broken_or_too_large_is_refused() {
    let png = encoded(&photograph(60, 40).into(), ImageFormat::Png);
    let small = PictureLimits { max_side_px: 50, max_pixels: 10_000 };
    for (bytes, limits) in
        [(&b""[..], LIMITS), (b"<html>", LIMITS), (&png[..png.len() / 2], LIMITS), (&png, small)]
    {
        assert!(fit(bytes, limits).is_err() && square(bytes, limits).is_err());
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_filters_panic(
        which in 0..2_usize,
        changes in proptest::collection::vec((0..3000_usize, proptest::prelude::any::<u8>()), 0..12),
    ) {
        let format = [ImageFormat::Jpeg, ImageFormat::Png][which];
        let mut bytes = encoded(&photograph(20, 10).into(), format);
        for (place, byte) in changes {
            let length = bytes.len();
            bytes[place % length] = byte;
        }
        let _ = (strip::jpeg(&bytes), strip::png(&bytes), fit(&bytes, LIMITS));
    }
}
