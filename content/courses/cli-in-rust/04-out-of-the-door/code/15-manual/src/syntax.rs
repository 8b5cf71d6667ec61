//! Reads the part of TOML that a configuration needs: keys, strings and
//! lists of strings. Knows no key by name.

use std::ops::Range;

/// A stretch of the text, in bytes.
pub type Span = Range<usize>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

/// One `key = value`.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name in brackets above it; empty at the top of the file.
    pub table: String,
    pub key: Spanned<String>,
    pub value: Value,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Value {
    Text(Spanned<String>),
    List(Vec<Spanned<String>>, Span),
}

/// What is wrong, and exactly where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub span: Span,
    pub what: String,
    pub hint: Option<String>,
}

/// Reads all that can be read. After a mistake it goes on with the next line.
pub fn parse(text: &str) -> (Vec<Entry>, Vec<Mistake>) {
    let mut parser = Parser {
        text,
        at: 0,
        table: String::new(),
        tables: Vec::new(),
        entries: Vec::new(),
        in_list: false,
    };
    let mut mistakes = Vec::new();
    while parser.at < text.len() {
        if let Err(mistake) = parser.line() {
            mistakes.push(mistake);
            parser.recover();
        }
    }
    (parser.entries, mistakes)
}

impl Mistake {
    pub fn new(span: Span, what: impl Into<String>) -> Self {
        let what = what.into();
        Self {
            span,
            what,
            hint: None,
        }
    }

    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        let hint = Some(hint.into());
        Self { hint, ..self }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    table: String,
    tables: Vec<String>,
    entries: Vec<Entry>,
    in_list: bool,
}

impl Parser<'_> {
    fn line(&mut self) -> Result<(), Mistake> {
        self.skip_blanks();
        match self.peek() {
            None | Some('\n' | '\r' | '#') => {}
            Some('[') => {
                self.at += 1;
                self.skip_blanks();
                let name = self.key()?;
                self.skip_blanks();
                self.expect(']')?;
                self.table.clone_from(&name.value);
                if self.tables.contains(&name.value) {
                    let what = "this table was begun before";
                    return Err(Mistake::new(name.span, what));
                }
                self.tables.push(name.value);
            }
            Some(_) => {
                let key = self.key()?;
                self.skip_blanks();
                self.expect('=')?;
                self.skip_blanks();
                let value = self.value()?;
                let table = self.table.clone();
                self.entries.push(Entry { table, key, value });
            }
        }
        self.end_of_line()
    }

    fn value(&mut self) -> Result<Value, Mistake> {
        match self.peek() {
            Some('"' | '\'') => self.string().map(Value::Text),
            Some('[') => self.list(),
            _ => Err(Mistake::new(
                self.word(),
                "a value is a string or a list of strings",
            )
            .with_hint("strings stand in quotes: sort = \"name\"")),
        }
    }

    fn list(&mut self) -> Result<Value, Mistake> {
        let start = self.at;
        self.at += 1;
        self.in_list = true;
        let mut items = Vec::new();
        loop {
            self.skip_lines()?;
            if self.peek() == Some(']') {
                break;
            }
            items.push(self.string()?);
            self.skip_lines()?;
            match self.peek() {
                Some(',') => self.at += 1,
                Some(']') => break,
                _ => {
                    return Err(Mistake::new(
                        self.here(),
                        "expected , or ] in the list",
                    )
                    .with_hint(format!(
                        "the list was opened in line {}",
                        self.text[..start].matches('\n').count() + 1
                    )));
                }
            }
        }
        self.at += 1;
        self.in_list = false;
        Ok(Value::List(items, start..self.at))
    }

    fn string(&mut self) -> Result<Spanned<String>, Mistake> {
        let start = self.at;
        let quote = match self.peek() {
            Some(quote @ ('"' | '\'')) => quote,
            _ => return Err(Mistake::new(self.here(), "expected a string")),
        };
        self.at += 1;
        let mut value = String::new();
        loop {
            let here = self.here();
            if matches!(self.peek(), None | Some('\n' | '\r')) {
                return Err(Mistake::new(
                    start..self.at,
                    "this string is not closed",
                )
                .with_hint(format!("put a {quote} at its end")));
            }
            match self.next() {
                Some(end) if end == quote => break,
                Some('\\') if quote == '"' => match self.next() {
                    Some(same @ ('"' | '\\')) => value.push(same),
                    Some('t') => value.push('\t'),
                    Some('n') => value.push('\n'),
                    _ => {
                        return Err(Mistake::new(
                            here.start..self.at,
                            "unknown escape in a string",
                        )
                        .with_hint(
                            "in single quotes a backslash is a backslash",
                        ));
                    }
                },
                Some(other) if is_forbidden(other) => {
                    return Err(forbidden(here));
                }
                other => value.extend(other),
            }
        }
        let span = start..self.at;
        Ok(Spanned { value, span })
    }

    /// A name as it is, or in quotes.
    fn key(&mut self) -> Result<Spanned<String>, Mistake> {
        if matches!(self.peek(), Some('"' | '\'')) {
            return self.string();
        }
        let is_bare =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let rest = self.rest();
        let len = rest.find(|c| !is_bare(c)).unwrap_or(rest.len());
        if len == 0 {
            return Err(Mistake::new(self.here(), "expected a name"));
        }
        let span = self.at..self.at + len;
        self.at = span.end;
        let value = self.text[span.clone()].to_owned();
        Ok(Spanned { value, span })
    }

    fn expect(&mut self, wanted: char) -> Result<(), Mistake> {
        if self.peek() == Some(wanted) {
            self.at += wanted.len_utf8();
            Ok(())
        } else {
            Err(Mistake::new(self.here(), format!("expected {wanted}")))
        }
    }

    /// Over a comment and the line break; anything else is too much.
    fn end_of_line(&mut self) -> Result<(), Mistake> {
        self.skip_blanks();
        if self.peek() == Some('#') {
            while let Some(next) = self.peek()
                && !matches!(next, '\n' | '\r')
            {
                if is_forbidden(next) {
                    return Err(forbidden(self.here()));
                }
                self.at += next.len_utf8();
            }
        }
        for end in ["\n", "\r\n"] {
            if self.rest().starts_with(end) {
                self.at += end.len();
                return Ok(());
            }
        }
        if self.rest().is_empty() {
            return Ok(());
        }
        Err(Mistake::new(self.word(), "nothing more was expected here")
            .with_hint("one setting on each line; # starts a comment"))
    }

    /// In a list, line breaks and comments are as good as blanks.
    fn skip_lines(&mut self) -> Result<(), Mistake> {
        self.skip_blanks();
        while matches!(self.peek(), Some('\n' | '\r' | '#')) {
            self.end_of_line()?;
            self.skip_blanks();
        }
        Ok(())
    }

    /// Goes to the next line; out of a list that was left open by a mistake,
    /// to the next line that looks like a beginning.
    fn recover(&mut self) {
        while self.in_list && !self.rest().is_empty() {
            let fresh = self.text[..self.at].ends_with('\n');
            let line = self.rest().lines().next().unwrap_or_default();
            if fresh && (line.starts_with('[') || line.contains('=')) {
                self.in_list = false;
                return;
            }
            self.skip_line();
        }
        self.in_list = false;
        self.skip_line();
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.at += rest.find('\n').map_or(rest.len(), |end| end + 1);
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// The next character, or the place behind the last one.
    fn here(&self) -> Span {
        self.at..self.at + self.peek().map_or(0, char::len_utf8)
    }

    /// The next characters up to a blank, a comma or the end of the line.
    fn word(&self) -> Span {
        let rest = self.rest();
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '#');
        let len = rest.find(ends).unwrap_or(rest.len());
        self.at..self.at + len.max(self.here().len())
    }
}

fn is_forbidden(c: char) -> bool {
    c.is_ascii_control() && c != '\t'
}

fn forbidden(span: Span) -> Mistake {
    Mistake::new(span, "a control character can't stand here")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All entries, each as `table.key=value`, then all mistakes, each as
    /// the text that it points at and what it says.
    fn check(text: &str, entries: &[&str], mistakes: &[(&str, &str)]) {
        let (seen, wrong) = parse(text);
        let seen: Vec<String> = seen
            .into_iter()
            .map(|Entry { table, key, value }| match value {
                Value::Text(text) => {
                    format!("{table}.{}={}", key.value, text.value)
                }
                Value::List(items, _) => {
                    let items: Vec<_> =
                        items.into_iter().map(|item| item.value).collect();
                    format!("{table}.{}={items:?}", key.value)
                }
            })
            .collect();
        assert_eq!(seen, entries, "in {text:?}");
        let wrong: Vec<(&str, &str)> = wrong
            .iter()
            .map(|mistake| (&text[mistake.span.clone()], mistake.what.as_str()))
            .collect();
        assert_eq!(wrong, mistakes, "in {text:?}");
    }

    #[test]
    fn a_mistake_costs_one_line() {
        check(
            "a = 1\nb = \"2\"\nc \"3\"\nd = '4'",
            &[".b=2", ".d=4"],
            &[
                ("1", "a value is a string or a list of strings"),
                ("\"", "expected ="),
            ],
        );
        check(
            "a = \"b\nc = 'd' e\nf = 'g'",
            &[".c=d", ".f=g"],
            &[
                ("\"b", "this string is not closed"),
                ("e", "nothing more was expected here"),
            ],
        );
    }

    #[test]
    fn keys_tables_and_comments() {
        check("", &[], &[]);
        check("# only a comment", &[], &[]);
        check("a='b'", &[".a=b"], &[]);
        check(
            "a = \"b\" # c\r\n\r\n[t]\r\n\"c++\" = 'd'\r\n",
            &[".a=b", "t.c++=d"],
            &[],
        );
        check("= 'b'", &[], &[("=", "expected a name")]);
        check("[t", &[], &[("", "expected ]")]);
        check(
            "[t]\na='b'\n[ t ]\nc='d'",
            &["t.a=b", "t.c=d"],
            &[("t", "this table was begun before")],
        );
    }

    #[test]
    fn lists_may_go_over_lines() {
        check("a = []", &[".a=[]"], &[]);
        check(
            "a = [\n  'b', # c\n\n  \"d\",\n]",
            &[".a=[\"b\", \"d\"]"],
            &[],
        );
        check(
            "a = ['b' 'c']",
            &[],
            &[("'", "expected , or ] in the list")],
        );
        check("a = ['b'\n", &[], &[("", "expected , or ] in the list")]);
        check("a = [1]", &[], &[("1", "expected a string")]);
    }

    #[test]
    fn a_mistake_in_a_list_costs_the_list() {
        check(
            "a = [\n  b,\n  'c',\n]\nd = 'e'",
            &[".d=e"],
            &[("b", "expected a string")],
        );
        check(
            "a = ['b'\n\n[t]\nc = 'd'",
            &["t.c=d"],
            &[("[", "expected , or ] in the list")],
        );
    }

    #[test]
    fn strings_and_their_escapes() {
        check(r#"a = "q\"\\\t""#, &[".a=q\"\\\t"], &[]);
        check(r"a = 'C:\temp'", &[r".a=C:\temp"], &[]);
        check(
            r#"a = "C:\dir""#,
            &[],
            &[(r"\d", "unknown escape in a string")],
        );
        check(
            "a = \"é\u{7}\"",
            &[],
            &[("\u{7}", "a control character can't stand here")],
        );
    }

    #[test]
    fn no_text_makes_it_panic_or_point_outside() {
        let sample = "a = 'b' # c\r\n[t]\n\"é\" = [\"\\t\", # d\n 'e']\n";
        let places =
            (0..=sample.len()).filter(|at| sample.is_char_boundary(*at));
        for at in places {
            let (before, after) = sample.split_at(at);
            for extra in ["", "\"", "'", "[", "]", "=", "\n", "\r", "\\", "é"]
            {
                // Something too much; and everything after it missing.
                for text in [
                    format!("{before}{extra}{after}"),
                    format!("{before}{extra}"),
                ] {
                    let (_, mistakes) = parse(&text);
                    for Mistake { span, .. } in mistakes {
                        assert!(text.get(span).is_some(), "in {text:?}");
                    }
                }
            }
        }
    }
}
