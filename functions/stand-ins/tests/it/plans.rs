//! Another plan in the middle of a period.

use serde_json::{Value, json};

use crate::stage::Stage;
use crate::subscriber::{DAY, period};

/// A subscription at 10.00 USD that is half a period old, and its item.
async fn half_way(stage: &Stage) -> (String, String) {
    let id = stage.subscribed().await;
    let subscription = stage.subscription(&id).await;
    let (start, end) = period(&subscription);
    let now = stage.stand_ins.clock().now().as_second();
    stage.advance((start + end) / 2 - now).await;
    let item = subscription["items"]["data"][0]["id"].as_str().unwrap();
    (id, item.to_owned())
}

/// A price for the same thing.
async fn price(stage: &Stage, amount: &str, interval: &str) -> String {
    let form = [
        ("product_data[name]", "All courses, better"),
        ("currency", "usd"),
        ("unit_amount", amount),
        ("recurring[interval]", interval),
    ];
    let price = stage.post("prices", &form).await.ok();
    price["id"].as_str().unwrap().to_owned()
}

fn amounts(invoice: &Value) -> Vec<i64> {
    let lines = invoice["lines"]["data"].as_array().unwrap().iter();
    lines.map(|line| line["amount"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn an_upgrade_credits_the_old_and_charges_the_new_with_the_next_invoice() {
    let stage = Stage::start().await;
    let (id, item) = half_way(&stage).await;
    let better = price(&stage, "3000", "month").await;
    let form = [
        ("items[0][id]", item.as_str()),
        ("items[0][price]", better.as_str()),
    ];
    let before = stage.event_types().await.len();
    let changed = stage.post(&format!("subscriptions/{id}"), &form).await.ok();
    assert_eq!(changed["items"]["data"][0]["price"]["id"], better);
    assert_eq!(changed["items"]["data"][0]["plan"]["id"], better);
    assert_eq!(
        stage.events_since(before).await,
        ["customer.subscription.updated"]
    );
    assert_eq!(stage.invoices(&id).await.len(), 1, "nothing is due yet");
    stage.pass_period(&id).await;
    let invoice = stage.invoices(&id).await[1].clone();
    let amounts = amounts(&invoice);
    assert_eq!(amounts.len(), 3);
    // Half of it, give or take the second that passed meanwhile.
    assert!((amounts[0] + 500).abs() <= 1 && (amounts[1] - 1500).abs() <= 1);
    assert_eq!(amounts[2], 3000);
    let lines = &invoice["lines"]["data"];
    assert_eq!(
        lines[0]["parent"]["subscription_item_details"]["proration"],
        true
    );
    assert!(
        lines[0]["description"]
            .as_str()
            .unwrap()
            .starts_with("Unused time on")
    );
    assert_eq!(
        invoice["amount_paid"].as_i64().unwrap(),
        amounts.iter().sum::<i64>()
    );
}

#[tokio::test]
async fn it_is_invoiced_now_or_not_at_all_if_one_says_so() {
    let stage = Stage::start().await;
    let (id, item) = half_way(&stage).await;
    let better = price(&stage, "3000", "month").await;
    let form = |behavior| {
        [
            ("items[0][id]", item.as_str()),
            ("items[0][price]", better.as_str()),
            ("proration_behavior", behavior),
        ]
    };
    let path = format!("subscriptions/{id}");
    stage.post(&path, &form("always_invoice")).await.ok();
    let invoices = stage.invoices(&id).await;
    assert_eq!(invoices[1]["billing_reason"], "subscription_update");
    assert_eq!(invoices[1]["status"], "paid");
    assert!((invoices[1]["total"].as_i64().unwrap() - 1000).abs() <= 1);

    let (id, item) = half_way(&stage).await;
    let form = [
        ("items[0][id]", item.as_str()),
        ("items[0][price]", better.as_str()),
        ("proration_behavior", "none"),
    ];
    stage.post(&format!("subscriptions/{id}"), &form).await.ok();
    stage.pass_period(&id).await;
    assert_eq!(amounts(&stage.invoices(&id).await[1]), [3000]);
}

#[tokio::test]
async fn another_interval_begins_a_period_of_its_own() {
    let stage = Stage::start().await;
    let (id, _) = half_way(&stage).await;
    let plan = json!({ "price_data": { "unit_amount": 10_000, "interval": "year" } });
    let answer = stage.till(&id, "plan", plan).await;
    let (start, end) = period(&answer["subscription"]);
    let now = stage.stand_ins.clock().now().as_second();
    assert!((now - start).abs() < 60);
    assert!((365 * DAY..=366 * DAY).contains(&(end - start)));
    assert_eq!(answer["subscription"]["billing_cycle_anchor"], start);
    let amounts = amounts(&answer["invoice"]);
    assert!((amounts[0] + 500).abs() <= 1, "{amounts:?}");
    assert_eq!(amounts[1..], [10_000]);
    stage.advance(60 * DAY).await;
    assert_eq!(
        stage.invoices(&id).await.len(),
        2,
        "the old period ends unseen"
    );
}

#[tokio::test]
async fn a_discount_lessens_the_credit() {
    let stage = Stage::start().await;
    let coupon = [("id", "HALF"), ("percent_off", "50")];
    stage.post("coupons", &coupon).await.ok();
    let form = crate::subscriber::monthly(&[("discounts[0][coupon]", "HALF")]);
    let session = stage.subscribed_with(&form, "ok").await;
    let id = session["subscription"].as_str().unwrap();
    let plan = json!({
        "price_data": { "unit_amount": 3000 },
        "proration_behavior": "always_invoice",
    });
    let answer = stage.till(id, "plan", plan).await;
    let amounts = amounts(&answer["invoice"]);
    assert!(
        (amounts[0] + 500).abs() <= 1,
        "what was paid, not the list price: {amounts:?}"
    );
    assert!((amounts[1] - 3000).abs() <= 1);
}

#[tokio::test]
async fn a_trial_changes_its_plan_for_nothing() {
    let stage = Stage::start().await;
    let form = crate::subscriber::monthly(&[("subscription_data[trial_period_days]", "7")]);
    let session = stage.subscribed_with(&form, "ok").await;
    let id = session["subscription"].as_str().unwrap();
    let plan = json!({ "price_data": { "unit_amount": 3000, "interval": "year" } });
    let answer = stage.till(id, "plan", plan).await;
    assert_eq!(answer["subscription"]["status"], "trialing");
    stage.pass_period(id).await;
    let paid = stage.invoices(id).await;
    assert_eq!(paid.len(), 2);
    assert_eq!(paid[1]["amount_paid"], 3000);
}

#[tokio::test]
async fn what_no_plan_can_be_is_refused_and_changes_nothing() {
    let stage = Stage::start().await;
    let (id, item) = half_way(&stage).await;
    let before = stage.subscription(&id).await;
    let one_time = {
        let form = [
            ("product_data[name]", "x"),
            ("currency", "usd"),
            ("unit_amount", "100"),
        ];
        stage.post("prices", &form).await.ok()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let euros = {
        let form = [
            ("product_data[name]", "x"),
            ("currency", "eur"),
            ("unit_amount", "100"),
            ("recurring[interval]", "month"),
        ];
        stage.post("prices", &form).await.ok()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let path = format!("subscriptions/{id}");
    for form in [
        vec![("items[0][price]", one_time.as_str())],
        vec![
            ("items[0][id]", item.as_str()),
            ("items[0][price]", one_time.as_str()),
        ],
        vec![
            ("items[0][id]", item.as_str()),
            ("items[0][price]", euros.as_str()),
        ],
        vec![("items[0][id]", "si_none"), ("items[0][quantity]", "2")],
        vec![("items[0][id]", item.as_str()), ("items[0][quantity]", "0")],
        vec![("trial_end", "now"), ("colour", "red")],
        vec![("cancel_at_period_end", "perhaps")],
        vec![("pause_collection[behavior]", "sleep")],
    ] {
        assert_eq!(stage.post(&path, &form).await.status, 400, "{form:?}");
    }
    assert_eq!(stage.subscription(&id).await, before);
    let seats = [("items[0][id]", item.as_str()), ("items[0][quantity]", "3")];
    let more = stage.post(&path, &seats).await.ok();
    assert_eq!(more["items"]["data"][0]["quantity"], 3);
}
