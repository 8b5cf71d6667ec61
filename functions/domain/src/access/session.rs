//! Sessions, and from a session to what it opens.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tuition_catalog::{Catalog, Courses};

use super::{Profile, ReaderPorts};
use crate::email::Email;
use crate::identity::{LearnerId, OrderId, Secret, SecretHash, SessionToken};
use crate::ports::{Entropy, Sessions, Unavailable, Written};

/// Life of a session since it was last used: 30 days.
pub const SESSION_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Life of a session however much it is used: a year, then the address is proved anew.
const LONGEST: SignedDuration = SignedDuration::from_hours(365 * 24);

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
    /// Of which of the account's epochs it is: the account's of when the address was proved.
    #[serde(default)]
    pub epoch: u32,
    /// Orders paid in this browser without a proven address.
    pub orders: Vec<OrderId>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the day: use is written down once in 24 hours.
    #[serde(default)]
    pub used_at: Timestamp,
    /// First instant at which it is over; moves on with use.
    pub expires_at: Timestamp,
}

impl Session {
    /// A fresh session of a learner who has just proved their address, and the token that proves
    /// it. `orders` of others, paid in this browser, stay open in it.
    pub fn of_account(
        profile: &Profile,
        orders: Vec<OrderId>,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> (Self, SessionToken) {
        let (session, token) = Self::of_order(profile.id.clone(), orders, now, entropy);
        let session = Self {
            account: true,
            epoch: profile.epoch,
            ..session
        };
        (session, token)
    }

    /// A fresh order session, and the token that proves it.
    fn of_order(
        owner: LearnerId,
        orders: Vec<OrderId>,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> (Self, SessionToken) {
        let secret = Secret::random(entropy);
        let session = Self {
            owner: owner.clone(),
            secret: secret.hash(),
            account: false,
            epoch: 0,
            orders,
            created_at: now,
            used_at: now,
            expires_at: expiry(now, now),
        };
        (session, SessionToken { owner, secret })
    }

    /// The session, used at `now`; `None` while the last use that was written down is recent.
    fn touched(&self, now: Timestamp) -> Option<Self> {
        (now.duration_since(self.used_at) >= TOUCH_AFTER).then(|| Self {
            used_at: now,
            expires_at: expiry(self.created_at, now),
            ..self.clone()
        })
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
    /// Who `session` is of, with what opens for them now. `profile` is its owner's, which an
    /// account session has and an order session has not.
    pub async fn of(
        ports: &ReaderPorts,
        session: Session,
        profile: Option<Profile>,
    ) -> Result<Self, Unavailable> {
        let catalog = ports.catalog.catalog();
        let is_author = profile
            .as_ref()
            .is_some_and(|profile| is_author(&catalog, profile));
        let courses = opened_courses(ports, &session, is_author, ports.clock.now()).await?;
        Ok(Self {
            session,
            profile,
            is_author,
            courses,
        })
    }

    /// The learner id, or an order session's guest id.
    pub fn id(&self) -> &LearnerId {
        &self.session.owner
    }

    /// Whether this is the account of `learner`.
    pub fn is_account_of(&self, learner: Option<&LearnerId>) -> bool {
        self.session.account && learner == Some(&self.session.owner)
    }

    /// Whether they may read the course with this id.
    pub fn opens(&self, course: &str) -> bool {
        self.courses.iter().any(|id| id == course)
    }
}

/// A reader who proved their address. A purchase is not a sign-in: an order session has none.
#[derive(Debug, Clone)]
pub struct Account {
    /// Who they are.
    pub profile: Profile,
    /// The browser they use now.
    pub session: Session,
    /// Whether the site lists them as an author.
    pub is_author: bool,
}

impl Reader {
    /// The account, if this is no order session.
    pub fn into_account(self) -> Option<Account> {
        Some(Account {
            profile: self.profile?,
            session: self.session,
            is_author: self.is_author,
        })
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
    if session.account && profile.as_ref().is_none_or(|p| p.ended(&session)) {
        return Ok(None);
    }
    if let Some(touched) = session.touched(now) {
        session = touched;
        if ports.sessions.change_session(&session).await? == Written::Conflict {
            return Ok(None);
        }
    }
    Reader::of(ports, session, profile).await.map(Some)
}

/// The ids of the priced courses that a session opens at `now`, in the catalog's order. Authors
/// read everything they sell.
async fn opened_courses(
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
    current: Option<(Reader, SessionToken)>,
    order: &OrderId,
) -> Result<(Reader, SessionToken), Unavailable> {
    if let Some((reader, token)) = current {
        if reader.session.orders.contains(order) {
            return Ok((reader, token));
        }
        let mut session = reader.session;
        session.orders.push(order.clone());
        // One that has ended meanwhile must not come back: the purchase then opens in a new one.
        if ports.sessions.change_session(&session).await? == Written::Yes {
            let reader = Reader::of(ports, session, reader.profile).await?;
            return Ok((reader, token));
        }
    }
    let guest = LearnerId::of_guest(order);
    let orders = vec![order.clone()];
    let (session, token) = Session::of_order(guest, orders, ports.clock.now(), entropy);
    ports.sessions.save_session(&session).await?;
    Ok((Reader::of(ports, session, None).await?, token))
}

/// Ends the sessions of a learner that were used least recently, until at most `most` are left,
/// `newest` among them.
pub async fn end_oldest(
    sessions: &dyn Sessions,
    newest: &Session,
    most: u32,
) -> Result<(), Unavailable> {
    let mut others = sessions.sessions(&newest.owner).await?;
    others.retain(|session| session.secret != newest.secret);
    others.sort_by_key(|session| session.used_at);
    let room = usize::try_from(most.max(1) - 1).unwrap_or(usize::MAX);
    let surplus = others.len().saturating_sub(room);
    for session in others.iter().take(surplus) {
        sessions.end_session(&newest.owner, &session.secret).await?;
    }
    Ok(())
}

/// Ends all sessions of `owner` but the one with the secret `but`.
pub async fn end_others(
    sessions: &dyn Sessions,
    owner: &LearnerId,
    but: Option<&SecretHash>,
) -> Result<(), Unavailable> {
    for session in sessions.sessions(owner).await? {
        if Some(&session.secret) != but {
            sessions.end_session(owner, &session.secret).await?;
        }
    }
    Ok(())
}

fn is_author(catalog: &Catalog, profile: &Profile) -> bool {
    let mut authors = catalog.site.authors.iter();
    authors.any(|address| Email::parse(address).is_ok_and(|author| author == profile.email))
}

/// The end of a session that began at `created` and is used at `now`.
fn expiry(created: Timestamp, now: Timestamp) -> Timestamp {
    let after = |at: Timestamp, span| at.saturating_add(span).unwrap_or(Timestamp::MAX);
    let unused = SignedDuration::from_secs(SESSION_SECONDS);
    after(now, unused).min(after(created, LONGEST))
}
