//! From a reader to what their browser is given: an access token and a readable hint.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tuition_catalog::Catalog;

use super::{Reader, Tokens};
use crate::next::NextPath;
use crate::token;

/// What a browser gets for its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The signed access token, for the gate.
    pub token: String,
    /// Readable by scripts, no secret: `a` (account) or `o` (order session), then the slugs that
    /// open, each after a dot, percent-encoded; one SHA-256 in their place where they are too
    /// many for a cookie. It changes when what opens changes.
    pub hint: String,
}

/// The most bytes of a hint. A browser drops a cookie over 4,096 bytes, and without the hint
/// nothing is renewed.
const MAX_HINT: usize = 2048;

/// Mints what `reader` may open. Of more courses than a token holds the one that `next` lies
/// in comes first.
pub fn grant(
    tokens: &Tokens,
    catalog: &Catalog,
    reader: &Reader,
    next: &NextPath,
    now: Timestamp,
) -> Grant {
    let wanted = token::course_slug_of(next.as_str());
    let mut slugs: Vec<&str> = catalog
        .courses
        .iter()
        .filter(|course| reader.opens(&course.id))
        .map(|course| course.slug.as_str())
        .collect();
    slugs.sort_by_key(|slug| Some(*slug) != wanted.as_deref());
    slugs.truncate(token::MAX_COURSES);
    let courses: Vec<String> = slugs.iter().map(|slug| (*slug).to_owned()).collect();
    let claims = token::Claims::new(&tokens.origin, reader.id().as_str(), courses, now);
    let mut hint = String::from(if reader.session.account { "a" } else { "o" });
    for slug in slugs {
        hint.push('.');
        hint.extend(
            percent_encoding::utf8_percent_encode(slug, percent_encoding::NON_ALPHANUMERIC)
                .map(|s| s.replace("%2D", "-")),
        );
    }
    if hint.len() > MAX_HINT {
        let digest = hex::encode(Sha256::digest(&hint));
        hint.truncate(1);
        hint.push('.');
        hint.push_str(&digest);
    }
    Grant {
        token: token::mint(&tokens.keys, &claims),
        hint,
    }
}

#[cfg(test)]
mod tests {
    use tuition_catalog::{Catalog, Course};

    use super::*;
    use crate::access::Session;
    use crate::identity::{LearnerId, Secret};
    use crate::token::{Keys, Kid};

    const CATALOG: &[u8] = include_bytes!("../../../../generator/catalog/samples/v1.json");

    /// What a browser gets to which courses with these slugs open.
    fn granted(slugs: &[String]) -> Grant {
        let mut catalog = Catalog::from_json(CATALOG).unwrap();
        catalog.courses = slugs
            .iter()
            .map(|slug| Course {
                id: slug.clone(),
                slug: slug.clone(),
                title: String::new(),
                priced: true,
                lessons: Vec::new(),
            })
            .collect();
        let secret = Secret::from_bytes([1; 32]);
        let reader = Reader {
            session: Session {
                owner: LearnerId::parse(&"0".repeat(32)).unwrap(),
                secret: secret.hash(),
                account: true,
                orders: Vec::new(),
                created_at: Timestamp::UNIX_EPOCH,
                expires_at: Timestamp::MAX,
            },
            profile: None,
            is_author: false,
            courses: slugs.to_vec(),
        };
        let key = crate::token::Secret::from_bytes([7; 32]);
        let tokens = Tokens {
            keys: Keys::new(Kid::parse("k1").unwrap(), &key).into(),
            origin: "https://x.example".to_owned(),
        };
        let now = Timestamp::UNIX_EPOCH;
        grant(&tokens, &catalog, &reader, &NextPath::home(), now)
    }

    #[test]
    fn a_hint_names_what_opens() {
        let slugs = ["rust", "go-web"].map(str::to_owned);
        assert_eq!(granted(&slugs).hint, "a.rust.go-web");
    }

    #[test]
    fn a_hint_fits_a_cookie_and_still_tells_two_sets_apart() {
        let slugs: Vec<String> = (10..70)
            .map(|n| format!("\u{8bfe}\u{7a0b}-{n}").repeat(2))
            .collect();
        let (all, fewer) = (granted(&slugs).hint, granted(&slugs[1..]).hint);
        assert!(all.len() <= MAX_HINT && all.starts_with("a."), "{all}");
        assert!(all.bytes().all(|b| b.is_ascii_graphic() && b != b';'));
        assert_ne!(all, fewer);
    }
}
