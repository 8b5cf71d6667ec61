//! Coupons: made, changed, deleted, redeemed.

use http::Method;
use serde_json::json;

use crate::stage::{SESSION, Stage};
use crate::subscriber::{DAY, monthly};

fn with_coupon(id: &str) -> Vec<(&str, &str)> {
    let mut form = SESSION.to_vec();
    form.push(("discounts[0][coupon]", id));
    form
}

#[tokio::test]
async fn a_coupon_is_made_found_changed_and_deleted() {
    let stage = Stage::start().await;
    let form = [
        ("id", "SPRING"),
        ("percent_off", "12.5"),
        ("name", "Spring"),
        ("metadata[offer]", "rust"),
    ];
    let coupon = stage.post("coupons", &form).await.ok();
    assert_eq!(coupon["percent_off"], 12.5);
    assert_eq!(coupon["duration"], "once");
    assert_eq!(coupon["valid"], true);
    let taken = stage.post("coupons", &form).await;
    assert_eq!(taken.json()["error"]["code"], "resource_already_exists");
    let changed = stage
        .post(
            "coupons/SPRING",
            &[("name", "Summer"), ("metadata[offer]", "")],
        )
        .await
        .ok();
    assert_eq!(
        (&changed["name"], &changed["metadata"]),
        (&json!("Summer"), &json!({}))
    );
    let listed = stage.get("coupons").await.ok();
    assert_eq!(listed["data"], json!([changed]));

    let url = format!("{}/v1/coupons/SPRING", stage.stand_ins.stripe_url());
    let key = [("authorization", "Bearer sk_test_x")];
    let deleted = stage.send(Method::DELETE, &url, &key, "").await.ok();
    assert_eq!(deleted["deleted"], true);
    assert_eq!(stage.get("coupons/SPRING").await.status, 404);
    let gone = stage
        .post("checkout/sessions", &with_coupon("SPRING"))
        .await;
    assert_eq!(gone.json()["error"]["code"], "resource_missing");
    // The name is free again.
    let again = [("id", "SPRING"), ("percent_off", "50")];
    assert_eq!(stage.post("coupons", &again).await.ok()["percent_off"], 50);
}

#[tokio::test]
async fn what_no_coupon_can_be_is_refused() {
    let stage = Stage::start().await;
    for form in [
        &[][..],
        &[("percent_off", "0")],
        &[("percent_off", "101")],
        &[
            ("percent_off", "10"),
            ("amount_off", "10"),
            ("currency", "usd"),
        ],
        &[("amount_off", "10")],
        &[("amount_off", "0"), ("currency", "usd")],
        &[("percent_off", "10"), ("duration", "repeating")],
        &[("percent_off", "10"), ("duration_in_months", "3")],
        &[("percent_off", "10"), ("redeem_by", "1")],
        &[("percent_off", "10"), ("max_redemptions", "0")],
    ] {
        assert_eq!(stage.post("coupons", form).await.status, 400, "{form:?}");
    }
    assert_eq!(stage.get("coupons").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn it_can_be_redeemed_so_often_so_long_and_in_its_currency() {
    let stage = Stage::start().await;
    let once = [
        ("id", "ONE"),
        ("percent_off", "10"),
        ("max_redemptions", "1"),
    ];
    stage.post("coupons", &once).await.ok();
    let session = stage
        .post("checkout/sessions", &with_coupon("ONE"))
        .await
        .ok();
    assert_eq!(session["discounts"][0]["coupon"], "ONE");
    assert_eq!(session["amount_total"], 4410);
    let path = format!("till/sessions/{}/pay", session["id"].as_str().unwrap());
    stage.dev_post(&path, json!({ "card": "ok" })).await.ok();
    let used = stage.get("coupons/ONE").await.ok();
    assert_eq!(
        (&used["times_redeemed"], &used["valid"]),
        (&json!(1), &json!(false))
    );
    let refused = stage.post("checkout/sessions", &with_coupon("ONE")).await;
    assert_eq!(refused.json()["error"]["code"], "coupon_expired");

    let until = (stage.stand_ins.clock().now().as_second() + DAY).to_string();
    let today = [
        ("id", "TODAY"),
        ("percent_off", "10"),
        ("redeem_by", until.as_str()),
    ];
    stage.post("coupons", &today).await.ok();
    stage
        .post("checkout/sessions", &with_coupon("TODAY"))
        .await
        .ok();
    stage.advance(DAY + 1).await;
    assert_eq!(stage.get("coupons/TODAY").await.ok()["valid"], false);
    let refused = stage.post("checkout/sessions", &with_coupon("TODAY")).await;
    assert_eq!(refused.json()["error"]["code"], "coupon_expired");

    let euros = [("id", "EURO"), ("amount_off", "500"), ("currency", "eur")];
    stage.post("coupons", &euros).await.ok();
    let refused = stage.post("checkout/sessions", &with_coupon("EURO")).await;
    assert_eq!(refused.json()["error"]["param"], "discounts");
    let mut both = with_coupon("EURO");
    both.push(("allow_promotion_codes", "true"));
    assert_eq!(stage.post("checkout/sessions", &both).await.status, 400);
}

#[tokio::test]
async fn on_a_subscription_it_lasts_as_long_as_it_says() {
    let stage = Stage::start().await;
    for (id, duration, months, totals) in [
        ("ONCE", "once", None, [500, 1000, 1000, 1000]),
        ("TWO", "repeating", Some("2"), [500, 500, 1000, 1000]),
        ("EVER", "forever", None, [500, 500, 500, 500]),
    ] {
        let mut form = vec![("id", id), ("percent_off", "50"), ("duration", duration)];
        form.extend(months.map(|months| ("duration_in_months", months)));
        stage.post("coupons", &form).await.ok();
        let session = stage
            .subscribed_with(&monthly(&[("discounts[0][coupon]", id)]), "ok")
            .await;
        let subscription = session["subscription"].as_str().unwrap();
        for _ in 0..3 {
            stage.pass_period(subscription).await;
        }
        let invoices = stage.invoices(subscription).await;
        let paid: Vec<i64> = invoices
            .iter()
            .map(|invoice| invoice["amount_paid"].as_i64().unwrap())
            .collect();
        assert_eq!(paid, totals, "{duration}");
        let path = format!(
            "invoices/{}?expand[]=discounts.source.coupon",
            invoices[0]["id"].as_str().unwrap()
        );
        let first = stage.get(&path).await.ok();
        assert_eq!(first["discounts"][0]["source"]["coupon"]["id"], id);
        assert_eq!(first["discounts"][0]["subscription"], subscription);
    }
}

#[tokio::test]
async fn a_trial_does_not_use_up_a_coupon_that_is_good_once() {
    let stage = Stage::start().await;
    let half = [("id", "HALF"), ("percent_off", "50")];
    stage.post("coupons", &half).await.ok();
    let form = monthly(&[
        ("discounts[0][coupon]", "HALF"),
        ("subscription_data[trial_period_days]", "3"),
    ]);
    let session = stage.subscribed_with(&form, "ok").await;
    let id = session["subscription"].as_str().unwrap();
    stage.pass_period(id).await;
    stage.pass_period(id).await;
    let paid: Vec<i64> = stage
        .invoices(id)
        .await
        .iter()
        .map(|invoice| invoice["amount_paid"].as_i64().unwrap())
        .collect();
    assert_eq!(paid, [0, 500, 1000]);
}
