//! Raw HTML that is opened and not closed, or the other way round: it would swallow the rest of the page.

use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::{Problem, Severity};

/// Elements without content.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// Elements whose end a browser knows by itself.
const OPTIONAL_END: [&str; 17] = [
    "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "optgroup",
    "colgroup", "caption", "rp", "rt", "summary",
];

/// Elements whose content is no HTML.
const RAW_TEXT: [&str; 4] = ["script", "style", "textarea", "title"];

/// More are not told: the first ones cause the others.
const MOST: usize = 5;

/// What is unbalanced in a text.
pub(crate) fn check(events: &[(Event<'_>, Range<usize>)]) -> Vec<Problem> {
    let mut checker = Checker::default();
    let mut block: Option<(String, usize)> = None;
    for (event, range) in events {
        match event {
            Event::Start(Tag::HtmlBlock) => block = Some((String::new(), range.start)),
            Event::End(TagEnd::HtmlBlock) => {
                if let Some((html, start)) = block.take() {
                    checker.html(&html, start);
                }
            }
            Event::Html(html) => match &mut block {
                // Inside quotes and lists the lines of a block are not one piece of the source.
                Some((text, _)) => text.push_str(html),
                None => checker.html(html, range.start),
            },
            Event::InlineHtml(html) => checker.html(html, range.start),
            Event::Start(_) => checker.open.push(Open::Markdown),
            Event::End(_) => checker.end_markdown(),
            _ => {}
        }
    }
    checker.end();
    checker.problems
}

#[derive(Default)]
struct Checker {
    open: Vec<Open>,
    /// A raw text element that is open.
    raw_text: Option<String>,
    problems: Vec<Problem>,
}

enum Open {
    /// A paragraph, list, quote and so on of Markdown.
    Markdown,
    /// An element, and where its tag stands.
    Element(HtmlTag, Range<usize>),
}

impl Checker {
    fn html(&mut self, html: &str, offset: usize) {
        let mut at = 0;
        while let Some(start) = html
            .get(at..)
            .and_then(|rest| rest.find('<'))
            .map(|found| at + found)
        {
            let rest = html.get(start..).unwrap_or_default();
            if let Some(comment) = rest.strip_prefix("<!--") {
                at = start + 4 + comment.find("-->").map_or(comment.len(), |end| end + 3);
                continue;
            }
            let Some(tag) = tag(rest) else {
                at = start + 1;
                continue;
            };
            at = start + tag.length;
            self.tag(&tag, offset + start..offset + start + tag.length);
        }
    }

    fn tag(&mut self, tag: &HtmlTag, range: Range<usize>) {
        if let Some(raw_text) = &self.raw_text {
            if tag.is_end && *raw_text == tag.name {
                self.raw_text = None;
            }
            return;
        }
        let name = tag.name.as_str();
        if VOID.contains(&name) || OPTIONAL_END.contains(&name) || tag.is_closed {
            return;
        }
        if !tag.is_end {
            if RAW_TEXT.contains(&name) {
                self.raw_text = Some(tag.name.clone());
            } else {
                self.open.push(Open::Element(tag.clone(), range));
            }
            return;
        }
        // Only what was opened in the same paragraph, list item … can be closed here.
        let here = self.open.iter().rev();
        let depth = here
            .take_while(|open| matches!(open, Open::Element(..)))
            .position(|open| matches!(open, Open::Element(other, _) if other.name == tag.name));
        match depth {
            Some(depth) => {
                for _ in 0..depth {
                    self.pop();
                }
                self.open.pop();
            }
            None => {
                let hint = "open it in the same paragraph, list item or block, or delete it";
                self.problem(
                    range,
                    format!("</{}> closes nothing", tag.shown),
                    hint.to_owned(),
                );
            }
        }
    }

    fn end_markdown(&mut self) {
        while let Some(open) = self.open.last() {
            if matches!(open, Open::Markdown) {
                self.open.pop();
                return;
            }
            self.pop();
        }
    }

    fn end(&mut self) {
        while !self.open.is_empty() {
            self.pop();
        }
    }

    /// Drops the innermost element and says that it has no end.
    fn pop(&mut self) {
        if let Some(Open::Element(tag, range)) = self.open.pop() {
            let name = tag.shown;
            let hint = format!(
                "add </{name}> in the same paragraph, list item or block; if it is no HTML, write `<{name}>` in backticks"
            );
            self.problem(range, format!("<{name}> is not closed"), hint);
        }
    }

    fn problem(&mut self, range: Range<usize>, message: String, hint: String) {
        if self.problems.len() < MOST {
            self.problems.push(Problem {
                severity: Severity::Warning,
                code: "html",
                range,
                message,
                hint,
            });
        }
    }
}

#[derive(Clone)]
struct HtmlTag {
    /// In lower case.
    name: String,
    /// As written.
    shown: String,
    is_end: bool,
    /// `<name/>`.
    is_closed: bool,
    /// Bytes from `<` to `>`.
    length: usize,
}

/// The tag that a text begins with.
fn tag(text: &str) -> Option<HtmlTag> {
    let after = text.strip_prefix('<')?;
    let (is_end, after) = match after.strip_prefix('/') {
        Some(after) => (true, after),
        None => (false, after),
    };
    let name_length = after
        .find(|ch: char| !ch.is_ascii_alphanumeric() && ch != '-')
        .unwrap_or(after.len());
    let name = after
        .get(..name_length)
        .filter(|name| name.starts_with(|ch: char| ch.is_ascii_alphabetic()))?;
    let mut quote = None;
    for (at, ch) in text.char_indices() {
        match (quote, ch) {
            (None, '"' | '\'') => quote = Some(ch),
            (Some(open), ch) if open == ch => quote = None,
            (None, '>') => {
                return Some(HtmlTag {
                    name: name.to_ascii_lowercase(),
                    shown: name.to_owned(),
                    is_end,
                    is_closed: text.get(..at).is_some_and(|tag| tag.ends_with('/')),
                    length: at + 1,
                });
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::{Options, no_includes, scan};

    fn told(text: &str) -> Vec<String> {
        let problems = scan(text, &Options::default(), &no_includes).problems;
        problems
            .into_iter()
            .filter(|problem| problem.code == "html")
            .map(|problem| format!("{}: {}", &text[problem.range], problem.message))
            .collect()
    }

    #[test]
    fn balanced_html_is_silent() {
        for text in [
            "<details><summary>S</summary>\n\nText with <kbd>A</kbd>.\n\n</details>\n",
            "<p>one\n<p>two <br> <img src=x.png> <a href='x>y'>z</a>\n",
            "<ul><li>a<li>b</ul>\n",
            "<!-- <div> -->\n\n`<T>` a < b > c\n\n<script>if (a <b) { '</div>' }</script>\n",
            "> <div>\n> x\n> </div>\n\n- <b>x</b>\n",
            "<svg><path d=\"M0 0\"/></svg> <Card title=\"a\" />\n",
        ] {
            assert_eq!(told(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn what_is_left_open_or_closes_nothing_is_told() {
        assert_eq!(told("A Vec<T> here.\n"), ["<T>: <T> is not closed"]);
        assert_eq!(told("x\n\n</div>\n"), ["</div>: </div> closes nothing"]);
        assert_eq!(
            told("<b>one\n\ntwo</b>\n"),
            ["<b>: <b> is not closed", "</b>: </b> closes nothing"]
        );
        assert_eq!(told("<div>\n\ntext\n"), ["<div>: <div> is not closed"]);
        assert_eq!(told("<i><b>x</i></b>\n").len(), 2);
        assert_eq!(told(&"<b>".repeat(1000)).len(), 5);
    }
}
