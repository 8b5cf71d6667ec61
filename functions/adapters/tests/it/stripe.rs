//! Payments against the till, and against servers that are none.

use std::time::{Duration, Instant};

use axum::Router;
use serde_json::json;
use tuition_adapters::StripePayments;
use tuition_domain::checkout::{
    DisputeState, NewPaymentSession, PaymentSession, PaymentState, SessionState,
};
use tuition_domain::email::Email;
use tuition_domain::identity::OrderId;
use tuition_domain::mail::Locale;
use tuition_domain::ports::{Payments as _, Subject};

use crate::sample;
use crate::stage::Stage;

fn payments(stage: &Stage) -> StripePayments {
    StripePayments::new("sk_test_1", Some(&stage.stand_ins.stripe_url())).unwrap()
}

fn request() -> NewPaymentSession {
    NewPaymentSession {
        offer: "rust".to_owned(),
        title: "Rust & 锈".to_owned(),
        unit_price: sample::money(4900),
        every: None,
        reference: "ref".to_owned(),
        quantity: 1,
        email: None,
        success_url: "https://shop.example/api/checkout/sessions/{CHECKOUT_SESSION_ID}".to_owned(),
        cancel_url: "https://shop.example/".to_owned(),
        locale: Locale::En,
    }
}

fn key() -> String {
    sample::attempt_key().provider_key()
}

async fn look(stripe: &StripePayments, id: &OrderId) -> PaymentSession {
    stripe.session(id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_payment_is_followed_to_its_end() {
    let stage = Stage::start().await;
    let stripe = payments(&stage);
    let opened = stripe.open(&request(), &key()).await.unwrap();
    assert!(opened.url.contains(opened.id.as_str()));
    let session = look(&stripe, &opened.id).await;
    assert_eq!(session.id, opened.id);
    assert_eq!(session.state, SessionState::Open);
    assert_eq!(session.payment_state, PaymentState::Unpaid);
    assert_eq!(session.total, Some(sample::money(4900)));
    assert_eq!(session.offer.as_deref(), Some("rust"));
    assert!(!session.live && session.payments.is_empty());

    stage.pay(&opened.id, "declined").await;
    let declined = look(&stripe, &opened.id).await;
    assert_eq!(declined.payment_state, PaymentState::Unpaid);
    assert_eq!(declined.state, SessionState::Open);

    stage.pay(&opened.id, "ok").await;
    let paid = look(&stripe, &opened.id).await;
    assert_eq!(paid.state, SessionState::Complete);
    assert_eq!(paid.payment_state, PaymentState::Paid);
    assert_eq!(paid.email.as_deref(), Some("buyer@x.example"));
    let payment = paid.payments[0].clone();
    assert_eq!((payment.captured, payment.refunded), (4900, 0));
    assert!(payment.may_succeed && payment.dispute.is_none());
    let subject = Subject::Payment(payment.id.clone());
    let found = stripe.session_of(&subject).await.unwrap();
    assert_eq!(found, Some(opened.id.clone()));

    let part = json!({"amount": 1000});
    stage.payment(&payment.id, "refund", part).await;
    let payment = look(&stripe, &opened.id).await.payments.remove(0);
    assert_eq!((payment.captured, payment.refunded), (4900, 1000));
    for (status, state) in [
        ("warning", DisputeState::Warning),
        ("open", DisputeState::Open),
        ("lost", DisputeState::Lost),
    ] {
        let body = json!({"status": status});
        stage.payment(&payment.id, "dispute", body).await;
        let payment = look(&stripe, &opened.id).await.payments.remove(0);
        assert_eq!(payment.dispute, Some(state), "{status}");
    }
}

#[tokio::test]
async fn a_payment_that_settles_later_may_fail() {
    let stage = Stage::start().await;
    let stripe = payments(&stage);
    for (result, state, may_succeed) in [
        ("succeeded", PaymentState::Paid, true),
        ("failed", PaymentState::Unpaid, false),
    ] {
        let opened = stripe.open(&request(), &key()).await.unwrap();
        stage.pay(&opened.id, "async").await;
        let pending = look(&stripe, &opened.id).await;
        assert_eq!(pending.state, SessionState::Complete);
        assert_eq!(pending.payment_state, PaymentState::Unpaid);
        assert!(pending.payments[0].may_succeed);
        let path = format!("/_dev/till/sessions/{}/settle", opened.id);
        stage.post(&path, json!({"result": result})).await;
        let settled = look(&stripe, &opened.id).await;
        assert_eq!(settled.payment_state, state);
        assert_eq!(settled.payments[0].may_succeed, may_succeed);
    }
    let opened = stripe.open(&request(), &key()).await.unwrap();
    let path = format!("/_dev/till/sessions/{}/expire", opened.id);
    stage.post(&path, json!({})).await;
    let expired = look(&stripe, &opened.id).await;
    assert_eq!(expired.state, SessionState::Expired);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_opens_one_session_however_often_it_is_sent() {
    let stage = Stage::start().await;
    let stripe = payments(&stage);
    let key = key();
    let running: Vec<_> = (0..50)
        .map(|_| {
            let (stripe, key) = (stripe.clone(), key.clone());
            tokio::spawn(async move { stripe.open(&request(), &key).await.unwrap() })
        })
        .collect();
    let mut opened = Vec::new();
    for task in running {
        opened.push(task.await.unwrap());
    }
    assert!(opened.iter().all(|session| *session == opened[0]));
    let other = NewPaymentSession {
        email: Some(Email::parse("a@x.example").unwrap()),
        ..request()
    };
    let error = stripe.open(&other, &key).await.unwrap_err().to_string();
    assert!(error.contains("idempotency_error"), "{error}");
    let another = stripe.open(&other, &self::key()).await.unwrap();
    assert_ne!(another.id, opened[0].id);
}

#[tokio::test]
async fn what_stripe_does_not_know_is_none() {
    let stage = Stage::start().await;
    let stripe = payments(&stage);
    let id = OrderId::parse("cs_test_unknown").unwrap();
    assert_eq!(stripe.session(&id).await.unwrap(), None);
    let found = stripe
        .session_of(&Subject::Payment("pi_unknown".to_owned()))
        .await
        .unwrap();
    assert_eq!(found, None);
}

#[tokio::test]
async fn a_failure_that_passes_is_waited_out_and_one_that_stays_is_said_in_time() {
    let stage = Stage::start().await;
    let stripe = payments(&stage);
    let faults = |status: Option<u16>| json!({"api_status": status});
    stage.post("/_dev/till/faults", faults(Some(500))).await;
    let call = tokio::spawn({
        let stripe = stripe.clone();
        async move { stripe.open(&request(), &key()).await }
    });
    tokio::time::sleep(Duration::from_millis(600)).await;
    stage.post("/_dev/till/faults", faults(None)).await;
    let opened = call.await.unwrap().unwrap();
    assert!(stripe.session(&opened.id).await.unwrap().is_some());

    for status in [400, 503] {
        stage.post("/_dev/till/faults", faults(Some(status))).await;
        let begun = Instant::now();
        assert!(stripe.open(&request(), &key()).await.is_err());
        let longest = if status == 400 { 2 } else { 10 };
        assert!(begun.elapsed() < Duration::from_secs(longest));
    }
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_no_answer() {
    for body in [
        "{}",
        "[]",
        "<html>",
        "{\"id\": \"cs/../1\", \"url\": \"https://x.example\"}",
    ] {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(move || async move { body });
        tokio::spawn(async move { axum::serve(listener, app).await });
        let stripe = StripePayments::new("sk_test_1", Some(&url)).unwrap();
        assert!(stripe.open(&request(), &key()).await.is_err(), "{body}");
        let id = OrderId::parse("cs_test_1").unwrap();
        assert!(stripe.session(&id).await.is_err(), "{body}");
        assert!(
            stripe
                .session_of(&Subject::Payment("pi_1".to_owned()))
                .await
                .is_err(),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_silent_provider_is_given_up_within_ten_seconds() {
    let silent = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let stripe = StripePayments::new("sk_test_1", Some(&url)).unwrap();
    let begun = Instant::now();
    let id = OrderId::parse("cs_test_1").unwrap();
    assert!(stripe.session(&id).await.is_err());
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
}
