//! Random identities and secrets: who somebody is to us, and how a browser proves it.
//!
//! A secret exists in clear only in the browser (or the mail) that holds it; stores see
//! [`SecretHash`] alone.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::ports::Entropy;

/// A learner's random id: 32 lower-case hex digits (128 bit). Says nothing of the person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LearnerId(String);

impl LearnerId {
    /// A fresh random id.
    pub fn random(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        Self(hex::encode(bytes))
    }

    /// The id under which a browser acts that paid `order` without being signed in. It follows
    /// from the order, so that whoever holds the order finds, and can erase, what was done there.
    pub fn of_guest(order: &OrderId) -> Self {
        let digest = Sha256::digest(format!("guest|{order}"));
        Self(hex::encode(digest.get(..16).unwrap_or_default()))
    }

    /// Reads an id back; `None` unless it has the exact form that [`LearnerId::random`] makes.
    pub fn parse(text: &str) -> Option<Self> {
        is_lower_hex(text, 32).then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LearnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The payment provider's checkout session id; also the id of the order and in URLs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderId(String);

impl OrderId {
    /// Accepts 1–128 ASCII letters, digits, `_` and `-`: what the provider makes, and nothing
    /// that could mean something in a URL or a table key.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        (plain && (1..=128).contains(&text.len())).then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// 256 random bits in clear. Never logged: `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A fresh random secret.
    pub fn random(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        Self(bytes)
    }

    /// A secret from bytes that are already unguessable (a keyed hash).
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 43 characters of unpadded base64url.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// 43 characters of unpadded base64url, for a cookie or a link.
    pub fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What a store may keep of it.
    pub fn hash(&self) -> SecretHash {
        SecretHash(hex::encode(Sha256::digest(self.0)))
    }

    /// The hash of this secret together with `text`: only who has both can make it.
    pub fn hash_with(&self, text: &str) -> SecretHash {
        let digest = Sha256::new()
            .chain_update(self.0)
            .chain_update(text.as_bytes())
            .finalize();
        SecretHash(hex::encode(digest))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// SHA-256 of a [`Secret`], as 64 hex digits: how secrets lie at rest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretHash(String);

impl SecretHash {
    /// Reads 64 lower-case hex digits back.
    pub fn parse(text: &str) -> Option<Self> {
        is_lower_hex(text, 64).then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Compares in constant time.
    pub fn matches(&self, other: &SecretHash) -> bool {
        use subtle::ConstantTimeEq as _;
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

/// Proof of a session: whose it is, and the secret. Being self-locating, it is looked up by one
/// strongly consistent read, without an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionToken {
    /// The owner's id: a learner, or the guest of an order session.
    pub owner: LearnerId,
    /// What proves it.
    pub secret: Secret,
}

impl SessionToken {
    /// Reads `<owner>.<secret>`.
    pub fn parse(text: &str) -> Option<Self> {
        let (owner, secret) = text.split_once('.')?;
        Some(Self {
            owner: LearnerId::parse(owner)?,
            secret: Secret::parse(secret)?,
        })
    }

    /// The cookie value.
    pub fn expose(&self) -> String {
        format!("{}.{}", self.owner, self.secret.expose())
    }
}

/// Whether `text` is exactly `digits` lower-case hex digits: the one form in which ids and hashes
/// are written, so that no id has two spellings.
pub(crate) fn is_lower_hex(text: &str, digits: usize) -> bool {
    text.len() == digits
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_token_reads_back_and_nothing_else_does() {
        let token = SessionToken {
            owner: LearnerId::parse(&"0f".repeat(16)).unwrap(),
            secret: Secret::from_bytes([7; 32]),
        };
        assert_eq!(SessionToken::parse(&token.expose()), Some(token.clone()));
        for bad in [
            "",
            ".",
            "x.y",
            &token.expose()[..70],
            &format!("{}A", token.expose()),
        ] {
            assert_eq!(SessionToken::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_secret_never_shows_in_debug_output() {
        assert_eq!(format!("{:?}", Secret::from_bytes([1; 32])), "Secret(…)");
    }

    #[test]
    fn a_guest_has_the_form_of_a_learner() {
        let guest = LearnerId::of_guest(&OrderId::parse("cs_1").unwrap());
        assert_eq!(LearnerId::parse(guest.as_str()), Some(guest.clone()));
        assert_ne!(guest, LearnerId::of_guest(&OrderId::parse("cs_2").unwrap()));
    }

    #[test]
    fn an_order_id_can_not_leave_its_path_segment() {
        assert!(OrderId::parse("cs_test_a1B2").is_some());
        for bad in ["", "a/b", "a#b", "a.b", "é", &"a".repeat(129)] {
            assert_eq!(OrderId::parse(bad), None, "{bad}");
        }
    }
}
