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
use http::{HeaderMap, HeaderName, HeaderValue};
use subtle::ConstantTimeEq as _;
use tuition_domain::mail::Locale;
use tuition_domain::ports::{CatalogSource, Entropy};

use crate::page;
use crate::problem::{Code, Problem};

/// Carries the secret by which a function knows that a request came through the CDN.
pub const EDGE_HEADER: HeaderName = HeaderName::from_static("x-tuition-edge");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FETCH_SITE: &str = "sec-fetch-site";
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
                only_through_the_edge,
            ))
            .layer(middleware::from_fn_with_state(
                self.clone(),
                render_problems,
            ))
    }

    /// Refuses a state-changing call that a page of another origin may have made. `null` is the
    /// origin of sandboxed and some redirected forms: it passes when the browser says that the
    /// request is same-origin.
    pub fn check_origin(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let origin = headers.get(ORIGIN).and_then(|value| value.to_str().ok());
        let same_site = headers
            .get(FETCH_SITE)
            .is_some_and(|value| value == "same-origin");
        match origin {
            Some(origin) if origin == self.origin => Ok(()),
            Some("null") if same_site => Ok(()),
            _ => Err(Problem::new(
                Code::Origin,
                "The request must come from this site",
            )),
        }
    }
}

/// The caller's address: the last one in `X-Forwarded-For`, which the CDN appended itself. What
/// stands before it anybody can write. Meaningful only behind [`Front::around`].
pub fn address(headers: &HeaderMap) -> IpAddr {
    headers
        .get_all(FORWARDED_FOR)
        .iter()
        .next_back()
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next())
        .and_then(|text| text.trim().parse().ok())
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

/// The webhook comes from the payment provider, not through the CDN: its signature is its proof.
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
    if from_edge || request.uri().path() == "/api/checkout/webhook" {
        Ok(next.run(request).await)
    } else {
        Err(Problem::not_found())
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
