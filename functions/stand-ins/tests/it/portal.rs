//! The billing portal, as the shop opens it and the customer uses it.

use http::Method;
use serde_json::json;

use crate::stage::{Reply, Stage};

async fn page(stage: &Stage, url: &str) -> Reply {
    stage
        .send(Method::GET, url, &[("accept", "text/html")], "")
        .await
}

async fn press(stage: &Stage, url: &str) -> Reply {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", stage.origin.as_str()),
    ];
    stage.send(Method::POST, url, &headers, "").await
}

#[tokio::test]
async fn a_customer_cancels_and_takes_it_back_and_can_do_nothing_else() {
    let stage = Stage::start().await;
    let id = stage.subscribed().await;
    let other = stage.subscribed().await;
    let customer = stage.subscription(&id).await["customer"]
        .as_str()
        .unwrap()
        .to_owned();
    let form = [
        ("customer", customer.as_str()),
        ("return_url", "http://127.0.0.1:9/account/"),
    ];
    let session = stage.post("billing_portal/sessions", &form).await.ok();
    assert_eq!(session["object"], "billing_portal.session");
    assert_eq!(session["customer"], customer);
    let url = session["url"].as_str().unwrap();
    let shown = page(&stage, url).await;
    let html = shown.text();
    assert!(html.contains("All courses (10.00 USD)") && html.contains("Back to the shop"));
    assert!(html.contains("active, next payment on ") && !html.contains(&other));
    assert_eq!(html.matches("<button>").count(), 1);
    let policy = shown.header("content-security-policy");
    assert!(
        policy.contains("form-action 'self' http://127.0.0.1:9;"),
        "{policy}"
    );

    let pressed = press(&stage, &format!("{url}/{id}/cancel")).await;
    assert_eq!(pressed.status, 303);
    assert_eq!(
        format!("{}{}", stage.origin, pressed.header("location")),
        url
    );
    assert_eq!(stage.subscription(&id).await["cancel_at_period_end"], true);
    assert!(page(&stage, url).await.text().contains("active, ends on "));
    press(&stage, &format!("{url}/{id}/resume")).await;
    assert_eq!(stage.subscription(&id).await["cancel_at_period_end"], false);

    let foreign = press(&stage, &format!("{url}/{other}/cancel")).await;
    assert_eq!(foreign.status, 404);
    assert_eq!(
        stage.subscription(&other).await["cancel_at_period_end"],
        false
    );
    stage.till(&id, "cancel", json!({})).await;
    assert_eq!(
        press(&stage, &format!("{url}/{id}/cancel")).await.status,
        409
    );
    assert_eq!(
        page(&stage, url).await.text().matches("<button>").count(),
        0
    );
    stage.advance(3700).await;
    assert_eq!(page(&stage, url).await.status, 404);
    let unknown = stage
        .post("billing_portal/sessions", &[("customer", "cus_none")])
        .await;
    assert_eq!(unknown.json()["error"]["code"], "resource_missing");
}

#[tokio::test]
async fn the_index_shows_subscriptions_with_what_can_be_done_to_them() {
    let stage = Stage::start().await;
    let id = stage.subscribed().await;
    let index = format!("{}/_dev/till", stage.origin);
    let html = page(&stage, &index).await.text();
    for action in ["renew", "cancel", "pause"] {
        let path = format!("/_dev/till/subscriptions/{id}/{action}\"");
        assert!(html.contains(&path), "{path}");
    }
    let url = format!("{}/_dev/till/subscriptions/{id}/cancel", stage.origin);
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", stage.origin.as_str()),
    ];
    let pressed = stage
        .send(Method::POST, &url, &headers, "at_period_end=true")
        .await;
    assert_eq!(pressed.header("location"), "/_dev/till");
    let html = page(&stage, &index).await.text();
    assert!(html.contains("active, ends then") && html.contains("Go on"));
    let session = stage
        .post("checkout/sessions", &crate::subscriber::MONTHLY)
        .await
        .ok();
    let html = page(&stage, session["url"].as_str().unwrap()).await.text();
    assert!(html.contains("10.00 USD every month") && html.contains("value=\"declines_later\""));
}
