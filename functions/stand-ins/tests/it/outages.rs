//! Calls that go wrong by plan.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};

use crate::stage::{SESSION, Stage, client};

/// What a caller gets who bears with broken connections: `None` if there was no whole answer.
async fn call(
    stage: &Stage,
    method: Method,
    path: &str,
    form: &[(&str, &str)],
) -> Option<(StatusCode, Bytes)> {
    let request = Request::builder()
        .method(method)
        .uri(format!("{}/v1/{path}", stage.stand_ins.stripe_url()))
        .header("authorization", "Bearer sk_test_local")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(
            serde_urlencoded::to_string(form).unwrap(),
        )))
        .unwrap();
    let response = client().request(request).await.ok()?;
    let status = response.status();
    let body = response.into_body().collect().await.ok()?;
    Some((status, body.to_bytes()))
}

async fn plan(stage: &Stage, api: Value) {
    stage
        .dev_post("till/faults", json!({ "seed": 5, "api": api }))
        .await
        .ok();
}

async fn sessions(stage: &Stage) -> usize {
    let list = stage.get("checkout/sessions?limit=100").await.ok();
    list["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn the_next_calls_meet_what_was_planned_for_them_and_no_others_do() {
    let stage = Stage::start().await;
    let next = json!({ "next": [
        { "fault": "limited", "calls": 2, "method": "POST", "path": "/v1/checkout" },
        { "fault": "broken" },
    ] });
    plan(&stage, next).await;
    let first = stage.post("checkout/sessions", &SESSION).await;
    assert_eq!(first.status, 429);
    assert_eq!(first.header("retry-after"), "1");
    assert_eq!(first.json()["error"]["code"], "rate_limit");
    assert_eq!(stage.get("charges").await.status, 500);
    assert_eq!(stage.get("charges").await.status, 200);
    assert_eq!(stage.post("checkout/sessions", &SESSION).await.status, 429);
    assert_eq!(stage.post("checkout/sessions", &SESSION).await.status, 200);
    assert_eq!(sessions(&stage).await, 1, "a refused call does nothing");
}

#[tokio::test]
async fn a_lost_answer_was_done_and_its_key_finds_it() {
    let stage = Stage::start().await;
    for fault in ["lost", "cut"] {
        let before = sessions(&stage).await;
        plan(&stage, json!({ "next": [{ "fault": fault }] })).await;
        let lost = call(&stage, Method::POST, "checkout/sessions", &SESSION).await;
        assert!(lost.is_none(), "{fault}: {lost:?}");
        assert_eq!(sessions(&stage).await, before + 1, "{fault}");
    }
    let key = [("idempotency-key", "k-lost")];
    plan(&stage, json!({ "next": [{ "fault": "garbage" }] })).await;
    let garbage = stage.post_with("checkout/sessions", &SESSION, &key).await;
    assert_eq!(garbage.status, 200);
    assert!(garbage.text().starts_with("<!doctype html>"));
    assert_eq!(sessions(&stage).await, 2, "garbage comes instead of Stripe");
    let made = stage.post_with("checkout/sessions", &SESSION, &key).await;
    assert_eq!(made.header("idempotent-replayed"), "");
    let again = stage.post_with("checkout/sessions", &SESSION, &key).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
}

#[tokio::test]
async fn an_answer_that_breaks_off_has_begun() {
    let stage = Stage::start().await;
    plan(&stage, json!({ "next": [{ "fault": "cut" }] })).await;
    let request = Request::get(format!("{}/v1/charges", stage.stand_ins.stripe_url()))
        .header("authorization", "Bearer sk_test_local")
        .body(Full::new(Bytes::new()))
        .unwrap();
    let response = client().request(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let mut body = response.into_body();
    let begun = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(begun.starts_with(b"{\n  \"data\": []"), "{begun:?}");
    assert!(body.frame().await.unwrap().is_err());
}

#[tokio::test]
async fn a_call_without_an_answer_ends_with_its_caller_and_with_the_till() {
    let stage = Stage::start().await;
    let next = json!({ "fault": "silent", "method": "POST", "calls": 2 });
    plan(&stage, json!({ "next": [next] })).await;
    let given_up = tokio::time::timeout(
        Duration::from_millis(300),
        call(&stage, Method::POST, "checkout/sessions", &SESSION),
    )
    .await;
    assert!(given_up.is_err());
    assert_eq!(sessions(&stage).await, 0, "nothing was done");
    let url = format!("{}/v1/checkout/sessions", stage.stand_ins.stripe_url());
    let hanging = tokio::spawn(async move {
        let request = Request::post(url)
            .header("authorization", "Bearer sk_test_local")
            .body(Full::new(Bytes::new()))
            .unwrap();
        let answer = client().request(request).await;
        answer.map(|answer| answer.status())
    });
    // The call has arrived when the plan is used up.
    loop {
        let plan = stage.dev("till/faults").await.ok();
        if plan["api"]["next"] == json!([]) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let begun = Instant::now();
    stage.stand_ins.shutdown().await;
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "nobody waits for it"
    );
    assert_ne!(hanging.await.unwrap().ok(), Some(StatusCode::OK));
}

#[tokio::test]
async fn the_same_plan_meets_the_same_calls() {
    let fates = |stage: Stage| async move {
        plan(
            &stage,
            json!({ "limited": 0.25, "broken": 0.25, "lost": 0.25 }),
        )
        .await;
        let mut fates = Vec::new();
        for _ in 0..24 {
            let answer = call(&stage, Method::GET, "charges", &[]).await;
            fates.push(answer.map(|(status, _)| status.as_u16()));
        }
        fates
    };
    let first = fates(Stage::start().await).await;
    assert_eq!(first, fates(Stage::start().await).await);
    for expected in [Some(200), Some(429), Some(500), None] {
        assert!(first.contains(&expected), "{expected:?} never happened");
    }
}

#[tokio::test]
async fn a_plan_of_outages_that_cannot_be_is_refused() {
    let stage = Stage::start().await;
    for api in [
        json!({ "lost": 1.5 }),
        json!({ "lost": 0.6, "cut": 0.6 }),
        json!({ "next": [{ "fault": "odd" }] }),
        json!({ "next": [{ "fault": "lost", "colour": "red" }] }),
    ] {
        let refused = stage.dev_post("till/faults", json!({ "api": api })).await;
        assert_eq!(refused.status, 400, "{api}");
    }
    let late = json!({ "balance_delay_s": -1 });
    assert_eq!(stage.dev_post("till/faults", late).await.status, 400);
}
