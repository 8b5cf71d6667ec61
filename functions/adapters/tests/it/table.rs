//! What only a look into the tables can tell: nothing of an erased learner is left, rows carry
//! their TTL, a newer row is refused, an absent engine is noticed quickly.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use tuition_domain::checkout::{Attempt, Order, Quarantine};
use tuition_domain::comments::LessonRef;
use tuition_domain::metrics::{Event, EventKind, Segment, Who};
use tuition_domain::ports::{
    Added, Comments as _, Counters as _, DailySecrets as _, Events as _, Learners as _,
    Ledger as _, Links as _, Orders as _, Outbox as _, ProgressBook as _, Sessions as _, Written,
};

use crate::sample;
use crate::world::World;

async fn open(world: &World, order: &Order) {
    let done = Attempt {
        opened: Some(sample::opened(order)),
        ..sample::attempt("a")
    };
    let key = sample::attempt_key();
    world.table.open_order(order, &key, &done).await.unwrap();
}

#[tokio::test]
async fn nothing_leads_to_an_erased_learner() {
    let world = World::start().await;
    let table = &world.table;
    let email = sample::email("learner");
    let id = sample::account(table.as_ref(), &email).await;
    // Bought by mail, refunded later; bought while signed in, and not paid yet.
    let bought = sample::order();
    open(&world, &bought).await;
    let paid = sample::paid(&bought, &id, Some(&email));
    assert_eq!(
        table.commit(&paid, sample::now()).await.unwrap(),
        Written::Yes
    );
    let refunded = sample::refunded(&paid.order);
    assert_eq!(
        table.commit(&refunded, sample::now()).await.unwrap(),
        Written::Yes
    );
    let begun = Order {
        buyer: Some(id.clone()),
        ..sample::order()
    };
    open(&world, &begun).await;
    // Of somebody else.
    let other_email = sample::email("other");
    let other = sample::account(table.as_ref(), &other_email).await;
    let others = sample::order();
    open(&world, &others).await;
    let others = sample::paid(&others, &other, Some(&other_email));
    assert_eq!(
        table.commit(&others, sample::now()).await.unwrap(),
        Written::Yes
    );

    table.save_link(&sample::link(&email)).await.unwrap();
    table.save_link(&sample::link(&email)).await.unwrap();
    let (session, _) = sample::session(&id, 0);
    table.save_session(&session).await.unwrap();
    let lesson = LessonRef::parse("rust/traits").unwrap();
    let comment = sample::comment(&lesson, &id, 0);
    let added = table.add_comment(&comment, None).await.unwrap();
    assert_eq!(added, Added::Yes);
    let segment = Segment { from: 0, to: 10 };
    table
        .cover(&id, &lesson, segment, sample::now())
        .await
        .unwrap();
    assert!(!world.rows_with(email.as_str()).await.is_empty());
    // Events of two months, one day of which others share.
    let mut days = Vec::new();
    for back in [0, 1, 40_i64] {
        let at = sample::now() - SignedDuration::from_hours(24 * back);
        let day = at.to_zoned(TimeZone::UTC).date();
        for _ in 0..2 {
            table.note_day(&id, day).await.unwrap();
        }
        let watched = Event {
            id: format!("active/{id}/{day}"),
            at,
            who: Who::Learner(id.clone()),
            kind: EventKind::Active,
        };
        let seen = sample::view(&format!("seen-on-{day}"));
        let batch = sample::batch(&[watched, seen], at);
        table.append(&batch).await.unwrap();
        days.push(day);
    }

    let erasure = sample::erasure(&id);
    let nobody = erasure.nobody.clone();
    table.erase(&erasure).await.unwrap();
    table.erase(&erasure).await.unwrap();

    for trace in [
        email.as_str(),
        &email.hash(),
        id.as_str(),
        bought.browser.as_str(),
    ] {
        let left = world.rows_with(trace).await;
        let left: Vec<&String> = left
            .iter()
            .filter(|row| !row.contains("BROWSER#"))
            .collect();
        assert!(left.is_empty(), "{trace}: {left:#?}");
    }
    let stored = table.order(&bought.id).await.unwrap().unwrap();
    assert_eq!(stored.holder.as_ref(), Some(&nobody));
    assert_eq!((stored.email, stored.version), (None, 4));
    let stored = table.order(&begun.id).await.unwrap().unwrap();
    assert_eq!((stored.buyer, stored.holder), (None, None));
    let day = "2026-05-04".parse().unwrap();
    let ledger = table.ledger(day, day).await.unwrap();
    let of_order = |entry: &&tuition_domain::checkout::LedgerEntry| entry.order == bought.id;
    let theirs: Vec<_> = ledger.iter().filter(of_order).collect();
    assert_eq!(theirs.len(), 2, "totals stay");
    assert!(theirs.iter().all(|entry| entry.learner == nobody));
    let comment = table.comment(&comment.id).await.unwrap().unwrap();
    assert!(comment.deleted && comment.author == nobody);
    assert!(table.queued().await.unwrap().is_empty());
    for day in days {
        let events = sample::events(table.as_ref(), day, day).await;
        let of_nobody = |event: &&Event| event.who == Who::Learner(nobody.clone());
        assert_eq!(events.iter().filter(of_nobody).count(), 1, "figures stay");
        assert_eq!(events.len(), 2);
    }
    // Nobody else lost anything.
    assert_eq!(table.entitlements(&other).await.unwrap().len(), 1);
    let due = table
        .claim_mail(sample::now(), sample::later(60), 10)
        .await
        .unwrap();
    assert_eq!(due, [others.mail.unwrap()]);
}

#[tokio::test]
async fn erasing_goes_on_where_it_was_cut_off() {
    let world = World::start().await;
    let email = sample::email("learner");
    let id = sample::account(world.table.as_ref(), &email).await;
    for _ in 0..5 {
        let order = sample::order();
        open(&world, &order).await;
        let paid = sample::paid(&order, &id, Some(&email));
        assert_eq!(
            world.table.commit(&paid, sample::now()).await.unwrap(),
            Written::Yes
        );
    }
    // Each time a little more gets done before the plug is pulled.
    for millis in [2, 5, 10, 20, 40, 80] {
        let table = world.table.clone();
        let erasure = sample::erasure(&id);
        let cut = Duration::from_millis(millis);
        let _ = tokio::time::timeout(cut, async move { table.erase(&erasure).await }).await;
    }
    world.table.erase(&sample::erasure(&id)).await.unwrap();
    for trace in [email.as_str(), &email.hash(), id.as_str()] {
        let left = world.rows_with(trace).await;
        assert!(left.is_empty(), "{trace}: {left:#?}");
    }
    let day = "2026-05-04".parse().unwrap();
    assert_eq!(world.table.ledger(day, day).await.unwrap().len(), 5);
}

#[tokio::test]
async fn a_payment_that_settles_while_its_holder_is_erased_leaves_nothing_of_them() {
    let world = World::start().await;
    let email = sample::email("learner");
    let id = sample::account(world.table.as_ref(), &email).await;
    let order = sample::order();
    open(&world, &order).await;
    let paid = sample::paid(&order, &id, Some(&email));
    world.table.erase(&sample::erasure(&id)).await.unwrap();
    assert!(world.table.commit(&paid, sample::now()).await.is_err());
    assert!(world.rows_with(email.as_str()).await.is_empty());
    assert!(world.rows_with(id.as_str()).await.is_empty());
}

#[tokio::test]
async fn an_attempt_is_free_once_the_clock_says_so_though_its_row_is_there() {
    let world = World::start().await;
    let key = sample::attempt_key();
    let first = sample::attempt("a");
    let _ = world
        .table
        .claim_attempt(&key, first.clone())
        .await
        .unwrap();
    world.clock.advance(SignedDuration::from_secs(86_399));
    let second = sample::attempt("b");
    let holder = world
        .table
        .claim_attempt(&key, second.clone())
        .await
        .unwrap();
    assert_eq!(holder, first);
    world.clock.advance(SignedDuration::from_secs(1));
    let holder = world
        .table
        .claim_attempt(&key, second.clone())
        .await
        .unwrap();
    assert_eq!(holder, second);
}

#[tokio::test]
async fn what_expires_says_when_and_day_secrets_lie_apart() {
    let world = World::start().await;
    let table = &world.table;
    table.ensure().await.unwrap();
    for name in ["shop", "shop-ephemeral"] {
        assert_eq!(world.ttl_attribute(name).await.as_deref(), Some("expires"));
    }
    let (session, _) = sample::session(&sample::learner(), 0);
    table.save_session(&session).await.unwrap();
    table
        .save_link(&sample::link(&sample::email("link")))
        .await
        .unwrap();
    let key = sample::attempt_key();
    let _ = table
        .claim_attempt(&key, sample::attempt("a"))
        .await
        .unwrap();
    table
        .daily_secret("2026-05-04".parse().unwrap(), [1; 32])
        .await
        .unwrap();
    table.count("a", "b", sample::later(60)).await.unwrap();
    let lasting = world.rows("shop").await;
    assert_eq!(lasting.len(), 4);
    let ephemeral = world.rows("shop-ephemeral").await;
    assert_eq!(ephemeral.len(), 2);
    for row in lasting.iter().chain(&ephemeral) {
        let expires: i64 = row["expires"].as_n().unwrap().parse().unwrap();
        assert!(expires > sample::now().as_second(), "{row:?}");
        assert_eq!(row["v"], AttributeValue::N("1".to_owned()), "{row:?}");
    }
}

#[tokio::test]
async fn a_row_of_a_later_release_is_refused_not_guessed_at() {
    let world = World::start().await;
    let order = sample::order();
    open(&world, &order).await;
    let pk = format!("ORDER#{}", order.id);
    let doc = serde_json::to_value(&order).unwrap();
    let mut newer = doc.clone();
    newer["added_later"] = serde_json::json!({"x": [1]});
    let text = AttributeValue::S(newer.to_string());
    world.set(&pk, "ORDER", "doc", text).await;
    assert_eq!(
        world.table.order(&order.id).await.unwrap(),
        Some(order.clone())
    );
    let version = AttributeValue::N("2".to_owned());
    world.set(&pk, "ORDER", "v", version).await;
    let error = world.table.order(&order.id).await.unwrap_err().to_string();
    assert!(error.contains("schema 2"), "{error}");
    assert!(!error.contains(order.id.as_str()), "{error}");
}

#[tokio::test]
async fn what_is_quarantined_stays_as_it_was_first_seen() {
    let world = World::start().await;
    for key in ["evt_1".to_owned(), String::new(), "é".repeat(2000)] {
        for reason in ["first", "second"] {
            let item = Quarantine {
                key: key.clone(),
                reason: reason.to_owned(),
                at: sample::now(),
            };
            world.table.quarantine(&item).await.unwrap();
        }
    }
    assert_eq!(world.rows_with("first").await.len(), 3);
    assert!(world.rows_with("second").await.is_empty());
}

#[tokio::test]
async fn an_absent_store_is_unavailable_within_seconds() {
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let refused = World::at(&format!("http://{address}"));
    // One that takes connections and never answers.
    let silent = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let hanging = World::at(&format!("http://{}", silent.local_addr().unwrap()));
    for world in [refused, hanging] {
        let begun = Instant::now();
        let order = sample::order();
        assert!(world.table.order(&order.id).await.is_err());
        assert!(
            begun.elapsed() < Duration::from_secs(7),
            "{:?}",
            begun.elapsed()
        );
    }
}
