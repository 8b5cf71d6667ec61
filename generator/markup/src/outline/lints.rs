//! What makes a text hard to use for some: headings that skip a level, pictures without a description, links that don't
//! say where they lead; and formulas where formulas are off.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use crate::{Problem, Severity, document::Document};

/// Words that say nothing about where a link leads.
const EMPTY_WORDS: [&str; 22] = [
    "click here",
    "click",
    "here",
    "link",
    "more",
    "read more",
    "see here",
    "see this",
    "this",
    "this link",
    "this page",
    "更多",
    "此",
    "此处",
    "点击",
    "点击这里",
    "点击此处",
    "点这里",
    "看这里",
    "这个链接",
    "这里",
    "链接",
];

/// Everything of this kind in a text. `math` says whether formulas are on.
pub(crate) fn check(document: &Document<'_>, math: bool) -> Vec<Problem> {
    let mut problems = heading_levels(document);
    let mut linter = Linter {
        text: document.text,
        math,
        image: None,
        link: None,
        in_code: false,
        block: String::new(),
        problems: Vec::new(),
    };
    for (event, range) in &document.events {
        linter.see(event, range);
    }
    problems.append(&mut linter.problems);
    problems
}

/// Those who listen jump from heading to heading, and take a missing level for a missing part.
fn heading_levels(document: &Document<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    // The page's title.
    let mut before = 1;
    for heading in document.headings.iter().filter(|heading| !heading.dropped) {
        if heading.level > before + 1 {
            let marks = |level: u8| "#".repeat(usize::from(level));
            problems.push(Problem {
                severity: Severity::Warning,
                code: "heading-level",
                range: heading.range.clone(),
                message: format!(
                    "a heading of level {} below one of level {before}",
                    heading.level
                ),
                hint: match before {
                    1 => format!("begin with {}: level 1 is the page's title", marks(2)),
                    _ => format!(
                        "write {}: levels are for order, not for size",
                        marks(before + 1)
                    ),
                },
            });
        }
        before = heading.level;
    }
    problems
}

struct Linter<'a> {
    text: &'a str,
    math: bool,
    /// Alternative text of the open image.
    image: Option<String>,
    /// Words of the open link, and whether it holds a picture with a description.
    link: Option<String>,
    in_code: bool,
    /// The open block of HTML.
    block: String,
    problems: Vec<Problem>,
}

impl Linter<'_> {
    fn see(&mut self, event: &Event<'_>, range: &Range<usize>) {
        match event {
            Event::Start(Tag::Image { .. }) => self.image = Some(String::new()),
            Event::End(TagEnd::Image) => self.end_image(range),
            Event::Start(Tag::Link { .. }) => self.link = Some(String::new()),
            Event::End(TagEnd::Link) => self.end_link(range),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented)) => {
                self.in_code = true;
            }
            Event::End(TagEnd::CodeBlock) => self.in_code = false,
            Event::Text(words) if !self.in_code => {
                self.words(words);
                self.shortcode(words, range);
                self.container(range);
                if !self.math && words.contains('$') {
                    self.formula(range);
                }
            }
            Event::Code(words) | Event::InlineMath(words) | Event::DisplayMath(words) => {
                self.words(words);
            }
            Event::Html(html) => self.block.push_str(html),
            Event::End(TagEnd::HtmlBlock) => {
                let html = std::mem::take(&mut self.block);
                self.html(&html, range);
            }
            Event::InlineHtml(html) => self.html(html, range),
            _ => {}
        }
    }

    fn words(&mut self, words: &str) {
        for open in [&mut self.image, &mut self.link].into_iter().flatten() {
            open.push_str(words);
        }
    }

    /// `:::note` of Docusaurus and Starlight, which would be shown as it is. The parser may see a definition in it.
    fn container(&mut self, range: &Range<usize>) {
        let before = self.text.get(..range.start).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = self.text.get(start..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default().trim_end();
        let name = line.trim_start_matches(':');
        let colons = line.len() - name.len();
        let is_told = self
            .problems
            .iter()
            .any(|problem| problem.range.start == start);
        if colons >= 3
            && name
                .trim_start()
                .starts_with(|ch: char| ch.is_ascii_alphabetic())
            && !is_told
        {
            self.problem(
                "foreign-notation",
                start..start + line.len(),
                format!("\"{line}\" is a notation of other generators"),
                "a note with a title is written > [!NOTE] Title, and > before each line of its text",
            );
        }
    }

    /// `{{< figure >}}` of Hugo, `{{#include}}` of mdBook.
    fn shortcode(&mut self, words: &str, range: &Range<usize>) {
        let Some(mark) = ["{{<", "{{%", "{{#"]
            .into_iter()
            .find(|mark| words.contains(mark))
        else {
            return;
        };
        let at = self
            .text
            .get(range.clone())
            .and_then(|source| source.find(mark));
        let start = range.start + at.unwrap_or(0);
        self.problem(
            "foreign-notation",
            start..start + if at.is_some() { mark.len() } else { 0 },
            format!("\"{mark}\" is a notation of other generators"),
            "code from a file: ```rust include=\"path#part\"; a picture with a caption: ![…](… \"caption\"); else HTML",
        );
    }

    fn end_image(&mut self, range: &Range<usize>) {
        let said = self.image.take().unwrap_or_default();
        if said.trim().is_empty() {
            self.no_description(range.clone());
        }
    }

    fn no_description(&mut self, range: Range<usize>) {
        self.problem(
            "image-alt",
            range,
            "a picture without a description".to_owned(),
            "say what it shows: ![…](…); for one that only decorates write <img src=\"…\" alt=\"\">",
        );
    }

    fn end_link(&mut self, range: &Range<usize>) {
        let words = self.link.take().unwrap_or_default();
        let is_mark = |ch: char| {
            ch.is_whitespace() || ch.is_ascii_punctuation() || "，。：；！？→»›…".contains(ch)
        };
        let bare = words.trim_matches(is_mark).to_lowercase();
        // What is named by its target, and what holds a picture, is judged there.
        let source = self.text.get(range.clone()).unwrap_or_default();
        if bare.is_empty() && (source.starts_with("[[") || source.contains("![")) {
            return;
        }
        if bare.is_empty() || EMPTY_WORDS.contains(&bare.as_str()) {
            self.problem(
                "link-text",
                range.clone(),
                match bare.is_empty() {
                    true => "a link without words".to_owned(),
                    false => format!("\"{}\" doesn't say where the link leads", words.trim()),
                },
                "name the page: those who listen hear links without the text around them",
            );
        }
    }

    fn html(&mut self, html: &str, range: &Range<usize>) {
        let lower = html.to_ascii_lowercase();
        let is_tag = |rest: &&str| rest.starts_with(|ch: char| ch.is_whitespace() || ch == '/');
        let mut tags = lower
            .split("<img")
            .skip(1)
            .filter(is_tag)
            .map(|rest| rest.split('>').next().unwrap_or_default());
        let has_alt = |tag: &str| {
            tag.split_whitespace()
                .any(|word| word == "alt" || word.starts_with("alt="))
        };
        if tags.any(|tag| !has_alt(tag)) {
            self.no_description(range.clone());
        }
    }

    /// The first formula of a text in which formulas are off.
    fn formula(&mut self, range: &Range<usize>) {
        if self
            .problems
            .iter()
            .any(|problem| problem.code == "math-off")
        {
            return;
        }
        let source = self.text.get(range.start..).unwrap_or_default();
        let text = self.text.get(range.clone()).unwrap_or_default();
        for (at, _) in text.match_indices('$') {
            let before = self.text.get(..range.start + at).unwrap_or_default();
            let is_escaped = before.ends_with('\\');
            let Some(formula) = source.get(at..).filter(|_| !is_escaped).and_then(formula) else {
                continue;
            };
            let start = range.start + at;
            self.problem(
                "math-off",
                start..start + formula.len(),
                format!("\"{formula}\" looks like a formula, but formulas are off here"),
                "write math = true into the front matter, or \\$ for a dollar sign",
            );
            return;
        }
    }

    fn problem(&mut self, code: &'static str, range: Range<usize>, message: String, hint: &str) {
        self.problems.push(Problem {
            severity: Severity::Warning,
            code,
            range,
            message,
            hint: hint.to_owned(),
        });
    }
}

/// The formula that a text begins with, its marks included: something between two `$` on one line that only formulas
/// have.
fn formula(text: &str) -> Option<&str> {
    let line = text.lines().next()?;
    let mark = if line.starts_with("$$") { "$$" } else { "$" };
    let (inner, after) = line.strip_prefix(mark)?.split_once(mark)?;
    let is_tight = mark == "$$" || inner.trim() == inner;
    let ends = !after.starts_with(|ch: char| ch.is_alphanumeric());
    let bytes = inner.as_bytes();
    let has_command = bytes
        .windows(2)
        .any(|pair| matches!(pair, [b'\\', letter] if letter.is_ascii_alphabetic()));
    let has_script = bytes
        .windows(2)
        .any(|pair| matches!(pair, [b'^' | b'_', after] if after.is_ascii_alphanumeric() || *after == b'{'));
    let is_letter = inner.len() == 1 && inner.chars().all(|ch| ch.is_ascii_alphabetic());
    // `$HOME_DIR$` and the like are words of a shell or a template.
    let is_word = inner.len() > 3
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let is_formula = (has_command || has_script || is_letter)
        && !is_word
        && !inner.contains('`')
        && !inner.ends_with('\\');
    let length = line.len() - after.len();
    line.get(..length)
        .filter(|_| is_formula && is_tight && ends)
}

#[cfg(test)]
mod tests {
    use crate::{Options, no_includes, scan};

    fn told(text: &str) -> Vec<String> {
        let codes = [
            "foreign-notation",
            "heading-level",
            "image-alt",
            "link-text",
            "math-off",
        ];
        let problems = scan(text, &Options::default(), &no_includes).problems;
        problems
            .into_iter()
            .filter(|problem| codes.contains(&problem.code))
            .map(|problem| format!("{}: {}", problem.code, &text[problem.range]))
            .collect()
    }

    #[test]
    fn what_other_generators_would_read_is_told() {
        assert_eq!(
            told(
                ":::note[Title]\nText\n:::\n\n::: tip\n\nSee {{< ref \"x.md\" >}} and `{{% x %}}`.\n\n{{#include a.rs}}\n"
            ),
            [
                "foreign-notation: :::note[Title]",
                "foreign-notation: ::: tip",
                "foreign-notation: {{<",
                "foreign-notation: {{#",
            ]
        );
        for text in [
            ":::\n",
            "a ::: b\n",
            "{{ 7*7 }} {% x %}\n",
            "```\n:::note\n{{< x >}}\n```\n",
        ] {
            assert_eq!(told(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_heading_that_skips_a_level_is_told() {
        assert_eq!(
            told("## A\n\n### B\n\n#### C\n\n## D\n\n# E\n"),
            Vec::<String>::new()
        );
        assert_eq!(
            told("# A\n\n## B\n\n### C\n"),
            Vec::<String>::new(),
            "moved down one"
        );
        assert_eq!(
            told("### A\n\n## B\n\n#### C\n"),
            ["heading-level: ### A\n", "heading-level: #### C\n"]
        );
    }

    #[test]
    fn a_picture_without_a_description_is_told() {
        assert_eq!(
            told(
                "![](a.png) ![ ](b.png) ![c](c.png) ![*d*](d.png)\n\n<img src=\"e.png\"> <img src=\"f.png\" alt=\"\">\n"
            ),
            [
                "image-alt: ![](a.png)",
                "image-alt: ![ ](b.png)",
                "image-alt: <img src=\"e.png\">"
            ]
        );
        assert_eq!(told("<p>\n<IMG\n src='g.png'/>\n</p>\n").len(), 1);
        assert_eq!(told("`<img src>` and <imgx>\n"), Vec::<String>::new());
    }

    #[test]
    fn a_link_that_says_nothing_is_told() {
        assert_eq!(
            told(
                "[here](a), [点击这里](b), [Read more →](c), [](d), [the manual](e), [![x](y)](f), [[g]], <https://h.example>\n"
            ),
            [
                "link-text: [here](a)",
                "link-text: [点击这里](b)",
                "link-text: [Read more →](c)",
                "link-text: [](d)",
            ]
        );
    }

    #[test]
    fn a_formula_where_formulas_are_off_is_told_once() {
        assert_eq!(
            told("若 $x_1 + \\frac{a}{b}$ 且 $y^2$，\n"),
            ["math-off: $x_1 + \\frac{a}{b}$"]
        );
        assert_eq!(told("- $$e^{i\\pi}$$\n"), ["math-off: $$e^{i\\pi}$$"]);
        assert_eq!(told("the number $n$ of\n"), ["math-off: $n$"]);
        for text in [
            "价格$5元和$10元\n",
            "$5 and $10^2\n",
            "`$x^2$` and\n\n```sh\n$x^2$\n```\n",
            "$HOME/$USER, $PATH_A$, \\$x^2\\$ or $ x^2 $\n",
        ] {
            assert_eq!(told(text), Vec::<String>::new(), "{text}");
        }
        let options = Options {
            math: true,
            ..Options::default()
        };
        assert_eq!(scan("$x^2$\n", &options, &no_includes).problems, []);
    }
}
