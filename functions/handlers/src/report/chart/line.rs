//! Values over time as lines.

use std::fmt::Write as _;

use super::{Chart, WIDTH, round_up};
use crate::report::paper::Table;

const LEFT: f64 = 70.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 270.0;
const HEIGHT: u32 = 320;
/// More points than a drawing this size can show are averaged.
const POINTS: usize = 184;

/// One line.
#[derive(Debug)]
pub(in crate::report) struct Series {
    pub(in crate::report) class: &'static str,
    pub(in crate::report) name: &'static str,
    pub(in crate::report) values: Vec<f64>,
}

/// Lines over the same points; `ends` names the first and the last of these.
pub(in crate::report) fn line(
    id: &str,
    title: &'static str,
    description: String,
    ends: (String, String),
    series: &[Series],
    table: Table,
) -> Chart {
    let top = series
        .iter()
        .flat_map(|series| &series.values)
        .copied()
        .fold(0.0, f64::max);
    let most = round_up(top);
    let right = f64::from(WIDTH) - 10.0;
    let mut drawing = String::new();
    for part in 0..=2 {
        let share = f64::from(part) / 2.0;
        let y = BOTTOM - share * (BOTTOM - TOP);
        let _ = write!(
            drawing,
            "<path class=\"grid\" d=\"M{LEFT} {y}H{right}\"/><text x=\"{}\" y=\"{}\" class=\"end\">{}</text>",
            LEFT - 10.0,
            y + 8.0,
            label(most * share)
        );
    }
    for Series { class, values, .. } in series {
        let values = thinned(values);
        let step = (right - LEFT) / (values.len().max(2) - 1) as f64;
        let mut path = String::new();
        for (at, value) in values.iter().enumerate() {
            let (x, y) = (
                LEFT + at as f64 * step,
                BOTTOM - value / most * (BOTTOM - TOP),
            );
            let _ = write!(path, "{}{x:.0} {y:.0}", if at == 0 { "M" } else { "L" });
        }
        let _ = write!(drawing, "<path class=\"line {class}\" d=\"{path}\"/>");
    }
    let y = BOTTOM + 36.0;
    let _ = write!(
        drawing,
        "<text x=\"{LEFT}\" y=\"{y}\">{}</text><text x=\"{right}\" y=\"{y}\" class=\"end\">{}</text>",
        ends.0, ends.1
    );
    Chart {
        id: id.to_owned(),
        title,
        description,
        height: HEIGHT,
        drawing,
        legend: series
            .iter()
            .map(|series| (series.class, series.name))
            .collect(),
        table,
    }
}

fn label(value: f64) -> String {
    if value >= 1000.0 {
        format!("{}k", value / 1000.0)
    } else {
        format!("{value}")
    }
}

/// At most as many points as can be seen, each the mean of those that it stands for.
fn thinned(values: &[f64]) -> Vec<f64> {
    let many = values.len().div_ceil(POINTS).max(1);
    values
        .chunks(many)
        .map(|chunk| chunk.iter().sum::<f64>() / chunk.len() as f64)
        .collect()
}
