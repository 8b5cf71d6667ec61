//! The code blocks of a text, for whoever runs them.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use crate::{
    Fence, Options, Run,
    document::Document,
    include::{self, Includes},
};

/// One fenced code block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeBlock {
    /// The info string; [`Fence::parse`] reads it.
    pub info: String,
    /// The code as a compiler should see it: what readers don't see is in it, without the `# ` before it; a line that is
    /// shown as gone is empty.
    pub code: String,
    /// Bytes of the text where the whole block stands; it begins with the fence.
    pub range: Range<usize>,
}

impl CodeBlock {
    /// What the info string says.
    #[must_use]
    pub fn fence(&self) -> Fence<'_> {
        Fence::parse(&self.info)
    }
}

/// The fenced code blocks of a text in order, with what they include.
///
/// A block that includes what isn't there has the code that stands in it; [`scan`](crate::scan) reports that.
#[must_use]
pub fn code_blocks(text: &str, includes: Includes<'_>) -> Vec<CodeBlock> {
    let document = Document::parse(text, &Options::default());
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for (event, range) in &document.events {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                open = Some((info.to_string(), String::new()));
            }
            Event::Text(text) => {
                if let Some((_, code)) = &mut open {
                    code.push_str(text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some((info, code)) = open.take() {
                    let fence = Fence::parse(&info);
                    let code = full(&fence, code, includes);
                    let code = lines(&fence, &code)
                        .zip(1..)
                        .map(|(line, number)| match fence.del.contains(number) {
                            true => "\n",
                            false => line.text,
                        })
                        .collect();
                    blocks.push(CodeBlock {
                        info,
                        code,
                        range: range.clone(),
                    });
                }
            }
            _ => {}
        }
    }
    blocks
}

/// The code of a fence: what it includes, or what stands in it.
pub(crate) fn full(fence: &Fence<'_>, written: String, includes: Includes<'_>) -> String {
    let included = fence
        .include
        .and_then(|include| include::select(include, &includes(include::path(include))?).ok());
    included.unwrap_or(written)
}

/// A line of code as a compiler sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// With its line break.
    pub(crate) text: &'a str,
    /// Whether readers don't see it.
    pub(crate) is_hidden: bool,
}

/// Lines of code. In Rust a line that begins with `# ` is hidden, as rustdoc has it; `##` stands for `#`.
pub(crate) fn lines<'a>(fence: &Fence<'a>, code: &'a str) -> impl Iterator<Item = Line<'a>> {
    // What is included is a file that a compiler has seen as it is.
    let is_rust = fence.include.is_none() && matches!(fence.language, "rust" | "rs");
    let hide = fence.hide.clone();
    code.split_inclusive('\n')
        .zip(1..)
        .map(move |(line, number)| {
            let (text, is_marked) = match is_rust {
                true => unmarked(line),
                false => (line, false),
            };
            Line {
                text,
                is_hidden: is_marked || hide.contains(number),
            }
        })
}

/// A Rust line without the mark that hides it, and whether it had one.
fn unmarked(line: &str) -> (&str, bool) {
    let trimmed = line.trim_start();
    match trimmed.strip_prefix('#') {
        Some("" | "\n") => (trimmed.get(1..).unwrap_or_default(), true),
        Some(rest) if rest.starts_with(' ') => (rest.get(1..).unwrap_or_default(), true),
        // The mark of a line that is shown; the rest of rustdoc's rule keeps its indentation, which nobody writes.
        Some(rest) if rest.starts_with('#') => (rest, false),
        _ => (line, false),
    }
}

/// Whether any line of the code is hidden or written otherwise than it is shown.
pub(crate) fn differs(fence: &Fence<'_>, code: &str) -> bool {
    let shown = lines(fence, code);
    shown
        .zip(code.split_inclusive('\n'))
        .any(|(line, written)| line.is_hidden || line.text != written)
}

impl Run {
    /// Whether the code is compiled or run at all.
    #[must_use]
    pub fn is_tested(self) -> bool {
        self != Self::Ignore
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::no_includes;

    #[test]
    fn a_compiler_sees_the_hidden_lines_too() {
        let text = "> ```rust,no_run\n> # fn main() {\n> #\n> let s = 1;\n>     ##[x]\n> # }\n> #[derive(Debug)]\n> ```\n";
        let blocks = code_blocks(text, &no_includes);
        assert_eq!(blocks.len(), 1);
        assert_eq!(
            blocks[0].code,
            "fn main() {\n\nlet s = 1;\n#[x]\n}\n#[derive(Debug)]\n"
        );
        assert_eq!(blocks[0].fence().run, Some(Run::NoRun));
        assert!(text[blocks[0].range.clone()].starts_with("```rust"));
    }

    #[test]
    fn a_compiler_does_not_see_what_is_gone() {
        let blocks = code_blocks("```rust del=\"2\"\na\nb\nc\n```\n", &no_includes);
        assert_eq!(blocks[0].code, "a\n\nc\n");
    }

    #[test]
    fn a_hash_hides_lines_of_rust_only() {
        let blocks = code_blocks("```sh\n# comment\n```\n\n    indented\n", &no_includes);
        assert_eq!(blocks.len(), 1);
        assert_eq!(blocks[0].code, "# comment\n");
    }

    #[test]
    fn included_code_takes_the_place_of_what_stands_there() {
        let includes = |path: &str| (path == "a.rs").then(|| "# kept\nfn a() {}\n".to_owned());
        let blocks = code_blocks(
            "```rust include=\"a.rs#2\"\nold\n```\n\n```rust include=\"b.rs\"\nold\n```\n",
            &includes,
        );
        let codes: Vec<_> = blocks.iter().map(|block| block.code.as_str()).collect();
        assert_eq!(codes, ["fn a() {}\n", "old\n"]);
    }
}
