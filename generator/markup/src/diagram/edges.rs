//! Short edges that meet a box as they should: from above or below at its top or bottom, from the side at its sides.
//!
//! The drawing program lets a wide edge run along the border it ends at, where its arrowhead is hidden by the box.

use super::svg::{Element, Node};

/// Pixels by which a point may miss a border.
const NEAR: f64 = 1.0;

/// Bends such edges anew.
pub(super) fn bend(nodes: &mut [Node]) {
    let boxes: Vec<Side> = nodes.iter().filter_map(sides).flatten().collect();
    for node in nodes {
        if let Node::Start(element) = node
            && let Some(path) = bent(element, &boxes)
        {
            element.set("d", path);
        }
    }
}

/// A border of a box.
#[derive(Debug, Clone, Copy)]
struct Side {
    is_level: bool,
    /// Height of a level border, else how far right it is.
    at: f64,
    from: f64,
    to: f64,
}

fn sides(node: &Node) -> Option<[Side; 4]> {
    let Node::Start(element) = node else {
        return None;
    };
    let is_box = element.name == "rect" && element.get("stroke") != Some("none");
    let number = |key| element.number(key).filter(|_| is_box);
    let (x, y, width, height) = (
        number("x")?,
        number("y")?,
        number("width")?,
        number("height")?,
    );
    let side = |is_level, at, from, length| Side {
        is_level,
        at,
        from,
        to: from + length,
    };
    Some([
        side(true, y, x, width),
        side(true, y + height, x, width),
        side(false, x, y, height),
        side(false, x + width, y, height),
    ])
}

/// The path of an edge that runs along a border at one of its ends, bent so that it doesn't.
fn bent(element: &Element, sides: &[Side]) -> Option<String> {
    let path = element.get("d").filter(|_| element.name == "path")?;
    // `M a L b C … C … C … L z`: what is drawn for an edge without a stop between.
    let is_short = path.matches('C').count() == 3 && element.get("fill") == Some("none");
    let numbers: Vec<f64> = path
        .split(['M', 'L', 'C', ' ', ','])
        .filter(|number| !number.is_empty())
        .map(|number| number.parse().ok())
        .collect::<Option<_>>()?;
    let [ax, ay, bx, by, .., yx, yy, zx, zy] = numbers.as_slice() else {
        return None;
    };
    let on = |x: f64, y: f64, is_level: bool| {
        sides.iter().any(|side| {
            let (across, along) = if is_level { (y, x) } else { (x, y) };
            side.is_level == is_level
                && (side.at - across).abs() < NEAR
                && (side.from..=side.to).contains(&along)
        })
    };
    let same = |a: &f64, b: &f64| (a - b).abs() < NEAR;
    let starts_level = same(ay, by) && !same(ax, bx);
    let ends_level = same(yy, zy) && !same(yx, zx);
    let starts_upright = same(ax, bx) && !same(ay, by);
    let ends_upright = same(yx, zx) && !same(yy, zy);
    let along_level = (starts_level && on(*ax, *ay, true)) || (ends_level && on(*zx, *zy, true));
    let along_upright =
        (starts_upright && on(*ax, *ay, false)) || (ends_upright && on(*zx, *zy, false));
    let (middle_x, middle_y) = ((ax + zx) / 2.0, (ay + zy) / 2.0);
    match (is_short, along_level, along_upright) {
        (true, true, false) => Some(format!(
            "M{ax} {ay}C{ax} {middle_y} {zx} {middle_y} {zx} {zy}"
        )),
        (true, false, true) => Some(format!(
            "M{ax} {ay}C{middle_x} {ay} {middle_x} {zy} {zx} {zy}"
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::svg::{parse, write};

    fn path(d: &str) -> String {
        let svg = format!(
            "<path d=\"{d}\" fill=\"none\"/><rect x=\"160\" y=\"24\" width=\"96\" height=\"44\" stroke=\"red\"/><rect x=\"24\" y=\"148\" width=\"96\" height=\"44\" stroke=\"red\"/>"
        );
        let mut nodes = parse(&svg).unwrap();
        bend(&mut nodes);
        let svg = write(&nodes);
        svg.split('"').nth(1).unwrap().to_owned()
    }

    #[test]
    fn a_wide_edge_meets_the_top_from_above() {
        assert_eq!(
            path(
                "M184 68L177 68C169 68 155 68 147 81C140 95 140 121 133 135C125 148 111 148 103 148L96 148"
            ),
            "M184 68C184 108 96 108 96 148"
        );
        // At the side of both boxes it is right as it is.
        let level = "M256 50L270 50C280 50 290 50 300 60C310 70 310 80 320 90C330 100 340 100 350 100L360 100";
        assert_eq!(path(level), level);
    }
}
