//! What was added and taken away month by month, above and below a line.

use std::fmt::Write as _;

use super::{Chart, WIDTH, round_up};
use crate::report::paper::Table;

const LEFT: f64 = 110.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 320.0;
const HEIGHT: u32 = 370;

/// One column.
#[derive(Debug)]
pub(in crate::report) struct Stack {
    pub(in crate::report) name: String,
    /// Added, from the line up, each with its class.
    pub(in crate::report) up: [(&'static str, f64); 2],
    /// Taken away, from the line down.
    pub(in crate::report) down: [(&'static str, f64); 2],
}

/// Columns in the order given; `label` writes a value of the axis.
pub(in crate::report) fn stacked(
    id: &str,
    title: &'static str,
    description: String,
    stacks: &[Stack],
    label: impl Fn(f64) -> String,
    legend: Vec<(&'static str, &'static str)>,
    table: Table,
) -> Chart {
    let sum = |parts: &[(&str, f64); 2]| parts.iter().map(|(_, value)| value).sum::<f64>();
    let up = round_up(
        stacks
            .iter()
            .map(|stack| sum(&stack.up))
            .fold(0.0, f64::max),
    );
    let lowest = stacks
        .iter()
        .map(|stack| sum(&stack.down))
        .fold(0.0, f64::max);
    let down = if lowest > 0.0 { round_up(lowest) } else { 0.0 };
    let scale = (BOTTOM - TOP) / (up + down);
    let line = TOP + up * scale;
    let right = f64::from(WIDTH) - 10.0;
    let mut drawing = String::new();
    for (y, value) in [(TOP, up), (line, 0.0), (BOTTOM, -down)] {
        if value == 0.0 && y > line {
            continue;
        }
        let _ = write!(
            drawing,
            "<path class=\"grid\" d=\"M{LEFT} {y:.0}H{right}\"/><text x=\"{}\" y=\"{:.0}\" class=\"end\">{}</text>",
            LEFT - 10.0,
            y + 8.0,
            label(value)
        );
    }
    let step = (right - LEFT) / stacks.len().max(1) as f64;
    for (at, stack) in stacks.iter().enumerate() {
        let x = LEFT + at as f64 * step + step * 0.15;
        let width = step * 0.7;
        let mut rect = |class: &str, y: f64, height: f64| {
            if height > 0.0 {
                let _ = write!(
                    drawing,
                    "<rect class=\"{class}\" x=\"{x:.0}\" y=\"{y:.1}\" width=\"{width:.0}\" height=\"{height:.1}\"/>"
                );
            }
        };
        let mut y = line;
        for (class, value) in stack.up {
            y -= value * scale;
            rect(class, y, value * scale);
        }
        let mut y = line;
        for (class, value) in stack.down {
            rect(class, y, value * scale);
            y += value * scale;
        }
        if at % 2 == 0 || stacks.len() <= 6 {
            let _ = write!(
                drawing,
                "<text x=\"{:.0}\" y=\"{}\" class=\"mid\">{}</text>",
                x + width / 2.0,
                BOTTOM + 38.0,
                stack.name
            );
        }
    }
    Chart {
        id: id.to_owned(),
        title,
        description,
        height: HEIGHT,
        drawing,
        legend,
        table,
    }
}
