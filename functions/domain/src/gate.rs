//! The gate: which of the two trees a reader gets under one URL.
//!
//! Knows no catalog, no learner and no clock: a path, two cookies, the keys and `now`. The edge
//! runs the same rules as `infra/edge/gate.js`; `infra/edge/vectors.json` binds both.

mod cookies;
mod path;

pub use cookies::Cookies;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use self::path::SitePath;
pub use self::path::encode;
use crate::token::{self, Keys};

/// The cookie that carries the access token.
pub const ACCESS_COOKIE: &str = "tuition_access";
/// The readable cookie that says that this browser has a session, so that renewal is worth it.
pub const HINT_COOKIE: &str = "tuition_hint";
/// Where rule 4 sends a browser for a fresh token.
pub const RENEW_PATH: &str = "/api/access/renew";

/// What the gate looks at in a request. It also drops `If-Modified-Since`, which the caller does:
/// the date of a teaser says nothing about the lesson, only the `ETag` differs between the trees.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `GET`, `HEAD`, …, upper-case.
    pub method: &'a str,
    /// The path as it was sent, still percent-encoded, without the query.
    pub path: &'a str,
    /// The query as it was sent, without the `?`.
    pub query: Option<&'a str>,
    /// All cookies of the request.
    pub cookies: &'a Cookies,
}

/// Whose tokens count here.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The keys that tokens may be signed with.
    pub keys: &'a Keys,
    /// `iss` of every token.
    pub iss: &'a str,
    /// `aud` of every token.
    pub aud: &'a str,
}

/// What becomes of a request. Paths and locations are percent-encoded ASCII that starts with one
/// slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Neither GET nor HEAD: none of the gate's business, handed on as it is.
    Pass,
    /// 404.
    NotFound,
    /// 301 to the path with its slash and the same query.
    Redirect {
        /// Path and query.
        location: String,
    },
    /// Serve `/_members/<course>/…`, or `/_members/<course>.drafts/…` to an author.
    Members {
        /// With `index.html` where the request ended with a slash.
        path: String,
    },
    /// 302 to [`RENEW_PATH`], which comes back to `next`.
    Renew {
        /// Path and query.
        location: String,
    },
    /// Serve from the public tree.
    Public {
        /// With `index.html` where the request ended with a slash.
        path: String,
    },
}

impl Decision {
    /// The file to serve: the path decoded, without the first slash, and the tree it is below.
    /// It has no empty or dot segment, no backslash and no NUL. `None` if no file is served.
    pub fn file(&self) -> Option<(Tree, String)> {
        let (tree, path) = match self {
            Self::Members { path } => (Tree::Members, path.strip_prefix("/_members/")?),
            Self::Public { path } => (Tree::Public, path.strip_prefix('/')?),
            _ => return None,
        };
        Some((
            tree,
            percent_decode_str(path).decode_utf8().ok()?.into_owned(),
        ))
    }

    /// `Cache-Control` of an answer that the gate gives itself; `None` where a file or another
    /// handler answers.
    pub fn cache_control(&self) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::Renew { .. } => Some("no-store"),
            Self::Redirect { .. } => Some("public, max-age=3600"),
            Self::Pass | Self::Members { .. } | Self::Public { .. } => None,
        }
    }
}

/// One of the two trees that a build writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tree {
    /// `dist/public/`, for everyone.
    Public,
    /// `dist/members/`, one folder per course.
    Members,
}

/// Decides a request by the five rules; the first that matches wins.
///
/// 1. A path that means nothing, or could mean two things → [`Decision::NotFound`].
/// 2. No final slash and no extension → [`Decision::Redirect`].
/// 3. Gated, and a usable token previews or covers the course → [`Decision::Members`].
/// 4. Gated page, no usable token, a hint → [`Decision::Renew`].
/// 5. Everything else → [`Decision::Public`].
pub fn decide(request: &Request<'_>, site: &Site<'_>, now: Timestamp) -> Decision {
    if !matches!(request.method, "GET" | "HEAD") {
        return Decision::Pass;
    }
    let Some(path) = SitePath::parse(request.path) else {
        return Decision::NotFound;
    };
    let sent = path.encoded();
    if path.lacks_slash() {
        return Decision::Redirect {
            location: format!("{sent}/{}", query_suffix(request)),
        };
    }

    let object = if path.is_folder() {
        format!("{sent}index.html")
    } else {
        sent.clone()
    };
    let Some(course) = path.course() else {
        return Decision::Public { path: object };
    };
    let usable = request
        .cookies
        .only(ACCESS_COOKIE)
        .and_then(|token| token::verify(site.keys, site.iss, site.aud, token, now).ok());
    match usable {
        // No slug has a dot, so that no course is called like the drafts of another.
        Some(claims) if claims.previews(course) => Decision::Members {
            path: format!("/_members/{}.drafts{object}", encode(course)),
        },
        Some(claims) if claims.covers(course) => Decision::Members {
            path: format!("/_members/{}{object}", encode(course)),
        },
        None if path.is_html() && request.cookies.only(HINT_COOKIE).is_some() => {
            let next = encode(&format!("{sent}{}", query_suffix(request)));
            Decision::Renew {
                location: format!("{RENEW_PATH}?next={next}"),
            }
        }
        _ => Decision::Public { path: object },
    }
}

/// The slug of the course that a path of this site lies in, in whatever language; a query after
/// it is ignored. `None` outside `/courses/<course>/`.
pub fn course_slug_of(path: &str) -> Option<String> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    SitePath::parse(path)?.course().map(str::to_owned)
}

/// `?` and the query as it was sent, with anything that a header can't hold encoded; or nothing.
fn query_suffix(request: &Request<'_>) -> String {
    const NOT_VISIBLE: &AsciiSet = &CONTROLS.add(b' ');
    match request.query {
        None | Some("") => String::new(),
        Some(query) => format!("?{}", utf8_percent_encode(query, NOT_VISIBLE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_course_of_a_path_is_its_decoded_slug() {
        assert_eq!(
            course_slug_of("/courses/rust/traits/?a=/courses/b/"),
            Some("rust".to_owned())
        );
        assert_eq!(
            course_slug_of("/zh-Hant/courses/%E7%BC%96%E7%A8%8B/"),
            Some("编程".to_owned())
        );
        assert_eq!(course_slug_of("/courses/"), None);
        assert_eq!(course_slug_of("/courses/rust"), None);
    }

    #[test]
    fn a_file_is_named_below_its_tree() {
        let members = Decision::Members {
            path: "/_members/rust/courses/rust/a%20b.png".to_owned(),
        };
        assert_eq!(
            members.file(),
            Some((Tree::Members, "rust/courses/rust/a b.png".to_owned()))
        );
        let public = Decision::Public {
            path: "/index.html".to_owned(),
        };
        assert_eq!(public.file(), Some((Tree::Public, "index.html".to_owned())));
        assert_eq!(Decision::NotFound.file(), None);
    }
}
