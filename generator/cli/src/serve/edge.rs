//! What the CDN does in front of the functions: it names the caller's address, adds its secret,
//! and sets the headers of `infra/edge/headers.json`.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use http::{HeaderMap, HeaderName, HeaderValue, Request};
use serde::Deserialize;
use tuition_handlers::EDGE_HEADER;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const TABLE: &str = include_str!("../../../../infra/edge/headers.json");

/// Prepares a request for a function: whatever the caller wrote in these headers is not heard.
pub fn forward<B>(request: &mut Request<B>, caller: SocketAddr, secret: &HeaderValue) {
    let headers = request.headers_mut();
    headers.remove(EDGE_HEADER);
    headers.insert(EDGE_HEADER, secret.clone());
    headers.remove(FORWARDED_FOR);
    if let Ok(address) = HeaderValue::from_str(&caller.ip().to_string()) {
        headers.insert(FORWARDED_FOR, address);
    }
}

/// The headers that every response carries, by kind of path.
pub struct HeaderTable {
    all: HeaderMap,
    pages: HeaderMap,
}

#[derive(Deserialize)]
struct Written {
    all: BTreeMap<String, String>,
    pages: BTreeMap<String, String>,
}

impl HeaderTable {
    /// The table in `infra/edge/headers.json`, the one the CDN uses.
    #[expect(
        clippy::expect_used,
        reason = "the table is embedded, and a test reads it"
    )]
    pub fn embedded() -> Self {
        let written: Written =
            serde_json::from_str(TABLE).expect("infra/edge/headers.json is a table of headers");
        Self {
            all: headers(&written.all),
            pages: headers(&written.pages),
        }
    }

    /// Adds what `headers` does not say itself.
    pub fn complete(&self, headers: &mut HeaderMap, is_page: bool) {
        let pages = if is_page { Some(&self.pages) } else { None };
        for (name, value) in self.all.iter().chain(pages.into_iter().flatten()) {
            if !headers.contains_key(name) {
                headers.insert(name.clone(), value.clone());
            }
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "the table is embedded, and a test reads it"
)]
fn headers(written: &BTreeMap<String, String>) -> HeaderMap {
    written
        .iter()
        .map(|(name, value)| {
            let name: HeaderName = name.parse().expect("a header name");
            (name, HeaderValue::from_str(value).expect("a header value"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_caller_claims_of_itself_is_not_heard() {
        let mut request = Request::builder()
            .header("x-forwarded-for", "198.51.100.1")
            .header(EDGE_HEADER, "guessed")
            .body(())
            .unwrap();
        forward(
            &mut request,
            "127.0.0.1:9".parse().unwrap(),
            &HeaderValue::from_static("secret"),
        );
        assert_eq!(
            request
                .headers()
                .get_all("x-forwarded-for")
                .iter()
                .collect::<Vec<_>>(),
            ["127.0.0.1"]
        );
        assert_eq!(
            request
                .headers()
                .get_all(EDGE_HEADER)
                .iter()
                .collect::<Vec<_>>(),
            ["secret"]
        );
    }

    #[test]
    fn the_table_reads_and_forbids_inline_scripts() {
        let mut headers = HeaderMap::new();
        HeaderTable::embedded().complete(&mut headers, true);
        let policy = headers
            .get("content-security-policy")
            .unwrap()
            .to_str()
            .unwrap();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"));
    }
}
