//! From a reader to what their browser is given: an access token and a readable hint.

use jiff::Timestamp;
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
    /// open, each after a dot, percent-encoded. It changes when what opens changes.
    pub hint: String,
}

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
    Grant {
        token: token::mint(&tokens.keys, &claims),
        hint,
    }
}
