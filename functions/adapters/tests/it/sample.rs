//! Values to store. Each call makes a fresh one, so that laws do not meet each other's rows.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tuition_catalog::{Courses, Currency, Money, OfferKind};
use tuition_domain::access::{AddressChange, Link, Profile, Session};
use tuition_domain::checkout::{
    Attempt, AttemptKey, Booked, Claim, LedgerEntry, LedgerKind, Letter, OpenedSession, Order,
    OrderChange, OrderStatus,
};
use tuition_domain::comments::{Comment, CommentId, LessonRef, Moderation};
use tuition_domain::email::Email;
use tuition_domain::identity::{LearnerId, OrderId, Secret};
use tuition_domain::mail::{Locale, Mail};
use tuition_domain::metrics::{Dropped, Event, EventBatch, EventKind, Utm, Who};
use tuition_domain::next::NextPath;
use tuition_domain::outbox::QueuedMail;
use tuition_domain::ports::{Erasure, Events, Learners};

pub(crate) fn now() -> Timestamp {
    "2026-05-04T10:00:00Z".parse().unwrap()
}

pub(crate) fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

pub(crate) fn learner() -> LearnerId {
    LearnerId::random(&tuition_adapters::OsEntropy)
}

pub(crate) fn secret() -> Secret {
    Secret::random(&tuition_adapters::OsEntropy)
}

/// `<words>-<random>@x.example`.
pub(crate) fn email(words: &str) -> Email {
    Email::parse(&format!("{words}-{}@x.example", learner())).unwrap()
}

pub(crate) fn order() -> Order {
    Order {
        id: OrderId::parse(&format!("cs_test_{}", learner())).unwrap(),
        offer: "rust".to_owned(),
        kind: OfferKind::Course,
        title: "Rust".to_owned(),
        courses: Courses::Listed(vec!["rust".to_owned()]),
        term: None,
        quantity: 1,
        price: money(4900),
        buyer: None,
        browser: secret().hash(),
        next: NextPath::parse("/courses/rust/traits/").unwrap(),
        locale: Locale::En,
        created_at: now(),
        status: OrderStatus::Open,
        paid_at: None,
        holder: None,
        email: None,
        coupon: None,
        total: None,
        booked: Booked::default(),
        renewal: None,
        receipted: false,
        erased: false,
        cause: "start".to_owned(),
        version: 1,
    }
}

pub(crate) fn money(amount: i64) -> Money {
    Money {
        amount,
        currency: Currency::USD,
    }
}

/// The change by which `order` becomes paid: entitlement, ledger entry and receipt with it.
pub(crate) fn paid(order: &Order, holder: &LearnerId, email: Option<&Email>) -> OrderChange {
    let next = Order {
        status: OrderStatus::Paid,
        paid_at: Some(now()),
        holder: Some(holder.clone()),
        email: email.cloned(),
        booked: booked(0),
        version: order.version + 1,
        ..order.clone()
    };
    OrderChange {
        entitlement: next.entitlement(),
        ledger: vec![entry(&next, LedgerKind::Gross, 4900)],
        mail: email.map(|to| QueuedMail::of(&next, Letter::Receipt, to.clone())),
        quarantine: None,
        claim: email.map(|email| Claim::Address(email.clone(), holder.clone())),
        order: next,
    }
}

/// The change by which a paid `order` becomes refunded.
pub(crate) fn refunded(order: &Order) -> OrderChange {
    let next = Order {
        status: OrderStatus::Refunded,
        booked: booked(4900),
        version: order.version + 1,
        ..order.clone()
    };
    OrderChange {
        entitlement: next.entitlement(),
        ledger: vec![entry(&next, LedgerKind::Refund, 4900)],
        mail: None,
        quarantine: None,
        claim: None,
        order: next,
    }
}

/// What a paid order has in the books.
fn booked(refund: i64) -> Booked {
    Booked {
        gross: 4900,
        refund,
        ..Booked::default()
    }
}

/// A learner who has proved this address.
pub(crate) async fn account(store: &impl Learners, email: &Email) -> LearnerId {
    let id = store.learner_of(email, &learner()).await.unwrap();
    let profile = Profile::new(id.clone(), email.clone(), Locale::En, now());
    let stored = store.ensure_profile(&profile).await.unwrap();
    assert_eq!(stored, Some(profile));
    id
}

fn entry(order: &Order, kind: LedgerKind, amount: i64) -> LedgerEntry {
    LedgerEntry {
        id: format!("{}/{}/{kind:?}", order.id, order.version),
        at: now() + SignedDuration::from_micros(i64::try_from(order.version).unwrap()),
        kind,
        order: order.id.clone(),
        offer: order.offer.clone(),
        learner: order.holder.clone().unwrap(),
        money: money(amount),
    }
}

pub(crate) fn mail(to: &Email) -> Mail {
    Mail {
        to: to.clone(),
        subject: "Your receipt: Rust 锈".to_owned(),
        text: format!("for {}", to.as_str()),
        html: "<p>thanks</p>".to_owned(),
        key: Some("cs_1/receipt".to_owned()),
        unsubscribe: None,
    }
}

pub(crate) fn attempt_key() -> AttemptKey {
    AttemptKey {
        browser: secret().hash(),
        key: secret().hash().as_str().to_owned(),
    }
}

pub(crate) fn attempt(fingerprint: &str) -> Attempt {
    Attempt {
        fingerprint: fingerprint.to_owned(),
        expires_at: later(86_400),
        opened: None,
    }
}

pub(crate) fn opened(order: &Order) -> OpenedSession {
    OpenedSession {
        id: order.id.clone(),
        url: "https://pay.example/1".to_owned(),
    }
}

pub(crate) fn session(owner: &LearnerId, created: i64) -> (Session, Secret) {
    let secret = secret();
    let session = Session {
        owner: owner.clone(),
        secret: secret.hash(),
        account: true,
        epoch: 0,
        orders: Vec::new(),
        created_at: later(created),
        used_at: later(created),
        expires_at: later(created + 3600),
    };
    (session, secret)
}

pub(crate) fn link(email: &Email) -> Link {
    Link {
        token: secret().hash(),
        email: email.clone(),
        browser: secret().hash(),
        code: secret().hash(),
        next: NextPath::home(),
        locale: Locale::En,
        expires_at: later(600),
    }
}

/// A change of address that waits, to `to`.
pub(crate) fn change(learner: &LearnerId, from: &Email, to: &Email) -> AddressChange {
    AddressChange {
        learner: learner.clone(),
        from: from.clone(),
        to: to.clone(),
        from_token: secret().hash(),
        to_token: secret().hash(),
        locale: Locale::En,
        next: NextPath::account(),
        asked_at: now(),
        expires_at: later(3600),
    }
}

/// An erasure without a last mail.
pub(crate) fn erasure(learner: &LearnerId) -> Erasure {
    Erasure {
        learner: learner.clone(),
        nobody: self::learner(),
        farewell: None,
        leased: later(120),
    }
}

pub(crate) fn lesson(name: &str) -> LessonRef {
    LessonRef::parse(&format!("rust/{name}")).unwrap()
}

pub(crate) fn comment(lesson: &LessonRef, author: &LearnerId, at: i64) -> Comment {
    Comment {
        id: CommentId::fresh(later(at), &tuition_adapters::OsEntropy),
        lesson: lesson.clone(),
        parent: None,
        author: author.clone(),
        author_name: "Name".to_owned(),
        by_author: false,
        by_owner: false,
        body: "why?".to_owned(),
        html: "<p>why?</p>".to_owned(),
        question: true,
        mistake: false,
        created_at: later(at),
        edited_at: None,
        deleted: false,
        moderation: Moderation::default(),
        revision: 0,
    }
}

/// All that came in on some days.
pub(crate) async fn events(store: &impl Events, from: Date, to: Date) -> Vec<Event> {
    let batches = batches(store, from, to).await;
    batches.into_iter().flat_map(|batch| batch.events).collect()
}

/// The same as it came in.
pub(crate) async fn batches(store: &impl Events, from: Date, to: Date) -> Vec<EventBatch> {
    let mut all = Vec::new();
    let mut take = |batch| all.push(batch);
    store.each_batch(from, to, &mut take).await.unwrap();
    all
}

/// What came in at a moment.
pub(crate) fn batch(events: &[Event], received: Timestamp) -> EventBatch {
    EventBatch {
        day: received.to_zoned(jiff::tz::TimeZone::UTC).date(),
        events: events.to_vec(),
        dropped: Dropped::default(),
    }
}

pub(crate) fn view(id: &str) -> Event {
    Event {
        id: id.to_owned(),
        at: now(),
        who: Who::Visitor("0123456789abcdef".to_owned()),
        kind: EventKind::PageView {
            path: "/courses/rust/".to_owned(),
            utm: Utm::default(),
            referrer: String::new(),
        },
    }
}
