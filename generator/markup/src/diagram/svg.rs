//! What of a drawing may stand in a page, and ids that are unique in it.

/// Elements of drawings; others are refused.
const ELEMENTS: [&str; 20] = [
    "svg",
    "g",
    "defs",
    "marker",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "title",
    "desc",
    "clipPath",
    "use",
    "pattern",
    "linearGradient",
    "stop",
];

/// Stands for the number of the diagram in its page until it is known. No drawing has it: it is no character of XML.
const NUMBER: char = '\u{1}';

/// The drawing with ids to be numbered, its own size in place of styles; `None` if it holds what it may not.
///
/// Links are taken away, what they stand around stays. A drawing is written by a program, quotes and brackets in it
/// are escaped; whatever looks otherwise is refused.
pub(super) fn tidy(svg: &str) -> Option<String> {
    let mut out = String::with_capacity(svg.len() + 256);
    let mut rest = svg;
    let mut in_marker = false;
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        push_text(&mut out, text);
        let end = end_of_tag(tag)?;
        let (tag, after) = tag.split_at(end);
        in_marker = tag.starts_with("<marker") || (in_marker && !tag.starts_with("</marker"));
        match in_marker {
            true => push_tag(&mut out, &hollow(tag))?,
            false => push_tag(&mut out, tag)?,
        }
        rest = after;
    }
    push_text(&mut out, rest);
    Some(out)
}

/// Heads of arrows that are hollow: filled with the ground of the page instead of white.
fn hollow(tag: &str) -> String {
    tag.replace("fill=\"#fff\"", "fill=\"var(--ground)\"")
        .replace("fill=\"white\"", "fill=\"var(--ground)\"")
}

/// Writes a drawing with its number in its ids.
pub(super) fn number(out: &mut String, drawing: &str, number: usize) {
    out.push_str(&drawing.replace(NUMBER, &format!("diagram:{number}:")));
}

fn push_text(out: &mut String, text: &str) {
    out.extend(text.chars().filter(|ch| *ch != NUMBER));
}

/// Bytes of a tag, up to the bracket that is in no quotes.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut in_quotes = false;
    for (at, ch) in tag.char_indices().skip(1) {
        match ch {
            '"' => in_quotes = !in_quotes,
            '>' if !in_quotes => return Some(at + 1),
            '<' => return None,
            _ => {}
        }
    }
    None
}

fn push_tag(out: &mut String, tag: &str) -> Option<()> {
    let inner = tag.strip_prefix('<')?.strip_suffix('>')?;
    if let Some(name) = inner.strip_prefix('/') {
        return match name.trim() {
            "a" => Some(()),
            name if ELEMENTS.contains(&name) => {
                out.push_str("</");
                out.push_str(name);
                out.push('>');
                Some(())
            }
            _ => None,
        };
    }
    let (inner, is_empty) = match inner.strip_suffix('/') {
        Some(inner) => (inner, true),
        None => (inner, false),
    };
    let (name, mut rest) = inner
        .split_once(|ch: char| ch.is_whitespace())
        .unwrap_or((inner, ""));
    if name == "a" {
        return Some(());
    }
    if !ELEMENTS.contains(&name) {
        return None;
    }
    let mut attributes = Vec::new();
    while !rest.trim().is_empty() {
        let (key, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        attributes.push((key.trim(), value));
        rest = after;
    }
    let view_box = attributes
        .iter()
        .find(|(key, _)| *key == "viewBox")
        .map(|(_, value)| *value);
    out.push('<');
    out.push_str(name);
    for (key, value) in attributes {
        let is_size = name == "svg" && matches!(key, "width" | "height");
        if is_size || matches!(key, "style" | "class" | "xmlns") || key.starts_with("xmlns:") {
            continue;
        }
        push_attribute(out, key, value)?;
    }
    if name == "svg"
        && let Some(view_box) = view_box
    {
        let mut numbers = view_box.split_whitespace().skip(2);
        push_attribute(out, "width", numbers.next()?)?;
        push_attribute(out, "height", numbers.next()?)?;
    }
    out.push_str(if is_empty { "/>" } else { ">" });
    Some(())
}

fn push_attribute(out: &mut String, key: &str, value: &str) -> Option<()> {
    let is_name = key
        .chars()
        .all(|ch| ch.is_ascii_alphanumeric() || matches!(ch, '-' | ':'));
    let lower = key.to_ascii_lowercase();
    if !is_name || lower.starts_with("on") {
        return None;
    }
    let value: String = value.chars().filter(|ch| *ch != NUMBER).collect();
    let value = match lower.as_str() {
        "id" => format!("{NUMBER}{value}"),
        "href" | "xlink:href" => format!("#{NUMBER}{}", value.strip_prefix('#')?),
        "aria-labelledby" | "aria-describedby" => value
            .split_whitespace()
            .map(|id| format!("{NUMBER}{id}"))
            .collect::<Vec<_>>()
            .join(" "),
        // Whatever else is fetched by an attribute is fetched by url().
        _ if value.contains("url(") => {
            let name = value.strip_prefix("url(#")?.strip_suffix(')')?;
            format!("url(#{NUMBER}{name})")
        }
        _ => value,
    };
    out.push(' ');
    out.push_str(key);
    out.push_str("=\"");
    out.push_str(&value);
    out.push('"');
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_numbered_and_sizes_are_real() {
        let svg = "<svg xmlns=\"x\" width=\"100%\" viewBox=\"0 0 30 20\" style=\"max-width: 3px\"><marker id=\"m\"><path fill=\"#fff\"/></marker><path fill=\"#fff\" marker-end=\"url(#m)\" d=\"a > b\"/><a href=\"https://x\"><text>A &lt;</text></a></svg>";
        let mut out = String::new();
        number(&mut out, &tidy(svg).unwrap(), 2);
        assert_eq!(
            out,
            "<svg viewBox=\"0 0 30 20\" width=\"30\" height=\"20\"><marker id=\"diagram:2:m\"><path fill=\"var(--ground)\"/></marker><path fill=\"#fff\" marker-end=\"url(#diagram:2:m)\" d=\"a > b\"/><text>A &lt;</text></svg>"
        );
    }

    #[test]
    fn what_a_page_may_not_hold_is_refused() {
        for svg in [
            "<svg><script>x</script></svg>",
            "<svg onload=\"x\"></svg>",
            "<svg><image href=\"x.png\"/></svg>",
            "<svg><use href=\"https://x\"/></svg>",
            "<svg><path fill=\"url(https://x)\"/></svg>",
            "<svg><foreignObject/></svg>",
            "<svg><path d=x /></svg>",
            "<svg><text><</text></svg>",
            "<svg><!-- x --></svg>",
        ] {
            assert_eq!(tidy(svg), None, "{svg}");
        }
    }
}
