//! URLs and paths of a site: how they are made, taken apart and escaped.

/// Pages that every language has, besides those of its content; [`crate::emit`] writes them.
pub(crate) const SHELLS: &[&str] = &[
    "/",
    "/courses/",
    "/posts/",
    "/pricing/",
    "/sign-in/",
    "/account/",
    "/order/",
    "/author/",
];

/// Files at the top of the site.
pub(crate) const FILES: &[&str] = &["/feed.xml", "/sitemap.xml", "/robots.txt"];

/// First segments that content may not take (DESIGN §4).
pub(crate) const RESERVED: &[&str] = &[
    "courses", "posts", "pricing", "search", "sign-in", "account", "order", "author", "api",
    "_members", "_dev", "assets", "pagefind", "404",
];

/// Segments below a course that no lesson may take: its files and its search index.
pub(crate) const RESERVED_LESSONS: &[&str] = &["files", "pagefind"];

pub(crate) fn course(prefix: &str, course: &str) -> String {
    format!("{prefix}/courses/{course}/")
}

pub(crate) fn lesson(prefix: &str, course: &str, lesson: &str) -> String {
    format!("{prefix}/courses/{course}/{lesson}/")
}

/// A page; the empty slug is the front page.
pub(crate) fn page(prefix: &str, slug: &str) -> String {
    match slug {
        "" => format!("{prefix}/"),
        slug => format!("{prefix}/{slug}/"),
    }
}

pub(crate) fn post(prefix: &str, slug: &str) -> String {
    format!("{prefix}/posts/{slug}/")
}

/// A file of a course, by its path below the course's folder. One without an extension (`LICENSE`, `Makefile`) gets that
/// of plain text: the gate takes what has none for a folder.
pub(crate) fn course_file(course: &str, path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let has_extension = name
        .rsplit_once('.')
        .is_some_and(|(_, extension)| !extension.is_empty());
    let extension = if has_extension { "" } else { ".txt" };
    format!("/courses/{course}/files/{path}{extension}")
}

/// Whether the gate lets a file's name through: one that would be decoded twice, or that is called like the members
/// tree, means nothing to it.
pub(crate) fn is_reachable(path: &str) -> bool {
    let is_members = |segment: &str| {
        let name = segment.split(';').next().unwrap_or_default();
        let name = name.trim_end_matches(['.', ' ']);
        name.eq_ignore_ascii_case("_members")
    };
    !path.contains(['%', '\\', '\0']) && !path.split('/').any(is_members)
}

/// Whether a destination begins with a URL scheme; tabs and line breaks in it don't count, as for browsers.
pub(crate) fn has_scheme(destination: &str) -> bool {
    let seen: String = destination
        .chars()
        .filter(|ch| !matches!(ch, '\t' | '\n' | '\r'))
        .collect();
    seen.trim_start_matches(|ch: char| ch <= ' ')
        .split_once(':')
        .is_some_and(|(scheme, _)| {
            scheme.starts_with(|ch: char| ch.is_ascii_alphabetic())
                && scheme
                    .chars()
                    .all(|ch| ch.is_ascii_alphanumeric() || matches!(ch, '+' | '-' | '.'))
        })
}

/// A relative path resolved against the folder of a file; `None` when it climbs out of the root.
pub(crate) fn join(file: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// How to write the path of a file in a text that stands in a folder.
pub(crate) fn relative(folder: &str, file: &str) -> String {
    let from: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = file.split('/').collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - shared);
    up.chain(to.into_iter().skip(shared))
        .collect::<Vec<_>>()
        .join("/")
}

/// Percent escapes undone until none is left that means something, as a careless server would; what isn't UTF-8 stays.
pub(crate) fn decode(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..4 {
        let decoded = decode_once(&text);
        if decoded == text {
            break;
        }
        text = decoded;
    }
    text
}

/// One level of percent escapes undone: the file path of a URL that [`encode`] made.
pub(crate) fn decode_path(path: &str) -> String {
    decode_once(path)
}

fn decode_once(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escape = (*first == b'%').then(|| tail.get(..2)).flatten();
        let value = escape
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match value {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// A whole URL with everything escaped that no URL may hold; what is escaped already stays.
pub(crate) fn encode_url(url: &str) -> String {
    let mut encoded = String::with_capacity(url.len());
    for byte in url.bytes() {
        match byte {
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => {
                escape(&mut encoded, byte)
            }
            byte if byte.is_ascii_graphic() => encoded.push(char::from(byte)),
            other => escape(&mut encoded, other),
        }
    }
    encoded
}

fn escape(out: &mut String, byte: u8) {
    use std::fmt::Write as _;
    // Writing to a String cannot fail.
    let _ = write!(out, "%{byte:02X}");
}

/// A path as a URI writes it (RFC 3986): everything but unreserved characters and `/` in percent escapes.
pub(crate) fn encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(char::from(byte))
            }
            other => escape(&mut encoded, other),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_taken_apart_again() {
        assert_eq!(
            join("content/a/b.md", "../c/d.md").as_deref(),
            Some("content/c/d.md")
        );
        assert_eq!(join("content/b.md", "../../etc"), None);
        assert_eq!(relative("content/a", "content/c/d.md"), "../c/d.md");
        assert_eq!(relative("content/a", "content/a/d.md"), "d.md");
    }

    #[test]
    fn escapes_are_undone_to_the_end() {
        assert_eq!(decode("%252e%252e/a%20b"), "../a b");
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%ff"), "%ff");
        assert_eq!(
            encode("/courses/所有权/a b/"),
            "/courses/%E6%89%80%E6%9C%89%E6%9D%83/a%20b/"
        );
    }

    #[test]
    fn schemes_are_told_from_paths() {
        assert!(
            has_scheme("https://x")
                && has_scheme("mailto:a@b.example")
                && !has_scheme("a/b:c")
                && !has_scheme("#a:b")
                && !has_scheme(":x")
        );
    }
}
