//! Is a line code, comment or blank? Reads bytes, knows no files.

use std::io::{self, BufRead};

use crate::language::Language;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub code: u64,
    pub comments: u64,
    pub blanks: u64,
}

/// In order of strength: a line is the strongest thing on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Blank,
    Comment,
    Code,
}

/// Counts the lines of `input` by kind. A string ends with its line.
pub fn count(
    mut input: impl BufRead,
    language: &Language,
) -> io::Result<Counts> {
    let mut counts = Counts::default();
    let mut depth = 0;
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        match classify(&line, language, &mut depth) {
            Kind::Code => counts.code += 1,
            Kind::Comment => counts.comments += 1,
            Kind::Blank => counts.blanks += 1,
        }
        line.clear();
    }
    Ok(counts)
}

/// `depth` is the number of block comments open before the line, and after it.
fn classify(line: &[u8], language: &Language, depth: &mut u32) -> Kind {
    let mut kind = Kind::Blank;
    let mut rest = line.trim_ascii();
    while let [first, after @ ..] = rest {
        if *depth > 0 {
            kind = kind.max(Kind::Comment);
            rest = inside_comment(rest, language, depth);
        } else if starts_line_comment(rest, language) {
            return kind.max(Kind::Comment);
        } else if let Some(inside) = open_block(rest, language) {
            kind = kind.max(Kind::Comment);
            *depth = 1;
            rest = inside;
        } else {
            if !first.is_ascii_whitespace() {
                kind = Kind::Code;
            }
            rest = skip_literal(rest, language).unwrap_or(after);
        }
    }
    kind
}

fn starts_line_comment(rest: &[u8], language: &Language) -> bool {
    let mut starts = language.line_comments.iter();
    starts.any(|start| rest.starts_with(start.as_bytes()))
}

fn open_block<'a>(rest: &'a [u8], language: &Language) -> Option<&'a [u8]> {
    let block = language.block_comment.as_ref()?;
    rest.strip_prefix(block.open.as_bytes())
}

/// One step through a block comment: over what closes it, over what opens
/// another, or one byte.
fn inside_comment<'a>(
    rest: &'a [u8],
    language: &Language,
    depth: &mut u32,
) -> &'a [u8] {
    if let Some(block) = &language.block_comment {
        if let Some(after) = rest.strip_prefix(block.close.as_bytes()) {
            *depth -= 1;
            return after;
        }
        if block.nests
            && let Some(after) = rest.strip_prefix(block.open.as_bytes())
        {
            *depth += 1;
            return after;
        }
    }
    &rest[1..]
}

/// What follows the string or quoted quote that `rest` begins with, if any.
fn skip_literal<'a>(rest: &'a [u8], language: &Language) -> Option<&'a [u8]> {
    for quote in [br#"'"'"#.as_slice(), br#"'\"'"#] {
        if let Some(after) = rest.strip_prefix(quote) {
            return Some(after);
        }
    }
    let (quote, mut rest) = rest.split_first()?;
    if !language.quotes.contains(quote) {
        return None;
    }
    loop {
        rest = match rest {
            [] => return Some(rest),
            [b'\\', _, after @ ..] => after,
            [byte, after @ ..] if byte == quote => return Some(after),
            [_, after @ ..] => after,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{self, Languages};
    use std::path::Path;

    /// `expected` has one letter per line: `#` code, `/` comment, `.` blank.
    fn check(file: &str, text: &str, expected: &str) {
        let language = Languages::default().of(Path::new(file)).unwrap();
        let mut depth = 0;
        let seen: String = text
            .lines()
            .map(
                |line| match classify(line.as_bytes(), language, &mut depth) {
                    Kind::Code => '#',
                    Kind::Comment => '/',
                    Kind::Blank => '.',
                },
            )
            .collect();
        assert_eq!(seen, expected, "in {file}:\n{text}");
    }

    #[test]
    fn the_strongest_thing_on_a_line_decides() {
        check("a.rs", "x();\n// c\n\n  \t\nx(); // c", "#/..#");
        check("a.rs", "/* c */\n/* c */ x();\nx(); /* c */", "/##");
    }

    #[test]
    fn a_block_comment_goes_on_until_it_is_closed() {
        check("a.c", "/* one\n   two\n\n*/ x();\ny();", "//.##");
        check("a.html", "<!-- a\n<p>\n-->\n<p>", "///#");
        check("a.css", "a {} /* b\nc */\n// no comment in CSS", "#/#");
    }

    #[test]
    fn comments_nest_where_the_language_says_so() {
        let text = "/* /* */\nx();\n*/\ny();";
        check("a.rs", text, "///#");
        check("a.c", text, "/###");
    }

    #[test]
    fn a_comment_in_a_string_is_none() {
        check("a.rs", "get(\"http://a/*\");\nx();", "##");
        check("a.js", "a = '/*';\nb = `/*`;\nc();", "###");
        check("a.py", "a = '#'\n# c", "#/");
        check("a.rs", r#"print("say \"/*\"");"#, "#");
        check("a.c", r#"print("\\"); /* c"#, "#");
    }

    #[test]
    fn a_quoted_quote_opens_no_string() {
        check("a.rs", "match c { '\"' => 1, /* c\nc */", "#/");
        check("a.c", "if (c == '\\\"') { /* c\nc */", "#/");
    }

    #[test]
    fn a_lifetime_opens_no_string() {
        check("a.rs", "fn f<'a>(s: &'a str) {} /* c\nc */", "#/");
    }

    #[test]
    fn known_limit_a_string_over_several_lines() {
        let text = "let s = \"one\n// two\n\nthree\";";
        check("a.rs", text, "#/.#");
    }

    #[test]
    fn known_limit_a_raw_string_that_holds_a_quote() {
        check("a.rs", "let s = r#\" \" /* \"#;\nx();", "#/");
    }

    #[test]
    fn counts_add_up_to_the_lines() {
        let language = language::named("Rust").unwrap();
        let text: &[u8] = b"x();\r\n\r\n// c\r\ncaf\xe9();";
        let expected = Counts {
            code: 2,
            comments: 1,
            blanks: 1,
        };
        assert_eq!(count(text, language).unwrap(), expected);
    }
}
