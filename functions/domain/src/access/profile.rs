//! What a learner says of themselves, and how they change it. The address is no part of that: it
//! is proved, not said.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AccessPorts, Session};
use crate::comments::without_bidi_controls;
use crate::email::Email;
use crate::identity::LearnerId;
use crate::mail::Locale;
use crate::ports::{Unavailable, Written};

const MAX_NAME: usize = 80;
const MAX_BIO: usize = 2000;
const MAX_CONSENTS: usize = 20;
const MAX_CONSENT: usize = 40;

/// How often a profile that somebody else changes at the same time is read again.
const TURNS: usize = 5;

/// A learner who has proved their address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The learner.
    pub id: LearnerId,
    /// Their address; proved.
    pub email: Email,
    /// Shown beside comments; at most 80 characters, may be empty.
    pub name: String,
    /// At most 2,000 characters, may be empty.
    pub bio: String,
    /// Language of mails.
    pub locale: Locale,
    /// What they agreed to, each once.
    pub consents: Vec<Consent>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// Rises when all sessions end at once: those of an earlier one are over, whether their rows
    /// are gone or not.
    #[serde(default)]
    pub epoch: u32,
    /// Rises with each write: the condition of the next one.
    #[serde(default)]
    pub revision: u64,
}

/// Something a learner agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Consent {
    /// What it is, e.g. `newsletter`; at most 40 bytes.
    pub name: String,
    /// Since when.
    pub given_at: Timestamp,
}

impl Profile {
    /// The profile of a new account.
    pub fn new(id: LearnerId, email: Email, locale: Locale, now: Timestamp) -> Self {
        Self {
            id,
            email,
            name: String::new(),
            bio: String::new(),
            locale,
            consents: Vec::new(),
            created_at: now,
            epoch: 0,
            revision: 1,
        }
    }

    /// The form that may replace this one.
    pub(super) fn next(&self) -> Self {
        Self {
            revision: self.revision.saturating_add(1),
            ..self.clone()
        }
    }

    /// Whether a session of theirs is over, whatever its own row says.
    pub(super) fn ended(&self, session: &Session) -> bool {
        session.epoch != self.epoch
    }
}

/// What may be changed; members that are absent stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileChange {
    /// New name: one line of at most 80 characters.
    pub name: Option<String>,
    /// New bio: at most 2,000 characters.
    pub bio: Option<String>,
    /// New language.
    #[schema(value_type = Option<String>)]
    pub locale: Option<Locale>,
    /// The names of all that is agreed to from now on; what was agreed to before keeps its time.
    pub consents: Option<Vec<String>>,
}

impl ProfileChange {
    /// The profile after the change, made at `now`; `None` if a text is too long or holds control
    /// characters.
    pub fn apply(self, profile: &Profile, now: Timestamp) -> Option<Profile> {
        let mut changed = profile.next();
        if let Some(name) = self.name {
            // It stands in one line with what others wrote, and must not turn that around.
            changed.name = without_bidi_controls(name.trim());
        }
        if let Some(bio) = self.bio {
            changed.bio = bio.replace("\r\n", "\n");
        }
        changed.locale = self.locale.unwrap_or(changed.locale);
        if let Some(names) = self.consents {
            changed.consents = consents(&profile.consents, names, now)?;
        }
        let is_line = |text: &str| !text.chars().any(char::is_control);
        let fits = changed.name.chars().count() <= MAX_NAME
            && is_line(&changed.name)
            && changed.bio.chars().count() <= MAX_BIO
            && changed.bio.split(['\n', '\t']).all(is_line);
        fits.then_some(changed)
    }
}

fn consents(before: &[Consent], names: Vec<String>, now: Timestamp) -> Option<Vec<Consent>> {
    let mut given: Vec<Consent> = Vec::new();
    for name in names {
        let fits = (1..=MAX_CONSENT).contains(&name.len()) && !name.chars().any(char::is_control);
        if !fits || given.len() == MAX_CONSENTS {
            return None;
        }
        if given.iter().any(|consent| consent.name == name) {
            continue;
        }
        let earlier = before.iter().find(|consent| consent.name == name).cloned();
        given.push(earlier.unwrap_or(Consent {
            name,
            given_at: now,
        }));
    }
    Some(given)
}

/// Why a profile stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// A text is too long, or holds control characters.
    #[error("a text of the profile is too long or holds control characters")]
    Invalid,
    /// The account is gone.
    #[error("the account is gone")]
    Gone,
    /// A store is away.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Changes the profile of a learner, as it is stored now: two changes at once are both made.
pub async fn change_profile(
    ports: &AccessPorts,
    learner: &LearnerId,
    change: &ProfileChange,
) -> Result<Profile, ProfileError> {
    let learners = &ports.reader.learners;
    for _ in 0..TURNS {
        let stored = learners.profile(learner).await?.ok_or(ProfileError::Gone)?;
        let changed = change.clone().apply(&stored, ports.reader.clock.now());
        let changed = changed.ok_or(ProfileError::Invalid)?;
        if learners.save_profile(&changed).await? == Written::Yes {
            return Ok(changed);
        }
    }
    Err(Unavailable::new("a profile changes faster than it can be written").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> Profile {
        let email = Email::parse("a@x.example").unwrap();
        let id = LearnerId::parse(&"0".repeat(32)).unwrap();
        Profile::new(id, email, Locale::En, Timestamp::UNIX_EPOCH)
    }

    fn changed(change: ProfileChange) -> Option<Profile> {
        change.apply(&profile(), Timestamp::UNIX_EPOCH)
    }

    fn named(name: &str) -> Option<String> {
        let change = ProfileChange {
            name: Some(name.to_owned()),
            ..ProfileChange::default()
        };
        changed(change).map(|profile| profile.name)
    }

    #[test]
    fn a_name_is_one_short_line_that_turns_nothing_around() {
        assert_eq!(named(" 王小明 ").as_deref(), Some("王小明"));
        assert_eq!(named("a\u{202E}b").as_deref(), Some("ab"));
        assert_eq!(named("a\nb"), None);
        assert_eq!(named(&"x".repeat(81)), None);
    }

    #[test]
    fn a_bio_has_lines_and_no_other_controls() {
        let bio = |text: &str| {
            let change = ProfileChange {
                bio: Some(text.to_owned()),
                ..ProfileChange::default()
            };
            changed(change).map(|profile| profile.bio)
        };
        assert_eq!(bio("a\r\nb\tc").as_deref(), Some("a\nb\tc"));
        assert_eq!(bio("a\0b"), None);
        assert_eq!(bio(&"x".repeat(2001)), None);
    }

    #[test]
    fn a_consent_keeps_the_time_at_which_it_was_given() {
        let agree = |profile: &Profile, names: &[&str], second: i64| {
            let change = ProfileChange {
                consents: Some(names.iter().map(|name| (*name).to_owned()).collect()),
                ..ProfileChange::default()
            };
            change.apply(profile, Timestamp::from_second(second).unwrap())
        };
        let first = agree(&profile(), &["newsletter", "newsletter"], 1).unwrap();
        let both = agree(&first, &["newsletter", "survey"], 2).unwrap();
        let given: Vec<_> = both
            .consents
            .iter()
            .map(|consent| (consent.name.as_str(), consent.given_at.as_second()))
            .collect();
        assert_eq!(given, [("newsletter", 1), ("survey", 2)]);
        let anew = agree(&agree(&both, &[], 3).unwrap(), &["survey"], 4).unwrap();
        assert_eq!(anew.consents[0].given_at.as_second(), 4);
        assert_eq!(agree(&profile(), &[""], 1), None);
        assert_eq!(agree(&profile(), &["x\ny"], 1), None);
    }
}
