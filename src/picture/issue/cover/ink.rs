//! The paper of a cover: brand colour, frame, letters.

use ab_glyph::{Font, Glyph, PxScale, ScaleFont, point};
use image::{Rgb as Pixel, RgbImage};

use super::fonts::Fonts;
use crate::model::Rgb;

/// A cover under the pen.
pub(super) struct Canvas {
    picture: RgbImage,
    ink: [u8; 3],
}

/// The lower edge has this part of the brand colour's light.
const SHADE: f32 = 0.80;
/// How strongly the frame is drawn.
const FRAME: f32 = 0.32;
/// Paper lighter than this takes dark ink (parts of 255).
const LIGHT_PAPER: u32 = 165;

impl Canvas {
    /// Paper of the brand colour, darker towards its foot.
    pub(super) fn new(width: u32, height: u32, Rgb(red, green, blue): Rgb) -> Self {
        let picture = RgbImage::from_fn(width, height, |_, y| {
            let light = 1.0 - (1.0 - SHADE) * y as f32 / height as f32;
            Pixel([red, green, blue].map(|part| (f32::from(part) * light).round() as u8))
        });
        let luma = (299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue)) / 1_000;
        let ink = if luma > LIGHT_PAPER { [0x22; 3] } else { [0xFF; 3] };
        Self { picture, ink }
    }

    /// A thin frame, `inset` pixels from the edges.
    pub(super) fn frame(&mut self, inset: u32) {
        let (right, bottom) = (self.picture.width() - inset - 1, self.picture.height() - inset - 1);
        for x in inset..=right {
            self.dot(x, inset, FRAME);
            self.dot(x, bottom, FRAME);
        }
        for y in inset + 1..bottom {
            self.dot(inset, y, FRAME);
            self.dot(right, y, FRAME);
        }
    }

    /// A short line in the middle, from `top` on.
    pub(super) fn rule(&mut self, (width, height): (f32, f32), top: f32) {
        let left = (self.picture.width() as f32 - width) / 2.0;
        for y in 0..height as u32 {
            for x in 0..width as u32 {
                self.dot(left as u32 + x, top as u32 + y, 0.85);
            }
        }
    }

    /// A line of text in the middle, its square of `size` pixels from `top` on.
    pub(super) fn line(&mut self, text: &str, size: f32, top: f32, fonts: &Fonts) {
        let pens = fonts.pens();
        let extent = pens.extent();
        // What rises and falls is put into the middle of the square, as the line is of the page.
        let baseline = top + size * (1.0 + extent.end + extent.start) / 2.0;
        let width: f32 = text.chars().map(|c| pens.advance(c) * size).sum();
        let mut x = (self.picture.width() as f32 - width) / 2.0;
        for c in text.chars() {
            if let Some((font, id)) = pens.glyph(c) {
                // `PxScale` measures the height of the face, not of its square.
                let em = font.units_per_em().unwrap_or(1_000.0);
                let scale = PxScale::from(size * font.height_unscaled() / em);
                let glyph: Glyph = id.with_scale_and_position(scale, point(x, baseline));
                if let Some(outlined) = font.as_scaled(scale).outline_glyph(glyph) {
                    let bounds = outlined.px_bounds();
                    let (left, upper) = (bounds.min.x as i64, bounds.min.y as i64);
                    outlined.draw(|dx, dy, strength| {
                        let x = u32::try_from(left + i64::from(dx));
                        let y = u32::try_from(upper + i64::from(dy));
                        if let (Ok(x), Ok(y)) = (x, y) {
                            self.dot(x, y, strength);
                        }
                    });
                }
            }
            x += pens.advance(c) * size;
        }
    }

    /// Ink over one pixel, `strength` from nought to one.
    fn dot(&mut self, x: u32, y: u32, strength: f32) {
        let Some(pixel) = self.picture.get_pixel_mut_checked(x, y) else { return };
        let strength = strength.clamp(0.0, 1.0);
        for (part, ink) in pixel.0.iter_mut().zip(self.ink) {
            let mixed = f32::from(*part) * (1.0 - strength) + f32::from(ink) * strength;
            *part = mixed.round() as u8;
        }
    }

    /// The finished picture.
    pub(super) fn into_picture(self) -> RgbImage {
        self.picture
    }
}
