//! CSS for highlighted code, made from two bundled colour themes.
//!
//! A theme's colours are moved away from our code background until each has a contrast of at least 4.5 : 1
//! (WCAG 2.2, success criterion 1.4.3); a test computes it from the finished CSS.

use std::{fmt::Write as _, sync::OnceLock};

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

/// The style sheet for `.code`: light by default, dark below `:root[data-theme="dark"]` and, where the reader's
/// system asks for it, below `:root:not([data-theme="light"])`. It is always the same, and made once.
#[must_use]
pub fn stylesheet() -> &'static str {
    static CSS: OnceLock<String> = OnceLock::new();
    CSS.get_or_init(write)
}

fn write() -> String {
    let themes = two_face::theme::extra();
    let light = rules(themes.get(EmbeddedThemeName::Github), &LIGHT);
    let dark = rules(themes.get(EmbeddedThemeName::OneHalfDark), &DARK);
    let mut css = String::new();
    write_rules(&mut css, "", &light);
    write_rules(&mut css, ":root[data-theme=\"dark\"] ", &dark);
    css.push_str("@media (prefers-color-scheme: dark) {\n");
    write_rules(&mut css, ":root:not([data-theme=\"light\"]) ", &dark);
    css.push_str("}\n");
    css
}

#[derive(Clone, Copy, PartialEq, Debug)]
struct Rgb(u8, u8, u8);

/// A selector below `.code` and its declarations.
struct Rule {
    selector: String,
    declarations: String,
}

fn write_rules(css: &mut String, root: &str, rules: &[Rule]) {
    for rule in rules {
        // Writing to a String cannot fail.
        let _ = writeln!(
            css,
            "{root}.code {} {{ {} }}",
            rule.selector, rule.declarations
        );
    }
}

fn rules(theme: &Theme, backgrounds: &Backgrounds) -> Vec<Rule> {
    let highlighter = Highlighter::new(theme);
    let plain = legible(highlighter.get_default().foreground, backgrounds);
    let mut rules = vec![Rule {
        selector: "pre".to_owned(),
        declarations: format!(
            "background: {}; color: {}",
            hex(backgrounds.code),
            hex(plain)
        ),
    }];
    rules.extend(backgrounds.lines.iter().map(|(tag, background)| Rule {
        selector: (*tag).to_owned(),
        declarations: format!("background: {}", hex(*background)),
    }));
    for class in CLASSES {
        let Some(scope) = class
            .scopes
            .first()
            .and_then(|scope| Scope::new(scope).ok())
        else {
            continue;
        };
        let style = highlighter.style_for_stack(&[scope]);
        let mut declarations = format!("color: {}", hex(legible(style.foreground, backgrounds)));
        if style.font_style.contains(FontStyle::ITALIC) {
            declarations.push_str("; font-style: italic");
        }
        rules.push(Rule {
            selector: format!(".{}", class.name),
            declarations,
        });
    }
    rules
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

    fn color_after(declaration: &str, line: &str) -> Option<Rgb> {
        let at = line.find(declaration)? + declaration.len();
        let hex = line[at..].trim().strip_prefix('#')?;
        let channel = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        Some(Rgb(channel(0), channel(2), channel(4)))
    }

    #[test]
    fn every_colour_of_the_finished_css_is_legible_on_its_background() {
        let css = stylesheet();
        let mut backgrounds = Vec::new();
        let mut checked = 0;
        for line in css.lines() {
            // A block begins with its own background; those of its lines follow.
            if line.contains(" pre {") {
                backgrounds.clear();
            }
            backgrounds.extend(color_after("background:", line));
            let Some(color) = color_after(" color:", line) else {
                continue;
            };
            for background in &backgrounds {
                let ratio = contrast(color, *background);
                assert!(ratio >= 4.5, "{ratio:.2} in {line}");
                checked += 1;
            }
        }
        assert_eq!(checked, 3 * (4 * CLASSES.len() + 1));
    }

    #[test]
    fn contrast_follows_wcag() {
        assert!((contrast(Rgb(0, 0, 0), Rgb(255, 255, 255)) - 21.0).abs() < 1e-9);
        assert!((contrast(Rgb(0x77, 0x77, 0x77), Rgb(255, 255, 255)) - 4.48).abs() < 0.01);
    }

    #[test]
    fn keywords_strings_and_comments_differ() {
        let css = stylesheet();
        for root in ["", ":root[data-theme=\"dark\"] "] {
            let color = |class: &str| {
                let start = format!("{root}.code .{class} {{");
                color_after(
                    " color:",
                    css.lines().find(|line| line.starts_with(&start)).unwrap(),
                )
                .unwrap()
            };
            let colors = [color("k"), color("s"), color("c"), color("n"), color("f")];
            let distinct = (0..5).all(|a| (0..a).all(|b| colors[a] != colors[b]));
            assert!(distinct, "{root:?} {colors:?}");
        }
    }
}
