//! Does a path match a pattern such as `*.rs` or `src/**/gen`? Works on bytes
//! and reads no files.

/// A pattern for paths, taken apart.
#[derive(Debug)]
pub struct Pattern {
    segments: Vec<Segment>,
}

#[derive(Debug)]
enum Segment {
    /// `**`: any number of folders, none as well.
    Deep,
    Name(Vec<Token>),
}

#[derive(Debug)]
enum Token {
    Byte(u8),
    /// `?`: any one byte.
    One,
    /// `*`: any bytes, none as well.
    Star,
    /// `[a-z]`, or with `!` or `^` all others.
    Class {
        negated: bool,
        ranges: Vec<(u8, u8)>,
    },
}

impl Pattern {
    /// `path` is the names along the way, without slashes.
    pub fn matches(&self, path: &[&[u8]]) -> bool {
        wildcard(
            &self.segments,
            path,
            |segment| matches!(segment, Segment::Deep),
            |segment, name| match segment {
                Segment::Deep => true,
                Segment::Name(tokens) => name_matches(tokens, name),
            },
        )
    }
}

fn name_matches(tokens: &[Token], name: &[u8]) -> bool {
    wildcard(
        tokens,
        name,
        |token| matches!(token, Token::Star),
        |token, byte| match token {
            Token::Byte(wanted) => wanted == byte,
            Token::One | Token::Star => true,
            Token::Class { negated, ranges } => {
                let within =
                    |(from, to): &(u8, u8)| (from..=to).contains(&byte);
                ranges.iter().any(within) != *negated
            }
        },
    )
}

/// Whether `pattern` fits all of `text`, where a star fits any number of
/// items. Takes `pattern.len() * text.len()` steps at most.
fn wildcard<P, T>(
    pattern: &[P],
    text: &[T],
    is_star: impl Fn(&P) -> bool,
    fits: impl Fn(&P, &T) -> bool,
) -> bool {
    let (mut p, mut t) = (0, 0);
    // Behind the last star seen, and where its share of the text ends so far.
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(star) if is_star(star) => {
                p += 1;
                back = Some((p, t));
            }
            Some(one) if fits(one, &text[t]) => {
                p += 1;
                t += 1;
            }
            _ => match &mut back {
                Some((behind, end)) => {
                    *end += 1;
                    (p, t) = (*behind, *end);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(is_star)
}

impl Pattern {
    /// `anchored` patterns begin at the top; others may begin in any folder.
    pub fn parse(text: &[u8], anchored: bool) -> Result<Self, &'static str> {
        let mut segments = Vec::new();
        if !anchored {
            segments.push(Segment::Deep);
        }
        for part in text.split(|byte| *byte == b'/') {
            segments.push(match part {
                b"**" => Segment::Deep,
                name => Segment::Name(tokens(name)?),
            });
        }
        // `a/**` is all that is in `a`, and not `a` itself.
        if text == b"**" || text.ends_with(b"/**") {
            segments.push(Segment::Name(vec![Token::Star]));
        }
        Ok(Self { segments })
    }
}

fn tokens(mut rest: &[u8]) -> Result<Vec<Token>, &'static str> {
    let mut tokens = Vec::new();
    while let [first, after @ ..] = rest {
        rest = after;
        tokens.push(match first {
            b'*' => Token::Star,
            b'?' => Token::One,
            b'[' => {
                let (class, after) = class(rest).ok_or("a [ without its ]")?;
                rest = after;
                class
            }
            b'\\' => {
                let (quoted, after) =
                    rest.split_first().ok_or("a \\ with nothing behind it")?;
                rest = after;
                Token::Byte(*quoted)
            }
            byte => Token::Byte(*byte),
        });
    }
    Ok(tokens)
}

/// The class whose `[` was just read, and what comes after it.
fn class(text: &[u8]) -> Option<(Token, &[u8])> {
    let (negated, mut rest) = match text {
        [b'!' | b'^', after @ ..] => (true, after),
        _ => (false, text),
    };
    let mut ranges = Vec::new();
    loop {
        let from;
        (from, rest) = match rest {
            // A ] right at the start is one of the members.
            [b']', after @ ..] if !ranges.is_empty() => {
                return Some((Token::Class { negated, ranges }, after));
            }
            _ => member(rest)?,
        };
        match rest {
            [b'-', end, ..] if *end != b']' => {
                let to;
                (to, rest) = member(&rest[1..])?;
                ranges.push((from, to));
            }
            _ => ranges.push((from, from)),
        }
    }
}

fn member(text: &[u8]) -> Option<(u8, &[u8])> {
    match text {
        [b'\\', quoted, after @ ..] => Some((*quoted, after)),
        [byte, after @ ..] => Some((*byte, after)),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        let path: Vec<&[u8]> = path.split('/').map(str::as_bytes).collect();
        let pattern = Pattern::parse(pattern.as_bytes(), true).unwrap();
        pattern.matches(&path)
    }

    #[track_caller]
    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        for path in yes {
            assert!(matches(pattern, path), "{pattern} and {path}");
        }
        for path in no {
            assert!(!matches(pattern, path), "{pattern} and {path}");
        }
    }

    #[test]
    fn a_star_stays_in_its_folder() {
        check("*.rs", &["a.rs", ".rs"], &["a.rs.txt", "src/a.rs", "ars"]);
        check("a*b*c", &["abc", "aXbYc", "abbcc"], &["ab", "acb", "abcX"]);
        check("src/*", &["src/a"], &["src", "src/a/b"]);
        check("a?c", &["abc"], &["ac", "abbc"]);
    }

    #[test]
    fn two_stars_cross_folders() {
        check("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["a", "b", "a/xb"]);
        check("**/a", &["a", "x/a", "x/y/a"], &["a/x", "xa"]);
        check("a/**", &["a/x", "a/x/y"], &["a", "b/x"]);
        check("**/a/**/b", &["a/b", "a/a/b", "x/a/y/b"], &["b/a", "a/bb"]);
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "a*".repeat(200) + "b";
        assert!(!matches(&pattern, &"a".repeat(5000)));
    }

    #[test]
    fn classes_have_ranges_and_opposites() {
        check("[a-cx]", &["a", "b", "x"], &["d", "", "ab"]);
        check("[!a-c]", &["d", "-"], &["a", "c"]);
        check("[^a]", &["b"], &["a"]);
        check("[]-]", &["]", "-"], &["a"]);
        check("[a-]", &["a", "-"], &["b"]);
        check(r"[\]]", &["]"], &["\\"]);
    }

    #[test]
    fn known_limit_classes_have_no_names() {
        // For git, this is any letter.
        check("[[:alpha:]]", &["a]", ":]"], &["a", "b"]);
    }

    #[test]
    fn a_backslash_takes_the_next_byte_as_it_is() {
        check(r"\*", &["*"], &["a"]);
        check(r"a\?", &["a?"], &["ab"]);
        assert!(Pattern::parse(b"a\\", true).is_err());
        assert!(Pattern::parse(b"a[b", true).is_err());
    }
}
