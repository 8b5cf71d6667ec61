//! The access token: a short-lived signed statement of which courses open (RFC 7519, RFC 9068).
//!
//! HS256 and `typ: at+jwt`, nothing else. Knows no clock, no cookie and no entitlement; the edge
//! verifies the same tokens in `infra/edge/gate.js`.

mod flat;
mod keys;
pub mod rotation;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Header};
pub use keys::{KeyError, Keys, KeysFile, Kid, Secret};
use serde::Serialize;

use self::flat::Flat;

pub use crate::gate::course_slug_of;

/// Seconds that a token lives, at most: how long a refund can stay unnoticed at the edge.
pub const TOKEN_LIFE: i64 = 15 * 60;
/// Courses in one token, at most.
pub const MAX_COURSES: usize = 60;
/// Bytes of one token, at most: with its name and attributes the cookie stays under 4,096.
pub const MAX_TOKEN_BYTES: usize = 3_900;
/// Seconds after its end for which a token still says whose a usage event is: as late as the event itself may come.
pub const LATE: i64 = 24 * 60 * 60;
/// Seconds that the clock of the minting machine may be ahead of the verifying one.
const CLOCK_SKEW: i64 = 60;
/// The media type of an access token (RFC 9068 §2.1).
const TYP: &str = "at+jwt";

/// What somebody is besides a learner (RFC 9068 §2.2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Writes what is sold here, and sees how it does.
    Author,
}

impl Role {
    fn named(name: &str) -> Option<Self> {
        match name {
            "author" => Some(Self::Author),
            _ => None,
        }
    }
}

/// What a token says. Only [`Claims::new`], [`verify`] and [`verify_late`] make one, so that none
/// lives longer than [`TOKEN_LIFE`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    exp: i64,
    courses: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    drafts: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<Role>,
}

impl Claims {
    /// A statement by and for the site at `origin`, issued `now` and good for [`TOKEN_LIFE`].
    /// `sub` is the learner's random id. `courses` are slugs, the most wanted first; it may be
    /// empty. Those after the first [`MAX_COURSES`] are left out.
    pub fn new(origin: &str, sub: &str, mut courses: Vec<String>, now: Timestamp) -> Self {
        courses.truncate(MAX_COURSES);
        Self {
            iss: origin.to_owned(),
            aud: origin.to_owned(),
            sub: sub.to_owned(),
            iat: now.as_second(),
            exp: now.as_second() + TOKEN_LIFE,
            courses,
            drafts: Vec::new(),
            roles: Vec::new(),
        }
    }

    /// The same for an author: `drafts` are slugs of courses that open with their drafts, the most
    /// wanted first. With the other courses they are [`MAX_COURSES`] at most.
    #[must_use]
    pub fn with_drafts(mut self, mut drafts: Vec<String>) -> Self {
        drafts.truncate(MAX_COURSES.saturating_sub(self.courses.len()));
        self.drafts = drafts;
        self
    }

    /// Reads what was signed; `None` if a claim is missing or has another shape. Others than ours
    /// may stand beside them.
    fn read(text: &str) -> Option<Self> {
        let claims = Flat::parse(text)?;
        let text = |name| claims.text(name).map(str::to_owned);
        Some(Self {
            iss: text("iss")?,
            aud: text("aud")?,
            sub: text("sub").filter(|sub| !sub.is_empty())?,
            iat: claims.number("iat")?,
            exp: claims.number("exp")?,
            courses: claims.list("courses")?,
            drafts: match claims.has("drafts") {
                true => claims.list("drafts")?,
                false => Vec::new(),
            },
            roles: match claims.has("roles") {
                true => claims
                    .list("roles")?
                    .iter()
                    .filter_map(|name| Role::named(name))
                    .collect(),
                false => Vec::new(),
            },
        })
    }

    /// The same of somebody who has `role`.
    #[must_use]
    pub fn with_role(mut self, role: Role) -> Self {
        self.roles.push(role);
        self
    }

    /// Whether they have `role`.
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether the token opens the course with this slug.
    pub fn covers(&self, slug: &str) -> bool {
        self.courses.iter().any(|course| course == slug)
    }

    /// Whether the token opens the course with this slug as it will be, with its drafts.
    pub fn previews(&self, slug: &str) -> bool {
        self.drafts.iter().any(|course| course == slug)
    }

    /// The slugs of the courses that open with their drafts, the most wanted first.
    pub fn drafts(&self) -> &[String] {
        &self.drafts
    }

    /// The slugs of the courses that open, the most wanted first.
    pub fn courses(&self) -> &[String] {
        &self.courses
    }

    /// The learner's random id.
    pub fn sub(&self) -> &str {
        &self.sub
    }

    /// Unix seconds of the first instant at which the token is no longer good.
    pub fn expires_at(&self) -> i64 {
        self.exp
    }
}

/// Signs `claims` with the signing key. Courses at the end of the longer list that would carry the
/// token over [`MAX_TOKEN_BYTES`] are left out: the edge would not be sent a larger cookie at all.
pub fn mint(keys: &Keys, claims: &Claims) -> String {
    let header = Header {
        typ: Some(TYP.to_owned()),
        kid: Some(keys.signing_kid().as_str().to_owned()),
        ..Header::new(Algorithm::HS256)
    };
    let mut claims = claims.clone();
    loop {
        let token = jsonwebtoken::encode(&header, &claims, keys.signing_key())
            .expect("an HMAC key signs, and text and numbers serialise");
        let longer = match claims.drafts.len() > claims.courses.len() {
            true => &mut claims.drafts,
            false => &mut claims.courses,
        };
        if token.len() <= MAX_TOKEN_BYTES || longer.pop().is_none() {
            return token;
        }
    }
}

/// Why a token is not usable. For logs and tests: to a reader they are all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not three parts with a flat header in the first (see `token/flat.rs`), or longer than a
    /// cookie.
    #[error("the token is malformed")]
    Malformed,
    /// `alg`, `typ` or `crit` is not what this site mints.
    #[error("the token is of another kind")]
    Kind,
    /// No `kid`, or one that no key here has.
    #[error("the token's key is unknown")]
    UnknownKey,
    /// The signature is not that of the key.
    #[error("the token's signature is wrong")]
    Signature,
    /// Signed by us, but not flat, or a claim is missing or has another shape.
    #[error("the token's claims are malformed")]
    Claims,
    /// Another site's `iss`.
    #[error("the token's issuer is another")]
    Issuer,
    /// Another site's `aud`.
    #[error("the token's audience is another")]
    Audience,
    /// Issued more than a minute in the future.
    #[error("the token was issued in the future")]
    NotYetIssued,
    /// Good for longer than [`TOKEN_LIFE`].
    #[error("the token lives too long")]
    TooLongLived,
    /// `exp` has come. There is no leeway.
    #[error("the token has expired")]
    Expired,
}

/// Reads a token and believes it: `now` is before `exp`, `iss` and `aud` are these, and the HMAC
/// (compared in constant time) is that of the key that `kid` names.
pub fn verify(
    keys: &Keys,
    iss: &str,
    aud: &str,
    token: &str,
    now: Timestamp,
) -> Result<Claims, TokenError> {
    let claims = verify_late(keys, iss, aud, token, now)?;
    if now.as_second() >= claims.exp {
        return Err(TokenError::Expired);
    }
    Ok(claims)
}

/// As [`verify`], but up to [`LATE`] after `exp`: good enough to say whose a usage event is, for
/// nothing that opens anything.
pub fn verify_late(
    keys: &Keys,
    iss: &str,
    aud: &str,
    token: &str,
    now: Timestamp,
) -> Result<Claims, TokenError> {
    let claims = authentic(keys, iss, aud, token)?;
    let now = now.as_second();
    if claims.iat > now + CLOCK_SKEW {
        Err(TokenError::NotYetIssued)
    } else if claims.exp - claims.iat > TOKEN_LIFE {
        Err(TokenError::TooLongLived)
    } else if now >= claims.exp.saturating_add(LATE) {
        Err(TokenError::Expired)
    } else {
        Ok(claims)
    }
}

/// Reads a token that this site minted, whenever that was. It opens nothing: it tells what its
/// holder used last.
pub fn authentic(keys: &Keys, iss: &str, aud: &str, token: &str) -> Result<Claims, TokenError> {
    if token.len() > 4096 {
        return Err(TokenError::Malformed);
    }
    let (input, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (header, payload) = input.split_once('.').ok_or(TokenError::Malformed)?;

    let header = flat::decoded(header).ok_or(TokenError::Malformed)?;
    let header = Flat::parse(&header).ok_or(TokenError::Malformed)?;
    if header.text("alg") != Some("HS256") || header.text("typ") != Some(TYP) || header.has("crit")
    {
        return Err(TokenError::Kind);
    }
    let kid = header.text("kid").ok_or(TokenError::UnknownKey)?;
    let key = keys.verifying_key(kid).ok_or(TokenError::UnknownKey)?;
    let is_ours = jsonwebtoken::crypto::verify(signature, input.as_bytes(), key, Algorithm::HS256);
    if !is_ours.unwrap_or(false) {
        return Err(TokenError::Signature);
    }

    let claims = flat::decoded(payload).ok_or(TokenError::Claims)?;
    let claims = Claims::read(&claims).ok_or(TokenError::Claims)?;
    if claims.iss != iss {
        Err(TokenError::Issuer)
    } else if claims.aud != aud {
        Err(TokenError::Audience)
    } else {
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://learn.example";

    fn keys() -> Keys {
        Keys::new(Kid::parse("k1").unwrap(), &Secret::from_bytes([7; 32]))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_minted_token_verifies_until_the_second_it_expires() {
        let claims = Claims::new(ORIGIN, "l1", vec!["rust".to_owned()], at(1_000));
        let token = mint(&keys(), &claims);
        let read = |now| verify(&keys(), ORIGIN, ORIGIN, &token, at(now));
        assert_eq!(read(1_000), Ok(claims.clone()));
        assert_eq!(read(1_899), Ok(claims));
        assert_eq!(read(1_900), Err(TokenError::Expired));
        assert_eq!(read(939), Err(TokenError::NotYetIssued));
    }

    #[test]
    fn an_expired_token_still_says_whose_an_event_is_for_a_day() {
        let claims = Claims::new(ORIGIN, "l1", vec![], at(1_000));
        let token = mint(&keys(), &claims);
        let read = |now| verify_late(&keys(), ORIGIN, ORIGIN, &token, at(now));
        assert_eq!(read(1_900 + LATE - 1), Ok(claims));
        assert_eq!(read(1_900 + LATE), Err(TokenError::Expired));
        assert_eq!(read(939), Err(TokenError::NotYetIssued));
    }

    #[test]
    fn a_role_is_said_of_those_who_have_it() {
        let learner = Claims::new(ORIGIN, "l1", vec![], at(0));
        let author = learner.clone().with_role(Role::Author);
        for (claims, expected) in [(learner, false), (author, true)] {
            let token = mint(&keys(), &claims);
            let read = verify(&keys(), ORIGIN, ORIGIN, &token, at(1)).unwrap();
            assert_eq!(read.has_role(Role::Author), expected);
        }
    }

    #[test]
    fn a_token_of_sixty_one_courses_holds_sixty_and_fits_a_cookie() {
        let slugs = |bytes: usize| (0..61).map(|n| format!("{n:0bytes$}")).collect::<Vec<_>>();
        for (bytes, at_least) in [(40, 60), (120, 20)] {
            let claims = Claims::new(ORIGIN, "l1", slugs(bytes), at(0));
            let token = mint(&keys(), &claims);
            assert!(token.len() <= MAX_TOKEN_BYTES, "{}", token.len());
            let read = verify(&keys(), ORIGIN, ORIGIN, &token, at(0)).unwrap();
            assert!(
                (at_least..=60).contains(&read.courses().len()),
                "{}",
                read.courses().len()
            );
            assert_eq!(read.courses().first(), slugs(bytes).first());
        }
    }

    #[test]
    fn drafts_and_courses_share_the_room_of_a_token() {
        let slugs = |from: usize, to: usize| {
            let slugs = (from..to).map(|n| format!("{n:060}"));
            slugs.collect::<Vec<_>>()
        };
        let claims = Claims::new(ORIGIN, "l1", slugs(0, 40), at(0)).with_drafts(slugs(40, 80));
        assert_eq!((claims.courses().len(), claims.drafts().len()), (40, 20));
        let token = mint(&keys(), &claims);
        assert!(token.len() <= MAX_TOKEN_BYTES, "{}", token.len());
        let read = verify(&keys(), ORIGIN, ORIGIN, &token, at(0)).unwrap();
        let (courses, drafts) = (read.courses().len(), read.drafts().len());
        assert!(
            courses >= 18 && drafts == 20 && courses.abs_diff(drafts) <= 20,
            "{courses} {drafts}"
        );
        assert!(read.covers(&slugs(0, 1)[0]) && read.previews(&slugs(40, 41)[0]));
        assert!(!read.covers(&slugs(40, 41)[0]) && !read.previews(&slugs(0, 1)[0]));
    }

    #[test]
    fn an_expired_token_still_tells_what_its_holder_used() {
        let claims = Claims::new(ORIGIN, "l1", vec!["rust".to_owned()], at(0));
        let token = mint(&keys(), &claims);
        assert!(verify(&keys(), ORIGIN, ORIGIN, &token, at(10_000)).is_err());
        assert_eq!(authentic(&keys(), ORIGIN, ORIGIN, &token), Ok(claims));
        let other = authentic(&keys(), "https://x.example", ORIGIN, &token);
        assert_eq!(other, Err(TokenError::Issuer));
    }

    #[test]
    fn an_older_key_verifies_and_the_newer_signs() {
        let newer = Kid::parse("k2").unwrap();
        let rotated = Keys::new(newer, &Secret::from_bytes([8; 32]))
            .with_verifying(Kid::parse("k1").unwrap(), &Secret::from_bytes([7; 32]))
            .unwrap();
        let claims = Claims::new(ORIGIN, "l1", vec![], at(0));
        let old = mint(&keys(), &claims);
        assert!(verify(&rotated, ORIGIN, ORIGIN, &old, at(1)).is_ok());
        let new = mint(&rotated, &claims);
        assert_eq!(
            verify(&keys(), ORIGIN, ORIGIN, &new, at(1)),
            Err(TokenError::UnknownKey)
        );
    }
}
