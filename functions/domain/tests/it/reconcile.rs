//! Comparing ourselves with the provider, on the store and the provider of the model: what is found,
//! mended, and left to a person.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use tuition_domain::checkout::{Booked, OrderStatus, reconcile};

use crate::checkout::{request, sold, try_start};
use crate::model::provider::Act;
use crate::model::shop::{Handler, Shop};
use crate::model::turns::run;

#[test]
fn a_comparison_says_what_it_brought_up_to_date() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.ports();
    let id = try_start(ports, request("rust")).unwrap().session.id;
    shop.provider.act(&id, Act::Pay, shop.now());
    let began = Some(Timestamp::UNIX_EPOCH);
    let report = run(reconcile(ports, began, 9)).unwrap();
    assert_eq!((report.examined, report.healed_count), (1, 1));
    let healed = &report.healed[0];
    assert_eq!(healed.order, id);
    assert_eq!(
        (healed.from, healed.to),
        (OrderStatus::Open, OrderStatus::Paid)
    );
    let again = run(reconcile(ports, None, 9)).unwrap();
    assert_eq!((again.healed_count, again.difference_count), (0, 0));
    assert_eq!(
        again.since,
        Some(shop.now() - SignedDuration::from_hours(1))
    );
}

#[test]
fn a_walk_goes_on_where_it_stopped() {
    let shop = Shop::open(Handler::Ours);
    for _ in 0..7 {
        sold(&shop, "rust");
    }
    let began = Some(Timestamp::UNIX_EPOCH);
    let first = run(reconcile(shop.ports(), began, 1)).unwrap();
    assert!(!first.finished && first.examined == 3);
    let last = run(reconcile(shop.ports(), None, 9)).unwrap();
    assert!(last.finished && last.examined == 7, "{last:?}");
    assert_eq!(last.provider, last.ledger);
}

#[test]
fn rows_that_were_damaged_are_written_anew() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.ports();
    let (first, second) = (sold(&shop, "rust"), sold(&shop, "rust"));
    let booked = shop.order(&first).booked;
    shop.store.look(|rows| {
        rows.ledger.retain(|entry| entry.order != first);
        rows.entitlements.retain(|(_, order), _| *order != second);
    });
    let began = Some(Timestamp::UNIX_EPOCH);
    let report = run(reconcile(ports, began, 9)).unwrap();
    assert_eq!((report.difference_count, report.healed_count), (2, 0));
    let mut what: Vec<_> = report
        .differences
        .iter()
        .map(|difference| (&difference.order, difference.what.as_str()))
        .collect();
    what.sort();
    assert_eq!(what, [(&first, "ledger"), (&second, "entitlement")]);
    assert_eq!(report.provider, report.ledger, "as it is afterwards");
    let mut written = Booked::default();
    for entry in run(ports.ledger.entries_of(&first)).unwrap() {
        written.add(&entry);
    }
    assert_eq!(written, booked);
    let holder = shop.order(&second).holder.unwrap();
    let held = run(ports.reader.learners.entitlements(&holder)).unwrap();
    assert!(held.iter().any(|right| right.order == second));
    let again = run(reconcile(ports, began, 9)).unwrap();
    assert_eq!(again.difference_count, 0);
}

#[test]
fn a_paid_session_that_nobody_ordered_here_waits_for_a_person() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.ports();
    let id = sold(&shop, "rust");
    // As if the row had never been written.
    shop.store.look(|rows| rows.orders.remove(&id));
    let open = try_start(ports, request("rust")).unwrap().session.id;
    shop.store.look(|rows| rows.orders.remove(&open));
    let report = run(reconcile(ports, Some(Timestamp::UNIX_EPOCH), 9)).unwrap();
    assert_eq!(
        report.unknown,
        BTreeSet::from([id.clone()]),
        "one is not paid"
    );
    assert!(!report.agrees());
    let held = run(ports.reader.orders.quarantined()).unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].key, id.as_str());
}
