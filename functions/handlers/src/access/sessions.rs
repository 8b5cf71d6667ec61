//! Signed-in browsers: the list of an account's, and signing out of one or all.

use std::cmp::Reverse;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tuition_domain::access::{Reader, Session, end_others};
use tuition_domain::ports::Unavailable;
use utoipa::ToSchema;

use super::{ACCOUNT, Access};
use crate::body::Fields;
use crate::checkout::{next_field, see_other};
use crate::problem::{Code, Problem};
use crate::routes::routes;

/// Digits of a session's hash that name it in URLs: enough to tell an account's sessions apart.
const ID_DIGITS: usize = 16;

/// The signed-in browsers of an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionList {
    /// The one that asks first, then by last use.
    pub sessions: Vec<SessionView>,
}

/// One signed-in browser. Neither its name nor its address is stored.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// Names it in `/api/access/sessions/{id}`.
    pub id: String,
    /// Whether it is the one that asks.
    pub current: bool,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the day.
    pub used_at: Timestamp,
    /// Until when it stays signed in without being used.
    pub expires_at: Timestamp,
}

/// Signs out: this browser, another one, or all.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignOutRequest {
    /// Where to go afterwards: a path of this site; `/` if absent.
    pub next: Option<String>,
    /// Another browser of the account, by the id of its session.
    pub session: Option<String>,
    /// All browsers of the account.
    pub everywhere: Option<bool>,
}

impl Access {
    pub(super) async fn session_list(
        &self,
        current: &Session,
    ) -> Result<Vec<SessionView>, Unavailable> {
        let now = self.ports.reader.clock.now();
        let all = &self.ports.reader.sessions;
        let mut sessions = all.sessions(&current.owner).await?;
        // Rows may be there longer than what they stand for.
        sessions.retain(|session| now < session.expires_at && session.epoch == current.epoch);
        let mut list: Vec<SessionView> = sessions
            .iter()
            .map(|session| SessionView {
                id: id_of(session).to_owned(),
                current: session.secret == current.secret,
                created_at: session.created_at,
                used_at: session.used_at,
                expires_at: session.expires_at,
            })
            .collect();
        list.sort_by_key(|session| Reverse((session.current, session.used_at)));
        Ok(list)
    }

    /// Ends one session of a reader, named by `id`. Answers whether it was the reader's own.
    async fn end_named(&self, reader: &Reader, id: &str) -> Result<bool, Problem> {
        let sessions = &self.ports.reader.sessions;
        let own = sessions.sessions(reader.id()).await?;
        let named = own.iter().find(|session| id_of(session) == id);
        let named = named.ok_or(Problem::not_found())?;
        sessions.end_session(reader.id(), &named.secret).await?;
        Ok(named.secret == reader.session.secret)
    }

    async fn end_all(&self, reader: &Reader) -> Result<(), Unavailable> {
        end_others(self.ports.reader.sessions.as_ref(), reader.id(), None).await
    }
}

routes!(Access; list, end_all, end_one, sign_out);

/// The signed-in browsers of the account.
#[utoipa::path(
    get, path = "/api/access/sessions", tag = "access", operation_id = "list_sessions",
    security(("session" = [])),
    responses((status = 200, description = "All of them", body = SessionList)),
    extensions(("x-problems" = json!([Code::SignedOut]))),
)]
async fn list(State(app): State<Access>, headers: HeaderMap) -> Result<Json<SessionList>, Problem> {
    let account = app.account(&headers).await?;
    let sessions = app.session_list(&account.session).await?;
    Ok(Json(SessionList { sessions }))
}

/// Signs out everywhere.
#[utoipa::path(
    delete, path = "/api/access/sessions", tag = "access", operation_id = "end_sessions",
    security(("session" = [])),
    responses((status = 204, description = "No session is left", headers(("Set-Cookie" = String), ("Clear-Site-Data" = String)))),
    extensions(("x-problems" = json!([Code::SignedOut]))),
)]
async fn end_all(State(app): State<Access>, headers: HeaderMap) -> Result<Response, Problem> {
    let reader = app.reader(&headers).await?;
    app.end_all(&reader).await?;
    Ok(app.goodbye(StatusCode::NO_CONTENT.into_response()))
}

/// Signs out one browser.
#[utoipa::path(
    delete, path = "/api/access/sessions/{id}", tag = "access", operation_id = "end_session",
    security(("session" = [])),
    params(("id" = String, Path, description = "As in the list")),
    responses((status = 204, description = "Signed out", headers(("Set-Cookie" = String, description = "If it was this browser"), ("Clear-Site-Data" = String)))),
    extensions(("x-problems" = json!([Code::SignedOut, Code::NotFound]))),
)]
async fn end_one(
    State(app): State<Access>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let reader = app.reader(&headers).await?;
    let own = app.end_named(&reader, &id).await?;
    let response = StatusCode::NO_CONTENT.into_response();
    Ok(if own { app.goodbye(response) } else { response })
}

/// Signs out by a form, so that it works without a script. Who is signed out already is so again.
#[utoipa::path(
    post, path = "/api/access/sign-out", tag = "access",
    security((), ("session" = [])),
    request_body(content((SignOutRequest = "application/json"), (SignOutRequest = "application/x-www-form-urlencoded"))),
    responses((status = 303, description = "To `next`, or to the account if another browser was signed out", headers(("Location" = String), ("Set-Cookie" = String), ("Clear-Site-Data" = String)))),
    extensions(("x-problems" = json!([Code::Next, Code::SignOut, Code::NotFound]))),
)]
async fn sign_out(
    State(app): State<Access>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let mut fields = Fields::read(&headers, body).await?;
    let next = next_field(&mut fields)?;
    let named = fields.text(
        "session",
        Problem::new(Code::SignOut, "A session is named by its id"),
    )?;
    let everywhere = fields.flag(
        "everywhere",
        Problem::new(Code::SignOut, "Everywhere is true or false"),
    )?;
    fields.finish()?;
    let away = see_other(&next.to_location());
    let Some((reader, _)) = app.current(&headers).await? else {
        return Ok(app.goodbye(away));
    };
    match named {
        _ if everywhere => app.end_all(&reader).await?,
        Some(id) if !app.end_named(&reader, &id).await? => return Ok(see_other(ACCOUNT)),
        Some(_) => {}
        None => {
            let sessions = &app.ports.reader.sessions;
            let secret = &reader.session.secret;
            sessions.end_session(reader.id(), secret).await?;
        }
    }
    Ok(app.goodbye(away))
}

fn id_of(session: &Session) -> &str {
    let digits = session.secret.as_str().get(..ID_DIGITS);
    digits.unwrap_or_default()
}
