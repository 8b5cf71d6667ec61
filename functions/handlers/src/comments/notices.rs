//! Mails about answers: how one asks for no more of them, from the mail or signed in.

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use tuition_domain::comments::{set_replies, unsubscribe, wants_replies};
use tuition_domain::identity::SessionToken;
use utoipa::{IntoParams, ToSchema};

use super::Comments;
use crate::body::{self, Fields, MAX_BODY};
use crate::checkout::see_other;
use crate::front::{locale, wants_page};
use crate::page::{self, Notice};
use crate::problem::{Code, Problem};
use crate::routes::routes;

routes!(Comments; ask, no_more, chosen, choose, choose_by_form);

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TokenQuery {
    /// Of a mail.
    token: String,
}

/// A page with a button. Looking at it changes nothing.
#[utoipa::path(
    get, path = "/api/comments/unsubscribe", tag = "comments",
    params(TokenQuery),
    responses((status = 200, description = "A button", content((String = "text/html")))),
    extensions(("x-problems" = json!([Code::Request]))),
)]
async fn ask(
    State(app): State<Comments>,
    Query(query): Query<TokenQuery>,
    headers: HeaderMap,
) -> Response {
    let site = &app.ports.reader.catalog.catalog().site;
    page::notice(site, Notice::Ask(&query.token), locale(&headers))
}

/// No more mails about answers, by one click (RFC 8058): neither a session nor an `Origin` is asked
/// for, and the answer is the same for every token.
#[utoipa::path(
    post, path = "/api/comments/unsubscribe", tag = "comments",
    params(TokenQuery),
    responses((status = 200, description = "No more come", content((String = "text/html")))),
    extensions(("x-problems" = json!([Code::Request, Code::Body, Code::TooLarge]))),
)]
async fn no_more(
    State(app): State<Comments>,
    Query(query): Query<TokenQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    // RFC 8058 lets it be of either media type of forms; nothing in it matters.
    body::read(&headers, body, MAX_BODY).await?;
    if let Some(token) = SessionToken::parse(&query.token) {
        unsubscribe(&app.ports, &token).await?;
    }
    let site = &app.ports.reader.catalog.catalog().site;
    Ok(page::notice(site, Notice::Done, locale(&headers)))
}

/// Which mails about comments one wants.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "says what is taken, for the description")]
pub struct RepliesRequest {
    /// Whether to be told of answers.
    replies: bool,
}

/// Whether one is told of answers by mail.
#[derive(Serialize, ToSchema)]
pub struct RepliesView {
    /// Whether mails about answers come.
    replies: bool,
}

/// Whether mails about answers come. Who prefers `text/html` gets a page with a button.
#[utoipa::path(
    get, path = "/api/comments/notices", tag = "comments",
    security(("session" = [])),
    responses((status = 200, description = "So it is", content((RepliesView = "application/json"), (String = "text/html")))),
    extensions(("x-problems" = json!([Code::SignedOut]))),
)]
async fn chosen(State(app): State<Comments>, headers: HeaderMap) -> Result<Response, Problem> {
    let reader = app.reader(&headers).await?.ok_or(Problem::signed_out())?;
    let replies = wants_replies(app.ports.comments.as_ref(), reader.id()).await?;
    if !wants_page(&headers) {
        return Ok(Json(RepliesView { replies }).into_response());
    }
    let site = &app.ports.reader.catalog.catalog().site;
    Ok(page::notice(
        site,
        Notice::Choose(replies),
        locale(&headers),
    ))
}

/// The same as `PATCH` for a form, which knows no other method.
#[utoipa::path(
    post, path = "/api/comments/notices", tag = "comments",
    security(("session" = [])),
    request_body(content((RepliesRequest = "application/x-www-form-urlencoded"))),
    responses((status = 303, description = "Back to the page", headers(("Location" = String)))),
    extensions(("x-problems" = json!([Code::Replies, Code::SignedOut]))),
)]
async fn choose_by_form(
    State(app): State<Comments>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let fields = Fields::read(&headers, body).await?;
    if !fields.from_form {
        return Err(Problem::media_type());
    }
    set(&app, &headers, fields).await?;
    Ok(see_other("/api/comments/notices"))
}

/// Asks for mails about answers, or for no more of them.
#[utoipa::path(
    patch, path = "/api/comments/notices", tag = "comments",
    security(("session" = [])),
    request_body(content((RepliesRequest = "application/json"))),
    responses((status = 204, description = "So it is")),
    extensions(("x-problems" = json!([Code::Replies, Code::SignedOut]))),
)]
async fn choose(
    State(app): State<Comments>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let fields = Fields::read(&headers, body).await?;
    if fields.from_form {
        return Err(Problem::media_type());
    }
    set(&app, &headers, fields).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn set(app: &Comments, headers: &HeaderMap, mut fields: Fields) -> Result<(), Problem> {
    let neither = Problem::new(Code::Replies, "Answers are told by mail or not");
    let wanted = fields.choice("replies", neither.clone())?.ok_or(neither)?;
    fields.finish()?;
    let reader = app.reader(headers).await?.ok_or(Problem::signed_out())?;
    set_replies(app.ports.comments.as_ref(), reader.id(), wanted).await?;
    Ok(())
}
