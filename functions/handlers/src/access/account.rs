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
    ProfileChange, change_profile, erase_account, export_account, me, waiting_change,
};
use tuition_domain::email::Email;

use super::{ACCOUNT, Access};
use crate::body::Fields;
use crate::checkout::see_other;
use crate::front;
use crate::page;
use crate::problem::{Code, Problem};

/// Erases the account, by a form.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ErasureRequest {
    /// The account's own address, typed to confirm.
    pub email: String,
}

pub(super) async fn show_me(
    State(app): State<Access>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let account = app.account(&headers).await?;
    let me = me(&app.ports, &account).await?;
    if !front::wants_page(&headers) {
        return Ok(Json(me).into_response());
    }
    let id = &account.profile.id;
    let sessions = app.session_list(id, &account.session.secret).await?;
    let waiting = waiting_change(&app.ports, id).await?;
    let site = &app.ports.reader.catalog.catalog().site;
    let shown = page::AccountPage {
        me: &me,
        sessions: &sessions,
        waiting: waiting.as_ref(),
    };
    Ok(page::account(site, &shown, front::locale(&headers)))
}

pub(super) async fn export_me(
    State(app): State<Access>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let account = app.account(&headers).await?;
    let export = export_account(&app.ports, &account).await?;
    let mut response = Json(export).into_response();
    let name = HeaderValue::from_static("attachment; filename=\"my-data.json\"");
    response.headers_mut().insert(CONTENT_DISPOSITION, name);
    Ok(response)
}

pub(super) async fn change_me(
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

pub(super) async fn erase_me(
    State(app): State<Access>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let account = app.account(&headers).await?;
    erase_account(&app.ports, &account).await?;
    Ok(app.goodbye(StatusCode::NO_CONTENT.into_response()))
}

pub(super) async fn erase_me_by_form(
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
