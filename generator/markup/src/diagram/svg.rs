//! A drawing as elements: what may stand in a page is read, the rest is refused.

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

/// Stands for what is said of a diagram that has no title of its own.
pub(super) const LABEL: char = '\u{2}';

/// A piece of a drawing; texts and values are escaped as they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Start(Element),
    End(String),
    Text(String),
}

/// The start of an element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    is_empty: bool,
}

impl Element {
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn number(&self, key: &str) -> Option<f64> {
        self.get(key)?.parse().ok()
    }

    pub(super) fn set(&mut self, key: &str, value: impl Into<String>) {
        let value = value.into();
        match self.attributes.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => *old = value,
            None => self.attributes.push((key.to_owned(), value)),
        }
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<String> {
        let at = self.attributes.iter().position(|(known, _)| known == key)?;
        Some(self.attributes.remove(at).1)
    }
}

/// Reads a drawing; `None` if it holds what it may not.
///
/// Links are taken away, what they stand around stays. A drawing is written by a program, quotes and brackets in it
/// are escaped; whatever looks otherwise is refused.
pub(super) fn parse(svg: &str) -> Option<Vec<Node>> {
    let mut nodes = Vec::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        push_text(&mut nodes, text);
        let end = end_of_tag(tag)?;
        let (tag, after) = tag.split_at(end);
        nodes.extend(node(tag)?);
        rest = after;
    }
    push_text(&mut nodes, rest);
    Some(nodes)
}

/// The drawing with ids to be numbered.
pub(super) fn write(nodes: &[Node]) -> String {
    let mut out = String::new();
    for node in nodes {
        match node {
            Node::Text(text) => out.push_str(text),
            Node::End(name) => out.extend(["</", name, ">"]),
            Node::Start(element) => {
                out.extend(["<", &element.name]);
                for (key, value) in &element.attributes {
                    out.extend([" ", key, "=\"", value, "\""]);
                }
                out.push_str(if element.is_empty { "/>" } else { ">" });
            }
        }
    }
    out
}

/// Writes a drawing with its number in its ids, and what is said of it where it says nothing itself.
pub(super) fn place(out: &mut String, drawing: &str, number: usize, label: &str) {
    let drawing = drawing.replace(NUMBER, &format!("diagram:{number}:"));
    match drawing.split_once(LABEL) {
        Some((before, after)) => {
            out.push_str(before);
            crate::escape::escape_attribute(out, label);
            out.push_str(after);
        }
        None => out.push_str(&drawing),
    }
}

fn push_text(nodes: &mut Vec<Node>, text: &str) {
    if !text.is_empty() {
        nodes.push(Node::Text(plain(text)));
    }
}

/// Without the characters that stand for something here.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|ch| !matches!(*ch, NUMBER | LABEL))
        .collect()
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

/// The node of a tag; none for a link, whose content stays.
fn node(tag: &str) -> Option<Option<Node>> {
    let inner = tag.strip_prefix('<')?.strip_suffix('>')?;
    if let Some(name) = inner.strip_prefix('/') {
        return match name.trim() {
            "a" => Some(None),
            name if ELEMENTS.contains(&name) => Some(Some(Node::End(name.to_owned()))),
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
        return Some(None);
    }
    if !ELEMENTS.contains(&name) {
        return None;
    }
    let mut element = Element {
        name: name.to_owned(),
        is_empty,
        attributes: Vec::new(),
    };
    while !rest.trim().is_empty() {
        let (key, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        let key = key.trim();
        // Styles are the theme's.
        if !matches!(key, "style" | "class" | "xmlns") && !key.starts_with("xmlns:") {
            let value = allowed(key, value)?;
            element.attributes.push((key.to_owned(), value));
        }
        rest = after;
    }
    Some(Some(Node::Start(element)))
}

/// The value of an attribute, its ids to be numbered; `None` if it may not be there.
fn allowed(key: &str, value: &str) -> Option<String> {
    let is_name = key
        .chars()
        .all(|ch| ch.is_ascii_alphanumeric() || matches!(ch, '-' | ':'));
    let lower = key.to_ascii_lowercase();
    if !is_name || lower.starts_with("on") {
        return None;
    }
    let value = plain(value);
    Some(match lower.as_str() {
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
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_numbered_and_links_taken_away() {
        let svg = "<svg xmlns=\"x\" aria-label=\"\" style=\"max-width: 3px\"><marker id=\"m\"><path/></marker><path marker-end=\"url(#m)\" d=\"a > b\"/><a href=\"https://x\"><text>A\u{2} &lt;</text></a></svg>";
        let mut nodes = parse(svg).unwrap();
        if let Some(Node::Start(element)) = nodes.first_mut() {
            element.set("aria-label", LABEL);
        }
        let mut out = String::new();
        place(&mut out, &write(&nodes), 2, "a \"b\"");
        assert_eq!(
            out,
            "<svg aria-label=\"a &quot;b&quot;\"><marker id=\"diagram:2:m\"><path/></marker><path marker-end=\"url(#diagram:2:m)\" d=\"a > b\"/><text>A &lt;</text></svg>"
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
            assert_eq!(parse(svg), None, "{svg}");
        }
    }
}
