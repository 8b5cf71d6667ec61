//! Rule 1: from a path as it was sent to one that means a single thing, or nothing.
//!
//! A path that passes is decoded exactly once and has one spelling from then on, so that the
//! check, the rewrite, the cache key and the lookup can't see four different paths.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What `encodeURIComponent` leaves alone (ECMA-262 §19.2.6.4): the edge encodes with that.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// First segments that belong to the site itself and are therefore never a language, although
/// most of them have the form of a tag.
const RESERVED: [&str; 11] = [
    "courses", "posts", "pricing", "search", "sign-in", "account", "order", "author", "api",
    "assets", "pagefind",
];

/// A path that passed rule 1: decoded segments, at least one; only the last may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SitePath(Vec<String>);

impl SitePath {
    /// Parses a path as it was sent, without the query. `None` for what no site has: a bad
    /// escape, bytes that are not UTF-8, NUL, a backslash, an empty or dot segment, an encoded
    /// slash, a second layer of encoding, and any spelling of a segment `_members`.
    pub(super) fn parse(sent: &str) -> Option<Self> {
        let text = decode_once(sent)?;
        // What decoding leaves of a percent sign is either a bad escape or another layer.
        if text.contains(['%', '\\', '\0']) {
            return None;
        }
        let segments: Vec<String> = text
            .strip_prefix('/')?
            .split('/')
            .map(str::to_owned)
            .collect();
        let (last, folders) = segments.split_last()?;
        let bad = folders.iter().any(String::is_empty)
            || folders
                .iter()
                .chain([last])
                .any(|segment| is_forbidden(segment));
        (!bad).then_some(Self(segments))
    }

    /// The one spelling of this path: starts with `/`, each segment percent-encoded as needed.
    pub(super) fn encoded(&self) -> String {
        self.0
            .iter()
            .flat_map(|segment| ["/".to_owned(), encode(segment)])
            .collect()
    }

    /// Whether the path names a folder without its final slash: no dot with text after it in the
    /// last segment.
    pub(super) fn lacks_slash(&self) -> bool {
        !self.is_folder() && self.extension().is_none()
    }

    /// Whether the path ends with a slash, so that the page in it is `index.html`.
    pub(super) fn is_folder(&self) -> bool {
        self.last().is_empty()
    }

    /// Whether a page answers here, and not an image or another part of one.
    pub(super) fn is_html(&self) -> bool {
        self.is_folder()
            || self
                .extension()
                .is_some_and(|ext| ext.eq_ignore_ascii_case("html"))
    }

    /// The course if the path is gated: `^(/<lang>)?/courses/<course>/`.
    pub(super) fn course(&self) -> Option<&str> {
        match self.0.as_slice() {
            [root, course, _, ..] if root == "courses" => Some(course),
            [lang, root, course, _, ..] if root == "courses" && is_language(lang) => Some(course),
            _ => None,
        }
    }

    fn last(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    fn extension(&self) -> Option<&str> {
        let (_, extension) = self.last().rsplit_once('.')?;
        (!extension.is_empty()).then_some(extension)
    }
}

/// Percent-encodes one segment of a path as the edge does, and `encodeURIComponent` in a browser.
pub fn encode(segment: &str) -> String {
    utf8_percent_encode(segment, COMPONENT).to_string()
}

/// Decodes every escape once. `None` for a bad escape, an encoded slash (it would make another
/// segment than the one that was sent), and bytes that are not UTF-8.
fn decode_once(sent: &str) -> Option<String> {
    let mut pieces = sent.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2)?;
        // `from_str_radix` alone would take a sign.
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let byte = u8::from_str_radix(digits, 16).ok()?;
        if byte == b'/' {
            return None;
        }
        bytes.push(byte);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

/// A dot segment or the members tree, also with what some server strips from a name: a
/// parameter, trailing dots and spaces.
fn is_forbidden(segment: &str) -> bool {
    let name = segment.split(';').next().unwrap_or_default();
    matches!(name, "." | "..")
        || name
            .trim_end_matches(['.', ' '])
            .eq_ignore_ascii_case("_members")
}

/// A well-formed BCP 47 tag (RFC 5646 §2.1, extents of subtags only) that is no reserved name.
fn is_language(segment: &str) -> bool {
    let mut subtags = segment.split('-');
    let primary = subtags.next().unwrap_or_default();
    let alphabetic = primary.bytes().all(|b| b.is_ascii_alphabetic());
    let private = matches!(primary, "i" | "I" | "x" | "X") && segment.len() > 1;
    alphabetic
        && ((2..=8).contains(&primary.len()) || private)
        && subtags.all(|subtag| {
            (1..=8).contains(&subtag.len()) && subtag.bytes().all(|b| b.is_ascii_alphanumeric())
        })
        && !RESERVED
            .iter()
            .any(|name| name.eq_ignore_ascii_case(segment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_spelling() {
        for sent in ["/courses/%72ust/a%27b/", "/c%6Furses/rust/a'b/"] {
            let path = SitePath::parse(sent).unwrap();
            assert_eq!(path.encoded(), "/courses/rust/a'b/");
        }
        let raw = SitePath::parse("/文/").unwrap();
        assert_eq!(raw, SitePath::parse("/%E6%96%87/").unwrap());
        assert_eq!(raw.encoded(), "/%E6%96%87/");
    }

    #[test]
    fn what_passes_decodes_to_no_new_segment() {
        for sent in [
            "", "courses/", "*", "/a%2Fb/", "/a%5cb/", "/%", "/%2", "/%+1", "/%é", "/a%00",
            "/%C0%AF",
        ] {
            assert_eq!(SitePath::parse(sent), None, "{sent}");
        }
    }

    #[test]
    fn a_tag_is_a_language_unless_the_name_is_taken() {
        for tag in [
            "zh",
            "ZH",
            "zh-Hant",
            "en-US",
            "de-CH-1901",
            "x-pirate",
            "i-klingon",
            "english",
        ] {
            assert!(is_language(tag), "{tag}");
        }
        for other in [
            "",
            "z",
            "x",
            "zh_CN",
            "zh-",
            "-zh",
            "zh--TW",
            "z1",
            "assets",
            "Sign-In",
            "englishes",
            "文",
        ] {
            assert!(!is_language(other), "{other}");
        }
    }
}
