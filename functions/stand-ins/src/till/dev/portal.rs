//! `/_dev/till/portal`: the page of the billing portal and its two buttons.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;

use super::{Nothing, Till, done};
use crate::dev::Input;
use crate::problem::Problem;
use crate::till::portal;

pub(super) fn router() -> Router<Till> {
    Router::new()
        .route("/_dev/till/portal/{page}", get(show_portal))
        .route("/_dev/till/portal/{page}/{id}/cancel", post(portal_cancel))
        .route("/_dev/till/portal/{page}/{id}/resume", post(portal_resume))
}

async fn show_portal(
    State(till): State<Till>,
    Path(page): Path<String>,
) -> Result<Response, Problem> {
    till.transact(move |tx| portal::show(tx, &page)).await
}

async fn portal_cancel(
    State(till): State<Till>,
    Path((page, id)): Path<(String, String)>,
    Input { form, .. }: Input<Nothing>,
) -> Result<Response, Problem> {
    from_portal(till, page, id, form, true).await
}

async fn portal_resume(
    State(till): State<Till>,
    Path((page, id)): Path<(String, String)>,
    Input { form, .. }: Input<Nothing>,
) -> Result<Response, Problem> {
    from_portal(till, page, id, form, false).await
}

async fn from_portal(
    till: Till,
    page: String,
    id: String,
    form: bool,
    cancels: bool,
) -> Result<Response, Problem> {
    let back = format!("/_dev/till/portal/{page}");
    let subscription = till
        .transact(move |tx| portal::set_cancel(tx, &page, &id, cancels))
        .await?;
    Ok(done(form, &back, json!({ "subscription": subscription })))
}
