//! CSS for highlighted code, made from two bundled colour themes.
//!
//! A theme's colours are moved away from our code background until each has a contrast of at least 4.5 : 1
//! (WCAG 2.2, success criterion 1.4.3); a test computes it from the finished CSS.

use std::{collections::BTreeMap, fmt::Write as _, sync::OnceLock};

use syntect::{
    highlighting::{Color, FontStyle, Highlighter, Theme},
    parsing::Scope,
};
use two_face::theme::EmbeddedThemeName;

use crate::highlight::CLASSES;

/// What code stands on, first the block itself, then lines that are marked, new, gone.
struct Backgrounds {
    code: Rgb,
    lines: [(&'static str, Rgb); 3],
}

const LIGHT: Backgrounds = Backgrounds {
    code: Rgb(0xf6, 0xf7, 0xf9),
    lines: [
        ("mark", Rgb(0xff, 0xf3, 0xc4)),
        ("ins", Rgb(0xdf, 0xf5, 0xe3)),
        ("del", Rgb(0xfd, 0xe4, 0xe1)),
    ],
};
const DARK: Backgrounds = Backgrounds {
    code: Rgb(0x16, 0x1a, 0x22),
    lines: [
        ("mark", Rgb(0x33, 0x2c, 0x12)),
        ("ins", Rgb(0x10, 0x2f, 0x1f)),
        ("del", Rgb(0x3d, 0x1a, 0x1b)),
    ],
};
const CONTRAST: f64 = 4.5;

/// The style sheet for `.code`, and for code in a `.comment`. Each colour is a pair by `light-dark()`, so that `color-scheme` decides, wherever a theme
/// sets it; a browser that doesn't know pairs shows code in one colour. It is always the same, and made once.
#[must_use]
pub fn stylesheet() -> &'static str {
    static CSS: OnceLock<String> = OnceLock::new();
    CSS.get_or_init(write)
}

fn write() -> String {
    let themes = two_face::theme::extra();
    let light = Palette::new(themes.get(EmbeddedThemeName::Github), &LIGHT);
    let dark = Palette::new(themes.get(EmbeddedThemeName::OneHalfDark), &DARK);
    let mut css = format!(
        ".code pre {{ background: {}; color: {} }}\n",
        pair(LIGHT.code, DARK.code),
        pair(light.plain, dark.plain)
    );
    // Writing to a String cannot fail.
    for ((tag, light), (_, dark)) in LIGHT.lines.into_iter().zip(DARK.lines) {
        let _ = writeln!(css, ".code {tag} {{ background: {} }}", pair(light, dark));
    }
    let mut classes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for ((class, light), (_, dark)) in light.classes.into_iter().zip(dark.classes) {
        let style = if light.is_italic {
            "; font-style: italic"
        } else {
            ""
        };
        let declarations = format!("color: {}{style}", pair(light.color, dark.color));
        classes
            .entry(declarations)
            .or_default()
            .push(format!(".code .{class}"));
    }
    for (declarations, selectors) in classes {
        let _ = writeln!(css, "{} {{ {declarations} }}", selectors.join(", "));
    }
    css
}

fn pair(light: Rgb, dark: Rgb) -> String {
    format!("light-dark({}, {})", hex(light), hex(dark))
}

#[derive(Clone, Copy, PartialEq, Debug)]
struct Rgb(u8, u8, u8);

/// What a theme shows code in, made legible.
struct Palette {
    plain: Rgb,
    /// In the order of [`CLASSES`].
    classes: Vec<(&'static str, Style)>,
}

struct Style {
    color: Rgb,
    is_italic: bool,
}

impl Palette {
    fn new(theme: &Theme, backgrounds: &Backgrounds) -> Self {
        let highlighter = Highlighter::new(theme);
        let classes = CLASSES.iter().filter_map(|class| {
            let scope = Scope::new(class.scopes.first()?).ok()?;
            let style = highlighter.style_for_stack(&[scope]);
            let style = Style {
                color: legible(style.foreground, backgrounds),
                is_italic: style.font_style.contains(FontStyle::ITALIC),
            };
            Some((class.name, style))
        });
        Self {
            plain: legible(highlighter.get_default().foreground, backgrounds),
            classes: classes.collect(),
        }
    }
}

/// The colour itself if it is legible on every background, else the nearest one towards black or white that is.
fn legible(color: Color, backgrounds: &Backgrounds) -> Rgb {
    let background = backgrounds.code;
    let from = Rgb(color.r, color.g, color.b);
    let towards = if luminance(background) > 0.5 {
        0_u16
    } else {
        255
    };
    (0..=100_u16)
        .map(|percent| {
            let mix = |channel: u8| {
                ((u16::from(channel) * (100 - percent) + towards * percent) / 100) as u8
            };
            Rgb(mix(from.0), mix(from.1), mix(from.2))
        })
        .find(|mixed| {
            backgrounds
                .lines
                .iter()
                .map(|(_, background)| *background)
                .chain([background])
                .all(|background| contrast(*mixed, background) >= CONTRAST)
        })
        .unwrap_or(from)
}

/// Contrast ratio of WCAG 2.2: (L1 + 0.05) / (L2 + 0.05), 1 to 21.
fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Relative luminance of WCAG 2.2, 0 to 1.
fn luminance(Rgb(r, g, b): Rgb) -> f64 {
    let linear = |channel: u8| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

fn hex(Rgb(r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two colours of a declaration.
    fn pair_after(declaration: &str, line: &str) -> Option<[Rgb; 2]> {
        let at = line.find(declaration)? + declaration.len();
        let pair = line[at..].trim().strip_prefix("light-dark(")?;
        let (pair, _) = pair.split_once(')')?;
        let color = |hex: &str| {
            let hex = hex.trim().strip_prefix('#').unwrap();
            let channel = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
            Rgb(channel(0), channel(2), channel(4))
        };
        let (light, dark) = pair.split_once(',')?;
        Some([color(light), color(dark)])
    }

    #[test]
    fn every_colour_of_the_finished_css_is_legible_on_its_background() {
        let css = stylesheet();
        let backgrounds: Vec<_> = css
            .lines()
            .filter_map(|line| pair_after("background:", line))
            .collect();
        assert_eq!(backgrounds.len(), 4);
        let mut classes = 0;
        for line in css.lines() {
            let Some(color) = pair_after(" color:", line).or_else(|| pair_after("{ color:", line))
            else {
                continue;
            };
            classes += line.matches(".code .").count();
            for background in &backgrounds {
                for (color, background) in color.iter().zip(background) {
                    let ratio = contrast(*color, *background);
                    assert!(ratio >= 4.5, "{ratio:.2} in {line}");
                }
            }
        }
        assert_eq!(classes, CLASSES.len());
    }

    #[test]
    fn contrast_follows_wcag() {
        assert!((contrast(Rgb(0, 0, 0), Rgb(255, 255, 255)) - 21.0).abs() < 1e-9);
        assert!((contrast(Rgb(0x77, 0x77, 0x77), Rgb(255, 255, 255)) - 4.48).abs() < 0.01);
    }

    #[test]
    fn keywords_strings_and_comments_differ() {
        let css = stylesheet();
        let of = |class: &str| {
            let is_of = |line: &&str| {
                let (selectors, _) = line.split_once(" {").unwrap();
                selectors
                    .split(", ")
                    .any(|selector| selector == format!(".code .{class}"))
            };
            pair_after("color:", css.lines().find(is_of).unwrap()).unwrap()
        };
        let colors = [of("k"), of("s"), of("c"), of("n"), of("f")];
        for scheme in 0..2 {
            let distinct = (0..5).all(|a| (0..a).all(|b| colors[a][scheme] != colors[b][scheme]));
            assert!(distinct, "{colors:?}");
        }
    }
}
