//! A script without its comments, which are a quarter of what it weighs. What begins with `/*!` is a notice and stays.
//!
//! It reads JavaScript only as far as is needed to know what is text, pattern or comment. Knows nothing of syntax trees.

use std::{iter::Peekable, str::CharIndices};

/// Words after which a `/` begins a pattern.
const BEFORE_PATTERN: [&str; 14] = [
    "await",
    "case",
    "delete",
    "do",
    "else",
    "in",
    "instanceof",
    "new",
    "of",
    "return",
    "throw",
    "typeof",
    "void",
    "yield",
];

/// The script without comments and empty lines; `None` when it can't be told what is what, and then it is best left alone.
pub(super) fn without_comments(script: &str) -> Option<String> {
    let mut reader = Reader {
        script,
        rest: script.char_indices().peekable(),
        out: String::with_capacity(script.len()),
        last: None,
        word: String::new(),
        templates: Vec::new(),
    };
    reader.code()?;
    Some(reader.out)
}

struct Reader<'a> {
    script: &'a str,
    rest: Peekable<CharIndices<'a>>,
    out: String,
    /// The last character that is no space.
    last: Option<char>,
    /// The word that ends with it.
    word: String,
    /// Braces that are open in each `${`.
    templates: Vec<usize>,
}

impl Reader<'_> {
    fn code(&mut self) -> Option<()> {
        while let Some((at, ch)) = self.rest.next() {
            let next = self.rest.peek().map(|(_, ch)| *ch);
            match (ch, next) {
                ('"' | '\'', _) => self.quoted(ch)?,
                ('`', _) => self.template()?,
                ('/', Some('/')) => self.skip_line(),
                ('/', Some('*')) => self.block(at)?,
                ('/', _) if self.is_pattern() => self.pattern()?,
                ('\n', _) => self.end_line(),
                _ => {
                    self.keep(ch);
                    match (ch, self.templates.last_mut()) {
                        ('{', Some(open)) => *open += 1,
                        ('}', Some(0)) => {
                            self.templates.pop();
                            self.in_template()?;
                        }
                        ('}', Some(open)) => *open -= 1,
                        _ => {}
                    }
                }
            }
        }
        self.templates.is_empty().then_some(())
    }

    fn keep(&mut self, ch: char) {
        self.out.push(ch);
        if ch.is_whitespace() {
            return;
        }
        let goes_on = self.out.chars().rev().nth(1).is_some_and(is_word);
        if !is_word(ch) || !goes_on {
            self.word.clear();
        }
        if is_word(ch) {
            self.word.push(ch);
        }
        self.last = Some(ch);
    }

    /// Whether a `/` here begins a pattern, by what stands before it: after a value it divides.
    fn is_pattern(&self) -> bool {
        match self.last {
            None => true,
            Some(')' | ']' | '"' | '\'' | '`') => false,
            Some(last) if is_word(last) => BEFORE_PATTERN.contains(&self.word.as_str()),
            Some(_) => true,
        }
    }

    fn quoted(&mut self, quote: char) -> Option<()> {
        self.keep(quote);
        loop {
            let (_, ch) = self.rest.next()?;
            self.keep(ch);
            match ch {
                '\\' => self.copy_one()?,
                '\n' => return None,
                _ if ch == quote => return Some(()),
                _ => {}
            }
        }
    }

    fn template(&mut self) -> Option<()> {
        self.keep('`');
        self.in_template()
    }

    /// Up to the end of a template, or to code in it.
    fn in_template(&mut self) -> Option<()> {
        loop {
            let (_, ch) = self.rest.next()?;
            self.keep(ch);
            match (ch, self.rest.peek()) {
                ('\\', _) => self.copy_one()?,
                ('`', _) => return Some(()),
                ('$', Some((_, '{'))) => {
                    self.copy_one()?;
                    self.templates.push(0);
                    return Some(());
                }
                _ => {}
            }
        }
    }

    fn pattern(&mut self) -> Option<()> {
        self.keep('/');
        let mut in_class = false;
        loop {
            let (_, ch) = self.rest.next()?;
            self.keep(ch);
            match ch {
                '\\' => self.copy_one()?,
                '\n' => return None,
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => break,
                _ => {}
            }
        }
        // What follows it divides, as after any value.
        self.last = Some(')');
        Some(())
    }

    fn copy_one(&mut self) -> Option<()> {
        let (_, ch) = self.rest.next()?;
        self.keep(ch);
        Some(())
    }

    fn skip_line(&mut self) {
        while self.rest.next_if(|(_, ch)| *ch != '\n').is_some() {}
    }

    fn block(&mut self, at: usize) -> Option<()> {
        let text = self.script.get(at..)?;
        let length = text.get(2..)?.find("*/")? + 4;
        let comment = text.get(..length)?;
        while self.rest.next_if(|(next, _)| *next < at + length).is_some() {}
        if comment.starts_with("/*!") {
            self.out.push_str(comment);
        } else if comment.contains('\n') {
            // A comment of several lines ends one, as far as the language goes.
            self.end_line();
        } else if let (Some(before), Some((_, after))) =
            (self.out.chars().next_back(), self.rest.peek())
            && is_word(before)
            && is_word(*after)
        {
            self.out.push(' ');
        }
        Some(())
    }

    /// Ends a line, if there is anything in it.
    fn end_line(&mut self) {
        let kept = self.out.trim_end_matches([' ', '\t', '\r']).len();
        self.out.truncate(kept);
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }
}

fn is_word(ch: char) -> bool {
    ch.is_alphanumeric() || matches!(ch, '_' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_empty_lines_go_and_code_stays() {
        for (script, expected) in [
            ("/** A file. */\n\nlet a = 1; // one\n", "let a = 1;\n"),
            ("// only\n", ""),
            ("const b = /** @type {A} */ (c);\n", "const b =  (c);\n"),
            ("  /**\n   * Doc.\n   */\n  go();\n", "  go();\n"),
            ("a/**/b", "a b"),
            ("return/*\n*/1", "return\n1"),
            ("/*! Notice. */\nlet a;\n", "/*! Notice. */\nlet a;\n"),
            ("a; // no end", "a; "),
        ] {
            assert_eq!(
                without_comments(script).as_deref(),
                Some(expected),
                "{script}"
            );
        }
    }

    #[test]
    fn what_only_looks_like_a_comment_stays() {
        for script in [
            "const url = \"https://x.example/*\", other = '// no';\n",
            "const t = `// no ${`/* ${ { a: \"}\" }.a } */`} // no\n\n  /* no */`;\n",
            "const pattern = /[/\"]\\/\\/*/g.test(a) || (b) / c / d;\n",
            "if (a / b > /'/.exec(c).index) return /`/;\n",
            "s.replace(/\\/*$/, \"\") + x[0] / 2 / y;\n",
            "const quote = '\\'// no';\n",
            "f(...a).b / 2; g(/\"/);\n",
        ] {
            assert_eq!(without_comments(script).as_deref(), Some(script));
        }
    }

    #[test]
    fn what_cannot_be_read_is_left_alone() {
        for script in ["\"open\n", "`open", "/* open", "`${", "x = /open\n"] {
            assert_eq!(without_comments(script), None, "{script}");
        }
    }
}
