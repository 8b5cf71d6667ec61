//! The description of the interface, which access serves for all four functions.

use axum::Router;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::routes::routes;

/// Written by the test in `description.rs`.
const TEXT: &str = include_str!("../openapi.json");

routes!((); describe);

/// `GET /api/openapi.json`.
pub(crate) fn router() -> Router {
    routes()
}

/// This description.
#[utoipa::path(
    get, path = "/api/openapi.json", tag = "access",
    responses((status = 200, description = "OpenAPI 3.1", body = Object)),
)]
async fn describe() -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, TEXT).into_response()
}
