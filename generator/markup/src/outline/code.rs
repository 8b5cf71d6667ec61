//! What can be wrong with code: its fence, its language, what it includes, its width, invisible characters; diagrams.

use std::ops::Range;

use super::{Code, Scanner};
use crate::{Problem, ReferenceKind, Severity, diagram, fence::Fence, highlight, include};

impl Scanner<'_> {
    pub(super) fn code(&mut self, code: &Code, range: &Range<usize>) {
        self.check_controls(&code.text, range);
        let Some(info) = &code.info else {
            return self.words.count_code(&code.text);
        };
        let source = self.text.get(range.clone()).unwrap_or_default();
        // With escapes in it, or line breaks of old, it is not found as it was written: then the line is the place.
        let line = source.lines().next().map_or(0, str::len);
        let at = source.find(info.as_str()).map(|at| range.start + at);
        let place = |part: Range<usize>| match at {
            Some(at) => at + part.start..at + part.end,
            None => range.start..range.start + line,
        };
        let (fence, mistakes) = Fence::read(info);
        let language = place(0..fence.language.len());
        self.check_language(fence.language, language);
        let mistakes = mistakes.into_iter();
        self.problems
            .extend(mistakes.map(|mistake| mistake.into_problem(place)));
        let whole = place(0..info.len());
        match fence.include {
            Some(include) => {
                let is_diagram = diagram::is_diagram(fence.language);
                self.include(include, &whole, is_diagram);
            }
            None if diagram::is_diagram(fence.language) => {
                self.words.count_code(&code.text);
                let problem = diagram::check(&code.text, self.text, range, self.drawings);
                self.problems.extend(problem);
            }
            None => {
                self.words.count_code(&code.text);
                self.check_width(&code.text, range);
            }
        }
    }

    fn include(&mut self, include: &str, range: &Range<usize>, is_diagram: bool) {
        let path = include::path(include);
        self.reference(ReferenceKind::Include, path, range);
        let Some(text) = (self.includes)(path) else {
            return;
        };
        match include::select(include, &text) {
            Ok(code) => {
                self.words.count_code(&code);
                match is_diagram {
                    // What is wrong in another file is told where it is shown.
                    true => {
                        self.problems
                            .extend(diagram::check(&code, "", &(0..0), self.drawings).map(
                                |problem| Problem {
                                    range: range.clone(),
                                    ..problem
                                },
                            ))
                    }
                    false => self.check_width(&code, range),
                }
                // Where in the file it stands is for whoever reads that file.
                self.check_controls(&code, range);
            }
            Err((message, hint)) => {
                let range = self.locate(include, range);
                self.problems.push(Problem {
                    severity: Severity::Error,
                    code: "include-part",
                    range,
                    message,
                    hint,
                });
            }
        }
    }

    /// The first line that is too wide, in the source or, for included code, at the fence.
    fn check_width(&mut self, code: &str, range: &Range<usize>) {
        let Some(width) = self.line_width else {
            return;
        };
        let Some(line) = code.lines().find(|line| line.chars().count() > width) else {
            return;
        };
        let range = self.locate(line, range);
        self.problems.push(Problem {
            severity: Severity::Warning,
            code: "long-line",
            range,
            message: format!(
                "a line of code has {} characters, more than {width}",
                line.chars().count()
            ),
            hint: "readers must scroll sideways: break it, or raise line_width in [checks]"
                .to_owned(),
        });
    }

    fn check_language(&mut self, language: &str, range: Range<usize>) {
        let Err(near) = highlight::find(language) else {
            return;
        };
        self.problems.push(Problem {
            severity: Severity::Warning,
            code: "unknown-language",
            range,
            message: format!("no highlighting for \"{language}\""),
            hint: match near.is_empty() {
                true => {
                    "the code is shown plain; write \"text\" if that is what you want".to_owned()
                }
                false => format!("did you mean {}?", near.join(" or ")),
            },
        });
    }

    pub(super) fn check_controls(&mut self, code: &str, range: &Range<usize>) {
        let is_bidi = |ch: char| matches!(ch, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let Some(control) = code.chars().find(|ch| is_bidi(*ch)) else {
            return;
        };
        let start = range.start
            + self
                .text
                .get(range.clone())
                .and_then(|source| source.find(control))
                .unwrap_or(0);
        self.problems.push(Problem {
            severity: Severity::Warning,
            code: "bidi-control",
            range: start..start + control.len_utf8(),
            message: format!(
                "code contains the invisible direction mark U+{:04X}",
                u32::from(control)
            ),
            hint: "it makes code read differently from what it does (CVE-2021-42574); delete it"
                .to_owned(),
        });
    }
}
