//! The same request to a binary through a Runtime API and to the router that `serve` uses.

use axum::Router;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use sha2::Sha256;
use tower::ServiceExt as _;

use crate::runtime_api::{invoke, run_to_end};
use crate::shop::{EDGE_SECRET, ORIGIN, Shop};

struct Ask {
    method: &'static str,
    path: &'static str,
    query: &'static str,
    body: Option<&'static str>,
}

const fn get(path: &'static str, query: &'static str) -> Ask {
    Ask {
        method: "GET",
        path,
        query,
        body: None,
    }
}

/// As API Gateway sends it (payload format version 2.0).
fn event(ask: &Ask, base64: Option<&str>) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": ask.path,
        "rawQueryString": ask.query,
        "headers": {
            "host": "abcdef.execute-api.eu-central-1.amazonaws.com",
            "content-type": "application/json",
            "origin": ORIGIN,
            "x-tuition-edge": EDGE_SECRET,
            "x-forwarded-for": "198.51.100.7, 203.0.113.9, 130.176.1.1",
            "x-tuition-caller": "203.0.113.9",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdef",
            "domainName": "abcdef.execute-api.eu-central-1.amazonaws.com",
            "domainPrefix": "abcdef",
            "http": {"method": ask.method, "path": ask.path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9", "userAgent": "test"},
            "requestId": "id", "routeKey": "$default", "stage": "$default",
            "time": "22/Nov/2026:12:00:00 +0000", "timeEpoch": 1_795_000_000_000_i64
        },
        "body": base64.or(ask.body),
        "isBase64Encoded": base64.is_some(),
    })
}

async fn local(router: &Router, ask: &Ask) -> (u16, Value) {
    let separator = if ask.query.is_empty() { "" } else { "?" };
    let request = Request::builder()
        .method(ask.method)
        .uri(format!("{}{separator}{}", ask.path, ask.query))
        .header("content-type", "application/json")
        .header("origin", ORIGIN)
        .header("x-tuition-edge", EDGE_SECRET)
        .header("x-forwarded-for", "198.51.100.7, 203.0.113.9, 130.176.1.1")
        .header("x-tuition-caller", "203.0.113.9")
        .body(ask.body.map_or_else(Body::empty, Body::from))
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, comparable(serde_json::from_slice(&bytes).unwrap()))
}

/// Each failure has an id of its own.
fn comparable(mut body: Value) -> Value {
    if let Some(instance) = body.get_mut("instance") {
        *instance = Value::Null;
    }
    body
}

async fn check(binary: &str, shop: &Shop, router: &Router, asks: &[(Ask, u16)]) {
    let events = asks.iter().map(|(ask, _)| event(ask, None)).collect();
    let answers = invoke(binary, shop.variables(), events).await;
    for ((ask, expected), answer) in asks.iter().zip(answers) {
        let (status, body) = local(router, ask).await;
        assert_eq!(status, *expected, "{} {}: {body}", ask.method, ask.path);
        assert_eq!(answer["statusCode"], status, "{} {}", ask.method, ask.path);
        let remote: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert_eq!(comparable(remote), body, "{} {}", ask.method, ask.path);
    }
}

#[tokio::test]
async fn each_binary_answers_as_the_local_route_does() {
    let shop = Shop::open().await;
    let [checkout, access, comments, metrics] = shop.routers().await;
    let post = |path, body| Ask {
        method: "POST",
        path,
        query: "",
        body: Some(body),
    };
    check(
        env!("CARGO_BIN_EXE_checkout"),
        &shop,
        &checkout,
        &[
            (get("/api/checkout/offers", ""), 200),
            (post("/api/checkout/sessions", r#"{"offer":"none"}"#), 404),
            (get("/api/checkout/sessions/cs_unknown", ""), 404),
            (post("/api/checkout/webhook", "{}"), 400),
        ],
    )
    .await;
    check(
        env!("CARGO_BIN_EXE_access"),
        &shop,
        &access,
        &[
            (get("/api/access/me", ""), 401),
            (
                post("/api/access/links", r#"{"email":"reader@example.org"}"#),
                202,
            ),
            (post("/api/access/links", r#"{"email":"nobody"}"#), 422),
        ],
    )
    .await;
    check(
        env!("CARGO_BIN_EXE_comments"),
        &shop,
        &comments,
        &[
            (get("/api/comments", "lesson=rust/ownership"), 401),
            (get("/api/comments", "lesson=rust/none"), 404),
            (
                post(
                    "/api/comments",
                    r#"{"lesson":"rust/ownership","body":"hi"}"#,
                ),
                401,
            ),
        ],
    )
    .await;
    check(
        env!("CARGO_BIN_EXE_metrics"),
        &shop,
        &metrics,
        &[
            (get("/api/metrics/summary", ""), 401),
            (
                post(
                    "/api/metrics/events",
                    r#"{"events":[{"type":"page_view"}]}"#,
                ),
                202,
            ),
        ],
    )
    .await;
    shop.stand_ins.shutdown().await;
}

#[tokio::test]
async fn a_signature_holds_though_the_gateway_encodes_the_body() {
    let shop = Shop::open().await;
    let body = r#"{"id": "evt_1", "type": "customer.created", "note": "价格"}"#;
    let time = jiff::Timestamp::now().as_second();
    let mut mac = Hmac::<Sha256>::new_from_slice(b"whsec_local").unwrap();
    mac.update(format!("{time}.{body}").as_bytes());
    let signature = format!("t={time},v1={}", hex::encode(mac.finalize().into_bytes()));
    let ask = Ask {
        method: "POST",
        path: "/api/checkout/webhook",
        query: "",
        body: None,
    };
    let signed = |body: &str| {
        let mut event = event(&ask, Some(&STANDARD.encode(body)));
        event["headers"]["stripe-signature"] = json!(signature);
        event
    };
    let events = vec![signed(body), signed(&body.replace(": ", ":"))];
    let answers = invoke(env!("CARGO_BIN_EXE_checkout"), shop.variables(), events).await;
    assert_eq!(answers[0]["statusCode"], 200);
    assert_eq!(
        answers[1]["statusCode"], 400,
        "written anew, the body is another"
    );
    shop.stand_ins.shutdown().await;
}

#[tokio::test]
async fn the_schedule_wakes_the_checkout_function_and_so_does_mail_that_came_back() {
    let shop = Shop::open().await;
    let _ = shop.routers().await;
    let bounce = json!({"eventType": "Bounce", "bounce": {"bounceType": "Permanent",
        "bouncedRecipients": [{"emailAddress": "gone@x.example"}]}});
    let events = vec![
        json!({"job": "outbox"}),
        json!({"job": "reconcile"}),
        json!({"Records": [{"Sns": {"Message": bounce.to_string()}}]}),
        event(&get("/api/checkout/offers", ""), None),
    ];
    let answers = invoke(env!("CARGO_BIN_EXE_checkout"), shop.variables(), events).await;
    assert_eq!(answers[0], json!({"sent": 0}));
    assert_eq!(answers[1]["finished"], true, "{}", answers[1]);
    assert_eq!(answers[2], json!({"taken": 1}));
    assert_eq!(answers[3]["statusCode"], 200);
    shop.stand_ins.shutdown().await;
}

#[tokio::test]
async fn a_deployed_function_refuses_to_start_with_a_stand_in() {
    let shop = Shop::open().await;
    for binary in [
        env!("CARGO_BIN_EXE_checkout"),
        env!("CARGO_BIN_EXE_access"),
        env!("CARGO_BIN_EXE_comments"),
        env!("CARGO_BIN_EXE_metrics"),
    ] {
        let (happy, said) = run_to_end(binary, &shop.without("TUITION_STAGE", "live")).await;
        assert!(!happy, "{binary} started");
        assert!(said.contains("TUITION_DYNAMODB_URL"), "{said}");
    }
    shop.stand_ins.shutdown().await;
}
