//! Bounces and complaints, as whoever listens hears of them.

use serde_json::{Value, json};

use crate::stage::{Stage, until};

/// Sends a mail; answers its id.
async fn sent(stage: &Stage) -> String {
    let url = format!("{}/v2/email/outbound-emails", stage.stand_ins.mail_url());
    let signed = [("authorization", "AWS4-HMAC-SHA256 Credential=a")];
    let mail = json!({
        "FromEmailAddress": "shop@example.org",
        "Destination": { "ToAddresses": ["Ann <ann@example.org>"] },
        "Content": { "Simple": {
            "Subject": { "Data": "Receipt" },
            "Body": { "Text": { "Data": "x" } },
        } },
    });
    let reply = stage
        .send(http::Method::POST, &url, &signed, mail.to_string())
        .await
        .ok();
    reply["MessageId"].as_str().unwrap().to_owned()
}

fn event(body: &[u8]) -> Value {
    let envelope: Value = serde_json::from_slice(body).unwrap();
    serde_json::from_str(envelope["Message"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_bounce_and_a_complaint_are_told_until_they_are_taken() {
    let stage = Stage::start().await;
    let id = sent(&stage).await;
    stage.feedback.answer(&[503, 500]);
    let path = format!("outbox/{id}/bounce");
    let told = stage
        .dev_post(&path, json!({ "type": "permanent" }))
        .await
        .ok();
    assert_eq!(told["Type"], "Notification");
    let path = format!("outbox/{id}/complaint");
    stage.dev_post(&path, json!({})).await.ok();
    until(|| stage.feedback.seen().len() >= 4).await;
    let seen = stage.feedback.seen();
    let (headers, body) = &seen[0];
    assert_eq!(headers["x-amz-sns-message-type"], "Notification");
    assert_eq!(
        headers["x-amz-sns-message-id"],
        told["MessageId"].as_str().unwrap()
    );
    let bounce = event(body);
    assert_eq!(bounce["bounce"]["bounceType"], "Permanent");
    assert_eq!(
        bounce["bounce"]["bouncedRecipients"][0]["emailAddress"],
        "ann@example.org"
    );
    assert_eq!(bounce["mail"]["messageId"], id);
    // The same one until it was taken, then the next.
    assert_eq!(event(&seen[2].1), bounce);
    assert_eq!(event(&seen[3].1)["eventType"], "Complaint");
}

#[tokio::test]
async fn what_was_not_taken_is_told_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::start_in(folder.path()).await;
    let id = sent(&stage).await;
    stage.feedback.answer(&[500; 100]);
    let path = format!("outbox/{id}/bounce");
    stage
        .dev_post(&path, json!({ "type": "transient" }))
        .await
        .ok();
    until(|| !stage.feedback.seen().is_empty()).await;
    stage.stand_ins.shutdown().await;
    let stage = Stage::start_in(folder.path()).await;
    until(|| !stage.feedback.seen().is_empty()).await;
    let told = event(&stage.feedback.seen()[0].1);
    assert_eq!(told["bounce"]["bounceSubType"], "MailboxFull");
}

#[tokio::test]
async fn what_cannot_be_told_is_refused() {
    let stage = Stage::start().await;
    let id = sent(&stage).await;
    let path = format!("outbox/{id}/bounce");
    assert_eq!(stage.dev_post(&path, json!({})).await.status, 400);
    let odd = json!({ "type": "odd" });
    assert_eq!(stage.dev_post(&path, odd).await.status, 400);
    let unknown = stage.dev_post("outbox/none/complaint", json!({})).await;
    assert_eq!(unknown.status, 404);
}
