//! Subscriptions in the API: lists, expansion, what is refused.

use serde_json::{Value, json};

use crate::stage::Stage;
use crate::subscriber::monthly;

#[tokio::test]
async fn lists_leave_out_what_has_ended_unless_asked() {
    let stage = Stage::start().await;
    let kept = stage.subscribed().await;
    let gone = stage.subscribed().await;
    stage.till(&gone, "cancel", json!({})).await;
    let ids = |list: Value| -> Vec<String> {
        let data = list["data"].as_array().unwrap().iter();
        data.map(|one| one["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(stage.get("subscriptions").await.ok()), [kept.as_str()]);
    let all = stage.get("subscriptions?status=all").await.ok();
    assert_eq!(ids(all), [gone.as_str(), kept.as_str()]);
    for status in ["ended", "canceled"] {
        let path = format!("subscriptions?status={status}");
        assert_eq!(ids(stage.get(&path).await.ok()), [gone.as_str()]);
    }
    let soon = stage.stand_ins.clock().now().as_second() + 100;
    let path = format!("subscriptions?created[gte]={soon}");
    assert!(ids(stage.get(&path).await.ok()).is_empty());
    assert_eq!(stage.get("subscriptions?status=odd").await.status, 400);
}

#[tokio::test]
async fn expansion_ends_after_four_levels_as_at_stripe() {
    let stage = Stage::start().await;
    let id = stage.subscribed().await;
    let session = stage
        .get(&format!("checkout/sessions?subscription={id}"))
        .await
        .ok()["data"][0]["id"]
        .clone();
    let path = format!(
        "checkout/sessions/{}?expand[]=subscription.items.data.price&expand[]=invoice.customer",
        session.as_str().unwrap()
    );
    let whole = stage.get(&path).await.ok();
    assert_eq!(whole["subscription"]["status"], "active");
    assert_eq!(whole["invoice"]["customer"]["object"], "customer");
    for too_deep in [
        "subscriptions?expand[]=data.items.data.price.product",
        "invoices?expand[]=data.payments.data.payment.payment_intent",
    ] {
        let refused = stage.get(too_deep).await;
        assert_eq!(refused.status, 400);
        assert_eq!(
            refused.json()["error"]["code"],
            "property_expansion_max_depth"
        );
    }
    let invoice = whole["invoice"]["id"].as_str().unwrap();
    let path = format!("invoices/{invoice}?expand[]=payments.data.payment.payment_intent");
    let expanded = stage.get(&path).await.ok();
    let payment = &expanded["payments"]["data"][0]["payment"];
    assert_eq!(payment["payment_intent"]["status"], "succeeded");
    for nothing in [
        "items.data.nothing",
        "items.data.price.product.name",
        "status",
    ] {
        let path = format!("subscriptions/{id}?expand[]={nothing}");
        assert_eq!(stage.get(&path).await.status, 400, "{nothing}");
    }
}

#[tokio::test]
async fn what_a_subscription_session_cannot_be_is_refused() {
    let stage = Stage::start().await;
    for (name, value) in [
        ("customer_creation", "always"),
        ("payment_intent_data[description]", "x"),
        ("subscription_data[trial_period_days]", "0"),
        ("subscription_data[trial_end]", "1"),
        ("subscription_data[colour]", "red"),
        ("line_items[0][price_data][recurring][interval]", "decade"),
        ("line_items[0][price_data][recurring][interval_count]", "37"),
        ("payment_method_collection", "never"),
    ] {
        let refused = stage
            .post("checkout/sessions", &monthly(&[(name, value)]))
            .await;
        assert_eq!(refused.status, 400, "{name}");
    }
    let form = monthly(&[("mode", "payment")]);
    let wrong_mode = stage.post("checkout/sessions", &form).await.json();
    let message = wrong_mode["error"]["message"].as_str().unwrap();
    assert!(message.contains("recurring price"), "{message}");
    let one_time = stage.session().await;
    let pay = format!("till/sessions/{}/pay", one_time["id"].as_str().unwrap());
    let later = stage
        .dev_post(&pay, json!({ "card": "declines_later" }))
        .await;
    assert_eq!(later.status, 400);
}
