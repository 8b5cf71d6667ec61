//! Who is reading, and what opens for them: sign-in by mail, sessions, entitlements, tokens.
//!
//! Knows nothing of cookies: it hands out a [`Grant`], and `handlers` sets what it says.

mod account;
mod grant;
mod session;
mod sign_in;

pub use account::{
    Export, Me, MeEntitlement, MeOrder, Profile, ProfileChange, Progress, change_profile,
    erase_account, export_account, me,
};
pub use grant::{Grant, grant};
pub use session::{
    Reader, SESSION_SECONDS, Session, end_oldest, opened_courses, reader, start_order_session,
};
pub use sign_in::{
    AskedLink, LINK_SECONDS, Link, LinkPage, SignInCookie, SignInError, SignedIn, ask, consume,
    consume_code, look,
};

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tuition_catalog::Courses;

use crate::identity::{LearnerId, OrderId};
use crate::ports::{
    CatalogSource, Clock, Counters, Entropy, KeySource, Learners, Links, Mailer, Orders, Sessions,
};

/// What finding out who reads may touch; every function has it.
#[derive(Clone)]
pub struct ReaderPorts {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The catalog.
    pub catalog: Arc<dyn CatalogSource>,
    /// Sessions.
    pub sessions: Arc<dyn Sessions>,
    /// Profiles and entitlements.
    pub learners: Arc<dyn Learners>,
    /// Orders that order sessions rest on.
    pub orders: Arc<dyn Orders>,
}

/// What signing in and the account may touch.
#[derive(Clone)]
pub struct AccessPorts {
    /// Who reads.
    pub reader: ReaderPorts,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Mailed links.
    pub links: Arc<dyn Links>,
    /// Rate limits.
    pub counters: Arc<dyn Counters>,
    /// Mail.
    pub mailer: Arc<dyn Mailer>,
    /// Addresses that take no mail.
    pub suppressions: Arc<dyn crate::ports::Suppressions>,
    /// Comments, for export and erasure.
    pub comments: Arc<dyn crate::ports::Comments>,
    /// How far learners have read.
    pub progress: Arc<dyn crate::ports::ProgressBook>,
    /// Where the site is.
    pub origin: String,
}

/// Signs and checks access tokens for one site.
#[derive(Clone)]
pub struct Tokens {
    /// The keys, which a rotation changes.
    pub keys: Arc<dyn KeySource>,
    /// `iss` and `aud` of every token: the site's origin.
    pub origin: String,
}

/// The right of a learner to an offer's courses. Rows are never deleted by a payment: a refund
/// revokes, so that the account can say what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// Who holds it.
    pub learner: LearnerId,
    /// The order it rests on.
    pub order: OrderId,
    /// The offer's id.
    pub offer: String,
    /// The courses it opens, by id, as sold.
    pub courses: Courses,
    /// First instant at which it opens anything.
    pub starts_at: Timestamp,
    /// First instant at which it no longer does; `None`: for good.
    pub ends_at: Option<Timestamp>,
    /// Refunded or disputed: opens nothing now.
    pub revoked: bool,
}

impl Entitlement {
    /// Whether it opens its courses at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        !self.revoked && self.starts_at <= now && self.ends_at.is_none_or(|end| now < end)
    }
}
