//! `/api/*`: the four functions behind one address, as the CDN's API has them.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use tower::ServiceExt as _;

use super::edge;
use super::headers::HeaderTable;

/// The four functions.
#[derive(Clone)]
pub struct Api {
    /// `/api/checkout`
    pub checkout: Router,
    /// `/api/access`
    pub access: Router,
    /// `/api/comments`
    pub comments: Router,
    /// `/api/metrics`
    pub metrics: Router,
    /// What the functions know the CDN by.
    pub edge_secret: HeaderValue,
    /// What the CDN adds to their answers.
    pub headers: Arc<HeaderTable>,
}

impl Api {
    /// Sends a request to the function whose path it has.
    pub async fn handle(
        self,
        ConnectInfo(caller): ConnectInfo<SocketAddr>,
        mut request: Request,
    ) -> Response {
        // What this router matched is no business of the next one, which is another machine elsewhere.
        request.extensions_mut().clear();
        edge::forward(&mut request, caller, &self.edge_secret);
        let path = request.uri().path().to_owned();
        let router = match path.split('/').nth(2) {
            Some("checkout") => self.checkout,
            Some("comments") => self.comments,
            Some("metrics") => self.metrics,
            // Access answers for what belongs to nobody, too.
            _ => self.access,
        };
        let mut response = match router.oneshot(request.map(Body::new)).await {
            Ok(response) => response.into_response(),
            Err(never) => match never {},
        };
        self.headers.complete_api(&path, response.headers_mut());
        response
    }
}
