//! E-mail addresses in one canonical form, so that one person is one learner.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

/// An address in canonical form: NFC, lower case, the domain in ASCII (IDNA). Plus tags stay:
/// `a+x@…` and `a@…` are two learners.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

/// The text is no address that mail could be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct NotAnEmail;

impl Email {
    /// Parses what somebody typed. Control characters, spaces, quotes and lists are refused, so
    /// that no address can add a mail header or a second recipient.
    pub fn parse(text: &str) -> Result<Self, NotAnEmail> {
        let text: String = text.trim_matches(' ').nfc().collect();
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnEmail)?;
        if local.is_empty() || local.len() > 64 || !local.chars().all(is_local) {
            return Err(NotAnEmail);
        }
        if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(NotAnEmail);
        }
        let url::Host::Domain(domain) = url::Host::parse(domain).map_err(|_| NotAnEmail)? else {
            return Err(NotAnEmail);
        };
        let labels_hold = domain.contains('.')
            && domain.split('.').all(|label| {
                (1..=63).contains(&label.len())
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            });
        let address = format!("{}@{domain}", local.to_lowercase());
        if !labels_hold || address.len() > 254 {
            return Err(NotAnEmail);
        }
        Ok(Self(address))
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// SHA-256 in hex: how a store finds the learner without keeping the address in a key.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.0.as_bytes()))
    }
}

/// RFC 5321 dot-atom characters, and letters of any script (RFC 6531).
fn is_local(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c)
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_one_learner() {
        let same = |a: &str, b: &str| assert_eq!(Email::parse(a), Email::parse(b));
        same("A@X.Example", "a@x.example");
        same(" a@x.example ", "a@x.example");
        same("a@bücher.example", "a@xn--bcher-kva.example");
        same("e\u{301}@x.example", "\u{e9}@x.example");
        assert_ne!(Email::parse("a+b@x.example"), Email::parse("a@x.example"));
    }

    #[test]
    fn what_could_inject_a_header_or_a_recipient_is_no_address() {
        for bad in [
            "",
            "not-an-address",
            "@x.example",
            "a@",
            "a@b",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a b@x.example",
            "a@x.example\r\nBcc: b@x.example",
            "a\n@x.example",
            "a@x.example,b@x.example",
            "\"a\"@x.example",
            "<a@x.example>",
            "a@x..example",
            "a..b@x.example",
            "a@x.example/",
            "a@-x.example",
        ] {
            assert_eq!(Email::parse(bad), Err(NotAnEmail), "{bad:?}");
        }
    }
}
