//! What time does to a subscription: renewals, failed payments, pauses.

use serde_json::{Value, json};

use crate::stage::Stage;
use crate::subscriber::{DAY, MONTHLY, monthly, period};

#[tokio::test]
async fn the_clock_renews_it_period_by_period() {
    let stage = Stage::start().await;
    let id = stage.subscribed().await;
    let first = period(&stage.subscription(&id).await);
    let before = stage.event_types().await.len();
    stage.pass_period(&id).await;
    let second = period(&stage.subscription(&id).await);
    assert_eq!(second.0, first.1);
    assert_eq!(
        stage.events_since(before).await,
        [
            "invoice.created",
            "customer.subscription.updated",
            "invoice.finalized",
            "charge.succeeded",
            "payment_intent.succeeded",
            "invoice_payment.paid",
            "invoice.paid",
            "invoice.payment_succeeded",
        ]
    );
    // A leap over several periods brings them all.
    stage.advance(365 * DAY).await;
    let invoices = stage.invoices(&id).await;
    assert_eq!(invoices.len(), 2 + 12);
    for pair in invoices.windows(2) {
        let line = |invoice: &Value| invoice["lines"]["data"][0]["period"].clone();
        assert_eq!(line(&pair[0])["end"], line(&pair[1])["start"]);
    }
    assert_eq!(invoices[5]["billing_reason"], "subscription_cycle");
    let numbers: Vec<&str> = invoices
        .iter()
        .map(|invoice| {
            invoice["number"]
                .as_str()
                .unwrap()
                .rsplit_once('-')
                .unwrap()
                .1
        })
        .collect();
    assert_eq!(numbers[..3], ["0001", "0002", "0003"]);
}

#[tokio::test]
async fn a_failed_renewal_is_tried_again_after_3_5_and_7_days_and_then_ends_it() {
    let stage = Stage::start().await;
    let session = stage.subscribed_with(&MONTHLY, "declines_later").await;
    let id = session["subscription"].as_str().unwrap();
    let before = stage.event_types().await.len();
    stage.pass_period(id).await;
    let due = stage.subscription(id).await;
    assert_eq!(due["status"], "past_due");
    assert_eq!(
        stage.events_since(before).await,
        [
            "invoice.created",
            "customer.subscription.updated",
            "invoice.finalized",
            "charge.failed",
            "payment_intent.payment_failed",
            "invoice.payment_failed",
            "customer.subscription.updated",
        ]
    );
    let mut planned = Vec::new();
    for days in [3, 5, 7] {
        let invoice = stage.invoices(id).await[1].clone();
        assert_eq!(invoice["status"], "open");
        let next = invoice["next_payment_attempt"].as_i64().unwrap();
        let now = stage.stand_ins.clock().now().as_second();
        assert!((next - now - days * DAY).abs() < 60, "{days}");
        planned.push(next);
        stage.advance(days * DAY - 60).await;
        assert_eq!(stage.invoices(id).await[1], invoice, "not before its time");
        stage.advance(120).await;
    }
    let gone = stage.subscription(id).await;
    assert_eq!(gone["status"], "canceled");
    assert_eq!(gone["cancellation_details"]["reason"], "payment_failed");
    let invoice = stage.invoices(id).await[1].clone();
    assert_eq!(invoice["attempt_count"], 4);
    assert!(invoice["next_payment_attempt"].is_null());
    assert_eq!(invoice["amount_paid"], 0);
    let charges = stage
        .get(&format!(
            "charges?customer={}",
            gone["customer"].as_str().unwrap()
        ))
        .await
        .ok();
    let failed = charges["data"].as_array().unwrap().iter();
    assert_eq!(failed.filter(|one| one["status"] == "failed").count(), 4);
    stage.advance(60 * DAY).await;
    assert_eq!(stage.invoices(id).await.len(), 2, "nothing follows the end");
}

#[tokio::test]
async fn a_new_card_pays_what_was_due() {
    let stage = Stage::start().await;
    let session = stage.subscribed_with(&MONTHLY, "declines_later").await;
    let id = session["subscription"].as_str().unwrap();
    stage.pass_period(id).await;
    let path = format!("subscriptions/{id}");
    let card = [("default_payment_method", "pm_card_visa")];
    stage.post(&path, &card).await.ok();
    stage.advance(3 * DAY + 60).await;
    assert_eq!(stage.subscription(id).await["status"], "active");
    let invoice = stage.invoices(id).await[1].clone();
    assert_eq!(invoice["status"], "paid");
    assert_eq!(invoice["attempt_count"], 2);
    let bad = [("default_payment_method", "pm_card_chargeCustomerFail")];
    stage.post(&path, &bad).await.ok();
    stage.pass_period(id).await;
    assert_eq!(stage.subscription(id).await["status"], "past_due");
}

#[tokio::test]
async fn a_renewal_can_be_brought_about_by_hand() {
    let stage = Stage::start().await;
    let id = stage.subscribed().await;
    let first = period(&stage.subscription(&id).await);
    let renewed = stage.till(&id, "renew", json!({})).await;
    assert_eq!(period(&renewed["subscription"]).0, first.1);
    assert_eq!(renewed["invoice"]["status"], "paid");
    let failed = stage
        .till(&id, "renew", json!({ "result": "failed" }))
        .await;
    assert_eq!(failed["subscription"]["status"], "past_due");
    assert_eq!(failed["invoice"]["status"], "open");
    let due = period(&failed["subscription"]);
    let paid = stage
        .till(&id, "renew", json!({ "result": "succeeded" }))
        .await;
    assert_eq!(paid["subscription"]["status"], "active");
    assert_eq!(paid["invoice"]["id"], failed["invoice"]["id"]);
    assert_eq!(period(&paid["subscription"]), due);
    // What was paid by hand is not charged again by the clock.
    stage.pass_period(&id).await;
    assert_eq!(stage.invoices(&id).await.len(), 4);
    stage.till(&id, "cancel", json!({})).await;
    let route = format!("till/subscriptions/{id}/renew");
    assert_eq!(stage.dev_post(&route, json!({})).await.status, 409);
}

#[tokio::test]
async fn while_collection_is_paused_periods_go_by_unpaid() {
    let stage = Stage::start().await;
    for (behavior, status) in [
        ("void", "void"),
        ("mark_uncollectible", "uncollectible"),
        ("keep_as_draft", "draft"),
    ] {
        let id = stage.subscribed().await;
        let path = format!("subscriptions/{id}");
        let paused = stage
            .post(&path, &[("pause_collection[behavior]", behavior)])
            .await
            .ok();
        assert_eq!(paused["status"], "active");
        stage.pass_period(&id).await;
        let invoice = stage.invoices(&id).await[1].clone();
        assert_eq!(invoice["status"], status);
        assert_eq!(invoice["amount_paid"], 0);
        let resumed = stage.post(&path, &[("pause_collection", "")]).await.ok();
        assert!(resumed["pause_collection"].is_null());
        stage.pass_period(&id).await;
        assert_eq!(stage.invoices(&id).await[2]["status"], "paid");
    }
    let id = stage.subscribed().await;
    let soon = stage.stand_ins.clock().now().as_second() + 5 * DAY;
    stage
        .till(&id, "pause", json!({ "resumes_at": soon }))
        .await;
    stage.advance(6 * DAY).await;
    assert!(stage.subscription(&id).await["pause_collection"].is_null());
}

#[tokio::test]
async fn the_31st_stays_the_31st() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::start_at(folder.path(), "2031-01-31T12:00:00Z").await;
    let id = stage.subscribed().await;
    let mut ends = Vec::new();
    for _ in 0..3 {
        let end = period(&stage.subscription(&id).await).1;
        ends.push(jiff::Timestamp::from_second(end).unwrap().to_string()[..10].to_owned());
        stage.pass_period(&id).await;
    }
    assert_eq!(ends, ["2031-02-28", "2031-03-31", "2031-04-30"]);
}

#[tokio::test]
async fn a_yearly_price_of_two_seats_is_billed_each_year() {
    let stage = Stage::start().await;
    let form = monthly(&[
        ("line_items[0][price_data][recurring][interval]", "year"),
        ("line_items[0][quantity]", "2"),
    ]);
    let session = stage.subscribed_with(&form, "ok").await;
    assert_eq!(session["amount_total"], 2000);
    let id = session["subscription"].as_str().unwrap();
    stage.advance(400 * DAY).await;
    let invoices = stage.invoices(id).await;
    assert_eq!(invoices.len(), 2);
    assert_eq!(invoices[1]["amount_paid"], 2000);
}
