//! From a reader to what their browser is given: an access token and a readable hint.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tuition_catalog::Catalog;

use super::{Reader, ReaderPorts, Tokens};
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

/// Mints what `reader` may open; for an author with the drafts of what has any. Of more courses
/// than a token holds come first the one that `next` lies in, then those of the token that the
/// browser `held`, expired or not: they were used last.
pub fn grant(
    tokens: &Tokens,
    ports: &ReaderPorts,
    reader: &Reader,
    next: &NextPath,
    held: Option<&str>,
) -> Grant {
    let catalog = ports.catalog.catalog();
    minted(tokens, &catalog, reader, next, held, ports.clock.now())
}

fn minted(
    tokens: &Tokens,
    catalog: &Catalog,
    reader: &Reader,
    next: &NextPath,
    held: Option<&str>,
    now: Timestamp,
) -> Grant {
    let mut slugs = openings(catalog, reader);
    let wanted = wanted(tokens, next, held);
    let rank = |slug: &str| wanted.iter().position(|other| other == slug);
    slugs.sort_by_key(|slug| rank(slug).unwrap_or(usize::MAX));
    slugs.truncate(token::MAX_COURSES);
    let has_drafts = |slug: &&str| reader.is_author && catalog.drafts.iter().any(|d| d == slug);
    let (drafts, courses): (Vec<&str>, Vec<&str>) = slugs.iter().partition(|slug| has_drafts(slug));
    let owned = |slugs: Vec<&str>| slugs.into_iter().map(str::to_owned).collect();
    let mut claims = token::Claims::new(&tokens.origin, reader.id().as_str(), owned(courses), now)
        .with_drafts(owned(drafts));
    if reader.is_author {
        claims = claims.with_role(token::Role::Author);
    }
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
        token: token::mint(&tokens.keys.keys(), &claims),
        hint,
    }
}

/// Slugs of all that opens, in the catalog's order.
fn openings<'a>(catalog: &'a Catalog, reader: &Reader) -> Vec<&'a str> {
    let courses = catalog.courses.iter();
    let mut slugs: Vec<&str> = courses
        .filter(|course| reader.opens(&course.id))
        .map(|course| course.slug.as_str())
        .collect();
    if reader.is_author {
        let drafts = catalog.drafts.iter().map(String::as_str);
        let others: Vec<&str> = drafts.filter(|slug| !slugs.contains(slug)).collect();
        slugs.extend(others);
    }
    slugs
}

/// Slugs of courses by how much they are wanted: that of `next`, then as the held token has them.
fn wanted(tokens: &Tokens, next: &NextPath, held: Option<&str>) -> Vec<String> {
    let origin = &tokens.origin;
    let held =
        held.and_then(|held| token::authentic(&tokens.keys.keys(), origin, origin, held).ok());
    let held = held
        .iter()
        .flat_map(|claims| claims.drafts().iter().chain(claims.courses()));
    let next = token::course_slug_of(next.as_str());
    next.into_iter().chain(held.cloned()).collect()
}

#[cfg(test)]
mod tests {
    use tuition_catalog::{Catalog, Course};

    use super::*;
    use crate::access::Session;
    use crate::gate;
    use crate::identity::{LearnerId, Secret};
    use crate::token::{Keys, Kid};

    const CATALOG: &[u8] = include_bytes!("../../../../generator/catalog/samples/v1.json");

    fn catalog(slugs: &[String], drafts: &[&str]) -> Catalog {
        let mut catalog = Catalog::from_json(CATALOG).unwrap();
        let course = |slug: &String| Course {
            id: slug.clone(),
            slug: slug.clone(),
            title: String::new(),
            priced: true,
            lessons: Vec::new(),
        };
        catalog.courses = slugs.iter().map(course).collect();
        catalog.drafts = drafts.iter().map(|slug| (*slug).to_owned()).collect();
        catalog
    }

    fn reader(slugs: &[String], is_author: bool) -> Reader {
        Reader {
            session: Session {
                owner: LearnerId::parse(&"0".repeat(32)).unwrap(),
                secret: Secret::from_bytes([1; 32]).hash(),
                account: true,
                epoch: 0,
                orders: Vec::new(),
                created_at: Timestamp::UNIX_EPOCH,
                used_at: Timestamp::UNIX_EPOCH,
                expires_at: Timestamp::MAX,
            },
            profile: None,
            is_author,
            courses: slugs.to_vec(),
        }
    }

    fn tokens() -> Tokens {
        let key = crate::token::Secret::from_bytes([7; 32]);
        Tokens {
            keys: Keys::new(Kid::parse("k1").unwrap(), &key).fixed(),
            origin: "https://x.example".to_owned(),
        }
    }

    fn claims(granted: &Grant) -> token::Claims {
        let Tokens { keys, origin } = tokens();
        token::authentic(&keys.keys(), &origin, &origin, &granted.token).unwrap()
    }

    /// What a browser gets to which courses with these slugs open.
    fn granted(slugs: &[String]) -> Grant {
        let (catalog, reader) = (catalog(slugs, &[]), reader(slugs, false));
        let now = Timestamp::UNIX_EPOCH;
        minted(&tokens(), &catalog, &reader, &NextPath::home(), None, now)
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

    #[test]
    fn of_too_many_courses_the_next_and_the_last_used_are_minted() {
        let slugs: Vec<String> = (0..100).map(|n| format!("course-{n:02}")).collect();
        let (catalog, reader) = (catalog(&slugs, &[]), reader(&slugs, false));
        let mut held: Option<String> = None;
        let now = Timestamp::UNIX_EPOCH;
        for used in [97, 98, 99, 98] {
            let next = NextPath::parse(&format!("/courses/course-{used}/a/")).unwrap();
            let granted = minted(&tokens(), &catalog, &reader, &next, held.as_deref(), now);
            held = Some(granted.token);
        }
        let home = NextPath::home();
        let granted = minted(&tokens(), &catalog, &reader, &home, held.as_deref(), now);
        let claims = claims(&granted);
        assert_eq!(claims.courses().len(), 60);
        let first: Vec<&str> = claims
            .courses()
            .iter()
            .take(4)
            .map(String::as_str)
            .collect();
        assert_eq!(first, ["course-98", "course-99", "course-97", "course-00"]);
        assert!(!claims.covers("course-60"));
    }

    #[test]
    fn a_held_token_of_nobodys_making_and_what_is_no_longer_bought_count_for_nothing() {
        let slugs = ["rust", "go"].map(str::to_owned);
        let now = Timestamp::UNIX_EPOCH;
        let home = NextPath::home();
        let all = minted(
            &tokens(),
            &catalog(&slugs, &[]),
            &reader(&slugs, false),
            &home,
            None,
            now,
        );
        let left = reader(&slugs[1..], false);
        for held in [all.token.as_str(), "a.b.c"] {
            let granted = minted(
                &tokens(),
                &catalog(&slugs, &[]),
                &left,
                &home,
                Some(held),
                now,
            );
            assert_eq!(claims(&granted).courses(), ["go"]);
        }
    }

    #[test]
    fn drafts_open_for_authors_alone() {
        let slugs = ["rust", "go"].map(str::to_owned);
        let catalog = catalog(&slugs, &["go", "manual", "wasm"]);
        let now = Timestamp::UNIX_EPOCH;
        let home = NextPath::home();
        let author = minted(&tokens(), &catalog, &reader(&slugs, true), &home, None, now);
        assert_eq!(claims(&author).courses(), ["rust"]);
        assert_eq!(claims(&author).drafts(), ["go", "manual", "wasm"]);
        assert_eq!(author.hint, "a.rust.go.manual.wasm");
        let learner = minted(
            &tokens(),
            &catalog,
            &reader(&slugs, false),
            &home,
            None,
            now,
        );
        assert_eq!(claims(&learner).courses(), slugs);
        assert!(claims(&learner).drafts().is_empty());
    }

    proptest::proptest! {
        /// Whoever keeps every token that they ever got has nothing left of a course fifteen
        /// minutes after it was taken from them; the other one stays open.
        #[test]
        fn what_is_taken_away_is_closed_when_a_tokens_life_has_passed(
            steps in proptest::collection::vec(0_i64..400, 1..40),
            taken in 0_usize..40,
        ) {
            let slugs = ["rust", "go"].map(str::to_owned);
            let catalog = catalog(&slugs, &[]);
            let (tokens, home) = (tokens(), NextPath::home());
            let mut kept: Vec<String> = Vec::new();
            let (mut now, mut taken_at) = (1_000_000, None);
            for (step, seconds) in steps.into_iter().enumerate() {
                now += seconds;
                if step >= taken {
                    taken_at.get_or_insert(now);
                }
                let owned = if taken_at.is_some() { &slugs[1..] } else { &slugs[..] };
                let (reader, at) = (reader(owned, false), Timestamp::from_second(now).unwrap());
                let held = kept.last().map(String::as_str);
                kept.push(minted(&tokens, &catalog, &reader, &home, held, at).token);
            }
            let opens = |slug: &str| kept.iter().any(|token| {
                let cookie = (gate::ACCESS_COOKIE.to_owned(), token.clone());
                let request = gate::Request {
                    method: "GET",
                    path: &format!("/courses/{slug}/a/"),
                    query: None,
                    cookies: &gate::Cookies::from_iter([cookie]),
                };
                let Tokens { keys, origin } = &tokens;
                let site = gate::Site { keys: &keys.keys(), iss: origin, aud: origin };
                let decision = gate::decide(&request, &site, Timestamp::from_second(now).unwrap());
                matches!(decision, gate::Decision::Members { .. })
            });
            let since = taken_at.map(|taken| now - taken);
            proptest::prop_assert!(opens("go"));
            proptest::prop_assert!(since.is_none_or(|since| since < token::TOKEN_LIFE) || !opens("rust"));
            proptest::prop_assert!(since.is_some() || opens("rust"));
        }
    }
}
