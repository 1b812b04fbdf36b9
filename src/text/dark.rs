//! What the dark mode of WeChat makes of colours, as far as a preview and a check need it.
//!
//! The platform converts articles by an algorithm that it has published (mp-darkmode): backgrounds
//! by themselves, text and borders by how far their perceived brightness is from what they stand
//! on. In: colours, or HTML with inline styles only; out: the same as readers see it at night, and
//! [`Trap`]s that make it ugly. Pictures stay as they are.

mod colour;
mod lint;
mod page;
mod style;

pub use colour::Colour;
pub use lint::{Trap, TrapKind, traps};
pub use page::dark_html;

use colour::{Hsl, Light};

/// The page at night.
pub const PAGE: Colour = Colour::grey(0x19);
/// Text at night that has no colour of its own.
pub const TEXT: Colour = Colour::grey(0xa3);
/// The page by day.
pub const DAY_PAGE: Colour = Colour::grey(0xff);
/// Text by day that has no colour of its own.
pub const DAY_TEXT: Colour = Colour::grey(0x19);

/// Perceived brightness from which a colour counts as white.
const WHITE: f64 = 250.0;
/// Brightness that coloured backgrounds have at most.
const BRIGHTEST_BACKGROUND: f64 = 190.0;
/// Brightness from which a background is a bright one.
const BRIGHT_BACKGROUND: f64 = 100.0;
/// Text that is so far from its background can be read.
const NEAREST: f64 = 65.0;
/// Text is no farther from the page than its default text: 163 − 25.
const FARTHEST: f64 = 138.0;
/// The page and what is hardly brighter.
const DARKEST: f64 = 27.0;
/// HSL lightness of the page, in percent.
const PAGE_LIGHTNESS: f64 = 9.8;
/// Colours with less alpha are left alone.
const FAINT: f32 = 0.05;

/// What becomes of a background (or the shadow of text) that lies on the page.
pub fn background(colour: Colour) -> Colour {
    background_on(colour, PAGE)
}

/// What becomes of a background on another, which is converted already.
pub(crate) fn background_on(colour: Colour, below: Colour) -> Colour {
    if colour.alpha < FAINT {
        return colour;
    }
    let mixed = Light::from(colour.over(below));
    let Hsl { hue, saturation, lightness } = mixed.hsl();
    let brightness = mixed.brightness();
    let converted = if (saturation == 0.0 && lightness > 40.0) || brightness > WHITE {
        let lightness = (100.0 + PAGE_LIGHTNESS - lightness).min(100.0);
        Hsl { hue: 0.0, saturation: 0.0, lightness }.light()
    } else if brightness > BRIGHTEST_BACKGROUND {
        mixed.scaled(BRIGHTEST_BACKGROUND)
    } else if lightness < 22.0 {
        Hsl { hue, saturation, lightness: 22.0 }.light()
    } else {
        return if colour.alpha < 1.0 { mixed.in_front_of(below, colour.alpha) } else { colour };
    };
    converted.in_front_of(below, colour.alpha)
}

/// What becomes of text on `background`, which is converted already; of a border, the platform
/// thinks that it stands on [`PAGE`].
pub fn ink(colour: Colour, background: Colour) -> Colour {
    if colour.alpha < FAINT {
        return colour;
    }
    let below = Light::from(background).brightness();
    let mut light = Light::from(colour.over(background));
    // Lightness is turned over once or twice at most; then the brightness is set.
    for turned in [false, true, true] {
        let brightness = light.brightness();
        let distance = (below - brightness).abs();
        if brightness >= WHITE || (distance >= NEAREST && !is_glaring(distance, below)) {
            return if turned { light.in_front_of(background, colour.alpha) } else { colour };
        }
        if is_glaring(distance, below) {
            return light.scaled(FARTHEST + below).in_front_of(background, colour.alpha);
        }
        let Hsl { hue, saturation, lightness } = light.hsl();
        let turns = if below >= BRIGHT_BACKGROUND { lightness > 50.0 } else { lightness <= 40.0 };
        if !turns {
            break;
        }
        light = Hsl { hue, saturation, lightness: 90.0 - lightness }.light();
    }
    let wanted =
        if below >= BRIGHT_BACKGROUND { below - NEAREST } else { below + NEAREST }.min(FARTHEST);
    light.scaled(wanted).in_front_of(background, colour.alpha)
}

fn is_glaring(distance: f64, below: f64) -> bool {
    distance > FARTHEST && below <= DARKEST
}

/// The one colour that a gradient becomes under text: its last, as far as that is opaque.
pub(crate) fn mixed(colours: &[Colour]) -> Option<Colour> {
    colours.iter().copied().reduce(|below, colour| colour.over(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        text.parse().unwrap()
    }

    fn near(got: Colour, wanted: (u8, u8, u8), of: &str) {
        let close = |a: u8, b: u8| a.abs_diff(b) <= 1;
        let same = close(got.red, wanted.0) && close(got.green, wanted.1);
        assert!(same && close(got.blue, wanted.2), "{of}: {got:?}, measured {wanted:?}");
    }

    #[test]
    fn text_becomes_what_was_measured_on_the_platforms_own_build() {
        for (light, dark) in [
            ("#000", (163, 163, 163)),
            ("#010101", (163, 163, 163)),
            ("#333", (163, 163, 163)),
            ("#3f3f3f", (163, 163, 163)),
            ("#888", (0x88, 0x88, 0x88)),
            ("#999", (0x99, 0x99, 0x99)),
            ("#c00000", (255, 21, 13)),
            ("#b01318", (231, 33, 39)),
            ("#0F4C81", (80, 163, 235)),
        ] {
            near(ink(colour(light), PAGE), dark, light);
        }
    }

    #[test]
    fn boxes_become_what_was_measured_on_the_platforms_own_build() {
        for (text, under, dark_text, dark_under) in [
            ("#3f3f3f", "#f7f7f7", (167, 167, 167), (33, 33, 33)),
            ("#333", "#fff", (163, 163, 163), (25, 25, 25)),
            ("#fff", "#c00000", (255, 255, 255), (0xc0, 0, 0)),
            ("#c00000", "#fdf3f3", (0xc0, 0, 0), (195, 188, 188)),
            // Computed by the formulas, not measured.
            ("#888", "#eee", (136, 136, 136), (42, 42, 42)),
            ("#000", "#e8f1fb", (0, 0, 0), (184, 191, 199)),
            ("#000", "#fffbe6", (0, 0, 0), (194, 191, 175)),
        ] {
            let converted = background(colour(under));
            near(converted, dark_under, under);
            near(ink(colour(text), converted), dark_text, &format!("{text} on {under}"));
        }
        let gradient = mixed(&[colour("#c00000"), colour("#7a0c10")]).unwrap();
        near(background(gradient), (122, 12, 16), "a gradient");
    }

    #[test]
    fn a_veil_keeps_its_alpha_and_nothing_faint_is_touched() {
        let veil = ink(colour("rgba(51,51,51,.15)"), PAGE);
        assert!((veil.alpha - 0.15).abs() < 1e-6);
        assert!(veil.over(PAGE).red > PAGE.red + 20, "a line that can be seen: {veil:?}");
        assert_eq!(ink(colour("transparent"), PAGE), colour("transparent"));
        assert_eq!(background(colour("rgba(255,255,255,.01)")), colour("rgba(255,255,255,.01)"));
    }

    proptest::proptest! {
        /// Whatever the colours, text can be told from its background at night; the least distance is
        /// that on a background just below the bright ones: 138 − 100.
        #[test]
        fn text_stays_readable(red: u8, green: u8, blue: u8, r: u8, g: u8, b: u8) {
            let under = background(Colour::opaque(red, green, blue));
            let text = ink(Colour::opaque(r, g, b), under);
            let distance = Light::from(text).brightness() - Light::from(under).brightness();
            let white = Light::from(text).brightness() >= WHITE - 1.0;
            proptest::prop_assert!(white || distance.abs() >= FARTHEST - BRIGHT_BACKGROUND - 2.0, "{text:?} on {under:?}");
        }
    }
}
