//! Values beside names as bars, one above the other; a bar may hold a second, shorter one.

use std::fmt::Write as _;

use super::{Chart, NAME_LETTERS, WIDTH, fitting, round_up};
use crate::report::paper::Table;

const ROW: u32 = 44;
/// Bars that one chart shows.
const MOST: usize = 24;
const NAME: f64 = 250.0;

/// One row.
#[derive(Debug)]
pub(in crate::report) struct Bar {
    pub(in crate::report) name: String,
    pub(in crate::report) value: f64,
    /// A part of the value.
    pub(in crate::report) inner: Option<f64>,
    /// What stands after it.
    pub(in crate::report) label: String,
}

/// Bars in the order given; the first ones, if there are many.
pub(in crate::report) fn bars(
    id: &str,
    title: &'static str,
    description: String,
    bars: &[Bar],
    legend: Vec<(&'static str, &'static str)>,
    table: Table,
) -> Chart {
    let shown: Vec<&Bar> = bars.iter().take(MOST).collect();
    let most = round_up(shown.iter().map(|bar| bar.value).fold(0.0, f64::max));
    let room = f64::from(WIDTH) - NAME - 130.0;
    let mut drawing = String::new();
    let mut y = 0;
    for bar in &shown {
        let width = bar.value.max(0.0) / most * room;
        let middle = y + 29;
        let _ = write!(
            drawing,
            "<text x=\"{}\" y=\"{middle}\" class=\"end\">{}</text><rect class=\"s1\" x=\"{NAME}\" y=\"{}\" width=\"{width:.0}\" height=\"28\"/>",
            NAME - 12.0,
            fitting(&bar.name, NAME_LETTERS),
            y + 8,
        );
        if let Some(inner) = bar.inner {
            let width = inner.max(0.0) / most * room;
            let _ = write!(
                drawing,
                "<rect class=\"s2\" x=\"{NAME}\" y=\"{}\" width=\"{width:.0}\" height=\"12\"/>",
                y + 16
            );
        }
        let _ = write!(
            drawing,
            "<text x=\"{:.0}\" y=\"{middle}\">{}</text>",
            NAME + width + 10.0,
            bar.label
        );
        y += ROW;
    }
    Chart {
        id: id.to_owned(),
        title,
        description,
        height: y.max(ROW),
        drawing,
        legend,
        table,
    }
}
