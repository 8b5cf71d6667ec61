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
    let scanner = Scanner::new(language);
    let mut counts = Counts::default();
    let mut depth = 0;
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        match scanner.classify(&line, &mut depth) {
            Kind::Code => counts.code += 1,
            Kind::Comment => counts.comments += 1,
            Kind::Blank => counts.blanks += 1,
        }
        line.clear();
    }
    Ok(counts)
}

/// A language, and which bytes are worth a question in it.
struct Scanner<'a> {
    language: &'a Language,
    /// What can start a comment or a literal.
    outside: [bool; 256],
    /// What can end a block comment or start another.
    inside: [bool; 256],
}

impl<'a> Scanner<'a> {
    fn new(language: &'a Language) -> Self {
        let block = language.block_comment.as_ref();
        let mut outside = [false; 256];
        let mut inside = [false; 256];
        let mark = |table: &mut [bool; 256], text: &[u8]| {
            if let Some(first) = text.first() {
                table[usize::from(*first)] = true;
            }
        };
        for start in language.line_comments {
            mark(&mut outside, start.as_bytes());
        }
        for quote in language.quotes.iter().chain(b"'") {
            mark(&mut outside, &[*quote]);
        }
        if let Some(block) = block {
            mark(&mut outside, block.open.as_bytes());
            mark(&mut inside, block.close.as_bytes());
            if block.nests {
                mark(&mut inside, block.open.as_bytes());
            }
        }
        Self {
            language,
            outside,
            inside,
        }
    }

    /// `depth` is the number of block comments open before the line, and after it.
    fn classify(&self, line: &[u8], depth: &mut u32) -> Kind {
        let language = self.language;
        let mut kind = Kind::Blank;
        let mut rest = line.trim_ascii();
        while !rest.is_empty() {
            let stops = if *depth > 0 {
                &self.inside
            } else {
                &self.outside
            };
            let stop = rest.iter().position(|byte| stops[usize::from(*byte)]);
            let (passed, after) = rest.split_at(stop.unwrap_or(rest.len()));
            if *depth > 0 {
                kind = kind.max(Kind::Comment);
            } else if !passed.trim_ascii().is_empty() {
                kind = Kind::Code;
            }
            rest = match after {
                [] => break,
                _ if *depth > 0 => inside_comment(after, language, depth),
                _ if starts_line_comment(after, language) => {
                    return kind.max(Kind::Comment);
                }
                [_, next @ ..] => {
                    if let Some(inside) = open_block(after, language) {
                        kind = kind.max(Kind::Comment);
                        *depth = 1;
                        inside
                    } else {
                        kind = Kind::Code;
                        skip_literal(after, language).unwrap_or(next)
                    }
                }
            };
        }
        kind
    }
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
        let scanner = Scanner::new(language);
        let mut depth = 0;
        let seen: String = text
            .lines()
            .map(|line| match scanner.classify(line.as_bytes(), &mut depth) {
                Kind::Code => '#',
                Kind::Comment => '/',
                Kind::Blank => '.',
            })
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

    /// The classifier of lesson 6. It is slow, and we believe it.
    fn slow(line: &[u8], language: &Language, depth: &mut u32) -> Kind {
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

    /// Numbers without a pattern, the same in every run (xorshift).
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, end: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % end as u64) as usize
        }
    }

    #[test]
    fn a_hundred_thousand_nasty_lines_come_out_as_before() {
        let pieces = [
            "/", "*", "//", "/*", "*/", "#", "<!--", "-->", "-", "!", "\"",
            "'", "`", "\\", "'\"'", "'\\\"'", " ", "\t", "x", "=", "é", "<",
        ];
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        for name in language::names() {
            let language = language::named(name).unwrap();
            let scanner = Scanner::new(language);
            let (mut depth, mut expected_depth) = (0, 0);
            for _ in 0..10_000 {
                let length = dice.below(9);
                let line: String = (0..length)
                    .map(|_| pieces[dice.below(pieces.len())])
                    .collect();
                let line = line.as_bytes();
                let kind = scanner.classify(line, &mut depth);
                let expected = slow(line, language, &mut expected_depth);
                assert_eq!(
                    (kind, depth),
                    (expected, expected_depth),
                    "{name}: {}",
                    line.escape_ascii()
                );
            }
        }
    }
}
