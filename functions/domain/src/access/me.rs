//! An account as its learner sees it: profile, what opens, how far they read, what they bought.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tuition_catalog::{Catalog, Courses, Money};
use utoipa::ToSchema;

use super::progress::{Progress, progress};
use super::{AccessPorts, Account, Consent, Entitlement};
use crate::checkout::{Order, OrderStatus};
use crate::email::Email;
use crate::identity::{LearnerId, OrderId};
use crate::mail::Locale;
use crate::ports::Unavailable;
use crate::shape::{CoursesShape, MoneyShape};

/// The account as its learner sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// Random id.
    #[schema(value_type = String)]
    pub id: LearnerId,
    /// Address.
    #[schema(value_type = String)]
    pub email: Email,
    /// Name.
    pub name: String,
    /// Bio.
    pub bio: String,
    /// Language.
    #[schema(value_type = String)]
    pub locale: Locale,
    /// `learner`, and `author` if the site lists the address.
    pub roles: Vec<Role>,
    /// Consents, each with its time.
    pub consents: Vec<Consent>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// What opens, and until when.
    pub entitlements: Vec<MeEntitlement>,
    /// Lessons read, newest first.
    pub progress: Vec<Progress>,
    /// Courses of which every lesson is finished, newest first.
    pub completed: Vec<Completed>,
    /// Purchases, newest first: what was paid once, or is being paid.
    pub orders: Vec<MeOrder>,
}

/// What somebody is to the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Has an account.
    Learner,
    /// Is listed by address in the site's configuration.
    Author,
}

/// One entitlement that holds now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = OwnEntitlement)]
pub struct MeEntitlement {
    /// The offer.
    pub offer: String,
    /// Course ids or `"*"`.
    #[schema(value_type = CoursesShape)]
    pub courses: Courses,
    /// Where it comes from.
    pub source: Source,
    /// The order that it follows from.
    #[schema(value_type = String)]
    pub order: OrderId,
    /// Since when.
    pub starts_at: Timestamp,
    /// Until when; `null`: for good.
    #[schema(required)]
    pub ends_at: Option<Timestamp>,
}

/// Where an entitlement comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = EntitlementSource)]
pub enum Source {
    /// It was bought.
    Order,
}

/// A course that was read to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = CompletedCourse)]
pub struct Completed {
    /// Course id.
    pub course: String,
    /// When the last of its lessons was finished.
    pub finished_at: Timestamp,
}

/// One purchase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = OwnOrder)]
pub struct MeOrder {
    /// Order id.
    #[schema(value_type = String)]
    pub id: OrderId,
    /// The offer.
    pub offer: String,
    /// Its title when it was bought.
    pub title: String,
    /// State.
    pub status: OrderStatus,
    /// What was asked for at the payment page; of a subscription, for the first term.
    #[serde(flatten)]
    #[schema(value_type = MoneyShape)]
    pub money: Money,
    /// When the checkout began.
    pub created_at: Timestamp,
    /// When it was paid.
    #[schema(required)]
    pub paid_at: Option<Timestamp>,
}

/// Assembles what the account page shows.
pub async fn me(ports: &AccessPorts, account: &Account) -> Result<Me, Unavailable> {
    let profile = &account.profile;
    let now = ports.reader.clock.now();
    let held = ports.reader.learners.entitlements(&profile.id).await?;
    let orders = ports.reader.orders.orders_of(&profile.id).await?;
    let covered = ports.progress.coverage_of(&profile.id).await?;
    let progress = progress(&ports.reader.catalog.catalog(), covered);
    let mut roles = vec![Role::Learner];
    roles.extend(account.is_author.then_some(Role::Author));
    Ok(Me {
        id: profile.id.clone(),
        email: profile.email.clone(),
        name: profile.name.clone(),
        bio: profile.bio.clone(),
        locale: profile.locale,
        roles,
        consents: profile.consents.clone(),
        created_at: profile.created_at,
        entitlements: held
            .into_iter()
            .filter(|right| right.holds(now))
            .map(MeEntitlement::from)
            .collect(),
        completed: completed(&ports.reader.catalog.catalog(), &progress),
        progress,
        orders: purchases(orders),
    })
}

impl From<Entitlement> for MeEntitlement {
    fn from(right: Entitlement) -> Self {
        Self {
            offer: right.offer,
            courses: right.courses,
            source: Source::Order,
            order: right.order,
            starts_at: right.starts_at,
            ends_at: right.ends_at,
        }
    }
}

/// A payment page that was left is no purchase.
fn purchases(mut orders: Vec<Order>) -> Vec<MeOrder> {
    orders.retain(|order| !matches!(order.status, OrderStatus::Open | OrderStatus::Expired));
    orders.sort_by(|a, b| {
        let newest = b.created_at.cmp(&a.created_at);
        newest.then_with(|| a.id.cmp(&b.id))
    });
    let purchase = |order: Order| MeOrder {
        money: order.total.unwrap_or(order.price),
        id: order.id,
        offer: order.offer,
        title: order.title,
        status: order.status,
        created_at: order.created_at,
        paid_at: order.paid_at,
    };
    orders.into_iter().map(purchase).collect()
}

fn completed(catalog: &Catalog, progress: &[Progress]) -> Vec<Completed> {
    let finished = |course: &str, lesson: &str| {
        let read = |p: &&Progress| p.course == course && p.lesson == lesson;
        progress.iter().find(read)?.finished_at
    };
    let mut all: Vec<Completed> = catalog
        .courses
        .iter()
        .filter_map(|course| {
            let times: Option<Vec<Timestamp>> = course
                .lessons
                .iter()
                .map(|lesson| finished(&course.id, &lesson.id))
                .collect();
            Some(Completed {
                course: course.id.clone(),
                finished_at: times?.into_iter().max()?,
            })
        })
        .collect();
    all.sort_by_key(|done| std::cmp::Reverse(done.finished_at));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const CATALOG: &[u8] = include_bytes!("../../../../generator/catalog/samples/v1.json");

    #[test]
    fn a_course_is_completed_when_its_last_lesson_is() {
        let mut catalog = Catalog::from_json(CATALOG).unwrap();
        let lessons = &mut catalog.courses[0].lessons;
        let second = lessons[0].clone();
        lessons.push(second);
        lessons.last_mut().unwrap().id = "another".to_owned();
        let course = &catalog.courses[0];
        let read = |n: usize, finished: bool| Progress {
            course: course.id.clone(),
            lesson: course.lessons[n].id.clone(),
            coverage: 0.95,
            finished_at: finished
                .then(|| Timestamp::from_second(i64::try_from(n).unwrap()).unwrap()),
            marked_at: None,
            heading: None,
            seen_at: None,
        };
        let all = |last: bool| -> Vec<Progress> {
            let end = course.lessons.len() - 1;
            (0..=end).map(|n| read(n, n < end || last)).collect()
        };
        assert_eq!(completed(&catalog, &all(false)), []);
        assert_eq!(completed(&catalog, &all(true)[1..]), []);
        let end = i64::try_from(course.lessons.len() - 1).unwrap();
        let done = completed(&catalog, &all(true));
        assert_eq!(done.len(), 1);
        assert_eq!(done[0].finished_at.as_second(), end);
    }
}
