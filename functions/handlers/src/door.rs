//! Who comes in, and what a browser leaves with: its session, and what opens in it.

use axum::response::Response;
use http::HeaderMap;
use tuition_domain::access::{Reader, ReaderPorts, Tokens, grant, reader};
use tuition_domain::identity::SessionToken;
use tuition_domain::next::NextPath;

use crate::cookies;
use crate::front::Front;
use crate::problem::Problem;

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

/// Where a browser is let in.
#[derive(Clone, Copy)]
pub(crate) struct Door<'a> {
    pub(crate) front: &'a Front,
    pub(crate) tokens: &'a Tokens,
    pub(crate) ports: &'a ReaderPorts,
    /// Of the request.
    pub(crate) headers: &'a HeaderMap,
}

impl Door<'_> {
    /// Gives the browser its session, an access token for what opens in it, first of all for
    /// `next`, and the hint.
    pub(crate) fn admit(
        self,
        out: &mut Response,
        reader: &Reader,
        token: &SessionToken,
        next: &NextPath,
    ) {
        let held = cookies::access_token(self.headers);
        let grant = grant(self.tokens, self.ports, reader, next, held.as_deref());
        cookies::set_session(out.headers_mut(), self.front, token, &grant);
    }
}
