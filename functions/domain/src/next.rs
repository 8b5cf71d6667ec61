//! Where to go next: a path of this site, and nothing that a browser could read as another one.

use std::fmt;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// A site-internal path with an optional query: starts with one `/`, at most 1,024 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NextPath(String);

/// The text leads, or could lead, off the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("next is not a path of this site")]
pub struct NotAPath;

/// The one page in the API that one may want to come back to.
const REPORT: &str = "/api/metrics/report";

impl NextPath {
    /// The longest text that is taken, in bytes.
    pub const MAX_BYTES: usize = 1024;

    /// Parses `next`. Refused: other origins in any spelling (`//x`, `/\x`, `https:x`), control
    /// characters and backslashes also when percent-encoded, bytes that are not UTF-8.
    /// A path into the API becomes `/`: it is no page, and could be a loop. The author's report is a page.
    pub fn parse(text: &str) -> Result<Self, NotAPath> {
        if text.len() > Self::MAX_BYTES || !text.starts_with('/') {
            return Err(NotAPath);
        }
        let mut decoded = text.to_owned();
        // Bounded: each round shortens the text, and three cover every double encoding in use.
        for _ in 0..4 {
            let path = decoded.split(['?', '#']).next().unwrap_or_default();
            if path.starts_with("//")
                || decoded.contains('\\')
                || decoded.contains(char::is_control)
            {
                return Err(NotAPath);
            }
            let again = percent_decode_str(&decoded)
                .decode_utf8()
                .map_err(|_| NotAPath)?;
            if again == decoded {
                break;
            }
            decoded = again.into_owned();
        }
        if text.contains(char::is_whitespace) {
            return Err(NotAPath);
        }
        let path = decoded.split(['?', '#']).next().unwrap_or_default();
        if path == REPORT {
            return Ok(Self(text.to_owned()));
        }
        if path.eq_ignore_ascii_case("/api") || path.to_ascii_lowercase().starts_with("/api/") {
            return Ok(Self::home());
        }
        Ok(Self(text.to_owned()))
    }

    /// The home page.
    pub fn home() -> Self {
        Self("/".to_owned())
    }

    /// The account page, in the site's own language.
    pub fn account() -> Self {
        Self("/account/".to_owned())
    }

    /// Path and query as given; characters outside ASCII may be in it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path's language prefix (`/zh`), or nothing: so that a reader is sent to pages in the
    /// language they came from. `languages` are the site's, its default first.
    pub fn language_prefix(&self, languages: &[String]) -> String {
        let first = self.0.split('/').nth(1).unwrap_or_default();
        let known = languages.iter().skip(1).any(|language| language == first);
        if known {
            format!("/{first}")
        } else {
            String::new()
        }
    }

    /// Fit for a `Location` header: characters outside ASCII are percent-encoded.
    pub fn to_location(&self) -> String {
        percent_encoding::utf8_percent_encode(&self.0, percent_encoding::CONTROLS).to_string()
    }
}

impl Default for NextPath {
    fn default() -> Self {
        Self::home()
    }
}

impl fmt::Display for NextPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_pass() {
        for good in ["/", "/courses/rust/traits/", "/zh/课程/?a=b#c", "/a%20b/"] {
            assert_eq!(NextPath::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "x",
            "//evil.example",
            "https:evil",
            "https://evil.example",
            "/\\evil",
            "\\/evil",
            "/%0d%0aSet-Cookie:x",
            "/%250d%250ax",
            "/%5cevil",
            "/%2fevil",
            "/%252fevil",
            "/\tx",
            "/a b",
            "javascript:alert(1)",
            "/%ff",
        ] {
            assert_eq!(NextPath::parse(bad), Err(NotAPath), "{bad:?}");
        }
    }

    #[test]
    fn a_path_into_the_api_leads_home() {
        assert_eq!(
            NextPath::parse("/api/access/renew?next=/api"),
            Ok(NextPath::home())
        );
        assert_eq!(NextPath::parse("/%61pi/x"), Ok(NextPath::home()));
    }

    #[test]
    fn the_authors_report_is_a_page_to_come_back_to_and_no_other_spelling_of_it() {
        let parsed = |text| NextPath::parse(text).unwrap().as_str().to_owned();
        let report = "/api/metrics/report?month=2026-06";
        assert_eq!(parsed(report), report);
        for other in [
            "/api/metrics/reports",
            "/API/metrics/report",
            "/api/metrics/report/",
            "/api/metrics/summary",
        ] {
            assert_eq!(parsed(other), "/", "{other}");
        }
    }

    #[test]
    fn a_reader_stays_in_their_language() {
        let languages = ["en".to_owned(), "zh".to_owned()];
        let prefix = |path: &str| NextPath::parse(path).unwrap().language_prefix(&languages);
        assert_eq!(prefix("/zh/courses/x/"), "/zh");
        assert_eq!(prefix("/courses/x/"), "");
        assert_eq!(prefix("/en/x/"), "", "the default language has no prefix");
        assert_eq!(prefix("/fr/x/"), "");
    }

    #[test]
    fn a_location_header_is_ascii() {
        assert_eq!(
            NextPath::parse("/zh/课/").unwrap().to_location(),
            "/zh/%E8%AF%BE/"
        );
    }
}
