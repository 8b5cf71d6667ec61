//! Where things are in a drawing: whether all of it is in the picture, and whether parts lie on each other.
//!
//! Sizes are those of shapes and of the grounds of labels. A drawing that moves its parts is not understood, and then
//! nothing is said of it.

use super::{
    Kind,
    svg::{Element, Node},
};

/// Pixels by which things may touch.
const TOLERANCE: f64 = 3.0;

/// Widths in pixels above which a drawing can't be read any more when it shrinks to the column of a text, and to a
/// telephone; and what themes know it by. Letters are 14 pixels high, and fewer than 11 are too few.
const SIZES: [(f64, &str); 2] = [(860.0, "wide"), (340.0, "broad")];

/// Pixels between the outermost shape and the edge.
const MARGIN: f64 = 4.0;

/// Widens the picture to what is drawn, and gives it that size.
pub(super) fn fit(nodes: &mut [Node]) -> Option<()> {
    let drawn = things(nodes).unwrap_or_default();
    let root = nodes.iter_mut().find_map(|node| match node {
        Node::Start(element) if element.name == "svg" => Some(element),
        _ => None,
    })?;
    let view: Vec<f64> = root
        .get("viewBox")?
        .split_whitespace()
        .map(|number| number.parse().ok())
        .collect::<Option<_>>()?;
    let [x, y, width, height] = view.try_into().ok()?;
    let mut view = Area::new(x, y, width, height);
    for thing in drawn {
        if !thing.area.is_inside(&view, 0.0) {
            view = view.with(&thing.area.inflated(MARGIN));
        }
    }
    let (width, height) = (round(view.right - view.left), round(view.bottom - view.top));
    root.set(
        "viewBox",
        format!("{} {} {width} {height}", round(view.left), round(view.top)),
    );
    root.set("width", width.to_string());
    root.set("height", height.to_string());
    if let Some((_, class)) = SIZES.iter().find(|(least, _)| width > *least) {
        root.set("class", *class);
    }
    Some(())
}

/// Whether a shape lies across the border of another, or a label on a shape. Only of kinds whose boxes are laid out.
pub(super) fn is_crossed(nodes: &[Node], kind: Kind) -> bool {
    if !matches!(kind, Kind::Flowchart | Kind::State | Kind::Class) {
        return false;
    }
    let things = things(nodes).unwrap_or_default();
    let mut pairs = things
        .iter()
        .enumerate()
        .flat_map(|(at, thing)| things.iter().skip(at + 1).map(move |other| (thing, other)));
    pairs.any(|(a, b)| {
        let nested = a.area.is_inside(&b.area, TOLERANCE) || b.area.is_inside(&a.area, TOLERANCE);
        match (a.role, b.role) {
            (Role::Label, Role::Label) => false,
            // A label belongs beside a shape, but may stand in a frame or across its border.
            (Role::Label, Role::Shape) | (Role::Shape, Role::Label) => a.area.meets(&b.area),
            (Role::Label, Role::Frame) | (Role::Frame, Role::Label) => false,
            _ => a.area.meets(&b.area) && !nested,
        }
    })
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Area {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Area {
    fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self {
            left: x,
            top: y,
            right: x + width,
            bottom: y + height,
        }
    }

    fn with(self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    fn inflated(self, by: f64) -> Self {
        Self {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    fn is_inside(&self, other: &Self, tolerance: f64) -> bool {
        self.left >= other.left - tolerance
            && self.top >= other.top - tolerance
            && self.right <= other.right + tolerance
            && self.bottom <= other.bottom + tolerance
    }

    fn meets(&self, other: &Self) -> bool {
        self.left + TOLERANCE < other.right
            && other.left + TOLERANCE < self.right
            && self.top + TOLERANCE < other.bottom
            && other.top + TOLERANCE < self.bottom
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Shape,
    /// The box around a group.
    Frame,
    /// The ground of a label.
    Label,
}

struct Thing {
    area: Area,
    role: Role,
}

/// All that takes up room, but for arrowheads; `None` if parts are moved.
fn things(nodes: &[Node]) -> Option<Vec<Thing>> {
    let mut things = Vec::new();
    let mut in_defs = 0_usize;
    for node in nodes {
        match node {
            Node::Start(element) if element.name == "defs" => in_defs += 1,
            Node::End(name) if name == "defs" => in_defs = in_defs.saturating_sub(1),
            Node::Start(element) if in_defs == 0 => {
                if element.get("transform").is_some() {
                    return None;
                }
                things.extend(thing(element));
            }
            _ => {}
        }
    }
    Some(things)
}

fn thing(element: &Element) -> Option<Thing> {
    let number = |key| element.number(key);
    let area = match element.name.as_str() {
        "rect" => Area::new(
            number("x")?,
            number("y")?,
            number("width")?,
            number("height")?,
        ),
        "circle" => {
            let r = number("r")?;
            Area::new(number("cx")? - r, number("cy")? - r, 2.0 * r, 2.0 * r)
        }
        "ellipse" => {
            let (rx, ry) = (number("rx")?, number("ry")?);
            Area::new(number("cx")? - rx, number("cy")? - ry, 2.0 * rx, 2.0 * ry)
        }
        "polygon" => around(&numbers(element.get("points")?)?)?,
        "path" => around(&corners(element.get("d")?)?)?,
        _ => return None,
    };
    let (fill, stroke) = (element.get("fill"), element.get("stroke"));
    let is_small = (area.right - area.left).min(area.bottom - area.top) < 2.0 * TOLERANCE;
    let role = match (fill, stroke) {
        (Some("var(--ground)"), Some("none")) => Role::Label,
        (Some("none") | None, _) if element.name == "path" || element.name == "polygon" => {
            return None;
        }
        (Some("none"), _) | (Some("var(--raised)"), _) => Role::Frame,
        _ if is_small => return None,
        _ => Role::Shape,
    };
    Some(Thing { area, role })
}

fn numbers(list: &str) -> Option<Vec<f64>> {
    list.split([' ', ','])
        .filter(|number| !number.is_empty())
        .map(|number| number.parse().ok())
        .collect()
}

/// Coordinates of a path of straight lines; `None` if it has curves, which shapes of other names stand for, or moves
/// by steps.
fn corners(path: &str) -> Option<Vec<f64>> {
    let is_plain = path.chars().all(|ch| {
        ch.is_ascii_digit() || matches!(ch, '.' | '-' | ' ' | ',' | 'M' | 'L' | 'Z' | 'z')
    });
    numbers(&path.replace(['M', 'L', 'Z', 'z'], " ")).filter(|_| is_plain)
}

fn around(coordinates: &[f64]) -> Option<Area> {
    let mut points = coordinates.chunks_exact(2).filter_map(|point| match point {
        [x, y] => Some(Area::new(*x, *y, 0.0, 0.0)),
        _ => None,
    });
    let first = points.next()?;
    Some(points.fold(first, |area, point| area.with(&point)))
}

/// To a tenth of a pixel.
fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::svg::{parse, write};

    #[test]
    fn a_picture_holds_all_that_is_drawn() {
        let mut nodes = parse(
            "<svg viewBox=\"0 0 30.04 20\"><defs><rect x=\"0\" y=\"0\" width=\"99\" height=\"9\" fill=\"red\"/></defs><rect x=\"2\" y=\"-6\" width=\"10\" height=\"10\" fill=\"red\"/></svg>",
        )
        .unwrap();
        fit(&mut nodes).unwrap();
        let svg = write(&nodes);
        assert!(
            svg.starts_with("<svg viewBox=\"-2 -10 32 30\" width=\"32\" height=\"30\">"),
            "{svg}"
        );
    }

    #[test]
    fn what_lies_across_a_border_is_seen() {
        let crossed = |second: &str| {
            let svg = format!(
                "<rect x=\"0\" y=\"0\" width=\"50\" height=\"50\" fill=\"var(--raised)\" stroke=\"var(--edge)\"/><rect x=\"5\" y=\"5\" width=\"20\" height=\"20\" fill=\"var(--accent-wash)\"/>{second}"
            );
            is_crossed(&parse(&svg).unwrap(), Kind::Flowchart)
        };
        let rect = |x: i32, fill: &str| {
            format!(
                "<rect x=\"{x}\" y=\"5\" width=\"20\" height=\"20\" fill=\"{fill}\" stroke=\"none\"/>"
            )
        };
        assert!(!crossed(&rect(28, "red")) && !crossed(&rect(60, "red")));
        assert!(crossed(&rect(40, "red")), "half in the frame");
        assert!(crossed(&rect(15, "red")), "on another shape");
        assert!(crossed(&rect(15, "var(--ground)")), "a label on a shape");
        assert!(!crossed(&rect(40, "var(--ground)")), "a label on a frame");
        assert!(crossed("<path d=\"M40 10 L60 10 L50 30 Z\" fill=\"red\"/>"));
    }
}
