//! The keys of access tokens: one signs, it and some others verify, so that a rotation shuts
//! nobody out. Where they come from, the caller knows.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde::{Deserialize, Serialize};

use crate::ports::KeySource;

/// The entry of the edge's store that is not a key, and hence can't be a key's name.
const CONFIG_ENTRY: &str = "config";

/// Why a key, or a set of them, was refused. Never holds the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The name of a key has another form.
    #[error("a key id is 1 to 64 of A-Z a-z 0-9 _ - and not `config`")]
    Kid,
    /// The secret is not base64url without padding, or too short.
    #[error("a secret is 32 bytes or more in base64url without padding")]
    Secret,
    /// Two keys with one name.
    #[error("two keys have the id `{0}`")]
    Duplicate(Kid),
    /// The signing key is not among the keys.
    #[error("the signing key `{0}` is not among the keys")]
    NoSigningKey(Kid),
}

/// The name of a key: 1–64 ASCII letters, digits, `_` and `-`, not `config`. No secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kid(String);

impl Kid {
    /// Parses a name; fails with [`KeyError::Kid`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if plain && (1..=64).contains(&text.len()) && text != CONFIG_ENTRY {
            Ok(Self(text.to_owned()))
        } else {
            Err(KeyError::Kid)
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Kid {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// At least 256 random bits, as RFC 7518 §3.2 asks for HS256.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// A secret of 32 bytes, which the caller draws at random.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes.to_vec())
    }

    /// Reads the form in which secrets are stored, base64url without padding; fails with
    /// [`KeyError::Secret`].
    pub fn from_base64url(text: &str) -> Result<Self, KeyError> {
        match URL_SAFE_NO_PAD.decode(text) {
            Ok(bytes) if bytes.len() >= 32 => Ok(Self(bytes)),
            _ => Err(KeyError::Secret),
        }
    }

    /// The form in which secrets are stored, here and in the edge's store.
    pub fn to_base64url(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Keys as configured: `{"signing": "k2", "keys": {"k1": "<base64url>", "k2": "<base64url>"}}`, and
/// where a rotation stands. All of `keys` verify.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysFile {
    /// The id of the key that signs; it is one of `keys`.
    pub signing: String,
    /// The id of the key that is to sign next, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Secrets in base64url without padding, by id.
    pub keys: BTreeMap<String, String>,
    /// Since when a key has been what it is now; one that is missing here, for long.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub since: BTreeMap<String, Timestamp>,
}

impl KeysFile {
    /// One key, which signs, since anybody remembers.
    pub fn of(id: &str, secret: &Secret) -> Self {
        Self {
            signing: id.to_owned(),
            next: None,
            keys: BTreeMap::from([(id.to_owned(), secret.to_base64url())]),
            since: BTreeMap::new(),
        }
    }
}

impl fmt::Debug for KeysFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeysFile")
            .field("signing", &self.signing)
            .finish_non_exhaustive()
    }
}

/// One key that signs, and all that verify. Its `Debug` form shows no secret.
#[derive(Debug, Clone)]
pub struct Keys {
    kid: Kid,
    signing: EncodingKey,
    verifying: BTreeMap<Kid, DecodingKey>,
}

impl Keys {
    /// A key that signs and verifies.
    pub fn new(kid: Kid, secret: &Secret) -> Self {
        Self {
            signing: EncodingKey::from_secret(&secret.0),
            verifying: BTreeMap::from([(kid.clone(), DecodingKey::from_secret(&secret.0))]),
            kid,
        }
    }

    /// Adds a key that verifies only: the one before, or the next one. Fails with
    /// [`KeyError::Duplicate`] if the name is taken.
    pub fn with_verifying(mut self, kid: Kid, secret: &Secret) -> Result<Self, KeyError> {
        let key = DecodingKey::from_secret(&secret.0);
        match self.verifying.insert(kid.clone(), key) {
            None => Ok(self),
            Some(_) => Err(KeyError::Duplicate(kid)),
        }
    }

    /// The name of the key that signs.
    pub fn signing_kid(&self) -> &Kid {
        &self.kid
    }

    /// These keys, for good.
    pub fn fixed(self) -> Arc<dyn KeySource> {
        struct Fixed(Arc<Keys>);
        impl KeySource for Fixed {
            fn keys(&self) -> Arc<Keys> {
                Arc::clone(&self.0)
            }
        }
        Arc::new(Fixed(Arc::new(self)))
    }

    pub(super) fn signing_key(&self) -> &EncodingKey {
        &self.signing
    }

    pub(super) fn verifying_key(&self, kid: &str) -> Option<&DecodingKey> {
        self.verifying.get(kid)
    }
}

impl TryFrom<&KeysFile> for Keys {
    type Error = KeyError;

    fn try_from(file: &KeysFile) -> Result<Self, KeyError> {
        let kid = Kid::parse(&file.signing)?;
        let secret = file
            .keys
            .get(kid.as_str())
            .ok_or_else(|| KeyError::NoSigningKey(kid.clone()))?;
        let keys = Self::new(kid, &Secret::from_base64url(secret)?);
        file.keys
            .iter()
            .filter(|(name, _)| **name != file.signing)
            .try_fold(keys, |keys, (name, secret)| {
                keys.with_verifying(Kid::parse(name)?, &Secret::from_base64url(secret)?)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(signing: &str, keys: &[(&str, String)]) -> KeysFile {
        let keys = keys
            .iter()
            .map(|(kid, secret)| ((*kid).to_owned(), secret.clone()))
            .collect();
        KeysFile {
            signing: signing.to_owned(),
            next: None,
            keys,
            since: BTreeMap::new(),
        }
    }

    #[test]
    fn a_short_secret_a_strange_name_and_a_missing_key_are_refused() {
        let good = Secret::from_bytes([1; 32]).to_base64url();
        let short = URL_SAFE_NO_PAD.encode([1; 31]);
        let read = |signing: &str, kid: &str, secret: &str| {
            Keys::try_from(&file(signing, &[(kid, secret.to_owned())])).map(|_| ())
        };
        assert_eq!(read("k1", "k1", &good), Ok(()));
        assert_eq!(read("k1", "k1", &short), Err(KeyError::Secret));
        assert_eq!(read("k1", "k1", &format!("{good}=")), Err(KeyError::Secret));
        assert_eq!(read("config", "config", &good), Err(KeyError::Kid));
        assert_eq!(read("k/1", "k/1", &good), Err(KeyError::Kid));
        let missing = KeyError::NoSigningKey(Kid::parse("k2").unwrap());
        assert_eq!(read("k2", "k1", &good), Err(missing));
    }

    #[test]
    fn no_secret_is_shown() {
        let secret = Secret::from_bytes(*b"an-easily-recognised-secret-text");
        let keys = Keys::new(Kid::parse("k1").unwrap(), &secret);
        let file = file("k1", &[("k1", secret.to_base64url())]);
        for shown in [
            format!("{secret:?}"),
            format!("{keys:?}"),
            format!("{file:?}"),
        ] {
            assert!(
                !shown.contains("easily") && !shown.contains(&secret.to_base64url()),
                "{shown}"
            );
            assert!(!shown.contains("97, 110, 45"), "{shown}");
        }
    }
}
