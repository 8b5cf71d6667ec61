//! The cookies of a shop: read strictly, set in one place.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use http::header::{COOKIE, HeaderValue, SET_COOKIE};
use http::{HeaderMap, HeaderName};
use tuition_domain::access::{Grant, LINK_SECONDS, SESSION_SECONDS, SignInCookie};
use tuition_domain::gate::{ACCESS_COOKIE, Cookies, HINT_COOKIE};
use tuition_domain::identity::{Secret, SessionToken};
use tuition_domain::next::NextPath;

use crate::front::Front;

const SESSION: &str = "tuition_session";
/// The prefix binds the cookie to this very host and path (RFC 6265bis §4.1.3.2).
const SESSION_HTTPS: &str = "__Host-tuition_session";
const CHECKOUT: &str = "tuition_checkout";
const CHECKOUT_PATH: &str = "/api/checkout";
const SIGN_IN: &str = "tuition_sign_in";
const SIGN_IN_PATH: &str = "/api/access";
const RENEWED: &str = "tuition_renewed";
const RENEWED_PATH: &str = "/api/access/renew";
/// How long it is remembered that a browser was brought back to a page. A circle takes less.
const RENEWED_SECONDS: i64 = 30;

/// The session that the request carries.
pub fn session(headers: &HeaderMap, front: &Front) -> Option<SessionToken> {
    SessionToken::parse(read(headers).only(session_name(front))?)
}

/// The secret of the buying browser.
pub fn checkout(headers: &HeaderMap) -> Option<Secret> {
    Secret::parse(read(headers).only(CHECKOUT)?)
}

/// The pending sign-in of this browser.
pub fn sign_in(headers: &HeaderMap) -> Option<SignInCookie> {
    SignInCookie::parse(read(headers).only(SIGN_IN)?)
}

/// The access token that the request carries, expired or not.
pub fn access_token(headers: &HeaderMap) -> Option<String> {
    read(headers).only(ACCESS_COOKIE).map(str::to_owned)
}

/// Whether the browser holds several access tokens, of which the gate believes none.
pub fn has_two_tokens(headers: &HeaderMap) -> bool {
    read(headers).count(ACCESS_COOKIE) > 1
}

/// Whether the browser holds the hint, on which the gate sends it to be renewed.
pub fn has_hint(headers: &HeaderMap) -> bool {
    read(headers).count(HINT_COOKIE) > 0
}

/// How often this browser was brought back to `next` just now.
pub fn times_renewed(headers: &HeaderMap, next: &NextPath) -> u8 {
    let cookies = read(headers);
    let kept = cookies.only(RENEWED).and_then(|kept| kept.split_once('.'));
    match kept {
        Some((page, times)) if page == digest(next) => times.parse().unwrap_or(0),
        _ => 0,
    }
}

/// Remembers that the browser was brought back to `next`.
pub fn set_renewed(out: &mut HeaderMap, front: &Front, next: &NextPath, times: u8) {
    set(
        out,
        front,
        RENEWED,
        &format!("{}.{times}", digest(next)),
        RENEWED_PATH,
        RENEWED_SECONDS,
        Reach::Server,
    );
}

/// Tells pages apart for as long as a cookie of seconds lives.
fn digest(next: &NextPath) -> String {
    let mut hasher = DefaultHasher::new();
    next.as_str().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Sets session, access token and hint.
pub fn set_session(out: &mut HeaderMap, front: &Front, token: &SessionToken, grant: &Grant) {
    let name = session_name(front);
    set(
        out,
        front,
        name,
        &token.expose(),
        "/",
        SESSION_SECONDS,
        Reach::Server,
    );
    set_grant(out, front, grant);
}

/// Sets a fresh access token and hint. Their cookies live as long as a session, so that an
/// expired token is still seen and renewed.
pub fn set_grant(out: &mut HeaderMap, front: &Front, grant: &Grant) {
    set(
        out,
        front,
        ACCESS_COOKIE,
        &grant.token,
        "/",
        SESSION_SECONDS,
        Reach::Server,
    );
    set(
        out,
        front,
        HINT_COOKIE,
        &grant.hint,
        "/",
        SESSION_SECONDS,
        Reach::Scripts,
    );
}

/// Sets the secret of the buying browser.
pub fn set_checkout(out: &mut HeaderMap, front: &Front, secret: &Secret) {
    set(
        out,
        front,
        CHECKOUT,
        &secret.expose(),
        CHECKOUT_PATH,
        SESSION_SECONDS,
        Reach::Server,
    );
}

/// Sets the pending sign-in.
pub fn set_sign_in(out: &mut HeaderMap, front: &Front, cookie: &SignInCookie) {
    set(
        out,
        front,
        SIGN_IN,
        &cookie.expose(),
        SIGN_IN_PATH,
        LINK_SECONDS,
        Reach::Server,
    );
}

/// Ends the pending sign-in.
pub fn clear_sign_in(out: &mut HeaderMap, front: &Front) {
    set(out, front, SIGN_IN, "", SIGN_IN_PATH, 0, Reach::Server);
}

/// Ends session, token and hint of a browser whose session is over.
pub fn clear_session(out: &mut HeaderMap, front: &Front) {
    set(out, front, session_name(front), "", "/", 0, Reach::Server);
    set(out, front, ACCESS_COOKIE, "", "/", 0, Reach::Server);
    clear_hint(out, front);
}

/// Ends the hint: the gate no longer sends the browser to renew what can't be renewed.
pub fn clear_hint(out: &mut HeaderMap, front: &Front) {
    set(out, front, HINT_COOKIE, "", "/", 0, Reach::Scripts);
}

/// Signs a browser out: the browser forgets what it bought too, or the next person at
/// it could come back to it.
pub fn clear_all(out: &mut HeaderMap, front: &Front) {
    clear_session(out, front);
    set(out, front, CHECKOUT, "", CHECKOUT_PATH, 0, Reach::Server);
    clear_sign_in(out, front);
}

enum Reach {
    Server,
    Scripts,
}

fn set(
    out: &mut HeaderMap,
    front: &Front,
    name: &str,
    value: &str,
    path: &str,
    seconds: i64,
    reach: Reach,
) {
    let http_only = if matches!(reach, Reach::Server) {
        "; HttpOnly"
    } else {
        ""
    };
    let secure = if front.is_https() { "; Secure" } else { "" };
    let cookie =
        format!("{name}={value}; Path={path}; Max-Age={seconds}; SameSite=Lax{http_only}{secure}");
    #[expect(
        clippy::expect_used,
        reason = "names, paths and values are ASCII without control characters"
    )]
    let cookie = HeaderValue::from_str(&cookie).expect("a cookie is a header value");
    out.append::<HeaderName>(SET_COOKIE, cookie);
}

fn session_name(front: &Front) -> &'static str {
    if front.is_https() {
        SESSION_HTTPS
    } else {
        SESSION
    }
}

fn read(headers: &HeaderMap) -> Cookies {
    Cookies::parse(
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok()),
    )
}
