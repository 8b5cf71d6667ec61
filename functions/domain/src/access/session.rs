//! Sessions, and from a session to what it opens.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tuition_catalog::{Catalog, Courses};

use super::{Profile, ReaderPorts};
use crate::identity::{LearnerId, OrderId, Secret, SecretHash, SessionToken};
use crate::ports::{Entropy, Sessions, Unavailable, Written};

/// Life of a session since it was last used: 30 days.
pub const SESSION_SECONDS: i64 = 30 * 24 * 60 * 60;

/// A write per day keeps a used session alive; more would cost a write per page.
const TOUCH_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// A signed-in browser, or one that paid without signing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The learner, or for an order session the guest of its first order, who has no profile.
    pub owner: LearnerId,
    /// Hash of what the browser holds.
    pub secret: SecretHash,
    /// Whether the owner proved their address by a mailed link. Without it the session is an
    /// *order session*: it opens `orders` and may comment, nothing else.
    pub account: bool,
    /// Orders paid in this browser without a proven address.
    pub orders: Vec<OrderId>,
    /// When it began.
    pub created_at: Timestamp,
    /// First instant at which it is over; moves on with use.
    pub expires_at: Timestamp,
}

impl Session {
    /// A fresh session and the token that proves it.
    pub fn start(
        owner: LearnerId,
        account: bool,
        orders: Vec<OrderId>,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> (Self, SessionToken) {
        let secret = Secret::random(entropy);
        let session = Self {
            owner: owner.clone(),
            secret: secret.hash(),
            account,
            orders,
            created_at: now,
            expires_at: expiry(now),
        };
        (session, SessionToken { owner, secret })
    }
}

/// Somebody whose session holds, and what opens for them now.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The session.
    pub session: Session,
    /// The profile; `None` for an order session.
    pub profile: Option<Profile>,
    /// Whether the site lists them as an author.
    pub is_author: bool,
    /// The priced courses that open, by id, in the catalog's order.
    pub courses: Vec<String>,
}

impl Reader {
    /// The learner id, or an order session's guest id.
    pub fn id(&self) -> &LearnerId {
        &self.session.owner
    }

    /// Whether they may read the course with this id.
    pub fn opens(&self, course: &str) -> bool {
        self.courses.iter().any(|id| id == course)
    }
}

/// Finds out who holds `token`; `None` when nobody does any more. Keeps the session alive.
pub async fn reader(
    ports: &ReaderPorts,
    token: &SessionToken,
) -> Result<Option<Reader>, Unavailable> {
    let now = ports.clock.now();
    let Some(mut session) = ports.sessions.session(token).await? else {
        return Ok(None);
    };
    if session.expires_at <= now {
        return Ok(None);
    }
    let profile = if session.account {
        ports.learners.profile(&session.owner).await?
    } else {
        None
    };
    if session.account && profile.is_none() {
        return Ok(None);
    }
    if expiry(now).duration_since(session.expires_at) >= TOUCH_AFTER {
        session.expires_at = expiry(now);
        if ports.sessions.change_session(&session).await? == Written::Conflict {
            return Ok(None);
        }
    }
    let catalog = ports.catalog.catalog();
    let is_author = profile
        .as_ref()
        .is_some_and(|profile| is_author(&catalog, profile));
    let courses = opened_courses(ports, &session, is_author, now).await?;
    Ok(Some(Reader {
        session,
        profile,
        is_author,
        courses,
    }))
}

/// The ids of the priced courses that a session opens at `now`, in the catalog's order. Authors
/// read everything they sell.
pub async fn opened_courses(
    ports: &ReaderPorts,
    session: &Session,
    is_author: bool,
    now: Timestamp,
) -> Result<Vec<String>, Unavailable> {
    let catalog = ports.catalog.catalog();
    let mut rights: Vec<Courses> = Vec::new();
    if is_author {
        rights.push(Courses::All);
    }
    if session.account {
        let held = ports.learners.entitlements(&session.owner).await?;
        rights.extend(held.into_iter().filter(|e| e.holds(now)).map(|e| e.courses));
    }
    for id in &session.orders {
        let order = ports.orders.order(id).await?;
        rights.extend(
            order
                .filter(|order| order.opens(now))
                .map(|order| order.courses),
        );
    }
    Ok(catalog
        .courses
        .iter()
        .filter(|course| course.priced && rights.iter().any(|right| right.contains(&course.id)))
        .map(|course| course.id.clone())
        .collect())
}

/// The session for a browser that paid `order` without being signed in. A browser that already
/// has a session keeps it, and the order is added to what it opens.
pub async fn start_order_session(
    ports: &ReaderPorts,
    entropy: &dyn Entropy,
    current: Option<(&Session, &SessionToken)>,
    order: &OrderId,
) -> Result<(Session, SessionToken), Unavailable> {
    let now = ports.clock.now();
    if let Some((session, token)) = current {
        let mut session = session.clone();
        if !session.orders.contains(order) {
            session.orders.push(order.clone());
        }
        // One that has ended meanwhile must not come back: the purchase then opens in a new one.
        if ports.sessions.change_session(&session).await? == Written::Yes {
            return Ok((session, token.clone()));
        }
    }
    let guest = LearnerId::of_guest(order);
    let (session, token) = Session::start(guest, false, vec![order.clone()], now, entropy);
    ports.sessions.save_session(&session).await?;
    Ok((session, token))
}

/// Ends the sessions of an owner that were used least recently, until at most `most` are left.
pub async fn end_oldest(
    sessions: &dyn Sessions,
    owner: &LearnerId,
    most: u32,
) -> Result<(), Unavailable> {
    let mut all = sessions.sessions(owner).await?;
    // Use moves the end on.
    all.sort_by_key(|session| session.expires_at);
    let surplus = all
        .len()
        .saturating_sub(usize::try_from(most.max(1)).unwrap_or(usize::MAX));
    for session in all.into_iter().take(surplus) {
        sessions.end_session(owner, &session.secret).await?;
    }
    Ok(())
}

fn is_author(catalog: &Catalog, profile: &Profile) -> bool {
    catalog
        .site
        .authors
        .iter()
        .any(|address| address == profile.email.as_str())
}

fn expiry(now: Timestamp) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(SESSION_SECONDS))
        .unwrap_or(Timestamp::MAX)
}
