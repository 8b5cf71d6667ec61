//! Signing in without a password: a mailed link for the browser that asked, or its code.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{AccessPorts, Profile, Reader, Session, count_links, end_oldest};
use crate::comments::{Comment, LessonRef, Standing, rewrite, stand};
use crate::email::{Email, NotAnEmail};
use crate::identity::{LearnerId, OrderId, Secret, SecretHash, SessionToken};
use crate::limits::TooMany;
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
    /// Language of its mail, and of an account that is made by it.
    #[serde(default)]
    pub locale: Locale,
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
    count_links(ports, &[&email], from).await?;
    let now = ports.reader.clock.now();
    let token = Secret::random(ports.entropy.as_ref());
    let browser = Secret::random(ports.entropy.as_ref());
    let code = code_of(&token);
    let link = Link {
        token: token.hash(),
        email,
        browser: browser.hash(),
        code: browser.hash_with(&code),
        next,
        locale,
        expires_at: now
            .saturating_add(SignedDuration::from_secs(LINK_SECONDS))
            .unwrap_or(Timestamp::MAX),
    };
    ports.links.save_link(&link).await?;
    let url = format!("{}/api/access/links/{}", ports.origin, token.expose());
    let site = &ports.reader.catalog.catalog().site.title;
    let mail = mail::sign_in(&link.email, site, &url, &code, locale);
    ports.mail(&mail).await?;
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
    /// Who, with their new session.
    pub reader: Reader,
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
    // Counted before it is looked at: of a thousand codes sent at once five are.
    let tries = ports.links.count_code_try(&link).await?;
    let most = ports.reader.catalog.catalog().site.limits.code_attempts;
    if tries <= most
        && link
            .code
            .matches(&cookie.browser.hash_with(&as_written(code)))
    {
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
    let profile = Profile::new(learner.clone(), link.email.clone(), link.locale, now);
    let profile = learners.ensure_profile(&profile).await?;
    // Erased, or moved to another address, at this very moment: then the link proves nothing.
    let profile = profile
        .filter(|profile| profile.email == link.email)
        .ok_or(SignInError::Gone)?;
    let kept = match current {
        Some(session) => orders_of_others(ports, session, &learner).await?,
        None => Vec::new(),
    };
    // Whoever paid here for nobody but this learner was this learner.
    if let Some(guest) = current.filter(|session| !session.account && kept.is_empty()) {
        adopt(ports, &guest.owner, &learner).await?;
    }
    let (session, token) = Session::of_account(&profile, kept, now, ports.entropy.as_ref());
    let sessions = ports.reader.sessions.as_ref();
    sessions.save_session(&session).await?;
    if let Some(old) = current {
        sessions.end_session(&old.owner, &old.secret).await?;
    }
    let most = ports.reader.catalog.catalog().site.limits.devices;
    end_oldest(sessions, &session, most).await?;
    Ok(SignedIn {
        reader: Reader::of(&ports.reader, session, Some(profile)).await?,
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
        rewrite(ports.comments.as_ref(), &comment.id, &mut |comment| {
            (comment.author == *guest).then(|| Comment {
                author: learner.clone(),
                ..comment.next()
            })
        })
        .await?;
    }
    if let Some(at) = ports.comments.standing(guest).await?.banned_at {
        stand(ports.comments.as_ref(), learner, |standing| Standing {
            banned_at: standing.banned_at.or(Some(at)),
            ..standing
        })
        .await?;
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
        if let Some(mark) = covered.mark {
            ports.progress.mark(learner, &lesson, mark, mark.at).await?;
        }
        if let Some(place) = covered.place {
            let at = place.at;
            ports.progress.stop(learner, &lesson, &place, at).await?;
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

/// What a code is made of: digits and letters of which none looks like another (Crockford's
/// base 32). Six of them are 30 bits. A link bears five tries and an address five links an hour, so
/// that who guesses without rest for a year at one address has one chance in five thousand.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many.
const CODE_LETTERS: usize = 6;

/// The code follows from the link's token, so that nothing more need be stored.
fn code_of(token: &Secret) -> String {
    let digest = Sha256::digest(format!("code|{}", token.expose()));
    digest
        .iter()
        .take(CODE_LETTERS)
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
        .map(|letter| char::from(*letter))
        .collect()
}

/// A code as people type it, as it is written: without spaces and hyphens, and with the letters
/// that are no part of it read as the digits they look like.
fn as_written(typed: &str) -> String {
    typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_letters_and_may_be_typed_as_it_is_heard() {
        for seed in 0..=255 {
            let code = code_of(&Secret::from_bytes([seed; 32]));
            assert_eq!(code.len(), CODE_LETTERS);
            assert_eq!(as_written(&code), code);
            let spoken = code.to_lowercase().replace('0', "o").replace('1', "l");
            assert_eq!(
                as_written(&format!(" {} - {} ", &spoken[..3], &spoken[3..])),
                code
            );
        }
    }

    #[test]
    fn every_letter_comes_up() {
        let codes: String = (0..=255)
            .map(|seed| code_of(&Secret::from_bytes([seed; 32])))
            .collect();
        assert!(
            LETTERS
                .iter()
                .all(|letter| codes.contains(char::from(*letter)))
        );
    }
}
