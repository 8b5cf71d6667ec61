//! The Stripe API itself: keys, parameters, lists, errors.

use http::Method;
use serde_json::{Value, json};

use crate::stage::{SESSION, Stage};

#[tokio::test]
async fn only_test_keys_open_it() {
    let stage = Stage::start().await;
    let url = format!("{}/v1/charges", stage.stand_ins.stripe_url());
    for headers in [
        &[][..],
        &[("authorization", "Bearer sk_live_abc")],
        &[("authorization", "Bearer ")],
        &[("authorization", "Basic c2tfbGl2ZV9hOg==")],
    ] {
        let refused = stage.send(Method::GET, &url, headers, "").await;
        assert_eq!(refused.status, 401);
        assert_eq!(refused.json()["error"]["type"], "invalid_request_error");
    }
    // `sk_test_a:` in base64, as curl -u sends it.
    let basic = [("authorization", "Basic c2tfdGVzdF9hOg==")];
    let reply = stage.send(Method::GET, &url, &basic, "").await;
    assert_eq!(reply.status, 200);
    assert!(reply.header("request-id").starts_with("req_"));
    assert_eq!(reply.header("stripe-version"), "2026-09-30.endive");
}

#[tokio::test]
async fn what_it_does_not_know_it_refuses() {
    let stage = Stage::start().await;
    for (name, value, param) in [
        (
            "shipping_options[0][shipping_rate]",
            "shr_1",
            "shipping_options",
        ),
        (
            "line_items[0][tax_rates][0]",
            "txr_1",
            "line_items[0][tax_rates]",
        ),
        (
            "payment_intent_data[capture_method]",
            "manual",
            "payment_intent_data[capture_method]",
        ),
        (
            "tax_id_collection[enabled]",
            "true",
            "tax_id_collection[enabled]",
        ),
        (
            "payment_method_collection",
            "always",
            "payment_method_collection",
        ),
        ("subscription_data[description]", "x", "subscription_data"),
        ("discounts[0][coupon]", "NONE", "discounts[0][coupon]"),
        ("payment_method_types", "card", "payment_method_types"),
        ("expand[]", "line_items.data.nothing", "expand"),
        ("customer_email", "nobody", "customer_email"),
        ("expires_at", "1", "expires_at"),
        ("currency", "eur", "line_items"),
    ] {
        let mut form = SESSION.to_vec();
        form.push((name, value));
        let refused = stage.post("checkout/sessions", &form).await;
        assert_eq!(refused.status, 400, "{name}");
        assert_eq!(refused.json()["error"]["param"], param, "{name}");
    }
    for (at, value, code) in [
        (0, "setup", Value::Null),
        (0, "subscription", Value::Null),
        (1, "usdt", Value::Null),
        (2, "49.00", json!("parameter_invalid_integer")),
        (2, "-1", json!("parameter_invalid_integer")),
        (4, "0", json!("parameter_invalid_integer")),
        (4, "1.5", json!("parameter_invalid_integer")),
        (4, "1000000000", json!("amount_too_large")),
        (6, "", json!("parameter_invalid_empty")),
        (6, "javascript:alert(1)", json!("url_invalid")),
    ] {
        let mut form = SESSION;
        form[at].1 = value;
        let refused = stage.post("checkout/sessions", &form).await;
        assert_eq!(refused.status, 400, "{value}");
        assert_eq!(refused.json()["error"]["code"], code, "{value}");
    }
    for at in [0, 1, 2, 3, 4, 6] {
        let mut form = SESSION.to_vec();
        form.remove(at);
        assert_eq!(
            stage.post("checkout/sessions", &form).await.status,
            400,
            "{at}"
        );
    }
    assert_eq!(stage.get("checkout/sessions").await.ok()["data"], json!([]));
    assert_eq!(stage.get("products").await.ok()["data"], json!([]));
    for path in [
        "setup_intents",
        "checkout",
        "payment_intents/x/confirm",
        "../v1/charges",
    ] {
        assert_eq!(stage.get(path).await.status, 404, "{path}");
    }
    let missing = stage.get("charges/ch_none").await;
    assert_eq!(missing.status, 404);
    assert_eq!(missing.json()["error"]["code"], "resource_missing");
}

#[tokio::test]
async fn a_session_can_sell_a_stored_price() {
    let stage = Stage::start().await;
    let product = stage.post("products", &[("name", "Rust")]).await.ok();
    let form = [
        ("product", product["id"].as_str().unwrap()),
        ("currency", "JPY"),
        ("unit_amount", "4900"),
        ("lookup_key", "course/rust/jpy"),
    ];
    let price = stage.post("prices", &form).await.ok();
    assert_eq!(price["currency"], "jpy");
    let taken = stage.post("prices", &form).await;
    assert_eq!(taken.json()["error"]["param"], "lookup_key");
    let mut moved = form.to_vec();
    moved.push(("transfer_lookup_key", "true"));
    let newer = stage.post("prices", &moved).await.ok();
    let found = stage.get("prices?lookup_keys[]=course/rust/jpy").await.ok();
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    assert_eq!(found["data"][0]["id"], newer["id"]);

    let form = [
        ("mode", "payment"),
        ("line_items[0][price]", newer["id"].as_str().unwrap()),
        ("line_items[0][quantity]", "3"),
        ("success_url", "http://127.0.0.1:9/"),
        ("expand[]", "line_items"),
    ];
    let session = stage.post("checkout/sessions", &form).await.ok();
    assert_eq!(session["amount_total"], 14_700);
    assert_eq!(session["currency"], "jpy");
    assert_eq!(session["line_items"]["data"][0]["description"], "Rust");

    let path = format!("prices/{}", newer["id"].as_str().unwrap());
    stage.post(&path, &[("active", "false")]).await.ok();
    let retired = stage.post("checkout/sessions", &form).await;
    assert_eq!(retired.json()["error"]["param"], "line_items[0][price]");
}

#[tokio::test]
async fn lists_are_paged_newest_first_in_both_directions() {
    let stage = Stage::start().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(stage.session().await["id"].as_str().unwrap().to_owned());
    }
    made.reverse();
    let ids = |page: &Value| -> Vec<String> {
        let data = page["data"].as_array().unwrap();
        data.iter()
            .map(|s| s["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = stage.get("checkout/sessions?limit=2").await.ok();
    assert_eq!(
        (ids(&first), &first["has_more"]),
        (made[..2].to_vec(), &json!(true))
    );
    let path = format!("checkout/sessions?limit=3&starting_after={}", made[1]);
    let rest = stage.get(&path).await.ok();
    assert_eq!(
        (ids(&rest), &rest["has_more"]),
        (made[2..].to_vec(), &json!(false))
    );
    let path = format!("checkout/sessions?limit=2&ending_before={}", made[4]);
    let before = stage.get(&path).await.ok();
    assert_eq!(
        (ids(&before), &before["has_more"]),
        (made[2..4].to_vec(), &json!(true))
    );
    let unknown = stage.get("checkout/sessions?starting_after=cs_none").await;
    assert_eq!(unknown.json()["error"]["param"], "starting_after");
    for bad in ["limit=0", "limit=101", "limit=x", "colour=red"] {
        assert_eq!(
            stage.get(&format!("checkout/sessions?{bad}")).await.status,
            400
        );
    }
}

#[tokio::test]
async fn events_can_be_asked_for_by_time_and_type_for_thirty_days() {
    let stage = Stage::start().await;
    stage.paid().await;
    let then = stage.stand_ins.clock().now().as_second();
    stage
        .dev_post("clock", json!({ "advance_s": 3600 }))
        .await
        .ok();
    stage.session().await;
    stage.paid().await;
    let count = |page: Value| page["data"].as_array().unwrap().len();
    assert_eq!(count(stage.get("events").await.ok()), 6);
    let since = format!("events?created[gte]={}", then + 1800);
    assert_eq!(count(stage.get(&since).await.ok()), 3);
    let types = "events?types[]=charge.succeeded&types[]=checkout.session.completed";
    assert_eq!(count(stage.get(types).await.ok()), 4);
    assert_eq!(
        count(stage.get("events?type=payment_intent.*").await.ok()),
        2
    );
    let one = stage.get("events?limit=1").await.ok()["data"][0]["id"].clone();
    let path = format!("events/{}", one.as_str().unwrap());
    assert_eq!(stage.get(&path).await.ok()["id"], one);
    stage
        .dev_post("clock", json!({ "advance_s": 30 * 86_400 + 10 }))
        .await
        .ok();
    assert_eq!(
        count(stage.get("events?type=charge.succeeded").await.ok()),
        0
    );
    assert_eq!(stage.get(&path).await.status, 404);
}

#[tokio::test]
async fn an_event_names_the_request_that_caused_it() {
    let stage = Stage::start().await;
    let payment = stage.paid().await["payment_intent"]
        .as_str()
        .unwrap()
        .to_owned();
    let form = [("payment_intent", payment.as_str())];
    let key = [("idempotency-key", "refund-1")];
    let reply = stage.post_with("refunds", &form, &key).await;
    let event = stage.get("events?type=refund.created").await.ok()["data"][0].clone();
    assert_eq!(event["request"]["id"], reply.header("request-id"));
    assert_eq!(event["request"]["idempotency_key"], "refund-1");
    let by_hand = stage.get("events?type=charge.succeeded").await.ok();
    assert!(by_hand["data"][0]["request"]["id"].is_null());
}

#[tokio::test]
async fn an_outage_that_was_asked_for_lasts_until_it_is_lifted() {
    let stage = Stage::start().await;
    stage
        .dev_post("till/faults", json!({ "api_status": 429 }))
        .await
        .ok();
    let limited = stage.get("charges").await;
    assert_eq!(limited.status, 429);
    assert_eq!(limited.json()["error"]["code"], "rate_limit");
    stage
        .dev_post("till/faults", json!({ "api_status": null }))
        .await
        .ok();
    stage.get("charges").await.ok();
}
