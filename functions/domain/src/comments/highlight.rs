//! Colours for code in comments: comments, strings, numbers, words of a language. No grammar: what a
//! reader needs to find their way in ten lines, in one pass, with the classes that code of lessons has.

use crate::mail::escape;

/// All classes: comment, string, number, keyword, function, type, macro.
pub(super) const CLASSES: [&str; 7] = ["c", "s", "n", "k", "f", "t", "m"];

/// The most bytes of coloured code in a comment: many tokens of one letter would grow twelvefold.
pub(super) const MOST: usize = 12 * 1024;

/// What tells tokens of a language apart.
struct Syntax {
    /// What a comment begins with that ends with its line.
    line: &'static [&'static str],
    /// What a comment begins and ends with.
    block: Option<(&'static str, &'static str)>,
    /// What strings begin and end with, the longest first.
    quotes: &'static [&'static str],
    /// Separated by spaces, in lower case.
    keywords: &'static str,
    /// Whether `SELECT` is `select`.
    any_case: bool,
}

/// Of one token and no more: neither comments nor strings.
const PLAIN: Syntax = Syntax {
    line: &[],
    block: None,
    quotes: &["\""],
    keywords: "true false null",
    any_case: false,
};
const C: Syntax = Syntax {
    line: &["//"],
    block: Some(("/*", "*/")),
    quotes: &["\"", "'"],
    keywords: "auto bool break case char class const constexpr continue default delete do double else enum extern false final float for \
        goto if import inline int interface long namespace new nullptr null package private protected public return short signed sizeof \
        static struct super switch template this throw throws true try catch typedef union unsigned using virtual void volatile while",
    any_case: false,
};
const RUST: Syntax = Syntax {
    // An apostrophe begins a lifetime as often as a letter.
    quotes: &["\""],
    keywords: "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref \
        return self static struct super trait true type union unsafe use where while",
    ..C
};
const SCRIPT: Syntax = Syntax {
    quotes: &["\"", "'", "`"],
    keywords: "abstract as async await break case catch class const continue debugger default delete do else enum export extends false \
        finally for from function if implements import in instanceof interface let new null of private public readonly return static \
        super switch this throw true try type typeof undefined var void while yield",
    ..C
};
const GO: Syntax = Syntax {
    quotes: &["\"", "'", "`"],
    keywords: "break case chan const continue default defer else fallthrough false for func go goto if import interface map nil package \
        range return select struct switch true type var",
    ..C
};
const PYTHON: Syntax = Syntax {
    line: &["#"],
    quotes: &["\"\"\"", "'''", "\"", "'"],
    keywords: "and as assert async await break class continue def del elif else except false finally for from global if import in is \
        lambda match none nonlocal not or pass raise return true try while with yield True False None",
    ..PLAIN
};
const SHELL: Syntax = Syntax {
    line: &["#"],
    quotes: &["\"", "'"],
    keywords: "case do done elif else esac exit export fi for function if in local return set then until while",
    ..PLAIN
};
const SQL: Syntax = Syntax {
    line: &["--"],
    block: Some(("/*", "*/")),
    quotes: &["'", "\""],
    keywords: "all alter and as asc begin between by case commit create delete desc distinct drop else end exists from group having in \
        index insert into is join left like limit not null offset on or order outer primary references returning right rollback select \
        set table then union unique update values view when where with",
    any_case: true,
};
const SETTINGS: Syntax = Syntax {
    line: &["#"],
    quotes: &["\"\"\"", "\"", "'"],
    ..PLAIN
};
const STYLES: Syntax = Syntax {
    block: Some(("/*", "*/")),
    quotes: &["\"", "'"],
    keywords: "",
    ..PLAIN
};

/// By the name that a fence gives; `None`: it is shown as it is.
fn syntax(language: &str) -> Option<&'static Syntax> {
    Some(match language.to_ascii_lowercase().as_str() {
        "rust" | "rs" => &RUST,
        "c" | "h" | "cpp" | "c++" | "cc" | "cs" | "csharp" | "c#" | "java" | "kotlin" | "swift" => {
            &C
        }
        "js" | "javascript" | "mjs" | "jsx" | "ts" | "typescript" | "tsx" => &SCRIPT,
        "go" => &GO,
        "python" | "py" => &PYTHON,
        "sh" | "bash" | "shell" | "zsh" | "console" => &SHELL,
        "sql" => &SQL,
        "json" => &PLAIN,
        "toml" | "yaml" | "yml" | "ini" | "dockerfile" => &SETTINGS,
        "css" => &STYLES,
        _ => return None,
    })
}

/// Code as HTML; `None` for a language that is not known here, and for what would be longer than
/// `most` bytes.
pub(super) fn highlight(language: &str, code: &str, most: usize) -> Option<String> {
    let syntax = syntax(language)?;
    let mut html = String::with_capacity(code.len() * 3);
    let mut rest = code;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let (token, class) = syntax.token(rest, first, before);
        let (token, after) = rest.split_at_checked(token).unwrap_or((rest, ""));
        match class {
            Some(class) => {
                html.push_str("<span class=\"");
                html.push_str(class);
                html.push_str("\">");
                html.push_str(&escape(token));
                html.push_str("</span>");
            }
            None => html.push_str(&escape(token)),
        }
        if html.len() > most {
            return None;
        }
        before = token.chars().next_back().unwrap_or(' ');
        rest = after;
    }
    Some(html)
}

impl Syntax {
    /// The bytes of the token that `rest` begins with, never none, and its class.
    fn token(&self, rest: &str, first: char, before: char) -> (usize, Option<&'static str>) {
        if let Some(end) = self.comment(rest, before) {
            return (end, Some("c"));
        }
        if let Some(quote) = self.quotes.iter().find(|quote| rest.starts_with(**quote)) {
            return (string(rest, quote), Some("s"));
        }
        if first.is_ascii_digit() {
            return (number(rest), Some("n"));
        }
        if is_of_word(first) {
            let end = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            return (end, self.class_of(word, after));
        }
        (first.len_utf8(), None)
    }

    fn comment(&self, rest: &str, before: char) -> Option<usize> {
        if let Some((open, close)) = self.block
            && let Some(inner) = rest.strip_prefix(open)
        {
            let end = inner.find(close).map(|at| open.len() + at + close.len());
            return Some(end.unwrap_or(rest.len()));
        }
        let line = self.line.iter().any(|open| rest.starts_with(open));
        // `$#`, `http://` and `i--` are none.
        let may_begin =
            before.is_whitespace() || before.is_ascii_punctuation() && !"$:".contains(before);
        (line && may_begin).then(|| rest.find('\n').unwrap_or(rest.len()))
    }

    fn class_of(&self, word: &str, after: &str) -> Option<&'static str> {
        let lower = word.to_ascii_lowercase();
        let asked = if self.any_case { lower.as_str() } else { word };
        if self
            .keywords
            .split_ascii_whitespace()
            .any(|keyword| keyword == asked)
        {
            return Some("k");
        }
        let is_macro = after.starts_with('!') && !after.starts_with("!=");
        if after.starts_with('(') {
            Some("f")
        } else if is_macro {
            Some("m")
        } else {
            word.starts_with(char::is_uppercase).then_some("t")
        }
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Bytes of a string with its quotes. One that is not closed ends with its line, if its kind may not go on.
fn string(rest: &str, quote: &str) -> usize {
    let goes_on = quote.len() > 1 || quote == "`";
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(quote.len()) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == '\n' && !goes_on {
            return at;
        } else if rest.get(at..).is_some_and(|from| from.starts_with(quote)) {
            return at + quote.len();
        }
    }
    rest.len()
}

/// Bytes of a number: `0xff`, `1_000`, `2.5e3`; not both dots of `0..9`.
fn number(rest: &str) -> usize {
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let fraction = c == '.' && chars.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        if !is_of_word(c) && !fraction {
            return at;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(language: &str, code: &str) -> String {
        let html = highlight(language, code, MOST).unwrap();
        html.replace("<span class=\"", "[")
            .replace("</span>", "]")
            .replace("\">", " ")
    }

    #[test]
    fn tokens_of_some_languages_are_told_apart() {
        for (language, code, expected) in [
            (
                "rust",
                "let x = f(1..2); // a",
                "[k let] x = [f f]([n 1]..[n 2]); [c // a]",
            ),
            (
                "rust",
                "fn a<'b>(x: &'b Vec) { vec![0xff] }",
                "[k fn] a&lt;'b&gt;(x: &amp;'b [t Vec]) { [m vec]![[n 0xff]] }",
            ),
            (
                "py",
                "#!x\ns = '''a\n'b' ''' # c",
                "[c #!x]\ns = [s '''a\n'b' '''] [c # c]",
            ),
            (
                "sh",
                "echo $# \"a\\\"b\" # c",
                "echo $# [s \"a\\\"b\"] [c # c]",
            ),
            (
                "SQL",
                "SELECT 'it' -- x\nFrom t",
                "[k SELECT] [s 'it'] [c -- x]\n[k From] t",
            ),
            ("js", "`a\nb` + 'open\nif", "[s `a\nb`] + [s 'open]\n[k if]"),
            (
                "c",
                "/* a\n*/ a != b; http://x",
                "[c /* a\n*/] a != b; http://x",
            ),
            (
                "json",
                "{\"a\": [1, true]}",
                "{[s \"a\"]: [[n 1], [k true]]}",
            ),
            ("rust", "/* never closed 锈", "[c /* never closed 锈]"),
        ] {
            let html = shown(language, code)
                .replace("&#39;", "'")
                .replace("&quot;", "\"");
            assert_eq!(html, expected, "{code}");
        }
    }

    #[test]
    fn what_is_not_known_or_would_grow_too_long_is_left_alone() {
        assert_eq!(highlight("brainfuck", "+", MOST), None);
        assert_eq!(highlight("", "x", MOST), None);
        assert_eq!(highlight("rust", &"A ".repeat(2000), MOST), None);
        let usual = "    if value == 1 { return other; }\n".repeat(100);
        assert!(highlight("rust", &usual, MOST).is_some());
    }

    #[test]
    fn nothing_is_lost_and_only_these_classes_are_used() {
        for code in [
            "a<b>\"c\" 'x' & 1.5..2 // 锈\n",
            "\"\\",
            "'",
            "#",
            "/*",
            "0.",
            "é́x!",
        ] {
            for language in [
                "rust", "c", "js", "go", "py", "sh", "sql", "json", "toml", "css",
            ] {
                let html = highlight(language, code, MOST).unwrap();
                let mut text = String::new();
                for (n, piece) in html.split('<').enumerate() {
                    let Some((tag, rest)) = piece.split_once('>').filter(|_| n > 0) else {
                        text += piece;
                        continue;
                    };
                    let class = tag
                        .strip_prefix("span class=\"")
                        .map(|tag| tag.trim_end_matches('"'));
                    assert!(tag == "/span" || CLASSES.contains(&class.unwrap()), "{tag}");
                    text += rest;
                }
                assert_eq!(text, escape(code), "{language}");
            }
        }
    }
}
