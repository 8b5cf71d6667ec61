//! Charts as SVG: no script, at most 8 KB each, with a title and a description for who can't see them. Colours are
//! classes, which the page's style gives a light and a dark form.

mod bars;
mod heat;
mod line;
mod stacked;

pub(super) use bars::{Bar, bars};
pub(super) use heat::heat;
pub(super) use line::{Series, line};
pub(super) use stacked::{Stack, stacked};

use tuition_domain::mail::escape;

use super::paper::Table;

/// Units of a chart's width; a phone shows about half as many pixels.
const WIDTH: u32 = 800;

/// Latin letters of a name that have room beside a row.
const NAME_LETTERS: usize = 16;

/// A drawing with everything that belongs to it.
#[derive(Debug, Clone)]
pub(super) struct Chart {
    /// Unique on the page.
    pub(super) id: String,
    pub(super) title: &'static str,
    /// What one sees, in a sentence.
    pub(super) description: String,
    /// Units of its height.
    height: u32,
    drawing: String,
    /// Classes and what they stand for.
    pub(super) legend: Vec<(&'static str, &'static str)>,
    /// The same as numbers.
    pub(super) table: Table,
}

impl Chart {
    pub(super) fn svg(&self) -> String {
        let Self {
            id,
            title,
            height,
            drawing,
            ..
        } = self;
        format!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{title}</title><desc id=\"{id}-d\">{}</desc>{drawing}</svg>",
            escape(&self.description)
        )
    }
}

/// The round number above a value: 1, 2 or 5 times a power of ten.
fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0]
        .into_iter()
        .map(|step| step * power)
        .find(|step| *step >= value - 1e-9)
        .unwrap_or(value)
}

/// A text that fits: cut by characters, with an ellipsis. Chinese characters are twice as wide.
fn fitting(text: &str, width: usize) -> String {
    let wide = |c: char| if c.is_ascii() { 1 } else { 2 };
    if text.chars().map(wide).sum::<usize>() <= width {
        return escape(text);
    }
    let mut used = 1;
    let kept: String = text
        .chars()
        .take_while(|c| {
            used += wide(*c);
            used <= width
        })
        .collect();
    format!("{}…", escape(kept.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_on_a_round_number() {
        assert_eq!(
            [0.0, 1.0, 1.1, 17.0, 51.0, 100.0, 0.2].map(round_up),
            [1.0, 1.0, 1.5, 20.0, 60.0, 100.0, 0.2]
        );
    }

    #[test]
    fn a_long_name_is_cut_by_its_width() {
        assert_eq!(fitting("Traits", 10), "Traits");
        assert_eq!(fitting("What is ownership?", 10), "What is o…");
        assert_eq!(fitting("所有权是什么", 8), "所有权…");
        assert_eq!(fitting("<b>", 10), "&lt;b&gt;");
    }
}
