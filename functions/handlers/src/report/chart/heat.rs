//! Shares in rows and columns as cells, the darker the more. Cells of one shade are one path, so that many take little.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Chart, NAME_LETTERS, WIDTH, fitting};
use crate::report::paper::Table;

const NAME: u32 = 250;
const CELL: u32 = 40;
/// Rows and columns that one chart shows.
const MOST: usize = 24;
/// Shades from none to all.
const SHADES: f64 = 8.0;

/// Rows of shares, 0–1, of any lengths, where one is known; `columns` names the columns.
pub(in crate::report) fn heat(
    id: &str,
    title: &'static str,
    description: String,
    columns: &[String],
    rows: &[(String, Vec<Option<f64>>)],
    table: Table,
) -> Chart {
    let columns = columns.get(..MOST.min(columns.len())).unwrap_or_default();
    let rows = rows
        .get(rows.len().saturating_sub(MOST)..)
        .unwrap_or_default();
    let count = u32::try_from(columns.len().max(1)).unwrap_or(1);
    let width = (WIDTH - NAME - 10) / count;
    let mut shades: BTreeMap<u8, String> = BTreeMap::new();
    let mut drawing = String::new();
    for (x, name) in (0_u32..).zip(columns) {
        // As many names as there is room for.
        if count <= 12 || x.is_multiple_of(3) {
            let _ = write!(
                drawing,
                "<text x=\"{}\" y=\"24\" class=\"mid\">{name}</text>",
                NAME + x * width + width / 2
            );
        }
    }
    let mut top = 36;
    for (name, shares) in rows {
        let _ = write!(
            drawing,
            "<text x=\"{}\" y=\"{}\" class=\"end\">{}</text>",
            NAME - 12,
            top + 28,
            fitting(name, NAME_LETTERS)
        );
        for (x, share) in (0_u32..).zip(shares.iter().take(columns.len())) {
            let Some(share) = share else { continue };
            let path = shades.entry(shade(*share)).or_default();
            let _ = write!(
                path,
                "M{} {top}h{}v{}h-{}z",
                NAME + x * width,
                width - 3,
                CELL - 3,
                width - 3
            );
        }
        top += CELL;
    }
    for (shade, path) in shades {
        let _ = write!(drawing, "<path class=\"h{shade}\" d=\"{path}\"/>");
    }
    Chart {
        id: id.to_owned(),
        title,
        description,
        height: top,
        drawing,
        legend: Vec::new(),
        table,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 8"
)]
fn shade(share: f64) -> u8 {
    (share.clamp(0.0, 1.0) * SHADES).floor() as u8
}
