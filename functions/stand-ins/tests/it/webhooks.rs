//! Deliveries: signed, repeated until taken, and disturbed by plan.

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::stage::{Stage, until};

#[tokio::test]
async fn a_delivery_is_signed_with_every_secret_over_its_exact_bytes() {
    let stage = Stage::start().await;
    stage.paid().await;
    for (headers, body) in stage.hooks_seen(3).await {
        let header = headers["stripe-signature"].to_str().unwrap();
        let parts: Vec<(&str, &str)> = header
            .split(',')
            .map(|part| part.split_once('=').unwrap())
            .collect();
        let time = parts[0].1;
        assert_eq!(parts[0].0, "t");
        let v1: Vec<&str> = parts
            .iter()
            .filter(|(name, _)| *name == "v1")
            .map(|(_, v)| *v)
            .collect();
        let expected =
            ["whsec_local", "whsec_older"].map(|secret| hmac_by_hand(secret, time, &body));
        assert_eq!(v1, expected);
        let event: Value = serde_json::from_slice(&body).unwrap();
        let now = stage.stand_ins.clock().now().as_second();
        assert!((now - time.parse::<i64>().unwrap()).abs() <= 10);
        assert_eq!(event["object"], "event");
        assert_eq!(event["livemode"], false);
        assert!(event["api_version"].is_string());
        // It serialises differently, as a receiver that re-serialises must find out.
        assert_ne!(serde_json::to_vec(&event).unwrap(), body);
    }
}

#[tokio::test]
async fn an_event_is_sent_until_it_is_taken() {
    let stage = Stage::start().await;
    stage.hooks.answer(&[503, 301]);
    stage.paid().await;
    stage.hooks_seen(5).await;
    until_async(&stage, |events| {
        events.iter().all(|e| e["pending_webhooks"] == 0)
    })
    .await;
    let events = events(&stage).await;
    // The first was refused and came again; the second (a redirect is a refusal) too.
    assert_eq!(statuses(&events[0]), [503, 200]);
    assert_eq!(statuses(&events[1]), [301, 200]);
    assert_eq!(statuses(&events[2]), [200]);
    assert_eq!(events[0]["deliveries"][1]["attempt"], 2);
    assert!(
        events[0]["deliveries"][0]["at"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
}

#[tokio::test]
async fn an_event_can_be_sent_again_by_hand() {
    let stage = Stage::start().await;
    stage.paid().await;
    stage.hooks_seen(3).await;
    until_async(&stage, |events| {
        events.iter().all(|e| e["pending_webhooks"] == 0)
    })
    .await;
    let id = events(&stage).await[1]["id"].as_str().unwrap().to_owned();
    stage
        .dev_post(&format!("till/events/{id}/resend"), json!({}))
        .await
        .ok();
    let seen = stage.hooks_seen(4).await;
    let event: Value = serde_json::from_slice(&seen[3].1).unwrap();
    assert_eq!(event["id"], id);
    let unknown = stage
        .dev_post("till/events/evt_1none/resend", json!({}))
        .await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn the_same_plan_meets_the_same_events() {
    let fates = |stage: Stage| async move {
        let plan =
            json!({ "seed": 11, "drop": 0.3, "duplicate": 0.4, "reorder": 0.3, "delay_s": 0 });
        stage.dev_post("till/faults", plan).await.ok();
        for _ in 0..5 {
            stage.paid().await;
        }
        let events = events(&stage).await;
        assert_eq!(events.len(), 15);
        let expected: usize = events
            .iter()
            .filter(|event| event["fate"]["drop"] == false)
            .map(|event| {
                if event["fate"]["duplicate"] == true {
                    2
                } else {
                    1
                }
            })
            .sum();
        stage.hooks_seen(expected).await;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(stage.hooks.seen().len(), expected, "none more than planned");
        events
            .into_iter()
            .map(|event| event["fate"].clone())
            .collect::<Vec<_>>()
    };
    let first = fates(Stage::start().await).await;
    assert_eq!(first, fates(Stage::start().await).await);
    for fault in ["drop", "duplicate", "reorder"] {
        assert!(
            first.iter().any(|fate| fate[fault] == true),
            "{fault} never happened"
        );
    }
}

#[tokio::test]
async fn an_event_held_back_is_overtaken() {
    let stage = Stage::start().await;
    let plan = json!({ "seed": 1, "reorder": 1.0 });
    stage.dev_post("till/faults", plan).await.ok();
    let session = stage.paid().await;
    stage.dev_post("till/faults", json!({})).await.ok();
    let payment = session["payment_intent"].as_str().unwrap();
    stage
        .dev_post(&format!("till/payments/{payment}/refund"), json!({}))
        .await
        .ok();
    stage.hooks_seen(5).await;
    assert_eq!(
        stage.hooks.types()[0],
        "refund.created",
        "the refund came before the payment"
    );
}

#[tokio::test]
async fn a_late_event_comes_when_the_clock_says_so() {
    let stage = Stage::start().await;
    let plan = json!({ "delay_s": 3600 });
    stage.dev_post("till/faults", plan).await.ok();
    stage.paid().await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(stage.hooks.seen().is_empty());
    stage
        .dev_post("clock", json!({ "advance_s": 3601 }))
        .await
        .ok();
    stage.hooks_seen(3).await;
}

#[tokio::test]
async fn a_dropped_event_is_on_the_list_but_never_comes() {
    let stage = Stage::start().await;
    stage
        .dev_post("till/faults", json!({ "drop": 1.0 }))
        .await
        .ok();
    stage.paid().await;
    let listed = stage.get("events").await.ok();
    assert_eq!(listed["data"].as_array().unwrap().len(), 3);
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(stage.hooks.seen().is_empty());
    for event in events(&stage).await {
        assert!(event["next_delivery_at"].is_null());
    }
}

#[tokio::test]
async fn a_plan_that_cannot_be_is_refused() {
    let stage = Stage::start().await;
    for plan in [
        json!({ "drop": 2 }),
        json!({ "api_status": 200 }),
        json!({ "drops": 1 }),
    ] {
        let refused = stage.dev_post("till/faults", plan).await;
        assert_eq!(refused.status, 400);
        assert_eq!(refused.header("content-type"), "application/problem+json");
    }
}

async fn events(stage: &Stage) -> Vec<Value> {
    let all = stage.dev("till/events").await.ok();
    all["events"].as_array().unwrap().clone()
}

fn statuses(event: &Value) -> Vec<u64> {
    let deliveries = event["deliveries"].as_array().unwrap();
    deliveries
        .iter()
        .map(|delivery| delivery["status"].as_u64().unwrap())
        .collect()
}

async fn until_async(stage: &Stage, holds: impl Fn(&[Value]) -> bool) {
    for _ in 0..200 {
        if holds(&events(stage).await) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("waited in vain");
}

/// RFC 2104, from the hash up: shares nothing with the code under test but SHA-256.
fn hmac_by_hand(secret: &str, time: &str, body: &Bytes) -> String {
    let mut block = [0_u8; 64];
    block[..secret.len()].copy_from_slice(secret.as_bytes());
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(time)
        .chain_update(".")
        .chain_update(body)
        .finalize();
    let outer = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x5c))
        .chain_update(inner)
        .finalize();
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn what_was_not_taken_comes_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::start_in(folder.path()).await;
    stage.hooks.answer(&[500; 1000]);
    stage.paid().await;
    until(|| stage.hooks.seen().len() >= 3).await;
    stage.stand_ins.shutdown().await;
    let stage = Stage::start_in(folder.path()).await;
    stage.hooks_seen(3).await;
    let mut types = stage.hooks.types();
    types.sort();
    assert_eq!(
        types[..3],
        [
            "charge.succeeded",
            "checkout.session.completed",
            "payment_intent.succeeded"
        ]
    );
}

#[tokio::test]
async fn an_event_can_be_sent_to_another_receiver_of_this_machine() {
    let stage = Stage::start().await;
    let other = Stage::start().await;
    stage.paid().await;
    stage.hooks_seen(3).await;
    let id = events(&stage).await[2]["id"].as_str().unwrap().to_owned();
    let path = format!("till/events/{id}/resend");
    let listener = other.hooks_url();
    let told = stage.dev_post(&path, json!({ "to": listener })).await.ok();
    assert_eq!(told["status"], 200);
    let seen = other.hooks_seen(1).await;
    assert!(seen[0].0.contains_key("stripe-signature"));
    let event: Value = serde_json::from_slice(&seen[0].1).unwrap();
    assert_eq!(event["id"], id);
    assert_eq!(stage.hooks.seen().len(), 3);
    let foreign = json!({ "to": "http://elsewhere.example/" });
    assert_eq!(stage.dev_post(&path, foreign).await.status, 400);
}
