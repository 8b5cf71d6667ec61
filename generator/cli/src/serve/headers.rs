//! The headers of every response, from `infra/edge/headers.json`: the table that the CDN's
//! policies are made of, too. What it means is in `infra/edge/README.md`.

use std::collections::BTreeMap;

use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

const TABLE: &str = include_str!("../../../../infra/edge/headers.json");

/// An answer that is no file of the site and no data of a function: its headers are laid over
/// those of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The path with its slash is elsewhere: rule 2 of the gate.
    Moved,
    /// A fresh token is to be had elsewhere: rule 4 of the gate.
    Renew,
    /// There is nothing under this path.
    Missing,
}

/// The table.
pub struct HeaderTable {
    every: HeaderMap,
    rows: Vec<Row>,
    moved: HeaderMap,
    renew: HeaderMap,
    missing: HeaderMap,
    page: HeaderMap,
}

/// What goes for the paths that begin alike, unless an earlier row has them.
struct Row {
    prefix: String,
    headers: HeaderMap,
    keeps: Vec<HeaderName>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    every: BTreeMap<String, String>,
    https: BTreeMap<String, String>,
    rows: Vec<WrittenRow>,
    answers: WrittenAnswers,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRow {
    #[expect(dead_code, reason = "for people, and for the CDN's policies")]
    name: String,
    path: String,
    headers: BTreeMap<String, String>,
    #[serde(default)]
    keeps: Vec<String>,
    #[expect(dead_code, reason = "said by the objects of a bucket; here are none")]
    object: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAnswers {
    moved: BTreeMap<String, String>,
    renew: BTreeMap<String, String>,
    missing: BTreeMap<String, String>,
    page: BTreeMap<String, String>,
    #[expect(dead_code, reason = "the function says it")]
    description: BTreeMap<String, String>,
}

impl HeaderTable {
    /// The table for a site at `origin`.
    #[expect(
        clippy::expect_used,
        reason = "the table is embedded, and a test reads it"
    )]
    pub fn embedded(origin: &str) -> Self {
        let written: Written =
            serde_json::from_str(TABLE).expect("infra/edge/headers.json is a table of headers");
        let mut every = headers(&written.every);
        if origin.starts_with("https://") {
            every.extend(headers(&written.https));
        }
        Self {
            every,
            rows: written.rows.iter().map(Row::read).collect(),
            moved: headers(&written.answers.moved),
            renew: headers(&written.answers.renew),
            missing: headers(&written.answers.missing),
            page: headers(&written.answers.page),
        }
    }

    /// Gives a file, or what the gate or the CDN answers itself, its headers. `path` is as it was
    /// sent.
    pub fn complete(&self, path: &str, answer: Option<Answer>, headers: &mut HeaderMap) {
        self.lay_row(path, headers);
        lay(
            headers,
            match answer {
                Some(Answer::Moved) => &self.moved,
                Some(Answer::Renew) => &self.renew,
                Some(Answer::Missing) => &self.missing,
                None => return,
            },
        );
    }

    /// Gives the answer of a function its headers.
    pub fn complete_api(&self, path: &str, headers: &mut HeaderMap) {
        self.lay_row(path, headers);
        if is_page(headers) {
            lay(headers, &self.page);
        }
    }

    fn lay_row(&self, path: &str, headers: &mut HeaderMap) {
        lay(headers, &self.every);
        // The CDN compares the path without needless escapes.
        let path = percent_decode_str(path).decode_utf8_lossy();
        let Some(row) = self.rows.iter().find(|row| path.starts_with(&row.prefix)) else {
            return;
        };
        for (name, value) in &row.headers {
            if !(row.keeps.contains(name) && headers.contains_key(name)) {
                headers.insert(name.clone(), value.clone());
            }
        }
    }
}

impl Row {
    #[expect(
        clippy::expect_used,
        reason = "the table is embedded, and a test reads it"
    )]
    fn read(written: &WrittenRow) -> Self {
        let prefix = written.path.strip_suffix('*');
        Self {
            prefix: prefix.expect("a path ends with a star").to_owned(),
            headers: headers(&written.headers),
            keeps: written.keeps.iter().map(|name| header_name(name)).collect(),
        }
    }
}

fn lay(headers: &mut HeaderMap, others: &HeaderMap) {
    for (name, value) in others {
        headers.insert(name.clone(), value.clone());
    }
}

fn is_page(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

#[expect(
    clippy::expect_used,
    reason = "the table is embedded, and a test reads it"
)]
fn headers(written: &BTreeMap<String, String>) -> HeaderMap {
    written
        .iter()
        .map(|(name, value)| {
            let value = HeaderValue::from_str(value).expect("a header value");
            (header_name(name), value)
        })
        .collect()
}

#[expect(
    clippy::expect_used,
    reason = "the table is embedded, and a test reads it"
)]
fn header_name(name: &str) -> HeaderName {
    name.parse().expect("a header name")
}

#[cfg(test)]
mod tests {
    use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, STRICT_TRANSPORT_SECURITY};
    use tuition_domain::gate::Decision;

    use super::*;

    fn of(path: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        HeaderTable::embedded("http://127.0.0.1:8080").complete(path, None, &mut headers);
        headers
    }

    #[test]
    fn the_first_row_that_matches_wins_and_the_last_one_takes_the_rest() {
        let caching = |path: &str| of(path)[CACHE_CONTROL].to_str().unwrap().to_owned();
        assert!(caching("/assets/site.css").contains("immutable"));
        assert!(caching("/%61ssets/site.css").contains("immutable"));
        assert_eq!(caching("/courses/assets/a.css"), "private, no-cache");
        assert_eq!(caching("/_members/rust/"), "no-store");
        for path in ["/", "/zh/", "/feed.xml", "/api", "*", ""] {
            assert_eq!(caching(path), "private, no-cache", "{path}");
        }
    }

    #[test]
    fn no_policy_lets_inline_code_or_another_site_in() {
        for path in ["/", "/_members/", "/assets/a.svg", "/api/x"] {
            let headers = of(path);
            let policy = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none';"), "{path}");
            assert!(policy.contains("frame-ancestors 'none'"), "{path}");
            assert!(!policy.contains("unsafe"), "{path}");
        }
    }

    #[test]
    fn what_runs_an_authors_code_is_of_no_origin_and_reaches_nothing() {
        let headers = of("/assets/runner.0123abcd.html");
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none';"));
        assert!(policy.contains("; sandbox allow-scripts;"));
        assert!(policy.contains("frame-ancestors 'self'"));
        for reach in ["connect-src", "img-src", "'self';", "https:"] {
            assert!(!policy.contains(reach), "{reach}");
        }
    }

    #[test]
    fn one_script_may_compile_webassembly_and_nothing_else_may() {
        let policy = |path: &str| {
            of(path)[CONTENT_SECURITY_POLICY]
                .to_str()
                .unwrap()
                .to_owned()
        };
        let worker = policy("/assets/search-worker.0a1b2c3d.js");
        assert!(worker.contains("script-src 'self' 'wasm-unsafe-eval';"));
        assert!(!worker.contains("'unsafe"), "{worker}");
        for path in [
            "/assets/search.0a1b2c3d.js",
            "/pagefind/pagefind.js",
            "/search/",
        ] {
            assert!(!policy(path).contains("wasm"), "{path}");
        }
    }

    #[test]
    fn a_function_says_itself_how_long_its_answer_keeps_and_nothing_else() {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
        headers.insert("referrer-policy", HeaderValue::from_static("unsafe-url"));
        HeaderTable::embedded("http://127.0.0.1:8080").complete_api("/api/x", &mut headers);
        assert_eq!(headers[CACHE_CONTROL], "max-age=300");
        assert_eq!(headers["referrer-policy"], "same-origin");
    }

    #[test]
    fn the_table_says_of_the_gates_answers_what_both_gates_say() {
        let location = String::new;
        for (answer, decision) in [
            (Answer::Missing, Decision::NotFound),
            (
                Answer::Moved,
                Decision::Redirect {
                    location: location(),
                },
            ),
            (
                Answer::Renew,
                Decision::Renew {
                    location: location(),
                },
            ),
        ] {
            let mut headers = HeaderMap::new();
            HeaderTable::embedded("http://127.0.0.1:8080").complete(
                "/",
                Some(answer),
                &mut headers,
            );
            let said = headers[CACHE_CONTROL].to_str().ok();
            assert_eq!(said, decision.cache_control(), "{answer:?}");
        }
    }

    #[test]
    fn only_a_site_with_https_insists_on_it() {
        let insists = |origin: &str| {
            let mut headers = HeaderMap::new();
            HeaderTable::embedded(origin).complete("/", None, &mut headers);
            headers.contains_key(STRICT_TRANSPORT_SECURITY)
        };
        assert!(insists("https://courses.example"));
        assert!(!insists("http://127.0.0.1:8080"));
    }
}
