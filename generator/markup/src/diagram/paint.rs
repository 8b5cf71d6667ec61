//! Colours and arrowheads: those that the drawing program has of its own become the theme's, and words on a colour of
//! the author's are legible on it, in light and in dark.

use super::{
    Kind,
    svg::{Element, Node},
};

/// Fills and strokes of gantt charts in the order: what the program draws, what is painted.
const GANTT: [(&str, &str); 13] = [
    ("#6666ff", "var(--raised)"),
    ("#fff400", "var(--raised)"),
    ("#ffffff", "var(--ground)"),
    (
        "#d3d3d3",
        "color-mix(in srgb, var(--soft) 18%, var(--ground))",
    ),
    ("#808080", "var(--soft)"),
    (
        "#bfc7ff",
        "color-mix(in srgb, var(--note) 28%, var(--ground))",
    ),
    (
        "#8a90dd",
        "color-mix(in srgb, var(--accent) 28%, var(--ground))",
    ),
    ("#534fbc", "var(--accent)"),
    (
        "red",
        "color-mix(in srgb, var(--danger) 24%, var(--ground))",
    ),
    ("#ff8888", "var(--danger)"),
    ("#999", "var(--edge)"),
    ("#333", "var(--ink)"),
    ("#fff", "var(--ink)"),
];

/// The same colour as the page's text.
const INK: &str = "var(--ink)";
const GROUND: &str = "var(--ground)";

/// Paints a drawing.
pub(super) fn paint(nodes: &mut [Node], kind: Kind) {
    let mut in_marker = false;
    // Legible on the shape that was drawn last, where that has a colour of the author's.
    let mut on_shape: Option<&'static str> = None;
    for node in nodes {
        let element = match node {
            Node::Start(element) => element,
            Node::End(name) => {
                in_marker &= name != "marker";
                continue;
            }
            Node::Text(_) => continue,
        };
        match element.name.as_str() {
            "marker" => {
                in_marker = true;
                arrowhead(element);
            }
            "text" | "tspan" => {
                if let Some(color) = on_shape
                    && element.get("fill") == Some(INK)
                {
                    element.set("fill", color);
                }
            }
            _ => {}
        }
        if kind == Kind::Gantt {
            gantt(element);
        }
        hollow(element, in_marker);
        if kind == Kind::Pie && element.name == "rect" {
            element.set("stroke", "var(--edge)");
        }
        if !in_marker {
            band(element, kind);
            on_shape = match element.get("fill") {
                Some(fill) if is_shape(element) && fill != "none" => legible_on(fill),
                _ => on_shape,
            };
        }
    }
}

fn is_shape(element: &Element) -> bool {
    matches!(
        element.name.as_str(),
        "rect" | "circle" | "ellipse" | "path" | "polygon"
    )
}

/// As large on a thick line as on a thin one; a cross or circle ends where the line does, not under the shape.
fn arrowhead(element: &mut Element) {
    let size = |key| element.number(key).unwrap_or(10.0);
    let (width, height) = (size("markerWidth"), size("markerHeight"));
    let is = |name: &str| element.get("id").is_some_and(|id| id.ends_with(name));
    let tip = match (is("arrow-cross"), is("arrow-circle")) {
        (true, _) => element
            .get("viewBox")
            .and_then(|view| view.split_whitespace().nth(2))
            .map(str::to_owned),
        (_, true) => Some("11".to_owned()),
        _ => None,
    };
    element.set("markerUnits", "userSpaceOnUse");
    // Lines are one and a half pixels wide.
    element.set("markerWidth", format!("{}", (width * 1.25).round()));
    element.set("markerHeight", format!("{}", (height * 1.25).round()));
    if let Some(tip) = tip {
        element.set("refX", tip);
    }
}

fn gantt(element: &mut Element) {
    for key in ["fill", "stroke"] {
        let own = element.get(key).and_then(|color| {
            let found = GANTT.iter().find(|(known, _)| *known == color);
            found.map(|(_, ours)| *ours)
        });
        if let Some(color) = own {
            element.set(key, color);
            element.remove("fill-opacity");
        }
    }
    // Lines of the grid are thin enough.
    if element.name == "line" && element.remove("opacity").is_some() {
        element.set("stroke", "var(--line)");
    }
}

/// What is white only because paper is.
fn hollow(element: &mut Element, in_marker: bool) {
    let is_white = matches!(element.get("fill"), Some("#fff" | "white"));
    if is_white && (in_marker || element.get("stroke") == Some(INK)) {
        element.set("fill", GROUND);
    }
}

/// A band behind a part of a sequence: a tint of the author's colour, since so much is written on it.
fn band(element: &mut Element, kind: Kind) {
    let is_band = kind == Kind::Sequence && element.name == "rect";
    let Some(fill) = element.get("fill").filter(|_| is_band) else {
        return;
    };
    if fill.starts_with("var(") || fill == "none" {
        return;
    }
    let tint = match fill {
        "rgba(0,0,0,0.05)" => "var(--raised)".to_owned(),
        color => format!("color-mix(in srgb, {color} 24%, {GROUND})"),
    };
    element.set("fill", tint);
}

/// Black or white, whichever is easier to read on a colour; `None` on one of the theme's, and on one that isn't known.
fn legible_on(color: &str) -> Option<&'static str> {
    let [r, g, b] = rgb(color)?.map(|channel| {
        let value = f64::from(channel) / 255.0;
        match value <= 0.040_45 {
            true => value / 12.92,
            false => ((value + 0.055) / 1.055).powf(2.4),
        }
    });
    // WCAG 2.2, relative luminance: 0.179 is as far from black as from white.
    let luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    Some(if luminance > 0.179 { "#000" } else { "#fff" })
}

/// `#rgb`, `#rrggbb`, `rgb(r, g, b)`, and the names that people write.
fn rgb(color: &str) -> Option<[u8; 3]> {
    let color = color.trim().to_ascii_lowercase();
    if let Some(hex) = color.strip_prefix('#') {
        let digits: Vec<u8> = hex
            .chars()
            .map(|digit| {
                digit
                    .to_digit(16)
                    .and_then(|digit| u8::try_from(digit).ok())
            })
            .collect::<Option<_>>()?;
        return match digits.as_slice() {
            [r, g, b] => Some([r * 17, g * 17, b * 17]),
            [r, s, g, h, b, c] => Some([r * 16 + s, g * 16 + h, b * 16 + c]),
            _ => None,
        };
    }
    if let Some(list) = color
        .strip_prefix("rgb(")
        .and_then(|list| list.strip_suffix(')'))
    {
        let channels: Vec<u8> = list
            .split(',')
            .map(|channel| channel.trim().parse().ok())
            .collect::<Option<_>>()?;
        return channels.try_into().ok();
    }
    NAMES
        .iter()
        .find(|(name, _)| *name == color)
        .map(|(_, rgb)| *rgb)
}

const NAMES: [(&str, [u8; 3]); 28] = [
    ("aqua", [0, 255, 255]),
    ("beige", [245, 245, 220]),
    ("black", [0, 0, 0]),
    ("blue", [0, 0, 255]),
    ("brown", [165, 42, 42]),
    ("coral", [255, 127, 80]),
    ("cyan", [0, 255, 255]),
    ("gold", [255, 215, 0]),
    ("gray", [128, 128, 128]),
    ("green", [0, 128, 0]),
    ("grey", [128, 128, 128]),
    ("lavender", [230, 230, 250]),
    ("lightblue", [173, 216, 230]),
    ("lightgray", [211, 211, 211]),
    ("lightgreen", [144, 238, 144]),
    ("lightgrey", [211, 211, 211]),
    ("lightyellow", [255, 255, 224]),
    ("lime", [0, 255, 0]),
    ("magenta", [255, 0, 255]),
    ("maroon", [128, 0, 0]),
    ("navy", [0, 0, 128]),
    ("orange", [255, 165, 0]),
    ("pink", [255, 192, 203]),
    ("purple", [128, 0, 128]),
    ("red", [255, 0, 0]),
    ("teal", [0, 128, 128]),
    ("white", [255, 255, 255]),
    ("yellow", [255, 255, 0]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::svg::{parse, write};

    fn painted(svg: &str, kind: Kind) -> String {
        let mut nodes = parse(svg).unwrap();
        paint(&mut nodes, kind);
        write(&nodes)
    }

    #[test]
    fn words_on_the_authors_colour_are_legible() {
        let svg = "<rect fill=\"#f9f\"/><text fill=\"var(--ink)\">a</text><rect fill=\"navy\"/><text fill=\"var(--ink)\">b</text><rect fill=\"var(--raised)\"/><text fill=\"var(--ink)\">c</text><rect fill=\"rgb(1, 2, 3)\"/><text fill=\"lime\">d</text>";
        assert_eq!(
            painted(svg, Kind::Flowchart),
            "<rect fill=\"#f9f\"/><text fill=\"#000\">a</text><rect fill=\"navy\"/><text fill=\"#fff\">b</text><rect fill=\"var(--raised)\"/><text fill=\"var(--ink)\">c</text><rect fill=\"rgb(1, 2, 3)\"/><text fill=\"lime\">d</text>"
        );
        assert_eq!(
            painted("<rect fill=\"rgb(200, 220, 255)\"/>", Kind::Sequence),
            "<rect fill=\"color-mix(in srgb, rgb(200, 220, 255) 24%, var(--ground))\"/>"
        );
    }

    #[test]
    fn arrowheads_are_as_large_on_thick_lines() {
        assert_eq!(
            painted(
                "<marker id=\"arrow-cross\" viewBox=\"0 0 10 10\" refX=\"5\" markerWidth=\"10\" markerHeight=\"10\"/>",
                Kind::Flowchart
            ),
            "<marker id=\"\u{1}arrow-cross\" viewBox=\"0 0 10 10\" refX=\"10\" markerWidth=\"13\" markerHeight=\"13\" markerUnits=\"userSpaceOnUse\"/>"
        );
    }

    #[test]
    fn gantt_charts_have_the_colours_of_the_theme() {
        let svg = painted(
            "<rect fill=\"#6666ff\" fill-opacity=\"0.098\"/><line stroke=\"#d3d3d3\" opacity=\"0.8\"/><rect fill=\"red\" stroke=\"#ff8888\"/><text fill=\"#fff\">x</text>",
            Kind::Gantt,
        );
        assert!(!svg.contains('#') && !svg.contains("opacity"), "{svg}");
    }
}
