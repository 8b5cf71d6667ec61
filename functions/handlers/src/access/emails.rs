//! Changing the account's address: asked for here, confirmed by a link at both addresses.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use tuition_domain::access::{
    AddressError, Confirmed, SignedIn, WaitingChange, ask_change, confirm_change, look_at_change,
    waiting_change,
};
use tuition_domain::email::Email;
use tuition_domain::identity::Secret;
use tuition_domain::next::NextPath;
use utoipa::ToSchema;

use super::links::LinkSent;
use super::{ACCOUNT, Access};
use crate::body::Fields;
use crate::checkout::see_other;
use crate::front;
use crate::page;
use crate::problem::{Code, Problem};
use crate::routes::routes;

/// Asks for another address.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailRequest {
    /// The address that the account is to have.
    pub email: String,
    /// Where a used link leads: a path of this site; `/account/` if absent.
    pub next: Option<String>,
}

/// The account's address, and the one that it is to have.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AddressView {
    /// The address that it has.
    #[schema(value_type = String)]
    pub email: Email,
    /// The change that waits for its proofs.
    #[schema(required)]
    pub waiting: Option<WaitingChange>,
}

routes!(Access; show, ask, cancel, look, confirm);

/// The address of the account, and the one that it is to have.
#[utoipa::path(
    get, path = "/api/access/emails", tag = "access", operation_id = "show_email",
    security(("session" = [])),
    responses((status = 200, description = "Both", body = AddressView)),
    extensions(("x-problems" = json!([Code::SignedOut]))),
)]
async fn show(State(app): State<Access>, headers: HeaderMap) -> Result<Json<AddressView>, Problem> {
    let account = app.account(&headers).await?;
    Ok(Json(AddressView {
        waiting: waiting_change(&app.ports, &account.profile.id).await?,
        email: account.profile.email,
    }))
}

/// Asks for another address: a link goes to the old and to the new one, and both must be used.
#[utoipa::path(
    post, path = "/api/access/emails", tag = "access", operation_id = "change_email",
    security(("session" = [])),
    request_body(content((EmailRequest = "application/json"), (EmailRequest = "application/x-www-form-urlencoded"))),
    responses(
        (status = 202, description = "Links are on their way", body = LinkSent),
        (status = 303, description = "To a form: the account", headers(("Location" = String))),
    ),
    extensions(("x-problems" = json!([Code::SignedOut, Code::Email, Code::SameEmail, Code::Next, Code::TooMany]))),
)]
async fn ask(
    State(app): State<Access>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let account = app.account(&headers).await?;
    let mut fields = Fields::read(&headers, body).await?;
    let from_form = fields.from_form;
    let email = fields.required("email", Problem::email())?;
    let next = match fields.text("next", Problem::next())? {
        Some(text) => NextPath::parse(&text).map_err(|_| Problem::next())?,
        None => NextPath::account(),
    };
    fields.finish()?;
    let (from, locale) = (front::address(&headers), front::locale(&headers));
    ask_change(&app.ports, &account, &email, next, from, locale).await?;
    Ok(if from_form {
        see_other(ACCOUNT)
    } else {
        (StatusCode::ACCEPTED, Json(LinkSent { sent: true })).into_response()
    })
}

/// Drops the change that waits, if one does.
#[utoipa::path(
    delete, path = "/api/access/emails", tag = "access", operation_id = "cancel_email_change",
    security(("session" = [])),
    responses((status = 204, description = "The address stays")),
    extensions(("x-problems" = json!([Code::SignedOut]))),
)]
async fn cancel(State(app): State<Access>, headers: HeaderMap) -> Result<StatusCode, Problem> {
    let account = app.account(&headers).await?;
    app.ports.changes.drop_change(&account.profile.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The page behind a link, with a button. A mail scanner may fetch it as often as it likes: it is
/// signed in to nothing.
#[utoipa::path(
    get, path = "/api/access/emails/{token}", tag = "access", operation_id = "look_at_email_link",
    security(("session" = [])),
    params(("token" = String, Path, description = "As it stands in the mail")),
    responses((status = 200, description = "A page", body = String, content_type = "text/html")),
    extensions(("x-problems" = json!([Code::SignedOut, Code::Link]))),
)]
async fn look(
    State(app): State<Access>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let secret = link_token(&token)?;
    let account = app.account(&headers).await?;
    let shown = look_at_change(&app.ports, &account, &secret).await?;
    let site = &app.ports.reader.catalog.catalog().site;
    let path = format!("/api/access/emails/{}", secret.expose());
    Ok(page::change(site, &shown, &path, front::locale(&headers)))
}

/// Proves one of the two mailboxes; with the second one the account has the new address.
#[utoipa::path(
    post, path = "/api/access/emails/{token}", tag = "access", operation_id = "confirm_email",
    security(("session" = [])),
    params(("token" = String, Path, description = "As it stands in the mail")),
    responses((status = 303, description = "To where the change was asked for", headers(("Location" = String), ("Set-Cookie" = String)))),
    extensions(("x-problems" = json!([Code::SignedOut, Code::Link, Code::EmailTaken]))),
)]
async fn confirm(
    State(app): State<Access>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let secret = link_token(&token)?;
    let account = app.account(&headers).await?;
    match confirm_change(&app.ports, &account, &secret).await? {
        Confirmed::Waiting(next) => Ok(see_other(&next.to_location())),
        Confirmed::Moved(moved) => {
            let SignedIn {
                reader,
                token,
                next,
            } = moved.as_ref();
            let mut response = see_other(&next.to_location());
            app.door(&headers).admit(&mut response, reader, token, next);
            Ok(response)
        }
    }
}

fn link_token(text: &str) -> Result<Secret, Problem> {
    Secret::parse(text).ok_or_else(|| AddressError::Gone.into())
}
