//! Signing in: asking for a link, looking at it, using it or its code; and renewal.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use tuition_domain::access::{
    Reader, Session, SignInError, SignedIn, ask, consume, consume_code, look,
};
use tuition_domain::identity::{Secret, SessionToken};
use tuition_domain::next::NextPath;
use utoipa::{IntoParams, ToSchema};

use super::Access;
use crate::body::Fields;
use crate::checkout::{next_field, see_other};
use crate::cookies;
use crate::front;
use crate::page;
use crate::problem::{Code, Problem};
use crate::routes::routes;

/// How often a browser is brought back to one page before it is taken to go in a circle. Two tabs
/// of one page may come at once.
const MAX_TIMES: u8 = 2;

/// Asks for a link.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// Where to mail it.
    pub email: String,
    /// Where to go when signed in: a path of this site; `/` if absent.
    pub next: Option<String>,
}

/// The same for every address.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LinkSent {
    /// `true`.
    pub sent: bool,
}

/// Uses a link by the code of its mail.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeRequest {
    /// Six digits and letters; case, spaces and hyphens do not matter.
    pub code: String,
}

/// Signed in by a code.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignedInView {
    /// Where to go.
    #[schema(value_type = String)]
    pub next: NextPath,
}

routes!(Access; ask_link, look_at_link, use_link, use_code, renew);

/// Mails a sign-in link.
///
/// The answer is the same for every address: an account is made at the first sign-in. The link
/// signs in the browser that asked; opened elsewhere, it shows a code to type in that browser.
#[utoipa::path(
    post, path = "/api/access/links", tag = "access",
    request_body(content((LinkRequest = "application/json"), (LinkRequest = "application/x-www-form-urlencoded"))),
    responses(
        (status = 202, description = "On its way, if mail can reach this address", body = LinkSent, headers(("Set-Cookie" = String, description = "`tuition_sign_in`"))),
        (status = 303, description = "To a form: the page that asks for the code", headers(("Location" = String), ("Set-Cookie" = String))),
    ),
    extensions(("x-problems" = json!([Code::Email, Code::Next, Code::TooMany]))),
)]
async fn ask_link(
    State(app): State<Access>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let mut fields = Fields::read(&headers, body).await?;
    let from_form = fields.from_form;
    let email = fields.required("email", Problem::email())?;
    let next = next_field(&mut fields)?;
    fields.finish()?;
    let prefix = next.language_prefix(&app.ports.reader.catalog.catalog().site.languages);
    let (from, locale) = (front::address(&headers), front::locale(&headers));
    let asked = ask(&app.ports, &email, next, from, locale).await?;
    let mut response = if from_form {
        see_other(&format!("{prefix}/sign-in/?sent=1"))
    } else {
        (StatusCode::ACCEPTED, Json(LinkSent { sent: true })).into_response()
    };
    cookies::set_sign_in(response.headers_mut(), &app.front, &asked.cookie);
    Ok(response)
}

/// The page behind a mailed link: a button, or the code to type elsewhere. It uses nothing up.
#[utoipa::path(
    get, path = "/api/access/links/{token}", tag = "access",
    security((), ("asking" = [])),
    params(("token" = String, Path, description = "As it stands in the mail")),
    responses((status = 200, description = "A page", body = String, content_type = "text/html")),
    extensions(("x-problems" = json!([Code::Link]))),
)]
async fn look_at_link(
    State(app): State<Access>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let secret = link_token(&token)?;
    let shown = look(&app.ports, &secret, cookies::sign_in(&headers).as_ref()).await?;
    let site = &app.ports.reader.catalog.catalog().site;
    let path = format!("/api/access/links/{}", secret.expose());
    Ok(page::link(site, &shown, &path, front::locale(&headers)))
}

/// Signs in the browser that asked for the link, and uses the link up.
#[utoipa::path(
    post, path = "/api/access/links/{token}", tag = "access",
    security(("asking" = [])),
    params(("token" = String, Path, description = "As it stands in the mail")),
    responses((status = 303, description = "To where the link was asked for, with a session", headers(("Location" = String), ("Set-Cookie" = String)))),
    extensions(("x-problems" = json!([Code::Link]))),
)]
async fn use_link(
    State(app): State<Access>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let secret = link_token(&token)?;
    let cookie = cookies::sign_in(&headers);
    let current = app.current(&headers).await?;
    let signed_in = consume(&app.ports, &secret, cookie.as_ref(), session(&current)).await?;
    let response = see_other(&signed_in.next.to_location());
    Ok(welcome(&app, &headers, &signed_in, response))
}

/// Signs in the browser that asked for a link, by the code that its mail holds, too.
#[utoipa::path(
    post, path = "/api/access/codes", tag = "access",
    security(("asking" = [])),
    request_body(content((CodeRequest = "application/json"), (CodeRequest = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "Signed in", body = SignedInView, headers(("Set-Cookie" = String))),
        (status = 303, description = "To a form: to where the link was asked for", headers(("Location" = String), ("Set-Cookie" = String))),
    ),
    extensions(("x-problems" = json!([Code::SignIn, Code::Link]))),
)]
async fn use_code(
    State(app): State<Access>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let mut fields = Fields::read(&headers, body).await?;
    let from_form = fields.from_form;
    let missing = Problem::new(Code::SignIn, "The request has no code");
    let code = fields.required("code", missing)?;
    fields.finish()?;
    let cookie = cookies::sign_in(&headers);
    let current = app.current(&headers).await?;
    let signed_in = consume_code(&app.ports, &code, cookie.as_ref(), session(&current)).await?;
    let response = if from_form {
        see_other(&signed_in.next.to_location())
    } else {
        let next = signed_in.next.clone();
        Json(SignedInView { next }).into_response()
    };
    Ok(welcome(&app, &headers, &signed_in, response))
}

fn session(current: &Option<(Reader, SessionToken)>) -> Option<&Session> {
    current.as_ref().map(|(reader, _)| &reader.session)
}

fn welcome(
    app: &Access,
    headers: &HeaderMap,
    signed_in: &SignedIn,
    mut response: Response,
) -> Response {
    let SignedIn {
        reader,
        token,
        next,
    } = signed_in;
    app.door(headers).admit(&mut response, reader, token, next);
    cookies::clear_sign_in(response.headers_mut(), &app.front);
    response
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RenewQuery {
    /// Path of this site; the home page if absent.
    #[param(nullable = false)]
    next: Option<String>,
}

/// Brings a browser back with a fresh access token.
///
/// The gate sends browsers here whose token is not good any more. Whatever happens, they leave
/// with a good token or without the hint that sent them here. One that comes back for the same page
/// all the same is shown the teaser, or the page to sign in: no loop.
#[utoipa::path(
    get, path = "/api/access/renew", tag = "access",
    security((), ("session" = [])),
    params(RenewQuery),
    responses((status = 303, description = "Back to `next`", headers(("Location" = String), ("Set-Cookie" = String)))),
    extensions(("x-problems" = json!([Code::Request, Code::Next]))),
)]
async fn renew(
    State(app): State<Access>,
    Query(query): Query<RenewQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let next = match query.next.as_deref() {
        Some(text) => shortened(text).ok_or(Problem::next())?,
        None => NextPath::home(),
    };
    let is_page = front::wants_page(&headers);
    let times = match is_page {
        true => cookies::times_renewed(&headers, &next),
        false => 0,
    };
    // The gate does not take what it is given here, or we can't take away what it goes by.
    let in_circle = times >= MAX_TIMES;
    let mut response = see_other(&next.to_location());
    match app.current(&headers).await? {
        // Of two token cookies the gate believes none, and only one of them is ours to replace.
        Some((reader, token)) if !in_circle && !cookies::has_two_tokens(&headers) => {
            let door = app.door(&headers);
            door.admit(&mut response, &reader, &token, &next);
        }
        Some(_) => cookies::clear_hint(response.headers_mut(), &app.front),
        None => {
            if in_circle && cookies::has_hint(&headers) {
                let languages = &app.ports.reader.catalog.catalog().site.languages;
                let prefix = next.language_prefix(languages);
                response = see_other(&format!("{prefix}/sign-in/"));
            }
            cookies::clear_session(response.headers_mut(), &app.front);
        }
    }
    if is_page {
        let times = times.saturating_add(1);
        cookies::set_renewed(response.headers_mut(), &app.front, &next, times);
    }
    Ok(response)
}

/// A page may have a query too long to bring back; its path alone is the way back then.
fn shortened(text: &str) -> Option<NextPath> {
    let path = text.split('?').next().unwrap_or_default();
    let text = if text.len() > NextPath::MAX_BYTES {
        path
    } else {
        text
    };
    NextPath::parse(text).ok()
}

fn link_token(text: &str) -> Result<Secret, Problem> {
    Secret::parse(text).ok_or_else(|| SignInError::Gone.into())
}
