//! The projection as a function: every state of the provider, and any path between them.

use proptest::prelude::*;
use tuition_catalog::{Courses, Currency, OfferKind};

use super::*;
use crate::identity::SecretHash;
use crate::mail::Locale;
use crate::next::NextPath;

const NOW: &str = "2026-06-01T12:00:00Z";

fn order() -> Order {
    Order {
        id: OrderId::parse("cs_test_1").unwrap(),
        offer: "rust".to_owned(),
        kind: OfferKind::Course,
        title: "Rust".to_owned(),
        courses: Courses::Listed(vec!["rust".to_owned()]),
        term: None,
        quantity: 1,
        price: Money {
            amount: 4900,
            currency: Currency::USD,
        },
        buyer: None,
        browser: SecretHash::parse(&"0".repeat(64)).unwrap(),
        next: NextPath::home(),
        locale: Locale::En,
        created_at: NOW.parse().unwrap(),
        status: OrderStatus::Open,
        paid_at: None,
        holder: None,
        email: None,
        captured: 0,
        refunded: 0,
        version: 1,
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
        total: Some(order().price),
        offer: Some("rust".to_owned()),
        live: false,
        email: Some("buyer@example.org".to_owned()),
        payment,
    }
}

fn paid(refunded: i64, dispute: Option<DisputeState>) -> PaymentSession {
    let payment = Payment {
        id: "pi_1".to_owned(),
        may_succeed: true,
        captured: 4900,
        refunded,
        dispute,
    };
    session(SessionState::Complete, PaymentState::Paid, Some(payment))
}

fn unpaid(state: SessionState, may_succeed: bool) -> PaymentSession {
    let payment = Payment {
        id: "pi_1".to_owned(),
        may_succeed,
        captured: 0,
        refunded: 0,
        dispute: None,
    };
    session(state, PaymentState::Unpaid, Some(payment))
}

fn learner() -> Option<LearnerId> {
    LearnerId::parse(&"a".repeat(32))
}

fn step(order: &Order, session: &PaymentSession) -> Option<OrderChange> {
    next_state(order, session, learner(), false, NOW.parse().unwrap())
}

#[track_caller]
fn check(session: &PaymentSession, status: OrderStatus, opens: bool) {
    let order = step(&order(), session).map_or_else(order, |change| change.order);
    assert_eq!(order.status, status);
    assert_eq!(order.opens(NOW.parse().unwrap()), opens);
}

#[test]
fn each_state_of_the_provider_has_one_state_of_the_order() {
    use DisputeState::{Lost, Open, Warning, Won};
    check(&unpaid(SessionState::Open, true), OrderStatus::Open, false);
    check(
        &unpaid(SessionState::Expired, true),
        OrderStatus::Expired,
        false,
    );
    check(
        &unpaid(SessionState::Complete, true),
        OrderStatus::Pending,
        false,
    );
    check(
        &unpaid(SessionState::Complete, false),
        OrderStatus::Failed,
        false,
    );
    check(&paid(0, None), OrderStatus::Paid, true);
    check(&paid(100, None), OrderStatus::Paid, true);
    check(&paid(4900, None), OrderStatus::Refunded, false);
    check(&paid(0, Some(Warning)), OrderStatus::Paid, true);
    check(&paid(0, Some(Open)), OrderStatus::Disputed, false);
    check(&paid(0, Some(Won)), OrderStatus::Paid, true);
    check(&paid(0, Some(Lost)), OrderStatus::Disputed, false);
}

#[test]
fn what_was_not_ordered_is_quarantined_and_neither_granted_nor_booked() {
    let good = paid(0, None);
    let eur = Money {
        amount: 4900,
        currency: "EUR".parse().unwrap(),
    };
    for wrong in [
        PaymentSession {
            total: Some(Money {
                amount: 1,
                ..order().price
            }),
            ..good.clone()
        },
        PaymentSession {
            total: Some(eur),
            ..good.clone()
        },
        PaymentSession {
            total: None,
            ..good.clone()
        },
        PaymentSession {
            offer: Some("other".to_owned()),
            ..good.clone()
        },
        PaymentSession {
            offer: None,
            ..good.clone()
        },
        PaymentSession {
            live: true,
            ..good.clone()
        },
    ] {
        let change = step(&order(), &wrong).unwrap();
        assert_eq!(change.order.status, OrderStatus::Quarantined);
        assert!(
            change.quarantine.is_some() && change.entitlement.is_none() && change.ledger.is_empty()
        );
    }
}

#[test]
fn the_same_state_again_writes_nothing() {
    let first = step(&order(), &paid(0, None)).unwrap().order;
    assert!(step(&first, &paid(0, None)).is_none());
}

#[test]
fn a_pass_ends_a_calendar_year_after_it_was_paid() {
    let pass = Order {
        term: Some(tuition_catalog::Term::Year),
        ..order()
    };
    let held = step(&pass, &paid(0, None)).unwrap().entitlement.unwrap();
    assert_eq!(held.ends_at, Some("2027-06-01T12:00:00Z".parse().unwrap()));
}

fn any_session() -> impl Strategy<Value = PaymentSession> {
    let dispute = prop_oneof![
        Just(None),
        Just(Some(DisputeState::Warning)),
        Just(Some(DisputeState::Open)),
        Just(Some(DisputeState::Won)),
        Just(Some(DisputeState::Lost)),
    ];
    prop_oneof![
        Just(unpaid(SessionState::Open, true)),
        Just(unpaid(SessionState::Complete, true)),
        Just(unpaid(SessionState::Complete, false)),
        Just(unpaid(SessionState::Expired, true)),
        (0..=4900_i64, dispute).prop_map(|(refunded, dispute)| paid(refunded, dispute)),
    ]
}

proptest! {
    /// However the provider got there, what opens and what was booked follow from where it is.
    #[test]
    fn only_the_final_state_counts(path in proptest::collection::vec(any_session(), 1..8), refunded in 0..=4900_i64) {
        let mut stored = order();
        let mut booked = (0, 0);
        let last = paid(refunded, None);
        for seen in path.iter().chain([&last]) {
            if let Some(change) = step(&stored, seen) {
                prop_assert_eq!(change.order.version, stored.version + 1);
                for entry in &change.ledger {
                    match entry.kind {
                        LedgerKind::Purchase => booked.0 += entry.money.amount,
                        LedgerKind::Refund => booked.1 += entry.money.amount,
                    }
                }
                stored = change.order;
            }
        }
        prop_assert_eq!(stored.status, status(&last));
        prop_assert_eq!(entitlement(&stored).unwrap().revoked, refunded == 4900);
        prop_assert_eq!(booked, (4900, refunded));
    }
}
