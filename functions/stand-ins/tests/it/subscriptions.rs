//! A subscription from the session to the end, without its renewals.

use http::Method;
use serde_json::json;

use crate::stage::Stage;
use crate::subscriber::{DAY, MONTHLY, monthly, period};

#[tokio::test]
async fn a_paid_session_has_a_subscription_with_an_invoice_and_a_payment() {
    let stage = Stage::start().await;
    let session = stage.subscribed_with(&MONTHLY, "ok").await;
    assert_eq!(session["payment_status"], "paid");
    assert!(session["payment_intent"].is_null());
    let id = session["subscription"].as_str().unwrap();
    let path = format!(
        "subscriptions/{id}?expand[]=items.data.price.product&expand[]=latest_invoice.payments&expand[]=customer"
    );
    let subscription = stage.get(&path).await.ok();
    assert_eq!(subscription["status"], "active");
    assert_eq!(subscription["metadata"], json!({ "offer": "all" }));
    assert_eq!(subscription["customer"]["email"], "buyer@example.org");
    let item = &subscription["items"]["data"][0];
    assert_eq!(item["price"]["product"]["name"], "All courses");
    assert_eq!(item["price"]["recurring"]["interval"], "month");
    let (start, end) = period(&subscription);
    assert!((28 * DAY..=31 * DAY).contains(&(end - start)));
    let invoice = &subscription["latest_invoice"];
    assert_eq!(invoice["status"], "paid");
    assert_eq!(invoice["billing_reason"], "subscription_create");
    assert_eq!(
        invoice["parent"]["subscription_details"]["metadata"],
        json!({ "offer": "all" })
    );
    let payment = &invoice["payments"]["data"][0];
    assert_eq!(payment["status"], "paid");
    let path = format!(
        "payment_intents/{}?expand[]=latest_charge.balance_transaction",
        payment["payment"]["payment_intent"].as_str().unwrap()
    );
    let intent = stage.get(&path).await.ok();
    assert_eq!(intent["amount_received"], 1000);
    let balance = &intent["latest_charge"]["balance_transaction"];
    assert_eq!(balance["net"], 1000 - 59);

    let by_payment = stage
        .get(&format!(
            "invoice_payments?payment[type]=payment_intent&payment[payment_intent]={}",
            intent["id"].as_str().unwrap()
        ))
        .await
        .ok();
    assert_eq!(by_payment["data"][0]["invoice"], invoice["id"]);
    let sessions = stage
        .get(&format!("checkout/sessions?subscription={id}"))
        .await
        .ok();
    assert_eq!(sessions["data"][0]["id"], session["id"]);
    assert_eq!(
        stage.event_types().await,
        [
            "customer.created",
            "invoice.created",
            "customer.subscription.created",
            "invoice.finalized",
            "charge.succeeded",
            "payment_intent.succeeded",
            "invoice_payment.paid",
            "invoice.paid",
            "invoice.payment_succeeded",
            "customer.subscription.updated",
            "checkout.session.completed",
        ]
    );
}

#[tokio::test]
async fn a_declined_card_leaves_the_session_open_and_makes_nothing() {
    let stage = Stage::start().await;
    let session = stage.post("checkout/sessions", &MONTHLY).await.ok();
    let path = format!("till/sessions/{}/pay", session["id"].as_str().unwrap());
    let declined = stage.dev_post(&path, json!({ "card": "declined" })).await;
    assert_eq!(declined.status, 402);
    assert_eq!(stage.event_types().await, Vec::<String>::new());
    let all = stage.get("subscriptions?status=all").await.ok();
    assert_eq!(all["data"], json!([]));
    let paid = stage.dev_post(&path, json!({ "card": "ok" })).await.ok();
    assert_eq!(paid["session"]["status"], "complete");
}

#[tokio::test]
async fn a_slow_first_payment_settles_or_is_tried_again() {
    let stage = Stage::start().await;
    for (result, status, invoice_status, event) in [
        (
            "succeeded",
            "active",
            "paid",
            "checkout.session.async_payment_succeeded",
        ),
        (
            "failed",
            "past_due",
            "open",
            "checkout.session.async_payment_failed",
        ),
    ] {
        let session = stage.subscribed_with(&MONTHLY, "async").await;
        assert_eq!(session["payment_status"], "unpaid");
        let id = session["subscription"].as_str().unwrap();
        assert_eq!(stage.subscription(id).await["status"], "active");
        assert_eq!(stage.invoices(id).await[0]["status"], "open");
        let settle = format!("till/sessions/{}/settle", session["id"].as_str().unwrap());
        stage
            .dev_post(&settle, json!({ "result": result }))
            .await
            .ok();
        assert_eq!(stage.subscription(id).await["status"], status);
        let invoice = stage.invoices(id).await[0].clone();
        assert_eq!(invoice["status"], invoice_status);
        assert_eq!(
            stage.event_types().await.last().map(String::as_str),
            Some(event)
        );
        let again = stage.dev_post(&settle, json!({ "result": result })).await;
        assert_eq!(again.status, 409);
    }
}

#[tokio::test]
async fn a_trial_costs_nothing_is_announced_and_ends_in_a_payment() {
    let stage = Stage::start().await;
    let form = monthly(&[("subscription_data[trial_period_days]", "14")]);
    let session = stage.subscribed_with(&form, "ok").await;
    assert_eq!(session["amount_total"], 0);
    assert_eq!(session["payment_status"], "no_payment_required");
    let id = session["subscription"].as_str().unwrap();
    let trial = stage.subscription(id).await;
    assert_eq!(trial["status"], "trialing");
    let (start, end) = period(&trial);
    assert_eq!(end - start, 14 * DAY);
    assert_eq!(trial["trial_end"], end);
    assert_eq!(stage.invoices(id).await[0]["total"], 0);

    let before = stage.event_types().await.len();
    stage.advance(11 * DAY + 60).await;
    let told = stage.events_since(before).await;
    assert_eq!(told, ["customer.subscription.trial_will_end"]);
    stage.pass_period(id).await;
    let active = stage.subscription(id).await;
    assert_eq!(active["status"], "active");
    assert_eq!(
        period(&active).0,
        end,
        "the paid time begins where the trial ended"
    );
    let invoices = stage.invoices(id).await;
    assert_eq!(invoices.len(), 2);
    assert_eq!(invoices[1]["amount_paid"], 1000);
    let announced = stage.event_types().await;
    let times = announced
        .iter()
        .filter(|kind| *kind == "customer.subscription.trial_will_end");
    assert_eq!(times.count(), 1);
}

#[tokio::test]
async fn a_trial_that_ends_with_nothing_to_pay_with_does_what_it_was_told() {
    let stage = Stage::start().await;
    for (behavior, status) in [
        ("pause", "paused"),
        ("cancel", "canceled"),
        ("create_invoice", "past_due"),
    ] {
        let form = monthly(&[
            ("subscription_data[trial_period_days]", "7"),
            ("payment_method_collection", "if_required"),
            (
                "subscription_data[trial_settings][end_behavior][missing_payment_method]",
                behavior,
            ),
        ]);
        let session = stage.subscribed_with(&form, "ok").await;
        let id = session["subscription"].as_str().unwrap();
        assert!(stage.subscription(id).await["default_payment_method"].is_null());
        stage.pass_period(id).await;
        assert_eq!(stage.subscription(id).await["status"], status, "{behavior}");
        if behavior != "pause" {
            continue;
        }
        let told = stage.event_types().await;
        assert!(told.contains(&"customer.subscription.paused".to_owned()));
        // Time passes by a paused subscription.
        stage.advance(90 * DAY).await;
        assert_eq!(stage.invoices(id).await.len(), 1);
        let before = stage.event_types().await.len();
        let resumed = stage.till(id, "resume", json!({})).await;
        assert_eq!(resumed["subscription"]["status"], "active");
        assert_eq!(resumed["invoice"]["status"], "paid");
        let now = stage.stand_ins.clock().now().as_second();
        assert!((now - period(&resumed["subscription"]).0).abs() < 60);
        let told = stage.events_since(before).await;
        assert!(told.contains(&"customer.subscription.resumed".to_owned()));
    }
}

#[tokio::test]
async fn a_trial_can_be_ended_and_extended_by_the_shop() {
    let stage = Stage::start().await;
    let form = monthly(&[("subscription_data[trial_period_days]", "7")]);
    let session = stage.subscribed_with(&form, "ok").await;
    let id = session["subscription"].as_str().unwrap();
    let later = stage.stand_ins.clock().now().as_second() + 30 * DAY;
    let path = format!("subscriptions/{id}");
    let extended = stage
        .post(&path, &[("trial_end", &later.to_string())])
        .await
        .ok();
    assert_eq!(extended["trial_end"], later);
    stage.advance(8 * DAY).await;
    assert_eq!(stage.subscription(id).await["status"], "trialing");
    let ended = stage.post(&path, &[("trial_end", "now")]).await.ok();
    assert_eq!(ended["status"], "active");
    assert_eq!(stage.invoices(id).await[1]["amount_paid"], 1000);

    let session = stage.subscribed_with(&form, "declines_later").await;
    let id = session["subscription"].as_str().unwrap();
    let ended = stage.till(id, "end_trial", json!({})).await;
    assert_eq!(ended["subscription"]["status"], "past_due");
    let route = format!("till/subscriptions/{id}/end_trial");
    assert_eq!(stage.dev_post(&route, json!({})).await.status, 409);
}

#[tokio::test]
async fn it_is_canceled_now_or_at_the_end_of_the_period() {
    let stage = Stage::start().await;
    let now = stage.subscribed().await;
    let url = format!("{}/v1/subscriptions/{now}", stage.stand_ins.stripe_url());
    let key = [("authorization", "Bearer sk_test_x")];
    let canceled = stage.send(Method::DELETE, &url, &key, "").await.ok();
    assert_eq!(canceled["status"], "canceled");
    assert_eq!(
        canceled["cancellation_details"]["reason"],
        "cancellation_requested"
    );
    let again = stage.send(Method::DELETE, &url, &key, "").await;
    assert_eq!(again.status, 404);
    let edited = stage
        .post(
            &format!("subscriptions/{now}"),
            &[("cancel_at_period_end", "true")],
        )
        .await;
    assert_eq!(
        edited.json()["error"]["code"],
        "invalid_canceled_subscription_fields"
    );

    let later = stage.subscribed().await;
    let path = format!("subscriptions/{later}");
    let planned = stage
        .post(&path, &[("cancel_at_period_end", "true")])
        .await
        .ok();
    let end = period(&planned).1;
    assert_eq!(planned["status"], "active");
    assert_eq!(planned["cancel_at"], end);
    let kept = stage
        .post(&path, &[("cancel_at_period_end", "false")])
        .await
        .ok();
    assert!(kept["cancel_at"].is_null() && kept["canceled_at"].is_null());
    stage
        .till(&later, "cancel", json!({ "at_period_end": true }))
        .await;
    let before = stage.event_types().await.len();
    stage.pass_period(&later).await;
    let gone = stage.subscription(&later).await;
    assert_eq!(gone["status"], "canceled");
    assert_eq!(gone["ended_at"], end);
    let told = stage.events_since(before).await;
    assert_eq!(told, ["customer.subscription.deleted"]);
    assert_eq!(stage.invoices(&later).await.len(), 1);
}
