//! `/api/access`: sign-in by mail, renewal, sessions, the account.

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tuition_domain::access::{
    AccessPorts, Profile, ProfileChange, Reader, ReaderPorts, SignedIn, Tokens, ask,
    change_profile, consume, consume_code, erase_account, export_account, grant, look, me, reader,
};
use tuition_domain::identity::{Secret, SecretHash, SessionToken};
use tuition_domain::next::NextPath;
use tuition_domain::ports::Written;

use crate::body::Fields;
use crate::checkout::{next_field, see_other};
use crate::cookies;
use crate::front::{self, Front};
use crate::openapi;
use crate::page;
use crate::problem::{Code, Problem};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
/// Digits of a session's hash that name it in URLs: enough to tell an account's sessions apart.
const SESSION_ID_DIGITS: usize = 16;

/// What the routes need.
#[derive(Clone)]
pub struct Access {
    /// The site.
    pub front: Front,
    /// The domain's ports.
    pub ports: AccessPorts,
    /// Mints access tokens.
    pub tokens: Tokens,
}

/// The routes of the access function.
pub fn router(app: Access) -> Router {
    let front = app.front.clone();
    front.around(
        Router::new()
            .route("/api/access/links", post(ask_link))
            .route(
                "/api/access/links/{token}",
                get(look_at_link).post(use_link),
            )
            .route("/api/access/codes", post(use_code))
            .route("/api/access/renew", get(renew))
            .route(
                "/api/access/me",
                get(show_me).patch(change_me).delete(erase_me),
            )
            .route("/api/access/me/export", get(export_me))
            .route(
                "/api/access/sessions",
                get(list_sessions).delete(end_sessions),
            )
            .route("/api/access/sessions/{id}", delete(end_session))
            .route("/api/access/sign-out", post(sign_out))
            .with_state(app)
            .merge(openapi::router()),
    )
}

/// Who makes this request; `None` when nobody is signed in.
pub(crate) async fn current(
    front: &Front,
    ports: &ReaderPorts,
    headers: &HeaderMap,
) -> Result<Option<(Reader, SessionToken)>, Problem> {
    let Some(token) = cookies::session(headers, front) else {
        return Ok(None);
    };
    Ok(reader(ports, &token).await?.map(|reader| (reader, token)))
}

async fn ask_link(
    State(app): State<Access>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    app.front.check_origin(&headers)?;
    let mut fields = Fields::read(&headers, body).await?;
    let from_form = fields.from_form;
    let email = fields.required(
        "email",
        Problem::new(Code::Email, "This is not an e-mail address"),
    )?;
    let next = next_field(&mut fields)?;
    fields.finish()?;
    let prefix = next.language_prefix(&app.ports.reader.catalog.catalog().site.languages);
    let asked = ask(
        &app.ports,
        &email,
        next,
        front::address(&headers),
        front::locale(&headers),
    )
    .await?;
    let mut response = if from_form {
        see_other(&format!("{prefix}/sign-in/?sent=1"))
    } else {
        (StatusCode::ACCEPTED, Json(json!({ "sent": true }))).into_response()
    };
    cookies::set_sign_in(response.headers_mut(), &app.front, &asked.cookie);
    Ok(response)
}

async fn look_at_link(
    State(app): State<Access>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let secret = link_token(&token)?;
    let shown = look(&app.ports, &secret, cookies::sign_in(&headers).as_ref()).await?;
    let catalog = app.ports.reader.catalog.catalog();
    let path = format!("/api/access/links/{}", secret.expose());
    Ok(page::link(
        &catalog.site,
        &shown,
        &path,
        front::locale(&headers),
    ))
}

async fn use_link(
    State(app): State<Access>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.front.check_origin(&headers)?;
    let secret = link_token(&token)?;
    let current = current(&app.front, &app.ports.reader, &headers).await?;
    let session = current.as_ref().map(|(reader, _)| &reader.session);
    let signed_in = consume(
        &app.ports,
        &secret,
        cookies::sign_in(&headers).as_ref(),
        session,
    )
    .await?;
    let location = signed_in.next.to_location();
    welcome(&app, &headers, signed_in, see_other(&location)).await
}

async fn use_code(
    State(app): State<Access>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    app.front.check_origin(&headers)?;
    let mut fields = Fields::read(&headers, body).await?;
    let from_form = fields.from_form;
    let code = fields.required(
        "code",
        Problem::new(Code::SignIn, "The request has no code"),
    )?;
    fields.finish()?;
    let current = current(&app.front, &app.ports.reader, &headers).await?;
    let session = current.as_ref().map(|(reader, _)| &reader.session);
    let signed_in = consume_code(
        &app.ports,
        &code,
        cookies::sign_in(&headers).as_ref(),
        session,
    )
    .await?;
    let response = if from_form {
        see_other(&signed_in.next.to_location())
    } else {
        Json(json!({ "next": signed_in.next })).into_response()
    };
    welcome(&app, &headers, signed_in, response).await
}

/// Sets the cookies of a new session on `response`.
async fn welcome(
    app: &Access,
    asked: &HeaderMap,
    signed_in: SignedIn,
    mut response: Response,
) -> Result<Response, Problem> {
    let reader = reader(&app.ports.reader, &signed_in.token)
        .await?
        .ok_or(Problem::signed_out())?;
    let catalog = app.ports.reader.catalog.catalog();
    let grant = grant(
        &app.tokens,
        &catalog,
        &reader,
        &signed_in.next,
        cookies::access_token(asked).as_deref(),
        app.ports.reader.clock.now(),
    );
    let headers = response.headers_mut();
    cookies::set_session(headers, &app.front, &signed_in.token, &grant);
    cookies::clear_sign_in(headers, &app.front);
    Ok(response)
}

#[derive(Deserialize)]
struct RenewQuery {
    next: Option<String>,
}

/// The gate sends browsers here whose token is not good any more. Whatever happens, they leave
/// with a good token or without the hint that sent them here: no loop.
async fn renew(
    State(app): State<Access>,
    Query(query): Query<RenewQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let next = match query.next.as_deref() {
        Some(text) => shortened(text).ok_or(Problem::next())?,
        None => NextPath::home(),
    };
    let mut response = see_other(&next.to_location());
    match current(&app.front, &app.ports.reader, &headers).await? {
        // Of two token cookies the gate believes none, and only one of them is ours to replace.
        Some((reader, token)) if !cookies::has_two_tokens(&headers) => {
            let catalog = app.ports.reader.catalog.catalog();
            let grant = grant(
                &app.tokens,
                &catalog,
                &reader,
                &next,
                cookies::access_token(&headers).as_deref(),
                app.ports.reader.clock.now(),
            );
            cookies::set_session(response.headers_mut(), &app.front, &token, &grant);
        }
        Some(_) => cookies::clear_hint(response.headers_mut(), &app.front),
        None => cookies::clear_session(response.headers_mut(), &app.front),
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

async fn show_me(State(app): State<Access>, headers: HeaderMap) -> Result<Response, Problem> {
    let (reader, _) = account(&app, &headers).await?;
    let me = me(&app.ports, &reader)
        .await?
        .ok_or(Problem::signed_out())?;
    Ok(Json(me).into_response())
}

async fn export_me(State(app): State<Access>, headers: HeaderMap) -> Result<Response, Problem> {
    let (reader, _) = account(&app, &headers).await?;
    let export = export_account(&app.ports, &reader)
        .await?
        .ok_or(Problem::signed_out())?;
    let mut response = Json(export).into_response();
    let name = HeaderValue::from_static("attachment; filename=\"my-data.json\"");
    response
        .headers_mut()
        .insert(http::header::CONTENT_DISPOSITION, name);
    Ok(response)
}

async fn change_me(
    State(app): State<Access>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    app.front.check_origin(&headers)?;
    let (mut reader, profile) = account(&app, &headers).await?;
    let fields = Fields::read(&headers, body).await?;
    let change: ProfileChange = serde_json::from_value(fields.into_value()).map_err(|_| {
        Problem::new(
            Code::UnknownField,
            "A profile has name, bio, locale and consents",
        )
    })?;
    let changed = change
        .apply(&profile)
        .ok_or(Problem::new(Code::Profile, "A text is too long"))?;
    if change_profile(&app.ports, &changed).await? == Written::Conflict {
        return Err(Problem::signed_out());
    }
    reader.profile = Some(changed);
    let me = me(&app.ports, &reader)
        .await?
        .ok_or(Problem::signed_out())?;
    Ok(Json(me).into_response())
}

async fn erase_me(State(app): State<Access>, headers: HeaderMap) -> Result<Response, Problem> {
    app.front.check_origin(&headers)?;
    let (reader, _) = account(&app, &headers).await?;
    erase_account(&app.ports, &reader).await?;
    Ok(goodbye(&app, StatusCode::NO_CONTENT.into_response()))
}

async fn list_sessions(
    State(app): State<Access>,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    let (reader, _) = account(&app, &headers).await?;
    let sessions: Vec<Value> = app
        .ports
        .reader
        .sessions
        .sessions(reader.id())
        .await?
        .iter()
        .map(|session| {
            json!({
                "id": session_id(&session.secret),
                "current": session.secret == reader.session.secret,
                "created_at": session.created_at,
                "expires_at": session.expires_at,
            })
        })
        .collect();
    Ok(Json(json!({ "sessions": sessions })))
}

async fn end_sessions(State(app): State<Access>, headers: HeaderMap) -> Result<Response, Problem> {
    app.front.check_origin(&headers)?;
    let (reader, _) = current(&app.front, &app.ports.reader, &headers)
        .await?
        .ok_or(Problem::signed_out())?;
    for session in app.ports.reader.sessions.sessions(reader.id()).await? {
        app.ports
            .reader
            .sessions
            .end_session(reader.id(), &session.secret)
            .await?;
    }
    Ok(goodbye(&app, StatusCode::NO_CONTENT.into_response()))
}

async fn end_session(
    State(app): State<Access>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.front.check_origin(&headers)?;
    let (reader, _) = current(&app.front, &app.ports.reader, &headers)
        .await?
        .ok_or(Problem::signed_out())?;
    let own = app.ports.reader.sessions.sessions(reader.id()).await?;
    let session = own
        .iter()
        .find(|session| session_id(&session.secret) == id)
        .ok_or(Problem::not_found())?;
    app.ports
        .reader
        .sessions
        .end_session(reader.id(), &session.secret)
        .await?;
    let response = StatusCode::NO_CONTENT.into_response();
    Ok(if session.secret == reader.session.secret {
        goodbye(&app, response)
    } else {
        response
    })
}

/// Signs this browser out, with or without a script.
async fn sign_out(
    State(app): State<Access>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    app.front.check_origin(&headers)?;
    let mut fields = Fields::read(&headers, body).await?;
    let next = next_field(&mut fields)?;
    fields.finish()?;
    if let Some((reader, _)) = current(&app.front, &app.ports.reader, &headers).await? {
        app.ports
            .reader
            .sessions
            .end_session(reader.id(), &reader.session.secret)
            .await?;
    }
    Ok(goodbye(&app, see_other(&next.to_location())))
}

/// The browser forgets cookies and pages.
fn goodbye(app: &Access, mut response: Response) -> Response {
    let headers = response.headers_mut();
    cookies::clear_all(headers, &app.front);
    headers.insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
    response
}

/// The reader, if they proved their address. A purchase is not a sign-in.
async fn account(app: &Access, headers: &HeaderMap) -> Result<(Reader, Profile), Problem> {
    let (reader, _) = current(&app.front, &app.ports.reader, headers)
        .await?
        .ok_or(Problem::signed_out())?;
    let profile = reader.profile.clone().ok_or(Problem::signed_out())?;
    Ok((reader, profile))
}

fn link_token(text: &str) -> Result<Secret, Problem> {
    Secret::parse(text).ok_or_else(|| tuition_domain::access::SignInError::Gone.into())
}

fn session_id(secret: &SecretHash) -> &str {
    secret.as_str().get(..SESSION_ID_DIGITS).unwrap_or_default()
}
