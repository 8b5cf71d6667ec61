//! The account: what it shows, changes, exports, and its erasure. To a person without a script it
//! is one plain page with forms.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use tuition_domain::access::{
    Export, Me, ProfileChange, change_profile, erase_account, export_account, me, waiting_change,
};
use tuition_domain::email::Email;
use utoipa::ToSchema;

use super::{ACCOUNT, Access};
use crate::body::Fields;
use crate::checkout::see_other;
use crate::front;
use crate::page;
use crate::problem::{Code, Problem};
use crate::routes::routes;

/// Erases the account, by a form.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ErasureRequest {
    /// The account's own address, typed to confirm.
    pub email: String,
}

routes!(Access; show_me, change_me, change_me_by_form, erase_me, export_me, erase_me_by_form);

/// The account: profile, what opens, progress, purchases.
#[utoipa::path(
    get, path = "/api/access/me", tag = "access",
    security(("session" = [])),
    responses((status = 200, description = "The account; a page to who prefers one", content((Me = "application/json"), (String = "text/html")))),
    extensions(("x-problems" = json!([Code::SignedOut]))),
)]
async fn show_me(State(app): State<Access>, headers: HeaderMap) -> Result<Response, Problem> {
    let account = app.account(&headers).await?;
    let me = me(&app.ports, &account).await?;
    if !front::wants_page(&headers) {
        return Ok(Json(me).into_response());
    }
    let id = &account.profile.id;
    let sessions = app.session_list(&account.session).await?;
    let waiting = waiting_change(&app.ports, id).await?;
    let site = &app.ports.reader.catalog.catalog().site;
    let shown = page::AccountPage {
        me: &me,
        sessions: &sessions,
        waiting: waiting.as_ref(),
    };
    Ok(page::account(site, &shown, front::locale(&headers)))
}

/// Everything that is stored about the learner, to take along.
#[utoipa::path(
    get, path = "/api/access/me/export", tag = "access",
    security(("session" = [])),
    responses((status = 200, description = "All of it", body = Export, headers(("Content-Disposition" = String)))),
    extensions(("x-problems" = json!([Code::SignedOut]))),
)]
async fn export_me(State(app): State<Access>, headers: HeaderMap) -> Result<Response, Problem> {
    let account = app.account(&headers).await?;
    let export = export_account(&app.ports, &account).await?;
    let mut response = Json(export).into_response();
    let name = HeaderValue::from_static("attachment; filename=\"my-data.json\"");
    response.headers_mut().insert(CONTENT_DISPOSITION, name);
    Ok(response)
}

/// Changes the profile; members that are absent stay.
#[utoipa::path(
    patch, path = "/api/access/me", tag = "access",
    security(("session" = [])),
    request_body(content((ProfileChange = "application/json"), (ProfileChange = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "The account as it is now", body = Me),
        (status = 303, description = "To a form: the account", headers(("Location" = String))),
    ),
    extensions(("x-problems" = json!([Code::SignedOut, Code::Profile]))),
)]
async fn change_me(
    State(app): State<Access>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let mut account = app.account(&headers).await?;
    let fields = Fields::read(&headers, body).await?;
    let from_form = fields.from_form;
    let change: ProfileChange = serde_json::from_value(fields.into_value()).map_err(|_| {
        Problem::new(
            Code::UnknownField,
            "A profile has name, bio, locale and consents",
        )
    })?;
    account.profile = change_profile(&app.ports, &account.profile.id, &change).await?;
    if from_form {
        return Ok(see_other(ACCOUNT));
    }
    Ok(Json(me(&app.ports, &account).await?).into_response())
}

/// Changes the profile by a form, as `PATCH` does.
#[utoipa::path(
    post, path = "/api/access/me", tag = "access",
    security(("session" = [])),
    request_body(content((ProfileChange = "application/json"), (ProfileChange = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "The account as it is now", body = Me),
        (status = 303, description = "To a form: the account", headers(("Location" = String))),
    ),
    extensions(("x-problems" = json!([Code::SignedOut, Code::Profile]))),
)]
async fn change_me_by_form(
    app: State<Access>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    change_me(app, headers, body).await
}

/// Erases the account, at once and everywhere. The ledger keeps its sums, without the person.
#[utoipa::path(
    delete, path = "/api/access/me", tag = "access",
    security(("session" = [])),
    responses((status = 204, description = "Gone, and signed out", headers(("Set-Cookie" = String), ("Clear-Site-Data" = String)))),
    extensions(("x-problems" = json!([Code::SignedOut]))),
)]
async fn erase_me(State(app): State<Access>, headers: HeaderMap) -> Result<Response, Problem> {
    let account = app.account(&headers).await?;
    erase_account(&app.ports, &account).await?;
    Ok(app.goodbye(StatusCode::NO_CONTENT.into_response()))
}

/// Erases the account, with its address typed to confirm.
#[utoipa::path(
    post, path = "/api/access/me/erasure", tag = "access",
    security(("session" = [])),
    request_body(content((ErasureRequest = "application/json"), (ErasureRequest = "application/x-www-form-urlencoded"))),
    responses((status = 303, description = "To the home page, signed out", headers(("Location" = String), ("Set-Cookie" = String), ("Clear-Site-Data" = String)))),
    extensions(("x-problems" = json!([Code::SignedOut, Code::Email]))),
)]
async fn erase_me_by_form(
    State(app): State<Access>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let account = app.account(&headers).await?;
    let mut fields = Fields::read(&headers, body).await?;
    let other = || Problem::new(Code::Email, "This is not the address of the account");
    let typed = fields.required("email", other())?;
    fields.finish()?;
    if Email::parse(&typed).ok().as_ref() != Some(&account.profile.email) {
        return Err(other());
    }
    erase_account(&app.ports, &account).await?;
    Ok(app.goodbye(see_other("/")))
}
