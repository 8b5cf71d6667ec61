//! From what somebody typed to HTML that can stand on a page: checked for size and depth first,
//! parsed as a Markdown subset, sanitised last.
//!
//! The order matters: the sanitiser is superlinear in nesting, so it never sees text that has
//! not passed the cheap checks.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::highlight::{self, highlight};

/// The most bytes a comment may have.
pub const MAX_BODY_BYTES: usize = 4096;
/// How deep quotes and lists may nest.
pub const MAX_NESTING: usize = 16;
/// Marks on one letter: more is no script but a prank (Unicode UTR #36 advises a bound of 4;
/// some legitimate texts stack up to 8).
const MAX_MARKS: usize = 8;

/// Why a text can't be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Over [`MAX_BODY_BYTES`].
    #[error("the comment is longer than 4,096 bytes")]
    TooLong,
    /// Nothing in it that could be seen.
    #[error("the comment is empty")]
    Empty,
    /// Over [`MAX_NESTING`].
    #[error("the comment nests too deep")]
    Nesting,
    /// More than eight on one letter.
    #[error("the comment has too many combining marks")]
    Marks,
}

/// Renders a comment. Raw HTML shows as the text it is; images become links; headings become
/// paragraphs. Bidirectional overrides are left out.
pub fn render(body: &str) -> Result<String, BodyError> {
    if stacked_marks(body) > MAX_MARKS {
        return Err(BodyError::Marks);
    }
    if body.len() > MAX_BODY_BYTES {
        return Err(BodyError::TooLong);
    }
    if deepest_line(body) > MAX_NESTING {
        return Err(BodyError::Nesting);
    }
    let text = without_bidi_controls(body);
    let mut depth = 0_usize;
    let mut deepest = 0_usize;
    let mut visible = false;
    let events: Vec<Event<'_>> = Parser::new_ext(&text, Options::ENABLE_STRIKETHROUGH)
        .inspect(|event| match event {
            Event::Start(_) => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                visible |= text.chars().any(is_visible);
            }
            _ => {}
        })
        .filter_map(allowed)
        .collect();
    // A list item is two levels and its paragraph a third.
    if deepest > 2 * MAX_NESTING + 2 {
        return Err(BodyError::Nesting);
    }
    if !visible {
        return Err(BodyError::Empty);
    }
    let mut html = String::with_capacity(text.len() * 2);
    pulldown_cmark::html::push_html(&mut html, coloured(events).into_iter());
    // Character references have become characters by now.
    let html = without_bidi_controls(&sanitised(&html));
    if stacked_marks(&html) > MAX_MARKS {
        return Err(BodyError::Marks);
    }
    Ok(html)
}

fn sanitised(html: &str) -> String {
    #[cfg(test)]
    tests::SANITISED.with(|times| times.set(times.get() + 1));
    SANITISER.clean(html).to_string()
}

/// Keeps the subset: what is not in it becomes text or a plainer element.
fn allowed(event: Event<'_>) -> Option<Event<'_>> {
    Some(match event {
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Heading { .. }) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Image {
            dest_url, title, ..
        }) => Event::Start(Tag::Link {
            link_type: LinkType::Inline,
            dest_url,
            title,
            id: "".into(),
        }),
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        Event::Rule => return None,
        other => other,
    })
}

/// Blocks of code in a language that is known are coloured, all others stay as they are.
fn coloured(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut shown = Vec::with_capacity(events.len());
    let mut code: Option<(String, String)> = None;
    let mut left = highlight::MOST;
    for event in events {
        match (event, &mut code) {
            (Event::Text(text), Some((_, code))) => code.push_str(&text),
            (Event::End(TagEnd::CodeBlock), _) => {
                if let Some((language, text)) = code.take() {
                    let html = highlight(&language, &text, left);
                    left = left.saturating_sub(html.as_ref().map_or(0, String::len));
                    shown.push(
                        html.map_or(Event::Text(text.into()), |html| Event::Html(html.into())),
                    );
                }
                shown.push(Event::End(TagEnd::CodeBlock));
            }
            (event, _) => {
                if let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) = &event {
                    let language = info.split([' ', ',']).next().unwrap_or_default();
                    code = Some((language.to_owned(), String::new()));
                }
                shown.push(event);
            }
        }
    }
    shown
}

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from([
            "p",
            "br",
            "em",
            "strong",
            "del",
            "code",
            "pre",
            "ul",
            "ol",
            "li",
            "blockquote",
            "a",
            "span",
        ]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("ol", HashSet::from(["start"])),
            ("code", HashSet::from(["class"])),
            ("span", HashSet::from(["class"])),
        ]))
        // What an empty builder would let every element have: `lang` and `title`.
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["https", "http", "mailto"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("code", "class") => {
                let word = value.strip_prefix("language-")?;
                let plain = !word.is_empty()
                    && word
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"+-_#".contains(&b));
                plain.then(|| value.into())
            }
            ("span", "class") => highlight::CLASSES.contains(&value).then(|| value.into()),
            ("ol", "start") => value
                .bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| value.into()),
            _ => Some(value.into()),
        })
        .link_rel(Some("nofollow ugc noopener noreferrer"));
    builder
});

/// The most container markers that a line starts with: a cheap bound of how deep one line can
/// nest. A bullet is one only before white space, or every table in a code block would be a nest.
fn deepest_line(body: &str) -> usize {
    body.lines()
        .map(|line| {
            let ends = line.bytes().skip(1).chain([b'\n']);
            line.bytes()
                .zip(ends)
                .take_while(|(byte, _)| b" \t>*+-".contains(byte))
                .filter(|(byte, next)| {
                    *byte == b'>' || b"*+-".contains(byte) && next.is_ascii_whitespace()
                })
                .count()
        })
        .max()
        .unwrap_or(0)
}

fn stacked_marks(text: &str) -> usize {
    let mut run = 0;
    text.nfd()
        .map(|c| {
            run = if is_combining_mark(c) { run + 1 } else { 0 };
            run
        })
        .max()
        .unwrap_or(0)
}

/// The text as it reads without explicit directional formatting.
pub(crate) fn without_bidi_controls(text: &str) -> String {
    text.chars().filter(|c| !is_bidi_control(*c)).collect()
}

/// Explicit directional formatting (UAX #9, sections 2.1–2.5).
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
}

/// Leaves an ink mark: no space, control, or zero-width character.
fn is_visible(c: char) -> bool {
    let invisible = matches!(
        c,
        '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}'
            | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}'
    );
    !c.is_whitespace() && !c.is_control() && !is_combining_mark(c) && !invisible
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        /// How often this thread went as far as the sanitiser.
        pub(super) static SANITISED: Cell<u32> = const { Cell::new(0) };
    }

    #[test]
    fn what_is_too_long_too_deep_or_empty_never_meets_the_sanitiser() {
        let by_lines: String = (0..40)
            .map(|depth| format!("{}- x\n", "  ".repeat(depth)))
            .collect();
        let before = SANITISED.get();
        for (body, refusal) in [
            (">".repeat(4_000), BodyError::Nesting),
            ("> ".repeat(2_000) + "x", BodyError::Nesting),
            ("- ".repeat(500) + "x", BodyError::Nesting),
            ("1. ".repeat(500) + "x", BodyError::Nesting),
            (by_lines, BodyError::Nesting),
            (">".repeat(24_000), BodyError::TooLong),
            ("\u{200B}".repeat(100), BodyError::Empty),
            (format!("a{}", "\u{301}".repeat(2_000)), BodyError::Marks),
        ] {
            assert_eq!(render(&body), Err(refusal), "{:.20}", body);
        }
        assert_eq!(SANITISED.get(), before);
        assert!(render("x").is_ok());
        assert_eq!(SANITISED.get(), before + 1);
    }

    #[test]
    fn the_subset_renders() {
        let html = render("A *word* with `code` and [a link](https://x.example).\n\n- one\n- two")
            .unwrap();
        assert!(html.contains("<em>word</em>") && html.contains("<code>code</code>"));
        assert!(html.contains(r#"rel="nofollow ugc noopener noreferrer""#));
        assert!(html.contains("<li>one</li>"));
        let fenced = render("```rust\nfn main() {}\n```").unwrap();
        assert_eq!(
            fenced,
            "<pre><code class=\"language-rust\"><span class=\"k\">fn</span> <span class=\"f\">main</span>() {}\n</code></pre>\n"
        );
        let unknown = render("```klingon\n<b>&\n```\n\n    indented").unwrap();
        assert_eq!(
            unknown,
            "<pre><code class=\"language-klingon\">&lt;b&gt;&amp;\n</code></pre>\n<pre><code>indented</code></pre>\n"
        );
    }

    #[test]
    fn markup_shows_as_text_or_not_at_all() {
        for hostile in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](jav&#x09;ascript:alert(1))",
            "![x](data:text/html,<script>alert(1)</script>)",
            "<svg><animate onbegin=alert(1)>",
            "<math><mtext><table><mglyph><style><!--</style><img src onerror=alert(1)>",
            "<a href=\"vbscript:x\">x</a>",
            "a <b onmouseover=alert(1)>b</b>",
            "```\"onload=alert(1)\nx\n```",
            "<span class=\"k\" onclick=alert(1)>x</span>",
            "[x](https://a.example/ \"a title\")",
        ] {
            let html = render(hostile).unwrap();
            for tag in html.split('<').skip(1) {
                let name = tag
                    .trim_start_matches('/')
                    .split(['>', ' '])
                    .next()
                    .unwrap();
                assert!(
                    ["p", "a", "pre", "code", "br"].contains(&name),
                    "{hostile} -> {html}"
                );
                let attributes = tag.split('>').next().unwrap();
                assert!(
                    !["script:", " on", " title"]
                        .iter()
                        .any(|part| attributes.contains(part)),
                    "{hostile} -> {html}"
                );
            }
        }
    }

    #[test]
    fn what_nobody_could_read_is_refused() {
        assert_eq!(render(&"x".repeat(4097)), Err(BodyError::TooLong));
        assert_eq!(render(""), Err(BodyError::Empty));
        assert_eq!(render("\u{200B}\u{2060}\u{FEFF} \n"), Err(BodyError::Empty));
        assert_eq!(
            render(&format!("a{}", "\u{301}".repeat(1000))),
            Err(BodyError::Marks)
        );
        assert_eq!(
            render(&format!("a{}", "\u{301}".repeat(10_000))),
            Err(BodyError::Marks),
            "what is wrong with it is not its length"
        );
        assert_eq!(
            render(&format!("a{}", "&#769;".repeat(500))),
            Err(BodyError::Marks)
        );
        assert_eq!(render(&">".repeat(4000)), Err(BodyError::Nesting));
        assert_eq!(
            render(&format!("{}x", "- ".repeat(500))),
            Err(BodyError::Nesting)
        );
        assert_eq!(
            render(&format!("{}x", "1. ".repeat(500))),
            Err(BodyError::Nesting)
        );
        let mut lists = String::new();
        for depth in 0..60 {
            lists.push_str(&format!("{}- x\n", " ".repeat(depth)));
        }
        assert!(render(&lists).is_ok() || render(&lists) == Err(BodyError::Nesting));
        let nested: String = (0..40)
            .map(|depth| format!("{}- x\n", "  ".repeat(depth)))
            .collect();
        assert_eq!(render(&nested), Err(BodyError::Nesting));
    }

    #[test]
    fn bidi_overrides_are_left_out_and_scripts_stay() {
        assert_eq!(render("a\u{202E}b").unwrap(), "<p>ab</p>\n");
        assert_eq!(render("a&#x202E;b&#8238;").unwrap(), "<p>ab</p>\n");
        assert_eq!(render("你好，世界").unwrap(), "<p>你好，世界</p>\n");
        assert!(render("---\n\nx").is_ok());
    }

    #[test]
    fn a_line_of_dashes_in_front_of_a_word_is_no_nest() {
        for plain in [
            "-------------------- [ERROR] it broke",
            "```\n+--------------------+\n--------------------- two\n```",
            "++++++++++++++++++++ more",
        ] {
            assert!(render(plain).is_ok(), "{plain}");
        }
    }

    #[test]
    fn many_blocks_of_code_grow_no_longer_than_one() {
        let block = format!("```rust\n{}\n```\n", "A ".repeat(120));
        let html = render(&block.repeat(MAX_BODY_BYTES / block.len())).unwrap();
        assert!(html.contains("<span"));
        assert!(
            html.len() < highlight::MOST + 2 * MAX_BODY_BYTES,
            "{}",
            html.len()
        );
    }

    #[test]
    fn rendering_is_a_fixed_point_of_the_sanitiser() {
        for body in [
            "a < b & c",
            "*x* `y` ~~z~~",
            "1. a\n2. b",
            "```rust\nlet a = \"<b>'&amp;\";\n```",
            "- ```js\n  if (a) { `\n  b`\n  ```",
            "> q\n\n[l](https://e.example/?a=1&b=2)",
        ] {
            let html = render(body).unwrap();
            assert_eq!(SANITISER.clean(&html).to_string(), html);
        }
    }
}
