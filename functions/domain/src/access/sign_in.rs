//! Signing in without a password: a mailed link for the browser that asked, or its code.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{AccessPorts, Profile, Session, end_oldest};
use crate::comments::{Comment, LessonRef};
use crate::email::{Email, NotAnEmail};
use crate::identity::{LearnerId, OrderId, Secret, SecretHash, SessionToken};
use crate::limits::{self, Limit, TooMany};
use crate::mail::{self, Locale};
use crate::next::NextPath;
use crate::ports::{Unavailable, Written};

/// Life of a link: ten minutes.
pub const LINK_SECONDS: i64 = 600;

/// A mailed link, as stored: nothing in it opens anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Hash of the token in the mail.
    pub token: SecretHash,
    /// Whom it signs in.
    pub email: Email,
    /// Hash of the secret of the browser that asked.
    pub browser: SecretHash,
    /// Hash of that secret together with the code.
    pub code: SecretHash,
    /// Where to go afterwards.
    pub next: NextPath,
    /// First instant at which it is dead.
    pub expires_at: Timestamp,
}

/// Held by the browser that asked, until it is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInCookie {
    /// Finds the link.
    pub link: SecretHash,
    /// Proves the browser.
    pub browser: Secret,
}

impl SignInCookie {
    /// Reads `<link>.<secret>`.
    pub fn parse(text: &str) -> Option<Self> {
        let (link, browser) = text.split_once('.')?;
        Some(Self {
            link: SecretHash::parse(link)?,
            browser: Secret::parse(browser)?,
        })
    }

    /// The cookie value.
    pub fn expose(&self) -> String {
        format!("{}.{}", self.link.as_str(), self.browser.expose())
    }
}

/// What asking for a link gives back; the same for every address.
#[derive(Debug)]
pub struct AskedLink {
    /// For the browser that asked.
    pub cookie: SignInCookie,
}

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No mail could be sent to this text.
    #[error(transparent)]
    Email(#[from] NotAnEmail),
    /// Asked too often.
    #[error("too many links")]
    TooMany(TooMany),
    /// The link or code is wrong, used, replaced or older than ten minutes.
    #[error("the link does not work any more")]
    Gone,
    /// A store or the mail provider is away.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Mails a link. Does the same work for every address: whether it has an account is not looked
/// at before the link is used.
pub async fn ask(
    ports: &AccessPorts,
    address: &str,
    next: NextPath,
    from: IpAddr,
    locale: Locale,
) -> Result<AskedLink, SignInError> {
    let email = Email::parse(address)?;
    let now = ports.reader.clock.now();
    let catalog = ports.reader.catalog.catalog();
    let limits = &catalog.site.limits;
    let by_address = Limit {
        name: "link-address",
        most: limits.links_per_address_per_hour,
        seconds: 3600,
    };
    let by_network = Limit {
        name: "link-network",
        most: limits.links_per_network_per_hour,
        seconds: 3600,
    };
    let counters = ports.counters.as_ref();
    limits::count(counters, by_network, &limits::network(from), now)
        .await?
        .map_err(SignInError::TooMany)?;
    limits::count(counters, by_address, email.as_str(), now)
        .await?
        .map_err(SignInError::TooMany)?;

    let token = Secret::random(ports.entropy.as_ref());
    let browser = Secret::random(ports.entropy.as_ref());
    let code = code_of(&token);
    let link = Link {
        token: token.hash(),
        email,
        browser: browser.hash(),
        code: browser.hash_with(&code),
        next,
        expires_at: now
            .saturating_add(SignedDuration::from_secs(LINK_SECONDS))
            .unwrap_or(Timestamp::MAX),
    };
    ports.links.save_link(&link).await?;
    let url = format!("{}/api/access/links/{}", ports.origin, token.expose());
    // Whoever has no mailbox there, or wants no mail from us, gets none; the answer is the same.
    if !ports.suppressions.is_suppressed(&link.email).await? {
        let site = &catalog.site.title;
        let mail = mail::sign_in(&link.email, site, &url, &code, locale);
        ports.mailer.send(&mail).await?;
    }
    Ok(AskedLink {
        cookie: SignInCookie {
            link: link.token,
            browser,
        },
    })
}

/// What the page behind a mailed link shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkPage {
    /// The browser that asked: a button that signs in.
    Button,
    /// Any other browser: the code to type in the first.
    Code(String),
}

/// Looks at a link without using it up, however often and by whom it is fetched.
pub async fn look(
    ports: &AccessPorts,
    token: &Secret,
    cookie: Option<&SignInCookie>,
) -> Result<LinkPage, SignInError> {
    let link = alive(ports, &token.hash()).await?;
    Ok(if asked_here(&link, cookie) {
        LinkPage::Button
    } else {
        LinkPage::Code(code_of(token))
    })
}

/// A browser that has just signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The new session.
    pub session: Session,
    /// What proves it.
    pub token: SessionToken,
    /// Where to go.
    pub next: NextPath,
}

/// Uses a link up in the browser that asked. `Gone` elsewhere too: there the page shows the code.
/// `current` is the browser's session until now; it ends, and what was paid in it stays open.
pub async fn consume(
    ports: &AccessPorts,
    token: &Secret,
    cookie: Option<&SignInCookie>,
    current: Option<&Session>,
) -> Result<SignedIn, SignInError> {
    let link = alive(ports, &token.hash()).await?;
    if !asked_here(&link, cookie) {
        return Err(SignInError::Gone);
    }
    sign_in(ports, link, current).await
}

/// Uses a link up by the code from its mail, typed in the browser that asked. After
/// `code_attempts` wrong codes the link is dead.
pub async fn consume_code(
    ports: &AccessPorts,
    code: &str,
    cookie: Option<&SignInCookie>,
    current: Option<&Session>,
) -> Result<SignedIn, SignInError> {
    let cookie = cookie.ok_or(SignInError::Gone)?;
    let link = alive(ports, &cookie.link).await?;
    if !asked_here(&link, Some(cookie)) {
        return Err(SignInError::Gone);
    }
    let typed: String = code
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    // Counted before it is looked at: of a thousand codes sent at once five are.
    let tries = ports.links.count_code_try(&link).await?;
    let most = ports.reader.catalog.catalog().site.limits.code_attempts;
    if tries <= most && link.code.matches(&cookie.browser.hash_with(&typed)) {
        return sign_in(ports, link, current).await;
    }
    if tries >= most {
        // Whoever else uses it up at this instant held the right code or link.
        let _ = ports.links.consume_link(&link).await?;
    }
    Err(SignInError::Gone)
}

async fn sign_in(
    ports: &AccessPorts,
    link: Link,
    current: Option<&Session>,
) -> Result<SignedIn, SignInError> {
    if ports.links.consume_link(&link).await? == Written::Conflict {
        return Err(SignInError::Gone);
    }
    let now = ports.reader.clock.now();
    let fresh = LearnerId::random(ports.entropy.as_ref());
    let learners = &ports.reader.learners;
    let learner = learners.learner_of(&link.email, &fresh).await?;
    let profile = Profile::new(learner.clone(), link.email.clone(), now);
    learners.ensure_profile(&profile).await?;
    let kept = match current {
        Some(session) => orders_of_others(ports, session, &learner).await?,
        None => Vec::new(),
    };
    // Whoever paid here for nobody but this learner was this learner.
    if let Some(guest) = current.filter(|session| !session.account && kept.is_empty()) {
        adopt(ports, &guest.owner, &learner).await?;
    }
    let (session, token) = Session::start(learner.clone(), true, kept, now, ports.entropy.as_ref());
    ports.reader.sessions.save_session(&session).await?;
    if let Some(old) = current {
        ports
            .reader
            .sessions
            .end_session(&old.owner, &old.secret)
            .await?;
    }
    let most = ports.reader.catalog.catalog().site.limits.devices;
    end_oldest(ports.reader.sessions.as_ref(), &learner, most).await?;
    Ok(SignedIn {
        session,
        token,
        next: link.next,
    })
}

/// Orders that the browser opened without belonging to `learner`: they keep opening here. Those
/// of the learner are the account's own from now on.
async fn orders_of_others(
    ports: &AccessPorts,
    session: &Session,
    learner: &LearnerId,
) -> Result<Vec<OrderId>, Unavailable> {
    let mut kept = Vec::new();
    for id in &session.orders {
        let order = ports.reader.orders.order(id).await?;
        if order.is_some_and(|order| order.holder.as_ref() != Some(learner)) {
            kept.push(id.clone());
        }
    }
    Ok(kept)
}

/// What a guest wrote and read becomes the learner's.
async fn adopt(
    ports: &AccessPorts,
    guest: &LearnerId,
    learner: &LearnerId,
) -> Result<(), Unavailable> {
    for comment in ports.comments.comments_by(guest).await? {
        let adopted = Comment {
            author: learner.clone(),
            ..comment
        };
        ports.comments.save_comment(&adopted).await?;
    }
    for covered in ports.progress.coverage_of(guest).await? {
        let Some(lesson) = LessonRef::parse(&covered.lesson) else {
            continue;
        };
        for segment in covered.segments {
            ports
                .progress
                .cover(learner, &lesson, segment, covered.updated_at)
                .await?;
        }
        if let Some(at) = covered.finished_at {
            ports.progress.finish(learner, &lesson, at).await?;
        }
    }
    Ok(())
}

async fn alive(ports: &AccessPorts, token: &SecretHash) -> Result<Link, SignInError> {
    let link = ports.links.link(token).await?.ok_or(SignInError::Gone)?;
    if link.expires_at <= ports.reader.clock.now() {
        Err(SignInError::Gone)
    } else {
        Ok(link)
    }
}

fn asked_here(link: &Link, cookie: Option<&SignInCookie>) -> bool {
    cookie.is_some_and(|cookie| link.browser.matches(&cookie.browser.hash()))
}

/// Six digits that follow from the link's token, so that nothing more need be stored. Guessing
/// is bounded by `code_attempts`, not by their number.
fn code_of(token: &Secret) -> String {
    let digest = Sha256::digest(format!("code|{}", token.expose()));
    let number = digest
        .iter()
        .take(8)
        .fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    format!("{:06}", number % 1_000_000)
}
