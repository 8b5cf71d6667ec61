//! A learner's own account: what it shows, changes and exports.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tuition_catalog::Courses;

use super::{AccessPorts, Reader};
use crate::checkout::OrderStatus;
use crate::comments::without_bidi_controls;
use crate::email::Email;
use crate::identity::{LearnerId, OrderId};
use crate::mail::Locale;
use crate::ports::{Unavailable, Written};

/// What a learner says of themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The learner.
    pub id: LearnerId,
    /// Their proven address, or the one they paid with.
    pub email: Email,
    /// Shown beside comments; at most 80 characters, may be empty.
    pub name: String,
    /// At most 2,000 characters, may be empty.
    pub bio: String,
    /// Language of mails.
    pub locale: Locale,
    /// What they agreed to, by name (`newsletter`).
    pub consents: Vec<String>,
    /// When the account was made.
    pub created_at: Timestamp,
}

impl Profile {
    /// The profile of a new account.
    pub fn new(id: LearnerId, email: Email, now: Timestamp) -> Self {
        Self {
            id,
            email,
            name: String::new(),
            bio: String::new(),
            locale: Locale::En,
            consents: Vec::new(),
            created_at: now,
        }
    }
}

/// What may be changed; members that are absent stay.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileChange {
    /// New name.
    pub name: Option<String>,
    /// New bio.
    pub bio: Option<String>,
    /// New language.
    pub locale: Option<Locale>,
    /// New set of consents.
    pub consents: Option<Vec<String>>,
}

impl ProfileChange {
    /// The profile after the change; `None` if a text is too long or holds control characters.
    pub fn apply(self, profile: &Profile) -> Option<Profile> {
        let mut changed = profile.clone();
        if let Some(name) = self.name {
            // It stands in one line with what others wrote, and must not turn that around.
            changed.name = without_bidi_controls(name.trim());
        }
        if let Some(bio) = self.bio {
            changed.bio = bio;
        }
        changed.locale = self.locale.unwrap_or(changed.locale);
        changed.consents = self.consents.unwrap_or(changed.consents);
        let fits = changed.name.chars().count() <= 80
            && !changed.name.chars().any(char::is_control)
            && changed.bio.chars().count() <= 2000
            && changed.consents.iter().all(|name| name.len() <= 40)
            && changed.consents.len() <= 20;
        fits.then_some(changed)
    }
}

/// The account as its learner sees it.
#[derive(Debug, Serialize)]
pub struct Me {
    /// Random id.
    pub id: LearnerId,
    /// Address.
    pub email: Email,
    /// Name.
    pub name: String,
    /// Bio.
    pub bio: String,
    /// Language.
    pub locale: Locale,
    /// `learner`, and `author` if the site lists the address.
    pub roles: Vec<&'static str>,
    /// Consents.
    pub consents: Vec<String>,
    /// What opens, and until when.
    pub entitlements: Vec<MeEntitlement>,
    /// Lessons read, newest first.
    pub progress: Vec<Progress>,
    /// Purchases, newest first.
    pub orders: Vec<MeOrder>,
}

/// One entitlement that holds now.
#[derive(Debug, Serialize)]
pub struct MeEntitlement {
    /// The offer.
    pub offer: String,
    /// Course ids or `"*"`.
    pub courses: Courses,
    /// Where it comes from.
    pub source: &'static str,
    /// Since when.
    pub starts_at: Timestamp,
    /// Until when; `null`: for good.
    pub ends_at: Option<Timestamp>,
}

/// How far a lesson was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Progress {
    /// Course id.
    pub course: String,
    /// Lesson id.
    pub lesson: String,
    /// Share of the lesson covered, 0–1.
    pub coverage: f64,
    /// When it was finished.
    pub finished_at: Option<Timestamp>,
}

/// One purchase.
#[derive(Debug, Serialize)]
pub struct MeOrder {
    /// Order id.
    pub id: OrderId,
    /// The offer.
    pub offer: String,
    /// State.
    pub status: OrderStatus,
    /// Minor units paid.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// When the checkout began.
    pub created_at: Timestamp,
}

/// Assembles what the account page shows. `reader` must have a profile: an order session has no
/// account to look at, and gets `None`.
pub async fn me(ports: &AccessPorts, reader: &Reader) -> Result<Option<Me>, Unavailable> {
    let Some(profile) = &reader.profile else {
        return Ok(None);
    };
    let now = ports.reader.clock.now();
    let held = ports.reader.learners.entitlements(&profile.id).await?;
    let mut orders = Vec::new();
    for entitlement in &held {
        if let Some(order) = ports.reader.orders.order(&entitlement.order).await? {
            orders.push(MeOrder {
                id: order.id,
                offer: order.offer,
                status: order.status,
                amount: order.price.amount,
                currency: order.price.currency.to_string(),
                created_at: order.created_at,
            });
        }
    }
    orders.sort_by(|a, b| {
        b.created_at
            .cmp(&a.created_at)
            .then_with(|| a.id.cmp(&b.id))
    });
    let entitlements = held
        .into_iter()
        .filter(|e| e.holds(now))
        .map(|e| MeEntitlement {
            offer: e.offer,
            courses: e.courses,
            source: "order",
            starts_at: e.starts_at,
            ends_at: e.ends_at,
        })
        .collect();
    let roles = if reader.is_author {
        vec!["learner", "author"]
    } else {
        vec!["learner"]
    };
    Ok(Some(Me {
        id: profile.id.clone(),
        email: profile.email.clone(),
        name: profile.name.clone(),
        bio: profile.bio.clone(),
        locale: profile.locale,
        roles,
        consents: profile.consents.clone(),
        entitlements,
        progress: progress(ports, &profile.id).await?,
        orders,
    }))
}

/// Everything stored about a learner, for them to take along.
#[derive(Debug, Serialize)]
pub struct Export {
    /// The account.
    pub account: Me,
    /// Their comments, as written.
    pub comments: Vec<ExportedComment>,
    /// Their signed-in browsers.
    pub sessions: Vec<ExportedSession>,
}

/// One comment in an export.
#[derive(Debug, Serialize)]
pub struct ExportedComment {
    /// `<course id>/<lesson id>`.
    pub lesson: String,
    /// Markdown.
    pub body: String,
    /// When.
    pub created_at: Timestamp,
}

/// One signed-in browser in an export.
#[derive(Debug, Serialize)]
pub struct ExportedSession {
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Exports an account; `None` for an order session.
pub async fn export_account(
    ports: &AccessPorts,
    reader: &Reader,
) -> Result<Option<Export>, Unavailable> {
    let Some(account) = me(ports, reader).await? else {
        return Ok(None);
    };
    let comments = ports.comments.comments_by(reader.id()).await?;
    let sessions = ports.reader.sessions.sessions(reader.id()).await?;
    Ok(Some(Export {
        account,
        comments: comments
            .into_iter()
            .map(|c| ExportedComment {
                lesson: c.lesson.to_string(),
                body: c.body,
                created_at: c.created_at,
            })
            .collect(),
        sessions: sessions
            .into_iter()
            .map(|s| ExportedSession {
                created_at: s.created_at,
                expires_at: s.expires_at,
            })
            .collect(),
    }))
}

/// Erases a learner: their comments become *deleted*, every record that identifies them goes,
/// ledger and events keep their totals under an id that leads nowhere. The same goes for what was
/// done in browsers that paid for the learner without being signed in.
pub async fn erase_account(ports: &AccessPorts, reader: &Reader) -> Result<(), Unavailable> {
    let nobody = LearnerId::random(ports.entropy.as_ref());
    let held = ports.reader.learners.entitlements(reader.id()).await?;
    // The learner comes last: until then, cut off anywhere, their orders lead to the guests.
    for entitlement in held {
        let guest = LearnerId::of_guest(&entitlement.order);
        erase_one(ports, &guest, &nobody).await?;
    }
    erase_one(ports, reader.id(), &nobody).await
}

async fn erase_one(
    ports: &AccessPorts,
    id: &LearnerId,
    nobody: &LearnerId,
) -> Result<(), Unavailable> {
    for comment in ports.comments.comments_by(id).await? {
        ports.comments.save_comment(&comment.erased(nobody)).await?;
    }
    ports.reader.learners.erase(id, nobody).await
}

/// Changes the profile; `Conflict` when the account is gone.
pub async fn change_profile(
    ports: &AccessPorts,
    profile: &Profile,
) -> Result<Written, Unavailable> {
    ports.reader.learners.save_profile(profile).await
}

async fn progress(ports: &AccessPorts, learner: &LearnerId) -> Result<Vec<Progress>, Unavailable> {
    let catalog = ports.reader.catalog.catalog();
    let mut read = ports.progress.coverage_of(learner).await?;
    read.sort_by(|a, b| {
        b.updated_at
            .cmp(&a.updated_at)
            .then_with(|| a.lesson.cmp(&b.lesson))
    });
    Ok(read
        .into_iter()
        .filter_map(|covered| {
            let (course, lesson) = catalog.lesson(&covered.lesson)?;
            Some(Progress {
                course: course.id.clone(),
                lesson: lesson.id.clone(),
                coverage: covered.share(lesson.seconds),
                finished_at: covered.finished_at,
            })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Option<String> {
        let email = Email::parse("a@x.example").unwrap();
        let id = LearnerId::parse(&"0".repeat(32)).unwrap();
        let profile = Profile::new(id, email, Timestamp::UNIX_EPOCH);
        let change = ProfileChange {
            name: Some(name.to_owned()),
            ..ProfileChange::default()
        };
        change.apply(&profile).map(|profile| profile.name)
    }

    #[test]
    fn a_name_is_one_short_line_that_turns_nothing_around() {
        assert_eq!(named(" 王小明 ").as_deref(), Some("王小明"));
        assert_eq!(named("a\u{202E}b").as_deref(), Some("ab"));
        assert_eq!(named("a\nb"), None);
        assert_eq!(named(&"x".repeat(81)), None);
    }
}
