//! Who is reading, and what opens for them: sign-in by mail, sessions, entitlements, tokens.
//!
//! Knows nothing of cookies: it hands out a [`Grant`], and `handlers` sets what it says.

mod address;
mod erase;
mod export;
mod grant;
mod me;
mod profile;
mod progress;
mod session;
mod sign_in;

pub use address::{
    AddressChange, AddressError, CHANGE_SECONDS, ChangePage, Changed, Confirmed, Mailbox,
    NewAddress, Proofs, WaitingChange, ask_change, confirm_change, look_at_change, waiting_change,
};
pub use erase::erase_account;
pub use export::{
    Export, ExportedComment, ExportedLink, ExportedOrder, ExportedReading, ExportedSession,
    export_account,
};
pub use grant::{Grant, grant};
pub use me::{Completed, Me, MeEntitlement, MeOrder, Role, Source, me};
pub use profile::{Consent, Profile, ProfileChange, ProfileError, change_profile};
pub use progress::{Known, MOST_TOLD, Progress, Told, hear_progress, progress_of};
pub use session::{
    Account, Reader, SESSION_SECONDS, Session, end_oldest, end_others, reader, start_order_session,
};
pub use sign_in::{
    AskedLink, LINK_SECONDS, Link, LinkPage, SignInCookie, SignInError, SignedIn, ask, consume,
    consume_code, look,
};

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tuition_catalog::Courses;

use crate::email::Email;
use crate::identity::{LearnerId, OrderId};
use crate::limits::{self, Limit};
use crate::mail::Mail;
use crate::outbox::{About, Post, QueuedMail, written};
use crate::ports::{
    AddressChanges, CatalogSource, Clock, Comments, Counters, Entropy, Events, KeySource, Learners,
    Ledger, Links, Mailer, Orders, Outbox, ProgressBook, Sessions, Suppressions, Unavailable,
};
use crate::token::{self, Claims};

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
    /// Changes of address that wait.
    pub changes: Arc<dyn AddressChanges>,
    /// Rate limits.
    pub counters: Arc<dyn Counters>,
    /// Mail.
    pub mailer: Arc<dyn Mailer>,
    /// Addresses that take no mail.
    pub suppressions: Arc<dyn Suppressions>,
    /// Notices that are queued with what they are about.
    pub outbox: Arc<dyn Outbox>,
    /// Comments, for export and erasure.
    pub comments: Arc<dyn Comments>,
    /// How far learners have read.
    pub progress: Arc<dyn ProgressBook>,
    /// Usage facts, for export.
    pub events: Arc<dyn Events>,
    /// The books, for export.
    pub ledger: Arc<dyn Ledger>,
    /// Where the site is.
    pub origin: String,
}

impl AccessPorts {
    /// Sends a mail at once. Whoever has no mailbox there, or wants no mail from us, gets none; the
    /// same is done, so that neither the answer nor its time tells that.
    async fn mail(&self, mail: &Mail) -> Result<(), Unavailable> {
        match self.suppressions.is_suppressed(&mail.to).await? {
            true => self.mailer.pretend(mail).await,
            false => self.mailer.send(mail).await,
        }
    }
}

/// Sends a notice right after it was queued, and leased to us. A failure is logged, and the job
/// that sends what waits tries again.
async fn send_now(ports: &AccessPorts, queued: &QueuedMail) {
    let About::Account { notice, locale, .. } = &queued.about else {
        return;
    };
    let site = &ports.reader.catalog.catalog().site.title;
    let mail = written(queued, *notice, *locale, site);
    let post = Post {
        outbox: ports.outbox.as_ref(),
        mailer: ports.mailer.as_ref(),
        suppressions: ports.suppressions.as_ref(),
        now: ports.reader.clock.now(),
    };
    if let Err(error) = post.send(queued, Some(mail)).await {
        tracing::warn!(%error, "a notice stays queued");
    }
}

/// Counts a request that mails links: one for the network that it comes from, one for each address
/// that it mails to.
async fn count_links(
    ports: &AccessPorts,
    addresses: &[&Email],
    from: IpAddr,
) -> Result<(), SignInError> {
    let now = ports.reader.clock.now();
    let catalog = ports.reader.catalog.catalog();
    let per_hour = |name, most| Limit {
        name,
        most,
        seconds: 3600,
    };
    let limits = &catalog.site.limits;
    let by_network = per_hour("link-network", limits.links_per_network_per_hour);
    let by_address = per_hour("link-address", limits.links_per_address_per_hour);
    let counters = ports.counters.as_ref();
    limits::count(counters, by_network, &limits::network(from), now)
        .await?
        .map_err(SignInError::TooMany)?;
    for address in addresses {
        limits::count(counters, by_address, address.as_str(), now)
            .await?
            .map_err(SignInError::TooMany)?;
    }
    Ok(())
}

/// Signs and checks access tokens for one site.
#[derive(Clone)]
pub struct Tokens {
    /// The keys, which a rotation changes.
    pub keys: Arc<dyn KeySource>,
    /// `iss` and `aud` of every token: the site's origin.
    pub origin: String,
}

impl Tokens {
    /// What a token of this site says, while it is good.
    pub fn read(&self, token: &str, now: Timestamp) -> Option<Claims> {
        token::verify(&self.keys.keys(), &self.origin, &self.origin, token, now).ok()
    }

    /// What it said, if it was good until less than [`token::LATE`] seconds ago.
    pub fn read_late(&self, token: &str, now: Timestamp) -> Option<Claims> {
        token::verify_late(&self.keys.keys(), &self.origin, &self.origin, token, now).ok()
    }
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
