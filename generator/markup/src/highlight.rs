//! Code to HTML with short classes: syntect finds scopes, a small table folds them into 14 classes.
//!
//! Whole scope names would triple a page (`<span class="punctuation definition string begin rust">`); readers need
//! a keyword to look like a keyword, not more.

mod language;

use std::{cell::RefCell, collections::HashMap, sync::OnceLock};

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

pub(crate) use language::is_session;

use crate::escape::escape_text;

/// Longer lines stay plain: no reader follows them, and regular expressions may take seconds.
const LONGEST_LINE: usize = 2_000;

/// A class, and what it stands for in a colour theme: the first scope is the one its colour is taken from.
pub(crate) struct Class {
    /// Name in HTML and CSS.
    pub(crate) name: &'static str,
    /// Prefixes of the scopes that get it.
    pub(crate) scopes: &'static [&'static str],
}

/// Words such as `and`, `not`, `as`; not signs.
const OPERATOR: &str = "o";

/// All classes. For a scope the longest matching prefix counts, whatever the order here.
pub(crate) const CLASSES: &[Class] = &[
    Class {
        name: "k",
        scopes: &[
            "keyword.control",
            "keyword",
            "storage",
            "variable.language",
            "support.type.property-name.css",
        ],
    },
    Class {
        name: OPERATOR,
        scopes: &["keyword.operator"],
    },
    Class {
        name: "s",
        scopes: &["string"],
    },
    Class {
        name: "e",
        scopes: &["constant.character.escape", "constant.other.placeholder"],
    },
    Class {
        name: "n",
        scopes: &["constant.numeric", "constant"],
    },
    Class {
        name: "c",
        scopes: &["comment"],
    },
    Class {
        name: "f",
        scopes: &[
            "entity.name.function",
            "support.function",
            "variable.function",
            "entity.name.command",
        ],
    },
    Class {
        name: "t",
        scopes: &[
            "entity.name.type",
            "entity.name",
            "support.type",
            "support.class",
            "storage.type.numeric",
            "entity.other.inherited-class",
        ],
    },
    Class {
        name: "m",
        scopes: &[
            "support.macro",
            "entity.name.macro",
            "meta.preprocessor",
            "keyword.control.import.include",
        ],
    },
    Class {
        name: "g",
        scopes: &["entity.name.tag"],
    },
    Class {
        name: "a",
        scopes: &[
            "entity.other.attribute-name",
            "variable.annotation",
            "meta.annotation",
            "support.type.property-name",
            "entity.name.tag.yaml",
            "support.type.property-name.toml",
        ],
    },
    Class {
        name: "v",
        scopes: &["variable.parameter"],
    },
    Class {
        name: "i",
        scopes: &["markup.inserted"],
    },
    Class {
        name: "d",
        scopes: &["markup.deleted"],
    },
];

/// Scopes that end the search without a class: what is inside them is code again, or plain.
const PLAIN: &[&str] = &[
    "meta.interpolation",
    "meta.template.expression",
    "source",
    "text",
    "variable.other",
    "invalid",
];

/// The syntax for a fence's language: `Ok(None)` for plain text, an error with up to two near names for an unknown one.
pub(crate) fn find(language: &str) -> Result<Option<&'static SyntaxReference>, Vec<String>> {
    language::find(language, syntaxes())
}

/// Appends code as HTML: escaped, with `<span class="k">` around each run of one class.
pub(crate) fn write(out: &mut String, code: &str, syntax: Option<&SyntaxReference>) {
    let mut highlighter = Highlighter::new(syntax);
    let mut writer = Runs::new(out);
    for line in code.split_inclusive('\n') {
        highlighter.line(&mut writer, line);
    }
    writer.close();
}

/// Highlights code line by line, each line in HTML that can stand alone.
pub(crate) struct Highlighter {
    /// `None` for plain text.
    state: Option<(ParseState, ScopeStack)>,
}

impl Highlighter {
    pub(crate) fn new(syntax: Option<&SyntaxReference>) -> Self {
        let state = syntax.map(|syntax| (ParseState::new(syntax), ScopeStack::new()));
        Self { state }
    }

    /// The next line as HTML, with its line break.
    pub(crate) fn next(&mut self, line: &str) -> String {
        let mut html = String::with_capacity(line.len() * 2);
        let mut writer = Runs::new(&mut html);
        self.line(&mut writer, line);
        writer.close();
        html
    }

    fn line(&mut self, writer: &mut Runs<'_>, line: &str) {
        let parsed = self
            .state
            .as_mut()
            .filter(|_| line.len() <= LONGEST_LINE)
            .and_then(|(state, stack)| Some((state.parse_line(line, syntaxes()).ok()?, stack)));
        let Some((ops, stack)) = parsed else {
            return writer.put(line, None);
        };
        let mut from = 0;
        for (at, op) in ops {
            if let Some(piece) = line.get(from..at).filter(|piece| !piece.is_empty()) {
                writer.put(piece, class_in(stack, piece));
            }
            from = at.max(from);
            // A grammar that pops too much leaves the stack as it was.
            let _ = stack.apply(&op);
        }
        let rest = line.get(from..).unwrap_or_default();
        writer.put(rest, class_in(stack, rest));
    }
}

/// Writes pieces, joining neighbours of one class; white space never opens a span.
struct Runs<'a> {
    out: &'a mut String,
    class: Option<&'static str>,
    gap: String,
}

impl<'a> Runs<'a> {
    fn new(out: &'a mut String) -> Self {
        Self {
            out,
            class: None,
            gap: String::new(),
        }
    }

    fn put(&mut self, piece: &str, class: Option<&'static str>) {
        let code = piece.trim();
        if code.is_empty() {
            self.gap.push_str(piece);
            return;
        }
        let (before, rest) = piece.split_at(piece.len() - piece.trim_start().len());
        self.gap.push_str(before);
        if class != self.class {
            self.close();
            if let Some(class) = class {
                self.out.push_str("<span class=\"");
                self.out.push_str(class);
                self.out.push_str("\">");
            }
            self.class = class;
        }
        self.out.push_str(&self.gap);
        escape_text(self.out, code);
        self.gap.clear();
        self.gap
            .push_str(rest.get(code.len()..).unwrap_or_default());
    }

    fn close(&mut self) {
        if self.class.take().is_some() {
            self.out.push_str("</span>");
        }
        self.out.push_str(&self.gap);
        self.gap.clear();
    }
}

/// What one scope says about the text in it.
#[derive(Clone, Copy)]
enum Verdict {
    Class(&'static str),
    Plain,
    AskOuter,
}

/// The class of a piece. `=` and `.` are seen without a colour of their own, and are a fifth of all tags.
fn class_in(stack: &ScopeStack, piece: &str) -> Option<&'static str> {
    let is_sign = |class: &&str| *class != OPERATOR || piece.chars().any(char::is_alphabetic);
    class_of(stack).filter(is_sign)
}

fn class_of(stack: &ScopeStack) -> Option<&'static str> {
    thread_local! {
        static SEEN: RefCell<HashMap<Scope, Verdict>> = RefCell::default();
    }
    for scope in stack.as_slice().iter().rev() {
        let verdict =
            SEEN.with_borrow_mut(|seen| *seen.entry(*scope).or_insert_with(|| verdict(*scope)));
        match verdict {
            Verdict::Class(class) => return Some(class),
            Verdict::Plain => return None,
            Verdict::AskOuter => {}
        }
    }
    None
}

fn verdict(scope: Scope) -> Verdict {
    table()
        .iter()
        .filter(|(prefix, _)| prefix.is_prefix_of(scope))
        .max_by_key(|(prefix, _)| prefix.len())
        .map_or(Verdict::AskOuter, |(_, verdict)| *verdict)
}

fn table() -> &'static [(Scope, Verdict)] {
    static TABLE: OnceLock<Vec<(Scope, Verdict)>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let classes = CLASSES.iter().flat_map(|class| {
            class
                .scopes
                .iter()
                .map(|scope| (*scope, Verdict::Class(class.name)))
        });
        let plain = PLAIN.iter().map(|scope| (*scope, Verdict::Plain));
        classes
            .chain(plain)
            .filter_map(|(scope, verdict)| Some((Scope::new(scope).ok()?, verdict)))
            .collect()
    })
}

fn syntaxes() -> &'static SyntaxSet {
    static SYNTAXES: OnceLock<SyntaxSet> = OnceLock::new();
    SYNTAXES.get_or_init(two_face::syntax::extra_newlines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(language: &str, code: &str) -> String {
        let mut out = String::new();
        write(&mut out, code, find(language).unwrap());
        out
    }

    #[test]
    fn a_run_of_one_class_is_one_span() {
        assert_eq!(
            html("rust", "fn main() { // hi\n    // there\n}\n"),
            "<span class=\"k\">fn</span> <span class=\"f\">main</span>() { <span class=\"c\">// hi\n    // there</span>\n}\n"
        );
        assert_eq!(
            html("rust", "let s = \"a\\n<b>\";\n"),
            "<span class=\"k\">let</span> s = <span class=\"s\">\"a</span><span class=\"e\">\\n</span><span class=\"s\">&lt;b&gt;\"</span>;\n"
        );
    }

    #[test]
    fn every_scope_of_the_table_is_one() {
        let written = CLASSES
            .iter()
            .map(|class| class.scopes.len())
            .sum::<usize>()
            + PLAIN.len();
        assert_eq!(table().len(), written);
    }

    #[test]
    fn a_very_long_line_stays_plain_and_is_quick() {
        let line = format!("let x = \"{}\";\n", "a".repeat(400_000));
        assert_eq!(html("rust", &line), line);
    }

    #[test]
    fn lines_stand_alone() {
        let mut highlighter = Highlighter::new(find("rust").unwrap());
        let lines: Vec<_> = ["/* a\n", "\n", "b */ fn\n"]
            .into_iter()
            .map(|line| highlighter.next(line))
            .collect();
        assert_eq!(
            lines,
            [
                "<span class=\"c\">/* a</span>\n",
                "\n",
                "<span class=\"c\">b */</span> <span class=\"k\">fn</span>\n"
            ]
        );
    }
}
