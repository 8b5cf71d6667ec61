//! A sale from the session to the refund.

use http::Method;
use serde_json::json;

use crate::stage::{SESSION, Stage};

#[tokio::test]
async fn a_paid_session_is_complete_with_payment_and_charge() {
    let stage = Stage::start().await;
    let open = stage.session().await;
    assert_eq!(open["status"], "open");
    assert_eq!(open["payment_status"], "unpaid");
    assert_eq!(open["amount_total"], 4900);
    assert!(open["payment_intent"].is_null());
    let id = open["id"].as_str().unwrap();
    assert_eq!(
        open["url"],
        format!("{}/_dev/till/sessions/{id}", stage.origin)
    );

    let body = json!({ "card": "ok", "email": "buyer@example.org" });
    let paid = stage
        .dev_post(&format!("till/sessions/{id}/pay"), body)
        .await
        .ok();
    assert_eq!(
        paid["redirect"],
        format!("http://127.0.0.1:9/order/?session={id}")
    );
    assert_eq!(paid["session"]["payment_status"], "paid");

    let path = format!(
        "checkout/sessions/{id}?expand[]=payment_intent.latest_charge.balance_transaction&expand[]=line_items.data.price.product"
    );
    let session = stage.get(&path).await.ok();
    assert_eq!(session["status"], "complete");
    assert!(session["url"].is_null());
    assert_eq!(session["customer_details"]["email"], "buyer@example.org");
    let intent = &session["payment_intent"];
    assert_eq!(intent["status"], "succeeded");
    assert_eq!(intent["amount_received"], 4900);
    let charge = &intent["latest_charge"];
    assert_eq!(charge["paid"], true);
    assert_eq!(charge["payment_intent"], intent["id"]);
    assert_eq!(charge["balance_transaction"]["net"], 4900 - 172);
    let item = &session["line_items"]["data"][0];
    assert_eq!(item["price"]["product"]["name"], "A course <of> \"Rust\"");

    let found = stage
        .get(&format!(
            "checkout/sessions?payment_intent={}",
            intent["id"].as_str().unwrap()
        ))
        .await
        .ok();
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    assert_eq!(found["data"][0]["id"], id);

    let again = stage
        .dev_post(&format!("till/sessions/{id}/pay"), json!({ "card": "ok" }))
        .await;
    assert_eq!(again.status, 409);
    assert_eq!(again.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn the_events_of_a_sale_come_in_order() {
    let stage = Stage::start().await;
    let session = stage.paid().await;
    let payment = session["payment_intent"].as_str().unwrap();
    stage
        .dev_post(&format!("till/payments/{payment}/refund"), json!({}))
        .await
        .ok();
    stage.hooks_seen(5).await;
    let expected = [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
        "refund.created",
        "charge.refunded",
    ];
    assert_eq!(stage.hooks.types(), expected);
    let listed = stage.get("events?types[]=charge.*&limit=1").await.ok();
    assert_eq!(listed["data"][0]["type"], "charge.refunded");
    assert_eq!(
        listed["data"][0]["data"]["previous_attributes"]["refunded"],
        false
    );
    assert_eq!(listed["has_more"], true);
}

#[tokio::test]
async fn a_declined_card_leaves_the_session_open() {
    let stage = Stage::start().await;
    let session = stage.session().await;
    let id = session["id"].as_str().unwrap();
    let path = format!("till/sessions/{id}/pay");
    let declined = stage.dev_post(&path, json!({ "card": "declined" })).await;
    assert_eq!(declined.status, 402);
    assert_eq!(declined.json()["code"], "card_declined");
    let session = stage
        .get(&format!("checkout/sessions/{id}?expand[]=payment_intent"))
        .await
        .ok();
    assert_eq!(session["status"], "open");
    assert_eq!(
        session["payment_intent"]["status"],
        "requires_payment_method"
    );
    assert_eq!(
        session["payment_intent"]["last_payment_error"]["code"],
        "card_declined"
    );

    let paid = stage.dev_post(&path, json!({ "card": "ok" })).await.ok();
    assert_eq!(
        paid["session"]["payment_intent"],
        session["payment_intent"]["id"]
    );
    stage.hooks_seen(5).await;
    assert_eq!(
        stage.hooks.types()[..2],
        ["charge.failed", "payment_intent.payment_failed"]
    );
}

#[tokio::test]
async fn a_slow_payment_is_unpaid_until_it_settles() {
    let stage = Stage::start().await;
    for (result, status, event) in [
        (
            "succeeded",
            "paid",
            "checkout.session.async_payment_succeeded",
        ),
        ("failed", "unpaid", "checkout.session.async_payment_failed"),
    ] {
        let id = stage.session().await["id"].as_str().unwrap().to_owned();
        let pay = format!("till/sessions/{id}/pay");
        let waiting = stage.dev_post(&pay, json!({ "card": "async" })).await.ok();
        assert_eq!(waiting["session"]["status"], "complete");
        assert_eq!(waiting["session"]["payment_status"], "unpaid");
        let settle = format!("till/sessions/{id}/settle");
        let settled = stage
            .dev_post(&settle, json!({ "result": result }))
            .await
            .ok();
        assert_eq!(settled["session"]["payment_status"], status);
        let events = stage.get("events?limit=1").await.ok();
        assert_eq!(events["data"][0]["type"], event);
        let again = stage.dev_post(&settle, json!({ "result": result })).await;
        assert_eq!(again.status, 409);
    }
}

#[tokio::test]
async fn refunds_add_up_and_never_exceed_the_charge() {
    let stage = Stage::start().await;
    let session = stage.paid().await;
    let payment = session["payment_intent"].as_str().unwrap();
    let part = [("payment_intent", payment), ("amount", "1900")];
    let first = stage.post("refunds", &part).await.ok();
    assert_eq!(first["amount"], 1900);
    let charge = first["charge"].as_str().unwrap();
    let after = stage.get(&format!("charges/{charge}")).await.ok();
    assert_eq!(after["amount_refunded"], 1900);
    assert_eq!(after["refunded"], false);

    let too_much = stage
        .post("refunds", &[("charge", charge), ("amount", "3001")])
        .await;
    assert_eq!(too_much.status, 400);
    let message = too_much.json()["error"]["message"].to_string();
    assert!(
        message.contains("(30.01 USD)") && message.contains("(30.00 USD)"),
        "{message}"
    );

    // The rest, by the charge's id at the development route.
    let rest = stage
        .dev_post(&format!("till/payments/{charge}/refund"), json!({}))
        .await
        .ok();
    assert_eq!(rest["refund"]["amount"], 3000);
    let after = stage
        .get(&format!("charges/{charge}?expand[]=refunds"))
        .await
        .ok();
    assert_eq!(after["refunded"], true);
    assert_eq!(after["refunds"]["data"].as_array().unwrap().len(), 2);

    let none_left = stage.post("refunds", &[("charge", charge)]).await.json();
    assert_eq!(none_left["error"]["code"], "charge_already_refunded");
    for bad in ["0", "-1", "1.5", "x"] {
        let refused = stage
            .post("refunds", &[("charge", charge), ("amount", bad)])
            .await;
        assert_eq!(refused.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_dispute_warns_opens_and_is_ruled() {
    let stage = Stage::start().await;
    let session = stage.paid().await;
    let payment = session["payment_intent"].as_str().unwrap();
    let route = format!("till/payments/{payment}/dispute");
    let mut ids = Vec::new();
    for (ruling, status) in [
        ("warning", "warning_needs_response"),
        ("open", "needs_response"),
        ("won", "won"),
        ("lost", "lost"),
    ] {
        let answer = stage
            .dev_post(&route, json!({ "status": ruling }))
            .await
            .ok();
        assert_eq!(answer["dispute"]["status"], status);
        ids.push(answer["dispute"]["id"].clone());
        if ruling == "open" {
            let refused = stage
                .post("refunds", &[("payment_intent", payment)])
                .await
                .json();
            assert_eq!(refused["error"]["code"], "charge_disputed");
        }
    }
    // One dispute to its end; a second one, because the first was closed.
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3]);
    let all = stage
        .get(&format!("disputes?payment_intent={payment}"))
        .await
        .ok();
    assert_eq!(all["data"].as_array().unwrap().len(), 2);
    stage.hooks_seen(3 + 1 + 2 + 2 + 3).await;
    assert_eq!(
        stage.hooks.types()[3..],
        [
            "charge.dispute.created",
            "charge.dispute.updated",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.closed",
            "charge.dispute.funds_reinstated",
            "charge.dispute.created",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.closed",
        ]
    );
}

#[tokio::test]
async fn a_session_expires_by_the_clock_and_by_hand() {
    let stage = Stage::start().await;
    let by_clock = stage.session().await;
    stage
        .dev_post("clock", json!({ "advance_s": 24 * 3600 + 1 }))
        .await
        .ok();
    stage.hooks_seen(1).await;
    assert_eq!(stage.hooks.types(), ["checkout.session.expired"]);
    let path = format!("checkout/sessions/{}", by_clock["id"].as_str().unwrap());
    assert_eq!(stage.get(&path).await.ok()["status"], "expired");

    let by_hand = stage.session().await;
    let path = format!(
        "checkout/sessions/{}/expire",
        by_hand["id"].as_str().unwrap()
    );
    assert_eq!(stage.post(&path, &[]).await.ok()["status"], "expired");
    assert_eq!(stage.post(&path, &[]).await.status, 400);
    let route = format!(
        "till/sessions/{}/expire",
        stage.session().await["id"].as_str().unwrap()
    );
    assert_eq!(
        stage.dev_post(&route, json!({})).await.ok()["session"]["status"],
        "expired"
    );
}

#[tokio::test]
async fn the_pay_page_works_without_scripts_and_cannot_be_mistaken() {
    let stage = Stage::start().await;
    let session = stage.session().await;
    let id = session["id"].as_str().unwrap();
    let url = session["url"].as_str().unwrap();
    let page = stage
        .send(Method::GET, url, &[("accept", "text/html")], "")
        .await;
    assert_eq!(page.status, 200);
    let html = page.text();
    assert!(html.contains("Test till — no money moves"));
    assert!(html.contains("A course &lt;of&gt; &quot;Rust&quot;") && html.contains("49.00 USD"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self' 'unsafe-inline';"));
    assert!(
        policy.contains("form-action 'self' http://127.0.0.1:9;"),
        "{policy}"
    );

    let pay = format!("{}/_dev/till/sessions/{id}/pay", stage.origin);
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", stage.origin.as_str()),
    ];
    let declined = stage
        .send(
            Method::POST,
            &pay,
            &form,
            "email=b%40example.org&card=declined",
        )
        .await;
    assert_eq!(declined.status, 303);
    let again = format!("{}{}", stage.origin, declined.header("location"));
    let page = stage.send(Method::GET, &again, &[], "").await.text();
    assert!(page.contains("The card was declined"));

    let foreign = [form[0], ("origin", "https://elsewhere.example")];
    let refused = stage
        .send(
            Method::POST,
            &pay,
            &foreign,
            "email=b%40example.org&card=ok",
        )
        .await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["code"]),
        (400, &json!("origin"))
    );

    let paid = stage
        .send(Method::POST, &pay, &form, "email=b%40example.org&card=ok")
        .await;
    assert_eq!(paid.status, 303);
    assert_eq!(
        paid.header("location"),
        format!("http://127.0.0.1:9/order/?session={id}")
    );
    let page = stage.send(Method::GET, url, &[], "").await.text();
    assert!(page.contains("This session is paid"));
    let index = stage.dev("till").await;
    assert!(index.text().contains("/refund\"") && index.text().contains("charge.succeeded"));
}

#[tokio::test]
async fn an_address_the_session_came_with_cannot_be_changed() {
    let stage = Stage::start().await;
    let mut form = SESSION.to_vec();
    form.push(("customer_email", "learner@example.org"));
    form.push(("customer_creation", "always"));
    let session = stage.post("checkout/sessions", &form).await.ok();
    let id = session["id"].as_str().unwrap();
    let body = json!({ "card": "ok", "email": "other@example.org" });
    let paid = stage
        .dev_post(&format!("till/sessions/{id}/pay"), body)
        .await
        .ok();
    assert_eq!(
        paid["session"]["customer_details"]["email"],
        "learner@example.org"
    );
    let customer = paid["session"]["customer"].as_str().unwrap();
    let customer = stage.get(&format!("customers/{customer}")).await.ok();
    assert_eq!(customer["email"], "learner@example.org");
}

#[tokio::test]
async fn a_session_that_costs_nothing_needs_no_payment() {
    let stage = Stage::start().await;
    let mut form = SESSION.to_vec();
    form[2].1 = "0";
    let session = stage.post("checkout/sessions", &form).await.ok();
    let pay = format!("till/sessions/{}/pay", session["id"].as_str().unwrap());
    let paid = stage.dev_post(&pay, json!({ "card": "ok" })).await.ok();
    assert_eq!(paid["session"]["payment_status"], "no_payment_required");
    assert!(paid["session"]["payment_intent"].is_null());
    stage.hooks_seen(1).await;
    assert_eq!(stage.hooks.types(), ["checkout.session.completed"]);
}
