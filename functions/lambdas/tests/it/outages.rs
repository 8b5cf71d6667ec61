//! The table is away, or nobody takes mail, while an event of the provider comes in.

use axum::Router;
use axum::body::Body;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{Method, Request};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use sha2::Sha256;
use tower::ServiceExt as _;
use tuition_adapters::config::CheckoutConfig;
use tuition_adapters::{Outside, checkout_ports};
use tuition_domain::checkout::{CheckoutPorts, Job, run_job};
use tuition_domain::identity::OrderId;

use crate::shop::{EDGE_SECRET, ORIGIN, Shop};

/// Nobody listens there.
const CLOSED: &str = "http://127.0.0.1:9";

struct Answer {
    status: u16,
    body: Value,
    cookies: String,
}

async fn ask(
    router: &Router,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .header("origin", ORIGIN)
        .header("x-tuition-edge", EDGE_SECRET)
        .header("x-tuition-caller", "203.0.113.9");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let cookies = response
        .headers()
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap().split(';').next().unwrap())
        .collect::<Vec<_>>()
        .join("; ");
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    Answer {
        status,
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
        cookies,
    }
}

/// A sale that is paid and that the shop has not heard of: its id and the buyer's cookies.
async fn paid_in_silence(shop: &Shop, checkout: &Router) -> (OrderId, String) {
    let asked = r#"{"offer": "rust"}"#;
    let opened = ask(checkout, Method::POST, "/api/checkout/sessions", &[], asked).await;
    assert_eq!(opened.status, 201, "{}", opened.body);
    let id = opened.body["id"].as_str().unwrap();
    let pay = json!({"card": "ok", "email": "buyer@x.example"}).to_string();
    let path = format!("/_dev/till/sessions/{id}/pay");
    let paid = ask(&shop.stand_ins.router(), Method::POST, &path, &[], &pay).await;
    assert_eq!(paid.status, 200, "{}", paid.body);
    (OrderId::parse(id).unwrap(), opened.cookies)
}

async fn deliver(checkout: &Router, id: &OrderId) -> Answer {
    let body = json!({"id": "evt_1", "type": "checkout.session.completed",
        "data": {"object": {"id": id, "object": "checkout.session"}}})
    .to_string();
    let time = jiff::Timestamp::now().as_second();
    let mut mac = Hmac::<Sha256>::new_from_slice(b"whsec_local").unwrap();
    mac.update(format!("{time}.{body}").as_bytes());
    let signature = format!("t={time},v1={}", hex::encode(mac.finalize().into_bytes()));
    let headers = [("stripe-signature", signature.as_str())];
    ask(
        checkout,
        Method::POST,
        "/api/checkout/webhook",
        &headers,
        &body,
    )
    .await
}

async fn ports(shop: &Shop) -> CheckoutPorts {
    let config = CheckoutConfig::parse(|name| shop.lookup(name)).unwrap();
    let outside = Outside::deployed(&config.base).unwrap();
    checkout_ports(&config, &outside).unwrap()
}

async fn mails(shop: &Shop) -> Vec<Value> {
    let outbox = ask(
        &shop.stand_ins.router(),
        Method::GET,
        "/_dev/outbox",
        &[],
        "",
    )
    .await;
    outbox.body.as_array().unwrap().clone()
}

#[tokio::test]
async fn while_the_table_is_away_an_event_is_refused_and_heals_when_it_comes_again() {
    let shop = Shop::open().await;
    let [checkout, ..] = shop.routers().await;
    let (id, _) = paid_in_silence(&shop, &checkout).await;
    let [away, ..] = shop.routers_with("TUITION_DYNAMODB_URL", CLOSED).await;
    let refused = deliver(&away, &id).await;
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(mails(&shop).await.is_empty());
    let ports = ports(&shop).await;
    let order = ports.reader.orders.order(&id).await.unwrap().unwrap();
    assert_eq!(order.version, 1, "nothing was half done");

    assert_eq!(deliver(&checkout, &id).await.status, 200);
    let order = ports.reader.orders.order(&id).await.unwrap().unwrap();
    let holder = order.holder.clone().unwrap();
    let held = ports.reader.learners.entitlements(&holder).await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!(mails(&shop).await.len(), 1);
}

#[tokio::test]
async fn while_nobody_takes_mail_a_purchase_opens_and_its_receipt_follows_once() {
    let shop = Shop::open().await;
    let [checkout, ..] = shop.routers().await;
    let (id, cookies) = paid_in_silence(&shop, &checkout).await;
    let [mute, ..] = shop.routers_with("TUITION_SES_URL", CLOSED).await;
    assert_eq!(deliver(&mute, &id).await.status, 200);
    let path = format!("/api/checkout/sessions/{id}");
    let back = ask(&mute, Method::GET, &path, &[("cookie", &cookies)], "").await;
    assert_eq!(back.body["status"], "paid");
    assert!(back.cookies.contains("tuition_access="), "{}", back.cookies);
    assert!(mails(&shop).await.is_empty());

    let ports = ports(&shop).await;
    for sent in [1, 0] {
        let done = run_job(&ports, Job::Outbox).await.unwrap();
        assert_eq!(done, json!({"sent": sent}));
    }
    let sent = mails(&shop).await;
    assert_eq!(sent.len(), 1);
    let key = format!("{id}/receipt");
    assert!(sent[0]["headers"].to_string().contains(&key), "{}", sent[0]);
}
