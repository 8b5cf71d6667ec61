//! The two trees over HTTP, through the gate, from the last build that held.

use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, ETAG, IF_NONE_MATCH, LOCATION,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tuition_domain::access::Tokens;
use tuition_domain::gate::{self, Cookies, Decision, Tree, decide};
use tuition_domain::ports::Clock;
use tuition_site::Files;

use super::edge::HeaderTable;
use super::reload;

/// Serves the site.
pub struct SiteServer {
    files: RwLock<Arc<Files>>,
    headers: HeaderTable,
    tokens: Tokens,
    clock: Arc<dyn Clock>,
    live_reload: bool,
}

impl SiteServer {
    /// A server without files yet.
    pub fn new(tokens: Tokens, clock: Arc<dyn Clock>, live_reload: bool) -> Self {
        Self {
            files: RwLock::default(),
            headers: HeaderTable::embedded(),
            tokens,
            clock,
            live_reload,
        }
    }

    /// Replaces all files (`public/…`, `members/<course>/…`) at once: a page is never of one build and its stylesheet of another.
    pub fn publish(&self, files: Files) {
        *self.files.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(files);
    }

    /// Answers a request for a page or an asset.
    pub fn respond(&self, request: &Request<Body>) -> Response {
        let mut response = self.answer(request);
        let is_page = response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        self.headers.complete(response.headers_mut(), is_page);
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
        let site = gate::Site {
            keys: &self.tokens.keys,
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
                redirect(StatusCode::MOVED_PERMANENTLY, location, &decision)
            }
            Decision::Renew { location } => redirect(StatusCode::FOUND, location, &decision),
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
            files
                .get_key_value(&name)
                .map(|(name, bytes)| (tree, name, bytes))
        });
        match found {
            Some((tree, name, bytes)) => {
                self.send(request, StatusCode::OK, Some(tree), name, bytes)
            }
            None => self.not_found(request),
        }
    }

    fn not_found(&self, request: &Request<Body>) -> Response {
        let files = self.current();
        match files.get("public/404.html") {
            Some(page) => self.send(request, StatusCode::NOT_FOUND, None, "404.html", page),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }

    /// `tree` is `None` for an answer that no cache may keep.
    fn send(
        &self,
        request: &Request<Body>,
        status: StatusCode,
        tree: Option<Tree>,
        name: &str,
        bytes: &[u8],
    ) -> Response {
        let kind = content_type(name);
        let is_page = kind.starts_with("text/html");
        let body = if is_page && self.live_reload {
            reload::with_script(bytes)
        } else {
            bytes.to_vec()
        };
        let mut headers = HeaderMap::new();
        insert(&mut headers, CONTENT_TYPE, kind);
        let Some(tree) = tree else {
            insert(&mut headers, CACHE_CONTROL, "no-store");
            return finish(request, status, headers, body);
        };
        let etag = etag(tree, &body);
        insert(&mut headers, CACHE_CONTROL, cache_control(name));
        insert(&mut headers, ETAG, &etag);
        if matches(request.headers(), &etag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        finish(request, status, headers, body)
    }

    fn current(&self) -> Arc<Files> {
        self.files
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Names of fingerprinted files change with their bytes; everything else is asked for again, so
/// that a page turns from teaser to whole, and back, without a reload by force.
fn cache_control(name: &str) -> &'static str {
    if name.starts_with("public/assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "private, no-cache"
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
        .any(|tag| tag.trim() == etag || tag.trim() == "*")
}

fn finish(
    request: &Request<Body>,
    status: StatusCode,
    mut headers: HeaderMap,
    body: Vec<u8>,
) -> Response {
    if request.method() == Method::HEAD {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        return (status, headers).into_response();
    }
    (status, headers, body).into_response()
}

fn redirect(status: StatusCode, location: &str, decision: &Decision) -> Response {
    let mut headers = HeaderMap::new();
    insert(&mut headers, LOCATION, location);
    if let Some(control) = decision.cache_control() {
        insert(&mut headers, CACHE_CONTROL, control);
    }
    (status, headers).into_response()
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
        "svg" => "image/svg+xml",
        "vtt" => "text/vtt; charset=utf-8",
        _ => mime_guess::from_path(name)
            .first_raw()
            .unwrap_or("application/octet-stream"),
    }
}
