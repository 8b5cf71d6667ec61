//! What stands before every function: the CDN's secret, the caller's address and origin, and
//! the rendering of problems.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use http::header::{
    ACCEPT, ACCEPT_LANGUAGE, CACHE_CONTROL, ORIGIN, REFERRER_POLICY, USER_AGENT,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use subtle::ConstantTimeEq as _;
use tuition_domain::mail::Locale;
use tuition_domain::ports::{CatalogSource, Entropy};

use crate::page;
use crate::problem::{Code, Problem};

/// Carries the secret by which a function knows that a request came through the CDN.
pub const EDGE_HEADER: HeaderName = HeaderName::from_static("x-tuition-edge");
/// Carries the address of the caller, which the CDN writes over whatever was there.
pub const CALLER_HEADER: HeaderName = HeaderName::from_static("x-tuition-caller");
const FETCH_SITE: &str = "sec-fetch-site";
/// Called by the payment provider, not by browsers nor through the CDN: its signature is its proof.
const WEBHOOK: &str = "/api/checkout/webhook";
/// Called by mail programs, by one click (RFC 8058): its token is its proof, and all that it can do.
const UNSUBSCRIBE: &str = "/api/comments/unsubscribe";
const FETCH_MODE: &str = "sec-fetch-mode";

/// What every function knows of the site it stands behind.
#[derive(Clone)]
pub struct Front {
    /// The public origin, e.g. `https://courses.example.com`: configuration, never a header.
    pub origin: String,
    /// The secret that the CDN adds to every request.
    pub edge_secret: String,
    /// For the ids of problems.
    pub entropy: Arc<dyn Entropy>,
    /// For the title and stylesheet of pages.
    pub catalog: Arc<dyn CatalogSource>,
}

impl Front {
    /// Whether cookies are for https alone.
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// Lays the checks that all routes share around `router`.
    pub fn around(&self, router: Router) -> Router {
        router
            .layer(middleware::from_fn_with_state(
                self.clone(),
                only_from_this_site,
            ))
            .layer(middleware::from_fn_with_state(
                self.clone(),
                only_through_the_edge,
            ))
            .layer(middleware::from_fn_with_state(
                self.clone(),
                render_problems,
            ))
    }
}

/// The caller's address, as the CDN says it (`infra/edge/caller.js`). Not from `X-Forwarded-For`:
/// the last one there is the CDN's own, which the API appended, and what stands before the last
/// but one anybody can write. Those without one address share one; meaningful only behind
/// [`Front::around`].
pub fn address(headers: &HeaderMap) -> IpAddr {
    let mut said = headers.get_all(CALLER_HEADER).iter();
    match (said.next(), said.next()) {
        (Some(value), None) => value.to_str().ok().and_then(|text| text.parse().ok()),
        _ => None,
    }
    .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// The user agent, or nothing.
pub fn user_agent(headers: &HeaderMap) -> String {
    headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}

/// The reader's first language.
pub fn locale(headers: &HeaderMap) -> Locale {
    Locale::of(
        headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default(),
    )
}

/// Whether the browser asked not to be counted.
pub fn is_uncounted(headers: &HeaderMap) -> bool {
    ["dnt", "sec-gpc"]
        .iter()
        .any(|name| headers.get(*name).is_some_and(|value| value == "1"))
}

/// Whether the answer is shown to a person as a page, not read by a script.
pub fn wants_page(headers: &HeaderMap) -> bool {
    let html = headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/html"));
    let script = headers
        .get(FETCH_MODE)
        .is_some_and(|value| value != "navigate");
    html && !script
}

async fn only_through_the_edge(
    State(front): State<Front>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let proof = request
        .headers()
        .get(EDGE_HEADER)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    let from_edge: bool = proof.ct_eq(front.edge_secret.as_bytes()).into();
    if from_edge || request.uri().path() == WEBHOOK {
        Ok(next.run(request).await)
    } else {
        Err(Problem::not_found())
    }
}

/// Refuses a call that may change something and that a page of another site may have made. Reading
/// changes nothing.
async fn only_from_this_site(
    State(front): State<Front>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    let from_anywhere = [WEBHOOK, UNSUBSCRIBE].contains(&request.uri().path());
    if reads || from_anywhere || is_own(&front.origin, request.headers()) {
        Ok(next.run(request).await)
    } else {
        Err(Problem::new(
            Code::Origin,
            "The request must come from this site",
        ))
    }
}

/// Whether a page of the site at `origin` made the request. Browsers say so twice: by `Origin`, and
/// those of today by `Sec-Fetch-Site`, which no script can set. Neither may say otherwise. `null` is
/// the origin of sandboxed and some redirected forms: it needs the other to vouch for it.
fn is_own(origin: &str, headers: &HeaderMap) -> bool {
    if [ORIGIN.as_str(), FETCH_SITE]
        .into_iter()
        .any(|name| headers.get_all(name).iter().count() > 1)
    {
        return false;
    }
    let site = headers.get(FETCH_SITE).map(HeaderValue::as_bytes);
    match headers.get(ORIGIN).map(HeaderValue::as_bytes) {
        Some(b"null") => site == Some(b"same-origin"),
        Some(from) => from == origin.as_bytes() && site.is_none_or(|site| site == b"same-origin"),
        None => false,
    }
}

async fn render_problems(State(front): State<Front>, request: Request, next: Next) -> Response {
    let as_page = wants_page(request.headers());
    let locale = locale(request.headers());
    let mut response = next.run(request).await;
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        let problem = response
            .extensions_mut()
            .remove::<Problem>()
            .unwrap_or_else(|| Problem::of_status(status));
        let mut id = [0; 8];
        front.entropy.fill(&mut id);
        let instance = format!("urn:tuition:request:{}", hex::encode(id));
        tracing::info!(
            code = problem.code.as_str(),
            status = problem.status().as_u16(),
            instance,
            "problem"
        );
        response = if as_page {
            page::problem(
                &front.catalog.catalog().site,
                &problem,
                locale,
                response.headers(),
            )
        } else {
            problem.render(&instance, response.headers())
        };
    }
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_headers_must_agree_that_it_is_our_own_page() {
        let ours = "https://x.example";
        for (origin, site, own) in [
            (Some(ours), None, true),
            (Some(ours), Some("same-origin"), true),
            (Some(ours), Some("same-site"), false),
            (Some(ours), Some("cross-site"), false),
            (Some(ours), Some("none"), false),
            (Some("null"), Some("same-origin"), true),
            (Some("null"), None, false),
            (Some("null"), Some("cross-site"), false),
            (Some("https://x.example.evil"), Some("same-origin"), false),
            (Some("http://x.example"), None, false),
            (None, Some("same-origin"), false),
            (None, None, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(origin) = origin {
                headers.insert(ORIGIN, HeaderValue::from_static(origin));
            }
            if let Some(site) = site {
                headers.insert(FETCH_SITE, HeaderValue::from_static(site));
            }
            assert_eq!(is_own(ours, &headers), own, "{origin:?} {site:?}");
        }
    }

    #[test]
    fn two_origins_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(ORIGIN, HeaderValue::from_static("https://x.example"));
        headers.append(ORIGIN, HeaderValue::from_static("https://evil.example"));
        assert!(!is_own("https://x.example", &headers));
    }

    fn address_of(said: &[(&HeaderName, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in said {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        address(&headers).to_string()
    }

    #[test]
    fn the_address_is_the_one_that_the_cdn_says() {
        let forwarded = HeaderName::from_static("x-forwarded-for");
        let chain = (&forwarded, "198.51.100.7, 203.0.113.9, 130.176.1.1");
        for address in ["203.0.113.9", "2001:db8::9"] {
            assert_eq!(address_of(&[chain, (&CALLER_HEADER, address)]), address);
        }
        assert_eq!(address_of(&[chain]), "0.0.0.0");
    }

    #[test]
    fn several_addresses_are_none() {
        let twice = [
            (&CALLER_HEADER, "203.0.113.9"),
            (&CALLER_HEADER, "203.0.113.8"),
        ];
        assert_eq!(address_of(&twice), "0.0.0.0");
        for text in [
            "203.0.113.9, 203.0.113.8",
            "203.0.113.9:4711",
            "",
            "localhost",
        ] {
            assert_eq!(address_of(&[(&CALLER_HEADER, text)]), "0.0.0.0", "{text}");
        }
    }
}
