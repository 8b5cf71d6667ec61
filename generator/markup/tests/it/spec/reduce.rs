//! HTML to what it means: two texts that differ only in how they are written become one.

/// Tags with white space around them that a browser doesn't show.
const BLOCKS: [&str; 39] = [
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "hr",
    "br",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "div",
    "section",
    "dl",
    "dt",
    "dd",
    "figure",
    "details",
    "summary",
    "input",
    "address",
    "article",
    "aside",
    "main",
    "nav",
    "center",
    "header",
    "footer",
    "form",
    "fieldset",
];

/// The HTML with our own shapes undone: anchors, figures around code, highlighting, wrapped tables.
pub(super) fn reduced(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    // Elements of ours that are dropped with their content, or without it.
    let (mut in_anchor, mut in_pre) = (false, false);
    let mut figure_language: Option<String> = None;
    while !rest.is_empty() {
        let Some(tag) = Tag::parse(rest) else {
            let first = rest.chars().next().map_or(0, char::len_utf8);
            let end = rest[first..].find('<').map_or(rest.len(), |at| at + first);
            let (text, after) = rest.split_at(end);
            rest = after;
            if !in_anchor {
                out.push_str(&text.replace("&quot;", "\"").replace('\u{a0}', "&nbsp;"));
            }
            continue;
        };
        rest = &rest[tag.length..];
        if in_anchor {
            in_anchor = !(tag.name == "a" && tag.is_end);
            continue;
        }
        match tag.name.as_str() {
            "a" if tag.attribute("class") == Some("anchor") => {
                in_anchor = true;
                out.truncate(out.trim_end().len());
            }
            "figure" if !tag.is_end && tag.attribute("class") == Some("code") => {
                figure_language = Some(tag.attribute("data-lang").unwrap_or_default().to_owned());
            }
            "figure" if tag.is_end && figure_language.take().is_some() => {}
            "span" if in_pre && figure_language.is_some() => {}
            "samp" if in_pre => {}
            "label" => {}
            "div" if tag.attribute("class") == Some("table") => {}
            "div" if tag.is_end && out.ends_with("</table>") => {}
            "pre" => {
                in_pre = !tag.is_end;
                block(&mut out, if tag.is_end { "</pre>" } else { "<pre>" });
            }
            "code" if in_pre && !tag.is_end => {
                let language = figure_language
                    .clone()
                    .filter(|language| !language.is_empty());
                let class = tag
                    .attribute("class")
                    .map(|class| class.replace("language-", ""));
                match language.or(class) {
                    Some(language) => out.push_str(&format!("<code {language}>")),
                    None => out.push_str("<code>"),
                }
            }
            name => {
                let shown = tag.shown(name);
                match BLOCKS.contains(&name) && !in_pre {
                    true => block(&mut out, &shown),
                    false => out.push_str(&shown),
                }
            }
        }
        let is_block = BLOCKS.contains(&tag.name.as_str()) || tag.name == "figure";
        if is_block && !in_pre {
            rest = rest.trim_start();
        }
    }
    out.trim().to_owned()
}

/// The specification's headings as on a page that has a title: level 1 belongs to it, and the others move with the first.
pub(super) fn below_a_title(html: &str) -> String {
    let first = html
        .split("<h")
        .skip(1)
        .find_map(|rest| rest.chars().next()?.to_digit(10));
    let shift = usize::from(first == Some(1));
    (1..=6).rev().fold(html.to_owned(), |html, level| {
        let moved = (level + shift).clamp(2, 6);
        html.replace(&format!("<h{level}>"), &format!("<h{moved}>"))
            .replace(&format!("</h{level}>"), &format!("</h{moved}>"))
    })
}

#[test]
fn what_means_something_else_stays_different() {
    for (a, b) in [
        ("<p>a</p>", "<p>b</p>"),
        ("<h2>a</h2>", "<h3>a</h3>"),
        ("<p><em>a</em></p>", "<p>a</p>"),
        (
            "<pre><code>a\n b\n</code></pre>",
            "<pre><code>a\nb\n</code></pre>",
        ),
        ("<a href=\"x\">a</a>", "<a href=\"y\">a</a>"),
        (
            "<ul>\n<li>a</li>\n</ul>",
            "<ul>\n<li>\n<p>a</p>\n</li>\n</ul>",
        ),
        ("<p>&lt;b&gt;</p>", "<p><b></p>"),
    ] {
        assert_ne!(reduced(a), reduced(b));
        assert_eq!(reduced(a), reduced(&html_again(a)));
    }
}

/// The same with its tags written in another way.
fn html_again(html: &str) -> String {
    html.replace("<li>", "<li >").replace("</p>", "</p >\n")
}

fn block(out: &mut String, tag: &str) {
    out.truncate(out.trim_end().len());
    out.push_str(tag);
}

struct Tag {
    name: String,
    is_end: bool,
    attributes: Vec<(String, Option<String>)>,
    length: usize,
}

impl Tag {
    fn parse(html: &str) -> Option<Self> {
        let inner = html.strip_prefix('<')?;
        let (is_end, inner) = match inner.strip_prefix('/') {
            Some(inner) => (true, inner),
            None => (false, inner),
        };
        let name: String = inner
            .chars()
            .take_while(|ch| ch.is_ascii_alphanumeric() || *ch == '-')
            .collect();
        if !name.starts_with(|ch: char| ch.is_ascii_alphabetic()) {
            return None;
        }
        let mut rest = &inner[name.len()..];
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix("/>").or_else(|| rest.strip_prefix('>')) {
                let length = html.len() - after.len();
                attributes.sort();
                return Some(Self {
                    name: name.to_ascii_lowercase(),
                    is_end,
                    attributes,
                    length,
                });
            }
            let end =
                rest.find(|ch: char| ch.is_whitespace() || matches!(ch, '=' | '>' | '/' | '<'))?;
            if end == 0 {
                return None;
            }
            let (key, after) = rest.split_at(end);
            rest = after;
            let value = match after.trim_start().strip_prefix('=').map(str::trim_start) {
                Some(value) => {
                    let quote = value.chars().next()?;
                    let (value, after) = match quote {
                        '"' | '\'' => value[1..].split_once(quote)?,
                        _ => {
                            value.split_at(value.find(|ch: char| ch.is_whitespace() || ch == '>')?)
                        }
                    };
                    rest = after;
                    Some(value.to_owned())
                }
                None => None,
            };
            attributes.push((key.to_owned(), value));
        }
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name)?;
        found.1.as_deref()
    }

    fn shown(&self, name: &str) -> String {
        let mut out = format!("<{}{name}", if self.is_end { "/" } else { "" });
        for (key, value) in &self.attributes {
            let value = value.as_deref().unwrap_or_default();
            let written = match key.as_str() {
                "style" => format!(" align={}", value.trim_start_matches("text-align: ")),
                "loading" | "decoding" | "aria-label" | "tabindex" => continue,
                "id" if name.starts_with('h') => continue,
                "class" if value == "task" => continue,
                "class" if value.starts_with("align-") => {
                    format!(" align={}", value.trim_start_matches("align-"))
                }
                "href" | "src" => format!(" {key}={}", decoded(value)),
                _ => format!(" {key}={value}"),
            };
            out.push_str(&written.replace("&quot;", "\""));
        }
        out.push('>');
        out
    }
}

/// A URL with all its percent escapes undone.
fn decoded(url: &str) -> String {
    let mut out = Vec::new();
    let mut rest = url.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).filter(|_| *first == b'%');
        let value = digits
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        out.push(value.unwrap_or(*first));
        rest = value.and_then(|_| tail.get(2..)).unwrap_or(tail);
    }
    String::from_utf8_lossy(&out).replace('"', "&quot;")
}
