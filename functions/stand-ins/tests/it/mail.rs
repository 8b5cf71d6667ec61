//! The mail double, as the SES SDK meets it, and the outbox it fills.

use http::Method;
use serde_json::{Value, json};

use crate::stage::{Reply, Stage};

const SIGNED: [(&str, &str); 2] = [
    (
        "authorization",
        "AWS4-HMAC-SHA256 Credential=a/20260101/eu-west-1/ses/aws4_request, SignedHeaders=host, Signature=0",
    ),
    ("content-type", "application/json"),
];

async fn send(stage: &Stage, body: &Value) -> Reply {
    let url = format!("{}/v2/email/outbound-emails", stage.stand_ins.mail_url());
    stage
        .send(Method::POST, &url, &SIGNED, body.to_string())
        .await
}

fn mail(subject: &str) -> Value {
    json!({
        "FromEmailAddress": "Shop <shop@example.org>",
        "Destination": { "ToAddresses": ["learner@example.org"] },
        "Content": { "Simple": {
            "Subject": { "Data": subject, "Charset": "UTF-8" },
            "Body": {
                "Text": { "Data": "Open http://127.0.0.1:9/api/access/links/abc to sign in.\n123456" },
                "Html": { "Data": "<p><a href=\"http://127.0.0.1:9/x\">Sign in</a></p>" },
            },
            "Headers": [{ "Name": "X-Key", "Value": "k1" }],
        } },
    })
}

#[tokio::test]
async fn a_mail_taken_is_in_the_outbox_newest_first() {
    let stage = Stage::start().await;
    let first = send(&stage, &mail("课程 one")).await.ok();
    send(&stage, &mail("Two")).await.ok();
    let mails = stage.dev("outbox").await.ok();
    assert_eq!(mails.as_array().unwrap().len(), 2);
    assert_eq!(mails[0]["subject"], "Two");
    assert_eq!(mails[1]["id"], first["MessageId"]);
    assert_eq!(mails[1]["subject"], "课程 one");
    assert_eq!(mails[1]["to"], json!(["learner@example.org"]));
    assert_eq!(mails[1]["headers"]["X-Key"], "k1");
    assert!(
        mails[1]["text"]
            .as_str()
            .unwrap()
            .contains("/api/access/links/abc")
    );
    assert!(mails[1]["html"].as_str().unwrap().contains("Sign in"));
    assert!(mails[1]["sent_at"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn a_person_can_click_what_a_mail_links_to() {
    let stage = Stage::start().await;
    send(&stage, &mail("<script>")).await.ok();
    let url = format!("{}/_dev/outbox", stage.origin);
    let page = stage
        .send(Method::GET, &url, &[("accept", "text/html,*/*")], "")
        .await;
    let html = page.text();
    assert!(html.contains("<a href=\"http://127.0.0.1:9/api/access/links/abc\">"));
    assert!(html.contains("&lt;script&gt;") && !html.contains("<script>"));
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    let id = stage.dev("outbox").await.ok()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = stage.dev(&format!("outbox/{id}/html")).await;
    assert!(shown.text().contains("Sign in"));
    assert!(shown.header("content-security-policy").contains("sandbox"));
    assert_eq!(stage.dev("outbox/none").await.status, 404);
}

#[tokio::test]
async fn a_raw_message_is_read() {
    let stage = Stage::start().await;
    use base64::Engine as _;
    let raw = base64::engine::general_purpose::STANDARD
        .encode("From: shop@example.org\r\nTo: a@example.org\r\nSubject: Hi\r\n\r\nHello\r\n");
    send(&stage, &json!({ "Content": { "Raw": { "Data": raw } } }))
        .await
        .ok();
    let mails = stage.dev("outbox").await.ok();
    assert_eq!(mails[0]["subject"], "Hi");
    assert_eq!(mails[0]["html"], "");
}

#[tokio::test]
async fn what_it_would_lose_it_refuses() {
    let stage = Stage::start().await;
    let mut no_one = mail("x");
    no_one["Destination"] = json!({});
    let mut bad_address = mail("x");
    bad_address["Destination"]["ToAddresses"] = json!(["nobody"]);
    let mut attachment = mail("x");
    attachment["Content"]["Simple"]["Attachments"] = json!([]);
    let mut injected = mail("x");
    injected["Content"]["Simple"]["Headers"][0]["Value"] = json!("a\r\nBcc: b@example.org");
    let mut template = mail("x");
    template["Content"] = json!({ "Template": { "TemplateName": "t" } });
    for body in [
        no_one,
        bad_address,
        attachment,
        injected,
        template,
        json!(1),
    ] {
        let refused = send(&stage, &body).await;
        assert_eq!(refused.status, 400, "{body}");
        assert_eq!(refused.header("x-amzn-errortype"), "BadRequestException");
        assert!(refused.json()["message"].is_string());
    }
    let url = format!("{}/v2/email/outbound-emails", stage.stand_ins.mail_url());
    let unsigned = stage
        .send(Method::POST, &url, &[], mail("x").to_string())
        .await;
    assert_eq!(unsigned.status, 403);
    assert_eq!(stage.dev("outbox").await.ok(), json!([]));
}

#[tokio::test]
async fn it_fails_while_it_is_told_to() {
    let stage = Stage::start().await;
    stage
        .dev_post("outbox/faults", json!({ "status": 429 }))
        .await
        .ok();
    let refused = send(&stage, &mail("x")).await;
    assert_eq!(refused.status, 429);
    assert_eq!(
        refused.header("x-amzn-errortype"),
        "TooManyRequestsException"
    );
    assert_eq!(
        stage
            .dev_post("outbox/faults", json!({ "status": 200 }))
            .await
            .status,
        400
    );
    stage
        .dev_post("outbox/faults", json!({ "status": null }))
        .await
        .ok();
    send(&stage, &mail("x")).await.ok();
    assert_eq!(stage.dev("outbox").await.ok().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_mail_to_the_simulator_is_taken_and_reaches_nobody() {
    let stage = Stage::start().await;
    let mut simulated = mail("Simulated");
    simulated["Destination"]["ToAddresses"] = json!(["success@simulator.amazonses.com"]);
    send(&stage, &simulated).await.ok();
    send(&stage, &mail("Real")).await.ok();
    send(&stage, &simulated).await.ok();
    let mails = stage.dev("outbox").await.ok();
    let subjects: Vec<_> = mails
        .as_array()
        .unwrap()
        .iter()
        .map(|m| &m["subject"])
        .collect();
    assert_eq!(subjects, ["Real"]);
}
