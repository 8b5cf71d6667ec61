//! `/api/*`: the four functions behind one address, as the CDN's API has them.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use tower::ServiceExt as _;

use super::edge;

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
        let router = match request.uri().path().split('/').nth(2) {
            Some("checkout") => self.checkout,
            Some("comments") => self.comments,
            Some("metrics") => self.metrics,
            // Access answers for what belongs to nobody, too.
            _ => self.access,
        };
        match router.oneshot(request.map(Body::new)).await {
            Ok(response) => response.into_response(),
            Err(never) => match never {},
        }
    }
}
