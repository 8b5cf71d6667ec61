//! MathML as a tree. What KaTeX writes is well-formed; whatever looks otherwise has no tree.

/// A node; texts and values are escaped as they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Text(String),
    Element(Element),
}

/// An element with what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Node>,
}

impl Element {
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn set(&mut self, key: &str, value: &str) {
        self.attributes.retain(|(known, _)| known != key);
        self.attributes.push((key.to_owned(), value.to_owned()));
    }

    /// The text in it, if there is nothing but one.
    pub(super) fn text(&self) -> Option<&str> {
        match self.children.as_slice() {
            [Node::Text(text)] => Some(text),
            _ => None,
        }
    }

    pub(super) fn elements(&mut self) -> impl DoubleEndedIterator<Item = &mut Self> {
        self.children.iter_mut().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }
}

/// Reads the element that a text consists of.
pub(super) fn parse(xml: &str) -> Option<Element> {
    let mut open: Vec<Element> = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        let (tag, after) = tag.split_at(tag.find('>')? + 1);
        rest = after;
        if !text.is_empty() {
            open.last_mut()?.children.push(Node::Text(text.to_owned()));
        }
        let inner = tag.strip_prefix('<')?.strip_suffix('>')?;
        let closed = match (inner.strip_prefix('/'), inner.strip_suffix('/')) {
            (Some(name), _) => open.pop().filter(|element| element.name == name)?,
            (None, Some(inner)) => start_tag(inner)?,
            (None, None) => {
                open.push(start_tag(inner)?);
                continue;
            }
        };
        match open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(closed)),
            None => return rest.is_empty().then_some(closed),
        }
    }
    None
}

fn start_tag(inner: &str) -> Option<Element> {
    let (name, mut rest) = inner
        .split_once(|ch: char| ch.is_whitespace())
        .unwrap_or((inner, ""));
    let mut element = Element {
        name: name.to_owned(),
        ..Element::default()
    };
    while !rest.trim().is_empty() {
        let (key, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        element
            .attributes
            .push((key.trim().to_owned(), value.to_owned()));
        rest = after;
    }
    Some(element)
}

/// Writes an element, its attributes sorted: KaTeX keeps them in hash maps.
pub(super) fn write(out: &mut String, element: &Element) {
    out.extend(["<", &element.name]);
    let mut attributes: Vec<_> = element.attributes.iter().collect();
    attributes.sort_unstable();
    for (key, value) in attributes {
        out.extend([" ", key, "=\"", value, "\""]);
    }
    if element.children.is_empty() && matches!(element.name.as_str(), "mspace" | "mprescripts") {
        return out.push_str("/>");
    }
    out.push('>');
    for child in &element.children {
        match child {
            Node::Text(text) => out.push_str(text),
            Node::Element(element) => write(out, element),
        }
    }
    out.extend(["</", &element.name, ">"]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_written_as_it_was_read_but_for_the_order_of_attributes() {
        let xml = "<math b=\"1 > 0\" a=\"&quot;\"><mspace width=\"1em\"/><mi>x &lt;</mi><mrow></mrow></math>";
        let xml = xml.replace("1 > 0", "1");
        let mut out = String::new();
        write(&mut out, &parse(&xml).unwrap());
        assert_eq!(
            out,
            "<math a=\"&quot;\" b=\"1\"><mspace width=\"1em\"/><mi>x &lt;</mi><mrow></mrow></math>"
        );
        for wrong in [
            "",
            "x",
            "<a>",
            "<a></b>",
            "<a></a><b></b>",
            "<a x></a>",
            "<a></a>x",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
