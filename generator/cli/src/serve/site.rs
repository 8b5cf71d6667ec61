//! The two trees over HTTP, through the gate, from the last build that held.

use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, COOKIE, ETAG, IF_NONE_MATCH,
    LOCATION,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use percent_encoding::percent_decode_str;
use tuition_domain::access::Tokens;
use tuition_domain::gate::{self, Cookies, Decision, Tree, decide};
use tuition_domain::ports::Clock;
use tuition_site::Files;

use super::finding::Finding;
use super::headers::{Answer, HeaderTable};
use super::range::{Part, part};
use super::reload;

/// Whether a path, however it is spelled, may lead to a file of a search index.
pub fn is_finding(path: &str) -> bool {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    decoded.contains("/pagefind/")
}

/// Serves the site.
pub struct SiteServer {
    files: RwLock<Arc<Files>>,
    finding: Finding,
    headers: Arc<HeaderTable>,
    tokens: Tokens,
    clock: Arc<dyn Clock>,
    live_reload: bool,
}

impl SiteServer {
    /// A server without files yet.
    pub fn new(
        headers: Arc<HeaderTable>,
        tokens: Tokens,
        clock: Arc<dyn Clock>,
        live_reload: bool,
    ) -> Self {
        Self {
            files: RwLock::default(),
            finding: Finding::default(),
            headers,
            tokens,
            clock,
            live_reload,
        }
    }

    /// Replaces all files (`public/…`, `members/<course>/…`) at once: a page is never of one build and its stylesheet of another.
    pub fn publish(&self, files: Files) {
        *self.files.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(files);
    }

    /// Answers a request for a page or an asset. It takes seconds where a search index is to be made first: of a path
    /// where [`is_finding`] holds, a thread that may wait must ask.
    pub fn respond(&self, request: &Request<Body>) -> Response {
        let mut response = self.answer(request);
        let answer = response.extensions_mut().remove::<Answer>();
        let path = request.uri().path();
        self.headers.complete(path, answer, response.headers_mut());
        response
    }

    fn answer(&self, request: &Request<Body>) -> Response {
        let cookies = Cookies::parse(
            request
                .headers()
                .get_all(COOKIE)
                .iter()
                .filter_map(|v| v.to_str().ok()),
        );
        let asked = gate::Request {
            method: request.method().as_str(),
            path: request.uri().path(),
            query: request.uri().query(),
            cookies: &cookies,
        };
        let origin = &self.tokens.origin;
        let keys = self.tokens.keys.keys();
        let site = gate::Site {
            keys: &keys,
            iss: origin,
            aud: origin,
        };
        let decision = decide(&asked, &site, self.clock.now());
        match &decision {
            Decision::Pass => (
                StatusCode::METHOD_NOT_ALLOWED,
                [(http::header::ALLOW, "GET, HEAD")],
            )
                .into_response(),
            Decision::NotFound => self.not_found(request),
            Decision::Redirect { location } => {
                redirect(StatusCode::MOVED_PERMANENTLY, location, Answer::Moved)
            }
            Decision::Renew { location } => redirect(StatusCode::FOUND, location, Answer::Renew),
            Decision::Members { .. } | Decision::Public { .. } => self.file(request, &decision),
        }
    }

    fn file(&self, request: &Request<Body>, decision: &Decision) -> Response {
        let files = self.current();
        let found = decision.file().and_then(|(tree, path)| {
            let root = match tree {
                Tree::Public => "public",
                Tree::Members => "members",
            };
            let name = format!("{root}/{path}");
            let bytes = match files.get(&name) {
                Some(bytes) => Arc::clone(bytes),
                None => self.finding.file(&files, &name)?,
            };
            Some((tree, name, bytes))
        });
        match found {
            Some((tree, name, bytes)) => self.send(request, tree, &name, &bytes),
            None => self.not_found(request),
        }
    }

    fn not_found(&self, request: &Request<Body>) -> Response {
        let files = self.current();
        let page = files.get("public/404.html").map_or(&[][..], |page| page);
        let body = self.body("404.html", page);
        let kind = content_type("404.html");
        let mut response = finish(request, StatusCode::NOT_FOUND, kind, body);
        response.extensions_mut().insert(Answer::Missing);
        response
    }

    fn send(&self, request: &Request<Body>, tree: Tree, name: &str, bytes: &[u8]) -> Response {
        let body = self.body(name, bytes);
        let kind = content_type(name);
        let etag = etag(tree, &body);
        let mut response = if matches(request.headers(), &etag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else if request.method() == Method::GET {
            in_part(part(request.headers(), &etag, body.len()), kind, body)
        } else {
            finish(request, StatusCode::OK, kind, body)
        };
        insert(response.headers_mut(), ETAG, &etag);
        insert(response.headers_mut(), ACCEPT_RANGES, "bytes");
        response
    }

    fn body(&self, name: &str, bytes: &[u8]) -> Vec<u8> {
        // A document among the assets is a part of a page, which reloads it with itself.
        let is_page =
            content_type(name).starts_with("text/html") && !name.starts_with("public/assets/");
        if self.live_reload && is_page {
            reload::with_script(bytes)
        } else {
            bytes.to_vec()
        }
    }

    fn current(&self) -> Arc<Files> {
        self.files
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Strong, and never the same for teaser and lesson.
fn etag(tree: Tree, body: &[u8]) -> String {
    let tree = match tree {
        Tree::Public => "p",
        Tree::Members => "m",
    };
    let hash = blake3::hash(body).to_hex();
    format!("\"{tree}-{}\"", hash.get(..32).unwrap_or_default())
}

fn matches(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        // Compared weakly (RFC 9110, 13.1.2): a CDN that compresses what it passes on makes the tag weak.
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// As much of a file as was asked for.
fn in_part(part: Part, kind: &'static str, mut body: Vec<u8>) -> Response {
    let length = body.len();
    match part {
        Part::Whole => ([(CONTENT_TYPE, kind)], body).into_response(),
        Part::Bytes(range) => {
            let told = format!("bytes {}-{}/{length}", range.start, range.end - 1);
            body.truncate(range.end);
            body.drain(..range.start);
            let headers = [(CONTENT_TYPE, kind), (CONTENT_RANGE, told.as_str())];
            (StatusCode::PARTIAL_CONTENT, headers, body).into_response()
        }
        Part::Unsatisfiable => {
            let headers = [(CONTENT_RANGE, format!("bytes */{length}"))];
            (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response()
        }
    }
}

fn finish(
    request: &Request<Body>,
    status: StatusCode,
    kind: &'static str,
    body: Vec<u8>,
) -> Response {
    let kind = [(CONTENT_TYPE, kind)];
    if request.method() == Method::HEAD {
        let length = [(CONTENT_LENGTH, body.len().to_string())];
        return (status, kind, length).into_response();
    }
    (status, kind, body).into_response()
}

fn redirect(status: StatusCode, location: &str, answer: Answer) -> Response {
    let mut response = status.into_response();
    insert(response.headers_mut(), LOCATION, location);
    response.extensions_mut().insert(answer);
    response
}

fn insert(headers: &mut HeaderMap, name: http::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "xml" => "application/xml; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "svg" => "image/svg+xml; charset=utf-8",
        "vtt" => "text/vtt; charset=utf-8",
        _ => mime_guess::from_path(name)
            .first_raw()
            .unwrap_or("application/octet-stream"),
    }
}
