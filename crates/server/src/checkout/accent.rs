//! A shop's one colour, made readable: WCAG 2.2 contrast in light and in dark.

/// Text on the accent.
const TEXT_CONTRAST_MIN: f64 = 4.5;
/// The accent, as frame or button, on the page.
const SHAPE_CONTRAST_MIN: f64 = 3.0;
const LIGHT_GROUND: Colour = Colour(255, 255, 255);
const DARK_GROUND: Colour = Colour(24, 27, 33);
const WHITE: Colour = Colour(255, 255, 255);
const INK: Colour = Colour(11, 16, 32);
/// A colour that does not stand out is moved towards black or white in steps of 5 %.
const STEPS_MAX: u32 = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour(u8, u8, u8);

impl Colour {
    /// Six hex digits, with or without `#`.
    pub fn parse(text: &str) -> Option<Colour> {
        let hex = text.strip_prefix('#').unwrap_or(text);
        if hex.len() != 6 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let part = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).ok();
        Some(Colour(part(0)?, part(2)?, part(4)?))
    }

    pub fn hex(self) -> String {
        format!("{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    fn contrast(self, other: Colour) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    fn towards(self, goal: Colour, step: u32) -> Colour {
        let mix = |from: u8, to: u8| {
            let share = f64::from(step) / f64::from(STEPS_MAX);
            (f64::from(from) + (f64::from(to) - f64::from(from)) * share).round() as u8
        };
        Colour(mix(self.0, goal.0), mix(self.1, goal.1), mix(self.2, goal.2))
    }

    /// The nearest to the shop's colour that stands out on `ground` and carries text, and that text's colour.
    fn readable(self, ground: Colour, goal: Colour) -> (Colour, Colour) {
        for step in 0..=STEPS_MAX {
            let shade = self.towards(goal, step);
            let text = [WHITE, INK]
                .into_iter()
                .find(|text| shade.contrast(*text) >= TEXT_CONTRAST_MIN);
            if let (true, Some(text)) = (shade.contrast(ground) >= SHAPE_CONTRAST_MIN, text) {
                return (shade, text);
            }
        }
        (goal, if goal == WHITE { INK } else { WHITE })
    }

    /// The style sheet that makes it the page's accent.
    pub fn style(self) -> String {
        let (light, on_light) = self.readable(LIGHT_GROUND, Colour(0, 0, 0));
        let (dark, on_dark) = self.readable(DARK_GROUND, WHITE);
        format!(
            ":root{{--accent:#{};--on-accent:#{}}}@media (prefers-color-scheme:dark){{:root{{--accent:#{};--on-accent:#{}}}}}",
            light.hex(),
            on_light.hex(),
            dark.hex(),
            on_dark.hex()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_becomes_readable() {
        let levels = [0, 51, 102, 128, 153, 204, 255];
        for red in levels {
            for green in levels {
                for blue in levels {
                    let colour = Colour(red, green, blue);
                    for (ground, goal) in [(LIGHT_GROUND, Colour(0, 0, 0)), (DARK_GROUND, WHITE)] {
                        let (shade, text) = colour.readable(ground, goal);
                        assert!(shade.contrast(text) >= TEXT_CONTRAST_MIN, "{colour:?} {shade:?}");
                        assert!(shade.contrast(ground) >= SHAPE_CONTRAST_MIN, "{colour:?} {shade:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_colour_that_is_fine_stays_as_it_is() {
        let blue = Colour::parse("#2457d6").unwrap();
        assert_eq!(blue.readable(LIGHT_GROUND, Colour(0, 0, 0)), (blue, WHITE));
    }

    #[test]
    fn only_six_hex_digits_are_a_colour() {
        assert_eq!(Colour::parse("2457D6").map(Colour::hex).as_deref(), Some("2457d6"));
        for wrong in ["", "#fff", "red", "#12345g", "#1234567", "가나"] {
            assert_eq!(Colour::parse(wrong), None, "{wrong}");
        }
    }
}
