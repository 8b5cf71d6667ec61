//! The projection as a function: every state of the provider, and any path between them.

use proptest::prelude::*;
use tuition_catalog::{Courses, Currency, Money, OfferKind, Term};

use super::*;
use crate::checkout::{GRACE, LedgerKind};
use crate::identity::{OrderId, SecretHash};
use crate::mail::Locale;
use crate::next::NextPath;
use crate::outbox::About;

const NOW: &str = "2026-06-01T12:00:00Z";
const CATALOG: &[u8] = include_bytes!("../../../../../generator/catalog/samples/v1.json");

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn usd(amount: i64) -> Money {
    Money {
        amount,
        currency: Currency::USD,
    }
}

fn order() -> Order {
    Order {
        id: OrderId::parse("cs_test_1").unwrap(),
        offer: "rust".to_owned(),
        kind: OfferKind::Course,
        title: "Rust".to_owned(),
        courses: Courses::Listed(vec!["rust".to_owned()]),
        term: None,
        quantity: 1,
        price: usd(4900),
        coupon: None,
        buyer: None,
        browser: SecretHash::parse(&"0".repeat(64)).unwrap(),
        next: NextPath::home(),
        locale: Locale::En,
        created_at: now(),
        status: OrderStatus::Open,
        paid_at: None,
        holder: None,
        email: None,
        total: None,
        booked: Booked::default(),
        renewal: None,
        receipted: false,
        erased: false,
        cause: "start".to_owned(),
        version: 1,
    }
}

/// A subscription to everything, at $9 a month.
fn subscription_order() -> Order {
    Order {
        offer: "all-access".to_owned(),
        kind: OfferKind::Subscription,
        courses: Courses::All,
        term: Some(Term::Month),
        price: usd(900),
        ..order()
    }
}

fn payment(captured: i64) -> Payment {
    Payment {
        id: "pi_1".to_owned(),
        may_succeed: true,
        captured,
        discount: 0,
        tax: 0,
        refunded: 0,
        disputed: 0,
        dispute: None,
        fee: None,
    }
}

fn session(
    state: SessionState,
    payment_state: PaymentState,
    payment: Option<Payment>,
) -> PaymentSession {
    PaymentSession {
        id: order().id,
        state,
        payment_state,
        subtotal: Some(order().price),
        total: Some(order().price),
        discount: 0,
        offer: Some("rust".to_owned()),
        reference: Some("0".repeat(64)),
        live: false,
        email: Some("buyer@example.org".to_owned()),
        payments: payment.into_iter().collect(),
        subscription: None,
    }
}

fn paid(refunded: i64, dispute: Option<DisputeState>) -> PaymentSession {
    let payment = Payment {
        refunded,
        dispute,
        ..payment(4900)
    };
    session(SessionState::Complete, PaymentState::Paid, Some(payment))
}

fn unpaid(state: SessionState, may_succeed: bool) -> PaymentSession {
    let payment = Payment {
        may_succeed,
        ..payment(0)
    };
    session(state, PaymentState::Unpaid, Some(payment))
}

/// A subscription whose term ends in thirty days.
fn subscribed(state: SubscriptionState) -> PaymentSession {
    PaymentSession {
        offer: Some("all-access".to_owned()),
        subtotal: Some(usd(900)),
        total: Some(usd(900)),
        payments: vec![payment(900)],
        subscription: Some(Subscription {
            id: "sub_1".to_owned(),
            state,
            period_end: end_of_term(),
            ends_then: false,
            ended_at: None,
            offer: Some("all-access".to_owned()),
            price: Some(usd(900)),
        }),
        ..paid(0, None)
    }
}

fn end_of_term() -> Timestamp {
    "2026-07-01T12:00:00Z".parse().unwrap()
}

fn catalog() -> Catalog {
    let mut catalog = Catalog::from_json(CATALOG).unwrap();
    for offer in &mut catalog.offers {
        if offer.id == "all-access" {
            offer.kind = OfferKind::Subscription;
        }
    }
    catalog
}

fn learner() -> Option<LearnerId> {
    LearnerId::parse(&"a".repeat(32))
}

fn step(order: &Order, session: &PaymentSession) -> Option<OrderChange> {
    let around = Circumstances {
        holder: learner(),
        catalog: &catalog(),
        live: false,
        now: now(),
        cause: "evt_1",
    };
    next_state(order, session, around)
}

fn settle(order: &Order, session: &PaymentSession) -> Order {
    step(order, session).map_or_else(|| order.clone(), |change| change.order)
}

#[track_caller]
fn check(session: &PaymentSession, status: OrderStatus, opens: bool) {
    let order = settle(&order(), session);
    assert_eq!(order.status, status);
    assert_eq!(order.opens(now()), opens);
}

#[test]
fn each_state_of_the_provider_has_one_state_of_the_order() {
    use DisputeState::{Lost, Open, Warning, Won};
    check(&unpaid(SessionState::Open, true), OrderStatus::Open, false);
    let expired = unpaid(SessionState::Expired, true);
    check(&expired, OrderStatus::Expired, false);
    let pending = unpaid(SessionState::Complete, true);
    check(&pending, OrderStatus::Pending, false);
    let failed = unpaid(SessionState::Complete, false);
    check(&failed, OrderStatus::Failed, false);
    check(&paid(0, None), OrderStatus::Paid, true);
    check(&paid(100, None), OrderStatus::Paid, true);
    check(&paid(4900, None), OrderStatus::Refunded, false);
    check(&paid(0, Some(Warning)), OrderStatus::Paid, true);
    check(&paid(0, Some(Open)), OrderStatus::Disputed, false);
    check(&paid(0, Some(Won)), OrderStatus::Paid, true);
    check(&paid(0, Some(Lost)), OrderStatus::Disputed, false);
}

#[test]
fn what_costs_nothing_is_paid_without_a_payment() {
    let free = PaymentSession {
        discount: 4900,
        total: Some(usd(0)),
        payments: Vec::new(),
        ..paid(0, None)
    };
    let with_coupon = Order {
        coupon: Some("GIFT".to_owned()),
        ..order()
    };
    let settled = settle(&with_coupon, &free);
    assert!(settled.opens(now()));
    assert_eq!(settled.booked, Booked::default());
}

#[test]
fn what_was_not_ordered_is_quarantined_and_neither_granted_nor_booked() {
    let good = paid(0, None);
    let with = |change: fn(&mut PaymentSession)| {
        let mut session = good.clone();
        change(&mut session);
        session
    };
    for (wrong, why) in [
        (with(|s| s.subtotal = Some(usd(1))), "amount"),
        (with(|s| s.subtotal = None), "amount"),
        (
            with(|s| {
                s.subtotal = Some(Money {
                    currency: "EUR".parse().unwrap(),
                    ..usd(4900)
                });
            }),
            "currency",
        ),
        (with(|s| s.offer = Some("other".to_owned())), "offer"),
        (with(|s| s.offer = None), "offer"),
        (with(|s| s.live = true), "livemode"),
        (with(|s| s.reference = None), "buyer"),
        (with(|s| s.reference = Some("1".repeat(64))), "buyer"),
        (with(|s| s.discount = 100), "discount"),
        (
            with(|s| s.subscription = subscribed(SubscriptionState::Active).subscription),
            "payment mode",
        ),
    ] {
        let change = step(&order(), &wrong).unwrap();
        assert_eq!(change.order.status, OrderStatus::Quarantined, "{why}");
        assert!(change.quarantine.unwrap().reason.contains(why), "{why}");
        assert!(change.entitlement.is_none() && change.ledger.is_empty() && change.mail.is_none());
    }
}

#[test]
fn the_same_state_again_writes_nothing() {
    let first = settle(&order(), &paid(0, None));
    assert!(step(&first, &paid(0, None)).is_none());
    let again = paid(10, None);
    assert!(step(&settle(&first, &again), &again).is_none());
}

#[test]
fn a_change_tells_what_it_was_made_for() {
    assert_eq!(settle(&order(), &paid(0, None)).cause, "evt_1");
}

#[test]
fn a_pass_ends_a_calendar_year_after_it_was_paid() {
    let pass = Order {
        term: Some(Term::Year),
        ..order()
    };
    let held = step(&pass, &paid(0, None)).unwrap().entitlement.unwrap();
    assert_eq!(held.ends_at, Some("2027-06-01T12:00:00Z".parse().unwrap()));
}

#[test]
fn what_was_paid_is_booked_not_what_it_costs() {
    let with_coupon = Order {
        coupon: Some("SPRING".to_owned()),
        ..order()
    };
    let session = PaymentSession {
        discount: 900,
        total: Some(usd(4800)),
        payments: vec![Payment {
            discount: 900,
            tax: 800,
            fee: Some(usd(169)),
            ..payment(4800)
        }],
        ..paid(0, None)
    };
    let change = step(&with_coupon, &session).unwrap();
    let entries: Vec<_> = change
        .ledger
        .iter()
        .map(|entry| (entry.kind.as_str(), entry.money.amount))
        .collect();
    let expected = [
        ("gross", 4900),
        ("discount", 900),
        ("tax", 800),
        ("fee", 169),
    ];
    assert_eq!(entries, expected);
    assert_eq!(change.order.booked.captured(), 4800);
}

#[test]
fn a_fee_in_another_currency_is_booked_in_it_and_can_be_taken_back() {
    let eur = |amount| Money {
        amount,
        currency: "EUR".parse().unwrap(),
    };
    let with_fee = |fee| PaymentSession {
        payments: vec![Payment {
            fee,
            ..payment(4900)
        }],
        ..paid(0, None)
    };
    let first = step(&order(), &with_fee(Some(eur(150)))).unwrap();
    assert_eq!(first.ledger.last().unwrap().money, eur(150));
    let second = step(&first.order, &with_fee(None)).unwrap();
    assert_eq!(second.ledger.len(), 1);
    assert_eq!(second.ledger[0].money, eur(-150));
}

fn letter(change: &OrderChange) -> Letter {
    match change.mail.as_ref().unwrap().about {
        About::Order { letter, .. } => letter,
        _ => panic!("a mail about no order"),
    }
}

#[test]
fn one_receipt_is_written_and_one_mail_for_each_bad_turn() {
    let first = step(&order(), &paid(0, None)).unwrap();
    assert_eq!(first.mail.as_ref().unwrap().key, "cs_test_1/receipt");
    let disputed = step(&first.order, &paid(0, Some(DisputeState::Open))).unwrap();
    assert!(disputed.mail.is_none());
    let again = step(&disputed.order, &paid(0, Some(DisputeState::Won))).unwrap();
    assert!(again.mail.is_none(), "paid again is no second purchase");
    let refunded = step(&again.order, &paid(4900, None)).unwrap();
    assert_eq!(letter(&refunded), Letter::Refunded);
    // First seen disputed, it has its receipt when the bank gives the money back.
    let late = settle(&order(), &paid(0, Some(DisputeState::Open)));
    let won = step(&late, &paid(0, Some(DisputeState::Won))).unwrap();
    assert_eq!(letter(&won), Letter::Receipt);
    let failed = step(&order(), &unpaid(SessionState::Complete, false)).unwrap();
    assert_eq!(letter(&failed), Letter::PaymentFailed);
    assert!(
        failed.order.email.is_none(),
        "nobody is remembered who did not buy"
    );
}

#[test]
fn a_subscription_opens_while_it_runs() {
    use SubscriptionState::{Active, Ended, Failed, Incomplete, PastDue, Paused, Trialing, Unpaid};
    let opens = |state, at: Timestamp| settle(&subscription_order(), &subscribed(state)).opens(at);
    let in_term = end_of_term() - jiff::SignedDuration::from_secs(1);
    let in_grace = end_of_term() + GRACE - jiff::SignedDuration::from_secs(1);
    let after = end_of_term() + GRACE;
    for state in [Trialing, Active, PastDue] {
        assert!(opens(state, now()) && opens(state, in_term) && opens(state, in_grace));
        assert!(!opens(state, after), "{state:?}");
    }
    for state in [Incomplete, Failed, Paused, Unpaid, Ended] {
        assert!(!opens(state, now()), "{state:?}");
    }
}

#[test]
fn a_cancelled_subscription_opens_until_its_term_ends_and_not_longer() {
    let mut session = subscribed(SubscriptionState::Active);
    if let Some(subscription) = &mut session.subscription {
        subscription.ends_then = true;
    }
    let order = settle(&subscription_order(), &session);
    assert_eq!(order.ends_at(), Some(end_of_term()));
    let held = order.entitlement().unwrap();
    assert!(!held.revoked && held.courses == Courses::All);
}

#[test]
fn a_renewal_is_booked_and_moves_the_end() {
    let first = settle(
        &subscription_order(),
        &subscribed(SubscriptionState::Active),
    );
    let mut renewed = subscribed(SubscriptionState::Active);
    renewed.payments.push(payment(900));
    if let Some(subscription) = &mut renewed.subscription {
        subscription.period_end = "2026-08-01T12:00:00Z".parse().unwrap();
    }
    let change = step(&first, &renewed).unwrap();
    assert_eq!(change.ledger.len(), 1);
    assert_eq!(change.ledger[0].money, usd(900));
    assert!(change.order.ends_at() > first.ends_at());
    assert!(change.mail.is_none());
    // The last term's money went back.
    let mut refunded = renewed;
    if let Some(last) = refunded.payments.last_mut() {
        last.refunded = 900;
    }
    assert_eq!(
        settle(&change.order, &refunded).status,
        OrderStatus::Refunded
    );
}

#[test]
fn a_changed_plan_opens_what_the_new_one_is_sold_for() {
    let first = settle(
        &subscription_order(),
        &subscribed(SubscriptionState::Active),
    );
    let on_plan = |offer: &str| {
        let mut session = subscribed(SubscriptionState::Active);
        if let Some(subscription) = &mut session.subscription {
            subscription.offer = Some(offer.to_owned());
            subscription.price = Some(usd(500));
        }
        session
    };
    let mut catalog = catalog();
    catalog.offers.push(Offer {
        id: "rust-monthly".to_owned(),
        kind: OfferKind::Subscription,
        courses: Courses::Listed(vec!["rust".to_owned()]),
        ..catalog.offer("all-access").unwrap().clone()
    });
    let changed = next_state(
        &first,
        &on_plan("rust-monthly"),
        Circumstances {
            holder: None,
            catalog: &catalog,
            live: false,
            now: now(),
            cause: "evt_2",
        },
    );
    let held = changed.unwrap().entitlement.unwrap();
    assert_eq!(held.offer, "rust-monthly");
    assert!(!held.courses.contains("go") && held.courses.contains("rust"));
    // A plan that is none of ours opens nothing.
    let strange = step(&first, &on_plan("made-up")).unwrap();
    assert_eq!(strange.order.status, OrderStatus::Quarantined);
    assert!(strange.entitlement.unwrap().revoked && strange.quarantine.is_some());
    // Back on the plan it was bought with, everything is as it was.
    let back = settle(&strange.order, &subscribed(SubscriptionState::Active));
    assert!(back.opens(now()) && back.held_offer() == "all-access");
}

#[test]
fn a_subscription_at_another_price_than_ordered_is_quarantined() {
    let mut session = subscribed(SubscriptionState::Active);
    if let Some(subscription) = &mut session.subscription {
        subscription.price = Some(usd(1));
    }
    let order = settle(&subscription_order(), &session);
    assert_eq!(order.status, OrderStatus::Quarantined);
}

#[test]
fn a_failed_renewal_and_an_end_are_told_once() {
    let first = settle(
        &subscription_order(),
        &subscribed(SubscriptionState::Active),
    );
    let late = step(&first, &subscribed(SubscriptionState::PastDue)).unwrap();
    assert_eq!(letter(&late), Letter::RenewalFailed);
    assert!(step(&late.order, &subscribed(SubscriptionState::PastDue)).is_none());
    let over = step(&late.order, &subscribed(SubscriptionState::Ended)).unwrap();
    assert_eq!(letter(&over), Letter::Ended);
}

#[test]
fn a_renewal_that_was_not_drawn_says_nothing_of_the_term_before() {
    let mut session = subscribed(SubscriptionState::PastDue);
    session.payments[0].refunded = 900;
    session.payments.push(Payment {
        may_succeed: false,
        ..payment(0)
    });
    let order = settle(&subscription_order(), &session);
    assert_eq!(order.status, OrderStatus::Refunded);
}

#[test]
fn a_first_payment_that_never_came_is_a_failure_and_one_on_its_way_is_none() {
    for (state, status) in [
        (SubscriptionState::Failed, OrderStatus::Failed),
        (SubscriptionState::Incomplete, OrderStatus::Pending),
    ] {
        let session = PaymentSession {
            payment_state: PaymentState::Unpaid,
            payments: Vec::new(),
            ..subscribed(state)
        };
        assert_eq!(settle(&subscription_order(), &session).status, status);
    }
}

fn any_session() -> impl Strategy<Value = PaymentSession> {
    let dispute = prop_oneof![
        Just(None),
        Just(Some(DisputeState::Warning)),
        Just(Some(DisputeState::Open)),
        Just(Some(DisputeState::Won)),
        Just(Some(DisputeState::Lost)),
    ];
    let settled = (0..=4900_i64, dispute, 0..=4900_i64, 0..200_i64).prop_map(
        |(refunded, dispute, disputed, fee)| {
            let mut session = paid(refunded, dispute);
            if let Some(payment) = session.payments.last_mut() {
                payment.disputed = disputed;
                payment.fee = Some(usd(fee));
            }
            session
        },
    );
    prop_oneof![
        Just(unpaid(SessionState::Open, true)),
        Just(unpaid(SessionState::Complete, true)),
        Just(unpaid(SessionState::Complete, false)),
        Just(unpaid(SessionState::Expired, true)),
        settled,
    ]
}

proptest! {
    /// However the provider got there, what opens and what was booked follow from where it is.
    #[test]
    fn only_the_final_state_counts(path in proptest::collection::vec(any_session(), 1..8), refunded in 0..=4900_i64) {
        let mut stored = order();
        let mut booked = Booked::default();
        let mut receipts = 0;
        let last = paid(refunded, None);
        for seen in path.iter().chain([&last]) {
            if let Some(change) = step(&stored, seen) {
                prop_assert_eq!(change.order.version, stored.version + 1);
                for entry in &change.ledger {
                    booked.add(entry);
                }
                let receipt = change.mail.is_some() && letter(&change) == Letter::Receipt;
                receipts += u32::from(receipt);
                stored = change.order;
            }
        }
        prop_assert_eq!(stored.status, status(&last));
        prop_assert_eq!(stored.entitlement().unwrap().revoked, refunded == 4900);
        prop_assert_eq!(&booked, &Booked::of(&last.payments));
        prop_assert_eq!(booked, stored.booked);
        prop_assert!(receipts <= 1);
    }
}

#[test]
fn every_kind_has_a_sign() {
    let sum: i64 = [
        LedgerKind::Gross,
        LedgerKind::Tax,
        LedgerKind::Discount,
        LedgerKind::Fee,
        LedgerKind::Refund,
        LedgerKind::Dispute,
    ]
    .into_iter()
    .map(LedgerKind::sign)
    .sum();
    assert_eq!(sum, -2);
}
