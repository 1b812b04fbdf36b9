//! Colours as CSS writes them, and as light: perceived brightness, hue, lightness.

use std::fmt;
use std::str::FromStr;

/// A colour of CSS.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colour {
    /// 0 to 255.
    pub red: u8,
    /// 0 to 255.
    pub green: u8,
    /// 0 to 255.
    pub blue: u8,
    /// 0 (not there) to 1 (opaque).
    pub alpha: f32,
}

/// The names that occur in articles; others are no colours here.
const NAMES: [(&str, u32); 20] = [
    ("black", 0x00_0000),
    ("white", 0xff_ffff),
    ("gray", 0x80_8080),
    ("grey", 0x80_8080),
    ("darkgray", 0xa9_a9a9),
    ("dimgray", 0x69_6969),
    ("lightgray", 0xd3_d3d3),
    ("lightgrey", 0xd3_d3d3),
    ("silver", 0xc0_c0c0),
    ("whitesmoke", 0xf5_f5f5),
    ("red", 0xff_0000),
    ("darkred", 0x8b_0000),
    ("crimson", 0xdc_143c),
    ("orange", 0xff_a500),
    ("gold", 0xff_d700),
    ("yellow", 0xff_ff00),
    ("green", 0x00_8000),
    ("blue", 0x00_00ff),
    ("navy", 0x00_0080),
    ("windowtext", 0x00_0000),
];

impl Colour {
    /// A grey without transparency.
    pub const fn grey(value: u8) -> Self {
        Self::opaque(value, value, value)
    }

    /// A colour without transparency.
    pub const fn opaque(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue, alpha: 1.0 }
    }

    /// What is seen where it lies over `below`.
    pub fn over(self, below: Self) -> Self {
        let alpha = self.alpha + below.alpha * (1.0 - self.alpha);
        if alpha <= 0.0 {
            return Self { alpha: 0.0, ..self };
        }
        let mix = |front: u8, back: u8| {
            let back = f32::from(back) * below.alpha * (1.0 - self.alpha);
            whole(f64::from((f32::from(front) * self.alpha + back) / alpha))
        };
        Self {
            red: mix(self.red, below.red),
            green: mix(self.green, below.green),
            blue: mix(self.blue, below.blue),
            alpha,
        }
    }

    /// The contrast of two opaque colours, 1 to 21 (WCAG 2.2).
    pub(super) fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let part = f64::from(channel) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// Perceived brightness, 0 to 255.
    pub(super) fn brightness(self) -> f64 {
        Light::from(self).brightness()
    }

    /// True for all but greys.
    pub(super) fn is_coloured(self) -> bool {
        self.red != self.green || self.green != self.blue
    }
}

impl FromStr for Colour {
    type Err = ();

    /// Reads `#b01318`, `#fff`, `rgb(…)`, `rgba(…)`, `hsl(…)`, `transparent` and a few names.
    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.trim();
        let name = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        if let Some((_, code)) = name {
            let [_, red, green, blue] = code.to_be_bytes();
            return Ok(Self::opaque(red, green, blue));
        }
        // The parser takes bare digits for a colour, CSS does not.
        if !text.starts_with(|first: char| first == '#' || first.is_ascii_alphabetic()) {
            return Err(());
        }
        let parsed = csscolorparser::parse(text).map_err(|_| ())?;
        let [red, green, blue, _] = parsed.to_rgba8();
        Ok(Self { red, green, blue, alpha: parsed.a.clamp(0.0, 1.0) })
    }
}

impl fmt::Display for Colour {
    /// `#b01318`, or `rgba(51,51,51,0.15)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { red, green, blue, alpha } = self;
        if *alpha >= 1.0 {
            write!(f, "#{red:02x}{green:02x}{blue:02x}")
        } else {
            write!(f, "rgba({red},{green},{blue},{alpha})")
        }
    }
}

/// A colour without alpha, not rounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Light {
    red: f64,
    green: f64,
    blue: f64,
}

impl From<Colour> for Light {
    fn from(colour: Colour) -> Self {
        Self {
            red: f64::from(colour.red),
            green: f64::from(colour.green),
            blue: f64::from(colour.blue),
        }
    }
}

impl Light {
    /// Perceived brightness, 0 to 255: the grey value that it has to the eye.
    pub(super) fn brightness(self) -> f64 {
        (299.0 * self.red + 587.0 * self.green + 114.0 * self.blue) / 1000.0
    }

    /// The same hue with another perceived brightness: channels are multiplied, and what is
    /// missing where one of them is at its end is made good by another.
    pub(super) fn scaled(self, brightness: f64) -> Self {
        let own = self.brightness();
        let factor = brightness / if own == 0.0 { 1.0 } else { own };
        let [mut red, mut green, mut blue] =
            [self.red, self.green, self.blue].map(|channel| (channel * factor).min(255.0));
        let target = brightness * 1000.0;
        if green == 0.0 || red == 255.0 || blue == 255.0 {
            green = (target - red * 299.0 - blue * 114.0) / 587.0;
        } else if red == 0.0 {
            red = (target - green * 587.0 - blue * 114.0) / 299.0;
        } else if blue == 0.0 || green == 255.0 {
            blue = (target - red * 299.0 - green * 587.0) / 114.0;
        }
        Self { red, green, blue }
    }

    /// The colour that, with `alpha` over `below`, is seen as this.
    pub(super) fn in_front_of(self, below: Colour, alpha: f32) -> Colour {
        let below = Self::from(below);
        let part = (1.0 - f64::from(alpha)) / f64::from(alpha);
        let channel = |seen: f64, below: f64| whole(seen + part * (seen - below));
        Colour {
            red: channel(self.red, below.red),
            green: channel(self.green, below.green),
            blue: channel(self.blue, below.blue),
            alpha,
        }
    }

    pub(super) fn hsl(self) -> Hsl {
        let [red, green, blue] = [self.red, self.green, self.blue].map(|channel| channel / 255.0);
        let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
        let (sum, span) = (most + least, most - least);
        let lightness = sum * 50.0;
        if span <= 0.0 {
            return Hsl { hue: 0.0, saturation: 0.0, lightness };
        }
        let sector = if most == red {
            ((green - blue) / span).rem_euclid(6.0)
        } else if most == green {
            (blue - red) / span + 2.0
        } else {
            (red - green) / span + 4.0
        };
        let saturation = span / if sum <= 1.0 { sum } else { 2.0 - sum } * 100.0;
        Hsl { hue: sector * 60.0, saturation, lightness }
    }
}

/// Hue in degrees, saturation and lightness in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hsl {
    pub(super) hue: f64,
    pub(super) saturation: f64,
    pub(super) lightness: f64,
}

impl Hsl {
    pub(super) fn light(self) -> Light {
        let (saturation, lightness) = (self.saturation / 100.0, self.lightness / 100.0);
        let reach = saturation * lightness.min(1.0 - lightness);
        let channel = |offset: f64| {
            let turn = (offset + self.hue / 30.0).rem_euclid(12.0);
            255.0 * (lightness - reach * (turn - 3.0).min(9.0 - turn).clamp(-1.0, 1.0))
        };
        Light { red: channel(0.0), green: channel(8.0), blue: channel(4.0) }
    }
}

/// The nearest value that a channel can have.
fn whole(channel: f64) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is within 0 and 255"
    )]
    {
        channel.round().clamp(0.0, 255.0) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_in_all_their_spellings() {
        for (text, shown) in [
            ("#fff", "#ffffff"),
            ("#B01318", "#b01318"),
            (" rgb(176, 19, 24) ", "#b01318"),
            ("RGBA(51,51,51,.15)", "rgba(51,51,51,0.15)"),
            ("White", "#ffffff"),
            ("transparent", "rgba(0,0,0,0)"),
            ("hsl(0,100%,50%)", "#ff0000"),
        ] {
            assert_eq!(text.parse::<Colour>().unwrap().to_string(), shown, "{text}");
        }
        for wrong in ["", "solid", "123", "1px", "#12", "#ggg", "rgb(", "rgb(1,2)", "中文"] {
            assert!(wrong.parse::<Colour>().is_err(), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn hue_and_back(red: u8, green: u8, blue: u8) {
            let colour = Colour::opaque(red, green, blue);
            let back = Light::from(colour).hsl().light().in_front_of(colour, 1.0);
            proptest::prop_assert_eq!(back, colour);
        }
    }
}
