//! Refunds that take time, or fail.

use serde_json::json;

use crate::stage::{SESSION, Stage};

#[tokio::test]
async fn a_refund_may_fail_after_all_and_the_money_is_back() {
    let stage = Stage::start().await;
    let session = stage.paid().await;
    let payment = session["payment_intent"].as_str().unwrap();
    let form = [("payment_intent", payment)];
    let refund = stage.post("refunds", &form).await.ok();
    let id = refund["id"].as_str().unwrap();
    let before = stage.event_types().await.len();
    let settle = format!("till/refunds/{id}/settle");
    let failed = stage
        .dev_post(&settle, json!({ "result": "failed" }))
        .await
        .ok();
    assert_eq!(failed["refund"]["status"], "failed");
    assert_eq!(
        stage.events_since(before).await,
        ["refund.updated", "refund.failed", "charge.updated"]
    );
    let path = format!("refunds/{id}?expand[]=failure_balance_transaction&expand[]=charge");
    let refund = stage.get(&path).await.ok();
    assert_eq!(refund["failure_balance_transaction"]["amount"], 4900);
    assert_eq!(refund["charge"]["amount_refunded"], 0);
    assert_eq!(refund["charge"]["refunded"], false);
    let again = stage.dev_post(&settle, json!({ "result": "failed" })).await;
    assert_eq!(again.status, 409);
    stage.post("refunds", &form).await.ok();
}

#[tokio::test]
async fn a_refund_to_a_bank_account_is_pending_first() {
    let stage = Stage::start().await;
    let open = stage.post("checkout/sessions", &SESSION).await.ok();
    let id = open["id"].as_str().unwrap();
    stage
        .dev_post(
            &format!("till/sessions/{id}/pay"),
            json!({ "card": "async" }),
        )
        .await
        .ok();
    let session = stage
        .dev_post(
            &format!("till/sessions/{id}/settle"),
            json!({ "result": "succeeded" }),
        )
        .await
        .ok()["session"]
        .clone();
    let form = [(
        "payment_intent",
        session["payment_intent"].as_str().unwrap(),
    )];
    let refund = stage.post("refunds", &form).await.ok();
    assert_eq!(refund["status"], "pending");
    let settle = format!("till/refunds/{}/settle", refund["id"].as_str().unwrap());
    let settled = stage
        .dev_post(&settle, json!({ "result": "succeeded" }))
        .await
        .ok();
    assert_eq!(settled["refund"]["status"], "succeeded");
    let told = stage.get("events?type=refund.updated").await.ok()["data"][0].clone();
    assert_eq!(told["data"]["previous_attributes"]["status"], "pending");
}

#[tokio::test]
async fn a_refund_can_be_annotated() {
    let stage = Stage::start().await;
    let session = stage.paid().await;
    let form = [(
        "payment_intent",
        session["payment_intent"].as_str().unwrap(),
    )];
    let refund = stage.post("refunds", &form).await.ok();
    let path = format!("refunds/{}", refund["id"].as_str().unwrap());
    let noted = stage.post(&path, &[("metadata[why]", "asked")]).await.ok();
    assert_eq!(noted["metadata"], json!({ "why": "asked" }));
    assert_eq!(stage.event_types().await.last().unwrap(), "refund.updated");
}
