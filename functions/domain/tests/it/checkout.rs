//! Checkout on the store and the provider of the model, one step after the other and nothing going
//! wrong: what is refused, what is told to whom, what the jobs do.

use std::net::{IpAddr, Ipv4Addr};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tuition_catalog::Courses;
use tuition_domain::access::{Reader, Session};
use tuition_domain::checkout::{
    Browser, CheckoutPorts, Job, OrderStatus, ProviderEvent, StartError, StartRequest, Started,
    project, quarantine_unreadable, receive, run_job, start, view_order,
};
use tuition_domain::email::Email;
use tuition_domain::feedback::{Feedback, FeedbackKind};
use tuition_domain::identity::{LearnerId, OrderId, Secret};
use tuition_domain::mail::Locale;

use crate::model::provider::Act;
use crate::model::shop::{Handler, Shop};
use crate::model::turns::run;

pub(crate) fn request(offer: &str) -> StartRequest {
    StartRequest {
        offer: offer.to_owned(),
        email: Some("buyer@x.example".to_owned()),
        ..StartRequest::default()
    }
}

pub(crate) fn browser(key: Option<&str>) -> Browser {
    Browser {
        secret: Some(Secret::from_bytes([9; 32])),
        key: key.map(str::to_owned),
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        user_agent: "test".to_owned(),
        uncounted: false,
        locale: Locale::En,
    }
}

pub(crate) fn try_start(
    ports: &CheckoutPorts,
    request: StartRequest,
) -> Result<Started, StartError> {
    run(start(ports, request, browser(None), None))
}

/// A sale of `offer` to one buyer, paid and projected.
pub(crate) fn sold(shop: &Shop, offer: &str) -> OrderId {
    let ports = shop.ports();
    let id = try_start(ports, request(offer)).unwrap().session.id;
    shop.provider.act(&id, Act::Pay, shop.now());
    run(project(ports, &id, "test")).unwrap();
    id
}

/// Somebody signed in who holds what the store says.
fn reader(shop: &Shop, learner: &LearnerId, courses: &[&str], is_author: bool) -> Reader {
    Reader {
        session: Session {
            owner: learner.clone(),
            secret: Secret::from_bytes([1; 32]).hash(),
            account: true,
            epoch: 0,
            orders: Vec::new(),
            created_at: shop.now(),
            used_at: shop.now(),
            expires_at: Timestamp::MAX,
        },
        profile: None,
        is_author,
        courses: courses.iter().map(|id| (*id).to_owned()).collect(),
    }
}

#[test]
fn what_cannot_be_sold_is_refused_before_the_provider_hears_of_it() {
    let shop = Shop::open(Handler::Ours);
    let with = |change: fn(&mut StartRequest)| {
        let mut asked = request("rust");
        change(&mut asked);
        try_start(shop.ports(), asked).unwrap_err()
    };
    assert!(matches!(
        with(|r| r.offer = "none".to_owned()),
        StartError::OfferNotFound
    ));
    for quantity in [0, -1, 2, 101, i64::MAX] {
        let mut asked = request("rust");
        asked.quantity = Some(quantity);
        let refused = try_start(shop.ports(), asked).unwrap_err();
        assert!(matches!(refused, StartError::Quantity), "{quantity}");
    }
    for currency in ["EUR", "dollars", ""] {
        let mut asked = request("rust");
        asked.currency = Some(currency.to_owned());
        let refused = try_start(shop.ports(), asked).unwrap_err();
        assert!(matches!(refused, StartError::Currency), "{currency}");
    }
    assert!(matches!(
        with(|r| r.coupon = Some("FREE".to_owned())),
        StartError::Coupon
    ));
    assert!(matches!(
        with(|r| r.email = Some("nobody".to_owned())),
        StartError::Email(_)
    ));
    assert!(shop.provider.sales().is_empty());
    let mut one = request("rust");
    one.quantity = Some(1);
    one.email = Some(String::new());
    assert!(try_start(shop.ports(), one).is_ok());
}

#[test]
fn the_price_is_the_catalogs_in_the_currency_asked_for() {
    let shop = Shop::open(Handler::Ours);
    let mut asked = request("rust");
    asked.currency = Some("CNY".to_owned());
    let id = try_start(shop.ports(), asked).unwrap().session.id;
    let order = shop.order(&id);
    assert_eq!(order.price.to_string(), "¥299.00");
    assert_eq!((order.version, order.status), (1, OrderStatus::Open));
    assert_eq!(order.cause, "start");
    let id = try_start(shop.ports(), request("rust")).unwrap().session.id;
    assert_eq!(shop.order(&id).price.currency.code(), "USD");
}

#[test]
fn one_key_is_one_session_and_another_body_under_it_is_refused() {
    let shop = Shop::open(Handler::Ours);
    let ask = |request| run(start(shop.ports(), request, browser(Some("key")), None));
    let first = ask(request("rust")).unwrap();
    let again = ask(request("rust")).unwrap();
    assert_eq!(first.session, again.session);
    for change in [
        |r: &mut StartRequest| r.offer = "all-access".to_owned(),
        |r: &mut StartRequest| r.currency = Some("CNY".to_owned()),
        |r: &mut StartRequest| r.email = Some("other@x.example".to_owned()),
    ] {
        let mut other = request("rust");
        change(&mut other);
        let refused = ask(other).unwrap_err();
        assert!(matches!(refused, StartError::IdempotencyMismatch));
    }
    assert_eq!(shop.provider.sales().len(), 1);
    // Without a key each request is its own.
    try_start(shop.ports(), request("rust")).unwrap();
    try_start(shop.ports(), request("rust")).unwrap();
    assert_eq!(shop.provider.sales().len(), 3);
}

#[test]
fn a_browser_without_a_cookie_is_known_by_its_key_for_a_day() {
    let shop = Shop::open(Handler::Ours);
    let ask = |key: &str, agent: &str| {
        let browser = Browser {
            secret: None,
            user_agent: agent.to_owned(),
            ..browser(Some(key))
        };
        run(start(shop.ports(), request("rust"), browser, None))
            .unwrap()
            .session
    };
    let long = "a-key-of-sixteen-or-more";
    assert_eq!(ask(long, "one"), ask(long, "one"));
    assert_ne!(ask(long, "one"), ask(long, "two"));
    assert_ne!(ask("short", "one"), ask("short", "one"));
}

#[test]
fn what_somebody_has_they_are_not_sold_again() {
    let shop = Shop::open(Handler::Ours);
    let learner = LearnerId::parse(&"0".repeat(32)).unwrap();
    let ask = |offer: &str, reader: &Reader| {
        run(start(
            shop.ports(),
            request(offer),
            browser(None),
            Some(reader),
        ))
    };
    let owner = reader(&shop, &learner, &["rust"], false);
    match ask("rust", &owner).unwrap_err() {
        StartError::AlreadyOwned { path } => assert_eq!(path, "/courses/rust/"),
        other => panic!("{other}"),
    }
    assert!(ask("rust", &reader(&shop, &learner, &[], false)).is_ok());
    assert!(ask("rust", &reader(&shop, &learner, &["rust"], true)).is_ok());
    // A subscription may be had beside a course, but not twice.
    assert!(ask("all-access", &owner).is_ok());
    let id = sold(&shop, "all-access");
    let holder = shop.order(&id).holder.unwrap();
    let subscriber = reader(&shop, &holder, &["rust"], false);
    assert!(matches!(
        ask("all-access", &subscriber).unwrap_err(),
        StartError::AlreadyOwned { .. }
    ));
    shop.advance(24 * 40);
    assert!(ask("all-access", &subscriber).is_ok(), "it has run out");
}

#[test]
fn only_the_paying_browser_learns_more_than_the_state() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.ports();
    let id = try_start(ports, request("rust")).unwrap().session.id;
    let mine = Secret::from_bytes([9; 32]);
    let other = Secret::from_bytes([8; 32]);
    let look =
        |secret: Option<&Secret>| run(view_order(ports, &id, secret, None)).unwrap().unwrap();
    assert!(look(Some(&mine)).reader.is_none(), "nothing is paid");
    shop.provider.act(&id, Act::Pay, shop.now());
    for secret in [None, Some(&other)] {
        let view = look(secret);
        assert!(!view.yours && view.reader.is_none());
        let told = json!(view.summary());
        assert_eq!(
            told,
            json!({"id": id, "status": "open"}),
            "nor is it brought up to date"
        );
    }
    let view = look(Some(&mine));
    assert_eq!(view.order.cause, "return");
    let (reader, _) = view.reader.as_ref().unwrap();
    let session = &reader.session;
    assert!(reader.opens("rust") && !session.account && session.orders == [id.clone()]);
    let told = json!(view.summary());
    assert_eq!(told["status"], "paid");
    assert_eq!(
        (&told["amount"], &told["currency"]),
        (&json!(4900), &json!("USD"))
    );
    shop.provider.act(&id, Act::Refund(100), shop.now());
    run(project(ports, &id, "test")).unwrap();
    assert!(look(Some(&mine)).reader.is_none(), "the money went back");
    let unknown = OrderId::parse("cs_none").unwrap();
    assert!(
        run(view_order(ports, &unknown, None, None))
            .unwrap()
            .is_none()
    );
}

#[test]
fn who_bought_while_signed_in_keeps_their_session() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.ports();
    let id = sold(&shop, "rust");
    let mine = Secret::from_bytes([9; 32]);
    let holder = shop.order(&id).holder.unwrap();
    let account = reader(&shop, &holder, &[], false);
    let token = tuition_domain::identity::SessionToken {
        owner: holder,
        secret: Secret::from_bytes([1; 32]),
    };
    let view = run(view_order(
        ports,
        &id,
        Some(&mine),
        Some((account.clone(), token.clone())),
    ));
    let (found, _) = view.unwrap().unwrap().reader.unwrap();
    assert_eq!(found.session, account.session, "the account has it already");
    assert!(found.opens("rust"));
    // Somebody else's account in the same browser gets the order beside it.
    let stranger = LearnerId::parse(&"1".repeat(32)).unwrap();
    let theirs = reader(&shop, &stranger, &[], false);
    run(ports.reader.sessions.save_session(&theirs.session)).unwrap();
    let current = Some((theirs, token));
    let view = run(view_order(ports, &id, Some(&mine), current));
    let (found, _) = view.unwrap().unwrap().reader.unwrap();
    let session = found.session;
    assert_eq!((session.owner, session.orders), (stranger, vec![id]));
}

#[test]
fn a_projection_says_what_it_changed_and_sends_its_mail_at_once() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.ports();
    let id = try_start(ports, request("rust")).unwrap().session.id;
    shop.provider.act(&id, Act::Pay, shop.now());
    let first = run(project(ports, &id, "evt_1")).unwrap().unwrap();
    assert_eq!(first.before.unwrap().status, OrderStatus::Open);
    assert_eq!(
        (first.order.status, first.order.version),
        (OrderStatus::Paid, 2)
    );
    assert_eq!(
        first.order.held_courses(),
        &Courses::Listed(vec!["rust".to_owned()])
    );
    assert_eq!(shop.sent(), [format!("{id}/receipt")]);
    assert!(
        run(project(ports, &id, "evt_1"))
            .unwrap()
            .unwrap()
            .before
            .is_none()
    );
}

#[test]
fn jobs_are_known_by_name_and_do_what_it_says() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.ports();
    assert!(Job::named("dance").is_none());
    assert!(Job::SCHEDULED.iter().all(|name| Job::named(name).is_some()));
    let outbox = || run(run_job(ports, Job::named("outbox").unwrap())).unwrap();
    // The mail provider is away while a sale is made.
    shop.fail_next_mail();
    let id = sold(&shop, "rust");
    assert!(shop.sent().is_empty());
    assert_eq!(outbox(), json!({"sent": 1}));
    assert_eq!(outbox(), json!({"sent": 0}));
    assert_eq!(shop.sent(), [format!("{id}/receipt")]);
    let report = run(run_job(ports, Job::named("reconcile").unwrap())).unwrap();
    assert_eq!(report["finished"], true);
    assert_eq!(report["examined"], 1);
    assert_eq!(report["provider"], json!({"USD": 4900}));
    assert_eq!(report["ledger"], json!({"USD": 4900}));
}

#[test]
fn whoever_complained_gets_no_receipt() {
    let shop = Shop::open(Handler::Ours);
    let feedback = |name: &str, kind| Feedback {
        email: Email::parse(&format!("{name}@x.example")).unwrap(),
        kind,
    };
    let all = vec![
        feedback("buyer", FeedbackKind::TransientBounce),
        feedback("gone", FeedbackKind::PermanentBounce),
    ];
    let done = run(run_job(shop.ports(), Job::Feedback(all))).unwrap();
    assert_eq!(done, json!({"taken": 2}));
    let first = sold(&shop, "rust");
    assert_eq!(
        shop.sent(),
        [format!("{first}/receipt")],
        "the mailbox was only full"
    );
    let complaint = vec![feedback("buyer", FeedbackKind::Complaint)];
    run(run_job(shop.ports(), Job::Feedback(complaint))).unwrap();
    sold(&shop, "rust");
    assert_eq!(shop.sent().len(), 1);
    shop.advance(24 * 365);
    assert_eq!(
        run(run_job(shop.ports(), Job::Outbox)).unwrap(),
        json!({"sent": 0})
    );
    shop.advance(24 * 365 * 3);
    sold(&shop, "rust");
    assert_eq!(shop.sent().len(), 1, "nor four years later");
}

#[test]
fn a_mail_whose_sender_died_waits_two_minutes() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.ports();
    let id = try_start(ports, request("rust")).unwrap().session.id;
    shop.provider.act(&id, Act::Pay, shop.now());
    shop.die_before_mail();
    let _ = run(project(ports, &id, "evt_1"));
    let outbox = || run(run_job(ports, Job::Outbox)).unwrap();
    assert_eq!(
        outbox(),
        json!({"sent": 0}),
        "its sender may still be at it"
    );
    shop.advance_by(SignedDuration::from_secs(119));
    assert_eq!(outbox(), json!({"sent": 0}));
    shop.advance_by(SignedDuration::from_secs(1));
    assert_eq!(outbox(), json!({"sent": 1}));
}

#[test]
fn gifts_services_and_subscriptions_without_a_term_are_not_sold_here() {
    let shop = Shop::open(Handler::Ours);
    for offer in ["gift", "review", "endless", "unpriced"] {
        let refused = try_start(shop.ports(), request(offer)).unwrap_err();
        assert!(matches!(refused, StartError::OfferNotFound), "{offer}");
    }
}

#[test]
fn a_checkout_is_counted_unless_the_browser_asks_not_to_be() {
    let shop = Shop::open(Handler::Ours);
    try_start(shop.ports(), request("rust")).unwrap();
    assert_eq!(shop.store.look(|rows| rows.counted), 1);
    let quiet = Browser {
        uncounted: true,
        ..browser(None)
    };
    run(start(shop.ports(), request("rust"), quiet, None)).unwrap();
    assert_eq!(shop.store.look(|rows| rows.counted), 1);
}

#[test]
fn an_event_that_tells_another_story_than_the_session_waits_for_a_person() {
    let shop = Shop::open(Handler::Ours);
    let ports = shop.ports();
    let id = sold(&shop, "rust");
    let told = |name: &str, kind: &str, amount: i64, currency: &str, offer: &str| {
        let object = json!({"id": id, "amount_total": amount, "currency": currency,
            "metadata": {"offer": offer}, "payment_intent": "pi_0_0"});
        let event = ProviderEvent::new(name.to_owned(), kind.to_owned(), object);
        run(receive(ports, &event)).unwrap();
        let held = run(ports.reader.orders.quarantined()).unwrap();
        held.iter().any(|item| item.key == name)
    };
    let completed = "checkout.session.completed";
    assert!(!told("evt_good", completed, 4900, "usd", "rust"));
    assert!(told("evt_amount", completed, 1, "usd", "rust"));
    assert!(told("evt_currency", completed, 4900, "cny", "rust"));
    assert!(told("evt_offer", completed, 4900, "usd", "all-access"));
    // Other objects have amounts of their own.
    assert!(!told("evt_charge", "charge.refunded", 1, "usd", "rust"));
    assert!(
        shop.order(&id).opens(shop.now()),
        "the figures of an event decide nothing"
    );
}

#[test]
fn a_signed_body_that_cannot_be_read_is_kept_as_a_fact_and_not_as_text() {
    let shop = Shop::open(Handler::Ours);
    let body = b"{\"email\": \"a@x.example\"";
    let error = serde_json::from_slice::<ProviderEvent>(body).unwrap_err();
    run(quarantine_unreadable(shop.ports(), body, &error)).unwrap();
    let held = run(shop.ports().reader.orders.quarantined()).unwrap();
    assert_eq!(held.len(), 1);
    assert!(held[0].key.len() == 64 && held[0].reason.starts_with("unreadable at 1:"));
    assert!(!format!("{held:?}").contains("x.example"));
}
