//! Orders, attempts, outbox, ledger.

use std::sync::Arc;

use jiff::civil::Date;
use tuition_domain::checkout::{Attempt, OrderStatus};
use tuition_domain::outbox::QueuedMail;

use tuition_domain::ports::{Learners, Ledger, Orders, Outbox, Written};

use super::crowd;
use crate::sample;

pub(crate) async fn the_first_attempt_holds_a_key_until_it_expires(store: Arc<impl Orders>) {
    let key = sample::attempt_key();
    let first = sample::attempt("a");
    assert_eq!(
        store.claim_attempt(&key, first.clone()).await.unwrap(),
        first
    );
    let second = store
        .claim_attempt(&key, sample::attempt("b"))
        .await
        .unwrap();
    assert_eq!(second, first, "the key is taken");
    // What was over before it began holds nothing.
    let key = sample::attempt_key();
    let over = Attempt {
        expires_at: sample::now(),
        ..sample::attempt("a")
    };
    let _ = store.claim_attempt(&key, over).await.unwrap();
    let next = sample::attempt("b");
    assert_eq!(store.claim_attempt(&key, next.clone()).await.unwrap(), next);
}

pub(crate) async fn of_many_attempts_at_once_one_wins(store: Arc<impl Orders + 'static>) {
    let key = sample::attempt_key();
    let got = crowd(&store, |store, turn| {
        let key = key.clone();
        async move {
            let mine = sample::attempt(&turn.to_string());
            let holder = store.claim_attempt(&key, mine.clone()).await.unwrap();
            (holder == mine, holder.fingerprint)
        }
    })
    .await;
    assert_eq!(got.iter().filter(|(won, _)| *won).count(), 1);
    assert!(got.iter().all(|(_, holder)| *holder == got[0].1));
}

pub(crate) async fn opening_an_order_again_changes_nothing_but_completes_the_attempt(
    store: Arc<impl Orders + 'static>,
) {
    let (order, key) = (sample::order(), sample::attempt_key());
    let claimed = store
        .claim_attempt(&key, sample::attempt("a"))
        .await
        .unwrap();
    let done = Attempt {
        opened: Some(sample::opened(&order)),
        ..claimed
    };
    let opened = crowd(&store, |store, _| {
        let (order, key, done) = (order.clone(), key.clone(), done.clone());
        async move { store.open_order(&order, &key, &done).await.is_ok() }
    })
    .await;
    assert!(opened.iter().all(|ok| *ok));
    assert_eq!(store.order(&order.id).await.unwrap().unwrap(), order);

    // The order has moved on, and somebody comes late, under a key that was lost meanwhile.
    let change = sample::paid(&order, &sample::learner(), None);
    assert_eq!(
        store.commit(&change, sample::now()).await.unwrap(),
        Written::Yes
    );
    let other = sample::attempt_key();
    store.open_order(&order, &other, &done).await.unwrap();
    let stored = store.order(&order.id).await.unwrap().unwrap();
    assert_eq!(stored, change.order, "what is paid stays paid");
    for key in [key, other] {
        let holder = store
            .claim_attempt(&key, sample::attempt("b"))
            .await
            .unwrap();
        assert_eq!(holder, done);
    }
}

pub(crate) async fn a_commit_needs_the_version_before(store: Arc<impl Orders>) {
    let order = sample::order();
    let change = sample::paid(&order, &sample::learner(), None);
    let unknown = store.commit(&change, sample::now()).await.unwrap();
    assert_eq!(unknown, Written::Conflict, "there is no such order yet");
    assert_eq!(store.order(&order.id).await.unwrap(), None);
    open(store.as_ref(), &order).await;
    assert_eq!(
        store.commit(&change, sample::now()).await.unwrap(),
        Written::Yes
    );
    assert_eq!(
        store.commit(&change, sample::now()).await.unwrap(),
        Written::Conflict
    );
    let next = sample::refunded(&change.order);
    assert_eq!(
        store.commit(&next, sample::now()).await.unwrap(),
        Written::Yes
    );
    let stored = store.order(&order.id).await.unwrap().unwrap();
    assert_eq!((stored.version, stored.status), (3, OrderStatus::Refunded));
}

pub(crate) async fn of_many_commits_of_one_version_one_is_written(
    store: Arc<impl Orders + Learners + Ledger + 'static>,
) {
    let order = sample::order();
    open(store.as_ref(), &order).await;
    let got = crowd(&store, |store, _| {
        let change = sample::paid(&order, &sample::learner(), None);
        async move {
            let holder = change.order.holder.clone().unwrap();
            (store.commit(&change, sample::now()).await.unwrap(), holder)
        }
    })
    .await;
    let won: Vec<_> = got.iter().filter(|(w, _)| *w == Written::Yes).collect();
    assert_eq!(won.len(), 1);
    for (written, holder) in &got {
        let rights = store.entitlements(holder).await.unwrap().len();
        assert_eq!(rights, usize::from(*written == Written::Yes));
    }
    let day = date("2026-05-04");
    assert_eq!(store.ledger(day, day).await.unwrap().len(), 1);
}

pub(crate) async fn a_commit_writes_everything_or_nothing(
    store: Arc<impl Orders + Learners + Ledger + Outbox>,
) {
    let (order, email) = (sample::order(), sample::email("buyer"));
    open(store.as_ref(), &order).await;
    let holder = sample::account(store.as_ref(), &email).await;
    let change = sample::paid(&order, &holder, Some(&email));
    let mut stale = change.clone();
    stale.order.version += 1;
    assert_eq!(
        store.commit(&stale, sample::now()).await.unwrap(),
        Written::Conflict
    );
    let day = date("2026-05-04");
    let (now, until) = (sample::now(), sample::later(120));
    assert!(store.entitlements(&holder).await.unwrap().is_empty());
    assert!(store.ledger(day, day).await.unwrap().is_empty());
    assert!(store.claim_mail(now, until, 9).await.unwrap().is_empty());

    let leased = sample::later(60);
    assert_eq!(store.commit(&change, leased).await.unwrap(), Written::Yes);
    let rights = store.entitlements(&holder).await.unwrap();
    assert_eq!(rights, [change.entitlement.unwrap()]);
    assert_eq!(store.ledger(day, day).await.unwrap(), change.ledger);
    assert_eq!(store.entries_of(&order.id).await.unwrap(), change.ledger);
    let early = store.claim_mail(now, until, 9).await.unwrap();
    assert!(early.is_empty(), "whoever wrote it sends it");
    let late = store.claim_mail(leased, until, 9).await.unwrap();
    assert_eq!(late, Vec::from_iter(change.mail));
}

pub(crate) async fn a_mail_is_claimed_by_one_until_its_lease_ends(
    store: Arc<impl Orders + Learners + Outbox + 'static>,
) {
    let mut queued: Vec<QueuedMail> = Vec::new();
    for _ in 0..3 {
        queued.push(queue(store.as_ref()).await);
    }
    queued.sort_by(|a, b| a.key.cmp(&b.key));
    let (now, until) = (sample::now(), sample::later(120));
    let got = crowd(&store, |store, _| async move {
        store.claim_mail(now, until, 10).await.unwrap()
    })
    .await;
    let mut claimed: Vec<QueuedMail> = got.into_iter().flatten().collect();
    claimed.sort_by(|a, b| a.key.cmp(&b.key));
    assert_eq!(claimed, queued, "each once, whoever got it");

    let key = &queued[0].key;
    let early = store
        .claim_mail(sample::later(119), sample::later(240), 9)
        .await
        .unwrap();
    assert!(early.is_empty());
    store.mail_sent(key).await.unwrap();
    store.mail_sent(key).await.unwrap();
    let again = store
        .claim_mail(until, sample::later(240), 1)
        .await
        .unwrap();
    assert_eq!(
        again.len(),
        1,
        "what was not sent is due again, up to the limit"
    );
    let rest = store
        .claim_mail(until, sample::later(240), 10)
        .await
        .unwrap();
    assert_eq!(rest.len(), 1);
}

pub(crate) async fn the_ledger_is_read_by_day_in_order_of_time(store: Arc<impl Orders + Ledger>) {
    let times = [
        "2026-04-30T23:59:59.999999999Z",
        "2026-05-01T00:00:00Z",
        "2026-05-31T23:59:59.5Z",
        "2026-06-01T00:00:00Z",
    ];
    for time in times.iter().rev() {
        let order = sample::order();
        open(store.as_ref(), &order).await;
        let mut change = sample::paid(&order, &sample::learner(), None);
        change.ledger[0].at = time.parse().unwrap();
        assert_eq!(
            store.commit(&change, sample::now()).await.unwrap(),
            Written::Yes
        );
    }
    let read = async |from: &str, to: &str| -> Vec<String> {
        let entries = store.ledger(date(from), date(to)).await.unwrap();
        entries.iter().map(|entry| entry.at.to_string()).collect()
    };
    assert_eq!(read("2026-04-01", "2026-06-30").await, times);
    assert_eq!(read("2026-05-01", "2026-05-31").await, times[1..3]);
    assert_eq!(read("2026-04-30", "2026-04-30").await, times[..1]);
    assert!(read("2026-05-02", "2026-05-30").await.is_empty());
    assert!(read("2026-06-30", "2026-04-01").await.is_empty());
}

async fn open(store: &impl Orders, order: &tuition_domain::checkout::Order) {
    let key = sample::attempt_key();
    let done = Attempt {
        opened: Some(sample::opened(order)),
        ..sample::attempt("a")
    };
    store.open_order(order, &key, &done).await.unwrap();
}

async fn queue(store: &(impl Orders + Learners)) -> QueuedMail {
    let (order, email) = (sample::order(), sample::email("buyer"));
    open(store, &order).await;
    let holder = store.learner_of(&email, &sample::learner()).await.unwrap();
    let change = sample::paid(&order, &holder, Some(&email));
    assert_eq!(
        store.commit(&change, sample::now()).await.unwrap(),
        Written::Yes
    );
    change.mail.unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}
