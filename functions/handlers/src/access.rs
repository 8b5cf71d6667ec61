//! `/api/access`: sign-in by mail, renewal, sessions, the account. Here are the routes, and whose
//! account a request is about; what a route does is in the files below.

mod account;
mod emails;
mod links;
mod progress;
mod sessions;

pub use account::ErasureRequest;
pub use emails::{AddressView, EmailRequest};
pub use links::{CodeRequest, LinkRequest, LinkSent, SignedInView};
pub use progress::ProgressRequest;
pub use sessions::{SessionList, SessionView, SignOutRequest};

use axum::Router;
use axum::response::Response;
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use tuition_domain::access::{AccessPorts, Account, Reader, Tokens};
use tuition_domain::identity::SessionToken;

use crate::cookies;
use crate::door::{Door, current};
use crate::front::Front;
use crate::openapi;
use crate::problem::Problem;

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// The account as a plain page.
const ACCOUNT: &str = "/api/access/me";

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
        links::routes()
            .merge(account::routes())
            .merge(emails::routes())
            .merge(sessions::routes())
            .merge(progress::routes())
            .with_state(app)
            .merge(openapi::router()),
    )
}

/// What the routes say of themselves.
#[cfg(test)]
pub(crate) fn descriptions() -> [utoipa::openapi::OpenApi; 6] {
    use utoipa::OpenApi as _;
    [
        links::Description::openapi(),
        account::Description::openapi(),
        emails::Description::openapi(),
        progress::Description::openapi(),
        sessions::Description::openapi(),
        openapi::Description::openapi(),
    ]
}

impl Access {
    async fn current(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<(Reader, SessionToken)>, Problem> {
        current(&self.front, &self.ports.reader, headers).await
    }

    /// The account of whoever makes this request. A purchase is not a sign-in: 401 for an order
    /// session too.
    async fn account(&self, headers: &HeaderMap) -> Result<Account, Problem> {
        let current = self.current(headers).await?;
        current
            .and_then(|(reader, _)| reader.into_account())
            .ok_or(Problem::signed_out())
    }

    /// Whoever has a session, one that only paid too.
    async fn reader(&self, headers: &HeaderMap) -> Result<Reader, Problem> {
        let current = self.current(headers).await?;
        let (reader, _) = current.ok_or(Problem::signed_out())?;
        Ok(reader)
    }

    fn door<'a>(&'a self, headers: &'a HeaderMap) -> Door<'a> {
        Door {
            front: &self.front,
            tokens: &self.tokens,
            ports: &self.ports.reader,
            headers,
        }
    }

    /// The browser forgets cookies and pages.
    fn goodbye(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        cookies::clear_all(headers, &self.front);
        headers.insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
        response
    }
}
