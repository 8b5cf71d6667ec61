//! A Rust sample to a program that compiles by itself, as rustdoc does it: what has no `main` is put into one.

use std::ops::Range;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A file for the compiler.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) text: String,
    /// Lines at its start that are not the author's.
    pub(super) lines_before: usize,
}

/// Makes a program of a sample. `harness` is for code whose tests are run instead of a `main`.
pub(super) fn program(code: &str, harness: bool) -> Source {
    let parts = match code.parse::<TokenStream>() {
        Ok(tokens) => Parts::of(tokens),
        // The compiler will say what is wrong with it, as long as nothing is added that is wrong as well.
        Err(_) => Parts {
            has_main: mentions_main(code),
            ..Parts::default()
        },
    };
    if harness || parts.has_main {
        return Source {
            text: code.to_owned(),
            lines_before: 0,
        };
    }
    wrapped(code, &parts.hoisted)
}

fn wrapped(code: &str, hoisted: &[Range<usize>]) -> Source {
    let mut lead = String::new();
    let mut body = code.to_owned();
    for range in hoisted {
        let part = code.get(range.clone()).unwrap_or_default();
        // A comment for the whole file means nothing to a compiler.
        if !part.starts_with("//") {
            lead.push_str(part);
            lead.push('\n');
        }
        // Lines stay where they are, so that messages can name them.
        let blank: String = part.chars().filter(|ch| *ch == '\n').collect();
        let blank = format!("{blank}{}", " ".repeat(part.len() - blank.len()));
        body.replace_range(range.clone(), &blank);
    }
    // So does rustdoc tell samples that may use `?`.
    let (open, close) = match code.trim_end().ends_with("(())") {
        true => (
            "fn main() { fn _inner() -> ::core::result::Result<(), impl ::core::fmt::Debug> {\n",
            "}\n_inner().unwrap() }\n",
        ),
        false => ("fn main() {\n", "}\n"),
    };
    lead.push_str(open);
    let gap = if body.ends_with('\n') || body.is_empty() {
        ""
    } else {
        "\n"
    };
    Source {
        lines_before: lead.matches('\n').count(),
        text: format!("{lead}{body}{gap}{close}"),
    }
}

/// What matters of a sample before it is put into a function.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parts {
    has_main: bool,
    /// Bytes of what can only stand at the top of a file: attributes of the whole, and `extern crate`.
    hoisted: Vec<Range<usize>>,
}

impl Parts {
    fn of(tokens: TokenStream) -> Self {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut parts = Self::default();
        let mut at = 0;
        // Where the attributes of the item that comes next begin.
        let mut item = None;
        while let Some(token) = tokens.get(at) {
            let rest = tokens.get(at..).unwrap_or_default();
            let start = token.span().byte_range().start;
            if let Some(length) = attribute(rest) {
                let is_whole = length == 3;
                let end = rest
                    .get(length - 1)
                    .map_or(start, |last| last.span().byte_range().end);
                match is_whole {
                    true => parts.hoisted.push(start..end),
                    false => item = item.or(Some(start)),
                }
                at += length;
                continue;
            }
            if is_word(token, "extern") && rest.get(1).is_some_and(|next| is_word(next, "crate")) {
                let length = rest.iter().position(|token| is_punctuation(token, ';'));
                let length = length.map_or(rest.len(), |semicolon| semicolon + 1);
                let end = rest
                    .get(length - 1)
                    .map_or(start, |last| last.span().byte_range().end);
                parts.hoisted.push(item.unwrap_or(start)..end);
                at += length;
                item = None;
                continue;
            }
            parts.has_main |=
                is_word(token, "fn") && rest.get(1).is_some_and(|next| is_word(next, "main"));
            // A macro may make it: `tokio::main!{ fn main() {} }`.
            if let (true, TokenTree::Group(group)) = (follows_bang(&tokens, at), token) {
                parts.has_main |= Self::of(group.stream()).has_main;
            }
            item = None;
            at += 1;
        }
        parts
    }
}

/// How many tokens the attribute at the start of these has: 2 for one of an item, 3 for one of the whole file.
fn attribute(tokens: &[TokenTree]) -> Option<usize> {
    let is_bracket = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket);
    match tokens {
        [hash, bang, body, ..]
            if is_punctuation(hash, '#') && is_punctuation(bang, '!') && is_bracket(body) =>
        {
            Some(3)
        }
        [hash, body, ..] if is_punctuation(hash, '#') && is_bracket(body) => Some(2),
        _ => None,
    }
}

fn follows_bang(tokens: &[TokenTree], at: usize) -> bool {
    at.checked_sub(1)
        .and_then(|before| tokens.get(before))
        .is_some_and(|before| is_punctuation(before, '!'))
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_punctuation(token: &TokenTree, ch: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ch)
}

/// For code that has no tokens: whether a line begins a `main` outside of a comment.
fn mentions_main(code: &str) -> bool {
    code.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .any(|line| line.contains("fn main("))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(code: &str) -> String {
        program(code, false).text
    }

    fn has_main(code: &str) -> bool {
        let source = program(code, false);
        assert_eq!(source.text == code, source.lines_before == 0);
        source.text == code
    }

    #[test]
    fn a_main_is_seen_wherever_it_really_is_one() {
        for code in [
            "fn main() {}\n",
            "use std::io;\n\n#[tokio::main]\nasync fn main() -> Result<(), ()> { Ok(()) }\n",
            "pub fn\nmain() {}",
            "wrap! { fn main() {} }",
            "fn main() { '",
        ] {
            assert!(has_main(code), "{code}");
        }
        for code in [
            "// fn main() {}\nlet x = 1;\n",
            "/* fn main() {} */",
            "let s = \"fn main() {}\";",
            "let s = r#\"\nfn main() {}\n\"#;",
            "mod inner { fn main() {} }",
            "fn main_loop() {}",
            "let c = ' // fn main() {",
        ] {
            assert!(!has_main(code), "{code}");
        }
    }

    #[test]
    fn what_has_no_main_is_put_into_one() {
        assert_eq!(text("let x = 1;\n"), "fn main() {\nlet x = 1;\n}\n");
        assert_eq!(
            text("let x = 1; // end"),
            "fn main() {\nlet x = 1; // end\n}\n"
        );
        assert_eq!(text(""), "fn main() {\n}\n");
        assert_eq!(program("let x = 1;\n", false).lines_before, 1);
        assert_eq!(program("#[test]\nfn a() {}\n", true).lines_before, 0);
    }

    #[test]
    fn code_that_ends_in_a_result_may_ask() {
        let source = program(
            "let x: u8 = \"1\".parse()?;\nOk::<(), std::num::ParseIntError>(())\n",
            false,
        );
        assert!(source.text.contains("_inner().unwrap()"), "{}", source.text);
        assert_eq!(source.lines_before, 1);
    }

    #[test]
    fn what_belongs_to_the_whole_file_goes_to_its_top() {
        let code = "//! About.\n#![deny(\n    warnings)]\n#[macro_use]\nextern crate a as b;\n#[derive(Debug)]\nstruct S;\nextern \"C\" {}\n";
        let source = program(code, false);
        assert_eq!(
            source.text,
            "#![deny(\n    warnings)]\n#[macro_use]\nextern crate a as b;\nfn main() {\n          \n\n                      \n\n                                \n#[derive(Debug)]\nstruct S;\nextern \"C\" {}\n}\n"
        );
        assert_eq!(source.lines_before, 5);
        let line = |text: &str| {
            text.lines()
                .position(|line| line.starts_with("#[derive"))
                .unwrap()
        };
        assert_eq!(line(&source.text) - source.lines_before, line(code));
    }

    #[test]
    fn an_inner_comment_of_a_program_is_no_reason_to_wrap_it() {
        assert!(has_main("//! About.\n\nfn main() {}\n"));
        assert!(has_main("/* é */ fn main() {}\n"));
    }
}
