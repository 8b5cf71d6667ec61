//! `/api/access`: sign-in by mail, renewal, sessions, the account. Here are the routes, and whose
//! account a request is about; what a route does is in the files below.

mod account;
mod emails;
mod links;
mod sessions;

pub use account::ErasureRequest;
pub use emails::{AddressView, EmailRequest};
pub use links::{CodeRequest, LinkRequest, LinkSent, SignedInView};
pub use sessions::{SessionList, SessionView, SignOutRequest};

use axum::Router;
use axum::response::Response;
use axum::routing::{delete, get, post};
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
        Router::new()
            .route("/api/access/links", post(links::ask_link))
            .route(
                "/api/access/links/{token}",
                get(links::look_at_link).post(links::use_link),
            )
            .route("/api/access/codes", post(links::use_code))
            .route("/api/access/renew", get(links::renew))
            .route(
                ACCOUNT,
                get(account::show_me)
                    .patch(account::change_me)
                    .post(account::change_me)
                    .delete(account::erase_me),
            )
            .route("/api/access/me/export", get(account::export_me))
            .route("/api/access/me/erasure", post(account::erase_me_by_form))
            .route(
                "/api/access/emails",
                get(emails::show).post(emails::ask).delete(emails::cancel),
            )
            .route(
                "/api/access/emails/{token}",
                get(emails::look).post(emails::confirm),
            )
            .route(
                "/api/access/sessions",
                get(sessions::list).delete(sessions::end_all),
            )
            .route("/api/access/sessions/{id}", delete(sessions::end_one))
            .route("/api/access/sign-out", post(sessions::sign_out))
            .with_state(app)
            .merge(openapi::router()),
    )
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
